/* node.c: nodes and places of a run: identity, printing, the log. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include "page/markdown.h"
#include <stdio.h>
#include <string.h>

/* ---- the log -------------------------------------------------------------------------------------------------- */

node *log_at(const struct run_log *log, int i)
{
    return log->chunks[i / LOG_CHUNK][i % LOG_CHUNK];
}

void log_add(run *r, node *n)
{
    int i = atomic_load_explicit(&r->log->count, memory_order_relaxed);
    if (i >= LOG_CHUNK * LOG_CHUNKS)
        return;
    if (!r->log->chunks[i / LOG_CHUNK])
        r->log->chunks[i / LOG_CHUNK] = arena_alloc(r->arena, LOG_CHUNK * sizeof(node *));
    r->log->chunks[i / LOG_CHUNK][i % LOG_CHUNK] = n;
    n->index = i;
    atomic_store_explicit(&r->log->count, i + 1, memory_order_release);
}

/* ---- places --------------------------------------------------------------------------------------------------- */

ez_ui *ui_new(run *r, place *p, uint64_t scope)
{
    ez_ui *ui = arena_alloc(r->arena, sizeof *ui);
    *ui = (ez_ui){ .run = r, .place = p, .scope = scope };
    return ui;
}

place *place_new(run *r, node *owner, int slot)
{
    place *p = arena_alloc(r->arena, sizeof *p);
    p->owner = owner;
    p->slot = slot;
    p->id = hash_mix(owner ? owner->id : tree_root_id(), (uint64_t)slot + 1);
    return p;
}

/* What the place held so far is not shown any more. */
void place_forget(place *p)
{
    run *r = p->owner ? p->owner->run : NULL;
    if (r)
        atomic_store_explicit(&p->from, atomic_load_explicit(&r->log->count, memory_order_relaxed), memory_order_release);
}

bool run_over(run *r)
{
    return r->stopped || atomic_load_explicit(&r->interrupted, memory_order_relaxed);
}

/* The run comes to this call, which lives as long as the run. */
void run_at(run *r, const ez_call *call)
{
    r->last_call = call;
    if (r->host && r->host->at)
        r->host->at(r->host->data, r, call);
}

void run_at_copy(run *r, const ez_call *call)
{
    run_at(r, arena_copy(r->arena, call, sizeof *call));
}

/* How many of this kind and label the place had before. A place that holds one node always says 0, so that what replaces
 * a node is the same node. */
static int count_seen(run *r, place *p, uint64_t what)
{
    if (p->single)
        return 0;
    for (int i = 0; i < p->seen_count; i++)
        if (p->seen[i].what == what)
            return p->seen[i].count++;
    if (p->seen_count == p->seen_room) {
        nth *more = arena_alloc(r->arena, (size_t)(2 * p->seen_room + 8) * sizeof *more);
        if (p->seen_count)
            memcpy(more, p->seen, (size_t)p->seen_count * sizeof *more);
        p->seen = more;
        p->seen_room = 2 * p->seen_room + 8;
    }
    p->seen[p->seen_count++] = (nth){ what, 1 };
    return 0;
}

/* A node that was cleared or replaced since has given its key back. */
static bool key_taken(run *r, uint64_t id)
{
    int count = atomic_load_explicit(&r->log->count, memory_order_relaxed);
    for (int i = count - 1; i >= 0; i--)
        if (log_at(r->log, i)->id == id && node_shown(log_at(r->log, i), false))
            return true;
    return false;
}

node *node_open(ez_ui *at, const element_type *type, const ez_call *call, const char *label, const char *key)
{
    run *r = at->run;
    place *p = at->place;
    if (run_spent(r))
        return run_dead_node(at, type);
    node *n = arena_alloc(r->arena, sizeof *n);
    *n = (node){ .run = r, .at = at, .place = p, .type = type, .where = *call, .label = arena_text(r->arena, label), .key = arena_text(r->arena, key), .index = -1 };
    n->call = &n->where;
    run_at(r, n->call);
    n->html.out.arena = r->arena;
    n->muted = p->closed || (p->owner && p->owner->muted) || run_over(r) || r->kind == RUN_JOB;
    n->same = hash_mix(hash_text(type->name), hash_text(label));
    n->nth = count_seen(r, p, n->same);
    if (key && *key) {
        n->id = hash_mix(at->scope, hash_text(key));
        n->flags |= NODE_KEYED;
        if (!n->muted && !p->single && key_taken(r, n->id)) {
            node_mistake(at, call, "two elements have the key \"%s\": give each its own, or use ez_scope for each round of a loop", key);
            n->muted = true;
        }
    } else {
        n->id = hash_mix(hash_mix(hash_mix(at->scope, p->id), n->same), (uint64_t)n->nth);
    }
    id_print(n->id, n->name);
    return n;
}

