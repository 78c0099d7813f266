/* gradio.c: functions as endpoints of Gradio's protocol (sse_v3), for its official clients in Python and JavaScript and for curl.
 *
 * A client names its session by itself. All its events are told on one event stream, which it opens when it has joined the queue and which ends when none is
 * left. What is said while nobody listens waits: a stream that broke is taken up again. Events of a session that nobody hears of for a minute are cancelled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/calls.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { HASH_MOST = 100, SILENT_MS = 60000, LINGER_MS = 250, BACKLOG_MOST = 4 << 20, LISTENERS_MOST = 5000 };

#define PREFIX "/gradio_api/"

/* A client's session: who listens, and what waits to be told. */
typedef struct listener {
    hub         *hub;
    char         hash[HASH_MOST + 1];
    net_channel *stream;           /* that it listens to; NULL */
    int          lines;            /* streams that have not closed, the one above among them */
    LIST(char *) backlog;
    size_t       backlog_bytes;
    LIST(call_ear *) events;       /* that have not ended */
    loop_timer  *silent, *linger;
} listener;

struct gradio { map listeners; uint64_t app_id; };

/* ---- listeners ------------------------------------------------------------------------------------------------------------------- */

static void forget_backlog(listener *l)
{
    for (int i = 0; i < l->backlog.count; i++)
        mem_free(l->backlog.at[i]);
    list_done(&l->backlog);
    l->backlog_bytes = 0;
}

static void listener_free(listener *l)
{
    map_remove(&l->hub->gradio->listeners, hash_text(l->hash));
    loop_timer_stop(l->silent);
    loop_timer_stop(l->linger);
    forget_backlog(l);
    list_done(&l->events);
    mem_free(l);
}

static listener *listener_of(hub *h, const char *hash, bool make)
{
    listener *l = map_get(&h->gradio->listeners, hash_text(hash));
    if (l || !make)
        return l && !strcmp(l->hash, hash) ? l : NULL;
    l = mem_alloc(sizeof *l);
    l->hub = h;
    snprintf(l->hash, sizeof l->hash, "%s", hash);
    map_put(&h->gradio->listeners, hash_text(l->hash), l);
    return l;
}

static void look_after(listener *l);

static void on_silent(void *data)
{
    listener *l = data;
    l->silent = NULL;
    while (l->events.count) call_stop(l->events.at[0]->of, 409, "The call was cancelled", "nobody listens to it");
    forget_backlog(l);
    look_after(l);
}

/* One that has nothing to say and nobody to hear it goes; one that waits for its client does so for a while. */
static void look_after(listener *l)
{
    loop_timer_stop(l->silent);
    l->silent = NULL;
    if (!l->lines && !l->events.count && !l->backlog.count) listener_free(l);
    else if (!l->stream) l->silent = loop_timer_start(l->hub->loop, SILENT_MS, 0, on_silent, l);
}

static void say(listener *l, text *message)
{
    if (l->stream) {
        net_channel_send_event(l->stream, NULL, NULL, message->at, message->count);
    } else if (l->backlog_bytes < BACKLOG_MOST) {
        l->backlog_bytes += message->count;
        *list_add(&l->backlog) = mem_text(message->at);
    }
    text_done(message);
}

static void stream_closed(net_channel *c, int code, void *data)
{
    listener *l = data;
    (void)code;
    l->lines--;
    if (l->stream == c)
        l->stream = NULL;
    look_after(l);
}

static const net_channel_events stream_events = { .on_close = stream_closed };

/* The client opens another stream with its next event. */
static void on_linger(void *data)
{
    listener *l = data;
    text message = { 0 };
    l->linger = NULL;
    if (l->events.count || !l->stream)
        return;
    text_puts(&message, "{\"msg\":\"close_stream\",\"event_id\":null}");
    say(l, &message);
    net_channel_close(l->stream, 0, NULL);
    l->stream = NULL;
}

/* A client whose next event is on its way takes the stream for open, and loses the event with it: so it stays open for a moment. */
static void end_stream(listener *l)
{
    if (l->events.count || !l->stream)
        return;
    loop_timer_stop(l->linger);
    l->linger = loop_timer_start(l->hub->loop, LINGER_MS, 0, on_linger, l);
}

