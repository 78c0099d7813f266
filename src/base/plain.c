/* plain.c: letters and numbers of protocols and formats, which mean the same whatever locale the program has set. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

static locale_t plain;

static void plain_make(void) { plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static locale_t plain_locale(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, plain_make);
    return plain;
}

int plain_compare(const char *a, const char *b) { return strcasecmp_l(a, b, plain_locale()); }
int plain_compare_n(const char *a, const char *b, size_t count) { return strncasecmp_l(a, b, count, plain_locale()); }
double plain_real(const char *s, char **end) { return strtod_l(s, end, plain_locale()); }
char plain_upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }
