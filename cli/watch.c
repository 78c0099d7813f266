/* watch.c: serves a program, and brings in what is saved meanwhile.
 *
 * The program is a child, and a socket leads to its supervisor: over it goes the word that there is a new build, and what compilers
 * find wrong, which the open pages show. The build before goes on until the new one serves. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"
#include "app/app.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FD_DEV = 3,                    /* the socket's number in the program */
    PAGE_QUIET_MS = 4,             /* an editor may write a file in several steps */
    PROGRAM_QUIET_MS = 100,        /* and a linker a program */
    REPORT_MAX = 16000,
};

typedef struct watch {
    const cli_served *s;
    pid_t   child;
    int     dev, signals, notify;  /* dev -1: the program takes no new builds */
    LIST(int) folders;             /* inotify's number for the folder of each file, in their order */
    int64_t saved_ms, quiet_ms;    /* when something was saved that was not taken yet; 0 */
    int64_t reload_ms;             /* when that was saved for which a reload is under way */
    int     check, report;         /* cc at work on its messages, and the file for them; -1 */
    bool    problem;               /* pages show one */
} watch;

/* ---- what compilers say ------------------------------------------------------------------------------------------ */

static char *watch_read(int fd)
{
    off_t count = lseek(fd, 0, SEEK_END);
    char *text = mem_alloc((size_t)(count > 0 ? count : 0) + 1);
    if (pread(fd, text, (size_t)count, 0) != count) text[0] = 0;
    return text;
}

/* Shows it on all open pages and those to come; NULL takes it back. */
static void watch_problem(watch *w, const char *title, const char *said)
{
    if (w->dev < 0 || (!title && !w->problem)) return;
    int fd = title ? memfd_create("problem", MFD_CLOEXEC) : -1;
    if (title) {
        text t = { 0 };
        json j = json_to(&t);
        json_object(&j);
        json_key(&j, "title");
        json_text(&j, title);
        json_key(&j, "text");
        json_text_n(&j, said, strlen(said) < REPORT_MAX ? strlen(said) : utf8_whole(said, REPORT_MAX));
        json_object_end(&j);
        if (write(fd, t.at, t.count) != (ssize_t)t.count) fprintf(stderr, "easel run: pages are not told of it: %s\n", strerror(errno));
        text_done(&t);
    }
    control_send(w->dev, CONTROL_PROBLEM, "", fd);
    if (fd >= 0) close(fd);
    w->problem = title != NULL;
}

static void watch_problem_of(watch *w, const char *said, const char *format, ...) EZ_FORMAT(3, 4);
static void watch_problem_of(watch *w, const char *said, const char *format, ...)
{
    char title[512];
    va_list args;
    va_start(args, format);
    vsnprintf(title, sizeof title, format, args);
    va_end(args);
    watch_problem(w, title, said);
}

/* ---- making ------------------------------------------------------------------------------------------------------ */

static void watch_check_stop(watch *w)
{
    if (w->check > 0) {
        kill(w->check, SIGKILL);
        cli_wait(w->check);
    }
    if (w->report >= 0) close(w->report);
    w->check = w->report = -1;
}

/* Everything is said in the terminal; only mistakes are shown on the pages. */
static void watch_check_over(watch *w, int status)
{
    char *said = watch_read(w->report);
    fputs(said, stderr);
    if (!WIFEXITED(status) || WEXITSTATUS(status)) watch_problem_of(w, said, "%s finds a mistake in %s", w->s->page->cc, w->s->watched);
    mem_free(said);
    w->check = -1;
    watch_check_stop(w);
}

