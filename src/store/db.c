/* db.c: the file of the store through SQLite: schema, prepared statements, one function for each operation. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { DB_BUSY_MS = 5000, DB_EXPIRE_TURN = 100, DB_LARGEST = 256 << 20 };

/* Step n makes a file of version n into one of version n + 1. Steps are only ever added. */
static const char *const db_steps[DB_SCHEMA] = {
    "CREATE TABLE session (id TEXT PRIMARY KEY, visitor TEXT NOT NULL, fence INTEGER NOT NULL, used INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX session_visitor ON session (visitor);"
    "CREATE TABLE part (session TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, fence INTEGER NOT NULL,"
    " sum INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (session, name)) WITHOUT ROWID;"
    "CREATE TABLE feedback (session TEXT NOT NULL, message TEXT NOT NULL, visitor TEXT NOT NULL, model TEXT NOT NULL, question TEXT NOT NULL,"
    " answer TEXT NOT NULL, score INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (session, message)) WITHOUT ROWID;"
    "PRAGMA application_id = 1163094892;",           /* "Easl" */
    "CREATE TABLE job (id TEXT PRIMARY KEY, function TEXT NOT NULL, peer TEXT NOT NULL, inputs TEXT NOT NULL, key INTEGER NOT NULL, body INTEGER NOT NULL,"
    " asked INTEGER NOT NULL, ended INTEGER NOT NULL, state INTEGER NOT NULL, deaths INTEGER NOT NULL, progress REAL NOT NULL, words TEXT NOT NULL,"
    " answer TEXT NOT NULL, owner TEXT NOT NULL, sum INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX job_ended ON job (ended, bytes);"
    "CREATE INDEX job_key ON job (key) WHERE key <> 0;",
    ("ALTER TABLE feedback ADD COLUMN function TEXT NOT NULL DEFAULT '';"       /* one step of two: clang asks for the brackets */
     "ALTER TABLE feedback ADD COLUMN choice TEXT NOT NULL DEFAULT '';"),
    "CREATE TABLE used (who INTEGER NOT NULL, what TEXT NOT NULL, begins INTEGER NOT NULL, count INTEGER NOT NULL, touched INTEGER NOT NULL, PRIMARY KEY (who, what)) WITHOUT ROWID;",
};

enum {
    SQL_BEGIN, SQL_COMMIT, SQL_ROLLBACK, SQL_TOUCH, SQL_SESSION, SQL_PUT, SQL_DROP, SQL_TAKE, SQL_FENCE, SQL_DROP_ALL, SQL_DROP_SESSION,
    SQL_OLD, SQL_OLD_OR_MANY, SQL_FEEDBACK, SQL_FEEDBACK_DROP, SQL_FIND, SQL_LOAD, SQL_SESSIONS,
    SQL_JOB, SQL_JOBS_BY_ID, SQL_JOBS_BY_KEY, SQL_JOBS_OPEN, SQL_JOBS_ENDED, SQL_JOBS_EXPIRE, SQL_USE, SQL_USES_EXPIRE, SQL_COUNT
};

