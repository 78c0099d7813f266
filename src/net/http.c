/* http.c: collects a head, lets llhttp take it apart, and gathers the body. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"
#include <llhttp.h>
#include <string.h>

struct http_reader {
    llhttp_t parser;
    size_t   body_max;                               /* of bodies in memory */
    bool   (*sink)(net_request *rq, net_sink *to, void *data);
    void    *sink_data;
    size_t   most, seen;                             /* bytes of this body: it may have, it had */
    http_request *rq;                                /* NULL before the first byte of a request */
    text     head;                                   /* in the request's arena */
    char     last;                                   /* byte of the head */
    int      line;                                   /* bytes in the present line of the head */
    bool     in_body, done;
    const char *piece;                               /* what is being read of the body... */
    size_t   before;                                 /* ...and how many bytes came before it */
    LIST(http_field) fields;
    const char *value, *value_end;                   /* of the header seen last, inside head; NULL: empty so far */
    int      status;
    const char *reason;
};

static const char http_no_request[] = "This is not an HTTP/1.1 request.", http_no_method[] = "This method is not known here.",
    http_body_large[] = "The body is larger than this server takes.";

static int http_refuse(http_reader *r, int status, const char *reason)
{
    if (!r->status) {
        r->status = status;
        r->reason = reason;
    }
    return -1;
}

/* ---- what llhttp reports: the head is one piece, so that spans are whole ---- */

static http_reader *http_reader_of(llhttp_t *parser) { return parser->data; }

static int http_on_url(llhttp_t *parser, const char *at, size_t count)
{
    http_reader *r = http_reader_of(parser);
    r->rq->public.raw_path = arena_text_n(r->rq->public.arena, at, count);
    return 0;
}

static bool http_is_token(const char *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!s[i] || !strchr("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", s[i])) return false;
    return count > 0;
}

static int http_on_field(llhttp_t *parser, const char *at, size_t count)
{
    http_reader *r = http_reader_of(parser);
    if ((count || !r->in_body) && !http_is_token(at, count)) return http_refuse(r, 400, "The name of a header holds a character that it may not.");
    if (r->in_body) return 0;                        /* a trailer: says nothing that we need */
    if (r->fields.count == HTTP_FIELDS_MAX) return http_refuse(r, 431, "The head has more than 100 headers.");
    *list_add(&r->fields) = (http_field){ .name = arena_text_n(r->rq->public.arena, at, count), .value = "" };
    r->value = NULL;
    return 0;
}

static int http_on_value(llhttp_t *parser, const char *at, size_t count)
{
    http_reader *r = http_reader_of(parser);
    if (r->in_body || !count) return 0;
    if (!r->value) r->value = at;
    r->value_end = at + count;
    return 0;
}

static int http_on_value_complete(llhttp_t *parser)
{
    http_reader *r = http_reader_of(parser);
    if (r->in_body || !r->value) return 0;
    while (r->value_end > r->value && (r->value_end[-1] == ' ' || r->value_end[-1] == '\t')) r->value_end--;
    r->fields.at[r->fields.count - 1].value = arena_text_n(r->rq->public.arena, r->value, (size_t)(r->value_end - r->value));
    return 0;
}

static bool http_method_known(const char *method)
{
    static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS" };
    for (int i = 0; i < COUNT(known); i++)
        if (!strcmp(method, known[i])) return true;
    return false;
}

static int http_host_count(const http_request *rq)
{
    int count = 0;
    for (int i = 0; i < rq->field_count; i++) count += !plain_compare(rq->fields[i].name, "host");
    return count;
}

/* Its parts with one blank between them, and nothing else. */
static bool http_line_exact(const http_reader *r)
{
    const char *method = r->rq->public.method, *target = r->rq->public.raw_path ? r->rq->public.raw_path : "";
    return strcspn(r->head.at, "\r") == strlen(method) + strlen(target) + strlen("  HTTP/1.1");
}

static int http_check_head(http_reader *r, llhttp_t *parser)
{
    http_request *rq = r->rq;
    const char *coding = net_header(&rq->public, "transfer-encoding"), *expect = net_header(&rq->public, "expect");
    if (parser->http_major != 1 || parser->http_minor > 1) return http_refuse(r, 505, "This server speaks HTTP/1.1.");
    if (!http_line_exact(r)) return http_refuse(r, 400, http_no_request);
    if (!http_method_known(rq->public.method)) return http_refuse(r, 501, http_no_method);
    int hosts = http_host_count(rq);
    if (hosts > 1 || (!hosts && parser->http_minor)) return http_refuse(r, 400, "A request needs one Host header.");
    if (coding && plain_compare(coding, "chunked")) return http_refuse(r, 501, "The only transfer coding known here is chunked.");
    if (coding && !parser->http_minor) return http_refuse(r, 400, "HTTP/1.0 has no transfer codings.");
    if (expect && plain_compare(expect, "100-continue")) return http_refuse(r, 417, "The only expectation known here is 100-continue.");
    int status = http_target(&rq->public, rq->public.raw_path ? rq->public.raw_path : "");
    return status ? http_refuse(r, status, "The path is not well formed.") : 0;
}

