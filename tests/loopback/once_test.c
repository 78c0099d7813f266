/* once_test.c: exactly once, by trying: schedules of events, lost lines, late and failed writes, deaths and take-overs are drawn at random and played,
 * and what the store and the tabs hold at the end is compared with a plain account of what was done.
 *
 *   EASEL_SCHEDULES=1000000 EASEL_SEED=1 whole_test every_schedule    so many, from this one on
 *   EASEL_ONCE=SEED whole_test every_schedule                         the one that failed, told step by step
 *
 * A schedule that fails is played again without each of its steps, so that those remain which matter. tests/tools/mutations.py shows that
 * the test can fail. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "once.h"
#include "session/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS = 64, REST_STEPS = 4000, SECOND = 1000, PARTS = 2 };

/* Under a sanitizer each takes several times as long. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SCHEDULES 1000
#endif
#endif
#if !defined SCHEDULES && (defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__)
#define SCHEDULES 1000
#endif
#if !defined SCHEDULES
#define SCHEDULES 100000
#endif

world *w;
const char *const once_fields[FIELDS] = { "t0", "t1", "t2", "shared", "in form" };
const char *const deed_names[DEEDS] = { "typing", "typing in the shared field", "add", "row", "job", "fragment", "form", "say", "regenerate", "clear", "stop" };
static bool dropped[STEPS], apart;          /* apart: in a process of its own, which only this test needs */

uint64_t once_key(const char *key) { return run_key_id(run_page_scope("/"), key); }

unsigned pick(unsigned below)
{
    w->random = w->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(w->random >> 33) % below;
}

void say(const char *format, ...)
{
    va_list args;
    if (!w->talks) return;
    va_start(args, format);
    vprint_message(format, args);
    va_end(args);
    print_message("\n");
}

/* ---- the page ------------------------------------------------------------------------------------------------------------ */

static fact *cause(ez_ui *ui, int *view, int *n)
{
    const char *id = ez_event_id(ui), *dot = strchr(id, '.');
    *view = dot ? id[1] - '0' : 0;
    *n = dot ? atoi(dot + 1) : 0;
    return &w->facts[*view][*n];
}

bool sure(int tab)
{
    for (int v = 0; v < VIEWS; v++)
        for (int n = 0; n < EVENTS; n++)
            if (w->facts[v][n].tab == tab && (w->facts[v][n].lost || w->facts[v][n].crashed)) return false;
    return true;
}

static int rows_of(const hits *h) { return h->total % 3 + 1; }

static int rows_shown(void)
{
    const tree *t = w->running->before;
    int rows = 0;
    for (int i = 0; i < t->count; i++) rows += memmem(t->html + t->nodes[i].html, t->nodes[i].count, ">Row<", 5) != NULL;
    return rows;
}

/* The event takes effect. What its visitor typed before it must be there, and nothing typed after it. */
static void count(ez_ui *ui, hits *h)
{
    int view, n;
    fact *f = cause(ui, &view, &n);
    h->wrong = h->wrong || (f->what == ROW && f->rows != rows_shown() && (rows_shown() > 1 || !(w->deaths || w->takeovers)));
    h->of[view][n]++;
    if (f->what == FRAGMENT) h->inner++;
    else h->total++;
    h->disorder = h->disorder || n <= h->last[view];
    h->last[view] = (uint8_t)n;
    const value *typed = values_find(&w->running->values, once_key(once_fields[f->tab]));
    h->early = h->early || ((typed && typed->text ? atoi(typed->text) : 0) != f->typed[f->tab] && sure(f->tab));
}

static void inner(ez_ui *ui)
{
    hits *h = ez_state(ui, hits, "hits");
    if (ez_button(ui, "Inner", .key = "inner")) count(ui, h);
    ez_text(ui, ez_fmt(ui, "inner %d", h->inner));
}

static void job(ez_ui *ui)
{
    int view, n;
    cause(ui, &view, &n);
    ++*ez_state(ui, int, ez_fmt(ui, "job %d.%d", view, n));
    ez_append(ui, "log", ez_fmt(ui, "[%d.%d]", view, n));
    meanwhile();
    ez_put_text(ui, "shared", ez_fmt(ui, "j%d.%d", view, n));
}

