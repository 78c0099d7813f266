/* connection.h: one socket, from accept to close, and the server that owns it. Inside net only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CONNECTION_H
#define NET_CONNECTION_H

#include "net/http.h"
#include "net/ws.h"
#include <uv.h>

enum { NET_BUFFER = 64 * 1024, NET_SLOTS = 64 };

typedef enum net_state {
    NET_READING,                                     /* waits for a request, or is in one */
    NET_ANSWERING,                                   /* a handler has the request; what comes meanwhile is kept in rest */
    NET_CHANNEL,                                     /* a WebSocket or an event stream */
    NET_LINGERING,                                   /* all is said: what still comes is thrown away, so that closing does not cut off our last words */
    NET_CLOSED,                                      /* uv_close was called */
} net_state;

/* Connections in the order of their coming. */
typedef struct net_queue { struct net_connection *oldest, *newest; int count; } net_queue;

/* 0.4 kB, nearly all of it libuv's handle; all that a connection needs only now and then hangs on pointers. */
typedef struct net_connection {
    uv_tcp_t tcp;                                    /* first: the handle is the connection */
    net_server *server;
    struct net_connection *next, **before;           /* in a slot of the server's wheel */
    int64_t deadline;                                /* when connection_late is called */
    int64_t since;                                   /* begin of the present phase: first byte awaited, head, body */
    net_queue *queue;                                /* of those who may have to make room (crowd.c); NULL: it stays */
    struct net_connection *older, *newer;
    size_t copied;                                   /* bytes of answers that wait in memory */
    uint64_t queued, taken;                          /* bytes that had to wait, ever; of them seen taken at the last look */
    net_state state;
    bool feeding, eof, shut, blocked, hasty;         /* blocked: bytes wait in libuv; hasty: closes as soon as its last bytes are out */
    http_reader *reader;                             /* NULL while idle and in a channel */
    http_request *rq;                                /* in NET_ANSWERING */
    text rest;                                       /* came too early to be read */
    struct net_sending *sending;                     /* a file on its way; NULL */
    net_channel *channel;
} net_connection;

struct net_channel {
    net_connection *connection;
    const net_channel_events *events;
    void *data;
    bool socket, closing;                            /* closing: nothing more is sent or reported */
    bool chunked, keep;                              /* of an event stream: it is sent in chunks; the connection takes another request after it */
    int  code;                                       /* for on_close */
    int64_t heard;                                   /* last sign of life */
    ws_reader ws;
};

typedef struct net_listener {
    uv_poll_t poll;
    net_server *server;
    int fd;
} net_listener;

struct net_server {
    loop *loop;
    net_options o;                                   /* all defaults filled in */
    LIST(net_listener *) listeners;
    net_connection *slots[NET_SLOTS];                /* the wheel: each open connection stands in the slot of its deadline */
    loop_timer *tick;                                /* runs while there are connections */
    int64_t tick_ms, tick_at;
    int connections, handles;                        /* open ones; all that libuv has not closed yet */
    int crowd;                                       /* most connections since memory was last given back */
    net_queue young, idle;                           /* not one request or message finished yet; between two requests */
    size_t grown;                                    /* bytes kept for connections since they were last counted */
    LIST(const char *) news;                         /* what has been said once */
    bool stopping, freed;
    loop_timer *starving;                            /* no file descriptor is left: not accepting until it fires */
    int64_t starved_said;
    char date[32];
    int64_t date_second;
    struct z_stream_s *gzip;                         /* made at first use, used for one body at a time */
    char *buffer;                                    /* NET_BUFFER bytes: where all connections receive */
};

/* server.c */
void server_arm(net_connection *c, int64_t ms);      /* connection_late after ms; replaces what was armed */
void server_disarm(net_connection *c);
void server_handle_closed(net_server *s);            /* a uv handle of the server is gone */
const char *server_date(net_server *s);
bool server_news(net_server *s, const char *what);   /* true the first time: `what` is a literal, and said once is enough for a log */

/* crowd.c */
void crowd_arrived(net_connection *c);               /* a new connection or WebSocket; the oldest that has asked for nothing may have to go for it */
void crowd_rests(net_connection *c);                 /* its request is answered, the next has not begun */
void crowd_leave(net_connection *c);                 /* it has a request, or is gone */
bool crowd_make_room(net_server *s);                 /* closes the one that idles longest; false: nobody idles */
void crowd_grew(net_server *s, size_t count);        /* bytes came, or wait to be sent; above held_max those who hold most are cut */

/* connection.c */
net_connection *connection_new(net_server *s, int fd);              /* NULL: the descriptor cannot be used and was closed */
void   connection_write(net_connection *c, const uv_buf_t *bufs, unsigned count, bool last_stays);  /* copies what must wait, but for a last buffer that stays */
void   connection_write_told(net_connection *c, const char *at, size_t count);       /* connection_drained follows, in a later turn of the loop, even when nothing had to wait */
size_t connection_pending(const net_connection *c);
bool   connection_moved(net_connection *c);          /* the kernel took waiting bytes since the last look */
void   connection_answered(net_connection *c, bool keep_alive);
void   connection_refuse(net_connection *c, int status, const char *reason);
void   connection_finish(net_connection *c);         /* sends what waits, then closes */
bool   connection_write_file(net_connection *c, int fd, int64_t at, size_t count);   /* a piece of it, read behind the write; false: it could not, and the connection is cut */
void   connection_cut(net_connection *c);            /* closes at once; harmless when closed */
void   connection_read_start(net_connection *c);     /* harmless when it reads already */
void   connection_late(net_connection *c);           /* its deadline has passed */

/* reply.c */
const char *reply_reason(int status);
void   reply_headers(text *t, const char *const *headers);
http_request *reply_detach(net_request *rq, net_connection **c);    /* takes the request off its connection; *c NULL: lost */
void   reply_start(text *t, const http_request *rq, net_connection *c, int status, bool keep);      /* the status line, and the headers of every answer */
bool   reply_keeps(const http_request *rq, const net_connection *c);
bool   reply_is_known(const net_request *rq, const char *etag);      /* If-None-Match names it */

/* send.c */
void   sending_go_on(net_connection *c);             /* what was written has gone */
void   sending_lost(net_connection *c);              /* the connection is gone */

/* channel.c: what a connection tells its channel */
void   channel_feed(net_channel *ch, const char *bytes, size_t count);
void   channel_drained(net_channel *ch);
void   channel_late(net_channel *ch);
void   channel_lost(net_channel *ch);                /* on_close, and the channel is gone */

#endif
