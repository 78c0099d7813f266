/* offers.c: prompts and resources beside tools, for clients of the Model Context Protocol. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"
#include <string.h>

static const char *const readers[] = { "a child", "a chemist", "a cook", NULL };
typedef struct { const char *topic, *reader; int words; bool brief; } explain;
EZ_RECORD(explain, EZ_FIELD(explain, topic, .help = "What it is about"), EZ_FIELD(explain, reader, .options = readers), EZ_FIELD(explain, words, .range = { 10, 500 }, .value = 100),
          EZ_FIELD(explain, brief));

typedef struct { const char *code; int lines; } review_in;
EZ_RECORD(review_in, EZ_FIELD(review_in, code), EZ_FIELD(review_in, lines, .value = 80));
typedef struct { const ez_file *source; const char *question, *aside; } review_out;
EZ_RECORD(review_out, EZ_FIELD(review_out, source), EZ_FIELD(review_out, question), EZ_FIELD(review_out, aside));

static void review(ez_ui *ui)
{
    const review_in *in = ez_in(ui, review_in);
    review_out *out = ez_out(ui, review_out);
    if (!strcmp(in->code, "")) {
        ez_fail(ui, "there is nothing to review");
        return;
    }
    out->source = ez_make_file(ui, "source.txt", in->code, strlen(in->code));
    out->question = ez_fmt(ui, "What is wrong with it, in at most %d lines?", in->lines);
}

typedef struct { const char *text; } note;
EZ_RECORD(note, EZ_FIELD(note, text));
static void today(ez_ui *ui) { ez_out(ui, note)->text = "Nothing is noted today."; }

typedef struct { ez_date day; const char *name; } note_in;
EZ_RECORD(note_in, EZ_FIELD(note_in, day), EZ_FIELD(note_in, name, .options = readers));
static void noted(ez_ui *ui)
{
    const note_in *in = ez_in(ui, note_in);
    if (in->day.year < 2000) ez_fail(ui, "nothing is kept of %d", in->day.year);
    else ez_out(ui, note)->text = ez_fmt(ui, "%s, %d", in->name, in->day.year);
}

/* Tells a line of each level, the last when it may. */
static void report(ez_ui *ui)
{
    const story_in *in = ez_in(ui, story_in);
    ez_tell(ui, EZ_LEVEL_DEBUG, "looked at %d things", in->count);
    ez_tell(ui, EZ_LEVEL_INFO, "“%s” & more", "found");
    ez_tell(ui, EZ_LEVEL_WARNING, "one is old");
    for (FILE *file = NULL; *in->until && !file;) {
        file = fopen(in->until, "r");
        if (file) fclose(file);
        else if (!ez_sleep(ui, 0.02)) return;
    }
    ez_tell(ui, EZ_LEVEL_ERROR, "one is broken");
    ez_put_num(ui, "words", in->count);
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Offers");
    ez_text(ui, "Prompts and resources are for clients of the Model Context Protocol.");
}

static void setup(ez_app *app)
{
    ez_function(app, "tell", tell, .in = &story_in_record, .out = &story_out_record, .rerunnable = true);
    ez_function(app, "alone", tell, .in = &story_in_record, .out = &story_out_record, .concurrency = 1, .lane = "alone");
    ez_function(app, "count", count, .out = &count_out_record, .cache_ttl = 60);
    ez_function(app, "report", report, .in = &story_in_record, .out = &story_out_record, .help = "Tells lines.");
    ez_prompt(app, "explain", "Explain {topic} to {reader} in {words} words. Brief: {brief}. {\"as\": {}}", .in = &explain_record, .help = "Explains something to somebody.");
    ez_prompt(app, "greet", "Say hello.");
    ez_function(app, "review", review, .in = &review_in_record, .out = &review_out_record, .help = "Looks for mistakes.", .prompt = true);
    ez_function(app, "today", today, .out = &note_record, .help = "Notes of today.", .resource = "note://today");
    ez_function(app, "noted", noted, .in = &note_in_record, .out = &note_record, .help = "Notes of a day.", .resource = "note://{day}/{name}");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
