/* functions.c: functions of every kind for those who call them over the network. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"
#include <math.h>
#include <string.h>

static const char *const operations[] = { "add", "subtract", "multiply", "divide", NULL };
typedef struct { double a, b; const char *operation; } calculate_in;
EZ_RECORD(calculate_in, EZ_FIELD(calculate_in, a), EZ_FIELD(calculate_in, b, .value = 1),
          EZ_FIELD(calculate_in, operation, .options = operations, .help = "What to do with a and b"));
typedef struct { double result; } calculate_out;
EZ_RECORD(calculate_out, EZ_FIELD(calculate_out, result));

static void calculate(ez_ui *ui)
{
    const calculate_in *in = ez_in(ui, calculate_in);
    calculate_out *out = ez_out(ui, calculate_out);
    switch (in->operation[0]) {
    case 'a': out->result = in->a + in->b; break;
    case 's': out->result = in->a - in->b; break;
    case 'm': out->result = in->a * in->b; break;
    default:
        if (in->b == 0) ez_fail(ui, "%g cannot be divided by zero", in->a);
        else out->result = in->a / in->b;
    }
}

typedef struct { bool flag; int whole; long long large; double number; char name[8]; const char *words; } types;
EZ_RECORD(types, EZ_FIELD(types, flag, .value = 1), EZ_FIELD(types, whole, .range = { -5, 9 }, .value = 3), EZ_FIELD(types, large), EZ_FIELD(types, number, .value = 0.5),
          EZ_FIELD(types, name, .optional = true), EZ_FIELD(types, words, .optional = true));

static void repeat(ez_ui *ui)
{
    const types *in = ez_in(ui, types);
    types *out = ez_out(ui, types);
    *out = *in;
}

static void crash(ez_ui *ui)
{
    (void)ui;
    volatile int *nowhere = NULL;
    *nowhere = 1;
}

typedef struct { ez_date day; } day_in;
EZ_RECORD(day_in, EZ_FIELD(day_in, day));

static void day(ez_ui *ui)
{
    *ez_out(ui, day_in) = *ez_in(ui, day_in);
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Functions");
    ez_text(ui, "They are called over the network.");
}

static void setup(ez_app *app)
{
    ez_function(app, "calculate", calculate, .in = &calculate_in_record, .out = &calculate_out_record, .help = "Calculates with two numbers.");
    ez_function(app, "repeat", repeat, .in = &types_record, .out = &types_record);
    ez_function(app, "tell", tell, .in = &story_in_record, .out = &story_out_record, .concurrency = 1);
    ez_function(app, "count", count, .out = &count_out_record);
    ez_function(app, "crash", crash);
    ez_function(app, "day", day, .in = &day_in_record, .out = &day_in_record);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
