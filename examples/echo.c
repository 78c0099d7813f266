/* echo.c: the same idea twice: a page that runs again, and a function that others can call by name. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { const char *text; } echo_in;
EZ_RECORD(echo_in, EZ_FIELD(echo_in, text, .help = "What to say back"));
typedef struct { const char *echo; } echo_out;
EZ_RECORD(echo_out, EZ_FIELD(echo_out, echo));

static void echo(ez_ui *ui)
{
    const echo_in *in = ez_in(ui, echo_in);
    ez_out(ui, echo_out)->echo = ez_fmt(ui, "echo %s", in->text);
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Echo");
    const char *text = ez_text_input(ui, "Text", .key = "text");
    ez_text(ui, ez_fmt(ui, "echo %s", text));
}

static void setup(ez_app *app)
{
    ez_function(app, "echo", echo, .in = &echo_in_record, .out = &echo_out_record, .help = "Says back what it hears.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
