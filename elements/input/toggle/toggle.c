/* toggle.c: a switch. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../field.h"
#include "gen/elements_gen.h"

bool ez_toggle_put(ez_ui *at, const ez_toggle_args *a)
{
    field f = { a->label, a->help, a->hide_label, a->collapse_label, a->required };
    node *n = node_open(at, &toggle_type, &a->call, a->label, a->key);
    bool value = node_bool(n, a->value, a->disabled);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-toggle ez-field\"><div class=\"ez-choice\"><input type=\"checkbox\" role=\"switch\"");
    field_control(n, &f, a->disabled);
    ez_print(h, " data-ez-value=\"bool\"");
    node_print_value(n, value ? " checked" : "");
    ez_print(h, ">");
    field_label(n, &f);
    ez_print(h, "</div>");
    field_end(n);
    ez_print(h, "</div>");
    node_close(n);
    return value;
}
