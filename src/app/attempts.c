/* attempts.c: batches gather, jobs wait and run, and each call hears of its row. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/attempts.h"
#include "app/callers.h"
#include <stdio.h>
#include <string.h>

enum { ASIDE_MS = 5000 };

struct attempt {
    hub        *hub;
    uint64_t    number;
    const app_function *fn;
    char        queue[TOKEN_CHARS + 1];        /* in whose turn it waits: that of the first call's address */
    run        *run;                           /* NULL until its turn has come */
    LIST(call *) calls;                        /* by row; NULL: has left */
    int         here;                          /* those that have not */
    int         position;
    job_times   expected;
    int64_t     told_ms;                       /* when that was so */
    bool        queued, begun, unlimited;
    loop_timer *timer;                         /* it gathers; or its time is limited; or it was told to end */
};

static attempts *all_of(const hub *h) { return calls_attempts(h); }
static attempt *attempt_of(const hub *h, uint64_t number) { return map_get(&all_of(h)->by_number, number); }
static uint64_t open_key(const attempt *a) { return (uint64_t)(uintptr_t)a->fn; }

/* ---- waiting ------------------------------------------------------------------------------------------------------------------- */

static void plan(attempt *a, int64_t ms, void (*fn)(void *data))
{
    loop_timer_stop(a->timer);
    a->timer = ms ? loop_timer_start(a->hub->loop, ms, 0, fn, a) : NULL;
}

static attempt *attempt_new(const call *c)
{
    attempt *a = mem_alloc(sizeof *a);
    *a = (attempt){ .hub = c->hub, .number = ++all_of(c->hub)->made, .fn = c->fn };
    snprintf(a->queue, sizeof a->queue, QUEUE "%s", c->peer);
    map_put(&all_of(a->hub)->by_number, a->number, a);
    return a;
}

static void attempt_free(attempt *a)
{
    attempts *all = all_of(a->hub);
    map_remove(&all->by_number, a->number);
    if (map_get(&all->open, open_key(a)) == a)
        map_remove(&all->open, open_key(a));
    loop_timer_stop(a->timer);
    list_done(&a->calls);
    mem_free(a);
}

static void enqueue(attempt *a)
{
    const app_function *f = a->fn;
    plan(a, 0, NULL);
    a->queued = true;
    job_add(a->hub->jobs, &(job_order){ .session = a->queue, .job = a->number, .function = (const void *)(intptr_t)f->fn, .concurrency = f->concurrency, .lane = f->lane,
                                        .max_size = f->rules.max_size, .priority = f->rules.priority, .unlimited = a->unlimited });
}

static void on_gathered(void *data)
{
    attempt *a = data;
    a->timer = NULL;
    enqueue(a);
}

static void tell_place(const attempt *a, call *c)
{
    job_times x = a->expected;
    if (x.wait > 0) x.wait -= clock_ms() - a->told_ms;
    call_moved(c, a->position ? CALL_QUEUED : CALL_RUNNING, a->position, x);
}

void attempt_begin(call *c, bool unlimited)
{
    const app_rules *rules = &c->fn->rules;
    attempts *all = all_of(c->hub);
    bool batch = rules->batch_size > 1;
    attempt *a = batch ? map_get(&all->open, (uint64_t)(uintptr_t)c->fn) : NULL;
    if (!a) {
        a = attempt_new(c);
        if (batch) map_put(&all->open, open_key(a), a);
    }
    *list_add(&a->calls) = c;
    a->here++;
    a->unlimited = a->unlimited || unlimited;
    c->at = a;
    if (batch && a->calls.count >= rules->batch_size)
        map_remove(&all->open, open_key(a));
    if (a->queued && a->position) tell_place(a, c);
    else if (!a->queued && (!batch || !rules->batch_wait_ms || a->calls.count >= rules->batch_size)) enqueue(a);
    else if (!a->queued && !a->timer) plan(a, rules->batch_wait_ms, on_gathered);
}

bool calls_own(const char *queue) { return !strncmp(queue, QUEUE, sizeof QUEUE - 1); }

void calls_wait(hub *h, uint64_t number, int position, job_times expected)
{
    attempt *a = attempt_of(h, number);
    if (!a)
        return;
    a->position = position;
    a->expected = expected;
    a->told_ms = clock_ms();
    for (int i = 0; i < a->calls.count; i++)
        if (a->calls.at[i]) tell_place(a, a->calls.at[i]);
}

/* ---- its turn has come ----------------------------------------------------------------------------------------------------------- */

/* The inputs of one call, under the names of its row. */
static void give_inputs(run *r, const call *c, uint64_t scope)
{
    for (int i = 0; c->fn->in && i < c->fn->in->count; i++) {
        const char *name = record_field(c->fn->in, i)->name;
        const value *given = values_find(&c->in, run_key_id(c->inputs_scope, name));
        if (!given)
            continue;
        value *to = values_at(&r->values, run_key_id(scope, name));
        if (given->kind == VALUE_TEXT) value_set_text(to, VALUE_TEXT, given->text);
        else value_set_number(to, given->kind, given->number);
    }
}

