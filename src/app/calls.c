/* calls.c: a call's life: queued, running, ended, kept for a while when its caller may come back, forgotten. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/attempts.h"
#include "app/cache.h"
#include "app/callers.h"
#include "app/ears.h"
#include "app/kept.h"
#include "app/usage.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { KEPT_MOST = 1000, PROGRESS_MS = 1000 };

#define ENDS "The program ends"
#define AGAIN "the call was not carried out to its end; call again"

struct calls {
    map by_id, by_key, caches;                 /* caches: of functions */
    attempts attempts;
    rates rates;
    LIST(call *) ended;                        /* those that are kept, oldest first */
};

/* ---- forgetting ---------------------------------------------------------------------------------------------------------------- */

/* Nobody may hear of it any more. */
static void call_free(call *c)
{
    struct calls *all = c->hub->calls;
    map_remove(&all->by_id, hash_text(c->id));
    if (c->key && map_get(&all->by_key, c->key) == c)
        map_remove(&all->by_key, c->key);
    loop_timer_stop(c->again);
    mem_free(c->words);
    mem_free(c->inputs);
    mem_free(c->owner_before);
    mem_free(c->title);
    mem_free((char *)(uintptr_t)c->files.root);
    values_done(&c->in);
    values_done(&c->put);
    text_done(&c->output);
    api_problem_done(&c->problem);
    list_done(&c->ears);
    mem_free(c);
}

attempts *calls_attempts(const hub *h) { return &h->calls->attempts; }

static bool unused(const call *c) { return !c->again && !c->saving && !c->ears.count; }

/* One that nobody comes back to goes at its end. */
static void let_go(call *c)
{
    if (!c->kept && c->state > CALL_RUNNING && unused(c))
        call_free(c);
}

/* Of the others what is old goes, and the oldest of too many. */
static void forget_some(struct calls *all)
{
    int64_t now = clock_ms();
    for (int i = 0; i < all->ended.count;) {
        call *c = all->ended.at[i];
        if (all->ended.count <= KEPT_MOST && now - c->ended_ms < CALL_KEEP_MS)
            return;
        if (!unused(c)) {
            i++;
            continue;
        }
        list_remove(&all->ended, i);
        call_free(c);
    }
}

/* It has ended. */
static void known_for_a_while(call *c)
{
    if (c->kept) {
        *list_add(&c->hub->calls->ended) = c;
        forget_some(c->hub->calls);
    } else {
        let_go(c);
    }
}

/* One of its ears has gone. */
void call_left(call *c)
{
    if (!c->ears.count && !c->kept && c->state <= CALL_RUNNING)
        call_stop(c, 409, "The call was cancelled", "its caller has gone");
    else
        let_go(c);
}

double call_eta(const call *c)
{
    int64_t left = c->ends_ms - clock_ms();
    return c->state > CALL_RUNNING || !c->ends_ms ? -1 : left > 0 ? (double)left / 1000 : c->state == CALL_QUEUED ? 0 : -1;      /* it takes longer than others did */
}

double call_seconds(const call *c) { return (double)((c->state > CALL_RUNNING ? c->ended_ms : clock_ms()) - c->asked_ms) / 1000; }

/* ---- its end ----------------------------------------------------------------------------------------------------------------------- */

/* The call may be gone after that. */
static void tell_ended(call *c)
{
    c->state = c->ending;
    c->ended_ms = clock_ms();
    c->position = 0;
    ears_ended(c);
    known_for_a_while(c);
}

/* Unless another call of its session is before it: when that has ended, this one begins. */
static void begin(call *c, bool unlimited)
{
    if (caller_turn(c)) attempt_begin(c, unlimited);
}

void call_turn(call *c, bool waited)
{
    if (!c->over && (!c->stored || c->accepted)) begin(c, waited);
}

/* What is stored is told when the store has it. */
static void end_known(call *c)
{
    if (c->stored) kept_save(c);
    else tell_ended(c);
}

static void call_ended(call *c, call_state state)
{
    bool settles = state == CALL_DONE && caller_settle(c);
    call *next = caller_leave(c);
    c->over = true;
    c->ending = state;
    if (next) call_turn(next, true);
    if (!settles) end_known(c);
}

void call_settled(call *c, bool good)
{
    if (!good) {
        text_done(&c->output);
        c->ending = CALL_FAILED;
        c->problem = (api_problem){ .status = 503, .title = "Another process has its session", .retry_s = 1 };
        text_puts(&c->problem.detail, "nothing that the call changed there is kept; call again");
    }
    end_known(c);
}

