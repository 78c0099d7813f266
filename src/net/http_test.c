/* http_test.c: requests from bytes, however they are cut; what is refused, and why. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "net/http.h"
#include <stdio.h>
#include <string.h>

/* Feeds bytes in pieces of `step`; returns the event at which reading stopped and how many bytes it took. */
static http_event feed(http_reader *r, const char *bytes, size_t count, size_t step, size_t *taken)
{
    *taken = 0;
    while (*taken < count) {
        size_t used, part = count - *taken < step ? count - *taken : step;
        http_event event = http_read(r, bytes + *taken, part, &used);
        *taken += used;
        if (event == HTTP_DONE || event == HTTP_BAD) return event;
        assert_true(used > 0);
    }
    return HTTP_MORE;
}

static const size_t steps[] = { 1, 2, 3, 7, 16, 61, 100000 };

static int status_of(const char *request)
{
    int status = -1;
    for (int i = 0; i < COUNT(steps); i++) {
        size_t taken;
        http_reader *r = http_reader_new(1000, NULL, NULL);
        http_event event = feed(r, request, strlen(request), steps[i], &taken);
        int now = event == HTTP_BAD ? http_status(r) : event == HTTP_DONE ? 200 : 0;
        if (status >= 0 && now != status) fail_msg("in pieces of %zu the request gives %d, not %d", steps[i], now, status);
        status = now;
        if (event == HTTP_BAD) assert_true(strlen(http_reason(r)) > 0);
        http_reader_free(r);
    }
    return status;
}

TEST(a_request_is_the_same_however_its_bytes_are_cut)
{
    const char *bytes = "POST /a%20b/%C3%BC?q=1&r=x%26y HTTP/1.1\r\nHost: example.org:80\r\nX-Long:   some value \t\r\nEmpty:\r\n"
                        "Cookie: a=1; sid=\"two\"\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n";
    for (int i = 0; i < COUNT(steps); i++) {
        size_t taken;
        http_reader *r = http_reader_new(1000, NULL, NULL);
        assert_int_equal(feed(r, bytes, strlen(bytes), steps[i], &taken), HTTP_DONE);
        assert_string_equal(bytes + taken, "GET / HTTP/1.1\r\n");
        http_request *rq = http_take(r);
        net_request *q = &rq->public;
        assert_string_equal(q->method, "POST");
        assert_string_equal(q->path, "/a b/ü");
        assert_string_equal(q->raw_path, "/a%20b/%C3%BC");
        assert_string_equal(q->query, "q=1&r=x%26y");
        assert_string_equal(q->body, "hello");
        assert_int_equal(q->count, 5);
        assert_string_equal(net_header(q, "x-long"), "some value");
        assert_string_equal(net_header(q, "EMPTY"), "");
        assert_null(net_header(q, "absent"));
        assert_string_equal(net_cookie(q, "sid"), "two");
        assert_string_equal(net_query(q, "r"), "x&y");
        assert_true(rq->keep_alive);
        http_request_free(rq);
        assert_false(http_begun(r));
        http_reader_free(r);
    }
}

TEST(chunked_bodies_are_joined_and_trailers_dropped)
{
    const char *bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;ext=1\r\n \r\n6\r\nworld!\r\n0\r\nTrailer: x\r\n\r\nREST";
    for (int i = 0; i < COUNT(steps); i++) {
        size_t taken;
        http_reader *r = http_reader_new(1000, NULL, NULL);
        assert_int_equal(feed(r, bytes, strlen(bytes), steps[i], &taken), HTTP_DONE);
        assert_string_equal(bytes + taken, "REST");
        http_request *rq = http_take(r);
        assert_string_equal(rq->public.body, "hello world!");
        assert_null(net_header(&rq->public, "trailer"));
        http_request_free(rq);
        http_reader_free(r);
    }
}

