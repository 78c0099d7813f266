/* mcp_stream.c: requests that a call answers. A short one is answered by one object of JSON; one that takes longer, or of whose progress its client wants to hear, by a stream of events.
 *
 * What it means that a stream breaks depends on the revision. Of the modern one that is how a client cancels. Of those before it means nothing: the call goes on, and as each
 * event has an id, the client may take the stream up again by a GET. For that the newest progress is kept, the newest lines, and the result; what was told of progress before is not told again.
 * A call to which nobody listens for as long as --resume-ttl says is cancelled, and a result that nobody fetched is forgotten. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp.h"
#include "app/callers.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOON_MS = 2000, RETRY_MS = 500, RESULTS_MOST = 500, RESULTS_BYTES = 16 << 20, LEFT_MOST = 1000, LINES_MOST = 50 };

#define PRIMED "2025-11-25"                    /* clients of this revision and later know events without data */

typedef struct mcp_event { int number; text body; } mcp_event;     /* 0: there is none */

typedef struct mcp_stream {
    hub         *hub;
    call_ear    *ear;              /* NULL: the call has ended */
    net_request *rq;               /* to be answered; NULL: it became a stream, or it was answered */
    net_channel *line;             /* NULL: there is none yet, it broke, or all was told */
    int          lines;            /* that have not closed, the one above among them */
    mcp_tell    *tell;
    char        *id, *of, *progress;
    bool         modern, primes, streams;      /* streams: its client reads events */
    char         session[TOKEN_CHARS + 1];     /* of its client; "": it has none, so nobody can come back */
    uint64_t     who;              /* hash of its key; 0: it came without */
    char         name[TOKEN_CHARS + 1];        /* with which the ids of its events begin; "": it cannot be taken up again */
    int          count;            /* events so far */
    double       last;             /* progress that was told */
    mcp_event    moved, result;
    LIST(mcp_event) said;          /* lines of its function */
    int          wants;            /* of which level: mcp_log.c */
    loop_timer  *timer;            /* until the request becomes a stream; or until nobody can come back any more */
} mcp_stream;

struct mcp {
    map all, by_name;
    LIST(mcp_stream *) results;    /* that may be fetched, oldest first */
    size_t bytes;                  /* of them */
    LIST(uint64_t) left;           /* sessions whose clients said goodbye, oldest first */
    mcp_levels levels;
};

/* ---- forgetting ---------------------------------------------------------------------------------------------------------------------- */

mcp_levels *mcp_levels_of(hub *h) { return &h->mcp->levels; }

static size_t bytes_of(const mcp_stream *s)
{
    size_t bytes = s->result.body.count;
    for (int i = 0; i < s->said.count; i++) bytes += s->said.at[i].body.count;
    return bytes;
}

/* Nobody can take it up again. */
static void forget(mcp_stream *s)
{
    struct mcp *m = s->hub->mcp;
    if (!*s->name)
        return;
    map_remove(&m->by_name, hash_text(s->name));
    *s->name = 0;
    for (int i = 0; i < m->results.count; i++)
        if (m->results.at[i] == s) {
            list_remove(&m->results, i);
            m->bytes -= bytes_of(s);
            break;
        }
}

static void stream_free(mcp_stream *s)
{
    forget(s);
    map_remove(&s->hub->mcp->all, (uint64_t)(uintptr_t)s);
    loop_timer_stop(s->timer);
    mem_free(s->id);
    mem_free(s->of);
    mem_free(s->progress);
    text_done(&s->moved.body);
    text_done(&s->result.body);
    for (int i = 0; i < s->said.count; i++) text_done(&s->said.at[i].body);
    list_done(&s->said);
    mem_free(s);
}

static void gone(mcp_stream *s);

static void on_away(void *data)
{
    mcp_stream *s = data;
    s->timer = NULL;
    gone(s);
}

