/* once_world.c: processes, the store and the engine of the world of once.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "once.h"
#include "session/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENGINE_PIECES = 6 };

static int base;

const char *view_token(int view)
{
    static char names[VIEWS][TOKEN_CHARS + 1];
    if (!*names[view]) {
        memset(names[view], '-', TOKEN_CHARS);
        names[view][0] = 'v';
        names[view][1] = (char)('0' + view);
    }
    return names[view];
}

static int view_index(const char *token) { return token[1] - '0'; }

/* ---- the program ------------------------------------------------------------------------------------------------------------ */

static ez_fn *page_fn(void *data, const char *path)
{
    (void)data;
    return strcmp(path, "/") ? NULL : once_page;
}

static void host_changed(void *data, run *r)
{
    (void)data;
    if (r->kind != RUN_JOB) process_step(w->executing, &(message){ .kind = MESSAGE_CHANGED, .run = r });
}

static void host_put(void *data, run *r)
{
    (void)data;
    process_step(w->executing, &(message){ .kind = MESSAGE_JOB_PUT, .job = r->job, .batch = run_take_batch(r) });
}

/* ---- the store -------------------------------------------------------------------------------------------------------------- */

static void parts_done(once_save *s)
{
    for (int i = 0; i < s->parts.count; i++) {
        mem_free(s->parts.at[i].name);
        mem_free(s->parts.at[i].data);
    }
    list_done(&s->parts);
}

static void read_stored(const action_part *p)
{
    if (!strcmp(p->name, "state/hits")) {
        states all = { 0 };
        assert_true(state_read(&all, "hits", p->data, p->count));
        memcpy(&w->stored, all.list.at[0].data, sizeof w->stored);
        states_done(&all);
    } else if (!strcmp(p->name, "values")) {
        values all = { 0 };
        assert_true(values_read(&all, p->data, p->count));
        for (int i = 0; i < OWN_FIELDS; i++) {
            const value *v = values_find(&all, once_key(once_fields[i]));
            w->stored_typed[i] = v && v->kind == VALUE_TEXT ? atoi(v->text) : 0;
        }
        values_done(&all);
    }
}

/* Takes the data of the part. */
static void store_put(action_part *p)
{
    int i = 0;
    while (i < w->store.count && strcmp(w->store.at[i].name, p->name)) i++;
    if (i < w->store.count) {
        mem_free(w->store.at[i].name);
        mem_free(w->store.at[i].data);
        list_remove(&w->store, i);
    }
    if (p->data) {
        read_stored(p);
        *list_add(&w->store) = *p;
        memset(p, 0, sizeof *p);
    }
}

bool store_apply(int p)
{
    process *at = &w->process[p];
    for (int i = 0; i < at->saves.count; i++) {
        once_save *s = &at->saves.at[i];
        if (s->applied) continue;
        s->applied = true;
        s->result = s->fence < w->fence ? 1 : w->fail_writes > 0 ? 2 : 0;
        w->fail_writes -= w->fail_writes > 0;
        say("the store takes write %x of process %d: %s", (unsigned)s->ticket, p, s->result == 1 ? "fenced" : s->result ? "failed" : "saved");
        for (int j = 0; !s->result && j < s->parts.count; j++) store_put(&s->parts.at[j]);
        return true;
    }
    return false;
}

bool store_tell(int p)
{
    process *at = &w->process[p];
    if (!at->saves.count) return false;
    if (!at->saves.at[0].applied) store_apply(p);
    once_save s = at->saves.at[0];
    list_remove(&at->saves, 0);
    parts_done(&s);
    if (s.result != 1) at->failing = s.result == 2;
    at->fenced = at->fenced || s.result == 1;
    if (!s.result && s.fence == w->crash_told) w->crash_noted = false;        /* as app/hub.c does: from here on the session knows */
    say("process %d hears of write %x", p, (unsigned)s.ticket);
    process_step(p, &(message){ .kind = MESSAGE_SAVED, .ticket = s.ticket, .saved = s.result });
    return true;
}

