/* session.h: one visitor's session as a pure step: (session, message, now) -> (session, actions).
 *
 * No thread, socket, store or clock is inside: what happens comes in as a message, what is to be done goes out as actions, so that a
 * test can cut, repeat and reorder them at will. A session is an actor: one run at a time, on a frozen copy of what it
 * keeps; a run's outcome is taken whole or not at all.
 *
 *   get       a page was asked for over HTTP        -> run, and later page
 *   hello     a view connected                       -> send (nothing, the tail of frames, or the whole page)
 *   event     values, a trigger or a signal          -> run, job, save; after the save: send (acknowledgement)
 *   spent     a run or job has had too much memory   -> it is interrupted; when it ends, or is set aside: send (why)
 *   ran       a run is over                          -> send (frame), save, ask, job
 *   saved     a write was committed                  -> send (acknowledgements, end of busy), page
 *   answer    the engine says something of an answer -> send (text, tail), save
 *
 * Exactly once: an event's number is saved in the same write as its effects, and acknowledged after it. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "chat/conversation.h"
#include "page/markdown.h"
#include "page/run.h"
#include "page/tree.h"
#include "session/samples.h"

typedef struct session session;

/* What the session needs to know of the program. Outlives the sessions. */
typedef struct session_program {
    const run_host *host;
    const char     *build;         /* a page or binding of another build is not trusted */
    const void     *base;          /* what function addresses are relative to in the store */
    ez_fn        *(*page)(void *data, const char *path);   /* NULL: there is no such page */
    const char   *(*blocked)(void *data, const char *session, const char *path);   /* why this page is not run now; NULL: it may run. May be NULL */
    void           *data;
    size_t          memory;        /* bytes that one session may hold, its runs included; 0: no limit */
    page_samples   *samples;       /* of pages that rest; NULL: each is deflated by itself */
} session_program;

/* ---- in -------------------------------------------------------------------------------------------------------- */

typedef enum message_kind {
    MESSAGE_GET, MESSAGE_HELLO, MESSAGE_LOST, MESSAGE_DRAINED, MESSAGE_EVENT, MESSAGE_CHANGED, MESSAGE_RAN,
    MESSAGE_SPENT, MESSAGE_SAVED, MESSAGE_JOB_PUT, MESSAGE_JOB_WAITS, MESSAGE_JOB_RAN, MESSAGE_ANSWER, MESSAGE_TICK,
} message_kind;

typedef struct event_mark { const char *view; uint64_t settled; } event_mark;
typedef struct event_value { uint64_t id; const char *json; uint32_t rev; } event_value;

typedef enum answer_kind { ANSWER_LOADING, ANSWER_QUEUED, ANSWER_STARTED, ANSWER_TOKENS, ANSWER_DONE, ANSWER_PROBABLE, ANSWER_VECTOR } answer_kind;
struct wire_probable;
struct wire_vector;
typedef struct answer_news {
    uint64_t    id;
    answer_kind kind;
    int         position, dropped, tokens, prompt, reused;     /* STARTED: prompt, in tokens, and those of it that were evaluated before */
    bool        length;            /* DONE: it ended at its limit of tokens, not of itself */
    bool        refused;           /* …it failed, and the same question will again */
    const char *bytes; size_t count; uint64_t offset;
    ez_message_state state;
    double      first_token, seconds;
    ez_err_code code; const char *error;
    const struct wire_probable *probable;              /* PROBABLE */
    const struct wire_vector *vector;                  /* VECTOR */
} answer_news;

#define FRAME_UNKNOWN UINT64_MAX