static void fail(call *c, call_state state, int status, const char *title, const char *detail)
{
    attempt_leave(c);
    loop_timer_stop(c->again);
    c->again = NULL;
    c->problem = (api_problem){ .status = status, .title = title, .retry_s = status == 503 };
    text_puts(&c->problem.detail, detail ? detail : "");
    call_ended(c, state);
}

void call_stop(call *c, int status, const char *title, const char *detail)
{
    if (!c->over)
        fail(c, CALL_CANCELLED, status, title, detail);
}

void call_fail(call *c, int status, const char *title, const char *detail) { fail(c, CALL_FAILED, status, title, detail); }

void call_late(call *c)
{
    text detail = { 0 };
    text_puts(&detail, "it ran for its time limit of ");
    text_number(&detail, (double)c->fn->rules.time_limit_ms / 1000);
    text_puts(&detail, " s and was interrupted");
    fail(c, CALL_FAILED, 504, "The function took too long", detail.at);
    text_done(&detail);
}

/* ---- what its attempt says --------------------------------------------------------------------------------------------------------- */

void call_begins(call *c, uint64_t scope)
{
    c->scope = scope;
    if (c->tries >= c->fn->rules.retries && !c->fn->rules.cache_ttl_ms && !c->holds_inputs)
        values_done(&c->in);
}

void call_moved(call *c, call_state state, int position, job_times expected)
{
    c->ends_ms = expected.wait >= 0 && expected.take >= 0 ? clock_ms() + expected.wait + expected.take : 0;
    bool begins = state == CALL_RUNNING && c->state != state;
    c->position = position;
    c->state = state;
    if (c->stored && begins) kept_save(c);
    ears_moved(c);
}

void call_progress(call *c, double progress, const char *words)
{
    c->state = CALL_RUNNING;
    c->progress = progress < 0 ? 0 : progress > 1 ? 1 : progress;
    mem_free(c->words);
    c->words = mem_text(words);
    if (c->stored && !c->saving && clock_ms() - c->saved_ms >= PROGRESS_MS) kept_save(c);
    ears_moved(c);
}

void call_tells(call *c, const run_line *lines, int count)
{
    for (int i = 0; i < count; i++)
        if (lines[i].row < 0 || lines[i].row == c->row) ears_told(c, lines[i].level, lines[i].text);
}

static void put(values *all, const run_put *p)
{
    value *v = values_at(all, p->id);
    if (p->kind != VALUE_TEXT) {
        value_set_number(v, p->kind, p->number);
    } else if (p->append && v->text) {
        text t = { 0 };
        text_printf(&t, "%s%s", v->text, p->text);
        value_set_text(v, VALUE_TEXT, t.at);
        text_done(&t);
    } else {
        value_set_text(v, VALUE_TEXT, p->text ? p->text : "");
    }
}

/* What grows is told as what was added; else what it is now. */
void call_puts(call *c, const run_put *puts, int count)
{
    values changed = { 0 }, added = { 0 };
    c->state = CALL_RUNNING;
    for (int i = 0; i < count; i++) {
        const run_put *p = &puts[i];
        put(&c->put, p);
        put(p->append && !values_find(&changed, p->id) ? &added : &changed, p);
    }
    ears_put(c, &changed, &added);
    values_done(&changed);
    values_done(&added);
}

/* ---- trying again ------------------------------------------------------------------------------------------------------------------ */

static void on_again(void *data)
{
    call *c = data;
    c->again = NULL;
    c->again_ms = 0;
    attempt_begin(c, true);
}

/* What it had put is taken back, so that what it puts next does not follow it. */
static void take_back(call *c)
{
    values none = { 0 };
    for (int i = 0; i < c->put.list.count; i++) {
        value *v = &c->put.list.at[i];
        if (v->kind == VALUE_TEXT) value_set_text(v, VALUE_TEXT, "");
        else value_set_number(v, v->kind, 0);
    }
    if (c->put.list.count)
        ears_put(c, &c->put, &none);
    values_done(&c->put);
    c->progress = -1;
}

