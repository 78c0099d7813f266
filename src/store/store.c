/* store.c: the two threads of the store and the queues between them and the loop.
 *
 * A call becomes an op and goes to the writer's or the reader's queue. The writer takes everything that came while it committed
 * the batch before, so batches grow with the load and nobody waits for a timer. Answered ops go into one more queue, which the
 * loop thread empties; it is woken once for all that lie in it.
 *
 * A read is handed to the reader together with the number of the last write of its session and runs when that one is settled.
 * In memory there is one connection, so the writer's thread answers reads too. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STORE_RETRY_MS = 2000, STORE_SYNC_MS = 1000, STORE_LOG_PAGES = 4000, STORE_REST_MS = 2000 };

typedef struct op_queue { op *first, **end; int count; } op_queue;

/* The loop may still hold a wake-up when the store is closed, so the wake-up is a thing of its own. */
typedef struct store_bell { store *s; bool rung; } store_bell;

struct store {
    loop           *on;
    char           *folder, *path;                   /* NULL: in memory */
    store_needs     needs;
    store_bell     *bell;
    pthread_t       writer, reader;
    pthread_mutex_t lock;                            /* guards what follows, up to the next remark */
    pthread_cond_t  writes_come, reads_come, quiet;
    op_queue        writes, reads, answers;
    uint64_t        handed, settled;                 /* numbers of writes */
    map             latest;                          /* hash of a session -> number of its last write under way */
    int             under_way;                       /* ops whose answer has not been called */
    int             fail_in;
    bool            stop, broken;                    /* broken: the reader met a damaged page */
    bool            reader_hold, reader_away;        /* the file is being replaced; the reader has closed its connection */
    store_stats     stats;
    db             *db;                              /* from here on the writer's own; NULL: being tried again */
    ino_t           inode;
    int64_t         retry_at, sync_at;               /* clock_ms; sync_at 0: nothing to sync */
    int64_t         rest_at;                         /* nothing was written for a while: cached pages are given back then; 0: they were */
    bool            failing;
    char            why[256];
};

/* ---- queues ------------------------------------------------------------------------------------------------- */

static void op_put(op_queue *q, op *o)
{
    o->next = NULL;
    if (!q->first) q->end = &q->first;
    *q->end = o;
    q->end = &o->next;
    q->count++;
}

static op *op_take_all(op_queue *q)
{
    op *first = q->first;
    *q = (op_queue){0};
    return first;
}

/* The first read whose writes are settled. */
static op *op_take_ready(op_queue *q, uint64_t settled)
{
    for (op **at = &q->first; *at; at = &(*at)->next) {
        op *o = *at;
        if (o->number > settled) continue;
        *at = o->next;
        if (!o->next) q->end = at;
        q->count--;
        return o;
    }
    return NULL;
}

static op *op_new(op_kind kind)
{
    arena *a = arena_new();
    op *o = arena_alloc(a, sizeof *o);
    o->arena = a;
    o->kind = kind;
    return o;
}

/* ---- answers: from the two threads to the loop --------------------------------------------------------------- */

static void op_answer(op *o)
{
    switch (o->kind) {
    case OP_COMMIT: case OP_DELETE: case OP_FEEDBACK: case OP_EXPIRE: case OP_JOB: case OP_JOBS_EXPIRE: case OP_USE:
        if (o->answer.done) o->answer.done(o->data, o->result, o->error);
        break;
    case OP_TAKE:     o->answer.fenced(o->data, o->result ? 0 : o->fence, o->error); break;
    case OP_LOAD:     o->answer.loaded(o->data, o->parts, o->count, o->fence, o->visitor, o->time); break;
    case OP_JOBS:     o->answer.jobs(o->data, o->jobs, o->count); break;
    case OP_SESSIONS: o->answer.found(o->data, o->sessions, o->count); break;
    }
    arena_free(o->arena);
}

static void store_answer_all(store *s)
{
    pthread_mutex_lock(&s->lock);
    op *first = op_take_all(&s->answers);
    pthread_mutex_unlock(&s->lock);
    int answered = 0;
    for (op *o = first, *next; o; o = next, answered++) {
        next = o->next;
        op_answer(o);
    }
    pthread_mutex_lock(&s->lock);
    s->under_way -= answered;
    pthread_mutex_unlock(&s->lock);
}

static void store_bell_rings(void *at)
{
    store_bell *bell = at;
    store *s = bell->s;
    if (!s) {
        mem_free(bell);
        return;
    }
    pthread_mutex_lock(&s->lock);
    bell->rung = false;
    pthread_mutex_unlock(&s->lock);
    store_answer_all(s);
}

