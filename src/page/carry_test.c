/* carry_test.c: a run that another process did is as one that was done here, and what is no such thing is refused. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/carry.h"
#include "page/place.h"
#include <stdlib.h>
#include <string.h>

typedef struct { int times; const char *name; } greet_in;
EZ_RECORD(greet_in, EZ_FIELD(greet_in, times), EZ_FIELD(greet_in, name));
typedef struct { const char *greeting; double share; bool loud; } greet_out;
EZ_RECORD(greet_out, EZ_FIELD(greet_out, greeting), EZ_FIELD(greet_out, share), EZ_FIELD(greet_out, loud));

/* Reads what a visitor typed, what a control says at first, state and event; puts, appends, tells how far it is and a line; fails for 13. */
static void greet(ez_ui *ui)
{
    const greet_in *in = ez_in(ui, greet_in);
    greet_out *out = ez_out(ui, greet_out);
    int *calls = ez_state(ui, int, "calls"), *never = ez_state(ui, int, "never");
    ++*calls;
    (void)never;
    ez_progress(ui, 0.5, .text = "half way");
    ez_tell(ui, EZ_LEVEL_WARNING, "%d times", in->times);
    ez_append(ui, "log", "one ");
    ez_yield(ui);
    ez_append(ui, "log", "two");
    ez_put_num(ui, "half", 0.1 + 0.2);
    ez_put_bool(ui, "yes", true);
    ez_invalid(ui, "name", "too short");
    out->greeting = ez_fmt(ui, "%d %s %s %s %s", in->times, in->name, ez_get_text(ui, "first"), ez_event_id(ui), ez_query(ui, "q"));
    out->share = 0.25;
    if (in->times == 13) ez_fail(ui, "thirteen");
}

static void rows(ez_ui *ui)
{
    for (int i = 0; i < ez_batch_count(ui); i++) {
        ez_ui *row = ez_batch_row(ui, i);
        if (ez_in(row, greet_in)->times == 13) ez_fail(row, "not this one");
        else ez_out(row, greet_out)->share = ez_in(row, greet_in)->times * 2;
        ez_tell(row, EZ_LEVEL_DEBUG, "row %d", i);
    }
}

static void page(ez_ui *ui) { ez_text_input(ui, "First", .key = "first", .value = "initial"); }

static tree *shown(void)
{
    static const run_host host = { .build = "build" };
    run *r = run_new(RUN_PAGE, page, &host);
    r->path = "/";
    r->scope = run_page_scope("/");
    run_execute(r);
    tree *t = run_peek(r, true, 1);
    run_free(r);
    return t;
}

static const run_host quiet = { .build = "build" };

static run *job(ez_fn *fn, int count, const int *times)
{
    run *r = run_new(RUN_JOB, fn, &quiet);
    r->session = "SSSSSSSSSSSSSSSSSSSSSS";
    r->visitor = "";
    r->path = "/";
    r->query = "q=asked";
    r->scope = run_page_scope("/");
    r->before = shown();
    strcpy(r->event_id, "view.3");
    run_batch_of(r, count);
    for (int i = 0; i < count; i++) {
        uint64_t scope = run_row_scope(r->scope, i);
        value_set_number(values_at(&r->values, run_key_id(scope, "times")), VALUE_NUMBER, times[i]);
        value_set_text(values_at(&r->values, run_key_id(scope, "name")), VALUE_TEXT, "Ada \xc3\xa9");
    }
    state *s = states_at(&r->states, "never");
    s->shape = mem_text("raw 4 build");
    s->data = mem_alloc(4);
    s->size = 4;
    s->saved = state_hash(s);
    return r;
}

/* What was said by the run over there, one after the other. */
typedef struct said { text all[8]; int count; } said;

static void hear_put(void *data, run *r)
{
    said *s = data;
    assert_true(s->count < COUNT(s->all));
    carry_news(r, false, &s->all[s->count++]);
}

static void do_there(const text *order, ez_fn *fn, said *out)
{
    run_host host = { .data = out, .build = "build", .put = hear_put };
    run *there = run_new(RUN_JOB, fn, &host);
    assert_true(carry_order_read(there, order->at, order->count));
    run_execute(there);
    carry_news(there, true, &out->all[out->count++]);
    run_free(there);
}

static void said_done(said *s)
{
    for (int i = 0; i < s->count; i++) text_done(&s->all[i]);
}

static run *by_another(ez_fn *fn, int count, const int *times)
{
    run *r = job(fn, count, times);
    text order = { 0 };
    said s = { .count = 0 };
    r->began_ns = clock_ns();
    carry_order(r, &order);
    do_there(&order, fn, &s);
    for (int i = 0; i < s.count; i++) assert_int_equal(carry_news_read(r, s.all[i].at, s.all[i].count), i + 1 < s.count ? CARRY_MORE : CARRY_OVER);
    said_done(&s);
    text_done(&order);
    return r;
}

