/* demo.c: a question above the page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    int *letters = ez_state(ui, int, "letters");
    ez_title(ui, "Mailbox");
    ez_ui *count = ez_empty(ui);                  /* stands here, is filled when the answer is known */
    ez_ui *row = ez_row(ui);
    ez_button(row, "Burn one…", .opens = "burn", .disabled = *letters >= 12);
    ez_button(row, "About", .kind = EZ_BUTTON_TERTIARY, .opens = "about");

    ez_ui *burn = ez_dialog(ui, "Burn a letter?", "burn", .width = EZ_WIDTH_SMALL);
    if (ez_is_open(burn)) {
        ez_text(burn, "This cannot be undone.");
        ez_ui *answer = ez_row(burn);
        if (ez_button(answer, "Burn it", .kind = EZ_BUTTON_PRIMARY)) {
            ++*letters;
            ez_close(burn);
            ez_toast(ui, "Gone.");
        }
        if (ez_button(answer, "Keep it"))
            ez_close(burn);
    }
    ez_metric(count, "Letters", ez_fmt(ui, "%d", 12 - *letters));
    ez_ui *about = ez_dialog(ui, "About this mailbox", "about", .icon = "info");
    ez_text(about, "Escape, the cross or a click beside it closes the dialog.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
