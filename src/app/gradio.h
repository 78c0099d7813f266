/* gradio.h: what the files of Gradio's protocol share.
 *
 * gradio.c knows the addresses and begins calls, gradio_listen.c has the clients' sessions and their event streams, gradio_say.c puts calls into Gradio's
 * words, gradio_run.c answers /call and /run. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_GRADIO_H
#define APP_GRADIO_H

#include "app/calls.h"
#include <cjson/cJSON.h>

#define GRADIO_PREFIX "/gradio_api/"

struct gradio {
    map      listeners;            /* hash of a session's name -> listener */
    LIST(struct gradio_samples *) samples;     /* of /run, that have not been answered */
    uint64_t app_id;
};

/* gradio.c */
void gradio_refuse(net_request *rq, const api_problem *p);
void gradio_detail(net_request *rq, int status, const char *format, ...) EZ_FORMAT(3, 4);
/* The session that a body names; NULL: none, or *wrong, which was answered. */
const char *gradio_session(net_request *rq, const cJSON *o, bool *wrong);
const app_function *gradio_function(hub *h, net_request *rq, const cJSON *o);      /* of the body's fn_index; NULL */
/* The inputs of a call by position, as an object of JSON to be given back by cJSON_free. NULL: they are no list, or too many, and this was answered. */
char *gradio_inputs(net_request *rq, const app_function *fn, const cJSON *data);
call *gradio_begin(hub *h, net_request *rq, const app_function *fn, const char *session, const char *inputs, bool keeps);   /* NULL: it was refused. keeps: it outlives this process */
void  gradio_event(net_request *rq, const char *id);                               /* answers with the name of a call */

/* gradio_say.c */
bool gradio_keeps(const app_function *fn);                                         /* it has a state, which clients know as an input and an output that nobody sees */
json gradio_message(text *out, const char *kind, const char *event);               /* {"msg": kind, "event_id": event */
void gradio_data(json *j, const call *c);                                          /* all outputs */
void gradio_edits(json *j, const call *c, const values *changed, const values *added);   /* …as what they differ by */
void gradio_times(json *j, const call *c, bool generating);
void gradio_output(json *j, const call *c);                                        /* the object `output` of a call that ended */

/* gradio_listen.c */
bool gradio_room(hub *h, net_request *rq, const char *session);                    /* false: no more sessions can listen, and this was answered */
void gradio_tell(hub *h, call *c, const char *session);                            /* everything of the call, from now on */
void gradio_listen(hub *h, net_request *rq);                                       /* queue/data */
void gradio_cancel(hub *h, const char *session, const char *event);
void gradio_heartbeat(hub *h, net_request *rq, const char *session);
void gradio_listen_free(hub *h);

/* gradio_run.c */
void gradio_call(hub *h, net_request *rq, const char *path, const cJSON *o);       /* path: behind call/ */
void gradio_run(hub *h, net_request *rq, const char *name, const cJSON *o);
void gradio_run_free(hub *h);

#endif
