/* loopback.c: does what a session asks for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include "session/inside.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static loopback *here;             /* one test, one session, one thread: the host's functions need it */

static ez_fn *page_fn(void *data, const char *path)
{
    loopback *l = data;
    for (int i = 0; i < COUNT(l->pages) && l->pages[i].path; i++)
        if (!strcmp(l->pages[i].path, path))
            return l->pages[i].fn;
    return NULL;
}

/* Called inside of run_execute, when no step is under way. */
static void host_changed(void *data, run *r)
{
    loopback *l = data;
    if (r->kind == RUN_JOB)
        return;
    loopback_step(l, &(message){ .kind = MESSAGE_CHANGED, .run = r });
}

static void host_put(void *data, run *r)
{
    loopback *l = data;
    loopback_step(l, &(message){ .kind = MESSAGE_JOB_PUT, .job = r->job, .batch = run_take_batch(r) });
}

static void host_spent(void *data, run *r)
{
    loopback_step(data, &(message){ .kind = MESSAGE_SPENT, .run = r });
}

static int base;

static session *session_start(loopback *l)
{
    return session_new(&l->program, l->token, "visitorvisitorvisitor1", ++l->epoch);
}

loopback *loopback_new(ez_fn *page)
{
    loopback *l = mem_alloc(sizeof *l);
    here = l;
    l->host = (run_host){ .data = l, .build = "build", .changed = host_changed, .put = host_put, .spent = host_spent };
    l->program = (session_program){ .host = &l->host, .build = "build", .base = &base, .page = page_fn, .data = l, .samples = &l->samples };
    l->now = 1000000;
    memset(l->token, 'S', TOKEN_CHARS);
    loopback_page(l, "/", page);
    l->s = session_start(l);
    return l;
}

void loopback_page(loopback *l, const char *path, ez_fn *fn)
{
    for (int i = 0; i < COUNT(l->pages); i++)
        if (!l->pages[i].path) {
            l->pages[i].path = path;
            l->pages[i].fn = fn;
            return;
        }
}

static void parts_free(action_part *parts, int count)
{
    for (int i = 0; i < count; i++) {
        mem_free(parts[i].name);
        mem_free(parts[i].data);
    }
}

static void event_done(lb_event *e)
{
    for (int i = 0; i < e->count; i++)
        mem_free(e->values[i].json);
    mem_free(e->json);
}

/* What is under way dies with the process. */
static void drop_work(loopback *l)
{
    for (int i = 0; i < l->runs.count; i++)
        run_free(l->runs.at[i]);
    for (int i = 0; i < l->jobs.count; i++)
        run_free(l->jobs.at[i].run);
    for (int i = 0; i < l->saves.count; i++) {
        parts_free(l->saves.at[i].parts.at, l->saves.at[i].parts.count);
        list_done(&l->saves.at[i].parts);
    }
    list_done(&l->runs);
    list_done(&l->jobs);
    list_done(&l->saves);
    list_done(&l->gets);
}

void loopback_free(loopback *l)
{
    session_free(l->s);
    samples_done(&l->samples);
    drop_work(l);
    parts_free(l->store.at, l->store.count);
    list_done(&l->store);
    for (int i = 0; i < l->asks.count; i++)
        mem_free(l->asks.at[i].question);
    list_done(&l->asks);
    for (int i = 0; i < l->views.count; i++) {
        lb_view *v = l->views.at[i];
        for (int j = 0; j < v->unacked.count; j++)
            event_done(&v->unacked.at[j]);
        list_done(&v->unacked);
        dom_done(&v->dom);
        mem_free(v);
    }
    list_done(&l->views);
    text_done(&l->page);
    mem_free(l);
}

/* ---- what a browser does with what it hears ------------------------------------------------------------------------ */

static lb_view *view_by(loopback *l, const char *token)
{
    for (int i = 0; i < l->views.count; i++)
        if (!strcmp(l->views.at[i]->token, token))
            return l->views.at[i];
    return NULL;
}

