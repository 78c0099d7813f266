/* calls.c: a call's life: queued, running, ended, kept for a while when its caller may come back, forgotten. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/calls.h"
#include <stdio.h>
#include <string.h>

enum { KEPT_MOST = 1000, ASIDE_MS = 5000 };

#define QUEUE "api "                           /* no session's name begins so */
#define ENDS "The program ends"
#define AGAIN "the call was not carried out to its end; call again"

struct calls {
    map by_number, by_id, by_key;
    uint64_t made;
    LIST(call *) ended;                        /* those that are kept, oldest first */
};

/* ---- forgetting ---------------------------------------------------------------------------------------------------------------- */

static void ear_free(call_ear *e)
{
    mem_free(e->id);
    mem_free(e->token);
    mem_free(e);
}

/* Nobody may hear of it any more. */
static void call_free(call *c)
{
    struct calls *all = c->hub->calls;
    map_remove(&all->by_number, c->number);
    map_remove(&all->by_id, hash_text(c->id));
    if (c->key && map_get(&all->by_key, c->key) == c)
        map_remove(&all->by_key, c->key);
    loop_timer_stop(c->aside);
    mem_free(c->words);
    values_done(&c->put);
    text_done(&c->output);
    api_problem_done(&c->problem);
    list_done(&c->ears);
    mem_free(c);
}

static bool unused(const call *c) { return !c->run && !c->ears.count; }

/* One that nobody comes back to goes at its end. */
static void let_go(call *c)
{
    if (!c->kept && c->state > CALL_RUNNING && unused(c))
        call_free(c);
}

/* Of the others what is old goes, and the oldest of too many. */
static void forget_some(struct calls *all)
{
    int64_t now = clock_ms();
    for (int i = 0; i < all->ended.count;) {
        call *c = all->ended.at[i];
        if (all->ended.count <= KEPT_MOST && now - c->ended_ms < CALL_KEEP_MS)
            return;
        if (!unused(c)) {
            i++;
            continue;
        }
        list_remove(&all->ended, i);
        call_free(c);
    }
}

/* ---- ears ------------------------------------------------------------------------------------------------------------------------ */

static void stream_closed(net_channel *channel, int code, void *data)
{
    call_ear *e = data;
    call *c = e->of;
    (void)channel;
    (void)code;
    for (int i = 0; i < c->ears.count; i++)
        if (c->ears.at[i] == e) {
            list_remove(&c->ears, i);
            break;
        }
    ear_free(e);
    if (!c->ears.count && !c->kept && c->state <= CALL_RUNNING)
        call_stop(c, 409, "The call was cancelled", "its caller has gone");
    else
        let_go(c);
}

static const net_channel_events stream_events = { .on_close = stream_closed };

static call_ear *ear_new(call *c, const call_voice *v, net_request *rq, const char *id, const char *token)
{
    call_ear *e = mem_alloc(sizeof *e);
    *e = (call_ear){ .voice = v, .of = c, .rq = rq, .id = mem_text(id), .token = mem_text(token) };
    return e;
}

call_ear *call_answer(call *c, const call_voice *v, net_request *rq, const char *id)
{
    call_ear *e = ear_new(c, v, rq, id, NULL);
    if (c->state <= CALL_RUNNING)
        return *list_add(&c->ears) = e;
    v->ended(e);
    ear_free(e);
    return NULL;
}

call_ear *call_stream(call *c, const call_voice *v, net_request *rq, const char *id, const char *token)
{
    values none = { 0 };
    call_ear *e = ear_new(c, v, NULL, id, token);
    e->stream = net_stream(rq, NULL, &stream_events, e);
    if (!e->stream) {
        ear_free(e);
        return NULL;
    }
    *list_add(&c->ears) = e;
    if (c->state > CALL_RUNNING) {
        v->ended(e);
        net_channel_close(e->stream, 0, NULL);
        return NULL;
    }
    if (v->moved) v->moved(e);
    if (v->put && c->put.list.count) v->put(e, &c->put, &none);
    return e;
}

