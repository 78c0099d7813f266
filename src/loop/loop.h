/* loop.h: the event loop, timers, the one door between threads, and the pool that runs user code. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include "base/base.h"

/* ---- the loop ------------------------------------------------------------------------------------------------
 *
 * A loop belongs to the thread that calls loop_run: the loop thread. Everything here is called on that thread (or before it runs), except
 * loop_post and loop_stop, which any thread may call. It stands on libuv, which only net and the process roles see. */
typedef struct loop loop;
struct uv_loop_s;

loop *loop_new(void);
void  loop_run(loop *l);                             /* until loop_stop; can be run again afterwards */
void  loop_turn(loop *l, int64_t ms);                /* handles what is ready, waiting up to ms for the first thing; for tests and embedders */
void  loop_stop(loop *l);                            /* any thread; loop_run returns after the present callback */
void  loop_free(loop *l);                            /* not running; runs what was posted, closes handles left open; NULL is fine */
struct uv_loop_s *loop_uv(loop *l);

/* The door: fn(data) runs on the loop thread, in the order of posting, soon. Any thread, also the loop thread itself (then not before
 * the present callback has returned). What is posted while the loop is being freed runs in loop_free. */
void loop_post(loop *l, void (*fn)(void *data), void *data);

/* A timer fires after ms, then every repeat_ms if that is above 0. A timer that does not repeat is gone once its function
 * returns: do not stop it then. loop_timer_stop may be called inside the timer's own function, and NULL is fine. */
typedef struct loop_timer loop_timer;
loop_timer *loop_timer_start(loop *l, int64_t ms, int64_t repeat_ms, void (*fn)(void *data), void *data);
void        loop_timer_stop(loop_timer *t);

/* ---- the pool ------------------------------------------------------------------------------------------------
 *
 * User code (pages, jobs) runs on pool threads. Threads are plenty, permits are few: a function starts when its lane has a permit free, and
 * holds it until it returns. Code that is about to wait for something gives its permit back, so that another function can run, and takes one again before it
 * goes on. Within a lane functions start in the order of pool_run; one that takes its permit back goes before those that have not started.
 * Threads are created at first need, kept, and given back by pool_free.
 *
 * Code of the program that waits without saying so (a read, a lock, a sleep) is noticed by a monitor while others wait for a permit: its lane has one
 * more for as long as it is blocked. Code that computes is never taken for blocked. */
typedef struct pool pool;
typedef enum pool_lane { POOL_PAGE, POOL_JOB, POOL_LANES } pool_lane;

typedef struct pool_options {
    int    permits[POOL_LANES];                      /* 0: cores + 1 for pages, cores for jobs */
    int    threads_max;                              /* of all lanes together, waiting ones included; 0: 512. At the bound functions wait in their lane */
    size_t stack;                                    /* of a thread, in bytes; 0: 1 MB */
    int    idle_ms;                                  /* a thread that had nothing to do for so long ends; 0: 5 s */
    bool   by_hand;                                  /* no threads: pool_step runs one function on the calling thread */
    uint64_t seed;                                   /* with by_hand: picks among the lanes, same seed, same order */
} pool_options;

pool *pool_new(const pool_options *o);               /* NULL: the defaults */
void  pool_run(pool *p, pool_lane lane, void (*fn)(void *data), void *data);   /* any thread; never waits */
int   pool_permits_of(const pool *p, pool_lane lane);  /* how many functions of the lane may run at once that do not wait; by hand: 1 */
int   pool_waiting(pool *p, pool_lane lane);         /* functions that have not started; any thread */
int   pool_busy(pool *p);                            /* functions that wait or run, but for those that were set aside; any thread */
int   pool_threads(pool *p);                         /* threads that there are; any thread */
bool  pool_step(pool *p);                            /* by_hand only: runs the next function; false: nothing waits */
/* Waits at most ms until all functions, also the waiting ones, have returned. False: some go on, so neither the pool nor what they use may be freed. */
bool  pool_stop(pool *p, int64_t ms);
void  pool_free(pool *p);                            /* waits for them without end; NULL is fine */

/* Around a wait, inside a function that the pool runs. On other threads, and by hand, both do nothing. They nest: only the
 * outermost pair counts. */
void pool_permit_give(pool *p);
void pool_permit_take(pool *p);

/* The function that calls waits for this process, which does its work: the monitor looks at that one in place of its thread. 0: no more. On other
 * threads it does nothing. */
void pool_stands_for(pool *p, int pid);

/* Nobody waits any more for the function that was given this data: its permit goes to another, and it goes on without one, for as long
 * as it likes, on a thread that is lost until then. False: it has not begun, or has returned. Any thread. */
bool pool_set_aside(pool *p, const void *data);

#endif
