/* text.c: a paragraph of plain text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

void ez_text_put(ez_ui *at, const ez_text_args *a)
{
    node *n = node_open(at, &text_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<p class=\"ez-text\"");
    if (a->mono) ez_print(h, " data-mono");
    ez_print(h, ">");
    if (a->help) ez_print(h, "<span>");
    node_print_shown(n, a->text);
    if (a->help) ez_print(h, "</span>");
    node_help(n, a->help);
    ez_print(h, "</p>");
    node_close(n);
}
