/* static_server.c: the floor under a page: serves the files of one folder from memory, and does nothing else.
 *
 *     static_server FOLDER [--port N]
 *
 * "/" is index.html. Beside a file NAME may lie NAME.br or NAME.gz, which is then sent in its place, so that the same bytes travel
 * as from the program that it is compared with. One thread, epoll, keep-alive, no check that is not needed by a browser on the same machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MOST = 64, SOCKETS_MOST = 1024, REQUEST_LONGEST = 8192 };

typedef struct file { char path[300]; char *reply; size_t count; } file;
typedef struct peer { char in[REQUEST_LONGEST]; size_t in_count; const char *out; size_t out_count; } peer;

static file files[FILES_MOST];
static int files_count;
static peer *peers[SOCKETS_MOST];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {
        { ".html", "text/html; charset=utf-8" }, { ".css", "text/css; charset=utf-8" }, { ".js", "text/javascript; charset=utf-8" }, { ".svg", "image/svg+xml" },
    };
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i][0]) == 0) return types[i][1];
    return "application/octet-stream";
}

static char *read_whole(const char *path, size_t *count)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st)) return NULL;
    char *bytes = malloc((size_t)st.st_size + 1);
    *count = fread(bytes, 1, (size_t)st.st_size, f);
    fclose(f);
    return bytes;
}

static void add_file(const char *folder, const char *name)
{
    static const char *const ways[][2] = { { ".br", "Content-Encoding: br\r\n" }, { ".gz", "Content-Encoding: gzip\r\n" }, { "", "" } };
    file *f = &files[files_count++];
    char path[1024], *body = NULL;
    size_t count = 0, way = 0;
    for (; way < 3 && !body; way++) {
        snprintf(path, sizeof path, "%s/%s%s", folder, name, ways[way][0]);
        body = read_whole(path, &count);
    }
    if (!body) die(path);
    snprintf(f->path, sizeof f->path, "/%s", strcmp(name, "index.html") ? name : "");
    f->reply = malloc(count + 512);
    int head = snprintf(f->reply, 512, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n%sCache-Control: %s\r\nContent-Length: %zu\r\n\r\n", type_of(name), ways[way - 1][1],
        strcmp(name, "index.html") ? "public, max-age=31536000, immutable" : "no-store", count);
    memcpy(f->reply + head, body, count);
    f->count = (size_t)head + count;
    free(body);
}

static void add_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) die(folder);
    for (struct dirent *e; (e = readdir(dir));) {
        const char *dot = strrchr(e->d_name, '.');
        if (*e->d_name != '.' && dot && strcmp(dot, ".br") != 0 && strcmp(dot, ".gz") != 0 && files_count < FILES_MOST) add_file(folder, e->d_name);
    }
    closedir(dir);
}

/* ---- sockets ---------------------------------------------------------------------------------------------------- */

static void hang_up(int fd)
{
    close(fd);
    free(peers[fd]);
    peers[fd] = NULL;
}

static void find_reply(peer *p)
{
    static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    char path[300] = "";
    sscanf(p->in, "GET %299[^ ?]", path);
    p->out = missing, p->out_count = sizeof missing - 1;
    for (int i = 0; i < files_count; i++)
        if (strcmp(files[i].path, path) == 0) p->out = files[i].reply, p->out_count = files[i].count;
}

/* False: the peer is gone. */
static int serve(int fd, peer *p)
{
    for (;;) {
        while (p->out_count) {
            ssize_t n = send(fd, p->out, p->out_count, MSG_NOSIGNAL);
            if (n < 0) return errno == EAGAIN;
            p->out += n, p->out_count -= (size_t)n;
        }
        p->in[p->in_count] = 0;
        char *end = strstr(p->in, "\r\n\r\n");
        if (end) {
            find_reply(p);
            size_t used = (size_t)(end + 4 - p->in);
            memmove(p->in, p->in + used, p->in_count - used);
            p->in_count -= used;
            continue;
        }
        ssize_t n = recv(fd, p->in + p->in_count, sizeof p->in - 1 - p->in_count, 0);
        if (n <= 0) return n < 0 && errno == EAGAIN;
        p->in_count += (size_t)n;
    }
}

static void greet(int epoll, int door)
{
    int fd = accept4(door, NULL, NULL, SOCK_NONBLOCK), on = 1;
    if (fd < 0) return;
    if (fd >= SOCKETS_MOST) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peers[fd] = calloc(1, sizeof *peers[fd]);
    struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd };
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

int main(int argc, char **argv)
{
    int port = 0;
    for (int i = 2; i + 1 < argc; i++)
        if (strcmp(argv[i], "--port") == 0) port = atoi(argv[i + 1]);
    if (argc < 2) return fprintf(stderr, "usage: static_server FOLDER [--port N]\n"), 2;
    add_folder(argv[1]);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof at;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1, epoll = epoll_create1(0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(door, (struct sockaddr *)&at, size) || listen(door, 512)) die("listen");
    getsockname(door, (struct sockaddr *)&at, &size);
    struct epoll_event e = { .events = EPOLLIN, .data.fd = door }, events[64];
    epoll_ctl(epoll, EPOLL_CTL_ADD, door, &e);
    printf("The floor is listening on http://127.0.0.1:%d/\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == door) greet(epoll, door);
            else if (!serve(fd, peers[fd])) hang_up(fd);
        }
    }
}
