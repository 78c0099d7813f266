/* model.c: a worker's connections to engines, and which session each answer belongs to. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "app/hub.h"
#include "chat/engine.h"
#include "chat/engine_client.h"
#include "chat/pictures.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

/* Whose answer it is: a session's, or somebody's who hears it himself. */
typedef struct asked { struct engine *engine; uint64_t answer; char session[TOKEN_CHARS + 1]; bool waits; models_hear *hear; void *data; } asked;

/* One model's engine, connected or awaited. */
typedef struct engine {
    struct models *models;
    char          *name;           /* "": the program's own */
    int            fd;             /* -1: not connected (yet, or again) */
    uv_poll_t     *poll;
    engine_client  client;
    wire_ready     state;
    bool           told;           /* a status arrived */
    char           called[128];    /* what the engine calls its model, once it is ready */
    bool           counted;        /* …and counts */
    wire_counts    counts;
} engine;

struct models {
    hub *hub;
    LIST(engine *) engines;
    map   asked;                   /* answer -> asked */
    int   waiting;
};

struct models *models_new(hub *h)
{
    struct models *m = mem_alloc(sizeof *m);
    m->hub = h;
    return m;
}

const char *models_called(const struct models *m)
{
    for (int i = 0; i < m->engines.count; i++)
        if (!*m->engines.at[i]->name) return m->engines.at[i]->called;
    return "";
}

static engine *engine_at(struct models *m, const char *name)
{
    for (int i = 0; i < m->engines.count; i++)
        if (!strcmp(m->engines.at[i]->name, name))
            return m->engines.at[i];
    engine *e = mem_alloc(sizeof *e);
    e->models = m;
    e->name = mem_text(name);
    e->fd = -1;
    *list_add(&m->engines) = e;
    return e;
}

static void news(struct models *m, uint64_t answer, const answer_news *a)
{
    asked *x = map_get(&m->asked, answer);
    if (!x)
        return;
    bool waits = a->kind == ANSWER_QUEUED && a->position > 0;
    m->waiting += (int)waits - (int)x->waits;
    x->waits = waits;
    const asked of = *x;
    if (a->kind == ANSWER_DONE) {
        map_remove(&m->asked, answer);
        mem_free(x);
        if (of.hear) models_saved(m, answer, 0, true);         /* nobody comes back for it */
    }
    if (of.hear) of.hear(of.data, a);
    else hub_step_token(m->hub, of.session, &(message){ .kind = MESSAGE_ANSWER, .answer = a });
}

static void fail(struct models *m, uint64_t answer, ez_err_code code, const char *why)
{
    log_warn("chat", "%s", why);
    news(m, answer, &(answer_news){ .id = answer, .kind = ANSWER_DONE, .state = EZ_MESSAGE_FAILED, .code = code, .error = why });
}

/* ---- the socket ---------------------------------------------------------------------------------------------------------------- */

static void engine_lost(engine *e);
static void on_socket(uv_poll_t *poll, int status, int events);

static void watch(engine *e)
{
    uv_poll_start(e->poll, UV_READABLE | (e->client.out.count ? UV_WRITABLE : 0), on_socket);
}

