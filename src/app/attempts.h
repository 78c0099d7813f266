/* attempts.h: functions at work for calls: one run for one call, or for all calls of a batch. Only calls.c and attempts.c include this.
 *
 * An attempt is a job of the queue. It knows the calls that it works for, each by its row, and tells them what becomes of it; a call that is over, as
 * it was cancelled, leaves it, and one that nobody needs any more is ended. A batch takes calls in until it is full or begins. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_ATTEMPTS_H
#define APP_ATTEMPTS_H

#include "app/calls.h"

#define QUEUE "api "                           /* the session of runs: no other has such a name; and how the names of queues begin */

typedef struct attempts {
    uint64_t made;
    map by_number;
    map open;                      /* function -> the batch that takes calls in */
} attempts;

typedef struct attempt attempt;
attempts *calls_attempts(const hub *h);

void attempt_begin(call *c, bool unlimited);   /* its inputs are in c->in. unlimited: it has waited already, so it is not refused now */
void attempt_leave(call *c);                   /* nothing of it is told to the call any more; none: nothing happens */
void attempts_done(hub *h);

/* calls.c: what becomes of it */
void call_begins(call *c, uint64_t scope);     /* its outputs come under names in this scope */
void call_moved(call *c, call_state state, int position, job_times expected);
void call_progress(call *c, double progress, const char *words);
void call_puts(call *c, const run_put *puts, int count);      /* of its row */
void call_tells(call *c, const run_line *lines, int count);   /* those of its row, and those for all */
void call_late(call *c);                       /* its time is over */
void call_over(call *c, const run *r, bool refused);          /* its attempt has ended; r NULL: it has not begun */

#endif
