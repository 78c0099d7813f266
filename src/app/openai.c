/* openai.c: the program's model as OpenAI's chat completions (platform.openai.com/docs/api-reference/chat): /v1/models and /v1/chat/completions, whole and as a stream.
 *
 * The engine answers these questions beside those of pages, in one batch. A question belongs to its caller: when his line breaks, it is stopped. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "app/calls.h"
#include "app/guard.h"
#include "chat/wire.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { CHOICES_MOST = 8, STOPS_MOST = 4, STOP_LONGEST = 200 };

typedef struct completion completion;

/* One answer to the question. */
typedef struct choice {
    completion *of;
    int         index;
    uint64_t    key;               /* of its answer in the engine; 0: it has ended */
    text        said;
    size_t      sent;              /* bytes told to a stream; what may begin a stop word is held back */
    const char *finish;            /* NULL: it goes on */
    int         tokens;
} choice;

struct completion {
    hub         *hub;
    net_request *rq;               /* waits for the whole; NULL: a stream */
    net_channel *stream;
    arena       *arena;            /* what follows, and the turns */
    const char  *id, *model;
    int64_t      created;
    const char  *stops[STOPS_MOST];
    cJSON       *asked;            /* stop words and turns point into it */
    int          count, left, prompt;
    bool         usage;
    bool         asking;           /* not all choices are asked for yet */
    ez_err       error;            /* that came meanwhile */
    choice       choices[CHOICES_MOST];
};

/* ---- errors ---------------------------------------------------------------------------------------------------------------------- */

static void put_error(text *out, const char *type, const char *param, const char *code, const char *words)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "error");
    json_object(&j);
    json_key(&j, "message"), json_text(&j, words);
    json_key(&j, "type"), json_text(&j, type);
    json_key(&j, "param"), json_text(&j, param);
    json_key(&j, "code"), json_text(&j, code);
    json_object_end(&j);
    json_object_end(&j);
}

static void refuse(net_request *rq, int status, const char *type, const char *param, const char *code, const char *format, ...) EZ_FORMAT(6, 7);
static void refuse(net_request *rq, int status, const char *type, const char *param, const char *code, const char *format, ...)
{
    char words[500];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    words[utf8_whole(words, strlen(words))] = 0;
    text body = { 0 };
    put_error(&body, type, param, code, words);
    calls_reply(rq, status, &body, status == 503 ? "Retry-After" : NULL, "1");
}

/* ---- what it is called ----------------------------------------------------------------------------------------------------------- */

/* The program's model without folders and ".gguf"; NULL: it has none. */
static const char *model_name(const hub *h, arena *a)
{
    if (!h->app->model)
        return NULL;
    const char *slash = strrchr(h->app->model, '/'), *name = slash ? slash + 1 : h->app->model;
    size_t count = strlen(name);
    return arena_text_n(a, name, count > 5 && !strcmp(name + count - 5, ".gguf") ? count - 5 : count);
}

static void put_model(json *j, const char *name)
{
    json_object(j);
    json_key(j, "id"), json_text(j, name);
    json_key(j, "object"), json_text(j, "model");
    json_key(j, "created"), json_int(j, 0);
    json_key(j, "owned_by"), json_text(j, "easel");
    json_object_end(j);
}

static void list_models(hub *h, net_request *rq, const char *one)
{
    const char *name = model_name(h, rq->arena);
    text body = { 0 };
    json j = json_to(&body);
    if (one && (!name || strcmp(one, name))) {
        refuse(rq, 404, "invalid_request_error", "model", "model_not_found", "there is no model %.100s here%s%s", one, name ? "; there is " : "", name ? name : "");
        return;
    }
    if (one) {
        put_model(&j, name);
    } else {
        json_object(&j);
        json_key(&j, "object"), json_text(&j, "list");
        json_key(&j, "data");
        json_array(&j);
        if (name) put_model(&j, name);
        json_array_end(&j);
        json_object_end(&j);
    }
    calls_reply(rq, 200, &body, NULL, NULL);
}

/* ---- answers --------------------------------------------------------------------------------------------------------------------- */

