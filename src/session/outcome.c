/* outcome.c: what a run or a job did becomes what the session keeps and shows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A view that is away hears of it, too, when it comes back: the frame is kept for it. */
void tell_value(session *s, shown *page, view *but, uint64_t id, const value *v)
{
    char name[ID_CHARS + 1];
    text ops = { 0 };
    id_print(id, name);
    bool others = frame_tells_value(page, name);          /* who comes back and hears the older one must hear this one after it */
    for (int i = 0; i < s->views.count; i++)
        others = others || (s->views.at[i] != but && s->views.at[i]->page == page);
    if (!others)
        return;
    text_printf(&ops, "[\"v\",\"%s\",", name);
    value_json(v, &ops);
    text_printf(&ops, ",%u]", v->rev);
    frame_emit_but(s, page, ops.at, ops.count, but);
    text_done(&ops);
}

/* The page shows other words in the spot of this node, added to what stands there when `added` is given. */
static void show_spot(session *s, shown *page, int node, const char *words, const char *added)
{
    tree *next = tree_with_spot(page->now, node, words);
    bool same = page->settled == page->now;
    if (added && tree_spot_grows(page->now, node)) {
        char name[ID_CHARS + 1];
        text ops = { 0 };
        id_print(page->now->nodes[node].id, name);
        text_printf(&ops, "[\"t\",\"%s\",", name);
        text_json_wire(&ops, added, strlen(added));
        text_puts(&ops, "]");
        tree_drop(page->now);
        page->now = next;
        frame_emit(s, page, ops.at, ops.count);
        text_done(&ops);
    } else {
        show_tree(s, page, next);
    }
    if (same)
        page_settled(page);
    page->unsaved = true;
}

static void put_shown(session *s, shown *page, const run_put *p, int node)
{
    value *v = values_find(&s->values, p->id);
    text t = { 0 }, given = { 0 };
    if (p->kind == VALUE_NONE) {
        values_remove(&s->values, p->id);
        return;
    }
    if (node >= 0)
        tree_given(page->now, node, &given);
    if (p->append) {
        if (v && v->kind == VALUE_SHOWN) text_puts(&t, v->text);
        else text_add(&t, given.at, given.count);
    }
    if (p->text) text_puts(&t, p->text);
    else if (p->kind == VALUE_BOOL) text_puts(&t, p->number != 0 ? "true" : "false");
    else text_number(&t, p->number);
    v = values_at(&s->values, p->id);
    value_set_text(v, VALUE_SHOWN, t.at ? t.at : "");
    v->written = node >= 0 && page->now->html ? hash_text(given.at) : 0;
    v->keyed = 1;
    v->page = page->scope;
    if (node >= 0 && page->now->html)
        show_spot(s, page, node, v->text, p->append ? p->text : NULL);
    if (s->running && s->running_page == page)
        *list_add(&s->put_meanwhile) = p->id;
    text_done(&given);
    text_done(&t);
}

static void join_text(value *v, const char *more)
{
    char *joined = mem_alloc(strlen(v->text) + strlen(more) + 1);
    strcat(strcpy(joined, v->text), more);
    value_set_text(v, VALUE_TEXT, joined);
    mem_free(joined);
}

