/* inside.h: what the files of this room share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SESSION_INSIDE_H
#define SESSION_INSIDE_H

#include "session/session.h"

/* More frames than a process shows between two writes: an event made on a frame that was shown and not stored is older than all that the next
 * process shows, so what has changed since is noticed. */
#define FRAMES_APART (1u << 14)

enum { FLUSH_MS = 16, FIRST_FLUSH_MS = 2, GET_MS = 50, STREAM_SAVE_MS = 1000, RETRY_MS = 5000, STOP_MS = 500, ASIDE_MS = 5000, UNWATCHED_MS = 30000,
       RING_FRAMES = 64, RING_BYTES = 65536, VIEW_MARKS = 32, VIEW_MS = 60000, PAGES_KEPT = 32, REFUSALS_KEPT = 8, FRAMES_UNSAVED = 1024 };
/* What a visitor may have under way at most, so that nobody fills memory: events that wait, their bytes, and views with a name of their own. */
enum { WAITING_MAX = 1000, WAITING_BYTES = 8000000, VIEWS_MAX = 256 };

typedef struct ring_frame { uint64_t before, number; char *text; size_t count; } ring_frame;

/* What one page of the session shows. */
typedef struct shown {
    char      *path;
    uint64_t   scope;
    tree      *now;                /* as sent, provisional frames included */
    tree      *settled;            /* as of the last finished run */
    uint64_t   frame;              /* number of the last frame */
    uint64_t   settled_frame;      /* …when `settled` became what it is */
    uint64_t   kept_frame;         /* as it was read from the store, when a view of the process that stored it may rely on it; 0 */
    int        lost_work;          /* functions of the process before that did not come to their end */
    bool       notice_told;        /* the notice was printed into a page */
    bool       ran;                /* a run of this build has finished */
    bool       owed;               /* a run is to come that no event stands for: what is shown is out of date until then */
    bool       busy_told;
    bool       unsaved;
    uint64_t   saved;              /* hash of the stored part */
    bindings   bindings;
    fragments  fragments;
    LIST(int64_t) fragment_due;
    LIST(ring_frame) ring;
    size_t     ring_bytes;
    text       calls;              /* the call that configured the page, for views to come */
    uint64_t   calls_hash;
    int64_t    used_ms;            /* somebody asked for it last */
    char      *notice;             /* a crash to tell of, until a run was caused by somebody who saw it… */
    uint64_t   notice_frame;       /* …in this frame or a later one */
    char      *packed;             /* the tree, deflated, while nobody does anything with the page; `now` is empty then */
    page_sample *packed_by;        /* …beside this; NULL: by itself */
    size_t     packed_count, packed_whole;
} shown;

/* An event that was refused. Its page is told when that is saved, and again until its browser is known to have heard. */
typedef struct refusal { uint64_t n; char *why; bool told; } refusal;

typedef struct control_rev { uint64_t id; uint32_t rev; } control_rev;

/* A tab. */
typedef struct view {
    char      name[TOKEN_CHARS + 1];
    shown    *page;
    bool      here;                /* connected */
    bool      met;                 /* this process printed its page or heard its hello, so frames are kept for it */
    bool      carried;             /* other views bring events of this one: it was loaded again, or its tab was duplicated */
    bool      slow;                /* frames are not queued; it gets a fresh page when it drains */
    bool      late;                /* it gets the whole page when the first run has finished */
    uint64_t  frame;
    uint64_t  taken;               /* events arrived */
    uint64_t  settled;             /* every event up to this one is settled */
    LIST(uint64_t) waiting;        /* events taken and not settled */
    LIST(uint64_t) done;           /* events above `settled` that an earlier process settled, or that ended it */
    LIST(refusal)  refusals;       /* that the browser may not have heard of */
    int64_t   seen_ms;
} view;

/* Something that waits for a run. */
typedef enum pending_kind { PENDING_VALUES, PENDING_TRIGGER, PENDING_RERUN, PENDING_FRAGMENT, PENDING_CONSUMED } pending_kind;   /* CONSUMED: by a crash, before this process */
typedef struct done_event { view *of; uint64_t n; } done_event;
typedef struct pending {
    pending_kind kind;
    shown    *page;
    view     *of;                  /* NULL: of nobody */
    uint64_t  n;
    uint64_t  frame;
    run_event event;
    uint64_t  fragment;
    LIST(value) values;            /* with rev */
    bool      forced;              /* VALUES: the page runs even when functions are bound to all of them */
} pending;

typedef struct saved_answer { uint64_t answer, offset; bool final; } saved_answer;
typedef struct ticket { uint64_t number; LIST(done_event) events; LIST(saved_answer) answers; } ticket;
typedef struct waiting_get { uint64_t request; shown *page; int64_t until; bool answered_after_save; } waiting_get;