/* What becomes of one to which nobody may listen now. It may be gone after that. */
static void look_after(mcp_stream *s)
{
    if (s->rq || s->line)
        return;
    loop_timer_stop(s->timer);
    s->timer = NULL;
    if (s->ear && s->modern) call_stop(s->ear->of, 409, "The call was cancelled", "its caller has gone");      /* which comes back here */
    else if (s->ear || *s->name) s->timer = loop_timer_start(s->hub->loop, s->hub->app->options.resume_ttl_ms, 0, on_away, s);
    else if (!s->lines) stream_free(s);
}

/* Its client does not come back. */
static void gone(mcp_stream *s)
{
    forget(s);
    if (s->ear) call_stop(s->ear->of, 409, "The call was cancelled", "its caller has gone");
    else look_after(s);
}

static void forget_some(struct mcp *m)
{
    while (m->results.count > RESULTS_MOST || m->bytes > RESULTS_BYTES) {
        mcp_stream *oldest = m->results.at[0];
        forget(oldest);
        look_after(oldest);
    }
}

/* ---- a line ---------------------------------------------------------------------------------------------------------------------------- */

static void line_closed(net_channel *line, int code, void *data)
{
    mcp_stream *s = data;
    (void)code;
    s->lines--;
    if (s->line == line)
        s->line = NULL;
    look_after(s);
}

static const net_channel_events line_events = { .on_close = line_closed };

static void tell_line(mcp_stream *s, int number, const char *at, size_t count)
{
    char id[TOKEN_CHARS + 16];
    snprintf(id, sizeof id, "%s.%d", s->name, number);
    if (s->line)
        net_channel_send_event(s->line, "message", *s->name ? id : NULL, at, count);
}

static void tell_event(mcp_stream *s, const mcp_event *e, int heard)
{
    if (e->number > heard) tell_line(s, e->number, e->body.at, e->body.count);
}

/* What came after the event with this number, in the order of the numbers. */
static void tell_rest(mcp_stream *s, int heard)
{
    int i = 0;
    for (; i < s->said.count && s->said.at[i].number < s->moved.number; i++) tell_event(s, &s->said.at[i], heard);
    tell_event(s, &s->moved, heard);
    for (; i < s->said.count; i++) tell_event(s, &s->said.at[i], heard);
    tell_event(s, &s->result, heard);
}

/* The request becomes its line, to which everything is told that came after the event with this number. False: the other end has gone. */
static bool listen_on(mcp_stream *s, net_request *rq, int heard)
{
    net_channel *before = s->line, *line = net_stream(rq, NULL, &line_events, s);
    if (!line)
        return false;
    s->line = line;
    s->lines++;
    loop_timer_stop(s->timer);
    s->timer = NULL;
    if (before)
        net_channel_close(before, 0, NULL);
    if (s->primes && *s->name) {               /* a line that breaks before anything was told can be taken up again, too */
        net_channel_retry(line, RETRY_MS);
        tell_line(s, heard, "", 0);
    }
    tell_rest(s, heard);
    if (!s->ear) net_channel_close(line, 0, NULL);
    return true;
}

/* False: the other end has gone, and the stream may be gone, too. */
static bool become_stream(mcp_stream *s)
{
    net_request *rq = s->rq;
    s->rq = NULL;
    if (*s->session) {
        token_new(s->name);
        map_put(&s->hub->mcp->by_name, hash_text(s->name), s);
    }
    if (listen_on(s, rq, 0))
        return true;
    forget(s);
    look_after(s);
    return false;
}

static void on_late(void *data)
{
    mcp_stream *s = data;
    s->timer = NULL;
    become_stream(s);
}

/* ---- what the call says ---------------------------------------------------------------------------------------------------------------- */

/* What is told to who waits, in words. */
static void put_message(json *j, const call *c)
{
    text words = { 0 };
    double eta = call_eta(c);
    if (c->words) text_puts(&words, c->words);
    else if (c->state == CALL_QUEUED && c->position) text_printf(&words, "waits, number %d in the line", c->position);
    if (!c->words && words.count && eta >= 0) text_printf(&words, ", about %.0f s", eta);
    if (words.count) json_key(j, "message"), json_text_n(j, words.at, words.count);
    text_done(&words);
}

