/* client_test.h: a server on its own thread and a blocking client, for the tests of net. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_CLIENT_TEST_H
#define NET_CLIENT_TEST_H

#include "base/test.h"
#include "net/net.h"
#include <pthread.h>

/* A server on a free loopback port, run by a thread of its own. rig_do runs a function on that thread and waits for it. */
typedef struct rig {
    loop *loop;
    net_server *server;
    int port;
    pthread_t thread;
} rig;
void rig_start(rig *r, const net_options *o);
void rig_do(rig *r, void (*fn)(void *data), void *data);
void rig_stop(rig *r);
int  rig_connections(rig *r);
void rig_wait_connections(rig *r, int count);        /* fails the test after 5 s */

/* The client. Everything fails the test after 5 s of waiting. */
int  client_dial(int port);
void client_send(int fd, const char *bytes, size_t count);
void client_say(int fd, const char *s);
bool client_at_end(int fd);                          /* the server closed; anything else that still comes fails the test */

/* One answer, its strings valid until the next on any socket. Without Content-Length it goes on to the end of the connection. */
typedef struct client_answer { int status; const char *head, *body; size_t count; } client_answer;
client_answer client_hear(int fd, bool head_only);
client_answer client_ask(int port, const char *request);      /* dial, say, hear, close */
const char *client_header(const client_answer *a, const char *name);   /* NULL when absent; valid until the next call */

/* WebSocket: opens one at path; frames with any first byte; one whole frame from the server. */
int  client_upgrade(int port, const char *path);
void client_frame(int fd, int first, const char *at, size_t count, bool masked);
int  client_hear_frame(int fd, text *payload);       /* first byte; -1: the connection has ended */

#endif
