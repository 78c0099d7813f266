/* pool_test.c: permits, order, waiting, and the mode for tests. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "loop/loop.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

typedef struct crowd { pool *pool; atomic_int inside, most, done; } crowd;

static void crowd_enter(crowd *c)
{
    int now = atomic_fetch_add(&c->inside, 1) + 1, most = atomic_load(&c->most);
    while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now)) {}
}

static void crowd_work(void *data)
{
    crowd *c = data;
    crowd_enter(c);
    usleep(2000);
    atomic_fetch_sub(&c->inside, 1);
    atomic_fetch_add(&c->done, 1);
}

TEST(no_more_run_than_there_are_permits)
{
    crowd c = { .pool = pool_new(&(pool_options){ .permits = { 3, 1 } }) };
    for (int i = 0; i < 60; i++) pool_run(c.pool, POOL_PAGE, crowd_work, &c);
    pool_free(c.pool);
    assert_int_equal(c.done, 60);
    assert_int_equal(c.most, 3);
}

typedef struct order { pthread_mutex_t lock; char text[64]; } order;
typedef struct order_item { order *order; char c; } order_item;

static void order_note(void *data)
{
    order_item *item = data;
    pthread_mutex_lock(&item->order->lock);
    item->order->text[strlen(item->order->text)] = item->c;
    pthread_mutex_unlock(&item->order->lock);
}

TEST(with_one_permit_functions_run_in_the_order_in_which_they_came)
{
    order o = { .lock = PTHREAD_MUTEX_INITIALIZER };
    order_item items[26];
    pool *p = pool_new(&(pool_options){ .permits = { 1, 1 } });
    for (int i = 0; i < 26; i++) {
        items[i] = (order_item){ &o, (char)('a' + i) };
        pool_run(p, POOL_JOB, order_note, &items[i]);
    }
    pool_free(p);
    assert_string_equal(o.text, "abcdefghijklmnopqrstuvwxyz");
}

typedef struct gate { pool *pool; pthread_mutex_t lock; pthread_cond_t moved; int waiting; bool open; atomic_int done; } gate;

static void gate_wait(void *data)
{
    gate *g = data;
    pool_permit_give(g->pool);
    pool_permit_give(g->pool);                       /* nested: only the outer pair counts */
    pthread_mutex_lock(&g->lock);
    g->waiting++;
    pthread_cond_broadcast(&g->moved);
    while (!g->open) pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
    pool_permit_take(g->pool);
    pool_permit_take(g->pool);
    atomic_fetch_add(&g->done, 1);
}

TEST(many_may_wait_at_once_because_they_gave_their_permits)
{
    gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
    g.pool = pool_new(&(pool_options){ .permits = { 1, 1 }, .stack = 64 * 1024 });
    for (int i = 0; i < 40; i++) pool_run(g.pool, POOL_PAGE, gate_wait, &g);
    pthread_mutex_lock(&g.lock);
    while (g.waiting < 40) pthread_cond_wait(&g.moved, &g.lock);    /* hangs here if a waiter kept its permit */
    g.open = true;
    pthread_cond_broadcast(&g.moved);
    pthread_mutex_unlock(&g.lock);
    pool_free(g.pool);
    assert_int_equal(g.done, 40);
}

typedef struct mixed { pool *pool; crowd crowd; } mixed;

static void mixed_work(void *data)
{
    mixed *m = data;
    for (int i = 0; i < 20; i++) {
        crowd_enter(&m->crowd);
        usleep(50);
        atomic_fetch_sub(&m->crowd.inside, 1);
        pool_permit_give(m->pool);
        usleep(100);
        pool_permit_take(m->pool);
    }
    atomic_fetch_add(&m->crowd.done, 1);
}

TEST(giving_and_taking_never_lets_more_run_than_there_are_permits)
{
    mixed m = { .pool = pool_new(&(pool_options){ .permits = { 2, 1 } }) };
    for (int i = 0; i < 30; i++) pool_run(m.pool, POOL_PAGE, mixed_work, &m);
    pool_free(m.pool);
    assert_int_equal(m.crowd.done, 30);
    assert_int_equal(m.crowd.most, 2);
}

TEST(with_few_threads_nothing_locks_up)
{
    mixed m = { .pool = pool_new(&(pool_options){ .permits = { 4, 4 }, .threads_max = 3 }) };
    for (int i = 0; i < 20; i++) pool_run(m.pool, i % 2 ? POOL_JOB : POOL_PAGE, mixed_work, &m);
    pool_free(m.pool);
    assert_int_equal(m.crowd.done, 20);
    assert_true(m.crowd.most <= 3);
}

