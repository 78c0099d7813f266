/* page50.c: fifty elements on one page, for measuring. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    int *count = ez_state(ui, int, "count");
    ez_title(ui, "Fifty elements");
    if (ez_button(ui, "Count"))
        ++*count;
    ez_text(ui, ez_fmt(ui, "count %d", *count));
    ez_slider(ui, "Value", 0, 100, .value = 50);
    for (int i = 0; i < 15; i++)
        ez_markdown(ui, ez_fmt(ui, "Paragraph %d with **bold** text and a [link](https://example.org).", i));
    for (int i = 0; i < 10; i++)
        ez_text_input(ui, ez_fmt(ui, "Field %d", i), .value = ez_fmt(ui, "value %d", i));
    for (int i = 0; i < 10; i++)
        ez_checkbox(ui, ez_fmt(ui, "Check %d", i));
    for (int i = 0; i < 10; i++)
        ez_metric(ui, ez_fmt(ui, "Metric %d", i), ez_fmt(ui, "%d", i));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