/* ---- the engine: it outlives the processes, and keeps an answer until its end is saved ----------------------------------------- */

static engine_answer *answer_at(uint64_t id)
{
    for (int i = 0; i < w->answers.count; i++)
        if (w->answers.at[i].id == id) return &w->answers.at[i];
    return NULL;
}

/* Pieces cut characters and marks; an answer ends, or is stopped, between characters. */
static const char *piece_of(const engine_answer *a, int i)
{
    static const char *const pieces[] = { "one ", "a\xc3", "\xa4 b ", "**b", "c** ", "\n\n- x\n", "\xe2\x82", "\xac!", "`d`" };
    uint64_t first = a->id % COUNT(pieces);
    first -= (pieces[first][0] & 0xc0) == 0x80;        /* not in the middle of a character */
    return pieces[(first + (uint64_t)i) % COUNT(pieces)];
}

void text_of_answer(const engine_answer *a, text *out)
{
    for (int i = 0; i < a->made; i++) text_puts(out, piece_of(a, i));
    if (!out->at) text_puts(out, "");
}

static bool whole(const engine_answer *a)
{
    text t = { 0 };
    text_of_answer(a, &t);
    bool is = utf8_whole(t.at, t.count) == t.count;
    text_done(&t);
    return is;
}

/* One that lost the session without knowing it yet has an engine of its own, on another machine, which nobody here hears. */
static void ask(int p, const action *a)
{
    engine_answer *x = answer_at(a->answer);
    if (session_epoch(w->process[p].s) < w->fence) return;
    if (!x && a->kind == ACTION_ASK) {
        x = list_add(&w->answers);
        *x = (engine_answer){ .id = a->answer, .pieces = 1 + (int)(a->answer % ENGINE_PIECES) };
    } else if (!x) {
        x = list_add(&w->answers);
        *x = (engine_answer){ .id = a->answer, .failed = true };
    }
    if (x->forgotten) x->failed = true;
    x->process = p;
    x->told = a->kind == ACTION_ATTACH ? (size_t)a->offset : 0;
    x->over = false;
}

static void answer_tells(engine_answer *x, const answer_news *news)
{
    process_step(x->process, &(message){ .kind = MESSAGE_ANSWER, .answer = news });
}

bool engine_speaks(int i)
{
    if (i >= w->answers.count || w->answers.at[i].over) return false;
    engine_answer *x = &w->answers.at[i];
    uint64_t id = x->id;
    text all = { 0 };
    if (!x->stopped && x->made < x->pieces && !x->failed) x->made++;
    while ((x->stopped || x->made >= x->pieces) && !whole(x)) x->made++;
    text_of_answer(x, &all);
    say("the engine has %d of %d pieces of answer %d", x->made, x->pieces, i);
    if (all.count > x->told && !x->failed) {
        /* Some of what was told before comes again. */
        size_t from = x->told - (x->told ? pick((unsigned)(x->told > 3 ? 3 : x->told) + 1) : 0);
        answer_tells(x, &(answer_news){ .id = id, .kind = ANSWER_TOKENS, .bytes = all.at + from, .count = all.count - from, .offset = from, .tokens = 1 });
        answer_at(id)->told = all.count;
    }
    x = answer_at(id);
    if (x && (x->stopped || x->failed || x->made >= x->pieces)) {
        x->over = true;
        answer_tells(x, &(answer_news){ .id = id, .kind = ANSWER_DONE, .tokens = x->made, .seconds = 1, .first_token = 0.5, .error = x->failed ? "it fell over" : NULL,
                                        .state = x->failed ? EZ_MESSAGE_FAILED : x->stopped ? EZ_MESSAGE_STOPPED : EZ_MESSAGE_DONE, .code = x->failed ? EZ_FAILED : EZ_OK });
    }
    text_done(&all);
    return true;
}

