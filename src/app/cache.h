/* cache.h: answers of a function that are given again to the same inputs, for as long as it says. Bounded in number and bytes: what was asked for
 * longest ago goes. Thread: the owner's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CACHE_H
#define APP_CACHE_H

#include "page/values.h"
#include "page/run.h"

typedef struct cached {
    char       *inputs;            /* as canonical JSON */
    values      put;
    uint64_t    scope;             /* in which the names of `put` are meant */
    const ez_record *out;
    int64_t     made_ms;
    size_t      bytes;
    struct cached *newer, *older;  /* in the order in which they were asked for */
} cached;

typedef struct cache { map by_inputs; cached *newest, *oldest; size_t bytes; } cache;

const cached *cache_find(cache *c, const char *inputs, int64_t ttl_ms, int64_t now_ms);       /* NULL; good until the next call */
void cache_keep(cache *c, const char *inputs, const values *put, uint64_t scope, const ez_record *out, int most, int64_t now_ms);
void cache_done(cache *c);

#endif
