/* guard.h: who may ask at all. Pure functions of the request and the options.
 *
 * A page of another site can make a visitor's browser ask this server: by a link, a form, a socket, or by giving its own name our address (DNS
 * rebinding). What changes something is taken from our own pages only, and a program that listens on this machine alone answers to no
 * foreign name. A visitor is known by a cookie that nobody else can make: the token and a seal over it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_GUARD_H
#define APP_GUARD_H

#include "app/options.h"
#include "net/net.h"
#include "store/store.h"

/* Whether the program answers to this Host header (NULL: there is none). Addresses and localhost always; --allowed-hosts says which names;
 * without it, none for a program that listens on loopback, and any for one that others can reach. */
bool guard_host(const options *o, const char *host);
bool guard_is_loopback(const char *address);

/* Whether --cors-origins lists the origin of a page. */
bool guard_origin(const options *o, const char *origin);

/* Stricter than net_same_origin: also a GET must come from our own page, or from somebody who typed the address. For channels and posts. */
bool guard_same_site(const net_request *rq);

/* A page is shown to somebody who follows a link from anywhere. That another site's page asks for it as a picture or with a script shows nobody
 * anything, and would make the program run it for every tab that is open there. */
bool guard_shows(const net_request *rq);

/* Where a browser that has logged in is sent on to: a path of this program, as a reference that cannot lead out of it. What is none leads to the first page. */
const char *guard_target(arena *a, const char *next);

#define SEALED_CHARS (TOKEN_CHARS + ID_CHARS)         /* a visitor's cookie */
void guard_seal(const unsigned char secret[SECRET_BYTES], const char *visitor, char out[SEALED_CHARS + 1]);
bool guard_open(const unsigned char secret[SECRET_BYTES], const char *sealed, char visitor[TOKEN_CHARS + 1]);   /* false: this program has not made it */

#endif
