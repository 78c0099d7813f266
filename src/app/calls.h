/* calls.h: functions that are called over the network: the life of a call, and those who hear of it.
 *
 * A call belongs to no visitor's session; it may belong to one of its caller's own (callers.h). Attempts work for it (attempts.h), one, or several when the function is to be tried again. Calls of one address wait in the queue as one visitor does, so that a program which calls in a loop keeps no visitor
 * waiting. Whoever waits for the answer or follows the stream is an ear, and its voice says what happens in the words of its protocol: rest.c, mcp.c.
 * Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CALLS_H
#define APP_CALLS_H

#include "app/access.h"

enum { CALL_KEEP_MS = 600000 };                /* how long a call that ended is known, when somebody may come back to it */

typedef enum call_state { CALL_QUEUED, CALL_RUNNING, CALL_DONE, CALL_FAILED, CALL_CANCELLED } call_state;

typedef struct call_ear call_ear;
typedef struct call_voice {
    void (*moved)(call_ear *e);                                               /* state, position or progress are others now; NULL: it does not tell */
    void (*put)(call_ear *e, const values *changed, const values *added);     /* outputs are others, or grew; NULL */
    void (*told)(call_ear *e, ez_level level, const char *line);              /* its function says this to who called it; NULL */
    void (*ended)(call_ear *e);                                               /* answers e->rq, or sends the stream's last event */
    void (*stored)(call_ear *e);                                              /* it is in the store, and an ear that waits for an answer is gone after that; NULL */
    void (*sent_on)(call_ear *e);                                             /* another process goes on with it, and the ear is gone after that; NULL */
} call_voice;

typedef struct call {
    hub        *hub;
    char        id[TOKEN_CHARS + 1];           /* whoever knows it may ask for the call, and cancel it */
    const app_function *fn;
    call_state  state;
    int         position;                      /* in the line of its function or lane, from 1; 0: not known */
    int64_t     ends_ms;                       /* when it is expected to end, by how long its function and others took before; 0: not known */
    double      progress;                      /* 0 to 1; below 0: none was told */
    char       *words;                         /* …and what was said to it; NULL */
    uint64_t    inputs_scope;
    values      in;                            /* until they are not needed any more */
    uint64_t    scope;                         /* in which the names of its outputs are meant */
    const ez_record *out;                      /* what it gives; NULL: nothing that has a name */
    values      put;                           /* what it has put so far */
    text        output;                        /* of one that is done: an object of JSON */
    api_problem problem;                       /* of one that failed or was cancelled */
    uint64_t    key, body;                     /* a name that its caller gave it (0: none), and a hash of what it was called with */
    bool        kept;                          /* its caller may come back */
    bool        holds_inputs;                  /* it may be kept later: call_keep_on */

    /* of one that outlives its process: kept.h */
    bool        stored, accepted;              /* …it is in the store, so it may begin */
    bool        resumed;                       /* another process had it before */
    bool        over;                          /* its end is known and, when it is stored, about to be told */
    call_state  ending;
    int         saving, deaths;
    int64_t     asked_wall_ms, ended_wall_ms, saved_ms;
    char       *inputs, *owner_before, *title;  /* title: of its problem, when that was read */

    struct caller *session;                    /* callers.h; NULL: none, or it has left */
    unsigned    session_resets;
    uint64_t    visitor;                       /* hash of whose browser called; 0: a program did */
    char        peer[ID_CHARS + 1];            /* in whose turn it waits, and whose files it brought */
    api_files   files;
    struct attempt *at;                        /* that works for it; NULL: it has ended, or waits to be tried again */
    int         row;                           /* in it */
    int         tries;                         /* that failed */
    loop_timer *again;                         /* when it is tried once more, at again_ms */
    int64_t     again_ms, asked_ms, ended_ms;
    int64_t     cached_ms;                     /* when the answer was made, which was there already; 0: it was not */
    LIST(call_ear *) ears;
} call;

struct call_ear {
    const call_voice *voice;
    call        *of;
    net_request *rq;                           /* waits for an answer; NULL: another kind of ear */
    net_channel *stream;                       /* …of its own; NULL */
    char        *id, *token;                   /* the voice's own, freed with the ear */
    bool         started, told;                /* the voice's, too */
    double       last;
    void        *data;                         /* …and not freed with it */
};

const app_function *call_function(const hub *h, const char *name);            /* NULL */
int   calls_list(const hub *h, const net_request *rq, api_function **out);    /* those that its key opens, in the order of their declaration */
/* Queues a run with these inputs, an object of JSON, unless the answer is there already. Let somebody hear of it before the loop turns. NULL, and *why: they do
 * not fit, (403) its key does not open the function, (429) this address or key calls too often, or (503) the function crashed again and again and is not called for now. */
typedef struct call_keep { uint64_t key, body; } call_keep;       /* a name that its caller gave it (0: none), and a hash of what it is called with */
/* session: what its caller calls the session in which it is (NULL: in none); of no account unless the function keeps one. keep: it outlives this process; NULL: it does not. */
call *call_begin(hub *h, const net_request *rq, const app_function *fn, const char *session, const char *inputs, size_t count, const call_keep *keep, api_problem *why);
void  calls_reply(net_request *rq, int status, text *body, const char *header, const char *value);   /* with JSON, which is given back; header NULL: none */
void  call_name(call *c, uint64_t key);                                       /* by which call_named finds it from now on */
call *call_named(const hub *h, uint64_t key);
call *call_with_id(const hub *h, const char *id);
void  calls_each(const hub *h, void (*each)(void *data, call *c), void *data);
void  call_keep_on(call *c);                                                  /* it has begun, and outlives this process from now on. Before it began: holds_inputs */
void  call_repeat(call *c);                                                   /* another with the same inputs, of one that is stored and has ended */
void  call_stop(call *c, int status, const char *title, const char *detail);  /* nothing, when it has ended */
/* The answer comes now or later. The ear is gone when it has come; a stream's, when it closes. NULL: the call has ended, and this was told; or the other end has gone. */
call_ear *call_answer(call *c, const call_voice *v, net_request *rq, const char *id);
call_ear *call_stream(call *c, const call_voice *v, net_request *rq, const char *id, const char *token);

/* An ear that speaks elsewhere; gone when the call has ended. */
call_ear *call_follow(call *c, const call_voice *v, const char *token);
void   call_heard(call_ear *e);                                               /* it has told what it had to: the end, too, if that was there already */
/* Whether its key opens this, and this key or address may ask once more now; it is counted. fn NULL: for the model. False: *why says why not, or when it may. */
bool  call_allowed(hub *h, const net_request *rq, const app_function *fn, api_problem *why);
const char *call_level(ez_level level);                                       /* "debug", "info", "warning", "error" */
double call_eta(const call *c);                                               /* seconds until it is expected to end; below 0: not known */
double call_seconds(const call *c);                                           /* since it was asked for, until its end */

/* rest.c, mcp.c, gradio.c, openai.c. False: the path is none of theirs; else the request is ended. */
bool rest_handle(hub *h, net_request *rq, const char *path);
bool mcp_handle(hub *h, net_request *rq, const char *path);
bool gradio_handle(hub *h, net_request *rq, const char *path);
bool openai_handle(hub *h, net_request *rq, const char *path);
/* Answers with a problem; header and value may be NULL. */
void rest_refuse(net_request *rq, int status, const char *title, const char *header, const char *value, const char *format, ...) EZ_FORMAT(6, 7);

#endif
