/* demo.c: a function that takes its time, and who waits for it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void bake(ez_ui *ui)
{
    for (int i = 1; i <= 20; i++) {
        ez_progress(ui, i / 20.0, .text = ez_fmt(ui, "Minute %d of 20", i));
        if (!ez_sleep(ui, 0.2)) return;
    }
}

static void page(ez_ui *ui)
{
    ez_title(ui, "The bakery");
    ez_text(ui, "There is one oven. Each loaf is a job of its own: press a few times.");
    ez_button(ui, "Bake a loaf", .key = "bake");
    ez_on(ui, "bake.click", bake, .concurrency = 1);
    ez_header(ui, "Your loaves");
    ez_jobs(ui);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
