/* engine_step.c: one llama_decode for everybody: whose tokens go into it, and what is sampled from it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <string.h>

/* ---- an answer begins and ends -------------------------------------------------------------------------------- */

bool engine_start(engine *e, place *p, answer *a)
{
    ez_err err = { 0 };
    p->answer = a;
    p->begun = false;
    p->row = -1;
    p->used_ms = clock_ms();
    a->state = ANSWER_RUNS;
    a->placed_ns = clock_ns();
    if (engine_samplers(e, p, &a->ask.sampling, &err)) return true;
    engine_leave(e, p);
    engine_end(e, a, WIRE_END_REFUSED, err.code, "%s", err.text);
    return false;
}

void engine_leave(engine *e, place *p)
{
    if (p->chain) e->lib->sampler_free(p->chain);
    if (p->grammar) e->lib->sampler_free(p->grammar);
    p->chain = p->grammar = NULL;
    p->answer = NULL;
    p->row = -1;
    p->used_ms = clock_ms();
    trail_clear(&p->prompt);
}

/* ---- who takes part ---------------------------------------------------------------------------------------------- */

static bool prompting(const place *p) { return p->answer && p->begun && p->kv.tokens.count < p->prompt.tokens.count; }
static bool speaking(const place *p) { return p->answer && p->begun && p->kv.tokens.count >= p->prompt.tokens.count; }
static int remaining(const place *p) { return p->prompt.tokens.count - p->kv.tokens.count; }

/* Shortest first; time waited counts as work done, so that a long prompt is not pushed back for ever. */
static double urgency(const place *p, int64_t now)
{
    return remaining(p) - (double)(now - p->answer->placed_ns) / 5e6;
}

static place *most_urgent(engine *e, int64_t now)
{
    place *best = NULL;
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (prompting(p) && !p->piece && e->cells > p->kv.tokens.count && (!best || urgency(p, now) < urgency(best, now))) best = p;
    }
    return best;
}

static int least(int a, int b) { return a < b ? a : b; }

/* Gives each prompt its piece of this step. */
static void share(engine *e, int allowed)
{
    int64_t now = clock_ns();
    for (place *p; allowed > 0 && (p = most_urgent(e, now)) != NULL; allowed -= p->piece) {
        p->piece = least(least(remaining(p), allowed), e->cells - p->kv.tokens.count);
        if (p->piece < 1) break;
    }
}

static void add(engine *e, lm_token token, int position, int stream, bool output)
{
    int i = e->batch.n_tokens++;
    e->batch.token[i] = token;
    e->batch.pos[i] = position;
    e->batch.n_seq_id[i] = 1;
    e->batch_sequence[i] = stream;
    e->batch.logits[i] = output;
}

/* Places in order: only neighbours that follow one another are decoded together. Returns how many speak. */
static int fill_batch(engine *e)
{
    int speakers = 0;
    e->batch.n_tokens = 0;
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        p->row = -1;
        int at = p->kv.tokens.count;
        if (speaking(p) && at < e->cells) {
            p->row = e->batch.n_tokens;
            add(e, p->next, at, i, true);
            speakers++;
        }
        for (int k = 0; k < p->piece; k++) {
            bool last = at + k == p->prompt.tokens.count - 1;
            if (last) p->row = e->batch.n_tokens;
            add(e, p->prompt.tokens.at[at + k], at + k, i, last);
        }
    }
    return speakers;
}

/* ---- what is said --------------------------------------------------------------------------------------------------- */

static void piece_of(engine *e, lm_token token, text *out)
{
    char small[64];
    int got = e->lib->token_to_piece(e->vocab, token, small, sizeof small, 0, true);
    if (got >= 0) {
        text_add(out, small, (size_t)got);
        return;
    }
    char *large = mem_alloc((size_t)-got);
    got = e->lib->token_to_piece(e->vocab, token, large, -got, 0, true);
    if (got > 0) text_add(out, large, (size_t)got);
    mem_free(large);
}

