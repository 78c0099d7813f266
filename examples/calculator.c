/* calculator.c: two numbers and what to do with them: a page and an endpoint from one function and its records. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { double num1; const char *operation; double num2; } calculator_in;
EZ_RECORD(calculator_in,
    EZ_FIELD(calculator_in, num1, .label = "Number"),
    EZ_FIELD(calculator_in, operation, .options = EZ_OPTIONS("add", "subtract", "multiply", "divide")),
    EZ_FIELD(calculator_in, num2, .label = "And"));
typedef struct { double result; } calculator_out;
EZ_RECORD(calculator_out, EZ_FIELD(calculator_out, result));

static void calculator(ez_ui *ui)
{
    const calculator_in *in = ez_in(ui, calculator_in);
    calculator_out *out = ez_out(ui, calculator_out);
    switch (in->operation[0]) {
    case 'a': out->result = in->num1 + in->num2; break;
    case 's': out->result = in->num1 - in->num2; break;
    case 'm': out->result = in->num1 * in->num2; break;
    default:
        if (in->num2 == 0) ez_fail(ui, "Cannot divide by zero!");
        else out->result = in->num1 / in->num2;
    }
}

static void page(ez_ui *ui)
{
    ez_interface(ui, calculator, .in = &calculator_in_record, .out = &calculator_out_record, .title = "Toy calculator",
                 .description = "Here's a sample toy calculator.", .examples = EZ_OPTIONS("45", "add", "3", "3.14", "divide", "2", "144", "multiply", "2.5", "0", "subtract", "1.2"),
                 .cache_examples = true);
}

static void setup(ez_app *app)
{
    ez_function(app, "calculator", calculator, .in = &calculator_in_record, .out = &calculator_out_record, .help = "Adds, subtracts, multiplies or divides two numbers.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
