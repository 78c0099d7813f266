/* pool_monitor.c: notices holders of a permit that are blocked outside of Easel, and lends their lane another one.
 *
 * It sleeps without a clock while no function waits for a permit, so that a program that keeps up does nothing here. While one waits, it looks at
 * the holders every SAMPLE_MS. A holder is blocked when the kernel says that it sleeps (state S or D) and it has used less than an eighth of the
 * time since it was looked at before. It stays so until it uses more. A holder that computes never counts, however little of the
 * processor it gets: then it is runnable, and the kernel says R. Of a thread that stands for a process, that process is looked at. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loop/pool_inside.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLE_MS = 10, USED_PART = 8 };

/* The state stands behind the name, which is in parentheses and may hold some itself. */
static bool pool_thread_sleeps(const pool_thread *t)
{
    char path[48], line[128];
    snprintf(path, sizeof path, t->stands_for ? "/proc/%d/stat" : "/proc/self/task/%d/stat", t->stands_for ? t->stands_for : t->tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, line, sizeof line - 1) : -1;
    if (fd >= 0) close(fd);
    if (got <= 0) return false;
    line[got] = 0;
    const char *end = strrchr(line, ')');
    return end && end[1] == ' ' && (end[2] == 'S' || end[2] == 'D');
}

static int64_t pool_thread_cpu(const pool_thread *t)
{
    clockid_t clock;
    struct timespec used;
    int failed = t->stands_for ? clock_getcpuclockid(t->stands_for, &clock) : pthread_getcpuclockid(t->thread, &clock);
    if (failed || clock_gettime(clock, &used)) return -1;
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

void pool_sample_first(pool_thread *t)
{
    t->seen_ns = clock_ns();
    t->seen_cpu_ns = pool_thread_cpu(t);
}

/* True: it blocks. The state is asked only when the time that it used does not tell. */
static bool pool_sample(pool_thread *t)
{
    int64_t now = clock_ns(), since = now - t->seen_ns;
    if (since < (int64_t)SAMPLE_MS * 1000000 / 2) return t->lent;
    int64_t cpu = pool_thread_cpu(t), used = cpu - t->seen_cpu_ns;
    t->seen_ns = now;
    t->seen_cpu_ns = cpu;
    return cpu >= 0 && used < since / USED_PART && (t->lent || pool_thread_sleeps(t));
}

static void pool_look(pool *p)
{
    for (int i = 0; i < p->threads.count; i++) {
        pool_thread *t = p->threads.at[i];
        if (!t->item || !t->holds || !pool_starves(&p->lanes[t->item->lane])) continue;
        bool blocked = pool_sample(t);
        if (blocked == t->lent) continue;
        t->lent = blocked;
        if (blocked) pool_permit_freed(p, &p->lanes[t->item->lane]);
        else p->lanes[t->item->lane].free--;
    }
}

static bool pool_any_starves(const pool *p)
{
    bool any = false;
    for (int i = 0; i < POOL_LANES; i++) any = any || pool_starves(&p->lanes[i]);
    return any;
}

static void *pool_monitor_main(void *data)
{
    pool *p = data;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        p->monitor_asleep = true;
        while (!p->stopping && !pool_any_starves(p)) pthread_cond_wait(&p->monitor_wake, &p->lock);
        p->monitor_asleep = false;
        /* A pool that ends may still have functions that wait, and holders that block. */
        if (!pool_any_starves(p)) break;
        pthread_mutex_unlock(&p->lock);
        nanosleep(&(struct timespec){ .tv_nsec = SAMPLE_MS * 1000000 }, NULL);
        pthread_mutex_lock(&p->lock);
        pool_look(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

void pool_monitor_wake(pool *p)
{
    if (!p->monitored) {
        pthread_attr_t attr;
        pthread_attr_init(&attr);
        pthread_attr_setstacksize(&attr, 64 * 1024);
        p->monitored = !pthread_create(&p->monitor, &attr, pool_monitor_main, p);
        pthread_attr_destroy(&attr);
    } else if (p->monitor_asleep) {
        pthread_cond_signal(&p->monitor_wake);
    }
}
