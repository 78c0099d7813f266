/* lan.c: under which addresses others reach this machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "lan.h"
#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

/* The address that this machine uses towards others. Nothing is sent: to connect a datagram socket is to look up the route. */
static bool lan_outward(char out[INET_ADDRSTRLEN])
{
    struct sockaddr_in far = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0xc0000201) }, here;     /* 192.0.2.1 is for documents, and nobody's */
    socklen_t size = sizeof here;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && !connect(fd, (struct sockaddr *)&far, sizeof far) && !getsockname(fd, (struct sockaddr *)&here, &size)
        && inet_ntop(AF_INET, &here.sin_addr, out, INET_ADDRSTRLEN);
    if (fd >= 0) close(fd);
    return good;
}

/* NULL: nobody else reaches it there. */
static const char *lan_print(arena *a, const uv_interface_address_t *at, bool v6)
{
    char name[INET6_ADDRSTRLEN];
    const struct sockaddr_in6 *six = &at->address.address6;
    if (at->is_internal) return NULL;
    if (at->address.address4.sin_family == AF_INET) return inet_ntop(AF_INET, &at->address.address4.sin_addr, name, sizeof name) ? arena_text(a, name) : NULL;
    if (!v6 || six->sin6_family != AF_INET6 || IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr)) return NULL;
    return inet_ntop(AF_INET6, &six->sin6_addr, name, sizeof name) ? arena_printf(a, "[%s]", name) : NULL;
}

int cli_lan(arena *a, bool v6, const char *out[LAN_MOST])
{
    uv_interface_address_t *all;
    char first[INET_ADDRSTRLEN] = "";
    int there, count = 0;
    if (uv_interface_addresses(&all, &there)) return 0;
    lan_outward(first);
    for (int i = 0; i < there && count < LAN_MOST; i++) {
        const char *name = lan_print(a, &all[i], v6);
        if (!name) continue;
        out[count++] = name;
        if (strcmp(name, first) == 0) {
            memmove(out + 1, out, (size_t)(count - 1) * sizeof *out);
            out[0] = name;
        }
    }
    uv_free_interface_addresses(all, there);
    return count;
}