call_ear *call_follow(call *c, const call_voice *v, const char *token) { return *list_add(&c->ears) = ear_new(c, v, NULL, NULL, token); }

double call_seconds(const call *c) { return (double)((c->state > CALL_RUNNING ? c->ended_ms : clock_ms()) - c->asked_ms) / 1000; }

static void tell_moved(call *c)
{
    for (int i = 0; i < c->ears.count; i++)
        if (c->ears.at[i]->voice->moved)
            c->ears.at[i]->voice->moved(c->ears.at[i]);
}

/* ---- its end ----------------------------------------------------------------------------------------------------------------------- */

/* The call may be gone after that. */
static void call_ended(call *c, call_state state)
{
    c->state = state;
    c->ended_ms = clock_ms();
    c->position = 0;
    for (int i = 0; i < c->ears.count;) {
        call_ear *e = c->ears.at[i];
        e->voice->ended(e);
        if (e->stream) {
            net_channel_close(e->stream, 0, NULL);
            i++;
        } else {
            list_remove(&c->ears, i);
            ear_free(e);
        }
    }
    if (c->kept) {
        *list_add(&c->hub->calls->ended) = c;
        forget_some(c->hub->calls);
    } else {
        let_go(c);
    }
}

static void fail(call *c, call_state state, int status, const char *title, const char *detail)
{
    c->problem = (api_problem){ .status = status, .title = title };
    text_puts(&c->problem.detail, detail ? detail : "");
    call_ended(c, state);
}

/* It was told to end and did not: another may begin in its place. */
static void call_aside(void *data)
{
    call *c = data;
    c->aside = NULL;
    if (!c->run || !job_set_aside(c->hub->jobs, c->queue, c->number))
        return;
    c->run->aside_ms = clock_ms();
    pool_set_aside(c->hub->pool, c->run);
    hub_set_aside(c->hub, c->run);
}

void call_stop(call *c, int status, const char *title, const char *detail)
{
    if (c->state > CALL_RUNNING)
        return;
    if (c->run) {
        run_interrupt(c->run);
        if (!job_cancel(c->hub->jobs, c->queue, c->number))
            c->aside = loop_timer_start(c->hub->loop, ASIDE_MS, 0, call_aside, c);
    }
    fail(c, CALL_CANCELLED, status, title, detail);
}

/* ---- what its job says --------------------------------------------------------------------------------------------------------------- */

static call *call_of(const hub *h, uint64_t number) { return map_get(&h->calls->by_number, number); }

bool calls_own(const char *queue) { return !strncmp(queue, QUEUE, sizeof QUEUE - 1); }

void calls_wait(hub *h, uint64_t number, int position)
{
    call *c = call_of(h, number);
    if (!c || c->state > CALL_RUNNING)
        return;
    c->position = position;
    c->state = position ? CALL_QUEUED : CALL_RUNNING;
    tell_moved(c);
}

static void put(values *all, const run_put *p)
{
    value *v = values_at(all, p->id);
    if (p->kind != VALUE_TEXT) {
        value_set_number(v, p->kind, p->number);
    } else if (p->append && v->text) {
        text t = { 0 };
        text_printf(&t, "%s%s", v->text, p->text);
        value_set_text(v, VALUE_TEXT, t.at);
        text_done(&t);
    } else {
        value_set_text(v, VALUE_TEXT, p->text ? p->text : "");
    }
}

/* What grows is told as what was added; else what it is now. */
static void tell_puts(call *c, const run_batch *b)
{
    values changed = { 0 }, added = { 0 };
    for (int i = 0; i < b->puts.count; i++) {
        const run_put *p = &b->puts.at[i];
        put(&c->put, p);
        put(p->append && !values_find(&changed, p->id) ? &added : &changed, p);
    }
    for (int i = 0; i < c->ears.count && b->puts.count; i++)
        if (c->ears.at[i]->voice->put)
            c->ears.at[i]->voice->put(c->ears.at[i], &changed, &added);
    values_done(&changed);
    values_done(&added);
}

