/* demo.c: several lines of text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Letter to the editor");
    const char *letter = ez_text_area(ui, "Your letter", .lines = 6, .max_lines = 14, .max_chars = 800, .placeholder = "Dear editor,");
    const char *note = ez_text_area(ui, "A note in letters of one width", .value = "name:  easel\nkind:  library", .lines = 3, .mono = true);
    ez_caption(ui, ez_fmt(ui, "%d and %d characters. Ctrl+Enter sends, and so does leaving the field.", ez_length(letter), ez_length(note)));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
