/* jobs_test.c: calls of functions in the store: kept, owned, found, forgotten; and files from before there were any. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_test.h"

typedef struct found { bool came; int count; char id[8][24], answer[8][40], owner[8][24], words[40]; int state, deaths; uint64_t key; double progress; int64_t asked; } found;

static void on_jobs(void *at, const store_job *jobs, int count)
{
    found *f = at;
    f->came = true;
    f->count = count;
    for (int i = 0; i < count && i < 8; i++) {
        snprintf(f->id[i], sizeof f->id[i], "%s", jobs[i].id);
        snprintf(f->answer[i], sizeof f->answer[i], "%s", jobs[i].answer);
        snprintf(f->owner[i], sizeof f->owner[i], "%s", jobs[i].owner);
    }
    if (count < 1)
        return;
    f->state = jobs[0].state, f->deaths = jobs[0].deaths, f->key = jobs[0].key, f->progress = jobs[0].progress, f->asked = jobs[0].asked_ms;
    snprintf(f->words, sizeof f->words, "%s", jobs[0].words);
    assert_string_equal(jobs[0].function, "f");
    assert_string_equal(jobs[0].inputs, "{\"a\":1}");
}

static found look(bench *b, const char *id, uint64_t key)
{
    found f = { 0 };
    int64_t end = clock_ms() + 20000;
    store_jobs(b->s, id, key, on_jobs, &f);
    while (!f.came && clock_ms() < end) loop_turn(b->l, 100);
    assert_true(f.came);
    return f;
}

static store_result save(bench *b, store_job j, const char *before)
{
    answer a = { 0 };
    j.function = "f", j.inputs = "{\"a\":1}";
    store_job_save(b->s, &j, before, on_done, &a);
    await(b, &a);
    return a.result;
}

TEST(a_job_comes_back_by_name_and_by_key_after_a_restart)
{
    bench b = bench_new();
    save(&b, (store_job){ .id = "one", .key = 0xfedcba9876543210, .asked_ms = 5, .state = 1, .progress = 0.25, .words = "a quarter", .owner = "me" }, NULL);
    save(&b, (store_job){ .id = "two", .asked_ms = 4, .owner = "me" }, NULL);
    bench_reopen(&b);
    found f = look(&b, "one", 0);
    assert_int_equal(f.count, 1);
    assert_int_equal(f.state, 1);
    assert_true(f.progress == 0.25 && f.key == 0xfedcba9876543210 && f.asked == 5);
    assert_string_equal(f.words, "a quarter");
    assert_string_equal(look(&b, NULL, 0xfedcba9876543210).id[0], "one");
    assert_int_equal(look(&b, NULL, 77).count, 0);
    assert_int_equal(look(&b, "three", 0).count, 0);
    f = look(&b, NULL, 0);
    assert_int_equal(f.count, 2);
    assert_string_equal(f.id[0], "two");           /* asked for first */
    save(&b, (store_job){ .id = "two", .ended_ms = 9, .state = 2, .answer = "{}", .owner = "me" }, NULL);
    assert_int_equal(look(&b, NULL, 0).count, 1);
    assert_string_equal(look(&b, "two", 0).answer[0], "{}");
    bench_done(&b);
}

TEST(what_another_process_works_on_is_not_written)
{
    bench b = bench_new();
    save(&b, (store_job){ .id = "one", .owner = "first" }, NULL);
    assert_int_equal(save(&b, (store_job){ .id = "one", .owner = "second" }, NULL), STORE_FENCED);
    assert_int_equal(save(&b, (store_job){ .id = "one", .owner = "second", .deaths = 1 }, "first"), STORE_SAVED);
    assert_int_equal(save(&b, (store_job){ .id = "one", .owner = "first", .ended_ms = 1, .answer = "late" }, NULL), STORE_FENCED);
    found f = look(&b, "one", 0);
    assert_int_equal(f.deaths, 1);
    assert_string_equal(f.owner[0], "second");
    assert_string_equal(f.answer[0], "");
    bench_done(&b);
}

TEST(jobs_that_ended_long_ago_or_are_too_many_are_forgotten_and_no_others)
{
    bench b = bench_new();
    char id[16];
    for (int i = 1; i <= 6; i++) {
        snprintf(id, sizeof id, "j%d", i);
        save(&b, (store_job){ .id = id, .ended_ms = i * 10, .owner = "me" }, NULL);
    }
    save(&b, (store_job){ .id = "runs", .owner = "me" }, NULL);
    store_jobs_expire(b.s, 20, 100, 1 << 20);
    assert_int_equal(look(&b, "j1", 0).count, 0);
    assert_int_equal(look(&b, "j2", 0).count, 1);
    store_jobs_expire(b.s, 0, 3, 1 << 20);
    assert_int_equal(look(&b, "j3", 0).count, 0);
    assert_int_equal(look(&b, "j4", 0).count, 1);
    store_jobs_expire(b.s, 0, 100, 500);           /* each counts for 207 bytes */
    assert_int_equal(look(&b, "j4", 0).count, 0);
    assert_int_equal(look(&b, "j5", 0).count, 1);
    assert_int_equal(look(&b, "runs", 0).count, 1);
    bench_done(&b);
}

TEST(a_damaged_job_is_left_out)
{
    bench b = bench_new();
    save(&b, (store_job){ .id = "one", .owner = "me", .answer = "right" }, NULL);
    save(&b, (store_job){ .id = "two", .owner = "me" }, NULL);
    bench_close(&b);
    sql(&b, "UPDATE job SET answer = 'wrong' WHERE id = 'one'");
    bench_open(&b);
    assert_int_equal(look(&b, "one", 0).count, 0);
    assert_int_equal(look(&b, NULL, 0).count, 1);
    bench_done(&b);
}

TEST(a_file_of_the_first_version_is_taken_on_with_all_that_it_holds)
{
    bench b = { 0 };
    bench_folder(&b);
    sql(&b, FIRST_SCHEMA);
    bench_open(&b);
    answer taken = { 0 };
    store_take(b.s, "s", on_fence, &taken);
    await(&b, &taken);
    assert_int_equal(taken.fence, 4);
    assert_int_equal(save(&b, (store_job){ .id = "one", .owner = "me" }, NULL), STORE_SAVED);
    bench_reopen(&b);
    assert_int_equal(look(&b, "one", 0).count, 1);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM feedback"), 1);
    assert_true(sql_number(&b, "PRAGMA user_version") >= 2);
    bench_done(&b);
}
