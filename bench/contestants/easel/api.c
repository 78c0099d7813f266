/* api.c: functions for those who call them: says back, counts, waits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { const char *text; } said;
EZ_RECORD(said, EZ_FIELD(said, text));
typedef struct { const char *echo; } heard;
EZ_RECORD(heard, EZ_FIELD(heard, echo));
static void echo(ez_ui *ui) { ez_out(ui, heard)->echo = ez_fmt(ui, "echo %s", ez_in(ui, said)->text); }

typedef struct { int to; } count_in;
EZ_RECORD(count_in, EZ_FIELD(count_in, to, .value = 10));
typedef struct { int number; } count_out;
EZ_RECORD(count_out, EZ_FIELD(count_out, number));
static void count(ez_ui *ui)
{
    int to = ez_in(ui, count_in)->to;
    for (int i = 1; i <= to; i++) {
        ez_out(ui, count_out)->number = i;
        if (!ez_yield(ui)) return;
    }
}

typedef struct { double s; } pause_in;
EZ_RECORD(pause_in, EZ_FIELD(pause_in, s, .value = 1));
static void pause_for(ez_ui *ui) { ez_sleep(ui, ez_in(ui, pause_in)->s); }

static void page(ez_ui *ui) { ez_text(ui, "Functions."); }

static void setup(ez_app *app)
{
    ez_function(app, "echo", echo, .in = &said_record, .out = &heard_record);
    ez_function(app, "count", count, .in = &count_in_record, .out = &count_out_record);
    ez_function(app, "pause", pause_for, .in = &pause_in_record, .concurrency = 1);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup, .queue_size = 20000); }
