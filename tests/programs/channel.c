/* channel.c: a page on which a lost, doubled or misplaced event or frame is seen: every event leaves a row, every line of a stream has its number. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 2000, WORD = 12 };

/* What was done, in its order, how often; and how many lines were streamed. */
typedef struct ledger { int applied, lines, big; char words[ROWS][WORD]; } ledger;

/* One line after the other, with time between, as an answer comes. */
static void stream(ez_ui *ui, ez_ui *list, ledger *l, int lines)
{
    double pause = ez_setting_int(ui, "pause_ms", 10) / 1000.0;
    for (int i = 0; i < lines && ez_sleep(ui, pause); i++)
        ez_text(list, ez_fmt(ui, "line %d", l->lines++));
}

static void page(ez_ui *ui)
{
    ledger *l = ez_state(ui, ledger, "ledger");
    ez_title(ui, ez_setting(ui, "title", "Channel"));
    const char *word = ez_text_input(ui, "Word", .key = "word");
    ez_text_area(ui, "Draft", .key = "draft");
    if (ez_button(ui, "Add", .key = "add") && l->applied < ROWS)
        snprintf(l->words[l->applied++], WORD, "%s", word);
    bool streams = ez_button(ui, "Stream", .key = "stream");
    if (ez_button(ui, "Big", .key = "big"))
        l->big++;
    if (l->applied < 3 && ez_button(ui, "Early", .key = "early"))
        l->applied = 3;
    ez_text(ui, ez_fmt(ui, "applied %d", l->applied));
    ez_ui *list = ez_container(ui, .key = "list");
    for (int i = 0; i < l->applied; i++)
        ez_text(list, ez_fmt(ui, "row %s", l->words[i]));
    /* More than fits into two parts of a message, and other words each time. */
    for (int i = 0; l->big && i < 40; i++)
        ez_text(ui, ez_fmt(ui, "big %d.%d %01000d", l->big, i, 0));
    for (int i = 0; i < l->lines; i++)
        ez_text(list, ez_fmt(ui, "line %d", i));
    if (streams)
        stream(ui, list, l, ez_setting_int(ui, "lines", 30));
}

static void other(ez_ui *ui)
{
    ez_title(ui, "Elsewhere");
    ez_text(ui, ez_fmt(ui, "applied %d", ez_state(ui, ledger, "ledger")->applied));
    ez_text_area(ui, "Note", .key = "note");
    for (int i = 0; i < 100; i++)
        ez_text(ui, ez_fmt(ui, "far down %d", i));
}

/* The title belongs to what stands around every page: with another one, this is another build for browsers, with the same state. */
static void setup(ez_app *app) { ez_page(app, "/other", other, .title = getenv("CHANNEL_TITLE")); }

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
