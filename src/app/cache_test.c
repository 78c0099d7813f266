/* cache_test.c: what is remembered of a function, and what is not any more. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/cache.h"
#include "base/test.h"
#include <stdio.h>

static void keep(cache *c, const char *inputs, double answer, int most, int64_t now)
{
    values put = { 0 };
    value_set_number(values_at(&put, 1), VALUE_NUMBER, answer);
    cache_keep(c, inputs, &put, 0, NULL, most, now);
    values_done(&put);
}

static double find(cache *c, const char *inputs, int64_t now)
{
    const cached *x = cache_find(c, inputs, 1000, now);
    return x ? values_find(&x->put, 1)->number : -1;
}

TEST(an_answer_is_given_again_until_it_is_too_old)
{
    cache c = { 0 };
    keep(&c, "{1}", 10, 9, 5000);
    assert_true(find(&c, "{1}", 5999) == 10);
    assert_true(find(&c, "{2}", 5999) == -1);
    assert_true(find(&c, "{1}", 6000) == -1);
    assert_int_equal(c.by_inputs.count, 0);
    keep(&c, "{1}", 11, 9, 7000);
    keep(&c, "{1}", 12, 9, 7001);              /* two that were under way at once */
    assert_true(find(&c, "{1}", 7002) == 12);
    assert_int_equal(c.by_inputs.count, 1);
    cache_done(&c);
}

TEST(what_was_asked_for_longest_ago_goes_first)
{
    cache c = { 0 };
    keep(&c, "a", 1, 3, 0), keep(&c, "b", 2, 3, 0), keep(&c, "c", 3, 3, 0);
    assert_true(find(&c, "a", 1) == 1);
    keep(&c, "d", 4, 3, 1);
    assert_true(find(&c, "b", 1) == -1);
    assert_true(find(&c, "a", 1) == 1 && find(&c, "c", 1) == 3 && find(&c, "d", 1) == 4);
    cache_done(&c);
    assert_int_equal(c.bytes, 0);
}

TEST(bytes_are_bounded_whatever_the_number)
{
    cache c = { 0 };
    char *large = mem_alloc(8 << 20), name[16];
    for (int i = 0; i < (8 << 20) - 1; i++) large[i] = 'x';
    for (int i = 0; i < 10; i++) {
        values put = { 0 };
        snprintf(name, sizeof name, "%d", i);
        value_set_text(values_at(&put, 1), VALUE_TEXT, large);
        cache_keep(&c, name, &put, 0, NULL, 1000, 0);
        values_done(&put);
        assert_true(c.bytes <= 32 << 20);
    }
    assert_non_null(cache_find(&c, "9", 1000, 0));
    assert_null(cache_find(&c, "0", 1000, 0));
    mem_free(large);
    cache_done(&c);
}
