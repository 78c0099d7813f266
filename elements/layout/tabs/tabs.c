/* tabs.c: several views of which one is seen. The tabs stand in each ez-tab; this holds them together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_tabs_put(ez_ui *at, const ez_tabs_args *a)
{
    node *n = node_open(at, &tabs_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<ez-tabs class=\"ez-tabs\"");
    if (a->fill) ez_print(h, " data-fill");
    ez_print(h, "><div class=\"ez-tabs-list\" role=\"tablist\" data-ez-own></div><div class=\"ez-tabs-line\"");
    node_print_place(n, 0);
    ez_print(h, "></div></ez-tabs>");
    node_close(n);
    return node_place(n, 0);
}