void calls_put(hub *h, uint64_t number, run_batch *b)
{
    call *c = call_of(h, number);
    if (c && c->state <= CALL_RUNNING) {
        c->state = CALL_RUNNING;
        if (b->has_progress) {
            c->progress = b->progress < 0 ? 0 : b->progress > 1 ? 1 : b->progress;
            mem_free(c->words);
            c->words = mem_text(b->progress_text);
            tell_moved(c);
        }
        tell_puts(c, b);
    }
    run_batch_free(b);
}

static void finish(call *c, run *r, bool refused)
{
    for (int i = 0; i < r->puts.count; i++)
        put(&c->put, &r->puts.at[i]);
    if (!c->out)
        c->out = r->out_record;
    if (refused) {
        fail(c, CALL_FAILED, 503, "The queue is full", "many calls wait already; try again in a moment");
    } else if (run_spent(r)) {
        fail(c, CALL_FAILED, 500, "The function needed too much memory", "who runs the program can allow more with --session-memory");
    } else if (r->failed) {
        fail(c, CALL_FAILED, 500, "The function failed", r->failure);
    } else if (atomic_load(&r->interrupted)) {
        fail(c, CALL_CANCELLED, 503, ENDS, AGAIN);
    } else {
        json j = json_to(&c->output);
        api_outputs(&j, c->out, c->scope, &c->put, true);
        call_ended(c, CALL_DONE);
    }
}

void calls_ran(hub *h, uint64_t number, run *r, bool refused)
{
    call *c = call_of(h, number);
    if (c) {
        c->run = NULL;
        loop_timer_stop(c->aside);
        c->aside = NULL;
        if (c->state <= CALL_RUNNING) finish(c, r, refused);
        else let_go(c);
    }
    run_free(r);
}

/* ---- beginning -------------------------------------------------------------------------------------------------------------------------- */

const app_function *call_function(const hub *h, const char *name)
{
    for (int i = 0; i < h->app->functions.count; i++)
        if (!strcmp(h->app->functions.at[i].name, name))
            return &h->app->functions.at[i];
    return NULL;
}

const app_function *call_carried(const hub *h, const char *name)
{
    const app_function *f = call_function(h, name);
    return f && !api_cannot_carry(f->in) && !api_cannot_carry(f->out) ? f : NULL;
}

int calls_list(const hub *h, arena *a, api_function **out)
{
    int count = 0;
    *out = arena_alloc(a, ((size_t)h->app->functions.count + 1) * sizeof **out);
    for (int i = 0; i < h->app->functions.count; i++) {
        const app_function *f = &h->app->functions.at[i];
        if (call_carried(h, f->name))
            (*out)[count++] = (api_function){ f->name, f->help, f->in, f->out };
    }
    return count;
}

void calls_reply(net_request *rq, int status, text *body, const char *header, const char *value)
{
    const char *headers[] = { header, value, NULL };
    net_reply(rq, status, &(net_answer){ .type = "application/json", .body = body->at, .count = body->count, .headers = header ? headers : NULL });
    text_done(body);
}

static run *prepare(const call *c, const char *path, values *in)
{
    hub *h = c->hub;
    run *r = run_new(RUN_JOB, c->fn->fn, &h->host);
    r->session = arena_printf(r->arena, QUEUE "%llu", (unsigned long long)c->number);
    r->visitor = "";
    r->path = arena_text(r->arena, path);
    r->query = "";
    r->scope = c->scope;
    r->job = c->number;
    r->seed = hash_mix(hash_text(c->id), c->number);
    r->before = tree_new();
    r->values = *in;
    snprintf(r->event_id, sizeof r->event_id, "%.22s.1", c->id);
    run_limit(r, (size_t)h->app->options.session_memory);
    return r;
}

