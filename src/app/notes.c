/* notes.c: which event each thread works on, in memory that outlives the process, and what a fatal signal adds to it.
 *
 * A worker notes its event before user code starts. When the process dies, the next one reads the notes: an event whose own
 * thread raised the fatal signal is consumed as failed; one that merely was under way is tried again, at most three times. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { DEATHS_MAX = 3, STACK = 65536 };

static __thread note *mine;                    /* process-wide fact: one per thread, read by the signal handler */
static __thread const ez_call *mine_call;

notes *notes_new(int *fd)
{
    *fd = memfd_create("easel-notes", 0);
    if (*fd < 0 || ftruncate(*fd, sizeof(notes)))
        return NULL;
    return notes_open(*fd);
}

notes *notes_open(int fd)
{
    void *at = mmap(NULL, sizeof(notes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? NULL : at;
}

static pthread_key_t stack_key;
static pthread_once_t stack_once = PTHREAD_ONCE_INIT;

static void stack_gone(void *at)
{
    sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
    munmap(at, STACK);
}

static void stack_key_make(void)
{
    pthread_key_create(&stack_key, stack_gone);
}

/* A stack overflow leaves no room for the handler, so each thread has a stack for it; a sanitizer may have given it one. */
static void own_stack(void)
{
    stack_t now;
    pthread_once(&stack_once, stack_key_make);
    if (pthread_getspecific(stack_key) || (!sigaltstack(NULL, &now) && !(now.ss_flags & SS_DISABLE)))
        return;
    void *at = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return;
    sigaltstack(&(stack_t){ .ss_sp = at, .ss_size = STACK }, NULL);
    pthread_setspecific(stack_key, at);
}

note *note_begin(notes *all, const char *session, const char *view, uint64_t n, const char *path)
{
    own_stack();
    for (int i = 0; all && i < NOTES; i++) {
        int free_note = 0;
        note *x = &all->at[i];
        if (!__atomic_compare_exchange_n(&x->used, &free_note, 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        x->signal = 0;
        x->n = n;
        x->line = 0;
        x->file[0] = 0;
        snprintf(x->session, sizeof x->session, "%s", session);
        snprintf(x->view, sizeof x->view, "%s", view);
        snprintf(x->path, sizeof x->path, "%s", path);
        mine_call = NULL;
        mine = x;
        return x;
    }
    return NULL;
}

void note_at(const ez_call *call)
{
    mine_call = call;
}

void note_end(void)
{
    if (mine)
        __atomic_store_n(&mine->used, 0, __ATOMIC_RELEASE);
    mine = NULL;
    mine_call = NULL;
}

/* Async-signal-safe: copies bytes into shared memory, then lets the signal do its work. */
static void on_fatal(int number, siginfo_t *info, void *context)
{
    (void)context;
    note *x = mine;
    if (x) {
        x->signal = number;
        x->address = (uint64_t)(uintptr_t)info->si_addr;
        if (mine_call && mine_call->file) {
            size_t i = 0;
            for (; mine_call->file[i] && i < sizeof x->file - 1; i++)
                x->file[i] = mine_call->file[i];
            x->file[i] = 0;
            x->line = mine_call->line;
        }
    }
    signal(number, SIG_DFL);
    raise(number);
}

void notes_catch(notes *all)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    if (!all)
        return;
    for (int i = 0; i < COUNT(fatal); i++)
        sigaction(fatal[i], &(struct sigaction){ .sa_sigaction = on_fatal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND }, NULL);
}

void notes_forget(notes *all)
{
    for (int i = 0; all && i < NOTES; i++)
        __atomic_store_n(&all->at[i].used, 0, __ATOMIC_RELEASE);
}

static int deaths_of(notes *all, const note *x)
{
    uint64_t event = hash_mix(hash_text(x->session), hash_mix(hash_text(x->view), x->n)) | 1;
    int oldest = 0;
    for (int i = 0; i < NOTE_DEATHS; i++) {
        if (all->deaths[i].event == event)
            return ++all->deaths[i].deaths;
        if (all->deaths[i].deaths < all->deaths[oldest].deaths)
            oldest = i;
    }
    all->deaths[oldest].event = event;
    return all->deaths[oldest].deaths = 1;
}

static const char *signal_words(int number)
{
    switch (number) {
    case SIGSEGV: return "SIGSEGV, an access to memory that is not there";
    case SIGBUS:  return "SIGBUS, an access to memory that does not work";
    case SIGFPE:  return "SIGFPE, an impossible calculation";
    case SIGILL:  return "SIGILL, an illegal instruction";
    case SIGABRT: return "SIGABRT, the program called abort";
    default:      return "a fatal signal";
    }
}

bool notes_next(notes *all, int *from, note *out, char *what, size_t room)
{
    for (int i = *from; all && i < NOTES; i++) {
        note *x = &all->at[i];
        if (!x->used)
            continue;
        int deaths = deaths_of(all, x);
        *out = *x;
        x->used = 0;
        *from = i + 1;
        what[0] = 0;
        if (x->signal && x->file[0])
            snprintf(what, room, "This page crashed (%s) after the call at %s:%d. What you did was not carried out; everything else is as it was.", signal_words(x->signal), x->file, x->line);
        else if (x->signal)
            snprintf(what, room, "This page crashed (%s). What you did was not carried out; everything else is as it was.", signal_words(x->signal));
        else if (deaths >= DEATHS_MAX)
            snprintf(what, room, "The program ended %d times while this was under way, so it is not tried again.", deaths);
        return true;
    }
    return false;
}
