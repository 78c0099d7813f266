/* routes.c: from HTTP to sessions and back: pages, assets, channels, health. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "app/hub.h"
#include "gen/assets.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MAX = 16000, SLOW_BYTES = 262144, WHO_MS = 1000, YEAR_S = 31536000 };

/* ---- cookies ---------------------------------------------------------------------------------------------------------------- */

static const char *visitor_of(hub *h, net_request *rq)
{
    const char *token = net_cookie(rq, h->cookie);
    return token && token_valid(token) ? token : NULL;
}

/* ---- pages ------------------------------------------------------------------------------------------------------------------ */

typedef struct waiting_page {
    hub         *hub;
    net_request *rq;
    uint64_t     number;
    char         visitor[TOKEN_CHARS + 1], view[TOKEN_CHARS + 1];
    char        *path;             /* below the base */
    bool         new_visitor;
} waiting_page;

static void page_done(waiting_page *w)
{
    map_remove(&w->hub->gets, w->number);
    mem_free(w->path);
    mem_free(w);
}

static void plain(net_request *rq, int status, const char *text)
{
    net_reply(rq, status, &(net_answer){ .body = text });
}

void routes_refuse(hub *h, uint64_t request, int status)
{
    waiting_page *w = map_get(&h->gets, request);
    if (!w)
        return;
    plain(w->rq, status, status == 404 ? "There is no page at this address.\n" : "This page cannot be shown now. Please try again in a moment.\n");
    page_done(w);
}

void routes_page_ready(hub *h, seat *s, uint64_t request)
{
    waiting_page *w = map_get(&h->gets, request);
    session_page page;
    char path[1024], cookie[160], theme_name[40];
    text html = { 0 };
    if (!w)
        return;
    snprintf(path, sizeof path, "%s%s%s", w->path, *w->rq->query ? "?" : "", w->rq->query);
    if (!session_print(s->is, path, &page)) {
        routes_refuse(h, request, 500);
        return;
    }
    snprintf(theme_name, sizeof theme_name, "%s-theme", h->cookie);
    shell_print(&(shell){ h, w->path, w->view, net_cookie(w->rq, theme_name), &page, s->is }, &html);
    snprintf(cookie, sizeof cookie, "%s=%s; Path=%s; Max-Age=%d; HttpOnly; SameSite=Lax", h->cookie, w->visitor, h->app->options.base_path, YEAR_S);
    const char *headers[] = { "Content-Security-Policy", h->head_hash, "Referrer-Policy", "same-origin",
                              w->new_visitor ? "Set-Cookie" : NULL, cookie, NULL };
    net_reply(w->rq, 200, &(net_answer){ .type = "text/html; charset=utf-8", .body = html.at, .count = html.count, .headers = headers });
    text_done(&html);
    session_page_done(&page);
    page_done(w);
}

static void page_at(waiting_page *w, seat *s)
{
    hub_step(s, &(message){ .kind = MESSAGE_GET, .view = w->view, .path = w->path, .query = w->rq->query, .request = w->number });
}

static void page_new_session(waiting_page *w)
{
    page_at(w, hub_new_session(w->hub, w->visitor));
}

/* Another tab's session is not this one's, unless the page says that tabs share. */
static bool page_may_show(waiting_page *w, seat *s)
{
    return !strcmp(session_visitor(s->is), w->visitor) && (!session_views(s->is) || session_tabs_shared(s->is));
}

static void page_loaded(void *data, seat *s, bool broken)
{
    waiting_page *w = data;
    if (broken) routes_refuse(w->hub, w->number, 503);
    else if (s && page_may_show(w, s)) page_at(w, s);
    else page_new_session(w);
}

static void page_found(void *data, const char *const *sessions, int count)
{
    waiting_page *w = data;
    if (count < 0) routes_refuse(w->hub, w->number, 503);
    else if (count) hub_load(w->hub, sessions[0], page_loaded, w);
    else page_new_session(w);
}

static void page_tab_loaded(void *data, seat *s, bool broken)
{
    waiting_page *w = data;
    if (broken) routes_refuse(w->hub, w->number, 503);
    else if (s && !strcmp(session_visitor(s->is), w->visitor)) page_at(w, s);
    else page_new_session(w);
}

static seat *latest_in_memory(hub *h, const char *visitor)
{
    int at = 0;
    uint64_t key;
    void *value;
    seat *best = NULL;
    while (map_next(&h->seats, &at, &key, &value)) {
        seat *s = value;
        if (!strcmp(session_visitor(s->is), visitor) && session_keeps(s->is) && (!best || session_used(s->is) > session_used(best->is)))
            best = s;
    }
    return best;
}

