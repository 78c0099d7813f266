/* demo.c: empties what it names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Search the archive");
    const char *words = ez_text_input(ui, "Words", .kind = EZ_TEXT_SEARCH, .placeholder = "lighthouse", .key = "words");
    int year = ez_int_slider(ui, "From year", 1850, 1950, .value = 1900, .key = "year");
    ez_clear_button(ui, "Clear", "words, year", .icon = "close");
    ez_text(ui, *words ? ez_fmt(ui, "Looking for “%s” since %d.", words, year) : ez_fmt(ui, "Everything since %d.", year));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
