/* mcp.c: functions as tools of the Model Context Protocol, over its Streamable HTTP transport (modelcontextprotocol.io/specification).
 *
 * Two ways of talking are served at one address. Revision 2026-07-28 has no handshake: each request says version and method in headers and what the client
 * can in `_meta`, and asks what there is by server/discover. Those before begin with `initialize`, which gives the client a name for itself, so that
 * its notifications/cancelled finds the call that it means. Nothing else is kept between two requests, so any process may answer the next one.
 *
 * A call that asks for progress is answered by an event stream, others by one object of JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/calls.h"
#include "base/version.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { RPC_PARSE = -32700, RPC_REQUEST = -32600, RPC_METHOD = -32601, RPC_PARAMS = -32602, RPC_RESOURCE = -32002, RPC_HEADERS = -32020, RPC_VERSION = -32022 };

enum { IMAGE_MOST = 2 << 20, READ_MOST = 8 << 20 };        /* bytes that come along in an answer; that resources/read gives */

#define MODERN "2026-07-28"
#define META "io.modelcontextprotocol/"
static const char *const versions[] = { MODERN, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05" };   /* newest first */
enum { LATEST_HANDSHAKE = 1 };

/* One message: what was asked, and whether in the modern way. */
typedef struct asking {
    hub         *hub;
    net_request *rq;
    cJSON       *message, *params;
    const char  *method;
    char        *id;               /* as JSON; NULL: a notification */
    bool         modern;
} asking;

/* ---- answers --------------------------------------------------------------------------------------------------------------------- */

static json begin_message(text *out, const char *id)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "jsonrpc"), json_text(&j, "2.0");
    json_key(&j, "id"), json_raw(&j, id ? id : "null", id ? strlen(id) : 4);
    return j;
}

static void refuse(asking *a, int status, int code, const char *format, ...) EZ_FORMAT(4, 5);
static void refuse(asking *a, int status, int code, const char *format, ...)
{
    char words[500];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text body = { 0 };
    json j = begin_message(&body, a->id);
    json_key(&j, "error");
    json_object(&j);
    json_key(&j, "code"), json_int(&j, code);
    json_key(&j, "message"), json_text_n(&j, words, utf8_whole(words, strlen(words)));
    if (code == RPC_VERSION) {
        json_key(&j, "data");
        json_object(&j);
        json_key(&j, "supported");
        json_array(&j);
        for (int i = 0; i < COUNT(versions); i++) json_text(&j, versions[i]);
        json_array_end(&j);
        const char *asked = net_header(a->rq, "mcp-protocol-version");
        json_key(&j, "requested"), json_text(&j, asked ? asked : "");
        json_object_end(&j);
    }
    json_object_end(&j);
    json_object_end(&j);
    calls_reply(a->rq, status, &body, NULL, NULL);
}

/* Whoever may not ask is told so without looking at what he asks. */
static void refuse_caller(net_request *rq, const api_problem *why)
{
    const char *value, *header = access_header(rq, why, &value);
    text body = { 0 };
    json j = begin_message(&body, NULL);
    json_key(&j, "error");
    json_object(&j);
    json_key(&j, "code"), json_int(&j, RPC_REQUEST);
    json_key(&j, "message"), json_text(&j, arena_printf(rq->arena, "%s: %s", why->title, why->detail.at));
    json_object_end(&j);
    json_object_end(&j);
    calls_reply(rq, why->status, &body, header, value);
}

/* Members that results of the modern revision have and those before ignore. */
static void end_result(json *j, bool lasts)
{
    json_key(j, "resultType"), json_text(j, "complete");
    if (lasts) {
        json_key(j, "ttlMs"), json_int(j, 0);
        json_key(j, "cacheScope"), json_text(j, "private");
    }
    json_key(j, "_meta");
    json_object(j);
    json_key(j, META "serverInfo");
    json_object(j);
    json_key(j, "name"), json_text(j, "easel");
    json_key(j, "version"), json_text(j, EASEL_VERSION);
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
}

static void begin_result(json *j)
{
    json_key(j, "result");
    json_object(j);
}

/* ---- who are you ----------------------------------------------------------------------------------------------------------------- */

static void put_capabilities(json *j)
{
    json_key(j, "capabilities");
    json_object(j);
    json_key(j, "tools");
    json_object(j);
    json_object_end(j);
    json_key(j, "resources");
    json_object(j);
    json_object_end(j);
    json_object_end(j);
}

