/* turns_test.c: the order of turns against a plain one that looks at everybody, and what a long line costs. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "job/turns.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the same rule, said as plainly as possible ------------------------------------------------------------------------ */

enum { PEOPLE = 12, GROUPS = 4, PLAIN = 400 };

typedef struct plain_job { job *is; int who, group; uint64_t arrival; bool waits; } plain_job;
typedef struct plain {
    plain_job jobs[PLAIN];
    int      count, waiting[PEOPLE], running[GROUPS];
    uint64_t turn[PEOPLE], starts;
} plain;

static const int limits[GROUPS] = { 0, 1, 2, 3 };

static plain_job *plain_next(plain *p)
{
    plain_job *best = NULL;
    for (int i = 0; i < p->count; i++) {
        plain_job *j = &p->jobs[i];
        if (!j->waits || (limits[j->group] && p->running[j->group] >= limits[j->group])) continue;
        if (!best || p->turn[j->who] < p->turn[best->who] || (p->turn[j->who] == p->turn[best->who] && j->arrival < best->arrival)) best = j;
    }
    return best;
}

static void one_schedule(uint64_t seed)
{
    static plain p;
    turns t = { 0 };
    LIST(plain_job *) running = { 0 };
    memset(&p, 0, sizeof p);
    for (uint64_t step = 0; step < 2 * PLAIN; step++) {
        uint64_t dice = hash_mix(seed, step);
        if (dice % 5 < 2 && p.count < PLAIN) {
            plain_job *j = &p.jobs[p.count++];
            *j = (plain_job){ .is = mem_alloc(sizeof(job)), .who = (int)((dice >> 8) % PEOPLE), .group = (int)(dice >> 20) & (GROUPS - 1), .arrival = (uint64_t)p.count, .waits = true };
            if (!p.waiting[j->who]++) p.turn[j->who] = p.starts ? p.starts - 1 : 0;
            snprintf(j->is->session, sizeof j->is->session, "s%d", j->who);
            j->is->number = (uint64_t)p.count;
            turns_add(&t, j->is, (uint64_t)j->group, limits[j->group]);
        } else if (dice % 5 == 2 && running.count) {
            int i = (int)((dice >> 8) % (uint64_t)running.count);
            plain_job *j = running.at[i];
            list_remove(&running, i);
            p.running[j->group]--;
            turns_ended(&t, j->is);
            mem_free(j->is);
        } else if (dice % 25 == 3 && p.count) {
            plain_job *j = &p.jobs[(dice >> 8) % (uint64_t)p.count];
            if (!j->waits) continue;
            assert_ptr_equal(turns_find(&t, j->is->session, j->is->number), j->is);
            j->waits = false;
            p.waiting[j->who]--;
            turns_leave(&t, j->is);
            mem_free(j->is);
        } else {
            plain_job *want = plain_next(&p);
            job *got = turns_next(&t);
            if (got != (want ? want->is : NULL)) fail_msg("seed %llu, step %llu: another job is next", (unsigned long long)seed, (unsigned long long)step);
            if (!want) continue;
            want->waits = false;
            p.waiting[want->who]--;
            p.turn[want->who] = ++p.starts;
            p.running[want->group]++;
            *list_add(&running) = want;
        }
    }
    for (int i = 0; i < p.count; i++)
        if (p.jobs[i].waits) {
            turns_leave(&t, p.jobs[i].is);
            mem_free(p.jobs[i].is);
        }
    for (int i = 0; i < running.count; i++) {
        turns_ended(&t, running.at[i]->is);
        mem_free(running.at[i]->is);
    }
    assert_int_equal(t.sessions.count + t.all_groups.count + t.jobs.count, 0);
    list_done(&running);
    turns_done(&t);
}

TEST(turns_are_those_of_the_plain_rule_in_random_schedules)
{
    for (uint64_t seed = 1; seed <= 500; seed++) one_schedule(seed);
}

TEST(sessions_that_left_are_forgotten)
{
    turns t = { 0 };
    job stays = { .session = "stays" };
    turns_add(&t, &stays, 1, 0);
    assert_ptr_equal(turns_next(&t), &stays);
    for (int i = 0; i < 20000; i++) {
        job j = { .number = (uint64_t)i };
        snprintf(j.session, sizeof j.session, "v%d", i);
        turns_add(&t, &j, 1, 0);
        if (i % 2) {
            turns_leave(&t, &j);
        } else {
            assert_ptr_equal(turns_next(&t), &j);
            turns_ended(&t, &j);
        }
        assert_true(t.sessions.count <= 1);
    }
    turns_ended(&t, &stays);
    assert_int_equal(t.sessions.count, 0);
    turns_done(&t);
}

