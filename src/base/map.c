/* map.c: open addressing with linear probing; removing shifts the chain back, so there are no tombstones. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"

enum { MAP_SMALL = 64 };

/* Keys may be counters, so they are spread before use. `room` is a power of two. */
static int map_home(const map *m, uint64_t key)
{
    return (int)((key * 0x9e3779b97f4a7c15u) >> 32 & (uint64_t)(m->room - 1));
}

/* The slot that holds key, or the free one where it belongs. There is always a free one. */
static int map_find(const map *m, uint64_t key)
{
    int i = map_home(m, key);
    while (m->used[i] && m->keys[i] != key) i = (i + 1) & (m->room - 1);
    return i;
}

static void map_resize(map *m, int room)
{
    map old = *m;
    m->room = room;
    m->keys = mem_alloc((size_t)m->room * sizeof *m->keys);
    m->values = mem_alloc((size_t)m->room * sizeof *m->values);
    m->used = mem_alloc((size_t)m->room);
    m->count = 0;
    for (int i = 0; i < old.room; i++)
        if (old.used[i]) map_put(m, old.keys[i], old.values[i]);
    map_done(&old);
}

void *map_get(const map *m, uint64_t key)
{
    if (!m->count) return NULL;
    int i = map_find(m, key);
    return m->used[i] ? m->values[i] : NULL;
}

void map_put(map *m, uint64_t key, void *value)
{
    if (m->count >= m->room - m->room / 4) map_resize(m, m->room ? m->room * 2 : 8);
    int i = map_find(m, key);
    m->count += !m->used[i];
    m->used[i] = 1;
    m->keys[i] = key;
    m->values[i] = value;
}

void *map_remove(map *m, uint64_t key)
{
    if (!m->count) return NULL;
    int mask = m->room - 1, hole = map_find(m, key);
    if (!m->used[hole]) return NULL;
    void *value = m->values[hole];
    for (int i = (hole + 1) & mask; m->used[i]; i = (i + 1) & mask) {
        int home = map_home(m, m->keys[i]);
        if (((i - home) & mask) < ((i - hole) & mask)) continue;   /* its home lies after the hole: it stays */
        m->keys[hole] = m->keys[i];
        m->values[hole] = m->values[i];
        hole = i;
    }
    m->used[hole] = 0;
    m->count--;
    /* What a rush made large does not stay so; far from the other bound, so that nothing goes back and forth. */
    if (m->room > MAP_SMALL && m->count < m->room / 8) map_resize(m, m->room / 4);
    return value;
}

bool map_next(const map *m, int *at, uint64_t *key, void **value)
{
    while (*at < m->room) {
        int i = (*at)++;
        if (!m->used[i]) continue;
        if (key) *key = m->keys[i];
        if (value) *value = m->values[i];
        return true;
    }
    return false;
}

void map_done(map *m)
{
    mem_free(m->keys);
    mem_free(m->values);
    mem_free(m->used);
    *m = (map){ 0 };
}
