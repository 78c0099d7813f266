/* slide.c: a native range input, its number beside the label, its bounds below. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "slide.h"
#include <math.h>

/* About a hundredth of the range: 1, 2 or 5 of some decimal place. */
static double nice_step(double range)
{
    double size = pow(10, floor(log10(range / 100)));
    double times = range / 100 / size;
    return size * (times >= 5 - 1e-9 ? 5 : times >= 2 - 1e-9 ? 2 : 1);
}

static bool sensible(ez_ui *at, const ez_call *call, const slide *s)
{
    if (s->min >= s->max || s->max >= (s->whole ? EZ_ANY_INT : EZ_ANY) || s->min <= -(s->whole ? EZ_ANY_INT : EZ_ANY))
        node_mistake(at, call, "the slider \"%s\" cannot go from %g to %g: give a lower and a higher bound", s->field.label, s->min, s->max);
    else if (s->step < 0 || s->step > s->max - s->min)
        node_mistake(at, call, "the slider \"%s\" has a step of %g, which does not fit from %g to %g", s->field.label, s->step, s->min, s->max);
    else if (!field_format_valid(s->format))
        node_mistake(at, call, "the slider \"%s\": the format \"%s\" needs exactly one of %%d %%f %%g %%e", s->field.label, s->format);
    else
        return true;
    return false;
}

static void print_bounds(node *n, const slide *s)
{
    char low[128], high[128];
    field_number(low, sizeof low, s->format, -1, s->min);
    field_number(high, sizeof high, s->format, -1, s->max);
    ez_print(node_html(n), "<div class=\"ez-slider-bounds\" aria-hidden=\"true\"><span>%s</span><span>%s</span></div>", low, high);
}

double slide_put(ez_ui *at, const element_type *type, const char *name, const ez_call *call, const char *key, const slide *s)
{
    if (!sensible(at, call, s))
        return s->min;
    double step = s->step > 0 ? s->step : s->whole ? 1 : nice_step(s->max - s->min);
    int digits = (int)fmax(field_digits(step), field_digits(s->min));
    node *n = node_open(at, type, call, s->field.label, key);
    double v = node_number(n, &(node_limits){ s->min, s->max, step, .initial = s->initial, .whole = s->whole, .disabled = s->disabled });
    char shown[128];
    field_number(shown, sizeof shown, s->format, digits, v);

    ez_html *h = node_html(n);
    ez_print(h, "<ez-slider class=\"%s ez-field\" data-digits=\"%d\"", name, digits);
    if (s->format) ez_print(h, " data-format=\"%s\"", s->format);
    ez_print(h, "><div class=\"ez-slider-head\">");
    field_label(n, &s->field);
    ez_print(h, "<output class=\"ez-slider-value\" for=\"%s-c\" data-ez-own>", node_id(n));
    node_print_value(n, "%s", shown);
    ez_print(h, "</output></div><input type=\"range\" min=\"%g\" max=\"%g\" step=\"%g\" data-ez-value=\"%s\"", s->min, s->max, step, s->whole ? "int" : "number");
    field_control(n, &s->field, s->disabled);
    node_print_value(n, " value=\"%g\" aria-valuetext=\"%s\" style=\"--ez-at:%.4g\"", v, shown, (v - s->min) / (s->max - s->min));
    ez_print(h, ">");
    if (!s->hide_bounds)
        print_bounds(n, s);
    field_end(n);
    ez_print(h, "</ez-slider>");
    node_close(n);
    return v;
}
