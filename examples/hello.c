/* hello.c: a page is a function; an element prints itself and returns the visitor's value. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <math.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Compound interest");
    ez_ui *row = ez_row(ui), *left = ez_column(row), *right = ez_column(row);
    double rate  = ez_slider(left, "Rate, % a year", 0, 12, .value = 5, .step = 0.1);
    int    years = ez_int_input(right, "Years", 1, 50, .value = 20);
    ez_metric(ui, "Grows by", ez_fmt(ui, "%.2f ×", pow(1 + rate / 100, years)));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
