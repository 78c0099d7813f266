/* demo.c: a line between two thoughts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Before and after");
    ez_text(ui, "What was said so far stands above the line.");
    ez_divider(ui);
    ez_text(ui, "What follows is another matter.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