/* Adds the id, and the key's class, to the first tag. The class attribute stands first by contract. */
static void name_root(node *n)
{
    char *html = n->html.out.at;
    size_t tag = html && html[0] == '<' ? 1 + strcspn(html + 1, " >/") : 0;
    if (!tag)
        return;
    text t = { .arena = n->run->arena };
    text_add(&t, html, tag);
    text_puts(&t, " id=\"");
    text_puts(&t, n->name);
    text_puts(&t, "\"");
    size_t rest = tag;
    static const char class[] = " class=\"";
    if (n->key && !strncmp(html + tag, class, sizeof class - 1)) {
        text_puts(&t, class);
        text_puts(&t, "ez-key-");
        text_html(&t, n->key, strlen(n->key));
        text_putc(&t, ' ');
        rest += sizeof class - 1;
    }
    size_t grown = t.count - rest;
    text_add(&t, html + rest, n->html.out.count - rest);
    n->html.out = t;
    n->spot += n->spot || n->spot_count ? (uint32_t)grown : 0;
    for (int i = 0; i < n->skips; i++) {
        n->skip[i][0] += grown;
        n->skip[i][1] += grown;
    }
}

/* Of what is printed without the values, wherever they stand in it: a radio group with another option chosen is the same. */
static uint64_t hash_shell(const node *n)
{
    const char *html = n->html.out.at;
    size_t at = 0, count = 0;
    if (!n->skips)
        return hash_mix(hash_mix(n->flags, n->message), hash_bytes(html, n->html.out.count));
    char *rest = mem_alloc(n->html.out.count);
    for (int i = 0; i <= n->skips; i++) {
        size_t to = i < n->skips ? n->skip[i][0] : n->html.out.count;
        memcpy(rest + count, html + at, to - at);
        count += to - at;
        at = i < n->skips ? n->skip[i][1] : to;
    }
    uint64_t h = hash_mix(hash_mix(n->flags, n->message), hash_bytes(rest, count));
    mem_free(rest);
    return h;
}

static void tell_change(node *n)
{
    run *r = n->run;
    if (!r->host || !r->host->changed || atomic_load_explicit(&r->notified, memory_order_relaxed))
        return;
    const tree_node *before = run_before(r, n->id);
    if (before && before->hash == n->hash && !r->told_change)
        return;
    r->told_change = true;                     /* from here on, what is as before may differ from what was sent in between */
    atomic_store_explicit(&r->notified, 1, memory_order_relaxed);
    r->host->changed(r->host->data, r);
}

void node_close(node *n)
{
    run *r = n->run;
    for (int i = 0; i < n->type->places && i < COUNT(n->places); i++) {
        if (n == r->dead && n->places[i])
            continue;
        place *p = place_new(r, n, i);
        p->form = n->flags & NODE_FORM ? n->id : n->place->form;
        p->fragment = n->place->fragment;
        p->closed = n->muted;
        n->places[i] = ui_new(r, p, n->at->scope);
    }
    if (n->has_control && n != r->dead)
        *list_add(&r->called) = n->id;
    if (n->muted || !n->html.out.count)
        return;
    if (n->type->event == ELEMENT_TRIGGER)
        n->flags |= NODE_TRIGGER;
    name_root(n);
    n->hash = hash_shell(n);
    if (n->place->single)
        place_forget(n->place);
    log_add(r, n);
    tell_change(n);
}

ez_html *node_html(node *n)
{
    return &n->html;
}

const char *node_id(node *n)
{
    return n->name;
}

ez_ui *node_place(node *n, int i)
{
    return i >= 0 && i < COUNT(n->places) && n->places[i] ? n->places[i] : n->at;
}

void node_print_place(node *n, int i)
{
    if (i) ez_print(&n->html, " data-ez-place=\"%s.%d\"", n->name, i);
    else   ez_print(&n->html, " data-ez-place=\"%s\"", n->name);
}

void node_print_value(node *n, const char *format, ...)
{
    va_list args;
    size_t from = n->html.out.count;
    va_start(args, format);
    html_vprint(&n->html.out, format, args);
    va_end(args);
    if (n->html.out.count > from && n->skips < COUNT(n->skip)) {
        n->skip[n->skips][0] = from;
        n->skip[n->skips++][1] = n->html.out.count;
    }
}

/* ---- what a job put into an element stays while the page goes on giving the same argument ------------------------ */

static const char *shown_or_written(node *n, const char *given)
{
    run *r = n->run;
    uint64_t hash = hash_text(given);
    value *v = run_value(r, n->id);
    n->now = (value){ .id = n->id, .kind = VALUE_SHOWN, .written = hash, .keyed = n->key != NULL, .page = r->scope };
    if (!v || v->kind != VALUE_SHOWN)
        return given;
    if (v->written == 0)
        v->written = hash;                     /* put while no page showed the element: the first one that does keeps it */
    if (v->written == hash)
        return v->text;
    run_put_add(r, n->id, VALUE_NONE, 0, NULL, false);   /* the page gives another argument: the job's words go */
    return given;
}

