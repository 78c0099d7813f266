/* once.h: a small world in which everything goes wrong: processes that die and take sessions from each other, lines that break, writes that
 * fail or come late, an engine, and tabs that behave as web/core does. once_test.c plays schedules in it and compares them with its own account.
 *
 * There is one session in one store. A process keeps it in memory while it uses it, as app/hub.c does. A tab has a line to one process: two
 * queues, of which each step delivers one message; what is in them when the line breaks is lost or, on its way up, comes late. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ONCE_H
#define ONCE_H

#include "base/test.h"
#include "page/dom_test.h"
#include "session/session.h"

enum { TABS = 3, VIEWS = 8, EVENTS = 20, PROCESSES = 2, OWN_FIELDS = TABS, SHARED = TABS, IN_FORM, FIELDS };

/* ---- the page ------------------------------------------------------------------------------------------------------------ */

/* What the page keeps: how often each event took effect, and what must never be. */
typedef struct hits { uint8_t of[VIEWS][EVENTS], last[VIEWS]; int total, inner; bool disorder, early, wrong; char form[12]; } hits;

extern const char *const once_fields[FIELDS];
void once_page(ez_ui *ui);
uint64_t once_key(const char *key);

/* ---- what is known of every event: the account -------------------------------------------------------------------------- */

typedef enum deed { TYPE, TYPE_SHARED, ADD, ROW, JOB, FRAGMENT, FORM, SAY, AGAIN, CLEAR, STOP, DEEDS } deed;
extern const char *const deed_names[DEEDS];

typedef struct fact {
    deed what;
    int  tab;
    int  rows;                     /* how many rows its tab showed */
    int  typed[OWN_FIELDS];        /* how far each tab's own field was typed when the event was made */
    bool made, started, acked, refused, crashed, stopped, unsaved, lost;   /* unsaved: acknowledged or refused after a write that failed; lost: its process died before its work was over */
} fact;

/* ---- tabs ------------------------------------------------------------------------------------------------------------------ */

typedef struct edit { bool waits; uint32_t rev, local; char text[12], shown[12]; } edit;
typedef struct once_event {
    int view; uint64_t n, frame; bool signal; int count;
    struct { int field; uint32_t rev; char text[12]; } values[FIELDS];
    uint64_t node; char type[12], json[28];
    bool clears;
} once_event;
#define NO_EVENT UINT64_MAX                        /* none of this view waits */
typedef struct up { bool hello; int by; uint32_t epoch; uint64_t frame, settled[VIEWS]; once_event event; } up;

typedef struct tab {
    int      view;                 /* index of the view that it is now */
    uint64_t n;
    int      process;              /* its line goes there; -1: none */
    bool     dead;                 /* …but nobody is at the other end any more */
    bool     greeted;              /* its hello has arrived there: what is said to its view comes on this line */
    bool     live, loading, slow, warned, busy, fresh;
    uint64_t frame;
    uint32_t epoch, server;        /* epoch: of the page that is shown */
    edit     fields[FIELDS];
    int      typed;
    LIST(once_event) waiting;
    LIST(up)     up;
    LIST(char *) down;
    dom      dom;
} tab;

/* ---- processes, the store, the engine -------------------------------------------------------------------------------------- */

typedef struct once_save { uint64_t ticket; uint32_t fence; bool applied; int result; LIST(action_part) parts; } once_save;
typedef struct once_job { uint64_t number; run *run; bool over; } once_job;
typedef struct process {
    session *s;                    /* NULL: not in memory */
    bool     failing;              /* it was told that a write failed, and not yet that one succeeded */
    bool     fenced;               /* it was told that another process has the session */
    LIST(run *)      runs;
    LIST(once_job)   jobs;
    LIST(once_save)  saves;
} process;

typedef struct engine_answer { uint64_t id; int made, pieces; size_t told; int process; bool stopped, failed, over, forgotten; } engine_answer;

typedef struct world {
    uint64_t seed, random;
    bool     talks, deaths, grim, failures, takeovers, clears, shared;   /* what this world is like */
    session_program program;
    page_samples samples;
    run_host host;
    char     token[TOKEN_CHARS + 1];
    int64_t  now;
    process  process[PROCESSES];
    int      executing;            /* the process whose run goes on at this moment; -1 */
    const run *running;            /* …and that run */
    tab      tab[TABS];
    int      tabs, views;
    fact     facts[VIEWS][EVENTS];
    LIST(action_part) store;
    uint32_t fence;
    int      fail_writes;
    hits     stored;               /* what the store has, read anew with each write */
    int      stored_typed[OWN_FIELDS];
    bool     crash_noted;          /* until a session that was told has saved it */
    uint32_t crash_told;           /* fence of that session; 0 */
    char     crash_events[VIEWS * EVENTS * 28];
    LIST(engine_answer) answers;
    LIST(up) late;                 /* was on its way when its line broke */
    bool     peace;                /* nothing goes wrong any more */
    uint64_t requests;
} world;

/* The one that is played. */
extern world *w;

_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
unsigned pick(unsigned below);

/* once_world.c */
void world_begin(uint64_t seed);
void world_end(void);
session *process_session(int p);                        /* loads it when it is not there */
void process_stale(int p);
void process_step(int p, const message *m);
bool process_run(int p);                                /* the oldest run, from beginning to end; false: there is none */
bool process_job(int p, int i);
bool store_apply(int p);                                /* the oldest write that is not in the store goes there */
bool store_tell(int p);                                 /* …and its process hears of it */
void process_dies(int p, bool of_its_event);
void process_forgets(int p);                            /* an idle session leaves memory */
void process_wakes(int p);                              /* its timer, when it is due */
bool engine_speaks(int i);
void engine_dies(void);
void text_of_answer(const engine_answer *a, text *out); /* what it has said so far */
const char *view_token(int view);
bool sure(int tab);                                     /* nothing that was typed there may have been lost by a death */
void meanwhile(void);                                   /* once_test.c: something happens while a run goes on */

/* once_tab.c */
void tab_new(int t, int view);
void tab_free(tab *b);
void tab_acts(int t, deed what);
void tab_connects(int t, int p);
void tab_loses(int t, bool noticed);
void tab_reloads(int t, int p);
void tab_duplicates(int from, int p);                   /* with what sessionStorage holds */
void tab_loaded(int p, int view);                       /* its page came */
void tab_hears(int view, int p, const text *message);   /* into its queue */
bool tab_reads(int t);                                  /* one message of its queue */
bool tab_delivers(int t);                               /* one message of its other queue reaches the process */
void up_arrives(const up *u, int p);

#endif
