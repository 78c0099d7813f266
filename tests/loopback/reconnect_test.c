/* reconnect_test.c: views that were away, writes that fail, processes that die, and what is left of a session in the store. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <stdio.h>
#include <string.h>

typedef struct tally { int clicks; char word[24]; } tally;
EZ_RECORD(tally, EZ_FIELD(tally, clicks), EZ_FIELD(tally, word));

static void page(ez_ui *ui)
{
    tally *t = ez_state_record(ui, tally, "tally");
    if (ez_button(ui, "Add", .key = "add")) {
        t->clicks++;
        snprintf(t->word, sizeof t->word, "word %d", t->clicks);
    }
    const char *name = ez_text_input(ui, "Name", .key = "name");
    for (int i = 0; i < t->clicks; i++) ez_text(ui, ez_fmt(ui, "row %d", i));
    ez_text(ui, ez_fmt(ui, "clicks %d, %s, name %s", t->clicks, t->word, name));
}

TEST(a_view_that_missed_nothing_gets_nothing)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    int frames = a->frames;
    loopback_lose(l, a);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(a->frames, frames);
    assert_int_equal(l->runs_made, 2);         /* coming back runs nothing */
    loopback_same(l);
    loopback_free(l);
}

TEST(a_view_that_missed_a_few_frames_gets_those)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    loopback_lose(l, b);
    for (int i = 0; i < 3; i++) loopback_click(l, a, "add");
    loopback_hello(l, b);
    loopback_drain(l);
    assert_int_equal(b->frames, 3);
    assert_int_equal(b->wholes, 0);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_view_that_missed_many_frames_gets_the_whole_page)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    loopback_lose(l, b);
    for (int i = 0; i < 80; i++) loopback_click(l, a, "add");
    loopback_hello(l, b);
    loopback_drain(l);
    assert_int_equal(b->wholes, 1);
    assert_int_equal(b->frames, 1);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_view_with_an_unknown_frame_gets_the_whole_page)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    loopback_lose(l, a);
    a->frame = UINT32_MAX;
    loopback_hello(l, a);
    assert_int_equal(a->wholes, 1);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_slow_view_gets_one_fresh_page_when_it_drains)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    session_slow(l->s, b->token);
    for (int i = 0; i < 5; i++) loopback_click(l, a, "add");
    assert_int_equal(b->frames, 0);
    loopback_step(l, &(message){ .kind = MESSAGE_DRAINED, .view = b->token });
    assert_int_equal(b->frames, 1);
    loopback_click(l, a, "add");
    assert_int_equal(b->frames, 2);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_session_that_rested_goes_on_as_if_it_had_not)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    l->now += 60000;
    assert_true(session_rest(l->s, l->now));
    assert_false(session_rest(l->s, l->now));
    loopback_click(l, a, "add");
    loopback_same(l);
    assert_true(loopback_sees(a, "clicks 2"));
    loopback_lose(l, a);
    l->now += 60000;
    assert_true(session_rest(l->s, l->now));
    loopback_hello(l, a);
    assert_int_equal(a->wholes, 0);
    loopback_same(l);
    loopback_free(l);
}

/* ---- another process -------------------------------------------------------------------------------------------------- */

TEST(everything_is_there_after_the_process_was_replaced)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_set(l, a, "name", "\"Ada\"");
    loopback_click(l, a, "add");
    loopback_click(l, a, "add");
    int runs = l->runs_made, frames = a->frames;
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(l->runs_made, runs);      /* the stored page is shown, nothing runs */
    assert_int_equal(a->frames, frames + 1);   /* and this view has it; only values come, of which it may have missed some */
    assert_int_equal(a->wholes, 0);
    assert_int_equal(a->epoch, 2);
    loopback_same(l);
    assert_string_equal(loopback_value(l, "name"), "\"Ada\"");
    loopback_click(l, a, "add");
    assert_true(loopback_sees(a, "clicks 3, word 3, name Ada"));
    assert_int_equal(a->acked, 4);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_frame_number_of_a_process_that_died_is_not_trusted)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    loopback_click(l, a, "add");
    l->hold_saves = true;
    loopback_click(l, a, "add");               /* shown, and lost with the process */
    assert_true(loopback_sees(b, "clicks 2"));
    l->hold_saves = false;
    loopback_restart(l);
    event_trigger(loopback_event(b, false), loopback_id(l, "add"), "click", NULL);
    loopback_hello(l, b);                      /* its click comes, then frame numbers are used again */
    loopback_drain(l);
    loopback_same(l);
    session_rest(l->s, l->now + 60000);
    loopback_hello(l, a);
    loopback_drain(l);
    loopback_same(l);
    assert_true(loopback_sees(a, "clicks 3"));
    loopback_free(l);
}

