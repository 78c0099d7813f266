/* openai_ask.c: what OpenAI's clients ask: each parameter is heard, without effect, or refused by its name. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar.h"
#include "app/openai.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CHAT = OPENAI_CHAT, TEXT = OPENAI_TEXT, EMBED = OPENAI_EMBED, RESP = OPENAI_RESPONSES, BOTH = CHAT | TEXT, THREE = BOTH | RESP, ALL = THREE | EMBED, TALK = CHAT | RESP };

/* only: NULL, it is heard; "", it changes no answer; else the one value that it may have, as JSON. null is the same as absence. */
static const struct { const char *name; int where; const char *only; } parameters[] = {
    { "model", ALL, NULL }, { "messages", CHAT, NULL }, { "prompt", TEXT, NULL }, { "input", EMBED | RESP, NULL }, { "instructions", RESP, NULL }, { "text", RESP, NULL }, { "max_output_tokens", RESP, NULL },
    { "stream", THREE, NULL }, { "stream_options", BOTH, NULL }, { "n", BOTH, NULL }, { "stop", BOTH, NULL }, { "max_tokens", BOTH, NULL }, { "max_completion_tokens", CHAT, NULL },
    { "temperature", THREE, NULL }, { "top_p", THREE, NULL }, { "top_k", THREE, NULL }, { "min_p", THREE, NULL }, { "seed", THREE, NULL },
    { "response_format", BOTH, NULL }, { "grammar", BOTH, NULL }, { "logprobs", BOTH, NULL }, { "top_logprobs", CHAT, NULL }, { "echo", TEXT, NULL },
    { "encoding_format", EMBED, NULL }, { "dimensions", EMBED, NULL },
    { "user", ALL, "" }, { "metadata", TALK, "" }, { "safety_identifier", TALK, "" }, { "prompt_cache_key", TALK, "" }, { "service_tier", TALK, "" },
    { "store", TALK, "false" }, { "presence_penalty", BOTH, "0" }, { "frequency_penalty", BOTH, "0" }, { "logit_bias", BOTH, "{}" }, { "suffix", TEXT, "\"\"" }, { "best_of", TEXT, "1" },
    { "tools", CHAT, NULL }, { "tool_choice", CHAT, NULL }, { "parallel_tool_calls", CHAT, NULL }, { "functions", CHAT, "[]" }, { "function_call", CHAT, "\"none\"" },
    { "tools", RESP, "[]" }, { "tool_choice", RESP, "\"none\"" }, { "parallel_tool_calls", RESP, "" }, { "previous_response_id", RESP, "null" }, { "conversation", RESP, "null" }, { "include", RESP, "[]" },
    { "background", RESP, "false" }, { "truncation", RESP, "\"auto\"" }, { "reasoning", RESP, "{}" }, { "top_logprobs", RESP, "0" }, { "prompt", RESP, "null" }, { "max_tool_calls", RESP, "null" },
    { "stream_options", RESP, "{}" },
    { "modalities", CHAT, "[\"text\"]" }, { "audio", CHAT, "null" }, { "prediction", CHAT, "null" }, { "web_search_options", CHAT, "null" },
    { "reasoning_effort", CHAT, "\"none\"" }, { "verbosity", CHAT, "\"medium\"" },
};

const cJSON *openai_member(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNull(v) ? NULL : v;
}

static bool is(const cJSON *v, const char *only)
{
    cJSON *want = cJSON_Parse(only);
    bool same = cJSON_Compare(v, want, true);
    cJSON_Delete(want);
    return same;
}

static bool known(net_request *rq, const cJSON *v, openai_endpoint where)
{
    for (int i = 0; i < COUNT(parameters); i++) {
        const char *only = parameters[i].only;
        if (!(parameters[i].where & where) || strcmp(v->string, parameters[i].name)) continue;
        if (!only || !*only || cJSON_IsNull(v) || is(v, only)) return true;
        openai_refuse(rq, 400, "invalid_request_error", v->string, "unsupported_parameter", "%s is not offered here%s%s", v->string, strcmp(only, "null") ? "; leave it out, or say " : "", strcmp(only, "null") ? only : "");
        return false;
    }
    openai_refuse(rq, 400, "invalid_request_error", v->string, "unknown_parameter", "%.100s is no parameter that is known here", v->string);
    return false;
}

