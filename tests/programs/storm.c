/* storm.c: the page that many visitors use while processes die. Its session keeps which events took effect, so that each can be looked for.
 *
 * Its model is a script when the variable STORM_SCRIPT is set: an engine that writes known words at a steady pace, so that a hole
 * or a doubled byte is seen, and which leaves the processor to those who are being tested. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include "chat/wire.h"
#include <easel/easel.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the page ------------------------------------------------------------------------------------------------------------------ */

enum { EVENTS = 16384 };
typedef struct proof { int count, twice; unsigned char of[EVENTS / 8]; } proof;

/* The event of this run took effect. */
static void mark(ez_ui *ui, const char *name)
{
    proof *p = ez_state(ui, proof, name);
    const char *dot = strchr(ez_event_id(ui), '.');
    int n = dot ? atoi(dot + 1) % EVENTS : 0;
    p->twice += p->of[n / 8] >> n % 8 & 1;
    p->of[n / 8] |= (unsigned char)(1u << n % 8);
    p->count++;
}

static void work(ez_ui *ui)
{
    ez_sleep(ui, 0.02);
    mark(ui, "worked");
}

static void answered(ez_ui *ui, const ez_message *answer)
{
    (void)answer;
    mark(ui, "answered");
}

static unsigned sum_of(const char *text)
{
    unsigned sum = 2166136261u;
    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 16777619u;
    return sum;
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Storm");
    const char *typed = ez_text_input(ui, "Typed", .key = "typed"), *large = ez_text_area(ui, "Large", .key = "large");
    if (ez_button(ui, "Count", .key = "count"))
        mark(ui, "clicked");
    ez_button(ui, "Work", .key = "work");
    ez_on(ui, "work.click", work);
    if (ez_button(ui, "Crash", .key = "crash")) {
        mark(ui, "clicked");
        *(volatile int *)(size_t)ez_get_num(ui, "nothing") = 1;
    }
    ez_chat *chat = ez_chat_get(ui, "chat");
    const char *question = ez_chat_input(ui, "Ask", .key = "ask");
    if (question) {
        mark(ui, "clicked");
        ez_chat_add(chat, "user", question);
        ez_chat_reply(ui, chat, ez_model_get(ui, NULL), .max_tokens = 24, .done = answered);
    }
    for (int i = 0; i < ez_chat_count(chat); i++)
        ez_chat_text(ez_chat_message(ui, ez_chat_at(chat, i)->role, .key = ez_chat_at(chat, i)->id), ez_chat_at(chat, i));
    ez_text(ui, ez_fmt(ui, "count %d, typed %zu %u, large %zu %u.", ez_state(ui, proof, "clicked")->count, strlen(typed), sum_of(typed), strlen(large), sum_of(large)), .key = "shown");
}

static const char *marks_of(ez_ui *ui, const char *name)
{
    const proof *p = ez_state(ui, proof, name);
    char *hex = ez_alloc(ui, 2 * sizeof p->of + 1);
    int used = 0;
    for (int i = 0; i < (int)sizeof p->of; i++)
        if (p->of[i])
            used = i + 1;
    for (int i = 0; i < used; i++)
        snprintf(hex + (size_t)i * 2, 3, "%02x", p->of[i]);
    return ez_fmt(ui, "%s %d %d x%s", name, p->count, p->twice, hex);
}

/* What the session holds in the end. */
static void proof_page(ez_ui *ui)
{
    static const char *const states[] = { "done", "streaming", "stopped", "failed" };
    ez_chat *chat = ez_chat_get(ui, "chat");
    ez_title(ui, "Proof");
    ez_text(ui, marks_of(ui, "clicked"), .key = "clicked");
    ez_text(ui, marks_of(ui, "worked"), .key = "worked");
    ez_text(ui, marks_of(ui, "answered"), .key = "answered");
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        ez_text(ui, ez_fmt(ui, "%s %s %s", m->role, states[m->state], m->text), .key = ez_fmt(ui, "said-%d", i));
    }
}

/* ---- the scripted engine -------------------------------------------------------------------------------------------------------- */

enum { WORDS = 40, WORD_MS = 30 };
typedef struct line { int fd; wire_reader in; text out; } line;
typedef struct written { uint64_t key, sent; int64_t begun; line *to; bool over; } written;
typedef struct script { LIST(line *) lines; LIST(written) answers; line *from; } script;

static void words_so_far(const written *a, int64_t now, text *t)
{
    int64_t count = (now - a->begun) / WORD_MS;
    text_clear(t);
    for (int i = 0; i < count && i < WORDS; i++)
        text_printf(t, "%sw%d", i ? " " : "", i);
    if (count >= WORDS)
        text_puts(t, " end");
}

