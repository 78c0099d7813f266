/* conversation.h: what was said, as a tree of messages in which edit, regenerate and branch are new children.
 *
 * A conversation is a part of its session and has one writer, the session; a run or job works on a copy. Every message
 * knows its parent; the visible path follows the chosen child of each (the newest, unless the visitor chose another). */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_CONVERSATION_H
#define CHAT_CONVERSATION_H

#include "base/base.h"

/* How an answer was asked for: repeated when it is regenerated. */
typedef struct chat_ask {
    char    *model;                /* path or name; NULL: the program's */
    char    *loading;
    char    *grammar;
    int      n_ctx, max_tokens, top_k;
    bool     sampling;             /* the next five were given */
    double   temperature, top_p, min_p;
    unsigned seed;
    void   (*done)(ez_ui *ui, const ez_message *answer);
    bool     from_job;             /* asked by a bound function */
    ez_call  call;                 /* where, while its process lives */
} chat_ask;

typedef struct chat_message {
    uint64_t id, parent;           /* parent 0: the first of a conversation */
    uint64_t chosen;               /* the chosen child; 0: the newest */
    char     role[16];
    char    *text;                 /* never NULL, NUL-terminated */
    size_t   count, room;
    ez_message_state state;
    int      tokens, dropped;      /* dropped: oldest turns left out to fit the context */
    int      position;             /* in the queue; 0: not waiting */
    bool     loading;              /* waits for its model */
    double   seconds, first_token, speed;   /* speed: tokens a second */
    int      feedback;             /* 1, -1, 0 */
    int64_t  at_ms;
    ez_err_code code;              /* why it failed; EZ_OK */
    char    *error;                /* …in words; NULL */
    chat_ask *ask;                 /* of an answer; NULL for what was added as text */
    bool     unsaved;
} chat_message;

typedef struct conversation {
    char    *key;
    uint64_t chosen;               /* the chosen first message; 0: the newest */
    LIST(chat_message *) all;      /* parents before children */
    LIST(uint64_t) gone;           /* cleared messages whose stored parts are to be deleted */
    bool     unsaved;              /* `chosen` or the list changed */
} conversation;

conversation *conversation_new(const char *key);
void conversation_free(conversation *c);
conversation *conversation_copy(const conversation *c);
void conversation_clear(conversation *c);

chat_message *conversation_find(const conversation *c, uint64_t id);          /* NULL */
/* A message under this parent (0: a first one). Everything is copied; ask may be NULL. */
chat_message *conversation_add(conversation *c, uint64_t id, uint64_t parent, const char *role, const char *text, const chat_ask *ask);
void chat_message_append(chat_message *m, const char *bytes, size_t count);
void chat_message_set(chat_message *m, const char *text);
void chat_message_over(chat_message *m, ez_message_state state, ez_err_code code, const char *error);   /* nothing more is appended; error may be NULL */

typedef struct chat_path { LIST(chat_message *) at; } chat_path;
void conversation_path(const conversation *c, chat_path *path);               /* what is visible; list_done(&path->at) */
chat_message *conversation_last(const conversation *c);                       /* the end of the visible path; NULL */
/* Which of its parent's children this is, from 1 on, and how many there are. */
int  conversation_branch(const conversation *c, const chat_message *m, int *count);
/* Chooses the n-th sibling (from 1) of m; false when there is none. */
bool conversation_choose(conversation *c, const chat_message *m, int n);

/* As stored, one part for each message and one for the conversation itself; base is what function addresses are relative to. */
void conversation_save_message(const chat_message *m, const void *base, text *out);
chat_message *conversation_read_message(conversation *c, const char *data, size_t count, const void *base);   /* NULL: not one */
void conversation_save_head(const conversation *c, text *out);
bool conversation_read_head(conversation *c, const char *data, size_t count);

#endif