static void initialize(asking *a)
{
    const char *asked = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a->params, "protocolVersion")), *version = versions[LATEST_HANDSHAKE];
    char name[TOKEN_CHARS + 1];
    for (int i = LATEST_HANDSHAKE; asked && i < COUNT(versions); i++)
        if (!strcmp(asked, versions[i])) version = versions[i];
    token_new(name);
    text body = { 0 };
    json j = begin_message(&body, a->id);
    begin_result(&j);
    json_key(&j, "protocolVersion"), json_text(&j, version);
    put_capabilities(&j);
    json_key(&j, "serverInfo");
    json_object(&j);
    json_key(&j, "name"), json_text(&j, a->hub->app->title ? a->hub->app->title : "easel");
    json_key(&j, "version"), json_text(&j, EASEL_VERSION);
    json_object_end(&j);
    end_result(&j, false);
    calls_reply(a->rq, 200, &body, "Mcp-Session-Id", name);
}

static void discover(asking *a)
{
    text body = { 0 };
    json j = begin_message(&body, a->id);
    begin_result(&j);
    json_key(&j, "supportedVersions");
    json_array(&j);
    for (int i = 0; i < COUNT(versions); i++) json_text(&j, versions[i]);
    json_array_end(&j);
    put_capabilities(&j);
    end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

static void ping(asking *a)
{
    text body = { 0 };
    json j = begin_message(&body, a->id);
    json_key(&j, "result");
    json_object(&j);
    json_object_end(&j);
    json_object_end(&j);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

/* ---- tools ----------------------------------------------------------------------------------------------------------------------- */

static void list_tools(asking *a)
{
    text body = { 0 };
    json j = begin_message(&body, a->id);
    begin_result(&j);
    json_key(&j, "tools");
    json_array(&j);
    api_function *all;
    int count = calls_list(a->hub, a->rq, &all);
    for (int i = 0; i < count; i++) {
        const api_function *f = &all[i];
        json_object(&j);
        json_key(&j, "name"), json_text(&j, f->name);
        if (f->help) json_key(&j, "description"), json_text(&j, f->help);
        json_key(&j, "inputSchema"), api_schema(&j, f->in);
        if (f->out) json_key(&j, "outputSchema"), api_schema(&j, f->out);
        json_object_end(&j);
    }
    json_array_end(&j);
    end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

static bool read_whole(const ez_file *f, text *out)
{
    char piece[16384];
    size_t got;
    FILE *in = fopen(f->path, "rbe");
    if (!in) return false;
    while ((got = fread(piece, 1, sizeof piece, in)) > 0) text_add(out, piece, got);
    fclose(in);
    return true;
}

/* A picture that a model can look at comes along; every file is a link to a resource, which resources/read gives. */
static void put_file(json *j, arena *a, const char *id, const ez_file *f, const char *root)
{
    text bytes = { 0 }, data = { 0 };
    if (!strncmp(f->type, "image/", 6) && f->size <= IMAGE_MOST && read_whole(f, &bytes)) {
        base64_text(&data, bytes.at, bytes.count);
        json_object(j);
        json_key(j, "type"), json_text(j, "image");
        json_key(j, "data"), json_text_n(j, data.at, data.count);
        json_key(j, "mimeType"), json_text(j, f->type);
        json_object_end(j);
    }
    json_object(j);
    json_key(j, "type"), json_text(j, "resource_link");
    json_key(j, "uri"), json_text(j, arena_printf(a, "%s%s", root, file_address(a, id, f->name)));
    json_key(j, "name"), json_text(j, f->name);
    json_key(j, "mimeType"), json_text(j, f->type);
    json_key(j, "size"), json_int(j, f->size);
    json_object_end(j);
    text_done(&bytes);
    text_done(&data);
}

static void put_files(json *j, const call *c)
{
    arena *a = arena_new();
    for (int i = 0; c->out && c->files.at && i < c->out->count; i++) {
        const ez_field *f = record_field(c->out, i);
        const value *v = api_is_file(f) ? values_find(&c->put, run_key_id(c->scope, f->name)) : NULL;
        const ez_file *file = v && v->text ? files_find(c->files.at, a, v->text) : NULL;
        if (file) put_file(j, a, v->text, file, c->files.root);
    }
    arena_free(a);
}

/* words: what the tool says, or what is wrong; done: its outputs come along; NULL: there are none. */
static void put_result(text *out, const char *id, const char *words, size_t count, const call *done)
{
    json j = begin_message(out, id);
    begin_result(&j);
    json_key(&j, "content");
    json_array(&j);
    json_object(&j);
    json_key(&j, "type"), json_text(&j, "text");
    json_key(&j, "text"), json_text_n(&j, words, count);
    json_object_end(&j);
    if (done) put_files(&j, done);
    json_array_end(&j);
    if (done) json_key(&j, "structuredContent"), json_raw(&j, done->output.at, done->output.count);
    json_key(&j, "isError"), json_bool(&j, !done);
    end_result(&j, false);
}

static void put_ended(const call_ear *e, text *out)
{
    const call *c = e->of;
    text words = { 0 };
    if (c->state == CALL_DONE) {
        put_result(out, e->id, c->output.at, c->output.count, c);
        return;
    }
    text_printf(&words, "%s%s%s", c->problem.title, c->problem.detail.count ? ": " : "", c->problem.detail.count ? c->problem.detail.at : "");
    put_result(out, e->id, words.at, words.count, NULL);
    text_done(&words);
}

static void answer_ended(call_ear *e)
{
    text body = { 0 };
    put_ended(e, &body);
    calls_reply(e->rq, 200, &body, NULL, NULL);
}

static void stream_ended(call_ear *e)
{
    text body = { 0 };
    put_ended(e, &body);
    net_channel_send_event(e->stream, "message", NULL, body.at, body.count);
    text_done(&body);
}

/* What is told to who waits, in words. */
static void put_message(json *j, const call *c)
{
    text words = { 0 };
    double eta = call_eta(c);
    if (c->words) text_puts(&words, c->words);
    else if (c->state == CALL_QUEUED && c->position) text_printf(&words, "waits, number %d in the line", c->position);
    if (!c->words && words.count && eta >= 0) text_printf(&words, ", about %.0f s", eta);
    if (words.count) json_key(j, "message"), json_text_n(j, words.at, words.count);
    text_done(&words);
}

/* Each progress has to be above the one before. */
static void stream_moved(call_ear *e)
{
    static const double STEP = 1e-6;
    const call *c = e->of;
    text body = { 0 };
    if (c->progress < 0 && !c->position)
        return;
    e->last = c->progress > e->last + STEP ? c->progress : e->last + STEP;
    json j = json_to(&body);
    json_object(&j);
    json_key(&j, "jsonrpc"), json_text(&j, "2.0");
    json_key(&j, "method"), json_text(&j, "notifications/progress");
    json_key(&j, "params");
    json_object(&j);
    json_key(&j, "progressToken"), json_raw(&j, e->token, strlen(e->token));
    json_key(&j, "progress"), json_number(&j, e->last);
    json_key(&j, "total"), json_int(&j, 1);
    put_message(&j, c);
    json_object_end(&j);
    json_object_end(&j);
    net_channel_send_event(e->stream, "message", NULL, body.at, body.count);
    text_done(&body);
}

static const call_voice answer_voice = { .ended = answer_ended };
static const call_voice stream_voice = { .moved = stream_moved, .ended = stream_ended };

/* What names a call of a client that has a name. */
static uint64_t key_of(const asking *a, const char *id)
{
    const char *client = net_header(a->rq, "mcp-session-id");
    return client && id ? hash_mix(hash_mix(hash_text("mcp"), hash_text(client)), hash_text(id)) : 0;
}

/* The tool's own errors are results, so that who asked for it reads them and may do better. */
static void refused(asking *a, api_problem *why)
{
    text body = { 0 };
    put_result(&body, a->id, why->detail.at, why->detail.count, NULL);
    calls_reply(a->rq, 200, &body, NULL, NULL);
    api_problem_done(why);
}

static void start_tool(asking *a, const app_function *fn, const char *inputs, char *token)
{
    api_problem why = { 0 };
    call *c = call_begin(a->hub, a->rq, fn, inputs, strlen(inputs), NULL, &why);
    if (!c && why.status == 403) {
        refuse(a, 403, RPC_PARAMS, "%s", why.detail.at);
        api_problem_done(&why);
    } else if (!c) {
        refused(a, &why);
    } else {
        call_name(c, key_of(a, a->id));
        if (token) call_stream(c, &stream_voice, a->rq, a->id, token);
        else call_answer(c, &answer_voice, a->rq, a->id);
    }
}

static void call_tool(asking *a)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a->params, "name"));
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(a->params, "arguments");
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(a->params, "_meta"), "progressToken");
    const app_function *fn = name ? call_function(a->hub, name) : NULL;
    if (!fn) {
        refuse(a, a->modern ? 400 : 200, RPC_PARAMS, "there is no tool %.100s; tools/list says which there are", name ? name : "without a name");
        return;
    }
    char *given = inputs && !cJSON_IsNull(inputs) ? cJSON_PrintUnformatted(inputs) : NULL;
    bool follows = (cJSON_IsString(token) || cJSON_IsNumber(token)) && net_accepts(a->rq, "text/event-stream");
    char *told = follows ? cJSON_PrintUnformatted(token) : NULL;
    start_tool(a, fn, given ? given : "", told);
    cJSON_free(given);
    cJSON_free(told);
}

