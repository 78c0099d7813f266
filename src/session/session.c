/* session.c: one visitor, from first request to last reconnect. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

session *session_new(const session_program *program, const char *token, const char *visitor, uint32_t epoch)
{
    session *s = mem_alloc(sizeof *s);
    s->program = program;
    s->epoch = epoch;
    snprintf(s->token, sizeof s->token, "%s", token);
    snprintf(s->visitor, sizeof s->visitor, "%s", visitor);
    return s;
}

static void pending_done(pending *p)
{
    mem_free(p->event.text);
    for (int i = 0; i < p->values.count; i++)
        mem_free(p->values.at[i].text);
    list_done(&p->values);
}

void page_free(shown *p)
{
    tree_drop(p->now);
    tree_drop(p->settled);
    bindings_done(&p->bindings);
    fragments_done(&p->fragments);
    list_done(&p->fragment_due);
    for (int i = 0; i < p->ring.count; i++)
        mem_free(p->ring.at[i].text);
    list_done(&p->ring);
    text_done(&p->calls);
    mem_free(p->notice);
    mem_free(p->packed);
    sample_drop(p->packed_by);
    mem_free(p->path);
    mem_free(p);
}

void session_free(session *s)
{
    if (!s)
        return;
    for (int i = 0; i < s->inbox.count; i++)
        pending_done(&s->inbox.at[i]);
    for (int i = 0; i < s->saving.count; i++) {
        list_done(&s->saving.at[i].events);
        list_done(&s->saving.at[i].answers);
    }
    for (int i = 0; i < s->streams.count; i++) {
        markdown_stream_done(&s->streams.at[i]->markdown);
        mem_free(s->streams.at[i]);
    }
    for (int i = 0; i < s->jobs.count; i++) {
        bindings_done(&s->jobs.at[i]->chain);
        mem_free(s->jobs.at[i]);
    }
    for (int i = 0; i < s->views.count; i++)
        view_free(s->views.at[i]);
    for (int i = 0; i < s->pages.count; i++)
        page_free(s->pages.at[i]);
    for (int i = 0; i < s->pages_gone.count; i++)
        mem_free(s->pages_gone.at[i]);
    list_done(&s->pages_gone);
    for (int i = 0; i < s->chats.count; i++)
        conversation_free(s->chats.at[i]);
    values_done(&s->values);
    states_done(&s->states);
    list_done(&s->inbox);
    list_done(&s->saving);
    list_done(&s->gets);
    list_done(&s->streams);
    list_done(&s->jobs);
    list_done(&s->views);
    list_done(&s->pages);
    list_done(&s->chats);
    for (int i = 0; i < s->heads.count; i++) {
        mem_free(s->heads.at[i].key);
        mem_free(s->heads.at[i].json);
    }
    list_done(&s->heads);
    list_done(&s->undone);
    list_done(&s->put_meanwhile);
    list_done(&s->running_events);
    list_done(&s->told_revs);
    list_done(&s->unsettled);
    mem_free(s);
}

void actions_done(actions *a)
{
    for (int i = 0; i < a->list.count; i++) {
        action *x = &a->list.at[i];
        text_done(&x->text);
        for (int j = 0; j < x->parts.count; j++) {
            mem_free(x->parts.at[j].name);
            mem_free(x->parts.at[j].data);
        }
        list_done(&x->parts);
        mem_free(x->lane);
        run_flag_done(&x->flag);
    }
    list_done(&a->list);
}

action *act(session *s, action_kind kind)
{
    action *a = list_add(&s->out->list);
    a->kind = kind;
    return a;
}

shown *page_of(session *s, const char *path)
{
    for (int i = 0; i < s->pages.count; i++)
        if (!strcmp(s->pages.at[i]->path, path)) {
            s->pages.at[i]->used_ms = s->now;
            return s->pages.at[i];
        }
    forget_old_pages(s);
    shown *p = mem_alloc(sizeof *p);
    p->used_ms = s->now;
    p->path = mem_text(path);
    p->scope = run_page_scope(path);
    p->now = tree_new();
    p->settled = tree_hold(p->now);
    *list_add(&s->pages) = p;
    return p;
}

void page_settled(shown *p)
{
    tree_drop(p->settled);
    p->settled = tree_hold(p->now);
    p->settled_frame = p->frame;
}

bool page_watched(const session *s, const shown *p)
{
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->here && s->views.at[i]->page == p)
            return true;
    return false;
}

view *view_of(session *s, const char *name, bool make)
{
    for (int i = 0; i < s->views.count; i++)
        if (!strcmp(s->views.at[i]->name, name))
            return s->views.at[i];
    if (!make)
        return NULL;
    forget_old_views(s);
    view *v = mem_alloc(sizeof *v);
    snprintf(v->name, sizeof v->name, "%s", name);
    v->seen_ms = s->now;
    *list_add(&s->views) = v;
    return v;
}

conversation *session_chat(session *s, const char *key)
{
    for (int i = 0; i < s->chats.count; i++)
        if (!strcmp(s->chats.at[i]->key, key))
            return s->chats.at[i];
    conversation *c = conversation_new(key);
    *list_add(&s->chats) = c;
    return c;
}

/* ---- runs -------------------------------------------------------------------------------------------------------- */