static void put_progress(const mcp_stream *s, const call *c, text *out)
{
    json j = json_to(out);
    json_object(&j);
    json_member(&j, "jsonrpc", "2.0");
    json_member(&j, "method", "notifications/progress");
    json_key(&j, "params");
    json_object(&j);
    json_key(&j, "progressToken"), json_raw(&j, s->progress, strlen(s->progress));
    json_key(&j, "progress"), json_number(&j, s->last);
    json_key(&j, "total"), json_int(&j, 1);
    put_message(&j, c);
    json_object_end(&j);
    json_object_end(&j);
}

/* Each progress has to be above the one before. */
static void on_moved(call_ear *e)
{
    static const double STEP = 1e-6;
    mcp_stream *s = e->data;
    const call *c = e->of;
    if (!s->progress || (c->progress < 0 && !c->position))
        return;
    s->last = c->progress > s->last + STEP ? c->progress : s->last + STEP;
    text_clear(&s->moved.body);
    put_progress(s, c, &s->moved.body);
    s->moved.number = ++s->count;
    tell_line(s, s->moved.number, s->moved.body.at, s->moved.body.count);
}

/* A request that was to be answered by one object becomes a stream, a moment later: who left is noticed then, and not while others are told. */
static void on_told(call_ear *e, ez_level level, const char *line)
{
    mcp_stream *s = e->data;
    mcp_event said = { .number = s->count + 1 };
    if (!s->streams || !mcp_put_line(s->wants, level, e->of->fn->name, line, &said.body)) return;
    s->count++;
    *list_add(&s->said) = said;
    tell_event(s, &said, 0);
    if (s->said.count > LINES_MOST) {
        text_done(&s->said.at[0].body);
        list_remove(&s->said, 0);
    }
    if (!s->rq) return;
    loop_timer_stop(s->timer);
    s->timer = loop_timer_start(s->hub->loop, 0, 0, on_late, s);
}

/* The stream may be gone after that. */
static void on_ended(call_ear *e)
{
    mcp_stream *s = e->data;
    struct mcp *m = s->hub->mcp;
    s->ear = NULL;
    s->tell(e->of, s->id, s->of, &s->result.body);
    if (s->rq && !s->said.count) {
        calls_reply(s->rq, 200, &s->result.body, NULL, NULL);
        s->rq = NULL;
        stream_free(s);
        return;
    }
    s->result.number = ++s->count;
    if (s->rq) {
        if (!become_stream(s)) return;         /* which tells all, and closes */
    } else {
        tell_event(s, &s->result, 0);
        if (s->line) net_channel_close(s->line, 0, NULL);
    }
    if (*s->name) {
        *list_add(&m->results) = s;
        m->bytes += bytes_of(s);
    }
    look_after(s);
    forget_some(m);
}

static const call_voice voice = { .moved = on_moved, .told = on_told, .ended = on_ended };

/* ---- what is asked ------------------------------------------------------------------------------------------------------------------------ */

static uint64_t who_asks(const net_request *rq) { return access_key(rq) ? access_caller(rq) : 0; }

void mcp_answer(mcp_asking *a, call *c, mcp_tell *tell, const char *of, const char *progress)
{
    const char *session = net_header(a->rq, "mcp-session-id"), *version = net_header(a->rq, "mcp-protocol-version");
    mcp_stream *s = mem_alloc(sizeof *s);
    *s = (mcp_stream){ .hub = a->hub, .rq = a->rq, .tell = tell, .id = mem_text(a->id), .of = mem_text(of), .progress = mem_text(progress),
                       .wants = mcp_level_wanted(a), .streams = net_accepts(a->rq, "text/event-stream"), .modern = a->modern, .primes = version && strcmp(version, PRIMED) >= 0, .who = who_asks(a->rq) };
    if (!a->modern && session && token_valid(session))
        memcpy(s->session, session, sizeof s->session);
    map_put(&a->hub->mcp->all, (uint64_t)(uintptr_t)s, s);
    call_name(c, mcp_call_key(a, a->id));
    s->ear = call_follow(c, &voice, NULL);
    s->ear->data = s;
    if (c->state > CALL_RUNNING) call_heard(s->ear);           /* the answer was there already */
    else if (!s->streams) return;
    else if (!progress) s->timer = loop_timer_start(a->hub->loop, SOON_MS, 0, on_late, s);
    else if (become_stream(s)) on_moved(s->ear);
}

