/* views.c: the tabs that are connected: their lines, hello, who shows which session, and what they send. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gate.h"
#include "app/guard.h"
#include "app/hub.h"
#include "app/logins.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line is a WebSocket; or an event stream, whose browser posts; or polls: the browser says hello again and again, and each is answered
 * when there is something to say. All that a poll may miss is in the answer to the next hello, which says what the browser has. */

enum {
    PART_MAX = 16000, SLOW_BYTES = 262144, WHO_MS = 1000,
    POLL_MS = 8000,                /* a poll with nothing to say is answered: below the limits that proxies set */
    POLL_BATCH_MS = 15,            /* what comes so soon after the first news is said with it */
    POLL_AWAY_MS = 10000,          /* from one poll to the next */
    POLL_KEPT = 4 * SLOW_BYTES,    /* a poll that has so much to say says it now */
    SILENT_PINGS = 4,              /* an event stream whose browser posts nothing for so many pings: they may be a minute apart in a hidden tab */
};

static wire_view *view_find(hub *h, const char *view)
{
    wire_view *v = map_get(&h->views, hash_text(view));
    return v && !strcmp(v->view, view) ? v : NULL;
}

/* ---- what a view is told ------------------------------------------------------------------------------------------------------- */

static void view_late(void *data);

static void late_in(wire_view *v, int64_t ms)
{
    loop_timer_stop(v->late);
    v->late = loop_timer_start(v->hub->loop, ms, 0, view_late, v);
}

static void send_parts(net_channel *c, const char *s, size_t count)
{
    while (count > PART_MAX) {
        size_t whole = utf8_whole(s, PART_MAX);
        char *part = mem_alloc(whole + 2);
        part[0] = '+';
        memcpy(part + 1, s, whole);
        net_channel_send(c, part, whole + 1);
        mem_free(part);
        s += whole, count -= whole;
    }
    net_channel_send(c, s, count);
}

/* All that a view is told goes through here. */
static void say(wire_view *v, const char *s, size_t count)
{
    v->said++;
    if (v->channel) {
        send_parts(v->channel, s, count);
    } else if (v->poll) {
        if (v->holds || !v->answer.count || v->answer.count > POLL_KEPT)
            late_in(v, v->answer.count > POLL_KEPT ? 0 : POLL_BATCH_MS);
        v->holds = false;
        text_add(&v->answer, s, count);
        text_putc(&v->answer, '\n');
    } else {
        v->missed = true;
    }
}

void views_send(hub *h, const char *view, const char *s, size_t count)
{
    wire_view *v = view_find(h, view);
    if (!v || v->slow)
        return;
    say(v, s, count);
    if (v->channel && net_channel_pending(v->channel) > SLOW_BYTES) {
        seat *at = hub_seat(h, v->session);
        v->slow = true;
        if (at)
            session_slow(at->is, view);
    }
}

/* ---- a page that is being written ------------------------------------------------------------------------------------------------ */

static void say_problem(wire_view *v)
{
    text t = { 0 };
    text_printf(&t, "{\"dev\":%s}", v->hub->problem ? v->hub->problem : "null");
    say(v, t.at, t.count);
    text_done(&t);
}

void views_problem(hub *h, int fd)
{
    struct stat st;
    int at = 0;
    uint64_t key;
    void *value;
    mem_free(h->problem);
    h->problem = NULL;
    /* What a compiler says shows the source: it is for those who may see that. */
    if (fd >= 0 && app_shows_details(h->app) && !fstat(fd, &st) && st.st_size > 0) {
        h->problem = mem_alloc((size_t)st.st_size + 1);
        if (pread(fd, h->problem, (size_t)st.st_size, 0) != st.st_size)
            strcpy(h->problem, "null");
    }
    while (map_next(&h->views, &at, &key, &value))
        if (((wire_view *)value)->greeted)
            say_problem(value);
}

/* ---- the end of a line ----------------------------------------------------------------------------------------------------------- */

static void poll_answer(wire_view *v, int status, const char *s, size_t count)
{
    net_request *rq = v->poll;
    v->poll = NULL;
    net_reply(rq, status, &(net_answer){ .body = s ? s : "", .count = count });
}

static void view_free(wire_view *v)
{
    if (v->poll)
        poll_answer(v, 409, "This view is connected elsewhere.\n", 0);
    loop_timer_stop(v->asked);
    loop_timer_stop(v->late);
    text_done(&v->hello);
    text_done(&v->answer);
    mem_free(v);
}