run *prepare_run(session *s, shown *page, enum run_kind kind, ez_fn *fn, const run_event *event, view *of, uint64_t n)
{
    run *r = run_new(kind, fn, s->program->host);
    r->session = arena_text(r->arena, s->token);
    r->visitor = arena_text(r->arena, s->visitor);
    char *query = strchr(page->path, '?');
    r->path = arena_text_n(r->arena, page->path, query ? (size_t)(query - page->path) : strlen(page->path));
    r->query = query ? arena_text(r->arena, query + 1) : "";
    r->scope = run_page_scope(r->path);
    if (event && event->id) {
        r->event = *event;
        r->event.text = arena_text(r->arena, event->text);
    }
    /* A repeated event makes the same ids; a visit makes fresh ones. */
    r->seed = hash_mix(hash_text(s->token), of ? hash_mix(hash_text(of->name), n) : hash_mix(s->epoch, ++s->runs));
    if (of)
        snprintf(r->event_id, sizeof r->event_id, "%s.%llu", of->name, (unsigned long long)n);
    r->before = tree_hold(page->now);
    values_copy(&r->values, &s->values);
    states_lend(&r->states, &s->states);
    for (int i = 0; i < s->chats.count; i++)
        *list_add(&r->chats) = conversation_copy(s->chats.at[i]);
    limit_run(s, r);
    return r;
}

void inbox_add(session *s, pending *p)
{
    *list_add(&s->inbox) = *p;
}

static pending *rerun_waiting(session *s, const shown *page)
{
    for (int i = 0; i < s->inbox.count; i++)
        if (s->inbox.at[i].page == page && (s->inbox.at[i].kind == PENDING_RERUN || s->inbox.at[i].kind == PENDING_VALUES))
            return &s->inbox.at[i];
    return NULL;
}

void rerun_page(session *s, shown *page)
{
    pending *waiting = rerun_waiting(s, page), p = { .kind = PENDING_RERUN, .page = page };
    page->owed = true;
    if (waiting) waiting->forced = true;
    else inbox_add(s, &p);
}

void rerun_done(session *s, shown *page)
{
    const pending *waiting = rerun_waiting(s, page);
    page->owed = waiting && (waiting->forced || waiting->kind == PENDING_RERUN);
}

/* What browsers know of a control is what the session has, not what a run saw a moment ago. */
void fix_told(session *s, tree *t)
{
    for (int i = 0; i < t->control_count; i++) {
        value *v = values_find(&s->values, t->controls[i].id);
        if (v && v->kind != VALUE_SHOWN)
            t->controls[i].told = value_hash(v);
    }
}

/* A number of like nodes that was shown while the run went on did not change when it ended. */
void keep_since(const tree *shown, tree *t)
{
    for (int i = 0; i < t->count; i++) {
        tree_node *n = &t->nodes[i];
        if (!n->same_count)
            continue;
        int was = i < shown->count && shown->nodes[i].id == n->id ? i : tree_find(shown, n->id);
        if (was >= 0 && shown->nodes[was].same_count == n->same_count)
            n->same_since = shown->nodes[was].same_since;
    }
}

