/* resources.c: what is made once for the program: one load however many ask, kept while runs hold it. */
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
} resource;

struct resources {
    pthread_mutex_t lock;
    pthread_cond_t  loaded;
    LIST(resource *) all;
    void (*wait_begin)(void *), (*wait_end)(void *);
    void *data;
};

resources *resources_new(void (*wait_begin)(void *), void (*wait_end)(void *), void *data)
{
    resources *r = mem_alloc(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->loaded, NULL);
    r->wait_begin = wait_begin;
    r->wait_end = wait_end;
    r->data = data;
    return r;
}

static void drop(resources *r, resource *x)
{
    for (int i = 0; i < r->all.count; i++)
        if (r->all.at[i] == x) {
            list_remove(&r->all, i);
            break;
        }
    if (x->it && x->unload)
        x->unload(x->it);
    mem_free(x);
}

void resources_free(resources *r)
{
    if (!r)
        return;
    while (r->all.count)
        drop(r, r->all.at[0]);
    list_done(&r->all);
    pthread_cond_destroy(&r->loaded);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

/* The present one of this key; one that is past its time gives way to a new load. */
static resource *find(resources *r, uint64_t key)
{
    for (int i = 0; i < r->all.count; i++) {
        resource *x = r->all.at[i];
        if (x->key != key || x->old)
            continue;
        if (x->loading || !x->until || clock_ms() < x->until)
            return x;
        x->old = true;
        if (!x->held)
            drop(r, x);
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

static resource *load(resources *r, const ez_resource_args *a, uint64_t key)
{
    resource *x = mem_alloc(sizeof *x);
    *x = (resource){ .key = key, .unload = a->unload, .loading = true, .held = 1 };
    *list_add(&r->all) = x;
    pthread_mutex_unlock(&r->lock);
    r->wait_begin(r->data);
    void *it = load_guarded(a, &x->err);
    r->wait_end(r->data);
    pthread_mutex_lock(&r->lock);
    x->it = it;
    x->loading = false;
    x->failed = x->old = !it;          /* a failure is told to those who wait, and the next one tries again */
    x->until = a->ttl > 0 ? clock_ms() + (int64_t)((double)a->ttl * 1000) : 0;
    pthread_cond_broadcast(&r->loaded);
    return x;
}

void *resources_get(resources *r, const ez_resource_args *a, bool wait, void **hold)
{
    uint64_t key = hash_mix((uint64_t)(uintptr_t)a->load, a->arg ? hash_text(a->arg) : 0);
    *hold = NULL;
    pthread_mutex_lock(&r->lock);
    resource *x = find(r, key);
    if (!wait && (!x || x->loading)) {
        pthread_mutex_unlock(&r->lock);
        return NULL;
    }
    if (!x) {
        x = load(r, a, key);
    } else {
        x->held++;
        if (x->loading) {
            pthread_mutex_unlock(&r->lock);
            r->wait_begin(r->data);
            pthread_mutex_lock(&r->lock);
            while (x->loading)
                pthread_cond_wait(&r->loaded, &r->lock);
            pthread_mutex_unlock(&r->lock);
            r->wait_end(r->data);
            pthread_mutex_lock(&r->lock);
        }
    }
    void *it = x->it;
    if (x->failed && a->error) {
        *a->error = x->err;
        if (!a->error->code)
            error_set(a->error, EZ_FAILED, "the resource could not be loaded, and its loader gave no reason");
    }
    *hold = x;
    pthread_mutex_unlock(&r->lock);
    return it;
}

void resources_release(resources *r, void *hold)
{
    resource *x = hold;
    pthread_mutex_lock(&r->lock);
    if (!--x->held && x->old)
        drop(r, x);
    pthread_mutex_unlock(&r->lock);
}
