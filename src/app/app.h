/* app.h: a program: its pages, its processes and the threads between them. The only folder that knows all others.
 *
 * Processes are roles of one executable. The supervisor owns the listening socket and starts the others by exec; the worker
 * serves; an engine answers. With --workers 0 all of it is one process. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/crash.h"
#include "app/options.h"
#include "auth/rate.h"
#include "base/base.h"
#include "page/run.h"
#include <spawn.h>
#include <sys/types.h>

typedef struct app_page { char *path, *title, *icon, *section; ez_fn *fn; bool hidden; } app_page;

/* How calls of a function wait, and what becomes of them; zeros: nothing of it. */
typedef struct app_rules {
    int     max_size, priority, retries, cache_size, batch_size;
    int64_t time_limit_ms, retry_wait_ms, cache_ttl_ms, batch_wait_ms, session_ttl_ms;
    rate    rate_limit;
    bool    process;               /* each call in a process of its own, which may allocate so many bytes; 0: any number */
    int64_t memory_limit;
} app_rules;
typedef struct app_function { char *name; ez_fn *fn; const ez_record *in, *out; char *help, *lane; int concurrency; bool rerunnable; app_rules rules; bool prompt; char *resource; } app_function;   /* resource: a pattern of addresses; NULL */
typedef struct app_prompt { char *name, *text, *help; const ez_record *in; } app_prompt;

struct ez_app {
    const ez_main_args *args;
    options     options;
    char       *build;             /* names this build: a hash of size and time of the executable, and of what `easel run` loaded into it */
    int64_t     built;             /* when that was written, ns since 1970 */
    char       *title, *model;     /* model: as asked for, not yet looked up; NULL: the program has none */
    LIST(app_page)     pages;
    LIST(app_function) functions;
    LIST(app_prompt)   prompts;
    bool        declared;          /* setup is over */
    ez_err      mistake;           /* of setup */
    notes      *notes;             /* of a worker with a supervisor; NULL */
    char      **argv;              /* as the program was started */
};

const app_page *app_page_find(const ez_app *app, const char *path);
const app_function *app_function_named(const ez_app *app, const char *name);   /* NULL */
const app_prompt *app_prompt_named(const ez_app *app, const char *name);       /* NULL */
/* Whether either has this name: they share one space of names, as keys of callers open either by its name. */
bool app_offers(const ez_app *app, const char *name);
/* Whether visitors are shown what went wrong and where in the source, or only an id that the log has, too. */
bool app_shows_details(const ez_app *app);
void app_listens(const ez_app *app, int port);          /* says so on stdout, with an address that works on this machine */
void app_phase(ez_app *app, crash_phase phase);         /* what the program is about to do, for the story of its end */
/* Calls what the program gave to ez_main; false: it threw, and a message is on stderr. fn NULL: nothing to do. */
bool app_call(ez_app *app, void (*fn)(ez_app *app), const char *name);
/* Names the build for state without a record, which stays as long as that does. */
const char *app_state_build(const ez_app *app);
/* Where that lies which holds the program's page, the executable or a module: function addresses are relative to it in the store. */
const void *app_base(const ez_app *app);

void api_page_declare(ez_app *app);                     /* after setup: the page at /api, when there are functions and the program has no page there */

/* ---- the processes ------------------------------------------------------------------------------------------------- */

/* Sockets and memory that a child inherits, by number, told in EASEL_ROLE: "worker 3 4 5" (listen, control, notes). */
typedef struct role { char name[16]; int listen, control, notes; } role;

int  supervisor_main(ez_app *app);
int  worker_main(ez_app *app, const role *r);          /* r NULL: everything in this process */
int  engine_role_main(ez_app *app, const role *r);
int  spawner_main(ez_app *app, const role *r);         /* begins calls in processes of their own: apart.h */

/* Starts this program once more, in another role. 0: it cannot be, and the log says why; else its pid, and our end of its control socket. */
typedef struct role_order {
    const char *role, *model;      /* model: of an engine; NULL */
    char      **argv;
    int         exe;               /* the file that is started; -1: /proc/self/exe */
    int         listen, notes;     /* that it inherits; -1: none */
    bool        tuned;             /* it serves for long: its memory is to go back to the system */
} role_order;
pid_t role_start(const role_order *o, int *control);
enum { ROLE_FREE_FD = 20 };        /* descriptors below this one have a meaning in such a process */

/* What travels on the control socket between supervisor and worker, one packet each; `E` carries a socket. */
enum { CONTROL_READY = 'R', CONTROL_ENGINE = 'E', CONTROL_MODEL = 'M' };
/* From a worker to its spawner, with the number of a call: begin it at the other end of this socket; kill it. */
enum { CONTROL_CALL = 'C', CONTROL_KILL = 'K' };
/* `easel run` tells the supervisor, over the socket whose number EASEL_DEV holds: take the new build; this is wrong with what was saved
 * (a file with the text comes along; none: all is well again). The supervisor says the latter on to the worker, and answers what became of the former. */
enum { CONTROL_RELOAD = 'L', CONTROL_PROBLEM = 'P', CONTROL_RELOADED = 'D', CONTROL_REFUSED = 'F' };
/* at_once: this process dies with its supervisor, whatever it is doing; else it looks after that itself: the socket ends. */
void control_ends_with(int fd, bool at_once);
/* For posix_spawn: the child begins with no signal blocked or ignored. Ends with posix_spawnattr_destroy. */
void control_spawn_plain(posix_spawnattr_t *how);
bool control_send(int fd, char kind, const char *text, int pass);       /* pass -1: none */
/* 1: a packet; 0: nothing there; -1: the other end is gone. */
int  control_receive(int fd, char *kind, char *text, size_t room, int *passed);

/* ---- resources ------------------------------------------------------------------------------------------------------- */

typedef struct resources resources;
resources *resources_new(void);
void  resources_free(resources *r);
/* On the thread of the run that asks. Waits for a load, its own or another's, until the run is interrupted. NULL: failed, interrupted, or (wait
 * false) not there yet. *hold, unless it is NULL, is to be released. */
void *resources_get(resources *r, run *by, const ez_resource_args *args, bool wait, void **hold);
void  resources_release(resources *r, void *hold);

#endif
