/* view.c: a tab connects: what it says of its events, what it is told, and whether its page has to run. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <stdio.h>

/* What the browser says of its events: nothing up to these numbers comes again, whatever is remembered here; after them nothing may be missing. */
static void take_marks(session *s, view *by, const message *m)
{
    for (int i = 0; i < m->mark_count; i++) {
        const event_mark *mark = &m->marks[i];
        view *v = view_of(s, mark->view, true);
        view_knows(v, mark->settled);
        if (v == by)
            continue;
        v->page = v->page ? v->page : by->page;
        v->carried = true;
        v->seen_ms = s->now;
    }
}

void view_hello(session *s, const message *m)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s%s", m->path, m->query && *m->query ? "?" : "", m->query ? m->query : "");
    view *v = view_of(s, m->view, true);
    v->page = page_of(s, path);
    v->here = true;
    v->slow = false;
    v->seen_ms = s->used_ms = s->now;
    bool fresh = !s->keeps;
    s->keeps = true;
    v->late = false;
    take_marks(s, v, m);
    view_resume(s, v, m);
    v->met = true;
    if (v->page->lost_work) {
        v->page->lost_work = 0;
        toast(s, v->page, EZ_LEVEL_ERROR, "A function was still running when the program stopped. Please start it again.");
    }
    if ((!v->page->ran || v->page->owed) && !v->page->notice && !(s->running && s->running_page == v->page)) {
        rerun_page(s, v->page);
        pump(s);
    }
    if (fresh)
        save(s);
}

/* Nothing was said to it since it became slow. */
void view_drained(session *s, view *v)
{
    v->slow = false;
    view_whole(s, v);
    tell_refusals(s, v, true);
    tell_ack(s, v);
}