static void settled(lb_view *v, uint64_t upto, uint64_t only)
{
    for (int i = v->unacked.count - 1; i >= 0; i--)
        if (v->unacked.at[i].n <= upto || v->unacked.at[i].n == only) {
            event_done(&v->unacked.at[i]);
            list_remove(&v->unacked, i);
        }
}

static double number(const cJSON *o, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    return v ? v->valuedouble : 0;
}

static void hear_frame(lb_view *v, const cJSON *o, const cJSON *ops)
{
    bool whole = cJSON_GetObjectItemCaseSensitive(o, "whole") != NULL;
    uint64_t f = (uint64_t)number(o, "f");
    char *text = cJSON_PrintUnformatted(ops);
    if (v->fresh || whole || f > v->frame) {
        if (!dom_apply(&v->dom, text))
            fail_msg("view %.3s, frame %llu: %s\n  %s", v->token, (unsigned long long)f, v->dom.error, text);
        const char *notice = strstr(text, "[\"c\",\"\",\"toast\"");
        if (notice) snprintf(v->notices + strlen(v->notices), sizeof v->notices - strlen(v->notices), "%s", notice);
        v->frame = f;
        v->fresh = false;
        v->frames++;
        v->wholes += whole;
    }
    cJSON_free(text);
}

static void hear(loopback *l, const char *token, const char *json)
{
    lb_view *v = view_by(l, token);
    if (!v || !v->here)
        return;
    cJSON *o = cJSON_Parse(json);
    if (!o)
        fail_msg("view %.3s heard what is no JSON: %s", token, json);
    const cJSON *hi = cJSON_GetObjectItemCaseSensitive(o, "hi"), *ops = cJSON_GetObjectItemCaseSensitive(o, "o"), *no = cJSON_GetObjectItemCaseSensitive(o, "no");
    const cJSON *a = cJSON_GetObjectItemCaseSensitive(o, "a"), *busy = cJSON_GetObjectItemCaseSensitive(o, "busy"), *w = cJSON_GetObjectItemCaseSensitive(o, "w");
    const char *of = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "of"));
    lb_view *about = of ? view_by(l, of) : v;
    if (hi) {
        v->epoch = (uint32_t)number(hi, "epoch");
        v->fresh = true;
        v->is_new = cJSON_GetObjectItemCaseSensitive(hi, "new") != NULL;
    }
    if (ops) hear_frame(v, o, ops);
    if (no && about) {
        uint64_t n = (uint64_t)cJSON_GetArrayItem(no, 0)->valuedouble;
        v->refusals++;
        snprintf(v->why, sizeof v->why, "%s", cJSON_GetArrayItem(no, 1)->valuestring);
        if (n) settled(about, 0, n);
    }
    if (a && about) {
        if (a->valuedouble > (double)about->acked) about->acked = (uint64_t)a->valuedouble;
        about->acks++;
        settled(about, (uint64_t)a->valuedouble, 0);
    }
    if (busy) v->busy = busy->valueint;
    if (w) v->warned = !cJSON_IsNull(w);
    cJSON_Delete(o);
}

/* ---- what the session wants done ------------------------------------------------------------------------------------ */

static void answer_get(loopback *l)
{
    for (int i = 0; i < l->views.count; i++) {
        lb_view *v = l->views.at[i];
        session_page p;
        char path[160];
        snprintf(path, sizeof path, "%s%s%s", v->path, *v->query ? "?" : "", v->query);
        if (v->here || v->frame != FRAME_UNKNOWN - 1 || !session_print(l->s, path, &p))
            continue;
        /* The document is made from the same page by operations; what was printed must be the same. */
        text ops = { 0 }, shown = { 0 };
        tree_resolver r = resolver(l->s);
        dom_done(&v->dom);
        tree_whole(page_of(l->s, path)->now, &r, &ops);
        assert_true(dom_apply(&v->dom, ops.at));
        v->dom.values = v->dom.ops = 0;
        dom_page(&v->dom, &shown);
        text_clear(&l->page);
        for (int j = 0; j < ROOT_PLACES; j++)
            text_printf(&l->page, "[%d]%s", j, p.places[j].at ? p.places[j].at : "");
        assert_string_equal(shown.at, l->page.at);
        v->frame = l->page_frame = p.frame;
        v->busy = l->page_busy = p.busy;
        text_done(&ops);
        text_done(&shown);
        session_page_done(&p);
    }
}

