/* event.c: events come in: once each, in order, checked before C code sees them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

/* The value of a trigger as the page's code reads it: a string as it is, anything else as JSON, nothing for null. */
static char *trigger_text(const char *json)
{
    if (!json || !strcmp(json, "null"))
        return NULL;
    cJSON *o = cJSON_Parse(json);
    char *text = mem_text(cJSON_IsString(o) ? o->valuestring : json);
    cJSON_Delete(o);
    return text;
}

/* Of several values of one control the newest counts. What is no value at all stays as a kind that no control takes, so that it is refused aloud. */
static void read_values(pending *p, const message *m)
{
    map places = { 0 };
    for (int i = 0; i < m->value_count; i++) {
        value v = { .id = m->values[i].id, .rev = m->values[i].rev, .kind = VALUE_SHOWN };
        value_from_json(&v, m->values[i].json, strlen(m->values[i].json));
        intptr_t place = (intptr_t)map_get(&places, v.id);
        if (!place) {
            *list_add(&p->values) = v;
            map_put(&places, v.id, (void *)(intptr_t)p->values.count);
        } else {
            mem_free(p->values.at[place - 1].text);
            p->values.at[place - 1] = v;
        }
    }
    map_done(&places);
}

size_t pending_memory(const pending *p)
{
    size_t sum = sizeof *p + (p->event.text ? strlen(p->event.text) : 0);
    for (int i = 0; i < p->values.count; i++)
        sum += sizeof(value) + (p->values.at[i].text ? strlen(p->values.at[i].text) : 0);
    return sum;
}

/* More waits than a person makes. Its browser, or what says to be one, is sent away; what it was not acknowledged it sends again. */
static bool too_much(session *s, const view *by, const message *m)
{
    size_t bytes = 0;
    for (int i = 0; i < s->inbox.count; i++)
        bytes += pending_memory(&s->inbox.at[i]);
    const view *v = m->of ? view_of(s, m->of, false) : by;
    bool many = s->inbox.count >= WAITING_MAX || bytes > WAITING_BYTES || (v ? v->waiting.count >= WAITING_MAX : s->views.count >= VIEWS_MAX);
    if (many)
        snprintf(act(s, ACTION_CUT)->view, TOKEN_CHARS + 1, "%s", by->name);
    return many;
}

static void settle_now(session *s, view *v, uint64_t n)
{
    *list_add(&s->unsettled) = (done_event){ v, n };
    save(s);
}

/* What carries much must fit; a click goes on to its run, which has a limit of its own. */
static bool has_no_room(session *s, view *v, const message *m)
{
    enum { LITTLE = 1024 };
    size_t bytes = m->json ? strlen(m->json) : 0;
    for (int i = 0; i < m->value_count; i++)
        bytes += strlen(m->values[i].json);
    return bytes > LITTLE && refused_for_memory(s, v, m->n, bytes);
}

static void take_signal(session *s, view *v, const message *m)
{
    if (m->node == tree_root_id() && !strcmp(m->type, "stop")) stop_all(s, v->page);
    else if (m->node && m->node != tree_root_id()) chat_signal(s, v->page, m);
    settle_now(s, v, m->n);
}

void take_event(session *s, const message *m)
{
    view *by = view_of(s, m->view, false), *v = by;
    if (!by || !by->page)
        return;
    bool known = true;
    if (too_much(s, by, m))
        return;
    if (m->of && strcmp(m->of, m->view)) {
        known = view_of(s, m->of, false);
        v = view_of(s, m->of, true);
        v->page = v->page ? v->page : by->page;
        v->carried = true;
    }
    if (!known)                               /* whatever comes first of a view that nobody remembers, nor named at hello, is its first */
        v->taken = v->settled = m->n - 1;
    s->used_ms = v->seen_ms = s->now;
    s->keeps = s->touched = true;
    if (m->n <= v->taken) {                   /* a repeat: answered from the mark */
        tell_refusals(s, v, true);
        tell_dropped(s, v, m);
        tell_ack(s, v);
        return;
    }
    if (m->n != v->taken + 1)
        return;                               /* a hole: what is missing comes again, and this after it */
    v->taken = m->n;
    *list_add(&v->waiting) = m->n;
    bool consumed = view_is_done(v, m->n);
    if (!m->signal && !consumed && has_no_room(s, v, m)) {
        settle_now(s, v, m->n);
        return;
    }
    if (m->signal && !consumed) {
        take_signal(s, v, m);
        return;
    }
    pending p = { .kind = m->node ? PENDING_TRIGGER : PENDING_VALUES, .page = v->page, .of = v, .n = m->n, .frame = m->frame, .forced = !m->value_count };
    read_values(&p, m);
    if (consumed) {
        p.kind = PENDING_CONSUMED;
    } else if (m->node) {
        p.event.id = m->node;
        snprintf(p.event.type, sizeof p.event.type, "%s", m->type ? m->type : "");
        p.event.text = trigger_text(m->json);
    }
    if (p.event.id == tree_root_id() && !strcmp(p.event.type, "rerun")) {
        p.kind = PENDING_VALUES;
        p.forced = true;
        mem_free(p.event.text);
        p.event = (run_event){ 0 };
    }
    inbox_add(s, &p);
    if (!consumed)
        interrupt_for(s, v->page);
    pump(s);
}
