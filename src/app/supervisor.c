/* supervisor.c: owns the listening socket and starts the others: one worker, one engine for each model.
 *
 * Single-threaded; opens no store and runs no user code. A child is an exec of the same program with EASEL_ROLE, so a
 * restarted worker has fresh addresses. A child that dies too often is started again more slowly. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include "chat/engine.h"
#include "net/net.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    SLOWEST_MS = 5000, GRACE_MS = 5000, ECHO_MS = 500,
    STEADY_MS = 1000, STEADY_ENGINE_MS = 10000,        /* who lived so long did not die of its start */
    BEGINNINGS = 3,                                    /* deaths before anybody was ever served */
    PORT_MS = 1500, PORT_STEP_MS = 50,                 /* the worker of a supervisor that died holds the port until it has committed */
};

typedef struct child {
    pid_t   pid;                   /* 0: not running */
    int     control;               /* our end */
    char   *model;                 /* of an engine; NULL: the worker */
    int64_t begun, again;          /* when it began; when to start it again (0: at once) */
    int     failures;
} child;

typedef struct supervisor {
    ez_app *app;
    char  **argv;
    int     listen, notes_fd, signals, port;
    notes  *notes;
    child   worker;
    LIST(child) engines;
    bool    ready, stopping;       /* ready: somebody could be served once */
    bool    serves;                /* the present worker does */
    int     beginnings, status;    /* deaths before `ready`; what this process ends with */
    int64_t stop_by;
} supervisor;

/* The numbers that the inherited sockets have in every child. */
enum { FD_LISTEN = 3, FD_CONTROL = 4, FD_NOTES = 5 };

/* glibc keeps freed memory in a cache of each thread, spread over all pages that it once used: after a rush they could not go back to the
 * system. Without these caches they do, and a run costs the same (docs/reliability.md, Memory). The setting counts from a process's start. */
static void add_tunables(char **env, char *room, size_t size)
{
    static const char name[] = "GLIBC_TUNABLES=", ours[] = "glibc.malloc.tcache_count=0";
    while (*env && strncmp(*env, name, sizeof name - 1))
        env++;
    if (*env && (strstr(*env, "tcache_count") || strlen(*env) + sizeof ours + 1 > size))
        return;                                /* whoever runs the program has decided otherwise */
    snprintf(room, size, "%s%s%s", *env ? *env : name, *env ? ":" : "", ours);
    *env = room;
}

static char **child_environment(const char *role, const char *model, char *role_room, size_t room, char **model_room)
{
    int count = 0, kept = 0;
    while (environ[count])
        count++;
    char **env = mem_alloc((size_t)(count + 4) * sizeof *env);
    for (int i = 0; i < count; i++)
        if (strncmp(environ[i], "EASEL_ROLE=", 11) && strncmp(environ[i], "EASEL_ENGINE_MODEL=", 19))
            env[kept++] = environ[i];
    snprintf(role_room, room, "EASEL_ROLE=%s %d %d %d", role, FD_LISTEN, FD_CONTROL, FD_NOTES);
    env[kept++] = role_room;
    if (model) {
        *model_room = mem_alloc(strlen(model) + 24);
        sprintf(*model_room, "EASEL_ENGINE_MODEL=%s", model);
        env[kept++] = *model_room;
    }
    return env;
}

static bool start_child(supervisor *s, child *c)
{
    int pair[2];
    char role[64], *model = NULL;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, defaults;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return false;
    /* Above the numbers that they are going to have, so that none overwrites another. */
    int listen = fcntl(s->listen, F_DUPFD_CLOEXEC, 20), control = fcntl(pair[1], F_DUPFD_CLOEXEC, 20), notes = fcntl(s->notes_fd, F_DUPFD_CLOEXEC, 20);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, listen, FD_LISTEN);
    posix_spawn_file_actions_adddup2(&files, control, FD_CONTROL);
    posix_spawn_file_actions_adddup2(&files, notes, FD_NOTES);
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_init(&how);
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &defaults);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    char **env = child_environment(c->model ? "engine" : "worker", c->model, role, sizeof role, &model);
    char tunables[512];
    if (!c->model)
        add_tunables(env, tunables, sizeof tunables);
    int failed = posix_spawn(&c->pid, "/proc/self/exe", &files, &how, s->argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    mem_free(env);
    mem_free(model);
    close(listen);
    close(control);
    close(notes);
    close(pair[1]);
    if (failed) {
        log_error("app", "cannot start the %s: %s", c->model ? "engine" : "worker", strerror(failed));
        close(pair[0]);
        c->pid = 0;
        return false;
    }
    c->control = pair[0];
    c->begun = clock_ms();
    c->again = 0;
    return true;
}

