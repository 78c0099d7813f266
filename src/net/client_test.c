/* client_test.c: the blocking client and the server's thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_test.h"
#include "net/ws.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* ---- the server's side ---- */

static void *rig_thread(void *data)
{
    loop_run(((rig *)data)->loop);
    return NULL;
}

void rig_start(rig *r, const net_options *o)
{
    ez_err err;
    r->loop = loop_new();
    r->server = net_server_new(r->loop, o);
    if (!net_listen(r->server, "127.0.0.1", 0, &err)) fail_msg("%s", err.text);
    r->port = net_port(r->server);
    pthread_create(&r->thread, NULL, rig_thread, r);
}

typedef struct rig_call {
    void (*fn)(void *data);
    void *data;
    pthread_mutex_t lock;
    pthread_cond_t done_now;
    bool done;
} rig_call;

static void rig_called(void *data)
{
    rig_call *call = data;
    call->fn(call->data);
    pthread_mutex_lock(&call->lock);
    call->done = true;
    pthread_cond_signal(&call->done_now);
    pthread_mutex_unlock(&call->lock);
}

void rig_do(rig *r, void (*fn)(void *data), void *data)
{
    rig_call call = { .fn = fn, .data = data, .lock = PTHREAD_MUTEX_INITIALIZER, .done_now = PTHREAD_COND_INITIALIZER };
    loop_post(r->loop, rig_called, &call);
    pthread_mutex_lock(&call.lock);
    while (!call.done) pthread_cond_wait(&call.done_now, &call.lock);
    pthread_mutex_unlock(&call.lock);
}

static void rig_free_server(void *data) { net_server_free(((rig *)data)->server); }

void rig_stop(rig *r)
{
    rig_do(r, rig_free_server, r);
    loop_stop(r->loop);
    pthread_join(r->thread, NULL);
    loop_free(r->loop);
}

typedef struct rig_count { net_server *server; int count; } rig_count;

static void rig_count_now(void *data)
{
    rig_count *c = data;
    c->count = net_connections(c->server);
}

int rig_connections(rig *r)
{
    rig_count c = { .server = r->server };
    rig_do(r, rig_count_now, &c);
    return c.count;
}

void rig_wait_connections(rig *r, int count)
{
    int64_t until = clock_ms() + 5000;
    while (rig_connections(r) != count) {
        if (clock_ms() > until) fail_msg("%d connections instead of %d after 5 s", rig_connections(r), count);
        usleep(2000);
    }
}

/* ---- the client's side ---- */

int client_dial(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval five = { .tv_sec = 5 };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &five, sizeof five);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &five, sizeof five);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void client_send(int fd, const char *bytes, size_t count)
{
    while (count) {
        ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0) fail_msg("the server takes nothing more");
        bytes += sent;
        count -= (size_t)sent;
    }
}

void client_say(int fd, const char *s) { client_send(fd, s, strlen(s)); }

/* -1: the connection was reset or nothing came in 5 s. */
static ssize_t client_receive(int fd, char *at, size_t count) { return recv(fd, at, count, 0); }

bool client_at_end(int fd)
{
    char c;
    ssize_t got = client_receive(fd, &c, 1);
    if (got > 0) fail_msg("a byte %d comes where the end was expected", c);
    return got == 0;
}

client_answer client_hear(int fd, bool head_only)
{
    static char head[20000];
    static text body;
    client_answer a = { .head = head };
    size_t count = 0;
    char piece[65536];
    while (count < 4 || memcmp(head + count - 4, "\r\n\r\n", 4)) {
        assert_true(count < sizeof head - 1);
        if (client_receive(fd, head + count, 1) != 1) fail_msg("the answer ends inside its head: '%.*s'", (int)count, head);
        count++;
    }
    head[count] = 0;
    if (sscanf(head, "HTTP/1.1 %d", &a.status) != 1) fail_msg("this is no answer: %s", head);
    const char *length = client_header(&a, "Content-Length");
    size_t want = length ? strtoul(length, NULL, 10) : SIZE_MAX;
    if (head_only || a.status == 304 || a.status == 204 || a.status < 200) want = 0;
    text_clear(&body);
    while (body.count < want) {
        ssize_t got = client_receive(fd, piece, want - body.count < sizeof piece ? want - body.count : sizeof piece);
        if (got < 0) fail_msg("the answer stops after %zu bytes", body.count);
        if (!got && length) fail_msg("the answer ends after %zu of %zu bytes", body.count, want);
        if (!got) break;
        text_add(&body, piece, (size_t)got);
    }
    a.body = body.at ? body.at : "";
    a.count = body.count;
    return a;
}

client_answer client_ask(int port, const char *request)
{
    int fd = client_dial(port);
    client_say(fd, request);
    client_answer a = client_hear(fd, !strncmp(request, "HEAD ", 5));
    close(fd);
    return a;
}

const char *client_header(const client_answer *a, const char *name)
{
    static char value[2000];
    size_t length = strlen(name);
    for (const char *s = strstr(a->head, "\r\n"); s && s[2] != '\r'; s = strstr(s + 2, "\r\n")) {
        if (plain_compare_n(s + 2, name, length) || s[2 + length] != ':') continue;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(s + length + 4, "\r"), s + length + 4);
        return value;
    }
    return NULL;
}

int client_upgrade(int port, const char *path)
{
    char request[500];
    int fd = client_dial(port);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", path);
    client_say(fd, request);
    client_answer a = client_hear(fd, true);
    assert_int_equal(a.status, 101);
    assert_string_equal(client_header(&a, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    return fd;
}

void client_frame(int fd, int first, const char *at, size_t count, bool masked)
{
    static const unsigned char mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
    unsigned char head[10];
    text t = { 0 };
    size_t size = ws_head(head, WS_TEXT, count);
    head[0] = (unsigned char)first;
    if (masked) head[1] |= 0x80;
    text_add(&t, head, size);
    if (masked) text_add(&t, mask, 4);
    for (size_t i = 0; i < count; i++) text_putc(&t, masked ? (char)(at[i] ^ mask[i & 3]) : at[i]);
    client_send(fd, t.at, t.count);
    text_done(&t);
}

static bool client_receive_all(int fd, void *at, size_t count)
{
    for (size_t done = 0; done < count;) {
        ssize_t got = client_receive(fd, (char *)at + done, count - done);
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

int client_hear_frame(int fd, text *payload)
{
    unsigned char head[10];
    text_clear(payload);
    if (!client_receive_all(fd, head, 2)) return -1;
    assert_int_equal(head[1] & 0x80, 0);             /* servers do not mask */
    uint64_t size = head[1];
    int more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more) {
        assert_true(client_receive_all(fd, head + 2, (size_t)more));
        size = 0;
        for (int i = 0; i < more; i++) size = size << 8 | head[2 + i];
    }
    char piece[4096];
    while (payload->count < size) {
        size_t part = size - payload->count < sizeof piece ? (size_t)(size - payload->count) : sizeof piece;
        assert_true(client_receive_all(fd, piece, part));
        text_add(payload, piece, part);
    }
    text_add(payload, "", 0);
    return head[0];
}
