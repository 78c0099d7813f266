/* hash.c: 64-bit hashes, the names made from them, and random names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

uint64_t hash_bytes(const void *at, size_t count) { return XXH3_64bits(at, count); }
uint64_t hash_text(const char *s) { return s ? XXH3_64bits(s, strlen(s)) : XXH3_64bits("", 0); }

uint64_t hash_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a ^ (b + 0x9e3779b97f4a7c15u + (a << 6) + (a >> 2));
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static int url_digit(char c)
{
    const char *at = c ? strchr(url_alphabet, c) : NULL;
    return at ? (int)(at - url_alphabet) : -1;
}

/* The page's own id, the only name whose last digit carries bits beyond the 64: those of the number are those of ez________8. */
static const char page_name[] = "ez_________";
#define PAGE_ID 0x7b3fffffffffffffu

/* Eleven digits of six bits are 66 bits; the last digit carries four of the id and two zeros. */
void id_print(uint64_t id, char out[ID_CHARS + 1])
{
    if (id == PAGE_ID) {
        memcpy(out, page_name, sizeof page_name);
        return;
    }
    for (int i = 0; i < ID_CHARS - 1; i++) out[i] = url_alphabet[id >> (58 - 6 * i) & 63];
    out[ID_CHARS - 1] = url_alphabet[(id & 15) << 2];
    out[ID_CHARS] = 0;
}

bool id_read(const char *s, size_t count, uint64_t *id)
{
    uint64_t v = 0;
    if (count != ID_CHARS) return false;
    for (int i = 0; i < ID_CHARS - 1; i++) {
        int digit = url_digit(s[i]);
        if (digit < 0) return false;
        v = v << 6 | (uint64_t)digit;
    }
    int last = url_digit(s[ID_CHARS - 1]);
    if (last < 0 || ((last & 3) && memcmp(s, page_name, ID_CHARS))) return false;
    *id = v << 4 | (uint64_t)last >> 2;
    return *id != PAGE_ID || !memcmp(s, page_name, ID_CHARS);      /* one name for each id */
}

void token_new(char out[TOKEN_CHARS + 1])
{
    unsigned char bytes[TOKEN_CHARS];
    random_bytes(bytes, sizeof bytes);
    for (int i = 0; i < TOKEN_CHARS; i++) out[i] = url_alphabet[bytes[i] & 63];
    out[TOKEN_CHARS] = 0;
}

bool token_valid(const char *s)
{
    if (!s) return false;
    for (int i = 0; i < TOKEN_CHARS; i++)
        if (url_digit(s[i]) < 0) return false;
    return !s[TOKEN_CHARS];
}
