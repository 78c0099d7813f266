/* conversation.c: messages, branches, and their stored form. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/conversation.h"
#include <cjson/cJSON.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

conversation *conversation_new(const char *key)
{
    conversation *c = mem_alloc(sizeof *c);
    c->key = mem_text(key);
    return c;
}

static chat_ask *ask_copy(const chat_ask *a)
{
    if (!a)
        return NULL;
    chat_ask *copy = mem_copy(a, sizeof *a);
    copy->model = mem_text(a->model);
    copy->loading = mem_text(a->loading);
    copy->grammar = mem_text(a->grammar);
    return copy;
}

static void message_free(chat_message *m)
{
    if (m->ask) {
        mem_free(m->ask->model);
        mem_free(m->ask->loading);
        mem_free(m->ask->grammar);
        mem_free(m->ask);
    }
    mem_free(m->text);
    mem_free(m->error);
    mem_free(m);
}

void conversation_clear(conversation *c)
{
    for (int i = 0; i < c->all.count; i++) {
        *list_add(&c->gone) = c->all.at[i]->id;
        message_free(c->all.at[i]);
    }
    list_done(&c->all);
    c->chosen = 0;
    c->unsaved = true;
}

void conversation_free(conversation *c)
{
    if (!c)
        return;
    conversation_clear(c);
    list_done(&c->gone);
    mem_free(c->key);
    mem_free(c);
}

conversation *conversation_copy(const conversation *c)
{
    conversation *copy = conversation_new(c->key);
    copy->chosen = c->chosen;
    for (int i = 0; i < c->all.count; i++) {
        const chat_message *m = c->all.at[i];
        chat_message *n = mem_copy(m, sizeof *m);
        n->text = mem_copy(m->text, m->count + 1);
        n->room = m->count + 1;
        n->error = mem_text(m->error);
        n->ask = ask_copy(m->ask);
        *list_add(&copy->all) = n;
    }
    return copy;
}

chat_message *conversation_find(const conversation *c, uint64_t id)
{
    for (int i = c->all.count - 1; i >= 0; i--)
        if (c->all.at[i]->id == id)
            return c->all.at[i];
    return NULL;
}

static chat_message *message_new(conversation *c, uint64_t id, uint64_t parent, const char *role, const char *text, const chat_ask *ask)
{
    chat_message *m = mem_alloc(sizeof *m);
    m->id = id;
    m->parent = parent;
    strncpy(m->role, role, sizeof m->role - 1);
    chat_message_set(m, text);
    m->ask = ask_copy(ask);
    m->at_ms = wall_ms();
    m->unsaved = c->unsaved = true;
    *list_add(&c->all) = m;
    return m;
}

chat_message *conversation_add(conversation *c, uint64_t id, uint64_t parent, const char *role, const char *text, const chat_ask *ask)
{
    chat_message *m = message_new(c, id, parent, role, text, ask);
    /* A new child is the one to be seen, whatever was chosen before. */
    chat_message *above = parent ? conversation_find(c, parent) : NULL;
    if (above) {
        above->chosen = 0;
        above->unsaved = true;
    } else {
        c->chosen = 0;
    }
    return m;
}

void chat_message_append(chat_message *m, const char *bytes, size_t count)
{
    if (m->count + count + 1 > m->room) {
        m->room = (m->count + count + 1) * (m->count ? 2 : 1);      /* what comes at once grows no more, as a rule */
        m->text = mem_resize(m->text, m->room);
    }
    memcpy(m->text + m->count, bytes, count);
    m->count += count;
    m->text[m->count] = 0;
    m->unsaved = true;
}

void chat_message_set(chat_message *m, const char *text)
{
    m->count = 0;
    chat_message_append(m, text, strlen(text));
}

void chat_message_over(chat_message *m, ez_message_state state, ez_err_code code, const char *error)
{
    m->state = state;
    m->code = code;
    mem_free(m->error);
    m->error = mem_text(error);
    m->count = utf8_whole(m->text, m->count);      /* an engine that died may have died within a character */
    m->room = m->count + 1;
    m->text = mem_resize(m->text, m->room);
    m->text[m->count] = 0;
    m->unsaved = true;
}

static chat_message *chosen_child(const conversation *c, uint64_t parent, uint64_t chosen)
{
    chat_message *newest = NULL;
    for (int i = 0; i < c->all.count; i++) {
        chat_message *m = c->all.at[i];
        if (m->parent != parent)
            continue;
        if (m->id == chosen)
            return m;
        newest = m;
    }
    return newest;
}

