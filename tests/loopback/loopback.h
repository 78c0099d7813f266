/* loopback.h: a page without sockets: a session, a store that may fail, and browsers that are lists of nodes.
 *
 * What the session asks for is done at once, in order, by loopback_drain, unless it is held: then the test decides when a run, a job or a
 * write happens, or that it never does. Browsers behave as web/core does: they number their events, keep them until they are
 * acknowledged, and leave out frames that they have seen. A frame that does not fit its document fails the test. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LOOPBACK_H
#define LOOPBACK_H

#include "base/test.h"
#include "page/dom_test.h"
#include "session/session.h"

typedef struct lb_event {
    uint64_t n;
    uint64_t f;
    bool     signal;
    int      count;                /* of values */
    struct { uint64_t id; char *json; uint32_t rev; } values[4];
    uint64_t node;
    char     type[16];
    char    *json;
} lb_event;

typedef struct lb_view {
    char     token[TOKEN_CHARS + 1], path[64], query[64];
    uint64_t n;                    /* of the last event made */
    uint32_t epoch, rev;
    uint64_t frame;
    bool     here, fresh, is_new, cut, busy, warned;
    dom      dom;
    LIST(lb_event) unacked;
    uint64_t acked;
    int      acks, frames, wholes, refusals;
    char     why[200];             /* of the last refusal */
    char     notices[400];         /* all that were shown, as their operations */
    struct lb_view *after;         /* the view that replaced this one, by a reload */
} lb_view;

typedef struct lb_save { uint64_t ticket; LIST(action_part) parts; bool stored; int result; } lb_save;
typedef struct lb_job { uint64_t number; run *run; const void *function; char lane[32]; int concurrency; bool begun; } lb_job;
typedef struct lb_ask { uint64_t id; bool attach, stopped; uint64_t offset, saved; bool final; char *question; } lb_ask;

typedef struct loopback {
    session_program program;
    page_samples samples;
    run_host  host;
    struct { const char *path; ez_fn *fn; } pages[8];
    session  *s;
    uint32_t  epoch;
    char      token[TOKEN_CHARS + 1];
    int64_t   now;
    uint64_t  requests;
    bool      hold_runs, hold_jobs, hold_saves;
    int       fail_writes;         /* so many writes fail from now on */
    bool      fence;               /* the next write finds that another process took the session */
    LIST(lb_view *) views;
    LIST(action_part) store;
    LIST(lb_save) saves;
    LIST(run *) runs;
    LIST(lb_job) jobs;
    LIST(lb_ask) asks;
    LIST(uint64_t) gets;           /* requests that wait */
    int       runs_made, jobs_made, saves_made, interrupts, asides, feedbacks, refused_gets;
    int       flags;
    char      flagged[400], flag_event[64];   /* the last one */
    text      page;                /* the last one that was printed: its four places */
    uint64_t  page_frame;
    bool      page_busy;
} loopback;

loopback *loopback_new(ez_fn *page);
void loopback_free(loopback *l);
void loopback_page(loopback *l, const char *path, ez_fn *fn);
void loopback_step(loopback *l, const message *m);
void loopback_drain(loopback *l);                      /* does all that is not held */
void loopback_tick(loopback *l, int64_t ms);           /* time passes */
void loopback_wait(loopback *l, int64_t ms);           /* …with every wake-up that the session asks for */

lb_view *loopback_view(loopback *l, const char *name); /* found or made; not connected */
lb_view *loopback_open(loopback *l, const char *name); /* GET and hello at "/" */
lb_view *loopback_open_at(loopback *l, const char *name, const char *path, const char *query);
void loopback_get(loopback *l, lb_view *v);
void loopback_hello(loopback *l, lb_view *v);          /* and sends again what is not acknowledged */
void loopback_lose(loopback *l, lb_view *v);
lb_view *loopback_reload(loopback *l, lb_view *v, const char *name);   /* the tab is loaded again, as a view with another name */

lb_event *loopback_event(lb_view *v, bool signal);     /* a new one, not sent; valid until the next one */
void event_value_add(lb_event *e, uint64_t id, const char *json, uint32_t rev);
void event_trigger(lb_event *e, uint64_t id, const char *type, const char *json);
void loopback_send(loopback *l, lb_view *v, const lb_event *e);
void loopback_send_last(loopback *l, lb_view *v);
void loopback_click(loopback *l, lb_view *v, const char *what);
void loopback_trigger(loopback *l, lb_view *v, const char *what, const char *type, const char *json);
void loopback_signal(loopback *l, lb_view *v, const char *what, const char *type, const char *json);
void loopback_set(loopback *l, lb_view *v, const char *what, const char *json);

void loopback_run_one(loopback *l);                    /* the oldest held run */
void loopback_job_begin(loopback *l, int i);           /* executes a held job; its end is told by loopback_job_end */
void loopback_job_end(loopback *l, int i);
void loopback_job(loopback *l, int i);                 /* both */
void loopback_store(loopback *l);                      /* the oldest held write that is not in the store goes there; nobody is told */
void loopback_commit(loopback *l);                     /* the oldest held write is in the store, and the session is told */
void loopback_restart(loopback *l);                    /* the process dies; another takes what the store has */
void loopback_away(loopback *l);                       /* the session leaves memory while its views go on showing it, and is read back when one needs it */
void loopback_crash(loopback *l, const char *view, uint64_t n, const char *path);   /* …of this event (0: of a visit) */
void loopback_answer(loopback *l, uint64_t id, const char *words);
void loopback_answer_done(loopback *l, uint64_t id, ez_message_state state);

/* The id of the node with this key, or with this text in it ("Label"). 0 is a failed test. */
uint64_t loopback_id(loopback *l, const char *what);
const char *loopback_value(loopback *l, const char *key);   /* as JSON; "-" when nothing is kept. Valid until the next call */
bool loopback_sees(const lb_view *v, const char *words);    /* in its document */
void loopback_same(loopback *l);                       /* every connected view shows what the session would print */

#endif
