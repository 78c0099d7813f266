/* address_fuzz.c: any bytes as what a client of MCP names: the address of a resource, the id of an event, the arguments of a prompt. What is taken fits and reads back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include "app/mcp.h"
#include <easel/easel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const colours[] = { "red", "green", NULL };
typedef struct { const char *topic, *colour; int words; bool brief; } sample;
EZ_RECORD(sample, EZ_FIELD(sample, topic, .optional = true), EZ_FIELD(sample, colour, .options = colours, .optional = true), EZ_FIELD(sample, words, .range = { 0, 99 }), EZ_FIELD(sample, brief));

static void must(bool holds)
{
    if (!holds) abort();
}

static void check_address(const char *pattern, const char *address)
{
    text inputs = { 0 }, words = { 0 };
    values given = { 0 };
    api_problem why = { 0 };
    bool is = api_match(pattern, address, &sample_record, &inputs);
    cJSON *read = cJSON_ParseWithLength(inputs.at, inputs.count);
    must(!is || cJSON_IsObject(read));
    if (is && api_inputs(&sample_record, inputs.at, inputs.count, 1, NULL, &given, &why)) {
        api_fill(pattern, 1, &given, &words);
        must(utf8_valid(words.at, words.count));
    }
    cJSON_Delete(read);
    api_problem_done(&why);
    values_done(&given);
    text_done(&inputs);
    text_done(&words);
}

static void check_event(const char *id)
{
    char stream[TOKEN_CHARS + 1], again[TOKEN_CHARS + 16];
    int number;
    if (!mcp_event_read(id, stream, &number))
        return;
    must(token_valid(stream) && number >= 0);
    snprintf(again, sizeof again, "%s.%d", stream, number);
    must(!strncmp(again, id, TOKEN_CHARS + 1) && strlen(again) <= strlen(id));
}

static void check_argument(const char *said)
{
    text out = { 0 };
    json j = json_to(&out);
    json_array(&j);
    for (int i = 0; i < sample_record.count; i++) api_complete(&j, record_field(&sample_record, i), said);
    json_object(&j);
    for (int i = 0; i < sample_record.count; i++) api_member(&j, record_field(&sample_record, i), record_field(&sample_record, i)->name, said);
    json_object_end(&j);
    json_array_end(&j);
    cJSON *read = cJSON_ParseWithLength(out.at, out.count);
    must(cJSON_IsArray(read));
    cJSON_Delete(read);
    text_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const patterns[] = { "note://today", "note://{topic}", "note://{words}/{topic}", "x:{topic}-{colour}.csv", "x:{brief}:{words}" };
    char *said = malloc(size + 1);
    memcpy(said, data, size);
    said[size] = 0;
    for (int i = 0; i < COUNT(patterns); i++) check_address(patterns[i], said);
    check_event(said);
    check_argument(said);
    free(said);
    return 0;
}
