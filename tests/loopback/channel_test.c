/* channel_test.c: events that a line lost or brought in another order, refusals that nobody heard, and what a session forgets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include "session/inside.h"
#include <stdio.h>
#include <string.h>

typedef struct tally { int clicks; } tally;
EZ_RECORD(tally, EZ_FIELD(tally, clicks));

static void page(ez_ui *ui)
{
    tally *t = ez_state_record(ui, tally, "tally");
    if (ez_button(ui, "Add", .key = "add")) t->clicks++;
    if (t->clicks < 2) ez_button(ui, "Once", .key = "once");
    ez_text(ui, ez_fmt(ui, "clicks %d, q %s", t->clicks, ez_query(ui, "q")));
}

static void click(loopback *l, lb_view *v, const char *what)
{
    event_trigger(loopback_event(v, false), loopback_id(l, what), "click", NULL);
}

TEST(an_event_that_comes_before_the_first_one_waits_for_it)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    click(l, a, "add");
    click(l, a, "add");
    loopback_send(l, a, &a->unacked.at[1]);    /* the first one was lost on its way */
    loopback_drain(l);
    assert_int_equal(a->acked, 0);
    loopback_send(l, a, &a->unacked.at[0]);
    loopback_send(l, a, &a->unacked.at[1]);
    loopback_drain(l);
    assert_int_equal(a->acked, 2);
    assert_true(loopback_sees(a, "clicks 2"));
    loopback_free(l);
}

TEST(the_same_holds_for_a_view_whose_session_came_from_the_store)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_restart(l);                       /* the view has sent nothing, so the store knows nothing of it */
    click(l, a, "add");
    click(l, a, "add");
    lb_view *b = loopback_reload(l, a, "b");
    loopback_drain(l);
    lb_event second = a->unacked.at[1];
    a->unacked.count = 1;
    loopback_hello(l, b);                      /* only the first arrives */
    a->unacked.count = 2;
    a->unacked.at[1] = second;
    loopback_drain(l);
    loopback_hello(l, b);
    loopback_drain(l);
    assert_int_equal(a->acked, 2);
    assert_true(loopback_sees(b, "clicks 2"));
    loopback_free(l);
}

TEST(a_refusal_that_was_lost_with_the_line_is_told_before_the_acknowledgement)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    click(l, a, "once");
    for (int i = 0; i < 2; i++) loopback_click(l, loopback_open(l, "b"), "add");
    loopback_lose(l, a);
    loopback_step(l, &(message){ .kind = MESSAGE_HELLO, .view = a->token, .path = "/", .epoch = a->epoch, .frame = a->frame, .marks = (event_mark[]){ { a->token, 0 } }, .mark_count = 1 });
    loopback_send(l, a, &a->unacked.at[0]);    /* arrives; what is answered goes nowhere */
    loopback_drain(l);
    assert_int_equal(a->refusals, 0);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(a->refusals, 1);
    assert_non_null(strstr(a->why, "not there any more"));
    assert_int_equal(a->unacked.count, 0);
    loopback_lose(l, a);
    loopback_hello(l, a);                      /* it was heard */
    assert_int_equal(a->refusals, 1);
    loopback_free(l);
}

TEST(a_refusal_reaches_the_tab_that_was_reloaded)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a"), *other = loopback_open(l, "other");
    click(l, a, "once");
    for (int i = 0; i < 2; i++) loopback_click(l, other, "add");
    a->here = false;
    loopback_send(l, a, &a->unacked.at[0]);
    loopback_drain(l);
    lb_view *b = loopback_reload(l, a, "b");
    loopback_drain(l);
    loopback_hello(l, b);
    loopback_drain(l);
    assert_int_equal(a->unacked.count, 0);
    assert_int_equal(b->refusals, 1);
    loopback_free(l);
}

TEST(a_slow_view_hears_of_what_was_settled_while_it_was_slow)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    session_slow(l->s, a->token);
    a->here = false;                           /* what is said now is thrown away, as views.c does */
    click(l, a, "add");
    loopback_send_last(l, a);
    loopback_drain(l);
    a->here = true;
    assert_int_equal(a->acked, 0);
    loopback_step(l, &(message){ .kind = MESSAGE_DRAINED, .view = a->token });
    assert_int_equal(a->acked, 1);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_view_that_comes_while_nothing_can_be_saved_is_told)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    l->fail_writes = 1;
    loopback_click(l, a, "add");
    lb_view *b = loopback_view(l, "b");
    loopback_hello(l, b);
    assert_true(b->warned);
    loopback_free(l);
}

/* ---- what is forgotten ----------------------------------------------------------------------------------------------- */

static int stored_pages(const loopback *l)
{
    int count = 0;
    for (int i = 0; i < l->store.count; i++) count += !strncmp(l->store.at[i].name, "page/", 5);
    return count;
}

TEST(a_session_keeps_the_pages_that_were_asked_for_last)
{
    loopback *l = loopback_new(page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "add");
    for (int i = 0; i < 3 * PAGES_KEPT; i++) {
        char query[16];
        snprintf(query, sizeof query, "q=%d", i);
        l->now += 1000;
        lb_view *v = loopback_open_at(l, "v", "/", query);
        loopback_lose(l, v);
    }
    assert_true(l->s->pages.count <= PAGES_KEPT);
    loopback_click(l, a, "add");               /* the first one is watched: it is the oldest, and stays */
    assert_true(loopback_sees(a, "clicks 2, q "));
    assert_true(stored_pages(l) <= PAGES_KEPT);
    loopback_restart(l);
    assert_true(l->s->pages.count <= PAGES_KEPT);
    loopback_hello(l, a);
    lb_view *first = loopback_open_at(l, "w", "/", "q=0");    /* forgotten: it runs anew */
    assert_true(loopback_sees(first, "clicks 2, q 0"));
    loopback_same(l);
    loopback_free(l);
}

TEST(a_session_keeps_the_marks_of_the_tabs_that_were_there_last)
{
    loopback *l = loopback_new(page);
    for (int i = 0; i < 400; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%d", i);
        lb_view *v = loopback_open(l, name);
        loopback_click(l, v, "add");
        loopback_lose(l, v);
        l->now += i < 300 ? 10 : 61000;        /* a flood, and then one tab a minute */
        assert_true(l->s->views.count <= VIEWS_MAX + 1);
    }
    assert_true(l->s->views.count <= VIEW_MARKS);
    loopback_free(l);
}