static void chat(ez_ui *ui)
{
    ez_chat *talk = ez_chat_get(ui, "talk");
    const char *said = ez_chat_input(ui, "Say", .key = "say");
    if (said) {
        ez_chat_add(talk, "user", said);
        ez_chat_reply(ui, talk, ez_model_get(ui, NULL));
    }
    for (int i = 0; i < ez_chat_count(talk); i++) {
        const ez_message *m = ez_chat_at(talk, i);
        ez_chat_text(ui, m, .key = m->id);
    }
    if (w->clears) ez_clear_button(ui, "Clear", "talk", .key = "clear");
}

void once_page(ez_ui *ui)
{
    hits *h = ez_state(ui, hits, "hits");
    for (int i = 0; i <= SHARED; i++) ez_text_input(ui, once_fields[i], .key = once_fields[i]);
    if (ez_button(ui, "Add", .key = "add")) count(ui, h);
    ez_yield(ui);
    meanwhile();
    for (int i = 0, rows = rows_of(h); i < rows; i++)
        if (ez_button(ui, "Row")) {
            count(ui, h);
            ez_rerun(ui);
            return;
        }
    ez_ui *form = ez_form(ui, "form", .clear_on_submit = true);
    const char *words = ez_text_input(form, "In form", .key = once_fields[IN_FORM]);
    if (ez_submit_button(form, "Send")) {
        snprintf(h->form, sizeof h->form, "%s", words);
        count(ui, h);
    }
    ez_button(ui, "Job", .key = "job");
    ez_on(ui, "job.click", job, .rerun = true);
    ez_text(ui, "log ", .key = "log");
    ez_fragment(ui, inner, .key = "part");
    ez_yield(ui);
    meanwhile();
    chat(ui);
    ez_text(ui, ez_fmt(ui, "%d in all, %s, %s %s", h->total, h->form, ez_get_text(ui, "t0"), ez_get_text(ui, "shared")));
}

/* ---- a schedule ----------------------------------------------------------------------------------------------------------- */

static bool work(int p)
{
    switch (pick(6)) {
    case 0: case 1: return w->executing < 0 ? process_run(p) : store_apply(p);
    case 2: return store_apply(p);
    case 3: return (w->process[p].saves.count && (w->process[p].saves.at[0].applied || pick(2))) ? store_tell(p) : false;
    case 4: return w->executing < 0 && w->process[p].jobs.count ? process_job(p, (int)pick((unsigned)w->process[p].jobs.count)) : false;
    default:
        w->now += 1 + pick(40);
        process_wakes(p);
        return true;
    }
}

static void deliver(int t)
{
    for (unsigned i = 1 + pick(3); i; i--) tab_delivers(t);
    for (unsigned i = pick(4); i; i--) tab_reads(t);
}

/* While a run goes on: messages come, writes end, time passes. */
void meanwhile(void)
{
    if (w->peace || pick(3)) return;
    if (pick(2)) deliver((int)pick((unsigned)w->tabs));
    else work(w->executing);
}

static int somewhere(void) { return w->takeovers && !pick(4) ? 1 : 0; }

static deed some_deed(void)
{
    static const deed deeds[] = { TYPE, TYPE, TYPE, TYPE_SHARED, ADD, ADD, ADD, ROW, JOB, FRAGMENT, FORM, SAY, AGAIN, STOP, CLEAR };
    deed what = deeds[pick(COUNT(deeds))];
    return what == CLEAR && !w->clears ? ADD : what;
}

static void late_message(void)
{
    if (!w->late.count) return;
    up u = w->late.at[0];
    int p = somewhere();
    list_remove(&w->late, 0);
    if (w->process[p].s && session_shows(w->process[p].s, view_token(u.by))) {
        say("event %llu of view %d comes late to process %d", (unsigned long long)u.event.n, u.event.view, p);
        up_arrives(&u, p);
    }
}

static void slow_line(tab *b)
{
    session *s = b->process >= 0 ? w->process[b->process].s : NULL;
    if (!s || !b->live) return;
    if (b->slow) process_step(b->process, &(message){ .kind = MESSAGE_DRAINED, .view = view_token(b->view) });
    else session_slow(s, view_token(b->view));
    b->slow = !b->slow;
}

static void sleeps(void)
{
    say("the laptop sleeps");
    for (int i = 0; i < w->tabs; i++) tab_loses(i, pick(2));
    w->now += 70 * SECOND;
    for (int p = 0; p < PROCESSES; p++) process_wakes(p);
}

