/* app.h: a program: its pages, its processes and the threads between them. The only folder that knows all others.
 *
 * Processes are roles of one executable. The supervisor owns the listening socket and starts the others by exec; the worker
 * serves; an engine answers. With --workers 0 all of it is one process. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/options.h"
#include "base/base.h"
#include <sys/types.h>

typedef struct app_page { char *path, *title, *icon, *section; ez_fn *fn; bool hidden; } app_page;
typedef struct app_function { char *name; ez_fn *fn; const ez_record *in, *out; char *help, *lane; int concurrency; bool rerunnable; } app_function;

struct ez_app {
    const ez_main_args *args;
    options     options;
    char       *build;             /* names this build: a hash of the executable's size and time */
    char       *title, *model;     /* model: as asked for, not yet looked up; NULL: the program has none */
    LIST(app_page)     pages;
    LIST(app_function) functions;
    bool        declared;          /* setup is over */
    ez_err      mistake;           /* of setup */
};

const app_page *app_page_find(const ez_app *app, const char *path);
/* What function addresses are relative to in the store. */
const void *app_base(void);

/* ---- the processes ------------------------------------------------------------------------------------------------- */

/* Sockets and memory that a child inherits, by number, told in EASEL_ROLE: "worker 3 4 5" (listen, control, notes). */
typedef struct role { char name[16]; int listen, control, notes; } role;

int  supervisor_main(ez_app *app, char **argv);
int  worker_main(ez_app *app, const role *r);          /* r NULL: everything in this process */
int  engine_role_main(ez_app *app, const role *r);

/* What travels on the control socket between supervisor and worker, one packet each; `E` carries a socket. */
enum { CONTROL_READY = 'R', CONTROL_ENGINE = 'E', CONTROL_MODEL = 'M' };
bool control_send(int fd, char kind, const char *text, int pass);       /* pass -1: none */
/* 1: a packet; 0: nothing there; -1: the other end is gone. */
int  control_receive(int fd, char *kind, char *text, size_t room, int *passed);

/* ---- notes: what a worker was about to do, in memory that outlives it -------------------------------------------------- */

enum { NOTES = 256, NOTE_DEATHS = 64 };
typedef struct note {
    int      used;                 /* a thread runs user code for this */
    int      signal;               /* it died of its own fatal signal */
    uint64_t address, n;
    char     session[TOKEN_CHARS + 1], view[TOKEN_CHARS + 1], path[256], file[128];
    int      line;
} note;
typedef struct notes { note at[NOTES]; struct { uint64_t event; int deaths; } deaths[NOTE_DEATHS]; } notes;

notes *notes_new(int *fd);                              /* shared memory; *fd is inherited */
notes *notes_open(int fd);
note  *note_begin(notes *all, const char *session, const char *view, uint64_t n, const char *path);   /* on the thread; NULL when full */
void   note_at(const ez_call *call);                    /* the present thread came to this call */
void   note_end(void);
void   notes_catch(notes *all);                         /* installs the handlers of fatal signals */
void   notes_forget(notes *all);                        /* the process ends in order: nothing of it died of anything */
/* Takes what a dead worker left: consumed gives the sentence for the visitor, NULL for an event that is to be tried again. */
bool   notes_next(notes *all, int *from, note *out, char *what, size_t room);

/* ---- resources ------------------------------------------------------------------------------------------------------- */

typedef struct resources resources;
resources *resources_new(void (*wait_begin)(void *), void (*wait_end)(void *), void *data);
void  resources_free(resources *r);
void *resources_get(resources *r, const ez_resource_args *args, bool wait, void **hold);   /* *hold: to be released */
void  resources_release(resources *r, void *hold);

#endif
