/* demo.c: the button that a form needs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Guest book");
    ez_ui *form = ez_form(ui, "guest", .clear_on_submit = true);
    const char *name = ez_text_input(form, "Name", .autocomplete = "name", .required = true);
    const char *words = ez_text_area(form, "A few words", .lines = 3, .max_chars = 200);
    if (ez_submit_button(form, "Sign", .icon = "check"))
        ez_success(ui, ez_fmt(ui, "Thank you, %s. You wrote %d characters.", name, ez_length(words)));
    ez_caption(ui, "Nothing leaves the form until you press the button, or Enter in the first field.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
