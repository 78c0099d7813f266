/* http.h: from bytes to requests, without a socket. Inside net only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "net/net.h"

enum {
    HTTP_HEAD_MAX = 16 * 1024,                       /* bytes of a request's head, its last empty line included; also of what stands around the chunks of a body */
    HTTP_FIELDS_MAX = 100,                           /* headers of a request */
};

struct net_connection;

typedef struct http_field { const char *name, *value; } http_field;

/* What stands behind a net_request. It lives in its own arena, except for the body. */
typedef struct http_request {
    net_request public;                              /* first: the one is the other */
    struct net_connection *connection;               /* that waits for the answer; NULL once it is lost */
    http_field *fields;
    int   field_count;
    int   minor;                                     /* HTTP/1.minor */
    bool  keep_alive;
    text  body;
    net_sink sink;                                   /* takes the body instead; take NULL: none */
} http_request;

static inline http_request *http_inside(const net_request *rq) { return (http_request *)rq; }

/* One reader per connection, used while a request comes in; between requests it holds nothing. */
typedef struct http_reader http_reader;

typedef enum http_event {
    HTTP_MORE,                                       /* the request is not complete; when bytes are left, read on */
    HTTP_CONTINUE,                                   /* the head is complete, and its sender waits for 100 before it sends the body */
    HTTP_DONE,                                       /* http_take gives the request */
    HTTP_BAD,                                        /* http_status says with which status to refuse; nothing more can be read */
} http_event;

/* sink as in net_options; NULL: bodies wait in memory. */
http_reader  *http_reader_new(size_t body_max, bool (*sink)(net_request *rq, net_sink *to, void *data), void *data);
void          http_reader_free(http_reader *r);      /* NULL is fine */
http_event    http_read(http_reader *r, const char *bytes, size_t count, size_t *used);
http_request *http_take(http_reader *r);             /* the reader is as new afterwards */
int           http_status(const http_reader *r);
const char   *http_reason(const http_reader *r);     /* one sentence for the person who sent it */
bool          http_begun(const http_reader *r);      /* some of a request has come */
bool          http_in_body(const http_reader *r);    /* its head is complete */
size_t        http_body_seen(const http_reader *r);

void http_request_free(http_request *rq);

/* The parts of a request target: fills path, raw_path and query, or returns the status to refuse with. */
int http_target(net_request *rq, const char *target);

/* %xx decoded, and '+' as a space if plus; NULL when the result is not UTF-8 or holds a NUL, or, if strict, at a broken escape. */
char *http_decode(arena *a, const char *s, size_t count, bool plus, bool strict);

/* Is the token in a comma-separated list, in any case, with or without ";parameters"? */
bool http_list_has(const char *list, const char *token);

/* Does Accept-Encoding (NULL when absent) allow this coding? */
bool http_accepts_coding(const char *accept, const char *coding);

#endif
