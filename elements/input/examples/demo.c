/* demo.c: recipes to begin with. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Loaves");
    const char *flour = ez_text_input(ui, "Flour", .value = "wheat", .key = "flour");
    int grams = ez_int_slider(ui, "Grams", 100, 2000, .value = 500, .step = 50, .key = "grams");
    bool seeds = ez_checkbox(ui, "With seeds", .key = "seeds");
    ez_text(ui, ez_fmt(ui, "%d g of %s flour%s need %.0f ml of water.", grams, flour, seeds ? " with seeds" : "", grams * (seeds ? 0.72 : 0.68)));
    ez_examples(ui, "flour, grams, seeds", EZ_OPTIONS("rye", "1000", "false", "spelt", "600", "true", "wheat", "350", "false"),
                .columns = EZ_OPTIONS("Flour", "Grams", "Seeds"));
    ez_examples(ui, "flour", EZ_OPTIONS("einkorn", "buckwheat", "chestnut"), .label = "Rarer flours");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
