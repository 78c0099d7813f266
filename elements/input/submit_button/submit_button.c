/* submit_button.c: sends the form that it stands in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../press.h"
#include "gen/elements_gen.h"

bool ez_submit_button_put(ez_ui *at, const ez_submit_button_args *a)
{
    if (!node_in_form(at)) {
        node_mistake(at, &a->call, "the submit button \"%s\" stands in no form: put it on the place that ez_form returns", a->label);
        return false;
    }
    press look = { a->label, a->help, a->icon, a->shortcut, a->key, a->secondary ? EZ_BUTTON_SECONDARY : EZ_BUTTON_PRIMARY,
                   a->fill, false, a->disabled };
    node *n = node_open(at, &submit_button_type, &a->call, a->label, a->key);
    press_begin(n, "submit-button ez-button", &look);
    ez_print(node_html(n), " type=\"submit\" data-ez-submit");
    press_end(n, &look);
    return node_fired(n, "click");
}