/* ---- what is said ---------------------------------------------------------------------------------------------------------------- */

static json begin(text *out, const char *kind, const char *event)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "msg"), json_text(&j, kind);
    json_key(&j, "event_id"), json_text(&j, event);
    return j;
}

static void full_data(json *j, const call *c)
{
    json_array(j);
    for (int i = 0; c->out && i < c->out->count; i++) {
        const ez_field *f = record_field(c->out, i);
        api_output(j, f, values_find(&c->put, run_key_id(c->scope, f->name)), &c->files);
    }
    json_array_end(j);
}

/* Of one that was cancelled: clients count its outputs. */
static void nothing(json *j, const call *c)
{
    json_array(j);
    for (int i = 0; c->out && i < c->out->count; i++) json_text(j, NULL);
    json_array_end(j);
}

/* Edits of each output since the last message: nothing, another value, or more of the same text. */
static void edits(json *j, const call *c, const values *changed, const values *added)
{
    json_array(j);
    for (int i = 0; c->out && i < c->out->count; i++) {
        const ez_field *f = record_field(c->out, i);
        uint64_t id = run_key_id(c->scope, f->name);
        const value *now = values_find(changed, id), *more = now ? NULL : values_find(added, id);
        json_array(j);
        if (now || more) {
            json_array(j);
            json_text(j, now ? "replace" : "append");
            json_array(j), json_array_end(j);
            api_output(j, f, now ? now : more, &c->files);
            json_array_end(j);
        }
        json_array_end(j);
    }
    json_array_end(j);
}

static void put_times(json *j, const call *c, bool generating)
{
    int64_t take = job_take(c->hub->jobs, (const void *)(intptr_t)c->fn->fn);
    json_key(j, "is_generating"), json_bool(j, generating);
    json_key(j, "duration"), json_number(j, call_seconds(c));
    json_key(j, "average_duration"), json_number(j, take >= 0 ? (double)take / 1000 : call_seconds(c));
    json_key(j, "render_config"), json_text(j, NULL);
    json_key(j, "changed_state_ids"), json_array(j), json_array_end(j);
}

/* The object `output` of an event that ended. */
static void put_output(json *j, const call *c)
{
    json_object(j);
    if (c->state == CALL_FAILED) {
        json_key(j, "error"), json_text(j, c->problem.detail.count ? c->problem.detail.at : c->problem.title);
        json_key(j, "title"), json_text(j, c->problem.title);
        json_key(j, "visible"), json_bool(j, true);
        json_key(j, "duration"), json_int(j, 10);
    } else {
        json_key(j, "data");
        if (c->state == CALL_DONE) full_data(j, c);
        else nothing(j, c);
        put_times(j, c, false);
    }
    json_object_end(j);
}

static void number_or_null(json *j, double n)
{
    if (n >= 0) json_number(j, n);
    else json_text(j, NULL);
}

static listener *listener_of_ear(const call_ear *e) { return listener_of(e->of->hub, e->token, false); }

static void event_moved(call_ear *e)
{
    listener *l = listener_of_ear(e);
    const call *c = e->of;
    text message = { 0 };
    if (!l)
        return;
    if (c->state == CALL_QUEUED) {
        json j = begin(&message, "estimation", c->id);
        json_key(&j, "rank"), json_int(&j, c->position ? c->position - 1 : 0);
        json_key(&j, "queue_size"), json_int(&j, job_waiting(c->hub->jobs) ? job_waiting(c->hub->jobs) : 1);
        json_key(&j, "rank_eta"), number_or_null(&j, call_eta(c));
        json_object_end(&j);
        say(l, &message);
        return;
    }
    if (!e->started) {
        json j = begin(&message, "process_starts", c->id);
        json_key(&j, "eta"), number_or_null(&j, call_eta(c));
        json_object_end(&j);
        e->started = true;
        say(l, &message);
    }
    if (c->progress >= 0) {
        json j = begin(&message, "progress", c->id);
        json_key(&j, "progress_data");
        json_array(&j);
        json_object(&j);
        json_key(&j, "index"), json_text(&j, NULL);
        json_key(&j, "length"), json_text(&j, NULL);
        json_key(&j, "unit"), json_text(&j, "steps");
        json_key(&j, "progress"), json_number(&j, c->progress);
        json_key(&j, "desc"), json_text(&j, c->words);
        json_object_end(&j);
        json_array_end(&j);
        json_object_end(&j);
        say(l, &message);
    }
}

