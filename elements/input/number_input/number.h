/* number.h: the field for a number, for number_input and int_input. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INPUT_NUMBER_INPUT_NUMBER_H
#define INPUT_NUMBER_INPUT_NUMBER_H

#include "../field.h"

typedef struct number {
    field       field;
    double      min, max, initial, step;   /* open ends: -DBL_MAX, DBL_MAX; step 0: a nice one */
    const char *format, *placeholder, *icon;
    bool        whole, start_empty, hide_steps, disabled;
} number;

/* -DBL_MAX while it is empty. */
double number_put(ez_ui *at, const element_type *type, const char *name, const ez_call *call, const char *key, const number *s);

#endif
