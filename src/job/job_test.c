/* job_test.c: who is next, how many at once, and what is told to those who wait. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "job/job.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct bench {
    loop      *loop;
    pool      *pool;
    job_queue *queue;
    text       began, ran, told;   /* "a1 b2 " … */
    int        others, inside, most_inside, calls;
    bool       in_call;            /* job_add or job_cancel is under way: nothing may be told */
} bench;

static bench *now;

static void on_waits(void *data, const char *session, uint64_t job, int position, job_times expected)
{
    bench *b = data;
    (void)expected;
    assert_false(b->in_call);
    text_printf(&b->told, "%c%d:%d ", session[0], (int)job, position);
}

static void on_ran(void *data, const char *session, uint64_t job, run *r, bool refused)
{
    bench *b = data;
    assert_false(b->in_call);
    text_printf(&b->ran, "%c%d%s ", session[0], (int)job, refused ? "!" : atomic_load(&r->interrupted) ? "x" : "");
    run_free(r);
}

static void before(void *data, run *r)
{
    bench *b = data;
    text_printf(&b->began, "%c%d ", r->session[0], (int)r->job);
}

static int others(void *data) { return ((bench *)data)->others; }
static void body(ez_ui *ui) { (void)ui; now->calls++; }

static bench *bench_new(int queue_size)
{
    bench *b = mem_alloc(sizeof *b);
    b->loop = loop_new();
    b->pool = pool_new(&(pool_options){ .by_hand = true });
    b->queue = job_queue_new(b->loop, b->pool, queue_size, &(job_events){ .waits = on_waits, .ran = on_ran, .before = before, .others = others, .data = b });
    now = b;
    return b;
}

static void bench_free(bench *b)
{
    job_queue_stop(b->queue);
    pool_free(b->pool);
    loop_turn(b->loop, 0);
    job_queue_free(b->queue);
    loop_free(b->loop);
    text_done(&b->began);
    text_done(&b->ran);
    text_done(&b->told);
    mem_free(b);
}

static run *run_of(const char *session, int job)
{
    run *r = run_new(RUN_JOB, body, NULL);
    r->session = arena_text(r->arena, session);
    r->job = (uint64_t)job;
    return r;
}

static void add(bench *b, const char *session, int job, const void *function, int concurrency, const char *lane)
{
    b->in_call = true;
    job_add(b->queue, &(job_order){ .session = session, .job = (uint64_t)job, .run = run_of(session, job), .function = function, .concurrency = concurrency, .lane = lane });
    b->in_call = false;
}

static void settle(bench *b)
{
    for (int i = 0; i < 10; i++) loop_turn(b->loop, 0);
}

/* Runs one function on this thread, and lets the loop hear of it. */
static bool one(bench *b)
{
    bool did = pool_step(b->pool);
    settle(b);
    return did;
}

/* Until what has changed may be told again. */
static void pause_for_news(bench *b)
{
    for (int64_t until = clock_ms() + 60; clock_ms() < until; usleep(1000)) settle(b);
}

static void all(bench *b)
{
    settle(b);
    while (one(b)) {}
}

static int f;

TEST(a_job_runs_and_is_told)
{
    bench *b = bench_new(10);
    add(b, "a", 1, &f, 0, NULL);
    assert_int_equal(b->calls, 0);
    all(b);
    assert_int_equal(b->calls, 1);
    assert_string_equal(b->ran.at, "a1 ");
    assert_int_equal(job_waiting(b->queue), 0);
    assert_int_equal(job_running(b->queue), 0);
    bench_free(b);
}

TEST(somebody_with_ten_jobs_does_not_keep_away_somebody_with_one)
{
    bench *b = bench_new(100);
    for (int i = 1; i <= 5; i++) add(b, "a", i, &f, 0, NULL);
    settle(b);
    add(b, "b", 1, &f, 0, NULL);
    add(b, "c", 1, &f, 0, NULL);
    all(b);
    assert_string_equal(b->began.at, "a1 b1 c1 a2 a3 a4 a5 ");
    bench_free(b);
}

TEST(sessions_take_turns)
{
    bench *b = bench_new(100);
    for (int i = 1; i <= 3; i++) add(b, "a", i, &f, 0, NULL);
    for (int i = 1; i <= 3; i++) add(b, "b", i, &f, 0, NULL);
    all(b);
    assert_string_equal(b->began.at, "a1 b1 a2 b2 a3 b3 ");
    bench_free(b);
}

TEST(positions_are_told_when_they_change)
{
    bench *b = bench_new(100);
    for (int i = 1; i <= 3; i++) add(b, "a", i, &f, 1, NULL);
    settle(b);
    assert_string_equal(b->told.at, "a1:0 a2:1 a3:2 ");
    assert_int_equal(job_waiting(b->queue), 2);
    pause_for_news(b);
    one(b);
    pause_for_news(b);
    assert_string_equal(b->told.at, "a1:0 a2:1 a3:2 a2:0 a3:1 ");
    all(b);
    assert_string_equal(b->told.at, "a1:0 a2:1 a3:2 a2:0 a3:1 a3:0 ");
    bench_free(b);
}

