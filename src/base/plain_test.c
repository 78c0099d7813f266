/* plain_test.c: letters and numbers in the locales that change them most. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void plain_is(void)
{
    assert_int_equal(plain_compare("If-None-Match", "if-none-match"), 0);
    assert_int_equal(plain_compare_n("MAILTO:x", "mailto:", 7), 0);
    assert_true(plain_compare("a", "b") < 0);
    assert_int_equal(plain_upper('i'), 'I');
    assert_int_equal(plain_upper('-'), '-');
    char *end;
    assert_true(plain_real("0.5;", &end) == 0.5);
    assert_string_equal(end, ";");
    text t = { 0 };
    text_number(&t, 0.1);
    assert_string_equal(t.at, "0.1");
    text_done(&t);
}

TEST(letters_and_numbers_are_plain_in_every_locale)
{
    plain_is();
    static const char *const names[] = { "de_DE", "tr_TR" };
    for (int i = 0; i < 2; i++) {
        if (!test_locale(names[i])) continue;
        plain_is();
        test_locale(NULL);
    }
}
