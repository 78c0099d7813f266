/* greet.c: a bound function reads and writes the elements whose keys are its records' fields. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { const char *name; int times; } greet_in;
EZ_RECORD(greet_in,
    EZ_FIELD(greet_in, name, .help = "Who to greet"),
    EZ_FIELD(greet_in, times, .range = { 1, 9 }, .value = 1));
typedef struct { const char *greeting; } greet_out;
EZ_RECORD(greet_out, EZ_FIELD(greet_out, greeting));

static void greet(ez_ui *ui)
{
    const greet_in *in = ez_in(ui, greet_in);
    greet_out *out = ez_out(ui, greet_out);
    out->greeting = ez_fmt(ui, "Hello %s, %d times!", in->name, in->times);
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Greeting");
    ez_text_input(ui, "Name", .key = "name");
    ez_int_input(ui, "Times", 1, 9, .key = "times");
    ez_text_input(ui, "Greeting", .key = "greeting", .disabled = true);
    ez_button(ui, "Greet", .key = "go");
    ez_on(ui, "go.click", greet);
}

static void setup(ez_app *app)
{
    ez_function(app, "greet", greet, .in = &greet_in_record, .out = &greet_out_record, .help = "Greets somebody.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
