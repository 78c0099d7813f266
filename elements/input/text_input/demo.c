/* demo.c: a line of text, of several kinds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Join the choir");
    const char *name = ez_text_input(ui, "Name", .autocomplete = "name", .autofocus = true, .required = true);
    ez_text_input(ui, "E-mail", .kind = EZ_TEXT_EMAIL, .autocomplete = "email", .placeholder = "you@example.org");
    ez_text_input(ui, "Password", .kind = EZ_TEXT_PASSWORD, .autocomplete = "new-password", .help = "Twelve characters or more.");
    ez_text_input(ui, "Voice", .max_chars = 20, .placeholder = "Alto, tenor, whatever it is today");
    const char *found = ez_text_input(ui, "Find a song", .kind = EZ_TEXT_SEARCH, .placeholder = "Looks while you type", .live = true);
    ez_text_input(ui, "About you", .max_lines = 5, .placeholder = "Grows up to five lines; Shift+Enter breaks the line");
    ez_text_input(ui, "Member since", .value = "not yet", .disabled = true);
    if (*name)
        ez_text(ui, ez_fmt(ui, "Welcome, %s.", name));
    if (*found)
        ez_text(ui, ez_fmt(ui, "No song is called “%s”.", found));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
