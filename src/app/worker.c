/* worker.c: the process that serves: a loop, a pool, a store, and the doors to supervisor and engine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hub.h"
#include "chat/engine.h"
#include "gen/assets.h"
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

enum {
    FILES_WANTED = 32768,          /* descriptors: 20,000 connections, and what pages open */
    OPEN_MS = 30,                  /* after the start the store is opened even if nobody needs it */
    END_MS = 2000,                 /* for functions under way when the process ends; the supervisor waits longer */
    RETIRE_LOOK_MS = 50, RETIRE_MS = 10000,   /* a process that is to be replaced waits so long for functions that still work */
    LEAVE_MS = 2000,               /* for runs and writes that have begun, when the worker is to end */
    BYE_MS = 300,                  /* and for the last bytes */
};

/* ---- what runs may call, on their threads ------------------------------------------------------------------------------------ */

typedef struct change_note { hub *hub; char session[TOKEN_CHARS + 1]; run *run; run_batch *batch; uint64_t job; } change_note;

static void on_changed(void *data)
{
    change_note *n = data;
    hub_step_token(n->hub, n->session, &(message){ .kind = MESSAGE_CHANGED, .run = n->run });
    mem_free(n);
}

static change_note *change_of(hub *h, run *r)
{
    change_note *n = mem_alloc(sizeof *n);
    n->hub = h;
    n->run = r;
    snprintf(n->session, sizeof n->session, "%s", r->session);
    return n;
}

static void host_changed(void *data, run *r)
{
    hub *h = data;
    if (r->kind != RUN_JOB)
        loop_post(h->loop, on_changed, change_of(h, r));
}

static void on_put(void *data)
{
    change_note *n = data;
    seat *s = hub_seat(n->hub, n->session);
    if (calls_own(n->session)) calls_put(n->hub, n->job, n->batch);
    else if (s) hub_step(s, &(message){ .kind = MESSAGE_JOB_PUT, .job = n->job, .batch = n->batch });
    else run_batch_free(n->batch);
    mem_free(n);
}

static void host_put(void *data, run *r)
{
    hub *h = data;
    change_note *n = change_of(h, r);
    n->batch = run_take_batch(r);
    n->job = r->job;
    loop_post(h->loop, on_put, n);
}

typedef struct spent_note { hub *hub; char session[TOKEN_CHARS + 1]; run *run; } spent_note;

/* The run may end before this comes, so nothing of it is touched here: the session compares. */
static void on_spent(void *data)
{
    spent_note *n = data;
    hub_step_token(n->hub, n->session, &(message){ .kind = MESSAGE_SPENT, .run = n->run });
    mem_free(n);
}

static void host_spent(void *data, run *r)
{
    spent_note *n = mem_alloc(sizeof *n);
    n->hub = data;
    n->run = r;
    snprintf(n->session, sizeof n->session, "%s", r->session);
    log_warn("app", "%s: a %s went over the %lld bytes of its session (--session-memory) and is stopped", r->path, r->kind == RUN_JOB ? "function" : "page",
             (long long)((hub *)data)->program.memory);
    loop_post(((hub *)data)->loop, on_spent, n);
}

/* It neither ends nor stops to ask for memory. There is no way out of C code from outside, so it stays here; its session sets it aside. */
static void host_park(void *data, run *r)
{
    hub *h = data;
    note_end();
    hub_release_held(h, r);
    pool_permit_give(h->pool);
    for (;;)
        pause();
}

static void host_wait_begin(void *data) { pool_permit_give(((hub *)data)->pool); }
static void host_wait_end(void *data) { pool_permit_take(((hub *)data)->pool); }
static const char *host_setting(void *data, const char *name) { return options_setting(&((hub *)data)->app->options, name); }
static void host_at(void *data, run *r, const ez_call *call) { (void)data; (void)r; note_at(call); }

static void *host_resource(void *data, run *r, const ez_resource_args *args, bool wait)
{
    void *hold, *it = resources_get(((hub *)data)->resources, r, args, wait, &hold);
    if (hold)
        *list_add(&r->held) = hold;
    return it;
}

static const char *host_function(void *data, ez_fn *fn)
{
    const ez_app *app = ((hub *)data)->app;
    for (int i = 0; i < app->functions.count; i++)
        if (app->functions.at[i].fn == fn)
            return app->functions.at[i].name;
    return NULL;
}

static bool host_feedback(void *data, const store_feedback_range *range, store_feedback_each *each, void *to, int64_t *total, ez_err *err)
{
    return store_feedback_read(((hub *)data)->app->options.data, range, each, to, total, err);
}

