/* engine_client.c: a worker's end of the connection to an engine, without the socket. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_client.h"

static void have_put(engine_client *c, uint64_t key, uint64_t bytes)
{
    map_put(&c->have, key, (void *)(uintptr_t)(bytes + 1));
}

static bool have_get(const engine_client *c, uint64_t key, uint64_t *bytes)
{
    uintptr_t v = (uintptr_t)map_get(&c->have, key);
    *bytes = v ? v - 1 : 0;
    return v != 0;
}

void engine_client_hello(engine_client *c, uint64_t generation)
{
    wire_put(&c->out, &(wire_message){ WIRE_HELLO, .hello = { generation } });
}

bool engine_client_ask(engine_client *c, const wire_ask *ask)
{
    if (!wire_put(&c->out, &(wire_message){ WIRE_ASK, .ask = *ask })) return false;
    have_put(c, ask->key, 0);
    return true;
}

void engine_client_attach(engine_client *c, uint64_t key, uint64_t offset)
{
    have_put(c, key, offset);
    wire_put(&c->out, &(wire_message){ WIRE_ATTACH, .attach = { key, offset } });
}

void engine_client_stop(engine_client *c, uint64_t key)
{
    wire_put(&c->out, &(wire_message){ WIRE_STOP, .stop = { key } });
}

void engine_client_ack(engine_client *c, uint64_t key, uint64_t offset, bool final)
{
    wire_put(&c->out, &(wire_message){ WIRE_ACK, .ack = { key, offset, final } });
}

typedef struct feeding { engine_client *client; wire_on *on; void *user; } feeding;

static bool on_tokens(feeding *f, const wire_tokens *tokens)
{
    uint64_t have;
    if (!have_get(f->client, tokens->key, &have)) return true;
    if (tokens->offset > have) {
        engine_client_attach(f->client, tokens->key, have);
        return true;
    }
    uint64_t known = have - tokens->offset;
    if (known >= tokens->count) return true;
    wire_message fresh = { WIRE_TOKENS, .tokens = { tokens->key, have, tokens->text + known, tokens->count - (uint32_t)known } };
    have_put(f->client, tokens->key, have + fresh.tokens.count);
    return f->on(f->user, &fresh);
}

static bool on_done(feeding *f, const wire_message *m)
{
    uint64_t have;
    if (!have_get(f->client, m->done.key, &have)) return true;
    if (m->done.offset > have) {
        engine_client_attach(f->client, m->done.key, have);        /* comes again behind the missing bytes */
        return true;
    }
    map_remove(&f->client->have, m->done.key);
    return f->on(f->user, m);
}

static bool on_message(void *user, const wire_message *m)
{
    feeding *f = user;
    uint64_t have;
    switch (m->kind) {
    case WIRE_TOKENS:  return on_tokens(f, &m->tokens);
    case WIRE_DONE:    return on_done(f, m);
    case WIRE_QUEUED:  return have_get(f->client, m->queued.key, &have) ? f->on(f->user, m) : true;
    case WIRE_STARTED: return have_get(f->client, m->started.key, &have) ? f->on(f->user, m) : true;
    default:           return f->on(f->user, m);
    }
}

bool engine_client_feed(engine_client *c, const void *bytes, size_t count, wire_on *on, void *user)
{
    c->in.from_engine = true;
    feeding f = { c, on, user };
    return wire_feed(&c->in, bytes, count, on_message, &f);
}

bool engine_client_lost(engine_client *c, uint64_t *key)
{
    int at = 0;
    void *value;
    if (!map_next(&c->have, &at, key, &value)) return false;
    map_remove(&c->have, *key);
    return true;
}

void engine_client_done(engine_client *c)
{
    text_done(&c->out);
    wire_reader_done(&c->in);
    map_done(&c->have);
}
