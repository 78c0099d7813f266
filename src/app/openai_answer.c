/* openai_answer.c: the life of a question from OpenAI's clients: it is asked as often as answers are wanted, and each answer is heard, cut at its stop words, and told.
 *
 * The engine answers these questions beside those of pages, in one batch. A question belongs to its caller: when his line breaks, it is stopped. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/openai.h"
#include "app/usage.h"
#include <string.h>

typedef struct token_sum { int prompt, reused, answered; } token_sum;

/* Of all answers, and of each prompt once. */
static token_sum tokens_of(const completion *c)
{
    token_sum t = { 0 };
    for (int i = 0; i < c->count; i++) t.answered += c->choices[i].tokens;
    for (int i = 0; i < c->count; i += c->count / c->prompts) {
        t.prompt += c->choices[i].prompt;
        t.reused += c->choices[i].reused;
    }
    return t;
}

void openai_free(completion *c)
{
    token_sum t = tokens_of(c);
    usage_count(c->hub, c->caller, USAGE_TOKENS, t.prompt + t.answered);
    list_drop(&c->hub->completions, c);
    for (int i = 0; i < c->count; i++) {
        if (c->choices[i].key) models_leave(c->hub->models, c->choices[i].key);
        text_done(&c->choices[i].said);
        list_done(&c->choices[i].spoken);
        list_done(&c->choices[i].calls);
    }
    list_done(&c->pictures);
    cJSON_Delete(c->asked);
    arena_free(c->arena);
    mem_free(c);
}

/* ---- what all endpoints say alike ------------------------------------------------------------------------------------------------------ */

json openai_object(const completion *c, text *out, const char *object)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "id"), json_text(&j, c->id);
    json_key(&j, "object"), json_text(&j, object);
    json_key(&j, "created"), json_int(&j, c->created);
    json_key(&j, "model"), json_text(&j, c->model);
    return j;
}

void openai_usage(json *j, const completion *c)
{
    token_sum t = tokens_of(c);
    json_key(j, "usage");
    json_object(j);
    json_key(j, "prompt_tokens"), json_int(j, t.prompt);
    json_key(j, "completion_tokens"), json_int(j, t.answered);
    json_key(j, "total_tokens"), json_int(j, t.prompt + t.answered);
    json_key(j, "prompt_tokens_details");
    json_object(j);
    json_key(j, "cached_tokens"), json_int(j, t.reused);
    json_object_end(j);
    json_object_end(j);
}

void openai_send(completion *c, text *body)
{
    net_channel_send(c->stream, body->at, body->count);
    text_done(body);
}

void openai_end(completion *c, const char *object)
{
    if (c->usage) {
        text body = { 0 };
        json j = openai_object(c, &body, object);
        json_key(&j, "choices"), json_array(&j), json_array_end(&j);
        openai_usage(&j, c);
        json_object_end(&j);
        openai_send(c, &body);
    }
    net_channel_send(c->stream, "[DONE]", 6);
}

/* ---- answers --------------------------------------------------------------------------------------------------------------------------- */

/* The words that text is looked through for: those that stop it, and the one that begins a call. NULL: there are no more. */
static const char *mark(const completion *c, int i)
{
    int stops = 0;
    while (stops < STOPS_MOST && c->stops[stops]) stops++;
    return i < stops ? c->stops[i] : i == stops ? openai_call_begins(c) : NULL;
}

/* How many of the last bytes may be the beginning of such a word. */
static size_t held_back(const completion *c, const text *said, size_t from)
{
    const char *word;
    for (size_t at = from; at < said->count; at++)
        for (int i = 0; (word = mark(c, i)) != NULL; i++)
            if (!strncmp(said->at + at, word, said->count - at))
                return said->count - at;
    return 0;
}

static const char *first_mark(const completion *c, const text *said, size_t from, const char **which)
{
    const char *first = NULL, *word;
    for (int i = 0; (word = mark(c, i)) != NULL; i++) {
        const char *at = strstr(said->at + from, word);
        if (at && (!first || at < first)) first = at, *which = word;
    }
    return first;
}

static void tell_until(choice *x, size_t until)
{
    size_t from = x->sent;
    x->sent = until;
    while (x->until < x->spoken.count && x->spoken.at[x->until].end <= until) x->until++;
    if (x->of->stream && until > from) {
        x->of->voice->more(x, x->said.at + from, until - from);
        x->from = x->until;
    }
}

/* Tells what is certain by now. True: a stop word came. */
static bool tell(choice *x, bool last)
{
    if (!x->said.count || x->calling)
        return false;
    const char *which = NULL, *found = first_mark(x->of, &x->said, x->sent, &which);
    tell_until(x, found ? (size_t)(found - x->said.at) : x->said.count - (last ? 0 : held_back(x->of, &x->said, x->sent)));
    x->calling = found && which == openai_call_begins(x->of);
    return found && !x->calling;
}