/* Each wait is twice the one before, times something from a half to one and a half, so that calls which failed together do not come together. */
static void try_again(call *c, const char *why)
{
    int64_t wait = c->fn->rules.retry_wait_ms << (c->tries < 16 ? c->tries : 16);
    wait = wait / 2 + (int64_t)(random_u64() % (uint64_t)(wait + 1));
    c->tries++;
    take_back(c);
    mem_free(c->words);
    c->words = mem_text(why);
    c->again_ms = clock_ms() + wait;
    c->again = loop_timer_start(c->hub->loop, wait, 0, on_again, c);
    call_moved(c, CALL_QUEUED, 0, (job_times){ -1, -1 });
}

/* ---- its answer ---------------------------------------------------------------------------------------------------------------------- */

static cache *cache_of(hub *h, const app_function *fn)
{
    uint64_t key = hash_text(fn->name);
    cache *c = map_get(&h->calls->caches, key);
    if (!c)
        map_put(&h->calls->caches, key, c = mem_alloc(sizeof *c));
    return c;
}

/* Inputs that mean the same are the same text. */
static void print_inputs(const call *c, text *out)
{
    json j = json_to(out);
    api_outputs(&j, c->fn->in, c->inputs_scope, &c->in, true, &c->files);
}

static void keep_answer(call *c)
{
    text inputs = { 0 };
    print_inputs(c, &inputs);
    cache_keep(cache_of(c->hub, c->fn), inputs.at, &c->put, c->scope, c->out, c->fn->rules.cache_size, clock_ms());
    text_done(&inputs);
}

static void print_output(call *c)
{
    json j = json_to(&c->output);
    api_outputs(&j, c->out, c->scope, &c->put, true, &c->files);
}

/* The answer that was given to the same inputs before. Nobody hears of the call yet. */
static bool find_answer(call *c)
{
    text inputs = { 0 };
    print_inputs(c, &inputs);
    const cached *x = cache_find(cache_of(c->hub, c->fn), inputs.at, c->fn->rules.cache_ttl_ms, clock_ms());
    text_done(&inputs);
    if (!x)
        return false;
    values_copy(&c->put, &x->put);
    c->scope = x->scope;
    c->out = x->out;
    c->cached_ms = x->made_ms;
    print_output(c);
    return true;
}

/* Of a function in a process of its own, which did not say itself why it failed. */
static const struct { int status; const char *title; } faults[] = {
    [RUN_FAULT_NONE] = { 500, "The function failed" }, [RUN_FAULT_CRASH] = { 502, "The function crashed" }, [RUN_FAULT_MEMORY] = { 500, "The function needed too much memory" },
    [RUN_FAULT_TIME] = { 504, "The function took too long" }, [RUN_FAULT_START] = { 503, "The function could not begin" },
};

/* Of its row; r is not NULL. */
static const char *failure_of(const call *c, const run *r) { return r->failed ? r->failure : r->rows[c->row].failure; }

static void finish(call *c, const run *r)
{
    for (int i = 0; i < r->puts.count; i++)
        if (r->puts.at[i].row == c->row) put(&c->put, &r->puts.at[i]);
    if (!c->out)
        c->out = r->rows[c->row].record;
    if (c->fn->rules.cache_ttl_ms)
        keep_answer(c);
    caller_take(c, r);
    print_output(c);
    call_ended(c, CALL_DONE);
}

void call_over(call *c, const run *r, bool refused)
{
    const char *failure = r ? failure_of(c, r) : NULL;
    if (r) call_tells(c, r->lines.at, r->lines.count);
    if (refused) fail(c, CALL_FAILED, 503, "The queue is full", "many calls wait already; try again in a moment");
    else if (r && run_spent(r)) fail(c, CALL_FAILED, 500, "The function needed too much memory", "who runs the program can allow more with --session-memory");
    else if (failure && c->tries < c->fn->rules.retries) try_again(c, failure);
    else if (failure) fail(c, CALL_FAILED, faults[r->fault].status, faults[r->fault].title, failure);
    else if (!r || atomic_load(&((run *)r)->interrupted)) fail(c, CALL_CANCELLED, 503, ENDS, AGAIN);
    else finish(c, r);
}

/* ---- beginning -------------------------------------------------------------------------------------------------------------------------- */

const app_function *call_function(const hub *h, const char *name) { return app_function_named(h->app, name); }

