/* demo.c: elements that belong together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Containers");
    ez_ui *later = ez_container(ui, .border = true);
    ez_text(ui, "The card above was made first and is filled last: a place can be filled at any time of the run.");
    ez_ui *log = ez_container(ui, .height = 180, .gap = EZ_GAP_NONE, .border = true);
    for (int i = 1; i <= 30; i++)
        ez_text(log, ez_fmt(ui, "%02d  the tide comes in", i), .mono = true);
    ez_metric(later, "Lines in the log", "30");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
