/* send_test.c: bodies that are taken as they come, and files as answers, over real sockets. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_test.h"
#include "net/connection.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SIZE = 3000000 };

typedef struct site { rig rig; char path[40]; int done, taken, pieces, done_seen; } site;
typedef struct upload { site *of; size_t count; bool full; } upload;

static int take(void *data, const char *bytes, size_t count, const char **why)
{
    upload *u = data;
    (void)bytes;
    u->count += count;
    u->of->pieces++;
    if (!u->full) return 0;
    *why = "There is no room.";
    return 507;
}

static void done(void *data)
{
    upload *u = data;
    u->of->done++;
    mem_free(u);
}

static bool sink(net_request *rq, net_sink *to, void *data)
{
    if (strncmp(rq->path, "/upload", 7)) return false;
    upload *u = mem_alloc(sizeof *u);
    *u = (upload){ data, 0, !strcmp(rq->path, "/upload-full") };
    *to = (net_sink){ 5000000, take, done, u };
    return true;
}

static void serve(net_request *rq, void *data)
{
    site *s = data;
    if (!strcmp(rq->path, "/file")) {
        net_reply_file(rq, &(net_file){ open(s->path, O_RDONLY), SIZE, "application/octet-stream", .etag = "abc", .headers = (const char *const[]){ "X-Kind", "file", NULL } });
    } else if (!strcmp(rq->path, "/shrunk")) {
        net_reply_file(rq, &(net_file){ open(s->path, O_RDONLY), SIZE + 10, "application/octet-stream", .etag = NULL });
    } else if (rq->data) {
        upload *u = rq->data;
        s->taken++;
        net_reply(rq, 200, &(net_answer){ .body = arena_printf(rq->arena, "%zu", u->count) });
    } else {
        net_reply(rq, 200, &(net_answer){ .body = arena_printf(rq->arena, "in memory %zu", rq->count) });
    }
}

static void look(void *data)
{
    site *s = data;
    s->done_seen = s->done;
}

static void wait_done(site *s, int count)
{
    for (int i = 0; i < 500; i++) {
        rig_do(&s->rig, look, s);
        if (s->done_seen == count) return;
        usleep(20000);
    }
    fail_msg("%d were given back, not %d", s->done_seen, count);
}

static char byte_at(int64_t i) { return (char)('a' + i % 23); }

static void site_start(site *s)
{
    memset(s, 0, sizeof *s);
    strcpy(s->path, "/tmp/easel-send-test-XXXXXX");
    int fd = mkstemp(s->path);
    char *all = mem_resize(NULL, SIZE);
    for (int i = 0; i < SIZE; i++) all[i] = byte_at(i);
    assert_int_equal(write(fd, all, SIZE), SIZE);
    mem_free(all);
    close(fd);
    rig_start(&s->rig, &(net_options){ .handler = serve, .data = s, .sink = sink, .body_max = 1000 });
}

static void site_end(site *s)
{
    rig_stop(&s->rig);
    unlink(s->path);
}

static client_answer ask(site *s, const char *head, const char *body, size_t count)
{
    int fd = client_dial(s->rig.port);
    client_say(fd, head);
    for (size_t at = 0; at < count;) {
        ssize_t sent = send(fd, body + at, count - at, MSG_NOSIGNAL);
        if (sent <= 0) break;
        at += (size_t)sent;
    }
    client_answer a = client_hear(fd, !strncmp(head, "HEAD", 4));
    close(fd);
    return a;
}

TEST(a_body_that_somebody_takes_needs_no_memory_and_may_be_larger)
{
    site s;
    site_start(&s);
    char *body = mem_alloc(4000001);
    memset(body, 'x', 4000000);
    client_answer a = ask(&s, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n", body, 4000000);
    assert_int_equal(a.status, 200);
    assert_string_equal(a.body, "4000000");
    a = ask(&s, "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n", "", 0);
    assert_string_equal(a.body, "8");
    a = ask(&s, "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", "hello", 5);
    assert_string_equal(a.body, "in memory 5");
    a = ask(&s, "POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", "", 0);
    assert_int_equal(a.status, 413);
    mem_free(body);
    site_end(&s);
    assert_true(s.pieces > 10);
    assert_int_equal(s.taken, 2);
    assert_int_equal(s.done, 2);
}

TEST(a_body_that_does_not_fit_is_refused_and_given_back)
{
    site s;
    site_start(&s);
    client_answer a = ask(&s, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 5000001\r\n\r\n", "", 0);
    assert_int_equal(a.status, 413);
    a = ask(&s, "POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", "", 0);
    assert_int_equal(a.status, 413);
    a = ask(&s, "POST /upload-full HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", "hello", 5);
    assert_int_equal(a.status, 507);
    assert_string_equal(a.body, "There is no room.\n");
    int fd = client_dial(s.rig.port);
    client_say(fd, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nhalf");
    close(fd);
    wait_done(&s, 4);
    site_end(&s);
    assert_int_equal(s.taken, 0);
}

static void has_range(site *s, const char *headers, int status, int64_t from, int64_t end, const char *said)
{
    char head[200];
    snprintf(head, sizeof head, "GET /file HTTP/1.1\r\nHost: a\r\n%s\r\n", headers);
    client_answer a = ask(s, head, "", 0);
    assert_int_equal(a.status, status);
    assert_int_equal(a.count, end - from);
    for (int64_t i = from; i < end; i++)
        if (a.body[i - from] != byte_at(i)) fail_msg("byte %lld of %s", (long long)i, headers);
    const char *range = client_header(&a, "Content-Range");
    if (said) assert_string_equal(range, said);
    else assert_null(range);
}

TEST(a_file_comes_whole_or_the_part_that_was_asked_for)
{
    site s;
    site_start(&s);
    has_range(&s, "", 200, 0, SIZE, NULL);
    has_range(&s, "Range: bytes=0-99\r\n", 206, 0, 100, "bytes 0-99/3000000");
    has_range(&s, "Range: bytes=1000000-\r\n", 206, 1000000, SIZE, "bytes 1000000-2999999/3000000");
    has_range(&s, "Range: bytes=-5\r\n", 206, SIZE - 5, SIZE, "bytes 2999995-2999999/3000000");
    has_range(&s, "Range: bytes=2999999-4000000\r\n", 206, SIZE - 1, SIZE, "bytes 2999999-2999999/3000000");
    has_range(&s, "Range: bytes=3000000-\r\n", 416, 0, 0, "bytes */3000000");
    has_range(&s, "Range: bytes=5-2\r\n", 200, 0, SIZE, NULL);
    has_range(&s, "Range: bytes=0-1,5-6\r\n", 200, 0, SIZE, NULL);
    has_range(&s, "Range: bytes=99999999999999999999-\r\n", 200, 0, SIZE, NULL);
    has_range(&s, "Range: bytes=0-9\r\nIf-Range: \"abc\"\r\n", 206, 0, 10, "bytes 0-9/3000000");
    has_range(&s, "Range: bytes=0-9\r\nIf-Range: \"other\"\r\n", 200, 0, SIZE, NULL);
    has_range(&s, "If-None-Match: \"abc\"\r\n", 304, 0, 0, NULL);
    client_answer a = ask(&s, "HEAD /file HTTP/1.1\r\nHost: a\r\n\r\n", "", 0);
    assert_string_equal(client_header(&a, "Content-Length"), "3000000");
    assert_string_equal(client_header(&a, "X-Kind"), "file");
    site_end(&s);
}

