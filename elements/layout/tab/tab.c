/* tab.c: one of the tabs: what is pressed and what it shows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_tab_put(ez_ui *at, const ez_tab_args *a)
{
    node *n = node_open(at, &tab_type, &a->call, a->label, a->key);
    bool chosen = node_open_state(n, node_tab(n) == 0);
    const char *id = node_id(n);
    ez_html *h = node_html(n);
    ez_print(h, "<ez-tab class=\"ez-tab\" data-ez-value=\"open\"");
    if (a->lazy) ez_print(h, " data-ez-run");
    node_print_value(n, chosen ? " open" : "");
    ez_print(h, "><button type=\"button\" class=\"ez-tab-button\" role=\"tab\" id=\"%s-t\" aria-controls=\"%s-p\"", id, id);
    node_print_value(n, chosen ? " aria-selected=\"true\"" : " aria-selected=\"false\" tabindex=\"-1\"");
    ez_print(h, ">");
    node_icon(n, a->icon);
    ez_print(h, "<span>");
    node_label_line(n, a->label);
    ez_print(h, "</span></button><div class=\"ez-tab-panel ez-place\" role=\"tabpanel\" id=\"%s-p\" aria-labelledby=\"%s-t\"", id, id);
    node_print_place(n, 0);
    ez_print(h, "></div></ez-tab>");
    node_close(n);
    if (a->lazy && !chosen) place_closed(node_place(n, 0));
    return node_place(n, 0);
}
