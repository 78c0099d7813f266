/* rate_test.c: how often somebody may call, on a clock of the test's own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/rate.h"
#include "base/test.h"

static const int64_t SECOND = 1000000000;

static bool ask(rates *all, uint64_t who, const char *limit, int64_t now)
{
    rate r;
    assert_true(rate_read(limit, &r));
    if (rates_wait(all, who, r, now))
        return false;
    rates_count(all, who, r, now);
    return true;
}

TEST(a_rate_is_a_number_and_a_time)
{
    static const char *const wrong[] = { "", "10", "0/s", "-1/s", "+1/s", " 1/s", "10/", "10/w", "10/s ", "1.5/s", "1000001/s", "99999999999999999999/s", "/s" };
    rate r;
    assert_true(rate_read("10/s", &r));
    assert_int_equal(r.count, 10);
    assert_int_equal(r.per_ns, SECOND);
    assert_true(rate_read("1000000/d", &r));
    assert_int_equal(r.per_ns, 86400 * SECOND);
    text t = { 0 };
    rate_print(r, &t);
    assert_string_equal(t.at, "1000000/d");
    text_done(&t);
    for (int i = 0; i < COUNT(wrong); i++)
        if (rate_read(wrong[i], &r)) fail_msg("\"%s\" is taken for a rate", wrong[i]);
}

TEST(so_many_may_come_at_once_and_then_one_after_the_other)
{
    rates all = { 0 };
    int64_t now = 5 * SECOND;
    rate r = { 4, SECOND };
    for (int i = 0; i < 4; i++) assert_true(ask(&all, 1, "4/s", now));
    assert_false(ask(&all, 1, "4/s", now));
    assert_int_equal(rates_wait(&all, 1, r, now), SECOND / 4);
    assert_true(ask(&all, 2, "4/s", now));                     /* somebody else */
    assert_false(ask(&all, 1, "4/s", now + SECOND / 4 - 1));
    assert_true(ask(&all, 1, "4/s", now + SECOND / 4));
    assert_false(ask(&all, 1, "4/s", now + SECOND / 4));
    for (int i = 0; i < 4; i++) assert_true(ask(&all, 1, "4/s", now + 10 * SECOND));
    assert_false(ask(&all, 1, "4/s", now + 10 * SECOND));
    rates_done(&all);
}

TEST(over_any_time_no_more_come_than_that)
{
    rates all = { 0 };
    int came = 0;
    for (int64_t now = SECOND; now <= 101 * SECOND; now += SECOND / 50) came += ask(&all, 7, "3/s", now);
    assert_in_range(came, 300, 303);
    rates_done(&all);
}

TEST(a_million_addresses_take_no_more_memory_than_there_are_restrained_ones)
{
    rates all = { 0 };
    for (int64_t i = 1; i <= 1000000; i++) {
        ask(&all, (uint64_t)i, "100/s", SECOND + i * 1000);       /* each counts for 10 ms: 10,000 of them */
        assert_in_range(all.until.count, 1, 30000);
    }
    for (int64_t i = 1; i <= 300000; i++) ask(&all, (uint64_t)i, "1/d", 3 * SECOND);
    assert_in_range(all.until.count, 100000, 100001);
    assert_false(ask(&all, 999999, "1/d", 3 * SECOND));          /* newcomers share what is left */
    rates_done(&all);
}

TEST(of_an_ipv6_address_the_network_counts)
{
    assert_true(rate_address("2001:db8:1:2::1") == rate_address("2001:db8:1:2:ffff::9"));
    assert_true(rate_address("2001:db8:1:2::1") != rate_address("2001:db8:1:3::1"));
    assert_true(rate_address("10.0.0.1") != rate_address("10.0.0.2"));
}
