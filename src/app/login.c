/* login.c: Gradio's login, for its clients: the name of a key as the user, the key as the password; or any name and the program's password. A cookie stands for it from then on.
 *
 * The cookie is a name that is made from the hash of the key, with the seal of this program; the key is not in it. It is good as long as the key is. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access.h"
#include "app/gate.h"
#include "app/guard.h"
#include "net/multipart.h"
#include <stdio.h>
#include <string.h>

enum { FIELD_MOST = 200 };

/* ---- the cookie -------------------------------------------------------------------------------------------------------------------- */

static const char *cookie_name(const hub *h, arena *a) { return arena_printf(a, "%s-key", h->cookie); }

static void token_of(const key *k, char out[TOKEN_CHARS + 1])
{
    unsigned char from[5 + KEY_SUM_BYTES] = "login", sum[32];
    uint64_t two[2];
    memcpy(from + 5, k->sum, KEY_SUM_BYTES);
    sha256(from, sizeof from, sum);
    memcpy(two, sum, sizeof two);
    id_print(two[0], out);
    id_print(two[1], out + ID_CHARS);
}

const key *login_key(const hub *h, const net_request *rq, bool *lost)
{
    char seen[TOKEN_CHARS + 1], one[TOKEN_CHARS + 1];
    bool made = guard_open(h->secret, net_cookie(rq, cookie_name(h, rq->arena)), seen);
    const key *found = NULL;
    for (int i = 0; made && i < h->keys.list.count; i++) {
        token_of(&h->keys.list.at[i], one);
        if (!strcmp(one, seen)) found = &h->keys.list.at[i];
    }
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
    token_of(k, token);
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

bool login_handle(hub *h, net_request *rq, const char *path)
{
    form f = { .user = { .arena = rq->arena }, .password = { .arena = rq->arena } };
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