static bool right_model(const completion *c, net_request *rq, const cJSON *o)
{
    const hub *h = c->hub;
    const char *name = c->model, *asked = cJSON_GetStringValue(openai_member(o, "model"));
    if (!name) openai_refuse(rq, 503, "server_error", NULL, NULL, "this program has no model; start it with --model FILE");
    else if (!asked) openai_wrong(rq, "model", "model is missing; there is %s", name);
    else if (strcmp(asked, name) && strcmp(asked, h->app->model)) openai_refuse(rq, 404, "invalid_request_error", "model", "model_not_found", "there is no model %.100s here; there is %s", asked, name);
    else return true;
    return false;
}

static bool right_body(completion *c, net_request *rq, openai_endpoint where)
{
    const cJSON *one;
    if (!cJSON_IsObject(c->asked) || !utf8_valid(rq->body, rq->count)) return openai_wrong(rq, NULL, "the body is no object of JSON");
    cJSON_ArrayForEach(one, c->asked)
        if (!known(rq, one, where)) return false;
    return right_model(c, rq, c->asked);
}

completion *openai_read(hub *h, net_request *rq, openai_endpoint where, const openai_voice *voice)
{
    completion *c = mem_alloc(sizeof *c);
    char id[TOKEN_CHARS + 1];
    token_new(id);
    *c = (completion){ .hub = h, .voice = voice, .arena = arena_new(), .created = wall_ms() / 1000, .asked = cJSON_ParseWithLength(rq->body, rq->count) };
    c->id = arena_printf(c->arena, "%s%s", voice->prefix, id);
    c->model = openai_model(h, c->arena);
    c->caller = access_key_id(rq);
    *list_add(&h->completions) = c;
    c->usage = cJSON_IsTrue(openai_member(openai_member(c->asked, "stream_options"), "include_usage"));
    if (right_body(c, rq, where))
        return c;
    openai_free(c);
    return NULL;
}

/* ---- numbers and stop words ------------------------------------------------------------------------------------------------------------ */

bool openai_number(net_request *rq, const cJSON *o, const char *name, double low, double high, double otherwise, double *out)
{
    const cJSON *v = openai_member(o, name);
    *out = v ? v->valuedouble : otherwise;
    if (!v || (cJSON_IsNumber(v) && *out >= low && *out <= high))
        return true;
    return openai_wrong(rq, name, "%s must be a number from %g to %g", name, low, high);
}

bool openai_whole(net_request *rq, const cJSON *o, const char *name, double low, double high, int otherwise, int *out)
{
    double v;
    if (!openai_number(rq, o, name, low, high, otherwise, &v))
        return false;
    *out = (int)v;
    return v == floor(v) || openai_wrong(rq, name, "%s must be a whole number", name);
}

bool openai_sampling(net_request *rq, const cJSON *o, const char *limit, wire_ask *ask)
{
    double temperature, top_p, min_p, seed;
    int top_k, most;
    if (!openai_number(rq, o, "temperature", 0, 2, 1, &temperature) || !openai_number(rq, o, "top_p", 0, 1, 1, &top_p) || !openai_number(rq, o, "min_p", 0, 1, 0, &min_p) ||
        !openai_whole(rq, o, "top_k", 0, 1e6, 0, &top_k) || !openai_number(rq, o, "seed", -9e15, 9e15, 0, &seed) || !openai_whole(rq, o, limit, 1, 1e6, 0, &most))
        return false;
    bool given = openai_member(o, "temperature") || openai_member(o, "top_p") || openai_member(o, "top_k") || openai_member(o, "min_p");
    ask->sampling.given = given;
    ask->sampling.temperature = temperature;
    ask->sampling.top_p = top_p >= 1 ? 0 : top_p;
    ask->sampling.min_p = min_p;
    ask->sampling.top_k = top_k;
    ask->sampling.seed = (uint32_t)(int64_t)seed;
    ask->max_tokens = most;
    return true;
}

