/* login.c: Gradio's login, for its clients: the name of a key as the user, the key as the password; or any name and the program's password. A cookie stands for it from then on.
 *
 * The cookie is a login (logins.h) that is made from the hash of the key, with the seal of this program; the key is not in it. It is good as long as the key is, at most.
 * Logging out ends what the cookies of the request stand for, whichever way they were got. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access.h"
#include "app/gate.h"
#include "app/guard.h"
#include "app/logins.h"
#include "net/multipart.h"
#include <stdio.h>
#include <string.h>

enum { FIELD_MOST = 200 };

/* ---- the cookie -------------------------------------------------------------------------------------------------------------------- */

static const char *cookie_name(const hub *h, arena *a) { return arena_printf(a, "%s-key", h->cookie); }

static uint64_t mark_of(const key *k)
{
    unsigned char from[5 + KEY_SUM_BYTES] = "login", sum[32];
    uint64_t mark;
    memcpy(from + 5, k->sum, KEY_SUM_BYTES);
    sha256(from, sizeof from, sum);
    memcpy(&mark, sum, sizeof mark);
    return mark;
}

const key *login_key(hub *h, const net_request *rq, bool *lost)
{
    uint64_t opens;
    bool made, good = login_shown(h, net_cookie(rq, cookie_name(h, rq->arena)), &opens, &made) != 0;
    const key *found = NULL;
    for (int i = 0; good && i < h->keys.list.count; i++)
        if (mark_of(&h->keys.list.at[i]) == opens) found = &h->keys.list.at[i];
    if (found && found->expires_ms && wall_ms() >= found->expires_ms)
        found = NULL;
    *lost = made && !found;
    return found;
}

/* ---- the form ---------------------------------------------------------------------------------------------------------------------- */

typedef struct form { text user, password, *now; } form;

static bool on_part(void *data, const char *name, const char *filename)
{
    form *f = data;
    f->now = filename ? NULL : !strcmp(name, "username") ? &f->user : !strcmp(name, "password") ? &f->password : NULL;
    return true;
}

static bool on_bytes(void *data, const char *at, size_t count)
{
    form *f = data;
    if (f->now) text_add(f->now, at, count);
    return !f->now || f->now->count <= FIELD_MOST;
}

static bool on_end(void *data) { return ((form *)data)->now = NULL, true; }

static const multipart_events events = { on_part, on_bytes, on_end };

/* Python's client sends one form, JavaScript's the other. False: it is neither. */
static bool read_form(const net_request *rq, form *f)
{
    const char *user = net_form(rq, "username"), *password = net_form(rq, "password"), *type = net_header(rq, "content-type");
    multipart *m = type ? multipart_new(type, &events, f) : NULL;
    bool good = m && multipart_add(m, rq->body, rq->count) && multipart_complete(m);
    multipart_free(m);
    if (!m && user && password) {
        text_puts(&f->user, user);
        text_puts(&f->password, password);
    }
    return f->user.count && f->password.count && (good || !m);
}

static void refuse(net_request *rq, int status, const char *words)
{
    net_reply(rq, status, &(net_answer){ .type = "application/json", .body = arena_printf(rq->arena, "{\"detail\":\"%s\"}", words) });
}

static void welcome(net_request *rq, const char *cookie)
{
    net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = "{\"success\":true}", .headers = (const char *const[]){ "Set-Cookie", cookie, NULL } });
}

static void log_in(const hub *h, net_request *rq, const key *k)
{
    char token[TOKEN_CHARS + 1];
    login_new(mark_of(k), token);
    welcome(rq, routes_cookie(h, rq, cookie_name(h, rq->arena), token, 0));
}

/* No key: the password, where there is one. */
static void log_in_by_password(hub *h, net_request *rq, const char *word)
{
    int retry_s;
    switch (gate_closed(h) ? gate_try(h, rq->peer, &word, 1, &retry_s) : GATE_WRONG) {
    case GATE_RIGHT: welcome(rq, gate_welcome(h, rq)); break;
    case GATE_WRONG: refuse(rq, 401, "Incorrect credentials"); break;
    case GATE_LATER: refuse(rq, 429, "Too many wrong passwords came from this address"); break;
    }
}

/* ---- logging out --------------------------------------------------------------------------------------------------------------------- */

typedef struct leaving { net_request *rq; const char *const *headers; } leaving;

static void on_left(void *data, store_result result, const char *error)
{
    const leaving *l = data;
    if (result == STORE_FAILED)
        log_error("app", "that somebody logged out could not be stored, so it holds until the program ends: %s", error);
    net_reply(l->rq, 303, &(net_answer){ .headers = l->headers });
}

static void log_out(hub *h, net_request *rq)
{
    bool made, gate = gate_closed(h);
    uint64_t opens, all[2];
    int count = 0;
    if ((all[count] = gate_cookie(h, rq))) count++;
    if ((all[count] = login_shown(h, net_cookie(rq, cookie_name(h, rq->arena)), &opens, &made))) count++;
    for (int i = 0; i < count; i++) views_log_out(h, all[i]);
    const char *headers[] = { "Location", "./", "Set-Cookie", routes_cookie(h, rq, cookie_name(h, rq->arena), NULL, 0), gate ? "Set-Cookie" : NULL, gate ? gate_farewell(h, rq) : NULL, NULL };
    leaving *l = arena_alloc(rq->arena, sizeof *l);
    *l = (leaving){ rq, arena_copy(rq->arena, headers, sizeof headers) };
    if (count) login_end(h, all, count, on_left, l);
    else on_left(l, STORE_SAVED, NULL);
}

/* Browsers post the form of the page's menu; Gradio's page and clients get the address. Both are led to the first page, which asks again. */
static bool logout_handle(hub *h, net_request *rq)
{
    if (strcmp(rq->method, "POST") && strcmp(rq->method, "GET")) net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "GET, POST", NULL } });
    else if (!guard_same_site(rq)) net_reply(rq, 403, &(net_answer){ .body = "A page of another site logs nobody out.\n" });
    else log_out(h, rq);
    return true;
}

bool login_handle(hub *h, net_request *rq, const char *path)
{
    form f = { .user = { .arena = rq->arena }, .password = { .arena = rq->arena } };
    if (!strcmp(path, "/logout") || !strcmp(path, "/logout/"))
        return logout_handle(h, rq);
    if (strcmp(path, "/login") && strcmp(path, "/login/"))
        return false;
    if (gate_closed(h) && !strcmp(path, "/login") && gate_login(h, rq))
        return true;
    if (strcmp(rq->method, "POST")) {
        refuse(rq, 405, "Method Not Allowed");
    } else if (!access_site(h, rq)) {
        refuse(rq, 403, "a page of another site asked for this");
    } else if (!read_form(rq, &f)) {
        refuse(rq, 422, "send a form with username, the name of a key, and password, the key");
    } else {
        const key *k = keys_find(&h->keys, f.password.at, wall_ms());
        if (k && !strcmp(k->name, f.user.at)) log_in(h, rq, k);
        else log_in_by_password(h, rq, f.password.at);
    }
    return true;
}