static void event_put(call_ear *e, const values *changed, const values *added)
{
    listener *l = listener_of_ear(e);
    text message = { 0 };
    if (!l)
        return;
    json j = begin(&message, "process_generating", e->of->id);
    json_key(&j, "output");
    json_object(&j);
    json_key(&j, "data");
    if (e->told) edits(&j, e->of, changed, added);
    else full_data(&j, e->of);
    e->told = true;
    put_times(&j, e->of, true);
    json_object_end(&j);
    json_key(&j, "success"), json_bool(&j, true);
    json_key(&j, "time_limit"), json_text(&j, NULL);
    json_object_end(&j);
    say(l, &message);
}

static void event_ended(call_ear *e)
{
    listener *l = listener_of_ear(e);
    text message = { 0 };
    if (!l)
        return;
    json j = begin(&message, "process_completed", e->of->id);
    json_key(&j, "output"), put_output(&j, e->of);
    json_key(&j, "success"), json_bool(&j, e->of->state != CALL_FAILED);
    json_key(&j, "title"), json_text(&j, e->of->state == CALL_FAILED ? e->of->problem.title : NULL);
    json_object_end(&j);
    say(l, &message);
    for (int i = 0; i < l->events.count; i++)
        if (l->events.at[i] == e) {
            list_remove(&l->events, i);
            break;
        }
    end_stream(l);
}

static const call_voice event_voice = { event_moved, event_put, event_ended, NULL };

/* ---- /call and /run -------------------------------------------------------------------------------------------------------------- */

static void curl_event(call_ear *e, const char *name, bool whole)
{
    text body = { 0 };
    json j = json_to(&body);
    if (whole) full_data(&j, e->of);
    else put_output(&j, e->of);
    net_channel_send_event(e->stream, name, NULL, body.at, body.count);
    text_done(&body);
}

static void curl_put(call_ear *e, const values *changed, const values *added)
{
    (void)changed;
    (void)added;
    curl_event(e, "generating", true);
}

static void curl_ended(call_ear *e)
{
    bool done = e->of->state == CALL_DONE;
    curl_event(e, done ? "complete" : "error", done);
}

static void run_ended(call_ear *e)
{
    text body = { 0 };
    json j = json_to(&body);
    put_output(&j, e->of);
    calls_reply(e->rq, e->of->state == CALL_DONE ? 200 : 500, &body, NULL, NULL);
}

static const call_voice curl_voice = { .put = curl_put, .ended = curl_ended };
static const call_voice run_voice = { .ended = run_ended };

/* ---- calls ----------------------------------------------------------------------------------------------------------------------- */

static void refuse(net_request *rq, const api_problem *p)
{
    const char *value, *header = access_header(rq, p, &value), *words = p->title ? arena_printf(rq->arena, "%s: %s", p->title, p->detail.at) : p->detail.at;
    text body = { 0 };
    json j = json_to(&body);
    json_object(&j);
    json_key(&j, "detail"), json_text_n(&j, words, utf8_whole(words, strlen(words)));
    json_object_end(&j);
    calls_reply(rq, p->status, &body, header, value);
}

static void detail(net_request *rq, int status, const char *format, ...) EZ_FORMAT(3, 4);
static void detail(net_request *rq, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *words = arena_vprintf(rq->arena, format, args);
    va_end(args);
    refuse(rq, &(api_problem){ .status = status, .detail = { .at = words } });
}

static void success(net_request *rq) { net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = "{\"success\":true}" }); }

static const app_function *function_with_number(hub *h, net_request *rq, int number)
{
    api_function *all;
    int count = calls_list(h, rq, &all);
    return number >= 0 && number < count ? call_function(h, all[number].name) : NULL;
}