bool openai_stops(net_request *rq, const cJSON *o, completion *c)
{
    const cJSON *stop = openai_member(o, "stop"), *one;
    int count = 0;
    bool good = !stop || cJSON_IsString(stop) || cJSON_IsArray(stop);
    if (cJSON_IsString(stop)) c->stops[count++] = stop->valuestring;
    if (cJSON_IsArray(stop))
        cJSON_ArrayForEach(one, stop) {
            good = good && cJSON_IsString(one) && count < STOPS_MOST;
            if (good) c->stops[count++] = one->valuestring;
        }
    for (int i = 0; i < count; i++) good = good && *c->stops[i] && strlen(c->stops[i]) <= STOP_LONGEST;
    return good || openai_wrong(rq, "stop", "stop is one word or up to %d, each of 1 to %d bytes", STOPS_MOST, STOP_LONGEST);
}

/* ---- prompts ----------------------------------------------------------------------------------------------------------------------------- */

/* [1, 2, 3]: the model's own numbers for tokens. */
static bool read_tokens(const cJSON *list, arena *a, wire_ask *ask)
{
    const cJSON *one;
    int32_t *tokens = arena_alloc(a, ((size_t)cJSON_GetArraySize(list) + 1) * sizeof *tokens);
    ask->tokens = tokens;
    cJSON_ArrayForEach(one, list) {
        if (!cJSON_IsNumber(one) || one->valuedouble != floor(one->valuedouble) || one->valuedouble < 0 || one->valuedouble > INT32_MAX) return false;
        tokens[ask->token_count++] = (int32_t)one->valuedouble;
    }
    return ask->token_count > 0;
}

static bool read_prompt(const cJSON *one, wire_form form, arena *a, wire_ask *ask)
{
    wire_turn *turn = arena_alloc(a, sizeof *turn);
    *turn = (wire_turn){ "", cJSON_GetStringValue(one) };
    *ask = (wire_ask){ .turns = turn, .count = turn->text != NULL, .form = form };
    return turn->text ? *turn->text != 0 : cJSON_IsArray(one) && read_tokens(one, a, ask);
}

int openai_prompts(net_request *rq, const cJSON *o, const char *name, wire_form form, arena *a, wire_ask **out)
{
    const cJSON *given = openai_member(o, name), *one = given;
    bool list = cJSON_IsArray(given) && !cJSON_IsNumber(given->child);
    int count = list ? cJSON_GetArraySize(given) : 1;
    if (count < 1 || count > PROMPTS_MOST) return openai_wrong(rq, name, "%s is a text, a list of tokens, or a list of 1 to %d of these", name, PROMPTS_MOST);
    *out = arena_alloc(a, (size_t)count * sizeof **out);
    for (int i = 0; i < count; i++) {
        one = !list ? given : i ? one->next : given->child;
        if (!read_prompt(one, form, a, *out + i)) return openai_wrong(rq, name, "%s%s is empty, or neither a text nor a list of tokens", name, list ? arena_printf(a, "[%d]", i) : "");
    }
    return count;
}

/* ---- messages ---------------------------------------------------------------------------------------------------------------------------- */

const char *openai_role(const char *role)
{
    static const char *const roles[][2] = { { "system", "system" }, { "developer", "system" }, { "user", "user" }, { "assistant", "assistant" }, { "tool", "tool" } };
    for (int i = 0; role && i < COUNT(roles); i++)
        if (!strcmp(role, roles[i][0])) return roles[i][1];
    return NULL;
}

/* input_text and output_text are parts' names in /v1/responses. */
static bool is_text(const char *type)
{
    return !strcmp(type, "text") || !strcmp(type, "input_text") || !strcmp(type, "output_text");
}

