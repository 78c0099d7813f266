/* startup.c: how long a program needs until it says that it listens, and until the first byte of its page.
 *
 *     startup RUNS PATH FOLDER PROGRAM [ARGUMENT...]
 *
 * Starts the program anew for each run with `--port <free> --data FOLDER/<run>`, so with an empty data folder, and asks for PATH
 * as soon as anything accepts. Prints one line per run: milliseconds to the line on its standard output, to the first byte of the
 * answer, and the status of HTTP. Written in C so that the watch adds nothing to what it watches. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

typedef struct watch { double listening, first_byte; int status; } watch;

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int free_port(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&at, size) || getsockname(fd, (struct sockaddr *)&at, &size)) exit(1);
    close(fd);
    return ntohs(at.sin_port);
}

static pid_t start(char **argv, int *out)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) exit(1);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t pid;
    if ((errno = posix_spawnp(&pid, argv[0], &files, &attributes, argv, environ))) {
        perror(argv[0]);
        exit(1);
    }
    close(ends[1]);
    *out = ends[0];
    return pid;
}

/* The whole group, so that no worker or engine is left for the next run. */
static void stop(pid_t pid, int out)
{
    close(out);
    kill(pid, SIGTERM);
    for (int i = 0; i < 500; i++) {
        if (waitpid(pid, NULL, WNOHANG) == pid) {
            kill(-pid, SIGKILL);
            return;
        }
        usleep(10000);
    }
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static int ask(int port, const char *path, double end)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    while (now_ms() < end) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) {
            char request[512];
            int count = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept-Encoding: gzip, br\r\n\r\n", path, port);
            if (send(fd, request, (size_t)count, MSG_NOSIGNAL) == count) return fd;
        }
        close(fd);
        usleep(20);
    }
    return -1;
}

static watch run(char **argv, int port, const char *path)
{
    watch w = { -1, -1, 0 };
    int out;
    double from = now_ms();
    pid_t pid = start(argv, &out);
    int fd = ask(port, path, from + 20000);
    struct pollfd watched[2] = { { out, POLLIN, 0 }, { fd, POLLIN, 0 } };
    while ((w.listening < 0 || w.first_byte < 0) && poll(watched, 2, 20000) > 0) {
        double at = now_ms() - from;
        if (watched[0].revents) {
            char c;
            while (read(out, &c, 1) == 1 && c != '\n') {}
            w.listening = at;
            watched[0].fd = -1;
        }
        if (watched[1].revents) {
            char head[64] = "";
            w.first_byte = at;
            if (recv(fd, head, sizeof head - 1, 0) > 0) sscanf(head, "HTTP/1.%*c %d", &w.status);
            watched[1].fd = -1;
        }
    }
    close(fd);
    stop(pid, out);
    return w;
}

int main(int argc, char **argv)
{
    if (argc < 5) return fprintf(stderr, "usage: startup RUNS PATH FOLDER PROGRAM [ARGUMENT...]\n"), 2;
    int given = argc - 4;
    char **child = calloc((size_t)given + 5, sizeof *child), data[4096], number[16];
    memcpy(child, argv + 4, (size_t)given * sizeof *child);
    child[given] = "--port", child[given + 1] = number, child[given + 2] = "--data", child[given + 3] = data;
    for (int i = 0; i < atoi(argv[1]); i++) {
        int port = free_port();
        snprintf(number, sizeof number, "%d", port);
        snprintf(data, sizeof data, "%s/%d", argv[3], i);
        watch w = run(child, port, argv[2]);
        printf("%.3f %.3f %d\n", w.listening, w.first_byte, w.status);
        fflush(stdout);
    }
    return 0;
}
