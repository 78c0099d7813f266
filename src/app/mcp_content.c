/* mcp_content.c: what functions give as content that a model reads: words, pictures, sounds, short texts, links to all other files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp.h"
#include <stdio.h>
#include <string.h>

enum { MEDIA_MOST = 2 << 20, WORDS_MOST = 64 << 10 };        /* bytes of a picture or sound, and of a text, that come along */

typedef enum along { ALONG_NOT, ALONG_MEDIA, ALONG_WORDS } along;

/* ---- files ----------------------------------------------------------------------------------------------------------------------- */

bool mcp_read_file(const ez_file *f, text *out)
{
    char piece[16384];
    size_t got;
    FILE *in = fopen(f->path, "rbe");
    if (!in) return false;
    while ((got = fread(piece, 1, sizeof piece, in)) > 0) text_add(out, piece, got);
    fclose(in);
    return true;
}

static bool says_words(const ez_file *f) { return !strncmp(f->type, "text/", 5) || !strcmp(f->type, "application/json"); }
static bool are_words(const text *bytes) { return !bytes->count || utf8_valid(bytes->at, bytes->count); }

static void put_base64(json *j, const text *bytes)
{
    text data = { 0 };
    base64_text(&data, bytes->at, bytes->count);
    json_text_n(j, data.count ? data.at : "", data.count);
    text_done(&data);
}

void mcp_put_resource(json *j, const char *uri, const ez_file *f, const text *bytes)
{
    bool words = says_words(f) && are_words(bytes);
    json_object(j);
    json_member(j, "uri", uri);
    json_member(j, "mimeType", f->type);
    json_key(j, words ? "text" : "blob");
    if (words) json_text_n(j, bytes->count ? bytes->at : "", bytes->count);
    else put_base64(j, bytes);
    json_object_end(j);
}

/* What a model can take in comes along. */
static along put_along(json *j, const char *uri, const ez_file *f)
{
    bool picture = !strncmp(f->type, "image/", 6), media = picture || !strncmp(f->type, "audio/", 6), words = !media && says_words(f);
    text bytes = { 0 };
    bool good = (media || words) && f->size <= (media ? MEDIA_MOST : WORDS_MOST) && mcp_read_file(f, &bytes) && (media || are_words(&bytes));
    if (good) {
        json_object(j);
        json_member(j, "type", picture ? "image" : media ? "audio" : "resource");
        if (media) {
            json_key(j, "data"), put_base64(j, &bytes);
            json_member(j, "mimeType", f->type);
        } else {
            json_key(j, "resource"), mcp_put_resource(j, uri, f, &bytes);
        }
        json_object_end(j);
    }
    text_done(&bytes);
    return !good ? ALONG_NOT : media ? ALONG_MEDIA : ALONG_WORDS;
}

static void put_link(json *j, const char *uri, const ez_file *f)
{
    json_object(j);
    json_member(j, "type", "resource_link");
    json_member(j, "uri", uri);
    json_member(j, "name", f->name);
    json_member(j, "mimeType", f->type);
    json_key(j, "size"), json_int(j, f->size);
    json_object_end(j);
}

void mcp_put_words(json *j, const char *words, size_t count)
{
    json_object(j);
    json_member(j, "type", "text");
    json_key(j, "text"), json_text_n(j, words, count);
    json_object_end(j);
}

/* ---- outputs --------------------------------------------------------------------------------------------------------------------- */

/* One that was given: its words, or its file with the address at which it can be fetched. */
typedef struct given { text words; const ez_file *file; const char *uri; } given;

static bool output(const call *c, arena *a, const ez_field *f, given *out)
{
    const value *v = values_find(&c->put, run_key_id(c->scope, f->name));
    *out = (given){ .words = { .arena = a } };
    if (v && api_is_file(f)) {
        out->file = c->files.at && v->text ? files_find(c->files.at, a, v->text) : NULL;
        if (out->file) out->uri = arena_printf(a, "%s%s", c->files.root, file_address(a, v->text, out->file->name));
        return out->file != NULL;
    }
    if (v) api_say(v, &out->words);
    return out->words.count != 0;
}

static void put_files(json *j, const call *c)
{
    arena *a = arena_new();
    given g;
    for (int i = 0; c->out && i < c->out->count; i++) {
        const ez_field *f = record_field(c->out, i);
        if (api_is_file(f) && output(c, a, f, &g) && put_along(j, g.uri, g.file) != ALONG_WORDS) put_link(j, g.uri, g.file);
    }
    arena_free(a);
}