TEST(frames_are_numbered_upwards_for_as_long_as_a_session_lives)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    uint64_t seen = a->frame;
    l->epoch = 262142;                         /* each process that takes the session leaves a gap: 32 bits end here */
    for (int i = 0; i < 4; i++) {
        loopback_restart(l);
        loopback_hello(l, a);
        loopback_click(l, a, "add");
        assert_true(loopback_sees(a, ((const char *[]){ "clicks 1", "clicks 2", "clicks 3", "clicks 4" })[i]));
        assert_true(a->frame > seen);
        seen = a->frame;
        loopback_same(l);
    }
    assert_true(seen > UINT32_MAX);
    loopback_free(l);
}

TEST(an_event_whose_write_was_lost_happens_in_the_next_process)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    l->hold_saves = true;
    loopback_click(l, a, "add");
    l->hold_saves = false;
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(a->acked, 2);
    assert_true(loopback_sees(a, "clicks 2,"));
    loopback_same(l);
    loopback_free(l);
}

TEST(an_event_whose_acknowledgement_was_lost_happens_once)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_lose(l, a);
    a->here = false;
    event_trigger(loopback_event(a, false), loopback_id(l, "add"), "click", NULL);
    loopback_send_last(l, a);                  /* it arrives, and nothing comes back */
    loopback_drain(l);
    assert_int_equal(a->unacked.count, 1);
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(a->unacked.count, 0);
    assert_true(loopback_sees(a, "clicks 1,"));
    loopback_free(l);
}

TEST(a_write_that_fails_takes_nothing_of_the_next_one_with_it)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    l->hold_saves = true;
    loopback_click(l, a, "add");
    loopback_click(l, a, "add");               /* while the first one is being written */
    assert_int_equal(l->saves.count, 1);
    l->fail_writes = 1;
    loopback_commit(l);
    assert_true(a->warned);
    assert_int_equal(a->acked, 1);
    assert_int_equal(l->saves.count, 1);
    loopback_store(l);                         /* both are there, and the process dies before it hears of it */
    l->hold_saves = false;
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 2,"));
    assert_int_equal(a->acked, 2);
    assert_false(a->warned);
    loopback_free(l);
}

TEST(a_reloaded_tab_sends_what_was_not_acknowledged_with_the_old_numbers)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    event_trigger(loopback_event(a, false), loopback_id(l, "add"), "click", NULL);     /* made, and never sent */
    lb_view *b = loopback_reload(l, a, "b");
    loopback_drain(l);
    loopback_hello(l, b);
    loopback_drain(l);
    assert_int_equal(a->unacked.count, 0);
    assert_int_equal(a->acked, 2);
    assert_true(loopback_sees(b, "clicks 2,"));
    loopback_click(l, b, "add");
    assert_int_equal(b->acked, 1);
    assert_true(loopback_sees(b, "clicks 3,"));
    loopback_same(l);
    loopback_free(l);
}

TEST(a_reload_of_a_reload_still_settles_the_first)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    event_trigger(loopback_event(a, false), loopback_id(l, "add"), "click", NULL);
    l->hold_saves = true;
    loopback_send_last(l, a);                  /* arrives, is not saved */
    loopback_drain(l);
    lb_view *b = loopback_reload(l, a, "b");
    loopback_tick(l, 60);
    loopback_hello(l, b);
    loopback_drain(l);
    l->hold_saves = false;
    loopback_restart(l);
    lb_view *c = loopback_reload(l, b, "c");
    loopback_drain(l);
    loopback_hello(l, c);
    loopback_drain(l);
    assert_int_equal(a->unacked.count, 0);
    assert_true(loopback_sees(c, "clicks 1,"));
    loopback_free(l);
}

static bool second_build;
TEST(a_page_of_another_build_runs_before_it_is_trusted)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    second_build = true;
    l->program.build = "other";
    loopback_restart(l);
    int runs = l->runs_made;
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(l->runs_made, runs + 1);
    assert_true(loopback_sees(a, "clicks 1, word 1"));      /* the state has a record, so it is read by names */
    loopback_same(l);
    loopback_free(l);
}

/* ---- the store -------------------------------------------------------------------------------------------------------------- */

TEST(a_write_that_fails_is_told_and_tried_again)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    l->fail_writes = 2;
    loopback_click(l, a, "add");
    assert_true(a->warned);
    assert_int_equal(a->acked, 1);             /* the page goes on */
    assert_false(session_idle(l->s));
    loopback_wait(l, 30000);
    assert_false(a->warned);
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 1,"));
    loopback_same(l);
    loopback_free(l);
}

