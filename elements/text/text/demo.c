/* demo.c: plain text stays plain. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Text");
    ez_text(ui, "Nothing in here is *markup*: <b>, # and ** stand as they were written.");
    ez_text(ui, "Line breaks\n    and indents\nare kept.");
    ez_text(ui, "06:12  low   0.8 m\n12:31  high  4.1 m\n18:40  low   0.9 m", .mono = true);
    ez_text(ui, "This one explains itself.", .help = "Plain text with a (?) takes **Markdown** in the popover only.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
