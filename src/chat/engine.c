/* engine.c: the engine's loop: sockets, questions, answers; between two steps of the model it hears everybody. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_SIZE = 65536, OUT_LIMIT = 1 << 20, FRAME_TEXT = 256 << 10, RETRY_MS = 1000, COUNTS_MS = 1000 };

/* ---- answers ------------------------------------------------------------------------------------------------- */

static void answer_free(answer *a)
{
    arena_free(a->arena);
    text_done(&a->out);
    text_done(&a->rest);
    text_done(&a->frames);
    mem_free(a);
}

/* Forgets an answer that has ended. */
static void forget(engine *e, int i)
{
    answer *a = e->all.at[i];
    map_remove(&e->answers, a->key);
    list_remove(&e->all, i);
    answer_free(a);
}

/* An answer has ended. */
static void count_in(engine *e, const answer *a, int64_t now)
{
    wire_counts *c = &e->counts;
    c->ended[a->done.state]++;
    if (!a->recalled) c->said_tokens += (uint64_t)a->generated;
    if (a->first_ns) c->said_seconds += (double)(now - a->first_ns) / 1e9;
    if (!a->begun) return;
    c->prompt_tokens += (uint64_t)(a->started.prompt - a->started.reused);
    c->reused_tokens += (uint64_t)a->started.reused;
    c->prompt_seconds += a->done.prompt_ms / 1000.0;
}

void engine_end(engine *e, answer *a, wire_end state, ez_err_code code, const char *format, ...)
{
    ez_err err = { 0 };
    va_list args;
    va_start(args, format);
    vsnprintf(err.text, sizeof err.text, format, args);
    va_end(args);
    err.text[utf8_whole(err.text, strlen(err.text))] = 0;
    engine_speak(a, true);
    int64_t now = clock_ns();
    a->state = ANSWER_ENDED;
    a->ended_ms = now / 1000000;
    a->done = (wire_finished){ a->key, state, a->out.count, a->generated, a->done.prompt_ms,
                               a->first_ns ? (int)((a->first_ns - a->asked_ns) / 1000000) : 0,
                               (double)(now - a->asked_ns) / 1e9, code, arena_text(a->arena, err.text) };
    e->idle_since_ms = a->ended_ms;
    count_in(e, a, now);
    if (code) log_warn("engine", "answer failed: %s", err.text);
}

static void put(conn *c, const wire_message *m)
{
    if (!c->deaf) wire_put(&c->out, m);
}

static void fail(engine *e, answer *a, wire_end how, const ez_err *err)
{
    list_drop(&e->queue, a);
    engine_end(e, a, how, err->code, "%s", err->text);
}

int engine_busy(const engine *e)
{
    int busy = 0;
    for (int i = 0; i < e->streams; i++) busy += e->places[i].answer != NULL;
    return busy;
}

/* ---- what workers send --------------------------------------------------------------------------------------- */

static void tell_status(const engine *e, conn *c)
{
    put(c, &(wire_message){ WIRE_STATUS, .status = { e->state, e->name, e->description, e->n_ctx ? e->n_ctx : e->o.n_ctx, e->o.places,
                                                     e->error.code, e->error.text, e->load_ms } });
}

static void tell_status_all(engine *e)
{
    for (int i = 0; i < e->conns.count; i++) tell_status(e, e->conns.at[i]);
}

/* From here on this connection listens, behind the bytes that it has. */
static void listen_to(answer *a, conn *c, uint64_t offset)
{
    a->conn = c;
    a->sent = offset < a->out.count ? offset : a->out.count;
    a->started_told = a->done_told = false;
    a->position = 0;
}

static void copy_ask(answer *a, const wire_ask *ask)
{
    a->ask = *ask;
    wire_turn *turns = arena_alloc(a->arena, (size_t)(ask->count + 1) * sizeof *turns);
    for (int i = 0; i < ask->count; i++)
        turns[i] = (wire_turn){ arena_text(a->arena, ask->turns[i].role), arena_text(a->arena, ask->turns[i].text) };
    a->ask.turns = turns;
    a->ask.sampling.grammar = arena_text(a->arena, ask->sampling.grammar);
    a->ask.tokens = arena_copy(a->arena, ask->tokens, (size_t)ask->token_count * sizeof *ask->tokens);
    wire_picture *pictures = arena_copy(a->arena, ask->pictures, (size_t)ask->picture_count * sizeof *pictures);
    for (int i = 0; i < ask->picture_count; i++) {
        pictures[i].address = arena_text(a->arena, pictures[i].address);
        pictures[i].type = arena_text(a->arena, pictures[i].type);
        pictures[i].detail = arena_text(a->arena, pictures[i].detail);
    }
    a->ask.pictures = pictures;
}

