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
