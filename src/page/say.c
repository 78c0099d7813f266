/* say.c: conversations inside a run: what was said so far, what this run adds, what it asks a model. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include "page/markdown.h"
#include <stdio.h>
#include <string.h>

struct ez_chat { run *run; conversation *is; chat_path path; int path_of; };
struct ez_model { const char *path, *loading; int n_ctx; };

conversation *run_chat(run *r, const char *key)
{
    for (int i = 0; i < r->chats.count; i++)
        if (!strcmp(r->chats.at[i]->key, key))
            return r->chats.at[i];
    conversation *c = conversation_new(key);
    *list_add(&r->chats) = c;
    return c;
}

static const ez_message *message_out(run *r, const chat_message *m)
{
    ez_message *out = arena_alloc(r->arena, sizeof *out);
    char *id = arena_alloc(r->arena, ID_CHARS + 1);
    id_print(m->id, id);
    *out = (ez_message){ id, arena_text(r->arena, m->role), m->text, m->state, m->tokens, m->seconds, { .code = m->code } };
    snprintf(out->error.text, sizeof out->error.text, "%s", m->error ? m->error : "");
    return out;
}

static chat_message *message_in(run *r, const ez_message *m, conversation **of)
{
    uint64_t id;
    if (!m || !m->id || !id_read(m->id, strlen(m->id), &id))
        return NULL;
    for (int i = 0; i < r->chats.count; i++) {
        chat_message *found = conversation_find(r->chats.at[i], id);
        if (found) {
            if (of)
                *of = r->chats.at[i];
            return found;
        }
    }
    return NULL;
}

const ez_message *run_message(run *r, uint64_t id)
{
    for (int i = 0; i < r->chats.count; i++) {
        chat_message *m = conversation_find(r->chats.at[i], id);
        if (m)
            return message_out(r, m);
    }
    return NULL;
}

ez_chat *ez_chat_get(ez_ui *ui, const char *key)
{
    ez_chat *c = arena_alloc(ui->run->arena, sizeof *c);
    if (ui->run->apart)
        node_mistake(ui, ui->run->last_call, "ez_chat_get: a function in a process of its own (.process) has no conversations; it can put out what it has to say");
    c->run = ui->run;
    c->is = run_chat(ui->run, key);
    c->path_of = -1;
    return c;
}

/* The visible path, made anew when the conversation has grown. It lives in the arena. */
static chat_path *path_of(ez_chat *c)
{
    if (c->path_of != c->is->all.count) {
        chat_path found = { 0 };
        conversation_path(c->is, &found);
        c->path.at.at = arena_copy(c->run->arena, found.at.at, (size_t)found.at.count * sizeof *found.at.at);
        c->path.at.count = found.at.count;
        list_done(&found.at);
        c->path_of = c->is->all.count;
    }
    return &c->path;
}

int ez_chat_count(ez_chat *chat)
{
    return path_of(chat)->at.count;
}

const ez_message *ez_chat_at(ez_chat *chat, int i)
{
    static const ez_message none = { "", "", "", EZ_MESSAGE_DONE, 0, 0, { EZ_OK, "" } };
    chat_path *p = path_of(chat);
    return i >= 0 && i < p->at.count ? message_out(chat->run, p->at.at[i]) : &none;
}

/* Made from the event, so that an event that is repeated after a crash makes the same messages. */
static chat_message *say(ez_chat *chat, const char *role, const char *text, const chat_ask *ask)
{
    run *r = chat->run;
    chat_message *last = conversation_last(chat->is);
    uint64_t id = hash_mix(hash_mix(r->seed, hash_text(chat->is->key)), (uint64_t)r->said.count + 1);
    run_charge(r, (ptrdiff_t)(sizeof(chat_message) + strlen(text)));
    chat_message *m = conversation_add(chat->is, id, last ? last->id : 0, role, text, ask);
    *list_add(&r->said) = (run_said){ mem_text(chat->is->key), m, ask != NULL };
    return m;
}

