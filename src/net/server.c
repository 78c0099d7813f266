/* server.c: listens, accepts, and keeps all time limits on one coarse timer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
    SERVER_AT_ONCE = 64,                             /* connections accepted before others get their turn */
    SERVER_TURNED_AWAY = 64,                         /* connections above the limit that are told so; more are just closed */
    SERVER_CROWD = 500,                              /* connections whose leaving is worth giving memory back */
    SERVER_SPARE_FILES = 64,                         /* descriptors left to the rest of the program */
};

/* ---- time: a wheel of slots; a connection whose deadline lies beyond the wheel passes through it more than once ---- */

static int64_t server_now(const net_server *s) { return (int64_t)loop_uv(s->loop)->time; }

void server_disarm(net_connection *c)
{
    if (!c->before) return;
    *c->before = c->next;
    if (c->next) c->next->before = c->before;
    c->before = NULL;
}

static void server_put_in_slot(net_connection *c)
{
    net_server *s = c->server;
    int64_t ticks = c->deadline / s->tick_ms + 1 - s->tick_at;
    if (ticks < 1) ticks = 1;
    if (ticks > NET_SLOTS - 1) ticks = NET_SLOTS - 1;
    net_connection **slot = &s->slots[(s->tick_at + ticks) % NET_SLOTS];
    c->next = *slot;
    c->before = slot;
    if (c->next) c->next->before = &c->next;
    *slot = c;
}

/* After a crowd has left, its memory lies in pieces that malloc keeps unless it is asked. */
static void server_give_memory_back(net_server *s)
{
    if (s->connections > s->crowd) s->crowd = s->connections;
    if (s->crowd < SERVER_CROWD || s->connections > s->crowd / 2) return;
    mem_trim();
    s->crowd = s->connections;
}

static void server_ticked(void *data)
{
    net_server *s = data;
    int64_t now = server_now(s), until = now / s->tick_ms;
    server_give_memory_back(s);
    if (until - s->tick_at > NET_SLOTS) s->tick_at = until - NET_SLOTS;
    while (s->tick_at < until) {
        s->tick_at++;
        net_connection *due = s->slots[s->tick_at % NET_SLOTS], *c;
        s->slots[s->tick_at % NET_SLOTS] = NULL;
        if (due) due->before = &due;
        while ((c = due)) {
            server_disarm(c);
            if (c->deadline > now) server_put_in_slot(c);
            else connection_late(c);
        }
    }
}

void server_arm(net_connection *c, int64_t ms)
{
    net_server *s = c->server;
    int64_t now = server_now(s);
    if (c->state == NET_CLOSED) return;
    if (!s->tick) {
        s->tick_at = now / s->tick_ms;
        s->tick = loop_timer_start(s->loop, s->tick_ms, s->tick_ms, server_ticked, s);
    }
    server_disarm(c);
    c->deadline = now + ms;
    server_put_in_slot(c);
}

const char *server_date(net_server *s)
{
    int64_t second = wall_ms() / 1000;
    if (second != s->date_second) {
        static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
        static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
        time_t t = (time_t)second;
        struct tm tm;
        gmtime_r(&t, &tm);                           /* strftime would name days in the language of the locale */
        snprintf(s->date, sizeof s->date, "%s, %02u %s %u %02u:%02u:%02u GMT", days[tm.tm_wday], (unsigned)tm.tm_mday % 100u, months[tm.tm_mon],
            (unsigned)(tm.tm_year + 1900) % 10000u, (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u);
        s->date_second = second;
    }
    return s->date;
}

bool server_news(net_server *s, const char *what)
{
    for (int i = 0; i < s->news.count; i++)
        if (!strcmp(s->news.at[i], what)) return false;
    *list_add(&s->news) = what;
    return true;
}

/* ---- accepting ---- */

static void server_knocked(uv_poll_t *poll, int status, int events);

static void server_listen_on(net_server *s, bool on)
{
    for (int i = 0; i < s->listeners.count; i++) {
        if (on) uv_poll_start(&s->listeners.at[i]->poll, UV_READABLE, server_knocked);
        else uv_poll_stop(&s->listeners.at[i]->poll);
    }
}

static void server_fed(void *data)
{
    net_server *s = data;
    s->starving = NULL;
    server_listen_on(s, true);
}

/* The kernel keeps reporting a connection that cannot be accepted for want of a descriptor, so listening pauses. */
static void server_starve(net_server *s)
{
    int64_t now = server_now(s);
    if (!s->starved_said || now - s->starved_said > 60000)
        log_warn("net", "no file descriptor is left for new connections (%s); they wait. Raise the limit with ulimit -n", strerror(errno));
    s->starved_said = now;
    s->starving = loop_timer_start(s->loop, s->tick_ms, 0, server_fed, s);
    server_listen_on(s, false);
}

static bool server_welcome(net_server *s, int fd)
{
    bool full = s->connections >= s->o.connections_max && !crowd_make_room(s);
    if (full && s->connections >= s->o.connections_max + SERVER_TURNED_AWAY) {
        close(fd);
        return false;
    }
    net_connection *c = connection_new(s, fd);
    if (c && full) connection_refuse(c, 503, "All places of this server are taken. Please try again in a few seconds.");
    return c && !full;
}

static void server_knocked(uv_poll_t *poll, int status, int events)
{
    net_listener *l = (net_listener *)poll;
    net_server *s = l->server;
    (void)events;
    if (status < 0) return;
    for (int i = 0; i < SERVER_AT_ONCE; i++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) { server_welcome(s, fd); continue; }
        if (errno == ECONNABORTED || errno == EINTR) continue;
        if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return;
        if (crowd_make_room(s)) continue;
        server_starve(s);
        return;
    }
}

