/* crash.c: a page that crashes costs its worker only: the browser comes back by itself, and what was saved is there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    ez_title(ui, "Crash");
    if (ez_button(ui, "Count"))
        ++*count;
    ez_text(ui, ez_fmt(ui, "count %d", *count));
    if (ez_button(ui, "Crash")) {
        volatile int *nowhere = NULL;
        *nowhere = 1;
    }
    ez_caption(ui, "The button dereferences NULL. The count stays, the page is back within a second and says what happened.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
