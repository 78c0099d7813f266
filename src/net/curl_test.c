/* curl_test.c: when a server that fails is asked again, and when it is left alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "net/curl.h"
#include <string.h>

TEST(pauses_grow_differ_and_heed_what_the_server_says)
{
    bool differ = false;
    for (int i = 0; i < 50; i++) {
        int64_t first = curl_pause(0, 0), third = curl_pause(2, 0);
        assert_true(first >= 500 && first < 1000);
        assert_true(third >= 2000 && third < 4000);
        differ = differ || first != curl_pause(0, 0);
    }
    assert_true(differ);
    assert_int_equal(curl_pause(0, 7), 7000);
    assert_int_equal(curl_pause(0, 100000), 30000);
}

TEST(retry_after_is_read_from_its_own_line_alone)
{
    static const char *const lines[] = { "Retry-After: 12\r\n", "retry-after:3", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", "Retry-After:", "Retry-Afte", "X: 5", "Retry-After: -4" };
    static const int seconds[] = { 12, 3, 0, 0, -1, -1, 0 };
    for (int i = 0; i < COUNT(lines); i++) assert_int_equal(curl_retry_after(lines[i], strlen(lines[i])), seconds[i]);
}

TEST(a_server_that_fails_five_times_in_a_row_is_left_alone)
{
    breaker b = { 0 };
    for (int i = 0; i < 4; i++) breaker_failed(&b, "net", "http://nowhere");
    assert_int_equal(breaker_rests(&b), 0);
    breaker_worked(&b);
    for (int i = 0; i < 4; i++) breaker_failed(&b, "net", "http://nowhere");
    assert_int_equal(breaker_rests(&b), 0);
    breaker_failed(&b, "net", "http://nowhere");
    assert_true(breaker_rests(&b) > 10000);
    b.rests_ms = 1;                            /* the rest is over: one more failure begins the next */
    assert_int_equal(breaker_rests(&b), 0);
    breaker_failed(&b, "net", "http://nowhere");
    assert_true(breaker_rests(&b) > 10000);
}