typedef struct message {
    message_kind kind;
    const char  *of;               /* EVENT: made in this view, which the reload replaced by `view`; NULL: in `view` itself */
    const char  *view;             /* HELLO, LOST, DRAINED, EVENT, GET (the new view's name) */
    const char  *path, *query;     /* GET, HELLO */
    uint64_t     request;          /* GET: comes back in the action */
    uint32_t     epoch;
    uint64_t     frame;            /* HELLO: what the view shows; EVENT: on which it was made; or FRAME_UNKNOWN */
    uint64_t     n;                /* EVENT: its number */
    const event_mark *marks; int mark_count;   /* HELLO: events of this view, and of others that it speaks for, that the browser knows as settled */
    bool         signal;
    bool         again;            /* HELLO: the view heard the answer to one before, so it knows the values of what it shows */
    bool         fresh;            /* HELLO: this is another session than the view asked for */
    const event_value *values; int value_count;
    uint64_t     node;             /* EVENT: of the trigger or signal; 0: none */
    const char  *type, *json;      /* …its type, and its value as JSON ("null") */
    run         *run;              /* CHANGED, SPENT, RAN, JOB_RAN: owned by the session from RAN and JOB_RAN on */
    run_batch   *batch;            /* JOB_PUT: owned by the session from then on */
    uint64_t     job;              /* JOB_WAITS, JOB_PUT, JOB_RAN */
    int          position;
    bool         refused;          /* JOB_RAN: the queue was full, it has not run */
    uint64_t     ticket;           /* SAVED */
    int          saved;            /* 0 saved, 1 fenced, 2 failed */
    const answer_news *answer;
} message;

/* An event or signal as a browser sends it, {"t":"e",…} of docs/wire.md. The message points into e and o, and at view. What does not fit
 * is left out; false: it has no number, so there is nothing to step. heard is zeroed before, and done in any case. */
struct cJSON;
typedef struct event_heard { message message; LIST(event_value) values; LIST(char *) texts; } event_heard;
bool event_hear(event_heard *e, const struct cJSON *o, const char *view, bool signal);
void event_heard_done(event_heard *e);

/* {"t":"hello",…}: which view asks for which session, of which build, at which path, what it shows, and which of its events it knows as settled. Points into o, except for the path. False:
 * view or session are not tokens. A number that is none is the largest of its type: "nothing that you know". */
enum { HELLO_MARKS = 8 };
typedef struct hello_heard {
    const char *view, *session, *build;
    char        path[1024];
    const char *query;
    uint32_t    epoch;
    uint64_t    frame;
    event_mark  marks[HELLO_MARKS];        /* the view's own first */
    int         mark_count;
    bool        wait;                      /* a poll, and the answer to the one before was read */
} hello_heard;
bool hello_hear(hello_heard *h, const struct cJSON *o);

/* ---- out ------------------------------------------------------------------------------------------------------- */

typedef enum action_kind {
    ACTION_RUN,                    /* execute `run` on a page thread, then MESSAGE_RAN */
    ACTION_INTERRUPT,              /* run_interrupt was called; nothing to do but note it */
    ACTION_PAGE,                   /* answer `request` with session_print */
    ACTION_REFUSE,                 /* answer `request` with a status */
    ACTION_SEND,                   /* text to the view's channel */
    ACTION_CUT,                    /* close the view's channel; it connects again and sends what was not acknowledged */
    ACTION_SAVE,                   /* parts, then MESSAGE_SAVED with the ticket */
    ACTION_JOB,                    /* queue `run` as job `job`, then MESSAGE_JOB_… */
    ACTION_JOB_CANCEL,
    ACTION_RUN_ASIDE, ACTION_JOB_ASIDE,   /* `run` (of job `job`) ignored its interrupt: nobody waits for it; it goes on, its outcome is dropped */
    ACTION_ASK,                    /* ask the engine for the answer `answer` of `chat` */
    ACTION_ATTACH,                 /* ask the engine for the rest of an answer that was begun before */
    ACTION_ANSWER_STOP, ACTION_ANSWER_SAVED,
    ACTION_FEEDBACK,
    ACTION_FLAG,                   /* keep `flag` under the name of its event */
} action_kind;

