/* keep.c: a session in parts: what a write holds, what its commit settles, and how the parts are read back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void part(action *a, const char *name, text *data)
{
    *list_add(&a->parts) = (action_part){ mem_text(name), data->at ? data->at : mem_alloc(1), data->count };
    memset(data, 0, sizeof *data);
}

static void part_gone(action *a, const char *name)
{
    *list_add(&a->parts) = (action_part){ mem_text(name), NULL, 0 };
}

/* ---- out ------------------------------------------------------------------------------------------------------------------ */

/* Whether this write settles the event, or a process before this one did. */
static bool among(const session *s, const view *v, uint64_t n)
{
    for (int i = 0; i < s->unsettled.count; i++)
        if (s->unsettled.at[i].of == v && s->unsettled.at[i].n == n)
            return true;
    return view_is_done(v, n);
}

/* It is settled once this write is committed. What is not comes again after a death, and may then go another way. */
static bool settled_with(const session *s, const view *v, uint64_t n)
{
    return !view_waits(v, n) || among(s, v, n);
}

/* A view's mark as it stands when this write is committed: every event up to `settled`, and some above it. */
static void save_view(const session *s, const view *v, json *j)
{
    uint64_t lowest = v->taken + 1;
    for (int i = 0; i < v->waiting.count; i++)
        if (v->waiting.at[i] < lowest && !among(s, v, v->waiting.at[i]))
            lowest = v->waiting.at[i];
    json_object(j);
    json_key(j, "view");
    json_text(j, v->name);
    json_key(j, "path");
    json_text(j, v->page ? v->page->path : "/");
    json_key(j, "settled");
    json_int(j, (int64_t)lowest - 1);
    json_key(j, "done");
    json_array(j);
    for (uint64_t n = lowest + 1; n <= v->taken; n++)
        if (settled_with(s, v, n))
            json_int(j, (int64_t)n);
    for (int i = 0; i < v->done.count; i++)
        if (v->done.at[i] > v->taken)
            json_int(j, (int64_t)v->done.at[i]);
    json_array_end(j);
    json_key(j, "no");
    json_array(j);
    for (int i = 0; i < v->refusals.count; i++) {
        json_int(j, (int64_t)v->refusals.at[i].n);
        json_text(j, v->refusals.at[i].why);
    }
    json_array_end(j);
    json_object_end(j);
}

static void save_head(session *s, action *a)
{
    text t = { 0 };
    json j = json_to(&t);
    forget_old_views(s);
    json_object(&j);
    json_key(&j, "epoch");
    json_int(&j, s->epoch);
    json_key(&j, "frame");
    json_int(&j, s->frame);
    json_key(&j, "runs");
    json_int(&j, (int64_t)s->runs);
    json_key(&j, "jobs");
    json_int(&j, (int64_t)s->jobs_made);
    json_key(&j, "work");
    json_array(&j);
    for (int i = 0; i < s->jobs.count; i++)
        if (s->jobs.at[i]->run)
            json_text(&j, s->jobs.at[i]->page->path);
    json_array_end(&j);
    json_key(&j, "undone");
    json_array(&j);
    for (int i = s->undone.count > VIEW_MARKS ? s->undone.count - VIEW_MARKS : 0; i < s->undone.count; i++) {
        char id[ID_CHARS + 1];
        id_print(s->undone.at[i], id);
        json_text(&j, id);
    }
    json_array_end(&j);
    json_key(&j, "owed");
    json_array(&j);
    for (int i = 0; i < s->pages.count; i++)
        if (s->pages.at[i]->owed)
            json_text(&j, s->pages.at[i]->path);
    json_array_end(&j);
    json_key(&j, "views");
    json_array(&j);
    for (int i = 0; i < s->views.count; i++)
        if (s->views.at[i]->taken || s->views.at[i]->settled || s->views.at[i]->done.count)
            save_view(s, s->views.at[i], &j);
    json_array_end(&j);
    json_object_end(&j);
    part(a, "head", &t);
    s->unsaved_head = false;
}

static intptr_t relative(const session *s, ez_fn *fn)
{
    return fn ? (intptr_t)fn - (intptr_t)s->program->base : 0;
}

