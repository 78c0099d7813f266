/* rest.c: functions as REST endpoints, described in docs/functions.md: JSON, event streams, jobs by "Prefer: respond-async", problems (RFC 9457), OpenAPI. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/calls.h"
#include "app/kept.h"
#include <stdio.h>
#include <string.h>

enum { KEY_MOST = 255 };

static const char *const state_names[] = { "queued", "running", "done", "failed", "cancelled" };

/* ---- problems -------------------------------------------------------------------------------------------------------------------- */

static void reply_problem(net_request *rq, const api_problem *p, const char *header, const char *value)
{
    text body = { 0 };
    if (!header)
        header = access_header(rq, p, &value);
    const char *headers[] = { header, value, NULL };
    api_problem_write(p, &body);
    net_reply(rq, p->status, &(net_answer){ .type = "application/problem+json", .body = body.at, .count = body.count, .headers = header ? headers : NULL });
    text_done(&body);
}

void rest_refuse(net_request *rq, int status, const char *title, const char *header, const char *value, const char *format, ...)
{
    api_problem p = { .status = status, .title = title };
    char detail[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    text_add(&p.detail, detail, utf8_whole(detail, strlen(detail)));
    reply_problem(rq, &p, header, value);
    api_problem_done(&p);
}

/* ---- jobs ------------------------------------------------------------------------------------------------------------------------ */

static void put_progress(json *j, const call *c)
{
    if (c->state == CALL_QUEUED && c->position) json_key(j, "position"), json_int(j, c->position);
    if (call_eta(c) >= 0) json_key(j, "eta"), json_number(j, call_eta(c));
    if (c->tries) json_key(j, "attempt"), json_int(j, c->tries + 1);
    if (c->again_ms) json_key(j, "retry_in"), json_number(j, c->again_ms > clock_ms() ? (double)(c->again_ms - clock_ms()) / 1000 : 0);
    if (c->progress >= 0) json_key(j, "progress"), json_number(j, c->progress);
    if (c->words) json_key(j, "text"), json_text(j, c->words);
}

static void put_job(const call *c, text *out)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "id"), json_text(&j, c->id);
    json_key(&j, "function"), json_text(&j, c->fn->name);
    json_key(&j, "status"), json_text(&j, state_names[c->state]);
    put_progress(&j, c);
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
    put_job(c, &body);
    net_reply(rq, status, &(net_answer){ .type = "application/json", .body = body.at, .count = body.count, .headers = status == 202 ? headers : NULL });
    text_done(&body);
}

/* ---- voices ---------------------------------------------------------------------------------------------------------------------- */

/* In the words of RFC 9211; NULL: this function's answers are not cached. */
static const char *const *cache_headers(const call *c, arena *a)
{
    const char **headers = arena_alloc(a, 5 * sizeof *headers);
    int64_t age = c->cached_ms ? (clock_ms() - c->cached_ms) / 1000 : 0;
    if (!c->fn->rules.cache_ttl_ms)
        return NULL;
    headers[0] = "Cache-Status";
    headers[1] = c->cached_ms ? arena_printf(a, "easel; hit; ttl=%lld", (long long)(c->fn->rules.cache_ttl_ms / 1000 - age)) : "easel; fwd=uri-miss; stored";
    if (c->cached_ms) headers[2] = "Age", headers[3] = arena_printf(a, "%lld", (long long)age);
    return headers;
}

static void answer_ended(call_ear *e)
{
    const call *c = e->of;
    if (c->state == CALL_DONE) net_reply(e->rq, 200, &(net_answer){ .type = "application/json", .body = c->output.at, .count = c->output.count, .headers = cache_headers(c, e->rq->arena) });
    else reply_problem(e->rq, &c->problem, NULL, NULL);
}

static const call_voice answer_voice = { .ended = answer_ended };

static void send_event(call_ear *e, const char *name, text *body)
{
    net_channel_send_event(e->stream, name, NULL, body->at, body->count);
    text_done(body);
}

static void stream_moved(call_ear *e)
{
    text body = { 0 };
    json j = json_to(&body);
    json_object(&j);
    put_progress(&j, e->of);
    json_object_end(&j);
    send_event(e, e->of->state == CALL_QUEUED ? "queued" : "progress", &body);
}

