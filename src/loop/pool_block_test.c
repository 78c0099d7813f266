/* pool_block_test.c: functions that block where the pool cannot see it, functions that never return, and what that costs the others. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "loop/loop.h"
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

/* Somewhere to block, without a word to the pool, until door_open. */
typedef struct door {
    pool *pool;
    pthread_mutex_t lock;
    int pipe[2], pair[2];
    atomic_bool open;
    atomic_int inside, done;
} door;

static void block_in_read(door *d) { char c; if (read(d->pipe[0], &c, 1) < 0) abort(); }
static void block_in_recv(door *d) { char c; if (recv(d->pair[0], &c, 1, 0) < 0) abort(); }
static void block_in_lock(door *d) { pthread_mutex_lock(&d->lock); pthread_mutex_unlock(&d->lock); }
static void block_in_sleep(door *d) { while (!d->open) usleep(3000); }

typedef struct guest { door *door; void (*block)(door *d); } guest;

static void guest_work(void *data)
{
    guest *g = data;
    atomic_fetch_add(&g->door->inside, 1);
    g->block(g->door);
    atomic_fetch_add(&g->door->done, 1);
}

static void door_init(door *d, pool *p)
{
    *d = (door){ .pool = p, .lock = PTHREAD_MUTEX_INITIALIZER };
    assert_int_equal(pipe(d->pipe), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, d->pair), 0);
    pthread_mutex_lock(&d->lock);
}

/* On the thread of door_init, as it holds the lock. The ends of pipe and pair are the end of what waits there. */
static void door_open(door *d)
{
    d->open = true;
    pthread_mutex_unlock(&d->lock);
    close(d->pipe[1]);
    close(d->pair[1]);
}

static void door_done(door *d)
{
    close(d->pipe[0]);
    close(d->pair[0]);
    pthread_mutex_destroy(&d->lock);
}

static bool becomes(atomic_int *what, int least)
{
    int64_t until = clock_ms() + PATIENCE_MS;
    while (*what < least && clock_ms() < until) usleep(1000);
    return *what >= least;
}

static void (*const blocks[])(door *) = { block_in_read, block_in_recv, block_in_lock, block_in_sleep };

TEST(holders_that_block_outside_of_the_pool_make_room_for_others)
{
    door d;
    guest g[COUNT(blocks)];
    pool *p = pool_new(&(pool_options){ .permits = { 2, 1 } });
    door_init(&d, p);
    for (int i = 0; i < COUNT(blocks); i++) g[i] = (guest){ &d, blocks[i] };
    for (int i = 0; i < 24; i++) pool_run(p, POOL_PAGE, guest_work, &g[i % COUNT(blocks)]);
    bool all = becomes(&d.inside, 24);               /* with two permits, unless the monitor sees that the holders block */
    door_open(&d);
    pool_free(p);
    assert_true(all);
    assert_int_equal(d.done, 24);
    door_done(&d);
}

TEST(fifty_that_block_for_a_while_all_come_through)
{
    door d;
    pool *p = pool_new(&(pool_options){ .permits = { 2, 1 } });
    door_init(&d, p);
    guest g = { &d, block_in_sleep };
    int64_t began = clock_ms();
    for (int i = 0; i < 50; i++) pool_run(p, POOL_PAGE, guest_work, &g);
    bool all = becomes(&d.inside, 50);
    int64_t took = clock_ms() - began;
    door_open(&d);
    pool_free(p);
    assert_true(all);
    print_message("fifty were inside after %d ms\n", (int)took);
    door_done(&d);
}

/* ---- holders that compute ---------------------------------------------------------------------------------------------- */

typedef struct spinner { atomic_bool end; atomic_int begun; door *first; } spinner;

static void spin(void *data)
{
    spinner *s = data;
    if (s->first) block_in_read(s->first);
    atomic_fetch_add(&s->begun, 1);
    while (!s->end) {}
}

static void begin_only(void *data) { atomic_fetch_add((atomic_int *)data, 1); }

TEST(a_holder_that_computes_is_not_taken_for_blocked)
{
    spinner s = { 0 };
    atomic_int others = 0;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    pool_run(p, POOL_PAGE, spin, &s);
    assert_true(becomes(&s.begun, 1));
    for (int i = 0; i < 5; i++) pool_run(p, POOL_PAGE, begin_only, &others);
    usleep(300000);                                  /* many samples */
    int meanwhile = others;
    s.end = true;
    pool_free(p);
    assert_int_equal(meanwhile, 0);
    assert_int_equal(others, 5);
}

/* A process that computes until it is killed, or only waits for that; the function that stands for it blocks all the while. */
typedef struct other { door *door; int pid; bool computes; } other;

static void stand_for(void *data)
{
    other *o = data;
    o->pid = fork();
    if (!o->pid)
        for (;;)
            if (!o->computes) pause();
    pool_stands_for(o->door->pool, o->pid);
    atomic_fetch_add(&o->door->inside, 1);
    block_in_read(o->door);
    pool_stands_for(o->door->pool, 0);
}

/* How many functions began in another's place, after so many ms or as soon as there is one. */
static int begun_beside(bool computes, int ms)
{
    door d;
    atomic_int others = 0;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    door_init(&d, p);
    other o = { &d, 0, computes };
    pool_run(p, POOL_PAGE, stand_for, &o);
    assert_true(becomes(&d.inside, 1));
    pool_run(p, POOL_PAGE, begin_only, &others);
    if (computes) usleep((unsigned)ms * 1000);
    else becomes(&others, 1);
    int meanwhile = others;
    kill(o.pid, SIGKILL);                            /* it holds the door's other ends, too */
    waitpid(o.pid, NULL, 0);
    door_open(&d);
    pool_free(p);
    door_done(&d);
    return meanwhile;
}