int calls_list(const hub *h, const net_request *rq, api_function **out)
{
    const key *k = access_key(rq);
    int count = 0;
    *out = arena_alloc(rq->arena, ((size_t)h->app->functions.count + 1) * sizeof **out);
    for (int i = 0; i < h->app->functions.count; i++) {
        const app_function *f = &h->app->functions.at[i];
        if (!k || key_opens(k, f->name))
            (*out)[count++] = (api_function){ f->name, f->help, f->in, f->out, f->rules.session_ttl_ms > 0, f->rules.batch_size };
    }
    return count;
}

void calls_reply(net_request *rq, int status, text *body, const char *header, const char *value)
{
    const char *headers[] = { header, value, NULL };
    net_reply(rq, status, &(net_answer){ .type = "application/json", .body = body->at, .count = body->count, .headers = header ? headers : NULL });
    text_done(body);
}

static bool opens(const key *k, const app_function *fn, api_problem *why)
{
    if (!k || (fn ? key_opens(k, fn->name) : k->model))
        return true;
    *why = (api_problem){ .status = 403, .title = "The key does not open this" };
    text_printf(&why->detail, "the key %s is for other functions than %s; who runs the program makes keys", k->name, fn ? fn->name : "the model");
    return false;
}

bool call_allowed(hub *h, const net_request *rq, const app_function *fn, api_problem *why)
{
    const key *k = access_key(rq);
    if (!opens(k, fn, why) || (k && !usage_allows(h, k, !fn, why)))
        return false;
    const rate limits[] = { k && k->rate.count ? k->rate : h->app->options.rate_limit, fn ? fn->rules.rate_limit : (rate){ 0, 0 } };
    uint64_t who = k ? access_caller(rq) : rate_address(rq->peer), keys[] = { who, fn ? hash_mix(who, hash_text(fn->name)) : 0 };
    int64_t now = clock_ns(), wait = 0;
    const rate *by = NULL;
    for (int i = 0; i < COUNT(limits); i++) {
        int64_t w = rates_wait(&h->calls->rates, keys[i], limits[i], now);
        if (w > wait) wait = w, by = &limits[i];
    }
    for (int i = 0; i < COUNT(limits) && !wait; i++)
        rates_count(&h->calls->rates, keys[i], limits[i], now);
    if (!wait)
        return true;
    *why = (api_problem){ .status = 429, .title = "Too many calls", .retry_s = (int)(wait / 1000000000) + 1 };
    text_printf(&why->detail, "%d in %lld s are allowed %s; come again in %d s", by->count, (long long)(by->per_ns / 1000000000), k ? "with one key" : "from one address", why->retry_s);
    return false;
}

static void on_known(void *data)
{
    call *c = data;
    c->again = NULL;
    known_for_a_while(c);
}

static call *call_new(hub *h, const app_function *fn, uint64_t scope, values *in)
{
    call *c = mem_alloc(sizeof *c);
    *c = (call){ .hub = h, .fn = fn, .progress = -1, .inputs_scope = scope, .scope = scope, .in = *in, .out = fn->out, .asked_ms = clock_ms(), .asked_wall_ms = wall_ms() };
    return c;
}

void call_keep_on(call *c)
{
    text inputs = { 0 };
    print_inputs(c, &inputs);
    c->inputs = text_take(&inputs);
    c->stored = true;
    kept_save(c);
}

/* It is in the store before it begins: whoever dies then, somebody knows of it. */
static void store_it(call *c, const call_keep *keep)
{
    c->kept = true;
    c->body = keep->body;
    call_name(c, keep->key);
    call_keep_on(c);
}

/* Only a function that has to do with files needs their folder. */
static api_files files_for(hub *h, const app_function *fn, const char *peer, const char *root)
{
    bool any = fn && (api_has_files(fn->in) || api_has_files(fn->out));
    return (api_files){ any ? hub_files(h) : NULL, peer, root };
}