/* ---- runs that are over ------------------------------------------------------------------------------------------- */

static void late_views(session *s, shown *page)
{
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->late && s->views.at[i]->page == page) {
            s->views.at[i]->late = false;
            view_whole(s, s->views.at[i]);
        }
}

/* Whoever asked for this page over HTTP gets it with the next commit. */
static void answer_with(session *s, const shown *page)
{
    for (int i = 0; i < s->gets.count; i++)
        if (s->gets.at[i].page == page)
            s->gets.at[i].answered_after_save = true;
}

void run_left(session *s)
{
    s->running = NULL;
    s->flush_due = s->interrupted_ms = 0;
    s->running_stop = s->running_unwatched = false;
}

/* Events are settled in the order in which they took effect, or one that comes again would put an older value over a newer one. A value whose run was cut
 * short is settled with what came after it and needed no run, such as a function that may end before the page runs again: the value is kept, and that its
 * page is owed a run is stored, too. */
static void settle_running(session *s)
{
    for (int i = 0; i < s->running_events.count; i++)
        *list_add(&s->unsettled) = s->running_events.at[i];
    s->running_events.count = 0;
    save(s);
}

void run_settled(session *s, shown *page)
{
    late_views(s, page);
    s->running_frame = 0;
    answer_with(s, page);
    settle_running(s);
    pump(s);
}

static void ran(session *s, run *r)
{
    shown *page = s->running_page;
    if (r != s->running) {                     /* of an earlier life of this session in the same process */
        run_free(r);
        return;
    }
    if (s->fenced) {                           /* whoever has the session now runs it again, or did */
        run_left(s);
        run_free(r);
        return;
    }
    if (run_spent(r)) {
        run_failed(s, page, r);
        run_free(r);
        return;
    }
    bool cut = s->interrupted_ms, stopped = s->running_stop, for_nobody = s->running_unwatched && !page_watched(s, page);
    run_left(s);
    if (cut && !stopped && !for_nobody) {
        /* Nothing of it counts. The events that it stood for stay in running_events, for the run that takes its place. */
        rerun_page(s, page);
        run_free(r);
        pump(s);
        return;
    }
    if (cut && !stopped) page->owed = true;
    else if (cut) take_stopped_run(s, page, r);
    else take_run(s, page, r);
    run_free(r);
    run_settled(s, page);
}

static void apply_pending(session *s, pending *p)
{
    if (p->kind == PENDING_CONSUMED) drop_values(s, p);
    else apply_values(s, p);
    if (p->of)
        *list_add(&s->running_events) = (done_event){ p->of, p->n };
    if (p->of && p->frame > s->running_frame)
        s->running_frame = p->frame;
}

/* The fragment in which the event's node stands; 0: the whole page runs. */
static uint64_t fragment_of(shown *page, uint64_t node)
{
    int i = tree_find(page->now, node);
    int f = i >= 0 ? page->now->nodes[i].fragment : -1;
    return f >= 0 ? page->now->nodes[f].id : 0;
}

/* The fragment that asked for this event of an element elsewhere (.run_on); 0: none did. */
static uint64_t fragment_on(shown *page, uint64_t node, const char *type)
{
    char path[512];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(page->path, "?"), page->path);
    for (int i = 0; i < page->fragments.list.count; i++) {
        const fragment *f = &page->fragments.list.at[i];
        if (f->run_on && trigger_named(f->run_on, run_page_scope(path), node, type))
            return f->node;
    }
    return 0;
}

/* What runs for this event; 0: the page. */
static uint64_t fragment_for(shown *page, uint64_t node, const char *type)
{
    uint64_t asked = fragment_on(page, node, type);
    return asked ? asked : fragment_of(page, node);
}

static const fragment *fragment_find(shown *page, uint64_t node)
{
    for (int i = 0; node && i < page->fragments.list.count; i++)
        if (page->fragments.list.at[i].node == node)
            return &page->fragments.list.at[i];
    return NULL;
}

