/* place.h: what only the files of this room know of runs, places and nodes. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_PLACE_H
#define PAGE_PLACE_H

#include "page/run.h"

/* The C side of what run.h brings along in C++. */
typedef bool ez_guard_fn(void (*call)(void *data), void *data, char *what, size_t room);
EZ_API void ez_guard_put(ez_guard_fn *guard);

struct ez_html { text out; };

void run_at(run *r, const ez_call *call);              /* the run comes to this call; it lives as long as the run… */
void run_at_copy(run *r, const ez_call *call);             /* …or it is copied */

/* How many nodes of one kind and label a place has had so far. */
typedef struct nth { uint64_t what; int count; } nth;

typedef struct place {
    node    *owner;                /* NULL: the root */
    int      slot;
    uint64_t id;                   /* hash of (owner, slot) */
    uint64_t form;                 /* id of the form it stands in; 0 */
    bool     single;               /* the next node replaces the one before */
    bool     closed;               /* prints nothing */
    bool     page;                 /* the page itself */
    node    *fragment;             /* the fragment that it stands in */
    nth     *seen;                 /* in the arena, as places that print nothing are in no list that could free them */
    int      seen_count, seen_room;
    int      tabs;                 /* children that asked for their number */
    _Atomic int from;              /* nodes of the log before this one are not shown here any more */
} place;

struct ez_ui { run *run; place *place; uint64_t scope; int row; };      /* row: of a batch, from 1; 0: of the whole run */

struct node {
    run        *run;
    ez_ui      *at;
    place      *place;             /* where it stands: the root's when fixed */
    const element_type *type;
    ez_call     where;             /* a copy: the caller's is gone before the run is */
    const ez_call *call;
    const char *label, *key;
    uint64_t    id, hash, same;    /* same: hash of (kind, label) */
    char        name[ID_CHARS + 1];
    ez_html     html;
    size_t      skip[8][2];        /* parts of html that are not hashed */
    int         skips;
    uint32_t    spot, spot_count;
    const char *given;             /* of a spot: the page's own text */
    uint64_t    message;
    uint16_t    flags;
    bool        muted;             /* prints nothing: closed place, interrupt, stop */
    bool        while_running;
    bool        shut;              /* the run closed it: its own thread's, as `now` is read by others once the node is in the log */
    int         nth;               /* among those of the same kind and label; for tabs: their number */
    tree_control control;          /* kind 255: none */
    bool        has_control;
    value       now;               /* the control's value, as of this run */
    char       *initial;           /* JSON */
    uint64_t   *options;
    ez_ui      *places[4];
    int         index;             /* in the log; -1 before node_close */
};

/* The log: nodes in the order in which they were closed... parents before children, as a child needs its parent's place. */
enum { LOG_CHUNK = 64, LOG_CHUNKS = 4096 };
struct run_log {
    node       **chunks[LOG_CHUNKS];
    _Atomic int  count;
};
node *log_at(const struct run_log *log, int i);
void  log_add(run *r, node *n);

void place_forget(place *p);
bool node_shown(const node *n, bool final);                /* neither it nor what it stands in was cleared or replaced */
bool run_over(run *r);                                     /* interrupted or stopped: nothing prints any more */
ez_ui *ui_new(run *r, place *p, uint64_t scope);
place *place_new(run *r, node *owner, int slot);
node *run_dead_node(ez_ui *at, const element_type *type);  /* of a spent run */
void run_watch(run *r, bool on);                           /* around the program's code, on its thread */
char *run_scrap(run *r, const char *format, va_list args);
void run_put_add(run *r, uint64_t id, value_kind kind, double number, const char *text, bool append);
void run_put_take(run *r, const run_put *p);               /* one that was made elsewhere; it is copied */
bool run_seen_value(run *r, uint64_t id, value *out);      /* as the visitor sees it: kept, else the control's first one; false: nothing */
value *run_value(run *r, uint64_t id);                     /* of the snapshot; NULL */
const tree_node *run_before(const run *r, uint64_t id);    /* the node in the page as shown; NULL */
void html_vprint(text *out, const char *format, va_list args);

#endif
