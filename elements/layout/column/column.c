/* column.c: one part of a row. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_column_put(ez_ui *at, const ez_column_args *a)
{
    node *n = node_open(at, &column_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-column ez-place\"");
    if (a->border) ez_print(h, " data-border");
    if (a->weight > 0 && a->weight != 1) ez_print(h, " style=\"--ez-weight:%g\"", a->weight);
    node_print_place(n, 0);
    ez_print(h, "></div>");
    node_close(n);
    return node_place(n, 0);
}