/* All that the run stands for, for the case that it ends its process; NULL: nothing. */
static const char *events_of(const session *s, arena *a)
{
    text t = { .arena = a };
    for (int i = 0; i < s->running_events.count; i++)
        text_printf(&t, "%s%s.%llu", i ? " " : "", s->running_events.at[i].of->name, (unsigned long long)s->running_events.at[i].n);
    return t.at;
}

static void start_run(session *s, shown *page, pending *p, uint64_t fragment_node)
{
    const fragment *f = fragment_find(page, fragment_node);
    char *query = strchr(page->path, '?');
    char path[512];
    snprintf(path, sizeof path, "%.*s", (int)(query ? query - page->path : (ptrdiff_t)strlen(page->path)), page->path);
    ez_fn *fn = s->program->page(s->program->data, path);
    bool trigger = p->kind == PENDING_TRIGGER;
    run *r = prepare_run(s, page, f ? RUN_FRAGMENT : RUN_PAGE, f ? f->fn : fn, trigger ? &p->event : NULL, trigger ? p->of : NULL, p->n);
    if (f) {
        r->fragment_node = f->node;
        r->fragment_scope = f->scope;
    }
    r->events = events_of(s, r->arena);
    s->running = r;
    s->running_page = page;
    s->running_trigger = trigger;
    s->running_event = (done_event){ trigger ? p->of : NULL, p->n };
    list_done(&s->put_meanwhile);
    s->running_since = s->now;
    s->flushed_ms = 0;
    s->flush_due = 0;
    act(s, ACTION_RUN)->run = r;
}

/* Starts what is bound to a change of these values. False: some are not bound, so the page runs. */
static bool changes_bound(session *s, const pending *p)
{
    bool all = p->values.count > 0;
    for (int i = 0; i < p->values.count; i++)
        all = start_bound(s, p->page, p->of, p->n, p->values.at[i].id, "change") && all;
    return all;
}

/* The one fragment that runs for all these controls; 0: there is none. */
static uint64_t fragment_of_all(const pending *p)
{
    uint64_t first = p->values.count ? fragment_for(p->page, p->values.at[0].id, "change") : 0;
    for (int i = 1; i < p->values.count; i++)
        if (fragment_for(p->page, p->values.at[i].id, "change") != first)
            return 0;
    return first;
}

/* What was typed before it and came with it counts as if it had come alone: the page runs for it, whatever the trigger does. */
static bool take_trigger(session *s, pending *p)
{
    const char *why = trigger_refused(s, p->page, p);
    bool behind = p->values.count && !changes_bound(s, p);
    uint64_t fragment = 0;
    if (why) {
        refuse(p->of, p->n, why);
    } else if (chat_trigger(s, p->page, p)) {
        behind = false;                        /* the page runs in any case */
    } else if (start_bound(s, p->page, p->of, p->n, p->event.id, p->event.type)) {
        clear_submitted(s, p->page, &p->event);
    } else {
        fragment = fragment_for(p->page, p->event.id, p->event.type);
        start_run(s, p->page, p, fragment);
    }
    if (behind && (!s->running || (fragment && fragment_of_all(p) != fragment)))
        rerun_page(s, p->page);
    return s->running != NULL;
}

/* Starts what is bound, and says whether the page is to run. */
static bool run_needed(session *s, const pending *p)
{
    bool bound = p->kind == PENDING_VALUES && changes_bound(s, p);
    return p->kind != PENDING_VALUES || p->forced || (p->values.count && !bound);
}