TEST(whatever_write_fails_what_comes_after_it_is_stored)
{
    for (int n = 0; n < 6; n++) {
        loopback *l = loopback_new(page);
        lb_view *a = loopback_open(l, "a");
        for (int i = 0; i < 6; i++) {
            if (i == n) l->fail_writes = 1;
            if (i == 3) loopback_set(l, a, "name", "\"Bo\"");
            else loopback_click(l, a, "add");
        }
        loopback_wait(l, 10000);
        loopback_restart(l);
        loopback_hello(l, a);
        loopback_drain(l);
        assert_true(loopback_sees(a, "clicks 5, word 5, name Bo"));
        assert_int_equal(a->unacked.count, 0);
        loopback_same(l);
        loopback_free(l);
    }
}

TEST(a_session_that_another_process_took_sends_its_views_away_and_does_nothing_more)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    l->fence = true;
    loopback_click(l, a, "add");
    assert_true(a->cut);
    assert_int_equal(a->acked, 0);
    assert_true(session_fenced(l->s));
    int runs = l->runs_made, saves = l->saves_made;
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_int_equal(l->runs_made, runs);
    assert_int_equal(l->saves_made, saves);
    loopback_step(l, &(message){ .kind = MESSAGE_LOST, .view = a->token });
    assert_true(session_idle(l->s));           /* it may leave memory */
    loopback_free(l);
}

TEST(a_session_that_nobody_used_is_not_stored)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_view(l, "a");
    loopback_get(l, a);
    loopback_drain(l);
    assert_int_equal(l->saves_made, 0);
    assert_false(session_keeps(l->s));
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(l->store.count > 0);
    assert_true(session_keeps(l->s));
    loopback_free(l);
}

/* ---- crashes ------------------------------------------------------------------------------------------------------------------ */

TEST(an_event_that_ended_its_worker_is_consumed_as_failed)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    l->hold_runs = true;
    loopback_click(l, a, "add");               /* its run brings the process down */
    l->hold_runs = false;
    loopback_crash(l, a->token, 2, "/");
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(a->acked, 2);
    assert_true(loopback_sees(a, "The page crashed."));
    assert_true(loopback_sees(a, "clicks 1,"));
    loopback_same(l);
    loopback_click(l, a, "add");
    assert_true(loopback_sees(a, "clicks 2,"));
    assert_false(loopback_sees(a, "The page crashed."));
    loopback_same(l);
    loopback_free(l);
}

TEST(an_unsaved_event_before_the_one_that_crashed_still_happens)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    l->hold_saves = true;
    loopback_click(l, a, "add");               /* ran, not saved */
    l->hold_runs = true;
    loopback_click(l, a, "add");               /* crashes */
    l->hold_runs = l->hold_saves = false;
    loopback_crash(l, a->token, 3, "/");
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 2,"));
    assert_int_equal(a->unacked.count, 0);
    loopback_restart(l);                       /* and it stays consumed */
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 2,"));
    loopback_free(l);
}

TEST(a_visit_that_crashes_is_not_tried_by_its_own_page_again)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_page(l, "/bad", page);
    loopback_crash(l, "", 0, "/bad");
    int runs = l->runs_made;
    snprintf(a->path, sizeof a->path, "/bad");
    loopback_get(l, a);
    loopback_drain(l);
    assert_non_null(strstr(l->page.at, "The page crashed."));
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(l->runs_made, runs);
    loopback_lose(l, a);
    loopback_get(l, a);                        /* the visitor loads it again: perhaps it works now */
    loopback_drain(l);
    assert_int_equal(l->runs_made, runs + 1);
    loopback_free(l);
}

/* ---- pages -------------------------------------------------------------------------------------------------------------------- */

static void other(ez_ui *ui) { ez_text(ui, ez_fmt(ui, "other, clicks %d, q %s", ez_state_record(ui, tally, "tally")->clicks, ez_query(ui, "q"))); }

TEST(pages_of_a_session_share_its_state_and_have_frames_of_their_own)
{
    loopback *l = loopback_new(page);
    loopback_page(l, "/other", other);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open_at(l, "b", "/other", "q=7");
    loopback_click(l, a, "add");
    assert_int_equal(b->frames, 0);
    assert_true(loopback_sees(b, "other, clicks 0, q 7"));
    loopback_trigger(l, b, "root", "rerun", NULL);
    assert_true(loopback_sees(b, "other, clicks 1, q 7"));
    loopback_same(l);
    loopback_free(l);
}

TEST(a_page_whose_view_comes_while_another_page_runs_gets_its_run_too)
{
    loopback *l = loopback_new(page);
    loopback_page(l, "/other", other);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open_at(l, "b", "/other", "");
    l->program.build = "other";
    loopback_restart(l);
    l->hold_runs = true;
    loopback_hello(l, a);
    loopback_hello(l, b);
    l->hold_runs = false;
    loopback_drain(l);
    assert_false(b->busy);
    loopback_same(l);
    loopback_click(l, a, "add");
    loopback_trigger(l, b, "root", "rerun", NULL);
    assert_true(loopback_sees(b, "clicks 1"));
    loopback_free(l);
}