/* With the lock held, which it gives back: who is woken would wait for it. */
static void store_unlock_and_ring(store *s)
{
    bool rings = !s->bell->rung;
    s->bell->rung = true;
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
    if (rings) loop_post(s->on, store_bell_rings, s->bell);
}

/* ---- the writer --------------------------------------------------------------------------------------------- */

static void store_reader_leaves(store *s)
{
    if (!s->path) return;
    pthread_mutex_lock(&s->lock);
    s->reader_hold = true;
    pthread_cond_signal(&s->reads_come);
    while (!s->reader_away) pthread_cond_wait(&s->quiet, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

static void store_reader_returns(store *s)
{
    if (!s->path) return;
    pthread_mutex_lock(&s->lock);
    s->reader_hold = false;
    s->broken = false;                               /* what the reader met was in the file of before */
    pthread_cond_signal(&s->reads_come);
    pthread_mutex_unlock(&s->lock);
}

/* The log of committed pages belongs to the file, so it goes with it; the index of the log is made anew. */
static bool store_move_aside(store *s, const char *why)
{
    arena *a = arena_new();
    char *aside = arena_printf(a, "%s.broken-%lld", s->path, (long long)wall_ms());
    bool moved = rename(s->path, aside) == 0;
    int code = errno;
    rename(arena_printf(a, "%s-wal", s->path), arena_printf(a, "%s-wal", aside));
    unlink(arena_printf(a, "%s-shm", s->path));
    if (moved) log_error("store", "%s; it is now %s, and a new file is begun", why, aside);
    else log_error("store", "%s, and it cannot be moved aside: %s", why, strerror(code));
    arena_free(a);
    return moved;
}

static db_mode store_mode(const store *s) { return s->needs == STORE_POWER ? DB_WRITES_TO_DISK : DB_WRITES; }

/* That the file is there, and under this name, must be on the disk, too; and so for the folder. */
static void store_sync_names(const store *s)
{
    arena *a = arena_new();
    const char *names[] = { s->folder, arena_printf(a, "%s/..", s->folder) };
    for (int i = 0; i < COUNT(names) && s->db && s->path && s->needs == STORE_POWER; i++) {
        int fd = open(names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) != 0) log_warn("store", "%s cannot be synced: %s", names[i], strerror(errno));
        if (fd >= 0) close(fd);
    }
    arena_free(a);
}

static db_result store_connect(store *s)
{
    db_result result;
    s->db = db_open(s->path, store_mode(s), &result, s->why);
    if (result == DB_BROKEN && s->path && store_move_aside(s, s->why)) s->db = db_open(s->path, store_mode(s), &result, s->why);
    struct stat st;
    if (s->db && s->path) s->inode = stat(s->path, &st) == 0 ? st.st_ino : 0;
    s->retry_at = clock_ms() + STORE_RETRY_MS;
    store_sync_names(s);
    return result;
}

bool store_make_folder(const char *folder)
{
    char *path = mem_text(folder);
    for (char *at = path + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            mkdir(path, 0700);
            *at = '/';
        }
    mkdir(path, 0700);
    mem_free(path);
    struct stat st;
    if (stat(folder, &st) != 0) return false;
    if (!S_ISDIR(st.st_mode)) errno = ENOTDIR;
    return S_ISDIR(st.st_mode) && access(folder, W_OK | X_OK) == 0;
}

static void store_reconnect(store *s)
{
    store_make_folder(s->folder);
    store_reader_leaves(s);
    db_close(s->db);
    s->db = NULL;
    store_connect(s);
    store_reader_returns(s);
}

/* Somebody deleted or replaced the file under us. The connection still holds the deleted one, so its content is written anew;
 * a file that was put in its place is taken as it is. */
static void store_check_file(store *s)
{
    struct stat st;
    if (!s->path || !s->db || (stat(s->path, &st) == 0 && st.st_ino == s->inode)) return;
    bool gone = access(s->path, F_OK) != 0;
    store_make_folder(s->folder);
    arena *a = arena_new();
    char *copy = arena_printf(a, "%s.new", s->path);
    unlink(copy);
    bool saved = gone && db_copy(s->db, copy) == DB_OK;
    store_reader_leaves(s);
    db_close(s->db);
    s->db = NULL;
    unlink(arena_printf(a, "%s-wal", s->path));      /* of the file that is gone: it must not be applied to another one */
    unlink(arena_printf(a, "%s-shm", s->path));
    if (saved) saved = rename(copy, s->path) == 0;
    log_warn("store", "%s was %s while the program runs; %s", s->path, gone ? "deleted" : "replaced",
        saved ? "its content has been written again" : gone ? "a new one is begun" : "the new file is used from now on");
    store_connect(s);
    store_reader_returns(s);
    arena_free(a);
}

/* What the writer does about a failure before the next try. True: the batch is worth another try at once. */
static bool store_recover(store *s, db_result result)
{
    if (s->db) snprintf(s->why, sizeof s->why, "%s", db_why(s->db));
    if (!s->path || result == DB_FULL) return false;
    if (result == DB_BROKEN) {
        store_reader_leaves(s);
        db_close(s->db);
        s->db = NULL;
        if (store_move_aside(s, s->why)) store_connect(s);
        else s->retry_at = clock_ms() + STORE_RETRY_MS;
        store_reader_returns(s);
    } else if (s->db) store_reconnect(s);
    return s->db != NULL;
}

static db_result store_try(store *s, op *first)
{
    db_result result = db_begin(s->db);
    for (op *o = first; !result && o; o = o->next) {
        o->result = STORE_SAVED;
        o->error = NULL;
        if (o->fails) {
            o->result = STORE_FAILED;
            o->error = "this write was made to fail by store_fail_at";
        } else result = db_run(s->db, o);
    }
    if (!result) result = db_end(s->db);
    if (result) db_rollback(s->db);
    return result;
}

static void op_fail(op *o, const char *why)
{
    o->result = STORE_FAILED;
    o->error = arena_text(o->arena, why);
    if (o->kind >= OP_LOAD) o->count = -1;
}

static void store_note(store *s, bool works)
{
    if (works == !s->failing) return;
    s->failing = !works;
    if (works) log_info("store", "saving works again");
    else log_error("store", "nothing is saved at the moment: %s; it is tried again every %d s", s->why, STORE_RETRY_MS / 1000);
}

static void store_batch(store *s, op *first)
{
    store_check_file(s);
    if (!s->db && clock_ms() >= s->retry_at) store_reconnect(s);
    db_result result = s->db ? store_try(s, first) : DB_LOST;
    if (result && s->db && store_recover(s, result)) {
        result = store_try(s, first);
        if (result) snprintf(s->why, sizeof s->why, "%s", db_why(s->db));
    }
    if (result)
        for (op *o = first; o; o = o->next) op_fail(o, s->why);
    else if (!s->sync_at && db_log_pages(s->db)) s->sync_at = clock_ms() + STORE_SYNC_MS;
    s->rest_at = clock_ms() + STORE_REST_MS;
    store_note(s, !result);
}

/* The answers leave before the reads that follow them may start. */
static void store_settle(store *s, op *first, int64_t took_us)
{
    pthread_mutex_lock(&s->lock);
    s->stats.commits++;
    s->stats.last_commit_us = took_us;
    for (op *o = first, *next; o; o = next) {
        next = o->next;
        if (o->number > s->settled) s->settled = o->number;
        if (o->session && (uintptr_t)map_get(&s->latest, hash_text(o->session)) == o->number) map_remove(&s->latest, hash_text(o->session));
        if (o->kind == OP_COMMIT) *(o->result == STORE_SAVED ? &s->stats.writes : &s->stats.failures) += 1;
        if (o->more && o->result == STORE_SAVED) {
            o->number = ++s->handed;
            op_put(&s->writes, o);
        } else op_put(&s->answers, o);
    }
    if (s->reads.first) pthread_cond_signal(&s->reads_come);      /* most commits have no reader behind them to wake */
    store_unlock_and_ring(s);
}

static void store_upkeep(store *s)
{
    int64_t now = clock_ms();
    if (!s->db && now >= s->retry_at) {
        store_reconnect(s);
        store_note(s, s->db != NULL);
    }
    if (s->rest_at && now >= s->rest_at && !s->sync_at) {
        s->rest_at = 0;
        if (s->db) db_rest(s->db);
    }
    if (!s->db || !s->sync_at || (now < s->sync_at && db_log_pages(s->db) < STORE_LOG_PAGES)) return;
    db_result result = db_checkpoint(s->db);
    s->sync_at = s->db && db_log_pages(s->db) ? clock_ms() + STORE_SYNC_MS : 0;
    if (!result) return;
    store_recover(s, result);
    store_note(s, false);
}

static struct timespec store_time(int64_t ms) { return (struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }; }

/* NULL: nothing came before the next upkeep is due, or the store is being closed. */
static op *store_wait(store *s, bool *stop)
{
    int64_t due = !s->db ? s->retry_at : s->sync_at ? s->sync_at : s->rest_at;
    struct timespec until = store_time(due);
    pthread_mutex_lock(&s->lock);
    while (!s->writes.first && !s->stop && !s->broken) {
        if (!due) pthread_cond_wait(&s->writes_come, &s->lock);
        else if (pthread_cond_timedwait(&s->writes_come, &s->lock, &until) == ETIMEDOUT) break;
    }
    op *first = op_take_all(&s->writes);
    *stop = s->stop && !first;
    bool broken = s->broken;
    s->broken = false;
    pthread_mutex_unlock(&s->lock);
    if (broken && s->db) {
        snprintf(s->why, sizeof s->why, "%s is damaged", s->path);
        store_reader_leaves(s);
        db_close(s->db);
        s->db = NULL;
        if (store_move_aside(s, s->why)) store_connect(s);
        store_reader_returns(s);
    }
    return first;
}

static void *store_writes(void *at)
{
    store *s = at;
    pthread_setname_np(pthread_self(), "store writer");
    for (bool stop = false; !stop;) {
        op *first = store_wait(s, &stop);
        if (first) {
            int64_t from = clock_ns();
            store_batch(s, first);
            store_settle(s, first, (clock_ns() - from) / 1000);
        }
        store_upkeep(s);
    }
    if (s->db && s->path) db_checkpoint(s->db);
    return NULL;
}

/* ---- the reader --------------------------------------------------------------------------------------------- */

static void store_read(store *s, db **d, op *o)
{
    char why[256];
    db_result result = DB_OK;
    if (!*d) *d = db_open(s->path, DB_READS, &result, why);
    if (*d) {
        result = db_run(*d, o);
        if (result) snprintf(why, sizeof why, "%s", db_why(*d));
    }
    if (!result) return;
    log_error("store", "a %s could not be read: %s", o->kind == OP_LOAD ? "session" : o->kind == OP_JOBS ? "job" : "visitor's list of sessions", why);
    op_fail(o, why);
    db_close(*d);
    *d = NULL;
    pthread_mutex_lock(&s->lock);
    s->broken |= result == DB_BROKEN;
    pthread_cond_signal(&s->writes_come);
    pthread_mutex_unlock(&s->lock);
}

/* With the lock held. Waits for work; a reader that had none for a while gives its cached pages back. */
static void store_reader_waits(store *s, db *d, bool *rested)
{
    struct timespec until = store_time(clock_ms() + STORE_REST_MS);
    if (*rested || !d) pthread_cond_wait(&s->reads_come, &s->lock);
    else if (pthread_cond_timedwait(&s->reads_come, &s->lock, &until) == ETIMEDOUT) {
        db_rest(d);
        *rested = true;
    }
}

static void *store_reads(void *at)
{
    store *s = at;
    pthread_setname_np(pthread_self(), "store reader");
    db *d = NULL;
    bool rested = false;
    pthread_mutex_lock(&s->lock);
    for (;;) {
        if (s->reader_hold) {
            db_close(d);
            d = NULL;
            s->reader_away = true;
            pthread_cond_broadcast(&s->quiet);
            while (s->reader_hold) pthread_cond_wait(&s->reads_come, &s->lock);
            s->reader_away = false;
        }
        op *o = op_take_ready(&s->reads, s->settled);
        if (!o && s->stop) break;
        if (!o) {
            store_reader_waits(s, d, &rested);
            continue;
        }
        rested = false;
        pthread_mutex_unlock(&s->lock);
        store_read(s, &d, o);
        pthread_mutex_lock(&s->lock);
        op_put(&s->answers, o);
        store_unlock_and_ring(s);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    db_close(d);
    return NULL;
}

/* ---- opening and closing ------------------------------------------------------------------------------------- */

static void store_free(store *s)
{
    map_done(&s->latest);
    pthread_cond_destroy(&s->writes_come);
    pthread_cond_destroy(&s->reads_come);
    pthread_cond_destroy(&s->quiet);
    pthread_mutex_destroy(&s->lock);
    mem_free(s->folder);
    mem_free(s->path);
    mem_free(s);
}

static store *store_new(loop *on, const char *folder)
{
    store *s = mem_alloc(sizeof *s);
    s->on = on;
    s->folder = mem_text(folder);
    if (folder) {
        text path = {0};
        text_printf(&path, "%s/easel.db", folder);
        s->path = text_take(&path);
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&s->writes_come, &monotonic);
    pthread_cond_init(&s->reads_come, &monotonic);
    pthread_cond_init(&s->quiet, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return s;
}

/* Signals are for the process's own threads. */
static int store_start_threads(store *s)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&s->writer, NULL, store_writes, s);
    if (!code && s->path && (code = pthread_create(&s->reader, NULL, store_reads, s))) {
        pthread_mutex_lock(&s->lock);
        s->stop = true;
        pthread_cond_signal(&s->writes_come);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->writer, NULL);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static void store_warn(const char *folder)
{
    arena *a = arena_new();
    const char *mistake = private_mistake(a, folder);
    if (mistake) log_warn("store", "%s", mistake);
    arena_free(a);
}

store *store_open(loop *on, const char *folder, store_needs needs, ez_err *err)
{
    if (folder && !store_make_folder(folder)) {
        error_set(err, EZ_FAILED, "the data folder %.200s%s cannot be used: %s; name another one with --data", folder, strlen(folder) > 200 ? "..." : "", strerror(errno));
        return NULL;
    }
    store *s = store_new(on, folder);
    s->needs = needs;
    db_result result = store_connect(s);
    if (result == DB_NEWER || (result && !folder)) {
        error_set(err, EZ_FAILED, "%s", s->why);
        store_free(s);
        return NULL;
    }
    store_note(s, !result);
    if (folder) store_warn(folder);
    s->bell = mem_alloc(sizeof *s->bell);
    s->bell->s = s;
    int code = store_start_threads(s);
    if (!code) return s;
    error_set(err, EZ_FAILED, "the store's threads cannot be started: %s", strerror(code));
    db_close(s->db);
    mem_free(s->bell);
    store_free(s);
    return NULL;
}

/* Answers may hand in more; that is answered too. */
static void store_finish(store *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->under_way) {
        while (!s->answers.first) pthread_cond_wait(&s->quiet, &s->lock);
        pthread_mutex_unlock(&s->lock);
        store_answer_all(s);
        pthread_mutex_lock(&s->lock);
    }
    s->stop = true;
    pthread_cond_signal(&s->writes_come);
    pthread_cond_signal(&s->reads_come);
    pthread_mutex_unlock(&s->lock);
}

void store_close(store *s)
{
    if (!s) return;
    store_finish(s);
    if (s->path) pthread_join(s->reader, NULL);
    pthread_join(s->writer, NULL);
    db_close(s->db);
    if (s->bell->rung) s->bell->s = NULL;
    else mem_free(s->bell);
    store_free(s);
}

/* ---- calls -------------------------------------------------------------------------------------------------- */

static void store_hand_write(store *s, op *o)
{
    pthread_mutex_lock(&s->lock);
    o->number = ++s->handed;
    if (o->session) map_put(&s->latest, hash_text(o->session), (void *)(uintptr_t)o->number);
    o->fails = o->kind == OP_COMMIT && s->fail_in && --s->fail_in == 0;
    s->under_way++;
    op_put(&s->writes, o);
    pthread_mutex_unlock(&s->lock);
    pthread_cond_signal(&s->writes_come);
}

/* session NULL: the read waits for every write that was handed in. */
static void store_hand_read(store *s, op *o)
{
    pthread_mutex_lock(&s->lock);
    o->number = o->session ? (uintptr_t)map_get(&s->latest, hash_text(o->session)) : s->handed;
    s->under_way++;
    op_put(s->path ? &s->reads : &s->writes, o);
    pthread_mutex_unlock(&s->lock);
    pthread_cond_signal(s->path ? &s->reads_come : &s->writes_come);
}

void store_commit(store *s, const store_write *w, store_done *done, void *data)
{
    op *o = op_new(OP_COMMIT);
    o->session = arena_text(o->arena, w->session);
    o->visitor = arena_text(o->arena, w->visitor ? w->visitor : "");
    o->fence = w->fence;
    o->time = wall_ms();
    o->count = w->count;
    o->parts = arena_copy(o->arena, w->parts, (size_t)w->count * sizeof *w->parts);
    for (int i = 0; i < w->count; i++) {
        o->parts[i].name = arena_text(o->arena, w->parts[i].name);
        if (w->parts[i].data) o->parts[i].data = arena_copy(o->arena, w->parts[i].data, w->parts[i].count);
    }
    o->answer.done = done;
    o->data = data;
    store_hand_write(s, o);
}

void store_load(store *s, const char *session, const char *prefix, store_loaded *done, void *data)
{
    op *o = op_new(OP_LOAD);
    o->session = arena_text(o->arena, session);
    o->prefix = arena_text(o->arena, prefix ? prefix : "");
    o->answer.loaded = done;
    o->data = data;
    store_hand_read(s, o);
}

void store_sessions_of(store *s, const char *visitor, store_found *done, void *data)
{
    op *o = op_new(OP_SESSIONS);
    o->visitor = arena_text(o->arena, visitor);
    o->answer.found = done;
    o->data = data;
    store_hand_read(s, o);
}

void store_take(store *s, const char *session, store_fence *done, void *data)
{
    op *o = op_new(OP_TAKE);
    o->session = arena_text(o->arena, session);
    o->time = wall_ms();
    o->answer.fenced = done;
    o->data = data;
    store_hand_write(s, o);
}

void store_delete(store *s, const char *session, store_done *done, void *data)
{
    op *o = op_new(OP_DELETE);
    o->session = arena_text(o->arena, session);
    o->answer.done = done;
    o->data = data;
    store_hand_write(s, o);
}

void store_expire(store *s, const store_limits *limits)
{
    op *o = op_new(OP_EXPIRE);
    o->time = limits->before_ms;
    o->prefix = arena_text(o->arena, limits->of);
    o->count = limits->most ? limits->most : INT_MAX;
    o->bytes = limits->bytes ? limits->bytes : INT64_MAX;
    store_hand_write(s, o);
}

void store_feedback_add(store *s, const store_feedback *f, store_done *done, void *data)
{
    op *o = op_new(OP_FEEDBACK);
    o->feedback = *f;
    const char **texts[] = { &o->feedback.session, &o->feedback.visitor, &o->feedback.message, &o->feedback.model,
        &o->feedback.question, &o->feedback.answer, &o->feedback.function, &o->feedback.choice };
    for (int i = 0; i < COUNT(texts); i++) *texts[i] = arena_text(o->arena, *texts[i] ? *texts[i] : "");
    o->answer.done = done;
    o->data = data;
    store_hand_write(s, o);
}

void store_job_save(store *s, const store_job *j, const char *owner_before, store_done *done, void *data)
{
    op *o = op_new(OP_JOB);
    o->job = *j;
    const char **texts[] = { &o->job.id, &o->job.function, &o->job.peer, &o->job.inputs, &o->job.words, &o->job.answer, &o->job.owner };
    for (int i = 0; i < COUNT(texts); i++) *texts[i] = arena_text(o->arena, *texts[i] ? *texts[i] : "");
    o->owner_before = arena_text(o->arena, owner_before ? owner_before : j->owner);
    o->answer.done = done;
    o->data = data;
    store_hand_write(s, o);
}

void store_jobs(store *s, const char *id, uint64_t key, store_jobs_found *done, void *data)
{
    op *o = op_new(OP_JOBS);
    o->job = (store_job){ .id = arena_text(o->arena, id), .key = key };
    o->answer.jobs = done;
    o->data = data;
    store_hand_read(s, o);
}

void store_jobs_ended(store *s, int most, store_jobs_found *done, void *data)
{
    op *o = op_new(OP_JOBS);
    o->count = most;
    o->answer.jobs = done;
    o->data = data;
    store_hand_read(s, o);
}

void store_use_add(store *s, const store_use *all, int count, store_done *done, void *data)
{
    op *o = op_new(OP_USE);
    o->time = wall_ms();
    o->count = count;
    o->uses = arena_copy(o->arena, all, (size_t)count * sizeof *all);
    for (int i = 0; i < count; i++) o->uses[i].what = arena_text(o->arena, all[i].what);
    o->answer.done = done;
    o->data = data;
    store_hand_write(s, o);
}

void store_jobs_expire(store *s, int64_t before_ms, int most, int64_t bytes)
{
    op *o = op_new(OP_JOBS_EXPIRE);
    o->time = before_ms;
    o->count = most;
    o->bytes = bytes;
    store_hand_write(s, o);
}

void store_fail_at(store *s, int n)
{
    pthread_mutex_lock(&s->lock);
    s->fail_in = n;
    pthread_mutex_unlock(&s->lock);
}

store_stats store_statistics(store *s)
{
    pthread_mutex_lock(&s->lock);
    store_stats stats = s->stats;
    stats.waiting = s->writes.count + s->reads.count;
    pthread_mutex_unlock(&s->lock);
    return stats;
}