static lb_ask *ask_of(loopback *l, uint64_t id)
{
    for (int i = 0; i < l->asks.count; i++)
        if (l->asks.at[i].id == id)
            return &l->asks.at[i];
    lb_ask *a = list_add(&l->asks);
    a->id = id;
    return a;
}

static void take_ask(loopback *l, const action *a)
{
    lb_ask *x = ask_of(l, a->answer);
    const chat_message *m = conversation_find(a->chat, a->answer), *question = m && m->parent ? conversation_find(a->chat, m->parent) : NULL;
    x->attach = a->kind == ACTION_ATTACH;
    x->offset = a->offset;
    mem_free(x->question);
    x->question = mem_text(question ? question->text : "");
}

static void take_action(loopback *l, action *a)
{
    switch (a->kind) {
    case ACTION_RUN:       *list_add(&l->runs) = a->run; l->runs_made++; break;
    case ACTION_INTERRUPT: l->interrupts++; break;
    case ACTION_PAGE:      answer_get(l); break;
    case ACTION_REFUSE:    l->refused_gets++; break;
    case ACTION_SEND:      hear(l, a->view, a->text.at); break;
    case ACTION_CUT: {
        lb_view *v = view_by(l, a->view);
        if (v) v->cut = true, v->here = false;
        break;
    }
    case ACTION_SAVE: {
        lb_save *s = list_add(&l->saves);
        s->ticket = a->ticket;
        for (int i = 0; i < a->parts.count; i++)
            *list_add(&s->parts) = (action_part){ mem_text(a->parts.at[i].name), a->parts.at[i].data ? mem_copy(a->parts.at[i].data, a->parts.at[i].count + 1) : NULL, a->parts.at[i].count };
        l->saves_made++;
        break;
    }
    case ACTION_JOB: {
        lb_job *j = list_add(&l->jobs);
        *j = (lb_job){ .number = a->job, .run = a->run, .function = a->function, .concurrency = a->concurrency };
        snprintf(j->lane, sizeof j->lane, "%s", a->lane ? a->lane : "");
        l->jobs_made++;
        break;
    }
    case ACTION_JOB_CANCEL:                    /* one that has not begun comes back untouched */
        for (int i = 0; i < l->jobs.count; i++)
            if (l->jobs.at[i].number == a->job) l->jobs.at[i].begun = true;
        break;
    case ACTION_RUN_ASIDE:
    case ACTION_JOB_ASIDE:    l->asides++; break;
    case ACTION_ASK:
    case ACTION_ATTACH:       take_ask(l, a); break;
    case ACTION_ANSWER_STOP:  ask_of(l, a->answer)->stopped = true; break;
    case ACTION_ANSWER_SAVED: ask_of(l, a->answer)->saved = a->offset; ask_of(l, a->answer)->final = a->final; break;
    case ACTION_FEEDBACK:     l->feedbacks++; break;
    case ACTION_FLAG:
        l->flags++;
        snprintf(l->flagged, sizeof l->flagged, "%s %s %s %s", a->flag.function, a->flag.choice, a->flag.inputs, a->flag.outputs);
        snprintf(l->flag_event, sizeof l->flag_event, "%s", a->event);
        break;
    }
}

void loopback_step(loopback *l, const message *m)
{
    actions out = { 0 };
    session_step(l->s, m, l->now, &out);
    for (int i = 0; i < out.list.count; i++)
        take_action(l, &out.list.at[i]);
    actions_done(&out);
}

