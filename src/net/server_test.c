/* server_test.c: HTTP over real sockets: order, limits, time, and what misbehaving clients get. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_test.h"
#include "net/connection.h"
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

/* ---- a small site ---- */

typedef struct site { rig rig; int unanswered; net_request *late[64]; int late_count, seen; } site;

static const net_asset file = {
    .name = "core.js", .type = "text/javascript", .etag = "abc123", .immutable = true,
    .plain = (const unsigned char *)"plain text", .plain_count = 10,
    .gzip = (const unsigned char *)"gzipped", .gzip_count = 7,
    .brotli = (const unsigned char *)"brotl", .brotli_count = 5,
};

static void answer_late(void *data)
{
    net_reply(data, 200, &(net_answer){ .body = ((net_request *)data)->path });
}

static void serve(net_request *rq, void *data)
{
    site *s = data;
    const char *path = rq->path;
    if (!strcmp(path, "/echo")) {
        net_reply(rq, 200, &(net_answer){ .type = "application/octet-stream", .body = rq->body, .count = rq->count });
    } else if (!strcmp(path, "/show")) {
        net_reply(rq, 200, &(net_answer){ .body = arena_printf(rq->arena, "%s %s q=%s c=%s from %s", rq->method, rq->path,
            net_query(rq, "q"), net_cookie(rq, "c"), rq->peer) });
    } else if (!strncmp(path, "/late", 5)) {
        loop_timer_start(s->rig.loop, 30, 0, answer_late, rq);
    } else if (!strcmp(path, "/keep")) {
        s->late[s->late_count++] = rq;
    } else if (!strcmp(path, "/page")) {
        char *page = arena_alloc(rq->arena, 20001);
        memset(page, 'p', 20000);
        net_reply(rq, 200, &(net_answer){ .type = "text/html; charset=utf-8", .body = page, .no_gzip = net_query(rq, "plain") != NULL });
    } else if (!strcmp(path, "/big")) {
        char *big = arena_alloc(rq->arena, 5000001);
        memset(big, 'b', 5000000);
        net_reply(rq, 200, &(net_answer){ .type = "application/octet-stream", .body = big });
    } else if (!strcmp(path, "/file")) {
        net_reply_asset(rq, &file);
    } else if (!strcmp(path, "/headers")) {
        net_reply(rq, 303, &(net_answer){ .cache = "private", .headers = (const char *const[]){ "Location", "/x", "Set-Cookie", "a=1", "Set-Cookie", "b=2",
            "X-Bad", "one\r\nInjected: yes", "X-Good", "good", NULL } });
    } else if (!strcmp(path, "/empty")) {
        net_reply(rq, 204, NULL);
    } else {
        net_reply(rq, 200, &(net_answer){ .body = path });
    }
}

static void site_start(site *s, net_options o)
{
    memset(s, 0, sizeof *s);
    o.handler = serve;
    o.data = s;
    rig_start(&s->rig, &o);
}

#define GET(path, headers) "GET " path " HTTP/1.1\r\nHost: a\r\n" headers "\r\n"

/* ---- order and shape ---- */

TEST(a_request_is_answered_and_the_connection_stays)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    for (int i = 0; i < 5; i++) {
        client_say(fd, GET("/show?q=a%20b", "Cookie: c=1\r\n"));
        client_answer a = client_hear(fd, false);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.body, "GET /show q=a b c=1 from 127.0.0.1");
        assert_string_equal(client_header(&a, "Content-Type"), "text/plain; charset=utf-8");
        assert_string_equal(client_header(&a, "Cache-Control"), "no-store");
        assert_string_equal(client_header(&a, "X-Content-Type-Options"), "nosniff");
        assert_int_equal(strlen(client_header(&a, "Date")), 29);
        assert_null(client_header(&a, "Connection"));
    }
    client_say(fd, GET("/", "Connection: close\r\n"));
    client_answer a = client_hear(fd, false);
    assert_string_equal(client_header(&a, "Connection"), "close");
    assert_true(client_at_end(fd));
    close(fd);
    rig_wait_connections(&s.rig, 0);
    rig_stop(&s.rig);
}

