/* notes.c: which event each thread works on, in memory that outlives the process, and how that thread ended the process. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/crash.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK = 65536, STACK_EDGE = 65536, LEFT_STATUS = 70 };

/* Facts of the process and of each thread, read where nothing can be handed over: in handlers of signals and of exit. */
static notes *shared;
static __thread note *mine;
static __thread const char *mine_file;
static __thread uintptr_t stack_end;

notes *notes_new(int *fd)
{
    *fd = memfd_create("easel-notes", MFD_CLOEXEC);
    if (*fd < 0 || ftruncate(*fd, sizeof(notes)))
        return NULL;
    return notes_open(*fd);
}

notes *notes_open(int fd)
{
    void *at = mmap(NULL, sizeof(notes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* ---- threads ---------------------------------------------------------------------------------------------------------- */

static pthread_key_t thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static char no_stack;              /* stands for the stack of a thread that has one already */

/* A thread ends. When it had a note, user code ended it, and nobody would ever hear of the run. */
static void thread_gone(void *stack)
{
    if (mine) {
        mine->how = NOTE_LEFT;
        _exit(LEFT_STATUS);
    }
    if (stack == &no_stack)
        return;
    sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
    munmap(stack, STACK);
}

static void thread_key_make(void)
{
    pthread_key_create(&thread_key, thread_gone);
}

static void *own_stack(void)
{
    stack_t now;
    if (!sigaltstack(NULL, &now) && !(now.ss_flags & SS_DISABLE))      /* a sanitizer gave it one */
        return &no_stack;
    void *at = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return &no_stack;
    sigaltstack(&(stack_t){ .ss_sp = at, .ss_size = STACK }, NULL);
    return at;
}

/* A stack overflow leaves no room for the handler, so each thread has a stack for it, and knows where its own ends. */
static void thread_know(void)
{
    pthread_attr_t attr;
    void *low = NULL;
    size_t size;
    pthread_once(&thread_once, thread_key_make);
    if (pthread_getspecific(thread_key))
        return;
    pthread_setspecific(thread_key, own_stack());
    if (!pthread_getattr_np(pthread_self(), &attr)) {
        pthread_attr_getstack(&attr, &low, &size);
        pthread_attr_destroy(&attr);
    }
    stack_end = (uintptr_t)low;
}

/* ---- notes ------------------------------------------------------------------------------------------------------------- */

void note_begin(notes *all, const note_of *of)
{
    if (!all)
        return;
    thread_know();
    for (int i = 0; i < NOTES; i++) {
        int free_note = NOTE_FREE;
        note *x = &all->at[i];
        if (!__atomic_compare_exchange_n(&x->state, &free_note, NOTE_WORKS, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        x->how = NOTE_NOT;
        x->what = of->what;
        x->overflow = false;
        x->file[0] = 0;
        x->line = 0;
        snprintf(x->session, sizeof x->session, "%s", of->session);
        snprintf(x->path, sizeof x->path, "%s", of->path);
        snprintf(x->events, sizeof x->events, "%s", of->events ? of->events : "");
        mine_file = NULL;
        mine = x;
        note_at(of->call);
        x->called = false;
        return;
    }
}

void note_at(const ez_call *call)
{
    if (!mine || !call || !call->file)
        return;
    mine->line = call->line;
    mine->called = true;
    if (call->file == mine_file)               /* most calls of a run stand in one file */
        return;
    mine_file = call->file;
    snprintf(mine->file, sizeof mine->file, "%s", call->file);
}

void note_end(void)
{
    if (mine)
        __atomic_store_n(&mine->state, NOTE_FREE, __ATOMIC_RELEASE);
    mine = NULL;
}

/* ---- the end of the process ---------------------------------------------------------------------------------------------- */

/* Async-signal-safe: writes into shared memory, then lets the signal do its work. */
static void on_fatal(int number, siginfo_t *info, void *context)
{
    (void)context;
    note *x = mine;
    uintptr_t at = (uintptr_t)info->si_addr;
    if (x && x->how == NOTE_NOT) {
        x->number = number;
        x->overflow = number == SIGSEGV && info->si_code > 0 && at + STACK_EDGE > stack_end && at < stack_end + STACK_EDGE;
        x->how = number == SIGABRT && mem_ran_out() ? NOTE_MEMORY : NOTE_SIGNAL;
    } else if (!x) {
        shared->stray = number;
    }
    signal(number, SIG_DFL);
    raise(number);
}

/* User code called exit. What else is to be done at the end of the program would happen under the feet of the other threads, so the
 * process ends here. Its own regular end goes on. */
static void on_exit_called(int status, void *data)
{
    (void)data;
    if (shared->phase == PHASE_OVER)
        return;
    if (mine && mine->how == NOTE_NOT) {
        mine->number = status;
        mine->how = NOTE_EXIT;
    }
    _exit(status);
}

static void on_quick_exit_called(void)
{
    if (mine && mine->how == NOTE_NOT)
        mine->how = NOTE_QUICK_EXIT;
}

void notes_catch(notes *all)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGXCPU, SIGXFSZ };
    if (!all)
        return;
    shared = all;
    for (int i = 0; i < COUNT(fatal); i++)
        sigaction(fatal[i], &(struct sigaction){ .sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND }, NULL);
    on_exit(on_exit_called, NULL);
    at_quick_exit(on_quick_exit_called);
    setvbuf(stdout, NULL, _IOLBF, 0);          /* what user code printed before a crash is not lost with it */
}

void notes_forget(notes *all)
{
    int works;
    for (int i = 0; all && i < NOTES; i++) {
        works = NOTE_WORKS;                    /* what is guilty stays until its session knows */
        __atomic_compare_exchange_n(&all->at[i].state, &works, NOTE_FREE, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    }
}
