/* spend.c: the memory of a run: counted, limited, and what is left of a run that had too much. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <stdio.h>
#include <string.h>

enum { SCRAPS = 64 * 1024 };

bool run_spent(const run *r) { return atomic_load_explicit(&((run *)r)->spent, memory_order_relaxed); }
size_t run_memory(const run *r) { return arena_size(r->arena) + atomic_load_explicit(&((run *)r)->beside, memory_order_relaxed); }

void run_spend(run *r)
{
    if (!atomic_exchange(&r->spent, true))
        run_interrupt(r);
}

/* On the run's thread; it is about to hold these bytes in all. */
static void over(run *r, size_t bytes)
{
    if (!run_spent(r)) {
        run_spend(r);
        if (r->host && r->host->spent)
            r->host->spent(r->host->data, r);
    }
    if (bytes > r->memory_max + RUN_GRACE && r->host && r->host->park)
        r->host->park(r->host->data, r);
}

static void arena_full(void *data, size_t bytes)
{
    run *r = data;
    bytes += atomic_load_explicit(&r->beside, memory_order_relaxed);
    if (bytes > r->memory_max)
        over(r, bytes);
}

void run_limit(run *r, size_t bytes)
{
    r->memory_max = bytes;
}

void run_watch(run *r, bool on)
{
    arena_watch(r->arena, on && r->memory_max ? 1 : 0, arena_full, r);
    if (on)
        run_charge(r, 0);
}

void run_charge(run *r, ptrdiff_t bytes)
{
    size_t beside = atomic_load_explicit(&r->beside, memory_order_relaxed) + (size_t)bytes, all = beside + arena_size(r->arena);
    atomic_store_explicit(&r->beside, beside, memory_order_relaxed);
    if (r->memory_max && all > r->memory_max && bytes >= 0)
        over(r, all);
}

/* Nobody sees what it prints, so one node serves all of its elements. */
node *run_dead_node(ez_ui *at, const element_type *type)
{
    run *r = at->run;
    if (!r->dead) {
        r->dead = arena_alloc(r->arena, sizeof *r->dead);
        r->dead->html.out.arena = r->arena;
    }
    node *n = r->dead;
    text printed = n->html.out;
    ez_ui *places[COUNT(n->places)];
    memcpy(places, n->places, sizeof places);
    *n = (node){ .run = r, .at = at, .place = at->place, .type = type, .label = "", .muted = true, .index = -1, .html.out = printed };
    memcpy(n->places, places, sizeof places);
    n->call = &n->where;
    text_clear(&n->html.out);
    id_print(0, n->name);
    return n;
}

/* Text of a spent run: it holds for a while, until as much came after it. */
char *run_scrap(run *r, const char *format, va_list args)
{
    if (!r->scraps)
        r->scraps = arena_alloc(r->arena, SCRAPS);
    va_list again;
    va_copy(again, args);
    int count = vsnprintf(r->scraps + r->scraps_at, SCRAPS - r->scraps_at, format, args);
    if (count >= 0 && (size_t)count >= SCRAPS - r->scraps_at) {
        r->scraps_at = 0;
        count = vsnprintf(r->scraps, SCRAPS, format, again);
    }
    va_end(again);
    char *made = r->scraps + r->scraps_at;
    size_t used = count < 0 ? 1 : (size_t)count + 1;
    r->scraps_at = r->scraps_at + used < SCRAPS ? r->scraps_at + used : 0;
    return made;
}
