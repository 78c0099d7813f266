/* quota.h: how much somebody may use up in all, in each hour, day, week or month of the calendar.
 *
 * A rate says how fast, a quota how much. Times are UTC, and weeks begin on Monday, so that everybody can say when one begins anew. Pure functions. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_QUOTA_H
#define AUTH_QUOTA_H

#include "base/base.h"

typedef enum quota_period { QUOTA_HOUR, QUOTA_DAY, QUOTA_WEEK, QUOTA_MONTH } quota_period;
typedef struct quota { int64_t most; quota_period per; } quota;       /* most 0: no limit */

bool quota_read(const char *s, quota *out);                            /* "500/hour", "10k/day", "1M/month": k, M and G are 10^3, 10^6 and 10^9 */
void quota_print(quota q, text *out);                                  /* one that was read, so that it is read again */
const char *quota_period_word(quota q);                                /* "day" */
int64_t quota_begins(quota q, int64_t now_ms);                         /* the hour, day… in which that is */
int64_t quota_ends(quota q, int64_t now_ms);                           /* …and the next one */

void utc_print(int64_t ms, text *out);                                 /* "2026-11-23 00:00" */

#endif
