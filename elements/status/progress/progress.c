/* progress.c: how far something is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"

void ez_progress_put(ez_ui *at, const ez_progress_args *a)
{
    double fraction = a->fraction > 1 ? 1 : (double)a->fraction;
    if (page_in_job(at)) {
        page_job_progress(at, fraction, a->text);
        return;
    }
    node *n = node_open(at, &progress_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-progress\">");
    if (a->text) {
        ez_print(h, "<div class=\"ez-progress-text\"><span id=\"%s-l\">", node_id(n));
        node_markdown_line(n, a->text);
        ez_print(h, "</span>");
        if (fraction >= 0) ez_print(h, "<span class=\"ez-progress-number\">%.0f %%</span>", 100 * fraction);
        ez_print(h, "</div>");
    }
    ez_print(h, "<progress");
    if (a->text) ez_print(h, " aria-labelledby=\"%s-l\"", node_id(n));
    else         ez_print(h, " aria-label=\"Progress\"");
    if (fraction >= 0) ez_print(h, " value=\"%g\"", fraction);
    ez_print(h, "></progress></div>");
    node_close(n);
}