typedef struct stream { uint64_t answer; conversation *chat; markdown_stream markdown; size_t flushed; bool dirty; int64_t flushed_ms, saved_ms; uint64_t saved; uint64_t job; } stream;

typedef struct job_of {
    uint64_t  number;
    shown    *page;
    int       binding;             /* index in `chain` */
    bindings  chain;               /* a copy of the page's bindings at its start */
    run      *run;
    uint64_t  waits;               /* the answer that it asked for; 0: none */
    int       position;
    bool      failed, cancelled;
    int64_t   interrupted_ms;      /* when its run was; 0 */
    uint64_t  answer;              /* of a reply's .done: the pages that show this message run after it; 0 */
} job_of;
typedef enum job_end { JOB_DONE, JOB_FAILED, JOB_CANCELLED } job_end;

typedef struct kept_head { char *key, *json; } kept_head;

struct session {
    const session_program *program;
    char      token[TOKEN_CHARS + 1], visitor[TOKEN_CHARS + 1];
    uint32_t  epoch, kept_epoch;   /* kept_epoch: of the process that stored what was read */
    uint64_t  frame, last_kept, first_own; /* frames between these were shown by another process, which did not store them */
    uint64_t  runs, tickets, jobs_made;
    bool      touched;             /* an event came */
    bool      keeps, stored, unsaved_head, unsaved_values, fenced, not_saved, save_again;
    int64_t   now, used_ms;
    values    values;
    states    states;
    LIST(conversation *) chats;
    LIST(shown *)   pages;
    LIST(view *)    views;
    LIST(pending)   inbox;
    LIST(ticket)    saving;
    LIST(waiting_get) gets;
    LIST(stream *)  streams;
    LIST(job_of *)  jobs;
    run      *running;
    shown    *running_page;
    bool      running_trigger, running_stop;
    LIST(done_event) running_events;
    done_event running_event;      /* of the trigger */
    bool      running_unwatched;   /* interrupted because nobody looks */
    int64_t   interrupted_ms;      /* when the run was interrupted; 0 */
    uint64_t  running_frame;       /* the newest that was seen by whoever caused it */
    int64_t   running_since, flush_due, flushed_ms;
    int64_t   retry_ms;            /* a write failed: the next attempt; 0 */
    LIST(control_rev) told_revs;   /* of controls that have no value of their own, but of which one was refused */
    LIST(uint64_t) put_meanwhile;  /* elements into which jobs wrote since the run began */
    LIST(done_event) unsettled;    /* settled by the next save */
    LIST(char *) pages_gone;       /* their parts are still in the store */
    LIST(uint64_t) undone;         /* answers whose .done ended its process: it is not run again */
    LIST(kept_head) heads;         /* of conversations, while stored parts come in */
    actions  *out;
};

/* session.c */
shown *page_of(session *s, const char *path);
void   page_free(shown *p);
view  *view_of(session *s, const char *name, bool make);
action *act(session *s, action_kind kind);
void   pump(session *s);
void   inbox_add(session *s, pending *p);
void   run_left(session *s);       /* the run that went on is not the session's any more */
void   run_settled(session *s, shown *page);     /* what it stood for is settled by the next save; what waits may begin */
void   rerun_page(session *s, shown *page);
void   rerun_done(session *s, shown *page);        /* the page ran, and shows all that was to be shown, unless more came meanwhile */
run   *prepare_run(session *s, shown *page, enum run_kind kind, ez_fn *fn, const run_event *event, view *of, uint64_t n);
void   fix_told(session *s, tree *t);
void   keep_since(const tree *shown, tree *t);
void   page_settled(shown *p);     /* what it shows now is what a finished run left */
bool   page_watched(const session *s, const shown *p);

/* outcome.c: what a run did */
void   take_run(session *s, shown *page, run *r);          /* it is over */
void   take_stopped_run(session *s, shown *page, run *r);  /* the visitor stopped it: what it has shown stays, what it has kept counts */
void   apply_puts(session *s, shown *page, const run_put *puts, int count);   /* a job's */
tree  *with_words(session *s, tree *t);
void   clear_submitted(session *s, shown *page, const run_event *event);
void   reset_control(session *s, shown *page, const tree_control *c);
void   take_states(session *s, run *r, bool changed_only);
void   take_said(session *s, run *r, uint64_t job);
void   toast(session *s, shown *page, ez_level level, const char *words);
void   tell_value(session *s, shown *page, view *but, uint64_t id, const value *v);

