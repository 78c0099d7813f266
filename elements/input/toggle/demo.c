/* demo.c: on or off, at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Greenhouse");
    bool water = ez_toggle(ui, "Water", .value = true);
    bool lamps = ez_toggle(ui, "Lamps", .help = "From six in the evening.");
    ez_toggle(ui, "Roof, stuck since Tuesday", .disabled = true);
    ez_metric(ui, "Power", ez_fmt(ui, "%d W", (water ? 40 : 0) + (lamps ? 320 : 0)));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
