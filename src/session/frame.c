/* frame.c: what goes to views: frames, acknowledgements, and how a view that was away catches up. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <string.h>

static bool value_out(void *data, const tree_control *c, text *json, uint32_t *rev)
{
    session *s = data;
    const value *v = values_find(&s->values, c->id);
    if (!v || v->kind == VALUE_SHOWN) {
        const uint32_t *told = told_rev(s, c->id, false);
        *rev = told ? *told : 0;               /* who typed what did not count shows that until it hears something as new */
        return false;
    }
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

static void ring_add(shown *page, uint64_t before, uint64_t number, const char *text, size_t count)
{
    *list_add(&page->ring) = (ring_frame){ before, number, mem_copy(text, count), count };
    page->ring_bytes += count;
    while (page->ring.count > RING_FRAMES || (page->ring_bytes > RING_BYTES && page->ring.count > 1)) {
        page->ring_bytes -= page->ring.at[0].count;
        mem_free(page->ring.at[0].text);
        list_remove(&page->ring, 0);
    }
}

bool frame_tells_value(const shown *page, const char *id)
{
    char op[ID_CHARS + 8];
    int count = snprintf(op, sizeof op, "[\"v\",\"%s", id);
    for (int i = 0; i < page->ring.count; i++)
        if (memmem(page->ring.at[i].text, page->ring.at[i].count, op, (size_t)count))
            return true;
    return false;
}

void frame_emit(session *s, shown *page, const char *ops, size_t count)
{
    frame_emit_but(s, page, ops, count, NULL);
}

/* The view that caused it knows already, so its frame number moves on without a message. */
void frame_emit_but(session *s, shown *page, const char *ops, size_t count, const view *but)
{
    text frame = { 0 };
    uint64_t before = page->frame;
    if (!count)
        return;
    page->frame = ++s->frame;
    text_printf(&frame, "{\"f\":%llu,\"o\":[", (unsigned long long)page->frame);
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

/* What is said about events of a view goes to itself, and to those that may have its events since: the page that was loaded in its place, and
 * tabs that were duplicated from it. Takes the text, an object that lacks its end. */
static void tell_about(session *s, const view *v, text *t)
{
    for (int i = 0; v && i < s->views.count; i++) {
        const view *to = s->views.at[i];
        if (!to->here || (to != v && !v->carried))
            continue;
        action *a = send_to(s, to);
        text_add(&a->text, t->at, t->count);
        if (to != v)
            text_printf(&a->text, ",\"of\":\"%s\"", v->name);
        text_puts(&a->text, "}");
    }
    text_done(t);
}

void tell_ack(session *s, view *v)
{
    text t = { 0 };
    bool busy = page_busy(s, v->page);
    if (busy && v->page)
        v->page->busy_told = true;             /* so that the end of it is told, too */
    text_printf(&t, "{\"a\":%llu,\"busy\":%d", (unsigned long long)v->settled, busy);
    tell_about(s, v, &t);
}

void tell_refused(session *s, const view *v, uint64_t n, const char *why)
{
    text t = { 0 };
    text_printf(&t, "{\"no\":[%llu,", (unsigned long long)n);
    text_json_wire(&t, why, strlen(why));
    text_puts(&t, "]");
    tell_about(s, v, &t);
}

static void refusal_forget(view *v, int at)
{
    mem_free(v->refusals.at[at].why);
    list_remove(&v->refusals, at);
}

/* Those that were told long ago make room. */
void refuse(view *v, uint64_t n, const char *why)
{
    if (v->refusals.count >= REFUSALS_KEPT && v->refusals.at[0].told)
        refusal_forget(v, 0);
    *list_add(&v->refusals) = (refusal){ n, mem_text(why), false };
}

bool view_waits(const view *v, uint64_t n)
{
    for (int i = 0; i < v->waiting.count; i++)
        if (v->waiting.at[i] == n)
            return true;
    return n > v->taken;
}

/* An acknowledgement alone would hide that nothing was done. */
void tell_refusals(session *s, view *v, bool again)
{
    for (int i = 0; i < v->refusals.count; i++) {
        refusal *r = &v->refusals.at[i];
        if (view_waits(v, r->n) || (r->told && !again))
            continue;
        r->told = true;
        tell_refused(s, v, r->n, r->why);
    }
}

static void done_forget(view *v)
{
    for (int i = v->done.count - 1; i >= 0; i--)
        if (v->done.at[i] <= v->settled)
            list_remove(&v->done, i);
}

/* It sends them no more. A process that did not save them, or was not told, goes on behind them. */
void view_knows(view *v, uint64_t settled)
{
    if (settled > v->taken)
        v->taken = v->settled = settled;
    for (int i = v->refusals.count - 1; i >= 0; i--)
        if (v->refusals.at[i].n <= settled)
            refusal_forget(v, i);
    done_forget(v);
}

static const char *saving(const session *s) { return s->not_saved ? "{\"s\":\"notsaved\"}" : "null"; }

/* The line at the foot of each page says that changes are not saved, or not any more. */
void tell_saving(session *s)
{
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->here)
            text_printf(&send_to(s, s->views.at[i])->text, "{\"w\":%s}", saving(s));
}

