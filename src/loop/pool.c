/* pool.c: plenty of threads, few permits, and a monitor that adds one while a holder is blocked.
 *
 * One lock guards all that is here; it is never held while user code runs. A function holds a permit of its lane while it runs. It loses it for a
 * time when it says that it waits (pool_permit_give), and for good when it is set aside. The monitor lends its lane another one while the holder
 * is asleep somewhere outside of Easel; when the holder wakes up, the lent permit is taken back, if need be from who ends next: `free` is below 0 then. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/pool_inside.h"
#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local pool_thread *here;

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

static void *pool_thread_main(void *data);

static void pool_full(pool *p, int waiting)
{
    if (p->told_full) return;
    p->told_full = true;
    log_warn("loop", "all %d threads are in functions that run or wait, and %d more functions wait for a thread: they begin when others end. "
             "Look for what pages and jobs wait for so long, or allow more with --pool-threads", p->threads.count, waiting);
}

static bool pool_thread_new(pool *p)
{
    pthread_attr_t attr;
    pthread_t thread;
    if (p->threads.count >= p->options.threads_max) return false;
    pool_thread *t = mem_alloc(sizeof *t);
    t->pool = p;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, p->options.stack);
    int status = pthread_create(&thread, &attr, pool_thread_main, t);
    pthread_attr_destroy(&attr);
    if (status) {
        log_error("loop", "thread %d of the pool cannot be made (error %d); its work waits for the others", p->threads.count + 1, status);
        mem_free(t);
        return false;
    }
    t->thread = thread;
    *list_add(&p->threads) = t;
    p->idle++;
    return true;
}

/* Starts what may start: a permit is free beyond those that takers are about to take, and a thread is there for it. Returns how many threads are to be woken. */
static int pool_let_start(pool *p)
{
    int wakes = 0;
    bool starves = false;
    for (int i = 0; i < POOL_LANES; i++) {
        pool_permits *lane = &p->lanes[i];
        while (lane->free > lane->takers && lane->waiting.count) {
            if (p->ready.count >= p->idle && !pool_thread_new(p)) {
                pool_full(p, lane->waiting.count);
                return wakes;
            }
            lane->free--;
            pool_push(&p->ready, pool_pop(&lane->waiting));
            wakes++;
        }
        starves = starves || pool_starves(lane);
    }
    if (starves && !p->options.by_hand) pool_monitor_wake(p);
    return wakes;
}

static void pool_wake(pool *p, int threads)
{
    while (threads-- > 0) pthread_cond_signal(&p->wake);
}

static void pool_dispatch(pool *p) { pool_wake(p, pool_let_start(p)); }

void pool_permit_freed(pool *p, pool_permits *lane)
{
    lane->free++;
    if (lane->takers) pthread_cond_signal(&lane->freed);
    pool_dispatch(p);
}

static void pool_hold(pool_thread *t)
{
    t->holds = true;
    pool_sample_first(t);
}

/* The thread holds no permit any more; whoever was lent one on its account keeps that. */
static void pool_release(pool *p, pool_thread *t)
{
    if (!t->holds) return;
    t->holds = false;
    if (t->lent) t->lent = false;
    else pool_permit_freed(p, &p->lanes[t->item->lane]);
}

static void pool_ended(pool *p, pool_thread *t)
{
    pool_release(p, t);
    if (t->aside) p->aside--;
    mem_free(t->item);
    t->item = NULL;
    t->aside = false;
    t->stands_for = 0;
    p->running--;
    p->idle++;
    pool_dispatch(p);
    if (p->stopping) pthread_cond_broadcast(&p->ended);
}

/* Waits for something to run. False: there is nothing, and the thread is to end. */
static bool pool_next(pool *p, pool_thread *t)
{
    int64_t until = clock_ns() + (int64_t)p->options.idle_ms * 1000000;
    struct timespec at = { until / 1000000000, until % 1000000000 };
    bool late = false;
    while (!p->ready.count && !p->stopping && !late) late = pthread_cond_timedwait(&p->wake, &p->lock, &at) == ETIMEDOUT;
    return (t->item = pool_pop(&p->ready));
}

static void pool_join(pool_thread *t)
{
    if (!t) return;
    pthread_join(t->thread, NULL);
    mem_free(t);
}

/* A thread that leaves gives its stack back only when it is joined: the next one that leaves does that. */
static pool_thread *pool_leave(pool *p, pool_thread *t)
{
    pool_thread *before = p->left;
    list_drop(&p->threads, t);
    p->left = t;
    return before;
}

static void *pool_thread_main(void *data)
{
    pool_thread *t = data, *before = NULL;
    pool *p = t->pool;
    here = t;
    pthread_mutex_lock(&p->lock);
    t->tid = (int)syscall(SYS_gettid);
    while (pool_next(p, t)) {
        p->idle--;
        p->running++;
        pool_hold(t);
        t->given = 0;
        pthread_mutex_unlock(&p->lock);
        t->item->fn(t->item->data);
        pthread_mutex_lock(&p->lock);
        pool_ended(p, t);
    }
    p->idle--;
    if (!p->stopping) before = pool_leave(p, t);
    pthread_mutex_unlock(&p->lock);
    pool_join(before);
    return NULL;
}

