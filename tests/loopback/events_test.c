/* events_test.c: events come in once each, in order, checked, and are acknowledged when they are saved. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <stdio.h>
#include <string.h>

typedef struct tally { int clicks, runs, values; } tally;

static int entered;                /* runs of the page's code, also those that did not count */
static double seen_rate;
static char seen_name[64];

static void counter(ez_ui *ui)
{
    tally *t = ez_state(ui, tally, "tally");
    t->runs++;
    entered++;
    if (ez_button(ui, "Add", .key = "add")) t->clicks++;
    seen_rate = ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    snprintf(seen_name, sizeof seen_name, "%s", ez_text_input(ui, "Name", .key = "name", .max_chars = 8));
    ez_text(ui, ez_fmt(ui, "clicks %d, rate %g, name %s", t->clicks, seen_rate, seen_name), .key = "out");
}

TEST(the_first_page_is_whole_and_a_click_changes_it)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    assert_non_null(strstr(l->page.at, "clicks 0, rate 5, name "));
    assert_int_equal(a->frames, 0);
    assert_int_equal(l->runs_made, 1);
    loopback_click(l, a, "add");
    assert_true(loopback_sees(a, "clicks 1,"));
    assert_int_equal(a->acked, 1);
    assert_int_equal(a->unacked.count, 0);
    assert_int_equal(a->frames, 1);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_repeated_event_happens_once)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    uint64_t add = loopback_id(l, "add");
    lb_event e = { .n = 1, .f = a->frame, .node = add, .type = "click" };
    for (int i = 0; i < 3; i++) loopback_send(l, a, &e);
    loopback_drain(l);
    loopback_send(l, a, &e);
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 1,"));
    assert_int_equal(a->acked, 1);
    loopback_free(l);
}

TEST(what_comes_after_a_hole_waits_until_the_hole_is_filled)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    uint64_t add = loopback_id(l, "add");
    loopback_click(l, a, "add");
    lb_event second = { .n = 2, .f = a->frame, .node = add, .type = "click" }, third = { .n = 3, .f = a->frame, .node = add, .type = "click" };
    loopback_send(l, a, &third);
    loopback_drain(l);
    assert_int_equal(a->acked, 1);
    assert_true(loopback_sees(a, "clicks 1,"));
    loopback_send(l, a, &second);
    loopback_send(l, a, &third);
    loopback_drain(l);
    assert_int_equal(a->acked, 3);
    assert_true(loopback_sees(a, "clicks 3,"));
    loopback_free(l);
}

TEST(an_acknowledgement_follows_the_save)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    l->hold_saves = true;
    loopback_click(l, a, "add");
    assert_true(loopback_sees(a, "clicks 1,"));
    assert_int_equal(a->acked, 0);
    loopback_commit(l);
    assert_int_equal(a->acked, 1);
    loopback_free(l);
}

TEST(triggers_queue_and_each_gets_its_own_run)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    l->hold_runs = true;
    for (int i = 0; i < 4; i++) loopback_click(l, a, "add");
    assert_int_equal(l->runs.count, 1);
    assert_int_equal(l->interrupts, 0);
    l->hold_runs = false;
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 4,"));
    assert_int_equal(l->runs_made, 5);
    assert_int_equal(a->acked, 4);
    loopback_free(l);
}

TEST(values_merge_into_one_run_and_cut_short_a_run_without_a_trigger)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    l->hold_runs = true;
    loopback_set(l, a, "rate", "1");
    loopback_set(l, a, "rate", "2");
    loopback_set(l, a, "rate", "3");
    assert_int_equal(l->interrupts, 1);
    l->hold_runs = false;
    loopback_drain(l);
    assert_int_equal(l->runs_made, 3);         /* the first page, the one cut short, the one with what came meanwhile */
    assert_true(loopback_sees(a, "rate 3,"));
    assert_int_equal(a->acked, 3);
    loopback_same(l);
    loopback_free(l);
}

TEST(values_do_not_cut_short_a_run_that_carries_a_trigger)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    l->hold_runs = true;
    loopback_click(l, a, "add");
    loopback_set(l, a, "rate", "7");
    assert_int_equal(l->interrupts, 0);
    l->hold_runs = false;
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 1, rate 7,"));
    loopback_free(l);
}

