/* gradio_listen.c: who listens: the sessions of Gradio's clients, their event streams and their heartbeats.
 *
 * A client names its session by itself. All its events are told on one event stream, which it opens when it has joined the queue and which ends when none is
 * left. What is said while nobody listens waits: a stream that broke is taken up again. Events of a session that nobody hears of for a minute are cancelled. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/callers.h"
#include "app/gradio.h"
#include <stdio.h>
#include <string.h>

enum { SILENT_MS = 60000, LINGER_MS = 1500, BEAT_MS = 15000, BACKLOG_MOST = 4 << 20, LISTENERS_MOST = 5000 };

/* A client's session: who listens, and what waits to be told. */
typedef struct listener {
    hub         *hub;
    char         hash[CALLER_NAME_MOST + 1];
    net_channel *stream;           /* that it listens to; NULL */
    int          lines;            /* streams that have not closed, the one above among them */
    bool         several;          /* it sends events while others are under way */
    LIST(char *) backlog;
    size_t       backlog_bytes;
    LIST(call_ear *) events;       /* that have not ended */
    loop_timer  *silent, *linger;
} listener;

static void forget_backlog(listener *l)
{
    for (int i = 0; i < l->backlog.count; i++)
        mem_free(l->backlog.at[i]);
    list_done(&l->backlog);
    l->backlog_bytes = 0;
}

static void listener_free(listener *l)
{
    map_remove(&l->hub->gradio->listeners, hash_text(l->hash));
    loop_timer_stop(l->silent);
    loop_timer_stop(l->linger);
    forget_backlog(l);
    list_done(&l->events);
    mem_free(l);
}

/* NULL: there is none, or another name has its place. */
static listener *listener_of(const hub *h, const char *hash)
{
    listener *l = hash ? map_get(&h->gradio->listeners, hash_text(hash)) : NULL;
    return l && !strcmp(l->hash, hash) ? l : NULL;
}

static listener *listener_new(hub *h, const char *hash)
{
    listener *l = mem_alloc(sizeof *l);
    l->hub = h;
    snprintf(l->hash, sizeof l->hash, "%s", hash);
    map_put(&h->gradio->listeners, hash_text(l->hash), l);
    return l;
}

bool gradio_room(hub *h, net_request *rq, const char *session)
{
    const map *all = &h->gradio->listeners;
    if (listener_of(h, session))
        return true;
    if (map_get(all, hash_text(session))) gradio_detail(rq, 400, "this session_hash cannot be used; take another one");
    else if (all->count >= LISTENERS_MOST) gradio_detail(rq, 503, "%d sessions wait for their clients already; try again in a minute", LISTENERS_MOST);
    else return true;
    return false;
}

static void look_after(listener *l);

static void on_silent(void *data)
{
    listener *l = data;
    l->silent = NULL;
    while (l->events.count) call_stop(l->events.at[0]->of, 409, "The call was cancelled", "nobody listens to it");
    forget_backlog(l);
    look_after(l);
}

/* One that has nothing to say and nobody to hear it goes; one that waits for its client does so for a while. */
static void look_after(listener *l)
{
    loop_timer_stop(l->silent);
    l->silent = NULL;
    if (!l->lines && !l->events.count && !l->backlog.count) listener_free(l);
    else if (!l->stream) l->silent = loop_timer_start(l->hub->loop, SILENT_MS, 0, on_silent, l);
}

static void say(listener *l, text *message)
{
    if (l->stream) {
        net_channel_send_event(l->stream, NULL, NULL, message->at, message->count);
    } else if (l->backlog_bytes < BACKLOG_MOST) {
        l->backlog_bytes += message->count;
        *list_add(&l->backlog) = mem_text(message->at);
    }
    text_done(message);
}

/* ---- event streams ----------------------------------------------------------------------------------------------------------------- */

static void stream_closed(net_channel *c, int code, void *data)
{
    listener *l = data;
    (void)code;
    l->lines--;
    if (l->stream == c)
        l->stream = NULL;
    look_after(l);
}

/* The Python client takes nothing but messages: a comment ends all its calls. */
static const net_channel_events stream_events = { .on_close = stream_closed, .beat = "{\"msg\":\"heartbeat\",\"event_id\":null}" };

