/* schedule_test.c: exactly once, whatever happens in between: random events, repeats, reconnects, reloads, lost writes and deaths. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the page counts, by the name of the event that caused the run; a plain list of what was done is the reference. */
enum { VIEWS = 12, EVENTS = 40, TABS = 2 };
typedef struct hits { unsigned char of[VIEWS][EVENTS]; int clicks; } hits;

static void page(ez_ui *ui)
{
    hits *h = ez_state(ui, hits, "hits");
    if (ez_button(ui, "Add", .key = "add")) {
        int view, n;
        if (sscanf(ez_event_id(ui), "%*c%d-%*[-].%d", &view, &n) == 2 && view < VIEWS && n < EVENTS) h->of[view][n]++;
        h->clicks++;
    }
    ez_yield(ui);
    const char *left = ez_text_input(ui, "Left", .key = "t0"), *right = ez_text_input(ui, "Right", .key = "t1");
    for (int i = 0; i < h->clicks % 7; i++) ez_text(ui, ez_fmt(ui, "row %d", i));
    ez_text(ui, ez_fmt(ui, "%d clicks, %s, %s", h->clicks, left, right), .key = "out");
}

typedef struct schedule {
    loopback *l;
    uint64_t  seed, start;
    lb_view  *tab[TABS];           /* the view that a tab shows now */
    int       views, clicks;
    bool      made[VIEWS][EVENTS], crashed[VIEWS][EVENTS], is_click[VIEWS][EVENTS];
    char      last[TABS][16];      /* what was typed last in each tab, into its own field */
    uint32_t  rev[TABS];
    bool      with_text[VIEWS][EVENTS];
    int       tab_of[VIEWS];
    bool      unsure[TABS];        /* the event that crashed had typed text with it: it may be there or not */
    bool      deaths, failures;
} schedule;

static unsigned pick(schedule *s, unsigned below)
{
    s->seed = s->seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(s->seed >> 33) % below;
}

static int index_of(const lb_view *v) { return atoi(v->token + 1); }

static const char *next_name(schedule *s)
{
    static char name[16];
    snprintf(name, sizeof name, "v%d", s->views++);
    return name;
}

static void do_event(schedule *s, int tab)
{
    lb_view *v = s->tab[tab];
    if (v->n + 1 >= EVENTS)
        return;
    bool click = pick(s, 3) > 0;
    lb_event *e = loopback_event(v, false);
    s->made[index_of(v)][e->n] = true;
    s->is_click[index_of(v)][e->n] = click;
    s->tab_of[index_of(v)] = tab;
    if (!click || !pick(s, 3)) {
        char json[24], key[3] = { 't', (char)('0' + tab), 0 };
        snprintf(s->last[tab], sizeof s->last[tab], "w%llu", (unsigned long long)e->n + 100 * (uint64_t)index_of(v));
        snprintf(json, sizeof json, "\"%s\"", s->last[tab]);
        event_value_add(e, loopback_id(s->l, key), json, ++s->rev[tab]);
        s->with_text[index_of(v)][e->n] = true;
        s->unsure[tab] = false;
    }
    if (click) {
        event_trigger(e, loopback_id(s->l, "add"), "click", NULL);
        s->clicks++;
    }
    if (v->here) loopback_send_last(s->l, v);
}

static void repeat_something(schedule *s, int tab)
{
    lb_view *v = s->tab[tab];
    if (!v->here || !v->unacked.count)
        return;
    loopback_send(s->l, v, &v->unacked.at[pick(s, (unsigned)v->unacked.count)]);
}

static void work(schedule *s)
{
    loopback *l = s->l;
    switch (pick(s, 4)) {
    case 0: if (l->runs.count) loopback_run_one(l); break;
    case 1: loopback_store(l); break;
    case 2: if (l->saves.count && (l->saves.at[0].stored || pick(s, 2))) loopback_commit(l); break;
    default: loopback_tick(l, 1 + pick(s, 80)); break;
    }
}

/* The process dies. Sometimes it was the event that runs that killed it. */
static void die(schedule *s)
{
    loopback *l = s->l;
    char view[TOKEN_CHARS + 1] = "";
    unsigned long long n = 0;
    if (l->runs.count && l->runs.at[0]->event_id[0] && pick(s, 2)) {
        const char *dot = strchr(l->runs.at[0]->event_id, '.');
        snprintf(view, sizeof view, "%.*s", (int)(dot - l->runs.at[0]->event_id), l->runs.at[0]->event_id);
        n = strtoull(dot + 1, NULL, 10);
        s->crashed[atoi(view + 1)][n] = true;
        if (s->with_text[atoi(view + 1)][n]) s->unsure[s->tab_of[atoi(view + 1)]] = true;
    }
    loopback_crash(l, view, n, n ? "/" : NULL);
    if (n) loopback_commit(l);                 /* the note of it outlives whatever comes before this */
}

