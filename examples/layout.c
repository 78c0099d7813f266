/* layout.c: places: sidebar, columns, tabs, an expander, a container that is filled last. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void overview(ez_ui *at, int nights, int guests)
{
    ez_ui *row = ez_row(at);
    ez_metric(ez_column(row), "Nights", ez_fmt(at, "%d", nights), .border = true);
    ez_metric(ez_column(row), "Guests", ez_fmt(at, "%d", guests), .border = true);
    ez_metric(ez_column(row), "Price", ez_fmt(at, "%d €", nights * (60 + 25 * guests)), .border = true);
}

static void page(ez_ui *ui)
{
    ez_page_config(ui, "Layout");
    ez_ui *side = ez_sidebar(ui);
    ez_header(side, "Your stay");
    int nights = ez_int_slider(side, "Nights", 1, 14, .value = 3);
    bool breakfast = ez_checkbox(side, "Breakfast", .value = true);

    ez_title(ui, "The lighthouse");
    ez_ui *summary = ez_container(ui);                       /* stands here, is filled when all is known */
    ez_ui *tabs = ez_tabs(ui);
    ez_ui *people = ez_tab(tabs, "Guests"), *wishes = ez_tab(tabs, "Wishes"), *house = ez_tab(tabs, "House");

    ez_ui *row = ez_row(people), *left = ez_column(row), *right = ez_column(row);
    int adults = ez_int_input(left, "Adults", 1, 6, .value = 2);
    int children = ez_int_input(right, "Children", 0, 6);

    ez_ui *form = ez_form(wishes, "wishes");
    ez_selectbox(form, "Room", EZ_OPTIONS("Sea", "Garden", "Lamp"));
    ez_text_area(form, "Anything else?", .lines = 3);
    if (ez_submit_button(form, "Send"))
        ez_success(wishes, "We read it and write back.");

    ez_text(house, "Built in 1887, 84 steps, one lamp.");
    ez_ui *more = ez_expander(house, "How do I get there?");
    ez_text(more, "By boat, twice a day, when the sea allows it.");

    overview(summary, nights, adults + children);
    ez_caption(summary, breakfast ? "With breakfast." : "Without breakfast.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
