/* answer.c: answers that grow, and what a visitor does with messages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

conversation *chat_of(session *s, uint64_t message, chat_message **m)
{
    for (int i = 0; i < s->chats.count; i++) {
        chat_message *found = conversation_find(s->chats.at[i], message);
        if (found) {
            *m = found;
            return s->chats.at[i];
        }
    }
    return NULL;
}

stream *stream_of(session *s, uint64_t answer)
{
    for (int i = 0; i < s->streams.count; i++)
        if (s->streams.at[i]->answer == answer)
            return s->streams.at[i];
    return NULL;
}

static unsigned markdown_flags(const chat_message *m)
{
    return MARKDOWN_DEMOTE | (!strcmp(m->role, "user") ? MARKDOWN_BREAKS : 0);
}

/* A message that grows is printed as far as its views have it, so that the next operation fits. */
bool message_print(void *data, uint64_t message, text *out)
{
    session *s = data;
    chat_message *m;
    if (!chat_of(s, message, &m))
        return false;
    stream *x = stream_of(s, message);
    if (x) markdown_stream_html(&x->markdown, m->text, out);
    else markdown_html(out, m->text, m->count, markdown_flags(m));
    return true;
}

static stream *stream_new(session *s, conversation *chat, chat_message *m, uint64_t job)
{
    stream *x = mem_alloc(sizeof *x);
    *x = (stream){ .answer = m->id, .chat = chat, .saved_ms = s->now, .job = job };
    x->markdown.flags = markdown_flags(m);
    *list_add(&s->streams) = x;
    return x;
}

void answer_begin(session *s, conversation *chat, chat_message *m, uint64_t job)
{
    m->state = EZ_MESSAGE_STREAMING;
    stream_new(s, chat, m, job);
    action *a = act(s, ACTION_ASK);
    a->chat = chat;
    a->answer = m->id;
    for (int i = 0; i < s->pages.count; i++)
        tell_busy(s, s->pages.at[i], true);
}

/* ---- growing ------------------------------------------------------------------------------------------------------------- */

static void stream_ops(const tree *t, const stream *x, markdown_op op, const text *out, int keep, text *ops)
{
    for (int i = 0; i < t->count; i++) {
        const tree_node *n = &t->nodes[i];
        char id[ID_CHARS + 1];
        if (!(n->flags & NODE_MESSAGE) || n->message != x->answer)
            continue;
        id_print(n->id, id);
        if (ops->count)
            text_putc(ops, ',');
        if (op == MARKDOWN_TEXT) text_printf(ops, "[\"t\",\"%s\",", id);
        else text_printf(ops, "[\"l\",\"%s\",%d,", id, keep);
        text_json_wire(ops, out->at ? out->at : "", out->count);
        text_putc(ops, ']');
    }
}

static void stream_flush(session *s, stream *x, bool more)
{
    chat_message *m = conversation_find(x->chat, x->answer);
    text out = { 0 };
    int keep = 0;
    x->dirty = false;
    x->flushed_ms = s->now;
    if (!m)
        return;
    size_t whole = utf8_whole(m->text, m->count);
    markdown_op op = markdown_stream_next(&x->markdown, m->text, whole, more, &out, &keep);
    x->flushed = whole;
    for (int i = 0; op != MARKDOWN_SAME && i < s->pages.count; i++) {
        text ops = { 0 };
        stream_ops(s->pages.at[i]->now, x, op, &out, keep, &ops);
        frame_emit(s, s->pages.at[i], ops.at, ops.count);
        text_done(&ops);
    }
    text_done(&out);
}

void answers_flush(session *s, bool all)
{
    for (int i = 0; i < s->streams.count; i++)
        if (s->streams.at[i]->dirty && (all || s->now - s->streams.at[i]->flushed_ms >= FLUSH_MS))
            stream_flush(s, s->streams.at[i], true);
}

void answers_tick(session *s)
{
    bool due = false;
    answers_flush(s, false);
    for (int i = 0; i < s->streams.count && !s->fenced; i++)
        due = due || (s->streams.at[i]->flushed > s->streams.at[i]->saved && s->now - s->streams.at[i]->saved_ms >= STREAM_SAVE_MS);
    if (due)
        save(s);
}

