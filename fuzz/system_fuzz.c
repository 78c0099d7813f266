/* system_fuzz.c: a kept system prompt: any bytes are survived, what was written is read again, and one bit more or less is found. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <stdlib.h>
#include <string.h>

enum { ID = 7 };

/* Bytes: how many tokens, which bit is to turn, and two for its place; the tokens; the stream. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    kept_stream k = { 0 };
    trail prompt = { 0 };
    char *file = NULL;
    size_t count = 0, head = 4, tokens;
    if (size < head + sizeof(lm_token) + 1) return 0;
    tokens = (data[0] % 32 + 1) * sizeof(lm_token);
    if (tokens > size - head - 1) tokens = sizeof(lm_token);
    for (size_t i = 0; i < tokens; i += sizeof(lm_token)) memcpy(list_add(&prompt.tokens), data + head + i, sizeof(lm_token));

    if (!engine_kept_parse(data, size, ID, &prompt, &k) && (k.at < data || k.at + k.size != data + size)) abort();

    FILE *f = open_memstream(&file, &count);
    const kept_stream mine = { 0x67671234, size - head - tokens, data + head + tokens };
    if (!f || !engine_kept_write(f, ID, &prompt, &mine) || fclose(f)) abort();
    if (engine_kept_parse((uint8_t *)file, count, ID, &prompt, &k) || k.frame != mine.frame || k.size != mine.size || memcmp(k.at, mine.at, k.size)) abort();
    if (!engine_kept_parse((uint8_t *)file, count, ID + 1, &prompt, &k) || !engine_kept_parse((uint8_t *)file, count - 1, ID, &prompt, &k)) abort();
    file[(data[2] << 8 | data[3]) % count] ^= (char)(1 << data[1] % 8);
    if (!engine_kept_parse((uint8_t *)file, count, ID, &prompt, &k)) abort();
    free(file);
    trail_done(&prompt);
    return 0;
}
