/* demo.c: who, where and when in a ship's log, and what speaks for fair weather. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "From the log");
    ez_highlighted_text(ui,
        EZ_OPTIONS("At ", "dawn", " ", "Captain ", "Harrow", " left ", "Bergen", " for ", "the Faroes", " with ", "Mate Lund", "."),
        EZ_OPTIONS("", "time", "", "person", "person", "", "place", "", "place", "", "person", ""),
        .label = "Names", .combine_adjacent = true, .legend = true);
    double scores[] = { 0, 0.8, 0, -0.9, 0, 0.35, 0 };
    ez_highlighted_text(ui, EZ_OPTIONS("The ", "glass is rising", ", though ", "gulls come inland", " and ", "the swell is long", "."), NULL,
        .label = "For and against fair weather", .scores = scores);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
