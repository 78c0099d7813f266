/* outcome.c: what a run or a job did becomes what the session keeps and shows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void tell_value(session *s, shown *page, view *but, uint64_t id, const value *v)
{
    char name[ID_CHARS + 1];
    text ops = { 0 };
    bool others = false;
    for (int i = 0; i < s->views.count; i++)
        others = others || (s->views.at[i] != but && s->views.at[i]->here && s->views.at[i]->page == page);
    if (!others)
        return;
    id_print(id, name);
    text_printf(&ops, "[\"v\",\"%s\",", name);
    value_json(v, &ops);
    text_printf(&ops, ",%u]", v->rev);
    frame_emit_but(s, page, ops.at, ops.count, but);
    text_done(&ops);
}

static void put_shown(session *s, shown *page, const run_put *p, int node)
{
    value *v = values_find(&s->values, p->id);
    if (p->kind == VALUE_NONE) {
        values_remove(&s->values, p->id);
        return;
    }
    text t = { 0 };
    if (p->append) {
        if (v && v->kind == VALUE_SHOWN) text_puts(&t, v->text);
        else if (node >= 0) tree_spot(page->now, node, &t);
    }
    if (p->text) text_puts(&t, p->text);
    else if (p->kind == VALUE_BOOL) text_puts(&t, p->number != 0 ? "true" : "false");
    else text_number(&t, p->number);
    v = values_at(&s->values, p->id);
    value_set_text(v, VALUE_SHOWN, t.at ? t.at : "");
    v->written = 0;
    v->keyed = 1;
    v->page = page->scope;
    if (node >= 0 && page->now->html) {
        tree *next = tree_with_spot(page->now, node, v->text);
        bool same = page->settled == page->now;
        if (p->append && !(page->now->nodes[node].flags & NODE_SPOT_MD)) {
            char name[ID_CHARS + 1];
            text ops = { 0 };
            id_print(p->id, name);
            text_printf(&ops, "[\"t\",\"%s\",", name);
            text_json_wire(&ops, p->text, strlen(p->text));
            text_puts(&ops, "]");
            frame_emit(s, page, ops.at, ops.count);
            text_done(&ops);
            tree_drop(page->now);
            page->now = next;
        } else {
            show_tree(s, page, next);
        }
        if (same) {
            tree_drop(page->settled);
            page->settled = tree_hold(page->now);
        }
        page->unsaved = true;
    }
    text_done(&t);
}

static void put_value(session *s, shown *page, const run_put *p, bool from_job)
{
    value *v = values_at(&s->values, p->id);
    tree_control *c = tree_control_of(page->now, p->id);
    if (p->append && v->kind == VALUE_TEXT) {
        char *joined = mem_alloc(strlen(v->text) + strlen(p->text) + 1);
        strcat(strcpy(joined, v->text), p->text);
        value_set_text(v, VALUE_TEXT, joined);
        mem_free(joined);
    } else if (p->text) {
        value_set_text(v, p->kind, p->text);
    } else if (c && c->kind == CONTROL_TEXT && p->kind == VALUE_NUMBER) {
        char shown[40];
        snprintf(shown, sizeof shown, "%.15g", p->number);
        value_set_text(v, VALUE_TEXT, shown);
    } else {
        value_set_number(v, p->kind, p->number);
    }
    v->keyed = 1;
    v->page = page->scope;
    /* A run's frame carries its values; a job's go out at once. */
    if (from_job && c && c->told != value_hash(v)) {
        c->told = value_hash(v);
        tell_value(s, page, NULL, p->id, v);
    }
}

void apply_puts(session *s, shown *page, const run_put *puts, int count, bool job)
{
    for (int i = 0; i < count; i++) {
        const run_put *p = &puts[i];
        int node = tree_find(page->now, p->id);
        bool spot = node >= 0 && (page->now->nodes[node].flags & NODE_SPOT) && page->now->nodes[node].control < 0;
        if (p->kind == VALUE_NONE || (job && spot) || p->kind == VALUE_SHOWN)
            put_shown(s, page, p, p->kind == VALUE_SHOWN ? -1 : node);
        else
            put_value(s, page, p, job);
        s->unsaved_values = true;
    }
}

void take_states(session *s, run *r, bool changed_only)
{
    for (int i = 0; i < r->states.list.count; i++) {
        state *x = &r->states.list.at[i];
        state *mine = states_find(&s->states, x->name);
        uint64_t hash = state_hash(x);
        if (changed_only && hash == x->saved)
            continue;
        if (mine && state_hash(mine) == hash)
            continue;
        mine = states_at(&s->states, x->name);
        mem_free(mine->shape);
        mem_free(mine->data);
        mine->shape = mem_text(x->shape);
        mine->data = mem_copy(x->data, x->size);
        mine->size = x->size;
    }
}

