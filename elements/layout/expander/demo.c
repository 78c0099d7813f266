/* demo.c: what not everybody wants to read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    ez_title(ui, "Questions");
    ez_ui *first = ez_expander(ui, "Where does the water come from?", .open = true);
    ez_text(first, "From three springs above the village. What is printed here is in the page from the start; opening it needs no server.");
    ez_ui *second = ez_expander(ui, "May I bring a dog?", .icon = "info");
    ez_text(second, "Yes, on a lead.");
    ez_ui *plain = ez_expander(ui, "Small print", .plain = true);
    ez_caption(plain, "Without a card around it.");
    ez_ui *lazy = ez_expander(ui, "Something slow", .lazy = true);
    if (ez_is_open(lazy))
        ez_text(lazy, "Made only when you opened it.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
