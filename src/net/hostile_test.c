/* hostile_test.c: clients that mean harm or are broken, over real sockets: what they get, and that the others notice nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/client_test.h"
#include "net/connection.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct site { rig rig; net_request *kept[64]; int count, seen, messages; } site;

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define UPGRADE "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

static void echo(net_channel *c, const char *s, size_t count, void *data)
{
    ((site *)data)->messages++;
    net_channel_send(c, s, count);
}

static const net_channel_events echoing = { .on_message = echo };

/* "/4000000" answers with so many bytes. */
static void serve(net_request *rq, void *data)
{
    site *s = data;
    size_t size = strtoul(rq->path + 1, NULL, 10);
    if (!strcmp(rq->path, "/ws")) net_upgrade(rq, &echoing, s);
    else if (!strcmp(rq->path, "/events")) net_stream(rq, NULL, &echoing, s);
    else if (!strcmp(rq->path, "/keep")) s->kept[s->count++] = rq;
    else if (size) net_reply(rq, 200, &(net_answer){ .type = "application/octet-stream", .body = memset(arena_alloc(rq->arena, size), 'b', size), .count = size });
    else net_reply(rq, 200, &(net_answer){ .body = rq->count ? rq->body : rq->path });
}

static void site_start(site *s, net_options o)
{
    memset(s, 0, sizeof *s);
    o.handler = serve;
    o.data = s;
    rig_start(&s->rig, &o);
}

static void count_kept(void *data) { ((site *)data)->seen = ((site *)data)->count; }

static void wait_kept(site *s, int count)
{
    int64_t until = clock_ms() + 10000;
    do {
        if (clock_ms() > until) fail_msg("%d requests have come, not %d", s->seen, count);
        usleep(1000);
        rig_do(&s->rig, count_kept, s);
    } while (s->seen < count);
}

static void answer_kept(void *data)
{
    site *s = data;
    for (int i = 0; i < s->count; i++) net_reply(s->kept[i], 200, &(net_answer){ .body = "kept" });
    s->count = 0;
}

static void others_are_served(site *s)
{
    assert_string_equal(client_ask(s->rig.port, GET("/alive")).body, "/alive");
}

/* Reads and drops until the server ends the connection, politely or not. */
static size_t read_to_the_end(int fd)
{
    char piece[65536];
    size_t all = 0;
    for (ssize_t got; (got = recv(fd, piece, sizeof piece, 0)) > 0;) all += (size_t)got;
    return all;
}

static void reset(int fd)
{
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 }, sizeof(struct linger));
    close(fd);
}

/* A client whose kernel takes little, so that what it does not read stays with the server. */
static int dial_deaf(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int few = 4096, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, sizeof few);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_sec = 10 }, sizeof(struct timeval));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ .tv_sec = 10 }, sizeof(struct timeval));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* What the log says meanwhile. */
static int log_kept = -1, log_file = -1;

static void log_begin(void)
{
    char name[] = "/tmp/easel-log-XXXXXX";
    log_file = mkstemp(name);
    unlink(name);
    log_kept = dup(STDERR_FILENO);
    dup2(log_file, STDERR_FILENO);
}

static int log_end(const char *word)
{
    static char words[100000];
    int found = 0;
    dup2(log_kept, STDERR_FILENO);
    close(log_kept);
    ssize_t count = pread(log_file, words, sizeof words - 1, 0);
    close(log_file);
    words[count < 0 ? 0 : count] = 0;
    for (const char *s = words; (s = strstr(s, word)); s++) found++;
    return found;
}

/* ---- other protocols, and none ---- */

TEST(who_speaks_tls_to_a_plain_port_is_told_so_and_the_log_says_it_once)
{
    static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a ClientHello goes on with half a kilobyte";
    site s;
    site_start(&s, (net_options){ 0 });
    log_begin();
    for (int i = 0; i < 5; i++) {
        int fd = client_dial(s.rig.port);
        client_send(fd, hello, sizeof hello);
        client_answer a = client_hear(fd, false);
        assert_int_equal(a.status, 400);
        assert_non_null(strstr(a.body, "http://"));
        assert_true(client_at_end(fd));
        close(fd);
    }
    rig_wait_connections(&s.rig, 0);
    assert_int_equal(log_end("TLS"), 1);
    others_are_served(&s);
    rig_stop(&s.rig);
}

