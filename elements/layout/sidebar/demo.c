/* demo.c: settings beside the page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_ui *side = ez_sidebar(ui);
    ez_header(side, "Settings");
    int size = ez_int_slider(side, "Squares", 1, 12, .value = 5);
    bool filled = ez_toggle(side, "Filled", .value = true);
    ez_title(ui, "Squares");
    ez_text(ui, "What is asked seldom stands in the sidebar. On a phone it is a drawer.");
    const char *line = "";
    for (int i = 0; i < size; i++)
        line = ez_fmt(ui, "%s%s ", line, filled ? "■" : "□");
    ez_text(ui, line);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
