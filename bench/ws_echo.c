/* ws_echo.c: the floor under a session: a bare WebSocket echo on our own sockets, without session, page or store.
 *
 *     ws_echo [--port N]
 *
 * "/" is an echo, whoever opens it; any other path is an event stream that sends its path once. The clients' tests use it too. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void echo_message(net_channel *c, const char *text, size_t count, void *data)
{
    (void)data;
    if (!strcmp(text, "close 4000")) net_channel_close(c, 4000, "as asked");
    else net_channel_send(c, text, count);
}

static const net_channel_events echo_events = { .on_message = echo_message };

static void echo_request(net_request *rq, void *data)
{
    if (strcmp(rq->path, "/")) {
        text path = { 0 };
        text_puts(&path, rq->path);
        net_channel *c = net_stream(rq, NULL, &echo_events, data);
        if (c) net_channel_send(c, path.at, path.count);
        text_done(&path);
    } else if (net_wants_upgrade(rq)) {
        net_upgrade(rq, &echo_events, data);
    } else {
        net_reply(rq, 200, &(net_answer){ .body = "echo" });
    }
}

static int echo_port(int argc, char **argv)
{
    if (argc == 1) return 0;
    if (argc == 3 && !strcmp(argv[1], "--port")) return atoi(argv[2]);
    fprintf(stderr, "usage: ws_echo [--port N]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    ez_err err;
    int port = echo_port(argc, argv);
    loop *l = loop_new();
    net_server *s = net_server_new(l, &(net_options){ .handler = echo_request, .message_max = 64 << 20, .pending_max = 256 << 20, .any_origin = true });
    signal(SIGTERM, _Exit);
    if (!net_listen(s, "127.0.0.1", port, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("ws_echo is listening on ws://127.0.0.1:%d/\n", net_port(s));
    fflush(stdout);
    loop_run(l);
    net_server_free(s);
    loop_free(l);
    return 0;
}
