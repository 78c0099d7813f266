/* send.c: files as answers, read while they are sent, whole or in part. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

typedef struct net_sending { int fd; int64_t at, end; bool keep; } net_sending;

static void sending_free(net_connection *c)
{
    close(c->sending->fd);
    mem_free(c->sending);
    c->sending = NULL;
}

void sending_lost(net_connection *c)
{
    if (c->sending) sending_free(c);
}

void sending_go_on(net_connection *c)
{
    net_sending *s = c->sending;
    if (s->at < s->end) {
        size_t count = s->end - s->at < PIECE ? (size_t)(s->end - s->at) : PIECE;
        s->at += (int64_t)count;
        connection_write_file(c, s->fd, s->at - (int64_t)count, count);
        return;
    }
    bool keep = s->keep;
    sending_free(c);
    connection_answered(c, keep);
}

/* ---- ranges --------------------------------------------------------------------------------------------------------------- */

static bool whole_number(const char **s, int64_t *out)
{
    int64_t v = 0;
    int digits = 0;
    for (; **s >= '0' && **s <= '9' && digits < 18; ++*s, digits++) v = v * 10 + (**s - '0');
    *out = v;
    return digits > 0 && !(**s >= '0' && **s <= '9');
}

/* "bytes=0-99", "bytes=100-", "bytes=-50"; several ranges, or other units, are answered with the whole file, as a server may. 206, 416 or 200. */
static int range_of(const char *range, int64_t size, int64_t *from, int64_t *end)
{
    int64_t last;
    *from = 0;
    *end = size;
    if (!range || plain_compare_n(range, "bytes=", 6)) return 200;
    const char *s = range + 6;
    if (*s == '-') {
        s++;
        if (!whole_number(&s, &last) || *s) return 200;
        *from = last < size ? size - last : 0;
        return last && size ? 206 : 416;
    }
    if (!whole_number(&s, from) || *s++ != '-') return *from = 0, 200;
    if (*s) {
        if (!whole_number(&s, &last) || *s || last < *from) return *from = 0, 200;
        if (last < size - 1) *end = last + 1;
    }
    return *from < size ? 206 : 416;
}

/* A part of another state of the file would not fit to what the client has. */
static bool range_still_holds(const net_request *rq, const char *etag)
{
    const char *state = net_header(rq, "if-range");
    return !state || (etag && *state == '"' && !strncmp(state + 1, etag, strlen(etag)) && state[1 + strlen(etag)] == '"');
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------- */

static void print_head(text *head, const net_file *f, int status, int64_t from, int64_t end)
{
    const char *const headers[] = { "Content-Type", f->type, "Cache-Control", f->cache ? f->cache : "no-store", NULL };
    reply_headers(head, headers);
    reply_headers(head, f->headers);
    text_puts(head, "Accept-Ranges: bytes\r\n");
    if (f->etag) text_printf(head, "ETag: \"%s\"\r\n", f->etag);
    if (status == 206) text_printf(head, "Content-Range: bytes %lld-%lld/%lld\r\n", (long long)from, (long long)end - 1, (long long)f->size);
    if (status == 416) text_printf(head, "Content-Range: bytes */%lld\r\n", (long long)f->size);
    if (status != 304) text_printf(head, "Content-Length: %lld\r\n", status == 416 ? 0ll : (long long)(end - from));
    text_puts(head, "\r\n");
}

void net_reply_file(net_request *rq, const net_file *f)
{
    net_connection *c;
    int64_t from, end;
    int status = range_of(range_still_holds(rq, f->etag) ? net_header(rq, "range") : NULL, f->size, &from, &end);
    if (reply_is_known(rq, f->etag)) status = 304;
    http_request *inside = reply_detach(rq, &c);
    if (!c) {
        close(f->fd);
        http_request_free(inside);
        return;
    }
    bool keep = reply_keeps(inside, c), body = (status == 200 || status == 206) && strcmp(rq->method, "HEAD") && end > from;
    text head = { .arena = rq->arena };
    reply_start(&head, inside, c, status, keep);
    print_head(&head, f, status, from, end);
    uv_buf_t buf = uv_buf_init(head.at, (unsigned)head.count);
    if (body) {
        c->sending = mem_alloc(sizeof *c->sending);
        *c->sending = (net_sending){ f->fd, from, end, keep };
    } else {
        close(f->fd);
    }
    connection_write(c, &buf, 1, false);
    http_request_free(inside);
    if (!body) connection_answered(c, keep);
    else if (!c->blocked && c->state != NET_CLOSED) sending_go_on(c);
}
