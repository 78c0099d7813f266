/* demo.c: a message that goes by itself. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Toaster");
    ez_ui *row = ez_row(ui);
    if (ez_button(row, "Toast", .kind = EZ_BUTTON_PRIMARY))
        ez_toast(ui, "One slice, **golden**.");
    if (ez_button(row, "With an emoji"))
        ez_toast(ui, "Butter?", .icon = "🧈");
    if (ez_button(row, "For ten seconds"))
        ez_toast(ui, "This one stays a while. Point at it to keep it longer.", .seconds = 10, .icon = "info");
    ez_caption(ui, "It is read out by screen readers, and waits while the pointer rests on it.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
