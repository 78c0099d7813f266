/* demo.c: numbers that are typed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Paint calculator");
    ez_ui *row = ez_row(ui), *left = ez_column(row), *right = ez_column(row);
    double width = ez_number_input(left, "Wall, metres wide", 0.5, 100, .value = 4, .step = 0.5);
    double height = ez_number_input(right, "Metres high", 0.5, 10, .value = 2.5, .format = "%.2f", .step = 0.1);
    double price = ez_number_input(left, "Price of a litre", 0, EZ_ANY, .start_empty = true, .placeholder = "What does it cost?");
    ez_number_input(right, "Litres for a square metre", 0, 1, .value = 0.12, .disabled = true);
    double litres = width * height * 0.12;
    ez_metric(ui, "You need", ez_fmt(ui, "%.1f litres", litres));
    if (!ez_is_none(price))
        ez_metric(ui, "It costs", ez_fmt(ui, "%.2f €", litres * price));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
