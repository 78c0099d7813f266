/* demo.c: something failed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Error");
    ez_error(ui, "The file `tides.csv` does not exist. Upload it first.");
    ez_error(ui, "The station did not answer within 10 seconds. Try again in a minute.", .title = "No data from Bergen");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
