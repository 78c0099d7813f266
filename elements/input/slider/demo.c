/* demo.c: numbers by moving a thumb. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <math.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Compound interest");
    double start = ez_slider(ui, "Start", 0, 10000, .value = 1000, .format = "%.0f €", .step = 100);
    double rate = ez_slider(ui, "Rate, % a year", 0, 12, .value = 5, .step = 0.1, .help = "Before taxes.");
    int years = ez_int_slider(ui, "Years", 1, 50, .value = 20);
    ez_slider(ui, "Inflation, not yet known", 0, 10, .value = 2, .format = "%.1f %%", .disabled = true);
    double sum = start * pow(1 + rate / 100, years);
    ez_metric(ui, "At the end", ez_fmt(ui, "%.2f €", sum), .delta = ez_fmt(ui, "+%.2f €", sum - start));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