TEST(a_holder_that_stands_for_a_process_blocks_when_that_process_does)
{
    assert_int_equal(begun_beside(true, 300), 0);
    assert_int_equal(begun_beside(false, 0), 1);
}

TEST(the_permit_that_was_lent_is_taken_back_when_its_holder_goes_on)
{
    door d;
    atomic_int third = 0;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    door_init(&d, p);
    spinner blocked = { .first = &d }, second = { 0 };
    pool_run(p, POOL_PAGE, spin, &blocked);
    pool_run(p, POOL_PAGE, spin, &second);
    assert_true(becomes(&second.begun, 1));          /* with what was lent */
    pool_run(p, POOL_PAGE, begin_only, &third);
    door_open(&d);
    assert_true(becomes(&blocked.begun, 1));
    usleep(100000);
    blocked.end = true;                              /* one of the two ends: the other holds the only permit */
    usleep(100000);
    int early = third;
    second.end = true;
    pool_free(p);
    assert_int_equal(early, 0);
    assert_int_equal(third, 1);
    door_done(&d);
}

TEST(beyond_the_bound_of_threads_functions_wait_for_their_turn)
{
    door d;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 }, .threads_max = 6 });
    door_init(&d, p);
    guest g = { &d, block_in_read };
    for (int i = 0; i < 40; i++) pool_run(p, POOL_PAGE, guest_work, &g);
    bool full = becomes(&d.inside, 6);
    usleep(100000);
    int threads = pool_threads(p), inside = d.inside;
    door_open(&d);
    pool_free(p);
    assert_true(full);
    assert_int_equal(threads, 6);
    assert_int_equal(inside, 6);
    assert_int_equal(d.done, 40);
    door_done(&d);
}

/* The sanitizer has a thread of its own that wakes up by the clock. */
#if defined(__SANITIZE_THREAD__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WATCHED 1
#endif
#endif
#ifndef WATCHED
static long wakings(void)
{
    long sum = 0;
    DIR *all = opendir("/proc/self/task");
    for (struct dirent *e; all && (e = readdir(all));) {
        char path[300], line[200];
        snprintf(path, sizeof path, "/proc/self/task/%s/status", e->d_name);
        FILE *f = e->d_name[0] == '.' || atoi(e->d_name) == getpid() ? NULL : fopen(path, "re");
        while (f && fgets(line, sizeof line, f))
            if (!strncmp(line, "voluntary_ctxt_switches:", 24)) sum += atol(line + 24);
        if (f) fclose(f);
    }
    if (all) closedir(all);
    return sum;
}

TEST(a_pool_in_which_nothing_waits_does_nothing)
{
    door d;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    door_init(&d, p);
    guest g = { &d, block_in_read };
    for (int i = 0; i < 8; i++) pool_run(p, POOL_PAGE, guest_work, &g);
    assert_true(becomes(&d.inside, 8));              /* the monitor has worked, and eight are still blocked */
    long before = -1, now = -2;
    for (int i = 0; i < 50 && before != now; i++) {  /* the threads come to rest */
        before = wakings();
        usleep(200000);
        now = wakings();
    }
    door_open(&d);
    pool_free(p);
    assert_int_equal(before, now);
    door_done(&d);
}
#endif

/* ---- set aside ----------------------------------------------------------------------------------------------------------- */

TEST(what_is_set_aside_loses_its_permit_and_keeps_its_thread)
{
    atomic_int others = 0;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    spinner s = { 0 };
    pool_run(p, POOL_PAGE, spin, &s);
    assert_true(becomes(&s.begun, 1));
    pool_run(p, POOL_PAGE, begin_only, &others);
    assert_false(pool_set_aside(p, &others));        /* it has not begun */
    assert_true(pool_set_aside(p, &s));
    assert_false(pool_set_aside(p, &s));
    assert_true(becomes(&others, 1));
    spinner second = { 0 };
    pool_run(p, POOL_PAGE, spin, &second);           /* one permit, as before */
    assert_true(becomes(&second.begun, 1));
    pool_run(p, POOL_PAGE, begin_only, &others);
    s.end = true;                                    /* it returns, and brings no permit */
    usleep(100000);
    assert_int_equal(others, 1);
    assert_false(pool_stop(p, 50));
    second.end = true;
    pool_free(p);
    assert_int_equal(others, 2);
}

typedef struct napper { pool *pool; door *door; atomic_int gave, took; } napper;

static void nap(void *data)
{
    napper *n = data;
    pool_permit_give(n->pool);
    atomic_fetch_add(&n->gave, 1);
    block_in_read(n->door);
    pool_permit_take(n->pool);
    atomic_fetch_add(&n->took, 1);
}

TEST(what_is_set_aside_while_it_waits_goes_on_without_a_permit)
{
    door d;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    door_init(&d, p);
    napper n = { .pool = p, .door = &d };
    spinner s = { 0 };
    pool_run(p, POOL_PAGE, nap, &n);
    assert_true(becomes(&n.gave, 1));
    pool_run(p, POOL_PAGE, spin, &s);
    assert_true(becomes(&s.begun, 1));
    door_open(&d);                                   /* it wants its permit back, which the spinner has */
    usleep(50000);
    assert_int_equal(n.took, 0);
    assert_true(pool_set_aside(p, &n));
    assert_true(becomes(&n.took, 1));
    s.end = true;
    pool_free(p);
    door_done(&d);
}

TEST(a_pool_that_is_stopped_waits_for_what_ends_in_time)
{
    atomic_int some = 0;
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    for (int i = 0; i < 100; i++) pool_run(p, i % 2 ? POOL_PAGE : POOL_JOB, begin_only, &some);
    assert_true(pool_stop(p, PATIENCE_MS));
    assert_int_equal(some, 100);
    pool_free(p);
}
