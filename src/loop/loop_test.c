/* loop_test.c: the door, the timers and the end of a loop. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "loop/loop.h"
#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

typedef struct door_test { loop *loop; int next[4], seen, wrong; } door_test;
typedef struct door_word { door_test *test; int thread, number; } door_word;
typedef struct door_thread { door_test *test; int thread; } door_thread;

enum { THREADS = 4, WORDS = 5000 };

static void hear(void *data)
{
    door_word *word = data;
    door_test *t = word->test;
    if (t->next[word->thread]++ != word->number) t->wrong++;
    if (++t->seen == THREADS * WORDS) loop_stop(t->loop);
    mem_free(word);
}

static void *talk(void *data)
{
    door_thread *me = data;
    for (int i = 0; i < WORDS; i++) {
        door_word *word = mem_alloc(sizeof *word);
        *word = (door_word){ me->test, me->thread, i };
        loop_post(me->test->loop, hear, word);
    }
    return NULL;
}

TEST(what_threads_post_arrives_complete_and_in_each_thread_s_order)
{
    door_test t = { .loop = loop_new() };
    door_thread me[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        me[i] = (door_thread){ &t, i };
        pthread_create(&threads[i], NULL, talk, &me[i]);
    }
    loop_run(t.loop);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    loop_free(t.loop);
    assert_int_equal(t.seen, THREADS * WORDS);
    assert_int_equal(t.wrong, 0);
}

static void count_up(void *data) { ++*(int *)data; }

typedef struct nested { loop *loop; int depth, inside; bool wrong; } nested;

static void post_again(void *data)
{
    nested *n = data;
    if (n->inside++) n->wrong = true;
    if (n->depth-- > 0) loop_post(n->loop, post_again, n);
    n->inside--;
}

TEST(a_post_from_the_loop_thread_waits_for_the_callback_to_return)
{
    nested n = { .loop = loop_new(), .depth = 3 };
    loop_post(n.loop, post_again, &n);
    for (int i = 0; i < 100 && n.depth >= 0; i++) loop_turn(n.loop, 100);
    assert_int_equal(n.depth, -1);
    assert_false(n.wrong);
    loop_free(n.loop);
}

TEST(what_is_posted_before_the_end_still_runs)
{
    int count = 0;
    nested n = { .loop = loop_new(), .depth = 5 };
    loop_post(n.loop, count_up, &count);
    loop_post(n.loop, post_again, &n);
    loop_free(n.loop);
    assert_int_equal(count, 1);
    assert_int_equal(n.depth, -1);
    loop_free(NULL);
}

TEST(a_turn_waits_no_longer_than_told)
{
    loop *l = loop_new();
    int64_t before = clock_ms();
    loop_turn(l, 0);
    assert_true(clock_ms() - before < 1000);
    before = clock_ms();
    loop_turn(l, 30);
    assert_in_range(clock_ms() - before, 25, 3000);
    loop_free(l);
}

TEST(a_loop_runs_again_after_it_was_stopped)
{
    loop *l = loop_new();
    int count = 0;
    for (int i = 0; i < 3; i++) {
        loop_post(l, count_up, &count);
        loop_stop(l);
        loop_run(l);
    }
    assert_int_equal(count, 3);
    loop_free(l);
}

TEST(a_timer_fires_once_not_before_its_time)
{
    loop *l = loop_new();
    int count = 0;
    int64_t before = clock_ms();
    loop_timer_start(l, 20, 0, count_up, &count);
    while (!count && clock_ms() - before < 3000) loop_turn(l, 100);
    assert_true(clock_ms() - before >= 19);
    for (int i = 0; i < 3; i++) loop_turn(l, 20);
    assert_int_equal(count, 1);
    loop_free(l);
}

typedef struct repeat { loop_timer *timer; int count; } repeat;

static void three_times(void *data)
{
    repeat *r = data;
    if (++r->count == 3) loop_timer_stop(r->timer);
}

TEST(a_repeating_timer_may_stop_itself)
{
    loop *l = loop_new();
    repeat r = { 0 };
    r.timer = loop_timer_start(l, 0, 2, three_times, &r);
    for (int i = 0; i < 20; i++) loop_turn(l, 5);
    assert_int_equal(r.count, 3);
    loop_free(l);
}

TEST(stopped_timers_never_fire_and_forgotten_ones_are_freed)
{
    loop *l = loop_new();
    int count = 0;
    loop_timer *a = loop_timer_start(l, 5, 0, count_up, &count), *b = loop_timer_start(l, 5, 5, count_up, &count);
    loop_timer_start(l, 100000, 0, count_up, &count);
    loop_timer_stop(a);
    loop_timer_stop(b);
    loop_timer_stop(NULL);
    for (int i = 0; i < 3; i++) loop_turn(l, 10);
    assert_int_equal(count, 0);
    loop_free(l);
}

TEST(handles_of_others_are_closed_with_the_loop)
{
    loop *l = loop_new();
    static uv_timer_t stray;
    uv_timer_init(loop_uv(l), &stray);
    uv_timer_start(&stray, NULL, 100000, 0);
    loop_free(l);
    assert_true(uv_is_closing((uv_handle_t *)&stray));
}