static void completion_free(completion *c)
{
    for (int i = 0; i < c->hub->completions.count; i++)
        if (c->hub->completions.at[i] == c) {
            list_remove(&c->hub->completions, i);
            break;
        }
    for (int i = 0; i < c->count; i++) {
        if (c->choices[i].key) models_leave(c->hub->models, c->choices[i].key);
        text_done(&c->choices[i].said);
    }
    cJSON_Delete(c->asked);
    arena_free(c->arena);
    mem_free(c);
}

static json begin(const completion *c, text *out, const char *object)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "id"), json_text(&j, c->id);
    json_key(&j, "object"), json_text(&j, object);
    json_key(&j, "created"), json_int(&j, c->created);
    json_key(&j, "model"), json_text(&j, c->model);
    return j;
}

static void put_usage(json *j, const completion *c)
{
    int tokens = 0;
    for (int i = 0; i < c->count; i++) tokens += c->choices[i].tokens;
    json_key(j, "usage");
    json_object(j);
    json_key(j, "prompt_tokens"), json_int(j, c->prompt);
    json_key(j, "completion_tokens"), json_int(j, tokens);
    json_key(j, "total_tokens"), json_int(j, c->prompt + tokens);
    json_object_end(j);
}

static void reply_whole(completion *c)
{
    text body = { 0 };
    json j = begin(c, &body, "chat.completion");
    json_key(&j, "choices");
    json_array(&j);
    for (int i = 0; i < c->count; i++) {
        const choice *x = &c->choices[i];
        json_object(&j);
        json_key(&j, "index"), json_int(&j, i);
        json_key(&j, "message");
        json_object(&j);
        json_key(&j, "role"), json_text(&j, "assistant");
        json_key(&j, "content"), json_text_n(&j, x->said.at ? x->said.at : "", x->sent);
        json_object_end(&j);
        json_key(&j, "logprobs"), json_text(&j, NULL);
        json_key(&j, "finish_reason"), json_text(&j, x->finish);
        json_object_end(&j);
    }
    json_array_end(&j);
    put_usage(&j, c);
    json_object_end(&j);
    calls_reply(c->rq, 200, &body, NULL, NULL);
}

static void send_body(completion *c, text *body)
{
    net_channel_send(c->stream, body->at, body->count);
    text_done(body);
}

/* words NULL: the first chunk, or (with finish) the last. */
static void send_chunk(const choice *x, const char *words, size_t count)
{
    text body = { 0 };
    json j = begin(x->of, &body, "chat.completion.chunk");
    json_key(&j, "choices");
    json_array(&j);
    json_object(&j);
    json_key(&j, "index"), json_int(&j, x->index);
    json_key(&j, "delta");
    json_object(&j);
    if (!words && !x->finish) json_key(&j, "role"), json_text(&j, "assistant"), json_key(&j, "content"), json_text(&j, "");
    if (words) json_key(&j, "content"), json_text_n(&j, words, count);
    json_object_end(&j);
    json_key(&j, "logprobs"), json_text(&j, NULL);
    json_key(&j, "finish_reason"), json_text(&j, words ? NULL : x->finish);
    json_object_end(&j);
    json_array_end(&j);
    json_object_end(&j);
    send_body(x->of, &body);
}

static void send_end(completion *c)
{
    text body = { 0 };
    if (c->usage) {
        json j = begin(c, &body, "chat.completion.chunk");
        json_key(&j, "choices"), json_array(&j), json_array_end(&j);
        put_usage(&j, c);
        json_object_end(&j);
        send_body(c, &body);
    }
    net_channel_send(c->stream, "[DONE]", 6);
    net_channel_close(c->stream, 0, NULL);
}

/* How many of the last bytes may be the beginning of a stop word. */
static size_t held_back(const completion *c, const text *said, size_t from)
{
    for (size_t at = from; at < said->count; at++)
        for (int i = 0; i < STOPS_MOST && c->stops[i]; i++)
            if (!strncmp(said->at + at, c->stops[i], said->count - at))
                return said->count - at;
    return 0;
}

