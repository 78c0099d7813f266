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

/* What is known of a function: there are as many as the program has. */
typedef struct job_function {
    int    waiting;
    int    measured;               /* how often; 0: its times are not known */
    double took_ms, held_ms;       /* the mean of the last ones: from its beginning to its end; …of it, with a permit of the pool */
} job_function;
void job_measured(job_function *f, double took_ms, double held_ms);

typedef struct job {
    job_queue *queue;
    char       session[TOKEN_CHARS + 1];
    uint64_t   number, arrival;
    run       *run;
    job_function *function;
    double     added_ms;
    double     began_ms;           /* when its time began to count; 0: it waits, or for a permit */
    int        priority;
    int64_t    told_begins_ms;     /* …when it is expected to begin; -1: not known */
    int        told;               /* the position that was told last; 0: none */
    bool       refused, aside;
    turn_group *group;
    turn_line  *line;              /* NULL: it does not wait */
    struct job *before, *after;    /* of all that wait, in the order in which they came; or of all that run */
    struct job *line_before, *line_after;
} job;

typedef struct turns {
    map        jobs;               /* of session and number -> job, waiting or running */
    map        sessions, groups;
    LIST(turn_group *) all_groups;
    job       *first, *last;       /* all that wait */
    job       *first_running;
    int        waiting, running;
    uint64_t   arrivals, starts;
} turns;

/* limit: how many of this group may run at once; 0: no limit. The newest word counts. */
void turns_add(turns *t, job *j, uint64_t group, int limit);
job *turns_next(turns *t);                               /* it counts as running from now on; NULL: none may begin */
void turns_leave(turns *t, job *j);                      /* it waited, and does not any more */
void turns_ended(turns *t, job *j);                      /* it ran */
job *turns_find(const turns *t, const char *session, uint64_t number);

/* Plays on to the end what waits, as if nobody else came, with the measured times and so many permits. Tells of each that waits, in the order in which they
 * begin, how many of its function (or lane) begin before it and itself, and in how many ms; INFINITY: a time that this depends on was not measured yet. */
typedef void turns_told(void *data, job *j, int position, double wait_ms);
void turns_forecast(turns *t, int permits, double now_ms, turns_told *told, void *data);
void turns_done(turns *t);                               /* none waits in it any more; jobs are the caller's */

#endif
