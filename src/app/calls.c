/* calls.c: the program's functions over HTTP: a call becomes a job, and what comes of it goes back as an answer, as a stream, or to whoever asks for the job.
 *
 * Calls of one address wait in the queue as one visitor does, so that a program which calls in a loop keeps no visitor waiting. What has ended is
 * kept for a while when its caller may come again: he asked for a job, or gave a key. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include "app/guard.h"
#include "app/hub.h"
#include <stdio.h>
#include <string.h>

enum { KEEP_MS = 600000, KEPT_MOST = 1000, ASIDE_MS = 5000, KEY_MOST = 255 };

typedef enum call_state { CALL_QUEUED, CALL_RUNNING, CALL_DONE, CALL_FAILED, CALL_CANCELLED } call_state;
static const char *const state_names[] = { "queued", "running", "done", "failed", "cancelled" };

typedef struct call {
    hub        *hub;
    uint64_t    number;
    char        id[TOKEN_CHARS + 1];       /* its job's name: whoever knows it may ask and cancel */
    char        queue[TOKEN_CHARS + 1];    /* in whose turn it waits */
    const app_function *fn;
    call_state  state;
    int         position;
    double      progress;                  /* 0 to 1; below 0: none was told */
    char       *words;
    run        *run;                       /* NULL once it has returned */
    loop_timer *aside;                     /* it was told to end */
    uint64_t    scope;
    const ez_record *out;
    values      put;                       /* what it has put so far */
    text        output;                    /* of one that is done, as JSON */
    api_problem problem;                   /* of one that is not */
    uint64_t    key, body;                 /* hashes of its idempotency key (0: none) and of what it was called with */
    bool        kept;
    int64_t     ended_ms;
    LIST(net_request *) waiting;
    LIST(net_channel *) streams;
} call;

struct calls {
    map by_number, by_id, by_key;
    uint64_t made;
    LIST(call *) ended;                    /* those that are kept, oldest first */
};

#define ENDS "The program ends"
#define AGAIN "the call was not carried out to its end; call again"
#define QUEUE "api "                       /* no session's name begins so */

/* ---- what goes back ---------------------------------------------------------------------------------------------------------- */

static void reply_problem(net_request *rq, const api_problem *p, const char *header, const char *value)
{
    text body = { 0 };
    const char *headers[] = { header, value, NULL };
    api_problem_write(p, &body);
    net_reply(rq, p->status, &(net_answer){ .type = "application/problem+json", .body = body.at, .count = body.count, .headers = header ? headers : NULL });
    text_done(&body);
}

static void refuse(net_request *rq, int status, const char *title, const char *header, const char *value, const char *format, ...) EZ_FORMAT(6, 7);
static void refuse(net_request *rq, int status, const char *title, const char *header, const char *value, const char *format, ...)
{
    api_problem p = { .status = status, .title = title };
    va_list args;
    va_start(args, format);
    char detail[1000];
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    text_add(&p.detail, detail, utf8_whole(detail, strlen(detail)));
    reply_problem(rq, &p, header, value);
    api_problem_done(&p);
}

static void job_json(const call *c, text *out)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "id"), json_text(&j, c->id);
    json_key(&j, "function"), json_text(&j, c->fn->name);
    json_key(&j, "status"), json_text(&j, state_names[c->state]);
    if (c->state == CALL_QUEUED && c->position) json_key(&j, "position"), json_int(&j, c->position);
    if (c->progress >= 0) json_key(&j, "progress"), json_number(&j, c->progress);
    if (c->words) json_key(&j, "text"), json_text(&j, c->words);
    if (c->state == CALL_DONE) json_key(&j, "output"), json_raw(&j, c->output.at, c->output.count);
    if (c->problem.status) {
        text problem = { 0 };
        api_problem_write(&c->problem, &problem);
        json_key(&j, "error"), json_raw(&j, problem.at, problem.count);
        text_done(&problem);
    }
    json_object_end(&j);
}

static void reply_job(const call *c, net_request *rq, int status)
{
    text body = { 0 };
    char *at = arena_printf(rq->arena, "%sapi/jobs/%s", c->hub->app->options.base_path, c->id);
    const char *headers[] = { "Location", at, "Preference-Applied", "respond-async", NULL };
    job_json(c, &body);
    net_reply(rq, status, &(net_answer){ .type = "application/json", .body = body.at, .count = body.count, .headers = status == 202 ? headers : NULL });
    text_done(&body);
}