static void on_ask(engine *e, conn *c, const wire_ask *ask)
{
    answer *a = map_get(&e->answers, ask->key);
    if (a) {
        listen_to(a, c, 0);
        return;
    }
    a = mem_alloc(sizeof *a);
    a->key = ask->key;
    a->arena = arena_new();
    a->asked_ns = clock_ns();
    a->started.key = ask->key;
    copy_ask(a, ask);
    map_put(&e->answers, a->key, a);
    *list_add(&e->all) = a;
    listen_to(a, c, 0);
    if (e->state == WIRE_FAILED && clock_ms() - e->failed_ms >= RETRY_MS && e->task.kind == TASK_NONE) {
        engine_load(e);                            /* the file may be there by now */
        tell_status_all(e);
    }
    if (e->state == WIRE_FAILED)
        fail(e, a, WIRE_END_FAILED, &e->error);
    else if (e->queue.count + e->reading.waiting.count >= ENGINE_WAITING)
        engine_end(e, a, WIRE_END_FAILED, EZ_FULL, "%d people wait for an answer already; try again later", ENGINE_WAITING);
    else if (ask->form == WIRE_EMBED)
        engine_read_ask(e, a);
    else
        *list_add(&e->queue) = a;
}

static void on_attach(engine *e, conn *c, const wire_attach *attach)
{
    answer *a = map_get(&e->answers, attach->key);
    if (a) {
        listen_to(a, c, attach->offset);
        return;
    }
    put(c, &(wire_message){ WIRE_DONE, .done = { .key = attach->key, .state = WIRE_END_FAILED, .code = EZ_FAILED,
        .text = "the answer was interrupted: the engine that wrote it is gone; ask again" } });
}

static void on_stop(engine *e, uint64_t key)
{
    answer *a = map_get(&e->answers, key);
    if (!a || a->state == ANSWER_ENDED) return;
    if (!engine_read_stop(e, a) && a->state == ANSWER_WAITS) list_drop(&e->queue, a);
    if (e->remote) remote_stop(e, a);
    for (int i = 0; i < e->o.places; i++)
        if (e->places[i].answer == a) engine_leave(e, &e->places[i]);
    engine_end(e, a, WIRE_END_STOPPED, EZ_OK, "%s", "");
}

static void on_ack(engine *e, const wire_ack *ack)
{
    answer *a = map_get(&e->answers, ack->key);
    if (!a || !ack->final || a->state != ANSWER_ENDED) return;
    for (int i = 0; i < e->all.count; i++)
        if (e->all.at[i] == a) {
            forget(e, i);
            return;
        }
}

typedef struct hearing { engine *engine; conn *conn; } hearing;

static bool on_message(void *user, const wire_message *m)
{
    engine *e = ((hearing *)user)->engine;
    conn *c = ((hearing *)user)->conn;
    switch (m->kind) {
    case WIRE_HELLO:  c->generation = m->hello.generation; break;
    case WIRE_ASK:    on_ask(e, c, &m->ask); break;
    case WIRE_ATTACH: on_attach(e, c, &m->attach); break;
    case WIRE_STOP:   on_stop(e, m->stop.key); break;
    case WIRE_ACK:    on_ack(e, &m->ack); break;
    default:          return false;
    }
    return true;
}

/* ---- sockets --------------------------------------------------------------------------------------------------- */

static void conn_open(engine *e, int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    conn *c = mem_alloc(sizeof *c);
    c->fd = fd;
    *list_add(&e->conns) = c;
    tell_status(e, c);
    put(c, &(wire_message){ WIRE_COUNTS, .counts = e->counts_told });
}

/* Its answers go on: the next worker attaches to them. */
static void conn_free(engine *e, int i)
{
    conn *c = e->conns.at[i];
    for (int k = 0; k < e->all.count; k++)
        if (e->all.at[k]->conn == c) e->all.at[k]->conn = NULL;
    list_remove(&e->conns, i);
    close(c->fd);
    wire_reader_done(&c->in);
    text_done(&c->out);
    mem_free(c);
}

