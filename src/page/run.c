/* run.c: a run from its snapshot to what came out of it; and the tree that its log makes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/guard.h"
#include "page/place.h"
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

uint64_t run_page_scope(const char *path)
{
    return hash_mix(hash_text(path), 0x70616765);
}

uint64_t run_key_id(uint64_t scope, const char *key)
{
    return hash_mix(scope, hash_text(key));
}

run *run_new(enum run_kind kind, ez_fn *fn, const run_host *host)
{
    arena *a = arena_new();
    run *r = arena_alloc(a, sizeof *r);
    r->arena = a;
    r->kind = kind;
    r->fn = fn;
    r->host = host;
    r->log = arena_alloc(a, sizeof *r->log);
    r->path = r->query = r->session = r->visitor = "";
    r->queued = true;
    r->rows = &r->own;
    r->row_count = 1;
    r->nap.fd = -1;
    pthread_mutex_init(&r->nap.lock, NULL);
    pthread_cond_init(&r->nap.wake, NULL);
    return r;
}

void run_batch_of(run *r, int count)
{
    r->rows = count > 1 ? arena_alloc(r->arena, (size_t)count * sizeof *r->rows) : &r->own;
    r->row_count = count;
}

uint64_t run_row_scope(uint64_t scope, int row)
{
    return row ? hash_mix(hash_mix(scope, 0x726f77), (uint64_t)row) : scope;
}

void run_interrupt(run *r)
{
    atomic_store(&r->interrupted, true);
    run_wake(r);
}

/* ---- waits ------------------------------------------------------------------------------------------------------- */

void run_wait_begin(run *r)
{
    r->away_since_ns = clock_ns();
    if (r->host && r->host->wait_begin)
        r->host->wait_begin(r->host->data);
}

void run_wait_end(run *r)
{
    atomic_store(&r->queued, true);
    if (r->host && r->host->wait_end)
        r->host->wait_end(r->host->data);
    atomic_store(&r->queued, false);
    r->away_ns += clock_ns() - r->away_since_ns;
}

bool run_wait(run *r, int64_t until_ns)
{
    struct timespec at = { until_ns / 1000000000, until_ns % 1000000000 };
    bool in_time = true;
    pthread_mutex_lock(&r->nap.lock);
    while (!r->nap.woken && !atomic_load(&r->interrupted) && in_time) {
        if (until_ns) in_time = !pthread_cond_clockwait(&r->nap.wake, &r->nap.lock, CLOCK_MONOTONIC, &at);
        else pthread_cond_wait(&r->nap.wake, &r->nap.lock);
    }
    r->nap.woken = false;
    pthread_mutex_unlock(&r->nap.lock);
    return in_time;
}

void run_wake(run *r)
{
    pthread_mutex_lock(&r->nap.lock);
    r->nap.woken = true;
    pthread_cond_signal(&r->nap.wake);
    if (r->nap.fd >= 0)
        eventfd_write(r->nap.fd, 1);
    pthread_mutex_unlock(&r->nap.lock);
}

void run_wake_to(run *r, int fd)
{
    pthread_mutex_lock(&r->nap.lock);
    r->nap.fd = fd;
    pthread_mutex_unlock(&r->nap.lock);
}

