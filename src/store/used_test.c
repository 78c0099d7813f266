/* used_test.c: what is counted adds up, period by period, for whoever looks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store_test.h"

typedef struct seen { int rows; int64_t begins, count; uint64_t who; const char *what; } seen;

static void look(void *data, const store_use *row)
{
    seen *s = data;
    s->rows++;
    if (row->who == s->who && !strcmp(row->what, s->what)) s->begins = row->begins_ms, s->count = row->count;
}

/* What a reader beside the store finds. */
static seen read_use(const char *folder, uint64_t who, const char *what)
{
    seen s = { .who = who, .what = what };
    ez_err err = { EZ_OK, "" };
    if (!store_use_read(folder, look, &s, &err)) fail_msg("%s", err.text);
    return s;
}

static void add(bench *b, const store_use *all, int count)
{
    answer a = { 0 };
    store_use_add(b->s, all, count, on_done, &a);
    await(b, &a);
    assert_int_equal(a.result, STORE_SAVED);
}

static void add_one(bench *b, uint64_t who, const char *what, int64_t begins, int64_t count) { add(b, &(store_use){ who, what, begins, count }, 1); }

TEST(what_is_counted_adds_up_in_its_period_and_begins_at_nothing_in_the_next)
{
    static const uint64_t ANNA = 0xfedcba9876543210;
    static const uint64_t BERT = 7;
    bench b = bench_new();
    add(&b, (store_use[]){ { ANNA, "calls/day", 1000, 3 }, { ANNA, "tokens/month", 500, 40 }, { BERT, "calls/day", 1000, 1 } }, 3);
    add_one(&b, ANNA, "calls/day", 1000, 2);
    assert_int_equal(read_use(b.folder, ANNA, "calls/day").count, 5);
    assert_int_equal(read_use(b.folder, ANNA, "tokens/month").count, 40);
    bench_reopen(&b);
    add_one(&b, ANNA, "calls/day", 2000, 4);
    add_one(&b, ANNA, "calls/day", 1000, 9);           /* of a process that is late */
    seen s = read_use(b.folder, ANNA, "calls/day");
    assert_true(s.begins == 2000 && s.count == 4 && s.rows == 3);
    assert_int_equal(read_use(b.folder, BERT, "calls/day").count, 1);
    sql(&b, "UPDATE used SET touched = 1 WHERE who = 7");
    add_one(&b, ANNA, "calls/day", 2000, 1);
    assert_int_equal(read_use(b.folder, BERT, "calls/day").rows, 2);
    bench_done(&b);
}

TEST(where_nothing_was_counted_nothing_is_read)
{
    bench b = { 0 };
    seen s = { .what = "" };
    ez_err err = { EZ_OK, "" };
    bench_folder(&b);
    assert_int_equal(read_use(b.folder, 1, "calls/day").rows, 0);
    sql(&b, FIRST_SCHEMA);
    assert_int_equal(read_use(b.folder, 1, "calls/day").rows, 0);
    bench_open(&b);
    add_one(&b, 1, "calls/day", 1000, 1);
    assert_int_equal(read_use(b.folder, 1, "calls/day").count, 1);
    bench_done(&b);
    assert_false(store_use_read("/nowhere/at/all", look, &s, &err));
}