TEST(positions_are_not_told_after_each_of_many_short_jobs)
{
    enum { JOBS = 60 };
    bench *b = bench_new(100);
    int64_t from = clock_ms();
    for (int i = 1; i <= JOBS; i++) add(b, "a", i, &f, 1, NULL);
    all(b);
    int64_t times = (clock_ms() - from) / 20 + 2;
    int told = 0;
    for (const char *at = b->told.at; *at; at++) told += *at == ':';
    assert_int_equal(b->calls, JOBS);
    assert_in_range(told, JOBS, JOBS + JOBS * times);
    bench_free(b);
}

TEST(more_than_the_queue_holds_is_refused)
{
    bench *b = bench_new(2);
    add(b, "a", 1, &f, 1, NULL);
    settle(b);
    for (int i = 2; i <= 5; i++) add(b, "a", i, &f, 1, NULL);
    assert_string_equal(b->ran.at ? b->ran.at : "", "");
    settle(b);
    assert_string_equal(b->ran.at, "a4! a5! ");
    all(b);
    assert_string_equal(b->ran.at, "a4! a5! a1 a2 a3 ");
    bench_free(b);
}

TEST(who_waits_elsewhere_counts_for_the_limit)
{
    bench *b = bench_new(2);
    assert_false(job_full(b->queue));
    b->others = 2;
    assert_true(job_full(b->queue));
    add(b, "a", 1, &f, 0, NULL);
    b->in_call = true;
    job_add(b->queue, &(job_order){ .session = "a", .job = 2, .run = run_of("a", 2), .function = &f, .unlimited = true });
    b->in_call = false;
    all(b);
    assert_string_equal(b->ran.at, "a1! a2 ");
    bench_free(b);
}

static void add_with(bench *b, const char *session, int job, int priority, int max_size)
{
    static int functions[3];                   /* each priority is another function's, in one lane */
    b->in_call = true;
    job_add(b->queue, &(job_order){ .session = session, .job = (uint64_t)job, .run = run_of(session, job), .function = &functions[priority + 1], .lane = "lane", .concurrency = 1,
                                    .priority = priority, .max_size = max_size });
    b->in_call = false;
}

TEST(a_job_of_higher_priority_goes_first)
{
    bench *b = bench_new(100);
    for (int i = 1; i <= 2; i++) add_with(b, "l", i, EZ_PRIORITY_LOW, 0);
    for (int i = 1; i <= 2; i++) add_with(b, "n", i, EZ_PRIORITY_NORMAL, 0);
    for (int i = 1; i <= 2; i++) add_with(b, "h", i, EZ_PRIORITY_HIGH, 0);
    for (int i = 3; i <= 4; i++) add_with(b, "l", i, EZ_PRIORITY_HIGH, 0);     /* the same session has both */
    all(b);
    assert_string_equal(b->began.at, "h1 l3 h2 l4 n1 n2 l1 l2 ");
    bench_free(b);
}

TEST(nobody_starves_behind_those_of_higher_priority)
{
    bench *b = bench_new(100);
    int began = 0;
    add_with(b, "n", 1, EZ_PRIORITY_NORMAL, 0);
    for (int i = 1; i <= 40; i++) {            /* one that is preferred comes as soon as another has begun */
        add_with(b, "h", i, EZ_PRIORITY_HIGH, 0);
        if (i > 2) one(b);
        else settle(b);
        if (!began && strstr(b->began.at ? b->began.at : "", "n1")) began = i;
    }
    assert_in_range(began, 3, 25);
    all(b);
    bench_free(b);
}

TEST(a_function_has_a_limit_of_its_own_for_how_many_wait)
{
    bench *b = bench_new(100);
    for (int i = 1; i <= 4; i++) add_with(b, "a", i, EZ_PRIORITY_LOW, 2);
    add_with(b, "b", 1, EZ_PRIORITY_HIGH, 2);
    settle(b);
    assert_string_equal(b->ran.at, "a3! a4! ");
    assert_true(job_cancel(b->queue, "a", 1));
    add_with(b, "a", 5, EZ_PRIORITY_LOW, 2);           /* there is room again */
    all(b);
    assert_string_equal(b->ran.at, "a3! a4! a1 b1 a2 a5 ");
    bench_free(b);
}

/* Inputs of a job may be there only when its turn has come. */
static run *make(void *data, const char *session, uint64_t job)
{
    text_printf(&((bench *)data)->began, "(%c%d) ", session[0], (int)job);
    return run_of(session, (int)job);
}