static void mishap(int t)
{
    tab *b = &w->tab[t];
    int p = somewhere();
    switch (pick(14)) {
    case 0: tab_loses(t, true); break;
    case 1: tab_loses(t, false); break;
    case 2: case 3: tab_reloads(t, p); break;
    case 4: if (w->shared) tab_duplicates(t, p); break;
    case 5: late_message(); break;
    case 6: if (w->deaths) process_dies(p, pick(2)); break;
    case 7: if (w->failures) w->fail_writes = 1 + (int)pick(3); break;
    case 8: if (w->process[p].s) session_rest(w->process[p].s, w->now + 100000); break;
    case 9: slow_line(b); break;
    case 10: sleeps(); break;
    case 11: process_forgets(p); break;
    case 12: if (b->up.count && b->up.count < 8 && !b->up.at[0].hello) { up u = b->up.at[0]; *list_add(&b->up) = u; } break;       /* sent twice */
    default: if (!pick(4)) engine_dies(); break;
    }
}

/* One thing comes at once after the other, while the page's runs are long in coming to their end and all else is quick. */
static void hurries(int t, int p)
{
    static const deed phrases[][4] = { { TYPE, JOB, DEEDS }, { ROW, TYPE, STOP, JOB } };
    const deed *next = phrases[pick(COUNT(phrases))];
    for (int i = 0; i < 4 && next[i] != DEEDS; i++) {
        tab_acts(t, next[i]);
        while (next[i] != STOP && tab_delivers(t)) continue;
        if (pick(4)) process_run(p);
    }
    while (pick(7)) {
        if (pick(2)) process_job(p, 0);
        else store_tell(p);
    }
}

static void step(void)
{
    int t = (int)pick((unsigned)w->tabs);
    tab *b = &w->tab[t];
    unsigned what = pick(24);
    if (b->loading) {                          /* its page may be lost with its process; the person loads it again */
        w->now += 60;
        for (int p = 0; p < PROCESSES; p++) process_wakes(p);
        if (b->loading && pick(2)) b->loading = false, b->frame = FRAME_UNKNOWN, b->epoch = 0, tab_connects(t, 0);
    }
    else if (w->grim && !pick(12)) process_dies(somewhere(), pick(2));
    else if (b->process < 0 && pick(3)) tab_connects(t, somewhere());
    else if (w->grim && b->process >= 0 && !pick(14)) hurries(t, b->process);
    else if (what < 8) tab_acts(t, some_deed());
    else if (what < 13) deliver(t);
    else if (what < 19) work(w->takeovers ? (int)pick(PROCESSES) : 0);
    else if (what < 21) engine_speaks((int)pick(4));
    else mishap(t);
}

/* ---- the end ---------------------------------------------------------------------------------------------------------------- */

static bool something_happens(void)
{
    bool any = false;
    for (int p = 0; p < PROCESSES; p++) any = store_tell(p) || process_run(p) || process_job(p, 0) || any;
    for (int t = 0; t < w->tabs; t++) {
        if (w->tab[t].process < 0) tab_connects(t, 0);
        any = tab_delivers(t) || tab_reads(t) || any;
    }
    for (int i = 0; i < w->answers.count; i++) any = engine_speaks(i) || any;
    return any;
}

static void come_to_rest(void)
{
    int turns = 0;
    do {
        while (something_happens())
            if (++turns > REST_STEPS) broken("it never comes to rest");
        int64_t wake = 0;
        for (int p = 0; p < PROCESSES; p++)
            if (w->process[p].s && session_wake(w->process[p].s) && (!wake || session_wake(w->process[p].s) < wake)) wake = session_wake(w->process[p].s);
        if (!wake) break;
        w->now = wake > w->now ? wake : w->now;
        for (int p = 0; p < PROCESSES; p++) process_wakes(p);
    } while (++turns < REST_STEPS);
    if (turns >= REST_STEPS) broken("it asks to be woken again and again");
}

