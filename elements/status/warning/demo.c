/* demo.c: something to mind. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Warning");
    ez_warning(ui, "Only `3` litres are left in the tank.");
    ez_warning(ui, "Two rows have no date and were left out.", .title = "Not everything was read");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