call *call_begin(hub *h, const net_request *rq, const app_function *fn, const char *inputs, size_t count, api_problem *why)
{
    char *path = arena_printf(rq->arena, "/api/%s", fn->name), peer[ID_CHARS + 1];
    const char *blocked = crash_blocks(h->app->notes, QUEUE, path);
    uint64_t scope = run_page_scope(path);
    values in = { 0 };
    if (blocked) {
        *why = (api_problem){ .status = 503, .title = "The function is not called for now" };
        text_puts(&why->detail, blocked);
        return NULL;
    }
    if (!api_inputs(fn->in, inputs, count, scope, &in, why)) {
        values_done(&in);
        return NULL;
    }
    call *c = mem_alloc(sizeof *c);
    *c = (call){ .hub = h, .number = ++h->calls->made, .fn = fn, .progress = -1, .scope = scope, .out = fn->out, .asked_ms = clock_ms() };
    token_new(c->id);
    id_print(hash_text(rq->peer), peer);
    snprintf(c->queue, sizeof c->queue, QUEUE "%s", peer);
    map_put(&h->calls->by_number, c->number, c);
    map_put(&h->calls->by_id, hash_text(c->id), c);
    c->run = prepare(c, path, &in);
    job_add(h->jobs, &(job_order){ .session = c->queue, .job = c->number, .run = c->run, .function = (const void *)(intptr_t)fn->fn, .concurrency = fn->concurrency, .lane = fn->lane });
    return c;
}

void call_name(call *c, uint64_t key)
{
    c->key = key;
    if (key)
        map_put(&c->hub->calls->by_key, key, c);
}

call *call_named(const hub *h, uint64_t key) { return key ? map_get(&h->calls->by_key, key) : NULL; }

call *call_with_id(const hub *h, const char *id)
{
    call *c = map_get(&h->calls->by_id, hash_text(id));
    return c && !strcmp(c->id, id) ? c : NULL;
}

/* ---- the process -------------------------------------------------------------------------------------------------------------------------- */

void calls_prepare(hub *h)
{
    h->calls = mem_alloc(sizeof *h->calls);
    gradio_prepare(h);
    for (int i = h->crashes.list.count - 1; i >= 0; i--)       /* nobody comes back to hear of it: his line broke */
        if (calls_own(h->crashes.list.at[i].of->session))
            crash_forget(&h->crashes, i);
}

void calls_each_run(hub *h, void (*each)(void *data, run *r), void *data)
{
    int at = 0;
    void *value;
    while (map_next(&h->calls->by_number, &at, NULL, &value))
        if (((call *)value)->run)
            each(data, ((call *)value)->run);
}

bool calls_busy(const hub *h)
{
    int at = 0;
    void *value;
    while (map_next(&h->calls->by_number, &at, NULL, &value))
        if (((call *)value)->state <= CALL_RUNNING)
            return true;
    return false;
}

void calls_stop(hub *h)
{
    LIST(call *) all = { 0 };
    int at = 0;
    void *value;
    while (map_next(&h->calls->by_number, &at, NULL, &value))
        *list_add(&all) = value;
    for (int i = 0; i < all.count; i++)
        call_stop(all.at[i], 503, ENDS, AGAIN);
    list_done(&all);
}

void calls_free(hub *h)
{
    int at = 0;
    void *value;
    struct calls *all = h->calls;
    gradio_free(h);
    for (; map_next(&all->by_number, &at, NULL, &value); at = 0) {
        call *c = value;
        for (int i = 0; i < c->ears.count; i++) {              /* streams have closed: these wait for an answer into nothing */
            if (c->ears.at[i]->rq) net_reply(c->ears.at[i]->rq, 503, NULL);
            ear_free(c->ears.at[i]);
        }
        c->run = NULL;                         /* the queue's, or gone */
        call_free(c);
    }
    map_done(&all->by_number), map_done(&all->by_id), map_done(&all->by_key);
    list_done(&all->ended);
    mem_free(all);
}