static void print_spot(node *n, const char *given, bool markdown)
{
    n->given = arena_text(n->run->arena, given ? given : "");
    const char *shown = shown_or_written(n, n->given);
    n->spot = (uint32_t)n->html.out.count;
    if (markdown) markdown_html(&n->html.out, shown, strlen(shown), 0);
    else text_html(&n->html.out, shown, strlen(shown));
    n->spot_count = (uint32_t)n->html.out.count - n->spot;
    n->flags |= NODE_SPOT | (markdown ? NODE_SPOT_MD : 0);
}

void node_print_shown(node *n, const char *shown) { print_spot(n, shown, false); }
void node_print_shown_markdown(node *n, const char *markdown) { print_spot(n, markdown, true); }

void node_markdown(node *n, const char *markdown)
{
    if (markdown)
        markdown_html(&n->html.out, markdown, strlen(markdown), 0);
}

void node_markdown_line(node *n, const char *markdown)
{
    if (markdown)
        markdown_line(&n->html.out, markdown, strlen(markdown), 0);
}

/* ":name:" and plain names of letters and dashes are icons of the sprite; everything else is text, such as an emoji. */
void node_icon(node *n, const char *icon)
{
    if (!icon || !*icon)
        return;
    size_t count = strlen(icon), from = 0;
    if (count > 2 && icon[0] == ':' && icon[count - 1] == ':')
        from = 1, count -= 2;
    if (strspn(icon + from, "abcdefghijklmnopqrstuvwxyz-") >= count)
        icon_print(&n->html.out, n->run->host ? n->run->host->icons : NULL, icon + from, count);
    else
        ez_print(&n->html, "<span class=\"ez-icon\" aria-hidden=\"true\">%s</span>", icon);
}

void node_help(node *n, const char *help)
{
    if (!help)
        return;
    ez_print(&n->html, "<button type=\"button\" class=\"ez-help\" popovertarget=\"%s-help\" aria-label=\"Help\">?</button>"
                       "<span class=\"ez-help-text\" popover id=\"%s-help\">", n->name, n->name);
    markdown_line(&n->html.out, help, strlen(help), 0);
    ez_print(&n->html, "</span>");
}

/* ---- special places ------------------------------------------------------------------------------------------- */

bool node_in_form(const ez_ui *at) { return at->place->form != 0; }
bool place_is_page(const ez_ui *at) { return at->place->page; }
void place_single(ez_ui *at) { at->place->single = true; }
void place_closed(ez_ui *at) { at->place->closed = true; }
void place_while_running(node *n) { n->while_running = true; }
void node_required(node *n, bool required) { n->control.required = required; }
bool page_in_job(const ez_ui *ui) { return ui->run->kind == RUN_JOB; }

void node_is_form(node *n, bool clear_on_submit)
{
    n->flags |= NODE_FORM | NODE_TRIGGER | (clear_on_submit ? NODE_CLEARS : 0);
}

void node_fixed(node *n, int root_place)
{
    place *p = place_new(n->run, NULL, root_place);
    p->fragment = n->place->fragment;
    n->place = p;
}

void node_mistake(ez_ui *at, const ez_call *call, const char *format, ...)
{
    static const element_type type = { "mistake", "status", ELEMENT_SHOWS, 0 };
    run *r = at->run;
    va_list args;
    va_start(args, format);
    char *what = arena_vprintf(r->arena, format, args);
    va_end(args);
    const char *file = call && call->file ? call->file : "?";
    int line = call ? call->line : 0;
    char id[ERROR_CHARS + 1];
    bool hides = r->host && r->host->hides_details;
    error_id(hash_mix(hash_mix(hash_text(file), (uint64_t)line), hash_text(what)), id);
    log_warn("page", "%s%s%s:%d: %s", hides ? id : "", hides ? ": " : "", file, line, what);
    if (r->kind == RUN_JOB) {
        r->failed = true;
        r->failure = hides ? arena_printf(r->arena, "This function failed. %s", id) : arena_printf(r->arena, "%s:%d: %s", file, line, what);
        return;
    }
    ez_ui *on_page = at->place->single ? r->root : at;
    node *n = arena_alloc(r->arena, sizeof *n);
    *n = (node){ .run = r, .at = on_page, .place = on_page->place, .type = &type, .where = { 1, file, line }, .label = what, .index = -1 };
    n->call = &n->where;
    n->html.out.arena = r->arena;
    n->muted = run_over(r);
    n->same = hash_mix(hash_text(type.name), hash_text(what));
    n->nth = count_seen(r, n->place, n->same);
    n->id = hash_mix(hash_mix(n->place->id, n->same), (uint64_t)n->nth);
    id_print(n->id, n->name);
    if (hides) ez_print(&n->html, "<div class=\"ez-mistake ez-error\" role=\"alert\"><p>Something went wrong here. %s</p></div>", id);
    else ez_print(&n->html, "<div class=\"ez-mistake ez-error\" role=\"alert\"><p>%s</p><code>%s:%d</code></div>", what, file, line);
    node_close(n);
}
