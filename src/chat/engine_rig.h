/* engine_rig.h: for tests: the engine in a thread of the test, with the real model, and workers that ask it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_ENGINE_RIG_H
#define CHAT_ENGINE_RIG_H

#include "base/base.h"
#include "base/test.h"
#include "chat/engine_inner.h"
#include "chat/engine_client.h"
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MODEL "SmolLM2-135M-Instruct.Q4_1.gguf"
#define SYSTEM "You are a helpful AI assistant powered by Llama 3.1."

/* For engine_options.threads: the engine measures whether all processors are worth it. */
enum { AS_MANY_AS_A_PROGRAM = -1 };

/* ---- an engine, workers, answers -------------------------------------------------------------------------------- */

typedef struct rig {
    engine_options o;
    pthread_t thread;
    int control;
    char *model, *llama;
} rig;

static inline void *engine_thread(void *user)
{
    engine_main(&((rig *)user)->o);
    return NULL;
}

static inline char *there(const char *folder, const char *name)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, R_OK) ? NULL : strdup(path);
}

static inline rig *rig_new(engine_options o)
{
    rig *r = calloc(1, sizeof *r);
    r->model = there(EASEL_SOURCE_DIR, ".cache/models/" MODEL);
    r->llama = there(EASEL_SOURCE_DIR, ".cache/llama");
    if (!r->model || !r->llama) fail_msg("the model or llama.cpp is not in .cache/; run `make model` to fetch them");
    r->o = o;
    if (!o.model) r->o.model = r->model;
    if (!o.llama_dir) r->o.llama_dir = r->llama;
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    /* ggml's own threads wait for each other by spinning, for long where another program has a processor; and under the thread sanitizer each of their
     * meetings is looked up as a race, and suppressed. */
    if (!o.threads) r->o.threads = 1;
#endif
    if (o.threads == AS_MANY_AS_A_PROGRAM) r->o.threads = 0;
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    r->control = ends[0];
    r->o.control = ends[1];
    r->o.worker = -1;
    assert_int_equal(pthread_create(&r->thread, NULL, engine_thread, r), 0);
    return r;
}

static inline void rig_free(rig *r)
{
    close(r->control);
    pthread_join(r->thread, NULL);
    free(r->model);
    free(r->llama);
    free(r);
}

typedef struct heard {
    uint64_t key;
    text     said;
    wire_started started;
    wire_finished done;
    char     error[512];
    bool     is_started, is_done, is_split;
    int      queued, frames, probable, vector_count;
    double   chosen, likeliest;    /* sums of logarithms of probabilities */
    text     spelled;              /* the tokens, one after the other */
    float    vector[1024];
} heard;

typedef struct worker {
    int fd;
    engine_client client;
    wire_ready state;
    int statuses, n_ctx;
    wire_counts counts;
    ez_err_code code;
    char error[512], name[200], description[300];
    heard all[64];
    int count;
} worker;

static inline void worker_open(worker *w, rig *r)
{
    memset(w, 0, sizeof *w);
    w->fd = engine_connect(r->control);
    assert_true(w->fd >= 0);
    engine_client_hello(&w->client, 1);
}

static inline void worker_close(worker *w)
{
    close(w->fd);
    engine_client_done(&w->client);
    for (int i = 0; i < w->count; i++) text_done(&w->all[i].said), text_done(&w->all[i].spelled);
}

static inline heard *of(worker *w, uint64_t key)
{
    for (int i = 0; i < w->count; i++)
        if (w->all[i].key == key) return &w->all[i];
    assert_true(w->count < COUNT(w->all));
    w->all[w->count].key = key;
    return &w->all[w->count++];
}

static inline void on_tokens(worker *w, const wire_tokens *t)
{
    heard *h = of(w, t->key);
    assert_int_equal(t->offset, h->said.count);
    if (!utf8_valid(t->text, t->count)) h->is_split = true;
    text_add(&h->said, t->text, t->count);
    h->frames++;
}