/* ---- forecasts ------------------------------------------------------------------------------------------------------------- */

enum { FORECAST = 60, PERMITS = 3 };

typedef struct soothsayer { double wait[FORECAST]; int position[FORECAST], count; } soothsayer;

static void say(void *data, job *j, int position, double wait_ms)
{
    soothsayer *s = data;
    s->wait[j->number] = wait_ms;
    s->position[j->number] = position;
    s->count++;
}

/* Plays what waits on a clock of its own, in which every job takes as long as its function always does, and compares when each begins with what was foretold. */
static void play(turns *t, job *jobs, const soothsayer *told, int64_t now)
{
    int running = t->running, left = t->waiting, began[GROUPS] = { 0 };
    int64_t ends[FORECAST], gives[FORECAST];
    for (int i = 0; i < FORECAST; i++) {
        ends[i] = jobs[i].began_ms > 0 ? (int64_t)(jobs[i].began_ms + jobs[i].function->took_ms) : 0;
        gives[i] = jobs[i].began_ms > 0 ? (int64_t)(jobs[i].began_ms + jobs[i].function->held_ms) : 0;
    }
    for (int64_t at = now; left; at++) {
        for (int i = 0; i < FORECAST; i++) {
            if (gives[i] && gives[i] <= at) gives[i] = 0, running--;
            if (ends[i] && ends[i] <= at) ends[i] = 0, turns_ended(t, &jobs[i]);
        }
        for (job *j; running < PERMITS && (j = turns_next(t)); running++, left--) {
            int group = (int)(j->function - (job_function *)jobs[0].queue);
            if (told->wait[j->number] != (double)(at - now)) fail_msg("job %d begins after %lld ms, and %g were foretold", (int)j->number, (long long)(at - now), told->wait[j->number]);
            assert_int_equal(told->position[j->number], ++began[group]);
            ends[j->number] = at + (int64_t)j->function->took_ms;
            gives[j->number] = at + (int64_t)j->function->held_ms;
        }
    }
    for (int i = 0; i < FORECAST; i++)
        if (ends[i]) turns_ended(t, &jobs[i]);
}

static void one_forecast(uint64_t seed)
{
    static job jobs[FORECAST];
    static const double took[GROUPS] = { 7, 30, 11, 5 }, held[GROUPS] = { 7, 12, 1, 5 };
    job_function functions[GROUPS];
    turns t = { 0 };
    soothsayer told = { .count = 0 };
    int64_t now = 1000000;                     /* whole ms, so that nothing is rounded */
    memset(jobs, 0, sizeof jobs);
    for (int i = 0; i < GROUPS; i++) functions[i] = (job_function){ .measured = 1, .took_ms = took[i], .held_ms = held[i] };
    for (int i = 0; i < FORECAST; i++) {
        uint64_t dice = hash_mix(seed, (uint64_t)i);
        int group = (int)(dice >> 20) & (GROUPS - 1);
        jobs[i] = (job){ .queue = (job_queue *)functions, .number = (uint64_t)i, .function = &functions[group], .priority = (int)((dice >> 40) % 3) - 1 };
        snprintf(jobs[i].session, sizeof jobs[i].session, "s%d", (int)((dice >> 8) % PEOPLE));
        turns_add(&t, &jobs[i], (uint64_t)group, limits[group]);
        job *j = dice % 20 || t.running == PERMITS ? NULL : turns_next(&t);
        if (j) j->began_ms = (double)(now - (int64_t)(j->function->held_ms > 4 ? (dice >> 50) % 4 + 1 : 1) + 1);
    }
    for (int again = 0; again < 2; again++) {          /* the second finds the queue as the first did */
        told.count = 0;
        turns_forecast(&t, PERMITS, (double)now, say, &told);
        assert_int_equal(told.count, t.waiting);
    }
    play(&t, jobs, &told, now);
    assert_int_equal(t.sessions.count + t.all_groups.count + t.jobs.count, 0);
    turns_done(&t);
}

TEST(a_forecast_comes_true_when_all_take_as_long_as_they_did_before)
{
    for (uint64_t seed = 1; seed <= 500; seed++) one_forecast(seed);
}

