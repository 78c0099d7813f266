/* options_fuzz.c: any bytes as flags and variables of a program: refused with a sentence, or options within their limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"
#include <stdlib.h>
#include <string.h>

enum { WORDS = 32 };

static void must(bool holds)
{
    if (!holds) abort();
}

static void check(const options *o)
{
    size_t base = strlen(o->base_path);
    must(o->port >= 0 && o->port <= 65535 && *o->address && *o->data && o->threads >= 0 && o->threads <= 1024 && (o->workers == 0 || o->workers == 1));
    must(o->session_ttl_ms >= 1000 && o->session_ttl_ms <= 3650LL * 86400 * 1000 && o->log_level >= LOG_DEBUG && o->log_level <= LOG_ERROR);
    must(o->base_path[0] == '/' && o->base_path[base - 1] == '/' && !strstr(o->base_path, "/../") && !strstr(o->base_path, "//"));
    for (const char *const *s = o->settings; *s; s++) must(strchr(*s, '=') && strchr(*s, '=') > *s);
    options_setting(o, "a");
    options_setting(o, "a name with blanks that is longer than most and goes on and on");
}

/* Words end with a line break; the first byte says how many of them are flags, the others are variables. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *words[WORDS + 2] = { 0 }, *flags[WORDS + 2] = { (char *)"program" }, *copy;
    if (size < 1 || size > 4000) return 0;
    int given = data[0] % WORDS, count = 0;
    copy = mem_alloc(size + 1);
    memcpy(copy, data + 1, size - 1);
    for (char *at = copy; count < WORDS && at; at = strchr(at, '\n') ? (*strchr(at, '\n') = 0, at + strlen(at) + 1) : NULL) words[count++] = at;
    if (given > count) given = count;
    memcpy(flags + 1, words, (size_t)given * sizeof *flags);

    options o;
    ez_err err = { EZ_OK, "" };
    if (options_read(&o, given + 1, flags, words + given, &err)) {
        if (!o.help && !o.version) check(&o);
        options_done(&o);
    } else {
        must(err.code && err.text[0]);
    }
    mem_free(copy);
    return 0;
}
