/* class_label.c: classes with confidences, the likeliest first. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <math.h>
#include <stdlib.h>

typedef struct rank { const char *name; double part; int at; } rank;

static int likelier(const void *x, const void *y)
{
    const rank *a = x, *b = y;
    return a->part < b->part ? 1 : a->part > b->part ? -1 : a->at - b->at;
}

static void print_rows(ez_html *h, const rank *ranks, int count)
{
    ez_print(h, "<ol class=\"ez-class-label-rows\">");
    for (int i = 0; i < count; i++)
        ez_print(h, "<li class=\"ez-class-label-row\" style=\"--ez-part:%.4f\"><span>%s</span><span class=\"ez-class-label-part\">%.*f %%</span></li>",
                 fmin(1, ranks[i].part), ranks[i].name, ranks[i].part > 0 && ranks[i].part < 0.01 ? 1 : 0, 100 * ranks[i].part);
    ez_print(h, "</ol>");
}

void ez_class_label_put(ez_ui *at, const ez_class_label_args *a)
{
    int count = 0;
    while (a->classes && a->classes[count])
        count++;
    node *n = node_open(at, &class_label_type, &a->call, a->label, a->key);
    rank *ranks = mem_alloc(((size_t)count + 1) * sizeof *ranks);
    for (int i = 0; i < count; i++) {
        double part = a->confidences ? a->confidences[i] : 0;
        if (!isfinite(part) || part < 0)
            part = 0;
        ranks[i] = (rank){ a->classes[i], part, i };
    }
    qsort(ranks, (size_t)count, sizeof *ranks, likelier);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-class-label\"");
    if (a->label) ez_print(h, " role=\"group\" aria-labelledby=\"%s-l\"", node_id(n));
    ez_print(h, ">");
    if (a->label) {
        ez_print(h, "<div class=\"ez-label\"><span id=\"%s-l\">", node_id(n));
        node_label_line(n, a->label);
        ez_print(h, "</span>");
        node_help(n, a->help);
        ez_print(h, "</div>");
    }
    if (!a->hide_top || !a->confidences)
        ez_print(h, "<p class=\"ez-class-label-top\">%s</p>", count ? ranks[0].name : "–");
    if (count && a->confidences)
        print_rows(h, ranks, a->num_top_classes > 0 && a->num_top_classes < count ? a->num_top_classes : count);
    ez_print(h, "</div>");
    mem_free(ranks);
    node_close(n);
}
