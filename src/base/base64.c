/* base64.c: base64 with padding. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

void base64_text(text *t, const void *at, size_t count)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = at;
    for (; count; p += 3) {
        size_t n = count < 3 ? count : 3;
        unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
        char four[4] = { digits[v >> 18], digits[v >> 12 & 63], n > 1 ? digits[v >> 6 & 63] : '=', n > 2 ? digits[v & 63] : '=' };
        text_add(t, four, 4);
        count -= n;
    }
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool base64_read(text *t, const char *s, size_t count)
{
    uint32_t bits = 0;
    int held = 0;
    while (count && s[count - 1] == '=') count--;
    if (count % 4 == 1) return false;
    for (size_t i = 0; i < count; i++) {
        int digit = base64_digit(s[i]);
        if (digit < 0) return false;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        text_putc(t, (char)(bits >> held & 0xff));
    }
    return true;
}
