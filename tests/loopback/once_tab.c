/* once_tab.c: a tab of the world of once.h: numbered events that it keeps until they are settled, values that wait and merge, frames, and
 * coming back after every loss. It does what web/core/channel.ts, queue.ts and values.ts do, in their words. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "once.h"
#include "session/inside.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events that follow of themselves: of what waits while values are under way, and the last rerun. */
enum { SPARE = 3 };

void tab_new(int t, int view)
{
    tab *b = &w->tab[t];
    b->view = view;
    b->n = 0;
    b->process = -1;
    b->live = b->dead = b->greeted = false;
}

static void queues_drop(tab *b)
{
    for (int i = 0; i < b->down.count; i++) mem_free(b->down.at[i]);
    list_done(&b->down);
    list_done(&b->up);
}

void tab_free(tab *b)
{
    queues_drop(b);
    list_done(&b->waiting);
    dom_done(&b->dom);
}

/* ---- the line -------------------------------------------------------------------------------------------------------------------- */

static void line_send(tab *b, const once_event *e)
{
    if (!b->live) return;
    up *u = list_add(&b->up);
    u->by = b->view;
    u->event = *e;
}

/* Every event of the view up to this one is settled: its first that waits comes after it. */
static uint64_t settled_of(const tab *b, int view, uint64_t last)
{
    for (int i = 0; i < b->waiting.count; i++)
        if (b->waiting.at[i].view == view && b->waiting.at[i].n <= last) last = b->waiting.at[i].n - 1;
    return last;
}

void tab_connects(int t, int p)
{
    tab *b = &w->tab[t];
    if (b->process >= 0 || b->loading) return;
    say("tab %d connects to process %d", t, p);
    b->process = p;
    b->dead = b->live = b->greeted = false;
    up *u = list_add(&b->up);
    u->hello = true;
    u->by = b->view;
    u->epoch = b->epoch;
    u->frame = b->frame;
    for (int v = 0; v < VIEWS; v++) u->settled[v] = settled_of(b, v, v == b->view ? b->n : NO_EVENT);
}

/* Of one view's events any may be lost: the server sees a hole. Between views there are no numbers, so what follows a lost event of an older view is lost, too. */
static void some_come_late(const tab *b)
{
    for (int i = 0; i < b->up.count; i++) {
        const up *u = &b->up.at[i];
        if (u->hello) continue;
        if (w->late.count < 8 && pick(2)) *list_add(&w->late) = *u;
        else if (u->event.view != b->view) return;
    }
}

void tab_loses(int t, bool noticed)
{
    tab *b = &w->tab[t];
    if (b->process < 0) return;
    say("tab %d loses its line%s", t, noticed ? "" : ", which its process does not see");
    some_come_late(b);
    queues_drop(b);
    if (noticed && !b->dead) process_step(b->process, &(message){ .kind = MESSAGE_LOST, .view = view_token(b->view) });
    b->process = -1;
    b->live = b->slow = b->dead = b->greeted = false;
}

/* A message comes to a process. Late ones count only while their view is connected there, as in app/routes.c. */
void up_arrives(const up *u, int p)
{
    const once_event *e = &u->event;
    event_value values[FIELDS];
    char json[FIELDS][16];
    if (u->hello) {
        event_mark marks[VIEWS] = { { view_token(u->by), u->settled[u->by] } };
        int count = 1;
        for (int v = 0; v < VIEWS; v++)
            if (v != u->by && u->settled[v] != NO_EVENT) marks[count++] = (event_mark){ view_token(v), u->settled[v] };
        process_session(p);
        process_step(p, &(message){ .kind = MESSAGE_HELLO, .view = view_token(u->by), .path = "/", .query = "", .epoch = u->epoch, .frame = u->frame, .marks = marks, .mark_count = count });
        return;
    }
    for (int i = 0; i < e->count; i++) {
        snprintf(json[i], sizeof json[i], "\"%s\"", e->values[i].text);
        values[i] = (event_value){ once_key(once_fields[e->values[i].field]), json[i], e->values[i].rev };
    }
    if (e->signal && w->process[p].s) {        /* Stop: what goes on may end without all its effects */
        const process *at = &w->process[p];
        for (int i = -1; i < at->jobs.count; i++) {
            const run *r = i < 0 ? at->s->running : at->jobs.at[i].run;
            const char *dot = r ? strchr(r->event_id, '.') : NULL;
            if (dot) w->facts[r->event_id[1] - '0'][atoi(dot + 1)].stopped = true;
        }
        for (int i = 0; i < at->s->running_events.count; i++)
            w->facts[at->s->running_events.at[i].of->name[1] - '0'][at->s->running_events.at[i].n].stopped = true;
    }
    process_step(p, &(message){ .kind = MESSAGE_EVENT, .view = view_token(u->by), .of = e->view != u->by ? view_token(e->view) : NULL, .n = e->n, .frame = e->frame,
        .signal = e->signal, .values = values, .value_count = e->count, .node = e->node, .type = e->node ? e->type : NULL, .json = e->node ? e->json : NULL });
}

