/* mcp_stream.c: requests that a call answers. A short one is answered by one object of JSON; one that takes longer, or of whose progress its client wants to hear, by a stream of events.
 *
 * What it means that a stream breaks depends on the revision. Of the modern one that is how a client cancels. Of those before it means nothing: the call goes on, and as each
 * event has an id, the client may take the stream up again by a GET. For that the newest progress is kept, the newest lines, and the result; what was told of progress before is not told again.
 * A call to which nobody listens for as long as --resume-ttl says is cancelled, and a result that nobody fetched is forgotten.
 *
 * Before a stream has a name its call is kept (kept.h), and the store knows which call the stream tells of (mcp_line.c): a client that comes back to another process hears there what
 * became of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp_stream.h"
#include <stdio.h>
#include <string.h>

enum { SOON_MS = 2000, RETRY_MS = 500, RESULTS_MOST = 500, RESULTS_BYTES = 16 << 20, LINES_MOST = 50 };

#define PRIMED "2025-11-25"                    /* clients of this revision and later know events without data */

/* ---- forgetting ---------------------------------------------------------------------------------------------------------------------- */

static size_t bytes_of(const mcp_stream *s)
{
    size_t bytes = s->result.body.count;
    for (int i = 0; i < s->said.count; i++) bytes += s->said.at[i].body.count;
    return bytes;
}

mcp_line mcp_line_of(const mcp_stream *s)
{
    mcp_line l = { .who = s->who, .job = s->ear ? s->ear->of->id : NULL, .id = s->id, .of = s->of, .progress = s->progress, .wants = s->wants, .primes = s->primes };
    memcpy(l.session, s->session, sizeof l.session);
    memcpy(l.stream, s->name, sizeof l.stream);
    return l;
}

/* Nobody can take it up again. */
void mcp_forget(mcp_stream *s)
{
    struct mcp *m = s->hub->mcp;
    mcp_line l = mcp_line_of(s);
    if (!*s->name)
        return;
    if (s->kept) mcp_line_drop(s->hub, &l);
    s->kept = false;
    map_remove(&m->by_name, hash_text(s->name));
    *s->name = 0;
    if (list_drop(&m->results, s)) m->bytes -= bytes_of(s);
}

void mcp_stream_free(mcp_stream *s)
{
    mcp_forget(s);
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

static void on_away(void *data)
{
    mcp_stream *s = data;
    s->timer = NULL;
    mcp_gone(s);
}

/* What becomes of one to which nobody may listen now. It may be gone after that. */
void mcp_look_after(mcp_stream *s)
{
    if (s->rq || s->line)
        return;
    loop_timer_stop(s->timer);
    s->timer = NULL;
    if (s->ear && s->modern) call_stop(s->ear->of, 409, "The call was cancelled", "its caller has gone");      /* which comes back here */
    else if (s->ear || *s->name) s->timer = loop_timer_start(s->hub->loop, s->hub->app->options.resume_ttl_ms, 0, on_away, s);
    else if (!s->lines) mcp_stream_free(s);
}

/* Its client does not come back. */
void mcp_gone(mcp_stream *s)
{
    mcp_forget(s);
    if (s->ear) call_stop(s->ear->of, 409, "The call was cancelled", "its caller has gone");
    else mcp_look_after(s);
}

static void forget_some(struct mcp *m)
{
    while (m->results.count > RESULTS_MOST || m->bytes > RESULTS_BYTES) {
        mcp_stream *oldest = m->results.at[0];
        mcp_forget(oldest);
        mcp_look_after(oldest);
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
    mcp_look_after(s);
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
bool mcp_listen(mcp_stream *s, net_request *rq, int heard)
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

void mcp_name_stream(mcp_stream *s, const char *name)
{
    memcpy(s->name, name, sizeof s->name);
    map_put(&s->hub->mcp->by_name, hash_text(s->name), s);
}

/* False: the other end has gone, and the stream may be gone, too. */
static bool become_stream(mcp_stream *s)
{
    char name[TOKEN_CHARS + 1];
    net_request *rq = s->rq;
    s->rq = NULL;
    s->keeping = false;
    token_new(name);
    if (*s->session && !*s->name)
        mcp_name_stream(s, name);
    if (mcp_listen(s, rq, 0))
        return true;
    mcp_forget(s);
    mcp_look_after(s);
    return false;
}

/* Its client is told a name when the store knows it. False: it is no stream yet, or gone. */
static bool begin_stream(mcp_stream *s)
{
    call *c = s->ear ? s->ear->of : NULL;
    char name[TOKEN_CHARS + 1];
    if (s->keeping)
        return false;
    if (!*s->session || !c || c->over || c->stored)
        return become_stream(s);
    token_new(name);
    mcp_name_stream(s, name);
    mcp_line l = mcp_line_of(s);
    s->keeping = s->kept = true;
    s->noted_ms = clock_ms();
    mcp_line_save(s->hub, &l);
    call_keep_on(c);
    return false;
}

static void on_late(void *data)
{
    mcp_stream *s = data;
    s->timer = NULL;
    begin_stream(s);
}

static void on_kept(call_ear *e)
{
    mcp_stream *s = e->data;
    if (s->keeping && s->rq && become_stream(s) && !s->moved.number) mcp_moved(e);
}

/* It goes on in the next process, where its client asks for it. */
static void on_sent_on(call_ear *e)
{
    mcp_stream *s = e->data;
    s->ear = NULL;
    s->kept = false;                           /* what the store has stays there */
    mcp_forget(s);
    if (s->rq) net_reply(s->rq, 503, NULL);
    s->rq = NULL;
    if (s->line) net_channel_close(s->line, 0, NULL);
    s->line = NULL;
    mcp_look_after(s);
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
void mcp_moved(call_ear *e)
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
        mcp_stream_free(s);
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
    mcp_look_after(s);
    forget_some(m);
}

static const call_voice voice = { .moved = mcp_moved, .told = on_told, .ended = on_ended, .stored = on_kept, .sent_on = on_sent_on };

/* ---- what is asked ------------------------------------------------------------------------------------------------------------------------ */

void mcp_follow(mcp_stream *s, call *c)
{
    s->ear = call_follow(c, &voice, NULL);
    s->ear->data = s;
    map_put(&s->hub->mcp->all, (uint64_t)(uintptr_t)s, s);
}

void mcp_answer(mcp_asking *a, call *c, mcp_tell *tell, const char *of, const char *progress)
{
    const char *session = net_header(a->rq, "mcp-session-id"), *version = net_header(a->rq, "mcp-protocol-version");
    mcp_stream *s = mem_alloc(sizeof *s);
    *s = (mcp_stream){ .hub = a->hub, .rq = a->rq, .tell = tell, .id = mem_text(a->id), .of = mem_text(of), .progress = mem_text(progress),
                       .wants = mcp_level_wanted(a), .streams = net_accepts(a->rq, "text/event-stream"), .modern = a->modern, .primes = version && strcmp(version, PRIMED) >= 0, .who = mcp_who(a->rq) };
    if (!a->modern && session && token_valid(session))
        memcpy(s->session, session, sizeof s->session);
    call_name(c, mcp_call_key(a, a->id));
    c->holds_inputs = *s->session && s->streams;
    mcp_follow(s, c);
    if (c->state > CALL_RUNNING) call_heard(s->ear);           /* the answer was there already */
    else if (!s->streams) return;
    else if (!progress) s->timer = loop_timer_start(a->hub->loop, SOON_MS, 0, on_late, s);
    else if (begin_stream(s)) mcp_moved(s->ear);
}
