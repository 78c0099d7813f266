/* routes.c: from HTTP to sessions and back: pages, assets, health. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "app/access.h"
#include "app/calls.h"
#include "app/gate.h"
#include "app/guard.h"
#include "app/hub.h"
#include "gen/assets.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YEAR_S = 31536000 };
#define LATER_S "10"

/* ---- cookies ---------------------------------------------------------------------------------------------------------------- */

/* A cookie that this program has not made says nothing. */
const char *routes_visitor(hub *h, net_request *rq)
{
    char visitor[TOKEN_CHARS + 1];
    return guard_open(h->secret, net_cookie(rq, h->cookie), visitor) ? arena_text(rq->arena, visitor) : NULL;
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

/* A proxy that ends TLS says so; a visitor who says it himself keeps his own cookie from himself. */
const char *routes_cookie(const hub *h, const net_request *rq, const char *name, const char *token, int seconds)
{
    const char *outside = net_header(rq, "x-forwarded-proto"), *lasts = seconds || !token ? arena_printf(rq->arena, "; Max-Age=%d", token ? seconds : 0) : "";
    char sealed[SEALED_CHARS + 1] = "";
    if (token) guard_seal(h->secret, token, sealed);
    return arena_printf(rq->arena, "%s=%s; Path=%s%s; HttpOnly; SameSite=Lax%s", name, sealed, h->app->options.base_path, lasts, outside && !strcmp(outside, "https") ? "; Secure" : "");
}

void routes_page_ready(hub *h, seat *s, uint64_t request)
{
    waiting_page *w = map_get(&h->gets, request);
    session_page page;
    char path[1024], theme_name[40];
    text html = { 0 };
    if (!w)
        return;
    snprintf(path, sizeof path, "%s%s%s", w->path, *w->rq->query ? "?" : "", w->rq->query);
    if (!session_print(s->is, path, &page)) {
        routes_refuse(h, request, 500);
        return;
    }
    snprintf(theme_name, sizeof theme_name, "%s-theme", h->cookie);
    shell_print(&(shell){ h, w->path, w->view, net_cookie(w->rq, theme_name), &page, s->is, gate_cookie(h, w->rq) != 0 }, &html);
    const char *cookie = routes_cookie(h, w->rq, h->cookie, w->visitor, YEAR_S);
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

/* All memory that sessions may have is in use by people at work. Who waits a little finds room. */
static void page_later(waiting_page *w)
{
    static const char *const headers[] = { "Retry-After", LATER_S, "Refresh", LATER_S, NULL };
    net_reply(w->rq, 503, &(net_answer){ .type = "text/html; charset=utf-8", .headers = headers,
        .body = "<!doctype html><html lang=\"en\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">"
                "<title>Please come again in a moment</title><h1>Please come again in a moment</h1>"
                "<p>Many people are at work here right now, and there is no memory left for one more. This page tries again every " LATER_S " seconds.</p></html>\n" });
    page_done(w);
}

static void page_new_session(waiting_page *w)
{
    if (w->hub->crowded) page_later(w);
    else page_at(w, hub_new_session(w->hub, w->visitor));
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
    const char *visitor = routes_visitor(h, rq);
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
                        .sessions = h->seats.count, .views = h->views.count, .waiting = job_waiting(h->jobs) + models_waiting(h->models), .memory = h->memory, .engine = models_counts(h->models) };
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

const char *routes_root(hub *h, const net_request *rq)
{
    const char *outside = net_header(rq, "x-forwarded-proto"), *host = net_header(rq, "host");
    return arena_printf(rq->arena, "%s://%s%s", outside && !strcmp(outside, "https") ? "https" : "http", host ? host : "localhost", h->app->options.base_path);
}

/* The path below the program's base, beginning with '/'; NULL when it is not below it. */
const char *routes_below(hub *h, const char *path)
{
    const char *base = h->app->options.base_path;
    size_t count = strlen(base) - 1;           /* without the '/' at its end */
    return strncmp(path, base, count) || path[count] != '/' ? NULL : path + count;
}

/* Logged once a minute at most: who asks under a wrong name may ask often. */
static void wrong_name(hub *h, net_request *rq)
{
    const char *host = net_header(rq, "host");
    char *text = arena_printf(rq->arena, "This program does not answer to the name in this address. If it is its name, start it with --allowed-hosts %.200s\n", host);
    if (clock_ms() >= h->wrong_name_ms) {
        h->wrong_name_ms = clock_ms() + 60000;
        log_warn("app", "a request for \"%.200s\" is refused: the program does not answer to that name; if it is its name, start it with --allowed-hosts", host);
    }
    plain(rq, 421, text);
}

static bool is_file(const char *path) { return !strncmp(path, "/" FILE_ADDRESS, sizeof FILE_ADDRESS); }
static bool is_metrics(const hub *h, const char *path) { return !strcmp(path, "/metrics") && !app_page_find(h->app, path); }   /* a program may have a page of this name */

/* What --cors-origins opens to pages of other sites: no page, and nothing of a page but its files. */
static bool is_open(const hub *h, const char *path)
{
    return !app_page_find(h->app, path) && !is_metrics(h, path) && (strncmp(path, "/_easel/", 8) || is_file(path));
}

/* Protocols look by themselves who calls, and refuse in their own words. */
static bool asks_itself(const hub *h, const char *path) { return is_open(h, path) && !is_file(path); }

void routes_handle(net_request *rq, void *data)
{
    hub *h = data;
    if (!guard_host(&h->app->options, net_header(rq, "host"))) {
        wrong_name(h, rq);
        return;
    }
    const char *path = routes_below(h, rq->path);
    bool get = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    if (!path) {
        plain(rq, 404, "There is nothing at this address.\n");
    } else if (!strncmp(path, "/_easel/a/", 10)) {
        asset_get(rq, path + 10);
    } else if (strcmp(path, "/metrics") && health(h, rq, path + 1)) {
        return;
    } else if (is_open(h, path) && access_cors(h, rq)) {
        return;
    } else if (gate_closed(h) && (!strcmp(path, "/login") || !strcmp(path, "/logout"))) {       /* even if the program has a page of this name */
        login_handle(h, rq, path);
    } else if (!asks_itself(h, path) && !access_enters(h, rq, is_file(path))) {
        return;
    } else if (!strcmp(path, "/_easel/ws")) {
        if (net_wants_upgrade(rq)) views_socket(h, rq);
        else plain(rq, 426, "This address speaks WebSocket.\n");
    } else if (!strcmp(path, "/_easel/sse") && get) {
        views_stream(h, rq);
    } else if (!strcmp(path, "/_easel/poll") && !strcmp(rq->method, "POST")) {
        views_poll(h, rq);
    } else if (!strcmp(path, "/_easel/send") && !strcmp(rq->method, "POST")) {
        views_post(h, rq);
    } else if (is_metrics(h, path)) {
        health(h, rq, path + 1);
    } else if (files_handle(h, rq, path)) {
        return;
    } else if (!app_page_find(h->app, path)) {
        bool answered = login_handle(h, rq, path) || rest_handle(h, rq, path) || mcp_handle(h, rq, path) || gradio_handle(h, rq, path) || openai_handle(h, rq, path);
        if (!answered && access_enters(h, rq, true))
            plain(rq, 404, "There is no page at this address.\n");
    } else if (!get) {
        net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "GET, HEAD", NULL } });
    } else if (!guard_shows(rq)) {
        plain(rq, 403, "A page of another site may link to this one, and no more.\n");
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
    shell_build(app, h->build, sizeof h->build);
    h->sealed = store_secret(app->options.data, h->secret);
    if (!h->sealed)
        log_warn("app", "the key %.200s/secret cannot be read or made: visitors of today are not known again after the next start; see that the folder can be written, or delete a damaged key", app->options.data);
    gate_prepare(h);
}
