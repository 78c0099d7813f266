/* mcp_line.c: which call a stream tells of, in the store, so that a client whose line broke with its process finds the call in the next one.
 *
 * It is a session of its own kind there, with one part. Its name holds the key that its client showed, the client's session, and the stream, with which the ids of events begin: whoever
 * lacks one of them finds nothing. It goes when nobody needs the stream any more, or --resume-ttl after a process last had the stream. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp.h"
#include "app/kept.h"
#include "app/noted.h"
#include <stdio.h>
#include <string.h>

enum { LINES_STORED = 1000 };

static void print_name(uint64_t who, const char *session, const char *stream, text *out)
{
    char key[ID_CHARS + 1];
    id_print(who, key);
    text_printf(out, "mcp/%s/%s/%s", key, session, stream);
}

static void commit(hub *h, const mcp_line *l, const store_part *parts, int count)
{
    text name = { 0 };
    print_name(l->who, l->session, l->stream, &name);
    store_commit(hub_store(h), &(store_write){ name.at, name.at, 1, parts, count }, NULL, NULL);
    text_done(&name);
}

void mcp_line_save(hub *h, const mcp_line *l)
{
    text body = { 0 };
    json j = json_to(&body);
    json_object(&j);
    json_member(&j, "job", l->job);
    json_member(&j, "id", l->id);
    if (l->of) json_member(&j, "of", l->of);
    if (l->progress) json_member(&j, "progress", l->progress);
    json_key(&j, "wants"), json_int(&j, l->wants);
    json_key(&j, "primes"), json_bool(&j, l->primes);
    json_object_end(&j);
    commit(h, l, &(store_part){ "line", body.at, body.count, 1 }, 1);
    text_done(&body);
}

void mcp_line_note(hub *h, const mcp_line *l) { commit(h, l, NULL, 0); }

void mcp_line_drop(hub *h, const mcp_line *l)
{
    text name = { 0 };
    print_name(l->who, l->session, l->stream, &name);
    store_delete(hub_store(h), name.at, NULL, NULL);
    text_done(&name);
}

void mcp_lines_drop(hub *h, uint64_t who, const char *session)
{
    text name = { 0 };
    print_name(who, session, "", &name);
    store_expire(hub_store(h), &(store_limits){ .of = name.at, .before_ms = wall_ms() + 1 });
    text_done(&name);
}

static int64_t longest(const hub *h) { return noted_longest(h->app->options.resume_ttl_ms); }

void mcp_lines_expire(hub *h) { store_expire(hub_store(h), &(store_limits){ "mcp/", wall_ms() - longest(h), LINES_STORED, 0 }); }

/* ---- finding ------------------------------------------------------------------------------------------------------------------------ */

typedef struct line_search { hub *hub; mcp_line line; mcp_line_found *found; void *data; } line_search;

static void search_over(line_search *s, call *c, bool elsewhere)
{
    s->found(s->data, &s->line, c, elsewhere);
    mem_free((char *)(uintptr_t)s->line.id);
    mem_free((char *)(uintptr_t)s->line.of);
    mem_free((char *)(uintptr_t)s->line.progress);
    mem_free(s);
}

static void on_line_call(void *data, call *c, bool elsewhere) { search_over(data, c, elsewhere); }

static void on_line(void *data, const store_part *parts, int count, uint32_t fence, const char *visitor, int64_t used_ms)
{
    line_search *s = data;
    bool there = count == 1 && wall_ms() - used_ms <= longest(s->hub);
    cJSON *o = there ? cJSON_ParseWithLength(parts[0].data, parts[0].count) : NULL;
    const char *job = mcp_member(o, "job"), *id = mcp_member(o, "id");
    (void)fence;
    (void)visitor;
    if (job && id && token_valid(job)) {
        char name[TOKEN_CHARS + 1];
        memcpy(name, job, sizeof name);
        s->line.id = mem_text(id);
        s->line.of = mem_text(mcp_member(o, "of"));
        s->line.progress = mem_text(mcp_member(o, "progress"));
        s->line.wants = (int)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(o, "wants"));
        s->line.primes = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "primes"));
        kept_find(s->hub, name, 0, on_line_call, s);
    } else {
        search_over(s, NULL, count < 0);
    }
    cJSON_Delete(o);
}

void mcp_line_find(hub *h, uint64_t who, const char *session, const char *stream, mcp_line_found *found, void *data)
{
    text name = { 0 };
    line_search *s = mem_alloc(sizeof *s);
    *s = (line_search){ .hub = h, .line = { .who = who }, .found = found, .data = data };
    snprintf(s->line.session, sizeof s->line.session, "%s", session);
    snprintf(s->line.stream, sizeof s->line.stream, "%s", stream);
    print_name(who, session, stream, &name);
    store_load(hub_store(h), name.at, "", on_line, s);
    text_done(&name);
}