/* ---- messages -------------------------------------------------------------------------------------------------------------------- */

/* ---- files as resources -------------------------------------------------------------------------------------------------------------- */

static void list_nothing(asking *a, const char *what)
{
    text body = { 0 };
    json j = begin_message(&body, a->id);
    begin_result(&j);
    json_key(&j, what);
    json_array(&j);
    if (!strcmp(what, "resourceTemplates")) {
        json_object(&j);
        json_key(&j, "uriTemplate"), json_text(&j, arena_printf(a->rq->arena, "%s" FILE_ADDRESS "{path}", routes_root(a->hub, a->rq)));
        json_key(&j, "name"), json_text(&j, "file");
        json_key(&j, "description"), json_text(&j, "A file that a tool has given, by the link in its result");
        json_object_end(&j);
    }
    json_array_end(&j);
    end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

/* Files belong to those who were given their links: nobody is told what there is. */
static void list_resources(asking *a) { list_nothing(a, "resources"); }
static void list_templates(asking *a) { list_nothing(a, "resourceTemplates"); }

static void put_content(asking *a, const char *uri, const ez_file *f, const text *bytes)
{
    text body = { 0 }, data = { 0 };
    bool words = !strncmp(f->type, "text/", 5) && (!bytes->count || utf8_valid(bytes->at, bytes->count));
    if (!words) base64_text(&data, bytes->at, bytes->count);
    const text *said = words ? bytes : &data;
    json j = begin_message(&body, a->id);
    begin_result(&j);
    json_key(&j, "contents");
    json_array(&j);
    json_object(&j);
    json_key(&j, "uri"), json_text(&j, uri);
    json_key(&j, "mimeType"), json_text(&j, f->type);
    json_key(&j, words ? "text" : "blob"), json_text_n(&j, said->count ? said->at : "", said->count);
    json_object_end(&j);
    json_array_end(&j);
    end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
    text_done(&data);
}

static void read_resource(asking *a)
{
    const char *uri = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a->params, "uri")), *root = routes_root(a->hub, a->rq);
    char *address = arena_printf(a->rq->arena, "%s" FILE_ADDRESS, root);
    bool ours = uri && !strncmp(uri, address, strlen(address));
    const char *path = ours ? uri + strlen(address) : "";
    char *id = arena_text_n(a->rq->arena, path, strcspn(path, "/"));
    const ez_file *f = files_is_id(id) ? files_find(hub_files(a->hub), a->rq->arena, id) : NULL;
    text bytes = { 0 };
    if (!f) refuse(a, 200, a->modern ? RPC_PARAMS : RPC_RESOURCE, "there is no resource %.300s, or not any more; links stand in the results of tools", uri ? uri : "without a uri");
    else if (f->size > READ_MOST) refuse(a, 200, RPC_PARAMS, "%.200s has %lld bytes, more than the %d that come in one answer; fetch it over HTTP at its uri", f->name, f->size, READ_MOST);
    else if (!read_whole(f, &bytes)) refuse(a, 200, RPC_PARAMS, "%.200s cannot be read", f->name);
    else put_content(a, uri, f, &bytes);
    text_done(&bytes);
}

