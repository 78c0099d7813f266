/* interrupt.c: what cuts a run or job short, and what becomes of one that does not listen.
 *
 * C code is never ended from outside. A run that goes on for ASIDE_MS after its interrupt is set aside: the page goes back to the last commit, its
 * event counts as failed, and whatever comes of it later is dropped, as it is not the session's run any more. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>

static void interrupt_running(session *s)
{
    if (s->interrupted_ms)
        return;
    s->interrupted_ms = s->now;
    run_interrupt(s->running);
    act(s, ACTION_INTERRUPT)->run = s->running;
}

/* Values may interrupt a run that carries no trigger; so may a trigger, which would else wait for work that nobody asked for. */
void interrupt_for(session *s, shown *page)
{
    if (s->running && s->running_page == page && !s->running_trigger)
        interrupt_running(s);
}

void interrupt_job(session *s, job_of *j)
{
    if (!j->interrupted_ms)
        j->interrupted_ms = s->now;
    run_interrupt(j->run);
    act(s, ACTION_JOB_CANCEL)->job = j->number;
}

/* What a visitor may stop: what an event of theirs began, and what takes long. A rerun of a moment ago only shows news, such as the end
 * of an answer that was stopped before; cut short, it would leave the page as it was, with nobody to run it again. */
static bool may_stop(const session *s)
{
    return s->running_trigger || s->running_events.count || s->now - s->running_since >= STOP_MS;
}

void stop_all(session *s, shown *page)
{
    if (s->running && may_stop(s)) {
        s->running_stop = true;
        interrupt_running(s);
    }
    jobs_cancel(s, page, NULL, 0);
    answers_stop(s);
}

/* ---- nobody looks ---------------------------------------------------------------------------------------------------- */

/* When a run without a trigger has been for nobody for UNWATCHED_MS; 0: it has not to be thought of. */
static int64_t unwatched_at(const session *s)
{
    if (!s->running || s->running_trigger || s->interrupted_ms || page_watched(s, s->running_page))
        return 0;
    int64_t seen = s->running_since;
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->page == s->running_page && s->views.at[i]->seen_ms > seen)
            seen = s->views.at[i]->seen_ms;
    return seen + UNWATCHED_MS;
}

/* ---- set aside --------------------------------------------------------------------------------------------------------- */

static void aside_words(const session *s, const run *r, text *t)
{
    if (run_spent(r)) {
        run_spent_words(s, r, t);
        return;
    }
    const ez_call *at = atomic_load(&r->last_call);
    text_printf(t, "%s did not stop when it was interrupted, and was set aside after %d s", r->kind == RUN_JOB ? "A function of this page" : "This page", ASIDE_MS / 1000);
    if (at && at->file)
        text_printf(t, ", after the call at %s:%d", at->file, at->line);
    text_puts(t, ". What it did does not count; everything else is as it was.");
}

/* The page shows what the last finished run left, and why. */
static void show_aside(session *s, shown *page, const char *what)
{
    tree *t = tree_with_card(page->settled, what);
    fix_told(s, t);
    keep_since(page->now, t);
    show_tree(s, page, t);
    page_settled(page);
    page->unsaved = page->ran = true;
    rerun_done(s, page);
    mem_free(page->notice);
    page->notice = mem_text(what);
    page->notice_told = page_watched(s, page);
}

static void tell_aside(session *s, shown *page, const char *what)
{
    const done_event *e = &s->running_event;
    if (s->running_trigger && e->of) refuse(e->of, e->n, what);
    else toast(s, page, EZ_LEVEL_ERROR, what);
}

/* It is over for the session: nothing of it counts, and the visitor is told. */
void run_failed(session *s, shown *page, run *r)
{
    text what = { 0 };
    aside_words(s, r, &what);
    show_aside(s, page, what.at);
    tell_aside(s, page, what.at);
    run_left(s);
    run_settled(s, page);
    text_done(&what);
}

static void run_aside(session *s)
{
    run *r = s->running;
    shown *page = s->running_page;
    r->aside_ms = s->now;
    act(s, ACTION_RUN_ASIDE)->run = r;
    run_failed(s, page, r);
}

static void job_aside(session *s, job_of *j)
{
    text what = { 0 };
    aside_words(s, j->run, &what);
    j->run->aside_ms = s->now;
    action *a = act(s, ACTION_JOB_ASIDE);
    a->run = j->run;
    a->job = j->number;
    toast(s, j->page, EZ_LEVEL_ERROR, what.at);
    text_done(&what);
    job_lost(s, j);
}

/* One that waits for the pool cannot listen: its time begins when it goes on. */
static bool ignored(session *s, const run *r, int64_t *since)
{
    if (!*since || s->now - *since < ASIDE_MS)
        return false;
    if (!atomic_load(&r->queued))
        return true;
    *since = s->now;
    return false;
}

void interrupts_tick(session *s)
{
    int64_t at = unwatched_at(s);
    if (at && s->now >= at) {
        s->running_unwatched = true;
        interrupt_running(s);
    }
    if (s->running && ignored(s, s->running, &s->interrupted_ms))
        run_aside(s);
    for (int i = s->jobs.count - 1; i >= 0; i--)
        if (i < s->jobs.count && s->jobs.at[i]->run && ignored(s, s->jobs.at[i]->run, &s->jobs.at[i]->interrupted_ms))
            job_aside(s, s->jobs.at[i]);
}

int64_t interrupts_wake(const session *s)
{
    int64_t wake = unwatched_at(s);
    if (s->running && s->interrupted_ms)
        wake = s->interrupted_ms + ASIDE_MS;
    for (int i = 0; i < s->jobs.count; i++) {
        int64_t at = s->jobs.at[i]->run && s->jobs.at[i]->interrupted_ms ? s->jobs.at[i]->interrupted_ms + ASIDE_MS : 0;
        wake = at && (!wake || at < wake) ? at : wake;
    }
    return wake;
}

/* ---- the end of the process ------------------------------------------------------------------------------------------------ */

void session_each_run(session *s, void (*each)(void *data, run *r), void *data)
{
    if (s->running)
        each(data, s->running);
    for (int i = 0; i < s->jobs.count; i++)
        if (s->jobs.at[i]->run)
            each(data, s->jobs.at[i]->run);
}
