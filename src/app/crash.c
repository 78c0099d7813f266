/* crash.c: what a dead worker's notes mean: who is guilty, what the visitor is told, which page is not run for a while. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/crash.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

enum { DEATHS_MAX = 3, WINDOW_MS = 60000, KEPT_MS = 600000, BLOCK_MS = 10000, BLOCK_LONGEST_MS = 300000 };

/* ---- words --------------------------------------------------------------------------------------------------------------- */

static const struct { int number; const char *name, *meaning; } signals[] = {
    { SIGSEGV, "SIGSEGV", "an access to memory that is not there" },
    { SIGBUS,  "SIGBUS",  "an access to memory that does not work" },
    { SIGFPE,  "SIGFPE",  "an impossible calculation" },
    { SIGILL,  "SIGILL",  "an illegal instruction" },
    { SIGABRT, "SIGABRT", "the program called abort" },
    { SIGTRAP, "SIGTRAP", "a trap" },
    { SIGSYS,  "SIGSYS",  "a forbidden system call" },
    { SIGXCPU, "SIGXCPU", "its processor time is used up" },
    { SIGXFSZ, "SIGXFSZ", "a file grew beyond its limit" },
    { SIGKILL, "SIGKILL", "it was killed" },
};

static void signal_words(int number, text *t)
{
    for (int i = 0; i < COUNT(signals); i++)
        if (signals[i].number == number) {
            text_printf(t, "%s, %s", signals[i].name, signals[i].meaning);
            return;
        }
    text_printf(t, "signal %d", number);
}

