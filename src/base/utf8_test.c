/* utf8_test.c: legal and illegal UTF-8, and cutting. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <string.h>

static bool valid(const char *s) { return utf8_valid(s, strlen(s)); }

TEST(legal_utf8_is_accepted)
{
    assert_true(utf8_valid("", 0));
    assert_true(valid("plain ascii of more than eight bytes"));
    assert_true(valid("grüße 你好 😀 \xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80 \xe0\xa0\x80 \xf0\x90\x80\x80"));
    assert_true(utf8_valid("a\0b", 3));
}

TEST(illegal_utf8_is_refused)
{
    static const char *const bad[] = {
        "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2(\xa1",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe",
        "longer than eight \xff bytes", "\xf0\x9f\x98", "ends in the middle \xe4\xbd",
    };
    for (int i = 0; i < COUNT(bad); i++) assert_false(valid(bad[i]));
}

TEST(what_could_still_become_utf8_is_told_from_what_never_can)
{
    static const struct { bool may; size_t whole; const char *s; } rows[] = {
        { true, 0, "" }, { true, 3, "abc" }, { true, 1, "a\xc3" }, { true, 3, "a\xc3\xa4" }, { true, 0, "\xf4" }, { true, 0, "\xf4\x8f" }, { true, 0, "\xf4\x8f\xbf" },
        { true, 4, "\xf4\x8f\xbf\xbf" }, { true, 0, "\xed\x9f" }, { true, 9, "nine char\xe4\xbd" },
        { false, 0, "\xf4\x90" }, { false, 0, "\xf5" }, { false, 0, "\xed\xa0" }, { false, 0, "\xe0\x9f" }, { false, 0, "\xf0\x8f" }, { false, 1, "a\xc0" }, { false, 0, "\xe4(" },
        { false, 0, "\xf0\x9f\x98(" }, { false, 9, "nine char\x80" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        size_t whole = 99;
        if (utf8_begins(rows[i].s, strlen(rows[i].s), &whole) != rows[i].may || whole != rows[i].whole) fail_msg("row %d is misjudged, or its %zu bytes", i, whole);
    }
}

TEST(a_cut_never_splits_a_character)
{
    const char *s = "aé你😀z";
    size_t whole[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11 };
    for (size_t n = 0; n < sizeof whole / sizeof *whole; n++) assert_int_equal(utf8_whole(s, n), whole[n]);
    assert_int_equal(utf8_whole("\x80\x80\x80\x80\x80", 5), 5);
    assert_int_equal(utf8_length(s), 5);
}

static void json_is(const char *s, size_t count, const char *expected)
{
    text t = { 0 };
    text_json(&t, s, count);
    assert_string_equal(t.at, expected);
    assert_true(utf8_valid(t.at, t.count));
    text_done(&t);
}

TEST(json_strings_are_safe_in_scripts_and_frames)
{
    json_is("", 0, "\"\"");
    json_is("a\"b\\c\n\r\t\x01", 9, "\"a\\\"b\\\\c\\n\\r\\t\\u0001\"");
    json_is("</script>&", 10, "\"\\u003c/script\\u003e\\u0026\"");
    json_is("a\0b", 3, "\"a\\u0000b\"");
    json_is("\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa", 9, "\"\\u2028\\u2029\xe2\x80\xaa\"");
    json_is("ü\xff" "b\xe4\xbd", 6, "\"ü\\ufffdb\\ufffd\\ufffd\"");
    json_is("😀", 4, "\"😀\"");
}