/* It is not this view's line any more. */
static void view_leave(wire_view *v)
{
    hub *h = v->hub;
    bool mine = view_find(h, v->view) == v;
    if (mine)
        map_remove(&h->views, hash_text(v->view));
    loop_timer_stop(v->asked);
    v->asked = NULL;
    if (v->greeted && mine)
        hub_step_token(h, v->session, &(message){ .kind = MESSAGE_LOST, .view = v->view });
    v->greeted = false;
}

/* Ends the line; v is gone now, or with its channel. */
static void hang_up(wire_view *v, int code, const char *why)
{
    view_leave(v);
    if (v->channel) {
        net_channel_close(v->channel, code, why);
        return;
    }
    if (v->poll)
        poll_answer(v, code == 1013 ? 503 : 409, why, strlen(why));
    view_free(v);
}

/* A poll has waited long enough; or nobody polls or posts any more. */
static void view_late(void *data)
{
    wire_view *v = data;
    v->late = NULL;
    if (!v->poll) {
        hang_up(v, 1001, "nothing was heard of this view");
        return;
    }
    poll_answer(v, 200, v->answer.at, v->answer.count);
    text_done(&v->answer);
    late_in(v, POLL_AWAY_MS);
}

void views_cut(hub *h, const char *view)
{
    wire_view *v = view_find(h, view);
    if (v)
        hang_up(v, 1012, "connect again");
}

static void on_close(net_channel *c, int code, void *data)
{
    wire_view *v = data;
    (void)c;
    (void)code;
    v->channel = NULL;
    view_leave(v);
    view_free(v);
}

static void on_drain(net_channel *c, void *data)
{
    wire_view *v = data;
    (void)c;
    if (!v->slow)
        return;
    v->slow = false;
    hub_step_token(v->hub, v->session, &(message){ .kind = MESSAGE_DRAINED, .view = v->view });
}

/* The page behind one that has no line at the moment meets a closed door when it wants the next. */
void views_log_out(hub *h, uint64_t login)
{
    static const char out[] = "{\"out\":1}";
    LIST(wire_view *) mine = { 0 };
    int at = 0;
    void *value;
    while (map_next(&h->views, &at, NULL, &value))
        if (((wire_view *)value)->login == login) *list_add(&mine) = value;
    for (int i = 0; i < mine.count; i++) {
        wire_view *v = mine.at[i];
        if (v->channel) say(v, out, sizeof out - 1);
        else if (v->poll) poll_answer(v, 200, out, sizeof out - 1);
        hang_up(v, 1008, "this visitor has logged out");
    }
    list_done(&mine);
}

/* Polls are requests under way, for which a server that stops would wait. */
void views_stop(hub *h)
{
    int at = 0;
    uint64_t key;
    void *value;
    LIST(wire_view *) polls = { 0 };
    while (map_next(&h->views, &at, &key, &value)) {
        wire_view *v = value;
        if (!v->channel)
            *list_add(&polls) = v;
    }
    for (int i = 0; i < polls.count; i++)
        hang_up(polls.at[i], 1013, "the program ends");
    list_done(&polls);
}

void views_free(hub *h)
{
    map_done(&h->views);
}

/* ---- hello --------------------------------------------------------------------------------------------------------------------- */

static const char *text_of(const cJSON *o, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));
}

static const char FORGETFUL[] = "{\"w\":{\"s\":\"notsaved\"}}";

/* The view's events up to `settled` did what they were for. */
static void greet_after(wire_view *v, seat *s, bool fresh, uint64_t settled)
{
    hub *h = v->hub;
    cJSON *o = cJSON_Parse(v->hello.at);
    hello_heard heard;
    char name[TOKEN_CHARS + 1];
    if (!hello_hear(&heard, o) || !app_page_find(h->app, heard.path)) {
        cJSON_Delete(o);
        hang_up(v, 1008, "there is no such page");
        return;
    }
    bool wait = heard.wait && !v->missed;
    v->missed = false;
    snprintf(v->session, sizeof v->session, "%s", session_token(s->is));
    snprintf(name, sizeof name, "%s", v->view);
    v->greeted = true;
    v->said = 0;
    if (settled > heard.marks[0].settled)
        heard.marks[0].settled = settled;
    hub_step(s, &(message){ .kind = MESSAGE_HELLO, .view = name, .path = heard.path, .query = heard.query, .epoch = heard.epoch, .frame = heard.frame,
                            .marks = heard.marks, .mark_count = heard.mark_count, .again = wait, .fresh = fresh });
    cJSON_Delete(o);
    if (h->problem && !wait && view_find(h, name) == v)
        say_problem(v);
    if (h->forgetful && !wait && view_find(h, name) == v)
        say(v, FORGETFUL, sizeof FORGETFUL - 1);
    /* A browser that has all of it and polls again hears of the next news. */
    if (wait && view_find(h, name) == v && v->poll && v->said == 1) {
        v->holds = true;
        late_in(v, POLL_MS);
    }
}

