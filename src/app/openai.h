/* openai.h: what the files of the OpenAI endpoints share: a question to the model, its answers, and how an endpoint words them.
 *
 * openai.c knows the addresses and the shape of errors, openai_ask.c reads what is asked, openai_answer.c hears the model, and each endpoint
 * (openai_chat.c, …) has a voice, which tells. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_OPENAI_H
#define APP_OPENAI_H

#include "app/calls.h"
#include "chat/wire.h"
#include <cjson/cJSON.h>

#define OPENAI_PARTS "text and, in a user's message, pictures whose address begins with data:image/, https:// or http://"

enum { CHOICES_MOST = 8, PROMPTS_MOST = 32, LIKELY_MOST = 20, STOPS_MOST = 4, STOP_LONGEST = 200 };

typedef struct completion completion;
typedef struct choice choice;

/* An endpoint's words. */
typedef struct openai_voice {
    const char *prefix;                                            /* of its answers' ids */
    void (*begin)(choice *x);                                      /* the first chunk of a stream */
    void (*more)(choice *x, const char *words, size_t count);      /* …and one with words, which are whole characters */
    void (*ended)(choice *x);                                      /* …and the choice's last: x->finish says why */
    void (*end)(completion *c);                                    /* …and what comes after all choices */
    bool (*whole)(completion *c, text *body);                      /* false: the body is an error, because of what was asked */
} openai_voice;

/* A token that was said, when its probability is asked for: all[0], and the most probable beside it. */
typedef struct spoken { size_t end; int count; const wire_likely *all; } spoken;

/* A function that the model wants to have called; its arguments are an object of JSON. */
typedef struct tool_call { const char *id, *name, *arguments; } tool_call;

/* One answer to the question. */
struct choice {
    completion *of;
    int         index;
    uint64_t    key;               /* of its answer in the engine; 0: it has ended */
    text        said;
    size_t      sent;              /* bytes that are told, or certain to be; what may begin a stop word is held back */
    const char *finish;            /* NULL: it goes on */
    int         prompt, reused, tokens;   /* of the prompt's tokens, those that were evaluated before */
    bool        calling;           /* what is behind `sent` began as a call of a function */
    LIST(tool_call) calls;         /* of an answer that has ended */
    const float *vector;           /* of an embedding */
    int         width;
    LIST(spoken) spoken;           /* in order of their ends in `said` */
    int         from, until;       /* of them, those that belong to what is told now */
};

struct completion {
    hub         *hub;
    const openai_voice *voice;
    net_request *rq;               /* waits for the whole; NULL: a stream */
    net_channel *stream;
    arena       *arena;            /* what follows, and the turns */
    const char  *id, *model;
    uint64_t     caller;           /* key_id of the key that asks; 0: none */
    int64_t      created;
    const char  *stops[STOPS_MOST];
    cJSON       *asked;            /* stop words, turns and pictures point into it */
    LIST(wire_picture) pictures;   /* of the turns */
    int          count, left;
    int          prompts;          /* the first choice of each is at its multiple of count / prompts */
    int          likely;           /* tokens that are told beside each that was said, plus one; 0: none */
    int          events;           /* told so far, where they have numbers */
    bool         calls;            /* answers may call functions */
    bool         usage;
    bool         asking;           /* not all choices are asked for yet */
    ez_err       error;            /* that came meanwhile */
    bool         refused;          /* …and will come again */
    choice      *choices;
};

/* openai.c */
void openai_error(text *out, const char *type, const char *param, const char *code, const char *words);
void openai_refuse(net_request *rq, int status, const char *type, const char *param, const char *code, const char *format, ...) EZ_FORMAT(6, 7);
/* …because of a parameter (NULL: the body). False. */
bool openai_wrong(net_request *rq, const char *param, const char *format, ...) EZ_FORMAT(3, 4);
const char *openai_model(const hub *h, arena *a);                  /* what the program's model is called; NULL: it has none */

/* openai_ask.c. False: the request was answered with what is wrong. */
typedef enum openai_endpoint { OPENAI_CHAT = 1, OPENAI_TEXT = 2, OPENAI_EMBED = 4, OPENAI_RESPONSES = 8 } openai_endpoint;
const cJSON *openai_member(const cJSON *o, const char *name);      /* NULL also for null */
/* Reads the body; the completion has no choices yet. NULL: it is wrong, and was answered. */
completion *openai_read(hub *h, net_request *rq, openai_endpoint where, const openai_voice *voice);
bool openai_number(net_request *rq, const cJSON *o, const char *name, double low, double high, double otherwise, double *out);
bool openai_whole(net_request *rq, const cJSON *o, const char *name, double low, double high, int otherwise, int *out);
bool openai_sampling(net_request *rq, const cJSON *o, const char *limit, wire_ask *ask);   /* limit: the parameter that says how many tokens */
bool openai_stops(net_request *rq, const cJSON *o, completion *c);
bool openai_format(net_request *rq, const cJSON *o, completion *c, wire_ask *ask);         /* response_format and grammar */
bool openai_form(net_request *rq, const char *param, const cJSON *format, const cJSON *schema, arena *a, wire_ask *ask);   /* format.type, and the schema that goes with it */
const char *openai_role(const char *role);                         /* as the engine knows it, or "tool"; NULL: it is none */
/* A message's text: a string, or its parts. Pictures of a user's message go to c->pictures. NULL: a part is neither. */
const char *openai_content(completion *c, const cJSON *content, bool user, int turn);

/* openai_answer.c */
/* Asks the model for so many answers to each of the prompts and sees to the rest: the request is answered, and the completion freed, now or later. */
void openai_begin(completion *c, net_request *rq, wire_ask *asks, int prompts, int each);
void openai_free(completion *c);
json openai_object(const completion *c, text *out, const char *object);   /* {"id": …, "object": …, "created": …, "model": … */
void openai_usage(json *j, const completion *c);
void openai_send(completion *c, text *body);                       /* to the stream; gives the body back */
void openai_end(completion *c, const char *object);                /* the stream's end: the numbers, when they were asked for, and [DONE] */

/* openai_tools.c */
bool openai_tools(net_request *rq, const cJSON *o, completion *c, wire_ask *ask);          /* after the turns and the form of the answer were read */
const char *openai_called(const cJSON *message, const char *words, arena *a);              /* an assistant's turn with its calls; NULL: one of them is none */
const char *openai_result(const char *before, const char *words, arena *a);                /* what a function gave, behind what others gave (NULL) */
const char *openai_call_begins(const completion *c);                                       /* the word that begins a call; NULL: nothing can be called */
bool openai_calls(choice *x, size_t from);                                                 /* reads the calls from there on; false: they are none */

/* openai_chat.c, openai_text.c, openai_vector.c, openai_responses.c */
void openai_chat(hub *h, net_request *rq);
void openai_text(hub *h, net_request *rq);
void openai_vector(hub *h, net_request *rq);
void openai_responses(hub *h, net_request *rq);
/* A prompt, or a list of them: texts, or lists of the model's tokens. Returns how many; 0: it was answered what is wrong. */
int openai_prompts(net_request *rq, const cJSON *o, const char *name, wire_form form, arena *a, wire_ask **out);

#endif
