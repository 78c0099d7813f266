/* rest.c: pages of sessions in which nothing happens are kept deflated, beside a sample of their kind (samples.h): a twentieth of their size, back within 50 us. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"

enum { REST_MS = 2000 };

static void ring_drop(shown *p)
{
    for (int i = 0; i < p->ring.count; i++)
        mem_free(p->ring.at[i].text);
    list_done(&p->ring);
    p->ring_bytes = 0;
}

/* What a view that is away might still need is its frame's number; a view that missed frames gets the whole page. */
static bool page_rest(shown *p, page_samples *all)
{
    text plain = { 0 };
    if (p->packed || p->now != p->settled || !p->now->html)
        return false;
    tree_save(p->now, &plain);
    p->packed = samples_pack(all, p->path, plain.at, plain.count, &p->packed_count, &p->packed_by);
    if (p->packed) {
        p->packed_whole = plain.count;
        tree_drop(p->now);
        tree_drop(p->settled);
        p->now = p->settled = NULL;
        ring_drop(p);
    }
    text_done(&plain);
    return p->packed != NULL;
}

static void page_wake(shown *p)
{
    if (!p->packed)
        return;
    char *plain = mem_alloc(p->packed_whole);
    ez_err err = { EZ_OK, "" };
    tree *t = samples_unpack(p->packed_by, p->packed, p->packed_count, plain, p->packed_whole) ? tree_read(plain, p->packed_whole, &err) : NULL;
    p->now = t ? t : tree_new();
    p->settled = tree_hold(p->now);
    p->ran = p->ran && t;
    mem_free(plain);
    mem_free(p->packed);
    sample_drop(p->packed_by);
    p->packed = NULL;
    p->packed_by = NULL;
}

void pages_wake(session *s)
{
    for (int i = 0; i < s->pages.count; i++)
        page_wake(s->pages.at[i]);
}

/* Lists that are empty now keep no room for a rush to come. */
static void lists_rest(session *s)
{
    list_done(&s->inbox);
    list_done(&s->saving);
    list_done(&s->gets);
    list_done(&s->unsettled);
    list_done(&s->running_events);
    list_done(&s->jobs);
    list_done(&s->streams);
}

/* A page that nobody has touched yet rests at once: most visitors read before they do anything, and what is packed early leaves no
 * holes between what stays. */
bool session_rest(session *s, int64_t now_ms)
{
    bool freed = false;
    if (s->running || s->inbox.count || s->saving.count || s->jobs.count || s->streams.count || s->gets.count || s->unsettled.count || s->running_events.count ||
        (s->touched && now_ms - s->used_ms < REST_MS))
        return false;
    for (int i = 0; i < s->pages.count; i++)
        freed = page_rest(s->pages.at[i], s->program->samples) || freed;
    if (freed)
        lists_rest(s);
    return freed;
}
