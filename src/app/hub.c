/* hub.c: the sessions of a worker: stepping them, doing their actions, loading and letting go. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hub.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASIDE_MAX = 16, SWEEP_MS = 1000, UNUSED_MS = 60000, IDLE_MS = 5000, TRIM_SEATS = 50, TRIM_MS = 3000 };

/* Opened at first need: a first visitor's page needs none, and it is there 1 ms earlier. */
store *hub_store(hub *h)
{
    ez_err err = { EZ_OK, "" };
    if (h->store)
        return h->store;
    store_needs needs = h->app->options.durability == DURABILITY_POWER ? STORE_POWER : STORE_PROCESS;
    h->store = store_open(h->loop, h->app->options.data, needs, &err);
    if (!h->store) {
        log_error("app", "%s; until this program is started anew its sessions are kept in memory only", err.text);
        h->forgetful = true;
        h->store = store_open(h->loop, NULL, STORE_PROCESS, &err);
    }
    return h->store;
}

/* ---- stepping ----------------------------------------------------------------------------------------------------------- */

seat *hub_seat(hub *h, const char *token)
{
    seat *s = map_get(&h->seats, hash_text(token));
    return s && !strcmp(session_token(s->is), token) ? s : NULL;
}

static void on_tick(void *data)
{
    seat *s = data;
    s->timer = NULL;
    s->wake = 0;
    hub_step(s, &(message){ .kind = MESSAGE_TICK });
}

static void plan_wake(seat *s)
{
    int64_t wake = session_wake(s->is);
    if (wake == s->wake && (s->timer || !wake))
        return;
    loop_timer_stop(s->timer);
    s->timer = NULL;
    s->wake = wake;
    if (wake) {
        int64_t in = wake - clock_ms();
        s->timer = loop_timer_start(s->hub->loop, in > 1 ? in : 1, 0, on_tick, s);     /* never at once: others want their turn */
    }
}

void hub_release_held(hub *h, run *r)
{
    for (int i = 0; i < r->held.count; i++)
        resources_release(h->resources, r->held.at[i]);
    list_done(&r->held);
}

static void on_ran(void *data)
{
    run *r = data;
    hub *h = r->host->data;
    seat *s = hub_seat(h, r->session);
    hub_came_back(h, r);
    if (s) hub_step(s, &(message){ .kind = MESSAGE_RAN, .run = r });
    else run_free(r);
}

/* ---- runs that do not listen ------------------------------------------------------------------------------------------------ */

const char *hub_place(const run *r, char *at, size_t room)
{
    const ez_call *call = atomic_load(&((run *)r)->last_call);
    if (call && call->file) snprintf(at, room, "after the call at %s:%d", call->file, call->line);
    else snprintf(at, room, "before its first element");
    return at;
}

void hub_set_aside(hub *h, run *r)
{
    char at[300];
    log_error("app", "%s: a %s did not stop when it was interrupted and is set aside, %s: its thread is lost until it returns. Loops say `while (ez_running(ui))`",
              r->path, r->kind == RUN_JOB ? "function" : "page", hub_place(r, at, sizeof at));
    if (++h->aside == ASIDE_MAX && h->full)
        h->full(h);
}

void hub_came_back(hub *h, const run *r)
{
    char at[300];
    if (!r->aside_ms)
        return;
    h->aside--;
    log_warn("app", "%s: what was set aside has returned after %lld s more, %s; nothing of it counts", r->path, (long long)(clock_ms() - r->aside_ms) / 1000,
             hub_place(r, at, sizeof at));
}

/* What this run stands for is noted before user code starts. */
void hub_note_run(hub *h, run *r)
{
    char path[512];
    note_what what = r->done_fn ? NOTE_DONE : r->kind == RUN_JOB ? NOTE_FUNCTION : r->kind == RUN_FRAGMENT ? NOTE_FRAGMENT : NOTE_PAGE;
    snprintf(path, sizeof path, "%s%s%s", r->path, *r->query ? "?" : "", r->query);
    note_begin(h->app->notes, &(note_of){ r->session, path, r->events, what, r->last_call });
}

/* On a pool thread. */
static void work(void *data)
{
    run *r = data;
    hub *h = r->host->data;
    if (!atomic_load(&r->interrupted)) {       /* else another one takes its place, or it was stopped before it began */
        hub_note_run(h, r);
        run_execute(r);
        note_end();
        hub_release_held(h, r);
    }
    loop_post(h->loop, on_ran, r);
}

