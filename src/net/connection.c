/* connection.c: reads requests one after the other, writes without copying where it can, and knows when it is over. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"
#include <string.h>
#include <unistd.h>

enum {
    CONNECTION_REST = 64 * 1024,                     /* bytes kept while a request is answered; then the sender waits */
    CONNECTION_HELD = 256 * 1024,                    /* unsent bytes above which no further request is read */
    CONNECTION_LINGER_MS = 2000,
};

/* ---- out ---- */

typedef struct connection_out {
    uv_write_t uv;
    size_t size;
    char bytes[];
} connection_out;

size_t connection_pending(const net_connection *c) { return uv_stream_get_write_queue_size((const uv_stream_t *)&c->tcp); }

bool connection_moved(net_connection *c)
{
    uint64_t taken = c->queued - connection_pending(c);
    bool moved = taken != c->taken;
    c->taken = taken;
    return moved;
}

static void connection_resume(net_connection *c);

static void connection_rest(net_connection *c)
{
    crowd_rests(c);
    server_arm(c, c->server->o.idle_ms);
}

static void connection_drained(net_connection *c)
{
    c->blocked = false;
    if (c->state == NET_CHANNEL) {
        channel_drained(c->channel);
    } else if (c->sending) {
        sending_go_on(c);
    } else if (c->state == NET_READING) {
        if (!c->reader || !http_begun(c->reader)) connection_rest(c);
        connection_resume(c);
    }
}

static void connection_written(uv_write_t *uv, int status)
{
    net_connection *c = (net_connection *)uv->handle;
    c->copied -= ((connection_out *)uv)->size;
    mem_free(uv);
    if (status) connection_cut(c);
    else if (c->state != NET_CLOSED && !connection_pending(c)) connection_drained(c);
}

/* What the kernel did not take: copied behind the write request, but for a last piece that stays where it is. */
static void connection_queue(net_connection *c, const uv_buf_t *bufs, unsigned count, size_t skip, bool last_stays)
{
    uv_buf_t out[2];
    unsigned copies = last_stays ? count - 1 : count, outs = 0;
    size_t size = 0, left = skip;
    for (unsigned i = 0; i < copies; i++) size += bufs[i].len;
    size -= left < size ? left : size;
    connection_out *o = mem_resize(NULL, sizeof *o + size);
    o->size = size;
    char *end = o->bytes;
    for (unsigned i = 0; i < count; i++) {
        size_t cut = left < bufs[i].len ? left : bufs[i].len, rest = bufs[i].len - cut;
        left -= cut;
        if (i >= copies) {
            if (end > o->bytes) out[outs++] = uv_buf_init(o->bytes, (unsigned)(end - o->bytes));
            out[outs++] = uv_buf_init(bufs[i].base + cut, (unsigned)rest);
        } else if (rest) {
            memcpy(end, bufs[i].base + cut, rest);
            end += rest;
        }
    }
    if (!outs) out[outs++] = uv_buf_init(o->bytes, (unsigned)(end - o->bytes));
    for (unsigned i = 0; i < outs; i++) c->queued += out[i].len;
    if (!c->blocked && c->state != NET_CHANNEL) server_arm(c, c->server->o.write_ms);
    c->blocked = true;
    int status = uv_write(&o->uv, (uv_stream_t *)&c->tcp, out, outs, connection_written);
    if (status) {
        mem_free(o);
        connection_cut(c);
    } else {
        c->copied += size;
        crowd_grew(c->server, size);
    }
}

void connection_write(net_connection *c, const uv_buf_t *bufs, unsigned count, bool last_stays)
{
    if (c->state == NET_CLOSED || c->shut) return;
    size_t size = 0;
    for (unsigned i = 0; i < count; i++) size += bufs[i].len;
    int sent = c->blocked ? 0 : uv_try_write((uv_stream_t *)&c->tcp, bufs, count);
    if (sent == UV_EAGAIN) sent = 0;
    if (sent < 0) connection_cut(c);
    else if ((size_t)sent < size) connection_queue(c, bufs, count, (size_t)sent, last_stays);
}

void connection_write_told(net_connection *c, const char *at, size_t count)
{
    uv_buf_t buf = uv_buf_init((char *)at, (unsigned)count);
    if (c->state != NET_CLOSED && !c->shut) connection_queue(c, &buf, 1, 0, false);
}

bool connection_write_file(net_connection *c, int fd, int64_t at, size_t count)
{
    connection_out *o = mem_resize(NULL, sizeof *o + count);
    ssize_t got = pread(fd, o->bytes, count, at);
    o->size = count;
    uv_buf_t buf = uv_buf_init(o->bytes, (unsigned)count);
    /* Shorter than its head said: only the end of the connection can tell. */
    if (got != (ssize_t)count || uv_write(&o->uv, (uv_stream_t *)&c->tcp, &buf, 1, connection_written)) {
        mem_free(o);
        connection_cut(c);
        return false;
    }
    if (!c->blocked) server_arm(c, c->server->o.write_ms);
    c->blocked = true;
    c->queued += count;
    c->copied += count;
    crowd_grew(c->server, count);
    return true;
}

