/* callers.c: sessions of callers: found by their names, in turns, with what they hold in memory, which is bounded. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/callers_inside.h"
#include <string.h>

enum { CALLERS_MOST = 10000, SHARE = 8 };      /* SHARE: of --memory, they may hold one part of so many */

/* ---- forgetting -------------------------------------------------------------------------------------------------------------------- */

static void drop_states(caller *c)
{
    c->hub->callers->bytes -= c->bytes;
    c->bytes = 0;
    states_done(&c->states);
}

static bool is_busy(const caller *c) { return c->line.count || c->loading || c->saving; }

static void caller_free(caller *c)
{
    drop_states(c);
    map_remove(&c->hub->callers->all, c->id);
    list_done(&c->line);
    list_done(&c->settling);
    list_done(&c->unsettled);
    mem_free(c->name);
    mem_free(c);
}

/* It begins anew. */
static void forget(caller *c)
{
    drop_states(c);
    c->resets++;
    c->ttl_saved = 0;
    c->anew = c->loading;
    if (c->stored) caller_drop_stored(c->hub, c->owner, c->name);
    c->stored = false;
}

/* It leaves memory, and is read again when somebody needs it. One whose client is there stays, with nothing in it. */
static void let_go(caller *c)
{
    drop_states(c);
    c->here = false;
    if (!c->holds) caller_free(c);
}

/* Of those that may leave, the one that was used longest ago: among those that hold something, or those that nobody holds. */
static caller *oldest(const hub *h, bool with_states)
{
    caller *found = NULL;
    int at = 0;
    void *value;
    while (map_next(&h->callers->all, &at, NULL, &value)) {
        caller *c = value;
        bool may = !is_busy(c) && (with_states ? c->bytes > 0 : !c->holds);
        if (may && (!found || c->used_ms < found->used_ms)) found = c;
    }
    return found;
}

static void make_room(hub *h)
{
    caller *old;
    while (h->callers->bytes > h->memory_max / SHARE && (old = oldest(h, true)) != NULL) let_go(old);
}

void caller_measure(caller *c)
{
    c->hub->callers->bytes -= c->bytes;
    c->bytes = states_memory(&c->states);
    c->hub->callers->bytes += c->bytes;
    make_room(c->hub);
}

static bool is_over(const caller *c) { return !is_busy(c) && !c->holds && clock_ms() - c->used_ms > c->ttl_ms; }

/* ---- upkeep ------------------------------------------------------------------------------------------------------------------------------ */

static int64_t longest_ttl(const hub *h)
{
    int64_t longest = 0;
    for (int i = 0; i < h->app->functions.count; i++)
        if (h->app->functions.at[i].rules.session_ttl_ms > longest) longest = h->app->functions.at[i].rules.session_ttl_ms;
    return longest;
}

void callers_sweep(hub *h)
{
    LIST(caller *) over = { 0 };
    int at = 0;
    void *value;
    while (map_next(&h->callers->all, &at, NULL, &value)) {
        caller *c = value;
        if (is_over(c)) *list_add(&over) = c;
        else if (c->holds) caller_note_use(c);
    }
    for (int i = 0; i < over.count; i++) {
        forget(over.at[i]);
        caller_free(over.at[i]);
    }
    list_done(&over);
    callers_expire(h, longest_ttl(h));
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
        if (is_over(c)) forget(c);
        if (c->lost && !is_busy(c)) drop_states(c), c->here = c->lost = false;
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
    bool mine = c && is_called(c, owner, name), known = mine && c->here;
    if (mine) forget(c);
    if (!known && longest_ttl(h)) caller_drop_stored(h, owner, name);
    if (mine && !c->holds && !is_busy(c)) caller_free(c);
}

/* ---- turns ------------------------------------------------------------------------------------------------------------------------- */

void caller_join(caller *c, call *x)
{
    x->session = c;
    if (x->fn->rules.session_ttl_ms > c->ttl_ms) c->ttl_ms = x->fn->rules.session_ttl_ms;
    c->hub->callers->waiting += c->line.count > 0;
    *list_add(&c->line) = x;
    caller_load(c);
}

bool caller_turn(const call *x) { return !x->session || (x->session->here && x->session->line.at[0] == x); }

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
    caller_note_use(c);
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
    caller *c = x->session;
    if (!c || x->session_resets != c->resets)
        return;
    states_take(&c->states, &r->states, true);
    caller_measure(c);
}

bool caller_settle(call *x)
{
    caller *c = x->session;
    bool changed = c && caller_unsaved(c);
    if (changed) *list_add(&c->unsettled) = x;
    else if (c && c->saving) *list_add(&c->settling) = x;      /* what it found there may not be settled */
    if (changed && !c->saving) caller_save(c);
    return changed || (c && c->saving);
}

/* ---- heartbeats -------------------------------------------------------------------------------------------------------------------- */

caller *caller_hold(hub *h, const net_request *rq, const char *name)
{
    api_problem why = { 0 };
    caller *c = longest_ttl(h) ? named(h, rq, name, &why) : NULL;
    api_problem_done(&why);
    if (c) c->holds++, caller_load(c);
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
