/* callers.c: sessions of callers: found by their names, in turns, bounded. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/callers.h"
#include "app/calls.h"
#include <string.h>

enum { CALLERS_MOST = 10000, SHARE = 8 };      /* SHARE: of --memory, they may hold one part of so many */

struct caller {
    hub      *hub;
    uint64_t  id, owner;                       /* in the map; whose key named it, 0: none */
    char     *name;
    states    states;
    size_t    bytes;                           /* that these hold */
    unsigned  resets;                          /* how often it began anew */
    LIST(call *) line;                         /* the first may be at work, the others wait for it */
    int       holds;                           /* heartbeats that are open */
    int64_t   ttl_ms, used_ms;
};

struct callers { map all; size_t bytes; int waiting; };

/* ---- forgetting -------------------------------------------------------------------------------------------------------------------- */

static void forget_states(caller *c)
{
    c->hub->callers->bytes -= c->bytes;
    c->bytes = 0;
    c->resets++;
    states_done(&c->states);
}

static void caller_free(caller *c)
{
    forget_states(c);
    map_remove(&c->hub->callers->all, c->id);
    list_done(&c->line);
    mem_free(c->name);
    mem_free(c);
}

/* One whose client is there stays, with nothing in it. */
static void let_go(caller *c)
{
    forget_states(c);
    if (!c->holds && !c->line.count) caller_free(c);
}

/* Of those without a call, the one that was used longest ago: among those that hold something, or those that nobody holds. */
static caller *oldest(const hub *h, bool with_states)
{
    caller *found = NULL;
    int at = 0;
    void *value;
    while (map_next(&h->callers->all, &at, NULL, &value)) {
        caller *c = value;
        bool may = !c->line.count && (with_states ? c->bytes > 0 : !c->holds);
        if (may && (!found || c->used_ms < found->used_ms)) found = c;
    }
    return found;
}

static bool is_over(const caller *c) { return !c->line.count && !c->holds && clock_ms() - c->used_ms > c->ttl_ms; }

void callers_sweep(hub *h)
{
    LIST(caller *) over = { 0 };
    int at = 0;
    void *value;
    while (map_next(&h->callers->all, &at, NULL, &value))
        if (is_over(value)) *list_add(&over) = value;
    for (int i = 0; i < over.count; i++) caller_free(over.at[i]);
    list_done(&over);
}

/* ---- names ------------------------------------------------------------------------------------------------------------------------- */

static uint64_t owner_of(const net_request *rq) { return access_key(rq) ? access_caller(rq) : 0; }
static uint64_t id_of(uint64_t owner, const char *name) { return hash_mix(owner, hash_text(name)); }
static bool is_called(const caller *c, uint64_t owner, const char *name) { return c->owner == owner && !strcmp(c->name, name); }

static caller *make(hub *h, uint64_t owner, const char *name)
{
    caller *c = mem_alloc(sizeof *c);
    *c = (caller){ .hub = h, .id = id_of(owner, name), .owner = owner, .name = mem_text(name), .used_ms = clock_ms() };
    map_put(&h->callers->all, c->id, c);
    return c;
}

static caller *no_session(api_problem *why, int status, const char *title, const char *detail)
{
    *why = (api_problem){ .status = status, .title = title, .retry_s = status == 503 };
    text_puts(&why->detail, detail);
    return NULL;
}

static caller *named(hub *h, const net_request *rq, const char *name, api_problem *why)
{
    static const char odd[] = "The session's name cannot be used";
    uint64_t owner = owner_of(rq);
    caller *c = map_get(&h->callers->all, id_of(owner, name));
    if (!*name || strlen(name) > CALLER_NAME_MOST)
        return no_session(why, 400, odd, arena_printf(rq->arena, "it has %zu bytes; use 1 to %d", strlen(name), CALLER_NAME_MOST));
    if (c && !is_called(c, owner, name))       /* whoever looks for two names with one hash finds them */
        return no_session(why, 400, odd, "take another one");
    if (c) {
        if (is_over(c)) forget_states(c);
        return c;
    }
    bool many = h->callers->all.count >= CALLERS_MOST;
    caller *old = many ? oldest(h, false) : NULL;
    if (many && !old)
        return no_session(why, 503, "Too many sessions are at work", "try again in a moment");
    if (old) caller_free(old);
    return make(h, owner, name);
}

