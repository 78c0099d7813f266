/* field.c: label, reason and figures of the inputs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The mark stands beside the label: the control says `required` by itself. */
static void label_end(node *n, const field *f)
{
    if (f->required)
        ez_print(node_html(n), "<span class=\"ez-required\" aria-hidden=\"true\">*</span>");
    node_help(n, f->help);
}

static void label_start(node *n, const field *f, const char *tag)
{
    ez_html *h = node_html(n);
    ez_print(h, "<%s class=\"ez-label\"", tag);
    if (f->collapse_label)  ez_print(h, " data-state=\"collapsed\"");
    else if (f->hide_label) ez_print(h, " data-state=\"hidden\"");
    ez_print(h, ">");
}

void field_label(node *n, const field *f)
{
    ez_html *h = node_html(n);
    label_start(n, f, "div");
    ez_print(h, "<label for=\"%s-c\">", node_id(n));
    node_label_line(n, f->label);
    ez_print(h, "</label>");
    label_end(n, f);
    ez_print(h, "</div>");
}

void field_legend(node *n, const field *f)
{
    ez_html *h = node_html(n);
    label_start(n, f, "legend");
    ez_print(h, "<span>");
    node_label_line(n, f->label);
    ez_print(h, "</span>");
    label_end(n, f);
    ez_print(h, "</legend>");
}

void field_control(node *n, const field *f, bool disabled)
{
    ez_html *h = node_html(n);
    ez_print(h, " id=\"%s-c\"", node_id(n));
    if (f->help) ez_print(h, " aria-describedby=\"%s-e %s-help\"", node_id(n), node_id(n));
    else         ez_print(h, " aria-describedby=\"%s-e\"", node_id(n));
    if (node_invalid(n)) ez_print(h, " aria-invalid=\"true\"");
    if (f->required) ez_print(h, " required");
    if (disabled) ez_print(h, " disabled");
    node_required(n, f->required);
}

void field_end(node *n)
{
    const char *why = node_invalid(n);
    ez_print(node_html(n), "<p class=\"ez-invalid\" id=\"%s-e\">%s</p>", node_id(n), why ? why : "");
}

/* ---- figures ---------------------------------------------------------------------------------------------------- */

/* Finds the one conversion. NULL when there is none, a second one, or one of another kind. */
static const char *conversion(const char *format, size_t *count)
{
    const char *found = NULL;
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
        if (at[1] == '%') {
            at += 2;
            continue;
        }
        size_t flags = strspn(at + 1, "-+ #0"), width = strspn(at + 1 + flags, "0123456789");
        const char *p = at + 1 + flags + width;
        size_t precision = *p == '.' ? 1 + strspn(p + 1, "0123456789") : 0;
        p += precision;
        if (found || width > 2 || precision > 3 || !*p || !strchr("difgeFGE", *p))
            return NULL;
        found = at;
        *count = (size_t)(p + 1 - at);
        at = p + 1;
    }
    return found;
}

bool field_format_valid(const char *format)
{
    size_t count;
    return !format || conversion(format, &count);
}

int field_digits(double step)
{
    for (int digits = 0; digits < 10; digits++) {
        double shifted = step * pow(10, digits);
        if (fabs(shifted - nearbyint(shifted)) < 1e-6 * fmax(1, fabs(shifted)))
            return digits;
    }
    return -1;
}

static void plain_number(char *out, size_t room, int digits, double v)
{
    if (digits >= 0) {
        snprintf(out, room, "%.*f", digits, v);
    } else {
        text t = { 0 };
        text_number(&t, v);
        snprintf(out, room, "%s", t.at);
        text_done(&t);
    }
    char *comma = strchr(out, ',');                /* of the locale */
    if (comma)
        *comma = '.';
}

void field_number(char *out, size_t room, const char *format, int digits, double v)
{
    size_t count = 0;
    const char *at = format ? conversion(format, &count) : NULL;
    if (!at) {
        plain_number(out, room, digits, v);
        return;
    }
    char spec[16], number[400];
    bool whole = strchr("di", at[count - 1]) != NULL;
    snprintf(spec, sizeof spec, whole ? "%.*s.0f" : "%.*s", (int)(whole ? count - 1 : count), at);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(number, sizeof number, spec, v);      /* spec holds one conversion of a double: checked above */
#pragma GCC diagnostic pop
    char *comma = strchr(number, ',');
    if (comma)
        *comma = '.';
    size_t used = 0;
    for (const char *p = format; *p && used + 1 < room;) {
        if (p == at) {
            int n = snprintf(out + used, room - used, "%s", number);
            used = n < 0 || used + (size_t)n >= room ? room - 1 : used + (size_t)n;
            p += count;
        } else {
            out[used++] = *p;
            p += p[0] == '%' && p[1] == '%' ? 2 : 1;
        }
    }
    out[used] = 0;
}