/* Those who are asked for when this process dies. */
static const char *names_of(const attempt *a, arena *in)
{
    text names = { .arena = in };
    for (int i = 0; i < a->calls.count; i++)
        if (a->calls.at[i]->stored) text_printf(&names, "%s%s", names.count ? " " : "", a->calls.at[i]->id);
    return names.at;
}

run *calls_make(hub *h, uint64_t number)
{
    attempt *a = attempt_of(h, number);
    call *first = a->calls.at[0];
    run *r = run_new(RUN_JOB, a->fn->fn, &h->host);
    r->session = QUEUE;
    r->events = names_of(a, r->arena);
    r->visitor = "";
    r->path = arena_printf(r->arena, "/api/%s", a->fn->name);
    r->query = "";
    r->scope = run_page_scope(r->path);
    r->job = number;
    r->seed = hash_text(first->id);
    r->before = tree_new();
    snprintf(r->event_id, sizeof r->event_id, "%.22s.1", first->id);
    run_batch_of(r, a->calls.count);
    for (int i = 0; i < a->calls.count; i++) {
        uint64_t scope = run_row_scope(r->scope, i);
        give_inputs(r, a->calls.at[i], scope);
        a->calls.at[i]->row = i;
        call_begins(a->calls.at[i], scope);
    }
    caller_lend(first, r);
    run_limit(r, (size_t)h->app->options.session_memory);
    if (map_get(&all_of(h)->open, open_key(a)) == a)
        map_remove(&all_of(h)->open, open_key(a));
    a->begun = true;
    return a->run = r;
}

static void on_late(void *data)
{
    attempt *a = data;
    hub *h = a->hub;
    uint64_t number = a->number;
    a->timer = NULL;
    for (int i = 0; attempt_of(h, number) && i < a->calls.count; i++)
        if (a->calls.at[i]) call_late(a->calls.at[i]);
}

void calls_began(hub *h, uint64_t number)
{
    attempt *a = attempt_of(h, number);
    if (a && a->here && a->fn->rules.time_limit_ms)
        plan(a, a->fn->rules.time_limit_ms, on_late);
}

void calls_put(hub *h, uint64_t number, run_batch *b)
{
    attempt *a = attempt_of(h, number);
    for (int i = 0; a && i < a->calls.count; i++)
        if (a->calls.at[i] && b->has_progress) call_progress(a->calls.at[i], b->progress, b->progress_text);
    for (int i = 0; a && i < a->calls.count; i++)
        if (a->calls.at[i]) call_tells(a->calls.at[i], b->lines.at, b->lines.count);
    for (int i = 0, to; a && i < b->puts.count; i = to) {      /* those of one row come together, for the most part */
        int row = b->puts.at[i].row;
        for (to = i + 1; to < b->puts.count && b->puts.at[to].row == row;) to++;
        if (row < a->calls.count && a->calls.at[row]) call_puts(a->calls.at[row], &b->puts.at[i], to - i);
    }
    run_batch_free(b);
}

/* ---- its end --------------------------------------------------------------------------------------------------------------------- */

/* It was told to end and did not: another may begin in its place. */
static void on_aside(void *data)
{
    attempt *a = data;
    a->timer = NULL;
    if (!a->run || !job_set_aside(a->hub->jobs, a->queue, a->number))
        return;
    a->run->aside_ms = clock_ms();
    pool_set_aside(a->hub->pool, a->run);
    hub_set_aside(a->hub, a->run);
}

void attempt_leave(call *c)
{
    attempt *a = c->at;
    if (!a)
        return;
    c->at = NULL;
    a->here--;
    if (a->begun) {
        a->calls.at[c->row] = NULL;
        if (a->here)
            return;
        run_interrupt(a->run);
        plan(a, ASIDE_MS, on_aside);
        return;
    }
    list_drop(&a->calls, c);
    if (a->here)
        return;
    if (map_get(&all_of(a->hub)->open, open_key(a)) == a)
        map_remove(&all_of(a->hub)->open, open_key(a));
    if (a->queued) job_cancel(a->hub->jobs, a->queue, a->number);
    else attempt_free(a);
}

void calls_ran(hub *h, uint64_t number, run *r, bool refused)
{
    attempt *a = attempt_of(h, number);
    for (int i = 0; a && i < a->calls.count; i++) {
        call *c = a->calls.at[i];
        if (!c)
            continue;
        a->calls.at[i] = NULL;
        c->at = NULL;
        call_over(c, r, refused);
    }
    if (a)
        attempt_free(a);
    run_free(r);
}

void calls_each_run(hub *h, void (*each)(void *data, run *r), void *data)
{
    int at = 0;
    void *value;
    while (map_next(&all_of(h)->by_number, &at, NULL, &value))
        if (((attempt *)value)->run)
            each(data, ((attempt *)value)->run);
}

void attempts_done(hub *h)
{
    int at = 0;
    void *value;
    attempts *all = all_of(h);
    for (; map_next(&all->by_number, &at, NULL, &value); at = 0)
        attempt_free(value);                   /* its run is the queue's, or gone */
    map_done(&all->by_number);
    map_done(&all->open);
}