static void greet(wire_view *v, seat *s, bool fresh)
{
    greet_after(v, s, fresh, 0);
}

/* ---- a session that left memory while it is shown --------------------------------------------------------------------------------- */

static void view_left(void *data, const char *view, uint64_t frame)
{
    seat *s = data;
    wire_view *v = view_find(s->hub, view);
    if (v) {
        v->epoch = session_epoch(s->is);
        v->frame = frame;
    }
}

void views_left(seat *s)
{
    session_each_view(s->is, view_left, s);
}

/* It connects anew for its view, which has missed nothing, as nothing has happened. */
static void view_back(wire_view *v, seat *s)
{
    cJSON *o = cJSON_Parse(v->hello.at);
    hello_heard heard;
    if (hello_hear(&heard, o))
        hub_step(s, &(message){ .kind = MESSAGE_HELLO, .view = v->view, .path = heard.path, .query = heard.query, .epoch = v->epoch, .frame = v->frame, .again = true });
    cJSON_Delete(o);
}

void views_back(seat *s)
{
    int at = 0;
    void *value;
    LIST(uint64_t) names = { 0 };
    while (map_next(&s->hub->views, &at, NULL, &value)) {
        wire_view *v = value;
        if (v->greeted && !strcmp(v->session, session_token(s->is)))
            *list_add(&names) = hash_text(v->view);
    }
    for (int i = 0; i < names.count; i++) {
        wire_view *v = map_get(&s->hub->views, names.at[i]);
        if (v && v->greeted)
            view_back(v, s);
    }
    list_done(&names);
}

/* ---- duplicates ------------------------------------------------------------------------------------------------------------------- */

/* Another view shows this session: is it still there? If it answers within a second, this is a duplicated tab. */
static wire_view *rival(hub *h, const wire_view *v, const char *session)
{
    int at = 0;
    uint64_t key;
    void *value;
    while (map_next(&h->views, &at, &key, &value)) {
        wire_view *other = value;
        if (other != v && other->greeted && !strcmp(other->session, session))
            return other;
    }
    return NULL;
}

typedef struct greeting { hub *hub; char view[TOKEN_CHARS + 1]; } greeting;
static void greet_loaded(void *data, seat *s, bool broken);

static greeting *greeting_of(const wire_view *v)
{
    greeting *g = mem_alloc(sizeof *g);
    g->hub = v->hub;
    snprintf(g->view, sizeof g->view, "%s", v->view);
    return g;
}

static void nobody_answered(void *data)
{
    wire_view *v = data;
    hub *h = v->hub;
    wire_view *other = rival(h, v, v->session);
    v->asked = NULL;
    if (other)
        hang_up(other, 1001, "another view took the session");
    hub_load(h, v->session, greet_loaded, greeting_of(v));
}

/* A view that shows this session gave a sign of life: those who wait for its place are duplicates of its tab. */
static void rival_answered(hub *h, const char *session)
{
    int at = 0;
    uint64_t key;
    void *value;
    LIST(wire_view *) waiting = { 0 };
    while (map_next(&h->views, &at, &key, &value)) {
        wire_view *v = value;
        if (v->asked && !strcmp(v->session, session))
            *list_add(&waiting) = v;
    }
    for (int i = 0; i < waiting.count; i++) {
        wire_view *v = waiting.at[i];
        loop_timer_stop(v->asked);
        v->asked = NULL;
        greet(v, hub_new_session(h, v->visitor), true);
    }
    list_done(&waiting);
}

/* A visitor is known by the cookie. A browser that keeps none, such as a frame in another site's page, is known by the session's name, which only its
 * tab has: such a session's visitor bears that name, too. One that was printed a moment ago for somebody without a cookie becomes one. */
static bool may_show(const wire_view *v, seat *s)
{
    if (!*v->visitor && !session_keeps(s->is))
        session_without_cookie(s->is);
    return !strcmp(session_visitor(s->is), *v->visitor ? v->visitor : session_token(s->is)) || !strcmp(session_visitor(s->is), session_token(s->is));
}

