/* store.h: what lasts. Sessions in parts, feedback, calls of functions; one SQLite file in the data folder.
 *
 * One writer thread commits everything that was handed in meanwhile in one transaction (group commit without a timer); one
 * reader thread answers loads. Calls come from the loop thread and never wait; answers come back on the loop thread. A load
 * sees every write of its session that was handed in before it; loads of other sessions do not wait for that.
 *
 * A session is saved in parts: "head", one per state value ("state/<name>"), one per shown page ("page/<path>"), one per message
 * ("chat/<key>/<message id>") and so on; the store does not look inside. Each part is stored with a format version, a checksum (XXH3) and the
 * fence of its writer. A write whose fence is lower than the session's fence is refused whole: another process has taken
 * the session over. A part whose checksum is wrong is not returned, and one log line names it.
 *
 * Durability "process": nothing is lost at kill -9, and at most the last second at a power failure (WAL, synchronous=NORMAL, a
 * checkpoint a second after the first commit that it does not hold yet). Durability "power": the log is synced with each transaction,
 * before its answers leave (synchronous=FULL), so nothing that was answered is lost at a power failure.
 *
 * When writing fails (a full disk, a read-only file, a folder that is gone), writes answer STORE_FAILED with a text, one log
 * line says so, every later write is a new try, the file is opened again every two seconds, and the program goes on; what failed
 * is not kept here, so whoever handed it in hands in the session's changed parts again. A damaged file is moved to
 * easel.db.broken-<time> and a new one begun. A file that was deleted while the program runs is written again. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"
#include "loop/loop.h"

typedef struct store store;

typedef enum store_result { STORE_SAVED, STORE_FENCED, STORE_FAILED } store_result;

typedef struct store_part {
    const char *name;
    const void *data;              /* NULL: the part is deleted */
    size_t      count;
    int         version;           /* of the part's format */
} store_part;

typedef enum store_needs { STORE_PROCESS, STORE_POWER } store_needs;      /* durability */

/* Opens or creates <folder>/easel.db. NULL with *err when the folder cannot be made or written to, or when its file is of a
 * later version of Easel; folder NULL keeps everything in memory (tests, read-only machines). */
store *store_open(loop *on, const char *folder, store_needs needs, ez_err *err);
/* Commits what was handed in, then closes. Every callback is called before it returns, also of what callbacks hand in. */
void   store_close(store *s);

/* One write of one session, all or nothing. Everything is copied. done may be NULL; it is called on the loop thread after the commit (or its
 * failure), in the order of the calls. count 0 only marks the session as used. */
typedef struct store_write {
    const char       *session;     /* token */
    const char       *visitor;     /* token; kept with the session */
    uint32_t          fence;
    const store_part *parts;
    int               count;
} store_write;
typedef void store_done(void *data, store_result result, const char *error);
void store_commit(store *s, const store_write *w, store_done *done, void *data);

/* All parts of a session whose names begin with prefix ("" for all), in the order of their names. No such session: count 0 and fence 0. count -1:
 * it could not be read, the log says why; it may still be there. The parts live during the call only. used_ms: when it was last written. */
typedef void store_loaded(void *data, const store_part *parts, int count, uint32_t fence, const char *visitor, int64_t used_ms);
void store_load(store *s, const char *session, const char *prefix, store_loaded *done, void *data);

/* The visitor's sessions, latest used first, at most 100; count -1: could not be read. Sees everything handed in before. */
typedef void store_found(void *data, const char *const *sessions, int count);
void store_sessions_of(store *s, const char *visitor, store_found *done, void *data);

/* Raises the session's fence above every other and answers with it; a session that is not there begins with fence 1. */
typedef void store_fence(void *data, uint32_t fence, const char *error);   /* fence 0: failed */
void store_take(store *s, const char *session, store_fence *done, void *data);

void store_delete(store *s, const char *session, store_done *done, void *data);
/* Sessions unused since this wall-clock time are deleted with all their parts, a hundred in a transaction. Feedback stays. of: only those whose tokens begin so, and of these the
 * ones, too, that were used longest ago, beyond so many or so many bytes of parts (0: any number). NULL: all. */
typedef struct store_limits { const char *of; int64_t before_ms; int most; int64_t bytes; } store_limits;
void store_expire(store *s, const store_limits *limits);