static void conn_read(engine *e, conn *c)
{
    char at[READ_SIZE];
    hearing h = { e, c };
    for (int round = 0; round < 16 && !c->closed; round++) {
        ssize_t got = recv(c->fd, at, sizeof at, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (got <= 0) c->closed = true;
        else if (!wire_feed(&c->in, at, (size_t)got, on_message, &h)) {
            log_warn("engine", "a worker (generation %llu) sent what is no message; its connection is closed", (unsigned long long)c->generation);
            c->closed = true;
        }
    }
}

static void conn_write(conn *c)
{
    size_t sent = 0;
    while (sent < c->out.count) {
        ssize_t got = send(c->fd, c->out.at + sent, c->out.count - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (got > 0) sent += (size_t)got;
        else if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        else if (errno != EINTR) {
            /* It is dead, but what it asked before may still be to be read: reading finds the end. */
            c->deaf = true;
            text_clear(&c->out);
            return;
        }
    }
    if (!sent) return;
    memmove(c->out.at, c->out.at + sent, c->out.count - sent);
    c->out.count -= sent;
}

/* A message of any content with a descriptor is a new worker. False when the supervisor is gone. */
static bool control_read(engine *e)
{
    for (;;) {
        char byte[64];
        union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } space;
        struct iovec part = { byte, sizeof byte };
        struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space };
        ssize_t got = recvmsg(e->o.control, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        if (got == 0) return false;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
        int fd;
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
        conn_open(e, fd);
    }
}

int engine_connect(int control)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends)) return -1;
    char byte = 'w';
    union { struct cmsghdr head; char room[CMSG_SPACE(sizeof(int))]; } space;
    memset(&space, 0, sizeof space);
    struct iovec part = { &byte, 1 };
    struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &space, .msg_controllen = sizeof space };
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &ends[1], sizeof(int));
    ssize_t sent;
    do sent = sendmsg(control, &m, MSG_NOSIGNAL); while (sent < 0 && errno == EINTR);
    int why = errno;
    close(ends[1]);
    if (sent == 1) return ends[0];
    close(ends[0]);
    errno = why;
    return -1;
}

/* ---- what workers hear ------------------------------------------------------------------------------------------ */

/* Another step comes soon. */
static bool can_wait(const engine *e, const answer *a, int64_t now)
{
    return a->state == ANSWER_RUNS && a->sent && !e->stalled && !e->remote && e->step_ns < ENGINE_TELL_MS * 1000000 && now - a->told_ns < ENGINE_TELL_MS * 1000000;
}

static void tell_tokens(engine *e, answer *a)
{
    int64_t now = clock_ns();
    if (a->sent == a->out.count || can_wait(e, a, now)) return;
    a->told_ns = now;
    while (a->sent < a->out.count && a->conn->out.count < OUT_LIMIT) {
        size_t count = a->out.count - a->sent;
        if (count > FRAME_TEXT) count = utf8_whole(a->out.at + a->sent, FRAME_TEXT);
        put(a->conn, &(wire_message){ WIRE_TOKENS, .tokens = { a->key, a->sent, a->out.at + a->sent, (uint32_t)count } });
        a->sent += count;
    }
}

static void tell(engine *e, answer *a)
{
    if (!a->started_told && a->begun) {
        put(a->conn, &(wire_message){ WIRE_STARTED, .started = a->started });
        a->started_told = true;
    }
    if (a->frames.count && !a->conn->deaf) text_add(&a->conn->out, a->frames.at, a->frames.count);
    text_clear(&a->frames);
    tell_tokens(e, a);
    if (a->state == ANSWER_ENDED && !a->done_told && a->sent == a->out.count) {
        put(a->conn, &(wire_message){ WIRE_DONE, .done = a->done });
        a->done_told = true;
    }
}

/* Only those whom no place is left for count as queued; the others wait for the model or a larger context, not for people. */
static void tell_positions(engine *e)
{
    int places = e->streams_max ? e->streams_max : e->o.places, left = places - engine_busy(e);
    for (int i = 0; i < e->queue.count; i++) {
        answer *a = e->queue.at[i];
        int position = i + 1 - left;
        if (position < 1 || position == a->position || !a->conn) continue;
        a->position = position;
        put(a->conn, &(wire_message){ WIRE_QUEUED, .queued = { a->key, position } });
    }
}

/* At once when nothing is under way any more, so that what is told last is true. */
static void tell_counts(engine *e)
{
    int64_t now = clock_ms();
    e->counts.running = engine_busy(e) + (e->reading.prompt.tokens.count > 0);
    e->counts.waiting = e->queue.count + e->reading.waiting.count - (e->reading.prompt.tokens.count > 0);
    if (!memcmp(&e->counts, &e->counts_told, sizeof e->counts) || (e->counts.running && now - e->counts_told_ms < COUNTS_MS)) return;
    e->counts_told = e->counts;
    e->counts_told_ms = now;
    for (int i = 0; i < e->conns.count; i++) put(e->conns.at[i], &(wire_message){ WIRE_COUNTS, .counts = e->counts });
}