TEST(what_was_never_measured_is_not_foretold)
{
    turns t = { 0 };
    job_function known = { .measured = 3, .took_ms = 10, .held_ms = 10 }, fresh = { 0 };
    job jobs[4] = { { .number = 0, .session = "a", .function = &known }, { .number = 1, .session = "a", .function = &known }, { .number = 2, .session = "b", .function = &fresh },
                    { .number = 3, .session = "c", .function = &known } };
    soothsayer told = { .count = 0 };
    for (int i = 0; i < 4; i++) turns_add(&t, &jobs[i], i == 2 ? 2 : 1, 1);
    turns_forecast(&t, 1, 0, say, &told);
    assert_true(told.wait[0] == 0 && told.wait[2] == 10);
    assert_true(told.wait[1] > 1e300 && told.wait[3] > 1e300);        /* behind one that may take any time */
    assert_int_equal(told.position[2], 1);
    assert_int_equal(told.position[3], 2);
    assert_int_equal(told.position[1], 3);
    job_measured(&fresh, 4, 4);
    turns_forecast(&t, 1, 0, say, &told);
    assert_true(told.wait[3] == 14 && told.wait[1] == 24);
    for (int i = 0; i < 4; i++) turns_leave(&t, &jobs[i]);
    turns_done(&t);
}

TEST(the_newest_times_count_most)
{
    job_function f = { 0 };
    for (int i = 0; i < 100; i++) job_measured(&f, 10, 1);
    assert_true(f.took_ms > 9.99 && f.took_ms < 10.01);
    for (int i = 0; i < 50; i++) job_measured(&f, 100, 50);
    assert_true(f.took_ms > 90 && f.held_ms > 40);
}

/* ---- a long line through the queue ----------------------------------------------------------------------------------------- */

/* The thread sanitizer makes each step many times slower, and one thread steps here. */
#ifdef __SANITIZE_THREAD__
enum { LONG = 1000, SESSIONS = 100 };
#else
enum { LONG = 10000, SESSIONS = 100 };
#endif

typedef struct line {
    loop *loop;
    job_queue *queue;
    int begun, ran, told, session_begun[SESSIONS], last_told[LONG + 1];
} line;
static line *now;

static void on_waits(void *data, const char *session, uint64_t number, int position, job_times expected)
{
    line *l = data;
    (void)session, (void)expected;
    l->told++;
    l->last_told[number] = position;
}

static void on_ran(void *data, const char *session, uint64_t number, run *r, bool refused)
{
    line *l = data;
    (void)session, (void)number;
    assert_false(refused);
    l->ran++;
    run_free(r);
}

static void before(void *data, run *r)
{
    line *l = data;
    int who = (int)((r->job - 1) % SESSIONS), mine = ++l->session_begun[who];
    assert_in_range(l->begun, (mine - 1) * SESSIONS, mine * SESSIONS - 1);      /* nobody has his next turn before all others had theirs */
    assert_true(l->last_told[r->job] <= 1 || !l->last_told[r->job]);
    l->begun++;
}

static void work(ez_ui *ui) { (void)ui; }

TEST(ten_thousand_jobs_that_wait_begin_in_turn_and_hear_of_it_now_and_then)
{
    line *l = mem_alloc(sizeof *l);
    pool *p = pool_new(&(pool_options){ .by_hand = true });
    now = l;
    l->loop = loop_new();
    l->queue = job_queue_new(l->loop, p, LONG, &(job_events){ .waits = on_waits, .ran = on_ran, .before = before, .data = l });
    int64_t began = clock_ns();
    for (int i = 0; i < LONG; i++) {
        char session[16];
        run *r = run_new(RUN_JOB, work, NULL);
        r->job = (uint64_t)i + 1;
        snprintf(session, sizeof session, "s%d", i % SESSIONS);
        job_add(l->queue, &(job_order){ .session = session, .job = r->job, .run = r, .function = &now, .concurrency = 5 });
    }
    assert_int_equal(job_waiting(l->queue), LONG);
    for (int i = 0; l->ran < LONG && i < 10 * LONG; i++) {
        loop_turn(l->loop, 0);
        pool_step(p);
    }
    int64_t took = clock_ns() - began;
    assert_int_equal(l->ran, LONG);
    assert_true(l->told < 100 * LONG);                 /* a message to each at each start would be LONG * LONG / 2 */
    print_message("%d jobs: %.1f us each, %.1f messages each\n", LONG, (double)took / LONG / 1000, (double)l->told / LONG);
    job_queue_stop(l->queue);
    pool_free(p);
    loop_turn(l->loop, 0);
    job_queue_free(l->queue);
    loop_free(l->loop);
    mem_free(l);
}
