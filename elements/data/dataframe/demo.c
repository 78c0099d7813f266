/* demo.c: lighthouses that a record describes, and cells of text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { const char *name; int built; double height; bool staffed; ez_date painted; } lighthouse;
EZ_RECORD(lighthouse,
    EZ_FIELD(lighthouse, name, .label = "Lighthouse"),
    EZ_FIELD(lighthouse, built, .label = "Built"),
    EZ_FIELD(lighthouse, height, .label = "Height", .format = "%.1f m", .help = "Of the lamp above high water"),
    EZ_FIELD(lighthouse, staffed, .label = "Staffed"),
    EZ_FIELD(lighthouse, painted, .label = "Painted"));

static void page(ez_ui *ui)
{
    static lighthouse all[] = {
        { "Eddystone", 1882, 41, false, { 2019, 5, 2 } }, { "Skerryvore", 1844, 46, false, { 2021, 8, 30 } }, { "Pharos of Lindau", 1856, 33, true, { 2024, 4, 11 } },
        { "Roter Sand", 1885, 24.5, false, { 0, 0, 0 } }, { "Slettnes", 1905, 45.25, true, { 2023, 6, 19 } },
    };
    ez_title(ui, "Lights");
    ez_dataframe(ui, ez_list_over(ui, &lighthouse_record, all, 5), .label = "Along the coast", .help = "A click on a head sorts.");
    ez_header(ui, "Only text");
    ez_dataframe(ui, NULL, .columns = EZ_OPTIONS("Signal", "Flashes", "Meaning"),
                 .cells = EZ_OPTIONS("White", "3", "Keep to the north", "Red", "12", "Shallow water", "Green", "1", "The channel", "White", "6", "Call the pilot"),
                 .max_rows = 3);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