static void server_listener_closed(uv_handle_t *handle)
{
    net_listener *l = (net_listener *)handle;
    net_server *s = l->server;
    close(l->fd);
    mem_free(l);
    server_handle_closed(s);
}

static void server_stop_listening(net_server *s)
{
    for (int i = 0; i < s->listeners.count; i++) uv_close((uv_handle_t *)&s->listeners.at[i]->poll, server_listener_closed);
    list_done(&s->listeners);
}

bool net_adopt(net_server *s, int fd, ez_err *err)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return error_set(err, EZ_FAILED, "descriptor %d is not a listening socket: %s", fd, strerror(errno));
    net_listener *l = mem_alloc(sizeof *l);
    l->server = s;
    l->fd = fd;
    int status = uv_poll_init(loop_uv(s->loop), &l->poll, fd);
    if (status) {
        mem_free(l);
        return error_set(err, EZ_FAILED, "socket %d cannot be watched: %s", fd, uv_strerror(status));
    }
    s->handles++;
    *list_add(&s->listeners) = l;
    if (!s->starving) uv_poll_start(&l->poll, UV_READABLE, server_knocked);
    return true;
}

bool net_accept_fd(net_server *s, int fd) { return server_welcome(s, fd); }

/* ---- binding ---- */

static bool server_bind_failed(const char *address, int port, ez_err *err)
{
    const char *next = errno == EADDRINUSE ? "Another program listens there; stop it, or choose another port (--port 0 takes any free one)"
        : errno == EACCES ? "Ports below 1024 need privileges; choose a higher one"
        : errno == EADDRNOTAVAIL ? "This machine does not have that address; 127.0.0.1 and 0.0.0.0 always work"
        : "Choose another address or port";
    return error_set(err, EZ_FAILED, "cannot listen on %s port %d: %s. %s.", address, port, strerror(errno), next);
}

static int server_bind(const struct addrinfo *info)
{
    int one = 1, fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (!setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) && !bind(fd, info->ai_addr, info->ai_addrlen) && !listen(fd, 1024)) return fd;
    int keep = errno;
    close(fd);
    errno = keep;
    return -1;
}

int net_listen_fd(const char *address, int port, ez_err *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found;
    char service[16];
    if (port < 0 || port > 65535) {
        error_set(err, EZ_FAILED, "cannot listen on port %d: a port is a number from 0 to 65535.", port);
        return -1;
    }
    snprintf(service, sizeof service, "%d", port);
    int status = getaddrinfo(address, service, &hints, &found);
    if (status) {
        error_set(err, EZ_FAILED, "cannot listen on '%s': %s. Give an address of this machine, such as 127.0.0.1 or 0.0.0.0.", address, gai_strerror(status));
        return -1;
    }
    int fd = server_bind(found);
    int why = fd < 0 ? errno : 0;
    if (fd < 0) server_bind_failed(address, port, err);
    freeaddrinfo(found);
    errno = why;
    return fd;
}

bool net_listen(net_server *s, const char *address, int port, ez_err *err)
{
    int fd = net_listen_fd(address, port, err);
    if (fd < 0) return false;
    if (net_adopt(s, fd, err)) return true;
    close(fd);
    return false;
}

