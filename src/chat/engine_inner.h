/* engine_inner.h: the engine's own structs; only engine*.c read it.
 *
 * Keys and values live in streams, one for each place, of `cells` tokens each; the context begins with one short stream and is
 * grown by a helper thread while the engine idles or when somebody waits; when nobody has asked for a while it is small again. A conversation that waits for its next turn stays in
 * the stream where it was answered until that place is wanted; then it moves into ordinary memory as a memo.
 *
 * Why streams and memos, and not one pool of cells with a sequence for each of 256 conversations (SmolLM2-135M, one thread,
 * ms for one step of 16 answers, one token each, while idle conversations of 300 tokens are resident):
 *
 *     idle conversations          0      20      80
 *     one pool (kv_unified)     126     192     373      every token looks at everybody's cells
 *     streams                   116     116     116
 *
 * and 39 ms instead of 17 for a lone answer beside 80. A stream of its own for each of 256 would cost 12 GB. Bringing a memo
 * back takes 0.2 ms per MB (22 kB a token here), evaluating the same tokens takes a hundred times longer.
 * llama.cpp decodes the sequences of one ubatch together only when their streams are neighbours, so places are filled from
 * neighbour to neighbour, and a hole that an ended answer leaves is closed by moving the last one into it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_ENGINE_INNER_H
#define CHAT_ENGINE_INNER_H

#include "chat/engine.h"
#include "chat/llama_lib.h"
#include "chat/wire.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum {
    ENGINE_BATCH = 512,            /* tokens of one llama_decode at most */
    ENGINE_UBATCH = 256,
    ENGINE_RESIDENT = 256,         /* conversations whose keys and values are kept */
    ENGINE_WAITING = 10000,
    ENGINE_STALL_MS = 50,          /* no running stream waits longer for others' prompts */
    ENGINE_LONE_MS = 250,          /* with nobody to stall, pieces have this length, so that Stop is heard */
    ENGINE_IDLE_MS = 1000,         /* after so much idleness the context grows for the next visitors */
    ENGINE_FIRST_CELLS = 512,
    ENGINE_TELL_MS = 17,           /* tokens that come faster are told together: a session sends a frame each 16 ms, and whatever is told before that wakes it twice */
    ENGINE_MEMO_MS = 900000,       /* a conversation that did not go on for so long is evaluated again when it does */
    ENGINE_LIKELY = 20,            /* tokens that are told beside one that was said */
    ENGINE_ZEROS = 64 * 4,         /* room behind a stream's bytes, for the frame that llama.cpp wants around them */
};

/* Tokens in the order of one sequence, and the bytes that they stand for (empty when that is not known). */
typedef struct trail { LIST(lm_token) tokens; text said; } trail;

typedef struct conn conn;

typedef enum answer_state { ANSWER_WAITS, ANSWER_RUNS, ANSWER_ENDED } answer_state;

typedef struct answer {
    uint64_t key;
    answer_state state;
    conn    *conn;                 /* who listens; NULL after its worker died */
    arena   *arena;                /* holds what was asked */
    wire_ask ask;
    int      position;             /* in the queue, as last told */
    text     out;                  /* all of it, whole characters */
    text     rest;                 /* the first bytes of a character */
    text     frames;               /* written already, to be sent before what follows */
    uint64_t sent;                 /* bytes told to `conn` */
    bool     begun, started_told, done_told;
    bool     recalled;             /* it was given before, to the same question */
    wire_started started;
    wire_finished done;
    int64_t  asked_ns, placed_ns, first_ns, told_ns, ended_ms;
    int      generated, limit;     /* tokens */
} answer;

typedef struct place {
    answer  *answer;               /* who is being answered here; NULL: free, though `kv` may be worth keeping */
    trail    kv;                   /* what the stream holds */
    int64_t  used_ms;
    trail    prompt;
    bool     begun;                /* the prompt's known beginning is in the stream */
    lm_token next;                 /* sampled, to be evaluated */
    int      row;                  /* of its logits in the batch; -1: none */
    int      piece;                /* prompt tokens in this step */
    struct llama_sampler *chain, *grammar;
    float    range, nucleus;       /* how far below the best logit is looked; top_p, 0: the chain's matter */
} place;

/* One stream's keys and values in ordinary memory: `size` bytes from `core` on. */
typedef struct saved { uint8_t *at; size_t room, core, size; } saved;