static void tell_all(engine *e)
{
    tell_counts(e);
    tell_positions(e);
    for (int i = 0; i < e->all.count; i++)
        if (e->all.at[i]->conn && !e->all.at[i]->done_told) tell(e, e->all.at[i]);
    for (int i = 0; i < e->conns.count; i++)
        if (e->conns.at[i]->out.count) conn_write(e->conns.at[i]);
}

/* ---- the loop ------------------------------------------------------------------------------------------------------ */

/* Gives places to those who wait, first come, first served. */
static void fill_places(engine *e)
{
    if (e->remote) {
        remote_take(e);
        return;
    }
    while (e->state == WIRE_READY && e->queue.count) {
        answer *a = e->queue.at[0];
        if (engine_busy(e) == e->streams) {
            e->want_streams = e->streams + e->queue.count;
            return;
        }
        list_remove(&e->queue, 0);
        trail prompt = { 0 };
        ez_err err = { 0 };
        if (engine_prompt(e, a, &prompt, &err)) {
            place *p = engine_place_for(e, &prompt);
            trail_done(&p->prompt);
            p->prompt = prompt;
            engine_start(e, p, a);
        } else {
            trail_done(&prompt);
            fail(e, a, WIRE_END_REFUSED, &err);
        }
    }
}

/* The model is ready, or is not. */
static void state_changed(engine *e)
{
    tell_status_all(e);
    while (e->state == WIRE_FAILED && e->queue.count) fail(e, e->queue.at[0], WIRE_END_FAILED, &e->error);
    while (e->state == WIRE_FAILED && e->reading.waiting.count) {
        answer *a = e->reading.waiting.at[0];
        engine_read_stop(e, a);
        fail(e, a, WIRE_END_FAILED, &e->error);
    }
}

static void on_event(engine *e)
{
    eventfd_t count;
    eventfd_read(e->event, &count);
    wire_ready before = e->state;
    engine_task_done(e);
    if (e->state != before) state_changed(e);
}

/* Times from now; below 0: never. */
static void sooner_of(int64_t *next, int64_t other)
{
    if (other >= 0 && (*next < 0 || other < *next)) *next = other;
}

/* ms until what a crowd needed is given back. */
static int64_t rest_left(engine *e, int64_t now)
{
    int64_t left = e->idle_since_ms + (int64_t)e->o.rest_seconds * 1000 - now;
    if (left > 0) return left;
    e->idle_since_ms = now;                        /* if it cannot be, it is tried again later */
    engine_shrink(e);
    return (int64_t)e->o.rest_seconds * 1000;
}

/* While nobody asks: room for the next visitors, and old answers are forgotten. Milliseconds until there is more to do; -1: never. */
static int idle(engine *e)
{
    int64_t now = clock_ms(), next = -1;
    for (int i = e->all.count - 1; i >= 0; i--) {
        answer *a = e->all.at[i];
        if (a->state != ANSWER_ENDED) continue;
        int64_t left = a->ended_ms + (int64_t)e->o.keep_seconds * 1000 - now;
        if (left <= 0) forget(e, i);
        else sooner_of(&next, left);
    }
    if (e->state == WIRE_READY && e->streams < e->streams_idle && e->streams < e->streams_max && e->task.kind == TASK_NONE) {
        int64_t left = e->idle_since_ms + ENGINE_IDLE_MS - now;
        if (left <= 0) {
            e->want_streams = e->streams_idle;
            engine_grow(e);
            left = ENGINE_IDLE_MS;
        }
        sooner_of(&next, left);
    }
    if (e->state == WIRE_READY && !e->remote && !engine_busy(e) && !e->queue.count && !e->reading.waiting.count) {
        engine_keep(e);
        sooner_of(&next, engine_forget_memos(e, now));
        if (e->task.kind == TASK_NONE && engine_wide(e)) sooner_of(&next, rest_left(e, now));
    }
    return next < 0 ? -1 : next > 3600000 ? 3600000 : (int)next;
}