#define JOB_COLUMNS "id, function, peer, inputs, key, body, asked, ended, state, deaths, progress, words, answer, owner, sum"
static const char *const db_sql[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    /* The common case leaves the index on visitors alone. */
    [SQL_TOUCH] = "UPDATE session SET fence = ?3, used = ?4 WHERE id = ?1 AND visitor = ?2 AND fence <= ?3",
    [SQL_SESSION] = "INSERT INTO session VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET visitor = ?2, fence = ?3, used = ?4 WHERE fence <= ?3",
    [SQL_PUT] = "INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET version = ?3, fence = ?4, sum = ?5, data = ?6",
    [SQL_DROP] = "DELETE FROM part WHERE session = ?1 AND name = ?2",
    [SQL_TAKE] = "INSERT INTO session VALUES (?1, '', 1, ?2) ON CONFLICT DO UPDATE SET fence = fence + 1, used = ?2",
    [SQL_FENCE] = "SELECT fence FROM session WHERE id = ?1",
    [SQL_DROP_ALL] = "DELETE FROM part WHERE session = ?1",
    [SQL_DROP_SESSION] = "DELETE FROM session WHERE id = ?1",
    [SQL_OLD] = "SELECT id FROM session WHERE used < ?1 LIMIT ?2",
    [SQL_OLD_OR_MANY] = "SELECT id FROM (SELECT id, used, row_number() OVER newest AS number, sum(bytes) OVER newest AS total FROM"
        " (SELECT id, used, (SELECT coalesce(sum(length(data)), 0) FROM part WHERE part.session = session.id) AS bytes FROM session WHERE id >= ?3 AND id < ?3 || char(1114111))"
        " WINDOW newest AS (ORDER BY used DESC, id)) WHERE used < ?1 OR number > ?4 OR total > ?5 LIMIT ?2",
    [SQL_FEEDBACK] = "INSERT INTO feedback VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE SET score = ?7, at = ?8, choice = ?10",
    [SQL_FEEDBACK_DROP] = "DELETE FROM feedback WHERE session = ?1 AND message = ?2",
    [SQL_FIND] = "SELECT fence, visitor, used FROM session WHERE id = ?1",
    [SQL_LOAD] = "SELECT name, version, sum, data FROM part WHERE session = ?1 AND name >= ?2 AND name < ?2 || char(1114111)",
    [SQL_SESSIONS] = "SELECT id FROM session WHERE visitor = ?1 ORDER BY used DESC LIMIT 100",
    [SQL_JOB] = "INSERT INTO job VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ON CONFLICT DO UPDATE SET ended = ?8, state = ?9, deaths = ?10,"
        " progress = ?11, words = ?12, answer = ?13, owner = ?14, sum = ?15, bytes = ?16 WHERE owner = ?14 OR owner = ?17",
    [SQL_JOBS_BY_ID] = "SELECT " JOB_COLUMNS " FROM job WHERE id = ?1",
    [SQL_JOBS_BY_KEY] = "SELECT " JOB_COLUMNS " FROM job WHERE key = ?1 AND key <> 0 ORDER BY asked DESC LIMIT 1",
    [SQL_JOBS_OPEN] = "SELECT " JOB_COLUMNS " FROM job WHERE ended = 0 ORDER BY asked",
    [SQL_JOBS_ENDED] = "SELECT id, function, peer, '', key, body, asked, ended, state, deaths, progress, words, '', owner, 0 FROM job WHERE ended > 0 ORDER BY ended DESC LIMIT ?1",
    [SQL_JOBS_EXPIRE] = "DELETE FROM job WHERE id IN (SELECT id FROM (SELECT id, ended, row_number() OVER newest AS number, sum(bytes) OVER newest AS total FROM job"
        " WHERE ended > 0 WINDOW newest AS (ORDER BY ended DESC, id)) WHERE ended < ?1 OR number > ?2 OR total > ?3)",
    [SQL_USE] = "INSERT INTO used VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET count = CASE WHEN begins = ?3 THEN count + ?4 ELSE ?4 END, begins = ?3, touched = ?5 WHERE begins <= ?3",
    [SQL_USES_EXPIRE] = "DELETE FROM used WHERE touched < ?1",
};

struct db {
    sqlite3      *sql;
    sqlite3_stmt *statements[SQL_COUNT];             /* made at first use */
    int           log_pages;
    char          why[256];
};

const char *db_why(const db *d) { return d->why; }
int         db_log_pages(const db *d) { return d->log_pages; }

/* What SQLite's code means for us. */
static db_result db_meaning(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK: case SQLITE_ROW: case SQLITE_DONE: return DB_OK;
    case SQLITE_CORRUPT: case SQLITE_NOTADB: return DB_BROKEN;
    case SQLITE_FULL: case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_TOOBIG: case SQLITE_NOMEM: return DB_FULL;
    default: return DB_LOST;
    }
}

