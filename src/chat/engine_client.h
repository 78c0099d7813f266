/* engine_client.h: a worker's end of the connection to an engine: what it asks, and what it hears about it.
 *
 * No socket and no thread inside: whoever owns the socket feeds what arrives and sends what collects in `out`. The client knows
 * how many bytes of each answer have arrived, so its owner hears every byte once, in order, whatever was repeated after a
 * restart. One thread at a time.
 *
 *     engine_client c = { .out = { 0 } };
 *     engine_client_hello(&c, generation);
 *     engine_client_ask(&c, &ask);
 *     ... write c.out.at, c.out.count; text_clear(&c.out);
 *     ... engine_client_feed(&c, bytes, count, on, user);
 *     engine_client_done(&c);
 *
 * When the engine itself dies, the connection ends: engine_client_lost says which answers were under way. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_ENGINE_CLIENT_H
#define CHAT_ENGINE_CLIENT_H

#include "chat/wire.h"

typedef struct engine_client {
    text        out;               /* to be sent; the owner takes bytes off its front */
    wire_reader in;                /* .from_engine is set by the first feed */
    map         have;              /* answers under way: key -> bytes that arrived, plus one */
} engine_client;

void engine_client_hello(engine_client *c, uint64_t generation);
/* False, and nothing sent, when the conversation is larger than WIRE_MAX. */
bool engine_client_ask(engine_client *c, const wire_ask *ask);
/* After a restart: this answer goes on behind these bytes, which the store has. */
void engine_client_attach(engine_client *c, uint64_t key, uint64_t offset);
void engine_client_stop(engine_client *c, uint64_t key);
/* The first `offset` bytes are saved; final: so is the end, and the engine may forget the answer. Send it after the commit. */
void engine_client_ack(engine_client *c, uint64_t key, uint64_t offset, bool final);

/* Calls `on` for each message. Tokens begin exactly where those before ended; a gap is closed by attaching again, and what is
 * about answers that were never asked for here is left out. False when the engine sent no frames (close, and count it as dead)
 * or `on` said so. */
bool engine_client_feed(engine_client *c, const void *bytes, size_t count, wire_on *on, void *user);

/* The connection is gone: gives the keys of answers under way one after the other, and forgets them. */
bool engine_client_lost(engine_client *c, uint64_t *key);
void engine_client_done(engine_client *c);

#endif