static void reply(const call *c, net_request *rq)
{
    bool later = c->problem.status == 503;
    if (c->state == CALL_DONE) net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = c->output.at, .count = c->output.count });
    else reply_problem(rq, &c->problem, later ? "Retry-After" : NULL, "1");
}

/* ---- streams --------------------------------------------------------------------------------------------------------------------- */

static void send_event(call *c, const char *name, const text *body)
{
    for (int i = 0; i < c->streams.count; i++)
        net_channel_send_event(c->streams.at[i], name, NULL, body->at, body->count);
}

static void send_state(call *c, net_channel *only)
{
    text body = { 0 };
    const char *name = c->state == CALL_QUEUED ? "queued" : c->state == CALL_RUNNING ? "progress" : state_names[c->state];
    json j = json_to(&body);
    if (c->state == CALL_DONE) {
        json_raw(&j, c->output.at, c->output.count);
    } else if (c->problem.status) {
        api_problem_write(&c->problem, &body);
    } else {
        json_object(&j);
        if (c->state == CALL_QUEUED) json_key(&j, "position"), json_int(&j, c->position);
        if (c->progress >= 0) json_key(&j, "progress"), json_number(&j, c->progress);
        if (c->words) json_key(&j, "text"), json_text(&j, c->words);
        json_object_end(&j);
    }
    if (only) net_channel_send_event(only, name, NULL, body.at, body.count);
    else send_event(c, name, &body);
    text_done(&body);
}

static void call_cancel(call *c);
static void let_go(call *c);

static void stream_closed(net_channel *channel, int code, void *data)
{
    call *c = data;
    (void)code;
    for (int i = 0; i < c->streams.count; i++)
        if (c->streams.at[i] == channel) {
            list_remove(&c->streams, i);
            break;
        }
    if (!c->streams.count && !c->waiting.count && !c->kept && c->state <= CALL_RUNNING)
        call_cancel(c);                        /* nobody can hear of it any more */
    else
        let_go(c);
}

static const net_channel_events stream_events = { .on_close = stream_closed };

static void stream(call *c, net_request *rq)
{
    net_channel *channel = net_stream(rq, NULL, &stream_events, c);
    if (!channel)
        return;
    text so_far = { 0 };
    *list_add(&c->streams) = channel;
    send_state(c, channel);
    if (c->state <= CALL_RUNNING && c->put.list.count) {
        json j = json_to(&so_far);
        api_outputs(&j, c->out, c->scope, &c->put, false);
        net_channel_send_event(channel, "output", NULL, so_far.at, so_far.count);
    }
    text_done(&so_far);
    if (c->state > CALL_RUNNING)
        net_channel_close(channel, 0, NULL);
}

/* ---- a call's life ------------------------------------------------------------------------------------------------------------------ */

/* Its streams must have ended. */
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
    list_done(&c->waiting);
    list_done(&c->streams);
    mem_free(c);
}

static bool unused(const call *c)
{
    return !c->run && !c->streams.count && !c->waiting.count;
}

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
        if (all->ended.count <= KEPT_MOST && now - c->ended_ms < KEEP_MS)
            return;
        if (!unused(c)) {
            i++;
            continue;
        }
        list_remove(&all->ended, i);
        call_free(c);
    }
}

/* The call may be gone after that. */
static void call_ended(call *c, call_state state)
{
    c->state = state;
    c->ended_ms = clock_ms();
    c->position = 0;
    for (int i = 0; i < c->waiting.count; i++)
        reply(c, c->waiting.at[i]);
    list_done(&c->waiting);
    send_state(c, NULL);
    for (int i = 0; i < c->streams.count; i++)
        net_channel_close(c->streams.at[i], 0, NULL);
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

static void call_stop(call *c, int status, const char *title, const char *detail)
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

static void call_cancel(call *c) { call_stop(c, 409, "The call was cancelled", NULL); }

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

/* What grows is sent as what was added; else what it is now. */
static void send_puts(call *c, const run_batch *b)
{
    values changed = { 0 }, added = { 0 };
    for (int i = 0; i < b->puts.count; i++) {
        const run_put *p = &b->puts.at[i];
        put(&c->put, p);
        put(p->append && !values_find(&changed, p->id) ? &added : &changed, p);
    }
    const struct { const char *name; const values *of; } events[] = { { "output", &changed }, { "append", &added } };
    for (int i = 0; i < COUNT(events); i++) {
        text body = { 0 };
        json j = json_to(&body);
        api_outputs(&j, c->out, c->scope, events[i].of, false);
        if (body.count > 2)                    /* not {} */
            send_event(c, events[i].name, &body);
        text_done(&body);
    }
    values_done(&changed);
    values_done(&added);
}

static call *call_of(hub *h, uint64_t number) { return map_get(&h->calls->by_number, number); }

bool calls_own(const char *queue) { return !strncmp(queue, QUEUE, sizeof QUEUE - 1); }

void calls_wait(hub *h, uint64_t number, int position)
{
    call *c = call_of(h, number);
    if (!c || c->state > CALL_RUNNING)
        return;
    c->position = position;
    c->state = position ? CALL_QUEUED : CALL_RUNNING;
    send_state(c, NULL);
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
            send_state(c, NULL);
        }
        send_puts(c, b);
    }
    run_batch_free(b);
}

