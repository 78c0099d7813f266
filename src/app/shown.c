/* shown.c: what ez_jobs shows and does. The run that asks waits until the loop has looked. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/kept.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two hold it: the run that waits for it, and the loop that fills it. Who lets go last frees it. */
typedef struct looking {
    hub            *hub;
    arena          *arena;
    page_jobs       asked;
    const char     *session;
    uint64_t        visitor;
    LIST(page_job)  found;         /* the loop's, until it is done */
    pthread_mutex_t lock;
    run            *by;            /* NULL: does not wait any more */
    bool            done;
    int             holders;
} looking;

static void let_go(looking *l, bool is_run)
{
    pthread_mutex_lock(&l->lock);
    if (is_run) l->by = NULL;
    else if (l->by) run_wake(l->by);
    bool last = !--l->holders;
    pthread_mutex_unlock(&l->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&l->lock);
    list_done(&l->found);
    arena_free(l->arena);
}

/* ---- looking ----------------------------------------------------------------------------------------------------------------------- */

static void add(looking *l, const page_job *j)
{
    const page_jobs *q = &l->asked;
    if ((q->state < 0 || q->state == j->state) && (!q->function || !strcmp(q->function, j->function)))
        *list_add(&l->found) = *j;
}

static void add_call(void *data, call *c)
{
    looking *l = data;
    if (!l->asked.all && (!c->visitor || c->visitor != l->visitor))
        return;
    bool failed = c->problem.status && c->problem.detail.count;
    const char *words = failed ? c->problem.detail.at : c->words;
    add(l, &(page_job){ .id = arena_text(l->arena, c->id), .function = arena_text(l->arena, c->fn->name), .words = arena_text(l->arena, words), .state = (int)c->state, .position = c->position,
                        .attempt = c->tries + 1, .progress = c->progress, .eta = call_eta(c), .age = (double)(wall_ms() - c->asked_wall_ms) / 1000,
                        .took = !c->over ? -1 : c->ended_wall_ms ? (double)(c->ended_wall_ms - c->asked_wall_ms) / 1000 : call_seconds(c), .repeats = c->inputs && c->over, .asked_ms = c->asked_wall_ms });
}

static const char *name_of(const hub *h, const run *r)
{
    for (int i = 0; i < h->app->functions.count; i++)
        if (h->app->functions.at[i].fn == r->fn) return h->app->functions.at[i].name;
    return r->path;
}

static uint64_t job_id(const job_look *j) { return hash_mix(hash_text(j->session), j->job); }

static void add_job(void *data, const job_look *j)
{
    looking *l = data;
    char id[ID_CHARS + 1];
    if (calls_own(j->session) || !j->run || (!l->asked.all && strcmp(j->session, l->session)))
        return;
    id_print(job_id(j), id);
    add(l, &(page_job){ .id = arena_text(l->arena, id), .function = arena_text(l->arena, name_of(l->hub, j->run)), .state = j->ran < 0 ? PAGE_JOB_QUEUED : PAGE_JOB_RUNNING,
                        .position = j->position, .progress = -1, .eta = j->eta < 0 ? -1 : j->eta / 1000, .age = j->age / 1000, .took = -1, .asked_ms = wall_ms() - (int64_t)j->age });
}

static void add_row(looking *l, const store_job *row)
{
    if (call_with_id(l->hub, row->id))
        return;
    add(l, &(page_job){ .id = arena_text(l->arena, row->id), .function = arena_text(l->arena, row->function), .words = *row->words ? arena_text(l->arena, row->words) : NULL,
                        .state = row->state, .progress = row->progress, .eta = -1, .age = (double)(wall_ms() - row->asked_ms) / 1000, .took = (double)(row->ended_ms - row->asked_ms) / 1000,
                        .repeats = call_function(l->hub, row->function), .asked_ms = row->asked_ms });
}

static int newest_first(const void *a, const void *b)
{
    const page_job *x = a, *y = b;
    return x->asked_ms != y->asked_ms ? (x->asked_ms < y->asked_ms ? 1 : -1) : strcmp(x->id, y->id);
}

static void looked(looking *l)
{
    if (l->found.count)
        qsort(l->found.at, (size_t)l->found.count, sizeof *l->found.at, newest_first);
    pthread_mutex_lock(&l->lock);
    l->done = true;
    pthread_mutex_unlock(&l->lock);
    let_go(l, false);
}

