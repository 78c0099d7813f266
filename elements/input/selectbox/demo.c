/* demo.c: one of several. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

static void page(ez_ui *ui)
{
    static const char *const roasts[] = { "Light", "Medium", "Dark", NULL };
    ez_title(ui, "Coffee to go");
    int roast = ez_selectbox(ui, "Roast", roasts, .index = 1);
    int milk = ez_selectbox(ui, "Milk", EZ_OPTIONS("Cow", "Oat", "Almond", "None"), .start_empty = true, .placeholder = "How do you like it?");
    ez_selectbox(ui, "Beans of the week", EZ_OPTIONS("Yirgacheffe", "Huila"), .help = "Changes on Monday.", .disabled = true);
    ez_text(ui, milk < 0 ? "Choose the milk, then we begin." : ez_fmt(ui, "%s roast, coming up.", roasts[roast]));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
