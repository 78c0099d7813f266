/* aside_test.c: runs and jobs that do not listen, and runs for which nobody looks any more.
 *
 * A page here lets the time pass from inside of its own run: what happens then happens while C code is on its way. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <stdio.h>
#include <string.h>

enum { ASIDE = 5000, UNWATCHED = 30000 };

typedef struct tally { int n; } tally;

static loopback *l;
static lb_view *a;
static void (*inside)(void);       /* what happens while the run goes on; once */
static bool listens;               /* it looks at ez_running afterwards */
static int entered, here_line;

static void go_inside(void)
{
    void (*fn)(void) = inside;
    inside = NULL;
    if (fn) fn();
}

static void deaf(ez_ui *ui)
{
    tally *t = ez_state(ui, tally, "tally");
    entered++;
    t->n++;
    int rate = ez_int_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    bool clicked = ez_button(ui, "Go", .key = "go");
    ez_text(ui, ez_fmt(ui, "run %d, rate %d%s", t->n, rate, clicked ? ", clicked" : "")); here_line = __LINE__;
    if (inside) {
        ez_yield(ui);
        go_inside();
        if (listens && !ez_running(ui)) return;
        t->n += 1000;
        ez_text(ui, "late words");
        ez_put_num(ui, "rate", 9);
        ez_toast(ui, "late toast");
        ez_chat_add(ez_chat_get(ui, "talk"), "user", "late talk");
        ez_yield(ui);
    }
}

static void begin(ez_fn *page)
{
    l = loopback_new(page);
    inside = NULL;
    listens = false;
    entered = 0;
    a = loopback_open(l, "a");
}

