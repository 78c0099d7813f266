/* mcp.c: the Model Context Protocol over its Streamable HTTP transport (modelcontextprotocol.io/specification): messages, who speaks, and functions as tools.
 *
 * Nothing but streams that broke (mcp_stream.h) and the state of functions that keep one (callers.h) is kept between two requests; both are in the store, so any process may answer the next one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp.h"
#include "base/version.h"
#include <stdio.h>
#include <string.h>

#define MODERN "2026-07-28"
#define META "io.modelcontextprotocol/"
static const char *const versions[] = { MODERN, "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05" };   /* newest first */
enum { LATEST_HANDSHAKE = 1 };

/* ---- answers --------------------------------------------------------------------------------------------------------------------- */

json mcp_begin(text *out, const char *id)
{
    json j = json_to(out);
    json_object(&j);
    json_member(&j, "jsonrpc", "2.0");
    json_key(&j, "id"), json_raw(&j, id ? id : "null", id ? strlen(id) : 4);
    return j;
}

static json begin_error(text *out, const char *id, int code, const char *words, size_t count)
{
    json j = mcp_begin(out, id);
    json_key(&j, "error");
    json_object(&j);
    json_key(&j, "code"), json_int(&j, code);
    json_key(&j, "message"), json_text_n(&j, words, count);
    return j;
}

static void end_error(json *j)
{
    json_object_end(j);
    json_object_end(j);
}

void mcp_put_error(text *out, const char *id, int code, const char *words, size_t count)
{
    json j = begin_error(out, id, code, words, count);
    end_error(&j);
}

static void put_versions(json *j, const char *key)
{
    json_key(j, key);
    json_array(j);
    for (int i = 0; i < COUNT(versions); i++) json_text(j, versions[i]);
    json_array_end(j);
}

/* What a client's program wants to know of an error besides its words. */
static void put_data(json *j, const mcp_asking *a, int code)
{
    const char *asked = net_header(a->rq, "mcp-protocol-version"), *uri = a->method && !strcmp(a->method, "resources/read") ? mcp_member(a->params, "uri") : NULL;
    if (code != RPC_VERSION && !uri)
        return;
    json_key(j, "data");
    json_object(j);
    if (code == RPC_VERSION) put_versions(j, "supported"), json_member(j, "requested", asked ? asked : "");
    else json_member(j, "uri", uri);
    json_object_end(j);
}

void mcp_refuse(mcp_asking *a, int status, int code, const char *format, ...)
{
    char words[500];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text body = { 0 };
    json j = begin_error(&body, a->id, code, words, utf8_whole(words, strlen(words)));
    put_data(&j, a, code);
    end_error(&j);
    calls_reply(a->rq, status, &body, NULL, NULL);
}

/* Whoever may not ask is told so without looking at what he asks. */
static void refuse_caller(net_request *rq, const api_problem *why)
{
    const char *value, *header = access_header(rq, why, &value), *words = arena_printf(rq->arena, "%s: %s", why->title, why->detail.at);
    text body = { 0 };
    mcp_put_error(&body, NULL, RPC_REQUEST, words, strlen(words));
    calls_reply(rq, why->status, &body, header, value);
}

void mcp_begin_result(json *j)
{
    json_key(j, "result");
    json_object(j);
}

/* Members that results of the modern revision have and those before ignore. */
void mcp_end_result(json *j, bool lasts)
{
    json_member(j, "resultType", "complete");
    if (lasts) {
        json_key(j, "ttlMs"), json_int(j, 0);
        json_member(j, "cacheScope", "private");
    }
    json_key(j, "_meta");
    json_object(j);
    json_key(j, META "serverInfo");
    json_object(j);
    json_member(j, "name", "easel");
    json_member(j, "version", EASEL_VERSION);
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
}

const char *mcp_member(const cJSON *object, const char *name) { return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name)); }

bool mcp_opens(const mcp_asking *a, const char *name)
{
    const key *k = access_key(a->rq);
    return !k || key_opens(k, name);
}

/* ---- who are you ----------------------------------------------------------------------------------------------------------------- */

static void put_capability(json *j, const char *name)
{
    json_key(j, name);
    json_object(j);
    json_object_end(j);
}