/* Values that came one after the other are one run. False: nothing is to be run. */
static bool take_values(session *s, pending *first)
{
    bool needed = run_needed(s, first);
    uint64_t fragment = first->kind == PENDING_FRAGMENT ? first->fragment : first->kind == PENDING_VALUES && !first->forced ? fragment_of_all(first) : 0;
    while (s->inbox.count && s->inbox.at[0].page == first->page && (s->inbox.at[0].kind == PENDING_VALUES || s->inbox.at[0].kind == PENDING_RERUN)) {
        pending next = s->inbox.at[0];
        list_remove(&s->inbox, 0);
        apply_pending(s, &next);
        if (run_needed(s, &next)) {
            uint64_t its = next.kind == PENDING_VALUES && !next.forced ? fragment_of_all(&next) : 0;
            fragment = !needed || its == fragment ? its : 0;
            needed = true;
        }
        pending_done(&next);
    }
    if (needed)
        start_run(s, first->page, first, fragment);
    return needed;
}

/* A card above what the page shows; it is stored, so that it outlives the next death. */
static void show_notice(session *s, shown *page, const char *what)
{
    mem_free(page->notice);
    page->notice = mem_text(what);
    page->notice_told = false;
    show_tree(s, page, tree_with_card(page->now, what));
    page->notice_frame = page->frame;
    tree_drop(page->settled);
    page->settled = tree_hold(page->now);
    page->unsaved = true;
}

/* A page that crashed again and again is not run for a while: it is shown as it stands, and says so. */
static bool turned_away(session *s, const pending *p)
{
    const session_program *program = s->program;
    const char *why = program->blocked ? program->blocked(program->data, s->token, p->page->path) : NULL;
    if (!why)
        return false;
    show_notice(s, p->page, why);
    late_views(s, p->page);
    answer_with(s, p->page);
    if (p->of) {
        refuse(p->of, p->n, why);
        *list_add(&s->unsettled) = (done_event){ p->of, p->n };
    }
    save(s);
    return true;
}

void pump(session *s)
{
    while (!s->running && s->inbox.count && !s->fenced) {
        pending p = s->inbox.at[0];
        list_remove(&s->inbox, 0);
        if (turned_away(s, &p)) {
            pending_done(&p);
            continue;
        }
        apply_pending(s, &p);
        bool runs = p.kind == PENDING_CONSUMED ? false : p.kind == PENDING_TRIGGER ? take_trigger(s, &p) : take_values(s, &p);
        if (!runs)
            settle_running(s);
        pending_done(&p);
    }
}

/* ---- pages over HTTP ------------------------------------------------------------------------------------------------- */

static void get(session *s, const message *m)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s%s", m->path, m->query && *m->query ? "?" : "", m->query ? m->query : "");
    if (!s->program->page(s->program->data, m->path)) {
        action *a = act(s, ACTION_REFUSE);
        a->request = m->request;
        a->status = 404;
        return;
    }
    shown *page = page_of(s, path);
    view *v = view_of(s, m->view, true);
    v->page = page;
    v->met = true;
    v->seen_ms = s->now;
    s->used_ms = s->now;
    /* A page whose run goes on, or one that has just crashed, is printed as it stands. */
    bool told = page->notice && page->notice_told;        /* it was read, and the visitor asks for the page again */
    if ((s->running && s->running_page == page) || (page->notice && !told)) {
        page->notice_told = true;
        action *a = act(s, ACTION_PAGE);
        a->request = m->request;
        snprintf(a->view, sizeof a->view, "%s", v->name);
        return;
    }
    mem_free(page->notice);
    page->notice = NULL;
    *list_add(&s->gets) = (waiting_get){ m->request, page, s->now + GET_MS, false };
    rerun_page(s, page);
    pump(s);
}

static void answer_gets(session *s, bool even_if_running)
{
    for (int i = s->gets.count - 1; i >= 0; i--) {
        waiting_get *g = &s->gets.at[i];
        bool settled = g->answered_after_save && !s->saving.count;
        if (!settled && !(even_if_running && s->now >= g->until))
            continue;
        act(s, ACTION_PAGE)->request = g->request;
        list_remove(&s->gets, i);
    }
}

/* What a run has shown so far, while it goes on. */
static void flush(session *s)
{
    shown *page = s->running_page;
    s->flush_due = 0;
    if (!s->running || s->interrupted_ms)
        return;
    atomic_store(&s->running->notified, 0);       /* what is shown from here on is told anew */
    tree *t = with_words(s, run_peek(s->running, false, s->frame + 1));
    fix_told(s, t);
    keep_since(page->now, t);
    show_tree(s, page, t);
    s->flushed_ms = s->now;
    tell_busy(s, page, true);
}

