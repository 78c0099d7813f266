/* demo.c: what the page is called and how wide it is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    bool wide = ez_toggle(ui, "Wide layout");
    const char *name = ez_text_input(ui, "Title of the browser's tab", .value = "Atlas");
    ez_page_config(ui, name, .layout = wide ? EZ_LAYOUT_WIDE : EZ_LAYOUT_CENTERED, .icon = "🗺️");
    ez_title(ui, name);
    ez_text(ui, "A page may set its title, icon and width anywhere in the run, and again in the next.");
    ez_ui *row = ez_row(ui);
    for (int i = 1; i <= 4; i++)
        ez_metric(ez_column(row), ez_fmt(ui, "Map %d", i), ez_fmt(ui, "1:%d,000", i * 25), .border = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
