/* engine_wire_fuzz.c: frames between engine and worker: any bytes are survived, and what is decoded is encoded to the same bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_client.h"
#include <stdlib.h>
#include <string.h>

typedef struct seen { text bytes; int count; } seen;

static bool encode_again(void *user, const wire_message *m)
{
    seen *s = user;
    s->count++;
    if (!wire_put(&s->bytes, m)) abort();
    return true;
}

static bool ignore(void *user, const wire_message *m)
{
    (void)user;
    return m->kind != 0;
}

/* The first byte says the direction and the size of the portions. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    size_t portion = (size_t)(data[0] >> 1) + 1;
    wire_reader reader = { .from_engine = data[0] & 1 };
    seen s = { { 0 }, 0 };
    const uint8_t *at = data + 1;
    size_t left = size - 1;
    bool ok = true;
    while (ok && left) {
        size_t count = left < portion ? left : portion;
        ok = wire_feed(&reader, at, count, encode_again, &s);
        at += count;
        left -= count;
    }
    if (s.bytes.count > size - 1 || (s.bytes.count && memcmp(s.bytes.at, data + 1, s.bytes.count))) abort();
    wire_reader_done(&reader);
    text_done(&s.bytes);

    engine_client client = { .out = { 0 } };
    engine_client_ask(&client, &(wire_ask){ .key = 1 });
    engine_client_attach(&client, 0, 3);
    engine_client_feed(&client, data + 1, size - 1, ignore, NULL);
    engine_client_done(&client);
    return 0;
}
