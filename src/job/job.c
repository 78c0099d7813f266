/* job.c: who is next, and how many at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "job/turns.h"
#include <math.h>
#include <stdio.h>

enum { EXACT = 64, TELL_MS = 100, TELL_FEW_MS = 20, TELL_PART = 16, TELL_SHARE = 20, AGAIN_MS = 1000, LEAST_OFF_MS = 1000 };

struct job_queue {
    loop      *loop;
    pool      *pool;
    job_events events;
    int        queue_size;
    bool       looking, stopped;   /* looking: it is posted that what waits is looked at */
    int        handed;             /* given to the pool and not begun there: one at a time, so that the turns are decided here */
    turns      turns;
    map        functions;          /* -> job_function */
    int        permits;            /* of the pool: how many run at once that compute */
    loop_timer *tell;              /* positions are told when it fires */
    bool       soon;               /* …as they have changed; else to look whether times have */
    int64_t    told_ms, tell_cost_ms;      /* when they were told, by clock_ms, and how long that took */
};

static uint64_t key_of(const void *function) { return hash_mix((uint64_t)(intptr_t)function, 2); }

static job_function *function_at(job_queue *q, uint64_t key)
{
    job_function *f = map_get(&q->functions, key);
    if (!f)
        map_put(&q->functions, key, f = mem_alloc(sizeof *f));
    return f;
}

job_queue *job_queue_new(loop *l, pool *p, int queue_size, const job_events *events)
{
    job_queue *q = mem_alloc(sizeof *q);
    q->loop = l;
    q->pool = p;
    q->permits = pool_permits_of(p, POOL_JOB);
    q->queue_size = queue_size;
    q->events = *events;
    return q;
}

void job_queue_free(job_queue *q)
{
    if (!q)
        return;
    for (job *j; (j = q->turns.first);) {
        turns_leave(&q->turns, j);
        run_free(j->run);
        mem_free(j);
    }
    int at = 0;
    void *f;
    loop_timer_stop(q->tell);
    turns_done(&q->turns);
    while (map_next(&q->functions, &at, NULL, &f)) mem_free(f);
    map_done(&q->functions);
    mem_free(q);
}

static double fine_ms(void) { return (double)clock_ns() / 1e6; }

/* ---- positions ------------------------------------------------------------------------------------------------------------- */

/* Far back in a long line a position is told when it has changed by a sixteenth: nobody there counts the last one of a thousand. A time is told anew when the job
 * begins at another one than was told, by a quarter of the wait. */
static bool worth_telling(const job *j, int position, int64_t begins_ms, int64_t wait_ms)
{
    int part = position <= EXACT ? 1 : position / TELL_PART;
    int64_t off = begins_ms > j->told_begins_ms ? begins_ms - j->told_begins_ms : j->told_begins_ms - begins_ms;
    if (!j->told || j->told < position || j->told - position >= part || (wait_ms < 0) != (j->told_begins_ms < 0))
        return true;
    return wait_ms >= 0 && off >= LEAST_OFF_MS && off >= wait_ms / 4;
}

static int64_t take_of(const job_function *f) { return f && f->measured ? (int64_t)f->took_ms : -1; }

typedef struct telling { job_queue *queue; int64_t now; LIST(job *) jobs; } telling;

static void tell_one(void *data, job *j, int position, double wait)
{
    telling *t = data;
    int64_t wait_ms = isfinite(wait) ? (int64_t)wait : -1, begins_ms = wait_ms < 0 ? -1 : t->now + wait_ms;
    if (!worth_telling(j, position, begins_ms, wait_ms))
        return;
    j->told = position;
    j->told_begins_ms = begins_ms;
    *list_add(&t->jobs) = j;
}

static void tell_positions(job_queue *q);

static void tell_now(void *data)
{
    job_queue *q = data;
    q->tell = NULL;
    tell_positions(q);
}

/* Told when the queue is itself again, and in the order in which they begin. Then once a second: what runs takes shorter or longer than others did. */
static void tell_positions(job_queue *q)
{
    telling t = { .queue = q, .now = clock_ms() };
    if (!q->events.waits)
        return;
    turns_forecast(&q->turns, q->permits, fine_ms(), tell_one, &t);
    for (int i = 0; i < t.jobs.count; i++) {
        job *j = t.jobs.at[i];
        q->events.waits(q->events.data, j->session, j->number, j->told, (job_times){ j->told_begins_ms < 0 ? -1 : j->told_begins_ms - t.now, take_of(j->function) });
    }
    list_done(&t.jobs);
    q->told_ms = clock_ms();
    q->tell_cost_ms = q->told_ms - t.now;
    loop_timer_stop(q->tell);
    q->tell = q->turns.waiting && !q->stopped ? loop_timer_start(q->loop, AGAIN_MS, 0, tell_now, q) : NULL;
    q->soon = false;
}

/* To a few at once, but not after each of many short jobs; when many wait, they are told together, and that takes a twentieth of the time at most. */
static void tell_soon(job_queue *q)
{
    bool few = q->turns.waiting <= EXACT;
    int64_t pause = few ? TELL_FEW_MS : q->tell_cost_ms * TELL_SHARE > TELL_MS ? q->tell_cost_ms * TELL_SHARE : TELL_MS;
    if (few && clock_ms() - q->told_ms >= TELL_FEW_MS) {
        tell_positions(q);
    } else if (!q->soon && !q->stopped) {
        loop_timer_stop(q->tell);
        q->tell = loop_timer_start(q->loop, pause, 0, tell_now, q);
        q->soon = true;
    }
}

