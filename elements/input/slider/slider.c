/* slider.c: a number chosen by moving a thumb. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "slide.h"
#include "gen/elements_gen.h"

double ez_slider_put(ez_ui *at, const ez_slider_args *a)
{
    slide s = {
        .field = { a->label, a->help, a->hide_label, a->collapse_label, false },
        .min = a->min, .max = a->max, .initial = a->value, .step = a->step,
        .format = a->format, .whole = false, .hide_bounds = a->hide_bounds, .disabled = a->disabled,
    };
    return slide_put(at, &slider_type, "ez-slider", &a->call, a->key, &s);
}
