/* rate.c: the generic cell rate algorithm, and its numbers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/rate.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { KNOWN_MOST = 100000, SWEEP_LEAST = 1000, COUNT_MOST = 1000000 };

static const struct { const char *unit; int64_t seconds; } units[] = { { "/s", 1 }, { "/m", 60 }, { "/h", 3600 }, { "/d", 86400 } };

bool rate_read(const char *s, rate *out)
{
    char *end;
    errno = 0;
    long n = strtol(s, &end, 10);
    for (int i = 0; i < COUNT(units); i++)
        if (*s >= '1' && *s <= '9' && !errno && n <= COUNT_MOST && !strcmp(end, units[i].unit)) {
            *out = (rate){ (int)n, units[i].seconds * 1000000000 };
            return true;
        }
    return false;
}

void rate_print(rate r, text *out)
{
    for (int i = 0; i < COUNT(units); i++)
        if (units[i].seconds * 1000000000 == r.per_ns) text_printf(out, "%d%s", r.count, units[i].unit);
}

uint64_t rate_address(const char *peer)
{
    unsigned char six[16];
    return inet_pton(AF_INET6, peer, six) == 1 ? hash_bytes(six, 8) : hash_text(peer);
}

static int64_t until(const rates *all, uint64_t who) { return (int64_t)(intptr_t)map_get(&all->until, who); }

/* Whom it does not restrain any more is as one who never came. */
static void sweep(rates *all, int64_t now_ns)
{
    LIST(uint64_t) over = { 0 };
    int at = 0;
    uint64_t who;
    void *value;
    while (map_next(&all->until, &at, &who, &value))
        if ((int64_t)(intptr_t)value <= now_ns) *list_add(&over) = who;
    for (int i = 0; i < over.count; i++) map_remove(&all->until, over.at[i]);
    list_done(&over);
    all->sweep_at = all->until.count * 2 > SWEEP_LEAST ? all->until.count * 2 : SWEEP_LEAST;
}

static uint64_t known_as(const rates *all, uint64_t who) { return all->until.count < KNOWN_MOST || until(all, who) ? who : 0; }

int64_t rates_wait(const rates *all, uint64_t who, rate limit, int64_t now_ns)
{
    if (!limit.count)
        return 0;
    int64_t room = limit.per_ns - limit.per_ns / limit.count, ahead = until(all, known_as(all, who)) - now_ns;
    return ahead > room ? ahead - room : 0;
}

void rates_count(rates *all, uint64_t who, rate limit, int64_t now_ns)
{
    if (!limit.count)
        return;
    if (all->until.count >= all->sweep_at)
        sweep(all, now_ns);
    who = known_as(all, who);
    int64_t from = until(all, who);
    map_put(&all->until, who, (void *)(intptr_t)((from > now_ns ? from : now_ns) + limit.per_ns / limit.count));
}

void rates_done(rates *all) { map_done(&all->until); }