/* The place in which the run begins: the page, or the fragment's node of the page as shown. */
static ez_ui *begin_place(run *r)
{
    if (r->kind != RUN_FRAGMENT) {
        place *p = place_new(r, NULL, ROOT_MAIN);
        p->page = true;
        return ui_new(r, p, r->scope);
    }
    node *owner = arena_alloc(r->arena, sizeof *owner);
    *owner = (node){ .run = r, .id = r->fragment_node, .index = -1, .flags = NODE_FRAGMENT };
    place *p = place_new(r, owner, 0);
    p->fragment = owner;
    return ui_new(r, p, r->fragment_scope);
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void run_outputs_end(run *r);                         /* record.c */
void run_check_bindings(run *r);                      /* bind.c */
const ez_message *run_message(run *r, uint64_t id);   /* say.c */

static void do_here(run *r)
{
    if (r->done_fn) {
        const ez_message *m = run_message(r, r->answer);
        if (m)
            guard_done(r->root, r->done_fn, m);
    } else if (r->fn) {
        guard_run(r->root, r->fn);
    }
    run_outputs_end(r);
    if (!run_over(r))                          /* else what they name may not have been shown yet */
        run_check_bindings(r);
}

static bool done_elsewhere(run *r)
{
    const run_host *h = r->host;
    return r->kind == RUN_JOB && r->fn && h && h->elsewhere && h->elsewhere(h->data, r);
}

void run_execute(run *r)
{
    r->began_ns = clock_ns();
    r->root = begin_place(r);
    run_watch(r, true);
    atomic_store(&r->queued, false);
    if (!done_elsewhere(r))
        do_here(r);
    run_watch(r, false);
    if (r->called.count)
        qsort(r->called.at, (size_t)r->called.count, sizeof *r->called.at, by_id);
}

void run_flag_done(run_flag *f)
{
    mem_free(f->function);
    mem_free(f->choice);
    mem_free(f->inputs);
    mem_free(f->outputs);
}

void run_line_add(run *r, int row, ez_level level, const char *words)
{
    size_t count = strlen(words);
    if (count > RUN_LINE_MOST) count = utf8_whole(words, RUN_LINE_MOST);
    char *kept = mem_copy(words, count + 1);
    kept[count] = 0;
    *list_add(&r->lines) = (run_line){ level, kept, row };
}

void run_notice(ez_level level, const char *words, text *out)
{
    text_printf(out, "{\"kind\":\"%s\",\"text\":", level == EZ_LEVEL_ERROR ? "bad" : level == EZ_LEVEL_WARNING ? "warn" : "info");
    text_json_wire(out, words, strlen(words));
    text_putc(out, '}');
}

run_batch *run_take_batch(run *r)
{
    run_batch *b = mem_alloc(sizeof *b);
    b->puts.at = r->puts.at, b->puts.count = r->puts.count, b->puts.room = r->puts.room;
    memset(&r->puts, 0, sizeof r->puts);
    b->lines.at = r->lines.at, b->lines.count = r->lines.count, b->lines.room = r->lines.room;
    memset(&r->lines, 0, sizeof r->lines);
    run_charge(r, -(ptrdiff_t)r->put_bytes);
    r->put_bytes = 0;
    b->has_progress = r->has_progress;
    b->progress = r->progress;
    b->progress_text = mem_text(r->progress_text);
    r->has_progress = false;
    return b;
}

void run_batch_free(run_batch *b)
{
    if (!b)
        return;
    for (int i = 0; i < b->puts.count; i++)
        mem_free(b->puts.at[i].text);
    list_done(&b->puts);
    for (int i = 0; i < b->lines.count; i++) mem_free(b->lines.at[i].text);
    list_done(&b->lines);
    mem_free(b->progress_text);
    mem_free(b);
}

void run_free(run *r)
{
    if (!r)
        return;
    tree_drop(r->before);
    values_done(&r->values);
    states_done(&r->states);
    for (int i = 0; i < r->chats.count; i++)
        conversation_free(r->chats.at[i]);
    list_done(&r->chats);
    for (int i = 0; i < r->puts.count; i++)
        mem_free(r->puts.at[i].text);
    for (int i = 0; i < r->calls.count; i++) {
        mem_free(r->calls.at[i].method);
        mem_free(r->calls.at[i].json);
    }
    for (int i = 0; i < r->said.count; i++)
        mem_free(r->said.at[i].key);
    list_done(&r->calls);
    list_done(&r->puts);
    for (int i = 0; i < r->lines.count; i++) mem_free(r->lines.at[i].text);
    list_done(&r->lines);
    list_done(&r->said);
    for (int i = 0; i < r->flags.count; i++)
        run_flag_done(&r->flags.at[i]);
    list_done(&r->flags);
    list_done(&r->called);
    list_done(&r->held);
    bindings_done(&r->bindings);
    fragments_done(&r->fragments);
    map_done(&r->before_map);
    map_done(&r->put_ids);
    text_done(&r->out_json);
    pthread_cond_destroy(&r->nap.wake);
    pthread_mutex_destroy(&r->nap.lock);
    arena_free(r->arena);
}

const tree_node *run_before(const run *given, uint64_t id)
{
    run *r = (run *)given;
    const tree *t = r->before;
    if (!t || !t->count)
        return NULL;
    if (r->before_at < t->count && t->nodes[r->before_at].id == id)
        return &t->nodes[r->before_at++];
    if (!r->before_map.count)
        for (int i = 0; i < t->count; i++)
            map_put(&r->before_map, t->nodes[i].id, (void *)&t->nodes[i]);
    return map_get(&r->before_map, id);
}

/* ---- the tree ---------------------------------------------------------------------------------------------------- */

typedef struct build {
    tree *t;
    text  html;
    map   at;                      /* node id -> index in t + 1 */
    map   same;                    /* hash of (place, kind, label) -> count */
    int   node_room, control_room, option_room;
} build;

bool node_shown(const node *n, bool final)
{
    for (; n; n = n->place ? n->place->owner : NULL)
        if (n->index >= 0 && ((final && n->while_running) || n->index < atomic_load_explicit(&n->place->from, memory_order_acquire)))
            return false;
    return true;
}

static int build_index(const build *b, uint64_t id)
{
    return (int)(intptr_t)map_get(&b->at, id) - 1;
}

static tree_node *build_node(build *b, uint64_t id)
{
    tree *t = b->t;
    if (t->count == b->node_room) {
        b->node_room = b->node_room ? b->node_room * 2 : 64;
        t->nodes = mem_resize(t->nodes, (size_t)b->node_room * sizeof *t->nodes);
    }
    tree_node *n = &t->nodes[t->count++];
    memset(n, 0, sizeof *n);
    n->id = id;
    n->control = n->fragment = n->parent = -1;
    map_put(&b->at, id, (void *)(intptr_t)t->count);
    return n;
}

static void build_control(build *b, tree_node *n, const tree_control *c, const uint64_t *options, const char *initial, size_t initial_count, const char *now, size_t now_count)
{
    tree *t = b->t;
    if (t->control_count == b->control_room) {
        b->control_room = b->control_room ? b->control_room * 2 : 16;
        t->controls = mem_resize(t->controls, (size_t)b->control_room * sizeof *t->controls);
    }
    if (t->option_count + (int)c->option_count > b->option_room) {
        b->option_room = (t->option_count + (int)c->option_count) * 2;
        t->options = mem_resize(t->options, (size_t)b->option_room * sizeof *t->options);
    }
    n->control = t->control_count;
    tree_control *k = &t->controls[t->control_count++];
    *k = *c;
    k->options = (uint32_t)t->option_count;
    for (uint32_t i = 0; i < c->option_count; i++)
        t->options[t->option_count++] = options[i];
    k->initial = (uint32_t)b->html.count, k->initial_count = (uint32_t)initial_count;
    text_add(&b->html, initial, initial_count);
    k->value = (uint32_t)b->html.count, k->value_count = (uint32_t)now_count;
    text_add(&b->html, now, now_count);
    k->told = hash_bytes(now, now_count);
}

static void build_from_log(build *b, const node *n, uint64_t same)
{
    const place *p = n->place;
    tree_node *x = build_node(b, n->id);
    x->hash = n->hash;
    x->message = n->message;
    x->flags = n->flags;
    x->slot = (uint8_t)p->slot;
    x->places = (uint8_t)n->type->places;
    x->parent = p->owner ? build_index(b, p->owner->id) : -1;
    x->fragment = p->fragment ? build_index(b, p->fragment->id) : -1;
    x->spot = n->spot, x->spot_count = n->spot_count;
    x->html = (uint32_t)b->html.count, x->count = (uint32_t)n->html.out.count;
    text_add(&b->html, n->html.out.at, n->html.out.count);
    if ((n->flags & NODE_SPOT) && (n->flags & NODE_KEYED)) {
        x->given = (uint32_t)b->html.count, x->given_count = (uint32_t)strlen(n->given);
        text_add(&b->html, n->given, x->given_count);
    }
    int at = b->t->count - 1;
    if (n->has_control) {
        text now = { 0 };
        value_json(&n->now, &now);
        build_control(b, &b->t->nodes[at], &n->control, n->options, n->initial, strlen(n->initial), now.at, now.count);
        text_done(&now);
    }
    if (same)
        map_put(&b->same, same, (void *)((intptr_t)map_get(&b->same, same) + 1));
}

/* A node of the page as shown goes into the new tree as it was. */
static void build_from_tree(build *b, const tree *old, int i, int parent)
{
    const tree_node *o = &old->nodes[i];
    tree_node *x = build_node(b, o->id);
    *x = *o;
    x->parent = parent;
    x->fragment = o->fragment >= 0 ? build_index(b, old->nodes[o->fragment].id) : -1;
    x->html = (uint32_t)b->html.count;
    if (old->html)
        text_add(&b->html, old->html + o->html, o->count);
    x->given = (uint32_t)b->html.count;
    if (old->html)
        text_add(&b->html, old->html + o->given, o->given_count);
    int at = b->t->count - 1;
    if (o->control >= 0 && old->html) {
        const tree_control *c = &old->controls[o->control];
        build_control(b, x, c, old->options + c->options, old->html + c->initial, c->initial_count, old->html + c->value, c->value_count);
        b->t->controls[b->t->nodes[at].control].told = c->told;
    }
}

static uint64_t same_key(const node *n)
{
    return !(n->flags & NODE_KEYED) && (n->has_control || (n->flags & NODE_TRIGGER)) ? hash_mix(n->place->id, n->same) | 1 : 0;
}

static void count_same(build *b, const run *r, const node *n, tree_node *x, uint64_t frame)
{
    uint64_t key = same_key(n);
    if (!key)
        return;
    x->same_count = (uint32_t)(intptr_t)map_get(&b->same, key);
    int was = r->before ? tree_find(r->before, n->id) : -1;
    x->same_since = was >= 0 && r->before->nodes[was].same_count == x->same_count ? r->before->nodes[was].same_since : frame;
}

/* Nodes of the page as shown that this run has not come to (or, of a fragment, is not about), whose parent is still there. */
static void build_rest(build *b, const run *r, bool outside_fragment_only)
{
    const tree *old = r->before;
    for (int i = 0; i < old->count; i++) {
        const tree_node *o = &old->nodes[i];
        if (build_index(b, o->id) >= 0)
            continue;
        int parent = o->parent < 0 ? -1 : build_index(b, old->nodes[o->parent].id);
        if (o->slot >= (o->parent < 0 ? ROOT_PLACES : parent < 0 ? 0 : b->t->nodes[parent].places))
            continue;
        if (outside_fragment_only) {
            int f = o->fragment;
            while (f >= 0 && old->nodes[f].id != r->fragment_node)
                f = old->nodes[f].fragment;
            if (f >= 0)
                continue;
        }
        build_from_tree(b, old, i, parent);
    }
}

tree *run_peek(run *r, bool final, uint64_t frame)
{
    build b = { .t = mem_alloc(sizeof(tree)) };
    b.t->references = 1;
    int count = atomic_load_explicit(&r->log->count, memory_order_acquire);
    bool fragment = r->kind == RUN_FRAGMENT;
    if (fragment && r->before)
        build_rest(&b, r, true);
    if (!final && b.t->count == 0 && r->before && r->before->count && r->before->nodes[0].id == tree_card_id())
        build_from_tree(&b, r->before, 0, -1);         /* what the run shows comes below it */
    int first = b.t->count;
    LIST(const node *) used = { 0 };
    for (int i = 0; i < count; i++) {
        const node *n = log_at(r->log, i);
        if (node_shown(n, final) && build_index(&b, n->id) < 0 && (!n->place->owner || build_index(&b, n->place->owner->id) >= 0)) {
            build_from_log(&b, n, same_key(n));
            *list_add(&used) = n;
        }
    }
    for (int i = 0; i < used.count; i++)
        count_same(&b, r, used.at[i], &b.t->nodes[first + i], frame);
    if (!final && r->before)
        build_rest(&b, r, false);
    list_done(&used);
    b.t->html_count = b.html.count;
    b.t->html = text_take(&b.html);
    map_done(&b.at);
    map_done(&b.same);
    return b.t;
}

bool run_has_changes(run *r)
{
    return atomic_load_explicit(&r->notified, memory_order_relaxed) != 0;
}