TEST(other_protocols_get_one_answer_and_the_end)
{
    static const struct { int status; const char *bytes; } rows[] = {
        { 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0" }, { 505, "GET /\r\n\r\n" }, { 501, "SSH-2.0-OpenSSH_9.2\r\n\r\n" }, { 400, "\x80\x2e\x01\x00\x02" },
        { 400, "\x05\x01\x00" }, { 501, "EHLO me\r\n\r\n" }, { 400, "\xff\xfb\x1f" }, { 400, "{\"jsonrpc\":\"2.0\"}\n" },
    };
    site s;
    site_start(&s, (net_options){ 0 });
    for (int i = 0; i < COUNT(rows); i++) {
        int fd = client_dial(s.rig.port);
        client_say(fd, rows[i].bytes);
        client_answer a = client_hear(fd, false);
        if (a.status != rows[i].status) fail_msg("%d instead of %d for %s", a.status, rows[i].status, rows[i].bytes);
        assert_true(client_at_end(fd));
        close(fd);
    }
    others_are_served(&s);
    rig_stop(&s.rig);
}

/* Random bytes, some behind the start of something that is right. Whatever they are, the connection ends when its client does. */
TEST(garbage_harms_nobody)
{
    static const char *const starts[] = { "", "GET / HTTP/1.1\r\n", GET("/ok"), "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", UPGRADE, GET("/events") };
    uint64_t seed = random_u64();
    char *given = getenv("EASEL_SEED");
    if (given) seed = strtoull(given, NULL, 10);
    printf("EASEL_SEED=%llu\n", (unsigned long long)seed);
    site s;
    site_start(&s, (net_options){ 0 });
    for (int i = 0; i < 210; i++) {
        uint64_t noise[40];
        int fd = client_dial(s.rig.port);
        for (int k = 0; k < COUNT(noise); k++) noise[k] = hash_mix(seed, (uint64_t)(i * COUNT(noise) + k));
        client_say(fd, starts[i % COUNT(starts)]);
        send(fd, noise, 1 + noise[0] % sizeof noise, MSG_NOSIGNAL);
        shutdown(fd, SHUT_WR);
        read_to_the_end(fd);
        close(fd);
    }
    rig_wait_connections(&s.rig, 0);
    others_are_served(&s);
    rig_stop(&s.rig);
}

/* ---- the end at any moment ---- */

TEST(a_reset_in_any_phase_is_only_the_end_of_that_connection)
{
    static const char *const phases[] = {
        "", "G", "GET / HTTP/1.1\r\nHost", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n", GET("/done"), GET("/8000000"), GET("/keep"), GET("/keep") GET("/pipelined") "GET /h",
        GET("/events"), UPGRADE, UPGRADE "\x81", UPGRADE "\x81\x85mask", UPGRADE "\x01\x82mask..", UPGRADE "\x88\x80mask", UPGRADE "\x81\xfe\x27\x10mask", "\x16\x03\x01",
    };
    site s;
    site_start(&s, (net_options){ 0 });
    for (int round = 0; round < 3; round++) {
        int kept = 0;
        for (int i = 0; i < COUNT(phases); i++) {
            int fd = client_dial(s.rig.port);
            client_say(fd, phases[i]);
            if (strstr(phases[i], "/keep")) wait_kept(&s, ++kept);
            else if (round) usleep(2000);            /* at once, and after the server has seen it */
            if (round == 2) shutdown(fd, SHUT_WR);
            reset(fd);
        }
        rig_do(&s.rig, answer_kept, &s);
        rig_wait_connections(&s.rig, 0);
        others_are_served(&s);
    }
    rig_stop(&s.rig);
}

TEST(a_close_with_bytes_unread_is_only_the_end_of_that_connection)
{
    site s;
    site_start(&s, (net_options){ 0 });
    for (int i = 0; i < 20; i++) {
        int fd = client_dial(s.rig.port);
        client_say(fd, GET("/8000000"));
        char first;
        assert_int_equal(recv(fd, &first, 1, 0), 1);
        close(fd);
    }
    rig_wait_connections(&s.rig, 0);
    others_are_served(&s);
    rig_stop(&s.rig);
}

/* ---- crowds ---- */

TEST(a_flood_of_connections_without_a_request_makes_room_for_visitors)
{
    site s;
    int fds[300], ended = 0;
    char c;
    ssize_t got;
    site_start(&s, (net_options){ .young_max = 100 });
    text t = { 0 };
    int known = client_dial(s.rig.port), channel = client_upgrade(s.rig.port, "/ws");
    client_say(known, GET("/before"));
    client_hear(known, false);
    client_frame(channel, 0x81, "hello", 5, true);
    assert_int_equal(client_hear_frame(channel, &t), 0x81);
    log_begin();
    for (int i = 0; i < COUNT(fds); i++) {
        fds[i] = client_dial(s.rig.port);            /* some begin a request and never end it, some open a WebSocket and say nothing */
        if (i % 3) client_say(fds[i], i % 3 == 1 ? "GET / HTTP/1.1\r\nX: sl" : UPGRADE);
    }
    others_are_served(&s);
    assert_int_equal(log_end("have not finished their first"), 1);
    assert_in_range(rig_connections(&s.rig), 2, 102);
    for (int i = 0; i < 120; i++) {                  /* the oldest went... */
        while ((got = recv(fds[i], &c, 1, 0)) > 0) {}
        ended += !got || errno == ECONNRESET;
    }
    assert_int_equal(ended, 120);
    client_say(fds[297], GET("/young"));
    assert_string_equal(client_hear(fds[297], false).body, "/young");
    client_say(known, GET("/known"));                /* ...and nobody who had asked something before */
    assert_string_equal(client_hear(known, false).body, "/known");
    client_frame(channel, 0x81, "here", 4, true);
    assert_int_equal(client_hear_frame(channel, &t), 0x81);
    text_done(&t);
    for (int i = 0; i < COUNT(fds); i++) close(fds[i]);
    close(known);
    close(channel);
    rig_wait_connections(&s.rig, 0);
    rig_stop(&s.rig);
}

TEST(idle_connections_make_room_before_anybody_is_turned_away)
{
    site s;
    int fds[40];
    site_start(&s, (net_options){ .connections_max = 10 });
    int channel = client_upgrade(s.rig.port, "/ws");
    for (int i = 0; i < COUNT(fds); i++) {
        fds[i] = client_dial(s.rig.port);
        client_say(fds[i], GET("/mine"));
        assert_string_equal(client_hear(fds[i], false).body, "/mine");
    }
    for (int i = 0; i < 31; i++) assert_true(client_at_end(fds[i]));
    client_say(fds[39], GET("/again"));
    assert_string_equal(client_hear(fds[39], false).body, "/again");
    client_frame(channel, 0x81, "here", 4, true);
    text t = { 0 };
    assert_int_equal(client_hear_frame(channel, &t), 0x81);
    text_done(&t);
    for (int i = 0; i < COUNT(fds); i++) close(fds[i]);
    close(channel);
    rig_stop(&s.rig);
}

TEST(places_taken_by_those_who_never_ask_are_given_to_those_who_do)
{
    site s;
    int fds[10];
    site_start(&s, (net_options){ .connections_max = 10 });
    for (int i = 0; i < COUNT(fds); i++) fds[i] = client_dial(s.rig.port);
    rig_wait_connections(&s.rig, 10);
    int64_t until = clock_ms() + 10000;
    int status = 0;
    while (status != 200) {                          /* told 503 while the others are new too */
        if (clock_ms() > until) fail_msg("still %d after 10 s", status);
        status = client_ask(s.rig.port, GET("/")).status;
        assert_true(status == 200 || status == 503);
        usleep(50000);
    }
    assert_true(client_at_end(fds[0]));
    for (int i = 0; i < COUNT(fds); i++) close(fds[i]);
    rig_stop(&s.rig);
}

TEST(without_file_descriptors_idle_connections_make_room)
{
    site s;
    struct rlimit keep, few;
    site_start(&s, (net_options){ 0 });
    int idle = client_dial(s.rig.port);
    client_say(idle, GET("/"));
    client_hear(idle, false);
    int visitor = socket(AF_INET, SOCK_STREAM, 0);   /* the lowest free number, so that none below it is left */
    getrlimit(RLIMIT_NOFILE, &keep);
    few = keep;
    few.rlim_cur = (rlim_t)visitor + 1;
    setrlimit(RLIMIT_NOFILE, &few);
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)s.rig.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    assert_int_equal(connect(visitor, (struct sockaddr *)&address, sizeof address), 0);
    client_say(visitor, GET("/visitor"));
    assert_string_equal(client_hear(visitor, false).body, "/visitor");
    setrlimit(RLIMIT_NOFILE, &keep);
    assert_true(client_at_end(idle));
    close(idle);
    close(visitor);
    rig_stop(&s.rig);
}

