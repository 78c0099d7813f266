/* demo.c: something to know. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Info");
    ez_info(ui, "The library closes at six.");
    ez_info(ui, "Numbers are updated every hour:\n\n- visitors\n- loans\n- returns", .title = "Good to know");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