static void put_capabilities(json *j, const ez_app *app)
{
    mcp_offers offers = mcp_offers_of(app);
    json_key(j, "capabilities");
    json_object(j);
    put_capability(j, "tools");
    put_capability(j, "resources");
    put_capability(j, "logging");
    if (offers.prompts) put_capability(j, "prompts");
    if (offers.completions) put_capability(j, "completions");
    json_object_end(j);
}

static void initialize(mcp_asking *a)
{
    const char *asked = mcp_member(a->params, "protocolVersion"), *version = versions[LATEST_HANDSHAKE];
    char name[TOKEN_CHARS + 1];
    for (int i = LATEST_HANDSHAKE; asked && i < COUNT(versions); i++)
        if (!strcmp(asked, versions[i])) version = versions[i];
    token_new(name);
    text body = { 0 };
    json j = mcp_begin(&body, a->id);
    mcp_begin_result(&j);
    json_member(&j, "protocolVersion", version);
    put_capabilities(&j, a->hub->app);
    json_key(&j, "serverInfo");
    json_object(&j);
    json_member(&j, "name", a->hub->app->title ? a->hub->app->title : "easel");
    json_member(&j, "version", EASEL_VERSION);
    json_object_end(&j);
    mcp_end_result(&j, false);
    calls_reply(a->rq, 200, &body, "Mcp-Session-Id", name);
}