TEST(old_clients_get_their_end_of_connection)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    client_say(fd, "GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    client_answer a = client_hear(fd, false);
    assert_string_equal(client_header(&a, "Connection"), "keep-alive");
    client_say(fd, "GET /y HTTP/1.0\r\n\r\n");
    a = client_hear(fd, false);
    assert_string_equal(a.body, "/y");
    assert_true(client_at_end(fd));
    close(fd);
    rig_stop(&s.rig);
}

TEST(pipelined_requests_are_answered_in_order_even_when_some_take_longer)
{
    site s;
    text t = { 0 };
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    for (int i = 0; i < 20; i++) text_printf(&t, "GET /%s%d HTTP/1.1\r\nHost: a\r\n\r\n", i % 7 == 3 ? "late" : "x", i);
    client_send(fd, t.at, t.count);
    text_done(&t);
    for (int i = 0; i < 20; i++) {
        char expected[20];
        client_answer a = client_hear(fd, false);
        snprintf(expected, sizeof expected, "/%s%d", i % 7 == 3 ? "late" : "x", i);
        assert_string_equal(a.body, expected);
    }
    close(fd);
    rig_stop(&s.rig);
}

TEST(a_flood_of_pipelined_requests_behind_a_slow_one_is_all_answered)
{
    site s;
    text t = { 0 };
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    text_puts(&t, GET("/late", ""));
    for (int i = 0; i < 20000; i++) text_puts(&t, GET("/1", ""));
    /* More than the kernel and the server keep: sending and hearing must go hand in hand. */
    size_t sent = 0, heard = 0;
    for (; heard < 20001; heard++) {
        if (sent < t.count) {
            size_t part = t.count - sent < 400 ? t.count - sent : 400;
            client_send(fd, t.at + sent, part);
            sent += part;
        }
        assert_int_equal(client_hear(fd, false).status, 200);
    }
    text_done(&t);
    close(fd);
    rig_stop(&s.rig);
}

