/* demo.c: many files at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Family album");
    ez_files all = ez_files_uploader(ui, "Pictures", .accept = "image/*", .max_files = 12);
    double bytes = 0;
    for (int i = 0; i < all.count; i++) {
        ez_image(ui, .file = all.at[i], .caption = all.at[i]->name);
        bytes += (double)all.at[i]->size;
    }
    if (all.count)
        ez_caption(ui, ez_fmt(ui, "%d pictures, %.1f MB", all.count, bytes / 1e6));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
