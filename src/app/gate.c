/* gate.c: the password of a program: compared, counted, and asked for by a page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gate.h"
#include "app/access.h"
#include "app/guard.h"
#include "app/logins.h"
#include "auth/rate.h"
#include <stdio.h>
#include <string.h>

enum { SUM_BYTES = 32 };

struct gate {
    unsigned char sum[SUM_BYTES];              /* SHA-256 of the password */
    uint64_t mark;                             /* that logins by it have */
    rates tries;                               /* wrong ones, by address */
};

/* Ten wrong ones in a go, then one every six seconds. */
static const rate tries_allowed = { 10, 60ll * 1000000000 };

/* ---- the password ------------------------------------------------------------------------------------------------------------------ */

/* The secret comes first and both have their lengths, so this is as good as a MAC. */
static uint64_t make_mark(const unsigned char secret[SECRET_BYTES], const unsigned char sum[SUM_BYTES])
{
    unsigned char from[4 + SECRET_BYTES + SUM_BYTES] = "gate", made[SUM_BYTES];
    uint64_t mark;
    memcpy(from + 4, secret, SECRET_BYTES);
    memcpy(from + 4 + SECRET_BYTES, sum, SUM_BYTES);
    sha256(from, sizeof from, made);
    memcpy(&mark, made, sizeof mark);
    return mark;
}

void gate_prepare(hub *h)
{
    const char *password = h->app->options.password;
    if (!password)
        return;
    h->gate = mem_alloc(sizeof *h->gate);
    sha256(password, strlen(password), h->gate->sum);
    h->gate->mark = make_mark(h->secret, h->gate->sum);
}

void gate_done(hub *h)
{
    if (h->gate)
        rates_done(&h->gate->tries);
    mem_free(h->gate);
    h->gate = NULL;
}

bool gate_closed(const hub *h) { return h->gate; }

gate_word gate_try(hub *h, const char *peer, const char *const *words, int count, int *retry_s)
{
    struct gate *g = h->gate;
    uint64_t who = rate_address(peer);
    int64_t now = clock_ns(), wait = rates_wait(&g->tries, who, tries_allowed, now);
    unsigned char sum[SUM_BYTES];
    bool right = false;
    if (wait > 0) {
        *retry_s = (int)(wait / 1000000000) + 1;
        return GATE_LATER;
    }
    for (int i = 0; i < count; i++) {
        sha256(words[i], strlen(words[i]), sum);
        right |= sha256_same(sum, g->sum);
    }
    if (!right)
        rates_count(&g->tries, who, tries_allowed, now);
    return right ? GATE_RIGHT : GATE_WRONG;
}

/* ---- the cookie -------------------------------------------------------------------------------------------------------------------- */

static const char *gate_name(const hub *h, arena *a) { return arena_printf(a, "%s-in", h->cookie); }

uint64_t gate_cookie(hub *h, const net_request *rq)
{
    uint64_t opens = 0, login;
    bool made;
    if (!h->gate) return 0;
    login = login_shown(h, net_cookie(rq, gate_name(h, rq->arena)), &opens, &made);
    return opens == h->gate->mark ? login : 0;
}

const char *gate_welcome(const hub *h, const net_request *rq)
{
    char token[TOKEN_CHARS + 1];
    login_new(h->gate->mark, token);
    return routes_cookie(h, rq, gate_name(h, rq->arena), token, 0);
}

const char *gate_farewell(const hub *h, const net_request *rq) { return routes_cookie(h, rq, gate_name(h, rq->arena), NULL, 0); }

/* ---- the page ---------------------------------------------------------------------------------------------------------------------- */

/* path: where it is shown, below the base; next: where its visitor wanted to go; wrong: why he is not there yet, NULL: he has not tried. */
typedef struct asking { int status, retry_s; const char *path, *next, *wrong; } asking;

static void print_form(const asking *a, const char *title, const char *base, text *t)
{
    text_puts(t, "<main class=\"ez-gate\"><form method=\"post\" action=\"");
    text_printf(t, "%slogin\"><h1>", base);
    text_html(t, title, strlen(title));
    text_puts(t, "</h1><input type=\"hidden\" name=\"next\" value=\"");
    text_html(t, a->next, strlen(a->next));
    text_puts(t, "\"><div class=\"ez-text-input ez-field\"><div class=\"ez-label\"><label for=\"ez-password\">Password</label></div><div class=\"ez-input-group\">"
                 "<input type=\"password\" id=\"ez-password\" name=\"password\" autocomplete=\"current-password\" autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"200\" required autofocus");
    if (a->wrong)
        text_puts(t, " aria-invalid=\"true\" aria-describedby=\"ez-wrong\"></div><p class=\"ez-invalid\" id=\"ez-wrong\" role=\"alert\">");
    else
        text_puts(t, "></div><p class=\"ez-invalid\">");
    if (a->wrong)
        text_html(t, a->wrong, strlen(a->wrong));
    text_puts(t, "</p></div><button class=\"ez-button\" data-kind=\"primary\" data-fill>Open</button></form></main>");
}