/* frame.c: what goes to views */
void   frame_emit(session *s, shown *page, const char *ops, size_t count);
void   frame_emit_but(session *s, shown *page, const char *ops, size_t count, const view *but);
bool   frame_tells_value(const shown *page, const char *id);   /* one that is kept for views that come back */
void   show_tree(session *s, shown *page, tree *t);
void   tell_ack(session *s, view *v);
void   tell_busy(session *s, shown *page, bool busy);
void   tell_saving(session *s);
bool   page_busy(const session *s, const shown *page);
void   tell_refused(session *s, const view *v, uint64_t n, const char *why);     /* n 0: a value, not the event that brought it */
void   refuse(view *v, uint64_t n, const char *why);      /* told when it is settled */
void   tell_refusals(session *s, view *v, bool again);    /* those of settled events */
void   view_knows(view *v, uint64_t settled);             /* its browser counts the events up to this one as settled */
void   view_resume(session *s, view *v, const message *hello);
void   view_whole(session *s, view *v);
bool   view_waits(const view *v, uint64_t n);      /* the event is not settled */
void   view_event_done(view *v, uint64_t n);
void   view_done_before(view *v, uint64_t n);      /* a process before this one settled the event */
bool   view_is_done(const view *v, uint64_t n);
tree_resolver resolver(session *s);
void   call_op(text *ops, uint64_t node, const char *method, const char *json);

/* view.c */
void   view_hello(session *s, const message *m);
void   view_drained(session *s, view *v);

/* input.c */
void   apply_values(session *s, pending *p);
uint32_t *told_rev(session *s, uint64_t id, bool make);   /* see there; NULL: none, and not made */
void   drop_values(session *s, pending *p);      /* they do not count */
void   tell_dropped(session *s, const view *v, const message *m);
void   tell_kept(session *s, shown *page, const tree_control *c, uint32_t rev);     /* what counts, instead of the visitor's edit number rev */
const char *trigger_refused(const session *s, shown *page, const pending *p);       /* why; NULL: it counts */

/* event.c */
void   take_event(session *s, const message *m);

/* interrupt.c: what cuts runs and jobs short */
void   interrupt_for(session *s, shown *page);   /* an event of this page came */
void   interrupt_job(session *s, job_of *j);
void   stop_all(session *s, shown *page);        /* the visitor's Stop */
void   interrupts_tick(session *s);
int64_t interrupts_wake(const session *s);

/* work.c: jobs and what follows them */
bool   trigger_named(const char *triggers, uint64_t scope, uint64_t node, const char *type);
bool   start_bound(session *s, shown *page, view *of, uint64_t n, uint64_t node, const char *type);
void   job_put(session *s, const message *m);
void   job_ran(session *s, const message *m);
void   job_waits(session *s, const message *m);
void   job_lost(session *s, job_of *j);           /* its run is not the session's any more: it failed */
void   jobs_cancel(session *s, shown *page, const char *triggers, uint64_t scope);
void   job_answer_over(session *s, uint64_t job, bool failed);
void   clear_keys(session *s, shown *page, uint64_t scope, const char *keys);
job_of *job_find(session *s, uint64_t number);

/* answer.c: answers that grow */
conversation *chat_of(session *s, uint64_t message, chat_message **m);
void   answer_begin(session *s, conversation *chat, chat_message *m, uint64_t job);
void   answer_news_in(session *s, const answer_news *a);
void   answers_flush(session *s, bool all);
void   answers_tick(session *s);
void   rerun_where_shown(session *s, uint64_t message);
bool   chat_signal(session *s, shown *page, const message *m);
bool   chat_trigger(session *s, shown *page, const pending *p);
bool   message_print(void *data, uint64_t message, text *out);
void   answers_stop(session *s);
stream *stream_of(session *s, uint64_t answer);

void   run_failed(session *s, shown *page, run *r);   /* it is over, and had too much memory */

/* memory.c: what the session may hold */
void   limit_run(session *s, run *r);            /* when it has its copies */
bool   room_for(const session *s, size_t bytes);
bool   refused_for_memory(const session *s, view *v, uint64_t n, size_t bytes);
void   run_spent_words(const session *s, const run *r, text *t);
void   spent(session *s, const message *m);
void   spend_job(session *s, job_of *j);
size_t pending_memory(const pending *p);         /* event.c */

/* rest.c: pages of sessions that rest */
void   pages_wake(session *s);

/* forget.c: what a session keeps of pages and tabs that are gone */
void   forget_old_pages(session *s);
void   forget_old_views(session *s);
void   view_free(view *v);

/* keep.c: parts */
void   save(session *s);
void   saved(session *s, const message *m);


#endif