/* Where the body goes, and whether it fits there. */
static int http_prepare_body(http_reader *r, llhttp_t *parser)
{
    http_request *rq = r->rq;
    bool length = parser->flags & F_CONTENT_LENGTH, body = parser->flags & F_CHUNKED || (length && parser->content_length);
    net_sink to = { 0 };
    r->most = r->body_max;
    if (body && r->sink && r->sink(&rq->public, &to, r->sink_data)) {
        rq->sink = to;
        r->most = to.max;
    }
    return length && parser->content_length > r->most ? http_refuse(r, 413, http_body_large) : 0;
}

static int http_on_head(llhttp_t *parser)
{
    http_reader *r = http_reader_of(parser);
    http_request *rq = r->rq;
    r->in_body = true;
    rq->fields = arena_copy(rq->public.arena, r->fields.at, (size_t)r->fields.count * sizeof *r->fields.at);
    rq->field_count = r->fields.count;
    list_done(&r->fields);
    rq->public.method = llhttp_method_name((llhttp_method_t)parser->method);
    rq->minor = parser->http_minor;
    int refused = http_check_head(r, parser);
    if (!refused) refused = http_prepare_body(r, parser);
    rq->keep_alive = llhttp_should_keep_alive(parser);
    parser->upgrade = 0;                             /* a handshake is a request like others; what follows it is the answerer's choice */
    return refused;
}

/* A chunk of one byte has five bytes around it. Extensions and trailers, which nobody reads, could go on for ever. */
static bool http_around_fine(http_reader *r, const char *end)
{
    size_t around = r->before + (size_t)(end - r->piece) - r->seen;
    return around <= HTTP_HEAD_MAX + 8 * r->seen || !http_refuse(r, 431, "Chunk sizes, extensions and trailers are larger than 16 kB.");
}

/* A length in the head is checked there, so that text_add below never meets a body that is too large. */
static int http_on_chunk(llhttp_t *parser)
{
    http_reader *r = http_reader_of(parser);
    return parser->content_length > r->most - r->seen ? http_refuse(r, 413, http_body_large) : 0;
}

static int http_on_body(llhttp_t *parser, const char *at, size_t count)
{
    http_reader *r = http_reader_of(parser);
    net_sink *sink = &r->rq->sink;
    const char *why = "The body cannot be taken.";
    if (!http_around_fine(r, at)) return -1;
    r->seen += count;
    if (!sink->take) {
        text_add(&r->rq->body, at, count);
        return 0;
    }
    int status = sink->take(sink->data, at, count, &why);
    return status ? http_refuse(r, status, why) : 0;
}