static void save_binding(const session *s, const binding *b, json *j)
{
    char id[ID_CHARS + 1], scope[ID_CHARS + 1];
    id_print(b->trigger, id);
    id_print(b->scope, scope);
    json_array(j);
    json_text(j, id);
    json_text(j, b->event);
    json_int(j, b->after);
    json_int(j, b->when);
    json_int(j, relative(s, b->fn));
    json_text(j, b->outputs);
    json_text(j, b->clears);
    json_text(j, b->into);
    json_text(j, b->cancels);
    json_text(j, b->lane);
    json_text(j, scope);
    json_int(j, b->concurrency);
    json_bool(j, b->rerun);
    id_print(b->fragment, id);
    json_text(j, id);
    json_array_end(j);
}

static void save_page(session *s, shown *p, action *a)
{
    text t = { 0 };
    char name[1100], id[ID_CHARS + 1];
    json j = json_to(&t);
    if (!p->unsaved || !p->settled->html)
        return;
    json_object(&j);
    json_key(&j, "build");
    json_text(&j, s->program->build);
    json_key(&j, "frame");
    json_int(&j, p->now == p->settled ? p->frame : p->settled_frame);
    json_key(&j, "bindings");
    json_array(&j);
    for (int i = 0; i < p->bindings.list.count; i++)
        save_binding(s, &p->bindings.list.at[i], &j);
    json_array_end(&j);
    json_key(&j, "fragments");
    json_array(&j);
    for (int i = 0; i < p->fragments.list.count; i++) {
        const fragment *f = &p->fragments.list.at[i];
        json_array(&j);
        id_print(f->node, id);
        json_text(&j, id);
        json_int(&j, relative(s, f->fn));
        json_number(&j, f->run_every);
        json_text(&j, f->run_on);
        id_print(f->scope, id);
        json_text(&j, id);
        json_array_end(&j);
    }
    json_array_end(&j);
    if (p->calls.count) {
        json_key(&j, "calls");
        json_text(&j, p->calls.at);
    }
    json_object_end(&j);
    text_putc(&t, 0);
    tree_save(p->settled, &t);
    p->unsaved = false;
    uint64_t hash = hash_bytes(t.at, t.count);
    if (hash == p->saved) {
        text_done(&t);
        return;
    }
    p->saved = hash;
    snprintf(name, sizeof name, "page/%s", p->path);
    part(a, name, &t);
}

/* A page that is shown again meanwhile has its part. */
static void save_pages_gone(session *s, action *a)
{
    for (int i = 0; i < s->pages_gone.count; i++) {
        char name[1100];
        bool again = false;
        for (int j = 0; j < s->pages.count; j++)
            again = again || !strcmp(s->pages.at[j]->path, s->pages_gone.at[i]);
        snprintf(name, sizeof name, "page/%s", s->pages_gone.at[i]);
        if (!again)
            part_gone(a, name);
        mem_free(s->pages_gone.at[i]);
    }
    list_done(&s->pages_gone);
}

static void save_chat(session *s, conversation *c, action *a, ticket *of)
{
    char name[300], id[ID_CHARS + 1];
    for (int i = 0; i < c->gone.count; i++) {
        id_print(c->gone.at[i], id);
        snprintf(name, sizeof name, "chat/%s/%s", id, c->key);
        part_gone(a, name);
    }
    list_done(&c->gone);
    for (int i = 0; i < c->all.count; i++) {
        chat_message *m = c->all.at[i];
        if (!m->unsaved)
            continue;
        text t = { 0 };
        id_print(m->id, id);
        snprintf(name, sizeof name, "chat/%s/%s", id, c->key);
        conversation_save_message(m, s->program->base, &t);
        part(a, name, &t);
        m->unsaved = false;
        if (m->ask)
            *list_add(&of->answers) = (saved_answer){ m->id, utf8_whole(m->text, m->count), m->state != EZ_MESSAGE_STREAMING };
        stream *x = stream_of(s, m->id);
        if (x) {
            x->saved = utf8_whole(m->text, m->count);      /* more than views have seen, perhaps */
            x->saved_ms = s->now;
        }
    }
    if (c->unsaved) {
        text t = { 0 };
        snprintf(name, sizeof name, "talk/%s", c->key);
        conversation_save_head(c, &t);
        part(a, name, &t);
        c->unsaved = false;
    }
}

static void save_states(session *s, action *a)
{
    for (int i = 0; i < s->states.list.count; i++) {
        state *x = &s->states.list.at[i];
        uint64_t hash = state_hash(x);
        char name[300];
        text t = { 0 };
        if (hash == x->saved)
            continue;
        x->saved = hash;
        state_save(x, &t);
        snprintf(name, sizeof name, "state/%s", x->name);
        part(a, name, &t);
    }
}

