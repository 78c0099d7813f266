/* channel.c: WebSockets and event streams: the handshakes, sending, signs of life, and the end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    CHANNEL_CLOSE_MS = 5000,                         /* for the other end to answer our close frame */
    CHANNEL_PONG_MAX = 64 * 1024,                    /* unsent bytes above which pings go unanswered */
    CHANNEL_REST = 16 * 1024,                        /* bytes of next requests kept while an event stream goes on */
};

static int64_t channel_now(const net_channel *ch) { return (int64_t)loop_uv(ch->connection->server->loop)->time; }

/* ---- handshakes ---- */

bool net_wants_upgrade(const net_request *rq)
{
    return http_list_has(net_header(rq, "upgrade"), "websocket") && http_list_has(net_header(rq, "connection"), "upgrade");
}

static void channel_refuse(net_request *rq, int status, const char *reason)
{
    net_reply(rq, status, &(net_answer){ .body = reason, .headers = (const char *const[]){ "Sec-WebSocket-Version", "13", NULL } });
}

static net_channel *channel_begin(net_connection *c, const net_channel_events *e, void *data, bool socket)
{
    net_channel *ch = mem_alloc(sizeof *ch);
    *ch = (net_channel){ .connection = c, .events = e, .data = data, .socket = socket, .code = 1006 };
    ch->heard = channel_now(ch);
    c->channel = ch;
    c->state = NET_CHANNEL;
    c->taken = c->queued - connection_pending(c);
    connection_read_start(c);
    server_arm(c, c->server->o.ping_ms);
    if (socket) crowd_arrived(c);                    /* until its first message it has asked for nothing */
    return ch;
}

/* What came before its time is for the request after an event stream, if there may be one. */
static void channel_rest(net_channel *ch)
{
    text *rest = &ch->connection->rest;
    if (rest->count > CHANNEL_REST) ch->keep = false;
    if (!ch->keep) text_done(rest);
}

/* Sends the head and makes the connection a channel; frees the request. */
static net_channel *channel_open(net_request *rq, const char *head, const net_channel_events *e, void *data, bool socket)
{
    net_connection *c;
    http_request *inside = reply_detach(rq, &c);
    bool chunked = !socket && inside->minor, keep = chunked && inside->keep_alive;
    net_channel *ch = NULL;
    if (c && !c->eof) {
        uv_buf_t buf = uv_buf_init((char *)head, (unsigned)strlen(head));
        connection_write(c, &buf, 1, false);
        if (c->state != NET_CLOSED) ch = channel_begin(c, e, data, socket);
        if (ch) {
            ch->chunked = chunked;
            ch->keep = keep;
            channel_rest(ch);
        }
    } else if (c) {
        connection_cut(c);
    }
    http_request_free(inside);
    return ch;
}

net_channel *net_upgrade(net_request *rq, const net_channel_events *e, void *data)
{
    const char *version = net_header(rq, "sec-websocket-version");
    const net_connection *c = http_inside(rq)->connection;
    text accept = { .arena = rq->arena };
    if (strcmp(rq->method, "GET") || !http_inside(rq)->minor || !net_wants_upgrade(rq)) channel_refuse(rq, 400, "This address speaks WebSocket.\n");
    else if (!version || strcmp(version, "13")) channel_refuse(rq, 426, "Only version 13 of WebSocket is spoken here.\n");
    else if (!ws_accept(&accept, net_header(rq, "sec-websocket-key"))) channel_refuse(rq, 400, "Sec-WebSocket-Key is missing or wrong.\n");
    else if (!(c && c->server->o.any_origin) && !net_same_origin(rq)) channel_refuse(rq, 403, "This WebSocket may be opened by its own pages only.\n");
    else if (c && c->rest.count) channel_refuse(rq, 400, "Something was sent before the handshake was answered.\n");
    else return channel_open(rq, arena_printf(rq->arena, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept.at), e, data, true);
    return NULL;
}

net_channel *net_stream(net_request *rq, const char *const *headers, const net_channel_events *e, void *data)
{
    text head = { .arena = rq->arena };
    const http_request *inside = http_inside(rq);
    /* Its length is not known, so it comes in chunks, and before HTTP/1.1 it ends with the connection; X-Accel-Buffering keeps nginx from holding it back. */
    text_printf(&head, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
        "X-Content-Type-Options: nosniff\r\n%s%s", inside->minor ? "Transfer-Encoding: chunked\r\n" : "", inside->minor && inside->keep_alive ? "" : "Connection: close\r\n");
    reply_headers(&head, rq->headers);
    reply_headers(&head, headers);
    text_puts(&head, "\r\n");
    return channel_open(rq, head.at, e, data, false);
}