typedef struct action_part { char *name; char *data; size_t count; } action_part;   /* data NULL: delete */

typedef struct action {
    action_kind kind;
    char     view[TOKEN_CHARS + 1];
    text     text;                 /* SEND */
    run     *run;
    uint64_t request, ticket, job;
    int      status;
    LIST(action_part) parts;
    char    *lane; int concurrency; const void *function;    /* JOB */
    conversation *chat; uint64_t answer;                     /* ASK, ATTACH, ANSWER_*: chat is the session's, valid until the next step */
    int      score;                                          /* FEEDBACK */
    run_flag flag; char event[64];                           /* FLAG */
    bool     final;                                          /* ANSWER_SAVED */
    uint64_t offset;
} action;

typedef struct actions { LIST(action) list; } actions;
void actions_done(actions *a);

/* ---- the session -------------------------------------------------------------------------------------------------- */

session *session_new(const session_program *program, const char *token, const char *visitor, uint32_t epoch);
void     session_free(session *s);
void     session_step(session *s, const message *m, int64_t now_ms, actions *out);

/* A session from its stored parts: call session_part for each (false: the part is not usable and was skipped), then
 * session_loaded, which asks the engine for answers that were under way. */
bool session_part(session *s, const char *name, const char *data, size_t count);
void session_loaded(session *s, int64_t now_ms, actions *out);

/* A run or job of this session ended its worker. Its events ("view.n view.n", "=answer" of a .done; "" or NULL: it was a mere visit) count as applied and
 * failed; what is shown to whoever looks at the page. Before session_loaded, or in a session that nobody has used. */
typedef struct session_crash { const char *path, *events, *what; bool job; } session_crash;
void session_crashed(session *s, const session_crash *c);

/* Prints the places of the page at this path as shown; false: nothing is known of it yet. */
typedef struct session_page { text places[ROOT_PLACES]; uint64_t frame; bool busy; text calls; } session_page;
bool session_print(session *s, const char *path, session_page *out);
void session_page_done(session_page *p);

void        session_without_cookie(session *s);        /* its browser keeps no cookie: the session's name is its visitor's, too */
void        session_slow(session *s, const char *view);   /* its channel holds much that it has not taken: no more frames until MESSAGE_DRAINED */
int64_t     session_wake(const session *s);            /* when MESSAGE_TICK is wanted (now_ms clock); 0: not */
bool        session_idle(const session *s);            /* nothing under way and no view connected: may be dropped from memory once saved */
bool        session_busy(const session *s);            /* a run, a job or a write is under way */
bool        session_fenced(const session *s);          /* another process took it over: nothing of it counts here any more */
bool        session_tabs_shared(const session *s);     /* page_config said that all tabs of a visitor show one session */
bool        session_touched(const session *s);         /* an event arrived */
bool        session_keeps(const session *s);           /* an event or a view arrived, so it is stored; else it lives in memory only */
int64_t     session_used(const session *s);            /* when a view or event was there last (now_ms clock) */
int         session_views(const session *s);           /* connected ones */
const char *session_token(const session *s);
const char *session_visitor(const session *s);
uint32_t    session_epoch(const session *s);
bool        session_rest(session *s, int64_t now_ms);   /* nobody does anything: its pages take less memory until the next step; true: it freed some */
size_t      session_memory(const session *s);           /* bytes that it holds, those of its runs and jobs included */
bool        session_stored(const session *s);           /* nothing is under way and all of it is in the store: it may leave memory, also while views show it */
void        session_each_view(session *s, void (*each)(void *data, const char *view, uint64_t frame), void *data);   /* the connected ones, and the frame that each shows */
bool        session_shows(const session *s, const char *view);   /* the view is connected */
void        session_each_run(session *s, void (*each)(void *data, run *r), void *data);   /* the run and the jobs under way */
conversation *session_chat(session *s, const char *key);

#endif
