/* text_input.c: a line of text, or a field that grows with it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../field.h"
#include "gen/elements_gen.h"

static const char *const kinds[] = { "text", "password", "email", "url", "tel", "search" };

static void print_common(node *n, ez_ui *at, const ez_text_input_args *a, const field *f)
{
    ez_html *h = node_html(n);
    ez_print(h, " data-ez-value=\"text\" maxlength=\"%d\"", a->max_chars > 0 ? a->max_chars : 100000);
    if (a->live) ez_print(h, " data-ez-live");
    if (a->key && !node_in_form(at)) ez_print(h, " data-ez-submit");
    if (a->placeholder)  ez_print(h, " placeholder=\"%s\"", a->placeholder);
    if (a->autocomplete) ez_print(h, " autocomplete=\"%s\"", a->autocomplete);
    if (a->autofocus)    ez_print(h, " autofocus");
    field_control(n, f, a->disabled);
}

static void print_reveal(node *n)
{
    ez_print(node_html(n), "<ez-reveal class=\"ez-reveal\"><button type=\"button\" class=\"ez-icon-button\" aria-label=\"Show what is typed\" aria-pressed=\"false\">");
    node_icon(n, "eye");
    ez_print(node_html(n), "</button></ez-reveal>");
}

const char *ez_text_input_put(ez_ui *at, const ez_text_input_args *a)
{
    field f = { a->label, a->help, a->hide_label, a->collapse_label, a->required };
    int kind = a->kind >= 0 && a->kind < COUNT(kinds) ? a->kind : 0;
    node *n = node_open(at, &text_input_type, &a->call, a->label, a->key);
    const char *value = node_text(n, a->value, a->max_chars, a->disabled);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-text-input ez-field\">");
    field_label(n, &f);
    ez_print(h, "<div class=\"ez-input-group\">");
    node_icon(n, a->icon ? a->icon : kind == EZ_TEXT_SEARCH ? "search" : NULL);
    if (a->max_lines > 1) {
        ez_print(h, "<textarea rows=\"1\" style=\"--ez-lines:%d\"", a->max_lines);
        print_common(n, at, a, &f);
        ez_print(h, ">");
        node_print_value(n, "%s", value);
        ez_print(h, "</textarea>");
    } else {
        ez_print(h, "<input type=\"%s\"", kinds[kind]);
        print_common(n, at, a, &f);
        node_print_value(n, " value=\"%s\"", value);
        ez_print(h, ">");
        if (kind == EZ_TEXT_PASSWORD)
            print_reveal(n);
    }
    ez_print(h, "</div>");
    if (a->max_chars > 0)
        ez_print(h, "<ez-count class=\"ez-count\" data-max=\"%d\" data-ez-own></ez-count>", a->max_chars);
    field_end(n);
    ez_print(h, "</div>");
    node_close(n);
    return value;
}
