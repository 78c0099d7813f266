/* number.c: a native number input with an icon and two buttons. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"

static bool sensible(ez_ui *at, const ez_call *call, const number *s)
{
    if (s->min > s->max)
        node_mistake(at, call, "the field \"%s\" cannot go from %g to %g: give the lower bound first", s->field.label, s->min, s->max);
    else if (s->step < 0)
        node_mistake(at, call, "the field \"%s\" has a step of %g: give one above 0", s->field.label, s->step);
    else if (!field_format_valid(s->format))
        node_mistake(at, call, "the field \"%s\": the format \"%s\" needs exactly one of %%d %%f %%g %%e", s->field.label, s->format);
    else
        return true;
    return false;
}

/* Signs of the font, which stand as high as the digits. */
static void print_steps(node *n, const number *s)
{
    static const char *const words[] = { "Less", "More" }, *const signs[] = { "\xE2\x88\x92", "+" };
    for (int i = 0; i < 2; i++)
        ez_print(node_html(n), "<button type=\"button\" class=\"ez-step\" data-step=\"%d\" tabindex=\"-1\" aria-label=\"%s\"%s>%s</button>", i ? 1 : -1, words[i], s->disabled ? " disabled" : "", signs[i]);
}

double number_put(ez_ui *at, const element_type *type, const char *name, const ez_call *call, const char *key, const number *s)
{
    if (!sensible(at, call, s))
        return s->start_empty ? -DBL_MAX : s->min;
    double step = s->step > 0 ? s->step : s->whole || s->max - s->min >= 10 ? 1 : 0.01;
    node *n = node_open(at, type, call, s->field.label, key);
    double v = node_number(n, &(node_limits){ s->min, s->max, 0, .initial = s->initial, .whole = s->whole,
                                              .start_empty = s->start_empty, .disabled = s->disabled });
    ez_html *h = node_html(n);
    ez_print(h, "<ez-number class=\"%s ez-field\" data-step=\"%g\"", name, step);
    if (s->format) ez_print(h, " data-format=\"%s\"", s->format);
    ez_print(h, ">");
    field_label(n, &s->field);
    ez_print(h, "<div class=\"ez-input-group\">");
    node_icon(n, s->icon);
    ez_print(h, "<input type=\"number\" inputmode=\"%s\" step=\"%s\" data-ez-value=\"%s\"", s->whole ? "numeric" : "decimal",
             s->whole ? "1" : "any", s->whole ? "int" : "number");
    if (s->min > -DBL_MAX) ez_print(h, " min=\"%g\"", s->min);
    if (s->max < DBL_MAX)  ez_print(h, " max=\"%g\"", s->max);
    if (s->placeholder)    ez_print(h, " placeholder=\"%s\"", s->placeholder);
    if (key && !node_in_form(at)) ez_print(h, " data-ez-submit");
    field_control(n, &s->field, s->disabled);
    char shown[400] = "";
    if (!ez_is_none(v))
        field_number(shown, sizeof shown, s->format, -1, v);
    node_print_value(n, " value=\"%s\"", shown);
    ez_print(h, ">");
    if (!s->hide_steps)
        print_steps(n, s);
    ez_print(h, "</div>");
    field_end(n);
    ez_print(h, "</ez-number>");
    node_close(n);
    return v;
}
