/* kept.h: calls that outlive their process. Only calls.c, kept.c, rest.c, callers_stored.c, mcp_line.c and gradio_run.c include this.
 *
 * Such a call is in the store before it begins and before its end is told. When the process ends in order, what has not begun, and what may be run again, is
 * handed on. When it dies, the next one finds what had not ended: it runs again what may be run again, unless it crashed by itself or three
 * processes died while it ran; of all else it says what happened. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_KEPT_H
#define APP_KEPT_H

#include "app/calls.h"

void kept_prepare(hub *h);                     /* what crashed before is known; looks at it */
void kept_done(hub *h);
void kept_save(call *c);                       /* call_saved hears of it */
void kept_hand_on(call *c);                    /* the process ends: another goes on with it */
/* The call with this name, or else with this key, from memory or the store. NULL: there is none, or (elsewhere) another process works on it, or it cannot be read now. */
typedef void kept_found(void *data, call *c, bool elsewhere);
void kept_find(hub *h, const char *id, uint64_t key, kept_found *found, void *data);

/* calls.c */
call *call_of_row(hub *h, const store_job *row);               /* in memory from now on */
void  call_saved(call *c, store_result result, bool over);     /* over: its end was in it */
void  call_fail(call *c, int status, const char *title, const char *detail);

#endif