static db_result db_note(db *d, int code)
{
    db_result result = db_meaning(code);
    if (result == DB_OK) return result;
    const char *file = sqlite3_db_filename(d->sql, "main");
    snprintf(d->why, sizeof d->why, "%s: %s", file && *file ? file : "the store in memory",
        (code & 0xff) == SQLITE_FULL ? "the disk is full" : sqlite3_errmsg(d->sql));
    return result;
}

/* ---- statements --------------------------------------------------------------------------------------------- */

static db_result db_statement(db *d, int which, sqlite3_stmt **out)
{
    int code = SQLITE_OK;
    if (!d->statements[which])
        code = sqlite3_prepare_v3(d->sql, db_sql[which], -1, SQLITE_PREPARE_PERSISTENT, &d->statements[which], NULL);
    *out = d->statements[which];
    return db_note(d, code);
}

static void bind_text(sqlite3_stmt *s, int i, const char *t) { sqlite3_bind_text(s, i, t ? t : "", -1, SQLITE_STATIC); }

/* The statement must not hold its snapshot, nor its text, once it is used up. */
static void db_release(sqlite3_stmt *s)
{
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
}

static db_result db_step_once(db *d, sqlite3_stmt *s)
{
    int code = sqlite3_step(s);
    db_result result = db_note(d, code);
    db_release(s);
    return result;
}

static db_result db_plain(db *d, int which)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, which, &s);
    return result ? result : db_step_once(d, s);
}

db_result db_begin(db *d) { return db_plain(d, SQL_BEGIN); }
db_result db_end(db *d)   { return db_plain(d, SQL_COMMIT); }

/* SQLite has rolled back by itself after some errors. */
void db_rollback(db *d)
{
    if (sqlite3_get_autocommit(d->sql)) return;
    char why[sizeof d->why];
    memcpy(why, d->why, sizeof why);                 /* the reason is what went wrong before */
    db_plain(d, SQL_ROLLBACK);
    memcpy(d->why, why, sizeof why);
}

/* ---- opening ------------------------------------------------------------------------------------------------ */

static db_result db_exec(db *d, const char *sql) { return db_note(d, sqlite3_exec(d->sql, sql, NULL, NULL, NULL)); }

static db_result db_version(db *d, int *version)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(d->sql, "PRAGMA user_version", -1, &s, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(s);
    *version = code == SQLITE_ROW ? sqlite3_column_int(s, 0) : 0;
    db_result result = db_note(d, code);
    sqlite3_finalize(s);
    return result;
}

static db_result db_newer(db *d, int version)
{
    snprintf(d->why, sizeof d->why, "%s was written by a later version of Easel (its schema is %d, this program knows up to %d); "
        "run that version, or choose another folder with --data", sqlite3_db_filename(d->sql, "main"), version, DB_SCHEMA);
    return DB_NEWER;
}

/* All steps in one transaction, so that a program killed meanwhile leaves the old schema or the new one. */
static db_result db_upgrade(db *d, int from)
{
    db_result result = db_exec(d, "BEGIN IMMEDIATE");
    if (!result) result = db_version(d, &from);      /* another process may have been quicker */
    for (int i = from; !result && i < DB_SCHEMA; i++) result = db_exec(d, db_steps[i]);
    char sql[48];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d; COMMIT", DB_SCHEMA);
    if (!result) result = db_exec(d, sql);
    if (result) db_rollback(d);
    return result;
}

static int db_logged(void *at, sqlite3 *sql, const char *name, int pages)
{
    (void)sql, (void)name;
    ((db *)at)->log_pages = pages;
    return SQLITE_OK;
}