static void step(schedule *s)
{
    loopback *l = s->l;
    int tab = (int)pick(s, TABS);
    lb_view *v = s->tab[tab];
    unsigned what = pick(s, 40);
    if (what < 10) do_event(s, tab);
    else if (what < 13) repeat_something(s, tab);
    else if (what == 13) loopback_lose(l, v);
    else if (what == 14) v->here = false;      /* the line is dead, and nobody has noticed */
    else if (what < 20 && !v->here) loopback_hello(l, v);
    else if (what == 20 && s->views < VIEWS) {
        s->tab[tab] = loopback_reload(l, v, next_name(s));
        loopback_tick(l, 60);                  /* the page comes, whatever the run does */
        loopback_hello(l, s->tab[tab]);
    }
    else if (what == 21 && s->deaths) die(s);
    else if (what == 22 && s->failures) l->fail_writes = 1 + (int)pick(s, 3);
    else if (what == 23) session_rest(l->s, l->now + 100000);
    else work(s);
    if (!pick(s, 16)) loopback_same(l);
}

static void check(schedule *s)
{
    loopback *l = s->l;
    l->hold_runs = l->hold_saves = false;
    l->fail_writes = 0;
    loopback_drain(l);
    for (int i = 0; i < TABS; i++) {
        loopback_lose(l, s->tab[i]);
        loopback_hello(l, s->tab[i]);
        loopback_drain(l);
    }
    loopback_wait(l, 20000);
    if (s->failures) {                         /* what failed was written again: nothing is missing in the next process */
        loopback_restart(l);
        for (int i = 0; i < TABS; i++) loopback_hello(l, s->tab[i]);
        loopback_drain(l);
    }
    for (int i = 0; i < l->views.count; i++)
        if (l->views.at[i]->unacked.count)
            fail_msg("seed %llu: event %llu of view %d was never settled", (unsigned long long)s->start, (unsigned long long)l->views.at[i]->unacked.at[0].n, index_of(l->views.at[i]));
    char clicks[40], left[40], right[40];
    int expected = 0;
    for (int v = 0; v < VIEWS; v++)
        for (int n = 0; n < EVENTS; n++)
            expected += s->made[v][n] && s->is_click[v][n] && !s->crashed[v][n];
    snprintf(clicks, sizeof clicks, ">%d clicks, ", expected);
    snprintf(left, sizeof left, s->unsure[0] ? ", " : "clicks, %s, ", s->last[0]);
    snprintf(right, sizeof right, s->unsure[1] ? "</p>" : ", %s</p>", s->last[1]);
    for (int i = 0; i < TABS; i++)
        if (!loopback_sees(s->tab[i], clicks) || !loopback_sees(s->tab[i], left) || !loopback_sees(s->tab[i], right)) {
            loopback_same(l);
            text shown = { 0 };
            dom_page(&s->tab[i]->dom, &shown);
            fail_msg("seed %llu: wanted \"%s\", \"%s\", \"%s\" in tab %d, which shows %s", (unsigned long long)s->start, clicks, left, right, i, strstr(shown.at, " clicks, ") ? strstr(shown.at, " clicks, ") - 3 : shown.at);
        }
    loopback_same(l);
}

static void one_schedule(uint64_t seed)
{
    schedule s = { .seed = seed, .start = seed };
    s.l = loopback_new(page);
    s.deaths = pick(&s, 3) > 0;
    s.failures = !s.deaths && pick(&s, 2);
    for (int i = 0; i < TABS; i++) s.tab[i] = loopback_open(s.l, next_name(&s));
    s.l->hold_runs = s.l->hold_saves = true;
    for (int i = 0, steps = 20 + (int)pick(&s, 100); i < steps; i++) step(&s);
    check(&s);
    loopback_free(s.l);
}

TEST(whatever_happens_every_event_counts_once)
{
    const char *given = getenv("EASEL_SEED"), *many = getenv("EASEL_SCHEDULES");
    uint64_t seed = given ? strtoull(given, NULL, 10) : random_u64() >> 1;
    int count = many ? atoi(many) : 2000;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < count; i++) one_schedule(seed + (uint64_t)i);
}