bool tab_delivers(int t)
{
    tab *b = &w->tab[t];
    if (b->process < 0 || b->dead || !b->up.count) return false;
    up u = b->up.at[0];
    list_remove(&b->up, 0);
    say("process %d gets %s %llu of view %d from tab %d", b->process, u.hello ? "hello" : "event", (unsigned long long)u.event.n, u.hello ? u.by : u.event.view, t);
    if (u.hello) b->greeted = true;
    up_arrives(&u, b->process);
    return true;
}

void tab_hears(int view, int p, const text *m)
{
    for (int i = 0; i < w->tabs; i++)
        if (w->tab[i].view == view && w->tab[i].process == p && w->tab[i].greeted) *list_add(&w->tab[i].down) = mem_copy(m->at, m->count + 1);
}

/* ---- the page comes ---------------------------------------------------------------------------------------------------------------- */

static const char *kept_text(const session *s, int field)
{
    const value *v = values_find(&s->values, once_key(once_fields[field]));
    return v && v->kind == VALUE_TEXT ? v->text : "";
}

void tab_reloads(int t, int p)
{
    tab *b = &w->tab[t];
    if (w->views == VIEWS) return;
    tab_loses(t, true);
    say("tab %d is loaded again, as view %d", t, w->views);
    tab_new(t, w->views++);
    b->loading = true;
    process_session(p);
    process_step(p, &(message){ .kind = MESSAGE_GET, .view = view_token(b->view), .path = "/", .query = "", .request = (uint64_t)b->view });
}

void tab_duplicates(int from, int p)
{
    int t = w->tabs;
    tab *of = &w->tab[from], *b = &w->tab[t];
    if (t == TABS || of->loading || w->views == VIEWS) return;
    w->tabs++;
    for (int i = 0; i < of->waiting.count; i++) *list_add(&b->waiting) = of->waiting.at[i];
    tab_reloads(t, p);
}

/* The document is made from the page that the process would print. */
void tab_loaded(int p, int view)
{
    for (int t = 0; t < w->tabs; t++) {
        tab *b = &w->tab[t];
        if (b->view != view || !b->loading) continue;
        session *s = w->process[p].s;
        session_page printed;
        text ops = { 0 };
        tree_resolver r = resolver(s);
        if (!session_print(s, "/", &printed)) broken("there is no page to print");
        dom_done(&b->dom);
        tree_whole(page_of(s, "/")->now, &r, &ops);
        if (!dom_apply(&b->dom, ops.at)) broken("a page that was loaded: %s", b->dom.error);
        b->frame = printed.frame;
        b->epoch = b->server = session_epoch(s);
        b->busy = printed.busy;
        b->loading = b->warned = false;
        for (int i = 0; i < FIELDS; i++) {
            edit *e = &b->fields[i];
            snprintf(e->shown, sizeof e->shown, "%s", e->waits ? e->text : kept_text(s, i));
            e->local = e->rev = e->waits;
        }
        session_page_done(&printed);
        text_done(&ops);
    }
}

/* ---- what it hears ------------------------------------------------------------------------------------------------------------------ */

static bool values_under_way(const tab *b)
{
    for (int i = 0; i < b->waiting.count; i++)
        if (!b->waiting.at[i].node) return true;
    return false;
}

/* The newest value of the field that was sent, is not settled, and is a later edit than this one; NULL. */
static const char *in_flight(const tab *b, int field, uint32_t rev)
{
    for (int i = b->waiting.count - 1; i >= 0; i--)
        for (int j = 0; j < b->waiting.at[i].count; j++)
            if (b->waiting.at[i].values[j].field == field && b->waiting.at[i].values[j].rev > rev) return b->waiting.at[i].values[j].text;
    return NULL;
}

