/* utf8.c: is it UTF-8, and where may it be cut. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <string.h>

/* Bytes of the character that begins with c; 0 when none does. */
static int utf8_size(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
}

/* The second byte carries the limits: no overlong forms (e0, f0), no surrogates (ed), nothing past U+10FFFF (f4). */
static bool utf8_second(unsigned char first, unsigned char c)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return c >= low && c <= high;
}

bool utf8_begins(const char *s, size_t count, size_t *whole)
{
    const unsigned char *p = (const unsigned char *)s, *end = p + count;
    for (;;) {
        uint64_t eight;
        while (end - p >= 8 && (memcpy(&eight, p, 8), !(eight & 0x8080808080808080u))) p += 8;
        *whole = (size_t)(p - (const unsigned char *)s);
        if (p == end) return true;
        int size = utf8_size(*p), there = end - p < size ? (int)(end - p) : size;
        if (!size || (there > 1 && !utf8_second(p[0], p[1]))) return false;
        for (int i = 2; i < there; i++)
            if ((p[i] & 0xc0) != 0x80) return false;
        if (there < size) return true;
        p += size;
    }
}

bool utf8_valid(const char *s, size_t count)
{
    size_t whole;
    return utf8_begins(s, count, &whole) && whole == count;
}

size_t utf8_whole(const char *s, size_t count)
{
    for (size_t back = 1; back <= 3 && back <= count; back++) {
        unsigned char c = (unsigned char)s[count - back];
        if ((c & 0xc0) == 0x80) continue;
        return utf8_size(c) > (int)back ? count - back : count;
    }
    return count;
}

int utf8_length(const char *s)
{
    int count = 0;
    for (; *s; s++) count += ((unsigned char)*s & 0xc0) != 0x80;
    return count;
}
