/* text.c: the growing string, and the three ways in which something is written into one: HTML, JSON, numbers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for `more` bytes and the NUL. In an arena the old place is left behind, so doubling wastes at most the same again. */
static char *text_reserve(text *t, size_t more)
{
    size_t need = t->count + more + 1;
    if (need > t->room) {
        size_t room = t->room ? t->room : 64;
        while (room < need) room *= 2;
        if (t->arena) {
            char *at = arena_alloc(t->arena, room);
            if (t->count) memcpy(at, t->at, t->count);
            t->at = at;
        } else {
            t->at = mem_resize(t->at, room);
        }
        t->room = room;
    }
    return t->at + t->count;
}

void text_add(text *t, const void *bytes, size_t count)
{
    char *end = text_reserve(t, count);
    if (count) memcpy(end, bytes, count);
    end[count] = 0;
    t->count += count;
}

void text_puts(text *t, const char *s) { text_add(t, s, strlen(s)); }
void text_putc(text *t, char c) { text_add(t, &c, 1); }

void text_printf(text *t, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = t->room > t->count ? t->room - t->count : 0;
    int count = vsnprintf(room ? t->at + t->count : NULL, room, format, args);
    if (count >= 0 && (size_t)count >= room) vsnprintf(text_reserve(t, (size_t)count), (size_t)count + 1, format, again);
    if (count > 0) t->count += (size_t)count;
    va_end(again);
    va_end(args);
}

void text_url(text *t, const char *s)
{
    for (const unsigned char *c = (const unsigned char *)s; *c; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("-._~", *c);
        if (plain) text_putc(t, (char)*c);
        else text_printf(t, "%%%02X", *c);
    }
}

void text_html(text *t, const char *s, size_t count)
{
    size_t from = 0;
    for (size_t i = 0; i < count; i++) {
        const char *entity;
        switch (s[i]) {
        case '&': entity = "&amp;"; break;
        case '<': entity = "&lt;"; break;
        case '>': entity = "&gt;"; break;
        case '"': entity = "&quot;"; break;
        case '\'': entity = "&#39;"; break;
        default: continue;
        }
        text_add(t, s + from, i - from);
        text_puts(t, entity);
        from = i + 1;
    }
    text_add(t, s + from, count - from);
}

/* The escape for one byte at s, or NULL when it goes out as it is; *used is how many bytes the escape stands for. Bytes
 * that are no UTF-8 become U+FFFD: one such byte in a text frame would make the browser close the connection. */
static const char *text_json_escape(const char *s, size_t left, size_t *used, char room[8])
{
    unsigned char c = (unsigned char)s[0];
    *used = 1;
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
    }
    if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '&') {
        snprintf(room, 8, "\\u%04x", c);
        return room;
    }
    if (c < 0x80) return NULL;
    if (left >= 3 && c == 0xe2 && (unsigned char)s[1] == 0x80 && ((unsigned char)s[2] & 0xfe) == 0xa8) {
        *used = 3;
        return (unsigned char)s[2] == 0xa8 ? "\\u2028" : "\\u2029";
    }
    size_t size = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (size > left || !utf8_valid(s, size)) return "\\ufffd";
    *used = size;
    return NULL;
}

void text_json(text *t, const char *s, size_t count)
{
    char room[8];
    size_t from = 0, used;
    text_putc(t, '"');
    for (size_t i = 0; i < count; i += used) {
        const char *escape = text_json_escape(s + i, count - i, &used, room);
        if (!escape) continue;
        text_add(t, s + from, i - from);
        text_puts(t, escape);
        from = i + used;
    }
    text_add(t, s + from, count - from);
    text_putc(t, '"');
}

void text_json_wire(text *t, const char *s, size_t count)
{
    size_t from = 0;
    if (!utf8_valid(s, count)) {
        text_json(t, s, count);
        return;
    }
    text_putc(t, '"');
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        text_add(t, s + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\') text_putc(t, '\\'), text_putc(t, (char)c);
        else if (c == '\n') text_puts(t, "\\n");
        else text_printf(t, "\\u%04x", c);
    }
    text_add(t, s + from, count - from);
    text_putc(t, '"');
}

/* "1,5e+09" of some locale becomes "1.5e9". */
static void text_number_plain(text *t, const char *s)
{
    const char *point = localeconv()->decimal_point, *p = *point ? strstr(s, point) : NULL, *e = strchr(s, 'e');
    const char *end = e ? e : s + strlen(s);
    if (p) {
        text_add(t, s, (size_t)(p - s));
        text_putc(t, '.');
        s = p + strlen(point);
    }
    text_add(t, s, (size_t)(end - s));
    if (e) text_printf(t, "e%d", atoi(e + 1));
}

void text_number(text *t, double v)
{
    char s[40];
    if (!isfinite(v)) { text_puts(t, "null"); return; }
    if (fabs(v) < 1e15 && v == (double)(long long)v) { text_printf(t, "%lld", (long long)v); return; }
    /* %g drops zeros at the end, so 15 digits are the shortest form of all that fits in 15; denormals hold fewer. */
    int digits = fabs(v) < DBL_MIN ? 1 : 15;
    do snprintf(s, sizeof s, "%.*g", digits, v);
    while (digits++ < 17 && strtod(s, NULL) != v);
    text_number_plain(t, s);
}

void text_clear(text *t)
{
    t->count = 0;
    if (t->at) t->at[0] = 0;
}

void text_done(text *t)
{
    if (!t->arena) mem_free(t->at);
    t->at = NULL;
    t->count = t->room = 0;
}

char *text_take(text *t)
{
    char *out = t->at ? t->at : t->arena ? arena_text(t->arena, "") : mem_text("");
    t->at = NULL;
    t->count = t->room = 0;
    return out;
}