static void ran_or_not(void *data, const char *session, uint64_t job, run *r, bool refused)
{
    text_printf(&((bench *)data)->ran, "%c%d%s ", session[0], (int)job, refused ? "!" : r ? "" : "-");
    run_free(r);
}

TEST(a_run_is_made_when_its_turn_has_come)
{
    bench *b = bench_new(2);
    job_queue *q = job_queue_new(b->loop, b->pool, 2, &(job_events){ .ran = ran_or_not, .before = before, .make = make, .data = b });
    for (int i = 1; i <= 2; i++) job_add(q, &(job_order){ .session = "a", .job = (uint64_t)i, .function = &f, .concurrency = 1 });
    job_add(q, &(job_order){ .session = "a", .job = 3, .function = &f, .concurrency = 1 });
    settle(b);
    assert_true(job_cancel(q, "a", 2));
    all(b);
    assert_string_equal(b->began.at, "(a1) a1 ");
    assert_string_equal(b->ran.at, "a3! a2- a1 ");
    job_queue_stop(q);
    job_queue_free(q);
    bench_free(b);
}

TEST(a_job_that_waits_is_cancelled_without_running)
{
    bench *b = bench_new(10);
    add(b, "a", 1, &f, 1, NULL);
    settle(b);
    add(b, "a", 2, &f, 1, NULL);
    add(b, "a", 3, &f, 1, NULL);
    pause_for_news(b);
    b->in_call = true;
    assert_true(job_cancel(b->queue, "a", 2));
    assert_false(job_cancel(b->queue, "a", 2));
    assert_false(job_cancel(b->queue, "b", 3));
    assert_false(job_cancel(b->queue, "a", 1));            /* it runs: its own business to look */
    b->in_call = false;
    pause_for_news(b);
    assert_string_equal(b->ran.at, "a2 ");
    assert_string_equal(b->told.at, "a1:0 a2:1 a3:2 a3:1 ");
    all(b);
    assert_int_equal(b->calls, 2);
    bench_free(b);
}

TEST(what_still_waits_when_the_queue_ends_is_given_back)
{
    bench *b = bench_new(10);
    for (int i = 1; i <= 4; i++) add(b, "a", i, &f, 1, NULL);
    settle(b);
    bench_free(b);                             /* the sanitizer counts */
}

/* ---- on threads ----------------------------------------------------------------------------------------------------------- */

typedef struct crowd { loop *loop; job_queue *queue; _Atomic int inside[3], most[3], done; int wanted; } crowd;
static crowd *people;

static void in_group(int group)
{
    int is = atomic_fetch_add(&people->inside[group], 1) + 1, most = atomic_load(&people->most[group]);
    while (is > most && !atomic_compare_exchange_weak(&people->most[group], &most, is)) {}
    usleep(2000);
    atomic_fetch_sub(&people->inside[group], 1);
}
static void one_at_a_time(ez_ui *ui) { (void)ui; in_group(0); }
static void two_in_a_lane(ez_ui *ui) { (void)ui; in_group(1); }
static void also_in_the_lane(ez_ui *ui) { (void)ui; in_group(1); }
static void without_limit(ez_ui *ui) { (void)ui; in_group(2); }

static void crowd_ran(void *data, const char *session, uint64_t job, run *r, bool refused)
{
    crowd *c = data;
    (void)session, (void)job;
    assert_false(refused);
    run_free(r);
    if (atomic_fetch_add(&c->done, 1) + 1 == c->wanted) loop_stop(c->loop);
}

TEST(functions_and_lanes_keep_their_limits_on_threads)
{
    crowd c = { .loop = loop_new(), .wanted = 80 };
    pool *p = pool_new(&(pool_options){ .permits = { 2, 4 } });
    static ez_fn *const fns[] = { one_at_a_time, two_in_a_lane, also_in_the_lane, without_limit };
    static const int limits[] = { 1, 2, 2, 0 };
    people = &c;
    c.queue = job_queue_new(c.loop, p, 1000, &(job_events){ .ran = crowd_ran, .data = &c });
    for (int i = 0; i < c.wanted; i++) {
        char session[8];
        snprintf(session, sizeof session, "s%d", i % 7);
        run *r = run_new(RUN_JOB, fns[i % 4], NULL);
        job_add(c.queue, &(job_order){ .session = session, .job = (uint64_t)i, .run = r, .function = (const void *)(intptr_t)fns[i % 4], .concurrency = limits[i % 4],
                                       .lane = i % 4 == 1 || i % 4 == 2 ? "lane" : NULL });
    }
    loop_run(c.loop);
    assert_int_equal(atomic_load(&c.most[0]), 1);
    assert_int_equal(atomic_load(&c.most[1]), 2);
    assert_in_range(atomic_load(&c.most[2]), 2, 4);
    job_queue_stop(c.queue);
    pool_free(p);
    loop_turn(c.loop, 0);
    job_queue_free(c.queue);
    loop_free(c.loop);
}
