/* work.c: bound functions: an event starts a job, its puts come in as messages, its end starts what follows it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <string.h>

job_of *job_find(session *s, uint64_t number)
{
    for (int i = 0; i < s->jobs.count; i++)
        if (s->jobs.at[i]->number == number)
            return s->jobs.at[i];
    return NULL;
}

/* Calls take(key) for each word of a list such as "msg, chat". */
static void each_key(const char *keys, void (*take)(session *, shown *, uint64_t, const char *), session *s, shown *page, uint64_t scope)
{
    char key[128];
    for (const char *at = keys; at && *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", ");
        if (count && count < sizeof key) {
            snprintf(key, sizeof key, "%.*s", (int)count, at);
            take(s, page, scope, key);
        }
        at += count;
    }
}

/* The conversation is empty, and nobody writes into it any more. */
static void clear_chat(session *s, conversation *chat)
{
    LIST(uint64_t) jobs = { 0 };
    for (int i = s->streams.count - 1; i >= 0; i--) {
        stream *x = s->streams.at[i];
        if (x->chat != chat)
            continue;
        act(s, ACTION_ANSWER_STOP)->answer = x->answer;
        action *forget = act(s, ACTION_ANSWER_SAVED);
        forget->answer = x->answer;
        forget->final = true;
        if (x->job)
            *list_add(&jobs) = x->job;
        markdown_stream_done(&x->markdown);
        mem_free(x);
        list_remove(&s->streams, i);
    }
    conversation_clear(chat);
    /* Last, as what follows a job may clear things, too. */
    for (int i = 0; i < jobs.count; i++)
        job_answer_over(s, jobs.at[i], true);
    list_done(&jobs);
}

static void clear_key(session *s, shown *page, uint64_t scope, const char *key)
{
    uint64_t id = run_key_id(scope, key);
    for (int i = 0; i < s->chats.count; i++)
        if (!strcmp(s->chats.at[i]->key, key))
            clear_chat(s, s->chats.at[i]);
    const value *v = values_find(&s->values, id);
    const tree_control *c = v && v->kind != VALUE_SHOWN ? tree_control_of(page->now, id) : NULL;
    if (c) reset_control(s, page, c);
    else if (v) values_remove(&s->values, id);
    s->unsaved_values = s->unsaved_values || v;
}

void clear_keys(session *s, shown *page, uint64_t scope, const char *keys)
{
    if (!keys)
        return;
    each_key(keys, clear_key, s, page, scope);
    rerun_page(s, page);
}

static void job_free(session *s, job_of *j)
{
    list_drop(&s->jobs, j);
    bindings_done(&j->chain);
    mem_free(j);
}

static void job_start(session *s, shown *page, const bindings *chain, int index, view *of, uint64_t n, const run_event *event);

/* What a binding does besides calling its function. */
static void side_effects(session *s, shown *page, const binding *b)
{
    if (b->cancels)
        jobs_cancel(s, page, b->cancels, b->scope);
    clear_keys(s, page, b->scope, b->clears);
    if (b->rerun)
        rerun_page(s, page);
}

static void follow(session *s, shown *page, const bindings *chain, int index, job_end end)
{
    for (int i = 0; i < chain->list.count && !s->fenced; i++) {
        const binding *b = &chain->list.at[i];
        bool now = b->when == WHEN_ALWAYS || (b->when == WHEN_SUCCESS && end == JOB_DONE) || (b->when == WHEN_FAILURE && end == JOB_FAILED);
        if (b->after != index || !now)
            continue;
        if (b->fn) {
            job_start(s, page, chain, i, NULL, 0, NULL);
        } else {
            side_effects(s, page, b);
            follow(s, page, chain, i, end);
        }
    }
}

static void job_over(session *s, job_of *j)
{
    const binding b = j->chain.list.at[j->binding];
    bindings chain = j->chain;
    shown *page = j->page;
    job_end end = j->failed ? JOB_FAILED : j->cancelled ? JOB_CANCELLED : JOB_DONE;
    int index = j->binding;
    uint64_t answer = j->answer;
    memset(&j->chain, 0, sizeof j->chain);
    job_free(s, j);
    side_effects(s, page, &b);
    if (answer)
        rerun_where_shown(s, answer);
    follow(s, page, &chain, index, end);
    bindings_done(&chain);
    save(s);
    pump(s);
}