/* Everything that changed since the last write goes out in one; the events that it settles are acknowledged when it is
 * committed. One write is under way at a time: what changes meanwhile goes out after it, so that no write stands on one that failed.
 * A session that nobody has used yet lives in memory only. */
void save(session *s)
{
    if (!s->keeps || s->fenced)
        return;
    s->save_again = s->saving.count > 0;
    if (s->save_again)
        return;
    s->retry_ms = 0;
    action *a = act(s, ACTION_SAVE);
    ticket *t = list_add(&s->saving);
    t->number = a->ticket = (uint64_t)s->epoch << 32 | ++s->tickets;      /* no other life of this session has it */
    save_head(s, a);
    if (s->unsaved_values || !s->stored) {
        text v = { 0 };
        values_save(&s->values, &v);
        part(a, "values", &v);
        s->unsaved_values = false;
    }
    save_states(s, a);
    for (int i = 0; i < s->chats.count; i++)
        save_chat(s, s->chats.at[i], a, t);
    for (int i = 0; i < s->pages.count; i++)
        save_page(s, s->pages.at[i], a);
    save_pages_gone(s, a);
    for (int i = 0; i < s->unsettled.count; i++)
        *list_add(&t->events) = s->unsettled.at[i];
    list_done(&s->unsettled);
    s->stored = true;
}

/* What could not be written is written again with the next change. */
static void all_unsaved(session *s)
{
    s->unsaved_values = true;
    for (int i = 0; i < s->states.list.count; i++)
        s->states.list.at[i].saved = 0;
    for (int i = 0; i < s->pages.count; i++)
        s->pages.at[i]->unsaved = true, s->pages.at[i]->saved = 0;
    for (int i = 0; i < s->chats.count; i++) {
        s->chats.at[i]->unsaved = true;
        for (int j = 0; j < s->chats.at[i]->all.count; j++)
            s->chats.at[i]->all.at[j]->unsaved = true;
    }
}

void saved(session *s, const message *m)
{
    ticket t = { 0 };
    for (int i = 0; i < s->saving.count && !t.number; i++)
        if (s->saving.at[i].number == m->ticket) {
            t = s->saving.at[i];
            list_remove(&s->saving, i);
        }
    if (!t.number)
        return;
    if (m->saved == 1) {
        s->fenced = true;
        for (int i = 0; i < s->views.count; i++)
            if (s->views.at[i]->here)
                snprintf(act(s, ACTION_CUT)->view, TOKEN_CHARS + 1, "%s", s->views.at[i]->name);
    } else {
        if (m->saved == 2) {
            all_unsaved(s);
            s->retry_ms = s->now + RETRY_MS;
        }
        if (s->not_saved != (m->saved == 2)) {
            s->not_saved = m->saved == 2;
            tell_saving(s);
        }
        for (int i = 0; i < t.events.count; i++) {
            view_event_done(t.events.at[i].of, t.events.at[i].n);
            bool last = true;
            for (int j = i + 1; j < t.events.count; j++)
                last = last && t.events.at[j].of != t.events.at[i].of;
            if (!last)
                continue;
            tell_refusals(s, t.events.at[i].of, false);
            tell_ack(s, t.events.at[i].of);
        }
        for (int i = 0; m->saved == 0 && i < t.answers.count; i++) {
            action *a = act(s, ACTION_ANSWER_SAVED);
            a->answer = t.answers.at[i].answer;
            a->offset = t.answers.at[i].offset;
            a->final = t.answers.at[i].final;
        }
        for (int i = 0; i < s->pages.count; i++)
            if (!page_busy(s, s->pages.at[i]))
                tell_busy(s, s->pages.at[i], false);
    }
    list_done(&t.events);
    list_done(&t.answers);
    if (s->save_again)
        save(s);
}

/* ---- in --------------------------------------------------------------------------------------------------------------------- */

/* 0 to 2^53, so that it fits wherever it goes. */
static double count_in(const cJSON *v)
{
    return cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble <= 9007199254740992.0 ? v->valuedouble : 0;
}

static uint64_t count_of(const cJSON *o, const char *key)
{
    return (uint64_t)count_in(cJSON_GetObjectItemCaseSensitive(o, key));
}

static const char *text_at(const cJSON *a, int i)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(a, i));
}

static double number_at(const cJSON *a, int i)
{
    const cJSON *v = cJSON_GetArrayItem(a, i);
    return cJSON_IsNumber(v) && v->valuedouble >= -9007199254740992.0 && v->valuedouble <= 9007199254740992.0 ? v->valuedouble : 0;
}