/* ---- a tool ---------------------------------------------------------------------------------------------------------------------- */

/* done NULL: words are what is wrong; else its outputs come along. */
static void put_tool(text *out, const char *id, const char *words, size_t count, const call *done)
{
    json j = mcp_begin(out, id);
    mcp_begin_result(&j);
    json_key(&j, "content");
    json_array(&j);
    mcp_put_words(&j, words, count);
    if (done) put_files(&j, done);
    json_array_end(&j);
    if (done) json_key(&j, "structuredContent"), json_raw(&j, done->output.at, done->output.count);
    json_key(&j, "isError"), json_bool(&j, !done);
    mcp_end_result(&j, false);
}

void mcp_tell_failure(const char *id, const char *words, size_t count, text *out) { put_tool(out, id, words, count, NULL); }

static void say_problem(const call *c, text *out)
{
    text_puts(out, c->problem.title);
    if (c->problem.detail.count) text_printf(out, ": %s", c->problem.detail.at);
}

void mcp_tell_tool(const call *c, const char *id, const char *of, text *out)
{
    text words = { 0 };
    (void)of;
    if (c->state != CALL_DONE) say_problem(c, &words);
    if (c->state == CALL_DONE) put_tool(out, id, c->output.at, c->output.count, c);
    else put_tool(out, id, words.at, words.count, NULL);
    text_done(&words);
}

/* ---- prompts and resources ------------------------------------------------------------------------------------------------------------ */

static bool tell_problem(const call *c, const char *id, text *out)
{
    text words = { 0 };
    if (c->state == CALL_DONE)
        return false;
    say_problem(c, &words);
    mcp_put_error(out, id, RPC_INTERNAL, words.at, words.count);
    text_done(&words);
    return true;
}

static void put_message(json *j, const given *g)
{
    json_object(j);
    json_member(j, "role", "user");
    json_key(j, "content");
    if (!g->file) mcp_put_words(j, g->words.at, g->words.count);
    else if (put_along(j, g->uri, g->file) == ALONG_NOT) put_link(j, g->uri, g->file);
    json_object_end(j);
}

/* A message for each of its outputs; what is empty is not said. */
void mcp_tell_prompt(const call *c, const char *id, const char *of, text *out)
{
    given g;
    (void)of;
    if (tell_problem(c, id, out))
        return;
    arena *a = arena_new();
    json j = mcp_begin(out, id);
    mcp_begin_result(&j);
    if (c->fn->help) json_member(&j, "description", c->fn->help);
    json_key(&j, "messages");
    json_array(&j);
    for (int i = 0; i < c->out->count; i++)
        if (output(c, a, record_field(c->out, i), &g)) put_message(&j, &g);
    json_array_end(&j);
    mcp_end_result(&j, false);
    arena_free(a);
}

static void put_text(json *j, const char *uri, const char *words, size_t count)
{
    json_object(j);
    json_member(j, "uri", uri);
    json_member(j, "mimeType", "text/plain");
    json_key(j, "text"), json_text_n(j, words, count);
    json_object_end(j);
}

static void put_file(json *j, arena *a, const char *uri, const given *g)
{
    const ez_file *f = g->file;
    text bytes = { 0 };
    if (f->size <= MCP_FILE_MOST && mcp_read_file(f, &bytes)) {
        mcp_put_resource(j, uri, f, &bytes);
    } else {
        const char *words = arena_printf(a, "%s has %lld bytes and does not come in one answer; it can be fetched at %s", f->name, f->size, g->uri);
        put_text(j, uri, words, strlen(words));
    }
    text_done(&bytes);
}

/* Each of its outputs is one of the contents; there is one at least. */
void mcp_tell_resource(const call *c, const char *id, const char *of, text *out)
{
    given g;
    int count = 0;
    if (tell_problem(c, id, out))
        return;
    arena *a = arena_new();
    json j = mcp_begin(out, id);
    mcp_begin_result(&j);
    json_key(&j, "contents");
    json_array(&j);
    for (int i = 0; i < c->out->count; i++) {
        if (!output(c, a, record_field(c->out, i), &g))
            continue;
        if (!g.file) put_text(&j, of, g.words.at, g.words.count);
        else put_file(&j, a, of, &g);
        count++;
    }
    if (!count) put_text(&j, of, "", 0);
    json_array_end(&j);
    mcp_end_result(&j, true);
    arena_free(a);
}
