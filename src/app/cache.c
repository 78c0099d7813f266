/* cache.c: a map from inputs to answers, and the order in which they were asked for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/cache.h"
#include <string.h>

enum { BYTES_MOST = 32 << 20 };                /* of one function */

static void unlink_one(cache *c, cached *x)
{
    *(x->newer ? &x->newer->older : &c->newest) = x->older;
    *(x->older ? &x->older->newer : &c->oldest) = x->newer;
    x->newer = x->older = NULL;
}

static void link_newest(cache *c, cached *x)
{
    x->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = x;
    c->newest = x;
}

static void drop(cache *c, cached *x)
{
    map_remove(&c->by_inputs, hash_text(x->inputs));
    unlink_one(c, x);
    c->bytes -= x->bytes;
    values_done(&x->put);
    mem_free(x->inputs);
    mem_free(x);
}

const cached *cache_find(cache *c, const char *inputs, int64_t ttl_ms, int64_t now_ms)
{
    cached *x = map_get(&c->by_inputs, hash_text(inputs));
    if (!x || strcmp(x->inputs, inputs))
        return NULL;
    if (now_ms - x->made_ms >= ttl_ms) {
        drop(c, x);
        return NULL;
    }
    unlink_one(c, x);
    link_newest(c, x);
    return x;
}

static size_t bytes_of(const char *inputs, const values *put)
{
    size_t bytes = sizeof(cached) + strlen(inputs);
    for (int i = 0; i < put->list.count; i++)
        bytes += sizeof(value) + (put->list.at[i].text ? strlen(put->list.at[i].text) : 0);
    return bytes;
}

void cache_keep(cache *c, const char *inputs, const values *put, uint64_t scope, const ez_record *out, int most, int64_t now_ms)
{
    size_t bytes = bytes_of(inputs, put);
    cached *before = map_get(&c->by_inputs, hash_text(inputs));
    if (before)
        drop(c, before);
    if (bytes > BYTES_MOST)
        return;
    while (c->oldest && (c->by_inputs.count >= most || c->bytes + bytes > BYTES_MOST))
        drop(c, c->oldest);
    cached *x = mem_alloc(sizeof *x);
    *x = (cached){ .inputs = mem_text(inputs), .scope = scope, .out = out, .made_ms = now_ms, .bytes = bytes };
    values_copy(&x->put, put);
    map_put(&c->by_inputs, hash_text(inputs), x);
    link_newest(c, x);
    c->bytes += bytes;
}

void cache_done(cache *c)
{
    while (c->oldest) drop(c, c->oldest);
    map_done(&c->by_inputs);
}