static ez_fn *page_fn(void *data, const char *path)
{
    const app_page *p = app_page_find(((hub *)data)->app, path);
    return p ? p->fn : NULL;
}

/* ---- jobs ------------------------------------------------------------------------------------------------------------------------ */

static void job_waits_for(void *data, const char *session, uint64_t job, int position, job_times expected)
{
    if (calls_own(session)) calls_wait(data, job, position, expected);
    else hub_step_token(data, session, &(message){ .kind = MESSAGE_JOB_WAITS, .job = job, .position = position });
}

static void job_is_over(void *data, const char *session, uint64_t job, run *r, bool refused)
{
    seat *s = hub_seat(data, session);
    if (r) hub_came_back(data, r);
    if (calls_own(session)) calls_ran(data, job, r, refused);
    else if (s) hub_step(s, &(message){ .kind = MESSAGE_JOB_RAN, .job = job, .run = r, .refused = refused });
    else run_free(r);
}

static void job_before(void *data, run *r) { hub_note_run(data, r); }

static void job_after(void *data, run *r)
{
    note_end();
    hub_release_held(data, r);
}

static run *job_make(void *data, const char *session, uint64_t job)
{
    (void)session;
    return calls_make(data, job);
}

static void job_began(void *data, const char *session, uint64_t job)
{
    if (calls_own(session)) calls_began(data, job);
}

/* For a model, or for another call of the same session. */
static int waiting_elsewhere(void *data) { return models_waiting(((hub *)data)->models) + callers_waiting(data); }

/* ---- doors ------------------------------------------------------------------------------------------------------------------------- */

typedef struct worker {
    hub       h;
    uv_poll_t control;
    uv_signal_t term, interrupt;
    int       handles;
    pthread_t engine;
    int       engine_control;      /* --workers 0: our end of the engine thread's control socket; -1 */
    engine_options engine_options;
    char     *model, *llama, *cache;
    loop_timer *retire;
    int64_t   retire_by;
    loop_timer *leave;
    int64_t   leave_by;
} worker;

static void handle_closed(uv_handle_t *handle)
{
    ((worker *)handle->data)->handles--;
}

/* What has begun may end, then the views are sent off, and the last bytes may go. */
static void worker_leave(void *data)
{
    worker *w = data;
    hub *h = &w->h;
    int64_t now = clock_ms();
    if (!h->sent_off && now < w->leave_by && hub_busy(h))
        return;
    if (!h->sent_off) {
        net_server_stop(h->net);
        views_stop(h);
        calls_stop(h);
        openai_stop(h);
        w->leave_by = now + BYE_MS;
        h->sent_off = true;
    }
    if (!net_connections(h->net) || now >= w->leave_by) {
        loop_timer_stop(w->leave);
        w->leave = NULL;
        loop_stop(h->loop);
    }
}

/* Visitors who come now are another worker's. */
static void worker_stop(worker *w)
{
    if (w->h.stopping)
        return;
    w->h.stopping = true;
    net_stop_listening(w->h.net);
    w->leave_by = clock_ms() + LEAVE_MS;
    w->leave = loop_timer_start(w->h.loop, 0, 5, worker_leave, w);
}

static void look_whether_quiet(void *data)
{
    worker *w = data;
    if (pool_busy(w->h.pool) && clock_ms() < w->retire_by)
        return;
    loop_timer_stop(w->retire);
    w->retire = NULL;
    worker_stop(w);
}

/* Each run that was set aside keeps a thread. The next process has none of them; what is settled is in the store, and browsers send again what
 * is not. */
static void worker_retire(hub *h)
{
    worker *w = (worker *)h;
    if (h->control < 0) {
        log_error("app", "%d runs that were set aside have not returned, and each keeps a thread: restart the program", h->aside);
        return;
    }
    if (w->retire || h->stopping)
        return;
    log_warn("app", "%d runs that were set aside have not returned, and each keeps a thread: this worker commits and hands over to a new one", h->aside);
    w->retire_by = clock_ms() + RETIRE_MS;
    w->retire = loop_timer_start(h->loop, RETIRE_LOOK_MS, RETIRE_LOOK_MS, look_whether_quiet, w);
}

/* A signal to the whole group, or one that user code raises, reaches the worker too; the supervisor decides, and its end of the control
 * socket is what counts. */
static void on_signal(uv_signal_t *handle, int number)
{
    worker *w = handle->data;
    (void)number;
    if (w->h.control < 0)
        worker_stop(w);
}