/* It runs no script and sends its form here alone. */
static void show_form(const hub *h, net_request *rq, const asking *a)
{
    char base[128], theme[40], retry[16];
    text body = { 0 }, html = { 0 };
    shell_base(a->path, base, sizeof base);
    snprintf(theme, sizeof theme, "%s-theme", h->cookie);
    snprintf(retry, sizeof retry, "%d", a->retry_s);
    print_form(a, h->app->title, base, &body);
    shell_plain(h, base, net_cookie(rq, theme), body.at, &html);
    const char *policy = arena_printf(rq->arena, "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors %s", h->app->options.frame_ancestors);
    const char *headers[] = { "Content-Security-Policy", policy, "Referrer-Policy", "same-origin", a->status == 401 ? "WWW-Authenticate" : a->retry_s ? "Retry-After" : NULL, a->status == 401 ? "Bearer" : retry, NULL };
    net_reply(rq, a->status, &(net_answer){ .type = "text/html; charset=utf-8", .body = html.at, .count = html.count, .headers = headers });
    text_done(&body);
    text_done(&html);
}

static const char *too_many(arena *a, int seconds) { return arena_printf(a, "Too many wrong passwords came from your address. Try again in %d s.", seconds); }

/* ---- the browser's login ----------------------------------------------------------------------------------------------------------- */

/* The address may hold the password, so nobody is told it as the one that somebody came from. */
static void go_on(const hub *h, net_request *rq, const char *next, bool with_cookie)
{
    const char *headers[] = { "Location", guard_target(rq->arena, next), "Referrer-Policy", "no-referrer", with_cookie ? "Set-Cookie" : NULL, with_cookie ? gate_welcome(h, rq) : NULL, NULL };
    net_reply(rq, 303, &(net_answer){ .headers = headers });
}

static void log_in_by(hub *h, net_request *rq, const char *word, const char *next, const char *wrong)
{
    int retry_s = 0;
    gate_word is = gate_try(h, rq->peer, &word, 1, &retry_s);
    if (is == GATE_RIGHT) go_on(h, rq, next, true);
    else if (is == GATE_LATER) show_form(h, rq, &(asking){ .status = 429, .retry_s = retry_s, .path = "/login", .next = next, .wrong = too_many(rq->arena, retry_s) });
    else show_form(h, rq, &(asking){ .status = 401, .path = "/login", .next = next, .wrong = wrong });
}

static void forbid(net_request *rq, const char *words) { net_reply(rq, 403, &(net_answer){ .body = words }); }

bool gate_login(hub *h, net_request *rq)
{
    bool reads = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    const char *token = reads ? net_query(rq, "t") : NULL, *word, *next;
    if (!reads && (strcmp(rq->method, "POST") || !net_accepts(rq, "text/html")))
        return false;
    if (!reads) {
        word = net_form(rq, "password");
        next = net_form(rq, "next");
        if (guard_same_site(rq)) log_in_by(h, rq, word ? word : "", next ? next : "/", "That is not the password.");
        else forbid(rq, "A page of another site may link to this one, and no more.\n");
    } else if (!guard_shows(rq)) {
        forbid(rq, "A page of another site may link to this one, and no more.\n");
    } else if (token) {
        log_in_by(h, rq, token, "/", "This link does not open the page, or not any more. Ask for another one, or for the password.");
    } else if (gate_cookie(h, rq)) {
        go_on(h, rq, "/", false);
    } else {
        show_form(h, rq, &(asking){ .status = 200, .path = "/login", .next = "/" });
    }
    return true;
}

/* The address as it was sent, below the base: what a browser counts its steps up from. */
static const char *sent_path(hub *h, const net_request *rq)
{
    const char *path = routes_below(h, rq->raw_path);
    return path ? path : routes_below(h, rq->path);
}

void gate_refuse(hub *h, net_request *rq, const api_problem *why)
{
    bool reads = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    const char *path = sent_path(h, rq), *next = arena_printf(rq->arena, "%s%s%s", path, *rq->query ? "?" : "", rq->query), *value, *name = access_header(rq, why, &value);
    if (reads && net_accepts(rq, "text/html") && guard_shows(rq))
        show_form(h, rq, &(asking){ .status = why->status, .retry_s = why->retry_s, .path = path, .next = next, .wrong = why->status == 429 ? too_many(rq->arena, why->retry_s) : NULL });
    else
        net_reply(rq, why->status, &(net_answer){ .body = arena_printf(rq->arena, "%s: %s\n", why->title, why->detail.at), .headers = (const char *const[]){ name, value, NULL } });
}