void loopback_run_one(loopback *l)
{
    run *r = l->runs.at[0];
    list_remove(&l->runs, 0);
    run_execute(r);
    loopback_step(l, &(message){ .kind = MESSAGE_RAN, .run = r });
}

void loopback_job_begin(loopback *l, int i)
{
    lb_job *j = &l->jobs.at[i];
    run *r = j->run;
    if (j->begun)
        return;
    j->begun = true;
    run_execute(r);
}

void loopback_job_end(loopback *l, int i)
{
    lb_job j = l->jobs.at[i];
    list_remove(&l->jobs, i);
    loopback_step(l, &(message){ .kind = MESSAGE_JOB_RAN, .job = j.number, .run = j.run });
}

void loopback_job(loopback *l, int i)
{
    loopback_job_begin(l, i);
    loopback_job_end(l, i);
}

static void store_put(loopback *l, const action_part *p)
{
    for (int i = 0; i < l->store.count; i++)
        if (!strcmp(l->store.at[i].name, p->name)) {
            parts_free(&l->store.at[i], 1);
            list_remove(&l->store, i);
            break;
        }
    if (p->data)
        *list_add(&l->store) = (action_part){ mem_text(p->name), mem_copy(p->data, p->count + 1), p->count };
}

void loopback_store(loopback *l)
{
    for (int i = 0; i < l->saves.count; i++) {
        lb_save *s = &l->saves.at[i];
        if (s->stored)
            continue;
        s->stored = true;
        s->result = l->fence ? 1 : l->fail_writes > 0 ? 2 : 0;
        if (l->fail_writes > 0)
            l->fail_writes--;
        for (int j = 0; !s->result && j < s->parts.count; j++)
            store_put(l, &s->parts.at[j]);
        return;
    }
}

void loopback_commit(loopback *l)
{
    if (!l->saves.at[0].stored)
        loopback_store(l);
    lb_save s = l->saves.at[0];
    list_remove(&l->saves, 0);
    parts_free(s.parts.at, s.parts.count);
    list_done(&s.parts);
    loopback_step(l, &(message){ .kind = MESSAGE_SAVED, .ticket = s.ticket, .saved = s.result });
}

void loopback_drain(loopback *l)
{
    for (;;) {
        if (l->saves.count && !l->hold_saves) loopback_commit(l);
        else if (l->runs.count && !l->hold_runs) loopback_run_one(l);
        else if (l->jobs.count && !l->hold_jobs) loopback_job(l, 0);
        else break;
    }
}

void loopback_tick(loopback *l, int64_t ms)
{
    l->now += ms;
    loopback_step(l, &(message){ .kind = MESSAGE_TICK });
    loopback_drain(l);
}

void loopback_wait(loopback *l, int64_t ms)
{
    int64_t until = l->now + ms;
    for (int steps = 0; ; steps++) {
        int64_t wake = session_wake(l->s);
        if (!wake || wake > until)
            break;
        if (steps > 10000)
            fail_msg("the session asks to be woken again and again at %lld, now is %lld", (long long)wake, (long long)l->now);
        if (wake > l->now) l->now = wake;
        loopback_tick(l, 0);
    }
    l->now = until;
}

/* ---- browsers --------------------------------------------------------------------------------------------------------- */

lb_view *loopback_view(loopback *l, const char *name)
{
    char token[TOKEN_CHARS + 1];
    snprintf(token, sizeof token, "%s----------------------", name);
    lb_view *v = view_by(l, token);
    if (v)
        return v;
    v = mem_alloc(sizeof *v);
    *list_add(&l->views) = v;
    snprintf(v->token, sizeof v->token, "%s", token);
    snprintf(v->path, sizeof v->path, "/");
    v->frame = FRAME_UNKNOWN;
    return v;
}

void loopback_get(loopback *l, lb_view *v)
{
    v->frame = FRAME_UNKNOWN - 1;                 /* waits for its page */
    v->epoch = l->epoch;
    loopback_step(l, &(message){ .kind = MESSAGE_GET, .view = v->token, .path = v->path, .query = v->query, .request = ++l->requests });
}

