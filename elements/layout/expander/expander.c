/* expander.c: a part that folds: native <details>. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_expander_put(ez_ui *at, const ez_expander_args *a)
{
    node *n = node_open(at, &expander_type, &a->call, a->label, a->key);
    bool open = node_open_state(n, a->open);
    ez_html *h = node_html(n);
    ez_print(h, "<details class=\"ez-expander\" data-ez-value=\"open\"");
    if (a->lazy)   ez_print(h, " data-ez-run");
    if (!a->plain) ez_print(h, " data-border");
    node_print_value(n, open ? " open" : "");
    ez_print(h, "><summary class=\"ez-expander-label\">");
    node_icon(n, "chevron-right");
    node_icon(n, a->icon);
    ez_print(h, "<span>");
    node_label_line(n, a->label);
    ez_print(h, "</span></summary><div class=\"ez-expander-body ez-place\"");
    node_print_place(n, 0);
    ez_print(h, "></div></details>");
    node_close(n);
    if (a->lazy && !open) place_closed(node_place(n, 0));
    return node_place(n, 0);
}
