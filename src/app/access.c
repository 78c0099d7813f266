/* access.c: pages of other sites, keys, and the password. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access.h"
#include "app/gate.h"
#include "app/logins.h"
#include "app/guard.h"
#include <string.h>

/* ---- the keys there are ------------------------------------------------------------------------------------------------------------ */

static void tell_mistakes(const hub *h)
{
    const keys *all = &h->keys;
    for (int i = 0; i < all->list.count; i++)
        for (const char *const *f = all->list.at[i].functions; f && *f; f++)
            if (!app_offers(h->app, *f)) log_warn("app", "the key %s opens a function %.100s, and the program has no function or prompt of that name", all->list.at[i].name, *f);
    if (h->app->options.require_key && !all->list.count)
        log_warn("app", "--require-key is given, and there is no key: functions and the model are closed to all callers; make one with: easel keys add --data %.200s --name NAME", h->app->options.data);
}

/* What cannot be read opens nothing. */
void access_look(hub *h)
{
    ez_err err = { EZ_OK, "" };
    const char *folder = h->app->options.data;
    uint64_t stamp = keys_stamp(folder);
    bool first = !h->keys.arena;
    if (!first && stamp == h->keys_stamp)
        return;
    if (!first)
        keys_done(&h->keys);
    h->keys_stamp = stamp;
    if (!keys_read(&h->keys, folder, &err))
        log_error("app", "no key is taken: %s", err.text);
    else if (!first || h->keys.list.count)
        log_info("app", "%d %s known", h->keys.list.count, h->keys.list.count == 1 ? "key is" : "keys are");
    tell_mistakes(h);
    usage_look(h);
}

void access_done(hub *h)
{
    keys_done(&h->keys);
    gate_done(h);
    logins_free(h);
}

/* ---- what a request shows ---------------------------------------------------------------------------------------------------------- */

/* The last is how Gradio's Python client says its `token`. */
static const struct { const char *name; bool scheme; } headers[] = { { "authorization", true }, { "x-api-key", false }, { "x-hf-authorization", true } };

/* Behind "Basic" stand a name, which is anybody's, a colon and the word, in base64. NULL: they do not. */
static const char *basic_word(const net_request *rq, const char *s)
{
    text t = { .arena = rq->arena };
    const char *colon = base64_read(&t, s, strlen(s)) && t.count ? memchr(t.at, ':', t.count) : NULL;
    return colon ? colon + 1 : NULL;
}

/* NULL: this header shows nothing. */
static const char *word_of(const net_request *rq, int header)
{
    const char *s = net_header(rq, headers[header].name);
    if (!s || !headers[header].scheme)
        return s;
    if (!plain_compare_n(s, "bearer ", 7))
        return s + 7 + strspn(s + 7, " ");
    return plain_compare_n(s, "basic ", 6) ? NULL : basic_word(rq, s + 6 + strspn(s + 6, " "));
}

/* What is meant as one of our keys before anything else, as a proxy may have put words of its own beside it. NULL: nothing. */
static const char *shown(const net_request *rq)
{
    const char *other = NULL;
    for (int i = 0; i < COUNT(headers); i++) {
        const char *s = word_of(rq, i);
        if (s && key_looks_so(s))
            return s;
        if (s && !other)
            other = s;
    }
    return other;
}

/* The list may be read anew while the request is still under way. */
static key *keep(net_request *rq, const key *k)
{
    key *mine = arena_copy(rq->arena, k, sizeof *k);
    int count = 0;
    mine->name = arena_text(rq->arena, k->name);
    while (k->functions && k->functions[count]) count++;
    if (k->functions) {
        const char **names = arena_alloc(rq->arena, ((size_t)count + 1) * sizeof *names);
        for (int i = 0; i < count; i++) names[i] = arena_text(rq->arena, k->functions[i]);
        mine->functions = names;
    }
    return mine;
}

static bool refuse(api_problem *why, int status, const char *title, const char *detail)
{
    *why = (api_problem){ .status = status, .title = title };
    text_puts(&why->detail, detail);
    return false;
}

/* ---- pages of other sites ---------------------------------------------------------------------------------------------------------- */

/* The origin of a page that may call; NULL. */
static const char *guest(const hub *h, const net_request *rq)
{
    const char *origin = net_header(rq, "origin");
    return origin && guard_origin(&h->app->options, origin) ? origin : NULL;
}