/* Gives the worker a socket to this engine. */
static void introduce(supervisor *s, const child *engine)
{
    if (!s->worker.pid || !engine->pid)
        return;
    int end = engine_connect(engine->control);
    if (end < 0)
        return;
    bool own = s->app->model && !strcmp(engine->model, s->app->model);
    control_send(s->worker.control, CONTROL_ENGINE, own ? "" : engine->model, end);
    close(end);
}

static child *engine_for(supervisor *s, const char *model)
{
    for (int i = 0; i < s->engines.count; i++)
        if (!strcmp(s->engines.at[i].model, model))
            return &s->engines.at[i];
    child *c = list_add(&s->engines);
    c->model = mem_text(model);
    c->control = -1;
    return c;
}

static void worker_says(supervisor *s)
{
    char kind, text[1024];
    int passed, got;
    while ((got = control_receive(s->worker.control, &kind, text, sizeof text, &passed)) > 0) {
        if (passed >= 0)
            close(passed);
        s->serves = s->serves || kind == CONTROL_READY;
        if (kind == CONTROL_READY && !s->ready) {
            const char *host = strcmp(s->app->options.address, "0.0.0.0") && strcmp(s->app->options.address, "::") ? s->app->options.address : "127.0.0.1";
            bool v6 = strchr(host, ':') != NULL;
            s->ready = true;
            printf("Easel is listening on http://%s%s%s:%d%s\n", v6 ? "[" : "", host, v6 ? "]" : "", s->port, s->app->options.base_path);
            fflush(stdout);
        } else if (kind == CONTROL_MODEL) {
            child *c = engine_for(s, text);
            if (!c->pid && !c->again)
                start_child(s, c);
            introduce(s, c);
        }
    }
}

/* Starts again at once the first time, then after 100 ms, doubling. */
static void plan_again(child *c, bool steady)
{
    int64_t now = clock_ms();
    c->failures = steady ? 0 : c->failures + 1;
    int64_t wait = c->failures <= 1 ? 0 : 100ll << (c->failures - 2 < 6 ? c->failures - 2 : 6);
    c->again = now + (wait < SLOWEST_MS ? wait : SLOWEST_MS);
}

/* The end of its control socket tells a child to commit and end. */
static void let_go(child *c)
{
    if (c->control >= 0)
        close(c->control);
    c->control = -1;
}

static void child_ended(supervisor *s, child *c, int status)
{
    char ending[128];
    int64_t lived = clock_ms() - c->begun;
    crash_ending(status, ending, sizeof ending);
    if (s->stopping) log_debug("app", "the %s (pid %d) ended", c->model ? "engine" : "worker", (int)c->pid);
    else if (!status) log_info("app", "the %s (pid %d) ended in order; starting another", c->model ? "engine" : "worker", (int)c->pid);
    else log_error("app", "the %s (pid %d) %s; starting another", c->model ? "engine" : "worker", (int)c->pid, ending);
    let_go(c);
    c->pid = 0;
    plan_again(c, c->model ? lived > STEADY_ENGINE_MS : s->serves && lived > STEADY_MS);
}

/* A program that ends before anybody was ever served is not going to get better. One that served before may: what it needs is away. */
static void begin_failed(supervisor *s, int status)
{
    static const char *const phases[] = { "before its .setup", "in its .setup", "in its .start", "while it began to serve", "while it ended" };
    char ending[128];
    int phase = s->notes->phase;
    if (s->ready || s->stopping || (WIFSIGNALED(status) && ++s->beginnings < BEGINNINGS))
        return;
    crash_ending(status, ending, sizeof ending);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 2)        /* 2: it has said why */
        fprintf(stderr, "%s %s %s%s. Nobody was served yet, so it is not started again. To see why, run it in a debugger with --workers 0.\n", s->app->options.program, ending,
                phases[phase >= 0 && phase < COUNT(phases) ? phase : 0], s->beginnings > 1 ? ", again and again" : "");
    s->status = WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
    s->stopping = true;
    s->stop_by = clock_ms();
}

static void reap(supervisor *s)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (pid == s->worker.pid) {
            s->notes->ended = status;
            child_ended(s, &s->worker, status);
            begin_failed(s, status);
            s->serves = false;
        }
        for (int i = 0; i < s->engines.count; i++)
            if (s->engines.at[i].pid == pid)
                child_ended(s, &s->engines.at[i], status);
    }
}

