/* text_area.c: several lines of text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../field.h"
#include "gen/elements_gen.h"

const char *ez_text_area_put(ez_ui *at, const ez_text_area_args *a)
{
    field f = { a->label, a->help, a->hide_label, a->collapse_label, a->required };
    int lines = a->lines > 0 ? a->lines : 4, most = a->max_lines > lines ? a->max_lines : lines;
    node *n = node_open(at, &text_area_type, &a->call, a->label, a->key);
    const char *value = node_text(n, a->value, a->max_chars, a->disabled);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-text-area ez-field\">");
    field_label(n, &f);
    ez_print(h, "<textarea rows=\"%d\" style=\"--ez-rows:%d;--ez-lines:%d\" data-ez-value=\"text\" maxlength=\"%d\"", lines, lines, most,
             a->max_chars > 0 ? a->max_chars : 100000);
    if (most > lines)   ez_print(h, " data-grow");
    if (a->mono)        ez_print(h, " data-mono spellcheck=\"false\"");
    if (a->live)        ez_print(h, " data-ez-live");
    if (a->placeholder) ez_print(h, " placeholder=\"%s\"", a->placeholder);
    if (a->autofocus)   ez_print(h, " autofocus");
    field_control(n, &f, a->disabled);
    ez_print(h, ">");
    node_print_value(n, "\n%s", value);            /* the parser drops the first line break */
    ez_print(h, "</textarea>");
    if (a->max_chars > 0)
        ez_print(h, "<ez-count class=\"ez-count\" data-max=\"%d\" data-ez-own></ez-count>", a->max_chars);
    field_end(n);
    ez_print(h, "</div>");
    node_close(n);
    return value;
}