/* Moves whole characters to the answer. What can never become one is shown as U+FFFD. */
void engine_speak(answer *a, bool last)
{
    text *rest = &a->rest;
    size_t at = 0;
    while (at < rest->count) {
        unsigned char c = (unsigned char)rest->at[at];
        size_t size = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
        size_t have = 1;
        while (have < size && at + have < rest->count && ((unsigned char)rest->at[at + have] & 0xC0) == 0x80) have++;
        if (size && have < size && at + have == rest->count && !last) break;
        if (size && have == size && c && utf8_valid(rest->at + at, size)) text_add(&a->out, rest->at + at, size);
        else text_add(&a->out, "\xEF\xBF\xBD", 3);
        at += have;
    }
    if (!at) return;
    memmove(rest->at, rest->at + at, rest->count - at);
    rest->count -= at;
}

static void finish(engine *e, place *p, wire_end state)
{
    answer *a = p->answer;
    engine_leave(e, p);
    engine_end(e, a, state, EZ_OK, "%s", "");
}

/* The model said one more token. */
static void hear(engine *e, place *p, lm_token token)
{
    answer *a = p->answer;
    if (!a->first_ns) a->first_ns = clock_ns();
    if (e->lib->vocab_is_eog(e->vocab, token)) {
        finish(e, p, WIRE_END_DONE);
        return;
    }
    p->next = token;
    a->generated++;
    if (!e->lib->vocab_is_control(e->vocab, token)) {
        piece_of(e, token, &a->rest);
        engine_speak(a, false);
    }
    if (a->generated >= a->limit) finish(e, p, WIRE_END_LENGTH);
}

/* ---- after the step ---------------------------------------------------------------------------------------------- */

/* What was evaluated is now in the streams. */
static void note(engine *e)
{
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (p->piece) {
            for (int k = 0; k < p->piece; k++) *list_add(&p->kv.tokens) = p->prompt.tokens.at[p->kv.tokens.count];
            p->piece = 0;
            if (p->answer && p->row >= 0) {
                text_clear(&p->kv.said);
                text_add(&p->kv.said, p->prompt.said.at, p->prompt.said.count);
                p->answer->done.prompt_ms = (int)((clock_ns() - p->answer->placed_ns) / 1000000);
            }
            if (!e->system_done && trail_common(&p->kv, &e->system) == e->system.tokens.count) engine_keep_system(e, p);
        } else if (p->row >= 0) {
            *list_add(&p->kv.tokens) = p->next;
            if (p->kv.said.count) piece_of(e, p->next, &p->kv.said);
        }
    }
}

/* Says how probable a token was, in a frame that goes before its text. */
static void tell_likely(engine *e, answer *a, const lm_token_data *likely, int count)
{
    wire_likely all[ENGINE_LIKELY + 1];
    size_t ends[ENGINE_LIKELY + 2] = { 0 };
    text bytes = { 0 };
    for (int i = 0; i < count; i++) {
        piece_of(e, likely[i].id, &bytes);
        ends[i + 1] = bytes.count;
    }
    for (int i = 0; i < count; i++) {
        const char *at = bytes.at ? bytes.at + ends[i] : "";
        all[i] = (wire_likely){ at, (uint32_t)strnlen(at, ends[i + 1] - ends[i]), likely[i].logit };
    }
    wire_put(&a->frames, &(wire_message){ WIRE_PROBABLE, .probable = { a->key, a->out.count, count, all } });
    text_done(&bytes);
}

static void said(engine *e, place *p, const float *logits, lm_token token)
{
    answer *a = p->answer;
    lm_token_data likely[ENGINE_LIKELY + 1];
    int asked = a->ask.probable, count = 0;
    if (asked && !e->lib->vocab_is_eog(e->vocab, token) && !e->lib->vocab_is_control(e->vocab, token))
        count = engine_likely(logits, e->lib->vocab_n_tokens(e->vocab), token, least(asked - 1, ENGINE_LIKELY), likely);
    hear(e, p, token);
    if (count) tell_likely(e, a, likely, count);
}

static void sample_all(engine *e)
{
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (p->row < 0 || !p->answer) continue;
        const float *logits = e->lib->get_logits_ith(e->context, p->row);
        lm_token token = logits ? engine_sample(e, p, logits) : -1;
        if (token >= 0) {
            said(e, p, logits, token);
            continue;
        }
        answer *a = p->answer;
        engine_leave(e, p);
        if (logits && token == SAMPLE_SLOW) engine_end(e, a, WIRE_END_REFUSED, EZ_FAILED, "the grammar leaves so many ways open that it takes too long here");
        else if (logits) engine_end(e, a, WIRE_END_REFUSED, EZ_FAILED, "the grammar came to a place from which no token of %s leads on", e->name);
        else engine_end(e, a, WIRE_END_FAILED, EZ_FAILED, "llama.cpp gave no result for a token of %s", e->name);
    }
}

