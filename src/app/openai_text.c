/* openai_text.c: /v1/completions: texts that the model goes on with as they are, without a chat's template. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/openai.h"
#include <string.h>

enum { TOKENS_UNSAID = 16, LIKELY_LEGACY = 5 };    /* as OpenAI has them */

/* ---- answers --------------------------------------------------------------------------------------------------------------------------- */

/* With echo, the prompt stands before the answer. */
static const char *before(const choice *x)
{
    const completion *c = x->of;
    if (!cJSON_IsTrue(openai_member(c->asked, "echo"))) return "";
    const cJSON *prompt = openai_member(c->asked, "prompt");
    return cJSON_IsArray(prompt) ? cJSON_GetArrayItem(prompt, x->index / (c->count / c->prompts))->valuestring : prompt->valuestring;
}

static void put_tokens(json *j, const choice *x)
{
    json_key(j, "tokens");
    json_array(j);
    for (int i = x->from; i < x->until; i++) json_text_n(j, x->spoken.at[i].all[0].bytes, x->spoken.at[i].all[0].count);
    json_array_end(j);
    json_key(j, "token_logprobs");
    json_array(j);
    for (int i = x->from; i < x->until; i++) json_number(j, x->spoken.at[i].all[0].logprob);
    json_array_end(j);
}

/* Of each token the most probable, and the one that was said. */
static void put_likeliest(json *j, const spoken *s)
{
    bool said = false;
    json_object(j);
    for (int k = 1; k < s->count; k++) {
        const wire_likely *t = &s->all[k];
        said = said || (t->count == s->all[0].count && !memcmp(t->bytes, s->all[0].bytes, t->count));
        json_key(j, t->bytes), json_number(j, t->logprob);
    }
    if (!said) json_key(j, s->all[0].bytes), json_number(j, s->all[0].logprob);
    json_object_end(j);
}

static void put_logprobs(json *j, const choice *x)
{
    json_key(j, "logprobs");
    if (!x->of->likely) {
        json_text(j, NULL);
        return;
    }
    json_object(j);
    put_tokens(j, x);
    json_key(j, "top_logprobs");
    json_array(j);
    for (int i = x->from; i < x->until; i++) put_likeliest(j, &x->spoken.at[i]);
    json_array_end(j);
    json_key(j, "text_offset");
    json_array(j);
    for (int i = x->from; i < x->until; i++) {
        size_t begin = i ? x->spoken.at[i - 1].end : 0;
        char *head = arena_text_n(x->of->arena, x->said.at, begin);
        json_int(j, utf8_length(before(x)) + utf8_length(head));
    }
    json_array_end(j);
    json_object_end(j);
}

static void put_choice(json *j, const choice *x, const char *head, const char *words, size_t count)
{
    text all = { 0 };
    text_puts(&all, head);
    text_add(&all, words, count);
    json_object(j);
    json_key(j, "index"), json_int(j, x->index);
    json_key(j, "text"), json_text_n(j, all.at, all.count);
    put_logprobs(j, x);
    json_key(j, "finish_reason"), json_text(j, x->finish);
    json_object_end(j);
    text_done(&all);
}

static bool whole(completion *c, text *body)
{
    json j = openai_object(c, body, "text_completion");
    json_key(&j, "choices");
    json_array(&j);
    for (int i = 0; i < c->count; i++) put_choice(&j, &c->choices[i], before(&c->choices[i]), c->choices[i].said.at ? c->choices[i].said.at : "", c->choices[i].sent);
    json_array_end(&j);
    openai_usage(&j, c);
    json_object_end(&j);
    return true;
}

static void chunk(choice *x, const char *head, const char *words, size_t count)
{
    text body = { 0 };
    json j = openai_object(x->of, &body, "text_completion");
    json_key(&j, "choices");
    json_array(&j);
    put_choice(&j, x, head, words, count);
    json_array_end(&j);
    json_object_end(&j);
    openai_send(x->of, &body);
}

static void begin(choice *x)
{
    if (*before(x)) chunk(x, before(x), "", 0);
}

static void more(choice *x, const char *words, size_t count) { chunk(x, "", words, count); }
static void ended(choice *x) { chunk(x, "", "", 0); }

static void end(completion *c) { openai_end(c, "text_completion"); }

static const openai_voice voice = { "cmpl-", begin, more, ended, end, whole };

/* ---- questions ------------------------------------------------------------------------------------------------------------------------- */

static bool read_echo(net_request *rq, const cJSON *o, const wire_ask *asks, int prompts)
{
    const cJSON *echo = openai_member(o, "echo");
    if (echo && !cJSON_IsBool(echo)) return openai_wrong(rq, "echo", "echo must be true or false");
    if (!cJSON_IsTrue(echo)) return true;
    if (openai_member(o, "logprobs")) return openai_wrong(rq, "echo", "echo beside logprobs is not offered here: a prompt's own tokens have none");
    for (int i = 0; i < prompts; i++)
        if (asks[i].token_count) return openai_wrong(rq, "echo", "echo of a prompt of tokens is not offered here; give it as a text");
    return true;
}

void openai_text(hub *h, net_request *rq)
{
    completion *c = openai_read(h, rq, OPENAI_TEXT, &voice);
    wire_ask *asks, same = { 0 };
    int prompts, each, likely;
    if (!c) return;
    const cJSON *o = c->asked;
    bool good = (prompts = openai_prompts(rq, o, "prompt", WIRE_PLAIN, c->arena, &asks)) && openai_sampling(rq, o, "max_tokens", &same) && openai_stops(rq, o, c) &&
                openai_format(rq, o, c, &same) && read_echo(rq, o, asks, prompts) && openai_whole(rq, o, "logprobs", 0, LIKELY_LEGACY, -1, &likely) &&
                openai_whole(rq, o, "n", 1, CHOICES_MOST, 1, &each);
    if (good && prompts * each > PROMPTS_MOST) good = openai_wrong(rq, "n", "n for each prompt makes %d answers; up to %d are given at once", prompts * each, PROMPTS_MOST);
    if (!good) {
        openai_free(c);
        return;
    }
    c->likely = likely + 1;
    for (int i = 0; i < prompts; i++) {
        asks[i].sampling = same.sampling;
        asks[i].max_tokens = same.max_tokens ? same.max_tokens : TOKENS_UNSAID;
    }
    openai_begin(c, rq, asks, prompts, each);
}
