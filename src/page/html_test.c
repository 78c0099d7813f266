/* html_test.c: the escaping printf. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/place.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define prints(wanted, ...) do { ez_html h = { { 0 } }; ez_print(&h, __VA_ARGS__); assert_string_equal(h.out.at ? h.out.at : "", wanted); text_done(&h.out); } while (0)

TEST(text_is_escaped_wherever_it_stands)
{
    prints("<p title=\"&quot;&gt;&lt;script&gt;\">a &amp; b &#39;c&#39;</p>", "<p title=\"%s\">%s</p>", "\"><script>", "a & b 'c'");
    prints("", "%s", "");
    const char *volatile nothing = NULL;
    prints("[]", "[%s]", nothing);
    prints("&lt;", "%c", '<');
    prints("100%", "100%%");
}

TEST(a_precision_cuts_text)
{
    prints("abc", "%.3s", "abcdef");
    prints("ab&lt;", "%.*s", 3, "ab<def");
    prints("", "%.*s", 0, "abc");
    prints("", "%.s", "abc");
    char open[3] = { 'x', 'y', 'z' };
    prints("xyz", "%.3s", open);
}

TEST(only_safe_addresses_are_printed)
{
    prints("<a href=\"https://a.b/c?d=1&amp;e\">", "<a href=\"%s\">", "https://a.b/c?d=1&e");
    prints("<a href=\"#\">", "<a href=\"%s\">", "javascript:alert(1)");
    prints("<a href=\"#\">", "<a href=\"%s\">", "JavaScript:alert(1)");
    prints("<a href=\"#\">", "<a href=\"%s\">", " javascript:alert(1)");
    prints("<a href=\"#\">", "<a href=\"%s\">", "java\tscript:alert(1)");
    prints("<a href=\"#\">", "<a href=\"%s\">", "\x01javascript:alert(1)");
    prints("<img src=\"#\">", "<img src=\"%s\">", "data:text/html,x");
    prints("<img src=\"#\">", "<img src=\"%.*s\">", 12, "javascript:alert(1)");
    prints("<form action=\"#\">", "<form action=\"%s\">", "vbscript:x");
    prints("<button formaction=\"#\">", "<button formaction=\"%s\">", "javascript:x");
    prints("<video poster=\"#\">", "<video poster=\"%s\">", "blob:x");
    prints("<a href=\"./a:b\">", "<a href=\"%s\">", "./a:b");
    prints("<a href=\"?q=a:b\">", "<a href=\"%s\">", "?q=a:b");
    prints("<a href=\"#a:b\">", "<a href=\"%s\">", "#a:b");
    prints("<a href=\"mailto:a@b\">", "<a href=\"%s\">", "mailto:a@b");
    /* Text is text: only the format says where an address stands. */
    prints("<p>href=&quot;javascript:x</p>", "<p>%s%s</p>", "href=\"", "javascript:x");
}

TEST(numbers_read_back_equal)
{
    static const double some[] = { 0.1, 1.0 / 3, 5e-324, DBL_MAX, -DBL_MAX, 1e21, 123456789012345678.0, 0.5, -2 };
    for (int i = 0; i < COUNT(some); i++) {
        ez_html h = { { 0 } };
        ez_print(&h, "%g", some[i]);
        assert_true(plain_real(h.out.at, NULL) == some[i]);
        text_done(&h.out);
    }
    prints("0.1", "%g", 0.1);
    prints("null", "%g", (double)NAN);
}

TEST(every_kind_of_number_is_printed)
{
    prints("-5 7 ff 077", "%d %u %x %#o", -5, 7u, 255u, 63u);
    prints("-9000000000 18446744073709551615 9000000000", "%ld %llu %lld", -9000000000L, 18446744073709551615ULL, 9000000000LL);
    prints("12 -3 4", "%zu %zd %jd", (size_t)12, (ssize_t)-3, (intmax_t)4);
    prints("1.50 1.5e+00", "%.2f %.1e", 1.5, 1.5);
    prints("    7|7   |0007", "%*d|%-*d|%04d", 5, 7, 4, 7, 7);
    prints("3.142", "%.*f", 3, 3.14159);
}

TEST(a_locale_with_a_comma_changes_nothing)
{
    test_locale("de_DE");
    prints("0.5 0.50 1,5", "%g %.2f %s", 0.5, 0.5, "1,5");
    test_locale(NULL);
}