/* All that went wrong ends: lines hold, writes succeed, and the process that lost the session notices. */
static void make_peace(void)
{
    say("-- peace");
    w->peace = true;
    w->fail_writes = 0;
    list_done(&w->late);
    for (int t = 0; t < w->tabs; t++) {
        if (w->tab[t].loading) w->tab[t].loading = false, w->tab[t].frame = FRAME_UNKNOWN, w->tab[t].epoch = 0;
        tab_loses(t, true);
    }
    while (store_tell(1) || process_run(1) || process_job(1, 0)) continue;
    come_to_rest();
    for (int p = 0; p < PROCESSES; p++) process_stale(p);
    for (int t = 0; t < w->tabs; t++) tab_loses(t, true);
    for (int v = 0; v < w->views; v++)         /* a line that broke unseen is noticed in the end */
        for (int p = 0; p < PROCESSES; p++) process_step(p, &(message){ .kind = MESSAGE_LOST, .view = view_token(v) });
    come_to_rest();
}

static void check_events(const hits *h, const session *s)
{
    for (int v = 0; v < w->views; v++)
        for (int n = 1; n < EVENTS; n++) {
            const fact *f = &w->facts[v][n];
            bool counts = f->what == ADD || f->what == ROW || f->what == FRAGMENT || f->what == FORM || f->what == JOB;
            char name[32];
            snprintf(name, sizeof name, "job %d.%d", v, n);
            const state *x = f->what == JOB ? states_find(&s->states, name) : NULL;
            int times = f->what == JOB ? x ? *(const int *)x->data : 0 : h->of[v][n];
            if (times > 1) broken("event %d of view %d (%s) took effect %d times", n, v, deed_names[f->what], times);
            if (!f->made && times) broken("event %d of view %d was never made and took effect", n, v);
            if (f->refused && times && !f->lost) broken("event %d of view %d (%s) was refused and took effect", n, v, deed_names[f->what]);
            if (f->crashed && times && f->what != JOB && !w->takeovers) broken("event %d of view %d (%s) ended its process, and took effect in the next", n, v, deed_names[f->what]);
            if (f->made && counts && !times && !f->refused && !f->crashed && !f->stopped && !f->lost) broken("event %d of view %d (%s) had no effect", n, v, deed_names[f->what]);
        }
    if (h->disorder) broken("events of one view took effect in another order than they were made");
    if (h->wrong) broken("a click on one of several like rows took effect, though their number had changed");
    if (h->early) broken("an event took effect without the text that was typed before it, or with text that was typed after it");
}

static void check_values(session *s)
{
    for (int t = 0; t < w->tabs; t++) {
        tab *b = &w->tab[t];
        if (b->waiting.count) broken("event %llu of view %d was never settled", (unsigned long long)b->waiting.at[0].n, b->waiting.at[0].view);
        for (int i = 0; i < FIELDS; i++) {
            const value *v = values_find(&s->values, once_key(once_fields[i]));
            const char *kept = v && v->kind == VALUE_TEXT ? v->text : "";
            if (b->fields[i].waits && i != IN_FORM) broken("what was typed into %s of tab %d never left it", once_fields[i], t);
            if (i < OWN_FIELDS && sure(i) && atoi(kept) != w->tab[i].typed) broken("the last text that tab %d typed is %d, and \"%s\" is kept", i, w->tab[i].typed, kept);
            if (i != IN_FORM && strcmp(kept, b->fields[i].shown)) broken("tab %d shows \"%s\" in %s, and \"%s\" is kept", t, b->fields[i].shown, once_fields[i], kept);
        }
    }
}

static void print_session(session *s, text *out)
{
    session_page p;
    if (!session_print(s, "/", &p)) broken("there is no page");
    text raw = { 0 };
    for (int i = 0; i < ROOT_PLACES; i++) text_printf(&raw, "[%d]%s", i, p.places[i].at ? p.places[i].at : "");
    dom_plain(raw.at, out);
    text_done(&raw);
    session_page_done(&p);
}

static void check_same(const char *what, const char *a, const char *b)
{
    size_t same = 0;
    if (!strcmp(a, b)) return;
    while (a[same] && a[same] == b[same]) same++;
    broken("%s at %zu:\n  %.200s\nand\n  %.200s", what, same, a + same, b + same);
}