caller *caller_named(hub *h, const net_request *rq, const char *name, api_problem *why)
{
    caller *c = named(h, rq, name, why);
    return c && c->line.count && job_full(h->jobs) ? no_session(why, 503, "The queue is full", "many calls wait already; try again in a moment") : c;
}

void caller_reset(hub *h, const net_request *rq, const char *name)
{
    uint64_t owner = owner_of(rq);
    caller *c = map_get(&h->callers->all, id_of(owner, name));
    if (c && is_called(c, owner, name)) let_go(c);
}

/* ---- turns ------------------------------------------------------------------------------------------------------------------------- */

void caller_join(caller *c, call *x)
{
    x->session = c;
    if (x->fn->rules.session_ttl_ms > c->ttl_ms) c->ttl_ms = x->fn->rules.session_ttl_ms;
    c->hub->callers->waiting += c->line.count > 0;
    *list_add(&c->line) = x;
}

bool caller_turn(const call *x) { return !x->session || x->session->line.at[0] == x; }

call *caller_leave(call *x)
{
    caller *c = x->session;
    int i = 0;
    if (!c)
        return NULL;
    while (c->line.at[i] != x) i++;
    list_remove(&c->line, i);
    c->hub->callers->waiting -= c->line.count > 0;
    c->used_ms = clock_ms();
    x->session = NULL;
    return i == 0 && c->line.count ? c->line.at[0] : NULL;
}

int callers_waiting(const hub *h) { return h->callers->waiting; }

/* ---- state ------------------------------------------------------------------------------------------------------------------------- */

void caller_lend(call *x, run *r)
{
    const caller *c = x->session;
    if (!c)
        return;
    states_lend(&r->states, &c->states);
    run_charge(r, (ptrdiff_t)c->bytes);
    x->session_resets = c->resets;
}

void caller_take(call *x, const run *r)
{
    caller *c = x->session, *old;
    if (!c || x->session_resets != c->resets)
        return;
    struct callers *all = c->hub->callers;
    states_take(&c->states, &r->states, true);
    all->bytes -= c->bytes;
    c->bytes = states_memory(&c->states);
    all->bytes += c->bytes;
    while (all->bytes > c->hub->memory_max / SHARE && (old = oldest(c->hub, true)) != NULL) let_go(old);
}

/* ---- heartbeats -------------------------------------------------------------------------------------------------------------------- */

static bool kept_at_all(const hub *h)
{
    for (int i = 0; i < h->app->functions.count; i++)
        if (h->app->functions.at[i].rules.session_ttl_ms) return true;
    return false;
}

caller *caller_hold(hub *h, const net_request *rq, const char *name)
{
    api_problem why = { 0 };
    caller *c = kept_at_all(h) ? named(h, rq, name, &why) : NULL;
    api_problem_done(&why);
    if (c) c->holds++;
    return c;
}

void caller_release(caller *c)
{
    if (!c)
        return;
    c->holds--;
    c->used_ms = clock_ms();
}

/* ---- the process ------------------------------------------------------------------------------------------------------------------- */

void callers_prepare(hub *h) { h->callers = mem_alloc(sizeof *h->callers); }

void callers_free(hub *h)
{
    int at = 0;
    void *value;
    for (; map_next(&h->callers->all, &at, NULL, &value); at = 0)
        caller_free(value);
    map_done(&h->callers->all);
    mem_free(h->callers);
    h->callers = NULL;
}
