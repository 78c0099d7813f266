/* room.c: what all sessions hold together. When that is more than they may, those that were used longest ago go to the store, whether they are
 * shown or not: a view keeps its line, and what it says brings its session back. When nobody can go, new visitors are asked to come later. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hub.h"
#include <stdlib.h>

enum { AGAIN_MS = 100 };

void room_prepare(hub *h)
{
    int64_t asked = h->app->options.memory;
    h->memory_max = asked ? (size_t)asked : mem_machine("") / 4;
}

static int by_use(const void *a, const void *b)
{
    int64_t x = session_used((*(seat *const *)a)->is), y = session_used((*(seat *const *)b)->is);
    return (x > y) - (x < y);
}

/* More leave than must, so that this is not done for each click. */
static void make_room(void *data)
{
    hub *h = data;
    LIST(seat *) free = { 0 };
    int at = 0, gone = 0;
    void *value;
    h->making_room = NULL;
    if (h->down)
        return;
    while (map_next(&h->seats, &at, NULL, &value))
        if (session_stored(((seat *)value)->is) || session_idle(((seat *)value)->is))
            *list_add(&free) = value;
    if (free.count)
        qsort(free.at, (size_t)free.count, sizeof *free.at, by_use);
    while (gone < free.count && h->memory > h->memory_max - h->memory_max / 8)
        hub_leave(free.at[gone++]);
    list_done(&free);
    bool crowded = h->memory > h->memory_max;
    if (crowded && !h->crowded)
        log_warn("app", "sessions hold %zu MB and all are at work: new visitors are asked to come later. --memory is %zu MB", h->memory >> 20, h->memory_max >> 20);
    h->crowded = crowded;
}

void room_measure(seat *s)
{
    hub *h = s->hub;
    size_t now = session_memory(s->is);
    h->memory += now - s->memory;
    s->memory = now;
    if (h->memory <= h->memory_max)
        h->crowded = false;
    else if (!h->making_room && !h->down)
        h->making_room = loop_timer_start(h->loop, h->crowded ? AGAIN_MS : 0, 0, make_room, h);
}