static void check_shown(session *s, const char *page)
{
    for (int t = 0; t < w->tabs; t++) {
        text raw = { 0 }, shown = { 0 };
        dom_page(&w->tab[t].dom, &raw);
        dom_plain(raw.at, &shown);
        check_same("the page and what a tab shows differ", page, shown.at);
        if (w->tab[t].busy) broken("tab %d shows busy, and nothing goes on", t);
        if (w->tab[t].warned) broken("tab %d says that changes are not saved, and they are", t);
        text_done(&raw);
        text_done(&shown);
    }
    (void)s;
}

/* Each thing was said once and answered at most once for each time that somebody asked; no answer has a hole or a double. */
static void check_chat(session *s)
{
    conversation *c = session_chat(s, "talk");
    for (int i = 0; i < c->all.count; i++) {
        const chat_message *m = c->all.at[i];
        int same = 0, view, n;
        for (int j = 0; j < c->all.count; j++) same += !m->ask && !c->all.at[j]->ask && !strcmp(m->text, c->all.at[j]->text);
        if (same > 1) broken("\"%s\" was said %d times", m->text, same);
        if (!m->ask && (sscanf(m->text, "s%d.%d", &view, &n) != 2 || !w->facts[view][n].made || (w->facts[view][n].refused && !w->facts[view][n].lost))) broken("\"%s\" was said by nobody", m->text);
        for (int j = 0; m->ask && j < w->answers.count; j++) {
            engine_answer *x = &w->answers.at[j];
            if (x->id != m->id) continue;
            text all = { 0 };
            text_of_answer(x, &all);
            if (m->state == EZ_MESSAGE_STREAMING) broken("an answer never ends");
            if (strncmp(all.at, m->text, m->count) || (m->state != EZ_MESSAGE_FAILED && m->count != all.count)) broken("an answer is \"%s\", and the engine said \"%s\"", m->text, all.at);
            text_done(&all);
        }
    }
    for (int v = 0; v < w->views && !w->clears; v++)
        for (int n = 1; n < EVENTS; n++) {
            const fact *f = &w->facts[v][n];
            char words[32];
            bool found = false;
            if (!f->made || f->what != SAY || f->refused || f->crashed || f->stopped || f->lost) continue;
            snprintf(words, sizeof words, "s%d.%d", v, n);
            for (int i = 0; i < c->all.count; i++) found = found || !strcmp(c->all.at[i]->text, words);
            if (!found) broken("\"%s\" was said and is not there", words);
        }
}

static void check_rest(const session *s)
{
    if (s->inbox.count || s->saving.count || s->unsettled.count || s->running_events.count || s->jobs.count || s->streams.count || s->gets.count)
        broken("something is left in the session: inbox %d, saving %d, unsettled %d, running %d, jobs %d, streams %d, gets %d", s->inbox.count, s->saving.count,
            s->unsettled.count, s->running_events.count, s->jobs.count, s->streams.count, s->gets.count);
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->waiting.count) broken("event %llu of view %s waits for nothing", (unsigned long long)s->views.at[i]->waiting.at[0], s->views.at[i]->name);
    if (s->views.count > w->views || s->pages.count > 1) broken("views or pages came from nowhere");
}

/* A process that takes the session from the store has the same as the one that had it in memory. */
static void check_stored(const char *page, bool card, const hits *h, const values *before, int messages)
{
    text again = { 0 }, a = { 0 }, b = { 0 };
    actions out = { 0 };
    session *s = session_new(&w->program, w->token, "visitorvisitorvisitor1", w->fence);
    for (int i = 0; i < w->store.count; i++) session_part(s, w->store.at[i].name, w->store.at[i].data, w->store.at[i].count);
    session_loaded(s, w->now, &out);
    const state *x = states_find(&s->states, "hits");
    if (x && memcmp(x->data, h, sizeof *h)) broken("the state in the store is another one than in memory");
    values_save(before, &a);
    values_save(&s->values, &b);
    if (a.count != b.count || (a.count && memcmp(a.at, b.at, a.count))) broken("the values in the store are others than in memory: %s and %s", a.at, b.at);
    if (session_chat(s, "talk")->all.count != messages) broken("%d messages are stored and %d in memory", session_chat(s, "talk")->all.count, messages);
    print_session(s, &again);
    if (!card) check_same("the page and what is stored of it differ", page, again.at);
    text_done(&again);
    text_done(&a);
    text_done(&b);
    actions_done(&out);
    session_free(s);
}