/* The session of the tab's own five-second cookie; else the visitor's latest if no open view shows it; else a new one. */
static void page_get(hub *h, net_request *rq, const char *path)
{
    const char *visitor = visitor_of(h, rq);
    char tab_name[40];
    waiting_page *w = mem_alloc(sizeof *w);
    *w = (waiting_page){ .hub = h, .rq = rq, .number = ++h->requests, .path = mem_text(path), .new_visitor = !visitor };
    token_new(w->view);
    if (visitor) snprintf(w->visitor, sizeof w->visitor, "%s", visitor);
    else token_new(w->visitor);
    map_put(&h->gets, w->number, w);
    snprintf(tab_name, sizeof tab_name, "%s-tab", h->cookie);
    const char *tab = net_cookie(rq, tab_name);
    seat *latest = visitor ? latest_in_memory(h, visitor) : NULL;
    if (!visitor) page_new_session(w);
    else if (tab && token_valid(tab)) hub_load(h, tab, page_tab_loaded, w);
    else if (latest) page_loaded(w, latest, false);
    else store_sessions_of(hub_store(h), visitor, page_found, w);
}

/* ---- channels ----------------------------------------------------------------------------------------------------------------- */

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

static wire_view *view_find(hub *h, const char *view)
{
    wire_view *v = map_get(&h->views, hash_text(view));
    return v && !strcmp(v->view, view) ? v : NULL;
}

void routes_send(hub *h, const char *view, const char *s, size_t count)
{
    wire_view *v = view_find(h, view);
    if (!v || !v->channel || v->slow)
        return;
    send_parts(v->channel, s, count);
    if (net_channel_pending(v->channel) > SLOW_BYTES) {
        seat *at = hub_seat(h, v->session);
        v->slow = true;
        if (at)
            session_slow(at->is, view);
    }
}

void routes_cut(hub *h, const char *view)
{
    wire_view *v = view_find(h, view);
    if (v && v->channel)
        net_channel_close(v->channel, 1012, "connect again");
}

static void view_unlink(wire_view *v)
{
    hub *h = v->hub;
    if (view_find(h, v->view) == v)
        map_remove(&h->views, hash_text(v->view));
}

static void on_close(net_channel *c, int code, void *data)
{
    wire_view *v = data;
    hub *h = v->hub;
    bool mine = view_find(h, v->view) == v;
    (void)c;
    (void)code;
    view_unlink(v);
    loop_timer_stop(v->asked);
    if (v->greeted && mine)
        hub_step_token(h, v->session, &(message){ .kind = MESSAGE_LOST, .view = v->view });
    text_done(&v->hello);
    mem_free(v);
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

static void take_message(wire_view *v, const char *s, size_t count);

static void on_message(net_channel *c, const char *s, size_t count, void *data)
{
    (void)c;
    take_message(data, s, count);
}

static const net_channel_events channel_events = { on_message, on_drain, on_close };

static const char *text_of(const cJSON *o, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));
}

/* ---- hello --------------------------------------------------------------------------------------------------------------------- */

/* The view's events up to `settled` did what they were for. */
static void greet_after(wire_view *v, seat *s, bool fresh, uint64_t settled)
{
    cJSON *o = cJSON_Parse(v->hello.at);
    hello_heard h;
    hello_hear(&h, o);
    cJSON_Delete(o);
    if (!app_page_find(v->hub->app, h.path)) {
        net_channel_close(v->channel, 1008, "there is no such page");
        return;
    }
    snprintf(v->session, sizeof v->session, "%s", session_token(s->is));
    v->greeted = true;
    hub_step(s, &(message){ .kind = MESSAGE_HELLO, .view = v->view, .path = h.path, .query = h.query, .epoch = h.epoch, .frame = h.frame, .n = settled, .fresh = fresh });
}

static void greet(wire_view *v, seat *s, bool fresh)
{
    greet_after(v, s, fresh, 0);
}

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

static void nobody_answered(void *data)
{
    wire_view *v = data;
    hub *h = v->hub;
    seat *s = hub_seat(h, v->session);
    wire_view *other = rival(h, v, v->session);
    v->asked = NULL;
    if (other && other->channel)
        net_channel_close(other->channel, 1001, "another view took the session");
    if (s)
        greet(v, s, false);
}