static void stream_put(call_ear *e, const values *changed, const values *added)
{
    const struct { const char *name; const values *of; } events[] = { { "output", changed }, { "append", added } };
    for (int i = 0; i < COUNT(events); i++) {
        text body = { 0 };
        json j = json_to(&body);
        api_outputs(&j, e->of->out, e->of->scope, events[i].of, false, &e->of->files);
        if (body.count > 2) send_event(e, events[i].name, &body);              /* not {} */
        else text_done(&body);
    }
}

static void stream_told(call_ear *e, ez_level level, const char *line)
{
    text body = { 0 };
    json j = json_to(&body);
    json_object(&j);
    json_member(&j, "level", call_level(level));
    json_member(&j, "text", line);
    json_object_end(&j);
    send_event(e, "log", &body);
}

static void stream_ended(call_ear *e)
{
    text body = { 0 };
    if (e->of->state == CALL_DONE) text_add(&body, e->of->output.at, e->of->output.count);
    else api_problem_write(&e->of->problem, &body);
    send_event(e, state_names[e->of->state], &body);
}

static const call_voice stream_voice = { .moved = stream_moved, .put = stream_put, .told = stream_told, .ended = stream_ended };

static bool is_later(const net_request *rq)
{
    const char *prefer = net_header(rq, "prefer");
    return prefer && strstr(prefer, "respond-async");
}

static void accepted(call_ear *e) { reply_job(e->of, e->rq, 202); }
static void job_ended(call_ear *e) { reply_job(e->of, e->rq, 200); }
static const call_voice accepted_voice = { .ended = accepted, .stored = accepted };
static const call_voice job_voice = { .ended = job_ended };

/* ---- what is asked --------------------------------------------------------------------------------------------------------------- */

static void no_function(const hub *h, net_request *rq, const char *name)
{
    text there = { 0 };
    for (int i = 0; i < h->app->functions.count && i < 30; i++)
        text_printf(&there, "%s%s", i ? ", " : "there are: ", h->app->functions.at[i].name);
    rest_refuse(rq, 404, "There is no such function", NULL, NULL, "%.100s is none of this program; %s", name, there.count ? there.at : "it has none, and gets one by ez_function in its setup");
    text_done(&there);
}

/* How the caller wants to hear of it. */
static void hear(call *c, net_request *rq)
{
    if (is_later(rq)) call_answer(c, &accepted_voice, rq, NULL);
    else if (net_accepts(rq, "text/event-stream")) call_stream(c, &stream_voice, rq, NULL, NULL);
    else call_answer(c, &answer_voice, rq, NULL);
}

static void begin(hub *h, net_request *rq, const app_function *fn, const text *inputs, const call_keep *keep)
{
    api_problem why = { 0 };
    call *c = call_begin(h, rq, fn, net_header(rq, "easel-session"), inputs->count ? inputs->at : "", inputs->count, keep, &why);
    if (c) hear(c, rq);
    else reply_problem(rq, &why, NULL, NULL);
    api_problem_done(&why);
}

static void refuse_elsewhere(net_request *rq)
{
    rest_refuse(rq, 503, "Another process works on it", "Retry-After", "1", "…or what is stored cannot be read at the moment; ask again in a moment");
}

/* A call with a key, while it is looked for whether there was one before. */
typedef struct keyed { hub *hub; net_request *rq; const app_function *fn; text inputs; call_keep keep; } keyed;       /* inputs: in the request's arena */

static void on_keyed(void *data, call *before, bool elsewhere)
{
    keyed k = *(keyed *)data;
    mem_free(data);
    if (before && before->body != k.keep.body) rest_refuse(k.rq, 422, "The Idempotency-Key was used before", NULL, NULL, "…with other inputs; take a new key for a new call");
    else if (before) hear(before, k.rq);
    else if (elsewhere || k.hub->stopping) refuse_elsewhere(k.rq);
    else begin(k.hub, k.rq, k.fn, &k.inputs, &k.keep);
}

/* The inputs as an object of JSON, whichever way they came, and a hash of what was sent: a file that is sent again is the same. False: the form is not whole, and this was said. */
static bool read_inputs(hub *h, net_request *rq, const ez_record *in, text *out, uint64_t *hash)
{
    const upload *u = upload_of(rq);
    const upload_part *parts;
    if (!u) {
        text_add(out, rq->body, rq->count);
        *hash = hash_bytes(rq->body, rq->count);
        return true;
    }
    *hash = 0;
    if (upload_problem(u)) {
        rest_refuse(rq, 400, "The form cannot be read", NULL, NULL, "%s", upload_problem(u));
        return false;
    }
    int count = upload_parts(u, &parts);
    json j = json_to(out);
    json_object(&j);
    for (int i = 0; i < count; i++) {
        api_member(&j, parts[i].is_file ? NULL : record_named(in, parts[i].name), parts[i].name, parts[i].value);
        const ez_file *file = parts[i].is_file ? files_find(hub_files(h), rq->arena, parts[i].value) : NULL;
        const char *said = file ? arena_printf(rq->arena, "%s %lld", file->name, file->size) : parts[i].value;
        *hash = hash_mix(*hash, hash_mix(hash_text(parts[i].name), hash_text(said)));
    }
    json_object_end(&j);
    return true;
}

