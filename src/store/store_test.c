/* store_test.c: parts, fences, sessions, feedback: what is handed in comes back, in order. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_test.h"
#include <time.h>

/* ---- parts --------------------------------------------------------------------------------------------------- */

TEST(a_part_comes_back_as_it_was_saved)
{
    bench b = bench_new();
    assert_int_equal(put_now(&b, "s", "head", "hello", 1).result, STORE_SAVED);
    bench_reopen(&b);
    answer a = load(&b, "s", "");
    assert_int_equal(a.count, 1);
    assert_string_equal(a.part[0].name, "head");
    assert_memory_equal(a.part[0].data, "hello", 5);
    assert_int_equal(a.part[0].size, 5);
    assert_int_equal(a.part[0].version, 3);
    assert_int_equal(a.fence, 1);
    assert_string_equal(a.visitor, "anna");
    assert_true(a.used > 1600000000000);
    bench_done(&b);
}

TEST(a_load_names_the_parts_of_its_prefix_in_their_order)
{
    bench b = bench_new();
    put(&b, "s", "state/b", "2", 1, NULL);
    put(&b, "s", "state/a", "1", 1, NULL);
    put(&b, "s", "state0", "x", 1, NULL);
    put(&b, "s", "head", "x", 1, NULL);
    put(&b, "s", "state/\xc3\xbc", "3", 1, NULL);
    answer a = load(&b, "s", "state/");
    assert_int_equal(a.count, 3);
    assert_string_equal(a.part[0].name, "state/a");
    assert_string_equal(a.part[1].name, "state/b");
    assert_string_equal(a.part[2].name, "state/\xc3\xbc");
    assert_int_equal(load(&b, "s", "none/").count, 0);
    assert_int_equal(load(&b, "s", "none/").fence, 1);
    assert_int_equal(load(&b, "nobody", "").fence, 0);
    bench_done(&b);
}

TEST(a_part_without_data_is_deleted_and_an_empty_one_is_kept)
{
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    put(&b, "s", "b", "2", 1, NULL);
    put(&b, "s", "a", NULL, 1, NULL);
    put(&b, "s", "b", "", 1, NULL);
    answer a = load(&b, "s", "");
    assert_int_equal(a.count, 1);
    assert_string_equal(a.part[0].name, "b");
    assert_int_equal(a.part[0].size, 0);
    bench_done(&b);
}

TEST(a_damaged_part_is_left_out_and_its_neighbours_are_not)
{
    bench b = bench_new();
    put(&b, "s", "a", "good", 1, NULL);
    put(&b, "s", "b", "bad", 1, NULL);
    bench_reopen(&b);
    sql(&b, "UPDATE part SET data = x'424144' WHERE name = 'b'");
    answer a = load(&b, "s", "");
    assert_int_equal(a.count, 1);
    assert_string_equal(a.part[0].name, "a");
    bench_done(&b);
}

TEST(a_part_that_stands_under_another_name_counts_as_damaged)
{
    bench b = bench_new();
    put(&b, "s", "a", "good", 1, NULL);
    bench_reopen(&b);
    sql(&b, "UPDATE part SET name = 'z'");
    assert_int_equal(load(&b, "s", "").count, 0);
    bench_done(&b);
}

TEST(a_load_sees_the_commit_that_was_handed_in_before_it)
{
    bench b = bench_new();
    for (int i = 0; i < 300; i++) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        put(&b, "s", "n", value, 1, NULL);
        if (i % 3) put(&b, "other", "n", value, 1, NULL);
        answer a = load(&b, "s", "");
        assert_int_equal(a.count, 1);
        assert_memory_equal(a.part[0].data, value, strlen(value));
    }
    bench_done(&b);
}

TEST(answers_come_in_the_order_of_the_calls)
{
    bench b = bench_new();
    enum { N = 200 };
    answer *a = mem_alloc(N * sizeof *a);
    answer loaded = {0};
    answers_came = 0;
    for (int i = 0; i < N; i++) put(&b, i % 2 ? "s" : "t", "n", "v", 1, &a[i]);
    store_load(b.s, "s", "", on_loaded, &loaded);
    await(&b, &loaded);
    for (int i = 0; i < N; i++) {
        assert_int_equal(a[i].order, i + 1);
        assert_int_equal(a[i].result, STORE_SAVED);
    }
    assert_int_equal(loaded.order, N + 1);
    mem_free(a);
    bench_done(&b);
}

