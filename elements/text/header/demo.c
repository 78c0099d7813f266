/* demo.c: headings make an outline. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Field notes");
    ez_header(ui, "Monday", .divider = true);
    ez_text(ui, "A header without a level is an h2, here with a line below.");
    ez_header(ui, "Morning", .level = 3, .icon = "sun");
    ez_text(ui, "Level 3 stands inside it, closer to what came before.");
    ez_header(ui, "Evening", .level = 3, .help = "After the rain.", .anchor = "evening");
    ez_text(ui, "With a (?) and an anchor: point at the heading to see the link.");
    ez_header(ui, "Tuesday");
    ez_text(ui, "The outline is what a screen reader's user jumps through.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
