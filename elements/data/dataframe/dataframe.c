/* dataframe.c: rows in a table, to read. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "input/field.h"
#include "gen/elements_gen.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A table of either kind: fields of a record, or columns of text. */
typedef struct frame { const ez_dataframe_args *a; const ez_record *record; int columns, rows, shown; bool *numbers; } frame;

static bool numeric(ez_kind kind)
{
    return kind == EZ_KIND_INT || kind == EZ_KIND_LONG || kind == EZ_KIND_NUM;
}

static const char *cell(const frame *f, int row, int column)
{
    return f->a->cells[(size_t)row * (size_t)f->columns + (size_t)column];
}

static bool is_number(const char *s, double *v)
{
    char *end;
    *v = plain_real(s, &end);
    return *s && !*end && isfinite(*v) && !isspace((unsigned char)*s);
}

/* What a column of text holds: numbers, when each cell that says something is one. */
static bool column_of_numbers(const frame *f, int column)
{
    double v;
    bool any = false;
    for (int i = 0; i < f->rows; i++) {
        const char *s = cell(f, i, column);
        if (*s && !is_number(s, &v))
            return false;
        any = any || *s;
    }
    return any;
}

static void print_number(ez_html *h, const ez_field *field, double v)
{
    char said[128];
    if (!isfinite(v)) {
        ez_print(h, "<td data-kind=\"number\"></td>");
        return;
    }
    field_number(said, sizeof said, field->format && field_format_valid(field->format) ? field->format : NULL, field->kind == EZ_KIND_NUM ? -1 : 0, v);
    ez_print(h, "<td data-kind=\"number\" data-v=\"%g\">%s</td>", v, said);
}

static void print_bool(node *n, bool on)
{
    ez_html *h = node_html(n);
    ez_print(h, "<td data-kind=\"bool\" data-v=\"%d\">", on);
    if (on) node_icon(n, "check");
    ez_print(h, "<span class=\"ez-vh\">%s</span></td>", on ? "yes" : "no");
}

static void print_member(node *n, const ez_field *field, const char *at)
{
    ez_html *h = node_html(n);
    ez_date date;
    switch (field->kind) {
    case EZ_KIND_BOOL:  print_bool(n, *(const bool *)at); break;
    case EZ_KIND_INT:   print_number(h, field, *(const int *)at); break;
    case EZ_KIND_LONG:  print_number(h, field, (double)*(const long long *)at); break;
    case EZ_KIND_NUM:   print_number(h, field, *(const double *)at); break;
    case EZ_KIND_CHARS: ez_print(h, "<td>%.*s</td>", (int)strnlen(at, field->size), at); break;
    case EZ_KIND_TEXT:  ez_print(h, "<td>%s</td>", *(const char *const *)at); break;
    case EZ_KIND_DATE:
        date = *(const ez_date *)at;
        if (date.year) ez_print(h, "<td data-kind=\"date\">%04d-%02d-%02d</td>", date.year, date.month, date.day);
        else ez_print(h, "<td data-kind=\"date\"></td>");
        break;
    default: ez_print(h, "<td></td>"); break;
    }
}

static void print_text(ez_html *h, const frame *f, int row, int column)
{
    const char *s = cell(f, row, column);
    double v;
    if (f->numbers[column] && is_number(s, &v)) ez_print(h, "<td data-kind=\"number\" data-v=\"%g\">%s</td>", v, s);
    else ez_print(h, "<td>%s</td>", s);
}

static void print_head(ez_html *h, const frame *f, int column)
{
    const ez_field *field = f->record ? record_field(f->record, column) : NULL;
    const char *name = field ? (field->label ? field->label : field->name) : f->a->columns[column];
    ez_print(h, "<th scope=\"col\"");
    if (field ? numeric(field->kind) : f->numbers[column]) ez_print(h, " data-kind=\"number\"");
    if (field && field->help) ez_print(h, " title=\"%s\"", field->help);
    if (f->a->no_sort) ez_print(h, ">%s</th>", name);
    else ez_print(h, " aria-sort=\"none\"><button type=\"button\" data-act=\"sort\">%s</button></th>", name);
}