void engine_dies(void)
{
    say("the engine dies");
    for (int i = 0; i < w->answers.count; i++)
        if (!w->answers.at[i].over) w->answers.at[i].failed = true;
}

static fact *fact_of_run(const run *r)
{
    const char *dot = strchr(r->event_id, '.');
    int v = dot ? view_index(r->event_id) : -1, n = dot ? atoi(dot + 1) : 0;
    return dot && v >= 0 && v < VIEWS && n < EVENTS ? &w->facts[v][n] : NULL;
}

/* ---- what a session asks for ------------------------------------------------------------------------------------------------- */

/* Nothing is acknowledged before its effects are in the store, unless a write has failed, which the page is told. */
static void check_ack(int p, const char *view, const char *json)
{
    const char *a = strstr(json, "\"a\":"), *of = strstr(json, "\"of\":\"");
    if (!a || (strncmp(json, "{\"a\"", 4) && strncmp(json, "{\"hi\"", 5))) return;
    int v = view_index(of ? of + 6 : view);
    for (uint64_t n = 1; n <= strtoull(a + 4, NULL, 10) && n < EVENTS; n++) {
        fact *f = &w->facts[v][n];
        bool counted = f->what == ADD || f->what == ROW || f->what == FRAGMENT || f->what == FORM;
        bool effect = (!counted || w->stored.of[v][n] == 1) && (f->what == STOP || !sure(f->tab) || w->stored_typed[f->tab] >= f->typed[f->tab]);
        bool first = !f->acked;
        if (!f->made) broken("event %llu of view %d is acknowledged and was never made", (unsigned long long)n, v);
        f->acked = true;
        if (first && f->what == SAY && w->process[p].failing) f->unsaved = true;
        if (f->refused || f->crashed || f->lost || effect) continue;
        f->unsaved = f->unsaved || w->process[p].failing;
        if (!f->unsaved && !f->stopped) broken("event %llu of view %d is acknowledged before its effect is in the store", (unsigned long long)n, v);
    }
}

static void note_refusal(int p, const char *view, const char *json)
{
    const char *of = strstr(json, "\"of\":\"");
    if (strncmp(json, "{\"no\":[", 7)) return;
    fact *f = &w->facts[view_index(of ? of + 6 : view)][strtoull(json + 7, NULL, 10) % EVENTS];
    f->unsaved = f->unsaved || (w->process[p].failing && !f->refused);
    f->refused = true;
}

static void take(int p, action *a)
{
    process *at = &w->process[p];
    if (at->fenced && (a->kind == ACTION_RUN || a->kind == ACTION_JOB || a->kind == ACTION_SAVE || a->kind == ACTION_ASK)) broken("process %d knows that it lost its session, and goes on", p);
    switch (a->kind) {
    case ACTION_RUN:
        a->run->queued = true;                 /* it has not begun, so it cannot listen */
        *list_add(&at->runs) = a->run;
        break;
    case ACTION_INTERRUPT: break;
    case ACTION_PAGE:  tab_loaded(p, (int)a->request); break;
    case ACTION_REFUSE: broken("the page was refused");
    case ACTION_SEND:
        note_refusal(p, a->view, a->text.at);
        check_ack(p, a->view, a->text.at);
        tab_hears(view_index(a->view), p, &a->text);
        break;
    case ACTION_CUT:
        for (int i = 0; i < w->tabs; i++)
            if (w->tab[i].process == p && !strcmp(view_token(w->tab[i].view), a->view)) w->tab[i].dead = true;
        break;
    case ACTION_SAVE: {
        once_save *s = list_add(&at->saves);
        s->ticket = a->ticket;
        s->fence = session_epoch(at->s);
        s->parts.at = (void *)a->parts.at, s->parts.count = a->parts.count, s->parts.room = a->parts.room;
        memset(&a->parts, 0, sizeof a->parts);
        break;
    }
    case ACTION_JOB:
        if (fact_of_run(a->run)) fact_of_run(a->run)->started = true;
        a->run->queued = true;
        *list_add(&at->jobs) = (once_job){ .number = a->job, .run = a->run };
        break;
    case ACTION_JOB_CANCEL:                    /* one that has not begun comes back untouched */
        for (int i = 0; i < at->jobs.count; i++) at->jobs.at[i].over = at->jobs.at[i].over || at->jobs.at[i].number == a->job;
        break;
    case ACTION_ASK:
    case ACTION_ATTACH: ask(p, a); break;
    case ACTION_ANSWER_STOP:
        if (answer_at(a->answer)) answer_at(a->answer)->stopped = true;
        break;
    case ACTION_ANSWER_SAVED:
        for (int i = 0; a->final && i < w->answers.count; i++)
            if (w->answers.at[i].id == a->answer) {
                w->answers.at[i].over = w->answers.at[i].forgotten = true;
                break;
            }
        break;
    case ACTION_RUN_ASIDE: broken("a run was set aside, and all do as they are told");
    case ACTION_JOB_ASIDE:                     /* it was stopped, and its end was long in coming */
    case ACTION_FLAG:
    case ACTION_FEEDBACK: break;
    }
}

