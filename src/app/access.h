/* access.h: who calls over the network: from which page, and with which key. Asked once for each request, before anything of a protocol is answered. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_ACCESS_H
#define APP_ACCESS_H

#include "api/functions.h"
#include "app/hub.h"

/* What a browser has to hear when a page of another site asks (CORS): whatever the answer is has it in its head. True: it only asked beforehand, and the
 * request is ended. For addresses that --cors-origins opens, which no page is. */
bool access_cors(hub *h, net_request *rq);

/* Whether the request may be answered at all. It remembers its key from then on. False: *why says why not (401, 403). */
bool access_check(hub *h, net_request *rq, api_problem *why);
const key *access_key(const net_request *rq);         /* with which it came; NULL: without */
uint64_t access_key_id(const net_request *rq);         /* 0: without */
uint64_t access_caller(const net_request *rq);        /* names the key, or else the address */
bool access_site(const hub *h, const net_request *rq);   /* no page of a foreign site asked, but for those that --cors-origins lists */
/* What no protocol answers for: whether the request may go on, as there is no password or it shows it, or (keys) a key. False: it is ended. */
bool access_enters(hub *h, net_request *rq, bool keys);
/* login.c: the key that a cookie of this program stands for; NULL. lost: it stood for one that is none any more. */
const key *login_key(hub *h, const net_request *rq, bool *lost);
bool login_handle(hub *h, net_request *rq, const char *path);   /* false: the path is another one; else the request is ended */
/* The header that an answer with this problem has; NULL: none. */
const char *access_header(const net_request *rq, const api_problem *p, const char **value);

#endif