/* {"image_url": {"url": "…", "detail": "low"}}; in /v1/responses {"image_url": "…", "detail": "low"}. */
static bool read_picture(const cJSON *part, completion *c, int turn, size_t offset)
{
    const cJSON *image = openai_member(part, "image_url"), *detail = openai_member(cJSON_IsObject(image) ? image : part, "detail");
    const char *url = cJSON_GetStringValue(cJSON_IsObject(image) ? openai_member(image, "url") : image);
    if (!url || (plain_compare_n(url, "data:image/", 11) && plain_compare_n(url, "https://", 8) && plain_compare_n(url, "http://", 7)) || (detail && !cJSON_IsString(detail)))
        return false;
    *list_add(&c->pictures) = (wire_picture){ turn, (uint32_t)offset, url, "", detail ? detail->valuestring : "" };
    return true;
}

const char *openai_content(completion *c, const cJSON *content, bool user, int turn)
{
    text out = { .arena = c->arena };
    const cJSON *part;
    if (!content || cJSON_IsString(content))
        return content ? content->valuestring : "";
    if (!cJSON_IsArray(content))
        return NULL;
    cJSON_ArrayForEach(part, content) {
        const char *type = cJSON_GetStringValue(openai_member(part, "type")), *words = cJSON_GetStringValue(openai_member(part, "text"));
        bool picture = type && user && (!strcmp(type, "image_url") || !strcmp(type, "input_image"));
        if (!type || (picture ? !read_picture(part, c, turn, out.count) : !is_text(type) || !words))
            return NULL;
        if (!picture) text_puts(&out, words);
    }
    return out.at ? out.at : "";
}

/* ---- the form of an answer --------------------------------------------------------------------------------------------------------------- */

static bool use_schema(net_request *rq, const char *param, const cJSON *schema, arena *a, wire_ask *ask)
{
    api_grammar g = { 0 };
    ez_err why = { 0 };
    bool good = api_grammar_schema(&g, "root", schema, &why);
    if (good) ask->sampling.grammar = arena_text(a, g.rules.at);
    else openai_wrong(rq, param, "%s", why.text);
    text_done(&g.rules);
    return good;
}

bool openai_form(net_request *rq, const char *param, const cJSON *format, const cJSON *schema, arena *a, wire_ask *ask)
{
    const char *type = cJSON_GetStringValue(openai_member(format, "type"));
    if (!format || (type && !strcmp(type, "text"))) return true;
    if (type && !strcmp(type, "json_schema")) return schema ? use_schema(rq, param, schema, a, ask) : openai_wrong(rq, param, "%s: the schema of json_schema is missing", param);
    if (!type || strcmp(type, "json_object")) return openai_wrong(rq, param, "%s: type must be text, json_object or json_schema", param);
    cJSON *any = cJSON_Parse("{\"type\":\"object\"}");
    bool good = use_schema(rq, param, any, a, ask);
    cJSON_Delete(any);
    return good;
}

static bool use_grammar(net_request *rq, const cJSON *grammar, const completion *c, wire_ask *ask)
{
    ez_err why = { 0 };
    if (!c->hub->app->options.grammars) return openai_wrong(rq, "grammar", "grammar is not offered here; whoever starts the program can allow it with --grammars. A JSON Schema in response_format needs no permission");
    if (!cJSON_IsString(grammar)) return openai_wrong(rq, "grammar", "grammar must be a text of GBNF");
    if (ask->sampling.grammar) return openai_wrong(rq, "grammar", "grammar and response_format exclude each other");
    if (!api_grammar_bearable(grammar->valuestring, &why)) return openai_wrong(rq, "grammar", "grammar %s", why.text);
    ask->sampling.grammar = grammar->valuestring;
    return true;
}

bool openai_format(net_request *rq, const cJSON *o, completion *c, wire_ask *ask)
{
    const cJSON *format = openai_member(o, "response_format"), *grammar = openai_member(o, "grammar");
    return openai_form(rq, "response_format", format, openai_member(openai_member(format, "json_schema"), "schema"), c->arena, ask) && (!grammar || use_grammar(rq, grammar, c, ask));
}