static const struct { const char *name; void (*answer)(asking *a); } methods[] = {
    { "initialize", initialize }, { "server/discover", discover }, { "ping", ping }, { "tools/list", list_tools }, { "tools/call", call_tool },
    { "resources/list", list_resources }, { "resources/templates/list", list_templates }, { "resources/read", read_resource },
};

static bool header_is(const asking *a, const char *header, const char *value)
{
    const char *says = net_header(a->rq, header);
    return says && value && !strcmp(says, value);
}

/* What a request of the modern revision has to say of itself. False: it was refused. */
static bool modern_is_whole(asking *a)
{
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(a->params, "_meta"), *version = cJSON_GetObjectItemCaseSensitive(meta, META "protocolVersion");
    if (!version || !cJSON_GetObjectItemCaseSensitive(meta, META "clientCapabilities"))
        refuse(a, 400, RPC_PARAMS, "params._meta lacks " META "protocolVersion or " META "clientCapabilities");
    else if (!header_is(a, "mcp-protocol-version", cJSON_GetStringValue(version)))
        refuse(a, 400, RPC_HEADERS, "the header MCP-Protocol-Version is not the version in params._meta");
    else if (!header_is(a, "mcp-method", a->method))
        refuse(a, 400, RPC_HEADERS, "the header Mcp-Method is not the message's method");
    else if (!strcmp(a->method, "tools/call") && !header_is(a, "mcp-name", cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a->params, "name"))))
        refuse(a, 400, RPC_HEADERS, "the header Mcp-Name is not the tool's name");
    else
        return true;
    return false;
}