static const char *stop_word(const completion *c, const text *said, size_t from)
{
    const char *first = NULL;
    for (int i = 0; i < STOPS_MOST && c->stops[i]; i++) {
        const char *at = strstr(said->at + from, c->stops[i]);
        if (at && (!first || at < first)) first = at;
    }
    return first;
}

/* Tells what is certain by now. True: a stop word came. */
static bool tell(choice *x, bool last)
{
    if (!x->said.count)
        return false;
    const char *stop = stop_word(x->of, &x->said, x->sent);
    size_t until = stop ? (size_t)(stop - x->said.at) : x->said.count - (last ? 0 : held_back(x->of, &x->said, x->sent));
    if (x->of->stream && until > x->sent) send_chunk(x, x->said.at + x->sent, until - x->sent);
    x->sent = until;
    return stop != NULL;
}

static void choice_ended(choice *x, const char *finish)
{
    completion *c = x->of;
    x->finish = finish;
    if (c->stream) send_chunk(x, NULL, 0);
    if (--c->left)
        return;
    if (c->stream) {
        send_end(c);                           /* freed when it has closed */
    } else {
        reply_whole(c);
        completion_free(c);
    }
}

static void failed(completion *c, ez_err_code code, const char *why)
{
    const char *type = code == EZ_FULL ? "rate_limit_error" : "server_error", *words = why && *why ? why : "the answer could not be written";
    if (c->asking) {
        error_set(&c->error, code, "%s", words);
    } else if (c->stream) {
        text body = { 0 };
        put_error(&body, type, NULL, NULL, words);
        send_body(c, &body);
        net_channel_close(c->stream, 0, NULL);
        for (int i = 0; i < c->count; i++) {
            if (c->choices[i].key) models_leave(c->hub->models, c->choices[i].key);
            c->choices[i].key = 0;
        }
    } else {
        refuse(c->rq, 503, type, NULL, NULL, "%s", words);
        completion_free(c);
    }
}

static void on_news(void *data, const answer_news *a)
{
    choice *x = data;
    completion *c = x->of;
    uint64_t key = x->key;
    if (c->rq && !net_waits(c->rq)) {
        failed(c, EZ_STOPPED, "its caller has gone");
    } else if (a->kind == ANSWER_STARTED) {
        c->prompt = a->prompt;
    } else if (a->kind == ANSWER_TOKENS) {
        x->tokens++;
        text_add(&x->said, a->bytes, a->count);
        if (!tell(x, false))
            return;
        x->key = 0;
        models_leave(c->hub->models, key);
        choice_ended(x, "stop");
    } else if (a->kind == ANSWER_DONE) {
        x->key = 0;
        if (a->state == EZ_MESSAGE_FAILED) {
            failed(c, a->code, a->error);
            return;
        }
        x->tokens = a->tokens;
        tell(x, true);
        choice_ended(x, a->length ? "length" : "stop");
    }
}

static void stream_closed(net_channel *channel, int code, void *data)
{
    (void)channel;
    (void)code;
    completion_free(data);
}

static const net_channel_events stream_events = { .on_close = stream_closed };

/* ---- questions ------------------------------------------------------------------------------------------------------------------- */

static const cJSON *member(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNull(v) ? NULL : v;
}

/* A number within its bounds, or `otherwise` when it is absent. False: it is none. */
static bool number(net_request *rq, const cJSON *o, const char *name, double low, double high, double otherwise, double *out)
{
    const cJSON *v = member(o, name);
    *out = v ? v->valuedouble : otherwise;
    if (!v || (cJSON_IsNumber(v) && *out >= low && *out <= high))
        return true;
    refuse(rq, 400, "invalid_request_error", name, NULL, "%s must be a number from %g to %g", name, low, high);
    return false;
}

/* A message's text: a string, or its parts of type text. NULL: there is another part. */
static const char *words_of(const cJSON *content, arena *a)
{
    text out = { .arena = a };
    const cJSON *part;
    if (!content || cJSON_IsString(content))
        return content ? content->valuestring : "";
    if (!cJSON_IsArray(content))
        return NULL;
    cJSON_ArrayForEach(part, content) {
        const char *type = cJSON_GetStringValue(member(part, "type")), *words = cJSON_GetStringValue(member(part, "text"));
        if (!type || strcmp(type, "text") || !words)
            return NULL;
        text_puts(&out, words);
    }
    return out.at ? out.at : "";
}

