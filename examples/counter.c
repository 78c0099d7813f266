/* counter.c: a typed value that belongs to the session: it survives reloads and restarts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    ez_title(ui, "Counter");
    if (ez_button(ui, "Count"))
        ++*count;
    ez_text(ui, ez_fmt(ui, "count %d", *count));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
