/* remote_cache.h: answers of a model on another server that are given again to the same question. Only what the model would say again is kept: its temperature is 0,
 * or it was given a seed. Bounded in number, bytes and age; what was asked for longest ago goes. Thread: the engine's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_REMOTE_CACHE_H
#define CHAT_REMOTE_CACHE_H

#include "chat/wire.h"

typedef struct remote_kept {
    unsigned char question[32];    /* SHA-256 of all that the server is asked */
    char    *words;                /* whole characters */
    size_t   count;
    bool     length;               /* it ended at its limit of tokens */
    int      tokens, prompt_tokens;
    int64_t  made_ms;
} remote_kept;

typedef struct remote_cache {
    int      most;                 /* answers; 0: none is kept */
    int64_t  ttl_ms;
    LIST(remote_kept *) all;       /* in the order of their last use, the newest at the end */
    size_t   bytes;
} remote_cache;

bool remote_cache_takes(const remote_cache *c, const wire_sampling *s);
const remote_kept *remote_cache_find(remote_cache *c, const unsigned char question[32], int64_t now_ms);     /* NULL; good until the next call */
void remote_cache_keep(remote_cache *c, const remote_kept *made);                                           /* the words are copied */
void remote_cache_done(remote_cache *c);

#endif
