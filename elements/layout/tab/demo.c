/* demo.c: a tab that is filled only when it is chosen. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    int *runs = ez_state(ui, int, "tab_runs");
    ez_title(ui, "Lazy tabs");
    ez_ui *tabs = ez_tabs(ui, .fill = true);
    ez_ui *quick = ez_tab(tabs, "Quick"), *slow = ez_tab(tabs, "Slow", .lazy = true);
    ez_text(quick, "This view was printed with the page.");
    if (ez_is_open(slow)) {
        ++*runs;
        ez_text(slow, ez_fmt(ui, "This one was made because you chose it; it was made %d times.", *runs));
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