/* A file that has just been made holds nothing that a power failure could take, so its first pages are not synced: that
 * saves milliseconds of a start. Where commits go to the disk at once, what they stand on must be there, too. */
static db_result db_prepare_writer(db *d, bool in_memory, bool to_disk)
{
    int version;
    db_result result = db_version(d, &version);
    if (result) return result;
    if (version > DB_SCHEMA) return db_newer(d, version);
    if (version < DB_SCHEMA) {
        result = db_exec(d, to_disk || version ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
        if (!result && !in_memory) result = db_exec(d, "PRAGMA journal_mode = WAL");
        if (!result) result = db_upgrade(d, version);
    }
    if (!result) result = db_exec(d, to_disk ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (!result) result = db_exec(d, "PRAGMA wal_autocheckpoint = 0");
    sqlite3_wal_hook(d->sql, db_logged, d);
    return result;
}

static db_result db_prepare(db *d, const char *path, db_mode mode)
{
    bool reads_only = mode == DB_READS;
    if (path && !reads_only) private_file(path);
    int flags = reads_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2(path ? path : ":memory:", &d->sql, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK || !d->sql) {
        snprintf(d->why, sizeof d->why, "%s: %s", path ? path : "the store in memory", d->sql ? sqlite3_errmsg(d->sql) : "no memory");
        return db_meaning(code);
    }
    sqlite3_busy_timeout(d->sql, DB_BUSY_MS);
    db_result result = db_exec(d, "PRAGMA cache_size = -256");
    if (!result && !reads_only) result = db_prepare_writer(d, !path, mode == DB_WRITES_TO_DISK);
    if (!result && path && sqlite3_db_readonly(d->sql, "main") && !reads_only) {
        snprintf(d->why, sizeof d->why, "%s: the file or its folder is read-only", path);
        result = DB_LOST;
    }
    return result;
}

db *db_open(const char *path, db_mode mode, db_result *result, char why[256])
{
    db *d = mem_alloc(sizeof *d);
    *result = db_prepare(d, path, mode);
    if (!*result) return d;
    memcpy(why, d->why, sizeof d->why);
    db_close(d);
    return NULL;
}

void db_close(db *d)
{
    if (!d) return;
    for (int i = 0; i < SQL_COUNT; i++) sqlite3_finalize(d->statements[i]);
    sqlite3_close(d->sql);
    mem_free(d);
}

/* ---- writes ------------------------------------------------------------------------------------------------- */

/* The name and the version belong to the sum: a row that got into the wrong place is no part of this name. */
static int64_t part_sum(const char *name, int version, const void *data, size_t count)
{
    return (int64_t)hash_mix(hash_mix(hash_text(name), (uint64_t)version), hash_bytes(data, count));
}

static db_result db_put_part(db *d, const op *o, const store_part *part)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, part->data ? SQL_PUT : SQL_DROP, &s);
    if (result) return result;
    bind_text(s, 1, o->session);
    bind_text(s, 2, part->name);
    if (part->data) {
        sqlite3_bind_int(s, 3, part->version);
        sqlite3_bind_int64(s, 4, o->fence);
        sqlite3_bind_int64(s, 5, part_sum(part->name, part->version, part->data, part->count));
        sqlite3_bind_blob64(s, 6, part->data, part->count, SQLITE_STATIC);
    }
    return db_step_once(d, s);
}

/* Marks the session as used by this fence; DB_FENCED when a higher one holds it. */
static db_result db_hold(db *d, const op *o)
{
    for (int which = SQL_TOUCH; which <= SQL_SESSION; which++) {
        sqlite3_stmt *s;
        db_result result = db_statement(d, which, &s);
        if (result) return result;
        bind_text(s, 1, o->session);
        bind_text(s, 2, o->visitor);
        sqlite3_bind_int64(s, 3, o->fence);
        sqlite3_bind_int64(s, 4, o->time);
        result = db_step_once(d, s);
        if (result) return result;
        if (sqlite3_changes(d->sql)) return DB_OK;
    }
    return DB_FENCED;
}

