/* supervisor.c: owns the listening socket and starts the others: one worker, one engine for each model.
 *
 * Single-threaded; opens no store and runs no user code. A child is an exec of the same program with EASEL_ROLE, so a
 * restarted worker has fresh addresses. A child that dies too often is started again more slowly.
 *
 * SIGHUP (unless it means that its terminal was closed), or the word of `easel run`, brings a new build in: another worker starts beside the present one, and only when it is
 * ready the present one commits and leaves. One that does not get ready is dropped, and nothing has changed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include "chat/engine.h"
#include "net/net.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SLOWEST_MS = 5000, GRACE_MS = 5000, ECHO_MS = 500,
    STEADY_MS = 250, STEADY_ENGINE_MS = 10000,         /* a worker that served so long, an engine that lived so long, did not die of its start */
    BEGINNINGS = 3,                                    /* deaths before anybody was ever served */
    PORT_MS = 1500, PORT_STEP_MS = 50,                 /* the worker of a supervisor that died holds the port until it has committed */
};

typedef struct child {
    pid_t   pid;                   /* 0: not running */
    int     control;               /* our end */
    char   *model;                 /* of an engine; NULL: the worker */
    int64_t begun, again;          /* when it began; when to start it again (0: at once) */
    int     failures;
    notes  *notes;                 /* of a worker, and the file that they are */
    int     notes_fd;
} child;

typedef struct leaver { pid_t pid; int64_t by; } leaver;

typedef struct supervisor {
    ez_app *app;
    int     listen, signals, port;
    child   worker;
    child   next;                  /* the worker of a new build, until it is ready */
    LIST(leaver) leaving;          /* workers of builds before, which finish what they have begun */
    bool    reload_again;          /* another build came while `next` was starting */
    LIST(child) engines;
    bool    ready, stopping;       /* ready: somebody could be served once */
    int64_t serves;                /* since when the present worker does; 0 */
    int     beginnings, status;    /* deaths before `ready`; what this process ends with */
    int     exe;                   /* what children are, after the first reload; -1: /proc/self/exe */
    int     dev, problem;          /* socket to `easel run`, and what it says to be wrong; -1 */
    bool    terminal;              /* SIGHUP says that it was closed */
    int64_t stop_by;
} supervisor;

static bool start_child(supervisor *s, child *c)
{
    /* An engine has no use for the listening socket, and would hold the port. */
    role_order o = { .role = c->model ? "engine" : "worker", .model = c->model, .argv = s->app->argv, .exe = s->exe,
                     .listen = c->model ? -1 : s->listen, .notes = c->model ? -1 : c->notes_fd, .tuned = !c->model };
    c->pid = role_start(&o, &c->control);
    if (!c->pid)
        return false;
    c->begun = clock_ms();
    c->again = 0;
    return true;
}

/* Gives the worker a socket to this engine. */
static void introduce(supervisor *s, const child *worker, const child *engine)
{
    if (!worker->pid || !engine->pid)
        return;
    int end = engine_connect(engine->control);
    if (end < 0)
        return;
    bool own = s->app->model && !strcmp(engine->model, s->app->model);
    control_send(worker->control, CONTROL_ENGINE, own ? "" : engine->model, end);
    close(end);
}

static bool start_worker(supervisor *s, child *worker)
{
    if (!start_child(s, worker))
        return false;
    for (int i = 0; i < s->engines.count; i++)
        introduce(s, worker, &s->engines.at[i]);
    if (s->problem >= 0)
        control_send(worker->control, CONTROL_PROBLEM, "", s->problem);
    return true;
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

/* The end of its control socket tells a child to commit and end. */
static void let_go(child *c)
{
    if (c->control >= 0)
        close(c->control);
    c->control = -1;
}

static void notes_close(child *worker)
{
    munmap(worker->notes, sizeof *worker->notes);
    close(worker->notes_fd);
}

/* ---- a new build ------------------------------------------------------------------------------------------------------- */

/* The file that the program was started from, as it is now. What it was is gone on with when it cannot be opened. */
static void take_executable(supervisor *s)
{
    char path[4096];
    ssize_t count = readlink("/proc/self/exe", path, sizeof path - 1);
    static const char gone[] = " (deleted)";
    if (count <= 0)
        return;
    path[count] = 0;
    if ((size_t)count > strlen(gone) && !strcmp(path + count - strlen(gone), gone))
        path[(size_t)count - strlen(gone)] = 0;
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        log_warn("app", "%s cannot be opened (%s), so the program that runs goes on", path, strerror(errno));
        return;
    }
    if (s->exe >= 0)
        close(s->exe);
    s->exe = fcntl(fd, F_DUPFD_CLOEXEC, ROLE_FREE_FD);
    close(fd);
}