static int http_on_done(llhttp_t *parser)
{
    http_reader_of(parser)->done = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t http_settings = {
    .on_url = http_on_url,
    .on_header_field = http_on_field,
    .on_header_value = http_on_value,
    .on_header_value_complete = http_on_value_complete,
    .on_headers_complete = http_on_head,
    .on_chunk_header = http_on_chunk,
    .on_body = http_on_body,
    .on_message_complete = http_on_done,
};

/* ---- reading ---- */

http_reader *http_reader_new(size_t body_max, bool (*sink)(net_request *rq, net_sink *to, void *data), void *data)
{
    http_reader *r = mem_alloc(sizeof *r);
    *r = (http_reader){ .body_max = body_max, .sink = sink, .sink_data = data };
    return r;
}

void http_reader_free(http_reader *r)
{
    if (!r) return;
    list_done(&r->fields);
    http_request_free(r->rq);
    mem_free(r);
}

void http_request_free(http_request *rq)
{
    if (!rq) return;
    if (rq->sink.take) rq->sink.done(rq->sink.data);
    text_done(&rq->body);
    arena_free(rq->public.arena);
}

static void http_begin(http_reader *r)
{
    arena *a = arena_new();
    r->rq = arena_alloc(a, sizeof *r->rq);
    r->rq->public = (net_request){ .method = "", .path = "/", .raw_path = NULL, .query = "", .body = "", .peer = "", .arena = a };
    r->head = (text){ .arena = a };
    llhttp_init(&r->parser, HTTP_REQUEST, &http_settings);
    r->parser.data = r;
}

/* How many of these bytes belong to the head; *end: it ends with them. Lines end with CR LF and with nothing else: where
 * a proxy and a server disagree about that, one request can be smuggled inside another. */
static size_t http_scan_head(http_reader *r, const char *bytes, size_t count, bool *end)
{
    for (size_t i = 0; i < count; i++) {
        char c = bytes[i];
        if ((c == '\n') != (r->last == '\r') || !c) {
            http_refuse(r, 400, "A line of the head does not end with CR LF.");
            return i;
        }
        if ((c == ' ' || c == '\t') && r->last == '\n') {
            http_refuse(r, 400, "A line of the head begins with a blank.");
            return i;
        }
        r->last = c;
        if (c == '\r') continue;
        if (c != '\n') {
            r->line++;
        } else if (r->line) {
            r->line = 0;
        } else {
            *end = true;
            return i + 1;
        }
    }
    return count;
}

static http_event http_result(http_reader *r)
{
    if (r->status) return HTTP_BAD;
    return r->done ? HTTP_DONE : HTTP_MORE;
}

static http_event http_parse_head(http_reader *r)
{
    llhttp_errno_t error = llhttp_execute(&r->parser, r->head.at, r->head.count);
    if (error == HPE_INVALID_METHOD) http_refuse(r, 501, http_no_method);
    if (error != HPE_OK && error != HPE_PAUSED) http_refuse(r, error == HPE_INVALID_VERSION ? 505 : 400, http_no_request);
    if (!r->in_body) http_refuse(r, 400, http_no_request);
    if (r->status || r->done) return http_result(r);
    return r->rq->minor && net_header(&r->rq->public, "expect") ? HTTP_CONTINUE : HTTP_MORE;
}

static http_event http_read_head(http_reader *r, const char *bytes, size_t count, size_t *used)
{
    bool end = false;
    if (!r->rq) {
        while (*used < count && (bytes[*used] == '\r' || bytes[*used] == '\n')) ++*used;   /* left over after a body by old clients */
        if (*used == count) return HTTP_MORE;
        http_begin(r);
        if (bytes[*used] == 0x16) http_refuse(r, 400, "This port speaks HTTP, not HTTPS (TLS): its address begins with http://.");
        else if (bytes[*used] < 'A' || bytes[*used] > 'Z') http_refuse(r, 400, http_no_request);
        if (r->status) return HTTP_BAD;
    }
    size_t from = *used, room = HTTP_HEAD_MAX - r->head.count, part = count - from < room ? count - from : room;
    part = http_scan_head(r, bytes + from, part, &end);
    text_add(&r->head, bytes + from, part);
    *used = from + part;
    if (!r->status && !end && r->head.count == HTTP_HEAD_MAX) {
        bool in_first_line = !memchr(r->head.at, '\n', r->head.count);
        http_refuse(r, in_first_line ? 414 : 431, in_first_line ? "The path is too long." : "The head is larger than 16 kB.");
    }
    if (r->status) return HTTP_BAD;
    return end ? http_parse_head(r) : HTTP_MORE;
}

static http_event http_read_body(http_reader *r, const char *bytes, size_t count, size_t *used)
{
    r->piece = bytes;
    llhttp_errno_t error = llhttp_execute(&r->parser, bytes, count);
    *used = error == HPE_OK ? count : (size_t)(llhttp_get_error_pos(&r->parser) - bytes);
    http_around_fine(r, bytes + *used);
    r->before += *used;
    if (error != HPE_OK && error != HPE_PAUSED) http_refuse(r, 400, "The body is not well formed.");
    return http_result(r);
}

http_event http_read(http_reader *r, const char *bytes, size_t count, size_t *used)
{
    *used = 0;
    if (r->status || r->done) return http_result(r);
    return r->in_body ? http_read_body(r, bytes, count, used) : http_read_head(r, bytes, count, used);
}

http_request *http_take(http_reader *r)
{
    http_request *rq = r->rq;
    if (rq->body.count) {
        rq->public.body = rq->body.at;
        rq->public.count = rq->body.count;
    }
    *r = (http_reader){ .body_max = r->body_max, .sink = r->sink, .sink_data = r->sink_data };
    return rq;
}

int http_status(const http_reader *r) { return r->status; }
const char *http_reason(const http_reader *r) { return r->reason ? r->reason : ""; }
bool http_begun(const http_reader *r) { return r->rq != NULL; }
bool http_in_body(const http_reader *r) { return r->in_body; }
size_t http_body_seen(const http_reader *r) { return r->rq ? r->seen : 0; }