static db_result db_commit_parts(db *d, op *o)
{
    for (int i = 0; i < o->count; i++)
        if (o->parts[i].count > DB_LARGEST) {
            o->result = STORE_FAILED;
            o->error = arena_printf(o->arena, "part \"%s\" has %zu bytes; at most %d are saved", o->parts[i].name, o->parts[i].count, DB_LARGEST);
            return DB_OK;
        }
    db_result result = db_hold(d, o);
    if (result == DB_FENCED) {
        o->result = STORE_FENCED;
        o->error = "another process has taken the session over";
        return DB_OK;
    }
    for (int i = 0; !result && i < o->count; i++) result = db_put_part(d, o, &o->parts[i]);
    return result;
}

static db_result db_take(db *d, op *o)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_TAKE, &s);
    if (result) return result;
    bind_text(s, 1, o->session);
    sqlite3_bind_int64(s, 2, o->time);
    if ((result = db_step_once(d, s))) return result;
    if ((result = db_statement(d, SQL_FENCE, &s))) return result;
    bind_text(s, 1, o->session);
    result = db_note(d, sqlite3_step(s));
    if (!result) o->fence = (uint32_t)sqlite3_column_int64(s, 0);
    db_release(s);
    return result;
}

static db_result db_delete(db *d, const char *session)
{
    for (int which = SQL_DROP_ALL; which <= SQL_DROP_SESSION; which++) {
        sqlite3_stmt *s;
        db_result result = db_statement(d, which, &s);
        if (result) return result;
        bind_text(s, 1, session);
        if ((result = db_step_once(d, s))) return result;
    }
    return DB_OK;
}

/* A turn deletes a hundred sessions at most, so that nobody's commit waits behind a year of leftovers. */
static db_result db_expire(db *d, op *o)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, o->prefix ? SQL_OLD_OR_MANY : SQL_OLD, &s);
    if (result) return result;
    sqlite3_bind_int64(s, 1, o->time);
    sqlite3_bind_int(s, 2, DB_EXPIRE_TURN);
    if (o->prefix) {
        bind_text(s, 3, o->prefix);
        sqlite3_bind_int(s, 4, o->count);
        sqlite3_bind_int64(s, 5, o->bytes);
    }
    LIST(char *) old = {0};
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        *list_add(&old) = arena_text(o->arena, (const char *)sqlite3_column_text(s, 0));
    result = db_note(d, code);
    db_release(s);
    for (int i = 0; !result && i < old.count; i++) result = db_delete(d, old.at[i]);
    o->more = !result && old.count == DB_EXPIRE_TURN;
    list_done(&old);
    return result;
}

static db_result db_feedback(db *d, const op *o)
{
    const store_feedback *f = &o->feedback;
    sqlite3_stmt *s;
    bool said = f->score || *f->choice;
    db_result result = db_statement(d, said ? SQL_FEEDBACK : SQL_FEEDBACK_DROP, &s);
    if (result) return result;
    const char *texts[] = { f->session, f->message, f->visitor, f->model, f->question, f->answer };
    for (int i = 0; i < (said ? COUNT(texts) : 2); i++) bind_text(s, i + 1, texts[i]);
    if (said) {
        sqlite3_bind_int(s, 7, f->score);
        sqlite3_bind_int64(s, 8, f->at_ms);
        bind_text(s, 9, f->function);
        bind_text(s, 10, f->choice);
    }
    return db_step_once(d, s);
}

/* ---- calls of functions --------------------------------------------------------------------------------------- */

static int64_t job_sum(const store_job *j)
{
    return (int64_t)hash_mix(hash_mix(hash_text(j->id), hash_mix(hash_text(j->inputs), hash_text(j->answer))), (uint64_t)j->state);
}

