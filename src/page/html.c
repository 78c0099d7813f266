/* html.c: the one way from C to markup: a printf that escapes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
        if (!strncasecmp(s, schemes[i], strlen(schemes[i])))
            return true;
    return false;
}

static void print_string(text *out, const char *s)
{
    if (!s)
        s = "";
    if (after_address(out) && !address_safe(s))
        s = "#";
    text_html(out, s, strlen(s));
}

/* One conversion other than %s, by the C library; its output holds no character that needs escaping but those of %c. */
static void print_other(text *out, const char *spec, size_t count, va_list *args)
{
    char format[32], made[512];
    char kind = spec[count - 1];
    bool wide = memchr(spec, 'l', count) != NULL, wider = memmem(spec, count, "ll", 2) != NULL, size = memchr(spec, 'z', count) != NULL;
    snprintf(format, sizeof format, "%.*s", (int)(count < sizeof format ? count : sizeof format - 1), spec);
    if (strchr("di", kind)) {
        if (wider) snprintf(made, sizeof made, format, va_arg(*args, long long));
        else if (size) snprintf(made, sizeof made, format, va_arg(*args, ssize_t));
        else if (wide) snprintf(made, sizeof made, format, va_arg(*args, long));
        else snprintf(made, sizeof made, format, va_arg(*args, int));
    } else if (strchr("uxXo", kind)) {
        if (wider) snprintf(made, sizeof made, format, va_arg(*args, unsigned long long));
        else if (size) snprintf(made, sizeof made, format, va_arg(*args, size_t));
        else if (wide) snprintf(made, sizeof made, format, va_arg(*args, unsigned long));
        else snprintf(made, sizeof made, format, va_arg(*args, unsigned));
    } else if (kind == 'c') {
        char c[2] = { (char)va_arg(*args, int), 0 };
        text_html(out, c, 1);
        return;
    } else if (kind == 'g' && count == 2) {
        text_number(out, va_arg(*args, double));
        return;
    } else {
        snprintf(made, sizeof made, format, va_arg(*args, double));
        for (char *c = made; *c; c++)
            if (*c == ',')
                *c = '.';                       /* a locale's decimal comma */
    }
    text_puts(out, made);
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
        char kind = percent[count++];
        at = percent + count;
        if (kind == '%') {
            text_putc(out, '%');
        } else if (kind == 's') {
            const char *dot = memchr(percent, '.', count);
            const char *s;
            if (dot && dot[1] == '*') {
                int most = va_arg(args, int);
                s = va_arg(args, const char *);
                text_html(out, s, strnlen(s, (size_t)(most < 0 ? 0 : most)));
            } else {
                print_string(out, va_arg(args, const char *));
            }
        } else if (kind) {
            print_other(out, percent, count, &args);
        } else {
            break;
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