typedef struct save_note { hub *hub; char session[TOKEN_CHARS + 1]; uint64_t ticket; } save_note;

static void forget_crashes(hub *h, const char *token);

static void on_saved(void *data, store_result result, const char *error)
{
    save_note *n = data;
    n->hub->unsaved = result == STORE_FAILED || n->hub->forgetful;
    if (result == STORE_FAILED)
        log_error("app", "a session could not be saved: %s", error ? error : "unknown reason");
    if (result == STORE_SAVED)
        forget_crashes(n->hub, n->session);
    hub_step_token(n->hub, n->session, &(message){ .kind = MESSAGE_SAVED, .ticket = n->ticket, .saved = result == STORE_SAVED ? 0 : result == STORE_FENCED ? 1 : 2 });
    mem_free(n);
}

static void start_save(hub *h, seat *s, const action *a)
{
    store_part *parts = mem_alloc((size_t)(a->parts.count + 1) * sizeof *parts);
    for (int i = 0; i < a->parts.count; i++)
        parts[i] = (store_part){ a->parts.at[i].name, a->parts.at[i].data, a->parts.at[i].count, 1 };
    save_note *n = mem_alloc(sizeof *n);
    n->hub = h;
    n->ticket = a->ticket;
    snprintf(n->session, sizeof n->session, "%s", session_token(s->is));
    store_commit(hub_store(h), &(store_write){ session_token(s->is), session_visitor(s->is), session_epoch(s->is), parts, a->parts.count }, on_saved, n);
    mem_free(parts);
}

static void add_feedback(hub *h, seat *s, const action *a)
{
    chat_message *m = conversation_find(a->chat, a->answer);
    const chat_message *question = m && m->parent ? conversation_find(a->chat, m->parent) : NULL;
    char id[ID_CHARS + 1];
    if (!m)
        return;
    id_print(m->id, id);
    store_feedback_add(hub_store(h), &(store_feedback){ session_token(s->is), session_visitor(s->is), id, m->ask && m->ask->model ? m->ask->model : h->app->model,
                                                    question ? question->text : "", m->text, a->score, wall_ms(), NULL, NULL }, NULL, NULL);
}

static void add_flag(hub *h, const seat *s, const action *a)
{
    store_feedback_add(hub_store(h), &(store_feedback){ session_token(s->is), session_visitor(s->is), a->event, h->app->model, a->flag.inputs, a->flag.outputs,
                                                        0, wall_ms(), a->flag.function, a->flag.choice }, NULL, NULL);
}

/* What ez_function says of how a function waits holds on pages, too, as far as the binding says nothing else. */
static void start_job(hub *h, seat *s, const action *a)
{
    static const app_function nothing;
    const app_function *says = &nothing;
    for (int i = 0; i < h->app->functions.count; i++)
        if ((const void *)(intptr_t)h->app->functions.at[i].fn == a->function) says = &h->app->functions.at[i];
    job_add(h->jobs, &(job_order){ .session = session_token(s->is), .job = a->job, .run = a->run, .function = a->function,
                                   .concurrency = a->concurrency ? a->concurrency : says->concurrency, .lane = a->lane && *a->lane ? a->lane : says->lane,
                                   .max_size = says->rules.max_size, .priority = says->rules.priority, .unlimited = a->run->done_fn != NULL });
}