TEST(an_interrupted_run_damages_nothing)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    loopback_set(l, a, "rate", "6");
    int before = entered;
    l->hold_runs = true;
    loopback_set(l, a, "rate", "7");
    loopback_set(l, a, "rate", "8");
    l->hold_runs = false;
    loopback_drain(l);
    assert_int_equal(entered - before, 2);
    text t = { 0 };
    text_printf(&t, "clicks 0, rate 8,");
    assert_true(loopback_sees(a, t.at));
    text_done(&t);
    loopback_click(l, a, "add");
    assert_true(loopback_sees(a, "clicks 1, rate 8,"));
    loopback_free(l);
}

TEST(a_click_never_outruns_the_text_typed_before_it)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    lb_event *e = loopback_event(a, false);
    event_value_add(e, loopback_id(l, "name"), "\"Ada\"", 1);
    event_trigger(e, loopback_id(l, "add"), "click", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 1, rate 5, name Ada"));
    loopback_free(l);
}

TEST(a_value_outside_its_limits_never_reaches_the_page)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    static const char *const bad[] = { "10.5", "-1", "\"text\"", "true", "null", "1e999", "[1]", "{}" };
    for (int i = 0; i < COUNT(bad); i++) {
        loopback_set(l, a, "rate", bad[i]);
        assert_true(seen_rate == 5);
        assert_int_equal(a->acked, (uint64_t)i + 1);
    }
    loopback_set(l, a, "name", "\"nine char\"");
    assert_string_equal(seen_name, "");
    assert_true(strstr(a->why, "too long"));
    loopback_set(l, a, "name", "\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"");
    assert_string_equal(seen_name, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
    loopback_free(l);
}

TEST(who_sent_a_refused_value_gets_back_what_stands)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    loopback_set(l, a, "rate", "4");
    loopback_set(l, a, "rate", "400");
    char want[64], id[ID_CHARS + 1];
    id_print(loopback_id(l, "rate"), id);
    snprintf(want, sizeof want, "%s 4 2", id);
    assert_string_equal(a->dom.last_value, want);
    loopback_set(l, a, "name", "\"much too long\"");
    id_print(loopback_id(l, "name"), id);
    snprintf(want, sizeof want, "%s \"\" 3", id);
    assert_string_equal(a->dom.last_value, want);
    assert_int_equal(l->runs_made, 2);         /* nothing was taken, so nothing ran */
    loopback_free(l);
}

/* ---- unkeyed nodes ---------------------------------------------------------------------------------------------------- */

static int deleted;

static void rows(ez_ui *ui)
{
    static const char *const names[] = { "one", "two", "three" };
    int *gone = ez_state(ui, int, "gone");
    for (int i = *gone; i < 3; i++) {
        ez_text(ui, names[i]);
        if (ez_button(ui, "Delete")) deleted = i;
    }
    if (ez_button(ui, "Drop the first", .key = "drop")) {
        *gone = 1;
        ez_rerun(ui);
    }
}

