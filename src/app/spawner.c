/* spawner.c: begins calls of functions in processes of their own, and says how they ended; and such a process. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/apart.h"
#include "page/carry.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEARER_STACK = 64 * 1024 };

typedef struct spawned { pid_t pid; char number[24]; int channel; } spawned;
typedef struct spawner {
    ez_app *app;
    pid_t   pid;
    int     control, signals;
    LIST(spawned) calls;
} spawner;

/* ---- a call, in its own process --------------------------------------------------------------------------------------------------- */

typedef struct lone {
    const spawner *from;
    run    *run;
    int     channel;
    const char *folder;            /* where the worker keeps files; "": it has not come to that yet */
    files  *files;
    bool    tried;                 /* they were opened, or cannot be */
} lone;

static void lone_say(lone *l, bool over)
{
    text news = { 0 }, out = { 0 };
    carry_news(l->run, over, &news);
    apart_frame(&out, &news);
    for (size_t sent = 0, piece; sent < out.count; sent += piece) {
        piece = out.count - sent < APART_PACKET ? out.count - sent : APART_PACKET;
        if (!apart_send(l->channel, APART_BYTES, out.at + sent, piece, 0))
            break;                             /* nobody hears it any more: this process is about to be killed */
    }
    text_done(&news);
    text_done(&out);
}

/* What else is to be done at the end of the program is not this process's business. */
static _Noreturn void lone_end(lone *l)
{
    fflush(NULL);
    lone_say(l, true);
    note_end();
    _exit(0);
}

static void lone_put(void *data, run *r) { (void)r; lone_say(data, false); }
static const char *lone_setting(void *data, const char *name) { return options_setting(&((lone *)data)->from->app->options, name); }
static void lone_at(void *data, run *r, const ez_call *call) { (void)data; (void)r; note_at(call); }
static void lone_park(void *data, run *r) { (void)r; lone_end(data); }

static void *lone_resource(void *data, run *r, const ez_resource_args *args, bool wait)
{
    (void)data;
    if (!wait)
        return NULL;
    static const char why[] = "ez_resource: what is shared by all runs is in the worker, and this function has a process of its own (.process): load it in .setup, so that each call begins with it, or in the function";
    node_mistake(r->root, &args->call, "%s", why);
    error_set(args->error, EZ_FAILED, "%s", why);
    return NULL;
}

static files *lone_files(void *data)
{
    lone *l = data;
    ez_err err = { EZ_OK, "" };
    if (!l->tried) {
        l->files = *l->folder ? files_at(l->folder) : files_open(l->from->app->options.data, &err);
        if (!l->files) log_error("app", "%s", err.text);
    }
    l->tried = true;
    return l->files;
}

static void *hear_interrupts(void *data)
{
    lone *l = data;
    char packet[8];
    while (recv(l->channel, packet, sizeof packet, 0) > 0)
        if (packet[0] == APART_INTERRUPT) break;
    run_interrupt(l->run);                     /* told, or the worker is gone */
    return NULL;
}

/* It has no signals, so that those of the process are the function's. */
static bool begin_to_hear(lone *l)
{
    pthread_t thread;
    pthread_attr_t attr;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, HEARER_STACK);
    int failed = pthread_create(&thread, &attr, hear_interrupts, l);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !failed;
}

/* Memory of the process that it may write into and shares with nobody, in bytes, as RLIMIT_DATA counts it. */
static rlim_t data_now(void)
{
    char line[256];
    unsigned long long kb = 0;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && !kb && fgets(line, sizeof line, f)) sscanf(line, "VmData: %llu", &kb);
    if (f) fclose(f);
    return (rlim_t)kb << 10;
}

/* Not RLIMIT_AS: that counts what is only reserved, and files that are only read, such as a model of gigabytes. */
static void limit_memory(int64_t bytes)
{
    struct rlimit limit;
    if (!bytes || getrlimit(RLIMIT_DATA, &limit))
        return;
    rlim_t most = data_now() + (rlim_t)bytes;
    if (limit.rlim_max == RLIM_INFINITY || most < limit.rlim_max) limit.rlim_max = most;
    if (limit.rlim_cur == RLIM_INFINITY || most < limit.rlim_cur) limit.rlim_cur = most;
    if (setrlimit(RLIMIT_DATA, &limit))
        log_warn("app", "the memory of a call cannot be limited: %s", strerror(errno));
}

