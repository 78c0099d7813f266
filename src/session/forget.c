/* forget.c: what a session keeps of pages and tabs that are gone: the last few, so that it does not grow with each address and each reload. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <string.h>

/* ---- pages: one for each path and query that was asked for ------------------------------------------------------------------------ */

static bool page_used(const session *s, const shown *p)
{
    bool used = p == s->running_page || p->lost_work || page_watched(s, p);
    for (int i = 0; i < s->inbox.count; i++)
        used = used || s->inbox.at[i].page == p;
    for (int i = 0; i < s->gets.count; i++)
        used = used || s->gets.at[i].page == p;
    for (int i = 0; i < s->jobs.count; i++)
        used = used || s->jobs.at[i]->page == p;
    for (int i = 0; i < s->views.count; i++)
        used = used || (s->views.at[i]->page == p && s->views.at[i]->waiting.count);
    return used;
}

static void page_forget(session *s, int at)
{
    shown *p = s->pages.at[at];
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->page == p)
            s->views.at[i]->page = NULL;
    if (p->saved)
        *list_add(&s->pages_gone) = mem_text(p->path);
    list_remove(&s->pages, at);
    page_free(p);
}

/* The one that was asked for longest ago makes room. Who comes back to it gets a new run of it. */
void forget_old_pages(session *s)
{
    while (s->pages.count >= PAGES_KEPT) {
        int oldest = -1;
        for (int i = 0; i < s->pages.count; i++)
            if (!page_used(s, s->pages.at[i]) && (oldest < 0 || s->pages.at[i]->used_ms < s->pages.at[oldest]->used_ms))
                oldest = i;
        if (oldest < 0)
            return;
        page_forget(s, oldest);
    }
}

/* ---- views: one for each page load ------------------------------------------------------------------------------------------------- */

void view_free(view *v)
{
    for (int i = 0; i < v->refusals.count; i++)
        mem_free(v->refusals.at[i].why);
    list_done(&v->refusals);
    list_done(&v->waiting);
    list_done(&v->done);
    mem_free(v);
}

/* Events of a view that was there a moment ago may still come; of one that made none nothing need be known. */
static bool view_used(const session *s, const view *v)
{
    bool marked = v->taken || v->settled || v->done.count;
    return v->here || v->waiting.count || (marked && s->now - v->seen_ms < VIEW_MS && s->views.count <= VIEWS_MAX);
}

void forget_old_views(session *s)
{
    while (s->views.count >= VIEW_MARKS) {
        int oldest = -1;
        for (int i = 0; i < s->views.count; i++)
            if (!view_used(s, s->views.at[i]) && (oldest < 0 || s->views.at[i]->seen_ms < s->views.at[oldest]->seen_ms))
                oldest = i;
        if (oldest < 0)
            return;
        view_free(s->views.at[oldest]);
        list_remove(&s->views, oldest);
    }
}
