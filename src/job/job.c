/* job.c: who is next, and how many at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "job/turns.h"
#include <stdio.h>

enum { EXACT = 64, TELL_MS = 100, TELL_PART = 16 };

struct job_queue {
    loop      *loop;
    pool      *pool;
    job_events events;
    int        queue_size;
    bool       looking, stopped;   /* looking: it is posted that what waits is looked at */
    int        handed;             /* given to the pool and not begun there: one at a time, so that the turns are decided here */
    turns      turns;
    map        functions;          /* -> job_function */
    loop_timer *tell;              /* positions are told when it fires */
};

/* What is known of a function: there are as many as the program has. */
typedef struct job_function { int waiting; } job_function;

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

/* ---- positions ------------------------------------------------------------------------------------------------------------- */

/* Far back in a long line a position is told when it has changed by a sixteenth: nobody there counts the last one of a thousand. */
static bool worth_telling(const job *j, int position)
{
    int part = position <= EXACT ? 1 : position / TELL_PART;
    return !j->told || j->told < position || j->told - position >= part;
}

static void tell_positions(job_queue *q)
{
    int position = 0;
    for (job *j = q->turns.first; j && q->events.waits; j = j->after)
        if (worth_telling(j, ++position))
            q->events.waits(q->events.data, j->session, j->number, j->told = position);
}

static void tell_now(void *data)
{
    job_queue *q = data;
    q->tell = NULL;
    tell_positions(q);
}

/* At once to a few; when many wait, they are told together, so that a start does not cost a message for each. */
static void tell_soon(job_queue *q)
{
    if (q->turns.waiting <= EXACT) tell_positions(q);
    else if (!q->tell && !q->stopped) q->tell = loop_timer_start(q->loop, TELL_MS, 0, tell_now, q);
}

/* ---- beginning and ending -------------------------------------------------------------------------------------------------- */

static void begin_more(job_queue *q);

static void job_over(void *data)
{
    job *j = data;
    job_queue *q = j->queue;
    if (!j->aside)
        turns_ended(&q->turns, j);
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
        function_at(q, j->function)->waiting--;
        if (!j->run) j->run = q->events.make(q->events.data, j->session, j->number);
        if (q->events.waits)
            q->events.waits(q->events.data, j->session, j->number, 0);
        pool_run(q->pool, POOL_JOB, job_work, j);
    }
    tell_soon(q);
}

void job_add(job_queue *q, const job_order *o)
{
    int others = q->events.others ? q->events.others(q->events.data) : 0;
    uint64_t function = hash_mix((uint64_t)(intptr_t)o->function, 2), group = o->lane ? hash_mix(hash_text(o->lane), 1) : function;
    job_function *f = function_at(q, function);
    job *j = mem_alloc(sizeof *j);
    *j = (job){ .queue = q, .number = o->job, .run = o->run, .function = function, .priority = o->priority };
    snprintf(j->session, sizeof j->session, "%s", o->session);
    if (!o->unlimited && (q->turns.waiting + others >= q->queue_size || (o->max_size && f->waiting >= o->max_size))) {
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
    function_at(q, j->function)->waiting--;
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

int job_waiting(const job_queue *q) { return q->turns.waiting; }
int job_running(const job_queue *q) { return q->turns.running; }
