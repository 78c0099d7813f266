/* channel_test.c: WebSockets and event streams over real sockets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_test.h"
#include "net/connection.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a small site ---- */

typedef struct site {
    rig rig;
    net_channel *channel;                            /* opened last */
    size_t pending_most;
    int messages, drains, closes, code, refused;
    bool cut;
    net_request *kept;
} site;

static void on_message(net_channel *c, const char *s, size_t count, void *data)
{
    site *site = data;
    site->messages++;
    assert_int_equal(s[count], 0);
    if (!strcmp(s, "close me")) net_channel_close(c, 4001, "as you wish");
    else if (!strcmp(s, "close long")) net_channel_close(c, 0, "ääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää");
    else net_channel_send(c, s, count);
}

/* Sends until half a megabyte waits, and once more whenever all has gone. */
static void push(site *s)
{
    static char piece[10000];
    int64_t until = clock_ms() + 5000;               /* should the reader ever be as fast as the writer */
    memset(piece, 'x', sizeof piece);
    while (clock_ms() < until && net_channel_pending(s->channel) < 500000 && net_channel_send(s->channel, piece, sizeof piece)) {}
    if (net_channel_pending(s->channel) > s->pending_most) s->pending_most = net_channel_pending(s->channel);
}

static void on_drain(net_channel *c, void *data)
{
    site *s = data;
    assert_int_equal(net_channel_pending(c), 0);
    if (++s->drains < 5) push(s);
    else net_channel_close(c, 1000, NULL);
}

static void on_close(net_channel *c, int code, void *data)
{
    site *s = data;
    if (c == s->channel) s->channel = NULL;
    s->code = code;
    s->closes++;
}

static const net_channel_events echo = { .on_message = on_message, .on_close = on_close };
static const net_channel_events pushing = { .on_drain = on_drain, .on_close = on_close };
static const net_channel_events beating = { .on_close = on_close, .beat = "alive" };

static void upgrade_late(void *data)
{
    net_request *rq = data;
    site *s = rq->data;
    s->channel = net_upgrade(rq, &echo, s);
}

static void serve(net_request *rq, void *data)
{
    site *s = data;
    net_channel *c = NULL;
    if (!strcmp(rq->path, "/echo")) {
        c = net_upgrade(rq, &echo, s);
        s->refused += !c;
    } else if (!strcmp(rq->path, "/late")) {
        rq->data = s;
        loop_timer_start(s->rig.loop, 30, 0, upgrade_late, rq);
    } else if (!strcmp(rq->path, "/push")) {
        c = s->channel = net_upgrade(rq, &pushing, s);
        push(s);
    } else if (!strcmp(rq->path, "/push-events")) {
        c = s->channel = net_stream(rq, NULL, &pushing, s);
        push(s);
    } else if (!strcmp(rq->path, "/beats")) {
        c = net_stream(rq, NULL, &beating, s);
    } else if (!strcmp(rq->path, "/events")) {
        c = net_stream(rq, (const char *const[]){ "X-More", "yes", NULL }, &echo, s);
        net_channel_send(c, "one", 3);
        net_channel_send(c, "two\nlines\r\nor three\rfour\n", 25);
        net_channel_retry(c, 500);
        net_channel_send_event(c, "name", "7", "", 0);
        net_channel_send_event(c, "bad\nname", "bad\rid", "x", 1);
    } else {
        net_reply(rq, 200, NULL);
    }
    if (c) s->channel = c;
}

static void site_start(site *s, net_options o)
{
    memset(s, 0, sizeof *s);
    o.handler = serve;
    o.data = s;
    rig_start(&s->rig, &o);
}

static void nothing(void *data) { (void)data; }

/* Waits until all connections are gone, so that the site's counters are final and may be read here. */
static void site_over(site *s)
{
    rig_wait_connections(&s->rig, 0);
    rig_do(&s->rig, nothing, NULL);
}