static void keep_spoken(choice *x, const wire_probable *p)
{
    arena *a = x->of->arena;
    wire_likely *all = arena_copy(a, p->all, (size_t)p->count * sizeof *all);
    for (int i = 0; i < p->count; i++) all[i].bytes = arena_text_n(a, all[i].bytes, all[i].count);
    *list_add(&x->spoken) = (spoken){ p->offset, p->count, all };
}

static void choice_ended(choice *x, const char *finish)
{
    completion *c = x->of;
    if (x->calling && openai_calls(x, x->sent)) finish = "tool_calls";
    else if (x->calling) tell_until(x, x->said.count);             /* it was not well formed, or cut off: words, then */
    x->finish = finish;
    if (c->stream) c->voice->ended(x);
    if (--c->left)
        return;
    if (c->stream) {
        c->voice->end(c);
        net_channel_close(c->stream, 0, NULL);     /* freed when it has closed */
    } else {
        text body = { 0 };
        bool good = c->voice->whole(c, &body);
        calls_reply(c->rq, good ? 200 : 400, &body, NULL, NULL);
        openai_free(c);
    }
}

static void failed(completion *c, ez_err_code code, bool refused, const char *why)
{
    const char *type = refused ? "invalid_request_error" : code == EZ_FULL ? "rate_limit_error" : "server_error", *words = why && *why ? why : "the answer could not be written";
    if (c->asking) {
        error_set(&c->error, code, "%s", words);
        c->refused = refused;
    } else if (c->stream) {
        text body = { 0 };
        openai_error(&body, type, NULL, NULL, words);
        openai_send(c, &body);
        net_channel_close(c->stream, 0, NULL);
        for (int i = 0; i < c->count; i++) {
            if (c->choices[i].key) models_leave(c->hub->models, c->choices[i].key);
            c->choices[i].key = 0;
        }
    } else {
        openai_refuse(c->rq, refused ? 400 : 503, type, NULL, NULL, "%s", words);
        openai_free(c);
    }
}

static void on_news(void *data, const answer_news *a)
{
    choice *x = data;
    completion *c = x->of;
    uint64_t key = x->key;
    if (c->rq && !net_waits(c->rq)) {
        failed(c, EZ_STOPPED, false, "its caller has gone");
    } else if (a->kind == ANSWER_STARTED) {
        x->prompt = a->prompt;
        x->reused = a->reused;
    } else if (a->kind == ANSWER_PROBABLE) {
        keep_spoken(x, a->probable);
    } else if (a->kind == ANSWER_VECTOR) {
        x->width = a->vector->count;
        x->vector = arena_copy(c->arena, a->vector->at, (size_t)x->width * sizeof *x->vector);
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
            failed(c, a->code, a->refused, a->error);
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
    openai_free(data);
}

static const net_channel_events stream_events = { .on_close = stream_closed };

/* ---- questions ------------------------------------------------------------------------------------------------------------------------- */

static void ask_all(completion *c, wire_ask *asks)
{
    c->asking = true;
    for (int i = 0; i < c->count && !c->error.code; i++) {
        choice *x = &c->choices[i];
        int each = c->count / c->prompts;
        wire_ask ask = asks[i / each];
        ask.key = x->key = random_u64();
        ask.probable = c->likely;
        if (ask.sampling.seed) ask.sampling.seed += (uint32_t)(i % each);
        if (!models_say(c->hub->models, &ask, on_news, x)) {
            x->key = 0;
            failed(c, EZ_FAILED, true, "the question is too long to be sent to the model");
        }
    }
    c->asking = false;
    if (c->error.code) failed(c, c->error.code, c->refused, c->error.text);
}

void openai_begin(completion *c, net_request *rq, wire_ask *asks, int prompts, int each)
{
    usage_count(c->hub, c->caller, USAGE_CALLS, 1);
    c->count = c->left = prompts * each;
    c->prompts = prompts;
    c->choices = arena_alloc(c->arena, (size_t)c->count * sizeof *c->choices);
    for (int i = 0; i < c->count; i++) c->choices[i] = (choice){ .of = c, .index = i };
    if (!cJSON_IsTrue(openai_member(c->asked, "stream"))) c->rq = rq;
    else if (!(c->stream = net_stream(rq, NULL, &stream_events, c))) {
        openai_free(c);
        return;
    }
    for (int i = 0; c->stream && i < c->count; i++) c->voice->begin(&c->choices[i]);
    ask_all(c, asks);
}

void openai_stop(hub *h)
{
    for (int i = h->completions.count - 1; i >= 0; i--) {
        completion *c = h->completions.at[i];
        if (c->rq) failed(c, EZ_STOPPED, false, "the program ends; ask again");
        else net_channel_close(c->stream, 0, NULL);
    }
}