static bool shows(const session *s, const shown *page, uint64_t message)
{
    for (int i = 0; i < page->now->count; i++)
        if (page->now->nodes[i].message == message)
            return true;
    return s->running && s->running_page == page;      /* with what it knew of the message when it began */
}

/* Every page that shows the message, or is about to, runs once without a trigger. */
void rerun_where_shown(session *s, uint64_t message)
{
    for (int i = 0; i < s->pages.count; i++)
        if (shows(s, s->pages.at[i], message))
            rerun_page(s, s->pages.at[i]);
}

static bool run_done(session *s, chat_message *m)
{
    if (!m->ask || !m->ask->done || !s->pages.count || s->fenced)
        return false;
    for (int i = 0; i < s->undone.count; i++)
        if (s->undone.at[i] == m->id)
            return false;
    shown *page = s->pages.at[0];
    for (int i = 0; i < s->pages.count; i++)
        for (int j = 0; j < s->pages.at[i]->now->count; j++)
            if (s->pages.at[i]->now->nodes[j].message == m->id)
                page = s->pages.at[i];
    job_of *j = mem_alloc(sizeof *j);
    j->number = ++s->jobs_made;
    j->page = page;
    *list_add(&j->chain.list) = (binding){ .after = -1, .scope = page->scope };
    j->run = prepare_run(s, page, RUN_JOB, NULL, NULL, NULL, 0);
    j->run->done_fn = m->ask->done;
    j->run->answer = j->answer = m->id;
    j->run->seed = hash_mix(m->id, 0x646f6e65);
    char id[ID_CHARS + 1];
    id_print(m->id, id);
    j->run->events = arena_printf(j->run->arena, "=%s", id);
    j->run->job = j->number;
    if (m->ask->call.file)
        j->run->last_call = arena_copy(j->run->arena, &m->ask->call, sizeof m->ask->call);
    *list_add(&s->jobs) = j;
    action *a = act(s, ACTION_JOB);
    a->run = j->run;
    a->job = j->number;
    a->function = (const void *)(intptr_t)m->ask->done;
    return true;
}

static void answer_over(session *s, stream *x, chat_message *m, const answer_news *a)
{
    uint64_t job = x->job;
    stream_flush(s, x, false);
    chat_message_over(m, a->state, a->code, a->error);
    m->position = 0;
    m->loading = false;
    m->tokens = a->tokens ? a->tokens : m->tokens;
    m->seconds = a->seconds;
    m->first_token = a->first_token;
    double writing = a->seconds - a->first_token;
    m->speed = m->tokens > 1 && writing > 0 ? (m->tokens - 1) / writing : 0;
    markdown_stream_done(&x->markdown);
    list_drop(&s->streams, x);
    mem_free(x);
    if (!run_done(s, m))                       /* else the pages that show it run after that */
        rerun_where_shown(s, m->id);
    if (job)
        job_answer_over(s, job, a->state == EZ_MESSAGE_FAILED);
    save(s);
    pump(s);
}

void answer_news_in(session *s, const answer_news *a)
{
    stream *x = stream_of(s, a->id);
    chat_message *m = x ? conversation_find(x->chat, a->id) : NULL;
    if (!m)
        return;
    bool noted = false;
    switch (a->kind) {
    case ANSWER_LOADING:
        noted = !m->loading;
        m->loading = true;
        break;
    case ANSWER_QUEUED:
        noted = m->position != a->position || m->loading;
        m->position = a->position;
        m->loading = false;
        break;
    case ANSWER_STARTED:
        noted = m->loading || m->position || a->dropped;
        m->loading = false;
        m->position = 0;
        m->dropped = a->dropped;
        break;
    case ANSWER_TOKENS:
        if (a->offset > m->count)
            break;                              /* a hole; the engine is asked again by the app */
        if (a->offset + a->count <= m->count)
            break;                              /* known already */
        noted = m->loading || m->position;
        m->loading = false;
        m->position = 0;
        chat_message_append(m, a->bytes + (m->count - a->offset), a->count - (m->count - a->offset));
        m->tokens += a->tokens ? a->tokens : 1;
        x->dirty = true;
        answers_flush(s, false);
        break;
    case ANSWER_DONE:
        answer_over(s, x, m, a);
        return;
    case ANSWER_PROBABLE:
    case ANSWER_VECTOR:                         /* no page asks for them */
        break;
    }
    if (noted) {
        rerun_where_shown(s, m->id);
        pump(s);
    }
}