static void frame_is(int fd, int first, const char *expected, size_t count)
{
    text t = { 0 };
    int got = client_hear_frame(fd, &t);
    if (got != first) fail_msg("a frame that begins with %02x instead of %02x: %.60s", (unsigned)got, (unsigned)first, t.at ? t.at : "");
    assert_int_equal(t.count, count);
    assert_memory_equal(t.at, expected, count);
    text_done(&t);
}

static void closes_with(int fd, int code)
{
    text t = { 0 };
    assert_int_equal(client_hear_frame(fd, &t), 0x88);
    assert_true(t.count >= 2);
    assert_int_equal((unsigned char)t.at[0] << 8 | (unsigned char)t.at[1], code);
    assert_true(utf8_valid(t.at + 2, t.count - 2));
    text_done(&t);
}

/* ---- WebSocket ---- */

TEST(messages_are_echoed_in_order)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/echo");
    for (int i = 0; i < 100; i++) {
        char word[20];
        int count = snprintf(word, sizeof word, "grüße %d", i);
        client_frame(fd, 0x81, word, (size_t)count, true);
    }
    for (int i = 0; i < 100; i++) {
        char word[20];
        int count = snprintf(word, sizeof word, "grüße %d", i);
        frame_is(fd, 0x81, word, (size_t)count);
    }
    client_frame(fd, 0x88, "\x03\xe8", 2, true);
    frame_is(fd, 0x88, "\x03\xe8", 2);
    assert_true(client_at_end(fd));
    close(fd);
    site_over(&s);
    assert_int_equal(s.messages, 100);
    assert_int_equal(s.closes, 1);
    assert_int_equal(s.code, 1000);
    rig_stop(&s.rig);
}

TEST(a_channel_may_be_opened_later)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/late");
    client_frame(fd, 0x81, "hello", 5, true);
    frame_is(fd, 0x81, "hello", 5);
    close(fd);
    site_over(&s);
    assert_int_equal(s.code, 1006);
    rig_stop(&s.rig);
}

TEST(large_and_fragmented_messages_come_back_whole)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/echo");
    size_t size = 1 << 20;
    char *big = mem_alloc(size);
    for (size_t i = 0; i < size; i++) big[i] = (char)('a' + i % 23);
    client_frame(fd, 0x81, big, size, true);
    frame_is(fd, 0x81, big, size);
    client_frame(fd, 0x01, big, 1000, true);
    client_frame(fd, 0x89, "still there?", 12, true);
    frame_is(fd, 0x8a, "still there?", 12);
    client_frame(fd, 0x00, big + 1000, 100000, true);
    client_frame(fd, 0x80, big + 101000, 7, true);
    frame_is(fd, 0x81, big, 101007);
    mem_free(big);
    close(fd);
    rig_stop(&s.rig);
}

static void misbehave(int code, int first, const char *at, size_t count, bool masked)
{
    site s;
    site_start(&s, (net_options){ .message_max = 1000 });
    int fd = client_upgrade(s.rig.port, "/echo");
    client_frame(fd, first, at, count, masked);
    closes_with(fd, code);
    client_frame(fd, 0x81, "after", 5, true);        /* must not be heard */
    shutdown(fd, SHUT_WR);
    assert_true(client_at_end(fd));
    close(fd);
    site_over(&s);
    assert_int_equal(s.messages, 0);
    assert_int_equal(s.closes, 1);
    assert_int_equal(s.code, code);
    rig_stop(&s.rig);
}

TEST(misbehaving_sockets_are_closed_with_the_code_that_says_why)
{
    static char big[1001];
    misbehave(1002, 0x81, "no mask", 7, false);
    misbehave(1002, 0xf1, "bits", 4, true);
    misbehave(1003, 0x82, "binary", 6, true);
    misbehave(1007, 0x81, "\xc3\x28", 2, true);
    misbehave(1009, 0x81, big, sizeof big, true);
    misbehave(1002, 0x88, "x", 1, true);
}

