/* highlighted_text.c: text of which parts have a category or a score. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <math.h>
#include <string.h>

enum { COLOURS = 8 };

typedef struct named { const char *category; int number; } named;
typedef struct marks { const ez_highlighted_text_args *a; int count; LIST(named) names; } marks;

static const char *category(const marks *m, int i)
{
    return m->a->categories ? m->a->categories[i] : "";
}

/* Categories are counted in the order in which they first come. */
static int number_of(marks *m, const char *name)
{
    for (int i = 0; i < m->names.count; i++)
        if (!strcmp(m->names.at[i].category, name))
            return m->names.at[i].number;
    int number = m->names.count;
    *list_add(&m->names) = (named){ name, number };
    return number;
}

static double score(const marks *m, int i)
{
    double s = m->a->scores ? m->a->scores[i] : 0;
    return isfinite(s) ? fmax(-1, fmin(1, s)) : 0;
}

/* Up to which piece one mark goes that begins with piece i. */
static int mark_end(const marks *m, int i)
{
    int end = i + 1;
    while (m->a->combine_adjacent && *category(m, i) && end < m->count && !strcmp(category(m, i), category(m, end)))
        end++;
    return end;
}

static void print_words(ez_html *h, const marks *m, int from, int to)
{
    for (int i = from; i < to; i++)
        ez_print(h, "%s%s", i > from && m->a->adjacent_separator ? m->a->adjacent_separator : "", m->a->spans[i]);
}

/* What is between a word and the next mark is outside of the mark. */
static void print_mark(ez_html *h, marks *m, int from, int to)
{
    const char *name = category(m, from), *class = m->a->hide_categories ? "ez-vh" : "ez-highlighted-text-category";
    double s = score(m, from);
    if (*name) {
        ez_print(h, "<mark data-color=\"%d\">", number_of(m, name) % COLOURS + 1);
        print_words(h, m, from, to);
        ez_print(h, "<span class=\"%s\">&nbsp;%s</span></mark>", class, name);
    } else if (s != 0) {
        ez_print(h, "<mark data-color=\"%d\" style=\"--ez-score:%.2f\">%s<span class=\"%s\">&nbsp;%+.2f</span></mark>", s > 0 ? 1 : 2, fabs(s), m->a->spans[from], class, s);
    } else {
        print_words(h, m, from, to);
    }
}

static void print_legend(node *n, const marks *m)
{
    ez_html *h = node_html(n);
    ez_print(h, "<ul class=\"ez-highlighted-text-legend\">");
    for (int i = 0; i < m->names.count; i++)
        ez_print(h, "<li data-color=\"%d\">%s</li>", i % COLOURS + 1, m->names.at[i].category);
    if (!m->a->categories && m->a->scores)
        ez_print(h, "<li data-color=\"2\">below 0</li><li data-color=\"1\">above 0</li>");
    ez_print(h, "</ul>");
}

void ez_highlighted_text_put(ez_ui *at, const ez_highlighted_text_args *a)
{
    marks m = { .a = a };
    while (a->spans && a->spans[m.count])
        m.count++;
    for (int i = 0; a->categories && i < m.count; i++)
        if (!a->categories[i]) {
            node_mistake(at, &a->call, "the highlighted text has %d pieces and %d categories: give one for each, \"\" for none", m.count, i);
            return;
        }
    for (int i = 0; i < m.count; i++)
        if (*category(&m, i)) number_of(&m, category(&m, i));
    node *n = node_open(at, &highlighted_text_type, &a->call, a->label, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-highlighted-text\">");
    if (a->label) {
        ez_print(h, "<div class=\"ez-label\"><span>");
        node_label_line(n, a->label);
        ez_print(h, "</span>");
        node_help(n, a->help);
        ez_print(h, "</div>");
    }
    if (a->legend) print_legend(n, &m);
    ez_print(h, "<p class=\"ez-highlighted-text-body\" dir=\"auto\">");
    for (int i = 0, end; i < m.count; i = end) {
        end = mark_end(&m, i);
        print_mark(h, &m, i, end);
    }
    ez_print(h, "</p></div>");
    list_done(&m.names);
    node_close(n);
}
