/* remote_write.c: a question as OpenAI's chat completions take it, with its pictures. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- pictures --------------------------------------------------------------------------------------------------------------------- */

static bool put_file(text *url, const wire_picture *p, ez_err *err)
{
    unsigned char piece[3 << 14];              /* whole groups of base64 */
    size_t got;
    FILE *in = fopen(p->address, "rbe");
    if (!in) return error_set(err, EZ_MISSING, "a picture of the conversation cannot be read: %s", strerror(errno));
    text_printf(url, "data:%s;base64,", p->type);
    while ((got = fread(piece, 1, sizeof piece, in)) > 0) base64_text(url, piece, got);
    bool good = !ferror(in);
    fclose(in);
    return good || error_set(err, EZ_FAILED, "a picture of the conversation cannot be read to its end");
}

static bool put_picture(json *j, const wire_picture *p, ez_err *err)
{
    text url = { 0 };
    bool good = true;
    if (*p->type) good = put_file(&url, p, err);
    json_object(j);
    json_member(j, "type", "image_url");
    json_key(j, "image_url"), json_object(j);
    json_key(j, "url");
    if (*p->type) json_text_n(j, url.at ? url.at : "", url.count);
    else json_text(j, p->address);
    if (*p->detail) json_member(j, "detail", p->detail);
    json_object_end(j);
    json_object_end(j);
    text_done(&url);
    return good;
}

static void put_words(json *j, const char *at, size_t count)
{
    if (!count) return;
    json_object(j);
    json_member(j, "type", "text");
    json_key(j, "text"), json_text_n(j, at, count);
    json_object_end(j);
}

/* The turn's words, with its pictures (`count` of them) where they stand. */
static bool put_parts(json *j, const char *words, const wire_picture *pictures, int count, ez_err *err)
{
    size_t from = 0, end = strlen(words);
    bool good = true;
    json_array(j);
    for (int i = 0; i < count && good; i++) {
        size_t until = pictures[i].offset < end ? pictures[i].offset : end;
        if (until > from) put_words(j, words + from, until - from), from = until;
        good = put_picture(j, &pictures[i], err);
    }
    put_words(j, words + from, end - from);
    json_array_end(j);
    return good;
}

/* ---- the question ------------------------------------------------------------------------------------------------------------------ */

static bool put_messages(json *j, const wire_ask *ask, ez_err *err)
{
    int at = 0;                                /* of the pictures */
    bool good = true;
    json_key(j, "messages"), json_array(j);
    for (int i = 0; i < ask->count && good; i++) {
        int first = at;
        while (at < ask->picture_count && ask->pictures[at].turn <= i) at++;
        json_object(j);
        json_member(j, "role", ask->turns[i].role);
        json_key(j, "content");
        if (at > first) good = put_parts(j, ask->turns[i].text, ask->pictures + first, at - first, err);
        else json_text(j, ask->turns[i].text);
        json_object_end(j);
    }
    json_array_end(j);
    return good;
}

/* Members that servers of the plain API do not know are sent only when they say something. */
bool remote_write(const wire_ask *ask, const char *model, text *out, ez_err *err)
{
    const wire_sampling *s = &ask->sampling;
    json j = json_to(out);
    j.wire = true;
    json_object(&j);
    json_member(&j, "model", model);
    json_key(&j, "stream"), json_bool(&j, true);
    json_key(&j, "stream_options"), json_object(&j);
    json_key(&j, "include_usage"), json_bool(&j, true);
    json_object_end(&j);
    if (!put_messages(&j, ask, err)) return false;
    if (ask->max_tokens > 0) json_key(&j, "max_tokens"), json_int(&j, ask->max_tokens);
    if (s->given) json_key(&j, "temperature"), json_number(&j, s->temperature);
    if (s->given && s->top_p > 0) json_key(&j, "top_p"), json_number(&j, s->top_p);
    if (s->given && s->min_p > 0) json_key(&j, "min_p"), json_number(&j, s->min_p);
    if (s->given && s->top_k > 0) json_key(&j, "top_k"), json_int(&j, s->top_k);
    if (s->seed) json_key(&j, "seed"), json_int(&j, s->seed);
    if (s->grammar && *s->grammar) json_key(&j, "grammar"), json_text(&j, s->grammar);
    json_object_end(&j);
    return true;
}