/* False when the engine is to end. */
static bool wait_for(engine *e, int timeout)
{
    struct pollfd at[2 + 64];
    int count = e->conns.count < 64 ? e->conns.count : 64;
    at[0] = (struct pollfd){ e->event, POLLIN, 0 };
    at[1] = (struct pollfd){ e->o.control, POLLIN, 0 };
    for (int i = 0; i < count; i++) at[2 + i] = (struct pollfd){ e->conns.at[i]->fd, (short)(POLLIN | (e->conns.at[i]->out.count ? POLLOUT : 0)), 0 };
    if ((e->remote ? remote_poll(e, at, 2 + count, timeout) : poll(at, (nfds_t)(2 + count), timeout)) < 0) return errno == EINTR;
    if (at[0].revents) on_event(e);
    for (int i = 0; i < count; i++)
        if (at[2 + i].revents) conn_read(e, e->conns.at[i]);
    for (int i = e->conns.count - 1; i >= 0; i--)
        if (e->conns.at[i]->closed) conn_free(e, i);
    if (at[1].revents && !control_read(e)) return false;
    return e->o.control >= 0 || e->conns.count > 0;
}

static void run_remote(engine *e)
{
    while (wait_for(e, idle(e))) {
        wire_ready before = e->state;
        remote_work(e);
        if (e->state != before) state_changed(e);
        fill_places(e);
        tell_all(e);
    }
}

static void run(engine *e)
{
    bool working = false;
    while (wait_for(e, working ? 0 : idle(e))) {
        fill_places(e);
        tell_all(e);                               /* what was just heard is answered before a step, which may take long */
        working = e->state == WIRE_READY && (engine_busy(e) || !e->system_done) && engine_step(e);
        if (engine_read(e)) working = true;
        if (!engine_grow(e)) working = true;       /* who waited for it goes on with what there is */
        tell_all(e);
    }
}

static void defaults(engine_options *o)
{
    if (o->n_ctx <= 0) o->n_ctx = 2048;
    if (o->n_ctx < 128) o->n_ctx = 128;
    if (o->places <= 0) o->places = 16;
    if (o->places > 64) o->places = 64;
    if (o->threads > 64) o->threads = 64;
    if (o->keep_seconds <= 0) o->keep_seconds = 600;
    if (o->rest_seconds <= 0) o->rest_seconds = 45;
    if (o->kept_ms <= 0) o->kept_ms = 3600000;
    if (!o->idle_memory) {
        uint64_t left = engine_memory_left(o);
        o->idle_memory = left / 4 < (2ull << 30) ? left / 4 : 2ull << 30;
    }
}

static void batch_new(engine *e)
{
    size_t room = ENGINE_BATCH + 1;
    lm_batch *b = &e->batch;
    b->token = mem_alloc(room * sizeof *b->token);
    b->pos = mem_alloc(room * sizeof *b->pos);
    b->n_seq_id = mem_alloc(room * sizeof *b->n_seq_id);
    b->seq_id = mem_alloc(room * sizeof *b->seq_id);
    b->logits = mem_alloc(room);
    e->batch_sequence = mem_alloc(room * sizeof *e->batch_sequence);
    for (size_t i = 0; i + 1 < room; i++) b->seq_id[i] = &e->batch_sequence[i];
}

static void engine_free(engine *e)
{
    if (e->remote) remote_close(e);
    for (int i = 0; i < e->o.places; i++) {
        if (e->places[i].answer) engine_leave(e, &e->places[i]);
        trail_done(&e->places[i].kv);
        trail_done(&e->places[i].prompt);
    }
    engine_read_done(e);
    engine_unload(e);
    while (e->conns.count) conn_free(e, e->conns.count - 1);
    for (int i = 0; i < e->all.count; i++) answer_free(e->all.at[i]);
    for (int i = 0; i < e->memos.count; i++) {
        trail_done(&e->memos.at[i]->kv);
        mem_free(e->memos.at[i]->state.at);
        mem_free(e->memos.at[i]);
    }
    trail_done(&e->system);
    list_done(&e->memos); list_done(&e->conns); list_done(&e->all); list_done(&e->queue);
    map_done(&e->answers);
    mem_free(e->places); mem_free(e->scratch.at); mem_free(e->batch_sequence);
    mem_free(e->batch.token); mem_free(e->batch.pos); mem_free(e->batch.n_seq_id); mem_free(e->batch.seq_id); mem_free(e->batch.logits);
    if (e->pace.load >= 0) close(e->pace.load);
    if (e->o.control >= 0) close(e->o.control);
    close(e->event);
    mem_free(e);
}

int engine_main(const engine_options *options)
{
    engine *e = mem_alloc(sizeof *e);
    e->o = *options;
    defaults(&e->o);
    e->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    e->pace.load = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    e->places = mem_alloc((size_t)e->o.places * sizeof *e->places);
    batch_new(e);
    if (engine_is_remote(e->o.model)) remote_open(e);
    engine_load(e);
    if (e->o.worker >= 0) conn_open(e, e->o.worker);
    if (e->remote) run_remote(e);
    else run(e);
    engine_free(e);
    return 0;
}
