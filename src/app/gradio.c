/* gradio.c: functions as endpoints of Gradio's protocol (sse_v3), for its official clients in Python and JavaScript and for curl: the addresses, and how calls begin. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gradio.h"
#include "app/callers.h"
#include <stdio.h>
#include <string.h>

/* ---- what is refused --------------------------------------------------------------------------------------------------------------- */

void gradio_refuse(net_request *rq, const api_problem *p)
{
    const char *value, *header = access_header(rq, p, &value), *words = p->title ? arena_printf(rq->arena, "%s: %s", p->title, p->detail.at) : p->detail.at;
    text body = { 0 };
    json j = json_to(&body);
    json_object(&j);
    json_key(&j, "detail"), json_text_n(&j, words, utf8_whole(words, strlen(words)));
    json_object_end(&j);
    calls_reply(rq, p->status, &body, header, value);
}

void gradio_detail(net_request *rq, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *words = arena_vprintf(rq->arena, format, args);
    va_end(args);
    gradio_refuse(rq, &(api_problem){ .status = status, .detail = { .at = words } });
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

/* ---- calls ------------------------------------------------------------------------------------------------------------------------- */

static void success(net_request *rq) { net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = "{\"success\":true}" }); }

const char *gradio_session(net_request *rq, const cJSON *o, bool *wrong)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, "session_hash");
    *wrong = v && !cJSON_IsNull(v) && (!cJSON_IsString(v) || !*v->valuestring || strlen(v->valuestring) > CALLER_NAME_MOST);
    if (*wrong) gradio_detail(rq, 400, "session_hash is a text of 1 to %d bytes", CALLER_NAME_MOST);
    return *wrong ? NULL : cJSON_GetStringValue(v);
}

const app_function *gradio_function(hub *h, net_request *rq, const cJSON *o)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(o, "fn_index");
    api_function *all;
    int count = calls_list(h, rq, &all);
    return cJSON_IsNumber(number) && number->valueint >= 0 && number->valueint < count ? call_function(h, all[number->valueint].name) : NULL;
}

/* Nulls are left to the fields' own values, and the state is none of the client's. */
char *gradio_inputs(net_request *rq, const app_function *fn, const cJSON *data)
{
    int fields = fn->in ? fn->in->count : 0, i = 0;
    const cJSON *v;
    if (!cJSON_IsArray(data) || cJSON_GetArraySize(data) > fields + gradio_keeps(fn)) {
        gradio_detail(rq, 422, "data is no list of at most %d inputs", fields);
        return NULL;
    }
    cJSON *o = cJSON_CreateObject();
    cJSON_ArrayForEach(v, data) {
        if (i < fields && !cJSON_IsNull(v)) cJSON_AddItemToObject(o, record_field(fn->in, i)->name, cJSON_Duplicate(v, true));
        i++;
    }
    char *out = cJSON_PrintUnformatted(o);
    cJSON_Delete(o);
    return out;
}

call *gradio_begin(hub *h, net_request *rq, const app_function *fn, const char *session, const char *inputs, bool keeps)
{
    api_problem why = { 0 };
    call *c = h->stopping ? NULL : call_begin(h, rq, fn, session, inputs, strlen(inputs), keeps ? &(call_keep){ 0, 0 } : NULL, &why);
    if (h->stopping) gradio_detail(rq, 503, "the program ends; call again");
    else if (!c && why.errors.count) refuse_inputs(rq, &why);
    else if (!c) gradio_refuse(rq, &why);
    api_problem_done(&why);
    return c;
}

void gradio_event(net_request *rq, const char *id)
{
    char *body = arena_printf(rq->arena, "{\"event_id\":\"%s\"}", id);
    net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = body });
}

static void join(hub *h, net_request *rq, const cJSON *o)
{
    bool wrong;
    const app_function *fn = gradio_function(h, rq, o);
    const char *session = gradio_session(rq, o, &wrong);
    if (wrong)
        return;
    if (!session) {
        gradio_detail(rq, 400, "session_hash is missing");
    } else if (!fn) {
        gradio_detail(rq, 404, "there is no function with this fn_index; /config says which there are");
    } else if (gradio_room(h, rq, session)) {
        char *inputs = gradio_inputs(rq, fn, cJSON_GetObjectItemCaseSensitive(o, "data"));
        call *c = inputs ? gradio_begin(h, rq, fn, session, inputs, false) : NULL;
        if (c) gradio_tell(h, c, session), gradio_event(rq, c->id);
        cJSON_free(inputs);
    }
}

static void cancel(hub *h, net_request *rq, const cJSON *o)
{
    gradio_cancel(h, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "session_hash")), cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "event_id")));
    success(rq);
}

/* With a session, its state begins anew. Clients name an event that they have cancelled, which changes nothing any more. */
static void reset(hub *h, net_request *rq, const cJSON *o)
{
    bool wrong;
    const char *session = gradio_session(rq, o, &wrong);
    if (wrong)
        return;
    if (session) caller_reset(h, rq, session);
    success(rq);
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
        gradio_detail(rq, u ? 400 : 415, "%s", u ? upload_problem(u) : "send files as multipart/form-data");
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
    else if (!strcmp(path, "queue/data")) gradio_listen(h, rq);
    else if (!strncmp(path, "heartbeat/", 10)) gradio_heartbeat(h, rq, path + 10);
    else if (!strncmp(path, "call/", 5)) gradio_call(h, rq, path + 5, NULL);
    else if (!strncmp(path, "file=", 5)) files_give(h, rq, path + 5);
    else if (!strcmp(path, "upload_progress")) upload_progress(rq);
    else if (!strcmp(path, "app_id")) net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = arena_printf(rq->arena, "{\"app_id\":%lld}", (long long)(h->gradio->app_id >> 12)) });
    else gradio_detail(rq, 404, "Not Found");
}

static void posted(hub *h, net_request *rq, const char *path, const cJSON *o)
{
    if (!strcmp(path, "queue/join")) join(h, rq, o);
    else if (!strcmp(path, "cancel")) cancel(h, rq, o);
    else if (!strcmp(path, "reset") || !strcmp(path, "reset/")) reset(h, rq, o);
    else if (!strncmp(path, "call/", 5)) gradio_call(h, rq, path + 5, o);
    else if (!strncmp(path, "run/", 4) || !strncmp(path, "api/", 4)) gradio_run(h, rq, path + 4, o);
    else gradio_detail(rq, 404, "Not Found");
}

bool gradio_handle(hub *h, net_request *rq, const char *path)
{
    bool get = !strcmp(rq->method, "GET"), config = !strcmp(path, "/config") || !strcmp(path, "/config/");
    if (!config && strncmp(path, GRADIO_PREFIX, sizeof GRADIO_PREFIX - 1))
        return false;
    api_problem why = { 0 };
    if (!access_check(h, rq, &why)) {
        gradio_refuse(rq, &why);
    } else if (config) {
        describe(h, rq, true);
    } else if (get) {
        asked(h, rq, path + sizeof GRADIO_PREFIX - 1);
    } else if (strcmp(rq->method, "POST")) {
        gradio_detail(rq, 405, "Method Not Allowed");
    } else if (!strcmp(path, GRADIO_PREFIX "upload")) {
        uploaded(h, rq);
    } else {
        cJSON *o = cJSON_ParseWithLength(rq->body, rq->count);
        if (cJSON_IsObject(o)) posted(h, rq, path + sizeof GRADIO_PREFIX - 1, o);
        else gradio_detail(rq, 422, "the body is no object of JSON");
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
    gradio_run_free(h);
    gradio_listen_free(h);
    mem_free(h->gradio);
    h->gradio = NULL;
}
