/* dialog.c: a question above the page: native <dialog>, opened as a modal one by the browser's part. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

ez_ui *ez_dialog_put(ez_ui *at, const ez_dialog_args *a)
{
    static const char *const widths[] = { "medium", "small", "large" };
    node *n = node_open(at, &dialog_type, &a->call, NULL, a->key);
    bool open = node_open_state(n, false);
    node_fixed(n, 3);
    ez_html *h = node_html(n);
    ez_print(h, "<dialog class=\"ez-dialog\" data-width=\"%s\" data-ez-value=\"open\" data-ez-run aria-labelledby=\"%s-t\" closedby=\"%s\"",
             widths[a->width >= 0 && a->width < 3 ? a->width : 0], node_id(n), a->not_dismissible ? "none" : "any");
    node_print_value(n, open ? " open" : "");
    ez_print(h, "><div class=\"ez-dialog-head\">");
    node_icon(n, a->icon);
    ez_print(h, "<h2 id=\"%s-t\">", node_id(n));
    node_markdown_line(n, a->title);
    ez_print(h, "</h2>");
    if (!a->not_dismissible) {
        ez_print(h, "<form method=\"dialog\"><button class=\"ez-dialog-close ez-icon-button\" aria-label=\"Close\">");
        node_icon(n, "close");
        ez_print(h, "</button></form>");
    }
    ez_print(h, "</div><div class=\"ez-dialog-body ez-place\"");
    node_print_place(n, 0);
    ez_print(h, "></div></dialog>");
    node_close(n);
    if (!open) place_closed(node_place(n, 0));
    return node_place(n, 0);
}
