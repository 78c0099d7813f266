/* demo.c: seen only while a run goes on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Slow cooking");
    if (ez_button(ui, "Cook for three seconds", .kind = EZ_BUTTON_PRIMARY)) {
        ez_spinner(ui, "Cooking the beans…", .show_time = true);
        ez_sleep(ui, 3);
        ez_success(ui, "Dinner is ready.");
    } else {
        ez_caption(ui, "Press the button: the spinner is gone by itself when the run is over.");
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
