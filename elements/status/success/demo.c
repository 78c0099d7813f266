/* demo.c: something worked. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Success");
    ez_success(ui, "The file is saved.");
    ez_success(ui, "All **42** rows were read. [See them](https://example.org)", .title = "Import finished");
    ez_success(ui, "With another icon.", .icon = "🌱");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
