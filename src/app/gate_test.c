/* gate_test.c: the password is compared whole, and who guesses has to wait. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gate.h"
#include "base/test.h"
#include <string.h>

static gate_word try_one(hub *h, const char *peer, const char *word, int *retry_s) { return gate_try(h, peer, &word, 1, retry_s); }

static void closed(hub *h, ez_app *app, const char *password)
{
    *app = (ez_app){ .options = { .password = password } };
    *h = (hub){ .app = app };
    gate_prepare(h);
}

TEST(without_a_password_there_is_no_gate)
{
    ez_app app;
    hub h;
    closed(&h, &app, NULL);
    assert_false(gate_closed(&h));
    gate_done(&h);
}

TEST(only_the_whole_password_is_right)
{
    static const char *const wrong[] = { "", "c", "correct horse", "correct horse  battery", "correct horse battery ", "Correct horse battery", "correct horse batterx" };
    const char *some[] = { "a proxy's own", "correct horse battery" };
    ez_app app;
    hub h;
    int retry_s = 0;
    closed(&h, &app, "correct horse battery");
    assert_true(gate_closed(&h));
    for (int i = 0; i < COUNT(wrong); i++) assert_int_equal(try_one(&h, "10.0.0.1", wrong[i], &retry_s), GATE_WRONG);
    assert_int_equal(try_one(&h, "10.0.0.1", "correct horse battery", &retry_s), GATE_RIGHT);
    assert_int_equal(gate_try(&h, "10.0.0.1", some, 2, &retry_s), GATE_RIGHT);
    gate_done(&h);
}

TEST(who_shows_ten_wrong_ones_waits_even_with_the_right_one_and_others_do_not)
{
    ez_app app;
    hub h;
    int retry_s = 0;
    closed(&h, &app, "correct horse battery");
    for (int i = 0; i < 10; i++) {
        assert_int_equal(try_one(&h, "10.0.0.1", "guess", &retry_s), GATE_WRONG);
        assert_int_equal(try_one(&h, "10.0.0.2", "correct horse battery", &retry_s), GATE_RIGHT);      /* what is right is not counted */
    }
    assert_int_equal(try_one(&h, "10.0.0.1", "correct horse battery", &retry_s), GATE_LATER);
    assert_in_range(retry_s, 1, 7);
    assert_int_equal(try_one(&h, "10.0.0.2", "correct horse battery", &retry_s), GATE_RIGHT);
    gate_done(&h);
}

TEST(addresses_of_one_network_of_ipv6_guess_together)
{
    static const char *const peers[] = { "2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3" };
    ez_app app;
    hub h;
    int retry_s = 0;
    closed(&h, &app, "correct horse battery");
    for (int i = 0; i < 10; i++) assert_int_equal(try_one(&h, peers[i % 3], "guess", &retry_s), GATE_WRONG);
    assert_int_equal(try_one(&h, "2001:db8::77", "correct horse battery", &retry_s), GATE_LATER);
    assert_int_equal(try_one(&h, "2001:db8:0:1::1", "correct horse battery", &retry_s), GATE_RIGHT);
    gate_done(&h);
}
