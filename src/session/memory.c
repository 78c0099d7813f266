/* memory.c: what a session holds, how much it may hold, and what becomes of a run, a job or an event for which there is no room. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>
#include <string.h>

/* ---- what it holds ------------------------------------------------------------------------------------------------------ */

typedef struct holding { size_t values, states, chats, pages, work, rest; } holding;

static size_t values_memory(const values *v)
{
    size_t sum = (size_t)v->list.room * sizeof(value);
    for (int i = 0; i < v->list.count; i++)
        sum += v->list.at[i].text ? strlen(v->list.at[i].text) + 1 : 0;
    return sum;
}

static size_t chats_memory(const session *s)
{
    size_t sum = 0;
    for (int i = 0; i < s->chats.count; i++) {
        sum += sizeof(conversation);
        for (int j = 0; j < s->chats.at[i]->all.count; j++)
            sum += sizeof(chat_message) + s->chats.at[i]->all.at[j]->room;
    }
    return sum;
}

static size_t page_memory(const shown *p)
{
    size_t sum = sizeof *p + strlen(p->path) + p->packed_count * (p->packed != NULL) + p->ring_bytes + (size_t)p->ring.room * sizeof(ring_frame) + p->calls.room;
    if (p->now)
        sum += tree_memory(p->now);
    if (p->settled && p->settled != p->now)
        sum += tree_memory(p->settled);
    return sum + (size_t)p->bindings.list.room * sizeof(binding) + (size_t)p->fragments.list.room * sizeof(fragment);
}

static holding held(const session *s)
{
    holding h = { .values = values_memory(&s->values), .states = states_memory(&s->states), .chats = chats_memory(s) };
    for (int i = 0; i < s->pages.count; i++)
        h.pages += page_memory(s->pages.at[i]);
    if (s->running)
        h.work += run_memory(s->running);
    for (int i = 0; i < s->jobs.count; i++)
        h.work += sizeof(job_of) + (s->jobs.at[i]->run ? run_memory(s->jobs.at[i]->run) : 0);
    h.rest = sizeof *s + (size_t)s->views.count * sizeof(view);
    for (int i = 0; i < s->views.count; i++)
        h.rest += (size_t)s->views.at[i]->waiting.room * sizeof(uint64_t);
    for (int i = 0; i < s->inbox.count; i++)
        h.rest += pending_memory(&s->inbox.at[i]);
    return h;
}

static size_t sum_of(const holding *h) { return h->values + h->states + h->chats + h->pages + h->work + h->rest; }

size_t session_memory(const session *s)
{
    holding h = held(s);
    return sum_of(&h);
}

/* A run works on copies, so what they are copies of counts twice while it goes on. */
void limit_run(session *s, run *r)
{
    size_t have = s->program->memory;
    if (!have)
        return;
    size_t copies = values_memory(&r->values) + states_memory(&r->states) + chats_memory(s), used = session_memory(s);
    run_charge(r, (ptrdiff_t)copies);
    run_limit(r, used < have ? have - used : 1);
}

/* What events and jobs bring stays, and the runs to come need their copies and make their page beside it, which is several times as much. */
bool room_for(const session *s, size_t bytes)
{
    holding h = held(s);
    h.work = 0;
    return !s->program->memory || sum_of(&h) + bytes <= s->program->memory / 6;
}

/* ---- what is told ------------------------------------------------------------------------------------------------------- */

static void say_bytes(text *t, size_t bytes)
{
    if (bytes >= 1 << 20) text_printf(t, "%.1f MB", (double)bytes / (1 << 20));
    else text_printf(t, "%.0f kB", (double)bytes / 1024);
}

static void say_part(text *t, const char *name, size_t bytes)
{
    if (bytes < 1024)
        return;
    text_printf(t, "%s%s ", t->count ? ", " : "", name);
    say_bytes(t, bytes);
}

/* r: the run that had too much; NULL: an event came that would be too much. */
static void spent_words(const session *s, const run *r, text *t)
{
    holding h = held(s);
    text parts = { 0 };
    if (r) h.work = h.work > run_memory(r) ? h.work - run_memory(r) : 0;
    say_part(&parts, "pages", h.pages);
    say_part(&parts, "chats", h.chats);
    say_part(&parts, "state", h.states);
    say_part(&parts, "values", h.values);
    say_part(&parts, "other runs", h.work);
    text_puts(t, !r ? "There is no room for this in your session, a sixth of which may be what was entered or written" : r->kind == RUN_JOB ? "A function of this page needed too much memory and was stopped" : "This page needed too much memory and was stopped");
    text_puts(t, ": a session may hold ");
    say_bytes(t, s->program->memory);
    if (r) {
        const ez_call *at = atomic_load(&((run *)r)->last_call);
        text_puts(t, ", and this took ");
        say_bytes(t, run_memory(r));
        if (at && at->file && !s->program->host->hides_details)
            text_printf(t, " up to the call at %s:%d", at->file, at->line);
    }
    if (parts.count)
        text_printf(t, ". The session holds %s", parts.at);
    text_puts(t, ". Ask for less at once, or begin anew with Start over in the page's menu. Who runs the program can allow more with --session-memory.");
    text_done(&parts);
}

void run_spent_words(const session *s, const run *r, text *t) { spent_words(s, r, t); }

bool refused_for_memory(const session *s, view *v, uint64_t n, size_t bytes)
{
    text what = { 0 };
    if (room_for(s, bytes))
        return false;
    spent_words(s, NULL, &what);
    refuse(v, n, what.at);
    text_done(&what);
    return true;
}

/* ---- a run that had too much -------------------------------------------------------------------------------------------- */

/* It has interrupted itself. From here on it has as long to end as every other run that is interrupted. */
void spent(session *s, const message *m)
{
    if (s->running && s->running == m->run && !s->interrupted_ms)
        s->interrupted_ms = s->now;
    for (int i = 0; i < s->jobs.count; i++)
        if (s->jobs.at[i]->run == m->run && !s->jobs.at[i]->interrupted_ms)
            s->jobs.at[i]->interrupted_ms = s->now;
}

/* What a job gave to the session counts for the session: it would grow without end, piece by piece. */
void spend_job(session *s, job_of *j)
{
    if (!j->run || run_spent(j->run) || room_for(s, 0))
        return;
    run_spend(j->run);
    if (!j->interrupted_ms)
        j->interrupted_ms = s->now;
}
