/* examples.c: rows of values for controls: buttons of one value, or a table with a button in each row. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_KEYS = 64 };

/* Takes "name, times" apart; the number of keys. */
static int read_keys(ez_ui *at, const char *keys, const char *out[MOST_KEYS])
{
    int count = 0;
    for (const char *s = keys; s && *s && count < MOST_KEYS;) {
        s += strspn(s, ", ");
        size_t length = strcspn(s, ", ");
        if (length) out[count++] = ez_fmt(at, "%.*s", (int)length, s);
        s += length;
    }
    return count;
}

static void print_button(ez_html *h, int row, const char *words, bool disabled)
{
    ez_print(h, "<button type=\"button\" class=\"ez-examples-row\" data-ez-trigger=\"choose\" value=\"%d\"%s>%s</button>", row, disabled ? " disabled" : "", *words ? words : "(empty)");
}

static void print_table(ez_html *h, const ez_examples_args *a, const char *const *keys, int columns, int rows)
{
    ez_print(h, "<div class=\"ez-examples-scroll\"><table><thead><tr>");
    for (int i = 0; i < columns; i++)
        ez_print(h, "<th scope=\"col\">%s</th>", a->columns ? a->columns[i] : keys[i]);
    ez_print(h, "</tr></thead><tbody>");
    for (int row = 0; row < rows; row++) {
        const char *const *cell = a->rows + (size_t)row * (size_t)columns;
        ez_print(h, "<tr><td>");
        print_button(h, row, cell[0], a->disabled);
        ez_print(h, "</td>");
        for (int i = 1; i < columns; i++)
            ez_print(h, "<td>%s</td>", cell[i]);
        ez_print(h, "</tr>");
    }
    ez_print(h, "</tbody></table></div>");
}

int ez_examples_put(ez_ui *at, const ez_examples_args *a)
{
    const char *keys[MOST_KEYS];
    int columns = read_keys(at, a->keys, keys), cells = 0, heads = 0;
    while (a->rows && a->rows[cells])
        cells++;
    while (a->columns && a->columns[heads])
        heads++;
    if (!columns || cells % columns || (a->columns && heads != columns)) {
        node_mistake(at, &a->call, "the examples for \"%s\" have %d values: give as many in each row as there are keys, and as many .columns", a->keys ? a->keys : "", cells);
        return -1;
    }
    int rows = cells / columns;
    node *n = node_open(at, &examples_type, &a->call, a->keys, a->key);
    if (a->disabled) node_no_event(n);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-examples\" role=\"group\" aria-labelledby=\"%s-l\"><div class=\"ez-label\"><span id=\"%s-l\">", node_id(n), node_id(n));
    node_label_line(n, a->label ? a->label : "Examples");
    ez_print(h, "</span></div>");
    if (columns > 1) {
        print_table(h, a, keys, columns, rows);
    } else {
        ez_print(h, "<div class=\"ez-examples-line\">");
        for (int row = 0; row < rows; row++)
            print_button(h, row, a->rows[row], a->disabled);
        ez_print(h, "</div>");
    }
    ez_print(h, "</div>");
    node_close(n);

    const char *chosen = node_fired_text(n, "choose");
    int row = chosen ? atoi(chosen) : -1;
    if (row < 0 || row >= rows)
        return -1;
    for (int i = 0; i < columns; i++)
        page_fill(at, keys[i], a->rows[row * columns + i]);
    return row;
}