static void do_action(hub *h, seat *s, action *a)
{
    if (h->down) {                             /* pool and store are gone; what is not acknowledged comes again to the next worker */
        if (a->kind == ACTION_RUN || a->kind == ACTION_JOB)
            run_free(a->run);
        return;
    }
    switch (a->kind) {
    case ACTION_RUN:          pool_run(h->pool, POOL_PAGE, work, a->run); break;
    case ACTION_INTERRUPT:    break;
    case ACTION_PAGE:         routes_page_ready(h, s, a->request); break;
    case ACTION_REFUSE:       routes_refuse(h, a->request, a->status); break;
    case ACTION_SEND:         views_send(h, a->view, a->text.at, a->text.count); break;
    case ACTION_CUT:          views_cut(h, a->view); break;
    case ACTION_SAVE:         start_save(h, s, a); break;
    case ACTION_JOB:          start_job(h, s, a); break;
    case ACTION_RUN_ASIDE:    pool_set_aside(h->pool, a->run); hub_set_aside(h, a->run); break;
    case ACTION_JOB_ASIDE:    job_set_aside(h->jobs, session_token(s->is), a->job); hub_set_aside(h, a->run); break;
    case ACTION_JOB_CANCEL:   job_cancel(h->jobs, session_token(s->is), a->job); break;
    case ACTION_ASK:          models_ask(h->models, s, a->chat, a->answer, false, 0); break;
    case ACTION_ATTACH:       models_ask(h->models, s, a->chat, a->answer, true, a->offset); break;
    case ACTION_ANSWER_STOP:  models_stop(h->models, a->answer); break;
    case ACTION_ANSWER_SAVED: models_saved(h->models, a->answer, a->offset, a->final); break;
    case ACTION_FEEDBACK:     add_feedback(h, s, a); break;
    case ACTION_FLAG:         add_flag(h, s, a); break;
    }
}

static void do_actions(seat *s, actions *out)
{
    for (int i = 0; i < out->list.count; i++)
        do_action(s->hub, s, &out->list.at[i]);
    actions_done(out);
}

void hub_step(seat *s, const message *m)
{
    actions out = { 0 };
    session_step(s->is, m, clock_ms(), &out);
    do_actions(s, &out);
    plan_wake(s);
    if (m->kind == MESSAGE_SAVED && !session_touched(s->is))
        s->hub->left += session_rest(s->is, clock_ms());
    room_measure(s);
}

void hub_step_token(hub *h, const char *token, const message *m)
{
    seat *s = hub_seat(h, token);
    if (s)
        hub_step(s, m);
}

/* ---- coming and going ------------------------------------------------------------------------------------------------------ */

static seat *seat_new(hub *h, session *is)
{
    seat *s = mem_alloc(sizeof *s);
    s->hub = h;
    s->is = is;
    s->made_ms = clock_ms();
    map_put(&h->seats, hash_text(session_token(is)), s);
    return s;
}

static void seat_free(seat *s)
{
    loop_timer_stop(s->timer);
    map_remove(&s->hub->seats, hash_text(session_token(s->is)));
    s->hub->memory -= s->memory;
    session_free(s->is);
    mem_free(s);
}

void hub_leave(seat *s)
{
    s->hub->left++;
    views_left(s);
    seat_free(s);
}

seat *hub_new_session(hub *h, const char *visitor)
{
    char token[TOKEN_CHARS + 1];
    token_new(token);
    return seat_new(h, session_new(&h->program, token, visitor && *visitor ? visitor : token, 1));
}

typedef struct wish { hub_ready *ready; void *data; } wish;
typedef struct loading { hub *hub; char token[TOKEN_CHARS + 1]; uint32_t fence; LIST(wish) wishes; } loading;

static void loading_over(loading *l, seat *s, bool broken)
{
    hub *h = l->hub;
    list_drop(&h->loading, l);
    for (int i = 0; i < l->wishes.count; i++)
        l->wishes.at[i].ready(l->wishes.at[i].data, s, broken);
    list_done(&l->wishes);
    mem_free(l);
}

/* Events that ended a worker before are consumed as failed; the visitor is told. */
void hub_tell_crashes(hub *h, const char *token, session *is)
{
    for (int i = 0; i < h->crashes.list.count; i++) {
        crash *c = &h->crashes.list.at[i];
        if (c->told[0] || strcmp(c->of->session, token))
            continue;
        session_crashed(is, &(session_crash){ c->of->path, c->of->events, c->words, c->of->what == NOTE_FUNCTION });
        snprintf(c->told, sizeof c->told, "%s", session_token(is));
    }
}

/* The session has stored what it was told. */
static void forget_crashes(hub *h, const char *token)
{
    for (int i = h->crashes.list.count - 1; i >= 0; i--)
        if (!strcmp(h->crashes.list.at[i].told, token))
            crash_forget(&h->crashes, i);
}