/* One row of feedback: what a visitor thought of an answer, or of what a function made of its inputs. One for each (session, message): a later one
 * replaces it, score 0 without a choice takes it back. It outlives its session, as it belongs to those who run the program. */
typedef struct store_feedback {
    const char *session, *visitor, *message, *model;
    const char *question, *answer;             /* of a function: its inputs and outputs as JSON */
    int         score;
    int64_t     at_ms;
    const char *function, *choice;             /* of a function: its name, and which of the ways to flag it was chosen; "" for an answer */
} store_feedback;
void store_feedback_add(store *s, const store_feedback *f, store_done *done, void *data);

/* Reads the feedback of a data folder, also while a program uses it: the rows from number `from` on, at most `most` (0: all), oldest first or newest first.
 * What it gives to `each` lives during the call only. Any thread, and it waits. A folder without a store has no rows. False with *err. */
typedef struct store_feedback_range { int64_t from, most; bool newest_first; } store_feedback_range;
typedef void store_feedback_each(void *data, const store_feedback *row);
bool store_feedback_read(const char *folder, const store_feedback_range *range, store_feedback_each *each, void *data, int64_t *total, ez_err *err);

/* ---- what is counted of something that is limited, or has ended: app/usage.c, app/logins.c ----
 *
 * One row for each of whom and what, with the period in which it counts: a later period begins at nothing, of an earlier one nothing is added. What was not touched for a hundred days goes. */
typedef struct store_use { uint64_t who; const char *what; int64_t begins_ms, count; } store_use;
void store_use_add(store *s, const store_use *all, int count, store_done *done, void *data);      /* to what is there, in one transaction: several processes may add */
/* Reads all rows of a data folder, as store_feedback_read does. */
typedef void store_use_each(void *data, const store_use *row);
bool store_use_read(const char *folder, store_use_each *each, void *data, ez_err *err);

/* ---- calls of functions that outlive their process: app/kept.c ----
 *
 * One row for each, until so long after its end. It belongs to the process that works on it: what another one writes is refused (STORE_FENCED), unless it
 * names the owner of before, as that one is gone. A row whose checksum is wrong is not returned, and one log line names it. */
typedef struct store_job {
    const char *id, *function, *peer, *inputs;     /* given once; NULL is "" */
    uint64_t    key, body;                         /* key 0: none */
    int64_t     asked_ms, ended_ms;                /* wall clock; ended_ms 0: it has not */
    int         state, deaths;
    double      progress;
    const char *words, *answer, *owner;
} store_job;
void store_job_save(store *s, const store_job *j, const char *owner_before, store_done *done, void *data);

/* The job with this name, or else with this key, or (both missing) all that have not ended, oldest first. Sees everything handed in before. count -1: could not be read. */
typedef void store_jobs_found(void *data, const store_job *jobs, int count);
void store_jobs(store *s, const char *id, uint64_t key, store_jobs_found *done, void *data);
/* The newest that have ended, without their inputs and answers. */
void store_jobs_ended(store *s, int most, store_jobs_found *done, void *data);
/* Deletes those that ended before this time, and the oldest that ended beyond so many, or so many bytes. */
void store_jobs_expire(store *s, int64_t before_ms, int most, int64_t bytes);

/* For tests: the n-th store_commit from now fails with STORE_FAILED (0: none), once. */
void store_fail_at(store *s, int n);
/* commits: transactions; writes, failures: calls of store_commit; waiting: calls that no thread has begun. Any thread. */
typedef struct store_stats { uint64_t commits, writes, failures; int waiting; int64_t last_commit_us; } store_stats;
store_stats store_statistics(store *s);

/* ---- the data folder itself ---- */

bool store_make_folder(const char *folder);           /* with the folders above it; false with errno: it is not there, or cannot be written into */

void private_file(const char *path);                  /* made empty, for its owner alone, when it is not there */
/* The first thing about the folder that lets other users of this machine read or write sessions, with what to do; NULL: nothing. */
const char *private_mistake(arena *a, const char *folder);

/* 32 random bytes, made at the first call and kept in the folder's file "secret". False: they cannot be kept, and *out holds for this process alone. */
#define SECRET_BYTES 32
bool store_secret(const char *folder, unsigned char out[SECRET_BYTES]);
void store_keep_secret(const char *folder, const unsigned char secret[SECRET_BYTES]);      /* writes it again when somebody deleted it */

#endif