static int int_at(const cJSON *a, int i)
{
    double v = number_at(a, i);
    return v >= -2147483647.0 && v <= 2147483647.0 ? (int)v : 0;
}

static uint64_t id_at(const cJSON *a, int i)
{
    const char *s = text_at(a, i);
    uint64_t id = 0;
    return s && id_read(s, strlen(s), &id) ? id : 0;
}

static bool read_head(session *s, const char *data, size_t count)
{
    cJSON *o = cJSON_ParseWithLength(data, count), *list = cJSON_GetObjectItemCaseSensitive(o, "views"), *one, *n;
    if (!o)
        return false;
    s->kept_epoch = (uint32_t)count_of(o, "epoch");
    s->frame = s->last_kept = count_of(o, "frame");
    s->runs = count_of(o, "runs");
    s->jobs_made = count_of(o, "jobs");
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "work")) {
        if (cJSON_IsString(one))
            page_of(s, one->valuestring)->lost_work++;
    }
    const cJSON *undone = cJSON_GetObjectItemCaseSensitive(o, "undone");
    for (int i = 0; i < cJSON_GetArraySize(undone); i++)
        if (id_at(undone, i))
            *list_add(&s->undone) = id_at(undone, i);
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "owed")) {
        if (cJSON_IsString(one))
            page_of(s, one->valuestring)->owed = true;
    }
    cJSON_ArrayForEach(one, list) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "view"));
        const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "path"));
        if (!name || !token_valid(name))
            continue;
        view *v = view_of(s, name, true);
        v->page = page_of(s, path ? path : "/");
        v->taken = v->settled = count_of(one, "settled");
        cJSON_ArrayForEach(n, cJSON_GetObjectItemCaseSensitive(one, "done"))
            view_done_before(v, (uint64_t)count_in(n));
        const cJSON *no = cJSON_GetObjectItemCaseSensitive(one, "no");
        for (n = no ? no->child : NULL; n && n->next; n = n->next->next)
            if (cJSON_IsString(n->next))
                refuse(v, (uint64_t)count_in(n), n->next->valuestring);
    }
    cJSON_Delete(o);
    return true;
}

static ez_fn *absolute(const session *s, double offset)
{
    return offset ? (ez_fn *)((intptr_t)s->program->base + (intptr_t)offset) : NULL;
}

static void read_bindings(session *s, shown *p, const cJSON *o)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "bindings")) {
        binding b = { .trigger = id_at(one, 0), .after = int_at(one, 2), .when = (binding_when)int_at(one, 3), .fn = absolute(s, number_at(one, 4)),
                      .outputs = mem_text(text_at(one, 5)), .clears = mem_text(text_at(one, 6)), .into = mem_text(text_at(one, 7)), .cancels = mem_text(text_at(one, 8)),
                      .lane = mem_text(text_at(one, 9)), .scope = id_at(one, 10), .concurrency = int_at(one, 11), .rerun = cJSON_IsTrue(cJSON_GetArrayItem(one, 12)), .fragment = id_at(one, 13) };
        if (b.after >= p->bindings.list.count || b.after < -1)
            b.after = -1;
        if (b.when > WHEN_FAILURE)
            b.when = WHEN_EVENT;
        snprintf(b.event, sizeof b.event, "%s", text_at(one, 1) ? text_at(one, 1) : "");
        *list_add(&p->bindings.list) = b;
    }
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "fragments")) {
        *list_add(&p->fragments.list) = (fragment){ id_at(one, 0), absolute(s, number_at(one, 1)), number_at(one, 2), mem_text(text_at(one, 3)), id_at(one, 4) };
        *list_add(&p->fragment_due) = number_at(one, 2) > 0 ? 1 : 0;
    }
}

static bool read_page(session *s, const char *path, const char *data, size_t count)
{
    const char *end = memchr(data, 0, count);
    cJSON *o = end ? cJSON_ParseWithLength(data, (size_t)(end - data)) : NULL;
    const char *build = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "build"));
    ez_err err = { EZ_OK, "" };
    tree *t = o ? tree_read(end + 1, count - (size_t)(end + 1 - data), &err) : NULL;
    if (!t) {
        if (err.code)
            log_warn("session", "%s: %s", path, err.text);
        cJSON_Delete(o);
        return false;
    }
    shown *p = page_of(s, path);
    tree_drop(p->now);
    tree_drop(p->settled);
    p->now = t;
    p->settled = tree_hold(t);
    p->frame = p->settled_frame = count_of(o, "frame");
    p->saved = hash_bytes(data, count);
    const char *calls = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "calls"));
    if (calls)
        text_puts(&p->calls, calls);
    /* Functions of another build stand elsewhere: the page runs first and binds anew. */
    if (build && !strcmp(build, s->program->build)) {
        p->ran = true;
        read_bindings(s, p, o);
    }
    cJSON_Delete(o);
    return true;
}

