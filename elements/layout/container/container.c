/* container.c: elements that belong together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_container_put(ez_ui *at, const ez_container_args *a)
{
    static const char *const gaps[] = { "small", "none", "medium", "large" };
    node *n = node_open(at, &container_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-container ez-place\"");
    if (a->border) ez_print(h, " data-border");
    if (a->gap) ez_print(h, " data-gap=\"%s\"", gaps[a->gap & 3]);
    if (a->height > 0) ez_print(h, " data-scroll tabindex=\"0\" role=\"group\" style=\"--ez-height:%dpx\"", a->height);
    node_print_place(n, 0);
    ez_print(h, "></div>");
    node_close(n);
    return node_place(n, 0);
}
