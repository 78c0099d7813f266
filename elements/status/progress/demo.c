/* demo.c: how far something is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Progress");
    double part = ez_slider(ui, "Painted", 0, 100, .value = 40, .format = "%.0f %%");
    ez_progress(ui, part / 100, .text = "Painting the fence");
    ez_progress(ui, part / 100);
    ez_progress(ui, -1, .text = "Waiting for the paint to dry");
    if (ez_button(ui, "Watch it grow")) {
        ez_ui *spot = ez_empty(ui);
        for (int i = 0; i <= 20 && ez_running(ui); i++) {
            ez_progress(spot, i / 20.0, .text = ez_fmt(ui, "Board %d of 20", i));
            ez_sleep(ui, 0.1);
        }
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