static bool read_turns(net_request *rq, const cJSON *o, arena *a, wire_ask *ask)
{
    const cJSON *messages = member(o, "messages"), *one;
    wire_turn *turns = arena_alloc(a, ((size_t)cJSON_GetArraySize(messages) + 1) * sizeof *turns);
    ask->turns = turns;
    cJSON_ArrayForEach(one, messages) {
        static const char *const roles[][2] = { { "system", "system" }, { "developer", "system" }, { "user", "user" }, { "assistant", "assistant" }, { "tool", "user" } };
        const char *role = cJSON_GetStringValue(member(one, "role")), *words = words_of(member(one, "content"), a), *known = NULL;
        for (int i = 0; role && i < COUNT(roles); i++)
            if (!strcmp(role, roles[i][0])) known = roles[i][1];
        if (!known || !words) {
            refuse(rq, 400, "invalid_request_error", "messages", NULL, !known ? "messages[%d] has no role that is known: system, user, assistant" : "messages[%d] has something else than text, which this model cannot read", ask->count);
            return false;
        }
        turns[ask->count++] = (wire_turn){ known, words };
    }
    if (!cJSON_IsArray(messages) || !ask->count) {
        refuse(rq, 400, "invalid_request_error", "messages", NULL, "messages is no list with a message in it");
        return false;
    }
    return true;
}

static bool read_sampling(net_request *rq, const cJSON *o, wire_ask *ask)
{
    double temperature, top_p, seed, most;
    const char *limit = member(o, "max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    if (!number(rq, o, "temperature", 0, 2, 1, &temperature) || !number(rq, o, "top_p", 0, 1, 1, &top_p) || !number(rq, o, "seed", -9e15, 9e15, 0, &seed) ||
        !number(rq, o, limit, 1, 1e6, 0, &most))
        return false;
    bool given = member(o, "temperature") || member(o, "top_p");
    ask->sampling = (wire_sampling){ .given = given, .temperature = temperature, .top_p = top_p >= 1 ? 0 : top_p, .seed = (uint32_t)(int64_t)seed };
    ask->max_tokens = (int32_t)most;
    return true;
}

static bool read_stops(net_request *rq, const cJSON *o, completion *c)
{
    const cJSON *stop = member(o, "stop"), *one;
    int count = 0;
    bool good = !stop || cJSON_IsString(stop) || cJSON_IsArray(stop);
    if (cJSON_IsString(stop)) c->stops[count++] = stop->valuestring;
    if (cJSON_IsArray(stop))
        cJSON_ArrayForEach(one, stop) {
            good = good && cJSON_IsString(one) && count < STOPS_MOST;
            if (good) c->stops[count++] = one->valuestring;
        }
    for (int i = 0; i < count; i++) good = good && *c->stops[i] && strlen(c->stops[i]) <= STOP_LONGEST;
    if (!good) refuse(rq, 400, "invalid_request_error", "stop", NULL, "stop is one word or up to %d, each of 1 to %d bytes", STOPS_MOST, STOP_LONGEST);
    return good;
}

/* What the model cannot do is refused and not left out. */
static bool can_all(net_request *rq, const cJSON *o)
{
    const char *format = cJSON_GetStringValue(member(member(o, "response_format"), "type"));
    const char *what = cJSON_IsTrue(member(o, "logprobs")) ? "logprobs" : cJSON_GetArraySize(member(o, "tools")) ? "tools" : format && strcmp(format, "text") ? "response_format" : NULL;
    if (what) refuse(rq, 400, "invalid_request_error", what, "unsupported_parameter", "%s is not offered here", what);
    return !what;
}

