/* checkbox.c: a box to tick. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../field.h"
#include "gen/elements_gen.h"

bool ez_checkbox_put(ez_ui *at, const ez_checkbox_args *a)
{
    field f = { a->label, a->help, a->hide_label, a->collapse_label, a->required };
    node *n = node_open(at, &checkbox_type, &a->call, a->label, a->key);
    bool value = node_bool(n, a->value, a->disabled);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-checkbox ez-field\"><div class=\"ez-choice\"><input type=\"checkbox\"");
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
