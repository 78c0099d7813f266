/* front.c: the gallery's first page: what Easel is, one live example, and the way to every element. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gallery/gallery.h"
#include <math.h>
#include <string.h>

static const char example[] =
    "#include <easel.h>\n"
    "#include <math.h>\n"
    "\n"
    "static void page(ez_ui *ui)\n"
    "{\n"
    "    double rate = ez_slider(ui, \"Rate, % a year\", 0, 12, .value = 5, .step = 0.1);\n"
    "    int years = ez_int_slider(ui, \"Years\", 1, 50, .value = 20);\n"
    "    ez_metric(ui, \"Grows by\", ez_fmt(ui, \"%.2f ×\", pow(1 + rate / 100, years)));\n"
    "}\n"
    "\n"
    "int main(int argc, char **argv) { return ez_main(argc, argv, page); }\n";

static void live_example(ez_ui *ui)
{
    ez_ui *tabs = ez_tabs(ui);
    ez_ui *live = ez_tab(tabs, "Live", .icon = "play"), *code = ez_tab(tabs, "The whole program", .icon = "file");
    ez_ui *card = ez_container(live, .border = true);
    double rate = ez_slider(card, "Rate, % a year", 0, 12, .value = 5, .step = 0.1);
    int years = ez_int_slider(card, "Years", 1, 50, .value = 20);
    ez_metric(card, "Grows by", ez_fmt(ui, "%.2f ×", pow(1 + rate / 100, years)));
    ez_code(code, example, .language = "c");
}

static void ideas(ez_ui *ui)
{
    static const char *const heads[] = { "A page is a function", "A model is a line", "A session is data" };
    static const char *const texts[] = {
        "It runs top to bottom at each interaction and calls elements. Only differences travel.",
        "A language model answers on this machine, token by token, for everybody at once.",
        "Values, state and chats survive reloads, crashes and restarts. No Python, no Node at run time.",
    };
    ez_ui *row = ez_row(ui);
    for (int i = 0; i < 3; i++) {
        ez_ui *column = ez_column(row, .border = true);
        ez_header(column, heads[i]);
        ez_caption(column, texts[i]);
    }
}

static void all_entries(ez_ui *ui)
{
    const char *section = "";
    ez_ui *list = NULL;
    for (const gallery_entry *e = gallery_entries; e->path; e++) {
        if (strcmp(section, e->section)) {
            section = e->section;
            ez_header(ui, section, .level = 3);
            list = ez_row(ui);
        }
        ez_link(list, e->title, e->path, .button = true, .help = e->about);
    }
}

void gallery_front(ez_ui *ui)
{
    ez_page_config(ui, "Easel");
    ez_title(ui, "Put a model or a data set on show. In C.");
    ez_markdown(ui, "Easel is one C library for model demos, data apps and chats with a language model. "
                    "Everything on these pages is an ordinary C function, and every page is the demo of one element.");
    ez_ui *row = ez_row(ui);
    ez_link(row, "Talk to a model", "/llama_chat_script", .kind = EZ_BUTTON_PRIMARY, .button = true, .icon = "chat");
    ez_link(row, "The same chat, as events", "/llama_chat_events", .button = true);
    ideas(ui);
    ez_header(ui, "Try it");
    live_example(ui);
    ez_header(ui, "Everything there is");
    all_entries(ui);
}