void conversation_path(const conversation *c, chat_path *path)
{
    /* Each step goes down the tree, so there are at most as many as there are messages. */
    chat_message *m = chosen_child(c, 0, c->chosen);
    for (int steps = 0; m && steps < c->all.count; steps++) {
        *list_add(&path->at) = m;
        m = chosen_child(c, m->id, m->chosen);
    }
}

chat_message *conversation_last(const conversation *c)
{
    chat_path path = { 0 };
    conversation_path(c, &path);
    chat_message *last = path.at.count ? path.at.at[path.at.count - 1] : NULL;
    list_done(&path.at);
    return last;
}

int conversation_branch(const conversation *c, const chat_message *m, int *count)
{
    int mine = 0;
    *count = 0;
    for (int i = 0; i < c->all.count; i++)
        if (c->all.at[i]->parent == m->parent) {
            ++*count;
            if (c->all.at[i] == m)
                mine = *count;
        }
    return mine;
}

bool conversation_choose(conversation *c, const chat_message *m, int n)
{
    for (int i = 0; i < c->all.count; i++) {
        chat_message *sibling = c->all.at[i];
        if (sibling->parent != m->parent || --n)
            continue;
        chat_message *above = m->parent ? conversation_find(c, m->parent) : NULL;
        if (above) {
            above->chosen = sibling->id;
            above->unsaved = true;
        } else {
            c->chosen = sibling->id;
            c->unsaved = true;
        }
        return true;
    }
    return false;
}

/* ---- stored form: JSON, so that what is kept can be read without Easel ------------------------------------------ */

static void put_id(json *j, const char *key, uint64_t id)
{
    char name[ID_CHARS + 1];
    if (!id)
        return;
    id_print(id, name);
    json_key(j, key);
    json_text(j, name);
}

static void put_number(json *j, const char *key, double v)
{
    if (v != 0) {
        json_key(j, key);
        json_number(j, v);
    }
}

static void put_text(json *j, const char *key, const char *v)
{
    if (v && *v) {
        json_key(j, key);
        json_text(j, v);
    }
}

static void save_ask(json *j, const chat_ask *a, const void *base)
{
    json_key(j, "ask");
    json_object(j);
    put_text(j, "model", a->model);
    put_text(j, "loading", a->loading);
    put_text(j, "grammar", a->grammar);
    put_number(j, "n_ctx", a->n_ctx);
    put_number(j, "max_tokens", a->max_tokens);
    if (a->sampling) {
        json_key(j, "sampling");
        json_object(j);
        put_number(j, "temperature", a->temperature);
        put_number(j, "top_p", a->top_p);
        put_number(j, "min_p", a->min_p);
        put_number(j, "top_k", a->top_k);
        put_number(j, "seed", a->seed);
        json_object_end(j);
    }
    if (a->done)
        put_number(j, "done", (double)((intptr_t)a->done - (intptr_t)base));
    if (a->from_job)
        put_number(j, "from_job", 1);
    json_object_end(j);
}

void conversation_save_message(const chat_message *m, const void *base, text *out)
{
    json j = json_to(out);
    json_object(&j);
    put_id(&j, "id", m->id);
    put_id(&j, "parent", m->parent);
    put_id(&j, "chosen", m->chosen);
    put_text(&j, "role", m->role);
    json_key(&j, "text");
    /* A character of which half has come is not stored: the rest of the answer is asked for from there. */
    json_text_n(&j, m->text, m->state == EZ_MESSAGE_STREAMING ? utf8_whole(m->text, m->count) : m->count);
    put_number(&j, "state", m->state);
    put_number(&j, "tokens", m->tokens);
    put_number(&j, "dropped", m->dropped);
    put_number(&j, "seconds", m->seconds);
    put_number(&j, "first_token", m->first_token);
    put_number(&j, "speed", m->speed);
    put_number(&j, "feedback", m->feedback);
    put_number(&j, "at_ms", (double)m->at_ms);
    put_number(&j, "error", m->code);
    put_text(&j, "error_text", m->error);
    if (m->ask)
        save_ask(&j, m->ask, base);
    json_object_end(&j);
}

static double get_number(const cJSON *o, const char *key)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, key);
    return cJSON_IsNumber(v) ? v->valuedouble : 0;
}

/* A whole number between bounds; 0 for anything else, so that it fits whatever it becomes. */
static int64_t get_count(const cJSON *o, const char *key, int64_t least, int64_t most)
{
    double v = get_number(o, key);
    return v >= (double)least && v <= (double)most ? (int64_t)v : 0;
}