static void take_edits(tab *b, once_event *e, bool form)
{
    for (int i = 0; i < FIELDS; i++) {
        edit *x = &b->fields[i];
        if (!x->waits || (i == IN_FORM && !form)) continue;
        e->values[e->count].field = i;
        e->values[e->count].rev = x->rev;
        snprintf(e->values[e->count++].text, sizeof x->text, "%s", x->text);
        x->waits = false;
    }
}

/* Gives it its number, and keeps it. */
static void post(tab *b, once_event *e, fact f)
{
    e->view = b->view;
    e->n = ++b->n;
    e->frame = b->frame;
    f.made = true;
    f.tab = (int)(b - w->tab);
    for (int i = 0; i < OWN_FIELDS; i++) f.typed[i] = w->tab[i].typed;
    w->facts[e->view][e->n] = f;
    *list_add(&b->waiting) = *e;
    line_send(b, e);
}

static void commit_values(tab *b)
{
    once_event e = { 0 };
    if (values_under_way(b) || b->loading || b->n + 1 >= EVENTS) return;
    take_edits(b, &e, false);
    if (e.count) post(b, &e, (fact){ .what = e.values[0].field == SHARED ? TYPE_SHARED : TYPE });
}

static void settled(tab *b, int view, uint64_t n, bool refused)
{
    bool any = false;
    for (int i = b->waiting.count - 1; i >= 0; i--) {
        once_event e = b->waiting.at[i];
        if (e.view != view || (refused ? e.n != n : e.n > n)) continue;
        any = true;
        edit *in_form = &b->fields[IN_FORM];
        if (e.clears && !refused && !in_form->waits) snprintf(in_form->shown, sizeof in_form->shown, "%s", "");
        list_remove(&b->waiting, i);
    }
    if (any) commit_values(b);
}

static void server_value(tab *b, const cJSON *op)
{
    uint64_t id;
    const char *name = cJSON_GetArrayItem(op, 1)->valuestring, *text = cJSON_GetStringValue(cJSON_GetArrayItem(op, 2));
    uint32_t rev = (uint32_t)cJSON_GetArrayItem(op, 3)->valuedouble;
    if (!id_read(name, strlen(name), &id)) broken("no id: %s", name);
    for (int i = 0; i < FIELDS; i++) {
        edit *e = &b->fields[i];
        if (once_key(once_fields[i]) != id) continue;
        const char *newer = e->local > rev ? in_flight(b, i, rev) : NULL;
        if (rev > e->local) e->local = rev;
        if (!e->waits) snprintf(e->shown, sizeof e->shown, "%s", newer ? newer : text ? text : "");
    }
}

static void show(tab *b, const cJSON *o, const cJSON *ops)
{
    bool whole = cJSON_GetObjectItemCaseSensitive(o, "whole") != NULL;
    uint64_t f = (uint64_t)cJSON_GetObjectItemCaseSensitive(o, "f")->valuedouble;
    const cJSON *op;
    if (!b->fresh && !whole && f <= b->frame) return;
    if (!dom_apply_list(&b->dom, ops)) broken("tab %d, frame %llu: %s", (int)(b - w->tab), (unsigned long long)f, b->dom.error);
    cJSON_ArrayForEach(op, ops) {
        if (!strcmp(op->child->valuestring, "v")) server_value(b, op);
    }
    b->frame = f;
    b->epoch = b->server;
    b->fresh = false;
}

static int view_named(const cJSON *of, int other)
{
    return of ? of->valuestring[1] - '0' : other;
}

