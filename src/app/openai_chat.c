/* openai_chat.c: /v1/chat/completions: a conversation, answered whole or as a stream of chunks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/openai.h"
#include <string.h>

/* ---- answers --------------------------------------------------------------------------------------------------------------------------- */

static void put_token(json *j, const wire_likely *t)
{
    json_key(j, "token"), json_text_n(j, t->bytes, t->count);
    json_key(j, "logprob"), json_number(j, t->logprob);
    json_key(j, "bytes");
    json_array(j);
    for (uint32_t i = 0; i < t->count; i++) json_int(j, (unsigned char)t->bytes[i]);
    json_array_end(j);
}

static void put_logprobs(json *j, const choice *x)
{
    json_key(j, "logprobs");
    if (!x->of->likely) {
        json_text(j, NULL);
        return;
    }
    json_object(j);
    json_key(j, "content");
    json_array(j);
    for (int i = x->from; i < x->until; i++) {
        const spoken *s = &x->spoken.at[i];
        json_object(j);
        put_token(j, &s->all[0]);
        json_key(j, "top_logprobs");
        json_array(j);
        for (int k = 1; k < s->count; k++) json_object(j), put_token(j, &s->all[k]), json_object_end(j);
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "refusal"), json_text(j, NULL);
    json_object_end(j);
}

static void put_calls(json *j, const choice *x)
{
    json_key(j, "tool_calls");
    json_array(j);
    for (int i = 0; i < x->calls.count; i++) {
        const tool_call *call = &x->calls.at[i];
        json_object(j);
        if (x->of->stream) json_key(j, "index"), json_int(j, i);
        json_key(j, "id"), json_text(j, call->id);
        json_key(j, "type"), json_text(j, "function");
        json_key(j, "function");
        json_object(j);
        json_key(j, "name"), json_text(j, call->name);
        json_key(j, "arguments"), json_text(j, call->arguments);
        json_object_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_choice(json *j, const choice *x)
{
    json_object(j);
    json_key(j, "index"), json_int(j, x->index);
    json_key(j, "message");
    json_object(j);
    json_key(j, "role"), json_text(j, "assistant");
    json_key(j, "content");
    if (x->calls.count && !x->sent) json_text(j, NULL);
    else json_text_n(j, x->said.at ? x->said.at : "", x->sent);
    if (x->calls.count) put_calls(j, x);
    json_object_end(j);
    put_logprobs(j, x);
    json_key(j, "finish_reason"), json_text(j, x->finish);
    json_object_end(j);
}

static bool whole(completion *c, text *body)
{
    json j = openai_object(c, body, "chat.completion");
    json_key(&j, "choices");
    json_array(&j);
    for (int i = 0; i < c->count; i++) put_choice(&j, &c->choices[i]);
    json_array_end(&j);
    openai_usage(&j, c);
    json_object_end(&j);
    return true;
}

static json chunk_begin(const choice *x, text *body)
{
    json j = openai_object(x->of, body, "chat.completion.chunk");
    json_key(&j, "choices");
    json_array(&j);
    json_object(&j);
    json_key(&j, "index"), json_int(&j, x->index);
    json_key(&j, "delta");
    json_object(&j);
    return j;
}

static void chunk_end(json *j, const choice *x, text *body)
{
    json_object_end(j);
    put_logprobs(j, x);
    json_key(j, "finish_reason"), json_text(j, x->finish);
    json_object_end(j);
    json_array_end(j);
    json_object_end(j);
    openai_send(x->of, body);
}

static void begin(choice *x)
{
    text body = { 0 };
    json j = chunk_begin(x, &body);
    json_key(&j, "role"), json_text(&j, "assistant");
    json_key(&j, "content"), json_text(&j, "");
    chunk_end(&j, x, &body);
}

static void more(choice *x, const char *words, size_t count)
{
    text body = { 0 };
    json j = chunk_begin(x, &body);
    json_key(&j, "content"), json_text_n(&j, words, count);
    chunk_end(&j, x, &body);
}

/* Calls are told at once, when they are known to be whole. */
static void ended(choice *x)
{
    text body = { 0 };
    json j = chunk_begin(x, &body);
    if (x->calls.count) put_calls(&j, x);
    chunk_end(&j, x, &body);
}

static void end(completion *c) { openai_end(c, "chat.completion.chunk"); }

static const openai_voice voice = { "chatcmpl-", begin, more, ended, end, whole };

/* ---- questions ------------------------------------------------------------------------------------------------------------------------- */

static bool read_turns(net_request *rq, completion *c, wire_ask *ask)
{
    arena *a = c->arena;
    const cJSON *messages = openai_member(c->asked, "messages"), *one;
    wire_turn *turns = arena_alloc(a, ((size_t)cJSON_GetArraySize(messages) + 1) * sizeof *turns);
    const char *results = NULL;                    /* of functions, those that follow one another are one turn */
    int i = 0;
    ask->turns = turns;
    cJSON_ArrayForEach(one, messages) {
        const char *role = openai_role(cJSON_GetStringValue(openai_member(one, "role")));
        if (!role) return openai_wrong(rq, "messages", "messages[%d] has no role that is known: system, developer, user, assistant, tool", i);
        const char *words = openai_content(c, openai_member(one, "content"), !strcmp(role, "user"), ask->count);
        if (!words) return openai_wrong(rq, "messages", "messages[%d] has something else than " OPENAI_PARTS, i);
        bool result = !strcmp(role, "tool");
        if (result && !cJSON_IsString(openai_member(one, "tool_call_id"))) return openai_wrong(rq, "messages", "messages[%d] has no tool_call_id", i);
        if (openai_member(one, "tool_calls") && !(words = openai_called(one, words, a))) return openai_wrong(rq, "messages", "messages[%d].tool_calls has one without a function's name and arguments, an object of JSON", i);
        if (results && result) ask->count--;
        results = result ? openai_result(results, words, a) : NULL;
        turns[ask->count++] = (wire_turn){ result ? "user" : role, result ? results : words };
        i++;
    }
    ask->pictures = c->pictures.at;
    ask->picture_count = c->pictures.count;
    return (cJSON_IsArray(messages) && ask->count) || openai_wrong(rq, "messages", "messages is no list with a message in it");
}

static bool read_likely(net_request *rq, const cJSON *o, completion *c)
{
    const cJSON *wanted = openai_member(o, "logprobs");
    int beside;
    if (wanted && !cJSON_IsBool(wanted)) return openai_wrong(rq, "logprobs", "logprobs must be true or false");
    if (!openai_whole(rq, o, "top_logprobs", 0, LIKELY_MOST, 0, &beside)) return false;
    if (beside && !cJSON_IsTrue(wanted)) return openai_wrong(rq, "top_logprobs", "top_logprobs needs logprobs: true");
    c->likely = cJSON_IsTrue(wanted) ? beside + 1 : 0;
    return true;
}

void openai_chat(hub *h, net_request *rq)
{
    completion *c = openai_read(h, rq, OPENAI_CHAT, &voice);
    wire_ask ask = { 0 };
    int count;
    if (!c) return;
    const cJSON *o = c->asked;
    const char *limit = openai_member(o, "max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    if (read_turns(rq, c, &ask) && openai_sampling(rq, o, limit, &ask) && openai_stops(rq, o, c) && openai_format(rq, o, c, &ask) &&
        openai_tools(rq, o, c, &ask) && read_likely(rq, o, c) && openai_whole(rq, o, "n", 1, CHOICES_MOST, 1, &count))
        openai_begin(c, rq, &ask, 1, count);
    else
        openai_free(c);
}
