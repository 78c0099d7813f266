/* wire.h: what an engine and a worker say to each other over a stream socket, and how it is written in bytes.
 *
 * A frame is a length (4 bytes, of what follows), a kind (1 byte) and the fields of that kind in the order of its struct.
 * Numbers are little-endian and of fixed size, a double travels as its 64 bits, a bool and an enum as one byte. A text is its
 * length (4 bytes), its bytes and a zero byte, so that a decoded text is a C string inside the frame; it may hold any
 * bytes but zero. A frame has at most WIRE_MAX bytes.
 *
 *   worker -> engine   hello, ask, attach, stop, ack
 *   engine -> worker   status, queued, started, tokens, done, probable, vector, counts
 *
 * An answer is named by a key, the id of its message. After `ask` the engine says `queued` when all places are taken (again whenever
 * the position changes), then `started`, `tokens` any number of times, and `done` once. Offsets count the bytes of the
 * answer's text. The engine keeps an answer until it is acknowledged with `final`: a worker that was restarted sends
 * `attach` with the number of bytes that it has, and gets the rest. To ask again with a known key is to attach at 0.
 *
 * The same file encodes and decodes both directions. The decoder takes bytes in any portions, needs no more memory than what
 * arrived, and refuses what is not a frame, after which the connection is to be closed. One thread at a time. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_WIRE_H
#define CHAT_WIRE_H

#include "base/base.h"

#define WIRE_MAX (16u << 20)

typedef enum wire_kind {
    WIRE_HELLO = 1, WIRE_ASK, WIRE_ATTACH, WIRE_STOP, WIRE_ACK,
    WIRE_STATUS = 16, WIRE_QUEUED, WIRE_STARTED, WIRE_TOKENS, WIRE_DONE, WIRE_PROBABLE, WIRE_VECTOR, WIRE_COUNTS,
} wire_kind;

typedef struct wire_turn { const char *role, *text; } wire_turn;

/* Zero means off, as in ez_sampling: temperature 0 is greedy, top_p, min_p and top_k 0 do not filter, seed 0 is random.
 * Without `given` the numbers are not looked at: the model's defaults hold. A grammar counts in both cases. */
typedef struct wire_sampling {
    bool        given;
    double      temperature, top_p, min_p;
    int32_t     top_k;
    uint32_t    seed;
    const char *grammar;           /* GBNF; "" or NULL: none */
} wire_sampling;

/* CHAT: the turns are a conversation, and the answer its next turn. PLAIN: the one turn's text, or the tokens, are gone on with as they are. EMBED: they are read, and
 * their vector is the answer. */
typedef enum wire_form { WIRE_CHAT, WIRE_PLAIN, WIRE_EMBED, WIRE_FORM_COUNT } wire_form;

/* A picture of a turn: it stands in the turn's text, in front of the byte `offset`. */
typedef struct wire_picture {
    int32_t     turn;              /* from 0 on */
    uint32_t    offset;
    const char *address;           /* "data:image/…" or "https://…"; with a type, the path of a file */
    const char *type;              /* of a file: "image/png"; else "" */
    const char *detail;            /* OpenAI's "low", "high" or "auto"; "": not said */
} wire_picture;

typedef struct wire_hello  { uint64_t generation; } wire_hello;            /* which start of the worker this is */
typedef struct wire_ask {
    uint64_t key;
    wire_sampling sampling;
    int32_t  max_tokens;           /* 0: as many as the context holds */
    int32_t  n_ctx;                /* a context smaller than the engine's; 0: the engine's */
    int32_t  count;
    const wire_turn *turns;        /* the whole conversation, oldest first; the last one is to be answered */
    wire_form form;
    int32_t  probable;             /* each token comes with its logarithmic probability: one more than the number of others that come beside it; 0: it does not */
    int32_t  token_count;          /* instead of a text, if there are any */
    const int32_t *tokens;
    int32_t  picture_count;
    const wire_picture *pictures;  /* in the order of turns and offsets; a model that is loaded here takes none */
} wire_ask;
typedef struct wire_attach { uint64_t key, offset; } wire_attach;
typedef struct wire_stop   { uint64_t key; } wire_stop;
typedef struct wire_ack    { uint64_t key, offset; bool final; } wire_ack; /* saved up to here; final: forget the answer */

