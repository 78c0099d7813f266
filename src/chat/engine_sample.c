/* engine_sample.c: from the model's numbers to the next token. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <math.h>
#include <stdlib.h>
#include <time.h>

/* Logits that are further below the best one are not looked at: together they have less than a thousandth of the probability, in a
 * vocabulary of 50,000 and at worst. llama.cpp's top_p looks at all of them and sorts them, 0.5 ms for each token of each answer
 * where a step of 16 answers takes 25; this takes 0.1. */
#define RANGE 18.0f

enum { BINS = 288 };               /* 16 for each unit of RANGE */

/* Of this thread, for one token's grammar: a large vocabulary takes a tenth of it. What a grammar makes llama.cpp follow may double with every token. */
#define GRAMMAR_SECONDS 1.0

static double thread_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

bool engine_samplers(engine *e, place *p, const wire_sampling *asked, ez_err *err)
{
    const llama_lib *l = e->lib;
    const wire_sampling *s = asked->given ? asked : &e->defaults;
    bool filters = s->top_p > 0 && s->top_p < 1;
    p->chain = l->sampler_chain_init((lm_chain_params){ true });
    p->range = RANGE;
    p->nucleus = 0;
    if (s->temperature <= 0) {
        p->range = 0;
        l->sampler_chain_add(p->chain, l->sampler_init_greedy());
    } else {
        /* A high temperature makes even the improbable likely, unless it was filtered out before. */
        if (s->temperature > 1 && !filters && s->min_p <= 0 && s->top_k <= 0) p->range = INFINITY;
        if (s->top_k > 0) l->sampler_chain_add(p->chain, l->sampler_init_top_k(s->top_k));
        if (filters && s->top_k > 0) l->sampler_chain_add(p->chain, l->sampler_init_top_p((float)s->top_p, 1));
        else if (filters) p->nucleus = (float)s->top_p;
        if (s->min_p > 0) l->sampler_chain_add(p->chain, l->sampler_init_min_p((float)s->min_p, 1));
        l->sampler_chain_add(p->chain, l->sampler_init_temp((float)s->temperature));
        l->sampler_chain_add(p->chain, l->sampler_init_dist(asked->given && s->seed ? s->seed : LM_RANDOM_SEED));
    }
    if (!asked->grammar || !asked->grammar[0]) return true;
    llama_reason_clear();
    double began = thread_seconds();
    p->grammar = l->sampler_init_grammar(e->vocab, asked->grammar, "root");
    if (thread_seconds() - began > GRAMMAR_SECONDS) return error_set(err, EZ_FAILED, "the grammar has so many ways to begin that it takes too long here");
    return p->grammar ? true : error_set(err, EZ_FAILED, "the grammar is not valid GBNF with a rule `root`: %s",
                                         llama_reason()[0] ? llama_reason() : "llama.cpp does not say where");
}

/* Eight at a time, which compilers turn into vector instructions. */
static float largest(const float *at, int count)
{
    float lanes[8], best = -INFINITY;
    for (int k = 0; k < 8; k++) lanes[k] = -INFINITY;
    int i = 0;
    for (; i + 8 <= count; i += 8)
        for (int k = 0; k < 8; k++) lanes[k] = at[i + k] > lanes[k] ? at[i + k] : lanes[k];
    for (; i < count; i++) best = at[i] > best ? at[i] : best;
    for (int k = 0; k < 8; k++) best = lanes[k] > best ? lanes[k] : best;
    return best;
}

static int in_range(lm_token_data *out, const float *at, int count, float least)
{
    int kept = 0;
    for (int i = 0; i < count; i += 16) {
        int end = i + 16 < count ? i + 16 : count;
        if (largest(at + i, end - i) < least) continue;
        for (int k = i; k < end; k++)
            if (at[k] >= least) out[kept++] = (lm_token_data){ k, at[k], 0 };
    }
    if (!kept) out[kept++] = (lm_token_data){ 0, 0, 0 };       /* nothing but nan: a broken model says token 0 */
    return kept;
}

static int descending(const void *a, const void *b)
{
    float x = ((const lm_token_data *)a)->logit, y = ((const lm_token_data *)b)->logit;
    return (x < y) - (x > y);
}

static int bin_of(float best, float logit)
{
    int bin = (int)((best - logit) * (BINS / RANGE));
    return bin < 0 ? 0 : bin < BINS ? bin : BINS - 1;
}

