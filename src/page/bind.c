/* bind.c: what a page binds: functions to events, and fragments. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/guard.h"
#include "page/place.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct ez_event { run *run; int index; };

void bindings_copy(bindings *to, const bindings *from)
{
    for (int i = 0; i < from->list.count; i++) {
        binding b = from->list.at[i];
        b.outputs = mem_text(b.outputs);
        b.clears = mem_text(b.clears);
        b.into = mem_text(b.into);
        b.cancels = mem_text(b.cancels);
        b.lane = mem_text(b.lane);
        *list_add(&to->list) = b;
    }
}

void bindings_done(bindings *b)
{
    for (int i = 0; i < b->list.count; i++) {
        binding *x = &b->list.at[i];
        mem_free(x->outputs);
        mem_free(x->clears);
        mem_free(x->into);
        mem_free(x->cancels);
        mem_free(x->lane);
    }
    list_done(&b->list);
}

void fragments_done(fragments *f)
{
    for (int i = 0; i < f->list.count; i++)
        mem_free(f->list.at[i].run_on);
    list_done(&f->list);
}

static binding *bind(ez_ui *at, const ez_on_args *a)
{
    binding *b = list_add(&at->run->bindings.list);
    *b = (binding){ .after = -1, .fn = a->fn, .outputs = mem_text(a->outputs), .clears = mem_text(a->clears), .into = mem_text(a->into),
                    .cancels = mem_text(a->cancels), .lane = mem_text(a->lane), .scope = at->scope, .concurrency = a->concurrency,
                    .rerun = a->rerun, .file = a->call.file, .line = a->call.line,
                    .fragment = at->place->fragment ? at->place->fragment->id : 0 };
    return b;
}

static ez_event *event_of(run *r, int index)
{
    ez_event *e = arena_alloc(r->arena, sizeof *e);
    *e = (ez_event){ r, index };
    return e;
}

ez_event *ez_on_put(ez_ui *at, const ez_on_args *a)
{
    run *r = at->run;
    const char *dot = a->trigger ? strrchr(a->trigger, '.') : NULL;
    if (!dot || dot == a->trigger || strlen(dot + 1) >= sizeof ((binding *)0)->event) {
        node_mistake(at, &a->call, "ez_on: \"%s\" is not \"key.event\", such as \"go.click\" or \"msg.submit\"", a->trigger ? a->trigger : "");
        return event_of(r, -1);
    }
    if (r->kind == RUN_JOB) {
        node_mistake(at, &a->call, "ez_on belongs into a page, not into a bound function");
        return event_of(r, -1);
    }
    run_at_copy(r, &a->call);
    binding *b = bind(at, a);
    char *key = arena_text_n(r->arena, a->trigger, (size_t)(dot - a->trigger));
    b->trigger = run_key_id(at->scope, key);
    snprintf(b->event, sizeof b->event, "%s", dot + 1);
    return event_of(r, r->bindings.list.count - 1);
}

static ez_event *follow(ez_event *after, const ez_on_args *a, binding_when when)
{
    if (after->index < 0)
        return after;
    binding *b = bind(after->run->root, a);
    b->scope = after->run->bindings.list.at[after->index].scope;
    b->fragment = after->run->bindings.list.at[after->index].fragment;
    b->after = after->index;
    b->when = when;
    return event_of(after->run, after->run->bindings.list.count - 1);
}

ez_event *ez_then_put(ez_event *after, const ez_on_args *a) { return follow(after, a, WHEN_ALWAYS); }
ez_event *ez_on_success_put(ez_event *after, const ez_on_args *a) { return follow(after, a, WHEN_SUCCESS); }
ez_event *ez_on_failure_put(ez_event *after, const ez_on_args *a) { return follow(after, a, WHEN_FAILURE); }

void node_clears(node *n, const char *keys)
{
    ez_on_args a = { .call = *n->call, .clears = keys, .rerun = true };
    binding *b = bind(n->at, &a);
    b->trigger = n->id;
    snprintf(b->event, sizeof b->event, "click");
}

void ez_fragment_put(ez_ui *at, const ez_fragment_args *a)
{
    static const element_type type = { "fragment", "control", ELEMENT_SHOWS, 1 };
    run *r = at->run;
    if (!a->fn) {
        node_mistake(at, &a->call, "ez_fragment needs a function");
        return;
    }
    char label[40];
    snprintf(label, sizeof label, "%d", a->call.line);          /* fragments of one place are told apart by their line */
    node *n = node_open(at, &type, &a->call, label, a->key);
    n->flags |= NODE_FRAGMENT;
    ez_print(&n->html, "<div class=\"ez-fragment ez-stack\"");
    node_print_place(n, 0);
    ez_print(&n->html, "></div>");
    node_close(n);
    ez_ui *inner = node_place(n, 0);
    inner->place->fragment = n;
    inner->scope = hash_mix(at->scope, n->id);
    if (!n->muted)
        *list_add(&r->fragments.list) = (fragment){ n->id, a->fn, a->run_every, mem_text(a->run_on), inner->scope };
    guard_run(inner, a->fn);
}