static void send(loopback *l, lb_view *by, const lb_view *of, const lb_event *e)
{
    event_value values[4];
    for (int i = 0; i < e->count; i++)
        values[i] = (event_value){ e->values[i].id, e->values[i].json, e->values[i].rev };
    message m = { .kind = MESSAGE_EVENT, .view = by->token, .of = of != by ? of->token : NULL, .n = e->n, .frame = e->f, .signal = e->signal,
                  .values = values, .value_count = e->count, .node = e->node, .type = e->node ? e->type : NULL, .json = e->node ? (e->json ? e->json : "null") : NULL };
    loopback_step(l, &m);
}

static void send_all(loopback *l, lb_view *by, lb_view *of)
{
    LIST(lb_event) copy = { 0 };               /* acknowledgements come while it is sent */
    for (int i = 0; i < of->unacked.count; i++) {
        lb_event e = of->unacked.at[i];
        for (int j = 0; j < e.count; j++) e.values[j].json = mem_text(e.values[j].json);
        e.json = mem_text(e.json);
        *list_add(&copy) = e;
    }
    for (int i = 0; i < copy.count; i++) {
        send(l, by, of, &copy.at[i]);
        event_done(&copy.at[i]);
    }
    list_done(&copy);
}

static event_mark mark_of(const lb_view *v)
{
    return (event_mark){ v->token, v->unacked.count ? v->unacked.at[0].n - 1 : v->n };
}

void loopback_hello(loopback *l, lb_view *v)
{
    event_mark marks[8] = { mark_of(v) };
    int count = 1;
    v->here = true;
    v->cut = false;
    for (int i = 0; i < l->views.count && count < COUNT(marks); i++)
        if (l->views.at[i]->after == v && l->views.at[i]->unacked.count)
            marks[count++] = mark_of(l->views.at[i]);
    loopback_step(l, &(message){ .kind = MESSAGE_HELLO, .view = v->token, .path = v->path, .query = v->query, .epoch = v->epoch, .frame = v->frame,
                                 .marks = marks, .mark_count = count });
    for (int i = 0; i < l->views.count; i++)
        if (l->views.at[i] == v || l->views.at[i]->after == v)
            send_all(l, v, l->views.at[i]);
}

lb_view *loopback_open_at(loopback *l, const char *name, const char *path, const char *query)
{
    lb_view *v = loopback_view(l, name);
    snprintf(v->path, sizeof v->path, "%s", path);
    snprintf(v->query, sizeof v->query, "%s", query);
    loopback_get(l, v);
    loopback_drain(l);
    loopback_hello(l, v);
    loopback_drain(l);
    return v;
}

lb_view *loopback_open(loopback *l, const char *name) { return loopback_open_at(l, name, "/", ""); }

void loopback_lose(loopback *l, lb_view *v)
{
    if (v->here)
        loopback_step(l, &(message){ .kind = MESSAGE_LOST, .view = v->token });
    v->here = false;
}

lb_view *loopback_reload(loopback *l, lb_view *old, const char *name)
{
    lb_view *v = loopback_view(l, name);
    snprintf(v->path, sizeof v->path, "%s", old->path);
    for (int i = 0; i < l->views.count; i++)
        if (l->views.at[i] == old || l->views.at[i]->after == old)
            l->views.at[i]->after = v;
    loopback_lose(l, old);
    loopback_get(l, v);
    return v;
}

lb_event *loopback_event(lb_view *v, bool signal)
{
    lb_event *e = list_add(&v->unacked);
    *e = (lb_event){ .n = ++v->n, .f = v->frame, .signal = signal };
    return e;
}

void event_value_add(lb_event *e, uint64_t id, const char *json, uint32_t rev)
{
    e->values[e->count].id = id;
    e->values[e->count].json = mem_text(json);
    e->values[e->count++].rev = rev;
}

