/* api.h: whether a program lives, whether it can serve, and what it counts. Knows no socket: a question and the
 * program's facts give an answer, on any thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_API_H
#define API_API_H

#include "base/base.h"

typedef enum api_model { API_MODEL_NONE, API_MODEL_LOADING, API_MODEL_READY, API_MODEL_FAILED } api_model;

struct wire_counts;

/* The program at this moment. Zero is a program that has just begun. */
typedef struct api_facts {
    bool      started;         /* `setup` and `start` have returned and pages are served */
    bool      stopping;        /* asked to end; serves what goes on, takes nothing new */
    bool      unsaved;         /* the store cannot write at present */
    api_model model;           /* the program's own; NONE: it has none */
    int64_t   uptime_ms;
    int       sessions;        /* in memory */
    int       views;           /* tabs connected */
    int       waiting;         /* jobs and answers in the queue */
    size_t    memory;          /* bytes that the sessions hold */
    const struct wire_counts *engine;   /* as the engine of the program's own model told last; NULL: it has told nothing */
} api_facts;

typedef struct api_answer {
    int         status;        /* of HTTP */
    const char *type;          /* Content-Type */
    const char *allow;         /* with 405: the methods that are; else NULL */
    int         retry_s;       /* with 503: Retry-After; else 0 */
    text        body;          /* the caller's: set .arena before, or call text_done after; answered with "Cache-Control: no-store" */
} api_answer;

/* Answers what stands at this address; path is relative to the program's base ("healthz"). False, and *out untouched, when nothing of this
 * room does. To HEAD the caller sends the headers alone.
 *
 *   healthz   200 as long as the loop turns: {"status":"ok"}. Not 200, or no answer: start the process again.
 *   readyz    200 when a visitor can be sent here, else 503 with the reason:
 *             {"status":"ready","version":"0.1.0","uptime":12.5,"sessions":3,"views":2,"waiting":0,"memory":81920,"store":"ok","model":"ready"}
 *             status: "ready", "starting", "loading" (the model), "stopping". A store that cannot write ("failing") and a model that
 *             failed do not make the program unready: pages are served all the same, and nobody else could serve them better.
 *   metrics   200, what is counted, in Prometheus' text format. */
bool api_reply(const char *method, const char *path, const api_facts *facts, api_answer *out);

#endif
