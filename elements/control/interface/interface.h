/* interface.h: one field of a record as an element: an input as the control that fits it, an output as what it says. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTROL_INTERFACE_H
#define CONTROL_INTERFACE_H

#include "page/element.h"

const char *interface_label(ez_ui *ui, const ez_field *f);           /* its label, else its name in words */
void interface_input(ez_ui *ui, const ez_field *f, const ez_call *call, bool live);
void interface_output(ez_ui *ui, const ez_field *f, const ez_call *call);
bool interface_reruns(const ez_field *f);                            /* what it shows is made by the page, after each call */
bool interface_submits(const ez_field *f);                           /* Enter in its control asks for the call */

#endif