TEST(a_click_on_an_unkeyed_node_is_refused_when_the_number_of_its_like_changed)
{
    loopback *l = loopback_new(rows);
    lb_view *a = loopback_open(l, "a");
    deleted = -1;
    uint64_t first = loopback_id(l, "Delete");
    uint64_t seen = a->frame;
    loopback_click(l, a, "drop");
    event_trigger(loopback_event(a, false), first, "click", NULL);
    a->unacked.at[0].f = seen;
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_int_equal(deleted, -1);
    assert_int_equal(a->refusals, 1);
    assert_int_equal(a->acked, 2);
    event_trigger(loopback_event(a, false), first, "click", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_int_equal(deleted, 1);
    loopback_free(l);
}

static void slow_rows(ez_ui *ui)
{
    ez_button(ui, "Start", .key = "start");
    if (ez_button(ui, "Other")) deleted = 7;
    ez_yield(ui);
    ez_text(ui, "end");
}

TEST(a_node_that_was_shown_while_a_run_went_on_can_be_used_when_it_is_over)
{
    loopback *l = loopback_new(slow_rows);
    lb_view *a = loopback_open(l, "a");
    deleted = -1;
    uint64_t seen = a->frame;
    loopback_click(l, a, "start");
    event_trigger(loopback_event(a, false), loopback_id(l, "Other"), "click", NULL);
    a->unacked.at[0].f = seen;
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_int_equal(deleted, 7);
    loopback_free(l);
}

TEST(a_click_on_what_is_not_there_is_refused_with_a_sentence)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    event_trigger(loopback_event(a, false), 12345, "click", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_int_equal(a->refusals, 1);
    assert_int_equal(a->acked, 1);
    assert_non_null(strstr(a->why, "not there any more"));
    assert_int_equal(l->runs_made, 1);
    loopback_free(l);
}

static void closed_button(ez_ui *ui)
{
    if (ez_button(ui, "Never", .key = "never", .disabled = true)) deleted = 9;
    ez_slider(ui, "Fixed", 0, 10, .value = 3, .key = "fixed", .disabled = true);
}

TEST(what_is_disabled_takes_nothing)
{
    loopback *l = loopback_new(closed_button);
    lb_view *a = loopback_open(l, "a");
    deleted = -1;
    loopback_click(l, a, "never");
    loopback_set(l, a, "fixed", "4");
    assert_int_equal(deleted, -1);
    assert_int_equal(a->refusals, 2);
    assert_string_equal(loopback_value(l, "fixed"), "-");
    loopback_free(l);
}

/* ---- forms -------------------------------------------------------------------------------------------------------------- */

static char submitted[64];

static void form_page(ez_ui *ui)
{
    ez_ui *form = ez_form(ui, "form", .clear_on_submit = true);
    const char *who = ez_text_input(form, "Who", .key = "who", .required = true);
    double much = ez_slider(form, "Much", 0, 10, .value = 2);
    if (ez_submit_button(form, "Send")) snprintf(submitted, sizeof submitted, "%s %g", who, much);
    ez_text(ui, ez_fmt(ui, "submitted %s", submitted));
}

TEST(a_form_is_one_event_and_is_cleared_after_it)
{
    loopback *l = loopback_new(form_page);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    submitted[0] = 0;
    lb_event *e = loopback_event(a, false);
    event_value_add(e, loopback_id(l, "who"), "\"Ada\"", 1);
    event_value_add(e, loopback_id(l, "Much"), "7", 1);
    event_trigger(e, loopback_id(l, "form"), "submit", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_string_equal(submitted, "Ada 7");
    assert_true(loopback_sees(a, "submitted Ada 7"));
    assert_string_equal(loopback_value(l, "who"), "\"\"");
    assert_true(b->dom.values > 0);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_form_whose_required_field_is_empty_is_refused)
{
    loopback *l = loopback_new(form_page);
    lb_view *a = loopback_open(l, "a");
    submitted[0] = 0;
    event_trigger(loopback_event(a, false), loopback_id(l, "form"), "submit", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_string_equal(submitted, "");
    assert_non_null(strstr(a->why, "required"));
    loopback_free(l);
}

static char bound_who[64];
static void take_form(ez_ui *ui) { snprintf(bound_who, sizeof bound_who, "%s", ez_get_text(ui, "who")); }

static void bound_form(ez_ui *ui)
{
    ez_ui *form = ez_form(ui, "form", .clear_on_submit = true);
    ez_text_input(form, "Who", .key = "who");
    ez_submit_button(form, "Send", .key = "send");
    ez_on(ui, "form.submit", take_form);
}

TEST(a_form_with_a_bound_function_is_cleared_too)
{
    loopback *l = loopback_new(bound_form);
    lb_view *a = loopback_open(l, "a");
    lb_event *e = loopback_event(a, false);
    event_value_add(e, loopback_id(l, "who"), "\"Bo\"", 1);
    event_trigger(e, loopback_id(l, "form"), "submit", NULL);
    loopback_send_last(l, a);
    loopback_drain(l);
    assert_string_equal(bound_who, "Bo");
    assert_string_equal(loopback_value(l, "who"), "\"\"");
    loopback_free(l);
}

/* ---- stop and rerun -------------------------------------------------------------------------------------------------------- */

static void two_parts(ez_ui *ui)
{
    ez_text(ui, "first");
    if (ez_button(ui, "Go", .key = "go")) ez_text(ui, "gone to");
    ez_text(ui, "second");
}

TEST(stop_ends_a_run_that_carries_a_trigger_and_what_it_showed_stays)
{
    loopback *l = loopback_new(two_parts);
    lb_view *a = loopback_open(l, "a");
    l->hold_runs = true;
    loopback_click(l, a, "go");
    event_trigger(loopback_event(a, true), tree_root_id(), "stop", NULL);
    loopback_send_last(l, a);
    assert_int_equal(l->interrupts, 1);
    l->hold_runs = false;
    loopback_drain(l);
    assert_int_equal(a->acked, 2);
    assert_int_equal(l->runs_made, 2);         /* stopped is settled: nothing runs again */
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(the_menus_rerun_runs_the_page)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a");
    loopback_trigger(l, a, "root", "rerun", NULL);
    assert_int_equal(l->runs_made, 2);
    assert_int_equal(a->acked, 1);
    loopback_free(l);
}

static void asks_again(ez_ui *ui)
{
    int *n = ez_state(ui, int, "n");
    if (*n < 3) {
        ++*n;
        ez_rerun(ui);
        return;
    }
    ez_text(ui, ez_fmt(ui, "ran %d times before", *n));
}

TEST(a_page_that_asks_for_it_runs_again)
{
    loopback *l = loopback_new(asks_again);
    lb_view *a = loopback_open(l, "a");
    loopback_drain(l);
    assert_true(loopback_sees(a, "ran 3 times before"));
    loopback_free(l);
}

/* ---- provisional ------------------------------------------------------------------------------------------------------------ */

static void steps(ez_ui *ui)
{
    bool go = ez_button(ui, "Go", .key = "go");
    ez_ui *slot = ez_empty(ui);
    for (int i = 0; go && i < 3; i++) {
        ez_text(slot, ez_fmt(ui, "step %d", i));
        ez_yield(ui);
    }
    ez_text(ui, "done");
}

static loopback *looks_at;
static int shown_early;

static void steps_watched(ez_ui *ui)
{
    bool go = ez_button(ui, "Go", .key = "go");
    ez_ui *slot = ez_empty(ui);
    for (int i = 0; go && i < 3; i++) {
        ez_text(slot, ez_fmt(ui, "step %d", i));
        ez_yield(ui);
        if (looks_at) {
            looks_at->now += 20;
            loopback_step(looks_at, &(message){ .kind = MESSAGE_TICK });
            shown_early += loopback_sees(looks_at->views.at[0], ez_fmt(ui, "step %d", i));
            assert_true(looks_at->views.at[0]->busy);
            assert_int_equal(looks_at->views.at[0]->acked, 0);
        }
    }
    ez_text(ui, "done");
}

TEST(what_a_run_shows_is_seen_while_it_goes_on)
{
    loopback *l = loopback_new(steps_watched);
    lb_view *a = loopback_open(l, "a");
    looks_at = l;
    shown_early = 0;
    loopback_click(l, a, "go");
    looks_at = NULL;
    assert_int_equal(shown_early, 3);
    assert_true(loopback_sees(a, "step 2"));
    assert_false(loopback_sees(a, "step 1"));
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(the_last_of_several_in_one_place_is_what_stays)
{
    loopback *l = loopback_new(steps);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "go");
    assert_true(loopback_sees(a, "step 2"));
    loopback_click(l, a, "root");
    loopback_same(l);
    loopback_free(l);
}

TEST(a_run_that_takes_long_answers_the_request_with_what_there_is)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_view(l, "a");
    l->hold_runs = true;
    loopback_get(l, a);
    assert_null(l->page.at);
    loopback_tick(l, 51);
    assert_non_null(l->page.at);
    assert_true(l->page_busy);
    loopback_hello(l, a);
    l->hold_runs = false;
    loopback_drain(l);
    assert_true(loopback_sees(a, "clicks 0"));
    assert_int_equal(l->runs_made, 1);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_page_that_does_not_exist_is_refused)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_view(l, "a");
    snprintf(a->path, sizeof a->path, "/nowhere");
    loopback_get(l, a);
    assert_int_equal(l->refused_gets, 1);
    assert_int_equal(l->runs_made, 0);
    loopback_free(l);
}

/* ---- writers -------------------------------------------------------------------------------------------------------------- */

static void puts_values(ez_ui *ui)
{
    ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    if (ez_button(ui, "Half", .key = "half")) ez_put_num(ui, "rate", 2.5);
}

TEST(a_value_that_c_code_writes_travels_and_an_echo_does_not)
{
    loopback *l = loopback_new(puts_values);
    lb_view *a = loopback_open(l, "a");
    loopback_set(l, a, "rate", "9");
    assert_int_equal(a->dom.values, 0);
    loopback_click(l, a, "half");
    assert_int_equal(a->dom.values, 1);
    assert_non_null(strstr(a->dom.last_value, " 2.5 1"));
    assert_string_equal(loopback_value(l, "rate"), "2.5");
    loopback_click(l, a, "half");
    assert_int_equal(a->dom.values, 1);
    loopback_free(l);
}

static void puts_at_once(ez_ui *ui)
{
    ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    ez_put_num(ui, "rate", 8);
}

TEST(a_value_written_after_its_control_was_printed_reaches_the_first_page)
{
    loopback *l = loopback_new(puts_at_once);
    lb_view *a = loopback_open(l, "a");
    assert_int_equal(a->dom.values, 1);
    assert_non_null(strstr(a->dom.last_value, " 8 0"));
    loopback_free(l);
}

static double low_limit;
static void narrowing(ez_ui *ui) { seen_rate = ez_slider(ui, "Rate", low_limit, 10, .value = 5, .key = "rate"); }

TEST(a_kept_value_that_no_longer_fits_becomes_the_nearest_bound)
{
    loopback *l = loopback_new(narrowing);
    low_limit = 0;
    lb_view *a = loopback_open(l, "a");
    loopback_set(l, a, "rate", "2");
    low_limit = 4;
    loopback_trigger(l, a, "root", "rerun", NULL);
    assert_true(seen_rate == 4);
    assert_string_equal(loopback_value(l, "rate"), "4");
    assert_non_null(strstr(a->dom.last_value, " 4 1"));
    loopback_free(l);
}

TEST(two_views_of_a_session_get_each_others_values)
{
    loopback *l = loopback_new(counter);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    loopback_set(l, a, "rate", "3");
    assert_int_equal(a->dom.values, 0);
    assert_int_equal(b->dom.values, 1);
    assert_non_null(strstr(b->dom.last_value, " 3 1"));
    assert_true(loopback_sees(a, "rate 3,"));
    assert_true(loopback_sees(b, "rate 3,"));
    loopback_click(l, b, "add");
    assert_true(loopback_sees(a, "clicks 1,"));
    assert_int_equal(a->acked, 1);
    assert_int_equal(b->acked, 1);
    loopback_same(l);
    loopback_free(l);
}

static bool with_field;
static void sometimes(ez_ui *ui)
{
    if (with_field) ez_text_input(ui, "Unkeyed");
    if (with_field) ez_text_input(ui, "Keyed", .key = "keyed");
}

TEST(an_unkeyed_value_goes_with_its_control_and_a_keyed_one_stays)
{
    loopback *l = loopback_new(sometimes);
    with_field = true;
    lb_view *a = loopback_open(l, "a");
    loopback_set(l, a, "Unkeyed", "\"u\"");
    loopback_set(l, a, "keyed", "\"k\"");
    with_field = false;
    loopback_trigger(l, a, "root", "rerun", NULL);
    with_field = true;
    loopback_trigger(l, a, "root", "rerun", NULL);
    assert_string_equal(loopback_value(l, "Unkeyed"), "-");
    assert_string_equal(loopback_value(l, "keyed"), "\"k\"");
    loopback_free(l);
}
