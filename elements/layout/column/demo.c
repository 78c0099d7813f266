/* demo.c: parts of a row. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    static const char *const names[] = { "Starter", "Main", "Dessert" }, *const dishes[] = { "Leek soup", "Trout with almonds", "Plum cake" };
    ez_title(ui, "Menu");
    ez_ui *row = ez_row(ui);
    for (int i = 0; i < 3; i++) {
        ez_ui *card = ez_column(row, .border = true);
        ez_header(card, names[i]);
        ez_text(card, dishes[i]);
        ez_checkbox(card, "For me", .key = ez_fmt(ui, "dish%d", i));
    }
    ez_caption(ui, "On a phone they stand below each other.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