/* Its socket alone stays of what the spawner has. What it starts is of its group, and is killed with it. */
static void leave_spawner(const spawner *s)
{
    sigset_t none;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != s->pid)
        _exit(0);
    setpgid(0, 0);
    close(s->control);
    close(s->signals);
    for (int i = 0; i < s->calls.count; i++)
        close(s->calls.at[i].channel);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static const app_function *function_named(const ez_app *app, const char *name)
{
    for (int i = 0; i < app->functions.count; i++)
        if (!strcmp(app->functions.at[i].name, name)) return &app->functions.at[i];
    return NULL;
}

/* The whole message; false: the worker is gone. */
static bool hear_order(int channel, text *in, const char **order, size_t *count)
{
    char *packet = mem_resize(NULL, APART_PACKET + 1);
    ssize_t got = 0;
    int whole;
    while (!(whole = apart_whole(in, order, count))) {
        got = recv(channel, packet, APART_PACKET + 1, 0);
        if (!got || (got < 0 && errno != EINTR))
            break;
        if (got > 0 && packet[0] == APART_BYTES) text_add(in, packet + 1, (size_t)got - 1);
    }
    mem_free(packet);
    return whole > 0;
}

/* Outputs have the names that callers know from the declaration. */
static void check_record(lone *l, const app_function *fn)
{
    run *r = l->run;
    for (int i = 0; i < r->row_count && !r->failed; i++)
        if (r->rows[i].record && r->rows[i].record != fn->out)
            ez_fail(r->root, "ez_out: %s puts out the record %s; a function in a process of its own (.process) says so where it is declared: .out = &%s_record", fn->name, r->rows[i].record->name, r->rows[i].record->name);
}

static _Noreturn void do_call(lone *l, const app_function *fn, const char *number)
{
    ez_app *app = l->from->app;
    if (!begin_to_hear(l))
        _exit(1);
    if (fn->rules.memory_limit)
        run_limit(l->run, 0);                  /* a limit of its own holds in place of its session's: what it takes is not the worker's */
    note_begin(app->notes, &(note_of){ l->run->session, l->run->path, number, NOTE_FUNCTION, l->run->last_call });
    limit_memory(fn->rules.memory_limit);
    run_execute(l->run);
    check_record(l, fn);
    lone_end(l);
}

static _Noreturn void be_call(const spawner *s, int channel, const char *number)
{
    lone l = { .from = s, .channel = channel };
    text in = { 0 };
    const char *order = NULL;
    size_t count = 0;
    leave_spawner(s);
    run_host host = { .data = &l, .build = app_state_build(s->app), .setting = lone_setting, .resource = lone_resource, .put = lone_put, .at = lone_at, .park = lone_park,
                      .hides_details = !app_shows_details(s->app), .files = lone_files };
    if (!hear_order(channel, &in, &order, &count))
        _exit(1);
    const char *name = order, *end = order + count;
    l.folder = name + strnlen(name, count) + 1;
    const char *rest = l.folder < end ? l.folder + strnlen(l.folder, (size_t)(end - l.folder)) + 1 : end;
    const app_function *fn = rest < end ? function_named(s->app, name) : NULL;
    l.run = fn ? run_new(RUN_JOB, fn->fn, &host) : NULL;
    if (!fn || !carry_order_read(l.run, rest, (size_t)(end - rest))) {
        log_error("app", "a call cannot be begun: its .setup did not declare the function here as it did in the worker");
        _exit(1);
    }
    l.run->apart = true;
    do_call(&l, fn, number);
}

/* ---- the spawner ------------------------------------------------------------------------------------------------------------------ */

static void tell_end(const spawned *c, const apart_ended *end)
{
    apart_send(c->channel, APART_ENDED, end, sizeof *end, 0);
    close(c->channel);
}