void calls_ran(hub *h, uint64_t number, run *r, bool refused)
{
    call *c = call_of(h, number);
    if (c) {
        c->run = NULL;
        loop_timer_stop(c->aside);
        c->aside = NULL;
    }
    if (c && c->state <= CALL_RUNNING) {
        for (int i = 0; i < r->puts.count; i++)
            put(&c->put, &r->puts.at[i]);
        const ez_record *out = c->out ? c->out : r->out_record;
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
            api_outputs(&j, out, c->scope, &c->put, true);
            call_ended(c, CALL_DONE);
        }
    } else if (c) {
        let_go(c);
    }
    run_free(r);
}

/* ---- what is asked ---------------------------------------------------------------------------------------------------------------------- */

static const app_function *function_of(const hub *h, const char *name)
{
    for (int i = 0; i < h->app->functions.count; i++)
        if (!strcmp(h->app->functions.at[i].name, name))
            return &h->app->functions.at[i];
    return NULL;
}

static void no_function(const hub *h, net_request *rq, const char *name)
{
    text there = { 0 };
    for (int i = 0; i < h->app->functions.count && i < 30; i++)
        text_printf(&there, "%s%s", i ? ", " : "there are: ", h->app->functions.at[i].name);
    refuse(rq, 404, "There is no such function", NULL, NULL, "%.100s is none of this program; %s", name, there.count ? there.at : "it has none, and gets one by ez_function in its setup");
    text_done(&there);
}