typedef enum wire_ready { WIRE_LOADING, WIRE_READY, WIRE_FAILED, WIRE_READY_COUNT } wire_ready;
typedef struct wire_status {
    wire_ready  state;
    const char *name, *description;   /* "SmolLM2-135M-Instruct.Q4_1"; "llama 135M Q4_1", with remarks if there are any */
    int32_t     n_ctx, places;        /* tokens of one conversation; answers at a time */
    ez_err_code code;                 /* EZ_OK unless failed */
    const char *text;                 /* the thing, the reason, the next step */
    int32_t     load_ms;
} wire_status;
typedef struct wire_queued  { uint64_t key; int32_t position; } wire_queued;   /* from 1 on */
typedef struct wire_started {
    uint64_t key;
    int32_t  prompt;               /* tokens of the prompt */
    int32_t  reused;               /* of them, those whose keys and values were there already */
    int32_t  dropped;              /* oldest messages left out so that the rest fits */
} wire_started;
typedef struct wire_tokens  { uint64_t key, offset; const char *text; uint32_t count; } wire_tokens;   /* whole UTF-8 characters */
/* A token's bytes, which need not be whole characters, and the logarithm of its probability before anything was filtered. */
typedef struct wire_likely { const char *bytes; uint32_t count; double logprob; } wire_likely;
/* Comes before the text that ends at `offset` with this token. all[0] was said, the others are the most probable, in order. Never told again to who attaches. */
typedef struct wire_probable { uint64_t key, offset; int32_t count; const wire_likely *all; } wire_probable;
/* Of an EMBED, before its `done`: the mean of what the model made of each token, of length 1. */
typedef struct wire_vector { uint64_t key; int32_t count; const float *at; } wire_vector;
/* LENGTH: at its limit of tokens. REFUSED: failed, and would again: the question is such that it cannot be answered. */
typedef enum wire_end { WIRE_END_DONE, WIRE_END_STOPPED, WIRE_END_FAILED, WIRE_END_LENGTH, WIRE_END_REFUSED, WIRE_END_COUNT } wire_end;
/* What the engine has counted since it began; an answer counts when it has ended. Told to all at its change, once a second at most. */
typedef struct wire_counts {
    uint64_t prompt_tokens, reused_tokens, said_tokens;
    uint64_t steps, took_part;     /* calls of llama_decode, and the answers that took part in each, summed */
    double   prompt_seconds, said_seconds;
    uint64_t ended[WIRE_END_COUNT];
    uint64_t cache_hits, cache_misses;   /* questions that could be answered from the cache of a model on another server, and were, or were not */
    int32_t  running, waiting;     /* now */
} wire_counts;
typedef struct wire_finished {
    uint64_t    key;
    wire_end    state;
    uint64_t    offset;            /* bytes of the whole text */
    int32_t     tokens;            /* generated */
    int32_t     prompt_ms;         /* from the place to the evaluated prompt */
    int32_t     first_token_ms;    /* from the question to the first token, waiting included */
    double      seconds;           /* from the question to the end */
    ez_err_code code;
    const char *text;
} wire_finished;

typedef struct wire_message {
    wire_kind kind;
    union {
        wire_hello hello; wire_ask ask; wire_attach attach; wire_stop stop; wire_ack ack;
        wire_status status; wire_queued queued; wire_started started; wire_tokens tokens; wire_finished done; wire_probable probable; wire_vector vector; wire_counts counts;
    };
} wire_message;

/* Appends one frame. False, and nothing appended, when the message does not fit into WIRE_MAX; NULL texts are written as "". */
bool wire_put(text *out, const wire_message *message);

/* Everything that the message points to lives until the callback returns. False ends the feeding. */
typedef bool wire_on(void *user, const wire_message *message);

typedef struct wire_reader {
    bool   from_engine;            /* which direction is read; the other direction's kinds are refused */
    bool   broken;                 /* something arrived that is no frame: nothing more is read */
    text   bytes;                  /* the beginning of a frame */
    LIST(wire_turn) turns;
    LIST(wire_picture) pictures;
    LIST(int32_t) tokens;
    LIST(wire_likely) likely;
    LIST(float) numbers;
} wire_reader;

/* Decodes what is complete, in order. False when the bytes are not frames (then, and ever after) or the callback said so. */
bool wire_feed(wire_reader *reader, const void *bytes, size_t count, wire_on *on, void *user);
void wire_reader_done(wire_reader *reader);

#endif
