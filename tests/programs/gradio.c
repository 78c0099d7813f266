/* gradio.c: the demo apps that the tests of Gradio's own clients call (increment_demo, state_demo, long_response_with_info, a batch), and functions that keep something for their caller. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <stdio.h>
#include <string.h>

/* increment_demo: several buttons count one number, which is their session's. */
typedef struct { int number; } counter;
EZ_RECORD(counter, EZ_FIELD(counter, number));
static void increment(ez_ui *ui) { ez_out(ui, counter)->number = ++ez_state(ui, counter, "counter")->number; }

/* state_demo: what was said comes back with what was said before. */
typedef struct { const char *word; double seconds; } said_in;
EZ_RECORD(said_in, EZ_FIELD(said_in, word), EZ_FIELD(said_in, seconds, .range = { 0, 60 }));
typedef struct { const char *all; int calls; } said_out;
EZ_RECORD(said_out, EZ_FIELD(said_out, all), EZ_FIELD(said_out, calls));
typedef struct { char all[1000]; int calls; } history;

static void say(ez_ui *ui)
{
    const said_in *in = ez_in(ui, said_in);
    history *h = ez_state(ui, history, "history");
    size_t count = strlen(h->all);
    snprintf(h->all + count, sizeof h->all - count, "%s%s", count ? " " : "", in->word);
    h->calls++;
    ez_append(ui, "all", "...");                       /* a generator's first value */
    ez_yield(ui);
    if (in->seconds > 0 && !ez_sleep(ui, in->seconds)) return;
    if (!strcmp(in->word, "fail")) ez_fail(ui, "this is not said");
    *ez_out(ui, said_out) = (said_out){ ez_fmt(ui, "%s", h->all), h->calls };
}

/* As large as told, so that few sessions are much. */
typedef struct { char bytes[900 << 10]; } large;
static void fill(ez_ui *ui)
{
    large *l = ez_state(ui, large, "large");
    ez_out(ui, counter)->number = ++l->bytes[0];
}

typedef struct { double seconds; } wait_in;
EZ_RECORD(wait_in, EZ_FIELD(wait_in, seconds, .range = { 0, 60 }));
typedef struct { const char *said; } wait_out;
EZ_RECORD(wait_out, EZ_FIELD(wait_out, said));
static void long_response(ez_ui *ui)
{
    if (ez_sleep(ui, ez_in(ui, wait_in)->seconds)) ez_out(ui, wait_out)->said = "done";
}

/* Says how many came together, and cannot do "bad". */
typedef struct { const char *word; int times; } repeat_in;
EZ_RECORD(repeat_in, EZ_FIELD(repeat_in, word), EZ_FIELD(repeat_in, times, .range = { 1, 9 }, .value = 1));
typedef struct { const char *words; int together; } repeat_out;
EZ_RECORD(repeat_out, EZ_FIELD(repeat_out, words), EZ_FIELD(repeat_out, together));

static void repeat(ez_ui *ui)
{
    for (int i = 0; i < ez_batch_count(ui); i++) {
        ez_ui *row = ez_batch_row(ui, i);
        const repeat_in *in = ez_in(row, repeat_in);
        char all[200] = "";
        if (!strcmp(in->word, "bad")) {
            ez_fail(row, "bad is not repeated");
            continue;
        }
        for (int k = 0; k < in->times; k++) {
            size_t count = strlen(all);
            snprintf(all + count, sizeof all - count, "%s%s", k ? " " : "", in->word);
        }
        *ez_out(row, repeat_out) = (repeat_out){ ez_fmt(row, "%s", all), ez_batch_count(ui) };
    }
}

static void page(ez_ui *ui) { ez_title(ui, "What Gradio's clients call"); }

static void setup(ez_app *app)
{
    ez_function(app, "increment_with_queue", increment, .out = &counter_record, .session_ttl = 3600);
    ez_function(app, "increment_without_queue", increment, .out = &counter_record, .session_ttl = 3600);
    ez_function(app, "say", say, .in = &said_in_record, .out = &said_out_record, .session_ttl = 3600);
    ez_function(app, "brief", increment, .out = &counter_record, .session_ttl = 1);
    ez_function(app, "fill", fill, .out = &counter_record, .session_ttl = 3600);
    ez_function(app, "forgets", increment, .out = &counter_record);
    ez_function(app, "long_response", long_response, .in = &wait_in_record, .out = &wait_out_record);
    ez_function(app, "repeat", repeat, .in = &repeat_in_record, .out = &repeat_out_record, .batch_size = 4, .batch_wait = 5);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
