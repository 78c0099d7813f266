/* net.h: bytes in, messages out: HTTP/1.1, WebSocket, event streams and embedded files. Knows no session and no page. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_NET_H
#define NET_NET_H

#include "base/base.h"
#include "loop/loop.h"

/* Everything in this header is called on the loop thread, and every callback comes on it. Work on other threads hands its
 * result over with loop_post. */

/* ---- server ----------------------------------------------------------------------------------------------------- */

typedef struct net_server net_server;
typedef struct net_request net_request;

/* Called once for each request, when head and body are complete and well formed. Answer it with exactly one of net_reply,
 * net_reply_asset, net_stream, net_upgrade, now or later; until then the request and all that it points to stay valid. What is malformed, too large or too
 * slow is answered here (400, 408, 413, 414, 417, 421, 431, 501, 503, 505) and never reaches the handler. */
typedef void net_handler(net_request *rq, void *data);

/* Takes a body as it comes, piece by piece, in place of net_request.body. max: bytes that it takes; more is answered 413. take gives 0, or the status to refuse
 * with and *why, a sentence; it is not called again then. lost: the request never becomes complete. Else the handler gets data as net_request.data. */
typedef struct net_sink {
    size_t max;
    int  (*take)(void *data, const char *bytes, size_t count, const char **why);
    void (*done)(void *data);
    void  *data;
} net_sink;

/* Zero means the default. Times are in ms. */
typedef struct net_options {
    net_handler *handler;                            /* required */
    void  *data;
    bool (*sink)(net_request *rq, net_sink *to, void *data);   /* asked when a head is complete that a body may follow; false: the body waits in memory. NULL: always */
    size_t body_max;                                 /* largest request body in memory; 8 MB. More is answered 413 */
    size_t message_max;                              /* largest WebSocket message; 1 MB. More closes with 1009 */
    size_t pending_max;                              /* a channel that holds more unsent bytes is cut; 16 MB */
    size_t held_max;                                 /* unread answers and incomplete requests of all connections; 256 MB. Above, those that hold most are cut */
    int    connections_max;                          /* 20,000, and never more than the process has file descriptors for. For one more the longest idle one is
                                                      * closed; when none is idle, it gets 503 */
    int    young_max;                                /* connections without a finished request, WebSockets without a message; half of connections_max, at least 64.
                                                      * For one more the oldest is closed */
    int    head_ms;                                  /* from the first byte of a request to the end of its head; 10 s, then 408 */
    int    body_ms;                                  /* for the body, plus 1 s for every 16 kB of it that came; 30 s, then 408 */
    int    idle_ms;                                  /* an open connection without a request; 75 s, then closed */
    int    write_ms;                                 /* a reader that takes nothing of an answer; 30 s, then cut */
    int    ping_ms;                                  /* WebSocket ping, event stream comment; 25 s */
    int    silence_ms;                               /* a WebSocket from which nothing came, not even a pong; 60 s, then closed with 1006 */
    bool any_origin;                                 /* WebSockets may be opened by pages of other sites too: for measuring, and where the handler judges itself */
    const char *const *hosts;                        /* names allowed in Host, without port, NULL at the end, kept by the caller; NULL: any. Others get 421 */
} net_options;

net_server *net_server_new(loop *l, const net_options *o);          /* copies *o; not yet listening */

/* Listens on an address ("127.0.0.1", "::", "localhost") and port (0: any free one). May be called for several addresses.
 * On failure *err names address, port, reason and what to do. */
bool net_listen(net_server *s, const char *address, int port, ez_err *err);
int  net_port(const net_server *s);                                  /* of the first listening socket; 0 when there is none */

/* The same in two steps, for a process that binds and another that serves: net_listen_fd returns a listening socket (-1 and *err on failure);
 * net_adopt serves one that was inherited and owns it from now on. net_accept_fd serves one connection that another process accepted. */
int  net_listen_fd(const char *address, int port, ez_err *err);
bool net_adopt(net_server *s, int fd, ez_err *err);
bool net_accept_fd(net_server *s, int fd);

int  net_connections(const net_server *s);

/* Takes no more connections; those that are open go on. */
void net_stop_listening(net_server *s);

/* Stops listening, closes idle connections, and closes WebSockets with 1012 and event streams; requests under way are still
 * answered and then their connections close. Wait until net_connections is 0, or for as long as you like, then free. */
void net_server_stop(net_server *s);

/* Cuts what is left: channels get their on_close (1006) inside this call. Requests not yet answered stay valid and must still be
 * answered, into nothing. The loop must be turned or freed afterwards. NULL is fine. */
void net_server_free(net_server *s);

/* ---- request ------------------------------------------------------------------------------------------------------ */

/* Read only; strings are NUL-terminated and live in the arena, which is yours to use until the request is answered. */
struct net_request {
    const char *method;                              /* "GET", "POST" ... */
    const char *path;                                /* decoded: begins with '/' (or is "*"), is UTF-8, holds no control character and no ".." segment */
    const char *raw_path;                            /* as it was sent, without the query */
    const char *query;                               /* after '?', as it was sent; "" when there is none */
    const char *body;                                /* "" when there is none; a NUL follows body[count - 1] */
    size_t      count;
    const char *peer;                                /* IP address of the other end of the socket, as text; a proxy's, if there is one */
    arena      *arena;
    void       *data;                                /* yours; NULL at first */
    void       *who;                                 /* yours, too: who asks; NULL at first */
    const char *const *headers;                      /* yours: that the answer has whatever it is, as in net_answer; NULL at first */
};

