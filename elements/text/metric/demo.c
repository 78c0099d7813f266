/* demo.c: figures that matter, side by side. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Bakery, today");
    ez_ui *row = ez_row(ui);
    ez_metric(ez_column(row), "Loaves", "412", .delta = "+38", .help = "Sold until now, all shops.");
    ez_metric(ez_column(row), "Waste", "3.1 %", .delta = "-0.8 %", .inverse = true);
    ez_metric(ez_column(row), "Oven", "231 °C", .delta = "+2 °C", .neutral = true);

    ez_header(ui, "In cards");
    ez_ui *cards = ez_row(ui);
    ez_metric(ez_column(cards), "Customers", "187", .delta = "-12", .border = true);
    ez_metric(ez_column(cards), "Revenue", "1,904 €", .delta = "+211 €", .border = true);
    ez_metric(ez_column(cards), "Queue", "4 min", .delta = "0 min", .border = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
