/* engine_pace.c: how long things take here, measured; how large a piece of a prompt a step bears, and with how many threads. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <stdio.h>
#include <unistd.h>

enum { PIECE_LONE = 64, PIECE_SHARED = 16 };       /* no smaller pieces, however slow the model: they cost more than they save */

static double better(double a, double b) { return a <= 0 ? b : b <= 0 ? a : a < b ? a : b; }

static double step_cost(const pace *p, int speaking)
{
    for (int i = speaking; i > 0; i--) {
        double ms = better(p->step_ms[0][i], p->step_ms[1][i]);
        if (ms > 0) return ms;
    }
    return 10;
}

static double token_cost(const pace *p)
{
    double ms = better(p->token_ms[0], p->token_ms[1]);
    return ms > 0 ? ms : 1;
}

int pace_allowance(const pace *p, int speaking, int prompting)
{
    if (!prompting) return 0;
    double time = speaking ? ENGINE_STALL_MS : ENGINE_LONE_MS;
    if (speaking) {
        /* Speakers and prompts are two passes over the weights; whatever the piece, its pass costs as much as a step of one. */
        double passes = step_cost(p, speaking) + step_cost(p, 1);
        time -= passes;
        if (time < passes / 2) time = passes / 2;
    }
    int least = speaking ? PIECE_SHARED : PIECE_LONE, count = time > 0 ? (int)(time / token_cost(p)) : 0;
    if (count < least) count = least;
    return count < ENGINE_BATCH - 64 ? count : ENGINE_BATCH - 64;
}

/* Somebody else wants to run right now. */
static bool others_run(const pace *p)
{
    char line[64];
    ssize_t count = p->load >= 0 ? pread(p->load, line, sizeof line - 1, 0) : -1;
    if (count <= 0) return true;
    line[count] = 0;
    int running = 2;
    sscanf(line, "%*s %*s %*s %d/", &running);
    return running > 1;                            /* one is this thread */
}

bool pace_all_cores(pace *p, int speaking, bool prompt, int64_t now)
{
    double less = prompt ? p->token_ms[0] : p->step_ms[0][speaking], all = prompt ? p->token_ms[1] : p->step_ms[1][speaking];
    bool use;
    if (all <= 0) use = !others_run(p);
    else if (less <= 0) use = false;
    else if (all < less * 0.95) use = now - p->used_ns[prompt][0] < 3000000000;       /* the other way is measured again at times */
    else use = now - p->used_ns[prompt][1] > (others_run(p) ? 10000000000 : 1000000000);
    p->used_ns[prompt][use] = now;
    return use;
}

bool engine_set_threads(engine *e, struct llama_context *context, int speaking, bool prompt, int64_t now)
{
    bool all = e->cores > 1 && !e->o.threads && pace_all_cores(&e->pace, speaking, prompt, now);
    int threads = all || e->o.threads || e->cores < 2 ? e->cores : e->cores - 1;
    e->lib->set_n_threads(context, threads, threads);
    return all;
}

static void learn(double *kept, double seen)
{
    *kept = *kept > 0 ? *kept * 0.7 + seen * 0.3 : seen;
}

void pace_learn(pace *p, double ms, int speaking, int prompt_tokens, bool all)
{
    if (!prompt_tokens) {
        if (speaking) learn(&p->step_ms[all][speaking], ms);
        return;
    }
    if (prompt_tokens < PIECE_SHARED / 2) return;
    double prompts = ms - (speaking ? step_cost(p, speaking) + step_cost(p, 1) : 0);
    if (prompts > 0) learn(&p->token_ms[all], prompts / prompt_tokens);
}