static bool watch_make(watch *w)
{
    bool checked;
    int report = memfd_create("report", MFD_CLOEXEC);
    watch_check_stop(w);
    bool good = cli_page_make(w->s->page, report, &checked);
    char *said = watch_read(report);
    fputs(said, stderr);
    if (good) watch_problem(w, NULL, NULL);
    else watch_problem_of(w, said, "%s does not compile", w->s->watched);
    mem_free(said);
    close(report);
    if (good && !checked) {
        w->report = memfd_create("check", MFD_CLOEXEC);
        w->check = cli_page_check(w->s->page, w->report);
    }
    return good;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static const char *watch_file(const watch *w, int i)
{
    if (!w->s->page) return i ? NULL : w->s->watched;
    return i < w->s->page->files.count ? w->s->page->files.at[i] : NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Folders are watched, as editors put a new file in the place of the old one. */
static void watch_files(watch *w)
{
    const char *file;
    w->folders.count = 0;
    for (int i = 0; (file = watch_file(w, i)); i++) {
        char folder[4096];
        snprintf(folder, sizeof folder, "%.*s.", (int)(base_name(file) - file), file);
        *list_add(&w->folders) = inotify_add_watch(w->notify, folder, IN_CLOSE_WRITE | IN_MOVED_TO);
    }
}

static bool watch_means(const watch *w, const struct inotify_event *e)
{
    for (int i = 0; i < w->folders.count; i++)
        if (w->folders.at[i] == e->wd && strcmp(base_name(watch_file(w, i)), e->name) == 0) return true;
    return false;
}

static void watch_saved(watch *w)
{
    char room[8192] __attribute__((aligned(8)));
    ssize_t count;
    while ((count = read(w->notify, room, sizeof room)) > 0)
        for (char *at = room; at < room + count;) {
            const struct inotify_event *e = (const struct inotify_event *)at;
            if (e->len && watch_means(w, e)) w->saved_ms = clock_ms();
            at += sizeof *e + e->len;
        }
}

static void watch_take(watch *w)
{
    int64_t saved = w->saved_ms;
    w->saved_ms = 0;
    if (w->dev < 0) return;
    if (w->s->page && !watch_make(w)) return;
    watch_files(w);
    w->reload_ms = saved;
    control_send(w->dev, CONTROL_RELOAD, "", -1);
}

/* ---- the program ------------------------------------------------------------------------------------------------- */

static bool watch_start(watch *w)
{
    int pair[2];
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    char number[16];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return false;
    snprintf(number, sizeof number, "%d", FD_DEV);
    setenv("EASEL_DEV", number, 1);
    int end = fcntl(pair[1], F_DUPFD_CLOEXEC, FD_DEV + 10);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, end, FD_DEV);
    control_spawn_plain(&how);
    int failed = posix_spawn(&w->child, w->s->program, &files, &how, w->s->argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    unsetenv("EASEL_DEV");
    close(end);
    close(pair[1]);
    w->dev = pair[0];
    errno = failed;
    return !failed;
}

static void watch_hear(watch *w)
{
    char kind, why[256];
    int passed, got;
    while ((got = control_receive(w->dev, &kind, why, sizeof why, &passed)) > 0) {
        if (passed >= 0) close(passed);
        if (kind == CONTROL_RELOADED) fprintf(stderr, "easel run: %s is served anew, %d ms after it was saved\n", w->s->watched, (int)(clock_ms() - w->reload_ms));
        if (kind == CONTROL_REFUSED) watch_problem_of(w, why, "%s cannot be served; what was there before goes on", w->s->watched);
    }
    if (got == 0) return;
    close(w->dev);
    w->dev = -1;
}

/* True when the program has ended. */
static bool watch_reap(watch *w, int *status)
{
    int how;
    for (pid_t pid; (pid = waitpid(-1, &how, WNOHANG)) > 0;) {
        if (pid == w->check) watch_check_over(w, how);
        if (pid != w->child) continue;
        *status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
        return true;
    }
    return false;
}

static int watch_serve(watch *w)
{
    int status = 0;
    for (;;) {
        struct pollfd fds[] = { { w->signals, POLLIN, 0 }, { w->notify, POLLIN, 0 }, { w->dev, POLLIN, 0 } };
        int64_t wait = w->saved_ms ? w->saved_ms + w->quiet_ms - clock_ms() : -1;
        poll(fds, COUNT(fds), w->saved_ms && wait < 0 ? 0 : (int)wait);
        struct signalfd_siginfo info;
        while (read(w->signals, &info, sizeof info) == sizeof info) {
            if (info.ssi_signo != SIGCHLD) kill(w->child, SIGTERM);
            else if (watch_reap(w, &status)) return status;
        }
        if (fds[1].revents) watch_saved(w);
        if (fds[2].revents) watch_hear(w);
        if (w->saved_ms && clock_ms() >= w->saved_ms + w->quiet_ms) watch_take(w);
    }
}

int cli_watch(const cli_served *s)
{
    watch w = { .s = s, .dev = -1, .check = -1, .report = -1, .quiet_ms = s->page ? PAGE_QUIET_MS : PROGRAM_QUIET_MS };
    sigset_t wanted;
    if (s->page && !watch_make(&w)) return CLI_NOT_MADE;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGHUP);
    sigprocmask(SIG_BLOCK, &wanted, NULL);
    w.signals = signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    w.notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    watch_files(&w);
    int status = 127;
    if (watch_start(&w)) status = watch_serve(&w);
    else fprintf(stderr, "easel run: %s does not start: %s\n", s->watched, strerror(errno));
    watch_check_stop(&w);
    list_done(&w.folders);
    return status;
}