/* As Markdown, below what was said so far. */
static void say_picture(run *r, text *said, const ez_file *file)
{
    char id[FILE_ID_CHARS + 1];
    if (!file || !file->path || !*file->path || !run_file_take(r, file, id)) return;
    const ez_file *kept = run_file(r, id);
    if (!kept || strncmp(kept->type, "image/", 6)) {
        log_warn("page", "the file %s is no picture, so it is not said in the conversation", file->name ? file->name : file->path);
        return;
    }
    if (said->count) text_puts(said, "\n\n");
    node_media(said, page_address(r->root, arena_printf(r->arena, "/%s", file_address(r->arena, id, kept->name))), kept->name);
}

const ez_message *ez_chat_add_put(const ez_chat_add_args *a)
{
    run *r = a->chat->run;
    text said = { .arena = r->arena };
    run_at_copy(r, &a->call);
    text_puts(&said, a->text ? a->text : "");
    say_picture(r, &said, a->picture);
    for (int i = 0; i < a->pictures.count; i++) say_picture(r, &said, a->pictures.at[i]);
    if (a->pixels) say_picture(r, &said, run_picture_file(r, a->pixels, "picture.png"));
    return message_out(r, say(a->chat, a->role ? a->role : "user", said.at ? said.at : "", NULL));
}

ez_model *ez_model_put(ez_ui *at, const ez_model_args *a)
{
    ez_model *m = arena_alloc(at->run->arena, sizeof *m);
    *m = (ez_model){ arena_text(at->run->arena, a->path), arena_text(at->run->arena, a->loading), a->n_ctx };
    return m;
}

const ez_message *ez_reply_put(ez_ui *ui, const ez_reply_args *a)
{
    run_at_copy(ui->run, &a->call);
    chat_ask ask = { .call = a->call, .max_tokens = a->max_tokens, .done = a->done, .from_job = ui->run->kind == RUN_JOB };
    if (a->model) {
        ask.model = (char *)a->model->path;
        ask.loading = (char *)a->model->loading;
        ask.n_ctx = a->model->n_ctx;
    }
    if (a->sampling) {
        const ez_sampling *s = a->sampling;
        ask.sampling = true;
        ask.temperature = s->temperature, ask.top_p = s->top_p, ask.min_p = s->min_p;
        ask.top_k = s->top_k, ask.seed = s->seed, ask.grammar = (char *)s->grammar;
    }
    chat_message *m = say(a->chat, "assistant", "", &ask);
    m->state = EZ_MESSAGE_STREAMING;
    return message_out(ui->run, m);
}

/* ---- shown ---------------------------------------------------------------------------------------------------------- */

void node_message(node *n, const ez_message *m)
{
    run *r = n->run;
    chat_message *is = message_in(r, m, NULL);
    size_t from = n->html.out.count;
    uint64_t id = 0;
    n->spot = (uint32_t)from;
    if (m && m->id && id_read(m->id, strlen(m->id), &id)) {
        n->message = id;
        n->flags |= NODE_MESSAGE;
    }
    bool fresh = !is;
    for (int i = 0; is && i < r->said.count; i++)
        fresh = fresh || r->said.at[i].message == is;
    /* A message of this run is not known to the session before the run is over, so its words are printed here too. */
    if (fresh && m && m->text)
        markdown_html(&n->html.out, m->text, strlen(m->text), MARKDOWN_DEMOTE | (m->role && !strcmp(m->role, "user") ? MARKDOWN_BREAKS : 0));
    n->spot_count = (uint32_t)(n->html.out.count - from);
    if (n->skips < COUNT(n->skip)) {
        n->skip[n->skips][0] = from;
        n->skip[n->skips++][1] = n->html.out.count;
    }
}

message_view message_look(ez_ui *ui, const ez_message *m)
{
    message_view v = { .branch = 1, .branches = 1 };
    conversation *of = NULL;
    chat_message *is = message_in(ui->run, m, &of);
    if (!is)
        return v;
    v.first_token = is->first_token;
    v.speed = is->speed;
    v.branch = conversation_branch(of, is, &v.branches);
    v.feedback = is->feedback;
    v.position = is->position;
    v.dropped = is->dropped;
    v.last = conversation_last(of) == is;
    v.answer = is->ask != NULL;
    v.waits_for_model = is->loading;
    v.loading = is->ask ? arena_text(ui->run->arena, is->ask->loading) : NULL;
    return v;
}