/* Whole bins of similar logits are counted first, so that only the last one has to be sorted. */
int engine_nucleus(lm_token_data *at, int count, float best, float part)
{
    double mass[BINS] = { 0 }, all = 0, sum = 0;
    for (int i = 0; i < count; i++) {
        at[i].p = expf(at[i].logit - best);
        mass[bin_of(best, at[i].logit)] += at[i].p;
    }
    for (int b = 0; b < BINS; b++) all += mass[b];
    int last = 0;
    while (last < BINS - 1 && sum + mass[last] < all * part) sum += mass[last++];
    int kept = 0, first;
    for (int i = 0; i < count; i++)                /* those of earlier bins to the front, those of the last one behind them */
        if (bin_of(best, at[i].logit) < last) {
            lm_token_data t = at[i];
            at[i] = at[kept];
            at[kept++] = t;
        }
    first = kept;
    int end = kept;
    for (int i = kept; i < count; i++)
        if (bin_of(best, at[i].logit) == last) {
            lm_token_data t = at[i];
            at[i] = at[end];
            at[end++] = t;
        }
    qsort(at + first, (size_t)(end - first), sizeof *at, descending);
    while (kept < end && (kept == 0 || sum < all * part)) sum += at[kept++].p;
    return kept;
}

/* SAMPLE_NOWHERE: the grammar allows nothing. */
static lm_token pick(engine *e, place *p, const float *logits, bool grammar_first)
{
    int vocabulary = e->lib->vocab_n_tokens(e->vocab);
    float best = largest(logits, vocabulary);
    lm_token_array all = { e->candidates, 0, -1, false };
    all.size = (size_t)in_range(e->candidates, logits, vocabulary, grammar_first ? -INFINITY : best - p->range);
    if (grammar_first) {
        e->lib->sampler_apply(p->grammar, &all);   /* sets what is not allowed to -inf */
        best = -INFINITY;
        for (size_t i = 0; i < all.size; i++) best = all.data[i].logit > best ? all.data[i].logit : best;
        if (best == -INFINITY) return SAMPLE_NOWHERE;
        size_t kept = 0;
        for (size_t i = 0; i < all.size; i++)
            if (all.data[i].logit >= best - p->range) all.data[kept++] = all.data[i];
        if (kept) all.size = kept;
    }
    if (p->nucleus > 0) all.size = (size_t)engine_nucleus(all.data, (int)all.size, best, p->nucleus);
    e->lib->sampler_apply(p->chain, &all);
    return all.data[all.selected >= 0 ? all.selected : 0].id;
}

/* Looking at the whole vocabulary with the grammar takes long, and mostly the first choice is legal. */
static lm_token follow(engine *e, place *p, const float *logits, lm_token token)
{
    lm_token_data one = { token, 1, 0 };
    lm_token_array alone = { &one, 1, -1, false };
    double began = thread_seconds();
    e->lib->sampler_apply(p->grammar, &alone);
    if (one.logit == -INFINITY) token = pick(e, p, logits, true);
    if (token >= 0) e->lib->sampler_accept(p->grammar, token);
    return thread_seconds() - began > GRAMMAR_SECONDS ? SAMPLE_SLOW : token;
}

lm_token engine_sample(engine *e, place *p, const float *logits)
{
    lm_token token = pick(e, p, logits, false);
    if (p->grammar) token = follow(e, p, logits, token);
    if (token >= 0) e->lib->sampler_accept(p->chain, token);
    return token;
}

/* Sorted as they come: there are few, and most tokens are below the last of them. */
static int insert_likely(lm_token_data *at, int count, int most, lm_token_data one)
{
    int i = count < most ? count : most - 1;
    if (!most || (count == most && one.logit <= at[i].logit)) return count;
    for (; i > 0 && at[i - 1].logit < one.logit; i--) at[i] = at[i - 1];
    at[i] = one;
    return count < most ? count + 1 : most;
}

int engine_likely(const float *logits, int vocabulary, lm_token chosen, int count, lm_token_data *out)
{
    float best = largest(logits, vocabulary);
    double all = 0;
    int found = 0;
    for (int i = 0; i < vocabulary; i++) {
        all += expf(logits[i] - best);
        if (found < count || (count && logits[i] > out[count].logit)) found = insert_likely(out + 1, found, count, (lm_token_data){ i, logits[i], 0 });
    }
    out[0] = (lm_token_data){ chosen, logits[chosen], 0 };
    float whole = best + (float)log(all);
    for (int i = 0; i <= found; i++) {
        out[i].logit -= whole;
        if (!(out[i].logit > -9999)) out[i].logit = -9999;     /* as OpenAI says it */
    }
    return found + 1;
}