/* The same, as it is in a file: what the frame around it begins with, and its bytes. */
typedef struct kept_stream { uint32_t frame; size_t size; const uint8_t *at; } kept_stream;

typedef struct memo {
    trail    kv;
    saved    state;
    int64_t  used_ms;
    bool     pinned;               /* the program's system prompt */
    bool     kept;                 /* as it was in the file */
    bool     more;                 /* behind it are words of whoever asked before it was evaluated */
} memo;

struct conn {
    int      fd;
    wire_reader in;
    text     out;
    uint64_t generation;
    bool     deaf, closed;         /* nothing more can be sent; nothing more will be read */
};

/* Measured times, [0] with one core less than there are, [1] with all of them; 0: not yet. */
typedef struct pace {
    double   token_ms[2];          /* of a prompt */
    double   step_ms[2][65];       /* of n answers, one token each */
    int64_t  used_ns[2][2];        /* when last [for a prompt][with all cores] */
    int      load;                 /* /proc/loadavg; -1: not there */
} pace;

/* A text that is being read for its vector: in a context of its own, piece by piece between the steps for others, one text at a time. */
typedef struct reading {
    struct llama_context *context; /* made at first need, and anew for a longer text */
    int      cells;
    LIST(answer *) waiting;        /* all[0] is being read when `tokens` has any */
    trail    prompt;
    int      done;                 /* tokens of it */
    double  *sum;                  /* of what the model made of them */
} reading;

/* What the helper thread does; it owns the engine's `task` while it runs and touches nothing else that changes. */
typedef enum task_kind { TASK_NONE, TASK_LOAD, TASK_GROW, TASK_SHRINK, TASK_KEEP } task_kind;
typedef struct task {
    task_kind kind;
    pthread_t thread;
    const llama_lib *lib;
    struct llama_model *model;
    struct llama_context *context;
    int      streams, cells;
    kept_stream kept;
    int64_t  started_ns;
    ez_err   error;
} task;

typedef struct engine {
    engine_options o;              /* defaults filled in */
    atomic_bool leaving;           /* stops a load that is under way */
    struct remote *remote;         /* the model is another server's; NULL: it is loaded here */
    int      event;                /* the helper is ready */
    task     task;

    /* the model */
    wire_ready state;
    ez_err   error;
    int64_t  failed_ms;
    int      load_ms;
    const llama_lib *lib;
    struct llama_model *model;
    const struct llama_vocab *vocab;
    const char *template;          /* NULL: ChatML */
    char     name[128], description[256];
    wire_sampling defaults;
    int      n_ctx;                /* tokens of one conversation */
    uint64_t kv_bytes;             /* of one token */
    bool     plain;                /* one ordinary cache of keys and values, no sliding window, no recurrent state */
    lm_token_data *candidates;

    /* the context */
    struct llama_context *context;
    struct ggml_threadpool *pool;
    int      cores, streams, cells;
    int      streams_max, cells_max;   /* smaller than wanted when memory ends */
    int      streams_idle;         /* how many are made while nobody asks */
    place   *places;
    LIST(memo *) memos;
    uint64_t memo_bytes;
    trail    system;               /* the beginning that conversations with the program's system prompt share */
    bool     system_done, system_unkept;   /* unkept: it is to be in the file */
    saved    scratch;

    /* the batch */
    lm_batch batch;
    int32_t *batch_sequence;
    pace     pace;
    bool     stalled;              /* everybody waits for the context to grow */
    int64_t  step_ns;              /* what the last step took */
    int      want_streams, want_cells;

    reading  reading;

    wire_counts counts, counts_told;
    int64_t  counts_told_ms;

    /* the people */
    LIST(conn *) conns;
    map      answers;
    LIST(answer *) all;
    LIST(answer *) queue;          /* those that wait, in order */
    int64_t  idle_since_ms;
} engine;

/* engine.c */
void engine_end(engine *e, answer *a, wire_end state, ez_err_code code, const char *format, ...) EZ_FORMAT(5, 6);
int  engine_busy(const engine *e);

/* engine_load.c: the helper thread */
void engine_load(engine *e);                                   /* starts loading */
bool engine_grow(engine *e);                                   /* to what is wanted; false: memory allows no more, and the limits now say so */
bool engine_wide(const engine *e);                             /* it has more than it needs while nobody asks */
void engine_shrink(engine *e);                                 /* gives that back */
void engine_keep(engine *e);                                   /* puts the evaluated system prompt into its file */
void engine_task_done(engine *e);                              /* after `event`: takes over what the helper made */
void engine_unload(engine *e);
uint64_t engine_memory_left(const engine_options *o);

