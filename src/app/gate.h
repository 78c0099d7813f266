/* gate.h: the password of a program (--password): who has shown it, and the page that asks for it.
 *
 * Without the option there is no gate. With it nothing is answered before the password was shown but healthz, readyz and the files that are compiled in. A browser shows it once, by
 * the form or by a link, and has a cookie from then on (logins.h); a program shows it in a header (access.h). The cookie is made from the password and the secret of the data folder, so it is good
 * for this password alone, and nobody who sees it can try passwords against it. Who shows wrong ones too often has to wait. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_GATE_H
#define APP_GATE_H

#include "api/functions.h"
#include "app/hub.h"

void gate_prepare(hub *h);                                        /* when the secret is known */
void gate_done(hub *h);

bool gate_closed(const hub *h);                                   /* there is a password */
uint64_t gate_cookie(hub *h, const net_request *rq);              /* the login that the request's cookie stands for; 0: none */

/* Whether one of these words is the password. If none is, that counts as one try. GATE_LATER: too many wrong ones came from there, so nothing was compared; *retry_s says when to come again. */
typedef enum gate_word { GATE_WRONG, GATE_RIGHT, GATE_LATER } gate_word;
gate_word gate_try(hub *h, const char *peer, const char *const *words, int count, int *retry_s);

/* The browser's part of /login: the form, what it sends, and a link with the password, /login?t=…. False: it is none of these. Else the request is ended. */
bool gate_login(hub *h, net_request *rq);
/* Ends a request that may not enter: somebody who wanted to see a page sees the one that asks for the password. */
void gate_refuse(hub *h, net_request *rq, const api_problem *why);
/* What sets the cookie, to a new login, and what takes it away. In the request's arena. */
const char *gate_welcome(const hub *h, const net_request *rq);
const char *gate_farewell(const hub *h, const net_request *rq);

#endif