static void on_rows(void *data, const store_job *rows, int count)
{
    looking *l = data;
    for (int i = 0; i < count && !l->hub->down; i++) add_row(l, &rows[i]);
    looked(l);
}

static void on_look(void *data)
{
    looking *l = data;
    if (!l->hub->down) {
        calls_each(l->hub, add_call, l);
        job_each(l->hub->jobs, add_job, l);
    }
    if (l->asked.all && !l->hub->down) store_jobs_ended(hub_store(l->hub), l->asked.most, on_rows, l);
    else looked(l);
}

static void take(run *r, const looking *l, page_jobs *to)
{
    to->total = l->found.count;
    to->count = to->total < to->most ? to->total : to->most;
    to->list = arena_copy(r->arena, l->found.at, (size_t)to->count * sizeof *to->list);
    for (int i = 0; i < to->count; i++) {
        page_job *j = &to->list[i];
        j->id = arena_text(r->arena, j->id);
        j->function = arena_text(r->arena, j->function);
        j->words = arena_text(r->arena, j->words);
    }
}

void shown_jobs(void *data, run *r, page_jobs *jobs)
{
    hub *h = data;
    arena *a = arena_new();
    looking *l = arena_alloc(a, sizeof *l);
    *l = (looking){ .hub = h, .arena = a, .asked = *jobs, .session = arena_text(a, r->session), .visitor = hash_text(r->visitor), .by = r, .holders = 2 };
    l->asked.function = arena_text(a, jobs->function);
    pthread_mutex_init(&l->lock, NULL);
    loop_post(h->loop, on_look, l);
    run_wait_begin(r);
    pthread_mutex_lock(&l->lock);
    while (!l->done && !atomic_load(&r->interrupted)) {
        pthread_mutex_unlock(&l->lock);
        run_wait(r, 0);
        pthread_mutex_lock(&l->lock);
    }
    bool done = l->done;
    pthread_mutex_unlock(&l->lock);
    run_wait_end(r);
    if (done)
        take(r, l, jobs);
    let_go(l, true);
}

const char **shown_functions(void *data, arena *in)
{
    const hub *h = data;
    const char **names = arena_alloc(in, ((size_t)h->app->functions.count + 2) * sizeof *names);
    for (int i = 0; i < h->app->functions.count; i++) names[i + 1] = h->app->functions.at[i].name;
    return names;
}

/* ---- acting ------------------------------------------------------------------------------------------------------------------------ */

typedef struct acting { hub *hub; char id[TOKEN_CHARS + 1], session[TOKEN_CHARS + 1], owner[TOKEN_CHARS + 1]; uint64_t visitor, job; run *found; bool again, all; } acting;

static void on_repeat(void *data, call *c, bool elsewhere)
{
    (void)data;
    (void)elsewhere;
    if (c) call_repeat(c);
}

static void find_job(void *data, const job_look *j)
{
    acting *a = data;
    char id[ID_CHARS + 1];
    id_print(job_id(j), id);
    if (calls_own(j->session) || !j->run || strcmp(id, a->id) || (!a->all && strcmp(j->session, a->session)))
        return;
    a->found = j->run;
    a->job = j->job;
    snprintf(a->owner, sizeof a->owner, "%s", j->session);
}

static void on_act(void *data)
{
    acting *a = data;
    hub *h = a->hub;
    call *c = h->down ? NULL : call_with_id(h, a->id);
    bool his = c && (a->all || (c->visitor && c->visitor == a->visitor));
    if (his && a->again) call_repeat(c);
    else if (his) call_stop(c, 409, "The call was cancelled", NULL);
    else if (!c && a->again && a->all && !h->down) kept_find(h, a->id, 0, on_repeat, NULL);
    else if (!c && !a->again && !h->down) job_each(h->jobs, find_job, a);
    if (a->found) {
        run_interrupt(a->found);
        job_cancel(h->jobs, a->owner, a->job);
    }
    mem_free(a);
}

void shown_job_act(void *data, run *r, const char *id, bool again, bool all)
{
    acting *a = mem_alloc(sizeof *a);
    *a = (acting){ .hub = data, .visitor = hash_text(r->visitor), .again = again, .all = all };
    snprintf(a->id, sizeof a->id, "%s", id);
    snprintf(a->session, sizeof a->session, "%s", r->session);
    loop_post(a->hub->loop, on_act, a);
}
