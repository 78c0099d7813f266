/* demo.c: whole numbers by moving a thumb. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Dinner");
    int guests = ez_int_slider(ui, "Guests", 1, 12, .value = 4);
    int hour = ez_int_slider(ui, "At", 17, 22, .value = 19, .format = "%d:00");
    ez_int_slider(ui, "Courses", 1, 5, .value = 3, .hide_bounds = true);
    ez_text(ui, ez_fmt(ui, "Lay the table for %d. Put the potatoes on at %d:30.", guests, hour - 1));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
