/* openai_vector.c: /v1/embeddings: the vectors of texts. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/openai.h"
#include <string.h>

static bool in_base64(const completion *c)
{
    const char *format = cJSON_GetStringValue(openai_member(c->asked, "encoding_format"));
    return format && !strcmp(format, "base64");
}

/* In base64: the bytes of the numbers, little-endian, each of 32 bits. */
static void put_vector(json *j, const choice *x)
{
    json_object(j);
    json_key(j, "object"), json_text(j, "embedding");
    json_key(j, "index"), json_int(j, x->index);
    json_key(j, "embedding");
    if (in_base64(x->of)) {
        text words = { 0 };
        base64_text(&words, x->vector, (size_t)x->width * sizeof *x->vector);
        json_text(j, words.at);
        text_done(&words);
    } else {
        json_array(j);
        for (int i = 0; i < x->width; i++) json_number(j, (double)x->vector[i]);
        json_array_end(j);
    }
    json_object_end(j);
}

static bool whole(completion *c, text *body)
{
    const cJSON *wanted = openai_member(c->asked, "dimensions");
    int width = c->choices[0].width, tokens = 0;
    if (wanted && wanted->valuedouble != width) {
        openai_error(body, "invalid_request_error", "dimensions", NULL, arena_printf(c->arena, "dimensions must be %d, which is what this model has, or be left out", width));
        return false;
    }
    json j = json_to(body);
    json_object(&j);
    json_key(&j, "object"), json_text(&j, "list");
    json_key(&j, "data");
    json_array(&j);
    for (int i = 0; i < c->count; i++) {
        put_vector(&j, &c->choices[i]);
        tokens += c->choices[i].prompt;
    }
    json_array_end(&j);
    json_key(&j, "model"), json_text(&j, c->model);
    json_key(&j, "usage");
    json_object(&j);
    json_key(&j, "prompt_tokens"), json_int(&j, tokens);
    json_key(&j, "total_tokens"), json_int(&j, tokens);
    json_object_end(&j);
    json_object_end(&j);
    return true;
}

static const openai_voice voice = { .prefix = "embd-", .whole = whole };

void openai_vector(hub *h, net_request *rq)
{
    completion *c = openai_read(h, rq, OPENAI_EMBED, &voice);
    wire_ask *asks;
    int count, wanted;
    if (!c) return;
    const cJSON *format = openai_member(c->asked, "encoding_format");
    bool known = !format || (cJSON_IsString(format) && (!strcmp(format->valuestring, "float") || !strcmp(format->valuestring, "base64")));
    bool good = (known || openai_wrong(rq, "encoding_format", "encoding_format must be float or base64")) && openai_whole(rq, c->asked, "dimensions", 1, 1e6, 0, &wanted) &&
                (count = openai_prompts(rq, c->asked, "input", WIRE_EMBED, c->arena, &asks));
    if (good) openai_begin(c, rq, asks, count, 1);
    else openai_free(c);
}
