/* demo.c: ways to other pages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Where to next?");
    ez_link(ui, "Back to the front page", "/", .icon = "chevron-left");
    ez_link(ui, "A page of somebody else", "https://example.org", .new_tab = true);
    ez_ui *row = ez_row(ui);
    ez_link(row, "Start", "/", .kind = EZ_BUTTON_PRIMARY, .button = true);
    ez_link(row, "Documentation", "https://example.org", .button = true, .new_tab = true);
    ez_link(row, "Not now", "/", .kind = EZ_BUTTON_TERTIARY, .button = true);
    ez_link(row, "Closed today", "/", .button = true, .disabled = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