static void on_control(uv_poll_t *poll, int status, int events)
{
    worker *w = poll->data;
    char kind, name[1024];
    int passed, got;
    (void)events;
    (void)status;
    while ((got = control_receive(w->h.control, &kind, name, sizeof name, &passed)) > 0) {
        if (kind == CONTROL_ENGINE && passed >= 0) {
            models_connect(w->h.models, name, passed);
            continue;
        }
        if (kind == CONTROL_PROBLEM)
            views_problem(&w->h, passed);
        if (passed >= 0)
            close(passed);
    }
    if (got < 0) {                             /* a child that loses its supervisor, or is let go by it, commits and ends */
        uv_poll_stop(&w->control);
        worker_stop(w);
    }
}

static void watch(worker *w)
{
    uv_loop_t *uv = loop_uv(w->h.loop);
    uv_signal_init(uv, &w->term);
    w->term.data = w;
    uv_signal_start(&w->term, on_signal, SIGTERM);
    uv_signal_init(uv, &w->interrupt);
    w->interrupt.data = w;
    uv_signal_start(&w->interrupt, on_signal, SIGINT);
    w->handles = 2;
    if (w->h.control >= 0) {
        uv_poll_init(uv, &w->control, w->h.control);
        w->control.data = w;
        uv_poll_start(&w->control, UV_READABLE, on_control);
        w->handles = 3;
    }
}

static void unwatch(worker *w)
{
    uv_close((uv_handle_t *)&w->term, handle_closed);
    uv_close((uv_handle_t *)&w->interrupt, handle_closed);
    if (w->h.control >= 0)
        uv_close((uv_handle_t *)&w->control, handle_closed);
    while (w->handles)
        loop_turn(w->h.loop, 10);
}

static void *engine_thread(void *data)
{
    engine_main(&((worker *)data)->engine_options);
    return NULL;
}

/* Everything in one process: the engine is a thread behind the same sockets. */
static void start_engine_thread(worker *w)
{
    ez_app *app = w->h.app;
    int pair[2];
    w->engine_control = -1;
    if (!app->model || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return;
    w->model = engine_find_model(app->model);
    w->llama = engine_find_llama();
    w->engine_options = (engine_options){ .model = w->model, .llama_dir = w->llama, .system = app->args->system, .n_ctx = app->args->n_ctx,
                                          .threads = app->options.threads, .kept_answers = app->options.model_cache, .kept_ms = app->options.model_cache_ttl_ms,
                                          .control = pair[1], .worker = -1 };
    w->engine_control = pair[0];
    pthread_create(&w->engine, NULL, engine_thread, w);
    int end = engine_connect(pair[0]);
    if (end >= 0)
        models_connect(w->h.models, "", end);
}

static const char *page_blocked(void *data, const char *session, const char *path)
{
    return crash_blocks(((hub *)data)->app->notes, session, path);
}

static files *host_files(void *data) { return hub_files(data); }

static void prepare_hub(hub *h)
{
    h->host = (run_host){ h, app_state_build(h->app), shell_icons(), host_changed, host_wait_begin, host_wait_end, host_setting, host_resource, host_put, host_at,
                          host_spent, host_park, host_function, host_feedback, shown_functions, shown_jobs, shown_job_act, !app_shows_details(h->app), host_files, apart_run };
    h->program = (session_program){ &h->host, h->app->build, app_base(h->app), page_fn, page_blocked, h, (size_t)h->app->options.session_memory, &h->samples };
    h->loop = loop_new();
    h->pool = pool_new(&(pool_options){ .threads_max = h->app->options.pool_threads });
    h->resources = resources_new();
    h->models = models_new(h);
    h->jobs = job_queue_new(h->loop, h->pool, h->app->args->queue_size > 0 ? h->app->args->queue_size : 100,
                            &(job_events){ job_waits_for, job_is_over, job_before, job_after, waiting_elsewhere, job_make, job_began, h });
    h->started_ms = clock_ms();
    room_prepare(h);
    calls_prepare(h);
    files_prepare(h);
    h->full = worker_retire;
    routes_prepare(h);
    usage_prepare(h);
    access_look(h);
}

/* Many systems begin with 1,024 descriptors for the sake of old programs, and allow far more to those who ask. */
static void raise_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= FILES_WANTED)
        return;
    files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
    setrlimit(RLIMIT_NOFILE, &files);
}

static bool serve(hub *h, const role *r, ez_err *err)
{
    raise_files();
    h->net = net_server_new(h->loop, &(net_options){ .handler = routes_handle, .data = h, .sink = upload_begins, .ping_ms = (int)h->app->options.ping_ms, .silence_ms = (int)(h->app->options.ping_ms * 12 / 5) });
    if (r)
        return net_adopt(h->net, r->listen, err);
    return net_listen(h->net, h->app->options.address, h->app->options.port, err);
}

