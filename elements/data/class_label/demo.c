/* demo.c: which ship is that? */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    static const char *const ships[] = { "Ferry", "Trawler", "Tanker", "Sailing ship", "Pilot boat", NULL };
    ez_title(ui, "Lights on the horizon");
    double masts = ez_slider(ui, "Height of the mast light, metres", 0, 50, .value = 18);
    double sail = masts < 25 ? 0.05 : 0.4, ferry = masts > 10 ? 0.5 : 0.1, rest = 1 - sail - ferry;
    double sure[] = { ferry, rest * 0.5, rest * 0.3, sail, rest * 0.2 };
    ez_class_label(ui, ships, sure, .label = "It is probably a", .help = "By the height of its light alone.");
    ez_header(ui, "The likeliest two");
    ez_class_label(ui, ships, sure, .num_top_classes = 2, .hide_top = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
