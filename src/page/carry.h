/* carry.h: a run that another process of this program does, as bytes: what it is given, what it says on its way, and what came of it.
 *
 * Both processes are the same executable on one machine, so numbers stand as they lie in memory. But the other one runs the program's code, which may write anywhere:
 * what it says is looked at before it is believed. Thread: the run's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_CARRY_H
#define PAGE_CARRY_H

#include "page/run.h"

/* What the run is given; conversations are not. */
void carry_order(const run *r, text *out);
bool carry_order_read(run *r, const void *bytes, size_t count);        /* into a new run over there; false: it is none */

/* What was put and told since the last time, which is taken out of the run. over: the run has ended, and this is how. */
void carry_news(run *r, bool over, text *out);
typedef enum carry_heard { CARRY_BROKEN, CARRY_MORE, CARRY_OVER } carry_heard;
/* Into the run that waits here, as if it had done it all itself. CARRY_BROKEN: nothing that the other side says counts any more. */
carry_heard carry_news_read(run *r, const void *bytes, size_t count);

#endif
