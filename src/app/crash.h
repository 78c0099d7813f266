/* crash.h: what a worker is about to do, in memory that outlives it, and what becomes of it after its death.
 *
 * A thread notes its events before user code starts. When the process dies, the next worker reads the notes:
 *   - whose own thread ended the process (a fatal signal, exit) has its events consumed as failed, and its page says so;
 *   - what merely was under way comes again from its browser, and counts as failed after three deaths;
 *   - a page that crashed three times within a minute is not run for a while, longer each time.
 * A guilty note stays until its session has stored that its events are consumed, so that no further death forgets it.
 *
 * Thread: note_… the pool's thread that runs user code; crash_… the worker's loop; the supervisor writes how a worker ended. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CRASH_H
#define APP_CRASH_H

#include "base/base.h"

enum { NOTES = 640, NOTE_DEATHS = 64, CRASH_PLACES = 64, CRASH_RECENT = 3 };

typedef enum note_state { NOTE_FREE, NOTE_WORKS, NOTE_GUILTY } note_state;
typedef enum note_what { NOTE_PAGE, NOTE_FRAGMENT, NOTE_FUNCTION, NOTE_DONE } note_what;
typedef enum note_how { NOTE_NOT, NOTE_SIGNAL, NOTE_MEMORY, NOTE_EXIT, NOTE_QUICK_EXIT, NOTE_LEFT } note_how;

typedef struct note {
    int       state;               /* a note_state */
    note_what what;
    note_how  how;                 /* how its own thread ended the process */
    int       number;              /* …the signal, or the exit status */
    bool      overflow;            /* …its stack had no room left */
    bool      called;              /* file and line are of a call that it made; else of the one that it was bound with */
    uint64_t  id;                  /* names the crash in page and log */
    int64_t   at_ms;               /* of the crash, clock_ms */
    char      session[TOKEN_CHARS + 1], path[256], file[128];
    char      events[512];         /* "view.n view.n": what the run stands for; "=answer" of a .done; "" when nothing caused it */
    int       line;
} note;

/* A page that crashes: at this address, for this session or (0) for all. */
typedef struct crash_place {
    uint64_t path, session;
    struct { int64_t ms; uint64_t session; } recent[CRASH_RECENT];     /* newest first */
    int64_t  until;                /* it is not run before */
    int      times;                /* how often that was so */
    char     what[512];
} crash_place;

typedef enum crash_phase { PHASE_BEGIN, PHASE_SETUP, PHASE_START, PHASE_SERVES, PHASE_OVER } crash_phase;

typedef struct notes {
    int   phase;                   /* a crash_phase of the worker */
    int64_t built;                 /* when the program of the last worker was built, ns since 1970 */
    int   ended;                   /* how the last worker ended, as waitpid tells it */
    int   stray;                   /* signal that a thread which runs no page raised; 0 */
    note  at[NOTES];
    struct { uint64_t event; int deaths; int64_t ms; } deaths[NOTE_DEATHS];
    crash_place places[CRASH_PLACES];
} notes;

notes *notes_new(int *fd);                              /* shared memory; *fd is inherited */
notes *notes_open(int fd);
void   notes_catch(notes *all);                         /* from here on the process's own end is noted: fatal signals, exit */

/* notes.c: on the thread that runs user code */
typedef struct note_of { const char *session, *path, *events; note_what what; const ez_call *call; } note_of;
void note_begin(notes *all, const note_of *of);         /* when all are in use, it runs without */
void note_at(const ez_call *call);                      /* the present thread came to this call */
void note_end(void);
void notes_forget(notes *all);                          /* the process ends in order: nothing of it died of anything */

/* crash.c: what the worker before left. Notes that merely worked are free afterwards; guilty ones stay. details: visitors see signals
 * and lines, else an id that stands in the log, too. */
typedef struct crash { note *of; char *words, told[TOKEN_CHARS + 1]; } crash;     /* told: the session that knows and has to store it; "" */
typedef struct crashes { LIST(crash) list; } crashes;
void crash_read(notes *all, bool details, crashes *out);
void crash_forget(crashes *c, int i);                   /* its session has stored what became of it */
void crashes_done(crashes *c);
/* Why the page is not run now; NULL: it may run. The text is good until the next call. */
const char *crash_blocks(notes *all, const char *session, const char *path);
/* source.c: so many lines of the program's source, the crash came after the call in the first, as "\n12 | text". Adds nothing when the file is not there, or is newer than
 * the program (built, ns since 1970), which then was made from another one. */
enum { SOURCE_LINES = 3 };
void source_lines(const char *file, int line, int count, int64_t built, text *out);
/* How the thread of this note ended what it ran in ("the program"), as the rest of a sentence: " crashed (SIGSEGV, …) after the call at app.c:12". When the
 * note says nothing, the process's status does, as waitpid tells it. */
void crash_how(const note *x, int status, const char *ended, text *t);
/* How the worker ended, for the log: "died of signal 11 (Segmentation fault)" */
void crash_ending(int status, char *out, size_t room);

#endif