static void job_start(session *s, shown *page, const bindings *chain, int index, view *of, uint64_t n, const run_event *event)
{
    const binding *b = &chain->list.at[index];
    job_of *j = mem_alloc(sizeof *j);
    j->number = ++s->jobs_made;
    j->page = page;
    j->binding = index;
    bindings_copy(&j->chain, chain);
    j->run = prepare_run(s, page, RUN_JOB, b->fn, event, of, n);
    j->run->scope = b->scope;
    /* Of one event there may be several: of a value or a trigger, of one binding or another. */
    j->run->seed = hash_mix(j->run->seed, of ? hash_mix(b->trigger, (uint64_t)index) : j->number);
    if (of && index)
        snprintf(j->run->event_id, sizeof j->run->event_id, "%s.%llu.%d", of->name, (unsigned long long)n, index);
    j->run->job = j->number;
    j->run->events = j->run->event_id;
    if (b->file)
        j->run->last_call = arena_copy(j->run->arena, &(ez_call){ 1, b->file, b->line }, sizeof(ez_call));
    *list_add(&s->jobs) = j;
    action *a = act(s, ACTION_JOB);
    a->run = j->run;
    a->job = j->number;
    a->lane = mem_text(b->lane);
    a->concurrency = b->concurrency;
    a->function = (const void *)(intptr_t)b->fn;
    tell_busy(s, page, true);
}

/* Functions bound to this event of this node. The event is settled when they have been noted; their work has a life of its own. */
bool start_bound(session *s, shown *page, view *of, uint64_t n, uint64_t node, const char *type)
{
    bool found = false;
    for (int i = 0; i < page->bindings.list.count; i++) {
        const binding *b = &page->bindings.list.at[i];
        if (b->trigger != node || strcmp(b->event, type))
            continue;
        found = true;
        if (b->fn) {
            run_event e = { .id = node };
            snprintf(e.type, sizeof e.type, "%s", type);
            job_start(s, page, &page->bindings, i, of, n, &e);
        } else {
            bindings chain = { 0 };
            bindings_copy(&chain, &page->bindings);
            side_effects(s, page, &chain.list.at[i]);
            follow(s, page, &chain, i, JOB_DONE);
            bindings_done(&chain);
        }
    }
    return found;
}

/* A list such as "go.click, msg.submit" (or keys alone) names this event of this node. */
bool trigger_named(const char *triggers, uint64_t scope, uint64_t node, const char *type)
{
    char one[160];
    for (const char *at = triggers; at && *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", ");
        if (count && count < sizeof one) {
            snprintf(one, sizeof one, "%.*s", (int)count, at);
            char *dot = strrchr(one, '.');
            if (dot)
                *dot = 0;
            if (run_key_id(scope, one) == node && (!dot || !strcmp(dot + 1, type)))
                return true;
        }
        at += count;
    }
    return false;
}

static bool named(const char *triggers, uint64_t scope, const binding *b)
{
    return trigger_named(triggers, scope, b->trigger, b->event);
}

/* triggers NULL: every job of the page. A job that has done its own part waits for its answer only, which is stopped. */
void jobs_cancel(session *s, shown *page, const char *triggers, uint64_t scope)
{
    for (int i = 0; i < s->jobs.count; i++) {
        job_of *j = s->jobs.at[i];
        if (j->page != page || (triggers && !named(triggers, scope, &j->chain.list.at[j->binding])))
            continue;
        if (j->run && j->run->done_fn)
            continue;                           /* what follows an answer that is over; nobody waits for it */
        if (j->run)
            interrupt_job(s, j);
        if (j->waits)
            act(s, ACTION_ANSWER_STOP)->answer = j->waits;
    }
}

/* ---- news of a job ----------------------------------------------------------------------------------------------------- */

void job_waits(session *s, const message *m)
{
    job_of *j = job_find(s, m->job);
    if (!j || j->position == m->position)
        return;
    j->position = m->position;
    text ops = { 0 }, json = { 0 };
    text_printf(&json, "{\"job\":%llu,\"position\":%d}", (unsigned long long)j->number, m->position);
    call_op(&ops, 0, "job", json.at);
    frame_emit(s, j->page, ops.at, ops.count);
    text_done(&ops);
    text_done(&json);
}

