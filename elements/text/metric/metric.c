/* metric.c: one number that matters. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "gen/elements_gen.h"

/* -1 fell, 1 rose, 0 is the same: "-0.8 %" fell, "0 min" changed nothing. */
static int direction(const char *delta)
{
    const char *figures = delta + strcspn(delta, "0123456789");
    if (*figures && !strpbrk(figures, "123456789"))
        return 0;
    return *delta == '-' || !strncmp(delta, "−", strlen("−")) ? -1 : 1;
}

static void print_delta(node *n, const ez_metric_args *a)
{
    static const char *const states[] = { "down", "same", "up" }, *const words[] = { "fell: ", "unchanged: ", "rose: " };
    int way = direction(a->delta), good = a->neutral || !way ? 0 : a->inverse ? -way : way;
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-metric-delta\" data-state=\"%s\" data-tone=\"%s\">", states[way + 1], good > 0 ? "ok" : good < 0 ? "bad" : "none");
    if (!a->hide_arrow && way)
        node_icon(n, way > 0 ? "arrow-up" : "arrow-down");
    ez_print(h, "<span class=\"ez-vh\">%s</span><bdi>", words[way + 1]);
    node_markdown_line(n, a->delta);
    ez_print(h, "</bdi></div>");
}

void ez_metric_put(ez_ui *at, const ez_metric_args *a)
{
    node *n = node_open(at, &metric_type, &a->call, a->label, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-metric\"");
    if (a->border) ez_print(h, " data-border");
    ez_print(h, "><div class=\"ez-metric-label ez-label\"");
    if (a->collapse_label)  ez_print(h, " data-state=\"collapsed\"");
    else if (a->hide_label) ez_print(h, " data-state=\"hidden\"");
    ez_print(h, ">");
    node_icon(n, a->icon);
    ez_print(h, "<span>");
    node_markdown_line(n, a->label);
    ez_print(h, "</span>");
    node_help(n, a->help);
    ez_print(h, "</div><div class=\"ez-metric-value\"><bdi>");
    node_print_shown(n, a->value);
    ez_print(h, "</bdi></div>");
    if (a->delta && *a->delta)
        print_delta(n, a);
    ez_print(h, "</div>");
    node_close(n);
}
