/* store_test.h: what the store's tests share: a store in a folder of its own, answers that can be looked at, SQL behind its back. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_TEST_H
#define STORE_STORE_TEST_H

#include "base/test.h"
#include "store/store.h"
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a bench for one test ------------------------------------------------------------------------------------ */

typedef struct bench { loop *l; store *s; char folder[64]; store_needs needs; } bench;

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static inline void bench_folder(bench *b)
{
    snprintf(b->folder, sizeof b->folder, "/tmp/easel-store-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
}

static inline void bench_open(bench *b)
{
    ez_err err = {0};
    b->l = loop_new();
    b->s = store_open(b->l, b->folder, b->needs, &err);
    if (!b->s) fail_msg("%s", err.text);
}

static inline void bench_close(bench *b)
{
    store_close(b->s);
    loop_free(b->l);
}

static inline void bench_reopen(bench *b)
{
    bench_close(b);
    bench_open(b);
}

static inline bench bench_new(void)
{
    bench b = {0};
    bench_folder(&b);
    bench_open(&b);
    return b;
}

static inline void bench_done(bench *b)
{
    bench_close(b);
    nftw(b->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline char *bench_file(const bench *b, const char *name)
{
    static char path[160];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    return path;
}

/* A file of the first version, as its program made it. */
#define FIRST_SCHEMA \
    "CREATE TABLE session (id TEXT PRIMARY KEY, visitor TEXT NOT NULL, fence INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;" \
    "CREATE INDEX session_visitor ON session (visitor);" \
    "CREATE TABLE part (session TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, fence INTEGER NOT NULL," \
    " sum INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (session, name)) WITHOUT ROWID;" \
    "CREATE TABLE feedback (session TEXT NOT NULL, message TEXT NOT NULL, visitor TEXT NOT NULL, model TEXT NOT NULL, question TEXT NOT NULL," \
    " answer TEXT NOT NULL, score INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (session, message)) WITHOUT ROWID;" \
    "PRAGMA application_id = 1163094892; PRAGMA journal_mode = WAL;" \
    "INSERT INTO session VALUES ('s', 'anna', 3, 1000);" \
    "INSERT INTO feedback VALUES ('s', 'm', 'anna', 'smol', 'why?', 'because', 1, 1000);" \
    "PRAGMA user_version = 1;"

/* One answer of any kind, copied so that it can be looked at. */
typedef struct answer {
    bool came; int order;
    store_result result; char error[300];
    int count; uint32_t fence; char visitor[40]; int64_t used;
    struct { char name[40]; char data[200]; size_t size; int version; } part[20];
    char session[100][40];
} answer;

static int answers_came;             /* counts the answers of a test program */

static inline void on_done(void *at, store_result result, const char *error)
{
    answer *a = at;
    a->came = true;
    a->order = ++answers_came;
    a->result = result;
    snprintf(a->error, sizeof a->error, "%s", error ? error : "");
}

static inline void on_loaded(void *at, const store_part *parts, int count, uint32_t fence, const char *visitor, int64_t used)
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

static inline void on_found(void *at, const char *const *sessions, int count)
{
    answer *a = at;
    a->came = true;
    a->count = count;
    for (int i = 0; i < count; i++) snprintf(a->session[i], sizeof a->session[i], "%s", sessions[i]);
}

static inline void on_fence(void *at, uint32_t fence, const char *error)
{
    answer *a = at;
    a->came = true;
    a->fence = fence;
    snprintf(a->error, sizeof a->error, "%s", error ? error : "");
}

static inline void await(bench *b, answer *a)
{
    int64_t end = clock_ms() + 20000;
    while (!a->came && clock_ms() < end) loop_turn(b->l, 100);
    assert_true(a->came);
}

static inline void put(bench *b, const char *session, const char *name, const char *data, uint32_t fence, answer *a)
{
    store_part part = { .name = name, .data = data, .count = data ? strlen(data) : 0, .version = 3 };
    store_write w = { .session = session, .visitor = "anna", .fence = fence, .parts = &part, .count = 1 };
    store_commit(b->s, &w, a ? on_done : NULL, a);
}

static inline answer put_now(bench *b, const char *session, const char *name, const char *data, uint32_t fence)
{
    answer a = {0};
    put(b, session, name, data, fence, &a);
    await(b, &a);
    return a;
}

static inline answer load(bench *b, const char *session, const char *prefix)
{
    answer a = {0};
    store_load(b->s, session, prefix, on_loaded, &a);
    await(b, &a);
    return a;
}

/* SQL behind the store's back. */
static inline void sql(const bench *b, const char *text)
{
    sqlite3 *d;
    assert_int_equal(sqlite3_open(bench_file(b, "easel.db"), &d), SQLITE_OK);
    char *why = NULL;
    if (sqlite3_exec(d, text, NULL, NULL, &why) != SQLITE_OK) fail_msg("%s", why);
    sqlite3_close(d);
}

static inline int64_t sql_number(const bench *b, const char *text)
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

#endif