call *call_begin(hub *h, const net_request *rq, const app_function *fn, const char *session, const char *inputs, size_t count, const call_keep *keep, api_problem *why)
{
    const char *path = arena_printf(rq->arena, "/api/%s", fn->name), *blocked = crash_blocks(h->app->notes, QUEUE, path);
    uint64_t scope = run_page_scope(path);
    values in = { 0 };
    if (!call_allowed(h, rq, fn, why))
        return NULL;
    if (blocked) {
        *why = (api_problem){ .status = 503, .title = "The function is not called for now", .retry_s = 10 };
        text_puts(&why->detail, blocked);
        return NULL;
    }
    char peer[ID_CHARS + 1];
    id_print(access_caller(rq), peer);
    api_files files = files_for(h, fn, peer, routes_root(h, rq));
    if (!api_inputs(fn->in, inputs, count, scope, &files, &in, why)) {
        values_done(&in);
        return NULL;
    }
    caller *who = NULL;
    if (session && fn->rules.session_ttl_ms && !(who = caller_named(h, rq, session, why))) {
        values_done(&in);
        return NULL;
    }
    const char *visitor = routes_visitor(h, (net_request *)rq);
    call *c = call_new(h, fn, scope, &in);
    token_new(c->id);
    c->visitor = visitor ? hash_text(visitor) : 0;
    memcpy(c->peer, peer, sizeof peer);
    c->files = (api_files){ files.at, c->peer, mem_text(files.root) };
    map_put(&h->calls->by_id, hash_text(c->id), c);
    if (who) caller_join(who, c);
    usage_count(h, access_key_id(rq), USAGE_CALLS, 1);
    c->over = fn->rules.cache_ttl_ms && find_answer(c);
    c->ending = CALL_DONE;
    if (keep) {
        store_it(c, keep);
    } else if (c->over) {
        c->state = CALL_DONE;
        c->ended_ms = clock_ms();
        c->again = loop_timer_start(h->loop, 0, 0, on_known, c);       /* who hears of it now is told now */
    } else {
        begin(c, false);
    }
    return c;
}

void call_repeat(call *c)
{
    values in = { 0 };
    api_problem why = { 0 };
    if (!c->inputs || !c->over || c->hub->stopping)
        return;
    if (api_inputs(c->fn->in, c->inputs, strlen(c->inputs), c->inputs_scope, &c->files, &in, &why)) {
        call *another = call_new(c->hub, c->fn, c->inputs_scope, &in);
        token_new(another->id);
        another->visitor = c->visitor;
        memcpy(another->peer, c->peer, sizeof c->peer);
        another->files = (api_files){ c->files.at, another->peer, mem_text(c->files.root) };
        map_put(&c->hub->calls->by_id, hash_text(another->id), another);
        store_it(another, &(call_keep){ 0, c->body });
    } else {
        values_done(&in);
    }
    api_problem_done(&why);
}

void calls_each(const hub *h, void (*each)(void *data, call *c), void *data)
{
    int at = 0;
    void *value;
    while (map_next(&h->calls->by_id, &at, NULL, &value)) each(data, value);
}

/* ---- calls in the store ------------------------------------------------------------------------------------------------------------------- */

static void read_problem(call *c, const char *json)
{
    cJSON *o = cJSON_Parse(json);
    const char *title = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "title")), *detail = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "detail"));
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(o, "status");
    c->title = mem_text(title ? title : "The function failed");
    c->problem = (api_problem){ .status = cJSON_IsNumber(status) ? status->valueint : 500, .title = c->title };
    text_puts(&c->problem.detail, detail ? detail : "");
    cJSON_Delete(o);
}

/* What it gave, as it was put; a file that is not there any more is left out. */
static void read_output(call *c, const char *json)
{
    api_problem why = { 0 };
    text_puts(&c->output, json);
    api_inputs(c->out, json, strlen(json), c->scope, &c->files, &c->put, &why);
    api_problem_done(&why);
}

static void gone(call *c, const char *title, const char *detail)
{
    c->over = true;
    c->ending = CALL_FAILED;
    c->problem = (api_problem){ .status = 500, .title = title };
    text_puts(&c->problem.detail, detail);
}

call *call_of_row(hub *h, const store_job *row)
{
    static const app_function none = { .name = "(gone)" };
    const app_function *fn = call_function(h, row->function);
    char path[200];
    api_problem why = { 0 };
    values in = { 0 };
    snprintf(path, sizeof path, "/api/%s", row->function);
    uint64_t scope = run_page_scope(path);
    api_files files = files_for(h, fn, row->peer, h->app->options.base_path);
    bool fits = fn && (row->ended_ms || api_inputs(fn->in, row->inputs, strlen(row->inputs), scope, &files, &in, &why));
    call *c = call_new(h, fn ? fn : &none, scope, &in);
    c->files = (api_files){ files.at, c->peer, mem_text(files.root) };
    snprintf(c->id, sizeof c->id, "%s", row->id);
    snprintf(c->peer, sizeof c->peer, "%s", row->peer);
    c->stored = c->kept = c->resumed = true;
    c->body = row->body;
    c->deaths = row->deaths;
    c->progress = row->progress;
    c->words = *row->words ? mem_text(row->words) : NULL;
    c->inputs = mem_text(row->inputs);
    c->asked_wall_ms = row->asked_ms;
    map_put(&h->calls->by_id, hash_text(c->id), c);
    call_name(c, row->key);
    if (row->ended_ms) {
        c->over = c->accepted = true;
        c->ended_wall_ms = row->ended_ms;
        c->state = c->ending = (call_state)row->state;
        if (c->state == CALL_DONE) read_output(c, row->answer);
        else read_problem(c, row->answer);
        c->ended_ms = clock_ms();              /* it is known for a while from now on */
        known_for_a_while(c);
    } else if (!fn) {
        gone(c, "The function is gone", "this build of the program has none of its name");
    } else if (!fits) {
        gone(c, "The function takes other inputs now", why.detail.at);
    }
    api_problem_done(&why);
    return c;
}