/* ---- sending ---- */

size_t net_channel_pending(const net_channel *ch) { return connection_pending(ch->connection); }
bool net_channel_is_socket(const net_channel *ch) { return ch->socket; }

static void channel_frame(net_channel *ch, ws_opcode opcode, const char *at, size_t count)
{
    unsigned char head[10];
    uv_buf_t bufs[2] = { uv_buf_init((char *)head, (unsigned)ws_head(head, opcode, count)), uv_buf_init((char *)at, (unsigned)count) };
    connection_write(ch->connection, bufs, count ? 2 : 1, false);
}

static void channel_chunk(net_channel *ch, const char *at, size_t count)
{
    char head[24];
    uv_buf_t bufs[3] = { uv_buf_init(head, (unsigned)snprintf(head, sizeof head, "%zx\r\n", count)), uv_buf_init((char *)at, (unsigned)count), uv_buf_init("\r\n", 2) };
    connection_write(ch->connection, ch->chunked ? bufs : bufs + 1, ch->chunked ? 3 : 1, false);
}

/* Bytes up to the next LF or, if there are any in the text, CR. */
static size_t channel_line(const char *s, size_t count, bool returns)
{
    if (!count) return 0;
    if (!returns) {
        const char *end = memchr(s, '\n', count);
        return end ? (size_t)(end - s) : count;
    }
    size_t i = 0;
    while (i < count && s[i] != '\n' && s[i] != '\r') i++;
    return i;
}

/* Each line of the text gets its own "data:", whatever ends it. */
static void channel_event(net_channel *ch, const char *event, const char *id, const char *s, size_t count)
{
    text t = { 0 };
    if (event && !strpbrk(event, "\r\n")) text_printf(&t, "event: %s\n", event);
    if (id && !strpbrk(id, "\r\n")) text_printf(&t, "id: %s\n", id);
    for (bool returns = count && memchr(s, '\r', count);;) {
        size_t line = channel_line(s, count, returns);
        text_puts(&t, "data: ");
        text_add(&t, s, line);
        text_putc(&t, '\n');
        if (line == count) break;
        line += s[line] == '\r' && line + 1 < count && s[line + 1] == '\n' ? 2 : 1;
        s += line;
        count -= line;
    }
    text_putc(&t, '\n');
    channel_chunk(ch, t.at, t.count);
    text_done(&t);
}

bool net_channel_send_event(net_channel *ch, const char *event, const char *id, const char *s, size_t count)
{
    net_connection *c = ch->connection;
    if (ch->closing || c->state != NET_CHANNEL) return false;
    if (ch->socket) channel_frame(ch, WS_TEXT, s, count);
    else channel_event(ch, event, id, s, count);
    if (c->state == NET_CHANNEL && connection_pending(c) > c->server->o.pending_max) {
        log_info("net", "a channel is cut: %zu bytes wait for a reader that does not read", connection_pending(c));
        connection_cut(c);
    }
    return c->state == NET_CHANNEL;
}

bool net_channel_send(net_channel *ch, const char *s, size_t count) { return net_channel_send_event(ch, NULL, NULL, s, count); }

void net_channel_retry(net_channel *ch, int ms)
{
    char line[32];
    int count = snprintf(line, sizeof line, "retry: %d\n", ms);
    if (!ch->socket && !ch->closing && ch->connection->state == NET_CHANNEL) channel_chunk(ch, line, (size_t)count);
}

/* ---- the end ---- */

static void channel_send_close(net_channel *ch, int code, const char *reason, size_t count)
{
    char payload[125];
    if (count > 123) count = utf8_whole(reason, 123);
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    if (count) memcpy(payload + 2, reason, count);
    channel_frame(ch, WS_CLOSE, payload, code == 1005 ? 0 : 2 + count);
    ch->closing = true;
}

void net_channel_close(net_channel *ch, int code, const char *reason)
{
    if (ch->closing || ch->connection->state != NET_CHANNEL) return;
    if (ch->socket) {
        channel_send_close(ch, code ? code : 1000, reason, reason ? strlen(reason) : 0);
        server_arm(ch->connection, CHANNEL_CLOSE_MS);
        return;
    }
    static const char last[] = "0\r\n\r\n";
    ch->closing = true;
    if (ch->chunked) connection_write_told(ch->connection, last, sizeof last - 1);
    if (!ch->keep) connection_finish(ch->connection);
}