/* What was said joins the session's conversations, at the place where the run put it; what was asked goes to the engine. */
void take_said(session *s, run *r, uint64_t job)
{
    for (int i = 0; i < r->said.count; i++) {
        const run_said *x = &r->said.at[i];
        conversation *c = session_chat(s, x->key);
        chat_message *m = conversation_find(c, x->message->id);
        if (m)
            continue;                       /* the same event was taken before */
        m = conversation_add(c, x->message->id, x->message->parent, x->message->role, x->message->text, x->message->ask);
        m->state = x->message->state;
        if (x->asked)
            answer_begin(s, c, m, job);
    }
}

/* An unkeyed value lives as long as its page calls its control. */
static void forget_uncalled(session *s, shown *page, run *r)
{
    for (int i = s->values.list.count - 1; i >= 0; i--) {
        const value *v = &s->values.list.at[i];
        if (v->keyed || v->page != page->scope)
            continue;
        int low = 0, high = r->called.count;
        while (low < high) {
            int middle = (low + high) / 2;
            if (r->called.at[middle] < v->id) low = middle + 1;
            else high = middle;
        }
        if (low == r->called.count || r->called.at[low] != v->id) {
            values_remove(&s->values, v->id);
            s->unsaved_values = true;
        }
    }
}

static void take_calls(session *s, shown *page, run *r)
{
    text ops = { 0 };
    bool only_config = true;
    for (int i = 0; i < r->calls.count; i++) {
        const run_call *c = &r->calls.at[i];
        bool config = !c->node && !strcmp(c->method, "config");
        only_config = only_config && config;
        if (ops.count)
            text_putc(&ops, ',');
        call_op(&ops, c->node, c->method, c->json);
        if (config) {
            text_clear(&page->calls);
            call_op(&page->calls, c->node, c->method, c->json);
        }
    }
    if (ops.count && hash_bytes(ops.at, ops.count) != page->calls_hash)
        frame_emit(s, page, ops.at, ops.count);
    /* What configures the page is told again only when it changes; what happens once (a toast) is told each time. */
    page->calls_hash = only_config && ops.count ? hash_bytes(ops.at, ops.count) : 0;
    text_done(&ops);
}

static void show_failure(session *s, shown *page, run *r)
{
    if (!r->failed || !r->failure)
        return;
    text ops = { 0 }, json = { 0 };
    text_puts(&json, "{\"kind\":\"bad\",\"text\":");
    text_json_wire(&json, r->failure, strlen(r->failure));
    text_puts(&json, "}");
    call_op(&ops, 0, "toast", json.at);
    frame_emit(s, page, ops.at, ops.count);
    text_done(&ops);
    text_done(&json);
}

static void take_bindings(session *s, shown *page, run *r)
{
    if (r->kind == RUN_PAGE) {
        bindings_done(&page->bindings);
        page->bindings = r->bindings;
        memset(&r->bindings, 0, sizeof r->bindings);
        fragments_done(&page->fragments);
        page->fragments = r->fragments;
        memset(&r->fragments, 0, sizeof r->fragments);
        list_done(&page->fragment_due);
        for (int i = 0; i < page->fragments.list.count; i++) {
            double every = page->fragments.list.at[i].run_every;
            *list_add(&page->fragment_due) = every > 0 ? s->now + (int64_t)(every * 1000) : 0;
        }
    } else {
        bindings_copy(&page->bindings, &r->bindings);
    }
}

/* The clear_on_submit form whose submit caused this run: its controls go back to what they were at first. */
static void clear_submitted(session *s, shown *page, const run_event *event)
{
    int form = event->id && !strcmp(event->type, "submit") ? tree_find(page->now, event->id) : -1;
    if (form < 0 || !(page->now->nodes[form].flags & NODE_CLEARS))
        return;
    for (int i = 0; i < page->now->control_count; i++)
        if (page->now->controls[i].form == event->id)
            values_remove(&s->values, page->now->controls[i].id);
    s->unsaved_values = true;
    rerun_page(s, page);
}

void take_run(session *s, shown *page, run *r)
{
    tree *t = run_peek(r, true, s->frame + 1);
    apply_puts(s, page, r->puts.at, r->puts.count, false);
    take_states(s, r, false);
    take_said(s, r, 0);
    if (r->kind == RUN_PAGE && !r->stopped)
        forget_uncalled(s, page, r);
    fix_told(s, t);
    take_bindings(s, page, r);
    show_tree(s, page, t);
    tree_drop(page->settled);
    page->settled = tree_hold(page->now);
    take_calls(s, page, r);
    show_failure(s, page, r);
    page->ran = true;
    page->unsaved = true;
    mem_free(page->notice);
    page->notice = NULL;
    if (r->rerun || r->again)
        rerun_page(s, page);
    clear_submitted(s, page, &r->event);
}

/* Stopped by the visitor: what it has shown stays, what it has kept counts. */
void take_stopped_run(session *s, shown *page, run *r)
{
    tree *t = run_peek(r, false, s->frame + 1);
    apply_puts(s, page, r->puts.at, r->puts.count, false);
    take_states(s, r, false);
    take_said(s, r, 0);
    fix_told(s, t);
    show_tree(s, page, t);
    tree_drop(page->settled);
    page->settled = tree_hold(page->now);
    page->unsaved = page->ran = true;
}