static void start_due(supervisor *s)
{
    int64_t now = clock_ms();
    if (s->stopping)
        return;
    if (!s->worker.pid && now >= s->worker.again && start_child(s, &s->worker))
        for (int i = 0; i < s->engines.count; i++)
            introduce(s, &s->engines.at[i]);
    for (int i = 0; i < s->engines.count; i++) {
        child *c = &s->engines.at[i];
        if (!c->pid && now >= c->again && start_child(s, c))
            introduce(s, c);
    }
}

static void stop(supervisor *s)
{
    if (s->stopping) {                         /* a second one, if it is not an echo of the first, does not wait */
        if (clock_ms() > s->stop_by - GRACE_MS + ECHO_MS)
            s->stop_by = clock_ms();
        return;
    }
    s->stopping = true;
    s->stop_by = clock_ms() + GRACE_MS;
    let_go(&s->worker);
    for (int i = 0; i < s->engines.count; i++)
        let_go(&s->engines.at[i]);
}

static void take_signals(supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) reap(s);
        else stop(s);
    }
}

static int next_wait(const supervisor *s)
{
    int64_t now = clock_ms(), at = now + 60000;
    if (s->stopping)
        at = s->stop_by;
    if (!s->stopping && !s->worker.pid && s->worker.again < at)
        at = s->worker.again;
    for (int i = 0; i < s->engines.count && !s->stopping; i++)
        if (!s->engines.at[i].pid && s->engines.at[i].again < at)
            at = s->engines.at[i].again;
    return at > now ? (int)(at - now) : 0;
}

static bool all_gone(const supervisor *s)
{
    for (int i = 0; i < s->engines.count; i++)
        if (s->engines.at[i].pid)
            return false;
    return !s->worker.pid;
}

static void kill_rest(supervisor *s)
{
    log_warn("app", "what has not ended by itself is killed");
    if (s->worker.pid)
        kill(s->worker.pid, SIGKILL);
    for (int i = 0; i < s->engines.count; i++)
        if (s->engines.at[i].pid)
            kill(s->engines.at[i].pid, SIGKILL);
}

static int supervise(supervisor *s)
{
    while (!(s->stopping && all_gone(s))) {
        struct pollfd fds[2] = { { s->signals, POLLIN, 0 }, { s->worker.pid ? s->worker.control : -1, POLLIN, 0 } };
        start_due(s);
        fds[1].fd = s->worker.pid ? s->worker.control : -1;      /* -1, when it was let go, is not looked at */
        poll(fds, 2, next_wait(s));
        if (fds[1].revents & POLLIN)
            worker_says(s);
        if (fds[0].revents)
            take_signals(s);
        else if (fds[1].revents & (POLLHUP | POLLERR))
            reap(s);
        if (s->stopping && clock_ms() >= s->stop_by) {
            kill_rest(s);
            s->stop_by = clock_ms() + GRACE_MS;
        }
    }
    return s->ready ? 0 : s->status ? s->status : 1;
}

static int port_of(int fd)
{
    struct sockaddr_storage at;
    socklen_t size = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &size))
        return 0;
    const unsigned char *p = (const unsigned char *)&at + 2;      /* the port stands at the same place for both families */
    return p[0] << 8 | p[1];
}

/* A supervisor that takes the place of one that died meets that one's worker on the port, for a moment. */
static int listen_at(const options *o, ez_err *err)
{
    int fd = net_listen_fd(o->address, o->port, err);
    for (int64_t until = clock_ms() + PORT_MS; fd < 0 && errno == EADDRINUSE && clock_ms() < until; fd = net_listen_fd(o->address, o->port, err))
        poll(NULL, 0, PORT_STEP_MS);
    return fd;
}

int supervisor_main(ez_app *app, char **argv)
{
    supervisor s = { .app = app, .argv = argv, .worker = { .control = -1 } };
    ez_err err = { EZ_OK, "" };
    sigset_t wanted;
    s.listen = listen_at(&app->options, &err);
    if (s.listen < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    s.port = port_of(s.listen);
    s.notes = notes_new(&s.notes_fd);
    if (!s.notes) {
        fprintf(stderr, "shared memory cannot be made: %s\n", strerror(errno));
        return 1;
    }
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    s.signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (app->model)
        (void)engine_for(&s, app->model);
    int status = supervise(&s);
    for (int i = 0; i < s.engines.count; i++)
        mem_free(s.engines.at[i].model);
    list_done(&s.engines);
    return status;
}
