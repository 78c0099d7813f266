/* press.c: the look of the buttons. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "press.h"
#include <string.h>
#include <strings.h>

void press_begin(node *n, const char *name, const press *p)
{
    static const char *const kinds[] = { "secondary", "primary", "tertiary" };
    ez_html *h = node_html(n);
    ez_print(h, "<button class=\"ez-%s\" data-kind=\"%s\"", name, kinds[p->kind >= 0 && p->kind < 3 ? p->kind : 0]);
    if (p->fill) ez_print(h, " data-fill");
    if (p->help) ez_print(h, " title=\"%s\"", p->help);
    if (p->shortcut) ez_print(h, " data-ez-shortcut=\"%s\"", p->shortcut);
    if (p->disabled) {
        ez_print(h, " disabled");
        node_no_event(n);
    }
}

/* "ctrl+enter" as a person reads it on the key caps: Ctrl+Enter. */
static void print_keys(ez_html *h, const char *keys)
{
    ez_print(h, "<kbd class=\"ez-button-shortcut\" aria-hidden=\"true\">");
    bool first = true;
    for (; *keys; keys++) {
        ez_print(h, "%c", first ? plain_upper(*keys) : *keys);
        first = *keys == '+';
    }
    ez_print(h, "</kbd>");
}

void press_end(node *n, const press *p)
{
    ez_html *h = node_html(n);
    ez_print(h, ">");
    if (!p->icon_end) node_icon(n, p->icon);
    ez_print(h, "<span class=\"ez-button-label\">");
    node_label_line(n, p->label);
    ez_print(h, "</span>");
    if (p->icon_end) node_icon(n, p->icon);
    if (p->shortcut) print_keys(h, p->shortcut);
    ez_print(h, "</button>");
    node_close(n);
}
