/* engine_read.c: vectors of texts (embeddings).
 *
 * The model reads a text in a context of its own, and the vector is the mean of what its last layer makes of each token (mean pooling, as llama-server's default for
 * models that name no other), scaled to length 1. A model that looks only backwards needs no token at once with those after it, so a text is read in
 * pieces between the steps for others; a sum is all that is kept of it. The context is as large as the longest text so far needed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <math.h>
#include <string.h>

enum { PIECE = 64, PIECE_SHARED = 16 };            /* tokens of one llama_decode, alone and beside answers */

void engine_read_ask(engine *e, answer *a)
{
    *list_add(&e->reading.waiting) = a;
}

static void next_text(reading *r)
{
    trail_clear(&r->prompt);
    r->done = 0;
    list_remove(&r->waiting, 0);
}

bool engine_read_stop(engine *e, const answer *a)
{
    reading *r = &e->reading;
    for (int i = 0; i < r->waiting.count; i++) {
        if (r->waiting.at[i] != a) continue;
        if (i) list_remove(&r->waiting, i);
        else next_text(r);
        return true;
    }
    return false;
}

void engine_read_rest(engine *e)
{
    reading *r = &e->reading;
    if (!r->context || r->waiting.count) return;
    e->lib->free(r->context);
    r->context = NULL;
}

void engine_read_done(engine *e)
{
    reading *r = &e->reading;
    if (r->context) e->lib->free(r->context);
    trail_done(&r->prompt);
    list_done(&r->waiting);
    mem_free(r->sum);
}

static bool fail(engine *e, wire_end how, const ez_err *why)
{
    answer *a = e->reading.waiting.at[0];
    next_text(&e->reading);
    engine_end(e, a, how, why->code, "%s", why->text);
    return true;
}

/* A context for so many tokens. */
static bool make_room(engine *e, int tokens, ez_err *err)
{
    reading *r = &e->reading;
    if (r->context && r->cells >= tokens) {
        e->lib->memory_seq_rm(e->lib->get_memory(r->context), 0, -1, -1);
        return true;
    }
    if (r->context) e->lib->free(r->context);
    r->context = NULL;
    r->cells = ENGINE_FIRST_CELLS;
    while (r->cells < tokens) r->cells *= 2;
    uint64_t need = e->kv_bytes * (uint64_t)r->cells + (64u << 20), left = engine_memory_left(&e->o);
    if (need > left)
        return error_set(err, EZ_NO_MEMORY, "reading %d tokens needs about %llu MB of memory, %llu MB are left", tokens, (unsigned long long)(need >> 20), (unsigned long long)(left >> 20));
    lm_context_params p = e->lib->context_default_params();
    p.n_seq_max = 1;
    p.n_ctx = (uint32_t)r->cells;
    p.n_batch = p.n_ubatch = p.n_outputs_max = PIECE;
    p.n_threads = p.n_threads_batch = e->cores;
    p.embeddings = true;
    p.pooling_type = LM_POOLING_NONE;
    p.no_perf = true;
    llama_reason_clear();
    r->context = e->lib->init_from_model(e->model, p);
    if (!r->context) return error_set(err, EZ_NO_MEMORY, "llama.cpp has no room for reading %d tokens: %s", tokens, llama_reason());
    if (e->pool) e->lib->attach_threadpool(r->context, e->pool, e->pool);
    return true;
}

static bool begin(engine *e, answer *a)
{
    reading *r = &e->reading;
    size_t size = (size_t)e->lib->model_n_embd(e->model) * sizeof *r->sum;
    ez_err err = { 0 };
    if (!engine_tokens(e, a, false, &r->prompt, &err)) return !fail(e, WIRE_END_REFUSED, &err);
    int count = r->prompt.tokens.count;
    if (count > e->n_ctx) {
        error_set(&err, EZ_FAILED, "the text is too long: it has %d tokens, and %d fit into the context", count, e->n_ctx);
        return !fail(e, WIRE_END_REFUSED, &err);
    }
    if (!make_room(e, count, &err)) return !fail(e, WIRE_END_FAILED, &err);
    if (!r->sum) r->sum = mem_alloc(size);
    memset(r->sum, 0, size);
    a->begun = true;
    a->started.prompt = count;
    return true;
}

static bool read_piece(engine *e)
{
    reading *r = &e->reading;
    int width = e->lib->model_n_embd(e->model), most = engine_busy(e) ? PIECE_SHARED : PIECE, left = r->prompt.tokens.count - r->done;
    int count = left < most ? left : most;
    e->batch.n_tokens = count;
    for (int i = 0; i < count; i++) {
        e->batch.token[i] = r->prompt.tokens.at[r->done + i];
        e->batch.pos[i] = r->done + i;
        e->batch.n_seq_id[i] = 1;
        e->batch_sequence[i] = 0;
        e->batch.logits[i] = true;
    }
    engine_set_threads(e, r->context, 0, true, clock_ns());
    llama_reason_clear();
    if (e->lib->decode(r->context, e->batch)) return false;
    e->counts.steps++;
    e->counts.took_part++;
    for (int i = 0; i < count; i++) {
        const float *made = e->lib->get_embeddings_ith(r->context, i);
        for (int k = 0; made && k < width; k++) r->sum[k] += made[k];
        if (!made) return false;
    }
    r->done += count;
    return true;
}

/* The mean has the sum's direction, and only that is told. */
static void tell_vector(engine *e, answer *a)
{
    const double *sum = e->reading.sum;
    int width = e->lib->model_n_embd(e->model);
    float *at = mem_alloc((size_t)width * sizeof *at);
    double square = 0;
    for (int k = 0; k < width; k++) square += sum[k] * sum[k];
    for (int k = 0; k < width; k++) at[k] = square > 0 ? (float)(sum[k] / sqrt(square)) : 0;
    wire_put(&a->frames, &(wire_message){ WIRE_VECTOR, .vector = { a->key, width, at } });
    mem_free(at);
}

bool engine_read(engine *e)
{
    reading *r = &e->reading;
    if (e->state != WIRE_READY || !r->waiting.count) return false;
    answer *a = r->waiting.at[0];
    ez_err err = { 0 };
    if (!r->prompt.tokens.count && !begin(e, a)) return true;
    if (!read_piece(e)) {
        error_set(&err, EZ_FAILED, "llama.cpp could not read the text (%s)", llama_reason()[0] ? llama_reason() : "it does not say why");
        return fail(e, WIRE_END_FAILED, &err);
    }
    if (r->done < r->prompt.tokens.count) return true;
    tell_vector(e, a);
    next_text(r);
    engine_end(e, a, WIRE_END_DONE, EZ_OK, "%s", "");
    return true;
}