/* Inputs by position as an object; nulls are left to the fields' own values. NULL: `data` is no list of as many. */
static char *by_name(const ez_record *in, const cJSON *data)
{
    cJSON *o = cJSON_CreateObject();
    int count = in ? in->count : 0;
    bool good = cJSON_IsArray(data) && cJSON_GetArraySize(data) <= count;
    for (int i = 0; good && i < cJSON_GetArraySize(data); i++) {
        const cJSON *v = cJSON_GetArrayItem(data, i);
        if (!cJSON_IsNull(v)) cJSON_AddItemToObject(o, record_field(in, i)->name, cJSON_Duplicate(v, true));
    }
    char *out = good ? cJSON_PrintUnformatted(o) : NULL;
    cJSON_Delete(o);
    return out;
}

/* What Gradio says when a validator refuses inputs: its clients show each message. */
static void refuse_inputs(net_request *rq, api_problem *why)
{
    text body = { 0 }, list = { 0 };
    text_printf(&list, "[%s]", why->errors.count ? why->errors.at : "");
    cJSON *errors = cJSON_Parse(list.at), *one;
    json j = json_to(&body);
    json_object(&j);
    json_key(&j, "detail");
    json_array(&j);
    cJSON_ArrayForEach(one, errors) {
        const char *pointer = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "pointer"));
        json_object(&j);
        json_key(&j, "__type__"), json_text(&j, "validate");
        json_key(&j, "is_valid"), json_bool(&j, false);
        json_key(&j, "message"), json_text(&j, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "detail")));
        json_key(&j, "parameter_name"), json_text(&j, pointer && *pointer ? pointer + 1 : "");
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    calls_reply(rq, 422, &body, NULL, NULL);
    cJSON_Delete(errors);
    text_done(&list);
}

/* NULL: it was refused. */
static call *begin_call(hub *h, net_request *rq, const app_function *fn, const char *inputs)
{
    api_problem why = { 0 };
    call *c = h->stopping ? NULL : call_begin(h, rq, fn, inputs, strlen(inputs), NULL, &why);
    if (h->stopping) detail(rq, 503, "the program ends; call again");
    else if (!c && why.errors.count) refuse_inputs(rq, &why);
    else if (!c) refuse(rq, &why);
    api_problem_done(&why);
    return c;
}

static void reply_event(net_request *rq, const char *id)
{
    char *body = arena_printf(rq->arena, "{\"event_id\":\"%s\"}", id);
    net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = body });
}

static void join(hub *h, net_request *rq, const cJSON *o)
{
    const char *hash = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "session_hash"));
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(o, "fn_index");
    const app_function *fn = cJSON_IsNumber(number) ? function_with_number(h, rq, number->valueint) : NULL;
    char *inputs = fn ? by_name(fn->in, cJSON_GetObjectItemCaseSensitive(o, "data")) : NULL;
    call *c = NULL;
    if (!hash || !*hash || strlen(hash) > HASH_MOST) detail(rq, 400, "session_hash is missing or longer than %d bytes", HASH_MOST);
    else if (!listener_of(h, hash, false) && h->gradio->listeners.count >= LISTENERS_MOST) detail(rq, 503, "%d sessions wait for their clients already; try again in a minute", LISTENERS_MOST);
    else if (!fn) detail(rq, 404, "there is no function with this fn_index; /config says which there are");
    else if (!inputs) detail(rq, 422, "data is no list of at most %d inputs", fn->in ? fn->in->count : 0);
    else c = begin_call(h, rq, fn, inputs);
    if (c) {
        listener *l = listener_of(h, hash, true);
        call_ear *e = call_follow(c, &event_voice, hash);
        *list_add(&l->events) = e;
        event_moved(e);
        call_heard(e);
        look_after(l);
        reply_event(rq, c->id);
    }
    cJSON_free(inputs);
}

