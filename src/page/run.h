/* run.h: one execution of a page, a fragment or a bound function.
 *
 * The session prepares a run with copies of all that it may read (values, state, conversations, the page as shown), a pool
 * thread executes it, and the session takes what came out. In between, the loop thread may look at the nodes that are
 * finished so far (run_peek), because the log of nodes only grows and what stands in it never changes.
 *
 * Thread: run_new, run_free, run_peek and the results: the session's. run_execute: any one thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_RUN_H
#define PAGE_RUN_H

#include "base/base.h"
#include "chat/conversation.h"
#include "page/element.h"
#include "page/icons.h"
#include "page/tree.h"
#include "page/values.h"
#include "store/files.h"
#include "store/store.h"
#include <pthread.h>
#include <stdatomic.h>

typedef struct run run;

/* What the program offers to a run. All may be called on the run's thread. Members may be NULL in tests. */
typedef struct run_host {
    void *data;
    const char *build;             /* names this build of the program */
    const icons *icons;            /* NULL in tests */
    void  (*changed)(void *data, run *r);                       /* the first change is there, or ez_yield asked for a flush */
    void  (*wait_begin)(void *data), (*wait_end)(void *data);   /* around a wait: gives the permit back */
    const char *(*setting)(void *data, const char *name);
    void *(*resource)(void *data, run *r, const ez_resource_args *args, bool wait);   /* wait false: NULL unless it is there already */
    void  (*put)(void *data, run *r);                           /* a job's outputs so far are to be sent (ez_yield, ez_append) */
    void  (*at)(void *data, run *r, const ez_call *call);       /* the run comes to this call: for crash reports */
    void  (*spent)(void *data, run *r);                         /* it went over its limit of memory */
    void  (*park)(void *data, run *r);                          /* it goes on and on beyond: does not return */
    const char *(*function)(void *data, ez_fn *fn);             /* the name by which it was declared; NULL */
    bool  (*feedback)(void *data, const store_feedback_range *range, store_feedback_each *each, void *to, int64_t *total, ez_err *err);   /* waits */
    const char **(*functions)(void *data, arena *in);           /* page_functions */
    void  (*jobs)(void *data, run *r, page_jobs *jobs);         /* page_jobs_get; waits */
    void  (*job_act)(void *data, run *r, const char *id, bool again, bool all);
    bool  hides_details;           /* visitors see an id in place of what a mistake says; both stand in the log */
    files *(*files)(void *data);                                /* any thread; NULL: there are none */
    bool  (*elsewhere)(void *data, run *r);                     /* does a bound function's run in another process, to its end; false: it is done here */
} run_host;

/* The event that caused a run. */
typedef struct run_event { uint64_t id; char type[16]; char *text; } run_event;       /* id 0: none. text: the value, NULL for none */

/* What ez_on and its like bound. Addresses are kept relative to the program in the store. */
typedef enum binding_when { WHEN_EVENT, WHEN_ALWAYS, WHEN_SUCCESS, WHEN_FAILURE } binding_when;
typedef struct binding {
    uint64_t trigger;              /* node; 0 for one that follows another */
    char     event[16];
    int      after;                /* index of the binding that it follows; -1 */
    binding_when when;
    ez_fn   *fn;
    char    *outputs, *clears, *into, *cancels, *lane;
    uint64_t scope;                /* in which the keys are meant */
    int      concurrency;
    bool     rerun;
    const char *file; int line;
    uint64_t fragment;             /* bound inside of this one, whose next run binds anew; 0 */
} binding;
typedef struct bindings { LIST(binding) list; } bindings;
void bindings_copy(bindings *to, const bindings *from);
void bindings_done(bindings *b);

typedef struct fragment { uint64_t node; ez_fn *fn; double run_every; char *run_on; uint64_t scope; } fragment;
typedef struct fragments { LIST(fragment) list; } fragments;
void fragments_done(fragments *f);

