/* html.c: the one way from C to markup: a printf that escapes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text printed so far ends in an attribute that holds an address. */
static bool after_address(const text *out)
{
    static const char *const names[] = { "href=\"", "src=\"", "action=\"", "formaction=\"", "poster=\"" };
    for (int i = 0; i < COUNT(names); i++) {
        size_t count = strlen(names[i]);
        if (out->count >= count && !memcmp(out->at + out->count - count, names[i], count))
            return true;
    }
    return false;
}

/* Relative addresses and http, https, mailto, tel; no scheme hidden behind control characters. */
static bool address_safe(const char *s)
{
    static const char *const schemes[] = { "http:", "https:", "mailto:", "tel:" };
    for (const char *c = s; *c; c++)
        if ((unsigned char)*c < 0x20)
            return false;
    size_t head = strcspn(s, ":/?#");
    if (s[head] != ':')
        return true;
    for (int i = 0; i < COUNT(schemes); i++)
        if (!plain_compare_n(s, schemes[i], strlen(schemes[i])))
            return true;
    return false;
}

static void print_string(text *out, const char *s, size_t count)
{
    char *copy = mem_alloc(count + 1);
    memcpy(copy, s, count);
    if (after_address(out) && !address_safe(copy)) text_puts(out, "#");
    else text_html(out, copy, count);
    mem_free(copy);
}

/* A locale's decimal mark becomes a point: attributes and scripts know no other. */
static void print_plain(text *out, const char *made)
{
    const char *mark = localeconv()->decimal_point, *at = *mark ? strstr(made, mark) : NULL;
    text_add(out, made, at ? (size_t)(at - made) : strlen(made));
    if (at) {
        text_putc(out, '.');
        text_puts(out, at + strlen(mark));
    }
}

/* One conversion other than %s, by the C library; its output holds no character that needs escaping but those of %c. */
static void print_other(text *out, const char *format, va_list *args)
{
    char made[512];
    size_t count = strlen(format);
    char kind = format[count - 1];
    bool wide = strchr(format, 'l') || strchr(format, 'z') || strchr(format, 't') || strchr(format, 'j');     /* all 64 bits here */
    if (strchr("di", kind)) {
        if (wide) snprintf(made, sizeof made, format, va_arg(*args, long));
        else snprintf(made, sizeof made, format, va_arg(*args, int));
        text_puts(out, made);
    } else if (strchr("uxXo", kind)) {
        if (wide) snprintf(made, sizeof made, format, va_arg(*args, unsigned long));
        else snprintf(made, sizeof made, format, va_arg(*args, unsigned));
        text_puts(out, made);
    } else if (kind == 'c') {
        char c[2] = { (char)va_arg(*args, int), 0 };
        text_html(out, c, 1);
    } else if (kind == 'g' && count == 2) {
        text_number(out, va_arg(*args, double));
    } else if (strchr("eEfFgGaA", kind)) {
        snprintf(made, sizeof made, format, va_arg(*args, double));
        print_plain(out, made);
    }
}

/* Copies a conversion with its stars replaced by the numbers given for them. *precision is -1 without one. */
static void read_conversion(char to[64], const char *from, size_t count, va_list *args, int *precision)
{
    size_t n = 0;
    bool dot = false;
    *precision = -1;
    for (size_t i = 0; i < count && n < 40; i++) {
        int star = 0;
        if (from[i] == '*') {
            star = va_arg(*args, int);
            n += (size_t)snprintf(to + n, 16, "%d", star);
        } else {
            to[n++] = from[i];
        }
        if (dot && from[i] == '*') *precision = star;
        else if (dot && from[i] >= '0' && from[i] <= '9') *precision = *precision * 10 + from[i] - '0';
        else if (from[i] == '.') dot = true, *precision = 0;
    }
    to[n] = 0;
}

void html_vprint(text *out, const char *format, va_list given)
{
    va_list args;
    va_copy(args, given);
    for (const char *at = format; *at;) {
        const char *percent = strchrnul(at, '%');
        text_add(out, at, (size_t)(percent - at));
        if (!*percent)
            break;
        size_t count = 1 + strspn(percent + 1, "-+ #0123456789.*lzhjtL");
        char kind = percent[count++], format_one[64];
        int precision;
        if (!kind)
            break;
        at = percent + count;
        read_conversion(format_one, percent, count, &args, &precision);
        if (kind == '%') {
            text_putc(out, '%');
        } else if (kind == 's') {
            const char *s = va_arg(args, const char *);
            s = s ? s : "";
            print_string(out, s, precision < 0 ? strlen(s) : strnlen(s, (size_t)precision));
        } else {
            print_other(out, format_one, &args);
        }
    }
    va_end(args);
}

void ez_print(ez_html *h, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    html_vprint(&h->out, format, args);
    va_end(args);
}
