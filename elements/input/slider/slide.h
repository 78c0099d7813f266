/* slide.h: the slider of numbers, for slider and int_slider. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INPUT_SLIDER_SLIDE_H
#define INPUT_SLIDER_SLIDE_H

#include "../field.h"

typedef struct slide {
    field       field;
    double      min, max, initial, step;   /* step 0: a nice one */
    const char *format;
    bool        whole, hide_bounds, disabled;
} slide;

double slide_put(ez_ui *at, const element_type *type, const char *name, const ez_call *call, const char *key, const slide *s);

#endif