static bool read_message(session *s, const char *name, const char *data, size_t count)
{
    const char *key = strchr(name, '/');
    return key && conversation_read_message(session_chat(s, key + 1), data, count, s->program->base);
}

bool session_part(session *s, const char *name, const char *data, size_t count)
{
    s->stored = s->keeps = true;
    if (!strcmp(name, "head"))
        return read_head(s, data, count);
    if (!strcmp(name, "values"))
        return values_read(&s->values, data, count);
    if (!strncmp(name, "state/", 6))
        return state_read(&s->states, name + 6, data, count);
    if (!strncmp(name, "page/", 5))
        return read_page(s, name + 5, data, count);
    if (!strncmp(name, "chat/", 5))
        return read_message(s, name + 5, data, count);
    if (!strncmp(name, "talk/", 5)) {
        char *json = mem_alloc(count + 1);
        memcpy(json, data, count);
        *list_add(&s->heads) = (kept_head){ mem_text(name + 5), json };
        return true;
    }
    return false;
}

void session_loaded(session *s, int64_t now_ms, actions *out)
{
    s->out = out;
    s->now = s->used_ms = now_ms;
    /* Only when no frame was made after the page was stored does its number mean the same page to a view of the process that stored it. */
    for (int i = 0; i < s->pages.count; i++)
        if (s->pages.at[i]->frame == s->frame && s->pages.at[i]->settled_frame == s->frame)      /* and no card was put on it */
            s->pages.at[i]->kept_frame = s->frame;
    if (s->frame < (uint64_t)s->epoch * FRAMES_APART)
        s->frame = (uint64_t)s->epoch * FRAMES_APART;    /* so that no two processes that take one session count alike */
    s->frame += FRAMES_APART;
    s->first_own = s->first_own ? s->first_own : s->frame;      /* the card of a crash was before */
    for (int i = 0; i < s->heads.count; i++) {
        conversation_read_head(session_chat(s, s->heads.at[i].key), s->heads.at[i].json, strlen(s->heads.at[i].json));
        mem_free(s->heads.at[i].key);
        mem_free(s->heads.at[i].json);
    }
    list_done(&s->heads);
    for (int i = 0; i < s->chats.count; i++)
        for (int j = 0; j < s->chats.at[i]->all.count; j++) {
            chat_message *m = s->chats.at[i]->all.at[j];
            if (m->state == EZ_MESSAGE_STREAMING) {
                answer_begin(s, s->chats.at[i], m, 0);
                out->list.at[out->list.count - 1].kind = ACTION_ATTACH;
                out->list.at[out->list.count - 1].offset = m->count;
                markdown_stream *md = &s->streams.at[s->streams.count - 1]->markdown;
                text thrown = { 0 };
                int keep;
                markdown_stream_next(md, m->text, m->count, true, &thrown, &keep);
                s->streams.at[s->streams.count - 1]->flushed = m->count;
                s->streams.at[s->streams.count - 1]->saved = m->count;
                text_done(&thrown);
            }
        }
    if (s->unsaved_head)                       /* an event was consumed by a crash: it must not come to life with the next one */
        save(s);
    s->out = NULL;
}

/* ---- printing ------------------------------------------------------------------------------------------------------------------ */

bool session_print(session *s, const char *path, session_page *out)
{
    memset(out, 0, sizeof *out);
    pages_wake(s);
    shown *p = NULL;
    for (int i = 0; i < s->pages.count; i++)
        if (!strcmp(s->pages.at[i]->path, path))
            p = s->pages.at[i];
    if (!p)
        return false;
    tree_resolver r = resolver(s);
    for (int i = 0; i < ROOT_PLACES; i++)
        tree_print(p->now, i, &r, &out->places[i]);
    out->frame = p->frame;
    out->busy = page_busy(s, p);
    text_add(&out->calls, p->calls.at, p->calls.count);
    return true;
}

void session_page_done(session_page *p)
{
    for (int i = 0; i < ROOT_PLACES; i++)
        text_done(&p->places[i]);
    text_done(&p->calls);
}