static void reads(tab *b, const char *json)
{
    cJSON *o = cJSON_Parse(json);
    if (!o) broken("what a tab hears is no JSON: %s", json);
    const cJSON *hi = cJSON_GetObjectItemCaseSensitive(o, "hi"), *ops = cJSON_GetObjectItemCaseSensitive(o, "o"), *no = cJSON_GetObjectItemCaseSensitive(o, "no");
    const cJSON *a = cJSON_GetObjectItemCaseSensitive(o, "a"), *busy = cJSON_GetObjectItemCaseSensitive(o, "busy"), *warns = cJSON_GetObjectItemCaseSensitive(o, "w");
    int about = view_named(cJSON_GetObjectItemCaseSensitive(o, "of"), b->view);
    if (hi) {
        b->server = (uint32_t)cJSON_GetObjectItemCaseSensitive(hi, "epoch")->valuedouble;
        b->epoch = cJSON_GetObjectItemCaseSensitive(hi, "frame")->valuedouble < 0 ? 0 : b->server;
        b->live = b->fresh = true;
    }
    if (ops) show(b, o, ops);
    if (no) settled(b, about, (uint64_t)cJSON_GetArrayItem(no, 0)->valuedouble, true);
    if (a) settled(b, about, (uint64_t)a->valuedouble, false);
    for (int i = 0; hi && i < b->waiting.count; i++) line_send(b, &b->waiting.at[i]);
    if (busy) b->busy = busy->valueint;
    if (warns) b->warned = !cJSON_IsNull(warns);
    cJSON_Delete(o);
}

bool tab_reads(int t)
{
    tab *b = &w->tab[t];
    if (!b->down.count) {
        if (b->dead) tab_loses(t, false);
        return false;
    }
    char *json = b->down.at[0];
    list_remove(&b->down, 0);
    say("tab %d hears %.200s", t, json);
    reads(b, json);
    mem_free(json);
    return true;
}

/* ---- what its visitor does -------------------------------------------------------------------------------------------------------------- */

static uint64_t node_with(const tab *b, const char *words)
{
    uint64_t id;
    for (int i = 0; i < b->dom.nodes.count; i++)
        if (strstr(b->dom.nodes.at[i].html, words) && id_read(b->dom.nodes.at[i].id, ID_CHARS, &id)) return id;
    return 0;
}

static int rows(const tab *b)
{
    int count = 0;
    for (int i = 0; i < b->dom.nodes.count; i++) count += strstr(b->dom.nodes.at[i].html, ">Row<") != NULL;
    return count;
}

static void types(int t, int field, const char *text)
{
    edit *e = &w->tab[t].fields[field];
    e->rev = ++e->local;
    e->waits = true;
    snprintf(e->text, sizeof e->text, "%s", text);
    snprintf(e->shown, sizeof e->shown, "%s", text);
}

static const struct { const char *key, *type; } triggers[DEEDS] = {
    [ADD] = { "add", "click" }, [JOB] = { "job", "click" }, [FORM] = { "form", "submit" }, [SAY] = { "say", "submit" }, [CLEAR] = { "clear", "click" },
};

void tab_acts(int t, deed what)
{
    tab *b = &w->tab[t];
    char words[12];
    bool found = what == ROW || what == AGAIN || what == FRAGMENT;
    uint64_t node = what == ROW ? node_with(b, ">Row<") : what == AGAIN ? node_with(b, "data-ez-message") : what == FRAGMENT ? node_with(b, ">Inner<") : 0;
    if (b->loading || b->n + SPARE >= EVENTS || (found && !node)) return;
    if (what == TYPE || what == TYPE_SHARED || what == FORM || !pick(4)) {
        int field = what == TYPE_SHARED ? SHARED : what == FORM ? IN_FORM : t;
        snprintf(words, sizeof words, "%d", field == t ? ++b->typed : 100 * b->view + (int)b->n + 1);
        types(t, field, words);
        say("tab %d types %s into %s", t, words, once_fields[field]);
    }
    if (what == TYPE || what == TYPE_SHARED) {
        commit_values(b);
        return;
    }
    once_event e = { .signal = what == STOP, .json = "null" };
    e.node = what == STOP ? tree_root_id() : node ? node : once_key(triggers[what].key);
    snprintf(e.type, sizeof e.type, "%s", what == STOP ? "stop" : what == AGAIN ? "regenerate" : what == ROW || what == FRAGMENT ? "click" : triggers[what].type);
    if (what == SAY) snprintf(e.json, sizeof e.json, "\"s%d.%d\"", b->view, (int)b->n + 1);
    if (what != STOP) take_edits(b, &e, what == FORM);
    e.clears = what == FORM;
    say("tab %d does %s (%s) as event %d of view %d", t, deed_names[what], e.type, (int)b->n + 1, b->view);
    post(b, &e, (fact){ .what = what, .rows = rows(b) });
}
