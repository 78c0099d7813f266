/* job.c: who is next, and how many at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "job/job.h"
#include <stdio.h>
#include <string.h>

typedef struct job {
    job_queue  *queue;
    char        session[TOKEN_CHARS + 1];
    uint64_t    number, group;     /* group: the function or lane whose limit counts */
    run        *run;
    int         concurrency, told;
    bool        refused;
} job;

typedef struct group { uint64_t key; int running; } group;
typedef struct turn { uint64_t session; uint64_t last; } turn;   /* when a session's last job began */

struct job_queue {
    loop      *loop;
    pool      *pool;
    job_events events;
    int        queue_size, running;
    bool       looking, stopped;   /* looking: it is posted that what waits is looked at */
    int        handed;             /* given to the pool and not begun there: one at a time, so that the turns are decided here */
    uint64_t   starts;
    LIST(job *) waiting;
    LIST(group) groups;
    LIST(turn)  turns;
};

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
    for (int i = 0; i < q->waiting.count; i++) {
        run_free(q->waiting.at[i]->run);
        mem_free(q->waiting.at[i]);
    }
    list_done(&q->waiting);
    list_done(&q->groups);
    list_done(&q->turns);
    mem_free(q);
}

static group *group_of(job_queue *q, uint64_t key)
{
    for (int i = 0; i < q->groups.count; i++)
        if (q->groups.at[i].key == key)
            return &q->groups.at[i];
    group *g = list_add(&q->groups);
    g->key = key;
    return g;
}

static turn *turn_of(job_queue *q, uint64_t session)
{
    for (int i = 0; i < q->turns.count; i++)
        if (q->turns.at[i].session == session)
            return &q->turns.at[i];
    turn *t = list_add(&q->turns);
    t->session = session;
    return t;
}

static bool may_begin(job_queue *q, const job *j)
{
    return !j->concurrency || group_of(q, j->group)->running < j->concurrency;
}

/* The session that was served longest ago goes first; among its jobs the oldest. */
static int next_job(job_queue *q)
{
    int best = -1;
    uint64_t best_turn = 0;
    for (int i = 0; i < q->waiting.count; i++) {
        const job *j = q->waiting.at[i];
        uint64_t last = turn_of(q, hash_text(j->session))->last;
        if (may_begin(q, j) && (best < 0 || last < best_turn)) {
            best = i;
            best_turn = last;
        }
    }
    return best;
}

static void tell_positions(job_queue *q)
{
    for (int i = 0; i < q->waiting.count; i++) {
        job *j = q->waiting.at[i];
        if (j->told != i + 1 && q->events.waits)
            q->events.waits(q->events.data, j->session, j->number, j->told = i + 1);
    }
}

static void begin_more(job_queue *q);

static void job_over(void *data)
{
    job *j = data;
    job_queue *q = j->queue;
    group_of(q, j->group)->running--;
    q->running--;
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
    job_queue *q = data;
    q->handed--;
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
    loop_post(q->loop, job_begun, q);
    if (q->events.before)
        q->events.before(q->events.data, j->run);
    run_execute(j->run);
    if (q->events.after)
        q->events.after(q->events.data, j->run);
    loop_post(q->loop, job_over, j);
}

/* Sessions that have nothing here any more need no turn. */
static void forget_turns(job_queue *q)
{
    if (!q->waiting.count && !q->running) {
        list_done(&q->turns);
        list_done(&q->groups);
    }
}

static void begin_more(job_queue *q)
{
    for (int i; !q->handed && !q->stopped && (i = next_job(q)) >= 0;) {
        job *j = q->waiting.at[i];
        list_remove(&q->waiting, i);
        q->running++;
        q->handed++;
        group_of(q, j->group)->running++;
        turn_of(q, hash_text(j->session))->last = ++q->starts;
        if (j->told && q->events.waits)
            q->events.waits(q->events.data, j->session, j->number, 0);
        pool_run(q->pool, POOL_JOB, job_work, j);
    }
    tell_positions(q);
    forget_turns(q);
}

void job_add(job_queue *q, const job_order *o)
{
    int others = q->events.others ? q->events.others(q->events.data) : 0;
    job *j = mem_alloc(sizeof *j);
    *j = (job){ .queue = q, .number = o->job, .run = o->run, .concurrency = o->concurrency };
    j->group = o->lane ? hash_mix(hash_text(o->lane), 1) : hash_mix((uint64_t)(intptr_t)o->function, 2);
    snprintf(j->session, sizeof j->session, "%s", o->session);
    if (!o->unlimited && q->waiting.count + others >= q->queue_size) {
        j->refused = true;
        loop_post(q->loop, job_not_run, j);
        return;
    }
    *list_add(&q->waiting) = j;
    look_soon(q);
}

bool job_cancel(job_queue *q, const char *session, uint64_t number)
{
    for (int i = 0; i < q->waiting.count; i++) {
        job *j = q->waiting.at[i];
        if (j->number != number || strcmp(j->session, session))
            continue;
        list_remove(&q->waiting, i);
        loop_post(q->loop, job_not_run, j);
        look_soon(q);
        return true;
    }
    return false;
}

int job_waiting(const job_queue *q) { return q->waiting.count; }
int job_running(const job_queue *q) { return q->running; }
