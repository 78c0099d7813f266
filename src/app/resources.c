/* resources.c: what is made once for the program: one load however many ask, kept while runs hold it.
 *
 * The lock guards the list and what stands in it; load and unload are called without it, as they are code of the program. Who waits for the load
 * of another gives its permit back, and is woken by the end of the load or by its own interrupt. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include "page/guard.h"
#include <pthread.h>
#include <string.h>

typedef struct resource {
    uint64_t key;
    void    *it;
    void   (*unload)(void *it);
    ez_err   err;
    bool     loading, failed, old;   /* old: another has taken its place; goes when nobody holds it */
    int      held;
    int64_t  until;                  /* clock_ms; 0: for ever */
    LIST(run *) waiting;             /* for its load */
    struct resource *needs;          /* what its load waits for right now */
} resource;

struct resources {
    pthread_mutex_t lock;
    LIST(resource *) all;
};

static _Thread_local resource *loads;            /* the innermost one that this thread loads */

resources *resources_new(void)
{
    resources *r = mem_alloc(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

/* Out of the list; the caller gives it to `drop` once it has left the lock. */
static resource *take_out(resources *r, resource *x)
{
    list_drop(&r->all, x);
    return x;
}

static void drop(resource *x)
{
    if (!x)
        return;
    if (x->it && x->unload)
        x->unload(x->it);
    list_done(&x->waiting);
    mem_free(x);
}

void resources_free(resources *r)
{
    if (!r)
        return;
    while (r->all.count)
        drop(take_out(r, r->all.at[0]));
    list_done(&r->all);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

/* The present one of this key; one that is past its time gives way to a new load, and is *gone if nobody holds it. */
static resource *find(resources *r, uint64_t key, resource **gone)
{
    for (int i = 0; i < r->all.count; i++) {
        resource *x = r->all.at[i];
        if (x->key != key || x->old)
            continue;
        if (x->loading || !x->until || clock_ms() < x->until)
            return x;
        x->old = true;
        if (!x->held)
            *gone = take_out(r, x);
        return NULL;
    }
    return NULL;
}

typedef struct loading { const ez_resource_args *args; ez_err *err; void *it; } loading;

static void load_now(void *data)
{
    loading *l = data;
    l->it = l->args->load(l->args->arg, l->err);
}

static void *load_guarded(const ez_resource_args *a, ez_err *err)
{
    char what[256];
    loading l = { a, err, NULL };
    if (!guard_call(load_now, &l, what, sizeof what))
        error_set(err, EZ_FAILED, "the resource could not be loaded: %s", what);
    return l.it;
}

static void load(resources *r, run *by, const ez_resource_args *a, resource *x)
{
    resource *outer = loads;
    if (outer)
        outer->needs = x;
    pthread_mutex_unlock(&r->lock);
    loads = x;
    run_wait_begin(by);
    void *it = load_guarded(a, &x->err);
    run_wait_end(by);
    loads = outer;
    pthread_mutex_lock(&r->lock);
    if (outer)
        outer->needs = NULL;
    x->it = it;
    x->loading = false;
    x->failed = x->old = !it;          /* a failure is told to those who wait, and the next one tries again */
    x->until = a->ttl > 0 ? clock_ms() + (int64_t)((double)a->ttl * 1000) : 0;
    for (int i = 0; i < x->waiting.count; i++)
        run_wake(x->waiting.at[i]);
}

/* The load of x waits, over others perhaps, for what this thread loads. */
static bool waits_for_me(const resource *x)
{
    for (; x; x = x->needs)
        if (x == loads)
            return true;
    return false;
}

static void await(resources *r, run *by, resource *x)
{
    if (loads)
        loads->needs = x;
    *list_add(&x->waiting) = by;
    pthread_mutex_unlock(&r->lock);
    run_wait_begin(by);
    pthread_mutex_lock(&r->lock);
    while (x->loading && !atomic_load(&by->interrupted)) {
        pthread_mutex_unlock(&r->lock);
        run_wait(by, 0);
        pthread_mutex_lock(&r->lock);
    }
    list_drop(&x->waiting, by);
    if (loads)
        loads->needs = NULL;
    pthread_mutex_unlock(&r->lock);
    run_wait_end(by);
    pthread_mutex_lock(&r->lock);
}

static void tell_failure(const resource *x, ez_err *error)
{
    if (!error)
        return;
    *error = x->err;
    if (!error->code)
        error_set(error, EZ_FAILED, "the resource could not be loaded, and its loader gave no reason");
}

void *resources_get(resources *r, run *by, const ez_resource_args *a, bool wait, void **hold)
{
    uint64_t key = hash_mix((uint64_t)(uintptr_t)a->load, a->arg ? hash_text(a->arg) : 0);
    resource *gone = NULL;
    void *it = NULL;
    *hold = NULL;
    pthread_mutex_lock(&r->lock);
    resource *x = find(r, key, &gone);
    if (!wait && (!x || x->loading)) {
        /* Whoever asks shows first that it loads, and comes again. */
    } else if (x && x->loading && waits_for_me(x)) {
        if (a->error)
            error_set(a->error, EZ_FAILED, "the loader of this resource waits for the resource itself; let it load what it needs by another one");
    } else {
        bool mine = !x;
        if (mine) {
            x = mem_alloc(sizeof *x);
            *x = (resource){ .key = key, .unload = a->unload, .loading = true };
            *list_add(&r->all) = x;
        }
        x->held++;
        *hold = x;
        if (mine) load(r, by, a, x);
        else if (x->loading) await(r, by, x);
        it = x->loading ? NULL : x->it;
        if (x->failed)
            tell_failure(x, a->error);
        else if (x->loading && a->error)
            error_set(a->error, EZ_STOPPED, "the run was interrupted while the resource was loading");
    }
    pthread_mutex_unlock(&r->lock);
    drop(gone);
    return it;
}

void resources_release(resources *r, void *hold)
{
    resource *x = hold, *gone = NULL;
    pthread_mutex_lock(&r->lock);
    if (!--x->held && x->old)
        gone = take_out(r, x);
    pthread_mutex_unlock(&r->lock);
    drop(gone);
}
