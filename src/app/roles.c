/* roles.c: the program starts itself once more, in another role: what such a process inherits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern char **environ;

/* The numbers that the inherited sockets have in every child. */
enum { FD_LISTEN = 3, FD_CONTROL = 4, FD_NOTES = 5 };

/* glibc keeps freed memory in a cache of each thread, spread over all pages that it once used: after a rush they could not go back to the
 * system. Without these caches they do, and a run costs the same (docs/reliability.md, Memory). The setting counts from a process's start. */
static void add_tunables(char **env, char *room, size_t size)
{
    static const char name[] = "GLIBC_TUNABLES=", ours[] = "glibc.malloc.tcache_count=0";
    while (*env && strncmp(*env, name, sizeof name - 1))
        env++;
    if (*env && (strstr(*env, "tcache_count") || strlen(*env) + sizeof ours + 1 > size))
        return;                                /* whoever runs the program has decided otherwise */
    snprintf(room, size, "%s%s%s", *env ? *env : name, *env ? ":" : "", ours);
    *env = room;
}

static char **child_environment(const char *role, const char *model, char *role_room, size_t room, char **model_room)
{
    int count = 0, kept = 0;
    while (environ[count])
        count++;
    char **env = mem_alloc((size_t)(count + 4) * sizeof *env);
    for (int i = 0; i < count; i++)
        if (strncmp(environ[i], "EASEL_ROLE=", 11) && strncmp(environ[i], "EASEL_ENGINE_MODEL=", 19) && strncmp(environ[i], "EASEL_DEV=", 10))
            env[kept++] = environ[i];
    snprintf(role_room, room, "EASEL_ROLE=%s %d %d %d", role, FD_LISTEN, FD_CONTROL, FD_NOTES);
    env[kept++] = role_room;
    if (model) {
        *model_room = mem_alloc(strlen(model) + 24);
        sprintf(*model_room, "EASEL_ENGINE_MODEL=%s", model);
        env[kept++] = *model_room;
    }
    return env;
}

/* The child is going to have this socket or memory under that number. The copy that is returned lies above all of these, so that none overwrites
 * another. fd -1: nothing to hand down. */
static int hand_down(posix_spawn_file_actions_t *files, int fd, int as)
{
    int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, ROLE_FREE_FD);
    if (high >= 0)
        posix_spawn_file_actions_adddup2(files, high, as);
    return high;
}

pid_t role_start(const role_order *o, int *control)
{
    int pair[2];
    pid_t pid = 0;
    char name[64], tunables[512], exe[32] = "/proc/self/exe", *model = NULL;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
        return 0;
    posix_spawn_file_actions_init(&files);
    int high[] = { hand_down(&files, o->listen, FD_LISTEN), hand_down(&files, pair[1], FD_CONTROL), hand_down(&files, o->notes, FD_NOTES) };
    posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
    control_spawn_plain(&how);
    char **env = child_environment(o->role, o->model, name, sizeof name, &model);
    if (o->tuned)
        add_tunables(env, tunables, sizeof tunables);
    if (o->exe >= 0)
        snprintf(exe, sizeof exe, "/proc/self/fd/%d", o->exe);
    int failed = posix_spawn(&pid, exe, &files, &how, o->argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    mem_free(env);
    mem_free(model);
    for (int i = 0; i < COUNT(high); i++)
        if (high[i] >= 0)
            close(high[i]);
    close(pair[1]);
    if (failed) {
        log_error("app", "cannot start the %s: %s", o->role, strerror(failed));
        close(pair[0]);
        return 0;
    }
    *control = pair[0];
    return pid;
}
