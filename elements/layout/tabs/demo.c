/* demo.c: several views, one seen. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Weather in Bergen");
    ez_ui *tabs = ez_tabs(ui);
    ez_ui *today = ez_tab(tabs, "Today", .icon = "sun"), *week = ez_tab(tabs, "Week"), *about = ez_tab(tabs, "About");
    ez_ui *row = ez_row(today);
    ez_metric(ez_column(row), "Now", "9 °C", .delta = "-2 °C", .neutral = true);
    ez_metric(ez_column(row), "Rain", "14 mm");
    ez_metric(ez_column(row), "Wind", "7 m/s");
    ez_text(week, "Rain on Monday, rain on Tuesday, then it pours.");
    ez_text(about, "All three views are printed, so choosing one needs no server. Arrow keys move between them.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
