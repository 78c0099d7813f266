/* demo.c: values that leave together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Book a table");
    ez_ui *form = ez_form(ui, "table");
    ez_ui *row = ez_row(form), *left = ez_column(row), *right = ez_column(row);
    const char *name = ez_text_input(left, "Name", .key = "name", .required = true);
    int guests = ez_int_input(right, "Guests", 1, 20, .value = 2, .key = "guests");
    int where = ez_radio(form, "Where", EZ_OPTIONS("Inside", "Garden"), .horizontal = true);
    bool quiet = ez_checkbox(form, "A quiet corner, please");
    if (ez_submit_button(form, "Book")) {
        if (guests > 8)
            ez_invalid(form, "guests", "For more than eight, please call us.");
        else
            ez_success(ui, ez_fmt(ui, "A table for %d %s%s, %s.", guests, where ? "in the garden" : "inside", quiet ? ", in a quiet corner" : "", name));
    }
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
