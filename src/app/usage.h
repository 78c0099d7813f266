/* usage.h: what keys have used of their quotas (auth/quota.h).
 *
 * It is counted in memory, and what was added is handed to the store once a second and at the end: a process that is killed forgets a second at most. It is read
 * when the first key with a quota is known. Thread: the loop's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_USAGE_H
#define APP_USAGE_H

#include "api/functions.h"
#include "app/hub.h"

typedef enum usage_kind { USAGE_CALLS, USAGE_TOKENS } usage_kind;

/* Whether something is left of its calls and, for the model, of its tokens. False: *why (429) says when there is again. */
bool usage_allows(hub *h, const key *k, bool model, api_problem *why);
/* By key_id; 0, or a key without such a quota: nothing is counted. */
void usage_count(hub *h, uint64_t key, usage_kind kind, int64_t count);

/* What a quota is called in the store. */
#define USAGE_WHAT_CHARS 24
void usage_what(usage_kind kind, quota q, char out[USAGE_WHAT_CHARS]);

#endif
