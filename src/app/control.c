/* control.c: packets between supervisor and worker, with a socket in the hand when there is one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/app.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

void control_ends_with(int fd, bool at_once)
{
    struct pollfd other = { .fd = fd };
    prctl(PR_SET_PDEATHSIG, at_once ? SIGKILL : 0);
    if (at_once && poll(&other, 1, 0) > 0 && other.revents & POLLHUP)
        _exit(0);                              /* it died before we asked */
}

void control_spawn_plain(posix_spawnattr_t *how)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(how);
    posix_spawnattr_setsigmask(how, &none);
    posix_spawnattr_setsigdefault(how, &all);
    posix_spawnattr_setflags(how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

bool control_send(int fd, char kind, const char *text, int pass)
{
    char packet[1024], room[CMSG_SPACE(sizeof(int))];
    int count = snprintf(packet, sizeof packet, "%c%s", kind, text ? text : "");
    struct iovec v = { packet, (size_t)(count < (int)sizeof packet ? count : (int)sizeof packet - 1) };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
    memset(room, 0, sizeof room);
    if (pass >= 0) {
        m.msg_control = room;
        m.msg_controllen = sizeof room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &pass, sizeof pass);
    }
    return sendmsg(fd, &m, MSG_NOSIGNAL) >= 0;
}

int control_receive(int fd, char *kind, char *text, size_t room, int *passed)
{
    char packet[1024], space[CMSG_SPACE(sizeof(int))];
    struct iovec v = { packet, sizeof packet - 1 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space };
    ssize_t count = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    *passed = -1;
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (count == 0)
        return -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            memcpy(passed, CMSG_DATA(c), sizeof *passed);
    packet[count] = 0;
    *kind = packet[0];
    snprintf(text, room, "%s", packet + 1);
    return 1;
}