static void call_it(hub *h, net_request *rq, const app_function *fn)
{
    const char *key = net_header(rq, "idempotency-key");
    text inputs = { .arena = rq->arena };
    uint64_t body;
    if (!read_inputs(h, rq, fn->in, &inputs, &body))
        return;
    uint64_t of = hash_mix(access_key(rq) ? access_caller(rq) : 0, hash_text(fn->name));      /* what others name with their keys is theirs */
    call_keep keep = { key ? hash_mix(of, hash_text(key)) | 1 : 0, body };
    if (key && (!*key || strlen(key) > KEY_MOST)) {
        rest_refuse(rq, 400, "The Idempotency-Key cannot be used", NULL, NULL, "it has %zu bytes; use 1 to %d", strlen(key), KEY_MOST);
    } else if (key) {
        keyed *k = mem_alloc(sizeof *k);
        *k = (keyed){ h, rq, fn, inputs, keep };
        kept_find(h, NULL, keep.key, on_keyed, k);
    } else {
        begin(h, rq, fn, &inputs, is_later(rq) ? &keep : NULL);
    }
}

typedef struct asked { hub *hub; net_request *rq; } asked;

static void on_job(void *data, call *c, bool elsewhere)
{
    asked a = *(asked *)data;
    mem_free(data);
    if (elsewhere) {
        refuse_elsewhere(a.rq);
    } else if (!c) {
        rest_refuse(a.rq, 404, "There is no such job", NULL, NULL, "jobs are known for a while after their end, as --job-ttl says");
    } else if (!strcmp(a.rq->method, "DELETE")) {
        c->kept = c->kept || c->state <= CALL_RUNNING;     /* who cancels may look what became of it */
        call_answer(c, &job_voice, a.rq, NULL);
        call_stop(c, 409, "The call was cancelled", NULL);
    } else if (net_accepts(a.rq, "text/event-stream")) {
        call_stream(c, &stream_voice, a.rq, NULL, NULL);
    } else {
        reply_job(c, a.rq, 200);
    }
}

static void about_job(hub *h, net_request *rq, const char *id)
{
    if (strcmp(rq->method, "GET") && strcmp(rq->method, "HEAD") && strcmp(rq->method, "DELETE")) {
        rest_refuse(rq, 405, "A job is asked for or cancelled", "Allow", "GET, HEAD, DELETE", "use GET or DELETE, not %.20s", rq->method);
        return;
    }
    asked *a = mem_alloc(sizeof *a);
    *a = (asked){ h, rq };
    kept_find(h, id, 0, on_job, a);
}

static void describe(hub *h, net_request *rq)
{
    text out = { 0 };
    api_function *all;
    int count = calls_list(h, rq, &all);
    api_openapi(all, count, h->app->title ? h->app->title : "Easel", h->app->options.base_path, &out);
    calls_reply(rq, 200, &out, NULL, NULL);
}

bool rest_handle(hub *h, net_request *rq, const char *path)
{
    if (!strcmp(path, "/openapi.json")) path = "/api/openapi.json";       /* where many tools look */
    if (strncmp(path, "/api/", 5))
        return false;
    path += 5;
    bool get = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    const app_function *fn = call_function(h, path);
    api_problem why = { 0 };
    if (!access_check(h, rq, &why)) reply_problem(rq, &why, NULL, NULL);
    else if (!strcmp(path, "openapi.json") && get) describe(h, rq);
    else if (!strncmp(path, "jobs/", 5)) about_job(h, rq, path + 5);
    else if (!fn) no_function(h, rq, path);
    else if (strcmp(rq->method, "POST")) rest_refuse(rq, 405, "A function is called with POST", "Allow", "POST", "use POST, not %.20s", rq->method);
    else if (h->stopping) rest_refuse(rq, 503, "The program ends", "Retry-After", "1", "another process takes its place");
    else call_it(h, rq, fn);
    api_problem_done(&why);
    return true;
}
