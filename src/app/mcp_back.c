/* mcp_back.c: clients of MCP that come back for a stream which broke, in this process or in the next one, and those that leave. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp_stream.h"
#include "app/callers.h"
#include "app/noted.h"
#include <stdlib.h>
#include <string.h>

enum { LEFT_MOST = 1000, MINUTE_MS = 60000 };

mcp_levels *mcp_levels_of(hub *h) { return &h->mcp->levels; }

uint64_t mcp_who(const net_request *rq) { return access_key(rq) ? access_caller(rq) : 0; }

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
    return *s->session && session && !strcmp(s->session, session) && s->who == mcp_who(rq);
}

/* ---- streams that are taken up again --------------------------------------------------------------------------------------------------- */

static void refuse_stream(net_request *rq) { net_reply(rq, 404, &(net_answer){ .body = "There is no such stream of this session, or not any more.\n" }); }

/* Of another process. Its events go on behind the last one that was heard. */
static mcp_stream *stream_of(hub *h, const mcp_line *l, call *c, int heard)
{
    mcp_stream *s = mem_alloc(sizeof *s);
    *s = (mcp_stream){ .hub = h, .tell = c->fn->prompt ? mcp_tell_prompt : c->fn->resource ? mcp_tell_resource : mcp_tell_tool, .id = mem_text(l->id), .of = mem_text(l->of),
                       .progress = mem_text(l->progress), .wants = l->wants, .streams = true, .primes = l->primes, .who = l->who, .kept = true, .noted_ms = clock_ms(), .count = heard };
    memcpy(s->session, l->session, sizeof s->session);
    mcp_name_stream(s, l->stream);
    mcp_follow(s, c);
    return s;
}

typedef struct mcp_back { hub *hub; net_request *rq; int heard; } mcp_back;      /* a client that came back */

static void on_found_line(void *data, const mcp_line *l, call *c, bool elsewhere)
{
    static const char *const soon[] = { "Retry-After", "1", NULL };
    mcp_back b = *(mcp_back *)data;
    bool taken_up = false;
    mcp_stream *s = map_get(&b.hub->mcp->by_name, hash_text(l->stream));
    mem_free(data);
    if (!s && c && c->resumed && !b.hub->down) {
        mem_free((char *)(uintptr_t)c->files.root);
        c->files.root = mem_text(routes_root(b.hub, b.rq));
        s = stream_of(b.hub, l, c, b.heard);
        taken_up = true;
    }
    if (!s && elsewhere) net_reply(b.rq, 503, &(net_answer){ .headers = soon, .body = "Another process works on the call; ask again in a moment.\n" });
    else if (!s) refuse_stream(b.rq);
    else if (!mcp_listen(s, b.rq, b.heard)) mcp_look_after(s);
    if (taken_up && c->state > CALL_RUNNING) call_heard(s->ear);
    else if (taken_up) mcp_moved(s->ear);
}

/* A stream is found by an id that nobody guesses, and by nobody but the client whose call it tells of. Who heard its end needs it no more. */
void mcp_resume(hub *h, net_request *rq)
{
    const char *id = net_header(rq, "last-event-id"), *session = net_header(rq, "mcp-session-id");
    char name[TOKEN_CHARS + 1];
    int heard = 0;
    bool read = id && session && token_valid(session) && mcp_event_read(id, name, &heard);
    mcp_stream *s = read ? map_get(&h->mcp->by_name, hash_text(name)) : NULL;
    bool found = s && !strcmp(s->name, name) && is_of(s, rq), over = found && !s->ear && heard >= s->result.number;
    if (read && !s && !h->stopping) {
        mcp_back *b = mem_alloc(sizeof *b);
        *b = (mcp_back){ h, rq, heard };
        mcp_line_find(h, mcp_who(rq), session, name, on_found_line, b);
        return;
    }
    if (over) mcp_forget(s);
    if (!found || over) refuse_stream(rq);
    if (over || (found && !mcp_listen(s, rq, heard))) mcp_look_after(s);
}

uint64_t mcp_session_of(const net_request *rq)
{
    const char *session = net_header(rq, "mcp-session-id");
    return session && token_valid(session) ? hash_mix(hash_text(session), mcp_who(rq)) : 0;
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
    for (int i = 0; i < mine.count; i++) mcp_gone(mine.at[i]);
    list_done(&mine);
    if (mcp_session_of(rq)) mcp_lines_drop(h, mcp_who(rq), net_header(rq, "mcp-session-id"));      /* those, too, that are not in memory */
    if (mcp_session_of(rq) && !mcp_has_left(h, rq)) *list_add(&m->left) = mcp_session_of(rq);
    if (m->left.count > LEFT_MOST) list_remove(&m->left, 0);
    const char *name = net_header(rq, "mcp-session-id");
    if (name) caller_reset(h, rq, name);
    net_reply(rq, 200, NULL);
}

void mcp_sweep(hub *h)
{
    struct mcp *m = h->mcp;
    int64_t now = clock_ms();
    int at = 0;
    void *value;
    while (map_next(&m->all, &at, NULL, &value)) {
        mcp_stream *s = value;
        mcp_line l = mcp_line_of(s);
        if (!s->kept || now - s->noted_ms < noted_every(h->app->options.resume_ttl_ms))
            continue;
        s->noted_ms = now;
        mcp_line_note(h, &l);
    }
    if (now - m->expired_ms < MINUTE_MS)
        return;
    m->expired_ms = now;
    mcp_lines_expire(h);
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
        s->kept = false;                       /* what the store has stays there */
        mcp_stream_free(s);
    }
    map_done(&h->mcp->all), map_done(&h->mcp->by_name);
    list_done(&h->mcp->results);
    list_done(&h->mcp->left);
    list_done(&h->mcp->levels.list);
    mem_free(h->mcp);
    h->mcp = NULL;
}
