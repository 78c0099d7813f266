/* quota_test.c: how quotas are written, and when their periods begin and end. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/quota.h"
#include "base/test.h"
#include <string.h>

TEST(a_quota_is_a_number_and_a_period)
{
    static const struct { const char *written, *printed; } good[] = {
        { "1/hour", "1/hour" }, { "10000/day", "10000/day" }, { "500k/week", "500000/week" }, { "1M/month", "1000000/month" }, { "2G/day", "2000000000/day" }, { "1000000000000000/month", "1000000000000000/month" },
    };
    static const char *const wrong[] = { "", "/day", "0/day", "-1/day", "+1/day", " 1/day", "1", "1/", "1/d", "1/days", "1/day ", "1K/day", "1kk/day", "1 /day", "1.5M/day", "1000001G/day", "99999999999999999999/day", "1/year" };
    for (int i = 0; i < COUNT(good); i++) {
        quota q;
        text t = { 0 };
        if (!quota_read(good[i].written, &q)) fail_msg("not taken: %s", good[i].written);
        quota_print(q, &t);
        assert_string_equal(t.at, good[i].printed);
        text_done(&t);
    }
    for (int i = 0; i < COUNT(wrong); i++) {
        quota q;
        if (quota_read(wrong[i], &q)) fail_msg("taken: %s", wrong[i]);
    }
}

/* A period as "begin - end". */
static void lasts(quota_period per, int64_t now_ms, const char *expected)
{
    quota q = { 1, per };
    text t = { 0 };
    utc_print(quota_begins(q, now_ms), &t);
    text_puts(&t, " - ");
    utc_print(quota_ends(q, now_ms), &t);
    assert_string_equal(t.at, expected);
    text_done(&t);
}

TEST(periods_are_those_of_the_calendar)
{
    static const int64_t AT = 1764547199000, NEXT = 1764547200000;      /* 2025-11-30 23:59:59, a Sunday; a second later */
    lasts(QUOTA_HOUR, AT, "2025-11-30 23:00 - 2025-12-01 00:00");
    lasts(QUOTA_DAY, AT, "2025-11-30 00:00 - 2025-12-01 00:00");
    lasts(QUOTA_WEEK, AT, "2025-11-24 00:00 - 2025-12-01 00:00");
    lasts(QUOTA_MONTH, AT, "2025-11-01 00:00 - 2025-12-01 00:00");
    lasts(QUOTA_HOUR, NEXT, "2025-12-01 00:00 - 2025-12-01 01:00");
    lasts(QUOTA_WEEK, NEXT, "2025-12-01 00:00 - 2025-12-08 00:00");
    lasts(QUOTA_MONTH, NEXT, "2025-12-01 00:00 - 2026-01-01 00:00");
    lasts(QUOTA_MONTH, 1709208000000, "2024-02-01 00:00 - 2024-03-01 00:00");
    lasts(QUOTA_WEEK, 0, "1969-12-29 00:00 - 1970-01-05 00:00");
}