static run *prepare(call *c, values *in)
{
    hub *h = c->hub;
    run *r = run_new(RUN_JOB, c->fn->fn, &h->host);
    r->session = arena_printf(r->arena, QUEUE "%llu", (unsigned long long)c->number);
    r->visitor = "";
    r->path = arena_printf(r->arena, "/api/%s", c->fn->name);
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

static call *call_new(hub *h, const net_request *rq, const app_function *fn, uint64_t scope, values *in)
{
    call *c = mem_alloc(sizeof *c);
    char peer[ID_CHARS + 1];
    *c = (call){ .hub = h, .number = ++h->calls->made, .fn = fn, .progress = -1, .scope = scope, .out = fn->out };
    token_new(c->id);
    id_print(hash_text(rq->peer), peer);
    snprintf(c->queue, sizeof c->queue, QUEUE "%s", peer);
    map_put(&h->calls->by_number, c->number, c);
    map_put(&h->calls->by_id, hash_text(c->id), c);
    c->run = prepare(c, in);
    return c;
}

/* How the caller wants to hear of it. */
static void listen_to(call *c, net_request *rq)
{
    const char *prefer = net_header(rq, "prefer");
    bool later = prefer && strstr(prefer, "respond-async");
    c->kept = c->kept || later || c->key;
    if (later) reply_job(c, rq, 202);
    else if (net_accepts(rq, "text/event-stream")) stream(c, rq);
    else if (c->state > CALL_RUNNING) reply(c, rq);
    else *list_add(&c->waiting) = rq;
}

static void call_function(hub *h, net_request *rq, const app_function *fn)
{
    const char *key = net_header(rq, "idempotency-key"), *lacks = api_cannot_carry(fn->in), *blocked;
    char *path = arena_printf(rq->arena, "/api/%s", fn->name);
    uint64_t scope = run_page_scope(path), body = hash_bytes(rq->body, rq->count), named = key ? hash_mix(hash_text(fn->name), hash_text(key)) : 0;
    call *before = named ? map_get(&h->calls->by_key, named) : NULL;
    api_problem why = { 0 };
    values in = { 0 };
    if (key && (!*key || strlen(key) > KEY_MOST)) {
        refuse(rq, 400, "The Idempotency-Key cannot be used", NULL, NULL, "it has %zu bytes; use 1 to %d", strlen(key), KEY_MOST);
    } else if (before && before->body != body) {
        refuse(rq, 422, "The Idempotency-Key was used before", NULL, NULL, "…with other inputs; take a new key for a new call");
    } else if (before) {
        listen_to(before, rq);
    } else if (lacks || (lacks = api_cannot_carry(fn->out))) {
        refuse(rq, 501, "JSON cannot carry all of this function's fields", NULL, NULL, "%s has the field %s, which is a date, a file or a picture; it can be used on its page", fn->name, lacks);
    } else if ((blocked = crash_blocks(h->app->notes, QUEUE, path))) {
        refuse(rq, 503, "The function is not called for now", "Retry-After", "10", "%.800s", blocked);
    } else if (!api_inputs(fn->in, rq->body, rq->count, scope, &in, &why)) {
        reply_problem(rq, &why, NULL, NULL);
        api_problem_done(&why);
        values_done(&in);
    } else {
        call *c = call_new(h, rq, fn, scope, &in);
        c->body = body;
        c->key = named;
        if (named) map_put(&h->calls->by_key, named, c);
        listen_to(c, rq);
        job_add(h->jobs, &(job_order){ .session = c->queue, .job = c->number, .run = c->run, .function = (const void *)(intptr_t)fn->fn, .concurrency = fn->concurrency, .lane = fn->lane });
    }
}

static void about_job(hub *h, net_request *rq, const char *id)
{
    call *c = map_get(&h->calls->by_id, hash_text(id));
    if (!c || strcmp(c->id, id)) {
        refuse(rq, 404, "There is no such job", NULL, NULL, "jobs are known for %d minutes after their end, and to the process that ran them", KEEP_MS / 60000);
    } else if (!strcmp(rq->method, "DELETE")) {
        call_cancel(c);
        reply_job(c, rq, 200);
    } else if (strcmp(rq->method, "GET") && strcmp(rq->method, "HEAD")) {
        refuse(rq, 405, "A job is asked for or cancelled", "Allow", "GET, HEAD, DELETE", "use GET or DELETE, not %.20s", rq->method);
    } else if (net_accepts(rq, "text/event-stream")) {
        stream(c, rq);
    } else {
        reply_job(c, rq, 200);
    }
}

static void describe(hub *h, net_request *rq)
{
    text out = { 0 };
    api_function *all = arena_alloc(rq->arena, ((size_t)h->app->functions.count + 1) * sizeof *all);
    int count = 0;
    for (int i = 0; i < h->app->functions.count; i++) {
        const app_function *f = &h->app->functions.at[i];
        if (!api_cannot_carry(f->in) && !api_cannot_carry(f->out))
            all[count++] = (api_function){ f->name, f->help, f->in, f->out };
    }
    api_openapi(all, count, h->app->title ? h->app->title : "Easel", h->app->options.base_path, &out);
    net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = out.at, .count = out.count });
    text_done(&out);
}

void calls_handle(hub *h, net_request *rq, const char *path)
{
    bool get = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    const app_function *fn = function_of(h, path);
    if (!get && !guard_same_site(rq)) refuse(rq, 403, "A page of another site asked for this", NULL, NULL, "functions are called from the program's own pages, and by programs");
    else if (!strcmp(path, "openapi.json") && get) describe(h, rq);
    else if (!strncmp(path, "jobs/", 5)) about_job(h, rq, path + 5);
    else if (!fn) no_function(h, rq, path);
    else if (strcmp(rq->method, "POST")) refuse(rq, 405, "A function is called with POST", "Allow", "POST", "use POST, not %.20s", rq->method);
    else if (h->stopping) refuse(rq, 503, ENDS, "Retry-After", "1", "another process takes its place");
    else call_function(h, rq, fn);
}

/* ---- beginning and end ------------------------------------------------------------------------------------------------------------------- */

void calls_prepare(hub *h)
{
    h->calls = mem_alloc(sizeof *h->calls);
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
    for (; map_next(&all->by_number, &at, NULL, &value); at = 0) {
        call *c = value;
        for (int i = 0; i < c->waiting.count; i++)
            refuse(c->waiting.at[i], 503, ENDS, "Retry-After", "1", AGAIN);
        c->run = NULL;                         /* the queue's, or gone */
        call_free(c);
    }
    map_done(&all->by_number), map_done(&all->by_id), map_done(&all->by_key);
    list_done(&all->ended);
    mem_free(all);
}
