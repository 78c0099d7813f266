/* turns.c: lines, heaps of lines, and the turn of each session. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "job/turns.h"
#include <math.h>
#include <string.h>

enum { HEAD_START = 16 };                      /* of a priority before the one below: in starts */

/* All three live as long as somebody waits in them; a group also while one of its jobs runs. */
struct turn_line {
    turn_session *who;
    turn_group   *group;
    job          *first, *last;
    int           priority;
    int           at;              /* in the group's heap */
    job          *first_then;      /* what a forecast puts back */
};
struct turn_session { uint64_t key, turn, turn_then; LIST(turn_line *) lines; };     /* turn: number of the start at which it was served last */
struct turn_group { uint64_t key; int limit, running, at, told; LIST(turn_line *) heap; };

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
    int at = l->at;
    l->at = -1;
    if (last == l)
        return;
    heap_put(g, at, last);
    heap_fix(g, at);
}

static void heap_add(turn_group *g, turn_line *l)
{
    *list_add(&g->heap) = l;
    heap_put(g, g->heap.count - 1, l);
    heap_fix(g, l->at);
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
    list_drop(&s->lines, l);
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
    if (l->at < 0) heap_add(g, l);
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

/* A session's lines of different priorities stand in one heap, so all leave it before their order changes. */
static void served(turns *t, turn_session *s)
{
    LIST(turn_line *) here = { 0 };
    for (int i = 0; i < s->lines.count; i++)
        if (s->lines.at[i]->at >= 0) {         /* else a forecast has come to its end */
            *list_add(&here) = s->lines.at[i];
            heap_remove(s->lines.at[i]->group, s->lines.at[i]);
        }
    s->turn = ++t->starts;
    for (int i = 0; i < here.count; i++) heap_add(here.at[i]->group, here.at[i]);
    list_done(&here);
}

static turn_line *next_line(const turns *t)
{
    turn_line *best = NULL;
    for (int i = 0; i < t->all_groups.count; i++) {
        turn_group *g = t->all_groups.at[i];
        if (g->heap.count && (!g->limit || g->running < g->limit) && (!best || sooner(g->heap.at[0], best)))
            best = g->heap.at[0];
    }
    return best;
}

job *turns_next(turns *t)
{
    turn_line *best = next_line(t);
    if (!best)
        return NULL;
    job *j = best->first;
    served(t, best->who);
    out_of_line(t, j);
    j->group->running++;
    t->running++;
    j->after = t->first_running;
    if (j->after) j->after->before = j;
    t->first_running = j;
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
    *(j->before ? &j->before->after : &t->first_running) = j->after;
    if (j->after) j->after->before = j->before;
    j->before = j->after = NULL;
    j->group->running--;
    t->running--;
    left(t, j);
}

/* ---- forecasts --------------------------------------------------------------------------------------------------------------- */

enum { MEASURED_MOST = 16 };

/* The newest counts for a sixteenth: a function that becomes slow is known for it soon. */
void job_measured(job_function *f, double took_ms, double held_ms)
{
    if (f->measured < MEASURED_MOST) f->measured++;
    f->took_ms += (took_ms - f->took_ms) / f->measured;
    f->held_ms += (held_ms - f->held_ms) / f->measured;
}

/* At that time a permit is free again, or (group) a place of the group. */
typedef struct release { double at; turn_group *group; } release;
typedef struct releases { LIST(release) list; } releases;      /* a heap */

static void release_add(releases *all, double at, turn_group *group)
{
    *list_add(&all->list) = (release){ at, group };
    release *h = all->list.at, x = { at, group };
    int i = all->list.count - 1;
    for (int up; i && at < h[up = (i - 1) / 2].at; i = up) h[i] = h[up];
    h[i] = x;
}

static release release_take(releases *all)
{
    release *h = all->list.at, first = h[0], x = h[--all->list.count];
    int i = 0;
    for (int child; (child = 2 * i + 1) < all->list.count; i = child) {
        child += child + 1 < all->list.count && h[child + 1].at < h[child].at;
        if (h[child].at >= x.at)
            break;
        h[i] = h[child];
    }
    h[i] = x;
    return first;
}

/* One that takes longer than others did is taken to need as much longer again. */
static double rest_of(const job *j, double mean, double now_ms)
{
    double since = j->began_ms > 0 ? now_ms - j->began_ms : 0;
    return !j->function->measured ? INFINITY : since < mean ? mean - since : since - mean;
}

/* What a forecast changes, to be put back. */
typedef struct snapshot { LIST(turn_line *) lines; LIST(int) running; uint64_t starts; } snapshot;

static void snapshot_take(snapshot *s, turns *t)
{
    s->starts = t->starts;
    for (int i = 0; i < t->all_groups.count; i++) {
        turn_group *g = t->all_groups.at[i];
        g->told = 0;
        *list_add(&s->running) = g->running;
        for (int k = 0; k < g->heap.count; k++) {
            turn_line *l = g->heap.at[k];
            l->first_then = l->first;
            l->who->turn_then = l->who->turn;
            *list_add(&s->lines) = l;
        }
    }
}

/* All heaps are empty. */
static void snapshot_back(snapshot *s, turns *t)
{
    t->starts = s->starts;
    for (int i = 0; i < t->all_groups.count; i++) t->all_groups.at[i]->running = s->running.at[i];
    for (int i = 0; i < s->lines.count; i++) {
        s->lines.at[i]->first = s->lines.at[i]->first_then;
        s->lines.at[i]->who->turn = s->lines.at[i]->who->turn_then;
    }
    for (int i = 0; i < s->lines.count; i++) heap_add(s->lines.at[i]->group, s->lines.at[i]);
    list_done(&s->lines);
    list_done(&s->running);
}

static job *play_one(turns *t, turn_line *l)
{
    job *j = l->first;
    served(t, l->who);
    l->first = j->line_after;
    if (l->first) heap_fix(l->group, l->at);
    else heap_remove(l->group, l);
    l->group->running++;
    return j;
}

/* The queue itself is played on, so that how turns are taken is said once, and then put back. */
void turns_forecast(turns *t, int permits, double now_ms, turns_told *told, void *data)
{
    snapshot before = { 0 };
    releases next = { 0 };
    double at = 0;
    int left = t->waiting, free = permits - t->running;
    snapshot_take(&before, t);
    for (job *j = t->first_running; j; j = j->after) {
        release_add(&next, rest_of(j, j->function->held_ms, now_ms), NULL);
        release_add(&next, rest_of(j, j->function->took_ms, now_ms), j->group);
    }
    while (left) {
        turn_line *l = free > 0 ? next_line(t) : NULL;
        if (l && !(next.list.count && next.list.at[0].at <= at)) {
            job *j = play_one(t, l);
            bool known = j->function->measured;
            release_add(&next, known ? at + j->function->held_ms : INFINITY, NULL);
            release_add(&next, known ? at + j->function->took_ms : INFINITY, j->group);
            free--;
            left--;
            told(data, j, ++j->group->told, at);
        } else {
            release r = release_take(&next);
            if (r.at > at) at = r.at;
            if (r.group) r.group->running--;
            else free++;
        }
    }
    list_done(&next.list);
    snapshot_back(&before, t);
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