/* A page that is slower than its fragments' clock gets one run of each, not a pile. */
static bool fragment_waits(const session *s, uint64_t node)
{
    for (int i = 0; i < s->inbox.count; i++)
        if (s->inbox.at[i].kind == PENDING_FRAGMENT && s->inbox.at[i].fragment == node)
            return true;
    return false;
}

static void fragments_due(session *s)
{
    for (int i = 0; i < s->pages.count; i++) {
        shown *p = s->pages.at[i];
        for (int j = 0; j < p->fragment_due.count; j++) {
            if (!p->fragment_due.at[j] || p->fragment_due.at[j] > s->now || !page_watched(s, p))
                continue;
            pending item = { .kind = PENDING_FRAGMENT, .page = p, .fragment = p->fragments.list.at[j].node };
            p->fragment_due.at[j] = s->now + (int64_t)(p->fragments.list.at[j].run_every * 1000);
            if (!fragment_waits(s, item.fragment))
                inbox_add(s, &item);
        }
    }
    pump(s);
}

static void tick(session *s)
{
    if (s->flush_due && s->now >= s->flush_due)
        flush(s);
    fragments_due(s);
    answers_tick(s);
    interrupts_tick(s);
    if (s->retry_ms && s->now >= s->retry_ms)
        save(s);
    answer_gets(s, true);
}

static void sooner(int64_t *wake, int64_t at)
{
    if (at && (!*wake || at < *wake))
        *wake = at;
}

int64_t session_wake(const session *s)
{
    int64_t wake = 0;
    for (int i = 0; i < s->gets.count; i++)
        sooner(&wake, s->gets.at[i].until);
    if (s->fenced)
        return wake;                           /* what it plans else is the other process's to do */
    sooner(&wake, s->flush_due);
    for (int i = 0; i < s->streams.count; i++) {
        const stream *x = s->streams.at[i];
        if (x->dirty)
            sooner(&wake, x->flushed_ms + FLUSH_MS);
        if (x->flushed > x->saved && !s->fenced)
            sooner(&wake, x->saved_ms + STREAM_SAVE_MS);
    }
    sooner(&wake, s->retry_ms);
    sooner(&wake, interrupts_wake(s));
    for (int i = 0; i < s->pages.count; i++)
        for (int j = 0; j < s->pages.at[i]->fragment_due.count; j++)
            if (page_watched(s, s->pages.at[i]))
                sooner(&wake, s->pages.at[i]->fragment_due.at[j]);
    return wake;
}

/* ---- the step ---------------------------------------------------------------------------------------------------------- */

void session_step(session *s, const message *m, int64_t now_ms, actions *out)
{
    s->out = out;
    s->now = now_ms;
    pages_wake(s);
    view *v = m->view ? view_of(s, m->view, false) : NULL;
    switch (m->kind) {
    case MESSAGE_GET:       get(s, m); break;
    case MESSAGE_HELLO:     view_hello(s, m); break;
    case MESSAGE_LOST:      if (v) v->here = false, v->seen_ms = s->used_ms = now_ms; break;
    case MESSAGE_DRAINED:   if (v && v->slow) view_drained(s, v); break;
    case MESSAGE_EVENT:     take_event(s, m); break;
    case MESSAGE_CHANGED:
        if (s->running == m->run && !s->flush_due)
            s->flush_due = !s->flushed_ms ? now_ms + FIRST_FLUSH_MS : s->flushed_ms + FLUSH_MS > now_ms ? s->flushed_ms + FLUSH_MS : now_ms;
        break;
    case MESSAGE_SPENT:     spent(s, m); break;
    case MESSAGE_RAN:       ran(s, m->run); break;
    case MESSAGE_SAVED:     saved(s, m); break;
    case MESSAGE_JOB_PUT:   job_put(s, m); break;
    case MESSAGE_JOB_WAITS: job_waits(s, m); break;
    case MESSAGE_JOB_RAN:   job_ran(s, m); break;
    case MESSAGE_ANSWER:    answer_news_in(s, m->answer); break;
    case MESSAGE_TICK:      tick(s); break;
    }
    answer_gets(s, false);
    s->out = NULL;
}