static void data(hub *h, net_request *rq)
{
    const char *hash = net_query(rq, "session_hash");
    listener *l = hash && strlen(hash) <= HASH_MOST ? listener_of(h, hash, false) : NULL;
    if (!l) {
        static const net_channel_events deaf = { 0 };
        static const char lost[] = "{\"msg\":\"unexpected_error\",\"event_id\":null,\"message\":\"Session not found\",\"session_not_found\":true,\"success\":false}";
        net_channel *c = net_stream(rq, NULL, &deaf, NULL);
        if (c) net_channel_send_event(c, NULL, NULL, lost, sizeof lost - 1), net_channel_close(c, 0, NULL);
        return;
    }
    net_channel *before = l->stream, *c = net_stream(rq, NULL, &stream_events, l);
    if (!c)
        return;
    l->stream = c;
    l->lines++;
    if (before) net_channel_close(before, 0, NULL);        /* the newest hears everything */
    look_after(l);
    for (int i = 0; i < l->backlog.count; i++)
        net_channel_send_event(c, NULL, NULL, l->backlog.at[i], strlen(l->backlog.at[i]));
    forget_backlog(l);
    end_stream(l);
}

static void cancel(hub *h, net_request *rq, const cJSON *o)
{
    const char *hash = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "session_hash")), *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "event_id"));
    listener *l = hash && strlen(hash) <= HASH_MOST ? listener_of(h, hash, false) : NULL;
    for (int i = 0; l && id && i < l->events.count; i++)
        if (!strcmp(l->events.at[i]->of->id, id)) {
            call_stop(l->events.at[i]->of, 409, "The call was cancelled", NULL);
            break;
        }
    success(rq);
}

/* POST call/NAME with a list, call/v2/NAME with names; GET call/NAME/EVENT. */
static void call_by_name(hub *h, net_request *rq, const char *path, const cJSON *o)
{
    bool named = !strncmp(path, "v2/", 3);
    const char *name = named ? path + 3 : path, *slash = strchr(name, '/');
    if (!strcmp(rq->method, "GET")) {
        call *c = slash ? call_with_id(h, slash + 1) : NULL;
        if (c) call_stream(c, &curl_voice, rq, NULL, NULL);
        else detail(rq, 404, "there is no such event");
        return;
    }
    const app_function *fn = call_function(h, name);
    if (!fn) {
        detail(rq, 404, "there is no function %.100s", name);
        return;
    }
    char *inputs = named ? cJSON_PrintUnformatted(o) : by_name(fn->in, cJSON_GetObjectItemCaseSensitive(o, "data"));
    call *c = inputs ? begin_call(h, rq, fn, inputs) : (detail(rq, 422, "data is no list of at most %d inputs", fn->in ? fn->in->count : 0), NULL);
    cJSON_free(inputs);
    if (!c)
        return;
    c->kept = true;
    reply_event(rq, c->id);
}

static void run_by_name(hub *h, net_request *rq, const char *name, const cJSON *o)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(o, "fn_index");
    const app_function *fn = cJSON_IsNumber(number) ? function_with_number(h, rq, number->valueint) : call_function(h, name);
    char *inputs = fn ? by_name(fn->in, cJSON_GetObjectItemCaseSensitive(o, "data")) : NULL;
    call *c = NULL;
    if (!fn) detail(rq, 404, "there is no function %.100s", name);
    else if (!inputs) detail(rq, 422, "data is no list of at most %d inputs", fn->in ? fn->in->count : 0);
    else c = begin_call(h, rq, fn, inputs);
    cJSON_free(inputs);
    if (c) call_answer(c, &run_voice, rq, NULL);
}

/* ---- the router ------------------------------------------------------------------------------------------------------------------ */

static void describe(hub *h, net_request *rq, bool config)
{
    text out = { 0 };
    api_function *all;
    int count = calls_list(h, rq, &all);
    const char *address = routes_root(h, rq), *root = arena_text_n(rq->arena, address, strlen(address) - 1);
    if (config) api_gradio_config(all, count, h->app->title ? h->app->title : "Easel", root, h->gradio->app_id, &out);
    else api_gradio_info(all, count, &out);
    calls_reply(rq, 200, &out, NULL, NULL);
}

static void heartbeat(net_request *rq)
{
    static const net_channel_events deaf = { 0 };
    net_channel *c = net_stream(rq, NULL, &deaf, NULL);
    if (c) net_channel_send_event(c, NULL, NULL, "ALIVE", 5);
}