static void push(engine *e)
{
    text *out = &e->client.out;
    while (e->fd >= 0 && out->count) {
        ssize_t n = send(e->fd, out->at, out->count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            break;
        memmove(out->at, out->at + n, out->count - (size_t)n);
        out->count -= (size_t)n;
    }
    if (e->fd >= 0)
        watch(e);
}

static ez_message_state state_of(wire_end end)
{
    return end == WIRE_END_FAILED || end == WIRE_END_REFUSED ? EZ_MESSAGE_FAILED : end == WIRE_END_STOPPED ? EZ_MESSAGE_STOPPED : EZ_MESSAGE_DONE;
}

/* Whoever asked while the model loads sees the words for it. */
static void tell_loading(engine *e)
{
    int at = 0;
    uint64_t key;
    void *value;
    LIST(uint64_t) all = { 0 };
    while (map_next(&e->models->asked, &at, &key, &value))
        if (((asked *)value)->engine == e)
            *list_add(&all) = key;
    for (int i = 0; i < all.count; i++)
        news(e->models, all.at[i], &(answer_news){ .id = all.at[i], .kind = ANSWER_LOADING });
    list_done(&all);
}

static void on_status(engine *e, const wire_status *s)
{
    e->state = s->state;
    e->told = true;
    if (s->state == WIRE_READY) snprintf(e->called, sizeof e->called, "%s", s->name);
    if (s->state == WIRE_READY)
        log_info("chat", "%s is ready after %d ms (%s, %d tokens of context, %d places)", s->name, s->load_ms, s->description, s->n_ctx, s->places);
    else if (s->state == WIRE_FAILED)
        log_warn("chat", "%s", s->text);
    else
        tell_loading(e);
}

static bool on_wire(void *user, const wire_message *w)
{
    engine *e = user;
    struct models *m = e->models;
    switch (w->kind) {
    case WIRE_STATUS:
        on_status(e, &w->status);
        break;
    case WIRE_QUEUED:
        news(m, w->queued.key, &(answer_news){ .id = w->queued.key, .kind = ANSWER_QUEUED, .position = w->queued.position });
        break;
    case WIRE_STARTED:
        news(m, w->started.key, &(answer_news){ .id = w->started.key, .kind = ANSWER_STARTED, .dropped = w->started.dropped, .prompt = w->started.prompt, .reused = w->started.reused });
        break;
    case WIRE_TOKENS:
        news(m, w->tokens.key, &(answer_news){ .id = w->tokens.key, .kind = ANSWER_TOKENS, .bytes = w->tokens.text, .count = w->tokens.count, .offset = w->tokens.offset, .tokens = 1 });
        break;
    case WIRE_DONE:
        news(m, w->done.key, &(answer_news){ .id = w->done.key, .kind = ANSWER_DONE, .state = state_of(w->done.state), .tokens = w->done.tokens,
                                             .first_token = w->done.first_token_ms / 1000.0, .seconds = w->done.seconds, .length = w->done.state == WIRE_END_LENGTH, .refused = w->done.state == WIRE_END_REFUSED, .code = w->done.code, .error = w->done.text });
        break;
    case WIRE_PROBABLE:
        news(m, w->probable.key, &(answer_news){ .id = w->probable.key, .kind = ANSWER_PROBABLE, .probable = &w->probable });
        break;
    case WIRE_COUNTS:
        e->counts = w->counts;
        e->counted = true;
        break;
    case WIRE_VECTOR:
        news(m, w->vector.key, &(answer_news){ .id = w->vector.key, .kind = ANSWER_VECTOR, .vector = &w->vector });
        break;
    default:
        break;
    }
    return e->fd >= 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    engine *e = poll->data;
    char bytes[65536];
    if (events & UV_WRITABLE)
        push(e);
    if (!(events & UV_READABLE) && status >= 0)
        return;
    for (;;) {
        ssize_t n = recv(e->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n <= 0 || !engine_client_feed(&e->client, bytes, (size_t)n, on_wire, e)) {
            engine_lost(e);
            return;
        }
        if (e->client.out.count)
            push(e);
        if ((size_t)n < sizeof bytes)
            return;
    }
}

static void poll_closed(uv_handle_t *handle)
{
    mem_free(handle);
}

static void disconnect(engine *e)
{
    if (e->poll) {
        uv_poll_stop(e->poll);
        uv_close((uv_handle_t *)e->poll, poll_closed);
    }
    if (e->fd >= 0)
        close(e->fd);
    e->poll = NULL;
    e->fd = -1;
}

/* The engine died: what was under way is interrupted; the supervisor starts another. */
static void engine_lost(engine *e)
{
    uint64_t key;
    LIST(uint64_t) cut = { 0 };
    disconnect(e);
    while (engine_client_lost(&e->client, &key))
        *list_add(&cut) = key;
    engine_client_done(&e->client);
    memset(&e->client, 0, sizeof e->client);
    e->state = WIRE_LOADING;
    for (int i = 0; i < cut.count; i++)
        fail(e->models, cut.at[i], EZ_FAILED, "The engine that wrote this answer ended. Ask again, or regenerate the answer.");
    list_done(&cut);
}

void models_connect(struct models *m, const char *name, int fd)
{
    engine *e = engine_at(m, name);
    text asked_before = e->client.out;
    bool first = e->fd < 0 && !e->poll;
    if (!first) {
        disconnect(e);
        memset(&asked_before, 0, sizeof asked_before);
    } else {
        memset(&e->client.out, 0, sizeof e->client.out);
    }
    e->fd = fd;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    e->poll = mem_alloc(sizeof *e->poll);
    uv_poll_init(loop_uv(m->hub->loop), e->poll, fd);
    e->poll->data = e;
    engine_client_hello(&e->client, random_u64());
    text_add(&e->client.out, asked_before.at, asked_before.count);      /* what was asked before it was there */
    text_done(&asked_before);
    push(e);
}

void models_free(struct models *m)
{
    if (!m)
        return;
    int at = 0;
    uint64_t key;
    void *value;
    while (map_next(&m->asked, &at, &key, &value))
        mem_free(value);
    map_done(&m->asked);
    for (int i = 0; i < m->engines.count; i++) {
        engine *e = m->engines.at[i];
        disconnect(e);
        engine_client_done(&e->client);
        mem_free(e->name);
        mem_free(e);
    }
    list_done(&m->engines);
    mem_free(m);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------- */

static wire_sampling sampling_of(const chat_ask *a)
{
    return (wire_sampling){ a->sampling, a->temperature, a->top_p, a->min_p, a->top_k, a->seed, a->grammar };
}

/* The turns above an answer, oldest first. */
static wire_turn *turns_of(const conversation *chat, const chat_message *answer, int *count)
{
    LIST(wire_turn) up = { 0 };
    for (const chat_message *m = answer->parent ? conversation_find(chat, answer->parent) : NULL; m && up.count <= chat->all.count; m = m->parent ? conversation_find(chat, m->parent) : NULL)
        if (m->state != EZ_MESSAGE_FAILED || m->count)
            *list_add(&up) = (wire_turn){ m->role, m->text };
    wire_turn *turns = mem_alloc((size_t)(up.count + 1) * sizeof *turns);
    for (int i = 0; i < up.count; i++)
        turns[i] = up.at[up.count - 1 - i];
    *count = up.count;
    list_done(&up);
    return turns;
}

/* name NULL: the program's own. */
static engine *engine_wanted(struct models *m, const char *name)
{
    hub *h = m->hub;
    bool own = !name || (h->app->model && !strcmp(name, h->app->model));
    if (own && !h->app->model)
        return NULL;
    engine *e = engine_at(m, own ? "" : name);
    if (e->fd < 0 && !own && h->control >= 0)
        control_send(h->control, CONTROL_MODEL, name, -1);
    return e;
}

/* attach: the answer has its place already. False: it was told why not. */
static bool may_ask(struct models *m, asked *x, const char *name, bool attach)
{
    x->engine = engine_wanted(m, name);
    if (!x->engine) {
        fail(m, x->answer, EZ_MISSING, "This program has no model. Start it with --model FILE, or name one in ez_main with .model.");
        return false;
    }
    int limit = m->hub->app->args->queue_size > 0 ? m->hub->app->args->queue_size : 100;
    if (attach || m->waiting + job_waiting(m->hub->jobs) < limit)
        return true;
    char why[160];
    snprintf(why, sizeof why, "The queue is full: %d are waiting already. Please try again in a moment.", limit);
    fail(m, x->answer, EZ_FULL, why);
    return false;
}

static void asked_for(struct models *m, uint64_t answer, engine *e)
{
    if (e->fd >= 0)
        push(e);
    if (e->state == WIRE_LOADING)
        news(m, answer, &(answer_news){ .id = answer, .kind = ANSWER_LOADING });
}

bool models_say(struct models *m, const wire_ask *what, models_hear *hear, void *data)
{
    asked *x = mem_alloc(sizeof *x);
    *x = (asked){ .answer = what->key, .hear = hear, .data = data };
    map_put(&m->asked, what->key, x);
    if (!may_ask(m, x, NULL, false))
        return true;
    engine *e = x->engine;
    if (!engine_client_ask(&e->client, what)) {
        map_remove(&m->asked, what->key);
        mem_free(x);
        return false;
    }
    asked_for(m, what->key, e);
    return true;
}

void models_leave(struct models *m, uint64_t answer)
{
    asked *x = map_get(&m->asked, answer);
    if (!x)
        return;
    models_stop(m, answer);
    m->waiting -= x->waits;
    map_remove(&m->asked, answer);
    mem_free(x);
    models_saved(m, answer, 0, true);
}

void models_ask(struct models *m, seat *s, conversation *chat, uint64_t answer, bool attach, uint64_t offset)
{
    chat_message *is = conversation_find(chat, answer);
    if (!is || !is->ask)
        return;
    asked *x = mem_alloc(sizeof *x);
    x->answer = answer;
    snprintf(x->session, sizeof x->session, "%s", session_token(s->is));
    map_put(&m->asked, answer, x);
    if (!may_ask(m, x, is->ask->model, attach))
        return;
    engine *e = x->engine;
    if (attach) {
        engine_client_attach(&e->client, answer, offset);
    } else {
        int count;
        arena *a = arena_new();
        wire_turn *turns = turns_of(chat, is, &count);
        wire_ask w = { .key = answer, .sampling = sampling_of(is->ask), .max_tokens = is->ask->max_tokens, .n_ctx = is->ask->n_ctx, .count = count, .turns = turns };
        if (pictures_any(turns, count)) {
            /* A model that does not see is asked with the question's own picture, so that it says so; what was refused before does not end the conversation. */
            bool sees = engine_is_remote(*e->name ? e->name : m->hub->app->model);
            w.picture_count = pictures_take(hub_files(m->hub), a, turns, count, sees ? 0 : count - 1, &w.pictures);
        }
        bool fits = engine_client_ask(&e->client, &w);
        mem_free(turns);
        arena_free(a);
        if (!fits) {
            fail(m, answer, EZ_FAILED, "This conversation is too long to be sent to the model. Begin a new one.");
            return;
        }
    }
    asked_for(m, answer, e);
}

static engine *engine_of(struct models *m, uint64_t answer)
{
    asked *x = map_get(&m->asked, answer);
    return x ? x->engine : NULL;
}

void models_stop(struct models *m, uint64_t answer)
{
    engine *e = engine_of(m, answer);
    if (!e)
        return;
    engine_client_stop(&e->client, answer);
    push(e);
}

/* An answer that is over is known to all engines as little as to none, so its last acknowledgement goes to each. */
void models_saved(struct models *m, uint64_t answer, uint64_t offset, bool final)
{
    engine *one = engine_of(m, answer);
    for (int i = 0; i < m->engines.count; i++) {
        engine *e = m->engines.at[i];
        if ((one && e != one) || e->fd < 0)
            continue;
        engine_client_ack(&e->client, answer, offset, final);
        push(e);
    }
}

int models_waiting(const struct models *m) { return m->waiting; }

const wire_counts *models_counts(const struct models *m)
{
    for (int i = 0; i < m->engines.count; i++)
        if (!*m->engines.at[i]->name && m->engines.at[i]->counted)
            return &m->engines.at[i]->counts;
    return NULL;
}

int models_state(const struct models *m)
{
    if (!m->hub->app->model)
        return API_MODEL_NONE;
    for (int i = 0; i < m->engines.count; i++)
        if (!*m->engines.at[i]->name)
            return m->engines.at[i]->state == WIRE_READY ? API_MODEL_READY : m->engines.at[i]->state == WIRE_FAILED ? API_MODEL_FAILED : API_MODEL_LOADING;
    return API_MODEL_LOADING;
}