pool *pool_new(const pool_options *o)
{
    pool *p = mem_alloc(sizeof *p);
    pthread_condattr_t steady;
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (o) p->options = *o;
    if (p->options.threads_max <= 0) p->options.threads_max = 512;
    if (!p->options.stack) p->options.stack = 1 << 20;
    if (p->options.idle_ms <= 0) p->options.idle_ms = 5000;
    if (p->options.stack < (size_t)PTHREAD_STACK_MIN) p->options.stack = (size_t)PTHREAD_STACK_MIN;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &steady);
    pthread_cond_init(&p->ended, &steady);
    pthread_cond_init(&p->monitor_wake, &steady);
    pthread_condattr_destroy(&steady);
    for (int i = 0; i < POOL_LANES; i++) {
        int *permits = &p->options.permits[i];
        if (*permits <= 0) *permits = (cores > 0 ? cores : 1) + (i == POOL_PAGE);
        p->lanes[i].free = *permits;
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
    int wakes = p->options.by_hand ? 0 : pool_let_start(p);
    pthread_mutex_unlock(&p->lock);
    /* Without the lock, for which who is woken would wait. */
    pool_wake(p, wakes);
}

int pool_permits_of(const pool *p, pool_lane lane)
{
    return p->options.by_hand ? 1 : p->options.permits[lane];
}

int pool_waiting(pool *p, pool_lane lane)
{
    pthread_mutex_lock(&p->lock);
    int count = p->lanes[lane].waiting.count;
    pthread_mutex_unlock(&p->lock);
    return count;
}

int pool_busy(pool *p)
{
    pthread_mutex_lock(&p->lock);
    int count = p->running - p->aside + p->ready.count;
    for (int i = 0; i < POOL_LANES; i++) count += p->lanes[i].waiting.count;
    pthread_mutex_unlock(&p->lock);
    return count;
}

int pool_threads(pool *p)
{
    pthread_mutex_lock(&p->lock);
    int count = p->threads.count;
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

/* ---- the end --------------------------------------------------------------------------------------------------------- */

static bool pool_quiet(const pool *p)
{
    int waiting = p->ready.count;
    for (int i = 0; i < POOL_LANES; i++) waiting += p->lanes[i].waiting.count;
    return !p->running && (!waiting || !p->threads.count);
}

bool pool_stop(pool *p, int64_t ms)
{
    int64_t until = clock_ns() + ms * 1000000;
    struct timespec at = { until / 1000000000, until % 1000000000 };
    bool quiet;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->wake);
    pthread_cond_broadcast(&p->monitor_wake);
    while (!(quiet = pool_quiet(p)) && clock_ns() < until) pthread_cond_timedwait(&p->ended, &p->lock, &at);
    pthread_mutex_unlock(&p->lock);
    return quiet;
}

void pool_free(pool *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->wake);
    pthread_cond_broadcast(&p->monitor_wake);
    /* A thread that still runs may make another one, so the list is read anew under the lock. */
    for (int i = 0; i < p->threads.count; i++) {
        pthread_t thread = p->threads.at[i]->thread;
        pthread_mutex_unlock(&p->lock);
        pthread_join(thread, NULL);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    pool_join(p->left);
    if (p->monitored) pthread_join(p->monitor, NULL);
    while (pool_step(p)) {}                          /* by hand, or no thread could be made */
    for (int i = 0; i < p->threads.count; i++) mem_free(p->threads.at[i]);
    for (int i = 0; i < POOL_LANES; i++) pthread_cond_destroy(&p->lanes[i].freed);
    pthread_cond_destroy(&p->wake);
    pthread_cond_destroy(&p->ended);
    pthread_cond_destroy(&p->monitor_wake);
    pthread_mutex_destroy(&p->lock);
    list_done(&p->threads);
    mem_free(p);
}

/* ---- permits of the function that calls ------------------------------------------------------------------------------ */

void pool_permit_give(pool *p)
{
    pool_thread *t = here;
    if (!t || t->pool != p || t->given++) return;
    pthread_mutex_lock(&p->lock);
    pool_release(p, t);
    pthread_mutex_unlock(&p->lock);
}

void pool_permit_take(pool *p)
{
    pool_thread *t = here;
    if (!t || t->pool != p || --t->given) return;
    pthread_mutex_lock(&p->lock);
    pool_permits *lane = &p->lanes[t->item->lane];
    lane->takers++;
    while (lane->free <= 0 && !t->aside) {
        if (!p->options.by_hand) pool_monitor_wake(p);
        pthread_cond_wait(&lane->freed, &p->lock);
    }
    lane->takers--;
    if (!t->aside) {
        lane->free--;
        pool_hold(t);
    }
    pool_dispatch(p);
    pthread_mutex_unlock(&p->lock);
}

void pool_stands_for(pool *p, int pid)
{
    pool_thread *t = here;
    if (!t || t->pool != p) return;
    pthread_mutex_lock(&p->lock);
    t->stands_for = pid;
    pool_sample_first(t);
    pthread_mutex_unlock(&p->lock);
}

bool pool_set_aside(pool *p, const void *data)
{
    bool found = false;
    pthread_mutex_lock(&p->lock);
    for (int i = 0; i < p->threads.count && !found; i++) {
        pool_thread *t = p->threads.at[i];
        if (!t->item || t->aside || t->item->data != data) continue;
        found = t->aside = true;
        p->aside++;
        pool_release(p, t);
        pthread_cond_broadcast(&p->lanes[t->item->lane].freed);    /* it may wait for a permit, which it does not get any more */
    }
    pthread_mutex_unlock(&p->lock);
    return found;
}
