/* frame.c: what goes to views: frames, acknowledgements, and how a view that was away catches up. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <string.h>

static bool value_out(void *data, const tree_control *c, text *json, uint32_t *rev)
{
    session *s = data;
    const value *v = values_find(&s->values, c->id);
    if (!v || v->kind == VALUE_SHOWN)
        return false;
    value_json(v, json);
    *rev = v->rev;
    return true;
}

tree_resolver resolver(session *s)
{
    return (tree_resolver){ message_print, value_out, s };
}

void call_op(text *ops, uint64_t node, const char *method, const char *json)
{
    char id[ID_CHARS + 1] = "";
    if (node)
        id_print(node, id);
    text_printf(ops, "[\"c\",\"%s\",\"%s\",%s]", id, method, json && *json ? json : "null");
}

static action *send_to(session *s, const view *v)
{
    action *a = act(s, ACTION_SEND);
    snprintf(a->view, sizeof a->view, "%s", v->name);
    return a;
}

static void ring_add(shown *page, uint32_t before, uint32_t number, const char *text, size_t count)
{
    *list_add(&page->ring) = (ring_frame){ before, number, mem_copy(text, count), count };
    page->ring_bytes += count;
    while (page->ring.count > RING_FRAMES || (page->ring_bytes > RING_BYTES && page->ring.count > 1)) {
        page->ring_bytes -= page->ring.at[0].count;
        mem_free(page->ring.at[0].text);
        list_remove(&page->ring, 0);
    }
}

void frame_emit(session *s, shown *page, const char *ops, size_t count)
{
    frame_emit_but(s, page, ops, count, NULL);
}

/* The view that caused it knows already, so its frame number moves on without a message. */
void frame_emit_but(session *s, shown *page, const char *ops, size_t count, const view *but)
{
    text frame = { 0 };
    uint32_t before = page->frame;
    if (!count)
        return;
    page->frame = ++s->frame;
    text_printf(&frame, "{\"f\":%u,\"o\":[", page->frame);
    text_add(&frame, ops, count);
    text_puts(&frame, "]}");
    ring_add(page, before, page->frame, frame.at, frame.count);
    for (int i = 0; i < s->views.count; i++) {
        view *v = s->views.at[i];
        if (!v->here || v->page != page || v->slow || v->late || v->frame != before)
            continue;
        v->frame = page->frame;
        if (v != but)
            text_add(&send_to(s, v)->text, frame.at, frame.count);
    }
    text_done(&frame);
}

/* t becomes what the page shows; views get the difference. Takes the reference. */
void show_tree(session *s, shown *page, tree *t)
{
    text ops = { 0 };
    tree_resolver r = resolver(s);
    tree_diff(page->now, t, &r, &ops);
    tree *old = page->now;
    page->now = t;
    frame_emit(s, page, ops.at, ops.count);
    tree_drop(old);
    text_done(&ops);
}

bool page_busy(const session *s, const shown *page)
{
    if (s->running && s->running_page == page)
        return true;
    for (int i = 0; i < s->inbox.count; i++)
        if (s->inbox.at[i].page == page)
            return true;
    for (int i = 0; i < s->jobs.count; i++)
        if (s->jobs.at[i]->page == page)
            return true;
    return s->streams.count > 0;
}

void tell_busy(session *s, shown *page, bool busy)
{
    if (page->busy_told == busy)
        return;
    page->busy_told = busy;
    for (int i = 0; i < s->views.count; i++) {
        view *v = s->views.at[i];
        if (v->here && v->page == page)
            text_printf(&send_to(s, v)->text, "{\"busy\":%d}", busy);
    }
}

/* Where a view hears: itself, or the view that took its place; *of names it then. */
static const char *ear(const view *v, const char **of)
{
    *of = v->here ? NULL : v->name;
    return v->here ? v->name : v->via[0] ? v->via : NULL;
}

static void name_of(text *t, const char *of)
{
    if (of)
        text_printf(t, ",\"of\":\"%s\"", of);
    text_puts(t, "}");
}

void tell_ack(session *s, view *v)
{
    const char *of, *to = ear(v, &of);
    if (!to)
        return;
    action *a = act(s, ACTION_SEND);
    snprintf(a->view, sizeof a->view, "%s", to);
    bool busy = page_busy(s, v->page);
    if (busy && v->page)
        v->page->busy_told = true;             /* so that the end of it is told, too */
    text_printf(&a->text, "{\"a\":%llu,\"busy\":%d", (unsigned long long)v->settled, busy);
    name_of(&a->text, of);
}

static void say_refused(session *s, const view *v, uint64_t n, const char *why)
{
    const char *of, *to = v ? ear(v, &of) : NULL;
    if (!to)
        return;
    action *a = act(s, ACTION_SEND);
    snprintf(a->view, sizeof a->view, "%s", to);
    text_printf(&a->text, "{\"no\":[%llu,", (unsigned long long)n);
    text_json_wire(&a->text, why, strlen(why));
    text_puts(&a->text, "]");
    name_of(&a->text, of);
}

