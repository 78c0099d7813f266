/* number_input.c: a number that is typed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include "number.h"

double ez_number_input_put(ez_ui *at, const ez_number_input_args *a)
{
    number s = {
        .field = { a->label, a->help, a->hide_label, a->collapse_label, a->required },
        .min = a->min, .max = a->max, .initial = a->value, .step = a->step,
        .format = a->format, .placeholder = a->placeholder, .icon = a->icon,
        .start_empty = a->start_empty, .hide_steps = a->hide_steps, .disabled = a->disabled,
    };
    return number_put(at, &number_input_type, "ez-number-input", &a->call, a->key, &s);
}
