/* pool.c: plenty of threads, few permits. One lock guards all; it is never held while user code runs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"
#include <limits.h>
#include <pthread.h>
#include <unistd.h>

typedef struct pool_item {
    struct pool_item *next;
    void (*fn)(void *data);
    void *data;
    pool_lane lane;
} pool_item;

typedef struct pool_queue { pool_item *first, *last; int count; } pool_queue;

typedef struct pool_permits {
    pool_queue waiting;                              /* not started */
    int free;                                        /* permits that nobody holds */
    int takers;                                      /* threads inside pool_permit_take */
    pthread_cond_t freed;
} pool_permits;

struct pool {
    pool_options options;
    pthread_mutex_t lock;
    pool_permits lanes[POOL_LANES];
    pool_queue ready;                                /* has a permit and, in `idle`, a thread that will pick it up */
    int idle;                                        /* threads that run nothing; never fewer than ready.count */
    pthread_cond_t wake;
    LIST(pthread_t) threads;
    bool stopping;
    uint64_t steps;                                  /* by hand: how often the dice were thrown */
};

/* What the thread is running, for pool_permit_give and _take. */
typedef struct pool_here { pool *pool; pool_lane lane; int given; } pool_here;
static _Thread_local pool_here here;

static void pool_push(pool_queue *q, pool_item *item)
{
    if (q->first) q->last->next = item;
    else q->first = item;
    q->last = item;
    q->count++;
}

static pool_item *pool_pop(pool_queue *q)
{
    pool_item *item = q->first;
    if (!item) return NULL;
    q->first = item->next;
    item->next = NULL;
    q->count--;
    return item;
}

static void *pool_thread(void *data);

static bool pool_thread_new(pool *p)
{
    pthread_attr_t attr;
    pthread_t thread;
    if (p->threads.count >= p->options.threads_max) return false;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, p->options.stack);
    int status = pthread_create(&thread, &attr, pool_thread, p);
    pthread_attr_destroy(&attr);
    if (status) {
        log_error("loop", "thread %d of the pool cannot be made (error %d); its work waits for the others", p->threads.count + 1, status);
        return false;
    }
    *list_add(&p->threads) = thread;
    p->idle++;
    return true;
}

/* Starts what may start: a permit is free beyond those that takers are about to take, and a thread is there for it. */
static void pool_dispatch(pool *p)
{
    for (int i = 0; i < POOL_LANES; i++) {
        pool_permits *lane = &p->lanes[i];
        while (lane->free > lane->takers && lane->waiting.count) {
            if (p->ready.count >= p->idle && !pool_thread_new(p)) return;
            lane->free--;
            pool_push(&p->ready, pool_pop(&lane->waiting));
            pthread_cond_signal(&p->wake);
        }
    }
}

static void pool_permit_freed(pool *p, pool_permits *lane)
{
    lane->free++;
    if (lane->takers) pthread_cond_signal(&lane->freed);
    pool_dispatch(p);
}

static void *pool_thread(void *data)
{
    pool *p = data;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->ready.count && !p->stopping) pthread_cond_wait(&p->wake, &p->lock);
        pool_item *item = pool_pop(&p->ready);
        if (!item) break;
        p->idle--;
        pthread_mutex_unlock(&p->lock);
        here = (pool_here){ .pool = p, .lane = item->lane };
        item->fn(item->data);
        here = (pool_here){ 0 };
        pthread_mutex_lock(&p->lock);
        p->idle++;
        pool_permit_freed(p, &p->lanes[item->lane]);
        mem_free(item);
    }
    p->idle--;
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

pool *pool_new(const pool_options *o)
{
    pool *p = mem_alloc(sizeof *p);
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (o) p->options = *o;
    if (p->options.threads_max <= 0) p->options.threads_max = 512;
    if (!p->options.stack) p->options.stack = 1 << 20;
    if (p->options.stack < (size_t)PTHREAD_STACK_MIN) p->options.stack = (size_t)PTHREAD_STACK_MIN;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->wake, NULL);
    for (int i = 0; i < POOL_LANES; i++) {
        int permits = p->options.permits[i];
        p->lanes[i].free = permits > 0 ? permits : (cores > 0 ? cores : 1) + (i == POOL_PAGE);
        pthread_cond_init(&p->lanes[i].freed, NULL);
    }
    return p;
}

void pool_run(pool *p, pool_lane lane, void (*fn)(void *data), void *data)
{
    pool_item *item = mem_alloc(sizeof *item);
    *item = (pool_item){ .fn = fn, .data = data, .lane = lane };
    pthread_mutex_lock(&p->lock);
    pool_push(&p->lanes[lane].waiting, item);
    if (!p->options.by_hand) pool_dispatch(p);
    pthread_mutex_unlock(&p->lock);
}

int pool_waiting(pool *p, pool_lane lane)
{
    pthread_mutex_lock(&p->lock);
    int count = p->lanes[lane].waiting.count;
    pthread_mutex_unlock(&p->lock);
    return count;
}

/* Lanes in turn from one that the dice choose, the first that has something. */
static pool_item *pool_pick(pool *p)
{
    pthread_mutex_lock(&p->lock);
    int from = (int)(hash_mix(p->options.seed, p->steps++) % POOL_LANES);
    pool_item *item = NULL;
    for (int i = 0; i < POOL_LANES && !item; i++) item = pool_pop(&p->lanes[(from + i) % POOL_LANES].waiting);
    pthread_mutex_unlock(&p->lock);
    return item;
}

bool pool_step(pool *p)
{
    pool_item *item = pool_pick(p);
    if (!item) return false;
    item->fn(item->data);
    mem_free(item);
    return true;
}

void pool_free(pool *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->wake);
    /* A thread that still runs may make another one, so the list is read anew under the lock. */
    for (int i = 0; i < p->threads.count; i++) {
        pthread_t thread = p->threads.at[i];
        pthread_mutex_unlock(&p->lock);
        pthread_join(thread, NULL);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    while (pool_step(p)) {}                          /* by hand, or no thread could be made */
    for (int i = 0; i < POOL_LANES; i++) pthread_cond_destroy(&p->lanes[i].freed);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    list_done(&p->threads);
    mem_free(p);
}

void pool_permit_give(pool *p)
{
    if (here.pool != p || here.given++) return;
    pthread_mutex_lock(&p->lock);
    pool_permit_freed(p, &p->lanes[here.lane]);
    pthread_mutex_unlock(&p->lock);
}

void pool_permit_take(pool *p)
{
    if (here.pool != p || --here.given) return;
    pool_permits *lane = &p->lanes[here.lane];
    pthread_mutex_lock(&p->lock);
    lane->takers++;
    while (!lane->free) pthread_cond_wait(&lane->freed, &p->lock);
    lane->free--;
    lane->takers--;
    pool_dispatch(p);
    pthread_mutex_unlock(&p->lock);
}
