/* remote_read.c: answers of OpenAI's chat completions, from bytes to words. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include <cjson/cJSON.h>
#include <string.h>

enum { BODY_MOST = 1 << 20 };

static int number(const cJSON *o, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 1e9 ? v->valueint : 0;
}

static void take_error(remote_reader *in, const cJSON *o)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(o, "error");
    const char *words = cJSON_GetStringValue(error);
    if (!words) words = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"));
    if (!words) words = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "detail"));
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "type"));
    if (in->status < 400 && type && !strcmp(type, "invalid_request_error")) in->refused = true;
    if (words && utf8_valid(words, strlen(words)) && !in->words.count) text_add(&in->words, words, utf8_whole(words, strlen(words) < 300 ? strlen(words) : 300));
}

static void take_usage(remote_reader *in, const cJSON *o)
{
    const cJSON *usage = cJSON_GetObjectItemCaseSensitive(o, "usage");
    if (number(usage, "completion_tokens")) in->tokens = number(usage, "completion_tokens");
    if (number(usage, "prompt_tokens")) in->prompt_tokens = number(usage, "prompt_tokens");
}

/* One event, or the whole answer. `part`: where the words are: "delta" or "message". */
static void take(remote_reader *in, const char *at, size_t count, const char *part, remote_piece *piece, void *data)
{
    cJSON *o = cJSON_ParseWithLength(at, count);
    const cJSON *choice = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "choices"), 0);
    const char *words = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(choice, part), "content"));
    const char *reason = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(choice, "finish_reason"));
    if (!cJSON_IsObject(o)) in->bad = true;
    if (cJSON_GetObjectItemCaseSensitive(o, "error")) {
        take_error(in, o);
        in->wrong = true;
    }
    if (words && *words && piece) piece(data, words, strlen(words));
    if (reason) in->ended = true, in->length = !strcmp(reason, "length");
    take_usage(in, o);
    cJSON_Delete(o);
}

static void take_line(remote_reader *in, char *at, size_t count, remote_piece *piece, void *data)
{
    if (count && at[count - 1] == '\r') at[--count] = 0;
    if (count < 5 || strncmp(at, "data:", 5)) return;
    at += 5, count -= 5;
    while (count && *at == ' ') at++, count--;
    if (count == 6 && !strncmp(at, "[DONE]", 6)) in->ended = true;
    else take(in, at, count, "delta", piece, data);
}

bool remote_read(remote_reader *in, const char *at, size_t count, remote_piece *piece, void *data)
{
    bool lines = in->events && in->status < 400;
    if (in->bytes.count + count > BODY_MOST && (!lines || !memchr(at, '\n', count))) in->bad = true;
    if (in->bad) return false;
    text_add(&in->bytes, at, count);
    size_t from = 0;
    for (char *end; lines && !in->bad && from < in->bytes.count && (end = memchr(in->bytes.at + from, '\n', in->bytes.count - from)) != NULL;) {
        *end = 0;
        take_line(in, in->bytes.at + from, (size_t)(end - in->bytes.at) - from, piece, data);
        from = (size_t)(end - in->bytes.at) + 1;
    }
    if (from) {
        memmove(in->bytes.at, in->bytes.at + from, in->bytes.count - from);
        in->bytes.count -= from;
        in->bytes.at[in->bytes.count] = 0;
    }
    return !in->bad;
}

void remote_finish(remote_reader *in, remote_piece *piece, void *data)
{
    const char *body = in->bytes.at ? in->bytes.at : "";
    if (in->status >= 400 && !in->events) {
        cJSON *o = cJSON_ParseWithLength(body, in->bytes.count);
        take_error(in, o);
        cJSON_Delete(o);
    } else if (in->status == 200 && !in->events && in->bytes.count && piece && !in->bad) {
        take(in, body, in->bytes.count, "message", piece, data);
    }
    text_clear(&in->bytes);
}

void remote_reader_done(remote_reader *in)
{
    text_done(&in->bytes);
    text_done(&in->words);
}
