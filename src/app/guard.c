/* guard.c: who may ask at all: names of this server, pages of other sites, and visitors whose cookie this program has made. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/guard.h"
#include "net/net.h"
#include "store/store.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------------------------------ */

/* What stands in Host before the port; a dot at its end says the same. */
static bool host_name(const char *host, char *out, size_t room)
{
    size_t count = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    if (count > strlen(host) || count >= room)
        return false;
    snprintf(out, room, "%.*s", (int)count, host);
    if (count > 1 && out[count - 1] == '.')
        out[count - 1] = 0;
    return true;
}

static bool is_address(const char *name)
{
    unsigned char bytes[16];
    char inside[64];
    if (*name != '[')
        return inet_pton(AF_INET, name, bytes) == 1;
    snprintf(inside, sizeof inside, "%.60s", name + 1);
    inside[strcspn(inside, "]%")] = 0;
    return inet_pton(AF_INET6, inside, bytes) == 1;
}

static bool ends_with(const char *s, const char *end)
{
    size_t count = strlen(s), part = strlen(end);
    return count > part && !plain_compare(s + count - part, end);
}

bool guard_is_loopback(const char *address)
{
    return !plain_compare(address, "localhost") || !strcmp(address, "::1") || !strncmp(address, "127.", 4);
}

/* One name of a list with commas; "*" is any, "*.example.org" all below it. */
static bool listed(const char *list, const char *name)
{
    for (const char *at = list; *at;) {
        char one[256];
        size_t count = strcspn(at, ",");
        snprintf(one, sizeof one, "%.*s", (int)(count < sizeof one ? count : sizeof one - 1), at);
        if (!strcmp(one, "*") || !plain_compare(one, name) || (!strncmp(one, "*.", 2) && ends_with(name, one + 1)))
            return true;
        at += count + (at[count] == ',');
    }
    return false;
}

bool guard_host(const options *o, const char *host)
{
    char name[256];
    if (!host)                                 /* HTTP/1.0: no browser */
        return true;
    if (!host_name(host, name, sizeof name))
        return false;
    if (is_address(name) || !plain_compare(name, "localhost") || ends_with(name, ".localhost"))
        return true;
    return o->allowed_hosts ? listed(o->allowed_hosts, name) : !guard_is_loopback(o->address);
}

bool guard_origin(const options *o, const char *origin) { return o->cors_origins && listed(o->cors_origins, origin); }

/* ---- sites -------------------------------------------------------------------------------------------------------------------- */

bool guard_same_site(const net_request *rq)
{
    const char *site = net_header(rq, "sec-fetch-site");
    return net_same_origin(rq) && (!site || !strcmp(site, "same-origin") || !strcmp(site, "none"));
}

bool guard_shows(const net_request *rq)
{
    const char *site = net_header(rq, "sec-fetch-site"), *mode = net_header(rq, "sec-fetch-mode");
    return !site || !strcmp(site, "same-origin") || !strcmp(site, "none") || (mode && !strcmp(mode, "navigate"));
}

/* ---- addresses --------------------------------------------------------------------------------------------------------------- */

/* Behind "./" nothing is a scheme or a host, whatever it begins with; browsers take a backslash for a slash, and leave blanks and tabs out. */
const char *guard_target(arena *a, const char *next)
{
    bool good = *next == '/';
    for (const char *c = next; *c; c++)
        good = good && *c > ' ' && *c < 0x7f && *c != '\\';
    return arena_printf(a, "./%s", good ? next + 1 : "");
}

/* ---- visitors ------------------------------------------------------------------------------------------------------------------ */

/* HMAC-SHA256 of the token, of which 64 bits are kept: nobody tries 2^63 cookies on a server. */
static uint64_t seal(const unsigned char secret[SECRET_BYTES], const char *token)
{
    unsigned char inner[64 + TOKEN_CHARS], outer[64 + 32], sum[32];
    uint64_t out = 0;
    for (int i = 0; i < 64; i++) {
        unsigned char key = i < SECRET_BYTES ? secret[i] : 0;
        inner[i] = key ^ 0x36;
        outer[i] = key ^ 0x5c;
    }
    memcpy(inner + 64, token, TOKEN_CHARS);
    sha256(inner, sizeof inner, outer + 64);
    sha256(outer, sizeof outer, sum);
    for (int i = 0; i < 8; i++) out = out << 8 | sum[i];
    return out;
}

void guard_seal(const unsigned char secret[SECRET_BYTES], const char *visitor, char out[SEALED_CHARS + 1])
{
    memcpy(out, visitor, TOKEN_CHARS);
    id_print(seal(secret, visitor), out + TOKEN_CHARS);
}

bool guard_open(const unsigned char secret[SECRET_BYTES], const char *sealed, char visitor[TOKEN_CHARS + 1])
{
    uint64_t seen;
    if (!sealed || strlen(sealed) != SEALED_CHARS || !id_read(sealed + TOKEN_CHARS, ID_CHARS, &seen))
        return false;
    snprintf(visitor, TOKEN_CHARS + 1, "%.*s", TOKEN_CHARS, sealed);
    return token_valid(visitor) && seen == seal(secret, visitor);
}
