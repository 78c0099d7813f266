/* memory_test.c: who needs more memory than a session may hold is stopped and told; all else goes on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include "page/place.h"
#include "session/inside.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT = 1 << 20 };

static size_t most, rounds;
static jmp_buf out;

typedef struct huge { char bytes[3 << 20]; } huge;

static void append(ez_ui *ui)
{
    for (rounds = 0; rounds < 100000 && ez_running(ui); rounds++)
        ez_append(ui, "log", "a line of a hundred characters that a job writes again and again, as if nobody had to keep it ......\n");
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Memory");
    const char *typed = ez_text_input(ui, "Typed", .max_chars = 3000000, .key = "typed");
    ez_text(ui, ez_fmt(ui, "%d characters", ez_length(typed)), .key = "length");
    if (ez_button(ui, "Good", .key = "good"))
        ez_text(ui, "all is well");
    if (ez_button(ui, "Endless", .key = "endless")) {
        for (rounds = 0; rounds < 200000; rounds++) {           /* it does not ask whether it should go on */
            ez_ui *in = ez_column(ez_row(ui));
            ez_text(in, ez_fmt(ui, "row %zu", rounds));
        }
        most = run_memory(ui->run);
    }
    if (ez_button(ui, "Greedy", .key = "greedy"))
        for (;;) *(volatile char *)ez_alloc(ui, 4096) = 1;
    if (ez_button(ui, "State", .key = "state"))
        ez_state(ui, huge, "huge")->bytes[5] = 1;
    if (ez_button(ui, "Puts", .key = "puts"))
        for (rounds = 0; rounds < 1000000 && ez_running(ui); rounds++)
            ez_put_text(ui, "length", "some words that are put over and over");
    ez_text(ui, "", .key = "log");
    ez_button(ui, "Job", .key = "job");
    ez_on(ui, "job.click", append);
}

static loopback *start(void)
{
    loopback *l = loopback_new(page);
    l->program.memory = LIMIT;
    return l;
}

static void goes_on(loopback *l, lb_view *v)
{
    assert_int_equal(v->unacked.count, 0);
    loopback_click(l, v, "good");
    assert_true(loopback_sees(v, "all is well"));
    assert_false(loopback_sees(v, "too much memory"));
    loopback_same(l);
    assert_true(session_memory(l->s) < LIMIT);
}

TEST(a_page_that_prints_without_end_is_stopped_and_its_visitor_is_told)
{
    loopback *l = start();
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "typed", "\"mine\"");
    loopback_click(l, v, "endless");
    assert_true(loopback_sees(v, "too much memory"));
    assert_true(loopback_sees(v, "--session-memory"));
    assert_true(loopback_sees(v, "memory_test.c:"));
    assert_false(loopback_sees(v, "row 3"));
    assert_int_equal(v->refusals, 1);
    assert_int_equal(rounds, 200000);                           /* its loop came to its end, and took nothing more */
    assert_true(most < LIMIT + RUN_GRACE);
    assert_string_equal(loopback_value(l, "typed"), "\"mine\"");
    goes_on(l, v);
    loopback_free(l);
}

TEST(what_was_told_of_memory_is_there_after_a_reload_and_a_restart)
{
    loopback *l = start();
    lb_view *v = loopback_open(l, "a");
    loopback_click(l, v, "endless");
    loopback_restart(l);
    loopback_hello(l, v);
    loopback_drain(l);
    assert_true(loopback_sees(v, "too much memory"));
    l->program.memory = LIMIT;
    goes_on(l, v);
    loopback_free(l);
}

TEST(a_state_and_puts_count)
{
    loopback *l = start();
    lb_view *v = loopback_open(l, "a");
    loopback_click(l, v, "state");
    assert_true(loopback_sees(v, "too much memory"));
    goes_on(l, v);
    loopback_click(l, v, "puts");
    assert_true(rounds < 1000000);
    assert_true(loopback_sees(v, "too much memory"));
    goes_on(l, v);
    loopback_free(l);
}

TEST(a_job_that_writes_without_end_fails_and_says_why)
{
    loopback *l = start();
    lb_view *v = loopback_open(l, "a");
    loopback_click(l, v, "job");
    assert_true(rounds > 100 && rounds < 100000);
    goes_on(l, v);
    assert_int_equal(l->s->jobs.count, 0);
    loopback_free(l);
}

