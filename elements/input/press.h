/* press.h: what the buttons share: how one looks, its keys, its tooltip. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INPUT_PRESS_H
#define INPUT_PRESS_H

#include "page/element.h"

typedef struct press {
    const char *label, *help, *icon, *shortcut, *key;
    int  kind;                       /* EZ_BUTTON_… */
    bool fill, icon_end, disabled;
} press;

/* Prints a whole <button> that ends the node's shell: `attributes` are those that say what a press does, already markup
 * that the caller printed by ez_print between press_begin and press_end. */
void press_begin(node *n, const char *name, const press *p);
void press_end(node *n, const press *p);

#endif