TEST(a_connection_goes_on_after_a_file_and_ends_when_the_file_is_shorter_than_told)
{
    site s;
    site_start(&s);
    int fd = client_dial(s.rig.port);
    client_say(fd, "GET /file HTTP/1.1\r\nHost: a\r\n\r\nPOST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    client_answer a = client_hear(fd, false);
    assert_int_equal(a.count, SIZE);
    a = client_hear(fd, false);
    assert_string_equal(a.body, "in memory 2");
    client_say(fd, "GET /shrunk HTTP/1.1\r\nHost: a\r\n\r\n");
    char *rest = mem_alloc(SIZE + 4000);
    ssize_t got, all = 0;
    while ((got = recv(fd, rest, SIZE, 0)) > 0) all += got;
    assert_true(all > 0 && all < SIZE + 10);
    mem_free(rest);
    close(fd);
    site_end(&s);
}

TEST(a_reader_who_leaves_in_the_middle_costs_nothing)
{
    site s;
    site_start(&s);
    for (int i = 0; i < 20; i++) {
        int fd = client_dial(s.rig.port);
        char some[1000];
        client_say(fd, "GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(recv(fd, some, sizeof some, 0) > 0);
        close(fd);
    }
    has_range(&s, "Range: bytes=0-9\r\n", 206, 0, 10, "bytes 0-9/3000000");
    site_end(&s);
}