/* ---- beginning and ending -------------------------------------------------------------------------------------------------- */

static void begin_more(job_queue *q);

static void job_over(void *data)
{
    job *j = data;
    job_queue *q = j->queue;
    double took = fine_ms() - j->began_ms;
    if (!j->aside)
        turns_ended(&q->turns, j);
    if (!atomic_load(&j->run->interrupted))    /* else it ended before its time */
        job_measured(j->function, took, took - (double)j->run->away_ns / 1e6);
    q->events.ran(q->events.data, j->session, j->number, j->run, false);
    mem_free(j);
    begin_more(q);
}

/* It has not run: there was no room, or it was cancelled. Told through the loop, so that whoever adds or cancels is done with that. */
static void job_not_run(void *data)
{
    job *j = data;
    j->queue->events.ran(j->queue->events.data, j->session, j->number, j->run, j->refused);
    mem_free(j);
}

static void job_begun(void *data)
{
    job *j = data;
    job_queue *q = j->queue;
    q->handed--;
    if (j->began_ms <= 0) j->began_ms = fine_ms();
    if (q->events.began && !j->aside)
        q->events.began(q->events.data, j->session, j->number);
    begin_more(q);
}

static void look(void *data)
{
    job_queue *q = data;
    q->looking = false;
    begin_more(q);
}

static void look_soon(job_queue *q)
{
    if (!q->looking)
        loop_post(q->loop, look, q);
    q->looking = true;
}

void job_queue_stop(job_queue *q)
{
    q->stopped = true;
}

/* On a pool thread. */
static void job_work(void *data)
{
    job *j = data;
    job_queue *q = j->queue;
    loop_post(q->loop, job_begun, j);
    if (!atomic_load(&j->run->interrupted)) {            /* else it was cancelled before it began */
        if (q->events.before)
            q->events.before(q->events.data, j->run);
        run_execute(j->run);
        if (q->events.after)
            q->events.after(q->events.data, j->run);
    }
    loop_post(q->loop, job_over, j);
}

static void begin_more(job_queue *q)
{
    for (job *j; !q->handed && !q->stopped && (j = turns_next(&q->turns));) {
        q->handed++;
        j->function->waiting--;
        if (q->turns.running <= q->permits) j->began_ms = fine_ms();       /* a permit is free: what it takes to get there counts, too */
        if (!j->run) j->run = q->events.make(q->events.data, j->session, j->number);
        if (q->events.waits)
            q->events.waits(q->events.data, j->session, j->number, 0, (job_times){ 0, take_of(j->function) });
        pool_run(q->pool, POOL_JOB, job_work, j);
    }
    tell_soon(q);
}

bool job_full(const job_queue *q)
{
    int others = q->events.others ? q->events.others(q->events.data) : 0;
    return q->turns.waiting + others >= q->queue_size;
}

void job_add(job_queue *q, const job_order *o)
{
    uint64_t function = key_of(o->function), group = o->lane ? hash_mix(hash_text(o->lane), 1) : function;
    job_function *f = function_at(q, function);
    job *j = mem_alloc(sizeof *j);
    *j = (job){ .queue = q, .number = o->job, .run = o->run, .function = f, .priority = o->priority, .added_ms = fine_ms() };
    snprintf(j->session, sizeof j->session, "%s", o->session);
    if (!o->unlimited && (job_full(q) || (o->max_size && f->waiting >= o->max_size))) {
        j->refused = true;
        loop_post(q->loop, job_not_run, j);
        return;
    }
    f->waiting++;
    turns_add(&q->turns, j, group, o->concurrency);
    look_soon(q);
}

bool job_cancel(job_queue *q, const char *session, uint64_t number)
{
    job *j = turns_find(&q->turns, session, number);
    if (!j || !j->line)
        return false;
    turns_leave(&q->turns, j);
    j->function->waiting--;
    loop_post(q->loop, job_not_run, j);
    look_soon(q);
    return true;
}

bool job_set_aside(job_queue *q, const char *session, uint64_t number)
{
    job *j = turns_find(&q->turns, session, number);
    if (!j || j->line || !pool_set_aside(q->pool, j))
        return false;
    turns_ended(&q->turns, j);
    j->aside = true;
    look_soon(q);
    return true;
}

int64_t job_take(const job_queue *q, const void *function) { return take_of(map_get(&q->functions, key_of(function))); }
void job_each(const job_queue *q, void (*each)(void *data, const job_look *look), void *data)
{
    int at = 0;
    void *value;
    double now = fine_ms();
    while (map_next(&q->turns.jobs, &at, NULL, &value)) {
        const job *j = value;
        double begins = j->line ? j->told_begins_ms : j->began_ms, take = (double)take_of(j->function), eta = begins < 0 || take < 0 ? -1 : fmax(begins + take - now, 0);
        each(data, &(job_look){ j->session, j->number, j->run, j->line ? j->told : 0, now - j->added_ms, begins > 0 ? eta : -1, j->line || j->began_ms <= 0 ? -1 : now - j->began_ms });
    }
}

int job_waiting(const job_queue *q) { return q->turns.waiting; }
int job_running(const job_queue *q) { return q->turns.running; }
