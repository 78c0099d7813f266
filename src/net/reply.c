/* reply.c: answers: heads, compression, embedded files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/connection.h"
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum {
    REPLY_GZIP_FROM = 1024,                          /* smaller bodies fit into one packet anyway */
    REPLY_GZIP_LEVEL = 4,                            /* a page of 46 kB: level 1 takes 0.15 ms and leaves 7.0 kB, 4: 0.25 and 6.4, 6: 0.34 and 5.9 */
};

const char *reply_reason(int status)
{
    static const struct { int status; const char *reason; } reasons[] = {
        { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 206, "Partial Content" }, { 301, "Moved Permanently" }, { 302, "Found" },
        { 303, "See Other" }, { 304, "Not Modified" }, { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" }, { 400, "Bad Request" },
        { 401, "Unauthorized" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 408, "Request Timeout" },
        { 409, "Conflict" }, { 410, "Gone" }, { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
        { 416, "Range Not Satisfiable" }, { 417, "Expectation Failed" }, { 421, "Misdirected Request" }, { 422, "Unprocessable Content" }, { 426, "Upgrade Required" },
        { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
        { 503, "Service Unavailable" }, { 504, "Gateway Timeout" }, { 505, "HTTP Version Not Supported" }, { 507, "Insufficient Storage" },
    };
    for (int i = 0; i < COUNT(reasons); i++)
        if (reasons[i].status == status) return reasons[i].reason;
    return "Status";
}

/* A line break in a name or value would let a visitor write headers of his own. */
void reply_headers(text *t, const char *const *headers)
{
    for (; headers && headers[0] && headers[1]; headers += 2)
        if (!strpbrk(headers[0], "\r\n") && !strpbrk(headers[1], "\r\n")) text_printf(t, "%s: %s\r\n", headers[0], headers[1]);
}

http_request *reply_detach(net_request *rq, net_connection **c)
{
    http_request *inside = http_inside(rq);
    *c = inside->connection;
    if (*c) (*c)->rq = NULL;
    inside->connection = NULL;
    return inside;
}

bool net_waits(const net_request *rq) { return http_inside(rq)->connection != NULL; }

void reply_start(text *t, const http_request *rq, net_connection *c, int status, bool keep)
{
    text_printf(t, "HTTP/1.1 %d %s\r\nDate: %s\r\nX-Content-Type-Options: nosniff\r\n", status, reply_reason(status), server_date(c->server));
    if (!keep) text_puts(t, "Connection: close\r\n");
    else if (!rq->minor) text_puts(t, "Connection: keep-alive\r\n");
    reply_headers(t, rq->public.headers);
}

/* Head and body leave in one write; the request ends. */
static void reply_finish(http_request *rq, net_connection *c, text *head, const char *body, size_t count, bool stays, bool keep)
{
    bool head_only = !strcmp(rq->public.method, "HEAD") || !count;
    text_puts(head, "\r\n");
    uv_buf_t bufs[2] = { uv_buf_init(head->at, (unsigned)head->count), uv_buf_init((char *)body, (unsigned)count) };
    connection_write(c, bufs, head_only ? 1 : 2, stays && !head_only);
    http_request_free(rq);
    connection_answered(c, keep);
}

bool reply_keeps(const http_request *rq, const net_connection *c) { return rq->keep_alive && !c->server->stopping; }

/* ---- what a handler has made ---- */

static bool reply_compressible(const char *type)
{
    size_t count = strcspn(type, "; ");
    static const char *const known[] = { "application/json", "application/javascript", "application/xml", "image/svg+xml", "application/manifest+json" };
    if (!plain_compare_n(type, "text/", 5)) return plain_compare_n(type, "text/event-stream", 17) != 0;
    for (int i = 0; i < COUNT(known); i++)
        if (strlen(known[i]) == count && !plain_compare_n(type, known[i], count)) return true;
    return count > 5 && !plain_compare_n(type + count - 5, "+json", 5);
}

/* One deflate state serves all answers, as each body is compressed in one go. */
static bool reply_gzip(net_server *s, const char *body, size_t count, text *out)
{
    if (!s->gzip) {
        s->gzip = mem_alloc(sizeof *s->gzip);
        if (deflateInit2(s->gzip, REPLY_GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            mem_free(s->gzip);
            s->gzip = NULL;
            return false;
        }
    }
    z_stream *z = s->gzip;
    deflateReset(z);
    size_t room = deflateBound(z, count);
    char *at = arena_alloc(out->arena, room);
    z->next_in = (unsigned char *)body;
    z->avail_in = (unsigned)count;
    z->next_out = (unsigned char *)at;
    z->avail_out = (unsigned)room;
    if (deflate(z, Z_FINISH) != Z_STREAM_END || z->total_out >= count) return false;
    out->at = at;
    out->count = z->total_out;
    return true;
}

void net_reply(net_request *rq, int status, const net_answer *a)
{
    static const net_answer empty = { 0 };
    net_connection *c;
    http_request *inside = reply_detach(rq, &c);
    if (!c) { http_request_free(inside); return; }
    if (!a) a = &empty;
    const char *body = a->body ? a->body : "", *type = a->type ? a->type : "text/plain; charset=utf-8";
    size_t count = a->count ? a->count : strlen(body);
    bool keep = reply_keeps(inside, c), bodiless = status == 204 || status == 304 || status < 200;
    text head = { .arena = rq->arena }, packed = { .arena = rq->arena };
    reply_start(&head, inside, c, status, keep);
    if (!bodiless) {
        bool may = count > REPLY_GZIP_FROM && !a->no_gzip && reply_compressible(type);
        if (may) text_puts(&head, "Vary: Accept-Encoding\r\n");
        if (may && http_accepts_coding(net_header(rq, "accept-encoding"), "gzip") && reply_gzip(c->server, body, count, &packed)) {
            text_puts(&head, "Content-Encoding: gzip\r\n");
            body = packed.at;
            count = packed.count;
        }
        const char *const typed[] = { "Content-Type", type, NULL };
        reply_headers(&head, typed);
        text_printf(&head, "Content-Length: %zu\r\n", count);
    }
    const char *const cached[] = { "Cache-Control", a->cache ? a->cache : "no-store", NULL };
    reply_headers(&head, cached);
    reply_headers(&head, a->headers);
    reply_finish(inside, c, &head, body, bodiless ? 0 : count, false, keep);
}

/* ---- what lies in memory ---- */

/* If-None-Match: a list of tags, weak or not, or "*". */
bool reply_is_known(const net_request *rq, const char *etag)
{
    const char *list = net_header(rq, "if-none-match");
    if (!list || !etag) return false;
    if (!strcmp(list, "*")) return true;
    size_t length = strlen(etag);
    for (const char *s = strchr(list, '"'); s; s = strchr(s + 1, '"'))
        if (!strncmp(s + 1, etag, length) && s[1 + length] == '"') return true;
    return false;
}

void net_reply_asset(net_request *rq, const net_asset *asset)
{
    bool get = !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD");
    if (!get) {
        net_reply(rq, 405, &(net_answer){ .body = "Files are read with GET.\n", .headers = (const char *const[]){ "Allow", "GET, HEAD", NULL } });
        return;
    }
    net_connection *c;
    http_request *inside = reply_detach(rq, &c);
    if (!c) { http_request_free(inside); return; }
    const char *accept = net_header(rq, "accept-encoding"), *coding = NULL;
    const unsigned char *body = asset->plain;
    size_t count = asset->plain_count;
    if (asset->gzip && http_accepts_coding(accept, "gzip")) coding = "gzip", body = asset->gzip, count = asset->gzip_count;
    if (asset->brotli && http_accepts_coding(accept, "br")) coding = "br", body = asset->brotli, count = asset->brotli_count;
    bool keep = reply_keeps(inside, c), known = reply_is_known(rq, asset->etag);
    text head = { .arena = rq->arena };
    reply_start(&head, inside, c, known ? 304 : 200, keep);
    if (!known) {
        text_printf(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n", asset->type, count);
        if (coding) text_printf(&head, "Content-Encoding: %s\r\n", coding);
    }
    /* Weak, because the variants of one content share it. */
    if (asset->etag) text_printf(&head, "ETag: W/\"%s\"\r\n", asset->etag);
    text_printf(&head, "Vary: Accept-Encoding\r\nCache-Control: %s\r\n", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    reply_finish(inside, c, &head, (const char *)body, known ? 0 : count, true, keep);
}
