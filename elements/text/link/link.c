/* link.c: a way to another page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

void ez_link_put(ez_ui *at, const ez_link_args *a)
{
    static const char *const kinds[] = { "secondary", "primary", "tertiary" };
    node *n = node_open(at, &link_type, &a->call, a->label, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<a class=\"ez-link%s\"", a->button ? " ez-button" : "");
    if (a->button) ez_print(h, " data-kind=\"%s\"", kinds[a->kind >= 0 && a->kind < 3 ? a->kind : 0]);
    if (a->fill) ez_print(h, " data-fill");
    if (a->help) ez_print(h, " title=\"%s\"", a->help);
    if (a->disabled) ez_print(h, " role=\"link\" aria-disabled=\"true\"");
    else ez_print(h, " href=\"%s\"", page_address(at, a->url));
    if (a->new_tab) ez_print(h, " target=\"_blank\" rel=\"noopener noreferrer\"");
    ez_print(h, ">");
    node_icon(n, a->icon);
    ez_print(h, "<span>");
    node_label_line(n, a->label);
    ez_print(h, "</span>");
    if (a->new_tab) node_icon(n, "external");
    ez_print(h, "</a>");
    node_close(n);
}