/* The client opens another stream with its next event. */
static void on_linger(void *data)
{
    listener *l = data;
    text message = { 0 };
    l->linger = NULL;
    if (l->events.count || !l->stream)
        return;
    l->several = false;
    text_puts(&message, "{\"msg\":\"close_stream\",\"event_id\":null}");
    say(l, &message);
    net_channel_close(l->stream, 0, NULL);
    l->stream = NULL;
}

/* A client whose next event is on its way takes the stream for open, and loses the event with it: so the stream of one that sends several at once stays open for a
 * moment. That of others ends at once: a client that takes another session_hash meanwhile would take it for that session's, and lose the next event. */
static void end_stream(listener *l)
{
    if (l->events.count || !l->stream)
        return;
    loop_timer_stop(l->linger);
    l->linger = NULL;
    if (l->several) l->linger = loop_timer_start(l->hub->loop, LINGER_MS, 0, on_linger, l);
    else on_linger(l);
}

void gradio_listen(hub *h, net_request *rq)
{
    listener *l = listener_of(h, net_query(rq, "session_hash"));
    if (!l) {
        static const net_channel_events deaf = { 0 };
        static const char lost[] = "{\"msg\":\"unexpected_error\",\"event_id\":null,\"message\":\"Session not found\",\"session_not_found\":true,\"success\":false}";
        net_channel *c = net_stream(rq, NULL, &deaf, NULL);
        if (c) net_channel_send_event(c, NULL, NULL, lost, sizeof lost - 1), net_channel_close(c, 0, NULL);
        return;
    }
    net_channel *before = l->stream, *c = net_stream(rq, NULL, &stream_events, l);
    if (!c)
        return;
    l->stream = c;
    l->lines++;
    if (before) net_channel_close(before, 0, NULL);        /* the newest hears everything */
    look_after(l);
    for (int i = 0; i < l->backlog.count; i++)
        net_channel_send_event(c, NULL, NULL, l->backlog.at[i], strlen(l->backlog.at[i]));
    forget_backlog(l);
    end_stream(l);
}

/* ---- what happens ------------------------------------------------------------------------------------------------------------------ */

static listener *listener_of_ear(const call_ear *e) { return listener_of(e->of->hub, e->token); }

static void number_or_null(json *j, double n)
{
    if (n >= 0) json_number(j, n);
    else json_text(j, NULL);
}

static void say_position(listener *l, const call *c)
{
    text message = { 0 };
    int waiting = job_waiting(c->hub->jobs);
    json j = gradio_message(&message, "estimation", c->id);
    json_key(&j, "rank"), json_int(&j, c->position ? c->position - 1 : 0);
    json_key(&j, "queue_size"), json_int(&j, waiting ? waiting : 1);
    json_key(&j, "rank_eta"), number_or_null(&j, call_eta(c));
    json_object_end(&j);
    say(l, &message);
}

static void say_started(listener *l, const call *c)
{
    text message = { 0 };
    json j = gradio_message(&message, "process_starts", c->id);
    json_key(&j, "eta"), number_or_null(&j, call_eta(c));
    json_object_end(&j);
    say(l, &message);
}

static void say_progress(listener *l, const call *c)
{
    text message = { 0 };
    json j = gradio_message(&message, "progress", c->id);
    json_key(&j, "progress_data");
    json_array(&j);
    json_object(&j);
    json_key(&j, "index"), json_text(&j, NULL);
    json_key(&j, "length"), json_text(&j, NULL);
    json_key(&j, "unit"), json_text(&j, "steps");
    json_key(&j, "progress"), json_number(&j, c->progress);
    json_key(&j, "desc"), json_text(&j, c->words);
    json_object_end(&j);
    json_array_end(&j);
    json_object_end(&j);
    say(l, &message);
}

static void event_moved(call_ear *e)
{
    listener *l = listener_of_ear(e);
    const call *c = e->of;
    if (!l)
        return;
    if (c->state == CALL_QUEUED) {
        say_position(l, c);
        return;
    }
    if (!e->started) say_started(l, c);
    e->started = true;
    if (c->progress >= 0) say_progress(l, c);
}