TEST(keep_alive_follows_version_and_header)
{
    static const struct { const char *bytes; bool keep; } rows[] = {
        { "GET / HTTP/1.1\r\nHost: a\r\n\r\n", true },
        { "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false },
        { "GET / HTTP/1.0\r\n\r\n", false },
        { "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
        { "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n\r\n", true },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        size_t taken;
        http_reader *r = http_reader_new(1000, NULL, NULL);
        assert_int_equal(feed(r, rows[i].bytes, strlen(rows[i].bytes), 100000, &taken), HTTP_DONE);
        assert_int_equal(taken, strlen(rows[i].bytes));
        http_request *rq = http_take(r);
        assert_int_equal(rq->keep_alive, rows[i].keep);
        http_request_free(rq);
        http_reader_free(r);
    }
}

TEST(an_expectation_is_reported_before_the_body)
{
    const char *head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    size_t used;
    http_reader *r = http_reader_new(1000, NULL, NULL);
    assert_int_equal(http_read(r, head, strlen(head), &used), HTTP_CONTINUE);
    assert_true(http_in_body(r));
    assert_int_equal(http_read(r, "o", 1, &used), HTTP_MORE);
    assert_int_equal(http_body_seen(r), 1);
    assert_int_equal(http_read(r, "k", 1, &used), HTTP_DONE);
    http_reader_free(r);
}

TEST(bad_requests_get_the_status_that_says_why)
{
    static const struct { int status; const char *bytes; } rows[] = {
        { 200, "GET / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 200, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 200, "GET http://example.org/x?y HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 200, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "hello\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
        { 400, "GET / HTTP/1.1\nHost: a\n\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nX: one\r\n two\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nX y: b\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n" },
        { 400, "GET nopath HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { 400, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" },
        { 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { 413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" },
        { 413, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n" },
        { 417, "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 5\r\n\r\n" },
        { 501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { 501, "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 501, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/3.0\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        int status = status_of(rows[i].bytes);
        if (status != rows[i].status) fail_msg("%d instead of %d for: %s", status, rows[i].status, rows[i].bytes);
    }
}

/* Where a proxy and a server could see different ends of a request, there is one answer only: 400 and the end of the connection. */
TEST(requests_that_two_servers_could_read_differently_are_refused)
{
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
    static const struct { int status; const char *bytes; } rows[] = {
        { 400, POST "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG" },
        { 400, POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\nGPOST" },
        { 400, POST "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" },
        { 400, POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
        { 400, POST "Content-Length: 5, 5\r\n\r\nhello" },
        { 400, POST "Content-Length: +5\r\n\r\nhello" },
        { 400, POST "Content-Length: 0x5\r\n\r\nhello" },
        { 400, POST "Content-Length: 5 5\r\n\r\nhello" },
        { 400, POST "Content-Length:\r\n\r\n" },
        { 400, POST "Content-Length: 18446744073709551616\r\n\r\n" },
        { 400, POST "Content-Length: 18446744073709551617\r\n\r\nh" },
        { 400, POST "Content-Length : 5\r\n\r\nhello" },
        { 400, POST "Content-Length\t: 5\r\n\r\nhello" },
        { 400, POST " Content-Length: 5\r\n\r\nhello" },
        { 400, POST "X: y\r\n\tContent-Length: 5\r\n\r\nhello" },
        { 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx" },
        { 400, POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" },
        { 501, POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { 501, POST "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n" },
        { 501, POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" },
        { 501, POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding: \x0b""chunked\r\n\r\n0\r\n\r\n" },
        { 501, POST "Transfer-Encoding: chun\tked\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding\r\n : chunked\r\n\r\n0\r\n\r\n" },
        { 400, POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" },
        { 200, POST "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n" },
        { 400, POST "Content-Length: 5\nX: y\r\n\r\nhello" },
        { 400, POST "Content-Length: 5\r\nX: y\n\nhello" },
        { 400, POST "Content-Length: 5\r\n\nhello" },
        { 400, POST "Content-Length: 5\r\rX: y\r\n\r\nhello" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nX\xc3\xa4: y\r\n\r\n" },
        { 400, "GET / HTTP/1.1\r\nHost: a\r\nX(: y\r\n\r\n" },
        { 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET / x HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 501, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/1.1x\r\nHost: a\r\n\r\n" },
        { 400, "GET / http/1.1\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/1,1\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/1.2\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/0.9\r\nHost: a\r\n\r\n" },
        { 505, "GET / HTTP/9.9\r\nHost: a\r\n\r\n" },
        { 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { 505, "GET /\r\n\r\n" },                  /* HTTP/0.9 */
        { 501, "QUERY / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 501, "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "get / HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "* * HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 200, "GET http://other:99/x HTTP/1.1\r\nHost: a\r\n\r\n" },
        { 400, "GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        int status = status_of(rows[i].bytes);
        if (status != rows[i].status) fail_msg("%d instead of %d for: %s", status, rows[i].status, rows[i].bytes);
    }
}

TEST(chunks_that_are_not_well_formed_are_refused)
{
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"
    static const struct { int status; const char *chunks; } rows[] = {
        { 200, "5\r\nhello\r\n0\r\n\r\n" },
        { 200, "0005\r\nhello\r\n000\r\n\r\n" },
        { 200, "5;a=b\r\nhello\r\n0\r\n\r\n" },
        { 200, "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\nX: y\r\nZ: z\r\n\r\n" },
        { 400, "x\r\n" }, { 400, "-1\r\n" }, { 400, "+5\r\nhello\r\n" }, { 400, "0x5\r\nhello\r\n" }, { 400, " 5\r\nhello\r\n" }, { 400, "\r\n" }, { 400, ";a\r\n" },
        { 400, "5 \r\nhello\r\n" }, { 400, "5\t\r\nhello\r\n" },
        { 400, "5\nhello\r\n0\r\n\r\n" }, { 400, "5\rhello\r\n0\r\n\r\n" }, { 400, "5;a\nhello\r\n0\r\n\r\n" },
        { 400, "5\r\nhello0\r\n\r\n" }, { 400, "5\r\nhello\n0\r\n\r\n" }, { 400, "5\r\nhello\r0\r\n\r\n" }, { 400, "5\r\nhello!\r\n0\r\n\r\n" },
        { 400, "10000000000000000\r\nx" }, { 400, "fffffffffffffffff\r\nx" },
        { 413, "ffffffffffffffff\r\nx" }, { 413, "7fffffffffffffff\r\nx" }, { 413, "3e9\r\nx" },
        { 400, "0\r\nX: y\n\r\n" }, { 400, "0\r\n X: y\r\n\r\n" }, { 400, "0\r\nX : y\r\n\r\n" }, { 400, "0\r\nno colon\r\n\r\n" },
        { 0, "5\r\nhel" }, { 0, "5\r\nhello\r\n" }, { 0, "0\r\n" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        char request[500];
        snprintf(request, sizeof request, "%s%s", CHUNKED, rows[i].chunks);
        int status = status_of(request);
        if (status != rows[i].status) fail_msg("%d instead of %d for: %s", status, rows[i].status, rows[i].chunks);
    }
}

TEST(paths_that_climb_or_hide_are_refused)
{
    static const struct { int status; const char *path; } rows[] = {
        { 200, "/" }, { 200, "/a/b" }, { 200, "/a..b/..c/d.." }, { 200, "/." }, { 200, "/%E4%BD%A0" }, { 200, "/a+b" }, { 200, "//" },
        { 400, "/.." }, { 400, "/../x" }, { 400, "/a/../b" }, { 400, "/a/.." }, { 400, "/%2e%2e/x" }, { 400, "/a%2f..%2fb" }, { 400, "/a/%2e%2E" },
        { 400, "/..%5cx" }, { 400, "/a\\..\\b" }, { 400, "/%00" }, { 400, "/a%0ab" }, { 400, "/%" }, { 400, "/%4" }, { 400, "/%zz" }, { 400, "/%ff" }, { 400, "/%c0%ae" }, { 400, "/%7f" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        char request[200];
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i].path);
        int status = status_of(request);
        if (status != rows[i].status) fail_msg("%d instead of %d for %s", status, rows[i].status, rows[i].path);
    }
}

TEST(heads_and_bodies_have_limits)
{
    text t = { 0 };
    text_puts(&t, "GET / HTTP/1.1\r\nHost: a\r\n");
    while (t.count < 20000) text_puts(&t, "X-Filler: 0123456789\r\n");
    assert_int_equal(status_of(t.at), 431);
    text_clear(&t);
    text_puts(&t, "GET /");
    while (t.count < 20000) text_putc(&t, 'a');
    assert_int_equal(status_of(t.at), 414);
    for (int more = -1; more <= 1; more++) {         /* a head of one byte less, of as many as are allowed, of one more */
        text_clear(&t);
        text_puts(&t, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
        while (t.count < (size_t)(HTTP_HEAD_MAX + more - 4)) text_putc(&t, 'a');
        text_puts(&t, "\r\n\r\n");
        assert_int_equal(t.count, HTTP_HEAD_MAX + more);
        assert_int_equal(status_of(t.at), more > 0 ? 431 : 200);
        text_clear(&t);
        text_puts(&t, "GET /");
        while (t.count < (size_t)(HTTP_HEAD_MAX + more - 20)) text_putc(&t, 'a');
        text_puts(&t, " HTTP/1.1\r\nHost:\r\n\r\n");
        assert_int_equal(status_of(t.at), more > 0 ? 431 : 200);
        text_clear(&t);
        text_puts(&t, "GET /");
        while (t.count < (size_t)(HTTP_HEAD_MAX + more)) text_putc(&t, 'a');
        text_puts(&t, "\r\n");                     /* the line alone does not leave room for its end */
        assert_int_equal(status_of(t.at), 414);
        text_clear(&t);
        text_puts(&t, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 1; i < HTTP_FIELDS_MAX + more; i++) text_puts(&t, "X:y\r\n");
        text_puts(&t, "\r\n");
        assert_int_equal(status_of(t.at), more > 0 ? 431 : 200);
        text_clear(&t);
        text_printf(&t, POST "Content-Length: %d\r\n\r\n%0*d", 1000 + more, 1000 + more, 0);
        assert_int_equal(status_of(t.at), more > 0 ? 413 : 200);
        text_clear(&t);
        text_printf(&t, CHUNKED "1f4\r\n%0500d\r\n%x\r\n%0*d\r\n0\r\n\r\n", 0, (unsigned)(500 + more), 500 + more, 0);
        assert_int_equal(status_of(t.at), more > 0 ? 413 : 200);
    }
    text_clear(&t);
    text_puts(&t, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 70; i++) text_puts(&t, "10\r\n0123456789abcdef\r\n");
    assert_int_equal(status_of(t.at), 413);
    text_clear(&t);
    text_puts(&t, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    for (int i = 0; i < 1000; i++) text_puts(&t, "X-Trailer: 0123456789\r\n");
    assert_int_equal(status_of(t.at), 431);
    text_clear(&t);
    text_puts(&t, CHUNKED "1;");                     /* an extension that never ends */
    while (t.count < 20000) text_putc(&t, 'e');
    assert_int_equal(status_of(t.at), 431);
    text_clear(&t);
    text_puts(&t, CHUNKED);                          /* a size whose zeros never end */
    while (t.count < 20000) text_putc(&t, '0');
    assert_int_equal(status_of(t.at), 431);
    text_clear(&t);
    text_puts(&t, CHUNKED);                          /* many small ones, behind chunks of one byte */
    for (int i = 0; i < 900; i++) text_puts(&t, "1;extension=0123456789abcdef\r\nx\r\n");
    assert_int_equal(status_of(t.at), 431);
    text_clear(&t);
    text_puts(&t, CHUNKED);                          /* chunks of one byte alone are fine */
    for (int i = 0; i < 1000; i++) text_puts(&t, "1\r\nx\r\n");
    text_puts(&t, "0\r\n\r\n");
    assert_int_equal(status_of(t.at), 200);
    text_done(&t);
}

static http_request *request_from(const char *bytes)
{
    size_t used;
    http_reader *r = http_reader_new(1000, NULL, NULL);
    assert_int_equal(http_read(r, bytes, strlen(bytes), &used), HTTP_DONE);
    http_request *rq = http_take(r);
    http_reader_free(r);
    return rq;
}

TEST(queries_and_cookies_are_found_by_name)
{
    http_request *rq = request_from("GET /?a=1&b=x+y&b=2&%63=%C3%BC&d&e=%ff&f=100%&=z HTTP/1.1\r\nHost: a\r\nCookie: one=1; two=2 ;three=\r\nCookie: four=4=4; xone=9\r\n\r\n");
    net_request *q = &rq->public;
    assert_string_equal(net_query(q, "a"), "1");
    assert_string_equal(net_query(q, "b"), "x y");
    assert_string_equal(net_query(q, "c"), "ü");
    assert_string_equal(net_query(q, "d"), "");
    assert_null(net_query(q, "e"));
    assert_string_equal(net_query(q, "f"), "100%");
    assert_null(net_query(q, "g"));
    assert_string_equal(net_cookie(q, "one"), "1");
    assert_string_equal(net_cookie(q, "two"), "2");
    assert_string_equal(net_cookie(q, "three"), "");
    assert_string_equal(net_cookie(q, "four"), "4=4");
    assert_null(net_cookie(q, "ne"));
    http_request_free(rq);
}

static void codings_are_accepted(void)
{
    assert_true(http_accepts_coding("gzip, deflate, br", "br"));
    assert_true(http_accepts_coding("GZIP;q=0.5", "gzip"));
    assert_true(http_accepts_coding("*", "gzip"));
    assert_false(http_accepts_coding("gzip;q=0, *;q=1", "gzip"));
    assert_false(http_accepts_coding("gzip; q=0.0", "gzip"));
    assert_false(http_accepts_coding("xgzip", "gzip"));
    assert_false(http_accepts_coding("br", "gzip"));
    assert_false(http_accepts_coding(NULL, "gzip"));
    assert_false(http_accepts_coding("", "gzip"));
    assert_true(http_list_has("keep-alive, Upgrade", "upgrade"));
    assert_false(http_list_has("keep-alive", "upgrade"));
    http_request *rq = request_from("GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html, text/event-stream;q=0.9, */*\r\n\r\n");
    assert_true(net_accepts(&rq->public, "text/event-stream"));
    assert_false(net_accepts(&rq->public, "application/json"));
    http_request_free(rq);
}

TEST(codings_and_types_are_accepted_by_weight)
{
    codings_are_accepted();
    /* A comma for a point, and another small I. */
    for (int i = 0; i < 2; i++) {
        test_locale(i ? "tr_TR" : "de_DE");
        codings_are_accepted();
        test_locale(NULL);
    }
}

TEST(only_pages_of_the_same_origin_may_act)
{
    static const struct { bool same; const char *method, *headers; } rows[] = {
        { true, "GET", "" },
        { true, "GET", "Sec-Fetch-Site: cross-site\r\n" },
        { true, "POST", "" },
        { true, "POST", "Sec-Fetch-Site: same-origin\r\nOrigin: https://other.org\r\n" },
        { true, "POST", "Origin: http://me.org:8501\r\n" },
        { true, "POST", "Sec-Fetch-Site: none\r\n" },
        { false, "GET", "Origin: http://evil.org\r\n" },
        { false, "POST", "Origin: http://evil.org\r\n" },
        { false, "POST", "Origin: http://me.org\r\n" },
        { false, "POST", "Origin: http://me.org:8501.evil.org\r\n" },
        { false, "POST", "Origin: null\r\n" },
        { false, "POST", "Origin: file://me.org:8501\r\n" },
        { false, "POST", "Sec-Fetch-Site: cross-site\r\n" },
        { false, "POST", "Sec-Fetch-Site: same-site\r\nOrigin: http://me.org:8501\r\n" },
        { false, "GET", "Sec-Fetch-Site: cross-site\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" },
        { false, "GET", "Origin: http://evil.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" },
        { true, "GET", "Origin: http://ME.org:8501\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        char bytes[500];
        snprintf(bytes, sizeof bytes, "%s / HTTP/1.1\r\nHost: me.org:8501\r\n%s\r\n", rows[i].method, rows[i].headers);
        http_request *rq = request_from(bytes);
        if (net_same_origin(&rq->public) != rows[i].same) fail_msg("the origin is misjudged: %s", bytes);
        http_request_free(rq);
    }
    http_request *rq = request_from("POST / HTTP/1.1\r\nHost: me.org\r\nOrigin: https://me.org:443\r\n\r\n");
    assert_true(net_same_origin(&rq->public));
    http_request_free(rq);
}
