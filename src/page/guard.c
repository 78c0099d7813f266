/* guard.c: user code is called so that what it throws ends its own function only. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/guard.h"
#include "page/place.h"

/* A fact of the program: set before main by what was compiled as C++. */
static ez_guard_fn *guard;

void ez_guard_put(ez_guard_fn *fn) { guard = fn; }

bool guard_call(void (*call)(void *data), void *data, char *what, size_t room)
{
    if (guard)
        return guard(call, data, what, room);
    call(data);
    return true;
}

typedef struct calling { ez_ui *ui; ez_fn *fn; void (*done)(ez_ui *ui, const ez_message *answer); const ez_message *answer; } calling;

static void call_now(void *data)
{
    calling *c = data;
    if (c->done) c->done(c->ui, c->answer);
    else c->fn(c->ui);
}

static void call_guarded(calling c)
{
    char what[512];
    run *r = c.ui->run;
    if (guard_call(call_now, &c, what, sizeof what))
        return;
    r->stopped = false;                        /* else the card would not be shown */
    node_mistake(c.ui, r->last_call, "%s; this is the last call before it", what);
}

void guard_run(ez_ui *ui, ez_fn *fn) { call_guarded((calling){ .ui = ui, .fn = fn }); }
void guard_done(ez_ui *ui, void (*fn)(ez_ui *ui, const ez_message *answer), const ez_message *answer) { call_guarded((calling){ ui, NULL, fn, answer }); }
