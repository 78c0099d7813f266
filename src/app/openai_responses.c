/* openai_responses.c: /v1/responses in its simple form: messages in, one message out, whole or as a stream of events. Nothing is stored, and there are no tools here. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/openai.h"
#include <string.h>

/* ---- answers --------------------------------------------------------------------------------------------------------------------------- */

static const char *status_of(const choice *x)
{
    return !x->finish ? "in_progress" : strcmp(x->finish, "length") ? "completed" : "incomplete";
}

static void put_part(json *j, const char *words, size_t count)
{
    json_object(j);
    json_key(j, "type"), json_text(j, "output_text");
    json_key(j, "text"), json_text_n(j, words, count);
    json_key(j, "annotations"), json_array(j), json_array_end(j);
    json_key(j, "logprobs"), json_array(j), json_array_end(j);
    json_object_end(j);
}

static const char *words_of(const choice *x)
{
    return x->said.at ? x->said.at : "";
}

static void put_id(json *j, const char *key, const completion *c)
{
    json_key(j, key), json_text(j, arena_printf(c->arena, "msg_%s", c->id + strlen(c->voice->prefix)));
}

static void put_message(json *j, const choice *x)
{
    json_object(j);
    json_key(j, "type"), json_text(j, "message");
    put_id(j, "id", x->of);
    json_key(j, "status"), json_text(j, status_of(x));
    json_key(j, "role"), json_text(j, "assistant");
    json_key(j, "content");
    json_array(j);
    if (x->finish) put_part(j, words_of(x), x->sent);
    json_array_end(j);
    json_object_end(j);
}

static void put_usage(json *j, const choice *x)
{
    json_object(j);
    json_key(j, "input_tokens"), json_int(j, x->prompt);
    json_key(j, "input_tokens_details"), json_object(j), json_key(j, "cached_tokens"), json_int(j, x->reused), json_object_end(j);
    json_key(j, "output_tokens"), json_int(j, x->tokens);
    json_key(j, "output_tokens_details"), json_object(j), json_key(j, "reasoning_tokens"), json_int(j, 0), json_object_end(j);
    json_key(j, "total_tokens"), json_int(j, x->prompt + x->tokens);
    json_object_end(j);
}

/* As it was asked; null: it was not. */
static void put_asked(json *j, const completion *c, const char *name, const char *otherwise)
{
    const cJSON *v = openai_member(c->asked, name);
    char *printed = v ? cJSON_PrintUnformatted(v) : NULL;
    json_key(j, name), json_raw(j, printed ? printed : otherwise, strlen(printed ? printed : otherwise));
    cJSON_free(printed);
}

static void put_response(json *j, const completion *c)
{
    const choice *x = c->choices;
    bool cut = x->finish && !strcmp(x->finish, "length");
    json_object(j);
    json_key(j, "id"), json_text(j, c->id);
    json_key(j, "object"), json_text(j, "response");
    json_key(j, "created_at"), json_int(j, c->created);
    json_key(j, "status"), json_text(j, status_of(x));
    json_key(j, "error"), json_text(j, NULL);
    json_key(j, "incomplete_details");
    if (cut) json_object(j), json_key(j, "reason"), json_text(j, "max_output_tokens"), json_object_end(j);
    else json_text(j, NULL);
    json_key(j, "model"), json_text(j, c->model);
    put_asked(j, c, "instructions", "null");
    put_asked(j, c, "max_output_tokens", "null");
    put_asked(j, c, "temperature", "null");
    put_asked(j, c, "top_p", "null");
    put_asked(j, c, "metadata", "{}");
    put_asked(j, c, "text", "{\"format\":{\"type\":\"text\"}}");
    json_key(j, "store"), json_bool(j, false);
    json_key(j, "parallel_tool_calls"), json_bool(j, false);
    json_key(j, "tool_choice"), json_text(j, "none");
    json_key(j, "tools"), json_array(j), json_array_end(j);
    json_key(j, "output");
    json_array(j);
    if (x->finish) put_message(j, x);
    json_array_end(j);
    json_key(j, "usage");
    if (x->finish) put_usage(j, x);
    else json_text(j, NULL);
    json_object_end(j);
}

static bool whole(completion *c, text *body)
{
    json j = json_to(body);
    put_response(&j, c);
    return true;
}

/* ---- events ---------------------------------------------------------------------------------------------------------------------------- */

static json event_begin(completion *c, const char *type, text *body)
{
    json j = json_to(body);
    json_object(&j);
    json_key(&j, "type"), json_text(&j, type);
    json_key(&j, "sequence_number"), json_int(&j, c->events++);
    return j;
}

static void event_end(completion *c, const char *type, json *j, text *body)
{
    json_object_end(j);
    net_channel_send_event(c->stream, type, NULL, body->at, body->count);
    text_done(body);
}

