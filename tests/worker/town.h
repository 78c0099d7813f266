/* town.h: a real worker in a process of its own; the test is its supervisor, its engine and its visitors.
 *
 * The worker is what a program starts, with all its threads, on a socket of this machine. The test's own process has one thread: town_turn reads what
 * came to any visitor or to the engine. What does not come within PATIENCE_MS fails the test. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOWN_H
#define TOWN_H

#include "app/app.h"
#include "base/test.h"
#include "chat/wire.h"

enum { PATIENCE_MS = 60000 };

typedef struct visitor {
    int      fd;                   /* -1: gone */
    char     cookie[200], path[32], view[TOKEN_CHARS + 1], session[TOKEN_CHARS + 1], build[32];
    uint32_t epoch, frame;
    uint64_t n, acked;             /* of the last event made; settled up to */
    bool     hi, busy;
    int      refused;
    text     page, heard, part, in;      /* the page as it came; all messages since; pieces of one; bytes of one */
} visitor;

typedef struct town_answer { uint64_t key; bool stopped; } town_answer;

typedef struct town {
    const ez_main_args *args;
    const char *options;           /* "--pool-threads 50" */
    pid_t    pid;                  /* 0: it does not run */
    int      port, listen, notes, control, engine, status;
    bool     ready;
    char     folder[40];
    LIST(visitor *) visitors;
    LIST(town_answer) asked;      /* what the worker asked of the engine, in order */
    wire_reader wire;
    text     say;                  /* to the worker, from its engine */
} town;

void town_start(town *c, const ez_main_args *args, const char *options);   /* and waits until it is ready */
void town_again(town *c);        /* another worker, as the supervisor would start it, on the same store and socket */
void town_end(town *c);          /* let go as the supervisor does it; it must end well */
int  town_wait_end(town *c);     /* its exit status, once it ends */
void town_done(town *c);

void town_turn(town *c, int ms); /* hears what there is, waiting up to ms for the first of it */
/* Turns until the condition holds. */
#define town_until(c, condition) \
    do { \
        int64_t until_ = clock_ms() + PATIENCE_MS; \
        while (!(condition)) { \
            if (clock_ms() > until_) town_fail(c, #condition); \
            town_turn(c, 20); \
        } \
    } while (0)
void town_fail(town *c, const char *condition);        /* tells it with the worker's log */

visitor *town_visitor(town *c, const char *path);      /* loads the page and connects */
void town_visitors(town *c, const char *path, int count);
void town_load(town *c, visitor *v);                   /* the page again, and connects */
void town_leave(visitor *v);
void town_trigger(town *c, visitor *v, const char *key, const char *type, const char *json);   /* key "": the page itself */
void town_signal(town *c, visitor *v, const char *type);
void town_set(town *c, visitor *v, const char *key, const char *json, int rev);
bool town_sees(const visitor *v, const char *words);    /* it was in the page or in a message */
void town_hears(visitor *v);                            /* forgets what it heard so far */

void town_say(town *c, const wire_message *m);         /* as the engine */
int  town_threads(const town *c);                      /* of the worker */
int  town_logged(const town *c, const char *words);    /* how many lines of its log hold them */

#endif
