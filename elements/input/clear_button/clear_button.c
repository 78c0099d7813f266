/* clear_button.c: empties controls and conversations; a binding of its click does the work. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../press.h"
#include "gen/elements_gen.h"

bool ez_clear_button_put(ez_ui *at, const ez_clear_button_args *a)
{
    press look = { a->label, a->help, a->icon, a->shortcut, a->key, a->kind, a->fill, false, a->disabled };
    node *n = node_open(at, &clear_button_type, &a->call, a->label, a->key);
    press_begin(n, "clear-button ez-button", &look);
    ez_print(node_html(n), " type=\"button\" data-ez-trigger=\"click\"");
    press_end(n, &look);
    node_clears(n, a->clears);
    return node_fired(n, "click");
}
