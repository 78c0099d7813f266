/* callers.h: sessions of callers over the network: where ez_state lives between calls of a function with .session_ttl.
 *
 * A caller gives his session a name: Gradio's clients by `session_hash`, those of MCP by Mcp-Session-Id, others by the header Easel-Session. Whoever says the
 * name has the session, in any of these protocols; what is named with a key is found with the same key alone.
 *
 * Calls of one session take turns, in the order in which they came, so that each finds what the one before it left. What a call changed is kept when it
 * succeeds, as on pages.
 *
 * A session is kept in the store as a visitor's is: in parts of which what changed is written, with the fence of the process that has it. What a call changed is there before its
 * end is told; a call that finds at its end that another process took the session over has failed. Sessions that were used longest ago leave memory when there are too many or
 * they hold too much, and are read again. One ends when it was not used for as long as its functions say, while no heartbeat of its client is open. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CALLERS_H
#define APP_CALLERS_H

#include "api/functions.h"
#include "app/hub.h"

enum { CALLER_NAME_MOST = 100 };               /* bytes */

typedef struct caller caller;
struct call;

/* Found or made, with room for one more call. NULL, and *why: the name cannot be used (400), or there is no room now (503). */
caller *caller_named(hub *h, const net_request *rq, const char *name, api_problem *why);
void caller_reset(hub *h, const net_request *rq, const char *name);            /* it begins anew; of a call that is under way nothing is kept */

/* A call joins the session when it is made, and leaves when its end is known. */
void caller_join(caller *c, struct call *x);
bool caller_turn(const struct call *x);        /* it may begin: its session is in memory and nobody of it before it, or it has none */
bool caller_settle(struct call *x);            /* it has succeeded: what it changed is handed to the store, and call_settled hears of it. False: nothing has to be waited for */
struct call *caller_leave(struct call *x);     /* the call whose turn it is now; NULL: none */

/* For the run of a call, and of one that succeeded. A call without a session: nothing happens. */
void caller_lend(struct call *x, run *r);
void caller_take(struct call *x, const run *r);

/* Its client is there. NULL: the program keeps no sessions, or has no room for this one. */
caller *caller_hold(hub *h, const net_request *rq, const char *name);
void caller_release(caller *c);

/* calls.c */
void call_turn(struct call *x, bool waited);   /* it may begin now. waited: for others of its session */
void call_settled(struct call *x, bool good);  /* not good: another process has its session */

#endif