/* What a run did besides showing nodes. */
typedef struct run_call { uint64_t node; char *method, *json; } run_call;
/* One thing that a run writes into a keyed element. */
typedef struct run_put { uint64_t id; value_kind kind; bool append; double number; char *text; int row; } run_put;     /* ez_put_*, ez_append, ez_open; row: of a batch, from 0 */
typedef struct run_line { ez_level level; char *text; int row; } run_line;                /* ez_tell; row: of a batch, from 0; below 0: for all */
typedef struct run_flag { char *function, *choice, *inputs, *outputs; } run_flag;         /* what a visitor says of what a function made */
typedef struct run_said { char *key; chat_message *message; bool asked; } run_said;       /* ez_chat_add, ez_chat_reply */

/* What a job has written since the last time, taken out of the run by its own thread, for another thread. */
typedef struct run_batch { LIST(run_put) puts; LIST(run_line) lines; double progress; char *progress_text; bool has_progress; } run_batch;

/* What a function gives to one of those it is called for. */
typedef struct run_row { const ez_record *record; void *out, *sent; char *failure; } run_row;

enum run_kind { RUN_PAGE, RUN_FRAGMENT, RUN_JOB };

/* Why a run that was done elsewhere failed, when it did not say so itself: its process crashed, needed too much memory, was killed after its time; or could not begin. */
typedef enum run_fault { RUN_FAULT_NONE, RUN_FAULT_CRASH, RUN_FAULT_MEMORY, RUN_FAULT_TIME, RUN_FAULT_START } run_fault;

struct run {
    /* given */
    enum run_kind kind;
    ez_fn       *fn;
    void       (*done_fn)(ez_ui *ui, const ez_message *answer);   /* instead of fn: a reply's .done, with `answer` */
    uint64_t     answer;
    const char  *session, *visitor, *path, *query;
    run_event    event;
    char         event_id[48];
    const char  *events;           /* "view.n view.n": all that the run stands for; "=answer" of a .done; NULL */
    uint64_t     seed;             /* message ids are made from it, so that a repeated event makes the same ones */
    uint64_t     scope;            /* hash of the page's path */
    const run_host *host;
    tree        *before;           /* the page as shown */
    uint64_t     fragment_node, fragment_scope;   /* RUN_FRAGMENT: where it stands */
    values       values;           /* the snapshot; element calls add what they kept */
    states       states;
    LIST(conversation *) chats;
    uint64_t     job;              /* RUN_JOB: its number in the session */

    /* while it goes on */
    arena       *arena;
    ez_ui       *root;
    _Atomic bool interrupted;
    _Atomic bool queued;           /* it waits for the pool: before it begins, and when it goes on after a wait */
    struct { pthread_mutex_t lock; pthread_cond_t wake; bool woken; int fd; } nap;   /* of its own waits; fd: see run_wake_to */
    int64_t      aside_ms;         /* the session's thread: when it was set aside, as it ignored its interrupt; 0 */
    bool         stopped, rerun, failed, told_change;
    bool         again;            /* the page is to run once more, without a trigger, and this run counts as finished */
    bool         apart;            /* this is a process of its own, which has no part in what others share */
    char        *failure;
    run_fault    fault;
    const ez_call *_Atomic last_call;   /* of the last element; any thread: it stays as long as the run */

    /* came out; the lists are complete when run_execute has returned */
    struct run_log *log;
    LIST(run_call) calls;
    LIST(run_put)  puts;
    LIST(run_line) lines;
    LIST(run_said) said;
    LIST(run_flag) flags;
    LIST(uint64_t) called;         /* ids of the controls that were called, sorted at the end */
    bindings       bindings;
    fragments      fragments;
    _Atomic int    notified;
    int64_t        began_ns;
    int64_t        away_since_ns, away_ns;         /* without a permit of the pool: in waits */
    size_t         memory_max;     /* 0: no limit */
    _Atomic size_t beside;         /* bytes outside of the arena */
    size_t         put_bytes;      /* of them, in puts */
    map            put_ids;        /* RUN_JOB: what it has written */
    _Atomic bool   spent;
    node          *dead;           /* what elements of a spent run print into */
    char          *scraps;         /* …and what ez_fmt does */
    size_t         scraps_at;
    LIST(void *)   held;           /* resources, given back by the host when the run is over */
    double         progress; char *progress_text; bool has_progress;
    run_row        own, *rows;
    int            row_count;      /* 1; more: the run is a batch */
    int            before_at;
    map            before_map;
    text           out_json;       /* what ez_out holds, as JSON, at the end */
};

