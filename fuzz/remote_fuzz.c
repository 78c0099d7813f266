/* remote_fuzz.c: any bytes as the answer of a model on another server: no crash, and the same words however the bytes are cut. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include <stdlib.h>
#include <string.h>

static void piece(void *data, const char *at, size_t count) { text_add(data, at, count); }

static void read_all(text *t, const char *at, size_t count, size_t step, int kind)
{
    remote_reader in = { .status = kind & 2 ? 500 : 200, .events = kind & 1 };
    bool good = true;
    for (size_t i = 0; i < count && good; i += step) good = remote_read(&in, at + i, count - i < step ? count - i : step, piece, t);
    remote_finish(&in, piece, t);
    text_printf(t, "|%d%d%d%d %d %d %s", in.bad, in.wrong, in.ended, in.length, in.tokens, in.prompt_tokens, in.words.count ? in.words.at : "");
    if (in.words.count && !utf8_valid(in.words.at, in.words.count)) abort();
    remote_reader_done(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 40000) return 0;
    text whole = { 0 }, cut = { 0 };
    read_all(&whole, (const char *)data + 1, size - 1, size, data[0] & 3);
    read_all(&cut, (const char *)data + 1, size - 1, 1 + (data[0] >> 2) % 32, data[0] & 3);
    if (whole.count != cut.count || memcmp(whole.at, cut.at, whole.count)) abort();
    text_done(&whole);
    text_done(&cut);
    return 0;
}