static void interrupt(void *data, run *r)
{
    (void)data;
    run_interrupt(r);
}

static void name(void *data, run *r)
{
    char at[300];
    (void)data;
    log_error("app", "%s: a %s does not return, %s: the process ends without it", r->path, r->kind == RUN_JOB ? "function" : "page", hub_place(r, at, sizeof at));
}

static void each_run(hub *h, void (*each)(void *data, run *r))
{
    int at = 0;
    void *value;
    while (map_next(&h->seats, &at, NULL, &value))
        session_each_run(((seat *)value)->is, each, NULL);
    calls_each_run(h, each, NULL);
}

/* Functions under way are told to end, and get a while to do so. False: some go on, so nothing that they use may be given back. What is settled is
 * committed then, and the process ends with them in it. */
static bool end_functions(worker *w)
{
    hub *h = &w->h;
    job_queue_stop(h->jobs);
    each_run(h, interrupt);
    if (pool_stop(h->pool, END_MS)) {
        pool_free(h->pool);
        app_call(h->app, h->app->args->stop, ".stop");
        return true;
    }
    each_run(h, name);
    if (h->aside)
        log_error("app", "%d runs that were set aside have not returned: the process ends without them", h->aside);
    if (h->app->args->stop)
        log_warn("app", "the program's .stop is not called, as its functions still run");
    if (h->store)
        store_close(h->store);
    return false;
}

static void tear_down(worker *w)
{
    hub *h = &w->h;
    net_server_free(h->net);
    openai_stop(h);
    usage_save(h);
    h->down = true;
    if (!end_functions(w)) {
        notes_forget(h->app->notes);
        _exit(0);
    }
    apart_stop(h);
    loop_timer_stop(h->sweep);
    loop_timer_stop(h->making_room);
    h->making_room = NULL;
    if (h->store)
        store_close(h->store);
    unwatch(w);
    models_free(h->models);
    loop_turn(h->loop, 0);
    hub_stop_sessions(h);
    samples_done(&h->samples);
    calls_free(h);
    access_done(h);
    usage_free(h);
    list_done(&h->completions);
    job_queue_free(h->jobs);
    resources_free(h->resources);
    if (w->engine_control >= 0) {
        close(w->engine_control);
        pthread_join(w->engine, NULL);
    }
    loop_free(h->loop);
    views_free(h);
    files_free(h);
    map_done(&h->gets);
    crashes_done(&h->crashes);
    list_done(&h->loading);
    mem_free(h->head_hash);
    mem_free(h->problem);
    mem_free(w->model);
    mem_free(w->llama);
    mem_free(w->cache);
}

/* Nobody has needed it yet: now it costs nobody's time. */
static void open_store(void *data)
{
    hub *h = data;
    if (h->down)                               /* it ended as soon as it had begun */
        return;
    store_expire(hub_store(h), &(store_limits){ .before_ms = wall_ms() - h->app->options.session_ttl_ms });
    kept_resume(h);
}

int worker_main(ez_app *app, const role *r)
{
    worker *w = mem_alloc(sizeof *w);
    hub *h = &w->h;
    ez_err err = { EZ_OK, "" };
    /* Few arenas and a fixed threshold: what sessions leave behind goes back to the system (measured: bench, memory). */
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    h->app = app;
    h->control = r ? r->control : -1;
    w->engine_control = -1;
    crash_read(app->notes, app_shows_details(app), &h->crashes);
    if (app->notes)
        app->notes->built = app->built;
    prepare_hub(h);
    if (!serve(h, r, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    apart_prepare(h);
    app_phase(app, PHASE_START);
    if (!app_call(app, app->args->start, ".start"))
        return 1;
    app_phase(app, PHASE_SERVES);
    watch(w);
    if (r)
        control_ends_with(h->control, false);
    if (!r)
        start_engine_thread(w);
    if (!r && getenv("EASEL_DEV")) {
        log_info("app", "with --workers 0 everything is one process, so what is saved counts from the next start");
        close(atoi(getenv("EASEL_DEV")));
    }
    h->started = true;
    loop_timer_start(h->loop, OPEN_MS, 0, open_store, h);
    h->sweep = loop_timer_start(h->loop, 1000, 1000, hub_sweep, h);
    if (r) {
        control_send(h->control, CONTROL_READY, "", -1);
    } else {
        app_listens(app, net_port(h->net));
    }
    loop_run(h->loop);
    tear_down(w);
    mem_free(w);
    app_phase(app, PHASE_OVER);
    return 0;
}
