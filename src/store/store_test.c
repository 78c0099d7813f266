/* store_test.c: what was acknowledged is there, whatever happens to the process, the file or the disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "store/store.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- a bench for one test ------------------------------------------------------------------------------------ */

typedef struct bench { loop *l; store *s; char folder[64]; } bench;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void bench_folder(bench *b)
{
    snprintf(b->folder, sizeof b->folder, "/tmp/easel-store-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
}

static void bench_open(bench *b)
{
    ez_err err = {0};
    b->l = loop_new();
    b->s = store_open(b->l, b->folder, &err);
    if (!b->s) fail_msg("%s", err.text);
}

static void bench_close(bench *b)
{
    store_close(b->s);
    loop_free(b->l);
}

static void bench_reopen(bench *b)
{
    bench_close(b);
    bench_open(b);
}

static bench bench_new(void)
{
    bench b;
    bench_folder(&b);
    bench_open(&b);
    return b;
}

static void bench_done(bench *b)
{
    bench_close(b);
    nftw(b->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *bench_file(const bench *b, const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    return path;
}

/* One answer of any kind, copied so that it can be looked at. */
typedef struct answer {
    bool came; int order;
    store_result result; char error[300];
    int count; uint32_t fence; char visitor[40]; int64_t used;
    struct { char name[40]; char data[200]; size_t size; int version; } part[20];
    char session[100][40];
} answer;

static int answers_came;

static void on_done(void *at, store_result result, const char *error)
{
    answer *a = at;
    a->came = true;
    a->order = ++answers_came;
    a->result = result;
    snprintf(a->error, sizeof a->error, "%s", error ? error : "");
}

static void on_loaded(void *at, const store_part *parts, int count, uint32_t fence, const char *visitor, int64_t used)
{
    answer *a = at;
    a->came = true;
    a->order = ++answers_came;
    a->count = count;
    a->fence = fence;
    a->used = used;
    snprintf(a->visitor, sizeof a->visitor, "%s", visitor ? visitor : "");
    for (int i = 0; i < count && i < COUNT(a->part); i++) {
        snprintf(a->part[i].name, sizeof a->part[i].name, "%s", parts[i].name);
        a->part[i].size = parts[i].count;
        a->part[i].version = parts[i].version;
        assert_non_null(parts[i].data);
        memcpy(a->part[i].data, parts[i].data, parts[i].count < 199 ? parts[i].count : 199);
    }
}

static void on_found(void *at, const char *const *sessions, int count)
{
    answer *a = at;
    a->came = true;
    a->count = count;
    for (int i = 0; i < count; i++) snprintf(a->session[i], sizeof a->session[i], "%s", sessions[i]);
}

static void on_fence(void *at, uint32_t fence, const char *error)
{
    answer *a = at;
    a->came = true;
    a->fence = fence;
    snprintf(a->error, sizeof a->error, "%s", error ? error : "");
}

static void await(bench *b, answer *a)
{
    int64_t end = clock_ms() + 20000;
    while (!a->came && clock_ms() < end) loop_turn(b->l, 100);
    assert_true(a->came);
}

static void put(bench *b, const char *session, const char *name, const char *data, uint32_t fence, answer *a)
{
    store_part part = { .name = name, .data = data, .count = data ? strlen(data) : 0, .version = 3 };
    store_write w = { .session = session, .visitor = "anna", .fence = fence, .parts = &part, .count = 1 };
    store_commit(b->s, &w, a ? on_done : NULL, a);
}

static answer put_now(bench *b, const char *session, const char *name, const char *data, uint32_t fence)
{
    answer a = {0};
    put(b, session, name, data, fence, &a);
    await(b, &a);
    return a;
}

static answer load(bench *b, const char *session, const char *prefix)
{
    answer a = {0};
    store_load(b->s, session, prefix, on_loaded, &a);
    await(b, &a);
    return a;
}

/* SQL behind the store's back. */
static void sql(const bench *b, const char *text)
{
    sqlite3 *d;
    assert_int_equal(sqlite3_open(bench_file(b, "easel.db"), &d), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(d, text, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
    sqlite3_close(d);
}

static int64_t sql_number(const bench *b, const char *text)
{
    sqlite3 *d;
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_open(bench_file(b, "easel.db"), &d), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(d, text, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(d);
    return n;
}

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
    store_expire(b.s, 2000);
    bench_close(&b);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM session"), 1);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM part"), 1);
    bench_open(&b);
    assert_int_equal(load(&b, "fresh", "").count, 1);
    bench_done(&b);
}

TEST(feedback_is_one_row_for_each_message_and_can_be_taken_back)
{
    bench b = bench_new();
    store_feedback f = { "s", "anna", "m1", "smol", "why?", "because", 1, 1000 };
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
    b.s = store_open(b.l, NULL, NULL);
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

/* ---- failures -------------------------------------------------------------------------------------------------- */

TEST(the_asked_write_fails_once_and_changes_nothing)
{
    bench b = bench_new();
    put(&b, "s", "n", "0", 1, NULL);
    answer a[3] = {0};
    store_fail_at(b.s, 2);
    put(&b, "s", "n", "1", 1, &a[0]);
    put(&b, "s", "m", "2", 1, &a[1]);
    put(&b, "s", "o", "3", 1, &a[2]);
    await(&b, &a[2]);
    assert_int_equal(a[0].result, STORE_SAVED);
    assert_int_equal(a[1].result, STORE_FAILED);
    assert_true(*a[1].error);
    assert_int_equal(a[2].result, STORE_SAVED);
    answer l = load(&b, "s", "");
    assert_int_equal(l.count, 2);
    assert_string_equal(l.part[0].name, "n");
    assert_string_equal(l.part[1].name, "o");
    assert_int_equal(store_statistics(b.s).failures, 1);
    bench_done(&b);
}

TEST(a_folder_that_cannot_be_made_is_an_error_that_names_it)
{
    bench b;
    bench_folder(&b);
    close(open(bench_file(&b, "file"), O_CREAT | O_WRONLY, 0600));
    ez_err err = {0};
    loop *l = loop_new();
    assert_null(store_open(l, bench_file(&b, "file/data"), &err));
    assert_non_null(strstr(err.text, "file/data"));
    assert_non_null(strstr(err.text, "--data"));
    loop_free(l);
    bench_open(&b);
    bench_done(&b);
}

TEST(folders_above_the_data_folder_are_made)
{
    bench b;
    bench_folder(&b);
    loop *l = loop_new();
    store *s = store_open(l, bench_file(&b, "a/b/c"), NULL);
    assert_non_null(s);
    store_close(s);
    loop_free(l);
    struct stat st;
    assert_int_equal(stat(bench_file(&b, "a/b/c/easel.db"), &st), 0);
    bench_open(&b);
    bench_done(&b);
}

TEST(a_file_of_a_later_version_is_not_touched)
{
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    bench_close(&b);
    sql(&b, "PRAGMA user_version = 99");
    ez_err err = {0};
    b.l = loop_new();
    assert_null(store_open(b.l, b.folder, &err));
    assert_non_null(strstr(err.text, "later version"));
    assert_non_null(strstr(err.text, "easel.db"));
    loop_free(b.l);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM part"), 1);
    sql(&b, "PRAGMA user_version = 1");
    bench_open(&b);
    assert_int_equal(load(&b, "s", "").count, 1);
    bench_done(&b);
}

static int files_named(const bench *b, const char *part)
{
    char command[256];
    snprintf(command, sizeof command, "ls %s | grep -c '%s'", b->folder, part);
    FILE *f = popen(command, "r");
    int n = -1;
    assert_int_equal(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

static void write_over(const char *path, long from, long count)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, from, SEEK_SET);
    for (long i = 0; i < count; i++) fputc(0x5a, f);
    fclose(f);
}

TEST(a_file_that_is_no_database_is_moved_aside_and_a_new_one_begun)
{
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    bench_close(&b);
    write_over(bench_file(&b, "easel.db"), 0, 4096);
    bench_open(&b);
    assert_int_equal(files_named(&b, "easel.db.broken-"), 1);
    assert_int_equal(load(&b, "s", "").fence, 0);
    assert_int_equal(put_now(&b, "s", "a", "2", 1).result, STORE_SAVED);
    bench_reopen(&b);
    assert_int_equal(load(&b, "s", "").count, 1);
    bench_done(&b);
}

static void bench_with_damaged_pages(bench *b)
{
    bench_folder(b);
    bench_open(b);
    char large[6000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        put(b, name, "a", large, 1, NULL);
    }
    bench_close(b);
    struct stat st;
    assert_int_equal(stat(bench_file(b, "easel.db"), &st), 0);
    write_over(bench_file(b, "easel.db"), 2 * 4096, st.st_size - 2 * 4096);
    bench_open(b);
}

TEST(damage_met_while_writing_moves_the_file_aside_and_the_write_succeeds)
{
    bench b;
    bench_with_damaged_pages(&b);
    assert_int_equal(put_now(&b, "s7", "a", "2", 1).result, STORE_SAVED);
    assert_int_equal(files_named(&b, "easel.db.broken-"), 1);
    bench_reopen(&b);
    assert_int_equal(load(&b, "s7", "").count, 1);
    bench_done(&b);
}

TEST(damage_met_while_reading_is_no_empty_session)
{
    bench b;
    bench_with_damaged_pages(&b);
    assert_int_equal(load(&b, "s7", "").count, -1);
    assert_int_equal(put_now(&b, "s7", "a", "2", 1).result, STORE_SAVED);
    assert_int_equal(load(&b, "s7", "").count, 1);
    assert_int_equal(files_named(&b, "easel.db.broken-"), 1);
    bench_done(&b);
}

TEST(a_file_deleted_under_the_program_is_written_again)
{
    bench b = bench_new();
    put_now(&b, "s", "a", "1", 1);
    nftw(b.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(put_now(&b, "s", "b", "2", 1).result, STORE_SAVED);
    assert_int_equal(load(&b, "s", "").count, 2);
    bench_reopen(&b);
    assert_int_equal(load(&b, "s", "").count, 2);
    bench_done(&b);
}

TEST(another_file_put_in_its_place_is_used)
{
    bench b = bench_new(), other = bench_new();
    put_now(&b, "s", "a", "1", 1);
    put_now(&other, "t", "a", "1", 1);
    bench_close(&other);
    char *from = mem_text(bench_file(&other, "easel.db"));
    assert_int_equal(rename(from, bench_file(&b, "easel.db")), 0);
    mem_free(from);
    assert_int_equal(put_now(&b, "t", "b", "2", 1).result, STORE_SAVED);
    assert_int_equal(load(&b, "t", "").count, 2);
    bench_open(&other);
    bench_done(&other);
    bench_done(&b);
}

/* In a child process, as the limit on the size of files holds for all of it. Exit status 0: all held. */
#define HOLD(x) do { if (!(x)) { fprintf(stderr, "line %d: %s\n", __LINE__, #x); _exit(1); } } while (0)

static void full_disk(bench *b)
{
    signal(SIGXFSZ, SIG_IGN);
    bench_open(b);
    answer a = put_now(b, "s", "a", "1", 1);
    HOLD(a.result == STORE_SAVED);
    struct rlimit small = { 40000, RLIM_INFINITY };
    HOLD(setrlimit(RLIMIT_FSIZE, &small) == 0);
    char large[60000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    a = put_now(b, "s", "b", large, 1);
    HOLD(a.result == STORE_FAILED && *a.error);
    HOLD(load(b, "s", "").count == 1);
    small.rlim_cur = RLIM_INFINITY;
    HOLD(setrlimit(RLIMIT_FSIZE, &small) == 0);
    a = put_now(b, "s", "b", large, 1);
    HOLD(a.result == STORE_SAVED);
    bench_close(b);
    _exit(0);
}

static int run_child(void (*fn)(bench *), bench *b)
{
    pid_t pid = fork();
    if (!pid) fn(b);
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(a_disk_that_takes_no_more_fails_the_write_and_works_again_when_it_does)
{
    bench b;
    bench_folder(&b);
    assert_int_equal(run_child(full_disk, &b), 0);
    bench_open(&b);
    assert_int_equal(load(&b, "s", "").count, 2);
    bench_done(&b);
}

/* A user who may not write sees what a read-only folder is; root may write anywhere. */
static void read_only_folder(bench *b)
{
    HOLD(setuid(65534) == 0);
    ez_err err = {0};
    HOLD(!store_open(loop_new(), b->folder, &err));
    HOLD(strstr(err.text, b->folder) && strstr(err.text, "--data"));
    _exit(0);
}

TEST(a_read_only_folder_is_an_error_at_the_start)
{
    if (geteuid() != 0) skip();
    bench b;
    bench_folder(&b);
    assert_int_equal(run_child(read_only_folder, &b), 0);
    bench_open(&b);
    bench_done(&b);
}

static void read_only_file(bench *b)
{
    HOLD(setuid(65534) == 0);
    bench_open(b);
    answer a = put_now(b, "s", "a", "2", 1);
    HOLD(a.result == STORE_FAILED && strstr(a.error, "read-only"));
    a = load(b, "s", "");
    HOLD(a.count == 1);
    bench_close(b);
    _exit(0);
}

TEST(a_read_only_file_is_read_and_its_writes_fail)
{
    if (geteuid() != 0) skip();
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    bench_close(&b);
    chmod(b.folder, 0777);
    chmod(bench_file(&b, "easel.db"), 0444);
    assert_int_equal(run_child(read_only_file, &b), 0);
    bench_open(&b);
    bench_done(&b);
}

/* ---- kill -9 ---------------------------------------------------------------------------------------------------- */

enum { KILL_SESSIONS = 16, KILL_PARTS = 3 };

typedef struct killed { bench *b; int pipe; int next[KILL_SESSIONS]; } killed;
typedef struct killed_write { killed *k; int session, n; } killed_write;

static void killed_commit(killed *k, int session);

static void killed_saved(void *at, store_result result, const char *error)
{
    (void)error;
    killed_write *w = at;
    int note[2] = { w->session, w->n };
    if (result != STORE_SAVED || write(w->k->pipe, note, sizeof note) != sizeof note) _exit(1);
    killed_commit(w->k, w->session);
    mem_free(w);
}

/* Write n of a session: three parts that all say n, of a size that needs further pages now and then. */
static void killed_commit(killed *k, int session)
{
    char name[16], parts_name[KILL_PARTS][16], data[KILL_PARTS][5000];
    store_part parts[KILL_PARTS];
    int n = ++k->next[session];
    snprintf(name, sizeof name, "s%d", session);
    for (int i = 0; i < KILL_PARTS; i++) {
        memset(data[i], 'x', sizeof data[i]);
        snprintf(parts_name[i], sizeof parts_name[i], "p%d", i);
        snprintf(data[i], sizeof data[i], "%d", n);
        parts[i] = (store_part){ parts_name[i], data[i], n % 7 ? 200 : sizeof data[i], 1 };
    }
    killed_write *w = mem_alloc(sizeof *w);
    *w = (killed_write){ k, session, n };
    store_commit(k->b->s, &(store_write){ .session = name, .visitor = "v", .fence = 1, .parts = parts, .count = KILL_PARTS }, killed_saved, w);
}

static void killed_child(bench *b, int pipe, const int *from)
{
    killed k = { .b = b, .pipe = pipe };
    memcpy(k.next, from, sizeof k.next);
    bench_open(b);
    for (int i = 0; i < KILL_SESSIONS; i++) killed_commit(&k, i);
    loop_run(b->l);
    _exit(1);
}

/* Every session must be at the acknowledged write or one later (committed, but killed before it said so), and whole. */
static void killed_check(bench *b, int *seen)
{
    bench_open(b);
    for (int i = 0; i < KILL_SESSIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        answer a = load(b, name, "");
        assert_int_equal(a.count, seen[i] || a.count ? KILL_PARTS : 0);
        int n = a.count ? atoi(a.part[0].data) : 0;
        assert_true(n == seen[i] || n == seen[i] + 1);
        for (int p = 1; p < a.count; p++) assert_int_equal(atoi(a.part[p].data), n);
        seen[i] = n;
    }
    bench_close(b);
}

TEST(what_was_acknowledged_before_a_kill_is_there_after_it)
{
    bench b;
    bench_folder(&b);
    int seen[KILL_SESSIONS] = {0}, acknowledged = 0;
    for (int round = 0; round < 12; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (!pid) killed_child(&b, ends[1], seen);
        close(ends[1]);
        int note[2], left = 50 + (int)(random_u64() % 2000);
        while (left-- > 0 && read(ends[0], note, sizeof note) == sizeof note) seen[note[0]] = note[1], acknowledged++;
        kill(pid, SIGKILL);
        while (read(ends[0], note, sizeof note) == sizeof note) seen[note[0]] = note[1], acknowledged++;
        close(ends[0]);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        killed_check(&b, seen);
    }
    assert_true(acknowledged > 600);
    assert_int_equal(files_named(&b, "broken"), 0);
    nftw(b.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