TEST(bodies_arrive_whole_chunked_or_not)
{
    site s;
    site_start(&s, (net_options){ 0 });
    client_answer a = client_ask(s.rig.port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world");
    assert_string_equal(a.body, "hello world");
    a = client_ask(s.rig.port, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n");
    assert_string_equal(a.body, "hello world");
    int fd = client_dial(s.rig.port);
    char *big = mem_alloc(3000000);
    for (int i = 0; i < 3000000; i++) big[i] = (char)('a' + i % 26);
    client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    client_send(fd, big, 3000000);
    a = client_hear(fd, false);
    assert_int_equal(a.count, 3000000);
    assert_memory_equal(a.body, big, 3000000);
    mem_free(big);
    close(fd);
    rig_stop(&s.rig);
}

TEST(a_sender_who_asks_first_is_told_to_go_on)
{
    site s;
    site_start(&s, (net_options){ .body_max = 1000 });
    int fd = client_dial(s.rig.port);
    client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    assert_int_equal(client_hear(fd, true).status, 100);
    client_say(fd, "body");
    assert_string_equal(client_hear(fd, false).body, "body");
    client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4000\r\n\r\n");
    assert_int_equal(client_hear(fd, false).status, 413);
    assert_true(client_at_end(fd));
    close(fd);
    rig_stop(&s.rig);
}

TEST(head_gets_the_head_that_get_would_get)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    client_say(fd, "HEAD /page HTTP/1.1\r\nHost: a\r\n\r\nHEAD /file HTTP/1.1\r\nHost: a\r\n\r\n" GET("/after", ""));
    client_answer a = client_hear(fd, true);
    assert_int_equal(a.status, 200);
    assert_string_equal(client_header(&a, "Content-Length"), "20000");
    a = client_hear(fd, true);
    assert_string_equal(client_header(&a, "Content-Length"), "10");
    assert_string_equal(client_hear(fd, false).body, "/after");
    close(fd);
    rig_stop(&s.rig);
}

TEST(headers_of_an_answer_cannot_be_forged)
{
    site s;
    site_start(&s, (net_options){ 0 });
    client_answer a = client_ask(s.rig.port, GET("/headers", ""));
    assert_int_equal(a.status, 303);
    assert_non_null(strstr(a.head, "Location: /x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
    assert_string_equal(client_header(&a, "X-Good"), "good");
    assert_string_equal(client_header(&a, "Cache-Control"), "private");
    assert_null(strstr(a.head, "Injected"));
    int fd = client_dial(s.rig.port);
    client_say(fd, GET("/empty", "") GET("/next", ""));
    a = client_hear(fd, false);
    assert_int_equal(a.status, 204);
    assert_null(client_header(&a, "Content-Length"));
    assert_string_equal(client_hear(fd, false).body, "/next");
    close(fd);
    rig_stop(&s.rig);
}

/* ---- compression and files ---- */

TEST(text_is_compressed_for_those_who_take_it)
{
    site s;
    site_start(&s, (net_options){ 0 });
    for (int round = 0; round < 2; round++) {        /* the second time the deflate state is used again */
        client_answer a = client_ask(s.rig.port, GET("/page", "Accept-Encoding: deflate, gzip, br\r\n"));
        assert_string_equal(client_header(&a, "Content-Encoding"), "gzip");
        assert_string_equal(client_header(&a, "Vary"), "Accept-Encoding");
        assert_true(a.count < 1000);
        unsigned char plain[30000];
        z_stream z = { .next_in = (unsigned char *)a.body, .avail_in = (unsigned)a.count, .next_out = plain, .avail_out = sizeof plain };
        assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
        assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
        assert_int_equal(z.total_out, 20000);
        inflateEnd(&z);
        for (int i = 0; i < 20000; i++) assert_int_equal(plain[i], 'p');
    }
    static const char *const plain[] = {
        GET("/page", ""), GET("/page", "Accept-Encoding: gzip;q=0\r\n"), GET("/page?plain", "Accept-Encoding: gzip\r\n"),
        GET("/x", "Accept-Encoding: gzip\r\n"), GET("/big", "Accept-Encoding: gzip\r\n"),
    };
    for (int i = 0; i < COUNT(plain); i++) {
        client_answer a = client_ask(s.rig.port, plain[i]);
        assert_null(client_header(&a, "Content-Encoding"));
    }
    rig_stop(&s.rig);
}

TEST(files_come_in_the_variant_that_is_accepted_and_once)
{
    static const struct { const char *request, *body, *coding; int status; } rows[] = {
        { GET("/file", ""), "plain text", NULL, 200 },
        { GET("/file", "Accept-Encoding: gzip\r\n"), "gzipped", "gzip", 200 },
        { GET("/file", "Accept-Encoding: gzip, deflate, br, zstd\r\n"), "brotl", "br", 200 },
        { GET("/file", "Accept-Encoding: br;q=0, gzip\r\n"), "gzipped", "gzip", 200 },
        { GET("/file", "If-None-Match: W/\"abc123\"\r\n"), "", NULL, 304 },
        { GET("/file", "If-None-Match: \"x\", \"abc123\"\r\n"), "", NULL, 304 },
        { GET("/file", "If-None-Match: \"abc1234\"\r\n"), "plain text", NULL, 200 },
        { "POST /file HTTP/1.1\r\nHost: a\r\n\r\n", "Files are read with GET.\n", NULL, 405 },
    };
    site s;
    site_start(&s, (net_options){ 0 });
    for (int i = 0; i < COUNT(rows); i++) {
        client_answer a = client_ask(s.rig.port, rows[i].request);
        assert_int_equal(a.status, rows[i].status);
        assert_string_equal(a.body, rows[i].body);
        const char *coding = client_header(&a, "Content-Encoding");
        assert_true(!coding == !rows[i].coding);
        if (coding) assert_string_equal(coding, rows[i].coding);
        if (a.status == 405) continue;
        assert_string_equal(client_header(&a, "Cache-Control"), "public, max-age=31536000, immutable");
        assert_string_equal(client_header(&a, "ETag"), "W/\"abc123\"");
        assert_string_equal(client_header(&a, "Vary"), "Accept-Encoding");
    }
    rig_stop(&s.rig);
}

/* ---- clients that misbehave ---- */

TEST(bad_requests_are_refused_and_the_server_lives)
{
    static const struct { int status; const char *bytes; } rows[] = {
        { 400, "\x16\x03\x01" },                     /* TLS: refused at its first byte, not when its time is over */
        { 400, "GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\n\r\n" },
        { 413, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n" },
        { 501, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n" },
    };
    site s;
    site_start(&s, (net_options){ 0 });
    for (int i = 0; i < COUNT(rows); i++) {
        int fd = client_dial(s.rig.port);
        client_say(fd, rows[i].bytes);
        client_answer a = client_hear(fd, false);
        if (a.status != rows[i].status) fail_msg("%d instead of %d for %s", a.status, rows[i].status, rows[i].bytes);
        assert_string_equal(client_header(&a, "Connection"), "close");
        assert_true(client_at_end(fd));
        close(fd);
        assert_string_equal(client_ask(s.rig.port, GET("/alive", "")).body, "/alive");
    }
    rig_stop(&s.rig);
}

TEST(an_oversized_body_is_refused_while_it_is_still_being_sent)
{
    site s;
    site_start(&s, (net_options){ .body_max = 100000 });
    int fd = client_dial(s.rig.port);
    char piece[1000];
    memset(piece, 'x', sizeof piece);
    client_say(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 300; i++) {                  /* goes on sending, as clients do that listen only afterwards */
        client_say(fd, "3e8\r\n");
        client_send(fd, piece, sizeof piece);
        client_say(fd, "\r\n");
    }
    assert_int_equal(client_hear(fd, false).status, 413);
    close(fd);
    rig_wait_connections(&s.rig, 0);
    rig_stop(&s.rig);
}

TEST(senders_who_dawdle_are_cut)
{
    static const struct { const char *bytes; int status; } rows[] = {
        { "GET / HTTP/1.1\r\nHost", 408 },
        { "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", 408 },
    };
    site s;
    site_start(&s, (net_options){ .head_ms = 100, .body_ms = 100, .idle_ms = 200 });
    for (int i = 0; i < COUNT(rows); i++) {
        int fd = client_dial(s.rig.port);
        int64_t before = clock_ms();
        client_say(fd, rows[i].bytes);
        assert_int_equal(client_hear(fd, false).status, rows[i].status);
        assert_in_range(clock_ms() - before, 90, 3000);
        close(fd);
    }
    int fd = client_dial(s.rig.port);                /* a byte now and then does not buy more time */
    const char *drip = "GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    char peek;
    for (const char *c = drip; *c && recv(fd, &peek, 1, MSG_DONTWAIT | MSG_PEEK) < 0; c++) {
        client_send(fd, c, 1);
        usleep(10000);
    }
    assert_int_equal(client_hear(fd, false).status, 408);
    close(fd);
    fd = client_dial(s.rig.port);                    /* says nothing at all */
    assert_true(client_at_end(fd));
    close(fd);
    fd = client_dial(s.rig.port);                    /* stays after its answer */
    client_say(fd, GET("/", ""));
    assert_int_equal(client_hear(fd, false).status, 200);
    assert_true(client_at_end(fd));
    close(fd);
    rig_stop(&s.rig);
}

TEST(a_reader_who_takes_nothing_is_cut)
{
    site s;
    site_start(&s, (net_options){ .write_ms = 100 });
    int fd = client_dial(s.rig.port);
    for (int i = 0; i < 3; i++) client_say(fd, GET("/big", ""));
    rig_wait_connections(&s.rig, 1);
    rig_wait_connections(&s.rig, 0);
    close(fd);
    rig_stop(&s.rig);
}

TEST(a_slow_reader_gets_everything)
{
    site s;
    site_start(&s, (net_options){ .write_ms = 300 });
    int fd = client_dial(s.rig.port);
    for (int i = 0; i < 3; i++) client_say(fd, GET("/big", ""));
    for (int i = 0; i < 3; i++) {
        usleep(100000);
        client_answer a = client_hear(fd, false);
        assert_int_equal(a.count, 5000000);
        assert_int_equal(a.body[4999999], 'b');
    }
    close(fd);
    rig_stop(&s.rig);
}

TEST(half_closed_clients_still_get_their_answers)
{
    site s;
    site_start(&s, (net_options){ 0 });
    static const char *const paths[] = { GET("/x", ""), GET("/late", ""), GET("/x", "") GET("/late", "") GET("/y", "") };
    for (int i = 0; i < COUNT(paths); i++) {
        int fd = client_dial(s.rig.port);
        client_say(fd, paths[i]);
        shutdown(fd, SHUT_WR);
        for (int k = 0; k < (i == 2 ? 3 : 1); k++) assert_int_equal(client_hear(fd, false).status, 200);
        assert_true(client_at_end(fd));
        close(fd);
    }
    int fd = client_dial(s.rig.port);
    client_say(fd, "GET / HTT");
    shutdown(fd, SHUT_WR);
    assert_true(client_at_end(fd));
    close(fd);
    rig_wait_connections(&s.rig, 0);
    rig_stop(&s.rig);
}

static void answer_kept(void *data)
{
    site *s = data;
    for (int i = 0; i < s->late_count; i++) {
        s->unanswered += !net_waits(s->late[i]);
        net_reply(s->late[i], 200, &(net_answer){ .body = "kept" });
    }
    s->late_count = 0;
}

static void count_kept(void *data)
{
    site *s = data;
    s->seen = s->late_count;
}

static void wait_kept(site *s, int count)
{
    do {
        usleep(1000);
        rig_do(&s->rig, count_kept, s);
    } while (s->seen < count);
}

static void reset_and_close(int fd)
{
    struct linger now = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
}

TEST(a_request_outlives_its_client)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int gone = client_dial(s.rig.port), here = client_dial(s.rig.port);
    client_say(gone, GET("/keep", ""));
    client_say(here, GET("/keep", ""));
    wait_kept(&s, 2);
    reset_and_close(gone);
    rig_wait_connections(&s.rig, 1);
    rig_do(&s.rig, answer_kept, &s);
    assert_string_equal(client_hear(here, false).body, "kept");
    assert_int_equal(s.unanswered, 1);
    close(here);
    rig_stop(&s.rig);
}

static void free_server(void *data)
{
    site *s = data;
    net_server_free(s->rig.server);
    s->rig.server = NULL;
}

TEST(a_request_outlives_its_server)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int fd = client_dial(s.rig.port);
    client_say(fd, GET("/keep", ""));
    wait_kept(&s, 1);
    rig_do(&s.rig, free_server, &s);
    rig_do(&s.rig, answer_kept, &s);
    assert_int_equal(s.unanswered, 1);
    assert_true(client_at_end(fd));
    close(fd);
    rig_stop(&s.rig);
}

static void stop_server(void *data) { net_server_stop(((site *)data)->rig.server); }

TEST(a_server_that_stops_finishes_what_is_under_way)
{
    site s;
    site_start(&s, (net_options){ 0 });
    int idle = client_dial(s.rig.port), busy = client_dial(s.rig.port);
    client_say(idle, GET("/", ""));
    client_hear(idle, false);
    client_say(busy, GET("/keep", ""));
    wait_kept(&s, 1);
    rig_do(&s.rig, stop_server, &s);
    assert_true(client_at_end(idle));
    rig_do(&s.rig, answer_kept, &s);
    client_answer a = client_hear(busy, false);
    assert_string_equal(a.body, "kept");
    assert_string_equal(client_header(&a, "Connection"), "close");
    assert_true(client_at_end(busy));
    close(idle);
    close(busy);
    rig_wait_connections(&s.rig, 0);
    rig_stop(&s.rig);
}

/* ---- places ---- */

TEST(only_names_on_the_list_are_answered)
{
    static const char *const hosts[] = { "localhost", "127.0.0.1", "[::1]", NULL };
    site s;
    site_start(&s, (net_options){ .hosts = hosts });
    assert_int_equal(client_ask(s.rig.port, "GET / HTTP/1.1\r\nHost: localhost:8501\r\n\r\n").status, 200);
    assert_int_equal(client_ask(s.rig.port, "GET / HTTP/1.1\r\nHost: LOCALHOST\r\n\r\n").status, 200);
    assert_int_equal(client_ask(s.rig.port, "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n").status, 200);
    assert_int_equal(client_ask(s.rig.port, "GET / HTTP/1.1\r\nHost: evil.org\r\n\r\n").status, 421);
    assert_int_equal(client_ask(s.rig.port, "GET / HTTP/1.1\r\nHost: localhost.evil.org\r\n\r\n").status, 421);
    assert_int_equal(client_ask(s.rig.port, "GET / HTTP/1.0\r\n\r\n").status, 421);
    rig_stop(&s.rig);
}

TEST(when_all_places_are_taken_the_next_is_told_so)
{
    site s;
    site_start(&s, (net_options){ .connections_max = 3 });
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = client_dial(s.rig.port);
        client_say(fds[i], GET("/keep", ""));
    }
    wait_kept(&s, 3);
    int fd = client_dial(s.rig.port);
    client_say(fd, GET("/", ""));
    client_answer a = client_hear(fd, false);
    assert_int_equal(a.status, 503);
    assert_string_equal(client_header(&a, "Retry-After"), "5");
    close(fd);
    rig_do(&s.rig, answer_kept, &s);
    for (int i = 0; i < 3; i++) assert_int_equal(client_hear(fds[i], false).status, 200);
    assert_int_equal(client_ask(s.rig.port, GET("/", "")).status, 200);   /* now they only idle, and the longest idle one makes room */
    assert_true(client_at_end(fds[0]));
    client_say(fds[2], GET("/still", ""));
    assert_string_equal(client_hear(fds[2], false).body, "/still");
    for (int i = 0; i < 3; i++) close(fds[i]);
    rig_stop(&s.rig);
}

TEST(without_file_descriptors_the_server_waits_and_does_not_spin)
{
    site s;
    site_start(&s, (net_options){ .head_ms = 400 });
    struct rlimit keep, few;
    struct rusage before, after;
    int fd = client_dial(s.rig.port);                /* dialled first: the client needs a descriptor too */
    client_say(fd, GET("/keep", ""));                /* busy, so that it does not make room */
    wait_kept(&s, 1);
    int waiting = socket(AF_INET, SOCK_STREAM, 0);   /* the lowest free number, so that none below it is left */
    getrlimit(RLIMIT_NOFILE, &keep);
    few = keep;
    few.rlim_cur = (rlim_t)waiting + 1;
    setrlimit(RLIMIT_NOFILE, &few);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s.rig.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(connect(waiting, (struct sockaddr *)&address, sizeof address), 0);   /* the kernel takes it; the server cannot */
    client_say(waiting, GET("/waited", ""));
    getrusage(RUSAGE_SELF, &before);
    usleep(500000);
    getrusage(RUSAGE_SELF, &after);
    int64_t cpu_us = (after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000
        + after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec;
    client_say(fd, GET("/others", ""));              /* before the answer: between two requests it would be idle, and make room */
    rig_do(&s.rig, answer_kept, &s);                 /* who is in is still served */
    assert_string_equal(client_hear(fd, false).body, "kept");
    client_answer a = client_hear(fd, false);
    assert_string_equal(a.body, "/others");
    setrlimit(RLIMIT_NOFILE, &keep);
    a = client_hear(waiting, false);
    assert_string_equal(a.body, "/waited");
    assert_true(cpu_us < 200000);
    close(fd);
    close(waiting);
    rig_stop(&s.rig);
}

/* Sanitizers keep freed memory aside, so that only the plain build can judge. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static long resident_kb(void)
{
    long pages = 0, all;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &all, &pages), 2);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void thousand(rig *r)
{
    static int fds[1000];
    for (int i = 0; i < 1000; i++) {
        fds[i] = client_dial(r->port);
        client_say(fds[i], GET("/page", ""));
    }
    for (int i = 0; i < 1000; i++) assert_int_equal(client_hear(fds[i], false).status, 200);
    assert_int_equal(rig_connections(r), 1000);
    for (int i = 0; i < 1000; i++) close(fds[i]);
    rig_wait_connections(r, 0);
}

TEST(a_thousand_connections_come_and_go_and_memory_stays)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < 3000) skip();
    files.rlim_cur = files.rlim_cur < 3000 ? 3000 : files.rlim_cur;
    setrlimit(RLIMIT_NOFILE, &files);
    site s;
    site_start(&s, (net_options){ 0 });
    thousand(&s.rig);                                /* makes what stays: the compressor, libuv's table of descriptors */
    long before = resident_kb();
    for (int i = 0; i < 3; i++) thousand(&s.rig);
    long after = resident_kb();
    rig_stop(&s.rig);
    if (!SANITIZED && after > before + before / 10) fail_msg("%ld kB before, %ld kB after", before, after);
}

/* ---- listening ---- */

TEST(a_taken_port_is_named_with_what_to_do)
{
    site s;
    ez_err err;
    site_start(&s, (net_options){ 0 });
    assert_int_equal(net_listen_fd("127.0.0.1", s.rig.port, &err), -1);
    assert_int_equal(err.code, EZ_FAILED);
    assert_non_null(strstr(err.text, "Another program listens there"));
    assert_int_equal(net_listen_fd("256.1.1.1", 0, &err), -1);
    assert_non_null(strstr(err.text, "256.1.1.1"));
    assert_int_equal(net_listen_fd("127.0.0.1", 70000, &err), -1);
    assert_int_equal(net_listen_fd("192.0.2.1", 0, &err), -1);
    rig_stop(&s.rig);
}

typedef struct adopt { site *site; int fd; bool done; } adopt;

static void adopt_listener(void *data)
{
    adopt *a = data;
    a->done = net_adopt(a->site->rig.server, a->fd, NULL);
}

static void adopt_connection(void *data)
{
    adopt *a = data;
    a->done = net_accept_fd(a->site->rig.server, a->fd);
}

TEST(inherited_sockets_are_served)
{
    site s;
    site_start(&s, (net_options){ 0 });
    adopt listener = { .site = &s, .fd = net_listen_fd("127.0.0.1", 0, NULL) };
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(listener.fd, (struct sockaddr *)&address, &size);
    rig_do(&s.rig, adopt_listener, &listener);
    assert_true(listener.done);
    assert_string_equal(client_ask(ntohs(address.sin_port), GET("/second", "")).body, "/second");
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    adopt connection = { .site = &s, .fd = pair[1] };
    rig_do(&s.rig, adopt_connection, &connection);
    assert_true(connection.done);
    client_say(pair[0], GET("/passed", ""));
    assert_string_equal(client_hear(pair[0], false).body, "/passed");
    close(pair[0]);
    rig_stop(&s.rig);
}
