/* spinner.c: something takes a while. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

void ez_spinner_put(ez_ui *at, const ez_spinner_args *a)
{
    node *n = node_open(at, &spinner_type, &a->call, a->text, NULL);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-spinner\" role=\"status\"><span class=\"ez-spinner-mark\" aria-hidden=\"true\"></span><span>");
    node_markdown_line(n, a->text);
    ez_print(h, "</span>");
    if (a->show_time)
        ez_print(h, "<ez-elapsed class=\"ez-spinner-time\" aria-hidden=\"true\" data-ez-own></ez-elapsed>");
    ez_print(h, "</div>");
    place_while_running(n);
    node_close(n);
}