void view_event_done(view *v, uint64_t n)
{
    list_drop(&v->waiting, n);
    uint64_t lowest = v->taken + 1;
    for (int i = 0; i < v->waiting.count; i++)
        if (v->waiting.at[i] < lowest)
            lowest = v->waiting.at[i];
    v->settled = lowest - 1;
    done_forget(v);
}

bool view_is_done(const view *v, uint64_t n)
{
    for (int i = 0; i < v->done.count; i++)
        if (v->done.at[i] == n)
            return true;
    return false;
}

/* Events without a hole before them were acknowledged, perhaps, and do not come again; the others do. */
void view_done_before(view *v, uint64_t n)
{
    if (view_is_done(v, n))
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
    text_printf(&a->text, "{\"f\":%llu,\"whole\":1,\"o\":[", (unsigned long long)page->frame);
    text_add(&a->text, ops.at, ops.count);
    text_puts(&a->text, "]}");
    text_done(&ops);
}

/* Where the frames after this one begin; -1: they are not kept. */
static int ring_from(const shown *page, uint64_t frame)
{
    for (int i = 0; i < page->ring.count; i++)
        if (page->ring.at[i].before == frame)
            return i;
    return -1;
}

static void send_tail(session *s, view *v, uint64_t frame)
{
    shown *page = v->page;
    for (int i = ring_from(page, frame); i < page->ring.count; i++)
        text_add(&send_to(s, v)->text, page->ring.at[i].text, page->ring.at[i].count);
    v->frame = page->frame;
}

/* What was written into a control after it was printed is not in the page that came over HTTP. A view that this process meets with the page
 * of another may have missed any of them. */
static void newer_values(session *s, const view *v, const message *hello, text *ops)
{
    tree_resolver r = resolver(s);
    if (!hello->again)
        tree_values(v->page->now, &r, hello->epoch != s->epoch || !v->met, ops);
}

/* hi says which frame the page that the view shows counts as from here on; -1: none yet, so the whole page or newer values follow. A line that
 * breaks before they have come must not leave the view with what is old and a new epoch. */
void view_resume(session *s, view *v, const message *hello)
{
    uint32_t epoch = hello->epoch;
    uint64_t frame = hello->frame;
    bool fresh = hello->fresh;
    shown *page = v->page;
    bool same_line = epoch == s->epoch || (epoch == s->kept_epoch && page->kept_frame && page->frame == page->kept_frame);
    bool current = same_line && frame == page->frame && !fresh;
    bool tail = !current && epoch == s->epoch && !fresh && ring_from(page, frame) >= 0;
    for (int i = 0; i < s->views.count; i++)       /* before anything acknowledges them */
        if (s->views.at[i] == v || s->views.at[i]->carried)
            tell_refusals(s, s->views.at[i], true);
    text values = { 0 };
    if (current)
        newer_values(s, v, hello, &values);
    action *a = send_to(s, v);
    text_printf(&a->text, "{\"hi\":{\"session\":\"%s\",\"epoch\":%u,\"frame\":%lld%s},\"a\":%llu,\"busy\":%d,\"w\":%s}", s->token, s->epoch,
                (current && !values.count) || tail ? (long long)frame : -1, fresh ? ",\"new\":true" : "", (unsigned long long)v->settled, page_busy(s, page), saving(s));
    page->busy_told = page_busy(s, page);
    v->frame = frame;
    if (values.count) text_printf(&send_to(s, v)->text, "{\"f\":%llu,\"o\":[%s]}", (unsigned long long)page->frame, values.at);
    else if (tail) send_tail(s, v, frame);
    else if (!current && !page->ran && !page->notice && !(s->running && s->running_page == page)) v->late = true;     /* it is going to run */
    else if (!current) view_whole(s, v);
    text_done(&values);
}