/* How much the row counts for: its texts, and what the rest takes about. */
static int64_t job_bytes(const store_job *j)
{
    enum { ROW = 200 };
    const char *const texts[] = { j->inputs, j->words, j->answer };
    int64_t bytes = ROW;
    for (int i = 0; i < COUNT(texts); i++) bytes += texts[i] ? (int64_t)strlen(texts[i]) : 0;
    return bytes;
}

static db_result db_job(db *d, op *o)
{
    const store_job *j = &o->job;
    const struct { int at; const char *text; } texts[] = { { 1, j->id }, { 2, j->function }, { 3, j->peer }, { 4, j->inputs }, { 12, j->words }, { 13, j->answer }, { 14, j->owner }, { 17, o->owner_before } };
    const int64_t numbers[] = { (int64_t)j->key, (int64_t)j->body, j->asked_ms, j->ended_ms, j->state, j->deaths };
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_JOB, &s);
    if (result) return result;
    for (int i = 0; i < COUNT(texts); i++) bind_text(s, texts[i].at, texts[i].text);
    for (int i = 0; i < COUNT(numbers); i++) sqlite3_bind_int64(s, 5 + i, numbers[i]);
    sqlite3_bind_double(s, 11, j->progress);
    sqlite3_bind_int64(s, 15, job_sum(j));
    sqlite3_bind_int64(s, 16, job_bytes(j));
    result = db_step_once(d, s);
    if (result || sqlite3_changes(d->sql)) return result;
    o->result = STORE_FENCED;
    o->error = "another process works on the job";
    return DB_OK;
}

static db_result db_jobs_expire(db *d, const op *o)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_JOBS_EXPIRE, &s);
    if (result) return result;
    sqlite3_bind_int64(s, 1, o->time);
    sqlite3_bind_int(s, 2, o->count);
    sqlite3_bind_int64(s, 3, o->bytes);
    return db_step_once(d, s);
}

static bool db_read_job(sqlite3_stmt *s, op *o, bool whole, store_job *out)
{
    const char *texts[14] = { NULL };
    static const int columns[] = { 0, 1, 2, 3, 11, 12, 13 };
    for (int i = 0; i < COUNT(columns); i++) {
        const char *t = (const char *)sqlite3_column_text(s, columns[i]);
        texts[columns[i]] = arena_text(o->arena, t ? t : "");
    }
    *out = (store_job){ .id = texts[0], .function = texts[1], .peer = texts[2], .inputs = texts[3], .key = (uint64_t)sqlite3_column_int64(s, 4), .body = (uint64_t)sqlite3_column_int64(s, 5),
                        .asked_ms = sqlite3_column_int64(s, 6), .ended_ms = sqlite3_column_int64(s, 7), .state = sqlite3_column_int(s, 8), .deaths = sqlite3_column_int(s, 9),
                        .progress = sqlite3_column_double(s, 10), .words = texts[11], .answer = texts[12], .owner = texts[13] };
    if (!whole || job_sum(out) == sqlite3_column_int64(s, 14)) return true;
    log_error("store", "job %s is damaged (its checksum is wrong) and is left out", out->id);
    return false;
}

static db_result db_jobs(db *d, op *o)
{
    sqlite3_stmt *s;
    bool whole = !o->count;
    db_result result = db_statement(d, !whole ? SQL_JOBS_ENDED : o->job.id ? SQL_JOBS_BY_ID : o->job.key ? SQL_JOBS_BY_KEY : SQL_JOBS_OPEN, &s);
    if (result) return result;
    if (!whole) sqlite3_bind_int(s, 1, o->count);
    else if (o->job.id) bind_text(s, 1, o->job.id);
    else if (o->job.key) sqlite3_bind_int64(s, 1, (int64_t)o->job.key);
    LIST(store_job) jobs = {0};
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        store_job j;
        if (db_read_job(s, o, whole, &j)) *list_add(&jobs) = j;
    }
    result = db_note(d, code);
    db_release(s);
    o->count = jobs.count;
    o->jobs = arena_copy(o->arena, jobs.at, (size_t)jobs.count * sizeof *jobs.at);
    list_done(&jobs);
    return result;
}

