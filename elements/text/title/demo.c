/* demo.c: one heading for a page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Tides of the *North Sea*", .help = "Heights are in metres above **chart datum**.",
             .icon = "chart", .anchor = "top");
    ez_text(ui, "A title is the page's only heading of the first level. It takes inline Markdown, an icon, a (?) with an explanation, "
                "and an anchor that others can link to.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
