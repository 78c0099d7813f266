/* town.c: the worker's process, and what is around it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "town.h"
#include "net/net.h"
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the process ----------------------------------------------------------------------------------------------------- */

static void be_worker(town *c, int control)
{
    char line[300], role[60], log[60];
    char *argv[16] = { "town", "--data", c->folder };
    int argc = 3;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(log, sizeof log, "%s/log", c->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, 2);
    for (int i = 3; i < 4096; i++)
        if (i != control && i != c->listen && i != c->notes) close(i);
    snprintf(role, sizeof role, "worker %d %d %d", c->listen, control, c->notes);
    setenv("EASEL_ROLE", role, 1);
    snprintf(line, sizeof line, "%s", c->options ? c->options : "");
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) argv[argc++] = word;
    exit(ez_main_run(argc, argv, c->args));
}

static void engine_begin(town *c)
{
    int pair[2];
    if (!c->args->model) return;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
    c->engine = pair[0];
    assert_true(control_send(c->control, CONTROL_ENGINE, "", pair[1]));
    close(pair[1]);
    c->wire = (wire_reader){ 0 };
    town_say(c, &(wire_message){ WIRE_STATUS, .status = { .state = WIRE_READY, .name = "test", .description = "", .n_ctx = 4096, .places = 10000, .text = "" } });
}

void town_again(town *c)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    fflush(NULL);
    c->ready = false;
    c->pid = fork();
    assert_true(c->pid >= 0);
    if (!c->pid) be_worker(c, pair[1]);
    close(pair[1]);
    c->control = pair[0];
    engine_begin(c);
    town_until(c, c->ready);
}

void town_start(town *c, const ez_main_args *args, const char *options)
{
    ez_err err;
    *c = (town){ .args = args, .options = options, .engine = -1, .control = -1 };
    snprintf(c->folder, sizeof c->folder, "/tmp/easel-town-XXXXXX");
    assert_non_null(mkdtemp(c->folder));
    c->listen = net_listen_fd("127.0.0.1", 0, &err);
    assert_true(c->listen >= 0);
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    getsockname(c->listen, (struct sockaddr *)&at, &size);
    c->port = ntohs(at.sin_port);
    assert_non_null(notes_new(&c->notes));
    town_again(c);
}

static void ended(town *c)
{
    if (c->pid && waitpid(c->pid, &c->status, WNOHANG) == c->pid) {
        c->pid = 0;
        close(c->control);
        if (c->engine >= 0) close(c->engine);
        c->control = c->engine = -1;
        wire_reader_done(&c->wire);
        text_done(&c->say);
    }
}

int town_wait_end(town *c)
{
    town_until(c, (ended(c), !c->pid));
    return WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 1000 + WTERMSIG(c->status);
}

static void log_print(const town *c)
{
    char name[60], line[2000];
    snprintf(name, sizeof name, "%s/log", c->folder);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof line, f)) print_message("    %s", line);
    if (f) fclose(f);
}

void town_fail(town *c, const char *condition)
{
    log_print(c);
    fail_msg("after %d s still not: %s", PATIENCE_MS / 1000, condition);
}

void town_end(town *c)
{
    if (c->pid) shutdown(c->control, SHUT_RDWR);       /* as when the supervisor lets it go */
    int status = town_wait_end(c);
    if (status) log_print(c);
    assert_int_equal(status, 0);
}

void town_done(town *c)
{
    char command[80];
    if (c->pid) kill(c->pid, SIGKILL);
    town_wait_end(c);
    for (int i = 0; i < c->visitors.count; i++) {
        visitor *v = c->visitors.at[i];
        town_leave(v);
        text_done(&v->page);
        text_done(&v->heard);
        mem_free(v);
    }
    list_done(&c->visitors);
    list_done(&c->asked);
    close(c->listen);
    close(c->notes);
    snprintf(command, sizeof command, "rm -rf %s", c->folder);
    assert_int_equal(system(command), 0);
}

int town_threads(const town *c)
{
    char name[40], line[200];
    int count = -1;
    snprintf(name, sizeof name, "/proc/%d/status", (int)c->pid);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "Threads:", 8)) count = atoi(line + 8);
    if (f) fclose(f);
    return count;
}

int town_logged(const town *c, const char *words)
{
    char name[60], line[2000];
    int count = 0;
    snprintf(name, sizeof name, "%s/log", c->folder);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof line, f)) count += strstr(line, words) != NULL;
    if (f) fclose(f);
    return count;
}

