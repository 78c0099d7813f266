/* demo.c: a click is true in one run. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    int *poured = ez_state(ui, int, "poured");
    ez_title(ui, "Tea house");
    ez_ui *row = ez_row(ui);
    if (ez_button(row, "Pour a cup", .kind = EZ_BUTTON_PRIMARY, .shortcut = "ctrl+shift+p", .icon = "plus"))
        (*poured)++;
    if (ez_button(row, "Take one back", .help = "Only what was poured can be taken back.") && *poured > 0)
        (*poured)--;
    if (ez_button(row, "Start over", .kind = EZ_BUTTON_TERTIARY))
        *poured = 0;
    ez_button(row, "Sold out", .disabled = true);
    ez_metric(ui, "Cups", ez_fmt(ui, "%d", *poured));
    if (ez_button(ui, "As wide as its place", .fill = true, .icon_end = true, .icon = "chevron-right"))
        ez_toast(ui, "That was the wide one.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
