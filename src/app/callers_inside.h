/* callers_inside.h: a caller's session, for the two files that keep it: callers.c in memory, callers_stored.c in the store. Only they include this. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CALLERS_INSIDE_H
#define APP_CALLERS_INSIDE_H

#include "app/callers.h"
#include "app/calls.h"

struct caller {
    hub      *hub;
    uint64_t  id, owner;                       /* in the map; whose key named it, 0: none */
    char     *name;
    states    states;
    size_t    bytes;                           /* that these hold */
    unsigned  resets;                          /* how often it began anew */
    LIST(call *) line;                         /* the first may be at work, the others wait for it */
    int       holds;                           /* heartbeats that are open */
    int64_t   ttl_ms, used_ms;

    /* in the store */
    uint32_t  fence;                           /* with which this process writes; 0: it is not known yet */
    bool      here;                            /* what the store has is in memory */
    bool      loading, saving;                 /* an answer of the store is under way, so it stays */
    bool      anew;                            /* it was forgotten meanwhile: what is read does not count */
    bool      lost;                            /* another process has it now */
    bool      stored;                          /* there is something of it */
    int64_t   ttl_saved, noted_ms;             /* what the store has for its time, and when it heard last that it is used */
    LIST(call *) settling, unsettled;          /* calls that have ended, whose changes are in the write under way; …or in the next one */
};

struct callers { map all; size_t bytes; int waiting; int64_t expired_ms; };

/* callers.c */
void caller_measure(caller *c);                /* its states are others: when all hold too much, some leave memory */

/* callers_stored.c */
void caller_save(caller *c);
bool caller_unsaved(const caller *c);
void caller_note_use(caller *c);               /* the store hears of its use now and then, when nothing else is written */
void caller_load(caller *c);                   /* unless it is here: its first call begins then */
void caller_drop_stored(hub *h, uint64_t owner, const char *name);
void callers_expire(hub *h, int64_t ttl_ms);   /* ttl_ms: the longest that any of them has */

#endif