TEST(the_server_may_close_and_waits_for_the_answer)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/echo");
    client_frame(fd, 0x81, "close me", 8, true);
    client_frame(fd, 0x81, "unheard", 7, true);
    frame_is(fd, 0x88, "\x0f\xa1" "as you wish", 13);
    client_frame(fd, 0x88, "\x0f\xa1", 2, true);
    assert_true(client_at_end(fd));
    close(fd);
    site_over(&s);
    assert_int_equal(s.messages, 1);
    assert_int_equal(s.code, 4001);
    fd = client_upgrade(s.rig.port, "/echo");
    client_frame(fd, 0x81, "close long", 10, true);
    closes_with(fd, 1000);
    close(fd);
    rig_stop(&s.rig);
}

TEST(handshakes_that_are_wrong_are_answered)
{
    static const struct { int status; const char *headers; } rows[] = {
        { 400, "" },
        { 400, "Connection: Upgrade\r\nUpgrade: h2c\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" },
        { 400, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" },
        { 400, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n" },
        { 426, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" },
        { 403, "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://evil.org\r\n" },
        { 101, "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://a\r\n" },
    };
    site s;
    site_start(&s, (net_options){ 0 });
    for (int i = 0; i < COUNT(rows); i++) {
        char request[600];
        int fd = client_dial(s.rig.port);
        snprintf(request, sizeof request, "GET /echo HTTP/1.1\r\nHost: a\r\n%s\r\n", rows[i].headers);
        client_say(fd, request);
        client_answer a = client_hear(fd, false);
        if (a.status != rows[i].status) fail_msg("%d instead of %d for %s", a.status, rows[i].status, rows[i].headers);
        if (a.status == 426) assert_string_equal(client_header(&a, "Sec-WebSocket-Version"), "13");
        if (a.status == 400) {                       /* no reason to hang up */
            client_say(fd, "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
            assert_int_equal(client_hear(fd, false).status, 200);
        }
        close(fd);
    }
    site_over(&s);
    assert_int_equal(s.refused, COUNT(rows) - 1);
    rig_stop(&s.rig);
}

TEST(frames_in_the_same_packet_as_the_handshake_are_heard)
{
    site s;
    text t = { 0 };
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    text_puts(&t, "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    text_add(&t, "\x81\x82\0\0\0\0hi", 8);
    client_send(fd, t.at, t.count);
    assert_int_equal(client_hear(fd, true).status, 101);
    frame_is(fd, 0x81, "hi", 2);
    text_done(&t);
    close(fd);
    rig_stop(&s.rig);
}

TEST(a_quiet_socket_is_pinged_and_closed_if_it_stays_quiet)
{
    site s;
    site_start(&s, (net_options){ .ping_ms = 60, .silence_ms = 200 });
    int fd = client_upgrade(s.rig.port, "/echo");
    for (int i = 0; i < 6; i++) {                    /* longer than silence_ms, but each ping is answered */
        frame_is(fd, 0x89, "", 0);
        client_frame(fd, 0x8a, "", 0, true);
    }
    text t = { 0 };
    int64_t before = clock_ms();
    while (client_hear_frame(fd, &t) == 0x89) {}
    assert_in_range(clock_ms() - before, 100, 3000);
    text_done(&t);
    close(fd);
    site_over(&s);
    assert_int_equal(s.code, 1006);
    rig_stop(&s.rig);
}

TEST(a_lost_connection_is_reported_once)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/echo");
    struct linger now = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    site_over(&s);
    assert_int_equal(s.closes, 1);
    assert_int_equal(s.code, 1006);
    rig_stop(&s.rig);
}

/* ---- readers that do not read ---- */

static void drains(const char *path, bool socket)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd;
    if (socket) {
        fd = client_upgrade(s.rig.port, path);
    } else {
        fd = client_dial(s.rig.port);
        client_say(fd, "GET /push-events HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    usleep(100000);                                  /* all buffers are full now, and the server waits */
    char piece[65536];
    size_t heard = 0;
    ssize_t got;
    bool answered = false;
    while ((got = recv(fd, piece, sizeof piece, 0)) > 0) {
        usleep(1000);
        heard += (size_t)got;
        if (socket && !answered && got >= 4 && !memcmp(piece + got - 4, "\x88\x02\x03\xe8", 4)) {
            client_frame(fd, 0x88, "\x03\xe8", 2, true);
            answered = true;
        }
    }
    close(fd);
    site_over(&s);
    assert_int_equal(s.drains, 5);
    assert_int_equal(s.closes, 1);
    assert_true(s.pending_most < 520000);
    assert_true(heard > 4 * 500000);
    rig_stop(&s.rig);
}

TEST(a_socket_says_when_it_has_drained) { drains("/push", true); }
TEST(an_event_stream_says_when_it_has_drained) { drains("/push-events", false); }

TEST(a_reader_that_never_reads_is_cut_before_memory_grows)
{
    site s;
    site_start(&s, (net_options){ .pending_max = 200000 });
    int fd = client_upgrade(s.rig.port, "/push");    /* pushes 500,000 bytes beyond what the kernel takes */
    site_over(&s);
    assert_int_equal(s.closes, 1);
    assert_int_equal(s.code, 1006);
    assert_true(s.pending_most < 220000);
    close(fd);
    rig_stop(&s.rig);
}

TEST(a_reader_that_stops_reading_is_cut_after_a_while)
{
    site s;
    site_start(&s, (net_options){ .ping_ms = 50, .silence_ms = 150 });
    int fd = client_dial(s.rig.port);
    client_say(fd, "GET /push-events HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_wait_connections(&s.rig, 1);
    site_over(&s);
    assert_int_equal(s.closes, 1);
    close(fd);
    rig_stop(&s.rig);
}

/* ---- event streams ---- */

/* Reads chunks until they have said `expected`, or with NULL up to the last one. False: they said something else, or it is no chunk. */
static bool chunks_say(int fd, const char *expected)
{
    text said = { 0 };
    for (bool right = true;;) {
        char head[20], body[600];
        int n = 0;
        do right = recv(fd, head + n, 1, 0) == 1; while (right && head[n] != '\n' && ++n < 19);
        head[n] = 0;
        char *end;
        size_t count = strtoul(head, &end, 16);
        right = right && end > head && !strcmp(end, "\r") && count < sizeof body - 2 && recv(fd, body, count + 2, MSG_WAITALL) == (ssize_t)count + 2 && !memcmp(body + count, "\r\n", 2);
        if (right && count) text_add(&said, body, count);
        if (right && count && (!expected || said.count < strlen(expected))) continue;
        right = right && (expected ? count && !strcmp(said.at, expected) : !count);
        text_done(&said);
        return right;
    }
}

/* Begins a site and an event stream of it; the head has come. */
static int listen_to(site *s, net_options o, const char *request)
{
    site_start(s, o);
    int fd = client_dial(s->rig.port);
    client_say(fd, request);
    client_hear(fd, true);
    return fd;
}

/* The listener leaves, and so many channels have closed. */
static void listened(site *s, int fd, int closes)
{
    close(fd);
    site_over(s);
    assert_int_equal(s->closes, closes);
    rig_stop(&s->rig);
}

static void close_channel(void *data) { net_channel_close(((site *)data)->channel, 0, NULL); }

TEST(events_are_written_line_by_line)
{
    site s;
    site_start(&s, (net_options){ .ping_ms = 50 });
    int fd = client_dial(s.rig.port);
    client_say(fd, "GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n\r\n");
    client_answer a = client_hear(fd, true);
    assert_int_equal(a.status, 200);
    assert_string_equal(client_header(&a, "Content-Type"), "text/event-stream");
    assert_string_equal(client_header(&a, "Cache-Control"), "no-store");
    assert_string_equal(client_header(&a, "X-More"), "yes");
    const char *expected = "data: one\n\ndata: two\ndata: lines\ndata: or three\ndata: four\ndata: \n\nretry: 500\nevent: name\nid: 7\ndata: \n\ndata: x\n\n:\n\n";
    assert_string_equal(client_header(&a, "Transfer-Encoding"), "chunked");
    assert_true(chunks_say(fd, expected));
    rig_do(&s.rig, close_channel, &s);
    assert_true(chunks_say(fd, NULL));
    listened(&s, fd, 1);
}

TEST(after_an_event_stream_its_connection_takes_the_next_request)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    for (int i = 1; i <= 3; i++) {
        client_say(fd, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
        client_answer a = client_hear(fd, true);
        assert_null(client_header(&a, "Connection"));
        if (i == 2) client_say(fd, "GET /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");       /* too early: it waits */
        rig_do(&s.rig, close_channel, &s);
        assert_true(chunks_say(fd, NULL));
        if (i == 2) break;
    }
    client_answer a = client_hear(fd, true);
    assert_string_equal(client_header(&a, "Connection"), "close");
    assert_string_equal(client_header(&a, "Transfer-Encoding"), "chunked");
    rig_do(&s.rig, close_channel, &s);
    assert_true(chunks_say(fd, NULL));
    assert_true(client_at_end(fd));
    listened(&s, fd, 3);
}

TEST(before_http_1_1_an_event_stream_ends_with_its_connection)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    client_say(fd, "GET /events HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    client_answer a = client_hear(fd, true);
    assert_null(client_header(&a, "Transfer-Encoding"));
    assert_string_equal(client_header(&a, "Connection"), "close");
    char got[6];
    assert_int_equal(recv(fd, got, 5, MSG_WAITALL), 5);
    assert_memory_equal(got, "data:", 5);
    rig_do(&s.rig, close_channel, &s);
    while (recv(fd, got, 1, 0) == 1) {}
    listened(&s, fd, 1);
}

TEST(who_sends_without_end_into_an_event_stream_is_not_remembered)
{
    site s;
    int fd = listen_to(&s, (net_options){ 0 }, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    char some[10000];
    memset(some, 'x', sizeof some);
    for (int i = 0; i < 100; i++) assert_int_equal(send(fd, some, sizeof some, MSG_NOSIGNAL), sizeof some);
    rig_do(&s.rig, close_channel, &s);
    assert_true(chunks_say(fd, NULL));
    while (recv(fd, some, sizeof some, 0) > 0) {}
    listened(&s, fd, 1);
}

TEST(an_event_stream_gives_the_sign_of_life_that_its_readers_understand)
{
    site s;
    int fd = listen_to(&s, (net_options){ .ping_ms = 50 }, "GET /beats HTTP/1.1\r\nHost: a\r\n\r\n");
    const char *expected = "data: alive\n\ndata: alive\n\n";
    assert_true(chunks_say(fd, expected));
    listened(&s, fd, 1);
}

TEST(a_browser_that_leaves_an_event_stream_is_noticed)
{
    site s;
    int fd = listen_to(&s, (net_options){ 0 }, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    listened(&s, fd, 1);
    assert_int_equal(s.code, 1006);
}

/* ---- the end of the server ---- */

static void stop_server(void *data) { net_server_stop(((site *)data)->rig.server); }

static void free_server(void *data)
{
    site *s = data;
    net_server_free(s->rig.server);
    s->rig.server = NULL;
    assert_int_equal(s->closes, 2);                  /* inside the call */
}

TEST(a_server_that_stops_says_so_to_its_channels)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/echo"), stream = client_dial(s.rig.port);
    client_say(stream, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    client_hear(stream, true);
    rig_do(&s.rig, stop_server, &s);
    closes_with(fd, 1012);
    client_frame(fd, 0x88, "\x03\xe9", 2, true);
    assert_true(client_at_end(fd));
    close(fd);
    char piece[1000];
    while (recv(stream, piece, sizeof piece, 0) > 0) {}
    close(stream);
    site_over(&s);
    assert_int_equal(s.closes, 2);
    rig_stop(&s.rig);
}

TEST(a_server_that_is_freed_ends_its_channels)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_upgrade(s.rig.port, "/echo"), stream = client_dial(s.rig.port);
    client_say(stream, "GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    client_hear(stream, true);
    rig_do(&s.rig, free_server, &s);
    close(fd);
    close(stream);
    rig_stop(&s.rig);
}

/* ---- cost ---- */

TEST(an_idle_socket_costs_less_than_a_kilobyte)
{
    assert_true(sizeof(net_connection) + sizeof(net_channel) < 900);
}
