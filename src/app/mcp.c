/* mcp.c: functions as tools of the Model Context Protocol, over its Streamable HTTP transport (modelcontextprotocol.io/specification).
 *
 * Two ways of talking are served at one address. Revision 2026-07-28 has no handshake: each request says version and method in headers and what the client
 * can in `_meta`, and asks what there is by server/discover. Those before begin with `initialize`, which gives the client a name for itself, so that
 * its notifications/cancelled finds the call that it means. Nothing else is kept between two requests, so any process may answer the next one.
 *
 * A call that asks for progress is answered by an event stream, others by one object of JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/calls.h"
#include "app/guard.h"
#include "base/version.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { RPC_PARSE = -32700, RPC_REQUEST = -32600, RPC_METHOD = -32601, RPC_PARAMS = -32602, RPC_HEADERS = -32020, RPC_VERSION = -32022 };

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

/* Members that results of the modern revision have and those before ignore. */
static void end_result(json *j, bool lasts)
{
    json_key(j, "resultType"), json_text(j, "complete");
    if (lasts) {
        json_key(j, "ttlMs"), json_int(j, 0);
        json_key(j, "cacheScope"), json_text(j, "public");
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
    int count = calls_list(a->hub, a->rq->arena, &all);
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

/* words: what the tool says, or what is wrong; data: its outputs as JSON, NULL: there are none. */
static void put_result(text *out, const char *id, const char *words, size_t count, const text *data)
{
    json j = begin_message(out, id);
    begin_result(&j);
    json_key(&j, "content");
    json_array(&j);
    json_object(&j);
    json_key(&j, "type"), json_text(&j, "text");
    json_key(&j, "text"), json_text_n(&j, words, count);
    json_object_end(&j);
    json_array_end(&j);
    if (data) json_key(&j, "structuredContent"), json_raw(&j, data->at, data->count);
    json_key(&j, "isError"), json_bool(&j, !data);
    end_result(&j, false);
}

static void put_ended(const call_ear *e, text *out)
{
    const call *c = e->of;
    text words = { 0 };
    if (c->state == CALL_DONE) {
        put_result(out, e->id, c->output.at, c->output.count, &c->output);
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
    if (!c) {
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

static const struct { const char *name; void (*answer)(asking *a); } methods[] = {
    { "initialize", initialize }, { "server/discover", discover }, { "ping", ping }, { "tools/list", list_tools }, { "tools/call", call_tool },
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
    if (!guard_same_site(rq))
        rest_refuse(rq, 403, "A page of another site asked for this", NULL, NULL, "tools are called from the program's own pages, and by programs");
    else if (!strcmp(rq->method, "POST"))
        posted(h, rq);
    else if (!strcmp(rq->method, "DELETE"))    /* a client says goodbye; nothing of it was kept */
        net_reply(rq, 200, NULL);
    else
        net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "POST, DELETE", NULL }, .body = "Messages are posted; nothing is sent of this server's own accord.\n" });
    return true;
}