void crash_ending(int status, char *out, size_t room)
{
    if (WIFSIGNALED(status))
        snprintf(out, room, "died of signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(out, room, "ended with status %d", WEXITSTATUS(status));
}

static const char *subject(note_what what)
{
    static const char *const names[] = { "This page", "A part of this page", "A function of this page", "A function that follows an answer" };
    return names[(unsigned)what < COUNT(names) ? what : NOTE_PAGE];
}

void crash_how(const note *x, int status, const char *ended, text *t)
{
    int number = x->how == NOTE_NOT && WIFSIGNALED(status) ? WTERMSIG(status) : x->number;
    switch (x->how) {
    case NOTE_EXIT:       text_printf(t, " ended %s: it called exit(%d)", ended, x->number); break;
    case NOTE_QUICK_EXIT: text_printf(t, " ended %s: it called quick_exit", ended); break;
    case NOTE_LEFT:       text_puts(t, " ended its thread: it called pthread_exit"); break;
    case NOTE_MEMORY:     text_puts(t, " crashed (it ran out of memory)"); break;
    default:
        if (x->how == NOTE_NOT && !WIFSIGNALED(status)) {
            text_printf(t, " ended %s with status %d", ended, WEXITSTATUS(status));
            break;
        }
        text_puts(t, " crashed (");
        if (x->overflow) text_puts(t, "SIGSEGV, its stack overflowed");
        else signal_words(number, t);
        text_puts(t, ")");
    }
    if (x->file[0])
        text_printf(t, x->called ? " after the call at %s:%d" : " before it made a call; it is bound at %s:%d", x->file, x->line);
}

static void how_words(const note *x, text *t)
{
    text_puts(t, subject(x->what));
    crash_how(x, 0, "the program", t);
    text_puts(t, ". What you did was not carried out; everything else is as it was.");
}

/* It was under way at each of the last deaths, and none of them was of its own thread: one of a thread that it made, or from outside. */
static void deaths_words(const notes *all, const note *x, text *t)
{
    char ending[128];
    crash_ending(all->ended, ending, sizeof ending);
    text_printf(t, "The program ended %d times while this was under way", DEATHS_MAX);
    if (x->file[0])
        text_printf(t, x->called ? ", after the call at %s:%d" : ", bound at %s:%d", x->file, x->line);
    text_puts(t, "; the last time it ");
    if (WIFSIGNALED(all->ended)) {
        text_puts(t, "died of ");
        signal_words(WTERMSIG(all->ended), t);
    } else {
        text_puts(t, ending);
    }
    text_puts(t, ". So it is not tried again.");
}

/* What a visitor may see of a crash; all but the source stands in the log. */
static char *visitors_words(const notes *all, const note *x, const char *words, bool details)
{
    char id[ERROR_CHARS + 1];
    text t = { 0 };
    if (details) {
        text_puts(&t, words);
        if (x->file[0])
            source_lines(x->file, x->line, x->called ? SOURCE_LINES : 1, all->built, &t);
        return text_take(&t);
    }
    error_id(x->id, id);
    text_printf(&t, "%s failed. What you did was not carried out; everything else is as it was. %s", subject(x->what), id);
    return text_take(&t);
}

/* ---- pages that crash again and again -------------------------------------------------------------------------------------- */

static crash_place *place_of(notes *all, uint64_t path, uint64_t session, bool make)
{
    crash_place *oldest = &all->places[0];
    for (int i = 0; i < CRASH_PLACES; i++) {
        crash_place *p = &all->places[i];
        if (p->path == path && p->session == session)
            return p;
        if (p->recent[0].ms < oldest->recent[0].ms)
            oldest = p;
    }
    if (!make)
        return NULL;
    *oldest = (crash_place){ .path = path, .session = session };
    return oldest;
}

/* For all only when the page itself did it: without an event, and in the hands of different sessions. */
static bool place_is_full(const crash_place *p, int64_t now)
{
    bool different = false;
    for (int i = 0; i < CRASH_RECENT; i++) {
        if (!p->recent[i].ms || now - p->recent[i].ms > WINDOW_MS)
            return false;
        different = different || p->recent[i].session != p->recent[0].session;
    }
    return p->session || different;
}

static void place_add(crash_place *p, uint64_t session, int64_t now, const char *what, bool enough)
{
    if (now - p->recent[0].ms > KEPT_MS)
        p->times = 0;
    memmove(p->recent + 1, p->recent, sizeof p->recent - sizeof p->recent[0]);
    p->recent[0].ms = now;
    p->recent[0].session = session;
    snprintf(p->what, sizeof p->what, "%.*s", (int)strcspn(what, "\n"), what);
    /* After its pause one crash is enough for the next. */
    if (!enough && !p->times && !place_is_full(p, now))
        return;
    int64_t pause = BLOCK_MS << (p->times < 5 ? p->times : 5);
    p->until = now + (pause < BLOCK_LONGEST_MS ? pause : BLOCK_LONGEST_MS);
    p->times++;
}

/* What is guilty of several deaths without an event has crashed often enough. */
static void place_crashed(notes *all, const note *x, bool alone, const char *what)
{
    uint64_t path = hash_text(x->path), session = hash_text(x->session);
    bool enough = x->how == NOTE_NOT && !x->events[0];
    place_add(place_of(all, path, session, true), session, x->at_ms, what, enough);
    if (!x->events[0] && x->what <= NOTE_FRAGMENT)
        place_add(place_of(all, path, 0, true), session, x->at_ms, what, enough && alone);
}

const char *crash_blocks(notes *all, const char *session, const char *path)
{
    static char why[640];                      /* of the loop's thread */
    int64_t now = clock_ms();
    for (int i = 0; all && i < 2; i++) {
        const crash_place *p = place_of(all, hash_text(path), i ? 0 : hash_text(session), false);
        if (!p || p->until <= now)
            continue;
        snprintf(why, sizeof why, "This page crashed again and again, so it is not run for the next %d s; reload it then. %s", (int)((p->until - now + 999) / 1000), p->what);
        return why;
    }
    return NULL;
}

/* ---- reading the notes ------------------------------------------------------------------------------------------------------ */

static int deaths_of(notes *all, uint64_t event, bool visit)
{
    int oldest = 0;
    int64_t now = clock_ms();
    for (int i = 0; i < NOTE_DEATHS; i++) {
        if (all->deaths[i].event == event) {
            if (visit && now - all->deaths[i].ms > WINDOW_MS)
                all->deaths[i].deaths = 0;     /* not the same visit any more */
            all->deaths[i].ms = now;
            return ++all->deaths[i].deaths;
        }
        if (all->deaths[i].ms < all->deaths[oldest].ms)
            oldest = i;
    }
    all->deaths[oldest].event = event;
    all->deaths[oldest].ms = now;
    return all->deaths[oldest].deaths = 1;
}

/* Counts a death of each event that was under way; keeps those in the note for which it was one too many. A visit to a page counts by
 * its address when nothing else was under way, as a session that was never stored does not come again. */
static bool died_often(notes *all, note *x, bool alone)
{
    char kept[sizeof x->events] = "", *rest = NULL;
    size_t count = 0;
    if (!x->events[0])
        return deaths_of(all, hash_mix(hash_text(x->path), alone ? 1 : hash_text(x->session)), true) >= DEATHS_MAX;
    for (char *event = strtok_r(x->events, " ", &rest); event; event = strtok_r(NULL, " ", &rest))
        if (deaths_of(all, hash_mix(hash_text(x->session), hash_text(event)), false) >= DEATHS_MAX)
            count += (size_t)snprintf(kept + count, sizeof kept - count, "%s%s", count ? " " : "", event);
    memcpy(x->events, kept, sizeof kept);
    return count > 0;
}

static void found_guilty(notes *all, note *x, bool alone, bool details, crashes *out)
{
    char id[ERROR_CHARS + 1];
    text t = { 0 };
    bool fresh = x->state == NOTE_WORKS;
    if (x->how == NOTE_NOT) deaths_words(all, x, &t);
    else how_words(x, &t);
    if (fresh) {
        x->state = NOTE_GUILTY;
        x->at_ms = clock_ms();
        x->id = random_u64();
        error_id(x->id, id);
        log_error("app", "%s: %s: %s", id, x->path, t.at);
    }
    char *words = visitors_words(all, x, t.at, details);
    if (fresh)
        place_crashed(all, x, alone, words);
    *list_add(&out->list) = (crash){ x, words, "" };
    text_done(&t);
}

void crash_read(notes *all, bool details, crashes *out)
{
    int working = 0;
    for (int i = 0; all && i < NOTES; i++)
        working += all->at[i].state == NOTE_WORKS;
    for (int i = 0; all && i < NOTES; i++) {
        note *x = &all->at[i];
        if (x->state == NOTE_GUILTY && clock_ms() - x->at_ms > KEPT_MS)
            x->state = NOTE_FREE;              /* nobody came for it */
        if (x->state == NOTE_GUILTY || (x->state == NOTE_WORKS && (x->how != NOTE_NOT || died_often(all, x, working == 1))))
            found_guilty(all, x, working == 1, details, out);
        else
            x->state = NOTE_FREE;
    }
    if (all && all->stray)
        log_error("app", "the last worker died of signal %d in a thread that the program itself made", all->stray);
    if (all)
        all->stray = 0;
}

void crash_forget(crashes *c, int i)
{
    c->list.at[i].of->state = NOTE_FREE;
    mem_free(c->list.at[i].words);
    list_remove(&c->list, i);
}

void crashes_done(crashes *c)
{
    for (int i = 0; i < c->list.count; i++)
        mem_free(c->list.at[i].words);
    list_done(&c->list);
}