/* ---- keys are checked when the run ends ---------------------------------------------------------------------------- */

static bool known_id(run *r, uint64_t id)
{
    for (int i = 0, count = atomic_load(&r->log->count); i < count; i++)
        if (log_at(r->log, i)->id == id)
            return true;
    for (int i = 0; i < r->called.count; i++)
        if (r->called.at[i] == id)
            return true;
    return r->kind == RUN_FRAGMENT && r->before && tree_find(r->before, id) >= 0;
}

static int distance(const char *a, const char *b)
{
    int row[65], n = (int)strlen(b);
    if (n > 64)
        return 99;
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int corner = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int up = row[j], best = corner + (a[i - 1] != b[j - 1]);
            if (up + 1 < best) best = up + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            corner = up;
            row[j] = best;
        }
    }
    return row[n];
}

static const char *nearest_key(run *r, const char *key)
{
    const char *best = NULL;
    int least = 4;
    for (int i = 0, count = atomic_load(&r->log->count); i < count; i++) {
        const node *n = log_at(r->log, i);
        int d = n->key ? distance(key, n->key) : 99;
        if (d < least)
            least = d, best = n->key;
    }
    return best;
}

static bool is_chat(run *r, const char *key)
{
    for (int i = 0; i < r->chats.count; i++)
        if (!strcmp(r->chats.at[i]->key, key))
            return true;
    return false;
}

static void check_key(run *r, const binding *b, const char *key, const char *what)
{
    if (!*key || known_id(r, run_key_id(b->scope, key)) || is_chat(r, key))
        return;
    const char *near = nearest_key(r, key);
    ez_call call = { 1, b->file, b->line };
    ez_call *kept = arena_copy(r->arena, &call, sizeof call);
    node_mistake(r->root, kept, "%s names the key \"%s\", but no element of this page has it%s%s%s", what, key,
                 near ? "; did you mean \"" : "; give one .key", near ? near : "", near ? "\"?" : "");
}

static void check_list(run *r, const binding *b, const char *keys, const char *what)
{
    char key[128];
    for (const char *at = keys; at && *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", ");
        if (count && count < sizeof key) {
            snprintf(key, sizeof key, "%.*s", (int)count, at);
            char *dot = strrchr(key, '.');
            if (dot && !strcmp(what, ".cancels"))
                *dot = 0;
            check_key(r, b, key, what);
        }
        at += count;
    }
}

void run_check_bindings(run *r)
{
    for (int i = 0; i < r->bindings.list.count; i++) {
        binding *b = &r->bindings.list.at[i];
        if (b->trigger && !known_id(r, b->trigger)) {
            ez_call call = { 1, b->file, b->line };
            node_mistake(r->root, arena_copy(r->arena, &call, sizeof call), "ez_on waits for \"%s\" of an element that this page does not show; give that element its .key", b->event);
        }
        check_list(r, b, b->outputs, ".outputs");
        check_list(r, b, b->clears, ".clears");
        check_list(r, b, b->into, ".into");
        check_list(r, b, b->cancels, ".cancels");
    }
}