void event_trigger(lb_event *e, uint64_t id, const char *type, const char *json)
{
    e->node = id;
    snprintf(e->type, sizeof e->type, "%s", type);
    e->json = mem_text(json);
}

void loopback_send(loopback *l, lb_view *v, const lb_event *e)
{
    lb_event copy = *e;                        /* an acknowledgement may take it away */
    for (int i = 0; i < copy.count; i++) copy.values[i].json = mem_text(e->values[i].json);
    copy.json = mem_text(e->json);
    send(l, v, v, &copy);
    event_done(&copy);
}

void loopback_send_last(loopback *l, lb_view *v) { loopback_send(l, v, &v->unacked.at[v->unacked.count - 1]); }

void loopback_trigger(loopback *l, lb_view *v, const char *what, const char *type, const char *json)
{
    uint64_t id = loopback_id(l, what);
    event_trigger(loopback_event(v, false), id, type, json);
    loopback_send_last(l, v);
    loopback_drain(l);
}

void loopback_click(loopback *l, lb_view *v, const char *what) { loopback_trigger(l, v, what, "click", NULL); }

void loopback_signal(loopback *l, lb_view *v, const char *what, const char *type, const char *json)
{
    uint64_t id = loopback_id(l, what);
    event_trigger(loopback_event(v, true), id, type, json);
    loopback_send_last(l, v);
    loopback_drain(l);
}

void loopback_set(loopback *l, lb_view *v, const char *what, const char *json)
{
    uint64_t id = loopback_id(l, what);
    event_value_add(loopback_event(v, false), id, json, ++v->rev);
    loopback_send_last(l, v);
    loopback_drain(l);
}

/* ---- the process and the engine ---------------------------------------------------------------------------------------- */

void loopback_restart(loopback *l) { loopback_crash(l, NULL, 0, NULL); }

static void read_back(loopback *l, const char *view, uint64_t n, const char *path);

typedef struct lb_left { char view[TOKEN_CHARS + 1]; uint32_t epoch; uint64_t frame; } lb_left;
typedef struct lb_leaving { session *s; LIST(lb_left) views; } lb_leaving;

static void view_left(void *data, const char *view, uint64_t frame)
{
    lb_leaving *x = data;
    lb_left *left = list_add(&x->views);
    *left = (lb_left){ .epoch = session_epoch(x->s), .frame = frame };
    snprintf(left->view, sizeof left->view, "%s", view);
}

void loopback_away(loopback *l)
{
    lb_leaving x = { .s = l->s };
    assert_true(session_stored(l->s));
    session_each_view(l->s, view_left, &x);
    read_back(l, NULL, 0, NULL);
    for (int i = 0; i < x.views.count; i++) {
        lb_view *v = view_by(l, x.views.at[i].view);
        loopback_step(l, &(message){ .kind = MESSAGE_HELLO, .view = v->token, .path = v->path, .query = v->query, .epoch = x.views.at[i].epoch,
                                     .frame = x.views.at[i].frame, .again = true });
    }
    list_done(&x.views);
}

void loopback_crash(loopback *l, const char *view, uint64_t n, const char *path)
{
    for (int i = 0; i < l->views.count; i++)
        l->views.at[i]->here = false;
    read_back(l, view, n, path);
}

static void read_back(loopback *l, const char *view, uint64_t n, const char *path)
{
    actions out = { 0 };
    session_free(l->s);
    drop_work(l);
    l->s = session_start(l);
    for (int i = 0; i < l->store.count; i++) {
        char *exact = mem_copy(l->store.at[i].data, l->store.at[i].count);      /* so that a read behind its end is seen */
        assert_true(session_part(l->s, l->store.at[i].name, exact, l->store.at[i].count));
        mem_free(exact);
    }
    if (path) {
        char event[64] = "";
        if (n)
            snprintf(event, sizeof event, "%s.%llu", view, (unsigned long long)n);
        session_crashed(l->s, &(session_crash){ path, event, "The page crashed.", false });
    }
    session_loaded(l->s, l->now, &out);
    for (int i = 0; i < out.list.count; i++)
        take_action(l, &out.list.at[i]);
    actions_done(&out);
}