const char *net_header(const net_request *rq, const char *name);     /* any case; the first such; NULL when absent */
const char *net_cookie(const net_request *rq, const char *name);     /* as it was sent, without quotes around it; NULL when absent */
const char *net_query(const net_request *rq, const char *name);      /* decoded, '+' is a space; NULL when absent or not UTF-8 */
const char *net_form(const net_request *rq, const char *name);       /* the same of a body that is such a form, application/x-www-form-urlencoded */
bool        net_accepts(const net_request *rq, const char *type);    /* "text/event-stream" is named in Accept; wildcards do not count */

/* False once the other end is known to have gone; an answer is then thrown away, so long work may as well stop. */
bool net_waits(const net_request *rq);

/* True unless a page of another site caused this request. A GET or HEAD without Origin is fine (links from elsewhere); otherwise Sec-Fetch-Site, or else Origin against
 * Host, must say the same origin, when they are present (programs send neither). Ask before every POST; net_upgrade asks by itself. */
bool net_same_origin(const net_request *rq);

/* ---- answer -------------------------------------------------------------------------------------------------------- */

typedef struct net_answer {
    const char *type;                                /* Content-Type; NULL: "text/plain; charset=utf-8" */
    const char *body;                                /* copied; NULL: empty */
    size_t      count;                               /* 0: up to the NUL */
    const char *const *headers;                      /* name, value, name, value, NULL; a value with a line break is left out */
    const char *cache;                               /* Cache-Control; NULL: "no-store" */
    bool        no_gzip;                             /* for bodies that hold a secret beside what a visitor sent */
} net_answer;

/* Ends the request: rq and its arena are gone when this returns. a may be NULL (empty body). Bodies of text above 1 kB are compressed
 * for those who accept it; HEAD gets the head only. */
void net_reply(net_request *rq, int status, const net_answer *a);

/* A file that lives in memory as long as the server; nothing is copied. An absent variant is NULL. */
typedef struct net_asset {
    const char *name;                                /* "core.3fa9c1.js": for the router, not used here */
    const char *type;                                /* "text/javascript; charset=utf-8" */
    const unsigned char *plain, *gzip, *brotli;
    size_t plain_count, gzip_count, brotli_count;
    const char *etag;                                /* hash of the content, without quotes; NULL: none */
    bool immutable;                                  /* its name changes with its content: cached for a year, never asked again */
} net_asset;

/* Ends the request with the smallest variant that the browser accepts, 304 when it has that content, 405 unless GET or HEAD. */
void net_reply_asset(net_request *rq, const net_asset *asset);

/* Ends the request with an open file, which is closed in the end: whole, or the part that the request asks for (Range, RFC 9110). It is read while it is sent, so its
 * size costs no memory. headers as in net_answer. */
typedef struct net_file {
    int     fd;
    int64_t size;
    const char *type, *etag;                         /* etag: changes with the content, without quotes */
    const char *cache;                               /* Cache-Control; NULL: "no-store" */
    const char *const *headers;
} net_file;
void net_reply_file(net_request *rq, const net_file *f);

/* ---- channel: an open way to a browser, WebSocket or event stream ------------------------------------------------------ */

/* Both end the request and begin a channel. A channel lives until its on_close, which comes exactly once and last; then the pointer is
 * dead. on_message comes from WebSockets only: whole text messages of valid UTF-8, NUL-terminated, valid during the call. on_drain comes when bytes had
 * to wait and the last of them has gone to the kernel. No callback is ever made inside net_channel_send or net_channel_close. */
typedef struct net_channel net_channel;
typedef struct net_channel_events {
    void (*on_message)(net_channel *c, const char *text, size_t count, void *data);
    void (*on_drain)(net_channel *c, void *data);                      /* NULL is fine */
    void (*on_close)(net_channel *c, int code, void *data);            /* close code of RFC 6455; 1006: the connection was lost, or an event stream ended */
    const char *beat;                                                  /* what an event stream says as its sign of life, when its readers take no comment; NULL: a comment */
} net_channel_events;

bool net_wants_upgrade(const net_request *rq);                         /* asks for a WebSocket */

/* NULL: it was no proper handshake, or of another origin, and has been answered (400, 403, 426). *e is kept, not copied. */
net_channel *net_upgrade(net_request *rq, const net_channel_events *e, void *data);

/* Answers 200 text/event-stream. NULL: the other end has gone (on_close is then never called). headers as in net_answer. */
net_channel *net_stream(net_request *rq, const char *const *headers, const net_channel_events *e, void *data);

/* Sends one message; text is copied, and must be UTF-8. On an event stream it becomes `data:` lines. False: the channel is closing,
 * or was cut because more than pending_max bytes wait. Look at net_channel_pending before you send what can be made anew later. */
bool net_channel_send(net_channel *c, const char *text, size_t count);

/* The same for event streams with a name and an id (each may be NULL); on a WebSocket both are ignored. */
bool net_channel_send_event(net_channel *c, const char *event, const char *id, const char *text, size_t count);

/* Begins the next event of an event stream with how soon its reader should ask again when the line breaks. */
void net_channel_retry(net_channel *c, int ms);

size_t net_channel_pending(const net_channel *c);                      /* bytes that the kernel has not taken */
bool   net_channel_is_socket(const net_channel *c);                    /* WebSocket; false: event stream */

/* Begins the close handshake with a code (1000 when 0) and a reason of at most 123 bytes (NULL: none); what was sent before still goes
 * out. on_close follows. A second call does nothing. */
void   net_channel_close(net_channel *c, int code, const char *reason);

#endif
