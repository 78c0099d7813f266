/* mcp_stream.h: answers that are streams. Only mcp_stream.c, which tells what a call says, and mcp_back.c, which has the clients that come back and those that leave, include this.
 * Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_MCP_STREAM_H
#define APP_MCP_STREAM_H

#include "app/mcp.h"

typedef struct mcp_event { int number; text body; } mcp_event;     /* 0: there is none */

typedef struct mcp_stream {
    hub         *hub;
    call_ear    *ear;              /* NULL: the call has ended */
    net_request *rq;               /* to be answered; NULL: it became a stream, or it was answered */
    net_channel *line;             /* NULL: there is none yet, it broke, or all was told */
    int          lines;            /* that have not closed, the one above among them */
    mcp_tell    *tell;
    char        *id, *of, *progress;
    bool         modern, primes, streams;      /* streams: its client reads events */
    char         session[TOKEN_CHARS + 1];     /* of its client; "": it has none, so nobody can come back */
    uint64_t     who;              /* hash of its key; 0: it came without */
    char         name[TOKEN_CHARS + 1];        /* with which the ids of its events begin; "": it cannot be taken up again */
    bool         keeping, kept;    /* about to be in the store, before it becomes a stream; it is */
    int64_t      noted_ms;         /* when the store was told that it is there */
    int          count;            /* events so far */
    double       last;             /* progress that was told */
    mcp_event    moved, result;
    LIST(mcp_event) said;          /* lines of its function */
    int          wants;            /* of which level: mcp_log.c */
    loop_timer  *timer;            /* until the request becomes a stream; or until nobody can come back any more */
} mcp_stream;

struct mcp {
    map all, by_name;
    LIST(mcp_stream *) results;    /* that may be fetched, oldest first */
    size_t bytes;                  /* of them */
    LIST(uint64_t) left;           /* sessions whose clients said goodbye, oldest first */
    int64_t expired_ms;
    mcp_levels levels;
};

/* mcp_stream.c */
mcp_line mcp_line_of(const mcp_stream *s);     /* what the store has of it */
void mcp_name_stream(mcp_stream *s, const char *name);
void mcp_follow(mcp_stream *s, call *c);       /* it is one of all, and hears of the call */
void mcp_moved(call_ear *e);
bool mcp_listen(mcp_stream *s, net_request *rq, int heard);          /* the request becomes its line, to which everything is told that came after the event with this number. False: the other end has gone */
void mcp_look_after(mcp_stream *s);            /* what becomes of one to which nobody may listen now. It may be gone after that */
void mcp_forget(mcp_stream *s);                /* nobody can take it up again */
void mcp_gone(mcp_stream *s);                  /* its client does not come back */
void mcp_stream_free(mcp_stream *s);

/* mcp_back.c */
uint64_t mcp_who(const net_request *rq);       /* whose key it shows; 0: none */

#endif