/* ---- the engine --------------------------------------------------------------------------------------------------------- */

static bool engine_hears(void *data, const wire_message *m)
{
    town *c = data;
    if (m->kind == WIRE_ASK) *list_add(&c->asked) = (town_answer){ m->ask.key, false };
    for (int i = 0; m->kind == WIRE_STOP && i < c->asked.count; i++)
        c->asked.at[i].stopped = c->asked.at[i].stopped || c->asked.at[i].key == m->stop.key;
    return true;
}

static void engine_push(town *c)
{
    while (c->engine >= 0 && c->say.count) {
        ssize_t sent = send(c->engine, c->say.at, c->say.count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent <= 0) return;
        memmove(c->say.at, c->say.at + sent, c->say.count - (size_t)sent);
        c->say.count -= (size_t)sent;
    }
}

static void engine_pull(town *c)
{
    char bytes[65536];
    for (ssize_t got; c->engine >= 0 && (got = recv(c->engine, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
        assert_true(wire_feed(&c->wire, bytes, (size_t)got, engine_hears, c));
}

void town_say(town *c, const wire_message *m)
{
    assert_true(wire_put(&c->say, m));
    if (c->say.count > 32768) engine_push(c);
}

/* ---- visitors ------------------------------------------------------------------------------------------------------------- */

static void hear_json(visitor *v, const char *json)
{
    cJSON *o = cJSON_Parse(json);
    const cJSON *hi = cJSON_GetObjectItem(o, "hi"), *f = cJSON_GetObjectItem(o, "f"), *a = cJSON_GetObjectItem(o, "a"), *busy = cJSON_GetObjectItem(o, "busy");
    if (!o) fail_msg("a visitor heard what is no JSON: %s", json);
    if (hi) {
        v->hi = true;
        v->epoch = (uint32_t)cJSON_GetNumberValue(cJSON_GetObjectItem(hi, "epoch"));
        v->frame = (uint32_t)cJSON_GetNumberValue(cJSON_GetObjectItem(hi, "frame"));
    }
    if (f) v->frame = (uint32_t)f->valuedouble;
    if (a && a->valuedouble > (double)v->acked) v->acked = (uint64_t)a->valuedouble;
    if (busy) v->busy = busy->valueint;
    v->refused += cJSON_GetObjectItem(o, "no") != NULL;
    cJSON_Delete(o);
    text_puts(&v->heard, json);
    text_puts(&v->heard, "\n");
}

static void send_frame(visitor *v, int kind, const char *at, size_t count)
{
    unsigned char head[8] = { (unsigned char)(0x80 | kind) };
    size_t size = 2;
    assert_true(count < 65536);
    if (count < 126) head[1] = (unsigned char)(0x80 | count);
    else head[1] = 0xfe, head[2] = (unsigned char)(count >> 8), head[3] = (unsigned char)count, size = 4;
    text t = { 0 };
    text_add(&t, head, size);
    text_add(&t, "\0\0\0\0", 4);               /* a mask that changes nothing */
    text_add(&t, at, count);
    for (size_t done = 0; done < t.count && v->fd >= 0;) {
        ssize_t sent = send(v->fd, t.at + done, t.count - done, MSG_NOSIGNAL);
        if (sent <= 0) break;                  /* the worker has ended: what is not settled is the test's to send again */
        done += (size_t)sent;
    }
    text_done(&t);
}

void town_leave(visitor *v)
{
    if (v->fd >= 0) close(v->fd);
    v->fd = -1;
    v->hi = false;
    text_done(&v->in);
    text_done(&v->part);
}

/* One frame of the WebSocket, if it is there whole; its size, else 0. */
static size_t hear_frame(visitor *v, const char *bytes, size_t count)
{
    const unsigned char *at = (const unsigned char *)bytes;
    size_t size = count >= 2 ? at[1] : 0, head = size == 126 ? 4 : size == 127 ? 10 : 2;
    if (count < head) return 0;
    if (size >= 126) {
        size_t more = 0;
        for (size_t i = 2; i < head; i++) more = more << 8 | at[i];
        size = more;
    }
    if (count < head + size) return 0;
    if ((at[0] & 15) == 1) {
        const char *words = bytes + head;
        bool goes_on = size && *words == '+';
        text_add(&v->part, words + goes_on, size - goes_on);
        if (!goes_on) {
            hear_json(v, v->part.at);
            text_clear(&v->part);
        }
    } else if ((at[0] & 15) == 9) {
        send_frame(v, 10, bytes + head, size);
    }
    return head + size;
}

static void visitor_pull(visitor *v)
{
    char bytes[65536];
    for (ssize_t got; (got = recv(v->fd, bytes, sizeof bytes, MSG_DONTWAIT)) != -1;) {
        if (!got) {
            town_leave(v);
            return;
        }
        text_add(&v->in, bytes, (size_t)got);
    }
    size_t done = 0;
    for (size_t one; (one = hear_frame(v, v->in.at + done, v->in.count - done));) done += one;
    if (done) memmove(v->in.at, v->in.at + done, v->in.count - done);
    v->in.count -= done;
}

void town_turn(town *c, int ms)
{
    struct pollfd *fds = mem_alloc((size_t)(c->visitors.count + 2) * sizeof *fds);
    engine_push(c);
    fds[0] = (struct pollfd){ c->control, POLLIN, 0 };
    fds[1] = (struct pollfd){ c->engine, (short)(POLLIN | (c->say.count ? POLLOUT : 0)), 0 };
    for (int i = 0; i < c->visitors.count; i++) fds[i + 2] = (struct pollfd){ c->visitors.at[i]->fd, POLLIN, 0 };
    poll(fds, (nfds_t)c->visitors.count + 2, ms);
    if (fds[0].revents) {
        char kind, name[300];
        int passed;
        while (control_receive(c->control, &kind, name, sizeof name, &passed) > 0) c->ready = c->ready || kind == CONTROL_READY;
        ended(c);
    }
    if (fds[1].revents) engine_pull(c);
    for (int i = 0; i < c->visitors.count; i++)
        if (fds[i + 2].revents && c->visitors.at[i]->fd >= 0) visitor_pull(c->visitors.at[i]);
    mem_free(fds);
}

static int dial(const town *c)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_sec = PATIENCE_MS / 1000 }, sizeof(struct timeval));
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* Up to the end of a head, byte by byte: what follows it is not ours. */
static void read_head(int fd, text *t)
{
    char byte;
    while (t->count < 4 || memcmp(t->at + t->count - 4, "\r\n\r\n", 4)) {
        if (recv(fd, &byte, 1, 0) != 1) fail_msg("the answer ends inside of its head: %s", t->at ? t->at : "");
        text_putc(t, byte);
    }
}

static void word_after(const char *s, const char *what, char *out, size_t room, const char *ends)
{
    const char *at = strstr(s, what);
    if (!at) fail_msg("there is no %s in %.300s", what, s);
    at += strlen(what);
    snprintf(out, room, "%.*s", (int)strcspn(at, ends), at);
}

/* What is asked of the worker is sent for a batch of visitors, and then heard for all of them. */
static void ask_page(town *c, visitor *v)
{
    char request[500];
    town_leave(v);
    v->fd = dial(c);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s%s\r\n", v->path, *v->cookie ? "Cookie: " : "", v->cookie, *v->cookie ? "\r\n" : "");
    assert_int_equal(send(v->fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
}

static void take_page(visitor *v)
{
    char bytes[65536], number[20];
    text t = { 0 };
    for (ssize_t got; (got = recv(v->fd, bytes, sizeof bytes, 0)) > 0;) text_add(&t, bytes, (size_t)got);
    town_leave(v);
    if (!t.at || strncmp(t.at, "HTTP/1.1 200", 12)) fail_msg("the page was not answered: %.200s", t.at ? t.at : "");
    if (!*v->cookie) word_after(t.at, "et-Cookie: ", v->cookie, sizeof v->cookie, ";\r");
    const char *boot = strstr(t.at, "id=\"ez-boot\"");
    assert_non_null(boot);
    word_after(boot, "\"view\":\"", v->view, sizeof v->view, "\"");
    word_after(boot, "\"session\":\"", v->session, sizeof v->session, "\"");
    word_after(boot, "\"build\":\"", v->build, sizeof v->build, "\"");
    word_after(boot, "\"epoch\":", number, sizeof number, ",");
    v->epoch = (uint32_t)atol(number);
    word_after(boot, "\"frame\":", number, sizeof number, ",");
    v->frame = (uint32_t)atol(number);
    text_done(&v->page);
    v->page = t;
    v->n = v->acked = 0;
}

static void ask_socket(town *c, visitor *v)
{
    char words[600];
    v->fd = dial(c);
    snprintf(words, sizeof words, "GET /_easel/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: %s\r\n\r\n", v->cookie);
    assert_int_equal(send(v->fd, words, strlen(words), MSG_NOSIGNAL), strlen(words));
}

static void say_hello(visitor *v)
{
    char words[600];
    text head = { 0 };
    read_head(v->fd, &head);
    if (strncmp(head.at, "HTTP/1.1 101", 12)) fail_msg("no WebSocket: %s", head.at);
    text_done(&head);
    snprintf(words, sizeof words, "{\"t\":\"hello\",\"view\":\"%s\",\"session\":\"%s\",\"epoch\":%u,\"frame\":%u,\"build\":\"%s\",\"path\":\"%s\",\"n\":%llu}", v->view, v->session,
             v->epoch, v->frame, v->build, v->path, (unsigned long long)v->n);
    send_frame(v, 1, words, strlen(words));
}

static void load_batch(town *c, visitor **v, int count)
{
    for (int i = 0; i < count; i++) ask_page(c, v[i]);
    for (int i = 0; i < count; i++) take_page(v[i]);
    for (int i = 0; i < count; i++) ask_socket(c, v[i]);
    for (int i = 0; i < count; i++) say_hello(v[i]);
    for (int i = 0; i < count; i++) town_until(c, v[i]->hi);
}

void town_load(town *c, visitor *v) { load_batch(c, &v, 1); }

void town_visitors(town *c, const char *path, int count)
{
    enum { BATCH = 40 };
    visitor *batch[BATCH];
    for (int done = 0; done < count; done += BATCH) {
        int some = count - done < BATCH ? count - done : BATCH;
        for (int i = 0; i < some; i++) {
            visitor *v = batch[i] = mem_alloc(sizeof *v);
            v->fd = -1;
            snprintf(v->path, sizeof v->path, "%s", path);
            *list_add(&c->visitors) = v;
        }
        load_batch(c, batch, some);
    }
}

visitor *town_visitor(town *c, const char *path)
{
    town_visitors(c, path, 1);
    return c->visitors.at[c->visitors.count - 1];
}

/* The id of the node with this key stands before its class: id="…" in the page, id=\"…\" in a message. */
static bool find_id(const text *t, const char *key, char id[ID_CHARS + 1])
{
    char class[80];
    snprintf(class, sizeof class, "\"ez-key-%s ", key);
    const char *at = t->at ? strstr(t->at, class) : NULL;
    if (!at) return false;
    while (strncmp(at, " id=", 4)) at--;
    snprintf(id, ID_CHARS + 1, "%.*s", ID_CHARS, strchr(at, '"') + 1);
    return true;
}

/* A page that was answered before its run was over gets its elements by messages. */
static void id_of(town *c, visitor *v, const char *key, char id[ID_CHARS + 1])
{
    if (!*key) snprintf(id, ID_CHARS + 1, "ez_________");
    else town_until(c, find_id(&v->page, key, id) || find_id(&v->heard, key, id));
}

void town_trigger(town *c, visitor *v, const char *key, const char *type, const char *json)
{
    char id[ID_CHARS + 1], words[400];
    id_of(c, v, key, id);
    snprintf(words, sizeof words, "{\"t\":\"e\",\"n\":%llu,\"f\":%u,\"v\":[],\"x\":[\"%s\",\"%s\",%s]}", (unsigned long long)++v->n, v->frame, id, type, json ? json : "null");
    send_frame(v, 1, words, strlen(words));
}

void town_signal(town *c, visitor *v, const char *type)
{
    char words[200];
    (void)c;
    snprintf(words, sizeof words, "{\"t\":\"s\",\"n\":%llu,\"f\":%u,\"x\":[\"ez_________\",\"%s\",null]}", (unsigned long long)++v->n, v->frame, type);
    send_frame(v, 1, words, strlen(words));
}

void town_set(town *c, visitor *v, const char *key, const char *json, int rev)
{
    char id[ID_CHARS + 1], words[400];
    id_of(c, v, key, id);
    snprintf(words, sizeof words, "{\"t\":\"e\",\"n\":%llu,\"f\":%u,\"v\":[[\"%s\",%s,%d]]}", (unsigned long long)++v->n, v->frame, id, json, rev);
    send_frame(v, 1, words, strlen(words));
}

bool town_sees(const visitor *v, const char *words)
{
    return (v->page.at && strstr(v->page.at, words)) || (v->heard.at && strstr(v->heard.at, words));
}

void town_hears(visitor *v) { text_clear(&v->heard); }