/* "view.n", or "view.n.1" of a job, or "=answer" of its .done; what came before the event and was not saved comes again, this one does not count then. */
static void consume(session *s, shown *page, const char *event, size_t count)
{
    char name[TOKEN_CHARS + 1];
    const char *dot = memchr(event, '.', count);
    uint64_t answer;
    if (*event == '=' && id_read(event + 1, count - 1, &answer))
        *list_add(&s->undone) = answer;
    if (!dot || dot == event || dot - event > TOKEN_CHARS)
        return;
    snprintf(name, sizeof name, "%.*s", (int)(dot - event), event);
    uint64_t n = strtoull(dot + 1, NULL, 10);
    view *v = view_of(s, name, true);
    v->page = page;
    if (n > v->taken)
        view_done_before(v, n);
}

void session_crashed(session *s, const session_crash *c)
{
    pages_wake(s);
    shown *page = page_of(s, c->path);
    show_notice(s, page, c->what);
    s->frame += FRAMES_UNSAVED;                /* no view has seen this one, whatever it saw of the process before; so each gets the page anew */
    page->frame = page->notice_frame = ++s->frame;
    s->first_own = s->first_own ? s->first_own : s->frame;
    if (c->job && page->lost_work)
        page->lost_work--;                     /* this is what became of it */
    for (const char *at = c->events; at && *at;) {
        size_t count = strcspn(at, " ");
        consume(s, page, at, count);
        at += count + strspn(at + count, " ");
    }
    s->unsaved_head = true;
}

void session_slow(session *s, const char *name)
{
    for (int i = 0; i < s->views.count; i++)
        if (!strcmp(s->views.at[i]->name, name))
            s->views.at[i]->slow = true;
}

void session_without_cookie(session *s)
{
    snprintf(s->visitor, sizeof s->visitor, "%s", s->token);
}

bool session_tabs_shared(const session *s)
{
    for (int i = 0; i < s->pages.count; i++)
        if (s->pages.at[i]->calls.at && strstr(s->pages.at[i]->calls.at, "\"tabs\":\"shared\""))
            return true;
    return false;
}

int64_t session_used(const session *s) { return s->used_ms; }
const char *session_token(const session *s) { return s->token; }
const char *session_visitor(const session *s) { return s->visitor; }
uint32_t session_epoch(const session *s) { return s->epoch; }
bool session_keeps(const session *s) { return s->keeps; }
bool session_touched(const session *s) { return s->touched; }

int session_views(const session *s)
{
    int count = 0;
    for (int i = 0; i < s->views.count; i++)
        count += s->views.at[i]->here;
    return count;
}

bool session_shows(const session *s, const char *name)
{
    for (int i = 0; i < s->views.count; i++)
        if (!strcmp(s->views.at[i]->name, name))
            return s->views.at[i]->here;
    return false;
}

void session_each_view(session *s, void (*each)(void *data, const char *view, uint64_t frame), void *data)
{
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->here)
            each(data, s->views.at[i]->name, s->views.at[i]->frame);
}

bool session_fenced(const session *s) { return s->fenced; }

bool session_busy(const session *s)
{
    return !s->fenced && (s->running || s->inbox.count || s->saving.count || s->jobs.count || s->gets.count);
}

bool session_idle(const session *s)
{
    if (s->fenced)
        return !session_views(s) && !s->running && !s->jobs.count;
    return !session_views(s) && !s->not_saved && !session_busy(s) && !s->streams.count;
}

/* A view that is slow, or waits for its first page, is owed something; a page that refreshes itself is at work as long as somebody looks. */
bool session_stored(const session *s)
{
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->here && (s->views.at[i]->slow || s->views.at[i]->late))
            return false;
    return s->keeps && !s->fenced && !s->not_saved && !session_busy(s) && !s->streams.count && !session_wake(s);
}
