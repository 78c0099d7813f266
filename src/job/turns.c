/* turns.c: lines, heaps of lines, and the turn of each session. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "job/turns.h"
#include <string.h>

enum { HEAD_START = 16 };                      /* of a priority before the one below: in starts */

/* All three live as long as somebody waits in them; a group also while one of its jobs runs. */
struct turn_line {
    turn_session *who;
    turn_group   *group;
    job          *first, *last;
    int           priority;
    int           at;              /* in the group's heap */
};
struct turn_session { uint64_t key, turn; LIST(turn_line *) lines; };     /* turn: number of the start at which it was served last */
struct turn_group { uint64_t key; int limit, running, at; LIST(turn_line *) heap; };

static uint64_t job_key(const char *session, uint64_t number)
{
    return hash_mix(hash_text(session), number);
}

job *turns_find(const turns *t, const char *session, uint64_t number)
{
    job *j = map_get(&t->jobs, job_key(session, number));
    return j && j->number == number && !strcmp(j->session, session) ? j : NULL;
}

/* ---- the heap of a group -------------------------------------------------------------------------------------------------- */

static int64_t due(const turn_line *l) { return (int64_t)l->who->turn - (int64_t)l->priority * HEAD_START; }

static bool sooner(const turn_line *a, const turn_line *b)
{
    return due(a) != due(b) ? due(a) < due(b) : a->first->arrival < b->first->arrival;
}

static void heap_put(turn_group *g, int i, turn_line *l)
{
    g->heap.at[i] = l;
    l->at = i;
}

/* The line at i may be due earlier or later than its place says. */
static void heap_fix(turn_group *g, int i)
{
    turn_line *l = g->heap.at[i];
    for (int up; i && sooner(l, g->heap.at[up = (i - 1) / 2]); i = up)
        heap_put(g, i, g->heap.at[up]);
    for (int child; (child = 2 * i + 1) < g->heap.count; i = child) {
        child += child + 1 < g->heap.count && sooner(g->heap.at[child + 1], g->heap.at[child]);
        if (!sooner(g->heap.at[child], l))
            break;
        heap_put(g, i, g->heap.at[child]);
    }
    heap_put(g, i, l);
}

static void heap_remove(turn_group *g, turn_line *l)
{
    turn_line *last = g->heap.at[--g->heap.count];
    if (last == l)
        return;
    heap_put(g, l->at, last);
    heap_fix(g, last->at);
}

/* ---- sessions, groups and lines come and go ---------------------------------------------------------------------------------- */

/* A newcomer stands behind those who have waited since before the last start, and before the one who was served then. */
static turn_session *session_at(turns *t, uint64_t key)
{
    turn_session *s = map_get(&t->sessions, key);
    if (!s) {
        s = mem_alloc(sizeof *s);
        s->key = key;
        s->turn = t->starts ? t->starts - 1 : 0;
        map_put(&t->sessions, key, s);
    }
    return s;
}

static turn_group *group_at(turns *t, uint64_t key)
{
    turn_group *g = map_get(&t->groups, key);
    if (!g) {
        g = mem_alloc(sizeof *g);
        g->key = key;
        g->at = t->all_groups.count;
        map_put(&t->groups, key, g);
        *list_add(&t->all_groups) = g;
    }
    return g;
}

static void group_left(turns *t, turn_group *g)
{
    if (g->running || g->heap.count)
        return;
    turn_group *last = t->all_groups.at[--t->all_groups.count];
    t->all_groups.at[g->at] = last;
    last->at = g->at;
    map_remove(&t->groups, g->key);
    list_done(&g->heap);
    mem_free(g);
}

static turn_line *line_at(turn_session *s, turn_group *g, int priority)
{
    for (int i = 0; i < s->lines.count; i++)
        if (s->lines.at[i]->group == g && s->lines.at[i]->priority == priority)
            return s->lines.at[i];
    turn_line *l = mem_alloc(sizeof *l);
    *l = (turn_line){ .who = s, .group = g, .priority = priority, .at = -1 };
    *list_add(&s->lines) = l;
    return l;
}

static void line_left(turns *t, turn_line *l)
{
    turn_session *s = l->who;
    heap_remove(l->group, l);
    for (int i = 0; i < s->lines.count; i++)
        if (s->lines.at[i] == l) {
            list_remove(&s->lines, i);
            break;
        }
    mem_free(l);
    if (s->lines.count)
        return;
    map_remove(&t->sessions, s->key);
    list_done(&s->lines);
    mem_free(s);
}

/* ---- steps ------------------------------------------------------------------------------------------------------------------- */

void turns_add(turns *t, job *j, uint64_t group, int limit)
{
    turn_group *g = group_at(t, group);
    turn_line *l = line_at(session_at(t, hash_text(j->session)), g, j->priority);
    g->limit = limit;
    j->group = g;
    j->line = l;
    j->arrival = ++t->arrivals;
    j->line_before = l->last;
    *(l->last ? &l->last->line_after : &l->first) = j;
    l->last = j;
    j->before = t->last;
    *(t->last ? &t->last->after : &t->first) = j;
    t->last = j;
    t->waiting++;
    map_put(&t->jobs, job_key(j->session, j->number), j);
    if (l->at < 0) {
        *list_add(&g->heap) = l;
        heap_fix(g, g->heap.count - 1);
    }
}

static void out_of_line(turns *t, job *j)
{
    turn_line *l = j->line;
    *(j->line_before ? &j->line_before->line_after : &l->first) = j->line_after;
    *(j->line_after ? &j->line_after->line_before : &l->last) = j->line_before;
    *(j->before ? &j->before->after : &t->first) = j->after;
    *(j->after ? &j->after->before : &t->last) = j->before;
    j->before = j->after = j->line_before = j->line_after = NULL;
    j->line = NULL;
    t->waiting--;
    if (l->first) heap_fix(l->group, l->at);
    else line_left(t, l);
}

static void served(turns *t, turn_session *s)
{
    s->turn = ++t->starts;
    for (int i = 0; i < s->lines.count; i++)
        heap_fix(s->lines.at[i]->group, s->lines.at[i]->at);
}

job *turns_next(turns *t)
{
    turn_line *best = NULL;
    for (int i = 0; i < t->all_groups.count; i++) {
        turn_group *g = t->all_groups.at[i];
        if (g->heap.count && (!g->limit || g->running < g->limit) && (!best || sooner(g->heap.at[0], best)))
            best = g->heap.at[0];
    }
    if (!best)
        return NULL;
    job *j = best->first;
    served(t, best->who);
    out_of_line(t, j);
    j->group->running++;
    t->running++;
    return j;
}

static void left(turns *t, job *j)
{
    map_remove(&t->jobs, job_key(j->session, j->number));
    group_left(t, j->group);
    j->group = NULL;
}

void turns_leave(turns *t, job *j)
{
    out_of_line(t, j);
    left(t, j);
}

void turns_ended(turns *t, job *j)
{
    j->group->running--;
    t->running--;
    left(t, j);
}

void turns_done(turns *t)
{
    for (int i = 0; i < t->all_groups.count; i++) {
        list_done(&t->all_groups.at[i]->heap);
        mem_free(t->all_groups.at[i]);
    }
    list_done(&t->all_groups);
    map_done(&t->sessions);
    map_done(&t->groups);
    map_done(&t->jobs);
}