/* A failed step may have evaluated a part; nothing that took part in it is trusted any more. */
static void fail_all(engine *e, int code)
{
    log_error("engine", "llama_decode failed with %d: %s", code, llama_reason());
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (p->row < 0 && !p->piece) continue;
        answer *a = p->answer;
        p->piece = 0;
        engine_forget_place(e, p);
        if (!a) {
            e->system_done = true;
            continue;
        }
        engine_leave(e, p);
        engine_end(e, a, WIRE_END_FAILED, EZ_FAILED, "llama.cpp could not evaluate the conversation (%d%s%s); ask again",
                   code, llama_reason()[0] ? ": " : "", llama_reason());
    }
}

/* ---- the step ------------------------------------------------------------------------------------------------------ */

/* With nobody to answer, the program's system prompt is evaluated for those to come. */
static void warm_up(engine *e)
{
    if (e->system_done) return;
    place *p = NULL;
    for (int i = 0; i < e->streams && !p; i++)
        if (trail_common(&e->places[i].kv, &e->system) == e->places[i].kv.tokens.count) p = &e->places[i];
    if (!p) return;                          /* every stream holds somebody's words, which are worth more */
    int known = p->kv.tokens.count;
    if (e->system.tokens.count >= e->cells) {
        e->want_cells = e->system.tokens.count + 1;
        return;
    }
    trail_clear(&p->prompt);
    for (int i = 0; i < e->system.tokens.count; i++) *list_add(&p->prompt.tokens) = e->system.tokens.at[i];
    p->piece = least(pace_allowance(&e->pace, 0, 1), e->system.tokens.count - known);
}

/* What the conversations need that the context does not have yet. */
static void wish(engine *e)
{
    e->want_cells = e->cells;
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (!p->answer) continue;
        int kv = p->kv.tokens.count, prompt = p->prompt.tokens.count;
        /* In time, so that it is there when it is needed. */
        int need = kv + 1 > e->cells - e->cells / 4 ? kv + e->cells / 4 + 1 : 0;
        if (prompt + 64 > need) need = prompt + 64;
        if (need > e->want_cells) e->want_cells = least(need, e->cells_max);
    }
}

static void end_full(engine *e)
{
    if (e->cells < e->cells_max) return;
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (!p->answer || !p->begun || p->kv.tokens.count < e->cells) continue;
        if (speaking(p)) {
            finish(e, p, WIRE_END_LENGTH);
            continue;
        }
        answer *a = p->answer;
        engine_leave(e, p);
        engine_end(e, a, WIRE_END_FAILED, EZ_NO_MEMORY, "there is memory for conversations of %d tokens only; this one has %d", e->cells, a->started.prompt);
    }
}

static int took_part(const engine *e)
{
    int count = 0;
    for (int i = 0; i < e->streams; i++) count += e->places[i].answer && (e->places[i].row >= 0 || e->places[i].piece);
    return count;
}

bool engine_step(engine *e)
{
    int speakers = 0, prompts = 0;
    e->stalled = false;
    wish(e);
    end_full(e);
    engine_compact(e);
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (p->answer && !p->begun && !engine_begin(e, p)) continue;
        speakers += speaking(p);
        prompts += prompting(p);
    }
    share(e, pace_allowance(&e->pace, speakers, prompts));
    if (!speakers && !prompts) warm_up(e);
    speakers = fill_batch(e);
    if (!e->batch.n_tokens) {
        e->stalled = true;
        return false;
    }
    int pieces = e->batch.n_tokens - speakers;
    int64_t start = clock_ns();
    bool all = engine_set_threads(e, e->context, speakers, pieces > 0, start);
    llama_reason_clear();
    int code = e->lib->decode(e->context, e->batch);
    if (code) {
        fail_all(e, code);
        return true;
    }
    e->counts.steps++;
    e->counts.took_part += (uint64_t)took_part(e);
    e->step_ns = clock_ns() - start;
    pace_learn(&e->pace, (double)e->step_ns / 1e6, speakers, pieces, all);
    note(e);
    sample_all(e);
    return true;
}
