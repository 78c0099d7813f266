/* selectbox.c: one of several, in a native list that folds out. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../field.h"
#include "gen/elements_gen.h"

int ez_selectbox_put(ez_ui *at, const ez_selectbox_args *a)
{
    field f = { a->label, a->help, a->hide_label, a->collapse_label, a->required };
    if (!a->options || !a->options[0]) {
        node_mistake(at, &a->call, "the selectbox \"%s\" has no options: give some, as in EZ_OPTIONS(\"tea\", \"coffee\")", a->label);
        return -1;
    }
    node *n = node_open(at, &selectbox_type, &a->call, a->label, a->key);
    int chosen = node_choice(n, a->options, a->index, a->start_empty, a->disabled);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-selectbox ez-field\">");
    field_label(n, &f);
    ez_print(h, "<div class=\"ez-input-group\">");
    node_icon(n, a->icon);
    ez_print(h, "<select data-ez-value=\"choice\"");
    field_control(n, &f, a->disabled);
    ez_print(h, ">");
    if (a->start_empty)
        ez_print(h, "<option value=\"\">%s</option>", a->placeholder ? a->placeholder : "Choose…");
    for (int i = 0; a->options[i]; i++) {
        ez_print(h, "<option value=\"%s\"", a->options[i]);
        if (i == chosen) node_print_value(n, " selected");
        ez_print(h, ">%s</option>", a->options[i]);
    }
    ez_print(h, "</select>");
    node_icon(n, "chevron-down");
    ez_print(h, "</div>");
    field_end(n);
    ez_print(h, "</div>");
    node_close(n);
    return chosen;
}