void loopback_answer(loopback *l, uint64_t id, const char *words)
{
    chat_message *m = NULL;
    chat_of(l->s, id, &m);
    answer_news n = { .id = id, .kind = ANSWER_TOKENS, .bytes = words, .count = strlen(words), .offset = m ? m->count : 0, .tokens = 1 };
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
}

void loopback_answer_done(loopback *l, uint64_t id, ez_message_state state)
{
    answer_news n = { .id = id, .kind = ANSWER_DONE, .state = state, .tokens = 3, .seconds = 1.5, .first_token = 0.5,
                      .code = state == EZ_MESSAGE_FAILED ? EZ_FAILED : EZ_OK, .error = state == EZ_MESSAGE_FAILED ? "the engine fell over" : NULL };
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
}

/* ---- looking ------------------------------------------------------------------------------------------------------------ */

static uint64_t id_before(const char *page, const char *at)
{
    for (; at > page; at--) {
        uint64_t id;
        if (!strncmp(at, " id=\"", 5) && at[5 + ID_CHARS] == '"' && id_read(at + 5, ID_CHARS, &id))
            return id;
    }
    return 0;
}

static void print_page(loopback *l, const char *path, text *out)
{
    session_page p;
    if (!session_print(l->s, path, &p))
        return;
    for (int i = 0; i < ROOT_PLACES; i++)
        text_printf(out, "[%d]%s", i, p.places[i].at ? p.places[i].at : "");
    session_page_done(&p);
}

uint64_t loopback_id(loopback *l, const char *what)
{
    text page = { 0 };
    char mark[140];
    uint64_t id = 0;
    if (!strcmp(what, "root"))
        return tree_root_id();
    for (int i = 0; i < COUNT(l->pages) && l->pages[i].path; i++)
        print_page(l, l->pages[i].path, &page);
    for (int i = 0; i < 3 && !id; i++) {
        snprintf(mark, sizeof mark, i == 0 ? "ez-key-%s " : i == 1 ? "ez-key-%s\"" : ">%s<", what);
        const char *at = page.at ? strstr(page.at, mark) : NULL;
        if (at)
            id = id_before(page.at, at);
    }
    if (!id)
        fail_msg("no node has the key or text \"%s\" in %s", what, page.at);
    text_done(&page);
    return id;
}

const char *loopback_value(loopback *l, const char *key)
{
    static text json;
    const value *v = values_find(&l->s->values, loopback_id(l, key));
    text_clear(&json);
    text_puts(&json, "");
    if (v) value_json(v, &json);
    else text_puts(&json, "-");
    return json.at;
}

bool loopback_sees(const lb_view *v, const char *words)
{
    text page = { 0 };
    dom_page(&v->dom, &page);
    bool found = strstr(page.at, words) != NULL;
    text_done(&page);
    return found;
}

void loopback_same(loopback *l)
{
    for (int i = 0; i < l->views.count; i++) {
        lb_view *v = l->views.at[i];
        text page = { 0 }, shown = { 0 }, a = { 0 }, b = { 0 };
        char path[160];
        if (!v->here)
            continue;
        snprintf(path, sizeof path, "%s%s%s", v->path, *v->query ? "?" : "", v->query);
        print_page(l, path, &page);
        dom_page(&v->dom, &shown);
        dom_plain(page.at, &a);
        dom_plain(shown.at, &b);
        if (strcmp(a.at, b.at)) {
            size_t same = 0;
            while (a.at[same] == b.at[same]) same++;
            fail_msg("view %.3s, frame %llu, differs at %zu: it shows\n  %.300s\nand the page is\n  %.300s", v->token, (unsigned long long)v->frame, same, b.at + same, a.at + same);
        }
        text_done(&page);
        text_done(&shown);
        text_done(&a);
        text_done(&b);
    }
}
