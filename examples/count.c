/* count.c: a function that takes its time: each number leaves as soon as it is there, for the page as for every caller of the endpoint. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { int n; double pause; } count_in;
EZ_RECORD(count_in,
    EZ_FIELD(count_in, n, .label = "Count to", .range = { 1, 100 }, .value = 10),
    EZ_FIELD(count_in, pause, .label = "Seconds between", .range = { 0, 2 }, .value = 0.3));
typedef struct { int number; const char *so_far; } count_out;
EZ_RECORD(count_out, EZ_FIELD(count_out, number), EZ_FIELD(count_out, so_far));

static void count(ez_ui *ui)
{
    const count_in *in = ez_in(ui, count_in);
    count_out *out = ez_out(ui, count_out);
    out->so_far = "";
    for (int i = 1; i <= in->n; i++) {
        out->number = i;
        out->so_far = ez_fmt(ui, "%s%s%d", out->so_far, i > 1 ? " " : "", i);
        ez_progress(ui, (double)i / in->n, .text = ez_fmt(ui, "%d of %d", i, in->n));
        if (!ez_sleep(ui, in->pause)) return;         /* sends what is there; false: somebody pressed Stop */
    }
}

static void page(ez_ui *ui)
{
    ez_interface(ui, count, .in = &count_in_record, .out = &count_out_record, .title = "Counting", .submit_label = "Count",
                 .description = "Each number is shown when it is reached. **Stop** ends the count where it is.");
}

static void setup(ez_app *app)
{
    ez_function(app, "count", count, .in = &count_in_record, .out = &count_out_record, .help = "Counts from 1 to n, one number after the other.", .rerunnable = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