/* Cookies are never taken from there, so all headers may be named by a star, but for the one that is not meant by it. */
bool access_cors(hub *h, net_request *rq)
{
    static const char *const others[] = { "Vary", "Origin", NULL };
    static const char *const allowed[] = { "Access-Control-Allow-Methods", "GET, POST, DELETE", "Access-Control-Allow-Headers", "*, Authorization", "Access-Control-Max-Age", "600", NULL };
    const char *origin = guest(h, rq);
    if (!h->app->options.cors_origins)
        return false;
    const char *const mine[] = { "Vary", "Origin", "Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", "*", NULL };
    rq->headers = origin ? arena_copy(rq->arena, mine, sizeof mine) : others;
    if (!origin || strcmp(rq->method, "OPTIONS") || !net_header(rq, "access-control-request-method"))
        return false;
    net_reply(rq, 204, &(net_answer){ .headers = allowed });
    return true;
}

/* What a page of another site may have asked for. Who follows a link from anywhere may read. */
bool access_site(const hub *h, const net_request *rq)
{
    if (guest(h, rq))
        return true;
    bool reads = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    return reads ? net_same_origin(rq) && guard_shows(rq) : guard_same_site(rq);
}

/* ---- who may enter ----------------------------------------------------------------------------------------------------------------- */

/* Its cookies are not taken. */
static bool foreign(const hub *h, const net_request *rq) { return guest(h, rq) && !guard_same_site(rq); }

/* The password is shown, by a cookie or in a header, or a key in its place. */
static bool passes(hub *h, const net_request *rq, const key *k, api_problem *why)
{
    const char *words[COUNT(headers)];
    int count = 0, retry_s = 0;
    if (!gate_closed(h) || k || (!foreign(h, rq) && gate_cookie(h, rq)))
        return true;
    for (int i = 0; i < COUNT(headers); i++)
        if ((words[count] = word_of(rq, i)))
            count++;
    if (!count)
        return refuse(why, 401, "A password is needed", "log in with a browser, or send it as \"Authorization: Bearer ...\", or as \"Authorization: Basic ...\" with any name");
    gate_word is = gate_try(h, rq->peer, words, count, &retry_s);
    if (is == GATE_WRONG)
        return refuse(why, 401, "The password is not right", "it is another one since the program was started anew, or always was");
    if (is == GATE_LATER)
        refuse(why, 429, "Too many wrong passwords", "so many came from this address that none is looked at for a while");
    why->retry_s = retry_s;
    return is == GATE_RIGHT;
}

/* wrong: what it shows, if anything, is none of ours, or not any more. */
static const key *key_shown(hub *h, const net_request *rq, bool *wrong)
{
    const char *s = shown(rq);
    bool ours = s && key_looks_so(s), lost = false;
    const key *k = ours ? keys_find(&h->keys, s, wall_ms()) : foreign(h, rq) ? NULL : login_key(h, rq, &lost);
    *wrong = !k && (ours || lost || (s && h->app->options.require_key));
    return k;
}

bool access_check(hub *h, net_request *rq, api_problem *why)
{
    bool wrong;
    const key *k = key_shown(h, rq, &wrong);
    if (!access_site(h, rq))
        return refuse(why, 403, "A page of another site asked for this", "functions are called from the program's own pages, by programs, and by pages of sites that --cors-origins lists");
    if (wrong)
        return refuse(why, 401, "The key is not valid", "it was never made, was revoked, or its time is over");
    if (!passes(h, rq, k, why))
        return false;
    if (!k && h->app->options.require_key)
        return refuse(why, 401, "A key is needed", "send it as \"Authorization: Bearer ez_...\"; who runs the program makes keys with: easel keys add");
    rq->who = k ? keep(rq, k) : NULL;
    return true;
}

bool access_enters(hub *h, net_request *rq, bool keys)
{
    api_problem why = { 0 };
    bool wrong;
    const key *k = keys && gate_closed(h) ? key_shown(h, rq, &wrong) : NULL;
    bool in = passes(h, rq, k, &why);
    if (!in)
        gate_refuse(h, rq, &why);
    api_problem_done(&why);
    return in;
}

const key *access_key(const net_request *rq) { return rq->who; }

uint64_t access_key_id(const net_request *rq) { return rq->who ? key_id(rq->who) : 0; }

uint64_t access_caller(const net_request *rq)
{
    const key *k = access_key(rq);
    return k ? hash_mix(hash_text("key"), hash_text(k->name)) : hash_text(rq->peer);
}

const char *access_header(const net_request *rq, const api_problem *p, const char **value)
{
    *value = p->status == 401 ? (shown(rq) ? "Bearer error=\"invalid_token\"" : "Bearer") : p->retry_s ? arena_printf(rq->arena, "%d", p->retry_s) : NULL;
    return p->status == 401 ? "WWW-Authenticate" : p->retry_s ? "Retry-After" : NULL;
}