/* ---- memory ---- */

typedef struct held { site *site; size_t most; } held;

static void look_held(void *data)
{
    held *h = data;
    size_t all = 0;
    for (int i = 0; i < NET_SLOTS; i++)
        for (net_connection *c = h->site->rig.server->slots[i]; c; c = c->next) {
            all += c->copied + c->rest.count;
            if (c->reader) all += http_body_seen(c->reader);
            if (c->channel) all += c->channel->ws.message.count;
        }
    if (all > h->most) h->most = all;
}

/* Forty clients, each within its own limits, leave what they asked for unread, or do not end what they began. */
static void hold(const char *head, size_t head_count, size_t body)
{
    enum { MANY = 40 };
    site s;
    int fds[MANY];
    char *bytes = memset(mem_alloc(body + 1), 'x', body);
    held h = { .site = &s };
    site_start(&s, (net_options){ .held_max = 16 << 20 });
    int quiet = client_upgrade(s.rig.port, "/ws");
    log_begin();
    for (int i = 0; i < MANY; i++) {
        fds[i] = dial_deaf(s.rig.port);
        client_send(fds[i], head, head_count);
        for (size_t done = 0; done < body;) {        /* who is cut meanwhile cannot send the rest */
            ssize_t sent = send(fds[i], bytes + done, body - done, MSG_NOSIGNAL);
            if (sent <= 0) break;
            done += (size_t)sent;
        }
        others_are_served(&s);
        rig_do(&s.rig, look_held, &h);
    }
    assert_int_equal(log_end("those with the most are cut"), 1);
    if (h.most > 18 << 20 || h.most < 8 << 20) fail_msg("%zu bytes were held", h.most);
    assert_in_range(rig_connections(&s.rig), 2, MANY);
    client_frame(quiet, 0x81, "here", 4, true);      /* who holds nothing is left alone */
    text t = { 0 };
    assert_int_equal(client_hear_frame(quiet, &t), 0x81);
    text_done(&t);
    mem_free(bytes);
    close(quiet);
    for (int i = 0; i < MANY; i++) close(fds[i]);
    rig_wait_connections(&s.rig, 0);
    rig_stop(&s.rig);
}