/* ---- what is counted ------------------------------------------------------------------------------------------ */

static db_result db_use(db *d, const op *o)
{
    static const int64_t KEPT_MS = 100LL * 86400000;
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_USE, &s);
    for (int i = 0; !result && i < o->count; i++) {
        const store_use *u = &o->uses[i];
        sqlite3_bind_int64(s, 1, (int64_t)u->who);
        bind_text(s, 2, u->what);
        sqlite3_bind_int64(s, 3, u->begins_ms);
        sqlite3_bind_int64(s, 4, u->count);
        sqlite3_bind_int64(s, 5, o->time);
        result = db_step_once(d, s);
    }
    if (result || (result = db_statement(d, SQL_USES_EXPIRE, &s))) return result;
    sqlite3_bind_int64(s, 1, o->time - KEPT_MS);
    return db_step_once(d, s);
}

/* In a file of an earlier version nothing was counted. */
db_result db_uses_each(db *d, store_use_each *each, void *data)
{
    int version;
    db_result result = db_version(d, &version);
    if (!result && version > DB_SCHEMA) return db_newer(d, version);
    if (result || version < 4) return result;
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(d->sql, "SELECT who, what, begins, count FROM used", -1, &s, NULL);
    if (code == SQLITE_OK)
        while ((code = sqlite3_step(s)) == SQLITE_ROW)
            each(data, &(store_use){ (uint64_t)sqlite3_column_int64(s, 0), (const char *)sqlite3_column_text(s, 1), sqlite3_column_int64(s, 2), sqlite3_column_int64(s, 3) });
    result = db_note(d, code);
    sqlite3_finalize(s);
    return result;
}

/* ---- feedback, for those who run the program ---------------------------------------------------------------- */

static db_result db_feedback_count(db *d, int64_t *total)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(d->sql, "SELECT count(*) FROM feedback", -1, &s, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(s);
    *total = code == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
    db_result result = db_note(d, code);
    sqlite3_finalize(s);
    return result;
}

/* A file of an earlier version is read as it is: nothing in it was flagged. */
db_result db_feedback_each(db *d, const store_feedback_range *range, store_feedback_each *each, void *data, int64_t *total)
{
    int version;
    *total = 0;
    db_result result = db_version(d, &version);
    if (!result && version > DB_SCHEMA) return db_newer(d, version);
    if (result || version < 1) return result;
    result = db_feedback_count(d, total);
    if (result) return result;
    char sql[240];
    snprintf(sql, sizeof sql, "SELECT session, visitor, message, model, question, answer, score, at, %s FROM feedback ORDER BY at %s, session, message LIMIT ?1 OFFSET ?2",
        version < 3 ? "'', ''" : "function, choice", range->newest_first ? "DESC" : "ASC");
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(d->sql, sql, -1, &s, NULL);
    sqlite3_bind_int64(s, 1, range->most > 0 ? range->most : -1);
    sqlite3_bind_int64(s, 2, range->from);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(s);
        if (code != SQLITE_ROW) break;
        const char *texts[10];
        for (int i = 0; i < COUNT(texts); i++) texts[i] = (const char *)sqlite3_column_text(s, i);
        each(data, &(store_feedback){ texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], sqlite3_column_int(s, 6), sqlite3_column_int64(s, 7), texts[8], texts[9] });
    }
    result = db_note(d, code);
    sqlite3_finalize(s);
    return result;
}

/* ---- reads -------------------------------------------------------------------------------------------------- */

