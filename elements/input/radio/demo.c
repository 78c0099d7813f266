/* demo.c: one of a few, all seen. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Tickets");
    int where = ez_radio(ui, "Where do you want to sit?", EZ_OPTIONS("Stalls", "Circle", "Gallery"), .index = 1,
                         .captions = EZ_OPTIONS("Close to the stage, 48 €", "The best sound, 36 €", "Up under the roof, 14 €"));
    int when = ez_radio(ui, "Which evening?", EZ_OPTIONS("Friday", "Saturday", "Sunday"), .start_empty = true, .horizontal = true);
    ez_radio(ui, "Delivery", EZ_OPTIONS("E-mail", "Letter"), .horizontal = true, .disabled = true);
    static const int prices[] = { 48, 36, 14 };
    ez_text(ui, when < 0 ? "Which evening shall it be?" : ez_fmt(ui, "That is %d €.", prices[where]));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
