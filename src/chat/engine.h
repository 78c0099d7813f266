/* engine.h: the engine, a role of the executable: it alone opens llama.cpp, and it answers what workers ask.
 *
 * One engine serves one model to any number of workers, over stream sockets that the supervisor hands it (wire.h says what
 * travels there). It loads the model at once, and while it loads, or when it cannot be loaded, it says so and goes on
 * listening; after a failure the next question tries again. An answer belongs to the engine and not to a connection: it goes
 * on when its worker dies.
 *
 * engine_main blocks its thread until the control socket closes, and leaves nothing behind: no exit, no signals, no globals
 * but the opened libraries. Several may run in threads of one process. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_ENGINE_H
#define CHAT_ENGINE_H

#include "base/base.h"

typedef struct engine_options {
    const char *model;             /* a file; NULL: answers say how to give one */
    const char *llama_dir;         /* the folder of llama.cpp's libraries */
    const char *system;            /* evaluated right after loading, for all conversations that begin with it; NULL: none */
    const char *cpu_cache;         /* a file that remembers which library suits this CPU; NULL: looked for at each start */
    const char *system_file;       /* a file that keeps what the system prompt was evaluated to for the next start; NULL: it is evaluated at each */
    int         n_ctx;             /* tokens of one conversation; 0: 2048 */
    int         threads;           /* 0: all cores or one less, whichever is measured to be faster beside what else runs */
    int         places;            /* answers at a time; 0: 16 */
    int         control;           /* socket of engine_connect's other end; the engine ends when it closes. -1: ends with its last worker */
    int         worker;            /* a worker's socket to begin with; -1: none */
    uint64_t    memory;            /* bytes that may be used; 0: what the system, the process's limits and its cgroup leave */
    uint64_t    idle_memory;       /* for conversations that wait for their next turn; 0: a quarter of `memory`, at most 2 GB */
    int         keep_seconds;      /* how long an answer that nobody acknowledges is kept after its end; 0: 600 */
    int         rest_seconds;      /* of idleness, after which the memory that a crowd needed is given back; 0: 45 */
    int         kept_answers;      /* how many of a model on another server are kept for those who ask the same; 0: none */
    int64_t     kept_ms;           /* …and for how long; 0: an hour */
} engine_options;

/* Returns 0 when its control socket closed. Both sockets are the engine's from the call on. */
int engine_main(const engine_options *options);

/* The supervisor's side: makes a connection for a worker and passes one end through the control socket. Returns the worker's end
 * (to be inherited or passed on; close-on-exec is set), or -1 with errno. */
int engine_connect(int control);

/* The file that a model's name stands for, as a new string: a name with a slash is itself; one without is looked up in the
 * working folder, in $EASEL_MODELS, then in models/ beside the executable and in each folder above it. A name that is
 * nowhere comes back as it is, so that the engine's message names it. NULL stays NULL. */
char *engine_find_model(const char *name);
/* An address of http or https, with the model's name behind a # if it has several. */
bool engine_is_remote(const char *model);
/* The folder of llama.cpp's libraries: $EASEL_LLAMA, else llama/ beside the executable or in a folder above it. Never NULL. */
char *engine_find_llama(void);

#endif