static void job_progress(session *s, job_of *j, const run_batch *b)
{
    text ops = { 0 }, json = { 0 };
    if (!b->has_progress)
        return;
    text_printf(&json, "{\"job\":%llu,\"fraction\":", (unsigned long long)j->number);
    text_number(&json, b->progress);
    text_puts(&json, ",\"text\":");
    if (b->progress_text) text_json_wire(&json, b->progress_text, strlen(b->progress_text));
    else text_puts(&json, "null");
    text_puts(&json, "}");
    call_op(&ops, 0, "job", json.at);
    frame_emit(s, j->page, ops.at, ops.count);
    text_done(&ops);
    text_done(&json);
}

/* What a function says to who called it is a notice on his page. */
static void job_told(session *s, job_of *j, const run_line *lines, int count)
{
    for (int i = 0; i < count; i++)
        if (lines[i].level != EZ_LEVEL_DEBUG) toast(s, j->page, lines[i].level, lines[i].text);
}

void job_put(session *s, const message *m)
{
    job_of *j = job_find(s, m->job);
    if (j) {
        if (!j->run || !run_spent(j->run)) apply_puts(s, j->page, m->batch->puts.at, m->batch->puts.count);
        job_told(s, j, m->batch->lines.at, m->batch->lines.count);
        job_progress(s, j, m->batch);
        spend_job(s, j);
    }
    run_batch_free(m->batch);
}

static void tell_done(session *s, const job_of *j)
{
    text ops = { 0 };
    char done[64];
    snprintf(done, sizeof done, "{\"job\":%llu,\"done\":true}", (unsigned long long)j->number);
    call_op(&ops, 0, "job", done);
    frame_emit(s, j->page, ops.at, ops.count);
    text_done(&ops);
}

void job_lost(session *s, job_of *j)
{
    tell_done(s, j);
    j->run = NULL;
    j->failed = true;
    job_over(s, j);
}

void job_ran(session *s, const message *m)
{
    job_of *j = job_find(s, m->job);
    run *r = m->run;
    if (!j || j->run != r) {
        run_free(r);
        return;
    }
    if (s->fenced) {
        job_free(s, j);
        run_free(r);
        return;
    }
    tell_done(s, j);
    if (m->refused) {
        toast(s, j->page, EZ_LEVEL_WARNING, "The queue is full. Please try again in a moment.");
        j->failed = true;
    } else if (run_spent(r)) {
        text what = { 0 };
        run_spent_words(s, r, &what);
        toast(s, j->page, EZ_LEVEL_ERROR, what.at);
        text_done(&what);
        j->failed = true;
    } else {
        apply_puts(s, j->page, r->puts.at, r->puts.count);
        job_told(s, j, r->lines.at, r->lines.count);
        j->failed = r->failed;
        j->cancelled = atomic_load(&r->interrupted);
        if (!r->failed && !j->cancelled)
            take_states(s, r, true);
        if (r->failed && r->failure)
            toast(s, j->page, EZ_LEVEL_ERROR, r->failure);
        int before = s->streams.count;
        take_said(s, r, j->number);
        if (s->streams.count > before)
            j->waits = s->streams.at[s->streams.count - 1]->answer;
        if (r->said.count)
            rerun_page(s, j->page);
    }
    j->run = NULL;
    run_free(r);
    if (!j->waits) {
        job_over(s, j);
        return;
    }
    save(s);
    pump(s);
}

/* The job was over as far as its function goes, and waited for the answer that it asked for. */
void job_answer_over(session *s, uint64_t job, bool failed)
{
    job_of *j = job_find(s, job);
    if (!j || j->run)
        return;
    for (int i = 0; i < s->streams.count; i++)
        if (s->streams.at[i]->job == job) {       /* it asked for more than one */
            j->waits = s->streams.at[i]->answer;
            j->failed = j->failed || failed;
            return;
        }
    j->waits = 0;
    j->failed = j->failed || failed;
    job_over(s, j);
}
