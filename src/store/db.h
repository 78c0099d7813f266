/* db.h: one connection to the file of the store: schema, statements, and what a failure means. Only src/store includes this.
 *
 * A connection belongs to one thread at a time. The writer opens one that may write and makes the schema; the reader opens
 * one that only reads. Every function answers what the caller has to do next, and db_why says why in a sentence. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "store/store.h"

typedef struct db db;

typedef enum db_result {
    DB_OK,
    DB_FENCED,      /* another process has taken the session over; nothing of this write was applied */
    DB_FULL,        /* this transaction failed, the connection is good: a full disk, a value too large, a lock held too long */
    DB_LOST,        /* the file cannot be read or written: close, open again later */
    DB_BROKEN,      /* the file is damaged or no database: move it aside */
    DB_NEWER        /* the file was written by a later version */
} db_result;

typedef enum op_kind { OP_COMMIT, OP_TAKE, OP_DELETE, OP_EXPIRE, OP_FEEDBACK, OP_JOB, OP_JOBS_EXPIRE, OP_USE, OP_LOAD, OP_SESSIONS, OP_JOBS } op_kind;

/* One call to the store on its way through it: the question, then the answer. Everything lies in its own arena, and one
 * thread holds it at a time: the caller, the writer or the reader, the loop. */
typedef struct op op;
struct op {
    op         *next;
    arena      *arena;
    op_kind     kind;
    uint64_t    number;          /* of writes, in the order of the calls; a read waits for the write of this number */
    bool        fails;           /* store_fail_at */
    const char *session, *visitor, *prefix;
    uint32_t    fence;
    int64_t     time;            /* when it was asked, or the limit of OP_EXPIRE */
    store_part *parts;
    int         count;           /* of parts or uses, or of sessions and jobs found; -1: could not be read. Before, of OP_JOBS: at most so many that ended; 0: others */
    const char **sessions;
    store_feedback feedback;
    store_job   job;             /* of OP_JOB; id and key of OP_JOBS */
    store_job  *jobs;            /* found */
    const char *owner_before;
    store_use  *uses;            /* OP_USE */
    int64_t     bytes;           /* OP_JOBS_EXPIRE, OP_EXPIRE with a prefix: at most; and count */
    bool        more;            /* OP_EXPIRE stopped at its limit of sessions for one turn */
    store_result result;
    const char *error;
    union { store_done *done; store_loaded *loaded; store_found *found; store_fence *fenced; store_jobs_found *jobs; } answer;
    void       *data;
};

#define DB_SCHEMA 4              /* PRAGMA user_version of a file that this program writes */

typedef enum db_mode { DB_READS, DB_WRITES, DB_WRITES_TO_DISK } db_mode;      /* the last one: a commit is on the disk when it returns */

/* path NULL: in memory. NULL with *result and why set when it does not work. */
db         *db_open(const char *path, db_mode mode, db_result *result, char why[256]);
void        db_close(db *d);                     /* NULL is fine */
const char *db_why(const db *d);                 /* the sentence of the last failure */

db_result db_begin(db *d);                       /* a transaction that writes */
db_result db_end(db *d);                         /* commits */
void      db_rollback(db *d);
db_result db_run(db *d, op *o);                  /* one operation; writes inside a transaction, reads anywhere */

db_result db_feedback_each(db *d, const store_feedback_range *range, store_feedback_each *each, void *data, int64_t *total);
db_result db_uses_each(db *d, store_use_each *each, void *data);

/* Copies the log of committed pages into the file as far as no reader stands in the way, and syncs both. */
db_result db_checkpoint(db *d);
int       db_log_pages(const db *d);             /* pages in the log since it was last copied whole */
void      db_rest(db *d);                        /* gives cached pages back; what is needed again is read again */
/* Writes a whole copy to another path: rescues the content of a file that was deleted under us. */
db_result db_copy(db *d, const char *path);

#endif
