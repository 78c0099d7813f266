/* demo.c: places beside each other. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Rows");
    ez_ui *row = ez_row(ui);
    ez_ui *wide = ez_column(row, .weight = 2), *narrow = ez_column(row);
    ez_text(wide, "Columns share the row's width by their weight. This one has two parts of three, and room for longer text.");
    ez_metric(narrow, "Weight", "1 of 3");

    ez_header(ui, "Elements in a line");
    ez_ui *line = ez_row(ui, .align = EZ_ALIGN_BOTTOM);
    ez_text_input(line, "Street");
    ez_text_input(line, "Town");
    ez_button(line, "Look up");

    ez_header(ui, "More room between");
    ez_ui *apart = ez_row(ui, .gap = EZ_GAP_LARGE, .align = EZ_ALIGN_CENTER);
    ez_caption(ez_column(apart), "Large gap, centred. The text on this side is longer, so that one sees how the other stands.");
    ez_caption(ez_column(apart), "Short.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