TEST(what_is_handed_in_while_a_batch_is_committed_becomes_one_batch)
{
    bench b = bench_new();
    answer last = {0};
    for (int i = 0; i < 2000; i++) put(&b, "s", "n", "v", 1, i == 1999 ? &last : NULL);
    await(&b, &last);
    store_stats stats = store_statistics(b.s);
    assert_int_equal(stats.writes, 2000);
    assert_int_equal(stats.failures, 0);
    assert_int_equal(stats.waiting, 0);
    assert_true(stats.commits < 1000);
    bench_done(&b);
}

/* ---- fences --------------------------------------------------------------------------------------------------- */

TEST(a_write_below_the_fence_is_refused_whole)
{
    bench b = bench_new();
    put(&b, "s", "a", "first", 1, NULL);
    answer taken = {0};
    store_take(b.s, "s", on_fence, &taken);
    await(&b, &taken);
    assert_int_equal(taken.fence, 2);
    store_part parts[] = { { "a", "late", 4, 1 }, { "b", "late", 4, 1 } };
    store_write w = { .session = "s", .visitor = "anna", .fence = 1, .parts = parts, .count = 2 };
    answer a = {0};
    store_commit(b.s, &w, on_done, &a);
    await(&b, &a);
    assert_int_equal(a.result, STORE_FENCED);
    answer l = load(&b, "s", "");
    assert_int_equal(l.count, 1);
    assert_memory_equal(l.part[0].data, "first", 5);
    assert_string_equal(l.visitor, "anna");
    assert_int_equal(put_now(&b, "s", "a", "mine", 2).result, STORE_SAVED);
    assert_int_equal(load(&b, "s", "").fence, 2);
    bench_done(&b);
}

TEST(a_fenced_write_does_not_harm_the_others_of_its_batch)
{
    bench b = bench_new();
    answer a[3] = {0};
    put(&b, "s", "n", "1", 5, &a[0]);
    put(&b, "s", "n", "2", 4, &a[1]);
    put(&b, "t", "n", "3", 1, &a[2]);
    await(&b, &a[2]);
    assert_int_equal(a[0].result, STORE_SAVED);
    assert_int_equal(a[1].result, STORE_FENCED);
    assert_int_equal(a[2].result, STORE_SAVED);
    bench_done(&b);
}

TEST(taking_a_session_that_is_not_there_begins_with_fence_1)
{
    bench b = bench_new();
    answer a = {0};
    store_take(b.s, "new", on_fence, &a);
    await(&b, &a);
    assert_int_equal(a.fence, 1);
    assert_int_equal(put_now(&b, "new", "head", "x", 1).result, STORE_SAVED);
    bench_done(&b);
}

/* ---- sessions ------------------------------------------------------------------------------------------------- */

TEST(a_visitors_sessions_come_latest_used_first)
{
    bench b = bench_new();
    const char *names[] = { "one", "two", "three", "one" };
    for (int i = 0; i < COUNT(names); i++) {
        put_now(&b, names[i], "head", "x", 1);
        nanosleep(&(struct timespec){ .tv_nsec = 3000000 }, NULL);
    }
    answer a = {0};
    store_sessions_of(b.s, "anna", on_found, &a);
    await(&b, &a);
    assert_int_equal(a.count, 3);
    assert_string_equal(a.session[0], "one");
    assert_string_equal(a.session[1], "three");
    assert_string_equal(a.session[2], "two");
    bench_done(&b);
}

TEST(a_deleted_session_is_gone_with_its_parts)
{
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    put(&b, "t", "a", "1", 1, NULL);
    answer a = {0};
    store_delete(b.s, "s", on_done, &a);
    answer l = load(&b, "s", "");
    assert_true(a.came);
    assert_int_equal(l.count, 0);
    assert_int_equal(l.fence, 0);
    assert_int_equal(load(&b, "t", "").count, 1);
    bench_close(&b);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM part"), 1);
    bench_open(&b);
    bench_done(&b);
}

TEST(sessions_that_nobody_used_for_long_are_deleted)
{
    bench b = bench_new();
    for (int i = 0; i < 350; i++) {
        char name[16];
        snprintf(name, sizeof name, "old%d", i);
        put(&b, name, "head", "x", 1, NULL);
    }
    put_now(&b, "fresh", "head", "x", 1);
    sql(&b, "UPDATE session SET used = 1000 WHERE id LIKE 'old%'");
    store_expire(b.s, &(store_limits){ .before_ms = 2000 });
    bench_close(&b);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM session"), 1);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM part"), 1);
    bench_open(&b);
    assert_int_equal(load(&b, "fresh", "").count, 1);
    bench_done(&b);
}