/* One token more, before its text. */
static inline void on_probable(heard *h, const wire_probable *p)
{
    assert_true(p->count >= 1 && p->offset >= h->said.count);
    text_add(&h->spelled, p->all[0].bytes, p->all[0].count);
    for (int i = 1; i < p->count; i++) {
        assert_true(p->all[i].logprob <= 0 && p->all[0].logprob <= p->all[1].logprob);
        if (i > 1) assert_true(p->all[i].logprob <= p->all[i - 1].logprob);
    }
    double sum = 0;
    for (int i = 1; i < p->count; i++) sum += exp(p->all[i].logprob);
    assert_true(sum <= 1.0001);
    h->chosen += p->all[0].logprob;
    h->likeliest += p->count > 1 ? p->all[1].logprob : 0;
    h->probable++;
}

static inline bool on_message(void *user, const wire_message *m)
{
    worker *w = user;
    heard *h;
    switch (m->kind) {
    case WIRE_STATUS:
        w->state = m->status.state;
        w->code = m->status.code;
        w->n_ctx = m->status.n_ctx;
        w->statuses++;
        snprintf(w->error, sizeof w->error, "%s", m->status.text);
        snprintf(w->name, sizeof w->name, "%s", m->status.name);
        snprintf(w->description, sizeof w->description, "%s", m->status.description);
        break;
    case WIRE_QUEUED: of(w, m->queued.key)->queued = m->queued.position; break;
    case WIRE_STARTED:
        h = of(w, m->started.key);
        h->is_started = true;
        h->started = m->started;
        break;
    case WIRE_TOKENS: on_tokens(w, &m->tokens); break;
    case WIRE_PROBABLE: on_probable(of(w, m->probable.key), &m->probable); break;
    case WIRE_VECTOR:
        h = of(w, m->vector.key);
        h->vector_count = m->vector.count;
        assert_true(m->vector.count <= COUNT(h->vector) && !h->is_done);
        memcpy(h->vector, m->vector.at, (size_t)m->vector.count * sizeof *h->vector);
        break;
    case WIRE_DONE:
        h = of(w, m->done.key);
        h->is_done = true;
        h->done = m->done;
        snprintf(h->error, sizeof h->error, "%s", m->done.text);
        assert_int_equal(h->done.offset, h->done.state == WIRE_END_FAILED ? h->done.offset : h->said.count);
        break;
    case WIRE_COUNTS: w->counts = m->counts; break;
    default: fail();
    }
    return true;
}

/* Sends what waits and hears for at most this long; false when nothing came. */
static inline bool turn(worker *w, int ms)
{
    text *out = &w->client.out;
    for (size_t sent = 0; sent < out->count;) {
        ssize_t got = send(w->fd, out->at + sent, out->count - sent, MSG_NOSIGNAL);
        assert_true(got > 0);
        sent += (size_t)got;
    }
    text_clear(out);
    struct pollfd at = { w->fd, POLLIN, 0 };
    if (poll(&at, 1, ms) <= 0) return false;
    char bytes[65536];
    ssize_t got = recv(w->fd, bytes, sizeof bytes, 0);
    assert_true(got > 0);
    assert_true(engine_client_feed(&w->client, bytes, (size_t)got, on_message, w));
    return true;
}

#define UNTIL(w, condition) do { \
        int64_t end_ = clock_ms() + 120000; \
        while (!(condition)) { \
            if (clock_ms() > end_) fail_msg("two minutes passed without: %s (status %d %s)", #condition, (w)->state, (w)->error); \
            turn(w, 100); \
        } } while (0)

static const wire_sampling greedy = { .given = true };

static inline void ask_turns(worker *w, uint64_t key, const wire_turn *turns, int count, int max_tokens)
{
    assert_true(engine_client_ask(&w->client, &(wire_ask){ .key = key, .sampling = greedy, .max_tokens = max_tokens, .count = count, .turns = turns }));
}

static inline void ask(worker *w, uint64_t key, const char *question, int max_tokens)
{
    ask_turns(w, key, (wire_turn[]){ { "system", SYSTEM }, { "user", question } }, 2, max_tokens);
}

#endif
