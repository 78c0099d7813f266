/* remote_cache.c: a short list of answers in the order of their use; looking through it costs nothing beside asking another server. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/remote_cache.h"
#include <string.h>

enum { BYTES_MOST = 32 << 20 };

static size_t size_of(const remote_kept *k) { return sizeof *k + k->count; }

static void drop(remote_cache *c, int i)
{
    remote_kept *k = c->all.at[i];
    c->bytes -= size_of(k);
    list_remove(&c->all, i);
    mem_free(k->words);
    mem_free(k);
}

/* Where it stands; -1. */
static int place_of(const remote_cache *c, const unsigned char question[32])
{
    for (int i = c->all.count - 1; i >= 0; i--)
        if (!memcmp(c->all.at[i]->question, question, sizeof c->all.at[i]->question)) return i;
    return -1;
}

bool remote_cache_takes(const remote_cache *c, const wire_sampling *s)
{
    return c->most > 0 && (s->seed || (s->given && s->temperature <= 0));
}

const remote_kept *remote_cache_find(remote_cache *c, const unsigned char question[32], int64_t now_ms)
{
    int i = place_of(c, question);
    if (i < 0) return NULL;
    remote_kept *k = c->all.at[i];
    if (now_ms - k->made_ms >= c->ttl_ms) {
        drop(c, i);
        return NULL;
    }
    list_remove(&c->all, i);
    *list_add(&c->all) = k;
    return k;
}

void remote_cache_keep(remote_cache *c, const remote_kept *made)
{
    int before = place_of(c, made->question);
    if (before >= 0) drop(c, before);
    if (size_of(made) > BYTES_MOST || c->most < 1) return;
    while (c->all.count && (c->all.count >= c->most || c->bytes + size_of(made) > BYTES_MOST)) drop(c, 0);
    remote_kept *k = mem_copy(made, sizeof *made);
    k->words = mem_alloc(made->count + 1);
    if (made->count) memcpy(k->words, made->words, made->count);
    *list_add(&c->all) = k;
    c->bytes += size_of(k);
}

void remote_cache_done(remote_cache *c)
{
    while (c->all.count) drop(c, c->all.count - 1);
    list_done(&c->all);
}
