/* form.c: controls whose values leave together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_form_put(ez_ui *at, const ez_form_args *a)
{
    if (node_in_form(at)) {
        node_mistake(at, &a->call, "the form \"%s\" stands in another form: forms cannot hold forms", a->key);
        return at;
    }
    node *n = node_open(at, &form_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<form class=\"ez-form ez-place\" data-ez-form");
    if (a->clear_on_submit) ez_print(h, " data-ez-clear");
    if (a->no_enter)        ez_print(h, " data-no-enter");
    if (!a->no_border)      ez_print(h, " data-border");
    node_print_place(n, 0);
    ez_print(h, "></form>");
    node_is_form(n, a->clear_on_submit);
    node_close(n);
    return node_place(n, 0);
}
