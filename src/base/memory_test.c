/* memory_test.c: memory, arenas and the growing string. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <stdlib.h>
#include <string.h>

TEST(memory_is_zeroed_and_copies_are_equal)
{
    char *at = mem_alloc(100);
    for (int i = 0; i < 100; i++) assert_int_equal(at[i], 0);
    mem_free(at);
    assert_null(mem_text(NULL));
    char *s = mem_text("grüße");
    assert_string_equal(s, "grüße");
    char *t = mem_copy(s, 3);
    assert_memory_equal(s, t, 3);
    mem_free(t);
    mem_free(s);
    mem_free(mem_alloc(0));
}

TEST(arena_gives_zeroed_aligned_pieces_of_any_size)
{
    arena *a = arena_new();
    for (size_t size = 0; size < 300000; size = size * 2 + 3) {
        for (int i = 0; i < 3; i++) {
            unsigned char *at = arena_alloc(a, size);
            assert_int_equal((uintptr_t)at % 16, 0);
            for (size_t k = 0; k < size; k++) assert_int_equal(at[k], 0);
            memset(at, 0xee, size);
        }
    }
    arena_free(a);
    arena_free(NULL);
}

TEST(arena_pieces_do_not_overlap)
{
    arena *a = arena_new();
    int *pieces[2000];
    for (int i = 0; i < 2000; i++) {
        pieces[i] = arena_alloc(a, sizeof(int) * (size_t)(1 + i % 97));
        for (int k = 0; k <= i % 97; k++) pieces[i][k] = i;
    }
    for (int i = 0; i < 2000; i++)
        for (int k = 0; k <= i % 97; k++) assert_int_equal(pieces[i][k], i);
    arena_free(a);
}

TEST(arena_size_says_what_is_held)
{
    arena *a = arena_new();
    size_t before = arena_size(a);
    assert_true(before > 0 && before <= 4096);
    arena_alloc(a, 1 << 20);
    assert_true(arena_size(a) >= before + (1 << 20));
    assert_true(arena_size(a) < before + (1 << 20) + 64);
    arena_free(a);
}

TEST(arena_prints_and_copies_text)
{
    arena *a = arena_new();
    assert_string_equal(arena_printf(a, "%d %s", 7, "seven"), "7 seven");
    assert_string_equal(arena_text_n(a, "abcdef", 3), "abc");
    assert_null(arena_text(a, NULL));
    char *wide = arena_printf(a, "%*d", 20000, 1);
    assert_int_equal(strlen(wide), 20000);
    arena_free(a);
}

TEST(text_grows_in_malloc_and_in_an_arena)
{
    arena *a = arena_new();
    text both[2] = { { 0 }, { .arena = a } };
    for (int b = 0; b < 2; b++) {
        text *t = &both[b];
        for (int i = 0; i < 1000; i++) text_printf(t, "%d,", i);
        assert_int_equal(t->count, 3890);
        assert_int_equal(t->at[t->count], 0);
        assert_memory_equal(t->at, "0,1,2,3,", 8);
        assert_string_equal(t->at + t->count - 8, "998,999,");
        text_clear(t);
        assert_string_equal(t->at, "");
        text_putc(t, 'x');
        text_puts(t, "yz");
        assert_string_equal(t->at, "xyz");
        text_done(t);
        assert_null(t->at);
    }
    arena_free(a);
}

TEST(text_take_hands_the_string_over)
{
    text t = { 0 };
    char *empty = text_take(&t);
    assert_string_equal(empty, "");
    mem_free(empty);
    text_puts(&t, "mine");
    char *mine = text_take(&t);
    assert_string_equal(mine, "mine");
    assert_null(t.at);
    mem_free(mine);
}

TEST(html_is_escaped)
{
    text t = { 0 };
    const char *s = "<a href=\"x\">Tom & 'Jerry'</a> ü";
    text_html(&t, s, strlen(s));
    assert_string_equal(t.at, "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jerry&#39;&lt;/a&gt; ü");
    text_done(&t);
}

static void number_is(double v, const char *expected)
{
    text t = { 0 };
    text_number(&t, v);
    assert_string_equal(t.at, expected);
    text_done(&t);
}

TEST(numbers_are_short_and_read_back_equal)
{
    number_is(0, "0");
    number_is(-0.0, "0");
    number_is(5, "5");
    number_is(-17, "-17");
    number_is(0.1, "0.1");
    number_is(1.0 / 3, "0.3333333333333333");
    number_is(1e300, "1e300");
    number_is(1.5e-9, "1.5e-9");
    number_is(5e-324, "5e-324");
    number_is(999999999999999, "999999999999999");
    number_is(0.1 + 0.2, "0.30000000000000004");
    number_is(1.0 / 0.0, "null");
    number_is(0.0 / 0.0, "null");
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = hash_mix((uint64_t)i, 99);
        double v;
        memcpy(&v, &bits, sizeof v);
        if (v != v || v - v != 0) continue;
        text t = { 0 };
        text_number(&t, v);
        assert_true(plain_real(t.at, NULL) == v);
        text_done(&t);
    }
}