static bool any_stopped(void)
{
    for (int v = 0; v < VIEWS; v++)
        for (int n = 0; n < EVENTS; n++)
            if (w->facts[v][n].stopped) return true;
    return false;
}

static void check(void)
{
    make_peace();
    session *s = process_session(0);
    const state *x = states_find(&s->states, "hits");
    hits h = { 0 };
    if (x) memcpy(&h, x->data, sizeof h);
    text page = { 0 }, fresh = { 0 };
    print_session(s, &page);
    check_events(&h, s);
    check_values(s);
    check_chat(s);
    check_shown(s, page.at);
    check_rest(s);
    bool card = strstr(page.at, "The page crashed.");  /* it is shown until the page runs, in the next process, too */
    check_stored(page.at, card, &h, &s->values, session_chat(s, "talk")->all.count);
    /* What is shown is what the page would say now. */
    once_event again = { .view = w->tab[0].view, .n = w->tab[0].n + 1, .frame = w->tab[0].frame, .node = tree_root_id(), .type = "rerun", .json = "null" };
    w->facts[again.view][again.n].made = true;
    w->facts[again.view][again.n].what = STOP;
    up_arrives(&(up){ .by = again.view, .event = again }, 0);
    come_to_rest();
    print_session(s, &fresh);
    if (!card && !any_stopped()) check_same("the page was out of date", fresh.at, page.at);      /* what was stopped stays as far as it was shown */
    for (int t = 0; t < w->tabs; t++) tab_loses(t, true);
    if (!session_idle(s)) broken("nobody uses the session, and it holds work");
    text_done(&page);
    text_done(&fresh);
}

static void tab_opens(void)
{
    tab_new(w->tabs, w->views++);
    w->tab[w->tabs++].frame = FRAME_UNKNOWN;
    come_to_rest();
}

static void play(uint64_t seed, bool talks)
{
    world_begin(seed);
    w->talks = talks;
    w->random = hash_mix(seed, STEPS);
    w->deaths = pick(3) > 0;
    w->takeovers = !pick(3);
    w->failures = !pick(3);
    w->clears = !pick(4);
    w->shared = !pick(3);
    int steps = 12 + (int)pick(STEPS - 12);
    w->grim = w->deaths && !pick(3);
    w->peace = true;
    process_session(0);
    for (int i = (int)pick(2); i >= 0; i--) tab_opens();
    w->peace = false;
    for (int i = 0; i < steps; i++) {
        w->random = hash_mix(seed, (uint64_t)i);
        if (!dropped[i]) step();
    }
    check();
    world_end();
}

/* ---- what it found ---------------------------------------------------------------------------------------------------------- */

/* No schedule: its seed is 0. */
static void one_tab_alone(void)
{
    world_begin(0);
    w->peace = true;
    process_session(0);
    tab_opens();
}

TEST(a_function_that_ends_while_its_page_owes_a_run_for_an_older_value_counts_once)
{
    one_tab_alone();
    tab_acts(0, TYPE);
    tab_delivers(0);
    tab_acts(0, JOB);
    tab_delivers(0);                           /* it cuts short the run of what was typed */
    process_run(0);
    process_job(0, 0);
    process_job(0, 0);
    while (store_tell(0)) continue;
    process_dies(0, false);
    check();
    world_end();
}

TEST(a_text_that_a_crash_consumed_goes_from_its_field_although_the_line_broke_before_it_was_told)
{
    one_tab_alone();
    tab_acts(0, ADD);
    tab_acts(0, TYPE);
    while (tab_delivers(0)) continue;
    process_run(0);
    process_dies(0, true);                     /* of the text; nothing is stored of the click */
    tab_loses(0, false);
    tab_connects(0, 0);
    tab_delivers(0);
    tab_reads(0);                              /* the greeting; its page is lost with the line */
    while (tab_delivers(0)) continue;
    process_run(0);
    tab_loses(0, true);
    check();
    world_end();
}

TEST(values_that_were_lost_between_a_greeting_and_themselves_come_with_the_next)
{
    one_tab_alone();
    tab_opens();
    process_dies(0, false);
    for (int t = 0; t < 2; t++) tab_loses(t, false), tab_connects(t, 0);
    tab_acts(1, TYPE_SHARED);
    tab_delivers(1);
    tab_reads(1);
    tab_delivers(1);                           /* before the process that has it now knows of the other tab */
    tab_delivers(0);
    tab_reads(0);
    tab_loses(0, true);
    check();
    world_end();
}

