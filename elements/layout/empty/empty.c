/* empty.c: room for one element. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_empty_put(ez_ui *at, const ez_empty_args *a)
{
    node *n = node_open(at, &empty_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-empty\"");
    node_print_place(n, 0);
    ez_print(h, "></div>");
    node_close(n);
    place_single(node_place(n, 0));
    return node_place(n, 0);
}
