/* radio.c: one of a few, all seen at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../field.h"
#include "gen/elements_gen.h"

static void print_option(node *n, const ez_radio_args *a, int i, bool chosen, const char *caption)
{
    ez_html *h = node_html(n);
    ez_print(h, "<label class=\"ez-option\"><input type=\"radio\" name=\"%s\" value=\"%s\"", node_id(n), a->options[i]);
    if (a->required) ez_print(h, " required");
    if (a->disabled) ez_print(h, " disabled");
    if (chosen) node_print_value(n, " checked");
    ez_print(h, "><span>");
    node_label_line(n, a->options[i]);
    if (caption) {
        ez_print(h, "<small class=\"ez-option-caption\">");
        node_label_line(n, caption);
        ez_print(h, "</small>");
    }
    ez_print(h, "</span></label>");
}

int ez_radio_put(ez_ui *at, const ez_radio_args *a)
{
    field f = { a->label, a->help, a->hide_label, a->collapse_label, a->required };
    if (!a->options || !a->options[0]) {
        node_mistake(at, &a->call, "the radio \"%s\" has no options: give some, as in EZ_OPTIONS(\"tea\", \"coffee\")", a->label);
        return -1;
    }
    node *n = node_open(at, &radio_type, &a->call, a->label, a->key);
    int chosen = node_choice(n, a->options, a->index, a->start_empty, a->disabled);
    ez_html *h = node_html(n);
    ez_print(h, "<fieldset class=\"ez-radio ez-field\" data-ez-value=\"choice\" aria-describedby=\"%s-e\">", node_id(n));
    field_legend(n, &f);
    ez_print(h, "<div class=\"ez-options\"");
    if (a->horizontal) ez_print(h, " data-horizontal");
    ez_print(h, ">");
    bool captions = a->captions != NULL;
    for (int i = 0; a->options[i]; i++) {
        captions = captions && a->captions[i];
        print_option(n, a, i, i == chosen, captions ? a->captions[i] : NULL);
    }
    ez_print(h, "</div>");
    field_end(n);
    ez_print(h, "</fieldset>");
    node_required(n, a->required);
    node_close(n);
    return chosen;
}