static void begin_call(spawner *s, int channel, const char *number)
{
    spawned c = { .channel = channel };
    snprintf(c.number, sizeof c.number, "%s", number);
    c.pid = fork();
    if (!c.pid)
        be_call(s, channel, number);
    if (c.pid < 0) {
        tell_end(&c, &(apart_ended){ .error = errno });
        return;
    }
    setpgid(c.pid, c.pid);                     /* both do, so that it is done for whoever comes first */
    apart_send(channel, APART_BEGUN, &(apart_begun){ (int)c.pid }, sizeof(apart_begun), MSG_DONTWAIT);
    *list_add(&s->calls) = c;
}

static int64_t nanoseconds(struct timeval t) { return ((int64_t)t.tv_sec * 1000000 + t.tv_usec) * 1000; }

/* What it has started ends with it. A process that is not waited for yet keeps its number, so nobody else is meant. */
static void call_ended(spawner *s, pid_t pid)
{
    struct rusage used = { 0 };
    apart_ended end = { 0 };
    kill(-pid, SIGKILL);
    wait4(pid, &end.status, 0, &used);
    end.cpu_ns = nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime);
    for (int i = 0; i < s->calls.count; i++)
        if (s->calls.at[i].pid == pid) {
            tell_end(&s->calls.at[i], &end);
            list_remove(&s->calls, i);
            return;
        }
}

static void reap(spawner *s)
{
    siginfo_t who = { 0 };
    while (!waitid(P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) && who.si_pid) {
        call_ended(s, who.si_pid);
        who.si_pid = 0;
    }
}

static void kill_call(const spawner *s, const char *number)
{
    for (int i = 0; i < s->calls.count; i++)
        if (!strcmp(s->calls.at[i].number, number))
            kill(-s->calls.at[i].pid, SIGKILL);
}

/* False: the worker is gone. */
static bool spawner_turn(spawner *s)
{
    struct pollfd fds[] = { { s->control, POLLIN, 0 }, { s->signals, POLLIN, 0 } };
    struct signalfd_siginfo told;
    char kind, number[24];
    int passed, got;
    poll(fds, COUNT(fds), -1);
    while (read(s->signals, &told, sizeof told) == sizeof told) {}
    reap(s);
    while ((got = control_receive(s->control, &kind, number, sizeof number, &passed)) > 0) {
        if (kind == CONTROL_CALL && passed >= 0) {
            begin_call(s, passed, number);
            continue;
        }
        if (kind == CONTROL_KILL)
            kill_call(s, number);
        if (passed >= 0)
            close(passed);
    }
    return got == 0;
}

/* A signal to the whole group, or to all that belongs to a service: the worker decides, and tells its calls. A handler, so that what a call starts is as ever. */
static void on_quiet(int number) { (void)number; }

static void warn_of_threads(void)
{
    char line[256];
    int threads = 1;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof line, f)) sscanf(line, "Threads: %d", &threads);
    if (f) fclose(f);
    if (threads > 1)
        log_warn("app", "the program has %d threads after its .setup. Calls with .process are forked from there with one of them, and wait for ever for a lock that another holds: start threads in .start", threads);
}

int spawner_main(ez_app *app, const role *r)
{
    spawner s = { .app = app, .pid = getpid(), .control = r->control };
    struct sigaction quiet = { .sa_handler = on_quiet, .sa_flags = SA_RESTART };
    sigset_t wanted;
    sigaction(SIGINT, &quiet, NULL);
    sigaction(SIGTERM, &quiet, NULL);
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    s.signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    fcntl(s.control, F_SETFD, FD_CLOEXEC);
    close(r->notes);
    control_ends_with(s.control, false);       /* from here on its calls have to end before it does */
    warn_of_threads();
    fflush(NULL);                              /* else each call would say it again */
    while (spawner_turn(&s)) {}
    for (int i = 0; i < s.calls.count; i++)
        kill(-s.calls.at[i].pid, SIGKILL);
    while (wait(NULL) > 0 || errno == EINTR) {}
    _exit(0);
}
