/* engine_prompt.c: from a conversation to the tokens that the model is to go on from. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <stdio.h>
#include <string.h>

/* ---- text to tokens ------------------------------------------------------------------------------------------- */

static void add_tokens(engine *e, trail *out, const char *s, size_t count, bool first, bool parse)
{
    if (!count || count > INT32_MAX / 2) return;
    int room = (int)count + 2;                     /* a token stands for one byte at least, and one may be added in front and behind */
    lm_token *at = mem_alloc((size_t)room * sizeof *at);
    int got = e->lib->tokenize(e->vocab, s, (int)count, at, room, first, parse);
    for (int i = 0; i < got; i++) *list_add(&out->tokens) = at[i];
    mem_free(at);
}

static int count_tokens(engine *e, const char *s)
{
    trail t = { 0 };
    add_tokens(e, &t, s, strlen(s), false, false);
    int count = t.tokens.count;
    trail_done(&t);
    return count;
}

/* A text in which "<|im_end|>" or another of the model's control tokens is spelled would end a turn and begin another. */
static bool spells_control(engine *e, const char *s)
{
    trail t = { 0 };
    add_tokens(e, &t, s, strlen(s), false, true);
    bool found = false;
    for (int i = 0; i < t.tokens.count && !found; i++) found = e->lib->vocab_is_control(e->vocab, t.tokens.at[i]);
    trail_done(&t);
    return found;
}

static bool apply_template(engine *e, const lm_chat_message *messages, int count, bool answer, text *out)
{
    size_t room = 256;
    for (int i = 0; i < count; i++) room += 2 * (strlen(messages[i].role) + strlen(messages[i].content)) + 32;
    for (int round = 0; round < 2; round++) {
        char *at = mem_alloc(room + 1);
        int got = e->lib->chat_apply_template(e->template ? e->template : "chatml", messages, (size_t)count, answer, at, (int)room);
        bool fits = got >= 0 && (size_t)got <= room;
        if (fits) text_add(out, at, strnlen(at, (size_t)got));
        mem_free(at);
        if (fits || got < 0) return fits;
        room = (size_t)got + 1;
    }
    return false;
}

/* ---- a conversation -------------------------------------------------------------------------------------------- */

/* Which turns are left after the oldest were dropped: the system's at the front, and everything from `from` on. */
typedef struct chosen { const wire_turn *turns; int count, head, from; } chosen;

static int choose(const chosen *c, arena *a, lm_chat_message **out)
{
    *out = arena_alloc(a, (size_t)(c->count + 1) * sizeof **out);
    int count = 0;
    for (int i = 0; i < c->count; i++)
        if (i < c->head || i >= c->from) (*out)[count++] = (lm_chat_message){ c->turns[i].role, c->turns[i].text };
    return count;
}

/* Control tokens that somebody typed stay plain text: the template is filled with marks first, and what the marks stand for is
 * tokenised apart. Only for conversations that need it, as pieces may tokenise otherwise than the whole. */
static bool guarded(engine *e, lm_chat_message *messages, int count, arena *a, trail *out)
{
    const char **said = arena_alloc(a, (size_t)count * sizeof *said);
    for (int i = 0; i < count; i++) {
        if (!spells_control(e, messages[i].content)) continue;
        said[i] = messages[i].content;
        messages[i].content = arena_printf(a, "\x01" "said %d\x02", i);
    }
    text rendered = { 0 };
    bool ok = apply_template(e, messages, count, true, &rendered);
    const char *at = rendered.at ? rendered.at : "";
    for (int i = 0; ok && i < count; i++) {
        if (!said[i]) continue;
        const char *mark = strstr(at, messages[i].content);
        if (!mark) continue;                       /* a template that leaves this message out */
        add_tokens(e, out, at, (size_t)(mark - at), out->tokens.count == 0, true);
        add_tokens(e, out, said[i], strlen(said[i]), false, false);
        at = mark + strlen(messages[i].content);
    }
    if (ok) add_tokens(e, out, at, strlen(at), out->tokens.count == 0, true);
    text_done(&rendered);
    return ok;
}

/* The conversation as tokens. When its text begins with what a stream holds, that stream's tokens are the beginning: a model's own
 * words need not be cut into the tokens in which it said them. */
static bool build(engine *e, const chosen *c, trail *out)
{
    trail_clear(out);
    arena *a = arena_new();
    lm_chat_message *messages;
    int count = choose(c, a, &messages);
    bool guard = false, ok;
    for (int i = 0; i < count; i++) guard = guard || spells_control(e, messages[i].content);
    if (guard) ok = guarded(e, messages, count, a, out);
    else if ((ok = apply_template(e, messages, count, true, &out->said))) {
        const trail *known = engine_said(e, out->said.at, out->said.count);
        size_t from = known ? known->said.count : 0;
        for (int i = 0; known && i < known->tokens.count; i++) *list_add(&out->tokens) = known->tokens.at[i];
        add_tokens(e, out, out->said.at + from, out->said.count - from, !known, true);
    }
    arena_free(a);
    return ok && out->tokens.count > 0;
}

