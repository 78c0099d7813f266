/* loop.c: libuv behind six functions; the door between threads is one lock, one list and one uv_async. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/loop.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

typedef struct loop_item {
    struct loop_item *next;
    void (*fn)(void *data);
    void *data;
} loop_item;

struct loop {
    uv_loop_t   uv;
    uv_async_t  door;
    uv_timer_t  turn;                                /* bounds the wait of loop_turn */
    loop_timer *timers;
    pthread_mutex_t lock;                            /* guards what follows */
    loop_item *first, **end;
    bool closing;                                    /* the door is shut: what is posted now is run by loop_free itself */
    atomic_int knocking;                             /* who has put something and is at the door */
};

struct loop_timer {
    uv_timer_t   uv;                                 /* first, so that the handle is the timer */
    loop        *loop;
    loop_timer  *next, **before;
    void       (*fn)(void *data);
    void        *data;
    bool         once, stopped;
};

/* Runs what was posted up to now. What these functions post themselves waits for the next call. */
static bool loop_run_posted(loop *l)
{
    pthread_mutex_lock(&l->lock);
    loop_item *item = l->first;
    l->first = NULL;
    l->end = &l->first;
    pthread_mutex_unlock(&l->lock);
    bool any = item != NULL;
    while (item) {
        loop_item *next = item->next;
        item->fn(item->data);
        mem_free(item);
        item = next;
    }
    return any;
}

static void loop_door_rang(uv_async_t *door) { loop_run_posted(door->data); }

/* A loop that cannot be made has no caller that could go on without it. */
static void loop_must(int status, const char *what)
{
    if (!status) return;
    log_error("loop", "%s failed: %s; the process ends. Often its limit of open files is too low (ulimit -n)", what, uv_strerror(status));
    abort();
}

loop *loop_new(void)
{
    loop *l = mem_alloc(sizeof *l);
    loop_must(uv_loop_init(&l->uv), "opening the event loop");
    loop_must(uv_async_init(&l->uv, &l->door, loop_door_rang), "opening the door between threads");
    loop_must(uv_timer_init(&l->uv, &l->turn), "making a timer");
    pthread_mutex_init(&l->lock, NULL);
    l->uv.data = l->door.data = l;
    l->end = &l->first;
    return l;
}

struct uv_loop_s *loop_uv(loop *l) { return &l->uv; }
void loop_run(loop *l) { uv_run(&l->uv, UV_RUN_DEFAULT); }

static void loop_turn_ended(uv_timer_t *timer) { (void)timer; }

void loop_turn(loop *l, int64_t ms)
{
    if (ms <= 0) { uv_run(&l->uv, UV_RUN_NOWAIT); return; }
    uv_update_time(&l->uv);
    uv_timer_start(&l->turn, loop_turn_ended, (uint64_t)ms, 0);
    uv_run(&l->uv, UV_RUN_ONCE);
    uv_timer_stop(&l->turn);
}

static void loop_stop_now(void *data) { uv_stop(&((loop *)data)->uv); }
void loop_stop(loop *l) { loop_post(l, loop_stop_now, l); }

void loop_post(loop *l, void (*fn)(void *data), void *data)
{
    loop_item *item = mem_alloc(sizeof *item);
    *item = (loop_item){ .fn = fn, .data = data };
    pthread_mutex_lock(&l->lock);
    *l->end = item;
    l->end = &item->next;
    bool open = !l->closing;
    if (open) atomic_fetch_add(&l->knocking, 1);
    pthread_mutex_unlock(&l->lock);
    /* Without the lock, for which who is woken would wait. */
    if (!open) return;
    uv_async_send(&l->door);
    atomic_fetch_sub(&l->knocking, 1);
}

static void loop_close_stray(uv_handle_t *handle, void *data)
{
    (void)data;
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void loop_free(loop *l)
{
    if (!l) return;
    while (loop_run_posted(l)) uv_run(&l->uv, UV_RUN_NOWAIT);
    while (l->timers) loop_timer_stop(l->timers);
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    pthread_mutex_unlock(&l->lock);
    while (atomic_load(&l->knocking)) sched_yield();
    uv_walk(&l->uv, loop_close_stray, NULL);
    do uv_run(&l->uv, UV_RUN_DEFAULT);
    while (loop_run_posted(l));
    loop_must(uv_loop_close(&l->uv), "closing the event loop");
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}

/* ---- timers ---- */

static void loop_timer_closed(uv_handle_t *handle) { mem_free(handle); }

void loop_timer_stop(loop_timer *t)
{
    if (!t || t->stopped) return;
    t->stopped = true;
    *t->before = t->next;
    if (t->next) t->next->before = t->before;
    uv_close((uv_handle_t *)&t->uv, loop_timer_closed);
}

static void loop_timer_fired(uv_timer_t *uv)
{
    loop_timer *t = (loop_timer *)uv;
    t->fn(t->data);
    if (t->once) loop_timer_stop(t);
}

loop_timer *loop_timer_start(loop *l, int64_t ms, int64_t repeat_ms, void (*fn)(void *data), void *data)
{
    loop_timer *t = mem_alloc(sizeof *t);
    *t = (loop_timer){ .loop = l, .next = l->timers, .before = &l->timers, .fn = fn, .data = data, .once = repeat_ms <= 0 };
    if (l->timers) l->timers->before = &t->next;
    l->timers = t;
    loop_must(uv_timer_init(&l->uv, &t->uv), "making a timer");
    uv_update_time(&l->uv);
    uv_timer_start(&t->uv, loop_timer_fired, ms > 0 ? (uint64_t)ms : 0, repeat_ms > 0 ? (uint64_t)repeat_ms : 0);
    return t;
}
