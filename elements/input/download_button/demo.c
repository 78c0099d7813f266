/* demo.c: a report to take home. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <string.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Take it home");
    const char *name = ez_text_input(ui, "Your name", .value = "Ada");
    const char *letter = ez_fmt(ui, "Dear %s,\n\nall is well.\n", name);
    if (ez_download_button(ui, "Download the letter", ez_make_file(ui, "letter.txt", letter, strlen(letter)), .kind = EZ_BUTTON_PRIMARY))
        ez_success(ui, "It is yours now.");
    ez_download_button(ui, "Not ready yet", NULL, .help = "Tomorrow, perhaps.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