int net_port(const net_server *s)
{
    union { struct sockaddr any; struct sockaddr_in v4; struct sockaddr_in6 v6; } address = { 0 };
    socklen_t size = sizeof address;
    if (!s->listeners.count || getsockname(s->listeners.at[0]->fd, &address.any, &size)) return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

int net_connections(const net_server *s) { return s->connections; }

/* ---- beginning and end ---- */

static void server_defaults(net_options *o)
{
    struct rlimit files;
    int *const times[] = { &o->head_ms, &o->body_ms, &o->idle_ms, &o->write_ms, &o->ping_ms, &o->silence_ms };
    static const int usual[] = { 10000, 30000, 75000, 30000, 25000, 60000 };
    for (int i = 0; i < COUNT(times); i++)
        if (*times[i] <= 0) *times[i] = usual[i];
    if (!o->body_max) o->body_max = 8 << 20;
    if (!o->message_max) o->message_max = 1 << 20;
    if (!o->pending_max) o->pending_max = 16 << 20;
    if (!o->held_max) o->held_max = 256 << 20;
    if (o->connections_max <= 0) o->connections_max = 20000;
    if (!getrlimit(RLIMIT_NOFILE, &files) && files.rlim_cur != RLIM_INFINITY) {
        int64_t most = (int64_t)files.rlim_cur - 2 * SERVER_SPARE_FILES;
        if (most < SERVER_SPARE_FILES) most = SERVER_SPARE_FILES;
        if (o->connections_max > most) o->connections_max = (int)most;
    }
    if (o->young_max <= 0) o->young_max = o->connections_max < 2 * SERVER_AT_ONCE ? SERVER_AT_ONCE : o->connections_max / 2;
}

net_server *net_server_new(loop *l, const net_options *o)
{
    net_server *s = mem_alloc(sizeof *s);
    s->loop = l;
    s->o = *o;
    server_defaults(&s->o);
    int shortest = s->o.head_ms;
    const int times[] = { s->o.body_ms, s->o.idle_ms, s->o.write_ms, s->o.ping_ms, s->o.silence_ms };
    for (int i = 0; i < COUNT(times); i++)
        if (times[i] < shortest) shortest = times[i];
    s->tick_ms = shortest / 4 < 5 ? 5 : shortest / 4 > 1000 ? 1000 : shortest / 4;
    s->buffer = mem_resize(NULL, NET_BUFFER);
    /* Writing to a connection that the other end has closed is an everyday error here, not a reason to end the process. */
    struct sigaction pipe;
    if (!sigaction(SIGPIPE, NULL, &pipe) && pipe.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
    return s;
}

/* Calls fn for every open connection; fn may close it. */
static void server_each(net_server *s, void (*fn)(net_connection *c))
{
    LIST(net_connection *) all = { 0 };
    for (int i = 0; i < NET_SLOTS; i++)
        for (net_connection *c = s->slots[i]; c; c = c->next) *list_add(&all) = c;
    for (int i = 0; i < all.count; i++) fn(all.at[i]);
    list_done(&all);
}

static void server_stop_one(net_connection *c)
{
    if (c->state == NET_CHANNEL) net_channel_close(c->channel, 1012, "the server stops or begins anew");
    else if (c->state == NET_READING && !c->blocked && (!c->reader || !http_begun(c->reader))) connection_cut(c);
}

void net_stop_listening(net_server *s) { server_stop_listening(s); }

void net_server_stop(net_server *s)
{
    s->stopping = true;
    server_stop_listening(s);
    server_each(s, server_stop_one);
}

static void server_cut_one(net_connection *c)
{
    connection_cut(c);
    if (c->channel) channel_lost(c->channel);
}

void server_handle_closed(net_server *s)
{
    s->handles--;
    if (!s->connections && s->tick) {
        loop_timer_stop(s->tick);
        s->tick = NULL;
        server_give_memory_back(s);
    }
    if (!s->freed || s->handles) return;
    if (s->gzip) {
        deflateEnd(s->gzip);
        mem_free(s->gzip);
    }
    list_done(&s->news);
    mem_free(s->buffer);
    mem_free(s);
}

void net_server_free(net_server *s)
{
    if (!s) return;
    s->handles++;                                    /* so that it lives until the end of this function */
    s->freed = true;
    loop_timer_stop(s->starving);
    server_stop_listening(s);
    server_each(s, server_cut_one);
    server_handle_closed(s);
}