static void event_put(call_ear *e, const values *changed, const values *added)
{
    listener *l = listener_of_ear(e);
    text message = { 0 };
    if (!l)
        return;
    json j = gradio_message(&message, "process_generating", e->of->id);
    json_key(&j, "output");
    json_object(&j);
    json_key(&j, "data");
    if (e->told) gradio_edits(&j, e->of, changed, added);
    else gradio_data(&j, e->of);
    e->told = true;
    gradio_times(&j, e->of, true);
    json_object_end(&j);
    json_key(&j, "success"), json_bool(&j, true);
    json_key(&j, "time_limit"), json_text(&j, NULL);
    json_object_end(&j);
    say(l, &message);
}

/* Gradio has no level for lines that are of use to a programmer alone. */
static void event_told(call_ear *e, ez_level level, const char *line)
{
    static const char *const titles[] = { [EZ_LEVEL_INFO] = "Info", [EZ_LEVEL_WARNING] = "Warning", [EZ_LEVEL_ERROR] = "Error" };
    listener *l = listener_of_ear(e);
    text message = { 0 };
    if (!l || level == EZ_LEVEL_DEBUG)
        return;
    json j = gradio_message(&message, "log", e->of->id);
    json_member(&j, "log", line);
    json_member(&j, "level", call_level(level));
    json_member(&j, "title", titles[level]);
    json_key(&j, "duration"), json_int(&j, 10);
    json_key(&j, "visible"), json_bool(&j, true);
    json_object_end(&j);
    say(l, &message);
}

static void event_ended(call_ear *e)
{
    listener *l = listener_of_ear(e);
    text message = { 0 };
    if (!l)
        return;
    json j = gradio_message(&message, "process_completed", e->of->id);
    json_key(&j, "output"), gradio_output(&j, e->of);
    json_key(&j, "success"), json_bool(&j, e->of->state != CALL_FAILED);
    json_key(&j, "title"), json_text(&j, e->of->state == CALL_FAILED ? e->of->problem.title : NULL);
    json_object_end(&j);
    say(l, &message);
    list_drop(&l->events, e);
    end_stream(l);
}

static const call_voice event_voice = { .moved = event_moved, .put = event_put, .told = event_told, .ended = event_ended };

void gradio_tell(hub *h, call *c, const char *session)
{
    listener *l = listener_of(h, session);
    if (!l) l = listener_new(h, session);
    l->several = l->several || l->events.count || l->stream || l->backlog.count;
    call_ear *e = call_follow(c, &event_voice, session);
    *list_add(&l->events) = e;
    event_moved(e);
    call_heard(e);
    look_after(l);
}

void gradio_cancel(hub *h, const char *session, const char *event)
{
    listener *l = listener_of(h, session);
    for (int i = 0; l && event && i < l->events.count; i++)
        if (!strcmp(l->events.at[i]->of->id, event)) {
            call_stop(l->events.at[i]->of, 409, "The call was cancelled", NULL);
            return;
        }
}

/* ---- heartbeats: a client is there, and so is the state of its session ------------------------------------------------------------- */

typedef struct heartbeat { net_channel *channel; caller *session; loop_timer *timer; } heartbeat;

static void on_beat(void *data) { net_channel_send(((heartbeat *)data)->channel, "ALIVE", 5); }

static void heartbeat_closed(net_channel *c, int code, void *data)
{
    heartbeat *b = data;
    (void)c;
    (void)code;
    loop_timer_stop(b->timer);
    caller_release(b->session);
    mem_free(b);
}

static const net_channel_events heartbeat_events = { .on_close = heartbeat_closed, .beat = "ALIVE" };

/* The Python client waits 20 s for the next beat, then it goes on without. */
void gradio_heartbeat(hub *h, net_request *rq, const char *session)
{
    heartbeat *b = mem_alloc(sizeof *b);
    b->session = caller_hold(h, rq, session);
    b->channel = net_stream(rq, NULL, &heartbeat_events, b);
    if (!b->channel) {
        caller_release(b->session);
        mem_free(b);
        return;
    }
    b->timer = loop_timer_start(h->loop, BEAT_MS, BEAT_MS, on_beat, b);
    on_beat(b);
}

/* ---- the process ------------------------------------------------------------------------------------------------------------------- */

void gradio_listen_free(hub *h)
{
    int at = 0;
    void *value;
    for (; map_next(&h->gradio->listeners, &at, NULL, &value); at = 0)
        listener_free(value);
    map_done(&h->gradio->listeners);
}