static void on_loaded(void *data, const store_part *parts, int count, uint32_t fence, const char *visitor, int64_t used_ms)
{
    loading *l = data;
    (void)fence;
    (void)used_ms;
    if (count <= 0) {
        loading_over(l, NULL, count < 0);
        return;
    }
    session *is = session_new(&l->hub->program, l->token, visitor, l->fence);
    for (int i = 0; i < count; i++)
        if (!session_part(is, parts[i].name, parts[i].data, parts[i].count))
            log_warn("app", "the part \"%s\" of a stored session cannot be used and is left out", parts[i].name);
    seat *s = seat_new(l->hub, is);
    actions out = { 0 };
    hub_tell_crashes(l->hub, l->token, is);
    session_loaded(is, clock_ms(), &out);
    do_actions(s, &out);
    plan_wake(s);
    room_measure(s);
    views_back(s);
    loading_over(l, s, false);
}

static void on_taken(void *data, uint32_t fence, const char *error)
{
    loading *l = data;
    if (!fence) {
        if (error)
            log_warn("app", "a session could not be taken over: %s", error);
        loading_over(l, NULL, true);
        return;
    }
    l->fence = fence;
    store_load(hub_store(l->hub), l->token, "", on_loaded, l);
}

void hub_load(hub *h, const char *token, hub_ready *ready, void *data)
{
    seat *s = hub_seat(h, token);
    if (s && session_fenced(s->is)) {          /* what another process took over is read anew, not gone on with */
        seat_free(s);
        s = NULL;
    }
    if (s) {
        ready(data, s, false);
        return;
    }
    for (int i = 0; i < h->loading.count; i++)
        if (!strcmp(h->loading.at[i]->token, token)) {
            *list_add(&h->loading.at[i]->wishes) = (wish){ ready, data };
            return;
        }
    loading *l = mem_alloc(sizeof *l);
    l->hub = h;
    snprintf(l->token, sizeof l->token, "%s", token);
    *list_add(&l->wishes) = (wish){ ready, data };
    *list_add(&h->loading) = l;
    store_take(hub_store(h), token, on_taken, l);
}

/* What was freed goes back when many have left, or when those who left were the last for a while. */
static void trim(hub *h, int64_t now)
{
    if (h->left != h->left_before) h->left_ms = now;
    if (h->left >= TRIM_SEATS || (h->left && now - h->left_ms >= TRIM_MS)) {
        h->left = 0;
        mem_trim();
    }
    h->left_before = h->left;
}

/* Sessions that nobody uses leave memory: what was never kept after a minute, what the store has after five seconds. The
 * others rest: their pages are deflated while nothing happens. */
void hub_sweep(void *data)
{
    hub *h = data;
    int at = 0;
    uint64_t key;
    void *value;
    LIST(seat *) leave = { 0 };
    int64_t now = clock_ms();
    while (map_next(&h->seats, &at, &key, &value)) {
        seat *s = value;
        int64_t quiet = now - (session_used(s->is) > s->made_ms ? session_used(s->is) : s->made_ms);
        if (session_idle(s->is) && quiet > (session_keeps(s->is) ? IDLE_MS : UNUSED_MS))
            *list_add(&leave) = s;
        else if (session_rest(s->is, now))
            h->left++, room_measure(s);
        else if (session_busy(s->is))
            room_measure(s);
    }
    for (int i = 0; i < leave.count; i++)
        hub_leave(leave.at[i]);
    list_done(&leave);
    trim(h, now);
    kept_sweep(h);
    callers_sweep(h);
    mcp_sweep(h);
    access_look(h);
    usage_save(h);
    if (h->sealed)
        store_keep_secret(h->app->options.data, h->secret);
    files_clean(h);
    static const int64_t HOUR_MS = 3600000;
    if (now / HOUR_MS != (now - SWEEP_MS) / HOUR_MS)
        store_expire(hub_store(h), &(store_limits){ .before_ms = wall_ms() - h->app->options.session_ttl_ms });
}

bool hub_busy(hub *h)
{
    int at = 0;
    uint64_t key;
    void *value;
    while (map_next(&h->seats, &at, &key, &value))
        if (session_busy(((seat *)value)->is))
            return true;
    return calls_busy(h) || h->completions.count > 0;
}

void hub_stop_sessions(hub *h)
{
    int at = 0;
    uint64_t key;
    void *value;
    LIST(seat *) all = { 0 };
    while (map_next(&h->seats, &at, &key, &value))
        *list_add(&all) = value;
    for (int i = 0; i < all.count; i++)
        seat_free(all.at[i]);
    list_done(&all);
    map_done(&h->seats);
}
