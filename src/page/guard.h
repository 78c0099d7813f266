/* guard.h: user code that throws. C++ cannot be caught in C, so the public header brings a guard along when a C++ compiler reads it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_GUARD_H
#define PAGE_GUARD_H

#include "page/run.h"

/* Calls call(data); false: it threw, and `what` says what. Without C++ in the program nothing is caught. Any thread. */
bool guard_call(void (*call)(void *data), void *data, char *what, size_t room);
/* Calls a page, fragment or bound function; what it throws is shown as a mistake there, and fails a job. */
void guard_run(ez_ui *ui, ez_fn *fn);
void guard_done(ez_ui *ui, void (*fn)(ez_ui *ui, const ez_message *answer), const ez_message *answer);

#endif
