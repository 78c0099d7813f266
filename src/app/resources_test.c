/* resources_test.c: loads that are slow, fail, need others or themselves, while many ask, on a pool with few permits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include "base/test.h"
#include "loop/loop.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE_MS = 30000 };

typedef struct house { pool *pool; resources *all; run_host host; } house;
static house *here;

static void wait_begin(void *data) { pool_permit_give(((house *)data)->pool); }
static void wait_end(void *data) { pool_permit_take(((house *)data)->pool); }

static void *get(void *data, run *r, const ez_resource_args *args, bool wait)
{
    void *hold, *it = resources_get(((house *)data)->all, r, args, wait, &hold);
    if (hold) *list_add(&r->held) = hold;
    return it;
}

static house *house_new(int permits)
{
    house *h = mem_alloc(sizeof *h);
    h->pool = pool_new(&(pool_options){ .permits = { permits, 1 }, .stack = 256 * 1024 });
    h->all = resources_new();
    h->host = (run_host){ .data = h, .wait_begin = wait_begin, .wait_end = wait_end, .resource = get };
    return here = h;
}

static void house_free(house *h)
{
    pool_free(h->pool);
    resources_free(h->all);
    mem_free(h);
}

static void give_back(run *r)
{
    for (int i = 0; i < r->held.count; i++) resources_release(here->all, r->held.at[i]);
    list_done(&r->held);
}

static void work(void *data)
{
    run *r = data;
    run_execute(r);
    give_back(r);
}

/* The test frees the run: it may want to interrupt it meanwhile. */
static run *begin(ez_fn *fn)
{
    run *r = run_new(RUN_PAGE, fn, &here->host);
    pool_run(here->pool, POOL_PAGE, work, r);
    return r;
}

static bool becomes(atomic_int *what, int least)
{
    int64_t until = clock_ms() + PATIENCE_MS;
    while (*what < least && clock_ms() < until) usleep(1000);
    return *what >= least;
}

/* ---- slow, and many ask ------------------------------------------------------------------------------------------------ */

static atomic_int loads, unloads, asked, got, failures, inside, most, others;
static atomic_bool gate;
static int thing;

static void reset(void)
{
    loads = unloads = asked = got = failures = inside = most = others = 0;
    gate = false;
}

static void *slow(const char *arg, ez_err *err)
{
    loads++;
    while (!gate) usleep(1000);
    if (!strcmp(arg, "bad")) error_set(err, EZ_MISSING, "load %d found nothing", (int)loads);
    return strcmp(arg, "good") ? NULL : &thing;
}

static void unload(void *it)
{
    assert_ptr_equal(it, &thing);
    unloads++;
}

static void ask_good(ez_ui *ui)
{
    asked++;
    got += ez_resource(ui, slow, .arg = "good", .unload = unload) == &thing;
    int now = ++inside, top = most;
    while (now > top && !atomic_compare_exchange_weak(&most, &top, now)) {}
    usleep(100);
    inside--;
}

static void other(ez_ui *ui) { (void)ui; others++; }

TEST(two_hundred_ask_and_it_is_loaded_once_while_another_page_answers)
{
    house *h = house_new(2);
    run *runs[200], *free_one;
    reset();
    for (int i = 0; i < 200; i++) runs[i] = begin(ask_good);
    bool all = becomes(&asked, 200);                   /* with two permits */
    free_one = begin(other);
    bool answered = becomes(&others, 1);
    int early = got;
    gate = true;
    assert_true(becomes(&got, 200));
    pool_free(h->pool);
    h->pool = NULL;
    assert_true(all);
    assert_true(answered);
    assert_int_equal(early, 0);
    assert_int_equal(loads, 1);
    assert_int_equal(most, 2);                         /* who goes on after the wait has a permit again */
    assert_int_equal(unloads, 0);
    for (int i = 0; i < 200; i++) run_free(runs[i]);
    run_free(free_one);
    house_free(h);
    assert_int_equal(unloads, 1);
}

static void ask_bad(ez_ui *ui)
{
    ez_err err = { EZ_OK, "" };
    asked++;
    failures += !ez_resource(ui, slow, .arg = "bad", .error = &err) && err.code == EZ_MISSING && strstr(err.text, "found nothing");
}

TEST(a_load_that_fails_is_told_to_all_who_wait_and_the_next_one_tries_again)
{
    house *h = house_new(1);
    run *runs[21], *last;
    reset();
    for (int i = 0; i < 20; i++) runs[i] = begin(ask_bad);
    last = begin(other);
    assert_true(becomes(&others, 1));                  /* the only permit is free: all twenty wait */
    gate = true;
    assert_true(becomes(&failures, 20));
    assert_int_equal(loads, 1);
    runs[20] = begin(ask_bad);
    assert_true(becomes(&failures, 21));
    assert_int_equal(loads, 2);
    pool_free(h->pool);
    h->pool = NULL;
    for (int i = 0; i < 21; i++) run_free(runs[i]);
    run_free(last);
    house_free(h);
}

/* ---- interrupts ------------------------------------------------------------------------------------------------------------- */

static void ask_stopped(ez_ui *ui)
{
    ez_err err = { EZ_OK, "" };
    asked++;
    failures += !ez_resource(ui, slow, .arg = "good", .error = &err) && err.code == EZ_STOPPED;
}