/* engine_prompt.c */
bool engine_prompt(engine *e, answer *a, trail *prompt, ez_err *err);
bool engine_tokens(engine *e, const answer *a, bool parse, trail *out, ez_err *err);   /* of a question that is no conversation */
void engine_system(engine *e);                                 /* finds the beginning that the system prompt stands for */

/* engine_place.c */
void trail_clear(trail *t);
void trail_done(trail *t);
int  trail_common(const trail *a, const trail *b);
const trail *engine_said(engine *e, const char *rendered, size_t count);   /* the resident that this text begins with; NULL */
place *engine_place_for(engine *e, const trail *prompt);       /* a free place, the best for this prompt; NULL */
bool engine_begin(engine *e, place *p);                        /* brings what is known of the prompt; false: wait */
void engine_forget_place(engine *e, place *p);                 /* empties its stream */
void engine_compact(engine *e);
void engine_keep_system(engine *e, place *p);
void engine_add_system(engine *e, uint8_t *at, size_t room, const kept_stream *k);     /* as an earlier start kept it, in `at`, which the engine takes; ENGINE_ZEROS of it are behind the stream */
bool engine_system_stream(engine *e, kept_stream *out);        /* of the system prompt alone; while nobody asks. It stays as long as the engine */
void engine_park_all(engine *e);                               /* all that the streams hold is in memos; the streams hold what nobody knows */
int64_t engine_forget_memos(engine *e, int64_t now);           /* the old ones; ms until another one is old, -1: there is none */
void engine_move_context(engine *e, struct llama_context *to, int streams, int cells);

/* engine_kept.c: the evaluated system prompt, in a file */
void engine_kept_read(engine *e);                              /* after engine_system() */
void *engine_kept_save(void *engine);                          /* the helper thread's; it raises `event` */
/* Whether these bytes are what `system` was evaluated to by the model and library with this id; if not, says why not. */
const char *engine_kept_parse(const uint8_t *at, size_t count, uint64_t of, const trail *system, kept_stream *out);
bool engine_kept_write(FILE *f, uint64_t of, const trail *system, const kept_stream *k);

/* engine_pace.c. The compute threads meet at spinning barriers, so one that loses its core stalls all of them: beside a busy process
 * two threads on two cores are up to ten times slower than one, on a quiet machine nearly twice as fast. So both are measured
 * all the time, and the faster is used. */
bool pace_all_cores(pace *p, int speaking, bool prompt, int64_t now);
bool engine_set_threads(engine *e, struct llama_context *context, int speaking, bool prompt, int64_t now);     /* for the next decode; true: all cores */
void pace_learn(pace *p, double ms, int speaking, int prompt_tokens, bool all);
int  pace_allowance(const pace *p, int speaking, int prompting);   /* prompt tokens that this step may evaluate */

/* engine_sample.c */
bool engine_samplers(engine *e, place *p, const wire_sampling *asked, ez_err *err);
/* Or one of these: the grammar allows no token; following it took so long that everybody else would wait. */
enum { SAMPLE_NOWHERE = -1, SAMPLE_SLOW = -2 };
lm_token engine_sample(engine *e, place *p, const float *logits);
/* The token that was chosen and the `count` most probable, the best first; their logit is then the logarithm of their probability. Returns how many were put. */
int engine_likely(const float *logits, int vocabulary, lm_token chosen, int count, lm_token_data *out);
/* top_p: brings the most probable candidates that together reach this part of all probability to the front, the one that crosses
 * it included, and returns how many they are. `best` is the largest logit. */
int engine_nucleus(lm_token_data *at, int count, float best, float part);

/* engine_read.c */
void engine_read_ask(engine *e, answer *a);
bool engine_read_stop(engine *e, const answer *a);             /* false: it is none of these */
bool engine_read(engine *e);                                   /* one piece; false: there is nothing to read */
void engine_read_rest(engine *e);                              /* gives its context back, unless somebody waits */
void engine_read_done(engine *e);

/* engine_step.c */
bool engine_start(engine *e, place *p, answer *a);             /* false: it ended at once */
void engine_speak(answer *a, bool last);                       /* moves whole characters from `rest` to `out` */
void engine_leave(engine *e, place *p);                        /* the place is free; its stream stays */
bool engine_step(engine *e);                                   /* one llama_decode; false: there is nothing to do */

#endif
