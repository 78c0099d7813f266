/* int_input.c: a whole number that is typed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../number_input/number.h"
#include "gen/elements_gen.h"

int ez_int_input_put(ez_ui *at, const ez_int_input_args *a)
{
    /* An open end is what an int can hold: the server keeps it, the browser need not know. */
    number s = {
        .field = { a->label, a->help, a->hide_label, a->collapse_label, a->required },
        .min = a->min, .max = a->max, .initial = a->value, .step = a->step,
        .placeholder = a->placeholder, .icon = a->icon,
        .whole = true, .start_empty = a->start_empty, .hide_steps = a->hide_steps, .disabled = a->disabled,
    };
    double v = number_put(at, &int_input_type, "ez-int-input ez-number-input", &a->call, a->key, &s);
    return ez_is_none(v) ? -EZ_ANY_INT - 1 : (int)v;
}
