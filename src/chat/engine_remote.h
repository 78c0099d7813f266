/* engine_remote.h: what the engine asks of a model on another server (engine_remote.c), how questions are written (remote_write.c), and how that server's words are read (remote_read.c). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_ENGINE_REMOTE_H
#define CHAT_ENGINE_REMOTE_H

#include "chat/engine_inner.h"
#include "chat/remote_cache.h"
#include <poll.h>

/* ---- reading: the body of an answer of OpenAI's chat completions, an event stream or one object, as it comes. Knows no socket. */

typedef struct remote_reader {
    int  status;                   /* of HTTP */
    bool events;                   /* it is an event stream */
    int  after_s;                  /* Retry-After */
    text bytes;                    /* the beginning of a line, or the whole body */
    text words;                    /* of an error */
    bool bad, wrong, refused;      /* it is nothing that could be an answer; it told an error after its head was sent, of the kind that comes again with the same question */
    bool ended, length;            /* it says that it is whole; it ended at a limit of tokens */
    int  tokens, prompt_tokens;    /* told by the server; 0: not */
} remote_reader;

typedef void remote_piece(void *data, const char *at, size_t count);      /* more of the answer */
bool remote_read(remote_reader *in, const char *at, size_t count, remote_piece *piece, void *data);     /* false: it is bad */
void remote_finish(remote_reader *in, remote_piece *piece, void *data);   /* no more comes */
void remote_reader_done(remote_reader *in);

/* ---- writing: what it is asked. False with *err: a picture cannot be read; nothing in `out` is of use then. */

bool remote_write(const wire_ask *ask, const char *model, text *out, ez_err *err);

/* ---- asking: in place of what llama.cpp does, on the engine's thread */

void remote_open(engine *e);
void remote_load(engine *e);                   /* asks which models there are */
void remote_take(engine *e);                   /* questions out of the queue */
void remote_stop(engine *e, const answer *a);
int  remote_poll(engine *e, struct pollfd *at, int count, int ms);
void remote_work(engine *e);
void remote_close(engine *e);

#endif