run_batch *run_take_batch(run *r);
void run_flag_done(run_flag *f);
void run_batch_free(run_batch *b);
enum { RUN_LINE_MOST = 4096 };
void run_line_add(run *r, int row, ez_level level, const char *words);      /* cut to so many bytes, of whole characters */
void run_notice(ez_level level, const char *words, text *out);              /* the arguments of the page's "toast" */

/* ---- memory: spend.c
 *
 * What a run takes is counted: its copies, its arena, and what it keeps beside. Over its limit it is spent: interrupted, and failed, whatever it
 * does from then on. Elements print nothing then and take nothing, so that a loop comes to its end. One that takes RUN_GRACE more all the same, which no
 * loop over elements does, is parked inside of the call for good: C code is not ended from outside. */
enum { RUN_GRACE = 4 << 20 };
void   run_limit(run *r, size_t bytes);            /* before it begins; 0: none */
void   run_charge(run *r, ptrdiff_t bytes);        /* its own thread, before it takes them outside of its arena; below 0: gives them back */
size_t run_memory(const run *r);                   /* any thread */
bool   run_spent(const run *r);                    /* any thread */
void   run_spend(run *r);                          /* any thread: it is spent, for what it has given to its session */

run *run_new(enum run_kind kind, ez_fn *fn, const run_host *host);
void run_batch_of(run *r, int count);              /* before it begins: one call of the function for so many. Inputs of each lie in a scope of its own */
uint64_t run_row_scope(uint64_t scope, int row);   /* the first row's is the run's */
void run_execute(run *r);
void run_free(run *r);
void run_interrupt(run *r);        /* any thread: waits end, element calls print nothing any more */

/* What waits inside of a run gives its permit back meanwhile. run_wait ends at this time (0: never), by an interrupt, or by run_wake, which any
 * thread may call as long as the run is not freed, also before; false: the time is over. */
void run_wait_begin(run *r);
void run_wait_end(run *r);
bool run_wait(run *r, int64_t until_ns);
void run_wake(run *r);
void run_wake_to(run *r, int fd);  /* its own thread, which waits by other means: each wake is written to this eventfd, too. -1: no more */

/* The page as it is with what the run has shown so far; what it has not come to yet stays as it was. final: what it did
 * not come to is gone. frame: the number of the frame in which this is going to be sent. */
tree *run_peek(run *r, bool final, uint64_t frame);
/* False while nothing differs from what was shown. */
bool run_has_changes(run *r);

const run_host *page_host(const ez_ui *ui);

/* The id of a key in the page's own key space. */
uint64_t run_key_id(uint64_t scope, const char *key);
uint64_t run_page_scope(const char *path);
/* Where the reason is kept for which a control was refused: see ez_invalid. */
uint64_t run_invalid_id(uint64_t control);
conversation *run_chat(run *r, const char *key);       /* found or made */

/* ---- files: file.c. A file's value is its id; several stand in lines. */
const ez_file *run_file(run *r, const char *id);       /* of a value, or of a link that shows the file; in the run's arena; NULL: it is not there (any more) */
ez_files run_files(run *r, const char *ids);
bool  run_file_take(run *r, const ez_file *file, char id[FILE_ID_CHARS + 1]);     /* one that the program gives, wherever it lies; false: it cannot be read, and the log says why */
const ez_file *run_picture_file(run *r, const ez_pixels *pixels, const char *name);   /* as PNG */
char *file_address(arena *a, const char *id, const char *name);                  /* below the program's base */

#endif