static int get_int(const cJSON *o, const char *key) { return (int)get_count(o, key, INT_MIN, INT_MAX); }

static const char *get_text(const cJSON *o, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));
}

static uint64_t get_id(const cJSON *o, const char *key)
{
    const char *s = get_text(o, key);
    uint64_t id = 0;
    return s && id_read(s, strlen(s), &id) ? id : 0;
}

static void read_ask(const cJSON *o, const void *base, chat_ask *a)
{
    const cJSON *s = cJSON_GetObjectItemCaseSensitive(o, "sampling");
    *a = (chat_ask){ .model = (char *)get_text(o, "model"), .loading = (char *)get_text(o, "loading"), .grammar = (char *)get_text(o, "grammar"),
                     .n_ctx = get_int(o, "n_ctx"), .max_tokens = get_int(o, "max_tokens"), .from_job = get_number(o, "from_job") != 0 };
    if (cJSON_IsObject(s)) {
        a->sampling = true;
        a->temperature = get_number(s, "temperature");
        a->top_p = get_number(s, "top_p");
        a->min_p = get_number(s, "min_p");
        a->top_k = get_int(s, "top_k");
        a->seed = (unsigned)get_count(s, "seed", 0, UINT_MAX);
    }
    int64_t done = get_count(o, "done", -9007199254740992, 9007199254740992);
    if (done && base)
        a->done = (void (*)(ez_ui *, const ez_message *))((intptr_t)base + (intptr_t)done);
}

chat_message *conversation_read_message(conversation *c, const char *data, size_t count, const void *base)
{
    cJSON *o = cJSON_ParseWithLength(data, count);
    const char *role = get_text(o, "role"), *text = get_text(o, "text");
    const cJSON *asked = cJSON_GetObjectItemCaseSensitive(o, "ask");
    uint64_t id = get_id(o, "id");
    chat_ask ask;
    if (!id || !role || !text) {
        cJSON_Delete(o);
        return NULL;
    }
    if (asked)
        read_ask(asked, base, &ask);
    chat_message *m = message_new(c, id, get_id(o, "parent"), role, text, asked ? &ask : NULL);
    m->chosen = get_id(o, "chosen");
    m->state = (ez_message_state)get_count(o, "state", EZ_MESSAGE_DONE, EZ_MESSAGE_FAILED);
    m->tokens = get_int(o, "tokens");
    m->dropped = get_int(o, "dropped");
    m->seconds = get_number(o, "seconds");
    m->first_token = get_number(o, "first_token");
    m->speed = get_number(o, "speed");
    m->feedback = get_int(o, "feedback");
    m->at_ms = get_count(o, "at_ms", 0, 9007199254740992);
    m->code = (ez_err_code)get_count(o, "error", EZ_OK, EZ_FULL);
    if (m->code)
        m->error = mem_text(get_text(o, "error_text"));
    cJSON_Delete(o);
    return m;
}

void conversation_save_head(const conversation *c, text *out)
{
    json j = json_to(out);
    json_object(&j);
    put_id(&j, "chosen", c->chosen);
    json_key(&j, "messages");
    json_array(&j);
    for (int i = 0; i < c->all.count; i++) {
        char name[ID_CHARS + 1];
        id_print(c->all.at[i]->id, name);
        json_text(&j, name);
    }
    json_array_end(&j);
    json_object_end(&j);
}

/* Puts the messages that were read into the order of the head, drops those it does not know, and takes its choice. */
bool conversation_read_head(conversation *c, const char *data, size_t count)
{
    cJSON *o = cJSON_ParseWithLength(data, count);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(o, "messages"), *one;
    int at = 0;
    if (!cJSON_IsArray(list)) {
        cJSON_Delete(o);
        return false;
    }
    cJSON_ArrayForEach(one, list) {
        uint64_t id = 0;
        const char *name = cJSON_GetStringValue(one);
        if (!name || !id_read(name, strlen(name), &id))
            continue;
        for (int i = at; i < c->all.count; i++)
            if (c->all.at[i]->id == id) {
                chat_message *m = c->all.at[i];
                memmove(c->all.at + at + 1, c->all.at + at, (size_t)(i - at) * sizeof m);
                c->all.at[at++] = m;
                break;
            }
    }
    while (c->all.count > at)
        message_free(c->all.at[--c->all.count]);
    c->chosen = get_id(o, "chosen");
    c->unsaved = false;
    for (int i = 0; i < c->all.count; i++)
        c->all.at[i]->unsaved = false;
    cJSON_Delete(o);
    return true;
}