static bool db_read_part(sqlite3_stmt *s, op *o, store_part *out)
{
    const char *name = arena_text(o->arena, (const char *)sqlite3_column_text(s, 0));
    size_t count = (size_t)sqlite3_column_bytes(s, 3);
    const void *data = count ? sqlite3_column_blob(s, 3) : "";
    int version = sqlite3_column_int(s, 1);
    if (!data || part_sum(name, version, data, count) != sqlite3_column_int64(s, 2)) {
        log_error("store", "session %s: part \"%s\" is damaged (its checksum is wrong) and is left out", o->session, name);
        return false;
    }
    *out = (store_part){ .name = name, .data = arena_copy(o->arena, data, count), .count = count, .version = version };
    return true;
}

static db_result db_read_parts(db *d, op *o)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_LOAD, &s);
    if (result) return result;
    bind_text(s, 1, o->session);
    bind_text(s, 2, o->prefix);
    LIST(store_part) parts = {0};
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW) {
        store_part part;
        if (db_read_part(s, o, &part)) *list_add(&parts) = part;
    }
    result = db_note(d, code);
    db_release(s);
    o->count = parts.count;
    o->parts = arena_copy(o->arena, parts.at, (size_t)parts.count * sizeof *parts.at);
    list_done(&parts);
    return result;
}

/* The statement that found the session stays open while its parts are read: both see the same snapshot. */
static db_result db_load(db *d, op *o)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_FIND, &s);
    if (result) return result;
    bind_text(s, 1, o->session);
    int code = sqlite3_step(s);
    result = db_note(d, code);
    if (code == SQLITE_ROW) {
        o->fence = (uint32_t)sqlite3_column_int64(s, 0);
        o->visitor = arena_text(o->arena, (const char *)sqlite3_column_text(s, 1));
        o->time = sqlite3_column_int64(s, 2);
        result = db_read_parts(d, o);
    }
    db_release(s);
    return result;
}

static db_result db_sessions(db *d, op *o)
{
    sqlite3_stmt *s;
    db_result result = db_statement(d, SQL_SESSIONS, &s);
    if (result) return result;
    bind_text(s, 1, o->visitor);
    o->sessions = arena_alloc(o->arena, 100 * sizeof *o->sessions);
    o->count = 0;
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        o->sessions[o->count++] = arena_text(o->arena, (const char *)sqlite3_column_text(s, 0));
    result = db_note(d, code);
    db_release(s);
    return result;
}

db_result db_run(db *d, op *o)
{
    switch (o->kind) {
    case OP_COMMIT:   return db_commit_parts(d, o);
    case OP_TAKE:     return db_take(d, o);
    case OP_DELETE:   return db_delete(d, o->session);
    case OP_EXPIRE:   return db_expire(d, o);
    case OP_FEEDBACK: return db_feedback(d, o);
    case OP_LOAD:     return db_load(d, o);
    case OP_SESSIONS: return db_sessions(d, o);
    case OP_JOB:      return db_job(d, o);
    case OP_JOBS:     return db_jobs(d, o);
    case OP_JOBS_EXPIRE: return db_jobs_expire(d, o);
    case OP_USE:      return db_use(d, o);
    }
    return DB_OK;
}

/* ---- upkeep ------------------------------------------------------------------------------------------------- */

void db_rest(db *d) { sqlite3_db_release_memory(d->sql); }

db_result db_checkpoint(db *d)
{
    int pages = 0, copied = 0;
    int code = sqlite3_wal_checkpoint_v2(d->sql, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
    if (code == SQLITE_OK && pages == copied) d->log_pages = 0;
    return (code & 0xff) == SQLITE_BUSY ? DB_OK : db_note(d, code);
}

db_result db_copy(db *d, const char *path)
{
    sqlite3_stmt *s = NULL;
    private_file(path);
    int code = sqlite3_prepare_v2(d->sql, "VACUUM INTO ?1", -1, &s, NULL);
    if (code == SQLITE_OK) {
        bind_text(s, 1, path);
        code = sqlite3_step(s);
    }
    db_result result = db_note(d, code);
    sqlite3_finalize(s);
    return result;
}