static bool right_model(const completion *c, net_request *rq, const cJSON *o)
{
    const hub *h = c->hub;
    const char *name = c->model, *asked = cJSON_GetStringValue(member(o, "model"));
    if (!name) refuse(rq, 503, "server_error", NULL, NULL, "this program has no model; start it with --model FILE");
    else if (!asked) refuse(rq, 400, "invalid_request_error", "model", NULL, "model is missing; there is %s", name);
    else if (strcmp(asked, name) && strcmp(asked, h->app->model)) refuse(rq, 404, "invalid_request_error", "model", "model_not_found", "there is no model %.100s here; there is %s", asked, name);
    else return true;
    return false;
}

static void start(completion *c, wire_ask *ask)
{
    for (int i = 0; c->stream && i < c->count; i++)
        send_chunk(&c->choices[i], NULL, 0);
    c->asking = true;
    for (int i = 0; i < c->count && !c->error.code; i++) {
        choice *x = &c->choices[i];
        ask->key = x->key = random_u64();
        if (ask->sampling.seed && i) ask->sampling.seed++;
        if (!models_say(c->hub->models, ask, on_news, x)) {
            x->key = 0;
            failed(c, EZ_FAILED, "the conversation is too long to be sent to the model");
        }
    }
    c->asking = false;
    if (c->error.code) failed(c, c->error.code, c->error.text);
}

static void complete(hub *h, net_request *rq)
{
    api_problem why = { 0 };
    if (!call_allowed(h, rq, NULL, &why)) {
        text body = { 0 };
        put_error(&body, "requests", NULL, "rate_limit_exceeded", why.detail.at);
        calls_reply(rq, 429, &body, "Retry-After", arena_printf(rq->arena, "%d", why.retry_s));
        api_problem_done(&why);
        return;
    }
    completion *c = mem_alloc(sizeof *c);
    wire_ask ask = { 0 };
    double count;
    char id[TOKEN_CHARS + 1];
    token_new(id);
    *c = (completion){ .hub = h, .arena = arena_new(), .created = wall_ms() / 1000, .asked = cJSON_ParseWithLength(rq->body, rq->count) };
    c->id = arena_printf(c->arena, "chatcmpl-%s", id);
    c->model = model_name(h, c->arena);
    *list_add(&h->completions) = c;
    const cJSON *o = c->asked;
    if (!cJSON_IsObject(o)) {
        refuse(rq, 400, "invalid_request_error", NULL, NULL, "the body is no object of JSON");
        completion_free(c);
        return;
    }
    if (!right_model(c, rq, o) || !can_all(rq, o) || !read_turns(rq, o, c->arena, &ask) || !read_sampling(rq, o, &ask) || !read_stops(rq, o, c) || !number(rq, o, "n", 1, CHOICES_MOST, 1, &count)) {
        completion_free(c);
        return;
    }
    c->count = c->left = (int)count;
    for (int i = 0; i < c->count; i++) c->choices[i] = (choice){ .of = c, .index = i };
    c->usage = cJSON_IsTrue(member(member(o, "stream_options"), "include_usage"));
    if (!cJSON_IsTrue(member(o, "stream"))) c->rq = rq;
    else c->stream = net_stream(rq, NULL, &stream_events, c);
    if (c->rq || c->stream) start(c, &ask);
    else completion_free(c);
}

void openai_stop(hub *h)
{
    for (int i = h->completions.count - 1; i >= 0; i--) {
        completion *c = h->completions.at[i];
        if (c->rq) failed(c, EZ_STOPPED, "the program ends; ask again");
        else net_channel_close(c->stream, 0, NULL);
    }
}

bool openai_handle(hub *h, net_request *rq, const char *path)
{
    bool get = !strcmp(rq->method, "GET");
    if (strncmp(path, "/v1/", 4))
        return false;
    if (!guard_same_site(rq)) refuse(rq, 403, "permission_error", NULL, NULL, "a page of another site asked for this");
    else if (!strcmp(path, "/v1/models") && get) list_models(h, rq, NULL);
    else if (!strncmp(path, "/v1/models/", 11) && get) list_models(h, rq, path + 11);
    else if (!strcmp(path, "/v1/chat/completions") && !strcmp(rq->method, "POST")) complete(h, rq);
    else refuse(rq, 404, "invalid_request_error", NULL, NULL, "there is nothing at %s %.200s; there are GET /v1/models and POST /v1/chat/completions", rq->method, path);
    return true;
}