static void stop(void)
{
    event_trigger(loopback_event(a, true), tree_root_id(), "stop", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
}

static bool place_named(const lb_view *v, int line)
{
    char place[80];
    snprintf(place, sizeof place, "aside_test.c:%d", line);
    return loopback_sees(v, place);
}

static void stop_and_wait(void)
{
    stop();
    loopback_tick(l, ASIDE - 1);
    assert_int_equal(l->asides, 0);
    assert_true(a->busy);
    loopback_tick(l, 1);
    loopback_drain(l);
    assert_int_equal(l->asides, 1);
    assert_true(place_named(a, here_line));
    assert_int_equal(a->unacked.count, 0);
    assert_int_equal(a->refusals, 1);
    assert_non_null(strstr(a->why, "set aside"));
    assert_false(a->busy);
}

TEST(a_run_that_ignores_its_interrupt_for_5_s_is_set_aside_and_nothing_of_it_counts)
{
    begin(deaf);
    assert_true(loopback_sees(a, "run 1, rate 5<"));
    inside = stop_and_wait;
    loopback_click(l, a, "go");                /* when this returns, the run has returned, too */
    assert_int_equal(entered, 2);
    assert_false(loopback_sees(a, "late words"));
    assert_false(loopback_sees(a, "run 2"));
    assert_true(loopback_sees(a, "run 1, rate 5<"));       /* as it was committed last */
    assert_string_equal(loopback_value(l, "rate"), "-");
    assert_int_equal(session_chat(l->s, "talk")->all.count, 0);
    assert_int_equal(a->refusals, 1);
    loopback_same(l);
    loopback_click(l, a, "go");                /* the session goes on */
    assert_true(loopback_sees(a, "run 2, rate 5, clicked<"));
    assert_false(loopback_sees(a, "set aside"));
    loopback_same(l);
    loopback_free(l);
}

TEST(the_event_of_a_run_that_was_set_aside_is_failed_once_also_for_the_next_process)
{
    begin(deaf);
    lb_event e = { .n = 1, .f = a->frame, .node = loopback_id(l, "go"), .type = "click" };
    inside = stop_and_wait;
    loopback_event(a, false)->node = e.node;   /* the browser keeps it until it is settled */
    snprintf(a->unacked.at[0].type, sizeof e.type, "click");
    loopback_send(l, a, &e);
    loopback_drain(l);
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_send(l, a, &e);
    loopback_drain(l);
    assert_int_equal(entered, 2);              /* the repeat runs nothing */
    assert_int_equal(a->acked, 2);
    assert_true(loopback_sees(a, "set aside"));
    loopback_free(l);
}

static lb_view *b;
static void new_value_and_wait(void)
{
    loopback_set(l, b, "rate", "7");
    assert_int_equal(l->interrupts, 1);
    loopback_tick(l, ASIDE);
    loopback_drain(l);
    assert_int_equal(l->asides, 1);
    assert_true(loopback_sees(b, "run 3, rate 7<"));
    assert_false(loopback_sees(b, "set aside"));           /* a page that has run since needs no card */
}

TEST(a_new_value_sets_aside_the_run_that_keeps_it_from_being_seen)
{
    begin(deaf);
    b = loopback_open(l, "b");
    inside = new_value_and_wait;
    loopback_set(l, a, "rate", "6");
    assert_int_equal(a->unacked.count, 0);
    assert_int_equal(b->unacked.count, 0);
    assert_true(loopback_sees(a, "run 3, rate 7<"));
    assert_false(loopback_sees(a, "late words"));
    assert_string_equal(loopback_value(l, "rate"), "7");
    loopback_same(l);
    loopback_free(l);
}

TEST(a_run_that_has_not_begun_is_not_set_aside_however_long_it_waits)
{
    begin(deaf);
    l->hold_runs = true;
    loopback_set(l, a, "rate", "6");
    loopback_drain(l);
    stop();
    loopback_wait(l, 20 * ASIDE);
    assert_int_equal(l->asides, 0);
    l->hold_runs = false;
    loopback_drain(l);
    assert_int_equal(l->asides, 0);
    assert_int_equal(a->unacked.count, 0);
    loopback_free(l);
}

static void again_and_again(void) { stop(); loopback_tick(l, ASIDE); loopback_drain(l); }

TEST(a_page_that_is_set_aside_twice_shows_one_card)
{
    begin(deaf);
    for (int i = 0; i < 3; i++) {
        inside = again_and_again;
        loopback_click(l, a, "go");
        assert_int_equal(l->asides, i + 1);
        assert_true(loopback_sees(a, "set aside"));
        loopback_same(l);
    }
    loopback_free(l);
}

/* ---- jobs ----------------------------------------------------------------------------------------------------------------- */

static void deaf_job(ez_ui *ui)
{
    tally *t = ez_state(ui, tally, "tally");
    entered++;
    ez_put_text(ui, "out", "before");
    go_inside();
    t->n = 77;
    ez_put_text(ui, "out", "late");
}

static void failed(ez_ui *ui) { ez_put_text(ui, "end", "it failed"); }
static void done(ez_ui *ui) { ez_put_text(ui, "end", "it is done"); }

static void job_page(ez_ui *ui)
{
    tally *t = ez_state(ui, tally, "tally");
    ez_button(ui, "Go", .key = "go");
    ez_text(ui, "-", .key = "out");
    ez_text(ui, "-", .key = "end");
    ez_text(ui, ez_fmt(ui, "tally %d", t->n));
    ez_event *e = ez_on(ui, "go.click", deaf_job);
    ez_on_success(e, done);
    ez_on_failure(e, failed);
}

static void cancel_and_wait(void)
{
    stop();
    loopback_tick(l, ASIDE - 1);
    assert_int_equal(l->asides, 0);
    loopback_tick(l, 1);
    loopback_drain(l);
    assert_int_equal(l->asides, 1);
    assert_int_equal(l->jobs.count, 2);        /* what follows a failure waits to be run */
}

TEST(a_job_that_ignores_its_cancel_has_failed_and_writes_nothing_any_more)
{
    begin(job_page);
    l->hold_jobs = true;
    loopback_click(l, a, "go");
    inside = cancel_and_wait;
    loopback_job_begin(l, 0);
    loopback_job(l, 1);
    loopback_drain(l);
    assert_true(loopback_sees(a, "it failed"));
    assert_false(a->busy);
    l->hold_jobs = false;
    loopback_job_end(l, 0);                    /* it returns */
    loopback_drain(l);
    assert_int_equal(entered, 1);
    assert_false(loopback_sees(a, "late"));
    assert_false(loopback_sees(a, "it is done"));
    assert_false(a->busy);
    loopback_same(l);
    loopback_click(l, a, "go");                /* another one works */
    assert_true(loopback_sees(a, "late"));
    assert_true(loopback_sees(a, "it is done"));
    loopback_same(l);
    loopback_free(l);
}

/* ---- nobody looks ------------------------------------------------------------------------------------------------------------ */

static void leave_and_wait(void)
{
    loopback_lose(l, a);
    loopback_tick(l, UNWATCHED - 1);
    assert_int_equal(l->interrupts, 0);
    loopback_wait(l, 1000);
}

TEST(a_rerun_at_which_nobody_looks_is_cut_short_and_runs_when_somebody_does)
{
    begin(deaf);
    inside = leave_and_wait;
    listens = true;
    loopback_set(l, a, "rate", "6");
    assert_int_equal(l->interrupts, 1);
    assert_int_equal(l->asides, 0);
    assert_int_equal(entered, 2);              /* and not again for nobody */
    loopback_restart(l);                       /* also not when the session was out of memory meanwhile */
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(entered, 3);
    assert_true(loopback_sees(a, "run 2, rate 6<"));       /* the value stands */
    assert_int_equal(a->unacked.count, 0);
    loopback_same(l);
    loopback_free(l);
}

TEST(what_a_click_began_goes_on_when_nobody_looks)
{
    begin(deaf);
    inside = leave_and_wait;
    loopback_click(l, a, "go");
    assert_int_equal(l->interrupts, 0);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(loopback_sees(a, "late words"));
    assert_int_equal(a->unacked.count, 0);
    loopback_free(l);
}

static void leave_and_come_back(void)
{
    loopback_lose(l, a);
    loopback_wait(l, UNWATCHED / 2);
    loopback_hello(l, a);
    loopback_wait(l, 10 * UNWATCHED);
}

TEST(a_rerun_at_which_somebody_looks_again_goes_on)
{
    begin(deaf);
    inside = leave_and_come_back;
    loopback_set(l, a, "rate", "6");
    assert_int_equal(l->interrupts, 0);
    assert_true(loopback_sees(a, "late words"));
    loopback_free(l);
}

/* ---- fragments that run on events elsewhere, and tabs that follow one session ----------------------------------------------- */

static int parts, wholes;

static void part(ez_ui *ui)
{
    parts++;
    ez_text(ui, ez_fmt(ui, "part %d, rate %g", parts, ez_get_num(ui, "rate")));
}

static void whole(ez_ui *ui)
{
    wholes++;
    ez_button(ui, "Refresh", .key = "refresh");
    ez_button(ui, "Other", .key = "other");
    ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    ez_slider(ui, "Else", 0, 10, .value = 5, .key = "else");
    ez_fragment(ui, part, .run_on = "refresh.click, rate.change");
    ez_text(ui, ez_fmt(ui, "whole %d", wholes));
}

TEST(a_fragment_runs_alone_on_the_events_that_it_names)
{
    parts = wholes = 0;
    begin(whole);
    assert_true(loopback_sees(a, "part 1"));
    loopback_click(l, a, "refresh");
    assert_true(loopback_sees(a, "part 2"));
    loopback_set(l, a, "rate", "7");
    assert_true(loopback_sees(a, "part 3"));
    assert_int_equal(wholes, 1);
    loopback_click(l, a, "other");
    assert_true(loopback_sees(a, "whole 2"));
    loopback_set(l, a, "else", "7");
    assert_int_equal(wholes, 3);
    assert_int_equal(parts, 5);
    loopback_restart(l);                       /* it is stored with the page */
    loopback_hello(l, a);
    loopback_click(l, a, "refresh");
    assert_true(loopback_sees(a, "part 6"));
    assert_int_equal(wholes, 3);
    assert_int_equal(a->unacked.count, 0);
    loopback_same(l);
    loopback_free(l);
}

static int mode;
static void tabs_page(ez_ui *ui)
{
    ez_page_config(ui, "Tabs", .tabs = mode);
    ez_text(ui, ez_fmt(ui, "rate %g", ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate")));
}

TEST(tabs_that_are_shared_follow_one_session_also_after_a_restart)
{
    mode = EZ_TABS_OWN;
    begin(tabs_page);
    assert_false(session_tabs_shared(l->s));
    loopback_free(l);
    mode = EZ_TABS_SHARED;
    begin(tabs_page);
    assert_true(session_tabs_shared(l->s));
    b = loopback_open(l, "b");
    loopback_set(l, a, "rate", "8");
    assert_true(loopback_sees(a, "rate 8"));
    assert_true(loopback_sees(b, "rate 8"));
    loopback_restart(l);
    assert_true(session_tabs_shared(l->s));
    loopback_hello(l, a);
    loopback_hello(l, b);
    loopback_set(l, b, "rate", "3");
    assert_true(loopback_sees(a, "rate 3"));
    assert_true(loopback_sees(b, "rate 3"));
    loopback_same(l);
    loopback_free(l);
}