static void print_table(node *n, const frame *f)
{
    ez_html *h = node_html(n);
    ez_print(h, "<table><thead><tr>");
    for (int i = 0; i < f->columns; i++)
        print_head(h, f, i);
    ez_print(h, "</tr></thead><tbody>");
    for (int row = 0; row < f->shown; row++) {
        ez_print(h, "<tr>");
        for (int i = 0; i < f->columns; i++) {
            if (!f->record) print_text(h, f, row, i);
            else print_member(n, record_field(f->record, i), (char *)ez_list_at(f->a->rows, row) + record_field(f->record, i)->offset);
        }
        ez_print(h, "</tr>");
    }
    ez_print(h, "</tbody></table>");
}

static void print_bar(node *n, const ez_dataframe_args *a)
{
    ez_html *h = node_html(n);
    if (!a->label && a->hide_copy)
        return;
    ez_print(h, "<div class=\"ez-dataframe-bar\"><div class=\"ez-label\"><span id=\"%s-l\">", node_id(n));
    node_label_line(n, a->label ? a->label : "");
    ez_print(h, "</span>");
    node_help(n, a->help);
    ez_print(h, "</div>");
    if (!a->hide_copy) {
        ez_print(h, "<button type=\"button\" class=\"ez-icon-button\" data-act=\"copy\" aria-label=\"Copy the table\" title=\"Copy the table\">");
        node_icon(n, "copy");
        ez_print(h, "</button>");
    }
    ez_print(h, "</div>");
}

/* Fills in what is shown; false: a mistake of the program, which was told. */
static bool frame_read(ez_ui *at, const ez_dataframe_args *a, frame *f)
{
    if (a->rows) {
        f->record = list_record(a->rows);
        f->columns = f->record->count;
        f->rows = ez_list_count(a->rows);
    } else {
        int cells = 0;
        while (a->columns && a->columns[f->columns])
            f->columns++;
        while (a->cells && a->cells[cells])
            cells++;
        f->rows = f->columns ? cells / f->columns : 0;
        if (!f->columns || cells % f->columns) {
            node_mistake(at, &a->call, "the dataframe has %d columns and %d cells: give rows from ez_list_over, or .columns and .cells with as many cells in each row", f->columns, cells);
            return false;
        }
    }
    int most = a->max_rows > 0 ? a->max_rows : 1000;
    f->shown = f->rows < most ? f->rows : most;
    return true;
}

void ez_dataframe_put(ez_ui *at, const ez_dataframe_args *a)
{
    frame f = { .a = a };
    if (!frame_read(at, a, &f))
        return;
    f.numbers = mem_alloc((size_t)f.columns + 1);
    for (int i = 0; !f.record && i < f.columns; i++)
        f.numbers[i] = column_of_numbers(&f, i);
    node *n = node_open(at, &dataframe_type, &a->call, a->label, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<ez-dataframe class=\"ez-dataframe\" style=\"--ez-dataframe-height:%dpx\">", a->height > 0 ? a->height : 400);
    print_bar(n, a);
    ez_print(h, "<div class=\"ez-dataframe-scroll\" tabindex=\"0\" role=\"group\"");
    if (a->label) ez_print(h, " aria-labelledby=\"%s-l\">", node_id(n));
    else ez_print(h, " aria-label=\"Table\">");
    print_table(n, &f);
    ez_print(h, "</div>");
    if (!f.rows) ez_print(h, "<p class=\"ez-dataframe-note\">No rows.</p>");
    else if (f.shown < f.rows) ez_print(h, "<p class=\"ez-dataframe-note\">The first %d of %d rows.</p>", f.shown, f.rows);
    ez_print(h, "</ez-dataframe>");
    mem_free(f.numbers);
    node_close(n);
}
