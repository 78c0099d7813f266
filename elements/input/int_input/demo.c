/* demo.c: whole numbers that are typed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Order eggs");
    int eggs = ez_int_input(ui, "Eggs", 0, 1000, .value = 12, .step = 6, .help = "They come in boxes of six.");
    int floor_ = ez_int_input(ui, "Floor, if there is no lift", -2, 40, .start_empty = true, .placeholder = "Ground floor");
    ez_text(ui, ez_fmt(ui, "%d boxes%s.", (eggs + 5) / 6, ez_is_none_int(floor_) ? "" : ez_fmt(ui, ", carried to floor %d", floor_)));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