#define HOLD(head, body) hold(head, sizeof head - 1, body)
TEST(many_who_do_not_read_are_cut_before_memory_is_full) { HOLD(GET("/8000000"), 0); }
TEST(many_bodies_that_do_not_end_are_cut_before_memory_is_full) { HOLD("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n", 1000000); }
TEST(many_messages_that_do_not_end_are_cut_before_memory_is_full) { HOLD(UPGRADE "\x01\xff\0\0\0\0\0\x0f\x42\x40....", 999999); }

/* ---- limits: at their value, and one above ---- */

TEST(messages_up_to_the_limit_are_heard_and_not_one_byte_more)
{
    static const struct { size_t first, rest; bool heard; } rows[] = {
        { 999, 0, true }, { 1000, 0, true }, { 1001, 0, false }, { 500, 499, true }, { 500, 500, true }, { 500, 501, false }, { 1000, 1, false }, { 1, 1000, false },
    };
    static char piece[1001];
    text t = { 0 };
    site s;
    site_start(&s, (net_options){ .message_max = 1000 });
    memset(piece, 'x', sizeof piece);
    for (int i = 0; i < COUNT(rows); i++) {
        int fd = client_upgrade(s.rig.port, "/ws");
        client_frame(fd, rows[i].rest ? 0x01 : 0x81, piece, rows[i].first, true);
        if (rows[i].rest) client_frame(fd, 0x80, piece, rows[i].rest, true);
        assert_int_equal(client_hear_frame(fd, &t), rows[i].heard ? 0x81 : 0x88);
        if (rows[i].heard) assert_int_equal(t.count, rows[i].first + rows[i].rest);
        else assert_memory_equal(t.at, "\x03\xf1", 2);   /* 1009 */
        close(fd);
    }
    text_done(&t);
    rig_stop(&s.rig);
}

