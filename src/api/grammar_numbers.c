/* grammar_numbers.c: numbers between two bounds as a grammar of their digits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar_inside.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST 999999999999999.0     /* fifteen digits */

/* The whole numbers that the bounds leave, and those from which and up to which fractions lie within them. */
typedef struct span { double low, high, from, to; bool given; } span;

static bool limit(maker *m, const cJSON *schema, const char *keyword, double otherwise, double *out, span *s)
{
    const cJSON *v = grammar_member(schema, keyword);
    *out = v ? v->valuedouble : otherwise;
    s->given = s->given || v;
    if (v && !cJSON_IsNumber(v)) return grammar_refuse(m, keyword, "is no number");
    if (!(fabs(*out) <= MOST + 1)) return grammar_refuse(m, keyword, "is beyond ± 1e15, which a grammar cannot keep");
    return true;
}

static bool span_of(maker *m, const cJSON *schema, span *s)
{
    double low, high, above, below;
    *s = (span){ .given = false };
    if (!limit(m, schema, "minimum", -MOST, &low, s) || !limit(m, schema, "maximum", MOST, &high, s) || !limit(m, schema, "exclusiveMinimum", -MOST - 1, &above, s) ||
        !limit(m, schema, "exclusiveMaximum", MOST + 1, &below, s))
        return false;
    s->low = fmax(fmax(ceil(low), floor(above) + 1), -MOST);
    s->high = fmin(fmin(floor(high), ceil(below) - 1), MOST);
    s->from = fmax(ceil(fmax(low, above)), -MOST);
    s->to = fmin(floor(fmin(high, below)), MOST);
    return true;
}

static void put_digit(text *out, char low, char high)
{
    if (low == high) text_printf(out, "\"%c\" ", low);
    else text_printf(out, "[%c-%c] ", low, high);
}

static void put_any(text *out, int count)
{
    if (count) text_printf(out, "[0-9]{%d} ", count);
}

/* Texts of so many digits between two: those that begin as the lowest does, those that begin as the highest does, and all between. */
static void put_between(text *out, const char *low, const char *high, int count)
{
    static const char nines[] = "999999999999999";
    static const char zeros[] = "000000000000000";
    if (!count) return;
    if (*low == *high) {
        put_digit(out, *low, *high);
        put_between(out, low + 1, high + 1, count - 1);
        return;
    }
    int rest = count - 1, alternatives = 0;
    bool cut_low = (int)strspn(low + 1, "0") < rest, cut_high = (int)strspn(high + 1, "9") < rest;
    char first = (char)(*low + cut_low), last = (char)(*high - cut_high);
    text_puts(out, "(");
    if (cut_low) {
        put_digit(out, *low, *low);
        put_between(out, low + 1, nines + 15 - rest, rest);
        alternatives++;
    }
    if (first <= last) {
        if (alternatives++) text_puts(out, "| ");
        put_digit(out, first, last);
        put_any(out, rest);
    }
    if (cut_high) {
        if (alternatives++) text_puts(out, "| ");
        put_digit(out, *high, *high);
        put_between(out, zeros + 15 - rest, high + 1, rest);
    }
    text_puts(out, ") ");
}

/* The whole numbers between two, neither below 0: those of each length apart. */
static void put_range(text *out, double low, double high)
{
    char from[32], to[32];
    snprintf(from, sizeof from, "%.0f", fabs(low));
    snprintf(to, sizeof to, "%.0f", fabs(high));
    size_t least = strlen(from), most = strlen(to);
    text_puts(out, "(");
    for (size_t count = least; count <= most; count++) {
        char lowest[32] = "1000000000000000", highest[32] = "9999999999999999";
        if (count == least) memcpy(lowest, from, count);
        if (count == most) memcpy(highest, to, count);
        lowest[count] = highest[count] = 0;
        if (count > least) text_puts(out, "| ");
        put_between(out, lowest, highest, (int)count);
    }
    text_puts(out, ") ");
}

/* One alternative, if there is such a number. */
static void put_part(text *out, bool negative, double low, double high, const char *behind)
{
    if (low > high) return;
    if (out->count) text_puts(out, "| ");
    if (negative) text_puts(out, "\"-\" ");
    put_range(out, low, high);
    text_puts(out, behind);
}

bool grammar_number(maker *m, const cJSON *schema, bool integer, text *out)
{
    span s;
    text parts = { .arena = m->arena };
    if (!span_of(m, schema, &s)) return false;
    if (!s.given) {
        text_puts(out, integer ? "integer" : "number");
        return true;
    }
    put_part(&parts, false, fmax(s.low, 0), s.high, "");
    put_part(&parts, true, fmax(-s.high, 1), -s.low, "");
    if (!integer) {
        /* 3.7 is between 3 and 4, -3.7 between -4 and -3; a fraction is never a whole number. */
        put_part(&parts, false, fmax(s.from, 0), s.to - 1, "fraction ");
        put_part(&parts, true, fmax(-s.to, 0), -s.from - 1, "fraction ");
    }
    if (!parts.count) return grammar_refuse(m, NULL, "leaves no number that a grammar can say: no whole number lies within its bounds");
    text_add(out, parts.at, parts.count);
    return true;
}