static void reload_over(supervisor *s, bool good, const char *why)
{
    if (s->dev >= 0)
        control_send(s->dev, good ? CONTROL_RELOADED : CONTROL_REFUSED, why, -1);
}

static void reload(supervisor *s)
{
    if (s->stopping)
        return;
    s->reload_again = s->next.pid != 0;
    if (s->next.pid)
        return;
    take_executable(s);
    s->next = (child){ .control = -1 };
    s->next.notes = notes_new(&s->next.notes_fd);
    if (!s->next.notes || !start_worker(s, &s->next))
        reload_over(s, false, "another worker cannot be started");
}

/* The new worker serves: the one before takes nothing new, commits what it has begun, and ends. */
static void change_over(supervisor *s)
{
    if (s->worker.pid) {
        *list_add(&s->leaving) = (leaver){ s->worker.pid, clock_ms() + GRACE_MS };
        let_go(&s->worker);
    }
    notes_close(&s->worker);
    s->worker = s->next;
    s->serves = clock_ms();
    s->next = (child){ .control = -1 };
    log_info("app", "a new build serves (pid %d)", (int)s->worker.pid);
    reload_over(s, true, "");
    if (s->reload_again)
        reload(s);
}

static void next_ended(supervisor *s, int status)
{
    char ending[128];
    crash_ending(status, ending, sizeof ending);
    log_error("app", "a new build %s before it could serve; the one before goes on", ending);
    let_go(&s->next);
    notes_close(&s->next);
    s->next = (child){ .control = -1 };
    reload_over(s, false, ending);
    if (s->reload_again)
        reload(s);
}

/* What `easel run` says. False: it is gone, and so is the reason to serve. */
static bool dev_says(supervisor *s)
{
    char kind, text[64];
    int passed, got;
    while ((got = control_receive(s->dev, &kind, text, sizeof text, &passed)) > 0) {
        if (kind == CONTROL_RELOAD)
            reload(s);
        if (kind != CONTROL_PROBLEM) {
            if (passed >= 0)
                close(passed);
            continue;
        }
        if (s->problem >= 0)
            close(s->problem);
        s->problem = passed;
        if (s->worker.pid)
            control_send(s->worker.control, CONTROL_PROBLEM, "", passed);
        if (s->next.pid)
            control_send(s->next.control, CONTROL_PROBLEM, "", passed);
    }
    return got == 0;
}

/* ---- what children say and how they end --------------------------------------------------------------------------------- */

static void next_says(supervisor *s)
{
    char kind, text[1024];
    int passed;
    while (s->next.pid && control_receive(s->next.control, &kind, text, sizeof text, &passed) > 0) {
        if (passed >= 0)
            close(passed);
        if (kind == CONTROL_READY)
            change_over(s);
    }
}

