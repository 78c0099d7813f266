/* ears.h: all who hear of a call, as one. Only calls.c and ears.c include this; call_ear and its voice are in calls.h. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_EARS_H
#define APP_EARS_H

#include "app/calls.h"

void ears_moved(call *c);
void ears_told(call *c, ez_level level, const char *line);
void ears_put(call *c, const values *changed, const values *added);
void ears_stored(call *c);                     /* those who waited for that are gone */
void ears_ended(call *c);                      /* …and all others, when they have closed */
void ears_sent_on(call *c, const char *title); /* another process will answer */
void ears_free(call *c);                       /* streams have closed: these wait for an answer into nothing */

/* calls.c */
void call_left(call *c);                       /* one has gone by itself; the call may be gone after that */

#endif
