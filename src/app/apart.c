/* apart.c: functions in processes of their own, as the worker sees them: a spawner that begins calls, and a thread of the pool that stands for each. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/apart.h"
#include "api/functions.h"
#include "app/calls.h"
#include "page/carry.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

enum {
    GRACE_MS = 1000,               /* from the word that a call is to end to its death */
    AGAIN_MS = 100,                /* until the spawner is told once more, when it could not be */
    STEADY_MS = 1000,              /* a spawner that lived so long did not die of its start */
};
static const size_t MESSAGE_MAX = (size_t)1 << 30;

/* ---- packets and messages ------------------------------------------------------------------------------------------------------- */

bool apart_send(int fd, char kind, const void *bytes, size_t count, int flags)
{
    struct iovec parts[] = { { &kind, 1 }, { (void *)(uintptr_t)bytes, count } };
    struct msghdr m = { .msg_iov = parts, .msg_iovlen = count ? 2 : 1 };
    ssize_t sent;
    do sent = sendmsg(fd, &m, flags | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

void apart_frame(text *out, const text *message)
{
    text_add(out, &message->count, sizeof message->count);
    text_add(out, message->at, message->count);
}

int apart_whole(const text *in, const char **message, size_t *count)
{
    if (in->count < sizeof *count)
        return 0;
    memcpy(count, in->at, sizeof *count);
    *message = in->at + sizeof *count;
    return *count > MESSAGE_MAX ? -1 : in->count - sizeof *count >= *count;
}

void apart_next(text *in, size_t count)
{
    count += sizeof count;
    in->count -= count;
    memmove(in->at, in->at + count, in->count);
}

/* ---- the spawner ------------------------------------------------------------------------------------------------------------------ */

struct apart {
    hub        *hub;
    notes      *notes;             /* in which calls note where they are and how they end */
    int         notes_fd;
    pthread_mutex_t lock;          /* guards the next two */
    int         control;           /* to the spawner; -1: there is none */
    uint64_t    made;              /* calls: each has a number */
    pid_t       pid;
    int64_t     begun_ms;
    uv_poll_t  *poll;              /* hears of its end; NULL: there is none */
    loop_timer *again;
};

static void spawner_start(struct apart *a);

static void poll_closed(uv_handle_t *handle) { mem_free(handle); }

static void set_control(struct apart *a, int fd)
{
    pthread_mutex_lock(&a->lock);
    a->control = fd;
    pthread_mutex_unlock(&a->lock);
}

/* It ends when this socket does. Gives how. */
static int spawner_let_go(struct apart *a)
{
    int control = a->control, status = 0;
    uv_poll_stop(a->poll);
    uv_close((uv_handle_t *)a->poll, poll_closed);
    a->poll = NULL;
    set_control(a, -1);
    close(control);
    while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

static void start_again(void *data)
{
    struct apart *a = data;
    a->again = NULL;
    spawner_start(a);
}

/* It says nothing: what is to be read is its end. */
static void on_spawner(uv_poll_t *poll, int status, int events)
{
    struct apart *a = poll->data;
    char kind, words[64], how[128];
    int passed, got = control_receive(a->control, &kind, words, sizeof words, &passed);
    (void)status;
    (void)events;
    if (got > 0 && passed >= 0)
        close(passed);
    if (got >= 0)
        return;
    crash_ending(spawner_let_go(a), how, sizeof how);
    log_error("app", "the spawner (pid %d) %s, and so do the calls that it began; starting another", (int)a->pid, how);
    if (clock_ms() - a->begun_ms > STEADY_MS) spawner_start(a);
    else a->again = loop_timer_start(a->hub->loop, STEADY_MS, 0, start_again, a);
}

static void spawner_start(struct apart *a)
{
    int control;
    a->begun_ms = clock_ms();
    a->pid = role_start(&(role_order){ .role = "functions", .argv = a->hub->app->argv, .exe = -1, .listen = -1, .notes = a->notes_fd }, &control);
    if (!a->pid) {
        a->again = loop_timer_start(a->hub->loop, STEADY_MS, 0, start_again, a);
        return;
    }
    a->poll = mem_alloc(sizeof *a->poll);
    uv_poll_init(loop_uv(a->hub->loop), a->poll, control);
    a->poll->data = a;
    uv_poll_start(a->poll, UV_READABLE, on_spawner);
    set_control(a, control);
}

void apart_prepare(hub *h)
{
    bool any = false;
    for (int i = 0; i < h->app->functions.count; i++)
        any = any || h->app->functions.at[i].rules.process;
    if (!any)
        return;
    struct apart *a = h->apart = mem_alloc(sizeof *a);
    a->hub = h;
    a->control = -1;
    pthread_mutex_init(&a->lock, NULL);
    a->notes = notes_new(&a->notes_fd);
    if (a->notes) spawner_start(a);
    else log_error("app", "shared memory cannot be made (%s), so no function can have a process of its own", strerror(errno));
}

void apart_stop(hub *h)
{
    struct apart *a = h->apart;
    if (!a)
        return;
    loop_timer_stop(a->again);
    if (a->poll)
        spawner_let_go(a);
    if (a->notes)
        munmap(a->notes, sizeof *a->notes);
    if (a->notes_fd >= 0)
        close(a->notes_fd);
    pthread_mutex_destroy(&a->lock);
    mem_free(a);
    h->apart = NULL;
}

/* ---- a call ----------------------------------------------------------------------------------------------------------------------- */

typedef struct proxy {
    struct apart *of;
    run        *run;
    const app_function *fn;
    char        number[24];
    int         channel, wake;     /* the call's socket; what the run's interrupt writes to */
    text        out, in;           /* what it is given, of which so much is sent; what came and is not a whole message yet */
    size_t      sent;
    char       *packet;
    int64_t     began_ms, limit_ms, kill_ms;      /* limit 0: somebody else looks after its time. kill 0: not planned */
    bool        late, said, broken, over;
    bool        killed;            /* the spawner was told to */
    bool        ended;             /* …and has told how, in end */
    apart_ended end;
} proxy;

/* For a call over the network it is known by name; for an event of a page by its address, and the last that has it counts, as for its limits. */
static const app_function *function_of(const hub *h, const run *r)
{
    const app_function *found = NULL;
    if (calls_own(r->session))
        return call_function(h, r->path + strlen("/api/"));
    for (int i = 0; i < h->app->functions.count; i++)
        if (h->app->functions.at[i].fn == r->fn) found = &h->app->functions.at[i];
    return found;
}

static bool tell_spawner(proxy *p, char kind, int pass)
{
    struct apart *a = p->of;
    pthread_mutex_lock(&a->lock);
    if (kind == CONTROL_CALL)
        snprintf(p->number, sizeof p->number, "%llu", (unsigned long long)++a->made);
    bool told = a->control >= 0 && control_send(a->control, kind, p->number, pass);
    pthread_mutex_unlock(&a->lock);
    return told;
}

/* The name of the function, where files lie, and the run. */
static void write_order(proxy *p)
{
    hub *h = p->of->hub;
    text order = { 0 };
    if (api_has_files(p->fn->in) || api_has_files(p->fn->out))
        hub_files(h);
    const char *folder = hub_files_folder(h);
    text_add(&order, p->fn->name, strlen(p->fn->name) + 1);
    text_add(&order, folder, strlen(folder) + 1);
    carry_order(p->run, &order);
    apart_frame(&p->out, &order);
    text_done(&order);
}

static bool proxy_begin(proxy *p)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return false;
    bool told = tell_spawner(p, CONTROL_CALL, pair[1]);
    close(pair[1]);
    p->channel = pair[0];
    p->wake = told ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
    if (p->wake < 0) {                         /* without its other end the call ends at once */
        close(p->channel);
        return false;
    }
    write_order(p);
    p->packet = mem_resize(NULL, APART_PACKET + 1);
    p->began_ms = clock_ms();
    run_wake_to(p->run, p->wake);
    return true;
}

static void send_more(proxy *p)
{
    while (p->sent < p->out.count) {
        size_t piece = p->out.count - p->sent < APART_PACKET ? p->out.count - p->sent : APART_PACKET;
        if (!apart_send(p->channel, APART_BYTES, p->out.at + p->sent, piece, MSG_DONTWAIT))
            return;
        p->sent += piece;
    }
}

static void take_messages(proxy *p)
{
    const run_host *host = p->run->host;
    const char *bytes = NULL;
    size_t count = 0;
    int whole = 0;
    while (!p->said && !p->broken && (whole = apart_whole(&p->in, &bytes, &count)) > 0) {
        carry_heard heard = carry_news_read(p->run, bytes, count);
        p->said = heard == CARRY_OVER;
        p->broken = heard == CARRY_BROKEN;
        if (heard == CARRY_MORE && host->put)
            host->put(host->data, p->run);
        apart_next(&p->in, count);
    }
    p->broken = p->broken || whole < 0;
}

static void take_packet(proxy *p, size_t count)
{
    const char *body = p->packet + 1;
    apart_begun begun;
    count--;
    if (p->packet[0] == APART_BYTES) {
        text_add(&p->in, body, count);
        take_messages(p);
    } else if (p->packet[0] == APART_BEGUN && count == sizeof begun) {
        memcpy(&begun, body, sizeof begun);
        pool_stands_for(p->of->hub->pool, begun.pid);
    } else if (p->packet[0] == APART_ENDED && count == sizeof p->end) {
        memcpy(&p->end, body, sizeof p->end);
        p->ended = p->over = true;
    }
}

static void hear(proxy *p)
{
    while (!p->over) {
        ssize_t count = recv(p->channel, p->packet, APART_PACKET + 1, MSG_DONTWAIT);
        if (count > 0) take_packet(p, (size_t)count);
        else if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        else if (count == 0 || errno != ECONNRESET) p->over = true;      /* reset: it did not read all; what it said can still be read */
    }
}

/* What is to end is told so, and killed a moment later. */
static void look_at_clock(proxy *p)
{
    int64_t now = clock_ms();
    bool late = p->limit_ms && now - p->began_ms >= p->limit_ms, cancelled = atomic_load(&p->run->interrupted);
    if (!p->kill_ms && (late || cancelled || p->broken)) {
        p->late = late && !cancelled;
        apart_send(p->channel, APART_INTERRUPT, NULL, 0, MSG_DONTWAIT);
        p->kill_ms = p->broken ? now : now + GRACE_MS;
    }
    if (p->kill_ms && now >= p->kill_ms && !p->killed)
        p->killed = tell_spawner(p, CONTROL_KILL, -1);
}

/* How long there is nothing to do but to listen, in ms; -1: for ever. */
static int next_look(const proxy *p)
{
    int64_t now = clock_ms(), at = p->kill_ms ? p->kill_ms : p->limit_ms ? p->began_ms + p->limit_ms : 0;
    if (!at || p->killed)
        return -1;
    return at > now ? (int)(at - now < 60000 ? at - now : 60000) : p->kill_ms ? AGAIN_MS : 0;
}

static void attend(proxy *p)
{
    eventfd_t woken;
    while (!p->over) {
        look_at_clock(p);
        struct pollfd fds[] = { { p->channel, (short)(POLLIN | (p->sent < p->out.count ? POLLOUT : 0)), 0 }, { p->wake, POLLIN, 0 } };
        poll(fds, COUNT(fds), next_look(p));
        if (fds[1].revents)
            eventfd_read(p->wake, &woken);
        if (fds[0].revents & POLLOUT)
            send_more(p);
        if (fds[0].revents & ~POLLOUT)
            hear(p);
    }
}

/* ---- its end ---------------------------------------------------------------------------------------------------------------------- */

static void fault(run *r, run_fault what, const char *words)
{
    r->failed = true;
    r->fault = what;
    r->failure = arena_text(r->arena, words);
}

/* Where it was and how its own thread ended it. It is free for another when *x is a copy of it. */
static void take_note(const proxy *p, note *x)
{
    for (int i = 0; i < NOTES; i++) {
        note *one = &p->of->notes->at[i];
        if (one->state != NOTE_WORKS || strcmp(one->events, p->number))
            continue;
        *x = *one;
        __atomic_store_n(&one->state, NOTE_FREE, __ATOMIC_RELEASE);
        return;
    }
}

static void add_megabytes(text *t, int64_t bytes)
{
    text_number(t, (double)(bytes * 10 >> 20) / 10);
    text_puts(t, " MB");
}

/* The log knows all of it; a visitor, what visitors may know. */
static void crashed(const proxy *p, const note *x)
{
    run *r = p->run;
    int64_t limit = p->fn->rules.memory_limit;
    char id[ERROR_CHARS + 1];
    text words = { 0 };
    text_puts(&words, "The function");
    crash_how(x, p->end.status, "its process", &words);
    if (limit) {
        text_puts(&words, "; its .memory_limit is ");
        add_megabytes(&words, limit);
    }
    error_id(random_u64(), id);
    log_error("app", "%s: %s: %s", id, r->path, words.at);
    fault(r, x->how == NOTE_MEMORY ? RUN_FAULT_MEMORY : RUN_FAULT_CRASH, r->host->hides_details ? arena_printf(r->arena, "This function failed. %s", id) : words.at);
    text_done(&words);
}

static void ran_too_long(const proxy *p)
{
    text words = { 0 };
    text_puts(&words, "The function ran for its time limit of ");
    text_number(&words, (double)p->limit_ms / 1000);
    text_puts(&words, " s and was ended");
    fault(p->run, RUN_FAULT_TIME, words.at);
    text_done(&words);
}

/* What became of it, as far as it has not said so itself. */
static void judge(const proxy *p)
{
    note x = { .state = NOTE_FREE };
    if (!p->said)
        take_note(p, &x);
    if (p->late) ran_too_long(p);
    else if (p->broken) fault(p->run, RUN_FAULT_CRASH, "What the function's process said cannot be understood, as if it had written into memory that is not its own");
    else if (p->said || atomic_load(&p->run->interrupted)) return;
    else if (!p->ended) fault(p->run, RUN_FAULT_CRASH, "The process ended that begins calls, and this call with it; call again");
    else if (p->end.error) fault(p->run, RUN_FAULT_START, arena_printf(p->run->arena, "no process can be made for the function: %s; try again in a moment", strerror(p->end.error)));
    else crashed(p, &x);
}

static void proxy_end(proxy *p)
{
    run *r = p->run;
    int64_t took = clock_ns() - r->began_ns;
    pool_stands_for(p->of->hub->pool, 0);
    run_wake_to(r, -1);
    judge(p);
    if (p->ended && took > p->end.cpu_ns)
        r->away_ns += took - p->end.cpu_ns;
    close(p->wake);
    close(p->channel);
    mem_free(p->packet);
    text_done(&p->out);
    text_done(&p->in);
}

bool apart_run(void *data, run *r)
{
    hub *h = data;
    const app_function *fn = h->apart ? function_of(h, r) : NULL;
    if (!fn || !fn->rules.process)
        return false;
    proxy p = { .of = h->apart, .run = r, .fn = fn, .limit_ms = calls_own(r->session) ? 0 : fn->rules.time_limit_ms };     /* attempts.c limits those of calls */
    if (proxy_begin(&p)) {
        attend(&p);
        proxy_end(&p);
    } else {
        fault(r, RUN_FAULT_START, "the process that begins calls is not there; the log says why. Call again in a moment");
    }
    return true;
}