/* Nothing but a cancel changes anything here; of the modern revision a client cancels by closing its stream. */
static void notified(asking *a)
{
    if (!a->modern && !strcmp(a->method, "notifications/cancelled")) {
        char *id = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(a->params, "requestId"));
        call *c = id ? call_named(a->hub, key_of(a, id)) : NULL;
        if (c) call_stop(c, 409, "The call was cancelled", NULL);
        cJSON_free(id);
    }
    net_reply(a->rq, 202, NULL);
}

static void heard(asking *a)
{
    const char *version = net_header(a->rq, "mcp-protocol-version");
    bool known = !version;
    for (int i = 0; version && i < COUNT(versions); i++) known = known || !strcmp(version, versions[i]);
    a->modern = version && !strcmp(version, MODERN);
    if (!known) {
        refuse(a, 400, RPC_VERSION, "Unsupported protocol version");
        return;
    }
    if (!a->id) {
        notified(a);
        return;
    }
    if (a->modern && !modern_is_whole(a))
        return;
    for (int i = 0; i < COUNT(methods); i++)
        if (!strcmp(a->method, methods[i].name)) {
            methods[i].answer(a);
            return;
        }
    refuse(a, a->modern ? 404 : 200, RPC_METHOD, "there is no method %.100s", a->method);
}

static void posted(hub *h, net_request *rq)
{
    asking a = { .hub = h, .rq = rq };
    a.message = cJSON_ParseWithLength(rq->body, rq->count);
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(a.message, "id");
    a.method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a.message, "method"));
    a.params = cJSON_GetObjectItemCaseSensitive(a.message, "params");
    a.id = cJSON_IsString(id) || cJSON_IsNumber(id) ? cJSON_PrintUnformatted(id) : NULL;
    if (!a.message) refuse(&a, 400, RPC_PARSE, "the body is not JSON");
    else if (!a.method || (id && !a.id)) refuse(&a, 400, RPC_REQUEST, "the body is not one request or notification of JSON-RPC 2.0");
    else heard(&a);
    cJSON_free(a.id);
    cJSON_Delete(a.message);
}

bool mcp_handle(hub *h, net_request *rq, const char *path)
{
    if (strcmp(path, "/mcp") && strcmp(path, "/gradio_api/mcp/"))
        return false;
    api_problem why = { 0 };
    if (!access_check(h, rq, &why))
        refuse_caller(rq, &why);
    else if (!strcmp(rq->method, "POST"))
        posted(h, rq);
    else if (!strcmp(rq->method, "DELETE"))    /* a client says goodbye; nothing of it was kept */
        net_reply(rq, 200, NULL);
    else
        net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "POST, DELETE", NULL }, .body = "Messages are posted; nothing is sent of this server's own accord.\n" });
    api_problem_done(&why);
    return true;
}
