/* schema_fuzz.c: any bytes as a JSON Schema: refused with a reason, or a grammar whose rules are all there once; and as a stranger's grammar. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

static void must(bool holds)
{
    if (!holds) abort();
}

/* What stands between quotes or brackets holds no names. */
static const char *skip(const char *s)
{
    char end = *s == '[' ? ']' : *s == '{' ? '}' : '"';
    for (s++; *s && *s != end; s++) s += *s == '\\';
    must(*s == end);
    return s + 1;
}

static void check(const char *rules)
{
    map there = { 0 };
    int depth = 0;
    for (const char *s = rules; *s; s = strchr(s, '\n') + 1) {
        size_t count = strspn(s, NAME);
        must(count && !strncmp(s + count, " ::= ", 5) && strchr(s, '\n'));
        must(!map_get(&there, hash_bytes(s, count)));
        map_put(&there, hash_bytes(s, count), &there);
    }
    must(map_get(&there, hash_text("root")) != NULL);
    for (const char *s = rules; *s;) {
        size_t count = strspn(s, NAME);
        if (count) must(map_get(&there, hash_bytes(s, count)) != NULL);
        depth += (*s == '(') - (*s == ')');
        must(depth >= 0 && (*s != '\n' || !depth));
        s = count ? s + count : *s == '"' || *s == '[' || *s == '{' ? skip(s) : s + 1;
    }
    map_done(&there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    api_grammar g = { 0 };
    ez_err err = { 0 };
    char *body = malloc(size + 1);
    memcpy(body, data, size);
    body[size] = 0;
    cJSON *schema = cJSON_Parse(body);
    if (schema) {
        if (api_grammar_schema(&g, "root", schema, &err)) check(g.rules.at);
        else must(err.code && *err.text);
    }
    must(api_grammar_bearable(body, &err) || *err.text);
    text_done(&g.rules);
    cJSON_Delete(schema);
    free(body);
    return 0;
}