TEST(an_event_for_which_there_is_no_room_is_refused_with_the_reason)
{
    loopback *l = start();
    lb_view *v = loopback_open(l, "a");
    char *json = mem_alloc(LIMIT + 3);
    memset(json, 'x', LIMIT / 4);
    json[0] = json[LIMIT / 4] = '"';
    loopback_set(l, v, "typed", json);
    assert_int_equal(v->refusals, 1);
    assert_non_null(strstr(v->why, "no room"));
    assert_string_equal(loopback_value(l, "typed"), "-");
    loopback_set(l, v, "typed", "\"little\"");
    assert_true(loopback_sees(v, "6 characters"));
    goes_on(l, v);
    mem_free(json);
    loopback_free(l);
}

static void leave(void *data, run *r)
{
    (void)data;
    (void)r;
    longjmp(out, 1);                           /* in the program its thread stays there for good */
}

TEST(a_run_that_takes_memory_whatever_it_is_told_is_parked_and_set_aside)
{
    loopback *l = start();
    l->host.park = leave;
    lb_view *v = loopback_open(l, "a");
    l->hold_runs = true;
    loopback_click(l, v, "greedy");
    run *r = l->runs.at[0];
    list_remove(&l->runs, 0);
    if (!setjmp(out)) {
        run_execute(r);
        fail_msg("it returned");
    }
    assert_true(run_spent(r));
    assert_true(run_memory(r) < LIMIT + RUN_GRACE + 300000);
    l->hold_runs = false;
    loopback_wait(l, ASIDE_MS + 100);
    loopback_drain(l);
    assert_true(loopback_sees(v, "too much memory"));
    goes_on(l, v);
    run_free(r);
    loopback_free(l);
}

/* ---- out of memory and back ------------------------------------------------------------------------------------------------ */

TEST(a_session_that_leaves_memory_while_it_is_shown_comes_back_without_a_word)
{
    loopback *l = start();
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "typed", "\"mine\"");
    loopback_click(l, v, "good");
    int frames = v->frames, wholes = v->wholes, runs = l->runs_made;
    loopback_away(l);
    loopback_drain(l);
    assert_int_equal(session_views(l->s), 1);
    assert_int_equal(v->frames, frames);                        /* it has missed nothing and is told nothing */
    assert_int_equal(l->runs_made, runs);
    assert_string_equal(loopback_value(l, "typed"), "\"mine\"");
    assert_true(loopback_sees(v, "all is well"));
    for (int i = 0; i < 5; i++) {
        loopback_set(l, v, "typed", i % 2 ? "\"odd\"" : "\"straight\"");
        assert_true(loopback_sees(v, i % 2 ? "3 characters" : "8 characters"));
        assert_int_equal(v->unacked.count, 0);
        loopback_away(l);
    }
    assert_int_equal(v->wholes, wholes);
    assert_int_equal(v->acked, v->n);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_session_with_something_under_way_stays)
{
    loopback *l = start();
    assert_false(session_stored(l->s));                         /* the store knows nothing of it */
    lb_view *v = loopback_open(l, "a");
    assert_true(session_stored(l->s));
    l->hold_runs = true;
    loopback_click(l, v, "good");
    assert_false(session_stored(l->s));
    l->hold_runs = false;
    l->hold_saves = true;
    loopback_drain(l);
    assert_false(session_stored(l->s));                         /* its write is on its way */
    l->fail_writes = 1;
    l->hold_saves = false;
    loopback_drain(l);
    assert_false(session_stored(l->s));                         /* …and failed */
    loopback_wait(l, 10000);
    assert_true(session_stored(l->s));
    session_slow(l->s, v->token);
    assert_false(session_stored(l->s));                         /* it owes its view a page */
    loopback_step(l, &(message){ .kind = MESSAGE_DRAINED, .view = v->token });
    assert_true(session_stored(l->s));
    loopback_free(l);
}

static void clock_face(ez_ui *ui) { ez_text(ui, "tick"); }
static void clock_page(ez_ui *ui) { ez_fragment(ui, clock_face, .run_every = 1); }

TEST(a_page_that_refreshes_itself_stays_as_long_as_somebody_looks)
{
    loopback *l = loopback_new(clock_page);
    lb_view *v = loopback_open(l, "a");
    assert_false(session_stored(l->s));
    loopback_lose(l, v);
    loopback_drain(l);
    assert_true(session_stored(l->s));
    loopback_free(l);
}

TEST(without_a_limit_nothing_is_stopped)
{
    loopback *l = loopback_new(page);
    lb_view *v = loopback_open(l, "a");
    loopback_click(l, v, "state");
    assert_false(loopback_sees(v, "too much memory"));
    assert_true(session_memory(l->s) > sizeof(huge));
    loopback_free(l);
}