static void greet_in(wire_view *v, seat *s)
{
    hub *h = v->hub;
    if (!s || !may_show(v, s)) {
        seat *fresh = hub_new_session(h, v->visitor);
        if (!s)                                /* its session may have ended with its page, before it was ever stored */
            hub_tell_crashes(h, v->session, fresh->is);
        greet(v, fresh, true);
        return;
    }
    wire_view *other = session_tabs_shared(s->is) ? NULL : rival(h, v, session_token(s->is));
    if (!other) {
        greet(v, s, false);
        return;
    }
    char question[96];
    int count = snprintf(question, sizeof question, "{\"who\":\"%s\"}", session_token(s->is));
    snprintf(v->session, sizeof v->session, "%s", session_token(s->is));
    say(other, question, (size_t)count);
    v->asked = loop_timer_start(h->loop, WHO_MS, 0, nobody_answered, v);
}

static void greet_loaded(void *data, seat *s, bool broken)
{
    greeting *g = data;
    wire_view *v = view_find(g->hub, g->view);
    if (v && !v->greeted && !v->asked) {
        if (broken) hang_up(v, 1013, "the session cannot be read now; try again");
        else greet_in(v, s);
    }
    mem_free(g);
}

/* A view's name stands in addresses, so in logs of proxies: it is no credential. */
static bool same_visitor(const wire_view *v, const char *visitor) { return !*v->visitor || !strcmp(v->visitor, visitor ? visitor : ""); }

/* The same view on a new line: the old one is dead. */
static void replace(wire_view *v, wire_view *before)
{
    char session[TOKEN_CHARS + 1] = "";
    if (before->greeted)
        snprintf(session, sizeof session, "%s", before->session);
    v->missed = before->missed;
    hang_up(before, 1001, "this view connected anew");
    if (*session)
        rival_answered(v->hub, session);
}

static void hello(wire_view *v, const char *s, size_t count, const cJSON *o)
{
    hub *h = v->hub;
    hello_heard heard;
    if (!hello_hear(&heard, o) || *v->view) {
        hang_up(v, 1008, "hello names a view and a session, once");
        return;
    }
    if (!heard.build || strcmp(heard.build, h->build)) {
        say(v, "{\"reload\":1}", 12);
        if (!v->channel) {
            poll_answer(v, 200, v->answer.at, v->answer.count);
            view_free(v);
        }
        return;
    }
    wire_view *before = view_find(h, heard.view);
    if (before && !same_visitor(before, v->visitor)) {
        hang_up(v, 1013, "this view is connected elsewhere");
        return;
    }
    if (before)
        replace(v, before);
    snprintf(v->view, sizeof v->view, "%s", heard.view);
    snprintf(v->session, sizeof v->session, "%s", heard.session);
    text_clear(&v->hello);
    text_add(&v->hello, s, count);
    map_put(&h->views, hash_text(heard.view), v);
    hub_load(h, v->session, greet_loaded, greeting_of(v));
}

/* ---- events -------------------------------------------------------------------------------------------------------------------- */

/* The signal itself is settled by it: its new session answers so, or the browser would send it again. */
static void start_over(wire_view *v, uint64_t n)
{
    hub *h = v->hub;
    hub_step_token(h, v->session, &(message){ .kind = MESSAGE_LOST, .view = v->view });
    greet_after(v, hub_new_session(h, v->visitor), true, n);
}

static void event(wire_view *v, const cJSON *o, bool signal)
{
    event_heard e = { 0 };
    bool counts = event_hear(&e, o, v->view, signal);
    const message *m = &e.message;
    if (m->type && m->node == tree_root_id() && !strcmp(m->type, "startover")) start_over(v, m->n);
    else if (counts) hub_step_token(v->hub, v->session, m);
    event_heard_done(&e);
}

static void take_message(wire_view *v, const char *s, size_t count);

typedef struct saying { hub *hub; char view[TOKEN_CHARS + 1]; char *text; size_t count; } saying;

static void saying_loaded(void *data, seat *s, bool broken)
{
    saying *x = data;
    wire_view *v = view_find(x->hub, x->view);
    if (v && v->greeted) {                     /* else it sends this again when it has connected */
        if (s) take_message(v, x->text, x->count);
        else hang_up(v, broken ? 1013 : 1012, broken ? "the session cannot be read now; try again" : "connect again");
    }
    mem_free(x->text);
    mem_free(x);
}

