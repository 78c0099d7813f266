/* field.h: what the inputs share: the line with the label, why a value was refused, how a number is written.
 *
 * A field is <div class="ez-… ez-field"> with the label's line, the control with the id "<node id>-c", and the reason.
 * Thread: the run's. Memory: the run's arena. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INPUT_FIELD_H
#define INPUT_FIELD_H

#include "page/element.h"

typedef struct field {
    const char *label, *help;
    bool hide_label, collapse_label, required;
} field;

/* `<label for="…-c">` or, for a group of controls, `<legend>`, with the required mark and the (?). */
void field_label(node *n, const field *f);
void field_legend(node *n, const field *f);
/* Prints what every control carries: id, aria-describedby, aria-invalid, required, disabled. Inside its start tag. */
void field_control(node *n, const field *f, bool disabled);
/* The reason why the value was refused: printed after the control, always, so that its place and id are known. */
void field_end(node *n);

/* A format of the caller: text with one conversion of the kinds d i f g e, as in "%.1f %%". */
bool field_format_valid(const char *format);
/* v as text. format NULL: with so many digits after the point; digits below 0: the shortest that reads back equal. */
void field_number(char *out, size_t room, const char *format, int digits, double v);
/* The digits after the point that multiples of step have: 0.05 has 2. */
int  field_digits(double step);

#endif