/* The last chunk of an event stream has gone: its connection takes the next request. */
static void channel_over(net_channel *ch)
{
    net_connection *c = ch->connection;
    bool keep = ch->keep;
    c->state = NET_READING;                          /* on_close may stop the server */
    channel_lost(ch);
    if (c->state == NET_READING) connection_answered(c, keep && !c->server->stopping);
}

void channel_lost(net_channel *ch)
{
    ch->connection->channel = NULL;
    if (ch->events->on_close) ch->events->on_close(ch, ch->code, ch->data);
    ws_reader_done(&ch->ws);
    mem_free(ch);
}

/* ---- what comes ---- */

/* The other end's close frame: the answer to ours, or the first, which is answered with the same code. */
static void channel_closed_by_peer(net_channel *ch, int code)
{
    ch->code = code;
    if (!ch->closing) channel_send_close(ch, code, NULL, 0);
    ch->connection->hasty = true;                    /* nothing may follow it, so nothing is lost by closing at once */
    connection_finish(ch->connection);
}

static void channel_found(net_channel *ch, ws_event event, const ws_found *found)
{
    switch (event) {
    case WS_EVENT_TEXT:
        crowd_leave(ch->connection);
        if (!ch->closing && ch->events->on_message) ch->events->on_message(ch, found->at, found->count, ch->data);
        break;
    case WS_EVENT_PING:
        if (!ch->closing && net_channel_pending(ch) < CHANNEL_PONG_MAX) channel_frame(ch, WS_PONG, found->at, found->count);
        break;
    case WS_EVENT_CLOSE:
        channel_closed_by_peer(ch, found->code);
        break;
    case WS_EVENT_ERROR:
        ch->code = found->code;
        log_debug("net", "a WebSocket is closed with %d: %s", found->code, found->at);
        if (!ch->closing) channel_send_close(ch, found->code, found->at, found->count);
        connection_finish(ch->connection);
        break;
    case WS_EVENT_PONG:
    case WS_EVENT_NONE:
        break;
    }
}

void channel_feed(net_channel *ch, const char *bytes, size_t count)
{
    net_connection *c = ch->connection;
    ch->heard = channel_now(ch);
    if (!ch->socket) {                               /* an event stream only speaks */
        if (ch->keep) text_add(&c->rest, bytes, count);
        channel_rest(ch);
        return;
    }
    while (c->state == NET_CHANNEL) {
        size_t used;
        ws_found found;
        ws_event event = ws_read(&ch->ws, c->server->o.message_max, bytes, count, &used, &found);
        bytes += used;
        count -= used;
        if (event == WS_EVENT_NONE && !count) break; /* one call with nothing left gives the last message's memory back */
        channel_found(ch, event, &found);
    }
}

void channel_drained(net_channel *ch)
{
    if (ch->closing && !ch->socket) channel_over(ch);
    else if (!ch->closing && ch->events->on_drain) ch->events->on_drain(ch, ch->data);
}

/* Every ping_ms. A reader that takes waiting bytes, however slowly, is alive; so is an event stream with nothing waiting. */
void channel_late(net_channel *ch)
{
    net_connection *c = ch->connection;
    const net_options *o = &c->server->o;
    size_t pending = connection_pending(c);
    int64_t now = channel_now(ch);
    bool moved = connection_moved(c);
    if (moved || (!ch->socket && !pending)) ch->heard = now;
    int64_t silent = now - ch->heard;
    if ((ch->closing && (ch->socket || !moved)) || silent >= o->silence_ms) { connection_cut(c); return; }
    if (ch->closing) pending = 1;                    /* its last chunk stands at the end of what waits */
    if (!pending && ch->socket && silent >= o->ping_ms - c->server->tick_ms) channel_frame(ch, WS_PING, "", 0);
    if (!pending && !ch->socket && ch->events->beat) {
        channel_event(ch, NULL, NULL, ch->events->beat, strlen(ch->events->beat));
    } else if (!pending && !ch->socket) {
        channel_chunk(ch, ":\n\n", 3);
    }
    int64_t left = o->silence_ms - silent;
    server_arm(c, left < o->ping_ms ? left : o->ping_ms);
}