/* Its session has left memory: it is brought back first. */
static void event_later(wire_view *v, const char *s, size_t count)
{
    saying *x = mem_alloc(sizeof *x);
    x->hub = v->hub;
    snprintf(x->view, sizeof x->view, "%s", v->view);
    x->text = mem_copy(s, count);
    x->count = count;
    hub_load(v->hub, v->session, saying_loaded, x);
}

/* v may be gone afterwards. */
static void take_message(wire_view *v, const char *s, size_t count)
{
    cJSON *o = utf8_valid(s, count) ? cJSON_ParseWithLength(s, count) : NULL;
    const char *kind = text_of(o, "t");
    if (!kind) hang_up(v, 1007, "a message is a JSON object with a member t");
    else if (v->login && !v->greeted && login_has_ended(v->hub, v->login)) hang_up(v, 1008, "this visitor has logged out");
    else if (!strcmp(kind, "hello")) hello(v, s, count, o);
    else if (!strcmp(kind, "ping")) {
        say(v, "{\"pong\":1}", 10);
        if (v->greeted)
            rival_answered(v->hub, v->session);
    } else if (v->greeted && (!strcmp(kind, "e") || !strcmp(kind, "s"))) {
        if (hub_seat(v->hub, v->session)) event(v, o, *kind == 's');
        else event_later(v, s, count);
    }
    cJSON_Delete(o);
}

/* ---- lines ---------------------------------------------------------------------------------------------------------------------- */

static void on_message(net_channel *c, const char *s, size_t count, void *data)
{
    (void)c;
    take_message(data, s, count);
}

static const net_channel_events channel_events = { .on_message = on_message, .on_drain = on_drain, .on_close = on_close };

static wire_view *view_new(hub *h, net_request *rq)
{
    const char *visitor = routes_visitor(h, rq);
    wire_view *v = mem_alloc(sizeof *v);
    v->hub = h;
    snprintf(v->visitor, sizeof v->visitor, "%s", visitor ? visitor : "");
    v->login = gate_cookie(h, rq);
    return v;
}

void views_socket(hub *h, net_request *rq)
{
    wire_view *v = view_new(h, rq);
    v->channel = net_upgrade(rq, &channel_events, v);
    if (!v->channel)
        view_free(v);
}

static bool from_here(net_request *rq)
{
    if (guard_same_site(rq))
        return true;
    net_reply(rq, 403, &(net_answer){ .body = "Another site's page may not send here.\n" });
    return false;
}

void views_stream(hub *h, net_request *rq)
{
    const char *greeting_text = net_query(rq, "hello");
    if (!from_here(rq))
        return;
    if (!greeting_text) {
        net_reply(rq, 400, &(net_answer){ .body = "The parameter hello is missing.\n" });
        return;
    }
    char *first = mem_text(greeting_text);
    wire_view *v = view_new(h, rq);
    v->channel = net_stream(rq, NULL, &channel_events, v);
    if (v->channel) {
        late_in(v, SILENT_PINGS * h->app->options.ping_ms);
        take_message(v, first, strlen(first));
    } else {
        view_free(v);
    }
    mem_free(first);
}

void views_poll(hub *h, net_request *rq)
{
    if (!from_here(rq))
        return;
    if (h->stopping) {
        net_reply(rq, 503, &(net_answer){ .body = "The program ends.\n" });
        return;
    }
    wire_view *v = view_new(h, rq);
    v->poll = rq;
    late_in(v, POLL_MS);
    take_message(v, rq->body, rq->count);
}

const char *views_session(hub *h, net_request *rq)
{
    const char *view = net_query(rq, "view");
    wire_view *v = view && token_valid(view) && guard_same_site(rq) ? view_find(h, view) : NULL;
    return v && same_visitor(v, routes_visitor(h, rq)) ? v->session : NULL;
}

void views_post(hub *h, net_request *rq)
{
    const char *view = net_query(rq, "view"), *visitor = routes_visitor(h, rq);
    wire_view *v = view && token_valid(view) ? view_find(h, view) : NULL;
    if (!from_here(rq))
        return;
    if (!v || !same_visitor(v, visitor)) {
        net_reply(rq, 409, &(net_answer){ .body = "This view is not connected here. Connect first.\n" });
        return;
    }
    if (v->channel && !net_channel_is_socket(v->channel))
        late_in(v, SILENT_PINGS * h->app->options.ping_ms);
    take_message(v, rq->body, rq->count);
    net_reply(rq, 204, NULL);
}