TEST(bodies_up_to_the_limit_are_heard_and_not_one_byte_more)
{
    site s;
    site_start(&s, (net_options){ .body_max = 1000 });
    for (int size = 999; size <= 1001; size++) {
        text whole = { 0 }, chunked = { 0 };
        text_printf(&whole, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%0*d", size, size, 0);
        text_printf(&chunked, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%0*d\r\n0\r\n\r\n", (unsigned)size, size, 0);
        assert_int_equal(client_ask(s.rig.port, whole.at).status, size > 1000 ? 413 : 200);
        assert_int_equal(client_ask(s.rig.port, chunked.at).status, size > 1000 ? 413 : 200);
        text_done(&whole);
        text_done(&chunked);
    }
    rig_stop(&s.rig);
}

TEST(connections_up_to_the_limit_are_served_and_not_one_more)
{
    site s;
    int fds[6];
    site_start(&s, (net_options){ .connections_max = 5 });
    for (int i = 0; i < 6; i++) {
        fds[i] = client_dial(s.rig.port);
        client_say(fds[i], GET("/keep"));
        if (i < 5) wait_kept(&s, i + 1);
    }
    assert_int_equal(client_hear(fds[5], false).status, 503);
    rig_do(&s.rig, answer_kept, &s);
    for (int i = 0; i < 5; i++) assert_int_equal(client_hear(fds[i], false).status, 200);
    for (int i = 0; i < 6; i++) close(fds[i]);
    rig_stop(&s.rig);
}

TEST(connections_without_a_request_stay_up_to_the_limit_and_not_one_more)
{
    site s;
    int fds[11];
    char c;
    site_start(&s, (net_options){ .young_max = 10 });
    for (int i = 0; i < 10; i++) {
        fds[i] = client_dial(s.rig.port);
        rig_wait_connections(&s.rig, i + 1);
    }
    fds[10] = client_dial(s.rig.port);
    assert_true(client_at_end(fds[0]));
    rig_wait_connections(&s.rig, 10);
    for (int i = 1; i < 11; i++) assert_int_equal(recv(fds[i], &c, 1, MSG_DONTWAIT), -1);
    for (int i = 0; i < 11; i++) close(fds[i]);
    rig_stop(&s.rig);
}

TEST(a_body_that_moves_gets_more_time_than_one_that_does_not)
{
    static char piece[262144];
    site s;
    site_start(&s, (net_options){ .head_ms = 10000, .body_ms = 200 });
    memset(piece, 'x', sizeof piece);
    int moves = client_dial(s.rig.port), stands = client_dial(s.rig.port);
    client_say(moves, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\n");
    client_send(moves, piece, sizeof piece);         /* buys sixteen seconds */
    client_say(stands, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 262145\r\n\r\nx");
    assert_int_equal(client_hear(stands, false).status, 408);
    client_say(moves, "y");
    assert_int_equal(client_hear(moves, false).count, 262145);
    close(moves);
    close(stands);
    rig_stop(&s.rig);
}

TEST(pings_of_a_client_that_does_not_read_are_not_answered_without_end)
{
    static char ping[125];
    site s;
    held h = { .site = &s };
    site_start(&s, (net_options){ 0 });
    int fd = dial_deaf(s.rig.port);
    client_say(fd, UPGRADE);
    for (int i = 0; i < 100; i++) {
        text t = { 0 };
        for (int k = 0; k < 1000; k++) text_add(&t, "\x89\xfd\0\0\0\0", 6), text_add(&t, ping, sizeof ping);
        client_send(fd, t.at, t.count);              /* 13 MB in all */
        text_done(&t);
        rig_do(&s.rig, look_held, &h);
    }
    if (h.most > 100000) fail_msg("%zu bytes of pongs were held", h.most);
    assert_true(h.most > 0);
    others_are_served(&s);
    close(fd);
    rig_stop(&s.rig);
}