static void worker_says(supervisor *s)
{
    char kind, text[1024];
    int passed, got;
    while ((got = control_receive(s->worker.control, &kind, text, sizeof text, &passed)) > 0) {
        if (passed >= 0)
            close(passed);
        if (kind == CONTROL_READY)
            s->serves = clock_ms();
        if (kind == CONTROL_READY && !s->ready) {
            s->ready = true;
            app_listens(s->app, s->port);
        } else if (kind == CONTROL_MODEL) {
            child *c = engine_for(s, text);
            if (!c->pid && !c->again)
                start_child(s, c);
            introduce(s, &s->worker, c);
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

static void child_ended(supervisor *s, child *c, int status)
{
    char ending[128];
    int64_t now = clock_ms();
    crash_ending(status, ending, sizeof ending);
    if (s->stopping) log_debug("app", "the %s (pid %d) ended", c->model ? "engine" : "worker", (int)c->pid);
    else if (!status) log_info("app", "the %s (pid %d) ended in order; starting another", c->model ? "engine" : "worker", (int)c->pid);
    else log_error("app", "the %s (pid %d) %s; starting another", c->model ? "engine" : "worker", (int)c->pid, ending);
    let_go(c);
    c->pid = 0;
    plan_again(c, c->model ? now - c->begun > STEADY_ENGINE_MS : s->serves && now - s->serves > STEADY_MS);
}

/* A program that ends before anybody was ever served is not going to get better. One that served before may: what it needs is away. */
static void begin_failed(supervisor *s, int status)
{
    static const char *const phases[] = { "before its .setup", "in its .setup", "in its .start", "while it began to serve", "while it ended" };
    char ending[128];
    int phase = s->worker.notes->phase;
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
            s->worker.notes->ended = status;
            child_ended(s, &s->worker, status);
            begin_failed(s, status);
            s->serves = 0;
        }
        if (pid == s->next.pid)
            next_ended(s, status);
        for (int i = 0; i < s->leaving.count; i++)
            if (s->leaving.at[i].pid == pid)
                list_remove(&s->leaving, i--);
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
    if (!s->worker.pid && !s->next.pid && now >= s->worker.again)
        start_worker(s, &s->worker);
    for (int i = 0; i < s->engines.count; i++) {
        child *c = &s->engines.at[i];
        if (!c->pid && now >= c->again && start_child(s, c)) {
            introduce(s, &s->worker, c);
            introduce(s, &s->next, c);
        }
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
    let_go(&s->next);
    for (int i = 0; i < s->engines.count; i++)
        let_go(&s->engines.at[i]);
}

static void take_signals(supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) reap(s);
        else if (info.ssi_signo == SIGHUP && !s->terminal) reload(s);
        else stop(s);
    }
}

static int next_wait(const supervisor *s)
{
    int64_t now = clock_ms(), at = now + 60000;
    if (s->stopping)
        at = s->stop_by;
    if (!s->stopping && !s->worker.pid && !s->next.pid && s->worker.again < at)
        at = s->worker.again;
    for (int i = 0; i < s->leaving.count; i++)
        if (s->leaving.at[i].by < at)
            at = s->leaving.at[i].by;
    for (int i = 0; i < s->engines.count && !s->stopping; i++)
        if (!s->engines.at[i].pid && s->engines.at[i].again < at)
            at = s->engines.at[i].again;
    return at > now ? (int)(at - now) : 0;
}

/* A worker that was told to leave and cannot end what it has begun. */
static void kill_late(supervisor *s)
{
    for (int i = 0; i < s->leaving.count; i++)
        if (clock_ms() >= s->leaving.at[i].by) {
            log_warn("app", "the worker of the build before (pid %d) has not ended by itself and is killed", (int)s->leaving.at[i].pid);
            kill(s->leaving.at[i].pid, SIGKILL);
            s->leaving.at[i].by += GRACE_MS;
        }
}

static bool all_gone(const supervisor *s)
{
    for (int i = 0; i < s->engines.count; i++)
        if (s->engines.at[i].pid)
            return false;
    return !s->worker.pid && !s->next.pid && !s->leaving.count;
}

static void kill_rest(supervisor *s)
{
    log_warn("app", "what has not ended by itself is killed");
    if (s->worker.pid)
        kill(s->worker.pid, SIGKILL);
    if (s->next.pid)
        kill(s->next.pid, SIGKILL);
    for (int i = 0; i < s->leaving.count; i++)
        kill(s->leaving.at[i].pid, SIGKILL);
    for (int i = 0; i < s->engines.count; i++)
        if (s->engines.at[i].pid)
            kill(s->engines.at[i].pid, SIGKILL);
}

static int supervise(supervisor *s)
{
    while (!(s->stopping && all_gone(s))) {
        start_due(s);
        struct pollfd fds[4] = { { s->signals, POLLIN, 0 }, { s->worker.pid ? s->worker.control : -1, POLLIN, 0 },
                                 { s->next.pid ? s->next.control : -1, POLLIN, 0 }, { s->dev, POLLIN, 0 } };
        poll(fds, COUNT(fds), next_wait(s));
        if (fds[1].revents & POLLIN)
            worker_says(s);
        if (fds[2].revents & POLLIN)
            next_says(s);
        if (fds[3].revents && !dev_says(s)) {
            close(s->dev);
            s->dev = -1;
            stop(s);
        }
        if (fds[0].revents)
            take_signals(s);
        else if ((fds[1].revents | fds[2].revents) & (POLLHUP | POLLERR))
            reap(s);
        kill_late(s);
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

int supervisor_main(ez_app *app)
{
    const char *dev = getenv("EASEL_DEV");
    supervisor s = { .app = app, .worker = { .control = -1 }, .next = { .control = -1 }, .exe = -1, .problem = -1, .dev = dev ? atoi(dev) : -1,
                     .terminal = isatty(STDIN_FILENO) || isatty(STDERR_FILENO) };
    ez_err err = { EZ_OK, "" };
    sigset_t wanted;
    s.listen = listen_at(&app->options, &err);
    if (s.listen < 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    s.port = port_of(s.listen);
    s.worker.notes = notes_new(&s.worker.notes_fd);
    if (!s.worker.notes) {
        fprintf(stderr, "shared memory cannot be made: %s\n", strerror(errno));
        return 1;
    }
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGHUP);
    if (s.dev >= 0)
        fcntl(s.dev, F_SETFD, FD_CLOEXEC);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    s.signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (app->model)
        (void)engine_for(&s, app->model);
    int status = supervise(&s);
    for (int i = 0; i < s.engines.count; i++)
        mem_free(s.engines.at[i].model);
    list_done(&s.engines);
    list_done(&s.leaving);
    return status;
}
