/* int_slider.c: a whole number chosen by moving a thumb. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../slider/slide.h"
#include "gen/elements_gen.h"

int ez_int_slider_put(ez_ui *at, const ez_int_slider_args *a)
{
    slide s = {
        .field = { a->label, a->help, a->hide_label, a->collapse_label, false },
        .min = a->min, .max = a->max, .initial = a->value, .step = a->step,
        .format = a->format, .whole = true, .hide_bounds = a->hide_bounds, .disabled = a->disabled,
    };
    return (int)slide_put(at, &int_slider_type, "ez-int-slider ez-slider", &a->call, a->key, &s);
}
