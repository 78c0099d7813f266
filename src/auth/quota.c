/* quota.c: quotas as they are written, and the periods of the calendar. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/quota.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t HOUR_MS = 3600000;
static const int64_t DAY_MS = 86400000;
static const int64_t QUOTA_MOST = 1000000000000000;
static const char *const period_words[] = { [QUOTA_HOUR] = "hour", [QUOTA_DAY] = "day", [QUOTA_WEEK] = "week", [QUOTA_MONTH] = "month" };
static const struct { char letter; int64_t times; } quota_units[] = { { 'k', 1000 }, { 'M', 1000000 }, { 'G', 1000000000 } };

bool quota_read(const char *s, quota *out)
{
    char *end;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    int64_t times = 1;
    for (int i = 0; i < COUNT(quota_units); i++)
        if (*end == quota_units[i].letter) times = quota_units[i].times;
    end += times > 1;
    if (*s < '1' || *s > '9' || errno || n > QUOTA_MOST / times || *end != '/')
        return false;
    for (int i = 0; i < COUNT(period_words); i++)
        if (!strcmp(end + 1, period_words[i])) {
            *out = (quota){ n * times, (quota_period)i };
            return true;
        }
    return false;
}

void quota_print(quota q, text *out) { text_printf(out, "%lld/%s", (long long)q.most, period_words[q.per]); }

const char *quota_period_word(quota q) { return period_words[q.per]; }

/* months: how many later than the one in which that is. */
static int64_t month_of(int64_t now_ms, int months)
{
    time_t seconds = (time_t)(now_ms / 1000);
    struct tm at;
    gmtime_r(&seconds, &at);
    at = (struct tm){ .tm_year = at.tm_year, .tm_mon = at.tm_mon + months, .tm_mday = 1 };
    return (int64_t)timegm(&at) * 1000;
}

/* The first day of 1970 was a Thursday. */
static int64_t week_of(int64_t now_ms)
{
    int64_t days = now_ms / DAY_MS;
    return (days - (days + 3) % 7) * DAY_MS;
}

int64_t quota_begins(quota q, int64_t now_ms)
{
    switch (q.per) {
    case QUOTA_HOUR:  return now_ms - now_ms % HOUR_MS;
    case QUOTA_DAY:   return now_ms - now_ms % DAY_MS;
    case QUOTA_WEEK:  return week_of(now_ms);
    case QUOTA_MONTH: return month_of(now_ms, 0);
    }
    return now_ms;
}

int64_t quota_ends(quota q, int64_t now_ms)
{
    switch (q.per) {
    case QUOTA_HOUR:  return quota_begins(q, now_ms) + HOUR_MS;
    case QUOTA_DAY:   return quota_begins(q, now_ms) + DAY_MS;
    case QUOTA_WEEK:  return quota_begins(q, now_ms) + 7 * DAY_MS;
    case QUOTA_MONTH: return month_of(now_ms, 1);
    }
    return now_ms;
}

void utc_print(int64_t ms, text *out)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm at;
    char shown[40];
    gmtime_r(&seconds, &at);
    strftime(shown, sizeof shown, "%Y-%m-%d %H:%M", &at);
    text_puts(out, shown);
}
