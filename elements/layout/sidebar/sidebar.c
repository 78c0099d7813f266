/* sidebar.c: the part beside the page. The page's shell holds its frame, its button and the pages' list. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_sidebar_put(ez_ui *at, const ez_sidebar_args *a)
{
    node *n = node_open(at, &sidebar_type, &a->call, NULL, NULL);
    node_fixed(n, 1);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-sidebar ez-place\"");
    node_print_place(n, 0);
    ez_print(h, "></div>");
    node_close(n);
    return node_place(n, 0);
}
