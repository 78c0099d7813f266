/* pool_inside.h: what pool.c and its monitor share. Everything is guarded by the pool's lock, but for what a thread alone looks at. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_POOL_INSIDE_H
#define LOOP_POOL_INSIDE_H

#include "loop/loop.h"
#include <pthread.h>

typedef struct pool_item {
    struct pool_item *next;
    void (*fn)(void *data);
    void *data;
    pool_lane lane;
} pool_item;

typedef struct pool_queue { pool_item *first, *last; int count; } pool_queue;

typedef struct pool_permits {
    pool_queue waiting;                              /* not started */
    int free;                                        /* permits that nobody holds; below 0: so many were lent to holders that do not block any more */
    int takers;                                      /* threads inside pool_permit_take */
    pthread_cond_t freed;
} pool_permits;

typedef struct pool_thread {
    pool      *pool;
    pthread_t  thread;
    int        tid;
    int        stands_for;                           /* a process that works in its place; 0 */
    int        given;                                /* how deep in pool_permit_give; the thread's own */
    pool_item *item;                                 /* what it runs; NULL: it is idle */
    bool       holds;                                /* a permit of its item's lane */
    bool       lent;                                 /* its lane has one more on its account, because it blocks */
    bool       aside;                                /* nobody waits for it any more: it has no permit and gets none */
    int64_t    seen_ns, seen_cpu_ns;                 /* when it got its permit or the monitor looked at it, and its processor time then */
} pool_thread;

struct pool {
    pool_options options;
    pthread_mutex_t lock;
    pool_permits lanes[POOL_LANES];
    pool_queue ready;                                /* has a permit and, in `idle`, a thread that will pick it up */
    int idle;                                        /* threads that run nothing; never fewer than ready.count */
    int running, aside;                              /* functions in threads; of them, set aside */
    pthread_cond_t wake, ended;
    LIST(pool_thread *) threads;
    pool_thread *left;                               /* the last thread that ended because it had nothing to do; not joined yet */
    bool stopping, told_full;
    uint64_t steps;                                  /* by hand: how often the dice were thrown */

    pthread_t monitor;
    pthread_cond_t monitor_wake;
    bool monitored;                                  /* the monitor's thread was made */
    bool monitor_asleep;
};

/* Somebody waits for a permit of this lane, and none is free. */
static inline bool pool_starves(const pool_permits *lane)
{
    return (lane->takers && lane->free <= 0) || (lane->waiting.count && lane->free <= lane->takers);
}

void pool_permit_freed(pool *p, pool_permits *lane); /* one more is free; starts what may start */
void pool_monitor_wake(pool *p);
void pool_sample_first(pool_thread *t);              /* it has just got its permit; on the thread itself */

#endif
