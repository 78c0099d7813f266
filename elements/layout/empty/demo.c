/* demo.c: one place, one element at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "One at a time");
    int which = ez_radio(ui, "Show", EZ_OPTIONS("A metric", "A message", "Nothing"), .horizontal = true);
    ez_ui *spot = ez_empty(ui);
    ez_text(ui, "The spot above holds one element: what comes later in the run replaces what came before.");
    ez_caption(spot, "You will never see this line.");
    if (which == 0)      ez_metric(spot, "Depth", "31 m");
    else if (which == 1) ez_info(spot, "The boat leaves at nine.");
    else                 ez_clear(spot);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