static void take_all(int p, actions *out)
{
    for (int i = 0; i < out->list.count; i++) take(p, &out->list.at[i]);
    actions_done(out);
}

void process_step(int p, const message *m)
{
    actions out = { 0 };
    if (!w->process[p].s) {                    /* as app/hub.c does with news for a session that is not in memory */
        if (m->kind == MESSAGE_RAN || m->kind == MESSAGE_JOB_RAN) run_free(m->run);
        if (m->kind == MESSAGE_JOB_PUT) run_batch_free(m->batch);
        return;
    }
    session_step(w->process[p].s, m, w->now, &out);
    take_all(p, &out);
}

/* ---- coming and going ---------------------------------------------------------------------------------------------------------- */

static void forget(int p)
{
    session_free(w->process[p].s);
    w->process[p].s = NULL;
    w->process[p].failing = w->process[p].fenced = false;
    for (int v = 0; v < VIEWS; v++)
        for (int n = 0; n < EVENTS; n++) w->facts[v][n].lost = w->facts[v][n].lost || w->facts[v][n].unsaved;
}

/* Another process has the session since: this one would learn it from its next write. */
void process_stale(int p)
{
    const session *s = w->process[p].s;
    if (s && session_epoch(s) != w->fence) forget(p);
}

/* What functions did that is not in the store ends here: the page says so. */
static void jobs_end(void)
{
    for (int v = 0; v < VIEWS; v++)
        for (int n = 0; n < EVENTS; n++) {
            char name[40];
            bool stored = false;
            snprintf(name, sizeof name, "state/job %d.%d", v, n);
            for (int i = 0; i < w->store.count && w->facts[v][n].started; i++) stored = stored || !strcmp(w->store.at[i].name, name);
            w->facts[v][n].lost = w->facts[v][n].lost || (w->facts[v][n].started && !stored);
        }
}

session *process_session(int p)
{
    process *at = &w->process[p];
    if (at->s && session_fenced(at->s) && w->executing < 0) forget(p);
    if (at->s) return at->s;
    jobs_end();
    actions out = { 0 };
    at->s = session_new(&w->program, w->token, "visitorvisitorvisitor1", ++w->fence);
    say("process %d takes the session with fence %u", p, w->fence);
    for (int i = 0; i < w->store.count; i++)
        if (!session_part(at->s, w->store.at[i].name, w->store.at[i].data, w->store.at[i].count)) broken("the part %s cannot be read", w->store.at[i].name);
    if (w->crash_noted) session_crashed(at->s, &(session_crash){ .path = "/", .events = w->crash_events, .what = "The page crashed." });
    w->crash_told = w->fence;
    session_loaded(at->s, w->now, &out);
    take_all(p, &out);
    return at->s;
}

