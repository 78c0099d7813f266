/* demo.c: a film of the visitor's own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Home cinema");
    const ez_file *film = ez_file_uploader(ui, "A film", .accept = "video/*");
    ez_video(ui, .file = film, .caption = film ? film->name : "Nothing is on yet.", .alt = "Your film");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