/* ---- the end ---- */

static void connection_closed(uv_handle_t *handle)
{
    net_connection *c = (net_connection *)handle;
    net_server *s = c->server;
    if (c->channel) channel_lost(c->channel);
    sending_lost(c);
    http_reader_free(c->reader);
    text_done(&c->rest);
    mem_free(c);
    s->connections--;
    server_handle_closed(s);
}

void connection_cut(net_connection *c)
{
    if (c->state == NET_CLOSED) return;
    c->state = NET_CLOSED;
    crowd_leave(c);
    server_disarm(c);
    if (c->rq) {
        c->rq->connection = NULL;
        c->rq = NULL;
    }
    uv_close((uv_handle_t *)&c->tcp, connection_closed);
}

static void connection_shut(uv_shutdown_t *uv, int status)
{
    net_connection *c = (net_connection *)uv->handle;
    mem_free(uv);
    if (c->state == NET_CLOSED) return;
    c->shut = true;
    if (status || c->eof || c->hasty) connection_cut(c);
    else server_arm(c, CONNECTION_LINGER_MS);
}

void connection_finish(net_connection *c)
{
    if (c->state == NET_CLOSED || c->state == NET_LINGERING) return;
    c->state = NET_LINGERING;
    crowd_leave(c);
    server_arm(c, c->server->o.write_ms);
    if (!c->eof) connection_read_start(c);
    uv_shutdown_t *uv = mem_alloc(sizeof *uv);
    if (uv_shutdown(uv, (uv_stream_t *)&c->tcp, connection_shut)) {
        mem_free(uv);
        connection_cut(c);
    }
}

/* ---- in ---- */

void connection_refuse(net_connection *c, int status, const char *reason)
{
    text t = { 0 };
    if (c->state == NET_CLOSED) return;
    if (server_news(c->server, reason)) log_info("net", "a request is refused with %d: %s (said once; each one at --log-level debug)", status, reason);
    else log_debug("net", "a request is refused with %d: %s", status, reason);
    text_printf(&t, "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n%s\n",
        status, reply_reason(status), server_date(c->server), strlen(reason) + 1, status == 503 ? "Retry-After: 5\r\n" : "", reason);
    uv_buf_t buf = uv_buf_init(t.at, (unsigned)t.count);
    connection_write(c, &buf, 1, false);
    text_done(&t);
    connection_finish(c);
}

static void connection_peer(net_connection *c, net_request *rq)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    char name[64];
    if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&address, &size) || uv_ip_name((struct sockaddr *)&address, name, sizeof name)) return;
    rq->peer = arena_text(rq->arena, !strncmp(name, "::ffff:", 7) && strchr(name, '.') ? name + 7 : name);
}

static bool connection_host_allowed(const net_server *s, const net_request *rq)
{
    const char *host = net_header(rq, "host");
    if (!s->o.hosts || !host) return !s->o.hosts;
    size_t count = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    for (const char *const *name = s->o.hosts; *name; name++)
        if (strlen(*name) == count && !plain_compare_n(*name, host, count)) return true;
    return false;
}

static void connection_request(net_connection *c)
{
    net_server *s = c->server;
    http_request *rq = http_take(c->reader);
    if (!connection_host_allowed(s, &rq->public)) {
        http_request_free(rq);
        connection_refuse(c, 421, "This server does not answer to that name.");
        return;
    }
    http_reader_free(c->reader);
    c->reader = NULL;
    crowd_leave(c);
    c->state = NET_ANSWERING;
    c->rq = rq;
    rq->connection = c;
    connection_peer(c, &rq->public);
    server_arm(c, s->o.idle_ms);
    if (rq->sink.take) rq->public.data = rq->sink.data;
    s->o.handler(&rq->public, s->o.data);
}

static void connection_event(net_connection *c, http_event event)
{
    static const uv_buf_t go_on = { .base = "HTTP/1.1 100 Continue\r\n\r\n", .len = 25 };
    if (event == HTTP_BAD) connection_refuse(c, http_status(c->reader), http_reason(c->reader));
    else if (event == HTTP_DONE) connection_request(c);
    else if (event == HTTP_CONTINUE) connection_write(c, &go_on, 1, false);
}

/* Reads as much as may be read now. A head or body gets its time when it begins. */
static void connection_read(net_connection *c, const char **bytes, size_t *count)
{
    size_t used;
    if (!c->reader) c->reader = http_reader_new(c->server->o.body_max, c->server->o.sink, c->server->o.data);
    bool begun = http_begun(c->reader), in_body = http_in_body(c->reader);
    http_event event = http_read(c->reader, *bytes, *count, &used);
    *bytes += used;
    *count -= used;
    if (event == HTTP_MORE || event == HTTP_CONTINUE) {
        if (http_begun(c->reader) && (!begun || in_body != http_in_body(c->reader))) {
            if (c->queue == &c->server->idle) crowd_leave(c);
            c->since = (int64_t)loop_uv(c->server->loop)->time;
            server_arm(c, http_in_body(c->reader) ? c->server->o.body_ms : c->server->o.head_ms);
        }
    }
    connection_event(c, event);
}

