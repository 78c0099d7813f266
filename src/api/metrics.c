/* metrics.c: /metrics for Prometheus (text format 0.0.4): what the program and the engine of its own model count, llama-server's names where it counts the same. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/metrics.h"
#include "chat/wire.h"

static void head(text *out, const char *name, const char *type, const char *help)
{
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put(text *out, const char *name, const char *type, const char *help, double v)
{
    head(out, name, type, help);
    text_printf(out, "%s ", name);
    text_number(out, v);
    text_putc(out, '\n');
}

static void put_engine(text *out, const wire_counts *c)
{
    static const char *const ends[WIRE_END_COUNT] = { "done", "stopped", "failed", "length", "refused" };
    put(out, "llamacpp:prompt_tokens_total", "counter", "Tokens of prompts that were evaluated.", (double)c->prompt_tokens);
    put(out, "llamacpp:prompt_seconds_total", "counter", "Seconds that answers waited for their prompts, summed.", c->prompt_seconds);
    put(out, "llamacpp:tokens_predicted_total", "counter", "Tokens that were generated.", (double)c->said_tokens);
    put(out, "llamacpp:tokens_predicted_seconds_total", "counter", "Seconds that answers took from their first token to their last, summed.", c->said_seconds);
    put(out, "llamacpp:n_decode_total", "counter", "Calls of llama_decode.", (double)c->steps);
    put(out, "llamacpp:n_busy_slots_per_decode", "gauge", "Answers that took part in a call of llama_decode, on average.", c->steps ? (double)c->took_part / (double)c->steps : 0);
    put(out, "llamacpp:requests_processing", "gauge", "Answers under way.", c->running);
    put(out, "llamacpp:requests_deferred", "gauge", "Questions that wait for a place.", c->waiting);
    put(out, "easel_prompt_tokens_reused_total", "counter", "Tokens of prompts that had been evaluated before.", (double)c->reused_tokens);
    put(out, "easel_model_cache_hits_total", "counter", "Questions to a model on another server that were answered from --model-cache.", (double)c->cache_hits);
    put(out, "easel_model_cache_misses_total", "counter", "Questions whose answers --model-cache may keep and had not.", (double)c->cache_misses);
    head(out, "easel_answers_total", "counter", "Answers of the model, by how they ended.");
    for (int i = 0; i < WIRE_END_COUNT; i++) text_printf(out, "easel_answers_total{end=\"%s\"} %llu\n", ends[i], (unsigned long long)c->ended[i]);
}

void metrics_write(const api_facts *f, api_answer *out)
{
    text *t = &out->body;
    out->type = "text/plain; version=0.0.4; charset=utf-8";
    put(t, "easel_uptime_seconds", "gauge", "Seconds since this process began to serve.", (double)f->uptime_ms / 1000);
    put(t, "easel_sessions", "gauge", "Sessions in memory.", f->sessions);
    put(t, "easel_views", "gauge", "Tabs that are connected.", f->views);
    put(t, "easel_waiting", "gauge", "Jobs and answers in the queue.", f->waiting);
    put(t, "easel_sessions_memory_bytes", "gauge", "Bytes that the sessions hold.", (double)f->memory);
    put(t, "easel_store_failing", "gauge", "1 while the store cannot write.", f->unsaved);
    if (f->model != API_MODEL_NONE) put(t, "easel_model_ready", "gauge", "1 while the program's model can answer.", f->model == API_MODEL_READY);
    if (f->engine) put_engine(t, f->engine);
}