bool mcp_event_read(const char *id, char stream[TOKEN_CHARS + 1], int *number)
{
    size_t digits = strlen(id) > TOKEN_CHARS ? strspn(id + TOKEN_CHARS + 1, "0123456789") : 0;
    if (!digits || digits > 9 || id[TOKEN_CHARS] != '.' || id[TOKEN_CHARS + 1 + digits])
        return false;
    memcpy(stream, id, TOKEN_CHARS);
    stream[TOKEN_CHARS] = 0;
    *number = (int)strtol(id + TOKEN_CHARS + 1, NULL, 10);
    return token_valid(stream);
}

static bool is_of(const mcp_stream *s, const net_request *rq)
{
    const char *session = net_header(rq, "mcp-session-id");
    return *s->session && session && !strcmp(s->session, session) && s->who == who_asks(rq);
}

/* A stream is found by an id that nobody guesses, and by nobody but the client whose call it tells of. Who heard its end needs it no more. */
void mcp_resume(hub *h, net_request *rq)
{
    const char *id = net_header(rq, "last-event-id");
    char name[TOKEN_CHARS + 1];
    int heard = 0;
    mcp_stream *s = id && mcp_event_read(id, name, &heard) ? map_get(&h->mcp->by_name, hash_text(name)) : NULL;
    bool found = s && !strcmp(s->name, name) && is_of(s, rq), over = found && !s->ear && heard >= s->result.number;
    if (over) forget(s);
    if (!found || over) net_reply(rq, 404, &(net_answer){ .body = "There is no such stream of this session, or not any more.\n" });
    if (over || (found && !listen_on(s, rq, heard))) look_after(s);
}

uint64_t mcp_session_of(const net_request *rq)
{
    const char *session = net_header(rq, "mcp-session-id");
    return session && token_valid(session) ? hash_mix(hash_text(session), who_asks(rq)) : 0;
}

bool mcp_has_left(const hub *h, const net_request *rq)
{
    const struct mcp *m = h->mcp;
    uint64_t session = mcp_session_of(rq);
    for (int i = 0; session && i < m->left.count; i++)
        if (m->left.at[i] == session) return true;
    return false;
}

void mcp_leave(hub *h, net_request *rq)
{
    LIST(mcp_stream *) mine = { 0 };
    struct mcp *m = h->mcp;
    int at = 0;
    void *value;
    while (map_next(&m->all, &at, NULL, &value))
        if (is_of(value, rq)) *list_add(&mine) = value;
    for (int i = 0; i < mine.count; i++) gone(mine.at[i]);
    list_done(&mine);
    if (mcp_session_of(rq) && !mcp_has_left(h, rq)) *list_add(&m->left) = mcp_session_of(rq);
    if (m->left.count > LEFT_MOST) list_remove(&m->left, 0);
    const char *name = net_header(rq, "mcp-session-id");
    if (name) caller_reset(h, rq, name);
    net_reply(rq, 200, NULL);
}

void mcp_prepare(hub *h) { h->mcp = mem_alloc(sizeof *h->mcp); }

/* Lines have closed: what is left waits for somebody who does not come. */
void mcp_free(hub *h)
{
    int at = 0;
    void *value;
    for (; map_next(&h->mcp->all, &at, NULL, &value); at = 0) {
        mcp_stream *s = value;
        if (s->rq) net_reply(s->rq, 503, NULL);
        stream_free(s);
    }
    map_done(&h->mcp->all), map_done(&h->mcp->by_name);
    list_done(&h->mcp->results);
    list_done(&h->mcp->left);
    list_done(&h->mcp->levels.list);
    mem_free(h->mcp);
    h->mcp = NULL;
}
