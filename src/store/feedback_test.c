/* feedback_test.c: what visitors said is read in order, in parts, of every version of the file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store_test.h"
#include <stdio.h>
#include <string.h>

typedef struct heard { int count; char first[64], last[64], function[32], choice[32]; } heard;

static void hear(void *data, const store_feedback *f)
{
    heard *h = data;
    if (!h->count++) snprintf(h->first, sizeof h->first, "%s", f->question);
    snprintf(h->last, sizeof h->last, "%s", f->question);
    snprintf(h->function, sizeof h->function, "%s", f->function);
    snprintf(h->choice, sizeof h->choice, "%s", f->choice);
}

static heard read_all(const char *folder, store_feedback_range range, int64_t *total)
{
    heard h = { 0 };
    ez_err err = { EZ_OK, "" };
    if (!store_feedback_read(folder, &range, hear, &h, total, &err)) fail_msg("%s", err.text);
    return h;
}

TEST(feedback_is_read_in_parts_while_the_store_is_open)
{
    bench b = bench_new();
    answer a = { 0 };
    int64_t total;
    for (int i = 0; i < 25; i++) {
        char id[16], words[32];
        snprintf(id, sizeof id, "m%d", i);
        snprintf(words, sizeof words, "{\"n\":%d}", i);
        store_feedback_add(b.s, &(store_feedback){ "s", "anna", id, "", words, "{}", 0, 1000 + i, "greet", "wrong" }, i == 24 ? on_done : NULL, &a);
    }
    await(&b, &a);
    heard h = read_all(b.folder, (store_feedback_range){ .from = 20, .most = 10 }, &total);
    assert_int_equal(total, 25);
    assert_int_equal(h.count, 5);
    assert_string_equal(h.first, "{\"n\":20}");
    h = read_all(b.folder, (store_feedback_range){ .most = 3, .newest_first = true }, &total);
    assert_int_equal(h.count, 3);
    assert_string_equal(h.first, "{\"n\":24}");
    assert_string_equal(h.last, "{\"n\":22}");
    assert_string_equal(h.function, "greet");
    assert_string_equal(h.choice, "wrong");
    bench_close(&b);
    assert_int_equal(read_all(b.folder, (store_feedback_range){ 0 }, &total).count, 25);
    bench_open(&b);
    bench_done(&b);
}

TEST(a_flag_without_a_choice_takes_it_back)
{
    bench b = bench_new();
    answer a = { 0 };
    store_feedback f = { "s", "anna", "m", "", "{}", "{}", 0, 1000, "greet", "wrong" };
    store_feedback_add(b.s, &f, NULL, NULL);
    f.choice = "right";
    store_feedback_add(b.s, &f, on_done, &a);
    await(&b, &a);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM feedback WHERE choice = 'right'"), 1);
    a = (answer){ 0 };
    f.choice = NULL;
    store_feedback_add(b.s, &f, on_done, &a);
    await(&b, &a);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM feedback"), 0);
    bench_done(&b);
}

TEST(feedback_of_the_first_version_is_read_as_it_is_and_taken_on)
{
    bench b = { 0 };
    int64_t total;
    bench_folder(&b);
    sql(&b, FIRST_SCHEMA);
    heard h = read_all(b.folder, (store_feedback_range){ 0 }, &total);
    assert_int_equal(h.count, 1);
    assert_string_equal(h.first, "why?");
    assert_string_equal(h.function, "");
    bench_open(&b);
    answer a = { 0 };
    store_feedback_add(b.s, &(store_feedback){ "s", "anna", "n", "", "{}", "{}", 0, 2000, "greet", "wrong" }, on_done, &a);
    await(&b, &a);
    assert_int_equal(a.result, STORE_SAVED);
    h = read_all(b.folder, (store_feedback_range){ 0 }, &total);
    assert_int_equal(h.count, 2);
    assert_string_equal(h.first, "why?");
    assert_string_equal(h.function, "greet");
    bench_done(&b);
}

TEST(a_folder_without_a_store_has_no_feedback_and_one_that_is_not_there_is_named)
{
    bench b = { 0 };
    int64_t total = 7;
    heard h = { 0 };
    ez_err err = { EZ_OK, "" };
    bench_folder(&b);
    assert_int_equal(read_all(b.folder, (store_feedback_range){ 0 }, &total).count, 0);
    assert_int_equal(total, 0);
    assert_false(store_feedback_read("/nowhere/at/all", &(store_feedback_range){ 0 }, hear, &h, &total, &err));
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    bench_open(&b);
    bench_done(&b);
}