static void discover(mcp_asking *a)
{
    text body = { 0 };
    json j = mcp_begin(&body, a->id);
    mcp_begin_result(&j);
    put_versions(&j, "supportedVersions");
    put_capabilities(&j, a->hub->app);
    mcp_end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

void mcp_nothing(mcp_asking *a)
{
    text body = { 0 };
    json j = mcp_begin(&body, a->id);
    mcp_begin_result(&j);
    json_object_end(&j);
    json_object_end(&j);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

/* ---- tools ----------------------------------------------------------------------------------------------------------------------- */

static bool is_tool(const app_function *f) { return !f->prompt && !f->resource; }

/* What its declaration says of its effects: an answer that is given again has none, and what may run twice has them once. */
static void put_annotations(json *j, const app_function *f)
{
    bool reads = f->rules.cache_ttl_ms != 0;
    if (!reads && !f->rerunnable)
        return;
    json_key(j, "annotations");
    json_object(j);
    if (reads) json_key(j, "readOnlyHint"), json_bool(j, true);
    json_key(j, "idempotentHint"), json_bool(j, true);
    json_object_end(j);
}

static void list_tools(mcp_asking *a)
{
    const ez_app *app = a->hub->app;
    text body = { 0 };
    json j = mcp_begin(&body, a->id);
    mcp_begin_result(&j);
    json_key(&j, "tools");
    json_array(&j);
    for (int i = 0; i < app->functions.count; i++) {
        const app_function *f = &app->functions.at[i];
        if (!is_tool(f) || !mcp_opens(a, f->name))
            continue;
        json_object(&j);
        json_member(&j, "name", f->name);
        if (f->help) json_member(&j, "description", f->help);
        json_key(&j, "inputSchema"), api_schema(&j, f->in);
        if (f->out) json_key(&j, "outputSchema"), api_schema(&j, f->out);
        put_annotations(&j, f);
        json_object_end(&j);
    }
    json_array_end(&j);
    mcp_end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

uint64_t mcp_call_key(const mcp_asking *a, const char *id)
{
    const char *client = net_header(a->rq, "mcp-session-id");
    return client && id ? hash_mix(hash_mix(hash_text("mcp"), hash_text(client)), hash_text(id)) : 0;
}

/* The tool's own errors are results, so that who asked for it reads them and may do better. */
static void start_tool(mcp_asking *a, const app_function *fn, const char *inputs, const char *progress)
{
    api_problem why = { 0 };
    text body = { 0 };
    call *c = call_begin(a->hub, a->rq, fn, net_header(a->rq, "mcp-session-id"), inputs, strlen(inputs), NULL, &why);
    if (c) {
        mcp_answer(a, c, mcp_tell_tool, NULL, progress);
    } else if (why.status == 403) {
        mcp_refuse(a, 403, RPC_PARAMS, "%s", why.detail.at);
    } else {
        mcp_tell_failure(a->id, why.detail.at, why.detail.count, &body);
        calls_reply(a->rq, 200, &body, NULL, NULL);
    }
    api_problem_done(&why);
}

static void call_tool(mcp_asking *a)
{
    const char *name = mcp_member(a->params, "name");
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(a->params, "arguments");
    const cJSON *token = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(a->params, "_meta"), "progressToken");
    const app_function *fn = name ? call_function(a->hub, name) : NULL;
    if (!fn || !is_tool(fn)) {
        mcp_refuse(a, a->modern ? 400 : 200, RPC_PARAMS, "there is no tool %.100s; tools/list says which there are", name ? name : "without a name");
        return;
    }
    char *given = inputs && !cJSON_IsNull(inputs) ? cJSON_PrintUnformatted(inputs) : NULL;
    char *told = cJSON_IsString(token) || cJSON_IsNumber(token) ? cJSON_PrintUnformatted(token) : NULL;
    start_tool(a, fn, given ? given : "", told);
    cJSON_free(given);
    cJSON_free(told);
}

/* ---- messages -------------------------------------------------------------------------------------------------------------------- */

/* When: of both ways of talking, or of the one with a handshake; and what the program must have. */
typedef enum mcp_when { ALWAYS, WITH_HANDSHAKE, WITH_PROMPTS, WITH_COMPLETIONS } mcp_when;

static const struct { const char *name; void (*answer)(mcp_asking *a); mcp_when when; } methods[] = {
    { "initialize", initialize, WITH_HANDSHAKE }, { "ping", mcp_nothing, WITH_HANDSHAKE }, { "logging/setLevel", mcp_set_level, WITH_HANDSHAKE }, { "server/discover", discover, ALWAYS }, { "tools/list", list_tools, ALWAYS }, { "tools/call", call_tool, ALWAYS },
    { "prompts/list", mcp_list_prompts, WITH_PROMPTS }, { "prompts/get", mcp_get_prompt, WITH_PROMPTS }, { "completion/complete", mcp_complete, WITH_COMPLETIONS },
    { "resources/list", mcp_list_resources, ALWAYS }, { "resources/templates/list", mcp_list_templates, ALWAYS }, { "resources/read", mcp_read_resource, ALWAYS },
};

static bool is_there(const mcp_asking *a, mcp_when when)
{
    mcp_offers offers = mcp_offers_of(a->hub->app);
    switch (when) {
    case WITH_HANDSHAKE:   return !a->modern;
    case WITH_PROMPTS:     return offers.prompts;
    case WITH_COMPLETIONS: return offers.completions;
    case ALWAYS:           break;
    }
    return true;
}

static bool header_is(const mcp_asking *a, const char *header, const char *value)
{
    const char *says = net_header(a->rq, header);
    return says && value && !strcmp(says, value);
}

/* Which tool, prompt or resource is meant; what no header can say is said as =?base64?...?=. */
static bool name_header_is(const mcp_asking *a, const char *value)
{
    const char *says = net_header(a->rq, "mcp-name");
    size_t count = says ? strlen(says) : 0;
    text bytes = { 0 };
    if (count < 11 || strncmp(says, "=?base64?", 9) || strcmp(says + count - 2, "?="))
        return header_is(a, "mcp-name", value);
    bool same = base64_read(&bytes, says + 9, count - 11) && value && bytes.count == strlen(value) && !memcmp(bytes.count ? bytes.at : "", value, bytes.count);
    text_done(&bytes);
    return same;
}

/* What a request of the modern revision has to say of itself. False: it was refused. */
static bool modern_is_whole(mcp_asking *a)
{
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(a->params, "_meta"), *version = cJSON_GetObjectItemCaseSensitive(meta, META "protocolVersion");
    bool by_uri = !strcmp(a->method, "resources/read"), named = by_uri || !strcmp(a->method, "tools/call") || !strcmp(a->method, "prompts/get");
    if (!version || !cJSON_GetObjectItemCaseSensitive(meta, META "clientCapabilities"))
        mcp_refuse(a, 400, RPC_PARAMS, "params._meta lacks " META "protocolVersion or " META "clientCapabilities");
    else if (!header_is(a, "mcp-protocol-version", cJSON_GetStringValue(version)))
        mcp_refuse(a, 400, RPC_HEADERS, "the header MCP-Protocol-Version is not the version in params._meta");
    else if (!header_is(a, "mcp-method", a->method))
        mcp_refuse(a, 400, RPC_HEADERS, "the header Mcp-Method is not the message's method");
    else if (named && !name_header_is(a, mcp_member(a->params, by_uri ? "uri" : "name")))
        mcp_refuse(a, 400, RPC_HEADERS, "the header Mcp-Name is not what params.%s says", by_uri ? "uri" : "name");
    else if (mcp_level_wanted(a) < 0)
        mcp_refuse(a, 400, RPC_PARAMS, "params._meta." META "logLevel is none of debug, info, notice, warning, error, critical, alert and emergency");
    else
        return true;
    return false;
}

/* Nothing but a cancel changes anything here; of the modern revision a client cancels by closing its stream. */
static void notified(mcp_asking *a)
{
    if (!a->modern && !strcmp(a->method, "notifications/cancelled")) {
        char *id = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(a->params, "requestId"));
        call *c = id ? call_named(a->hub, mcp_call_key(a, id)) : NULL;
        if (c) call_stop(c, 409, "The call was cancelled", NULL);
        cJSON_free(id);
    }
    net_reply(a->rq, 202, NULL);
}

static void heard(mcp_asking *a)
{
    const char *version = net_header(a->rq, "mcp-protocol-version");
    bool known = !version;
    for (int i = 0; version && i < COUNT(versions); i++) known = known || !strcmp(version, versions[i]);
    a->modern = version && !strcmp(version, MODERN);
    if (!known) {
        mcp_refuse(a, 400, RPC_VERSION, "Unsupported protocol version");
        return;
    }
    if (!a->modern && mcp_has_left(a->hub, a->rq)) {
        mcp_refuse(a, 404, RPC_REQUEST, "the session is over; initialize begins another");
        return;
    }
    if (!a->id) {
        notified(a);
        return;
    }
    if (a->modern && !modern_is_whole(a))
        return;
    for (int i = 0; i < COUNT(methods); i++)
        if (!strcmp(a->method, methods[i].name) && is_there(a, methods[i].when)) {
            methods[i].answer(a);
            return;
        }
    mcp_refuse(a, a->modern ? 404 : 200, RPC_METHOD, "there is no method %.100s", a->method);
}

static void posted(hub *h, net_request *rq)
{
    mcp_asking a = { .hub = h, .rq = rq };
    a.message = cJSON_ParseWithLength(rq->body, rq->count);
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(a.message, "id");
    a.method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(a.message, "method"));
    a.params = cJSON_GetObjectItemCaseSensitive(a.message, "params");
    a.id = cJSON_IsString(id) || cJSON_IsNumber(id) ? cJSON_PrintUnformatted(id) : NULL;
    if (!a.message) mcp_refuse(&a, 400, RPC_PARSE, "the body is not JSON");
    else if (!a.method || (id && !a.id)) mcp_refuse(&a, 400, RPC_REQUEST, "the body is not one request or notification of JSON-RPC 2.0");
    else heard(&a);
    cJSON_free(a.id);
    cJSON_Delete(a.message);
}

/* What is no message. The modern revision knows nothing of the kind. */
static void asked_otherwise(hub *h, net_request *rq)
{
    static const char *const headers[] = { "Allow", "GET, POST, DELETE", NULL };
    const char *version = net_header(rq, "mcp-protocol-version");
    bool modern = version && !strcmp(version, MODERN);
    if (!modern && !strcmp(rq->method, "GET") && net_header(rq, "last-event-id")) mcp_resume(h, rq);
    else if (!modern && !strcmp(rq->method, "DELETE")) mcp_leave(h, rq);
    else net_reply(rq, 405, &(net_answer){ .headers = headers, .body = "Messages are posted; nothing is sent of this server's own accord. GET takes up a stream that broke, with Last-Event-ID.\n" });
}

bool mcp_handle(hub *h, net_request *rq, const char *path)
{
    if (strcmp(path, "/mcp") && strcmp(path, "/gradio_api/mcp/"))
        return false;
    api_problem why = { 0 };
    if (!access_check(h, rq, &why)) refuse_caller(rq, &why);
    else if (!strcmp(rq->method, "POST")) posted(h, rq);
    else asked_otherwise(h, rq);
    api_problem_done(&why);
    return true;
}