static void rival_answered(hub *h, const char *session)
{
    int at = 0;
    uint64_t key;
    void *value;
    wire_view *waiting = NULL;
    while (map_next(&h->views, &at, &key, &value)) {
        wire_view *v = value;
        if (v->asked && !strcmp(v->session, session))
            waiting = v;
    }
    if (!waiting)
        return;
    loop_timer_stop(waiting->asked);
    waiting->asked = NULL;
    greet(waiting, hub_new_session(h, waiting->visitor), true);
}

static void greet_in(wire_view *v, seat *s)
{
    hub *h = v->hub;
    if (!s || strcmp(session_visitor(s->is), v->visitor)) {
        greet(v, hub_new_session(h, v->visitor), true);
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
    net_channel_send(other->channel, question, (size_t)count);
    v->asked = loop_timer_start(h->loop, WHO_MS, 0, nobody_answered, v);
}

typedef struct greeting { hub *hub; char view[TOKEN_CHARS + 1]; } greeting;

static void greet_loaded(void *data, seat *s, bool broken)
{
    greeting *g = data;
    wire_view *v = view_find(g->hub, g->view);
    if (v && v->channel && !v->greeted && broken)
        net_channel_close(v->channel, 1013, "the session cannot be read now; try again");
    else if (v && v->channel && !v->greeted)
        greet_in(v, s);
    mem_free(g);
}

static void hello(wire_view *v, const char *s, size_t count, const cJSON *o)
{
    hub *h = v->hub;
    hello_heard said;
    if (!hello_hear(&said, o) || v->view[0]) {
        net_channel_close(v->channel, 1008, "hello names a view and a session, once");
        return;
    }
    if (!said.build || strcmp(said.build, h->app->build)) {
        net_channel_send(v->channel, "{\"reload\":1}", 12);
        return;
    }
    wire_view *before = view_find(h, said.view);
    if (before && before != v) {               /* the same view on a new connection: the old one is dead */
        map_remove(&h->views, hash_text(said.view));
        before->greeted = false;
        loop_timer_stop(before->asked);
        before->asked = NULL;
        if (before->channel)
            net_channel_close(before->channel, 1001, "this view connected anew");
    }
    snprintf(v->view, sizeof v->view, "%s", said.view);
    text_clear(&v->hello);
    text_add(&v->hello, s, count);
    map_put(&h->views, hash_text(said.view), v);
    greeting *g = mem_alloc(sizeof *g);
    g->hub = h;
    snprintf(g->view, sizeof g->view, "%s", said.view);
    hub_load(h, said.session, greet_loaded, g);
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

static void take_message(wire_view *v, const char *s, size_t count)
{
    cJSON *o = utf8_valid(s, count) ? cJSON_ParseWithLength(s, count) : NULL;
    const char *kind = text_of(o, "t");
    if (!kind) {
        cJSON_Delete(o);
        net_channel_close(v->channel, 1007, "a message is a JSON object with a member t");
        return;
    }
    if (!strcmp(kind, "hello")) hello(v, s, count, o);
    else if (!strcmp(kind, "ping")) {
        net_channel_send(v->channel, "{\"pong\":1}", 10);
        if (v->greeted)
            rival_answered(v->hub, v->session);
    } else if (v->greeted && !strcmp(kind, "e")) event(v, o, false);
    else if (v->greeted && !strcmp(kind, "s")) event(v, o, true);
    cJSON_Delete(o);
}

static wire_view *view_new(hub *h, const char *visitor)
{
    wire_view *v = mem_alloc(sizeof *v);
    v->hub = h;
    snprintf(v->visitor, sizeof v->visitor, "%s", visitor);
    return v;
}

static void socket_open(hub *h, net_request *rq)
{
    const char *visitor = visitor_of(h, rq);
    char made[TOKEN_CHARS + 1];
    if (!visitor) {                            /* a frame of another site without cookies: a visitor of this connection */
        token_new(made);
        visitor = made;
    }
    wire_view *v = view_new(h, visitor);
    v->channel = net_upgrade(rq, &channel_events, v);
    if (!v->channel)
        mem_free(v);
}

static void stream_open(hub *h, net_request *rq)
{
    const char *visitor = visitor_of(h, rq), *greeting_text = net_query(rq, "hello");
    char made[TOKEN_CHARS + 1];
    if (!greeting_text) {
        plain(rq, 400, "The parameter hello is missing.\n");
        return;
    }
    if (!visitor) {
        token_new(made);
        visitor = made;
    }
    char *first = mem_text(greeting_text);
    wire_view *v = view_new(h, visitor);
    static const char *const headers[] = { "X-Accel-Buffering", "no", NULL };
    v->channel = net_stream(rq, headers, &channel_events, v);
    if (v->channel) take_message(v, first, strlen(first));
    else mem_free(v);
    mem_free(first);
}

static void post(hub *h, net_request *rq)
{
    const char *view = net_query(rq, "view"), *visitor = visitor_of(h, rq);
    wire_view *v = view && token_valid(view) ? view_find(h, view) : NULL;
    if (!net_same_origin(rq)) {
        plain(rq, 403, "Another site's page may not send here.\n");
        return;
    }
    if (!v || (visitor && strcmp(visitor, v->visitor))) {
        plain(rq, 409, "This view is not connected here. Connect first.\n");
        return;
    }
    take_message(v, rq->body, rq->count);
    net_reply(rq, 204, NULL);
}

/* ---- assets and health ------------------------------------------------------------------------------------------------------------ */

static void asset_get(net_request *rq, const char *file)
{
    for (const asset *a = asset_table; a->role; a++)
        if (!strcmp(a->file, file)) {
            net_reply_asset(rq, &(net_asset){ .name = a->file, .type = a->type, .plain = a->plain.at, .plain_count = a->plain.count, .gzip = a->gzip.at,
                                              .gzip_count = a->gzip.count, .brotli = a->brotli.at, .brotli_count = a->brotli.count, .immutable = true });
            return;
        }
    text sheets = { 0 };
    if (shell_sheets(file, &sheets))
        net_reply(rq, 200, &(net_answer){ .type = "text/css; charset=utf-8", .body = sheets.at, .count = sheets.count, .cache = "public, max-age=31536000, immutable" });
    else
        plain(rq, 404, "There is no such file.\n");
    text_done(&sheets);
}

static bool health(hub *h, net_request *rq, const char *path)
{
    api_answer out = { 0 };
    api_facts facts = { .started = h->started, .stopping = h->stopping, .unsaved = h->unsaved, .model = (api_model)models_state(h->models), .uptime_ms = clock_ms() - h->started_ms,
                        .sessions = h->seats.count, .views = h->views.count, .waiting = job_waiting(h->jobs) + models_waiting(h->models) };
    char retry[16];
    if (!api_reply(rq->method, path, &facts, &out))
        return false;
    snprintf(retry, sizeof retry, "%d", out.retry_s);
    const char *headers[] = { out.allow ? "Allow" : "Vary", out.allow ? out.allow : "Accept-Encoding", out.retry_s ? "Retry-After" : NULL, retry, NULL };
    net_reply(rq, out.status, &(net_answer){ .type = out.type, .body = out.body.at, .count = out.body.count, .headers = headers });
    text_done(&out.body);
    return true;
}

/* ---- the router --------------------------------------------------------------------------------------------------------------------- */

/* The path below the program's base, beginning with '/'; NULL when it is not below it. */
static const char *below_base(hub *h, const char *path)
{
    const char *base = h->app->options.base_path;
    size_t count = strlen(base) - 1;           /* without the '/' at its end */
    return strncmp(path, base, count) || path[count] != '/' ? NULL : path + count;
}

void routes_handle(net_request *rq, void *data)
{
    hub *h = data;
    const char *path = below_base(h, rq->path);
    bool get = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    if (!path) {
        plain(rq, 404, "There is nothing at this address.\n");
    } else if (!strncmp(path, "/_easel/a/", 10)) {
        asset_get(rq, path + 10);
    } else if (!strcmp(path, "/_easel/ws")) {
        if (net_wants_upgrade(rq)) socket_open(h, rq);
        else plain(rq, 426, "This address speaks WebSocket.\n");
    } else if (!strcmp(path, "/_easel/sse") && get) {
        stream_open(h, rq);
    } else if (!strcmp(path, "/_easel/send") && !strcmp(rq->method, "POST")) {
        post(h, rq);
    } else if (health(h, rq, path + 1)) {
        return;
    } else if (!app_page_find(h->app, path)) {
        plain(rq, 404, "There is no page at this address.\n");
    } else if (!get) {
        net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "GET, HEAD", NULL } });
    } else {
        page_get(h, rq, path);
    }
}

void routes_prepare(hub *h)
{
    const ez_app *app = h->app;
    char name[ID_CHARS + 1];
    id_print(hash_mix(hash_text(app->options.data), hash_text(app->options.base_path)), name);
    snprintf(h->cookie, sizeof h->cookie, "ez_%.8s", name);
    for (char *c = h->cookie; *c; c++)
        if (*c == '-')
            *c = '_';
    h->head_hash = shell_policy(h);
}