static void keep_busy(void *data)
{
    gate *g = data;
    pthread_mutex_lock(&g->lock);
    g->waiting++;
    pthread_cond_broadcast(&g->moved);
    while (!g->open) pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void open_gate(void *data)
{
    gate *g = data;
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

TEST(busy_jobs_do_not_keep_pages_from_running)
{
    gate g = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };
    g.pool = pool_new(&(pool_options){ .permits = { 1, 1 } });
    pool_run(g.pool, POOL_JOB, keep_busy, &g);
    pool_run(g.pool, POOL_JOB, keep_busy, &g);
    pthread_mutex_lock(&g.lock);
    while (!g.waiting) pthread_cond_wait(&g.moved, &g.lock);
    pthread_mutex_unlock(&g.lock);
    assert_int_equal(pool_waiting(g.pool, POOL_JOB), 1);
    pool_run(g.pool, POOL_PAGE, open_gate, &g);      /* the jobs end only if this page runs */
    pool_free(g.pool);
    assert_int_equal(g.waiting, 2);
}

typedef struct chain { pool *pool; atomic_int left; } chain;

static void chain_next(void *data)
{
    chain *c = data;
    if (atomic_fetch_sub(&c->left, 1) > 1) pool_run(c->pool, POOL_PAGE, chain_next, c);
}

TEST(a_function_may_queue_another_even_while_the_pool_ends)
{
    chain c = { .pool = pool_new(NULL), .left = 200 };
    pool_run(c.pool, POOL_PAGE, chain_next, &c);
    pool_free(c.pool);
    assert_int_equal(c.left, 0);
    pool_free(NULL);
}

static void by_hand_order(uint64_t seed, char out[64])
{
    order o = { .lock = PTHREAD_MUTEX_INITIALIZER };
    order_item items[20];
    pool *p = pool_new(&(pool_options){ .by_hand = true, .seed = seed });
    for (int i = 0; i < 20; i++) {
        items[i] = (order_item){ &o, (char)((i % 2 ? 'A' : 'a') + i / 2) };
        pool_run(p, i % 2 ? POOL_JOB : POOL_PAGE, order_note, &items[i]);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(strlen(o.text), i);
        assert_true(pool_step(p));
    }
    assert_false(pool_step(p));
    pool_permit_give(p);
    pool_permit_take(p);
    pool_free(p);
    memcpy(out, o.text, 64);
}

TEST(by_hand_the_seed_decides_the_order_between_lanes)
{
    char a[64], b[64], other[64];
    bool differ = false;
    by_hand_order(1, a);
    by_hand_order(1, b);
    assert_string_equal(a, b);
    for (uint64_t seed = 2; seed < 6; seed++) {
        by_hand_order(seed, other);
        differ |= strcmp(a, other) != 0;
    }
    assert_true(differ);
    char last = 'a' - 1, last_job = 'A' - 1;         /* within a lane the order stays */
    for (char *c = a; *c; c++) {
        char *before = *c >= 'a' ? &last : &last_job;
        assert_int_equal(*c, *before + 1);
        *before = *c;
    }
}

static void nothing(void *data) { (void)data; }

TEST(threads_that_have_nothing_to_do_end_and_new_ones_come_when_there_is_work)
{
    crowd c = { .pool = pool_new(&(pool_options){ .permits = { 8, 1 }, .idle_ms = 20 }) };
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 24; i++) pool_run(c.pool, POOL_PAGE, crowd_work, &c);
        for (int i = 0; i < 3000 && (pool_threads(c.pool) || atomic_load(&c.done) < 24 * (round + 1)); i++) usleep(10000);
        assert_int_equal(atomic_load(&c.done), 24 * (round + 1));
        assert_int_equal(pool_threads(c.pool), 0);
    }
    pool_run(c.pool, POOL_JOB, nothing, NULL);
    pool_free(c.pool);
}

TEST(a_pool_whose_threads_end_at_this_moment_loses_nothing)
{
    crowd c = { .pool = pool_new(&(pool_options){ .permits = { 4, 4 }, .idle_ms = 1 }) };
    for (int i = 0; i < 300; i++) {
        pool_run(c.pool, i % 2 ? POOL_PAGE : POOL_JOB, crowd_work, &c);
        usleep((unsigned)(i * 37 % 4000));
    }
    pool_free(c.pool);
    assert_int_equal(c.done, 300);
}
