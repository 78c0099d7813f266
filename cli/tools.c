/* tools.c: where Easel lies, and other programs: what the commands of `easel` share. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- where Easel lies ------------------------------------------------------------------------------------------- */

static bool cli_exists(const char *path) { return access(path, R_OK) == 0; }

/* "<folder>/<name>" for the first folder, from this one upwards, in which it is. */
static const char *cli_look_up(arena *a, const char *from, const char *name)
{
    char *folder = arena_text(a, from);
    for (;;) {
        const char *path = arena_printf(a, "%s/%s", strcmp(folder, "/") ? folder : "", name);
        if (cli_exists(path)) return path;
        char *slash = strrchr(folder, '/');
        if (!slash || !folder[1]) return NULL;
        slash[slash == folder] = 0;
    }
}

static const char *cli_folder(arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    return arena_text_n(a, path, (size_t)(slash - path));
}

cli_home cli_find_home(arena *a)
{
    static const char *const libraries[] = { "%s/libeasel.a", "%s/../lib/libeasel.a", "%s/../lib/x86_64-linux-gnu/libeasel.a", "%s/../lib64/libeasel.a" };
    cli_home home = {0};
    char self[4096];
    ssize_t count = readlink("/proc/self/exe", self, sizeof self - 1);
    if (count <= 0) return home;
    self[count] = 0;
    const char *folder = cli_folder(a, self);
    for (int i = 0; i < COUNT(libraries) && !home.library; i++) {
        const char *path = arena_printf(a, "%s/%s", folder, libraries[i] + 3);
        if (cli_exists(path)) home.library = path;
    }
    const char *header = cli_look_up(a, folder, "include/easel/easel.h");
    if (header) home.include = cli_folder(a, cli_folder(a, header));
    home.models = cli_look_up(a, folder, "models");
    return home;
}

/* ---- other programs --------------------------------------------------------------------------------------------- */

void cli_word(cli_words *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (w->list.count) w->list.count--;              /* the NULL */
    *list_add(&w->list) = arena_vprintf(w->arena, format, args);
    *list_add(&w->list) = NULL;
    va_end(args);
}

void cli_words_of(cli_words *w, const char *s)
{
    while (s && *(s += strspn(s, " \t\n"))) {
        size_t count = strcspn(s, " \t\n");
        cli_word(w, "%.*s", (int)count, s);
        s += count;
    }
}

int cli_start(const cli_words *w, int out)
{
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    if (out >= 0) {
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
    }
    pid_t pid;
    int code = posix_spawnp(&pid, w->list.at[0], &files, NULL, w->list.at, environ);
    posix_spawn_file_actions_destroy(&files);
    return code ? -1 : (int)pid;
}

int cli_wait(int pid)
{
    int status;
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool cli_has(const char *program)
{
    if (strchr(program, '/')) return access(program, X_OK) == 0;
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        size_t count = strcspn(at, ":");
        char full[4096];
        snprintf(full, sizeof full, "%.*s/%s", (int)count, at, program);
        if (access(full, X_OK) == 0) return true;
        at += count + (at[count] == ':');
    }
    return false;
}