static void tell_response(completion *c, const char *type)
{
    text body = { 0 };
    json j = event_begin(c, type, &body);
    json_key(&j, "response");
    put_response(&j, c);
    event_end(c, type, &j, &body);
}

static void tell_item(choice *x, const char *type)
{
    text body = { 0 };
    json j = event_begin(x->of, type, &body);
    json_key(&j, "output_index"), json_int(&j, 0);
    json_key(&j, "item");
    put_message(&j, x);
    event_end(x->of, type, &j, &body);
}

static json part_begin(choice *x, const char *type, text *body)
{
    json j = event_begin(x->of, type, body);
    put_id(&j, "item_id", x->of);
    json_key(&j, "output_index"), json_int(&j, 0);
    json_key(&j, "content_index"), json_int(&j, 0);
    return j;
}

static void tell_part(choice *x, const char *type, const char *words, size_t count)
{
    text body = { 0 };
    json j = part_begin(x, type, &body);
    json_key(&j, "part");
    put_part(&j, words, count);
    event_end(x->of, type, &j, &body);
}

static void tell_words(choice *x, const char *type, const char *key, const char *words, size_t count)
{
    text body = { 0 };
    json j = part_begin(x, type, &body);
    json_key(&j, key), json_text_n(&j, words, count);
    json_key(&j, "logprobs"), json_array(&j), json_array_end(&j);
    event_end(x->of, type, &j, &body);
}

static void begin(choice *x)
{
    tell_response(x->of, "response.created");
    tell_response(x->of, "response.in_progress");
    tell_item(x, "response.output_item.added");
    tell_part(x, "response.content_part.added", "", 0);
}

static void more(choice *x, const char *words, size_t count)
{
    tell_words(x, "response.output_text.delta", "delta", words, count);
}

static void ended(choice *x)
{
    tell_words(x, "response.output_text.done", "text", words_of(x), x->sent);
    tell_part(x, "response.content_part.done", words_of(x), x->sent);
    tell_item(x, "response.output_item.done");
}

static void end(completion *c)
{
    tell_response(c, strcmp(c->choices->finish, "length") ? "response.completed" : "response.incomplete");
}

static const openai_voice voice = { "resp_", begin, more, ended, end, whole };

/* ---- questions ------------------------------------------------------------------------------------------------------------------------- */

static const char *role_of(const cJSON *item)
{
    const char *type = cJSON_GetStringValue(openai_member(item, "type")), *role = cJSON_GetStringValue(openai_member(item, "role"));
    return type && strcmp(type, "message") ? NULL : openai_role(role);
}

static bool read_input(net_request *rq, completion *c, wire_ask *ask)
{
    const cJSON *o = c->asked, *input = openai_member(o, "input"), *instructions = openai_member(o, "instructions"), *one;
    wire_turn *turns = arena_alloc(c->arena, ((size_t)cJSON_GetArraySize(input) + 3) * sizeof *turns);
    int i = 0;
    ask->turns = turns;
    if (instructions && !cJSON_IsString(instructions)) return openai_wrong(rq, "instructions", "instructions must be a text");
    if (instructions) turns[ask->count++] = (wire_turn){ "system", instructions->valuestring };
    if (cJSON_IsString(input)) turns[ask->count++] = (wire_turn){ "user", input->valuestring };
    else if (!cJSON_IsArray(input) || !input->child) return openai_wrong(rq, "input", "input must be a text or a list with a message in it");
    else
        cJSON_ArrayForEach(one, input) {
            const char *role = role_of(one);
            if (!role || !strcmp(role, "tool")) return openai_wrong(rq, "input", "input[%d] is no message of a role that is known: system, developer, user, assistant", i);
            const char *words = openai_content(c, openai_member(one, "content"), !strcmp(role, "user"), ask->count);
            if (!words) return openai_wrong(rq, "input", "input[%d] has something else than " OPENAI_PARTS, i);
            turns[ask->count++] = (wire_turn){ role, words };
            i++;
        }
    ask->pictures = c->pictures.at;
    ask->picture_count = c->pictures.count;
    return true;
}

void openai_responses(hub *h, net_request *rq)
{
    completion *c = openai_read(h, rq, OPENAI_RESPONSES, &voice);
    wire_ask ask = { 0 };
    if (!c) return;
    const cJSON *o = c->asked, *format = openai_member(openai_member(o, "text"), "format");
    if (read_input(rq, c, &ask) && openai_sampling(rq, o, "max_output_tokens", &ask) && openai_form(rq, "text", format, openai_member(format, "schema"), c->arena, &ask))
        openai_begin(c, rq, &ask, 1, 1);
    else
        openai_free(c);
}