TEST(an_interrupt_ends_the_wait_for_another_s_load_and_not_the_load)
{
    house *h = house_new(1);
    run *runs[3];
    reset();
    runs[0] = begin(ask_good);
    assert_true(becomes(&loads, 1));
    runs[1] = begin(ask_stopped);
    assert_true(becomes(&asked, 2));
    run_interrupt(runs[1]);
    assert_true(becomes(&failures, 1));
    assert_int_equal(got, 0);
    gate = true;
    assert_true(becomes(&got, 1));
    runs[2] = begin(ask_good);
    assert_true(becomes(&got, 2));
    assert_int_equal(loads, 1);
    pool_free(h->pool);
    h->pool = NULL;
    for (int i = 0; i < 3; i++) run_free(runs[i]);
    house_free(h);
}

static void sleeper(ez_ui *ui)
{
    asked++;
    while (ez_sleep(ui, 3600)) {}
    got++;
}

TEST(more_pages_sleep_than_there_are_permits_while_another_answers_and_an_interrupt_wakes_them)
{
    house *h = house_new(1);
    run *runs[101];
    reset();
    for (int i = 0; i < 100; i++) runs[i] = begin(sleeper);
    assert_true(becomes(&asked, 100));
    runs[100] = begin(other);
    assert_true(becomes(&others, 1));
    for (int i = 0; i < 100; i++) run_interrupt(runs[i]);
    assert_true(becomes(&got, 100));
    pool_free(h->pool);
    h->pool = NULL;
    for (int i = 0; i < 101; i++) run_free(runs[i]);
    house_free(h);
}

/* ---- loaders that ask --------------------------------------------------------------------------------------------------------- */

static _Thread_local ez_ui *asks;                      /* as a loader is given no place, it takes that of the page that asked */
static atomic_int met;

static void *load_inner(const char *arg, ez_err *err)
{
    (void)arg, (void)err;
    loads++;
    ez_sleep(asks, 0.001);                             /* nested: the permit was given back already */
    return &thing;
}

static void *load_outer(const char *arg, ez_err *err)
{
    (void)arg;
    loads++;
    return ez_resource(asks, load_inner, .error = err);
}

static void *load_itself(const char *arg, ez_err *err)
{
    loads++;
    return ez_resource(asks, load_itself, .arg = arg, .error = err);
}

/* Each waits until the other is being loaded, and then for it. */
static void *load_ring(const char *arg, ez_err *err)
{
    bool first = !strcmp(arg, "a");
    met++;
    while (met < 2) usleep(1000);
    return ez_resource(asks, load_ring, .arg = first ? "b" : "a", .error = err) ? &thing : NULL;
}

static void ask_outer(ez_ui *ui)
{
    asks = ui;
    got += ez_resource(ui, load_outer) == &thing;
}

static void ask_itself(ez_ui *ui)
{
    ez_err err = { EZ_OK, "" };
    asks = ui;
    failures += !ez_resource(ui, load_itself, .arg = "x", .error = &err) && strstr(err.text, "waits for the resource itself");
}

static void ask_ring(ez_ui *ui, const char *name)
{
    ez_err err = { EZ_OK, "" };
    asks = ui;
    failures += !ez_resource(ui, load_ring, .arg = name, .error = &err) && strstr(err.text, "waits for the resource itself");
}
static void ask_a(ez_ui *ui) { ask_ring(ui, "a"); }
static void ask_b(ez_ui *ui) { ask_ring(ui, "b"); }

TEST(a_loader_may_ask_for_another_resource)
{
    house *h = house_new(1);
    run *runs[10];
    reset();
    for (int i = 0; i < 10; i++) runs[i] = begin(ask_outer);
    assert_true(becomes(&got, 10));
    assert_int_equal(loads, 2);
    pool_free(h->pool);
    h->pool = NULL;
    for (int i = 0; i < 10; i++) run_free(runs[i]);
    house_free(h);
}

TEST(loaders_that_wait_for_each_other_fail_instead_of_waiting_for_ever)
{
    house *h = house_new(1);
    reset();
    met = 0;
    run *alone = begin(ask_itself);
    assert_true(becomes(&failures, 1));
    run *a = begin(ask_a), *b = begin(ask_b);
    assert_true(becomes(&failures, 3));
    pool_free(h->pool);
    h->pool = NULL;
    run_free(alone);
    run_free(a);
    run_free(b);
    house_free(h);
}

/* ---- ends ----------------------------------------------------------------------------------------------------------------------- */

static void ask_brief(ez_ui *ui)
{
    got += ez_resource(ui, slow, .arg = "good", .unload = unload, .ttl = 0.001) == &thing;
}

TEST(what_is_past_its_time_is_unloaded_when_nobody_holds_it_any_more)
{
    house *h = house_new(1);
    reset();
    gate = true;
    run *first = run_new(RUN_PAGE, ask_brief, &h->host), *second = run_new(RUN_PAGE, ask_brief, &h->host);
    run_execute(first);                                /* and goes on to hold it */
    usleep(5000);
    run_execute(second);
    assert_int_equal(loads, 2);
    assert_int_equal(got, 2);
    assert_int_equal(unloads, 0);
    give_back(first);
    assert_int_equal(unloads, 1);
    give_back(second);
    assert_int_equal(unloads, 1);                      /* nobody has asked since: it may be asked for again */
    run_free(first);
    run_free(second);
    house_free(h);
    assert_int_equal(unloads, 2);
}
