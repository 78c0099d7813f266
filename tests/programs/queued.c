/* queued.c: functions that say how their calls wait, and what becomes of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"
#include <stdio.h>
#include <string.h>

/* Fails so many times for each name, then says how often it was called. */
typedef struct { char name[16]; int times; } flaky_in;
EZ_RECORD(flaky_in, EZ_FIELD(flaky_in, name), EZ_FIELD(flaky_in, times, .range = { 0, 9 }));
typedef struct { const char *said; int calls; } flaky_out;
EZ_RECORD(flaky_out, EZ_FIELD(flaky_out, said), EZ_FIELD(flaky_out, calls));

static void flaky(ez_ui *ui)
{
    static struct { char name[16]; int calls; } known[100];        /* one at a time: .concurrency = 1 */
    const flaky_in *in = ez_in(ui, flaky_in);
    int i = 0;
    while (known[i].name[0] && strcmp(known[i].name, in->name)) i++;
    snprintf(known[i].name, sizeof known[i].name, "%s", in->name);
    ez_append(ui, "said", ez_fmt(ui, "call %d", ++known[i].calls));
    if (known[i].calls <= in->times) ez_fail(ui, "%s has failed %d of %d times", in->name, known[i].calls, in->times);
    else ez_put_num(ui, "calls", known[i].calls);
}

/* Squares up to four numbers in one go, and cannot do 13. */
typedef struct { int number; } square_in;
EZ_RECORD(square_in, EZ_FIELD(square_in, number, .range = { 0, 1000 }));
typedef struct { int square, together; } square_out;
EZ_RECORD(square_out, EZ_FIELD(square_out, square), EZ_FIELD(square_out, together));

static void square(ez_ui *ui)
{
    for (int i = 0; i < ez_batch_count(ui); i++) {
        ez_ui *row = ez_batch_row(ui, i);
        int number = ez_in(row, square_in)->number;
        if (number == 13) {
            ez_fail(row, "13 is not squared here");
            continue;
        }
        *ez_out(row, square_out) = (square_out){ number * number, ez_batch_count(ui) };
    }
}

typedef struct { double seconds; } nap_in;
EZ_RECORD(nap_in, EZ_FIELD(nap_in, seconds, .value = 0.4));
static void nap(ez_ui *ui) { ez_sleep(ui, ez_in(ui, nap_in)->seconds); }

static bool there(const char *path)
{
    FILE *f = fopen(path, "r");
    if (f) fclose(f);
    return f;
}

/* Keeps its lane until the file `until` is there; a step takes so many seconds of it. */
typedef struct { const char *until; } gate_in;
EZ_RECORD(gate_in, EZ_FIELD(gate_in, until));
static void gate(ez_ui *ui)
{
    while (!there(ez_in(ui, gate_in)->until))
        if (!ez_sleep(ui, 0.02)) return;
}

typedef struct { double seconds; } step_in;
EZ_RECORD(step_in, EZ_FIELD(step_in, seconds));
static void step(ez_ui *ui) { ez_sleep(ui, ez_in(ui, step_in)->seconds); }

/* Leaves a line in the file `log` when it begins and when it ends, and waits for the file `until` in between. */
typedef struct { const char *log, *name, *until; } write_in;
EZ_RECORD(write_in, EZ_FIELD(write_in, log), EZ_FIELD(write_in, name), EZ_FIELD(write_in, until, .optional = true));
typedef struct { const char *said; } write_out;
EZ_RECORD(write_out, EZ_FIELD(write_out, said));

static void note(const write_in *in, const char *what)
{
    FILE *f = fopen(in->log, "a");
    if (!f) return;
    fprintf(f, "%s %s\n", in->name, what);
    fclose(f);
}

static void write_down(ez_ui *ui)
{
    const write_in *in = ez_in(ui, write_in);
    note(in, "begins");
    ez_progress(ui, 0.5, .text = "half way");
    while (*in->until && !there(in->until))
        if (!ez_sleep(ui, 0.02)) return;
    if (!strcmp(in->name, "crash")) *(volatile int *)0 = 1;
    ez_out(ui, write_out)->said = ez_fmt(ui, "%s is written", in->name);
    note(in, "ends");
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Queued");
    ez_button(ui, "Shut the gate", .key = "shut");
    ez_on(ui, "shut.click", gate);             /* with the lane that it was declared with */
    ez_jobs(ui);
}

static void everybody(ez_ui *ui)
{
    ez_title(ui, "Everybody's jobs");
    ez_jobs(ui, .all = true);
}

static void setup(ez_app *app)
{
    ez_page(app, "/all", everybody);
    ez_function(app, "tell", tell, .in = &story_in_record, .out = &story_out_record, .concurrency = 1);
    ez_function(app, "once", write_down, .in = &write_in_record, .out = &write_out_record, .lane = "once", .concurrency = 1);
    ez_function(app, "again", write_down, .in = &write_in_record, .out = &write_out_record, .lane = "again", .concurrency = 1, .rerunnable = true);
    ez_function(app, "gate", gate, .in = &gate_in_record, .lane = "steps", .concurrency = 1);
    ez_function(app, "step", step, .in = &step_in_record, .lane = "steps", .concurrency = 1);
    ez_function(app, "nap", nap, .in = &nap_in_record, .concurrency = 2);
    ez_function(app, "count", count, .out = &count_out_record);
    ez_function(app, "flaky", flaky, .in = &flaky_in_record, .out = &flaky_out_record, .concurrency = 1, .retries = 3, .retry_wait = 0.05);
    ez_function(app, "square", square, .in = &square_in_record, .out = &square_out_record, .batch_size = 4, .batch_wait = 0.5);
    ez_function(app, "remembered", count, .in = &square_in_record, .out = &count_out_record, .cache_ttl = 2, .cache_size = 2);
    ez_function(app, "short_line", tell, .in = &story_in_record, .out = &story_out_record, .concurrency = 1, .max_size = 2);
    ez_function(app, "limited", count, .out = &count_out_record, .rate_limit = "3/h");
    ez_function(app, "hurried", tell, .in = &story_in_record, .out = &story_out_record, .lane = "hurried", .concurrency = 1, .time_limit = 0.3);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup, .queue_size = 20000); }