/* Kept until the browser has settled it: the line may be cut before it is told. */
void tell_refused(session *s, view *v, uint64_t n, const char *why)
{
    say_refused(s, v, n, why);
    if (!v || !n)
        return;
    *list_add(&v->refusals) = (refusal){ n, mem_text(why) };
    if (v->refusals.count > REFUSALS_KEPT) {
        mem_free(v->refusals.at[0].why);
        list_remove(&v->refusals, 0);
    }
}

void tell_refusals(session *s, view *v)
{
    for (int i = 0; i < v->refusals.count; i++)
        say_refused(s, v, v->refusals.at[i].n, v->refusals.at[i].why);
}

void refusals_heard(view *v, uint64_t n)
{
    while (v->refusals.count && v->refusals.at[0].n <= n) {
        mem_free(v->refusals.at[0].why);
        list_remove(&v->refusals, 0);
    }
}

void view_event_done(view *v, uint64_t n)
{
    for (int i = 0; i < v->waiting.count; i++)
        if (v->waiting.at[i] == n) {
            list_remove(&v->waiting, i);
            break;
        }
    uint64_t lowest = v->taken + 1;
    for (int i = 0; i < v->waiting.count; i++)
        if (v->waiting.at[i] < lowest)
            lowest = v->waiting.at[i];
    v->settled = lowest - 1;
}

/* Events without a hole before them were acknowledged, perhaps, and do not come again; the others do. */
void view_done_before(view *v, uint64_t n)
{
    for (int i = 0; i < v->done.count; i++)
        if (v->done.at[i] == n)
            return;
    *list_add(&v->done) = n;
    for (int i = 0; i < v->done.count; i++)
        if (!v->waiting.count && v->done.at[i] == v->taken + 1) {
            v->taken = v->settled = v->done.at[i];
            list_remove(&v->done, i);
            i = -1;
        }
}

/* ---- reconnect ----------------------------------------------------------------------------------------------------------- */

void view_whole(session *s, view *v)
{
    shown *page = v->page;
    text ops = { 0 };
    tree_resolver r = resolver(s);
    answers_flush(s, true);
    tree_whole(page->now, &r, &ops);
    if (page->calls.count) {
        text_putc(&ops, ',');
        text_add(&ops, page->calls.at, page->calls.count);
    }
    v->frame = page->frame;
    action *a = send_to(s, v);
    text_printf(&a->text, "{\"f\":%u,\"whole\":1,\"o\":[", page->frame);
    text_add(&a->text, ops.at, ops.count);
    text_puts(&a->text, "]}");
    text_done(&ops);
}

static bool resume_from_ring(session *s, view *v, uint32_t frame)
{
    shown *page = v->page;
    int from = 0;
    while (from < page->ring.count && page->ring.at[from].before != frame)
        from++;
    if (from == page->ring.count)
        return false;
    for (int i = from; i < page->ring.count; i++)
        text_add(&send_to(s, v)->text, page->ring.at[i].text, page->ring.at[i].count);
    v->frame = page->frame;
    return true;
}

/* What was written into a control after it was printed is not in the page that came over HTTP. */
static void tell_newer_values(session *s, view *v)
{
    const tree *t = v->page->now;
    tree_resolver r = resolver(s);
    text ops = { 0 };
    tree_values(t, &r, &ops);
    if (ops.count)
        text_printf(&send_to(s, v)->text, "{\"f\":%u,\"o\":[%s]}", v->page->frame, ops.at);
    text_done(&ops);
}

void view_resume(session *s, view *v, const message *hello)
{
    uint32_t epoch = hello->epoch, frame = hello->frame;
    bool fresh = hello->fresh;
    shown *page = v->page;
    tell_refusals(s, v);                       /* before the acknowledgement, which counts them as settled */
    action *a = send_to(s, v);
    text_printf(&a->text, "{\"hi\":{\"session\":\"%s\",\"epoch\":%u,\"frame\":%u%s},\"a\":%llu,\"busy\":%d}", s->token, s->epoch, page->frame,
                fresh ? ",\"new\":true" : "", (unsigned long long)v->settled, page_busy(s, page));
    page->busy_told = page_busy(s, page);
    if (s->not_saved)
        text_puts(&send_to(s, v)->text, "{\"w\":\"notsaved\"}");
    v->frame = frame;
    bool same_line = epoch == s->epoch || (epoch == s->kept_epoch && page->kept_frame && page->frame == page->kept_frame);
    if (same_line && frame == page->frame && !fresh) {
        if (!hello->again)
            tell_newer_values(s, v);
        return;
    }
    if (epoch == s->epoch && !fresh && resume_from_ring(s, v, frame))
        return;
    if (!page->ran && !page->notice && !(s->running && s->running_page == page)) {     /* it is going to run */
        v->late = true;
        return;
    }
    view_whole(s, v);
}
