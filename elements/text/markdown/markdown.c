/* markdown.c: formatted text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

void ez_markdown_put(ez_ui *at, const ez_markdown_args *a)
{
    node *n = node_open(at, &markdown_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-markdown\"><div class=\"ez-prose\" data-ez-end>");
    node_print_shown_markdown(n, a->text);
    ez_print(h, "</div>");
    node_help(n, a->help);
    ez_print(h, "</div>");
    node_close(n);
}
