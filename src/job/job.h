/* job.h: the queue of bound functions: fair between sessions, limited by function and lane, bounded.
 *
 * A job is one run of a bound function. It belongs to its session and not to a socket. The queue takes the sessions in turn, so that somebody with ten
 * jobs does not keep away somebody with one. A job of higher priority goes before others, but for those that have waited while sixteen began for each level between them: nobody starves. Everybody who waits is told a position and a time when they change: the
 * queue is played on with the times that functions took before. That is done every 20 ms at most; when more than 64 wait, every 100 ms (less often when they
 * are very many), and those far back hear of it when it has changed by a sixteenth.
 *
 * No event is told before the call that causes it has returned. Thread: the loop's; functions run on the pool's job lane. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JOB_JOB_H
#define JOB_JOB_H

#include "loop/loop.h"
#include "page/run.h"

typedef struct job_queue job_queue;

/* What is expected of a job, in ms, by how long its function and others took before; -1: not known. */
typedef struct job_times { int64_t wait, take; } job_times;

typedef struct job_events {
    /* position: how many of its function or lane begin before it, and itself; 0: it begins, whether it waited or not. */
    void (*waits)(void *data, const char *session, uint64_t job, int position, job_times expected);
    void (*ran)(void *data, const char *session, uint64_t job, run *r, bool refused);   /* the run is yours now */
    void (*before)(void *data, run *r);                  /* on the job's thread, around the function */
    void (*after)(void *data, run *r);
    int  (*others)(void *data);                          /* how many wait elsewhere and count for the limit */
    run *(*make)(void *data, const char *session, uint64_t job);      /* of one that was added without: it begins. It is not called when `ran` gets NULL */
    void (*began)(void *data, const char *session, uint64_t job);     /* its function has been entered */
    void *data;
} job_events;

typedef struct job_order {
    const char *session;
    uint64_t    job;               /* a number within the session */
    run        *run;               /* NULL: events.make makes it when its turn comes, so that what waits is small */
    const void *function;          /* jobs of one function share its limits */
    int         concurrency;       /* of the function, or of the lane if there is one; 0: none */
    const char *lane;
    int         max_size;          /* how many of its function may wait; 0: any number */
    int         priority;          /* EZ_PRIORITY_… */
    bool        unlimited;         /* never refused: what follows an answer */
} job_order;

/* queue_size: how many may wait; the next is refused. */
job_queue *job_queue_new(loop *l, pool *p, int queue_size, const job_events *events);
void job_queue_stop(job_queue *q);                       /* nothing begins any more: call it before pool_free */
void job_queue_free(job_queue *q);                       /* after pool_free, and after the loop has done what was posted meanwhile */
void job_add(job_queue *q, const job_order *order);
bool job_cancel(job_queue *q, const char *session, uint64_t job);   /* true: it had not begun, and `ran` gets its untouched run */
/* Nobody waits any more for this job, which runs and does not end: another may begin in its place. When it returns, `ran` gets its run all the same. */
bool job_set_aside(job_queue *q, const char *session, uint64_t job);
int  job_waiting(const job_queue *q);
bool job_full(const job_queue *q);                       /* the next would be refused */
int  job_running(const job_queue *q);
/* Those that wait and run. r NULL: it has not been made. Times in ms; eta below 0: not known. */
typedef struct job_look { const char *session; uint64_t job; run *run; int position; double age, eta, ran; } job_look;   /* ran below 0: it waits */
void job_each(const job_queue *q, void (*each)(void *data, const job_look *look), void *data);
int64_t job_take(const job_queue *q, const void *function);                /* the expected ms of a job of this function; -1: not known */

#endif