static void are_same(const run *a, const run *b)
{
    assert_int_equal(a->puts.count, b->puts.count);
    for (int i = 0; i < a->puts.count; i++) {
        const run_put *x = &a->puts.at[i], *y = &b->puts.at[i];
        assert_true(x->id == y->id && x->kind == y->kind && x->append == y->append && x->number == y->number && x->row == y->row);
        assert_true(x->text ? y->text && !strcmp(x->text, y->text) : !y->text);
    }
    assert_int_equal(a->lines.count, b->lines.count);
    for (int i = 0; i < a->lines.count; i++) {
        const run_line *x = &a->lines.at[i], *y = &b->lines.at[i];
        assert_true(x->level == y->level && x->row == y->row);
        assert_string_equal(x->text, y->text);
    }
    assert_true(a->failed == b->failed && a->has_progress == b->has_progress && a->progress == b->progress);
    assert_string_equal(a->failure ? a->failure : "", b->failure ? b->failure : "");
    assert_string_equal(a->progress_text ? a->progress_text : "", b->progress_text ? b->progress_text : "");
    assert_int_equal(a->row_count, b->row_count);
    for (int i = 0; i < a->row_count; i++) assert_string_equal(a->rows[i].failure ? a->rows[i].failure : "", b->rows[i].failure ? b->rows[i].failure : "");
    assert_int_equal(a->states.list.count, b->states.list.count);
    for (int i = 0; i < a->states.list.count; i++) {
        const state *x = &a->states.list.at[i], *y = states_find(&b->states, x->name);
        assert_true(y && state_hash(x) == state_hash(y) && x->saved == y->saved);
    }
}

TEST(a_run_that_another_process_did_is_as_one_that_was_done_here)
{
    for (int times = 12; times <= 13; times++) {
        run *here = job(greet, 1, &times), *back = by_another(greet, 1, &times);
        run_execute(here);
        assert_true(here->puts.count > 5 && here->lines.count == 1 && here->failed == (times == 13));
        are_same(here, back);
        run_free(here);
        run_free(back);
    }
}

TEST(rows_of_a_batch_come_back_each_with_its_own)
{
    static const int times[] = { 2, 13, 5 };
    run *here = job(rows, 3, times), *back = by_another(rows, 3, times);
    run_execute(here);
    assert_string_equal(back->rows[1].failure, "not this one");
    assert_true(back->lines.count == 3 && back->lines.at[2].row == 2);
    are_same(here, back);
    run_free(here);
    run_free(back);
}

/* In memory of just this size, so that a sanitizer sees what is read beyond. */
static carry_heard read_news(const char *bytes, size_t count)
{
    static const int times = 1;
    run *r = job(greet, 1, &times);
    char *exact = malloc(count ? count : 1);
    memcpy(exact, bytes, count);
    carry_heard heard = carry_news_read(r, exact, count);
    free(exact);
    run_free(r);
    return heard;
}

static bool read_order(const char *bytes, size_t count)
{
    run *r = run_new(RUN_JOB, greet, &quiet);
    char *exact = malloc(count ? count : 1);
    memcpy(exact, bytes, count);
    bool good = carry_order_read(r, exact, count);
    free(exact);
    run_free(r);
    return good;
}

TEST(what_is_cut_short_or_damaged_is_refused_and_does_no_harm)
{
    static const int times = 4;
    run *r = job(greet, 1, &times);
    text order = { 0 };
    said s = { .count = 0 };
    carry_order(r, &order);
    do_there(&order, greet, &s);
    const text *end = &s.all[s.count - 1];
    for (size_t count = 0; count < end->count; count++) assert_int_equal(read_news(end->at, count), CARRY_BROKEN);
    for (size_t count = 0; count < order.count; count += count < 400 ? 1 : 61) assert_false(read_order(order.at, count));
    for (size_t i = 0; i < end->count; i++) {
        end->at[i] ^= (char)0x55;
        read_news(end->at, end->count);
        end->at[i] ^= (char)0x55;
    }
    assert_int_equal(read_news(end->at, end->count), CARRY_OVER);
    assert_true(read_order(order.at, order.count));
    said_done(&s);
    text_done(&order);
    run_free(r);
}

TEST(no_put_of_a_row_that_is_none_is_taken)
{
    static const int times = 4;
    run *two = job(greet, 2, (const int[]){ 1, 2 }), *one = job(greet, 1, &times);
    text news = { 0 };
    run_put_take(two, &(run_put){ .id = 7, .kind = VALUE_NUMBER, .number = 1, .row = 1 });
    carry_news(two, false, &news);
    assert_int_equal(carry_news_read(one, news.at, news.count), CARRY_BROKEN);
    assert_int_equal(carry_news_read(two, news.at, news.count), CARRY_MORE);
    text_done(&news);
    run_free(one);
    run_free(two);
}