static void put_value(session *s, shown *page, const run_put *p, bool from_job)
{
    value *v = values_at(&s->values, p->id);
    tree_control *c = tree_control_of(page->now, p->id);
    if (p->append && v->kind == VALUE_NONE && c && page->now->html)
        value_from_json(v, page->now->html + c->value, c->value_count);
    if (p->append && v->kind == VALUE_TEXT) {
        join_text(v, p->text);
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

/* The node of this id when it is a spot and no control; else -1. */
static int spot_of(const tree *t, uint64_t id)
{
    int i = tree_find(t, id);
    return i >= 0 && (t->nodes[i].flags & NODE_SPOT) && t->nodes[i].control < 0 ? i : -1;
}

void apply_puts(session *s, shown *page, const run_put *puts, int count)
{
    for (int i = 0; i < count; i++) {
        const run_put *p = &puts[i];
        int spot = spot_of(page->now, p->id);
        if (p->kind == VALUE_NONE || p->kind == VALUE_SHOWN || spot >= 0) put_shown(s, page, p, p->kind == VALUE_SHOWN ? -1 : spot);
        else put_value(s, page, p, true);
        s->unsaved_values = true;
    }
}

/* A run's own: values go out with its frame, words for its elements after it. t: what the run shows; NULL once that is the page, which each word replaces. */
static void take_puts(session *s, shown *page, const tree *t, const run *r, bool words)
{
    for (int i = 0; i < r->puts.count; i++) {
        const run_put *p = &r->puts.at[i];
        bool is_word = p->kind != VALUE_NONE && p->kind != VALUE_SHOWN && spot_of(t ? t : page->now, p->id) >= 0;
        if (is_word != words)
            continue;
        if (words) put_shown(s, page, p, spot_of(page->now, p->id));
        else if (p->kind == VALUE_NONE || p->kind == VALUE_SHOWN) put_shown(s, page, p, -1);
        else put_value(s, page, p, false);
        s->unsaved_values = true;
    }
}

/* What jobs wrote into elements since the run began: the run could not know of it. Where the page gives something else now, its
 * word is the newest. */
tree *with_words(session *s, tree *t)
{
    for (int i = 0; i < s->put_meanwhile.count; i++) {
        int at = spot_of(t, s->put_meanwhile.at[i]);
        value *v = at >= 0 ? values_find(&s->values, s->put_meanwhile.at[i]) : NULL;
        if (!v || v->kind != VALUE_SHOWN)
            continue;
        if (v->written && v->written != hash_bytes(t->html + t->nodes[at].given, t->nodes[at].given_count)) {
            values_remove(&s->values, s->put_meanwhile.at[i]);
            continue;
        }
        tree *next = tree_with_spot(t, at, v->text);
        tree_drop(t);
        t = next;
    }
    return t;
}

/* A run that found words without an owner took them for its element. */
static void take_written(session *s, const run *r)
{
    for (int i = 0; i < r->values.list.count; i++) {
        const value *x = &r->values.list.at[i];
        value *v = x->kind == VALUE_SHOWN && x->written ? values_find(&s->values, x->id) : NULL;
        if (v && v->kind == VALUE_SHOWN && !v->written) {
            v->written = x->written;
            s->unsaved_values = true;
        }
    }
}

void take_states(session *s, run *r, bool changed_only) { states_take(&s->states, &r->states, changed_only); }

/* What was said joins the session's conversations, at the place where the run put it; what was asked goes to the engine. */
void take_said(session *s, run *r, uint64_t job)
{
    for (int i = 0; i < r->said.count; i++) {
        const run_said *x = &r->said.at[i];
        conversation *c = session_chat(s, x->key);
        chat_message *m = conversation_find(c, x->message->id);
        if (m)
            continue;                       /* the same event was taken before */
        if (x->message->parent && !conversation_find(c, x->message->parent))
            continue;                       /* what it follows was cleared meanwhile */
        m = conversation_add(c, x->message->id, x->message->parent, x->message->role, x->message->text, x->message->ask);
        m->state = x->message->state;
        if (x->asked)
            answer_begin(s, c, m, job);
    }
}

/* Of the same event there is one row, however often its run is made. */
static void take_flags(session *s, run *r)
{
    for (int i = 0; i < r->flags.count; i++) {
        action *a = act(s, ACTION_FLAG);
        a->flag = r->flags.at[i];
        snprintf(a->event, sizeof a->event, "%s.%d", r->event_id, i);
    }
    list_done(&r->flags);
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

void toast(session *s, shown *page, ez_level level, const char *words)
{
    text ops = { 0 }, json = { 0 };
    run_notice(level, words, &json);
    call_op(&ops, 0, "toast", json.at);
    frame_emit(s, page, ops.at, ops.count);
    text_done(&ops);
    text_done(&json);
}

/* Whether the fragment is `top` or stands in it. */
static bool stands_in(const tree *t, uint64_t fragment, uint64_t top)
{
    while (fragment && fragment != top) {
        int i = tree_find(t, fragment), f = i >= 0 ? t->nodes[i].fragment : -1;
        fragment = f >= 0 ? t->nodes[f].id : 0;
    }
    return fragment == top;
}

static bool binds(const bindings *all, const binding *b)
{
    for (int i = 0; i < all->list.count; i++)
        if (all->list.at[i].trigger == b->trigger && !strcmp(all->list.at[i].event, b->event))
            return true;
    return false;
}

/* A fragment binds anew what it bound before, and nothing else. A run that was stopped binds what it came to; what it did not reach stays bound. */
static void replace_bindings(shown *page, run *r, bool stopped)
{
    bindings kept = { 0 };
    int *to = mem_alloc((size_t)(page->bindings.list.count + 1) * sizeof *to);
    for (int i = 0; i < page->bindings.list.count; i++) {
        binding b = page->bindings.list.at[i];
        bool anew = stopped ? b.after < 0 && binds(&r->bindings, &b) : b.fragment && stands_in(r->before, b.fragment, r->fragment_node);
        bool gone = anew || (b.after >= 0 && to[b.after] < 0);
        to[i] = gone ? -1 : kept.list.count;
        b.after = b.after >= 0 ? to[b.after] : -1;
        bindings one = { 0 };
        *list_add(&one.list) = b;
        if (!gone)
            bindings_copy(&kept, &one);
        list_done(&one.list);
    }
    int first = kept.list.count;
    bindings_copy(&kept, &r->bindings);
    for (int i = first; i < kept.list.count; i++)
        if (kept.list.at[i].after >= 0)
            kept.list.at[i].after += first;
    bindings_done(&page->bindings);
    page->bindings = kept;
    mem_free(to);
}

static int fragment_at(const fragments *f, uint64_t node)
{
    for (int i = 0; i < f->list.count; i++)
        if (f->list.at[i].node == node)
            return i;
    return -1;
}

/* So it is with the fragments inside of it. One that was there before keeps its time. */
static void replace_fragments(session *s, shown *page, run *r, bool stopped)
{
    for (int i = page->fragments.list.count - 1; i >= 0 && !stopped; i--) {
        uint64_t node = page->fragments.list.at[i].node;
        if (node == r->fragment_node || !stands_in(r->before, node, r->fragment_node) || fragment_at(&r->fragments, node) >= 0)
            continue;
        mem_free(page->fragments.list.at[i].run_on);
        list_remove(&page->fragments.list, i);
        list_remove(&page->fragment_due, i);
    }
    for (int i = 0; i < r->fragments.list.count; i++) {
        fragment f = r->fragments.list.at[i];
        if (fragment_at(&page->fragments, f.node) >= 0)
            continue;
        f.run_on = mem_text(f.run_on);
        *list_add(&page->fragments.list) = f;
        *list_add(&page->fragment_due) = f.run_every > 0 ? s->now + (int64_t)(f.run_every * 1000) : 0;
    }
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
        replace_bindings(page, r, false);
        replace_fragments(s, page, r, false);
    }
}

/* The control goes back to what it was at first. It keeps its rev, so that what the visitor types meanwhile wins. */
void reset_control(session *s, shown *page, const tree_control *c)
{
    value *v = values_find(&s->values, c->id), initial = { .id = c->id };
    if (!v)
        return;
    if (!page->now->html || !value_from_json(&initial, page->now->html + c->initial, c->initial_count)) {
        values_remove(&s->values, c->id);
    } else {
        initial.rev = v->rev;
        initial.page = page->scope;
        initial.keyed = v->keyed;
        mem_free(v->text);
        *v = initial;
    }
    s->unsaved_values = true;
}

/* The clear_on_submit form that was submitted: its controls go back to what they were at first. */
void clear_submitted(session *s, shown *page, const run_event *event)
{
    int form = event->id && !strcmp(event->type, "submit") ? tree_find(page->now, event->id) : -1;
    if (form < 0 || !(page->now->nodes[form].flags & NODE_CLEARS))
        return;
    for (int i = 0; i < page->now->control_count; i++)
        if (page->now->controls[i].form == event->id)
            reset_control(s, page, &page->now->controls[i]);
    rerun_page(s, page);
}

/* The card of a crash stays above what is shown until somebody goes on who saw it and the whole page runs. */
static tree *with_notice(session *s, shown *page, const run *r, tree *t)
{
    if (r->kind != RUN_PAGE)
        return t;
    if (page->notice && s->running_frame < page->notice_frame) {
        tree *card = tree_with_card(t, page->notice);
        tree_drop(t);
        return card;
    }
    mem_free(page->notice);
    page->notice = NULL;
    return t;
}

void take_run(session *s, shown *page, run *r)
{
    tree *t = run_peek(r, true, s->frame + 1);
    if (r->kind == RUN_PAGE)
        rerun_done(s, page);
    take_puts(s, page, t, r, false);
    take_written(s, r);
    t = with_words(s, t);
    take_states(s, r, false);
    take_said(s, r, 0);
    take_flags(s, r);
    if (r->kind == RUN_PAGE && !r->stopped)
        forget_uncalled(s, page, r);
    fix_told(s, t);
    keep_since(page->now, t);
    t = with_notice(s, page, r, t);
    take_bindings(s, page, r);
    show_tree(s, page, t);
    page_settled(page);
    take_puts(s, page, NULL, r, true);
    take_calls(s, page, r);
    if (r->failed && r->failure)
        toast(s, page, EZ_LEVEL_ERROR, r->failure);
    page->ran = true;
    page->unsaved = true;
    if (r->rerun || r->again)
        rerun_page(s, page);
    clear_submitted(s, page, &r->event);
}

/* Stopped by the visitor: what it has shown stays, what it has kept counts. */
void take_stopped_run(session *s, shown *page, run *r)
{
    tree *t = run_peek(r, false, s->frame + 1);
    take_puts(s, page, t, r, false);
    t = with_words(s, t);
    take_states(s, r, false);
    take_said(s, r, 0);
    fix_told(s, t);
    keep_since(page->now, t);
    replace_bindings(page, r, true);
    replace_fragments(s, page, r, true);
    show_tree(s, page, t);
    page_settled(page);
    take_puts(s, page, NULL, r, true);
    rerun_done(s, page);
    page->unsaved = page->ran = true;
}
