/* row.c: places beside each other. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_row_put(ez_ui *at, const ez_row_args *a)
{
    static const char *const gaps[] = { "small", "none", "medium", "large" }, *const aligns[] = { "top", "center", "bottom" };
    node *n = node_open(at, &row_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-row\" data-gap=\"%s\" data-align=\"%s\"", gaps[a->gap & 3], aligns[a->align % 3]);
    if (a->no_wrap) ez_print(h, " data-no-wrap");
    ez_print(h, "><div class=\"ez-row-line\"");
    node_print_place(n, 0);
    ez_print(h, "></div></div>");
    node_close(n);
    return node_place(n, 0);
}