/* All events that the run stands for count as failed. */
static void note_crash(const run *r)
{
    w->crash_noted = true;
    w->crash_told = 0;
    snprintf(w->crash_events, sizeof w->crash_events, "%s", r->events);
    for (const char *at = w->crash_events, *dot; (dot = strchr(at, '.')); at = dot + 1)
        w->facts[view_index(dot - TOKEN_CHARS)][atoi(dot + 1)].crashed = true;
}

void process_dies(int p, bool of_its_event)
{
    process *at = &w->process[p];
    say("process %d dies%s", p, of_its_event ? " of its event" : "");
    if (of_its_event && at->runs.count && at->runs.at[0]->events && !w->crash_noted) note_crash(at->runs.at[0]);
    for (int i = 0; i < at->runs.count; i++) run_free(at->runs.at[i]);
    for (int i = 0; i < at->jobs.count; i++) run_free(at->jobs.at[i].run);
    for (int i = 0; i < at->saves.count; i++) parts_done(&at->saves.at[i]);
    forget(p);
    list_done(&at->runs);
    list_done(&at->jobs);
    list_done(&at->saves);
    for (int i = 0; i < w->tabs; i++)
        if (w->tab[i].process == p) w->tab[i].dead = true;
    for (int i = 0; i < w->answers.count; i++)
        if (w->answers.at[i].process == p) w->answers.at[i].over = true;      /* nobody listens until the next process attaches */
}

void process_forgets(int p)
{
    if (!w->process[p].s || !session_idle(w->process[p].s)) return;
    say("process %d lets the session go", p);
    forget(p);
}

void process_wakes(int p)
{
    int64_t wake = w->process[p].s ? session_wake(w->process[p].s) : 0;
    if (wake && wake <= w->now) process_step(p, &(message){ .kind = MESSAGE_TICK });
}

bool process_run(int p)
{
    process *at = &w->process[p];
    if (!at->runs.count) return false;
    run *r = at->runs.at[0];
    list_remove(&at->runs, 0);
    say("process %d runs the page%s%s", p, *r->event_id ? " for " : "", r->event_id);
    w->executing = p;
    w->running = r;
    r->queued = false;
    run_execute(r);
    w->executing = -1;
    process_step(p, &(message){ .kind = MESSAGE_RAN, .run = r });
    return true;
}

bool process_job(int p, int i)
{
    process *at = &w->process[p];
    if (i >= at->jobs.count) return false;
    run *r = at->jobs.at[i].run;
    uint64_t number = at->jobs.at[i].number;
    bool over = at->jobs.at[i].over;
    say("process %d %s the job of %s", p, over ? "ends" : "executes", r->event_id);
    if (!over) {
        at->jobs.at[i].over = true;
        w->executing = p;
        r->queued = false;
        run_execute(r);
        w->executing = -1;
        return true;
    }
    list_remove(&at->jobs, i);
    process_step(p, &(message){ .kind = MESSAGE_JOB_RAN, .job = number, .run = r });
    return true;
}

void world_begin(uint64_t seed)
{
    w = mem_alloc(sizeof *w);
    w->seed = w->random = seed;
    w->host = (run_host){ .data = w, .build = "build", .changed = host_changed, .put = host_put };
    w->program = (session_program){ .host = &w->host, .build = "build", .base = &base, .page = page_fn, .data = w, .samples = &w->samples };
    w->now = 1000000;
    w->executing = -1;
    memset(w->token, 'S', TOKEN_CHARS);
    for (int i = 0; i < TABS; i++) w->tab[i].process = -1;
}

void world_end(void)
{
    for (int i = 0; i < PROCESSES; i++) process_dies(i, false);
    for (int i = 0; i < w->tabs; i++) tab_free(&w->tab[i]);
    for (int i = 0; i < w->store.count; i++) {
        mem_free(w->store.at[i].name);
        mem_free(w->store.at[i].data);
    }
    list_done(&w->store);
    list_done(&w->answers);
    list_done(&w->late);
    samples_done(&w->samples);
    mem_free(w);
    w = NULL;
}
