/* turns.h: who is next. Sessions take turns, functions and lanes have limits; every step costs the logarithm of how many wait.
 *
 * The jobs of one session for one function (or lane) and priority stand in a line, oldest first. Each function has a heap of its lines, at the top the one whose
 * session was served longest ago; a priority counts as if that had been some starts earlier. The next job is the best of the tops of those functions that may begin another one. A session that comes anew
 * gets its turn within a round, and nothing needs to be remembered of one that has left.
 *
 * Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_TURNS_H
#define JOB_TURNS_H

#include "job/job.h"

typedef struct turn_session turn_session;
typedef struct turn_group turn_group;
typedef struct turn_line turn_line;

typedef struct job {
    job_queue *queue;
    char       session[TOKEN_CHARS + 1];
    uint64_t   number, arrival;
    run       *run;
    uint64_t   function;
    int        priority;
    int        told;               /* the position that was told last; 0: none */
    bool       refused, aside;
    turn_group *group;
    turn_line  *line;              /* NULL: it does not wait */
    struct job *before, *after;    /* of all that wait, in the order in which they came */
    struct job *line_before, *line_after;
} job;

typedef struct turns {
    map        jobs;               /* of session and number -> job, waiting or running */
    map        sessions, groups;
    LIST(turn_group *) all_groups;
    job       *first, *last;       /* all that wait */
    int        waiting, running;
    uint64_t   arrivals, starts;
} turns;

/* limit: how many of this group may run at once; 0: no limit. The newest word counts. */
void turns_add(turns *t, job *j, uint64_t group, int limit);
job *turns_next(turns *t);                               /* it counts as running from now on; NULL: none may begin */
void turns_leave(turns *t, job *j);                      /* it waited, and does not any more */
void turns_ended(turns *t, job *j);                      /* it ran */
job *turns_find(const turns *t, const char *session, uint64_t number);
void turns_done(turns *t);                               /* none waits in it any more; jobs are the caller's */

#endif
