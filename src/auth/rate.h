/* rate.h: how often somebody may call: at most so many within a time, in one go or spread out.
 *
 * One number is kept for each who called (the generic cell rate algorithm): until when his calls count as spread out. Nothing is kept of those whom it
 * does not restrain any more; when very many are restrained at once, further ones share a limit. Thread: the owner's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_RATE_H
#define AUTH_RATE_H

#include "base/base.h"

typedef struct rate { int count; int64_t per_ns; } rate;       /* count 0: no limit */
bool rate_read(const char *s, rate *out);                       /* "10/s", "100/m", "1000/h", "9/d" */
void rate_print(rate r, text *out);                             /* one that was read, as it is read */

typedef struct rates { map until; int sweep_at; } rates;
int64_t rates_wait(const rates *all, uint64_t who, rate limit, int64_t now_ns);    /* ns until he may call; 0: now */
void    rates_count(rates *all, uint64_t who, rate limit, int64_t now_ns);         /* he does */
void    rates_done(rates *all);
/* What an address is known by: of IPv6 the network, as everybody has 2^64 addresses in it. */
uint64_t rate_address(const char *peer);

#endif