static void expire(bench *b, const store_limits *limits)
{
    store_expire(b->s, limits);
    bench_close(b);
    bench_open(b);
}

TEST(of_sessions_of_one_kind_the_old_ones_and_the_oldest_of_too_many_are_deleted)
{
    static const char *const names[] = { "kind/a", "kind/b", "kind/c", "kind/d", "kine/e", "kin", "other" };
    bench b = bench_new();
    for (int i = 0; i < COUNT(names); i++) put(&b, names[i], "head", "1234567890", 1, NULL);
    bench_close(&b);
    for (int i = 0; i < COUNT(names); i++) {
        char said[80];
        snprintf(said, sizeof said, "UPDATE session SET used = %d WHERE id = '%s'", 1000 + i, names[i]);
        sql(&b, said);
    }
    bench_open(&b);
    expire(&b, &(store_limits){ .of = "kind/", .before_ms = 1001 });
    assert_int_equal(load(&b, "kind/a", "").count, 0);
    assert_int_equal(load(&b, "kind/b", "").count, 1);
    expire(&b, &(store_limits){ .of = "kind/", .most = 2 });
    assert_int_equal(load(&b, "kind/b", "").count, 0);
    assert_int_equal(load(&b, "kind/c", "").count, 1);
    expire(&b, &(store_limits){ .of = "kind/", .bytes = 19 });
    assert_int_equal(load(&b, "kind/c", "").count, 0);
    for (int i = 3; i < COUNT(names); i++) assert_int_equal(load(&b, names[i], "").count, 1);
    bench_done(&b);
}

TEST(feedback_is_one_row_for_each_message_and_can_be_taken_back)
{
    bench b = bench_new();
    store_feedback f = { "s", "anna", "m1", "smol", "why?", "because", 1, 1000, NULL, NULL };
    answer a = {0};
    store_feedback_add(b.s, &f, NULL, NULL);
    f.score = -1, f.at_ms = 2000;
    store_feedback_add(b.s, &f, NULL, NULL);
    f.message = "m2";
    store_feedback_add(b.s, &f, NULL, NULL);
    f.score = 0;
    store_feedback_add(b.s, &f, on_done, &a);
    await(&b, &a);
    assert_int_equal(a.result, STORE_SAVED);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM feedback"), 1);
    assert_int_equal(sql_number(&b, "SELECT score FROM feedback WHERE message = 'm1' AND answer = 'because' AND at = 2000"), -1);
    bench_done(&b);
}

/* ---- closing, memory ------------------------------------------------------------------------------------------- */

typedef struct chain { store *s; int left; } chain;

static void on_chain(void *at, store_result result, const char *error)
{
    (void)error;
    chain *c = at;
    assert_int_equal(result, STORE_SAVED);
    if (c->left-- == 0) return;
    store_part part = { "n", "v", 1, 1 };
    store_commit(c->s, &(store_write){ .session = "s", .visitor = "anna", .fence = 1, .parts = &part, .count = 1 }, on_chain, c);
}

TEST(closing_answers_everything_also_what_answers_hand_in)
{
    bench b = bench_new();
    chain c = { b.s, 3 };
    answer loaded = {0};
    on_chain(&c, STORE_SAVED, NULL);
    store_load(b.s, "s", "", on_loaded, &loaded);
    bench_close(&b);
    assert_int_equal(c.left, -1);
    assert_true(loaded.came);
    assert_int_equal(loaded.count, 1);
    bench_open(&b);
    bench_done(&b);
}

TEST(without_a_folder_everything_is_kept_in_memory)
{
    bench b = {0};
    b.l = loop_new();
    b.s = store_open(b.l, NULL, STORE_PROCESS, NULL);
    assert_non_null(b.s);
    put(&b, "s", "a", "1", 1, NULL);
    assert_int_equal(load(&b, "s", "").count, 1);
    answer a = {0};
    store_sessions_of(b.s, "anna", on_found, &a);
    await(&b, &a);
    assert_int_equal(a.count, 1);
    assert_int_equal(store_statistics(b.s).writes, 1);
    bench_close(&b);
}