/* Where to cut a conversation that is too long. Cutting as little as fits would move the beginning with every turn, and all of it
 * would be evaluated anew each time; so the cut goes to the next mark that stands at a quarter of the context. */
static void cut(engine *e, chosen *c, int excess, int n_ctx)
{
    int quarter = n_ctx / 4 > 0 ? n_ctx / 4 : 1, gone = 0;
    int wanted = (excess + quarter - 1) / quarter * quarter;
    while (c->from < c->count - 1 && gone < wanted) gone += count_tokens(e, c->turns[c->from++].text) + 8;
    /* An answer whose question is gone goes with it. */
    while (c->from < c->count - 1 && !strcmp(c->turns[c->from].role, "assistant")) c->from++;
}

bool engine_tokens(engine *e, const answer *a, bool parse, trail *out, ez_err *err)
{
    int vocabulary = e->lib->vocab_n_tokens(e->vocab);
    trail_clear(out);
    for (int i = 0; i < a->ask.token_count; i++) {
        if (a->ask.tokens[i] < 0 || a->ask.tokens[i] >= vocabulary) return error_set(err, EZ_FAILED, "there is no token %d; %s has %d", a->ask.tokens[i], e->name, vocabulary);
        *list_add(&out->tokens) = a->ask.tokens[i];
    }
    const char *words = a->ask.count ? a->ask.turns[0].text : "";
    if (!out->tokens.count) add_tokens(e, out, words, strlen(words), true, parse);
    return out->tokens.count || error_set(err, EZ_FAILED, "the text is empty, there is nothing to go on from");
}

static int shorter(int a, int b) { return a < b ? a : b; }

/* Whether the answer has room behind this prompt. */
static bool fits(answer *a, int total, int n_ctx, ez_err *err)
{
    if (total > n_ctx - 16)
        return error_set(err, EZ_FAILED, "the message is too long: it has %d tokens, and %d fit into the context of %d; shorten it, or start the program with a larger context",
                         total, n_ctx - 16, n_ctx);
    a->started.prompt = total;
    a->limit = n_ctx - total;
    if (a->ask.max_tokens > 0) a->limit = shorter(a->limit, a->ask.max_tokens);
    return true;
}

bool engine_prompt(engine *e, answer *a, trail *prompt, ez_err *err)
{
    chosen c = { a->ask.turns, a->ask.count, 0, 0 };
    int n_ctx = a->ask.n_ctx > 0 ? shorter(a->ask.n_ctx, e->n_ctx) : e->n_ctx;
    n_ctx = shorter(n_ctx, e->cells_max);
    if (a->ask.form != WIRE_CHAT) return engine_tokens(e, a, true, prompt, err) && fits(a, prompt->tokens.count, n_ctx, err);
    if (a->ask.picture_count) return error_set(err, EZ_FAILED, "the model %s reads text alone, and the conversation has a picture; a model that sees can be asked on another server (--model http://…)", e->name);
    if (c.count < 1) return error_set(err, EZ_FAILED, "the conversation is empty, there is nothing to answer");
    while (c.head < c.count - 1 && !strcmp(c.turns[c.head].role, "system")) c.head++;
    c.from = c.head;
    int answer_room = a->ask.max_tokens > 0 ? shorter(a->ask.max_tokens, n_ctx / 4) : n_ctx / 4;

    /* The answer gets a quarter of the context, if need be less: the last message alone may fill the rest. */
    int total = 0;
    for (;;) {
        if (!build(e, &c, prompt)) return error_set(err, EZ_FAILED, "the chat template of %s cannot express this conversation", e->name);
        total = prompt->tokens.count;
        if (total <= n_ctx - answer_room) break;
        if (c.from >= c.count - 1) break;
        cut(e, &c, total - (n_ctx - answer_room), n_ctx);
    }
    a->started.dropped = c.from - c.head;
    return fits(a, total, n_ctx, err);
}

/* ---- the system prompt ------------------------------------------------------------------------------------------ */

/* What two conversations with the same system prompt share is found by rendering two; some templates put it into the question. */
void engine_system(engine *e)
{
    trail_clear(&e->system);
    e->system_done = true;
    if (!e->o.system || !e->o.system[0]) return;
    trail a = { 0 }, b = { 0 };
    wire_turn one[2] = { { "system", e->o.system }, { "user", "Hello" } }, two[2] = { one[0], { "user", "42?" } };
    if (build(e, &(chosen){ one, 2, 1, 1 }, &a) && build(e, &(chosen){ two, 2, 1, 1 }, &b)) {
        int common = trail_common(&a, &b);
        if (common > e->n_ctx - 16) common = e->n_ctx - 16;
        for (int i = 0; i < common; i++) *list_add(&e->system.tokens) = a.tokens.at[i];
        e->system_done = common == 0;
    }
    trail_done(&a);
    trail_done(&b);
}