/* Another process works on it now, so what this one does of it does not count. */
static void lost(call *c)
{
    if (c->state > CALL_RUNNING)
        return;
    c->stored = c->kept = false;
    if (c->over) tell_ended(c);
    else call_fail(c, 503, "Another process works on it", "ask again in a moment");
}

void call_saved(call *c, store_result result, bool over)
{
    if (result == STORE_FENCED) {
        lost(c);
        return;
    }
    if (!c->accepted) {
        c->accepted = true;
        ears_stored(c);
        if (!c->over && !c->hub->stopping && !c->at && !c->again)
            begin(c, c->resumed);
    }
    if (over && c->state <= CALL_RUNNING) tell_ended(c);
    else let_go(c);
}

/* The job goes on; who hears of it has to ask the next process. */
static void hand_on(call *c)
{
    attempt_leave(c);
    loop_timer_stop(c->again);
    c->again = NULL;
    kept_hand_on(c);
    ears_sent_on(c, ENDS);
}

void call_name(call *c, uint64_t key)
{
    c->key = key;
    if (key)
        map_put(&c->hub->calls->by_key, key, c);
}

call *call_named(const hub *h, uint64_t key) { return key ? map_get(&h->calls->by_key, key) : NULL; }

call *call_with_id(const hub *h, const char *id)
{
    call *c = map_get(&h->calls->by_id, hash_text(id));
    return c && !strcmp(c->id, id) ? c : NULL;
}

/* ---- the process -------------------------------------------------------------------------------------------------------------------------- */

void calls_prepare(hub *h)
{
    h->calls = mem_alloc(sizeof *h->calls);
    callers_prepare(h);
    gradio_prepare(h);
    mcp_prepare(h);
    kept_prepare(h);
    for (int i = h->crashes.list.count - 1; i >= 0; i--)       /* nobody comes back to hear of it: his line broke */
        if (calls_own(h->crashes.list.at[i].of->session))
            crash_forget(&h->crashes, i);
}

bool calls_busy(const hub *h)
{
    int at = 0;
    void *value;
    while (map_next(&h->calls->by_id, &at, NULL, &value))
        if (((call *)value)->state <= CALL_RUNNING)
            return true;
    return false;
}

void calls_stop(hub *h)
{
    LIST(call *) all = { 0 };
    int at = 0;
    void *value;
    while (map_next(&h->calls->by_id, &at, NULL, &value))
        *list_add(&all) = value;
    for (int i = 0; i < all.count; i++) {
        call *c = all.at[i];
        if (c->stored && !c->over && !c->session && (c->state == CALL_QUEUED || c->fn->rerunnable)) hand_on(c);      /* a session ends with its process */
        else call_stop(c, 503, ENDS, AGAIN);
    }
    list_done(&all);
}

void calls_free(hub *h)
{
    int at = 0;
    void *value;
    struct calls *all = h->calls;
    gradio_free(h);
    mcp_free(h);
    kept_done(h);
    attempts_done(h);
    for (; map_next(&all->by_id, &at, NULL, &value); at = 0) {
        call *c = value;
        ears_free(c);
        call_free(c);
    }
    for (at = 0; map_next(&all->caches, &at, NULL, &value);) {
        cache_done(value);
        mem_free(value);
    }
    map_done(&all->by_id), map_done(&all->by_key), map_done(&all->caches);
    rates_done(&all->rates);
    list_done(&all->ended);
    mem_free(all);
    callers_free(h);
}
