/* logins.h: what a cookie says that stands for a login, by the password (gate.c) or by a key (login.c); and how one ends.
 *
 * A login is a token: the first half names what it opens, made from the secret and the password or key, so that it ends with that; the second is random and says when it was
 * made. The cookie has it under the program's seal. It is good for LOGIN_DAYS, or until its visitor logs out: then it stands in the store until its days are over, so that
 * nobody who has a copy of the cookie comes in with it, not after a restart either. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_LOGINS_H
#define APP_LOGINS_H

#include "app/hub.h"

enum { LOGIN_DAYS = 30 };
#define LOGIN_ENDED "logout"                       /* what such a row of the store counts: store_use */

void login_new(uint64_t opens, char token[TOKEN_CHARS + 1]);
/* Of a cookie (NULL: there is none): which login it stands for, and what that opens. 0: none, as it was not made here, has ended, or is too old. *made: it was one, once. */
uint64_t login_shown(hub *h, const char *cookie, uint64_t *opens, bool *made);
bool login_has_ended(hub *h, uint64_t login);
/* done is called when that is stored, or could not be: then it holds until the process ends. */
void login_end(hub *h, const uint64_t *logins, int count, store_done *done, void *data);
void logins_free(hub *h);

#endif