static written *answer_of(script *s, uint64_t key)
{
    for (int i = 0; i < s->answers.count; i++)
        if (s->answers.at[i].key == key)
            return &s->answers.at[i];
    return NULL;
}

static bool hear(void *user, const wire_message *m)
{
    script *s = user;
    written *a = m->kind == WIRE_HELLO ? NULL : answer_of(s, m->ask.key);      /* every message begins with the key */
    if (m->kind == WIRE_ASK && !a) {
        a = list_add(&s->answers);
        *a = (written){ .key = m->ask.key, .begun = clock_ms() };
    }
    if (m->kind == WIRE_ASK || (m->kind == WIRE_ATTACH && a)) {
        a->to = s->from;
        a->over = false;
        a->sent = m->kind == WIRE_ATTACH ? m->attach.offset : 0;
    } else if (m->kind == WIRE_ATTACH) {
        wire_put(&s->from->out, &(wire_message){ WIRE_DONE, .done = { .key = m->attach.key, .state = WIRE_END_FAILED, .code = EZ_FAILED, .text = "the engine that wrote it is gone" } });
    } else if (m->kind == WIRE_ACK && m->ack.final && a) {
        *a = s->answers.at[--s->answers.count];
    }
    return true;
}

static void write_answers(script *s)
{
    text t = { 0 };
    int64_t now = clock_ms();
    for (int i = 0; i < s->answers.count; i++) {
        written *a = &s->answers.at[i];
        if (!a->to || a->over)
            continue;
        words_so_far(a, now, &t);
        if (t.count > a->sent)
            wire_put(&a->to->out, &(wire_message){ WIRE_TOKENS, .tokens = { a->key, a->sent, t.at + a->sent, (uint32_t)(t.count - a->sent) } });
        a->sent = t.count > a->sent ? t.count : a->sent;
        a->over = now - a->begun >= WORDS * WORD_MS;
        if (a->over)
            wire_put(&a->to->out, &(wire_message){ WIRE_DONE, .done = { .key = a->key, .state = WIRE_END_DONE, .offset = t.count, .tokens = WORDS, .seconds = 1, .text = "" } });
    }
    text_done(&t);
}

static void line_lost(script *s, int i)
{
    for (int j = 0; j < s->answers.count; j++)
        if (s->answers.at[j].to == s->lines.at[i])
            s->answers.at[j].to = NULL;
    close(s->lines.at[i]->fd);
    list_remove(&s->lines, i);
}

static bool new_lines(script *s, int control)
{
    char kind, words[64];
    int fd, got;
    while ((got = control_receive(control, &kind, words, sizeof words, &fd)) > 0) {
        if (fd < 0)
            continue;
        line *l = mem_alloc(sizeof *l);
        l->fd = fd;
        *list_add(&s->lines) = l;
        wire_put(&l->out, &(wire_message){ WIRE_STATUS, .status = { WIRE_READY, "script", "scripted", 2048, 64, EZ_OK, "", 1 } });
    }
    return got == 0;
}

static int scripted_engine(int control)
{
    script s = { 0 };
    char bytes[65536];
    while (new_lines(&s, control)) {
        write_answers(&s);
        for (int i = s.lines.count - 1; i >= 0; i--) {
            line *l = s.lines.at[i];
            s.from = l;
            ssize_t n = recv(l->fd, bytes, sizeof bytes, MSG_DONTWAIT);
            if (n > 0)
                wire_feed(&l->in, bytes, (size_t)n, hear, &s);
            ssize_t sent = l->out.count ? send(l->fd, l->out.at, l->out.count, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
            if (sent > 0) {
                memmove(l->out.at, l->out.at + sent, l->out.count - (size_t)sent);
                l->out.count -= (size_t)sent;
            }
            if (n == 0)
                line_lost(&s, i);
        }
        poll(&(struct pollfd){ control, POLLIN, 0 }, 1, WORD_MS / 2);
    }
    return 0;
}

/* As a program does that reads something large before it serves. */
static void begin(ez_app *app)
{
    (void)app;
    if (getenv("STORM_SLOW_START"))
        sleep(60);
}

static void setup(ez_app *app) { ez_page(app, "/proof", proof_page, .title = "Proof"); }

int main(int argc, char **argv)
{
    int listen, control, notes;
    const char *role = getenv("EASEL_ROLE");
    if (getenv("STORM_SCRIPT") && role && sscanf(role, "engine %d %d %d", &listen, &control, &notes) == 3)
        return scripted_engine(control);
    return ez_main(argc, argv, page, .queue_size = 1000, .setup = setup, .start = begin, .model = getenv("STORM_SCRIPT"));
}
