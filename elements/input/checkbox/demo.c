/* demo.c: one answer of yes or no. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Packing list");
    bool rain = ez_checkbox(ui, "It may **rain**", .help = "Look at the sky first.");
    bool night = ez_checkbox(ui, "We stay over night", .value = true);
    ez_checkbox(ui, "Passport", .value = true, .disabled = true);
    ez_text(ui, ez_fmt(ui, "Take shoes%s%s.", rain ? ", an umbrella" : "", night ? ", a toothbrush" : ""));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