TEST(a_click_on_one_of_several_made_on_a_page_that_a_crash_took_is_refused)
{
    one_tab_alone();
    tab_acts(0, ADD);
    tab_delivers(0);
    process_run(0);
    while (store_tell(0)) continue;
    tab_acts(0, ADD);
    tab_delivers(0);
    process_run(0);                            /* a third row, which is not stored */
    while (tab_reads(0)) continue;
    tab_acts(0, ADD);
    tab_delivers(0);
    tab_acts(0, ROW);
    tab_acts(0, STOP);
    process_dies(0, true);
    tab_loses(0, false);
    tab_connects(0, 0);
    tab_delivers(0);
    tab_reads(0);
    while (tab_delivers(0)) continue;          /* Stop comes before the run that would show the third row again */
    check();
    world_end();
}

/* ---- a failure -------------------------------------------------------------------------------------------------------------- */

/* Ends with a number that stands for the way in which it failed. */
static int play_in_child(uint64_t seed, bool talks)
{
    char number[32], without[STEPS * 4] = "";
    for (int i = 0; i < STEPS; i++)
        if (dropped[i]) snprintf(without + strlen(without), sizeof without - strlen(without), "%d,", i);
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    pid_t pid = fork();
    if (!pid) {
        setenv("EASEL_ONCE", number, 1);
        setenv("EASEL_ONCE_WITHOUT", without, 1);
        setenv("EASEL_ONCE_CHILD", "1", 1);
        if (!talks && (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))) _exit(3);
        execl("/proc/self/exe", "whole_test", "every_schedule", (char *)NULL);
        _exit(3);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void shrink(uint64_t seed, int failure)
{
    for (int i = STEPS - 1; i >= 0; i--) {
        dropped[i] = true;
        dropped[i] = play_in_child(seed, false) == failure;
    }
    print_message("seed %llu, without the steps that do not matter (EASEL_ONCE=%llu plays all of it):\n", (unsigned long long)seed, (unsigned long long)seed);
    play_in_child(seed, true);
}

void broken(const char *format, ...)
{
    static char why[1200];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    uint64_t seed = w->seed;
    if (!seed) fail_msg("%s", why);
    int failure = 2 + (int)(hash_text(format) % 200);
    if (getenv("EASEL_ONCE_CHILD")) {
        print_message("%s\n", why);
        exit(failure);
    }
    if (!getenv("EASEL_NO_SHRINK")) shrink(seed, failure);
    if (!apart) fail_msg("seed %llu: %s", (unsigned long long)seed, why);
    print_message("seed %llu: %s\n", (unsigned long long)seed, why);
    exit(1);
}

/* In several processes at once, so that all cores help. */
static bool play_all(uint64_t seed, int count, int parts)
{
    pid_t pids[PARTS];
    bool good = true;
    for (int part = 0; part < parts; part++) {
        fflush(NULL);
        pids[part] = fork();
        if (pids[part]) continue;
        apart = true;
        for (int i = part; i < count; i += parts) play(seed + (uint64_t)i, false);
        exit(0);
    }
    for (int part = 0; part < parts; part++) {
        int status = -1;
        good = waitpid(pids[part], &status, 0) == pids[part] && !status && good;
        if (WIFSIGNALED(status)) print_message("signal %d ended a part\n", WTERMSIG(status));
    }
    return good;
}

TEST(every_schedule_counts_each_event_once)
{
    const char *one = getenv("EASEL_ONCE"), *many = getenv("EASEL_SCHEDULES"), *from = getenv("EASEL_SEED"), *without = getenv("EASEL_ONCE_WITHOUT");
    if (one) {
        for (const char *at = without ? without : ""; *at; at = strchr(at, ',') + 1) dropped[atoi(at)] = true;
        play(strtoull(one, NULL, 10), true);
        return;
    }
    uint64_t seed = from ? strtoull(from, NULL, 10) : 1;
    int count = many ? atoi(many) : SCHEDULES;
    print_message("%d schedules, EASEL_SEED=%llu\n", count, (unsigned long long)seed);
    if (!play_all(seed, count, getenv("EASEL_ONE_PART") ? 1 : PARTS)) fail_msg("a schedule went wrong; its seed stands above");
}
