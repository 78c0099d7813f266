/* button.c: runs the page, or the function bound to it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../press.h"
#include "gen/elements_gen.h"

bool ez_button_put(ez_ui *at, const ez_button_args *a)
{
    press look = { a->label, a->help, a->icon, a->shortcut, a->key, a->kind, a->fill, a->icon_end, a->disabled };
    node *n = node_open(at, &button_type, &a->call, a->label, a->key);
    press_begin(n, "button", &look);
    ez_print(node_html(n), " type=\"button\" data-ez-trigger=\"click\"");
    if (a->opens)
        ez_print(node_html(n), " data-ez-opens=\"%s\" aria-haspopup=\"dialog\"", node_key_id(at, a->opens));
    press_end(n, &look);
    return node_fired(n, "click");
}