/* An upload is answered when it is there, and its client counts what it has sent. */
static void upload_progress(net_request *rq)
{
    static const net_channel_events deaf = { 0 };
    net_channel *c = net_stream(rq, NULL, &deaf, NULL);
    if (c) net_channel_send_event(c, NULL, NULL, "{\"msg\":\"done\"}", 14), net_channel_close(c, 0, NULL);
}

/* A list of paths, which the client sends back as inputs. */
static void uploaded(hub *h, net_request *rq)
{
    const upload *u = upload_of(rq);
    const upload_part *parts;
    text out = { 0 };
    json j = json_to(&out);
    if (!u || upload_problem(u)) {
        detail(rq, u ? 400 : 415, "%s", u ? upload_problem(u) : "send files as multipart/form-data");
        return;
    }
    int count = upload_parts(u, &parts);
    json_array(&j);
    for (int i = 0; i < count; i++) {
        const ez_file *f = parts[i].is_file ? files_find(hub_files(h), rq->arena, parts[i].value) : NULL;
        if (f) json_text(&j, arena_printf(rq->arena, "%s/%s", parts[i].value, f->name));
    }
    json_array_end(&j);
    calls_reply(rq, 200, &out, NULL, NULL);
}

static void asked(hub *h, net_request *rq, const char *path)
{
    if (!strcmp(path, "info") || !strcmp(path, "info/")) describe(h, rq, false);
    else if (!strcmp(path, "queue/data")) data(h, rq);
    else if (!strncmp(path, "heartbeat/", 10)) heartbeat(rq);
    else if (!strncmp(path, "call/", 5)) call_by_name(h, rq, path + 5, NULL);
    else if (!strncmp(path, "file=", 5)) files_give(h, rq, path + 5);
    else if (!strcmp(path, "upload_progress")) upload_progress(rq);
    else if (!strcmp(path, "app_id")) net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = arena_printf(rq->arena, "{\"app_id\":%lld}", (long long)(h->gradio->app_id >> 12)) });
    else detail(rq, 404, "Not Found");
}

static void posted(hub *h, net_request *rq, const char *path, const cJSON *o)
{
    if (!strcmp(path, "queue/join")) join(h, rq, o);
    else if (!strcmp(path, "cancel")) cancel(h, rq, o);
    else if (!strcmp(path, "reset") || !strcmp(path, "reset/")) success(rq);
    else if (!strncmp(path, "call/", 5)) call_by_name(h, rq, path + 5, o);
    else if (!strncmp(path, "run/", 4) || !strncmp(path, "api/", 4)) run_by_name(h, rq, path + 4, o);
    else detail(rq, 404, "Not Found");
}

bool gradio_handle(hub *h, net_request *rq, const char *path)
{
    bool get = !strcmp(rq->method, "GET"), config = !strcmp(path, "/config") || !strcmp(path, "/config/");
    if (!config && strncmp(path, PREFIX, sizeof PREFIX - 1))
        return false;
    api_problem why = { 0 };
    if (!access_check(h, rq, &why)) {
        refuse(rq, &why);
    } else if (config) {
        describe(h, rq, true);
    } else if (get) {
        asked(h, rq, path + sizeof PREFIX - 1);
    } else if (strcmp(rq->method, "POST")) {
        detail(rq, 405, "Method Not Allowed");
    } else if (!strcmp(path, PREFIX "upload")) {
        uploaded(h, rq);
    } else {
        cJSON *o = cJSON_ParseWithLength(rq->body, rq->count);
        if (cJSON_IsObject(o)) posted(h, rq, path + sizeof PREFIX - 1, o);
        else detail(rq, 422, "the body is no object of JSON");
        cJSON_Delete(o);
    }
    api_problem_done(&why);
    return true;
}

void gradio_prepare(hub *h)
{
    h->gradio = mem_alloc(sizeof *h->gradio);
    random_bytes(&h->gradio->app_id, sizeof h->gradio->app_id);
}

void gradio_free(hub *h)
{
    int at = 0;
    void *value;
    for (; map_next(&h->gradio->listeners, &at, NULL, &value); at = 0)
        listener_free(value);
    map_done(&h->gradio->listeners);
    mem_free(h->gradio);
    h->gradio = NULL;
}