void answers_stop(session *s)
{
    for (int i = 0; i < s->streams.count; i++)
        act(s, ACTION_ANSWER_STOP)->answer = s->streams.at[i]->answer;
}

/* ---- what a visitor does with a message -------------------------------------------------------------------------------------- */

/* The message that the node shows, or that stands in it. */
static chat_message *shown_message(session *s, shown *page, uint64_t node, conversation **chat)
{
    int i = tree_find(page->now, node);
    if (i < 0)
        return NULL;
    chat_message *m = NULL;
    for (int j = i; j < page->now->count; j++) {
        int up = j;
        while (up > i)
            up = page->now->nodes[up].parent;
        if (up == i && (page->now->nodes[j].flags & NODE_MESSAGE) && (*chat = chat_of(s, page->now->nodes[j].message, &m)))
            return m;
    }
    return NULL;
}

/* A whole number that a signal carries; 0 for anything else. */
static int small_number(const char *json)
{
    long v = json ? strtol(json, NULL, 10) : 0;
    return v > INT_MAX ? INT_MAX : v < INT_MIN ? INT_MIN : (int)v;
}

bool chat_signal(session *s, shown *page, const message *m)
{
    conversation *chat = NULL;
    chat_message *of = shown_message(s, page, m->node, &chat);
    if (!of)
        return false;
    if (!strcmp(m->type, "feedback")) {
        int score = small_number(m->json);
        of->feedback = score > 0 ? 1 : score < 0 ? -1 : 0;
        of->unsaved = true;
        action *a = act(s, ACTION_FEEDBACK);
        a->chat = chat;
        a->answer = of->id;
        a->score = of->feedback;
        rerun_where_shown(s, of->id);
    } else if (!strcmp(m->type, "branch")) {
        if (conversation_choose(chat, of, small_number(m->json)))
            rerun_where_shown(s, of->id);
    } else if (!strcmp(m->type, "stop")) {
        act(s, ACTION_ANSWER_STOP)->answer = of->id;
    }
    pump(s);
    return true;
}

static uint64_t fresh_id(session *s, const chat_message *of, const pending *p)
{
    return hash_mix(hash_mix(of->id, hash_text(p->of->name)), p->n ^ hash_text(s->token));
}

static void answer_again(session *s, conversation *chat, const chat_message *old, uint64_t id, uint64_t parent)
{
    chat_message *m = conversation_add(chat, id, parent, "assistant", "", old->ask);
    answer_begin(s, chat, m, 0);
}

static void edit(session *s, conversation *chat, const chat_message *old, const pending *p)
{
    const char *text = p->event.text;
    const chat_message *answer = NULL;
    for (int i = 0; i < chat->all.count; i++)
        if (chat->all.at[i]->parent == old->id && chat->all.at[i]->ask)
            answer = chat->all.at[i];
    if (text && *text) {
        uint64_t id = fresh_id(s, old, p);
        conversation_add(chat, id, old->parent, old->role, text, NULL);
        if (answer)
            answer_again(s, chat, answer, hash_mix(id, 1), id);
    }
}

/* Regenerate and edit repeat the saved arguments of the answer on a new branch. False: it is not about a message. */
bool chat_trigger(session *s, shown *page, const pending *p)
{
    bool again = !strcmp(p->event.type, "regenerate"), edits = !strcmp(p->event.type, "edit");
    conversation *chat = NULL;
    chat_message *of = again || edits ? shown_message(s, page, p->event.id, &chat) : NULL;
    if (!of)
        return false;
    if (edits && !of->ask) edit(s, chat, of, p);
    else if (again && of->ask && !stream_of(s, of->id)) answer_again(s, chat, of, fresh_id(s, of, p), of->parent);
    rerun_page(s, page);
    return true;
}
