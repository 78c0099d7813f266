/* apart.h: calls of functions that run in processes of their own, so that they can be killed, and a crash is a failed call. Only apart.c and spawner.c include this.
 *
 *     worker ──exec──▶ spawner ──fork──▶ call, call, …
 *        └─────────────────────────────────┘ a socket for each call
 *
 * The spawner is the program once more, after its .setup, and has one thread, so that it can be forked at any time. It is told over its control socket to begin a call, with that call's
 * end of a socket, or to kill it. It holds this end, too, and says there when the call has begun, and after its death how it ended, behind the last word of the call itself. When the worker is gone,
 * it kills all calls, with what they have started, and ends.
 *
 * On a call's socket go packets: a kind, and what belongs to it. Bytes make messages, each with its size in front: to the call what it is given, from it carry_news. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_APART_H
#define APP_APART_H

#include "app/app.h"

enum { APART_PACKET = 64 * 1024 };
enum { APART_BYTES = 'b', APART_INTERRUPT = 'i', APART_BEGUN = 's', APART_ENDED = 'e' };

typedef struct apart_begun { int pid; } apart_begun;
typedef struct apart_ended { int status, error; int64_t cpu_ns; } apart_ended;      /* error: it could not begin, for this errno; status: as waitpid tells it */

/* One packet of a kind and at most APART_PACKET bytes. flags: of sendmsg. False with errno. */
bool apart_send(int fd, char kind, const void *bytes, size_t count, int flags);
void apart_frame(text *out, const text *message);      /* adds it with its size in front */
/* Whether the bytes so far begin with a whole message: 1; 0: not yet; -1: what comes is none. It is taken off by apart_next. */
int  apart_whole(const text *in, const char **message, size_t *count);
void apart_next(text *in, size_t count);

#endif