static bool connection_held(const net_connection *c) { return c->blocked && connection_pending(c) > CONNECTION_HELD; }

static void connection_feed(net_connection *c, const char *bytes, size_t count)
{
    c->feeding = true;
    while (count && c->state == NET_READING && !connection_held(c)) connection_read(c, &bytes, &count);
    c->feeding = false;
    if (!count) return;
    if (c->state == NET_CHANNEL) {
        channel_feed(c->channel, bytes, count);
    } else if (c->state == NET_READING || c->state == NET_ANSWERING) {
        text_add(&c->rest, bytes, count);
        if (c->rest.count > CONNECTION_REST) uv_read_stop((uv_stream_t *)&c->tcp);
    }
}

/* After an answer, or when the reader has caught up: what came meanwhile. */
static void connection_resume(net_connection *c)
{
    if (c->feeding || c->state != NET_READING) return;
    text rest = c->rest;
    c->rest = (text){ 0 };
    if (rest.count) connection_feed(c, rest.at, rest.count);
    text_done(&rest);
    if (c->state != NET_READING || c->rest.count) return;
    if (c->eof) connection_finish(c);
    else connection_read_start(c);
}

/* The sender will send no more. It may still wait for an answer. */
static void connection_ended(net_connection *c)
{
    c->eof = true;
    if (c->state == NET_CHANNEL || (c->state == NET_LINGERING && c->shut)) connection_cut(c);
    else if (c->state == NET_READING && !c->rest.count) connection_finish(c);
}

static void connection_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    (void)suggested;
    *buf = uv_buf_init(((net_connection *)handle)->server->buffer, NET_BUFFER);
}

static void connection_came(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
    net_connection *c = (net_connection *)stream;
    if (count == UV_EOF) connection_ended(c);
    else if (count < 0) connection_cut(c);
    else if (count > 0 && c->rest.count && c->state != NET_CHANNEL) text_add(&c->rest, buf->base, (size_t)count);
    else if (count > 0) connection_feed(c, buf->base, (size_t)count);
    if (count > 0) crowd_grew(c->server, (size_t)count);
    if (c->state != NET_CLOSED && c->rest.count > CONNECTION_REST) uv_read_stop(stream);
}

void connection_read_start(net_connection *c)
{
    int status = uv_read_start((uv_stream_t *)&c->tcp, connection_room, connection_came);
    if (status && status != UV_EALREADY) connection_cut(c);
}

net_connection *connection_new(net_server *s, int fd)
{
    net_connection *c = mem_alloc(sizeof *c);
    c->server = s;
    uv_tcp_init(loop_uv(s->loop), &c->tcp);
    s->handles++;
    s->connections++;
    server_arm(c, s->o.idle_ms);
    if (uv_tcp_open(&c->tcp, fd)) {
        close(fd);
        connection_cut(c);
        return NULL;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    connection_read_start(c);
    c->since = (int64_t)loop_uv(s->loop)->time;
    if (c->state != NET_CLOSED) crowd_arrived(c);
    return c->state == NET_CLOSED ? NULL : c;
}

void connection_answered(net_connection *c, bool keep_alive)
{
    if (c->state == NET_CLOSED) return;
    c->state = NET_READING;
    if (!keep_alive) { connection_finish(c); return; }
    if (c->blocked) server_arm(c, c->server->o.write_ms);
    else connection_rest(c);
    connection_resume(c);
}

/* ---- too late ---- */

static void connection_late_reading(net_connection *c)
{
    int64_t now = (int64_t)loop_uv(c->server->loop)->time;
    if (!c->reader || !http_begun(c->reader)) {
        connection_cut(c);
    } else if (http_in_body(c->reader)) {
        int64_t left = c->since + c->server->o.body_ms + (int64_t)(http_body_seen(c->reader) / 16) - now;
        if (left > 0) server_arm(c, left);
        else connection_refuse(c, 408, "The body came too slowly.");
    } else {
        connection_refuse(c, 408, "The head came too slowly.");
    }
}

void connection_late(net_connection *c)
{
    if (c->state == NET_CHANNEL) { channel_late(c->channel); return; }
    if (c->blocked) {                                /* whatever it waits for: is it still being read? */
        if (connection_moved(c)) server_arm(c, c->server->o.write_ms);
        else connection_cut(c);
    } else if (c->state == NET_ANSWERING) {
        server_arm(c, c->server->o.idle_ms);
    } else if (c->state == NET_READING) {
        connection_late_reading(c);
    } else {
        connection_cut(c);
    }
}
