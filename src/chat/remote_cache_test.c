/* remote_cache_test.c: which answers are kept, which are given again, and which go. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "chat/remote_cache.h"
#include <string.h>

static void keep(remote_cache *c, unsigned char question, const char *words, int64_t now)
{
    remote_cache_keep(c, &(remote_kept){ .question = { question }, .words = (char *)words, .count = strlen(words), .tokens = 3, .made_ms = now });
}

static const char *said(remote_cache *c, unsigned char question, int64_t now)
{
    const unsigned char asked[32] = { question };
    const remote_kept *k = remote_cache_find(c, asked, now);
    return k ? k->words : NULL;
}

TEST(only_what_the_model_would_say_again_is_taken)
{
    remote_cache c = { .most = 2, .ttl_ms = 1000 }, none = { .most = 0 };
    assert_true(remote_cache_takes(&c, &(wire_sampling){ .given = true, .temperature = 0 }));
    assert_true(remote_cache_takes(&c, &(wire_sampling){ .given = true, .temperature = 0.9, .seed = 5 }));
    assert_true(remote_cache_takes(&c, &(wire_sampling){ .seed = 5 }));
    assert_false(remote_cache_takes(&c, &(wire_sampling){ .given = true, .temperature = 0.1 }));
    assert_false(remote_cache_takes(&c, &(wire_sampling){ .given = false }));
    assert_false(remote_cache_takes(&none, &(wire_sampling){ .given = true }));
}

TEST(an_answer_is_given_again_until_it_is_old)
{
    remote_cache c = { .most = 2, .ttl_ms = 1000 };
    keep(&c, 1, "one", 5000);
    assert_string_equal(said(&c, 1, 5999), "one");
    assert_null(said(&c, 2, 5000));
    assert_null(said(&c, 1, 6000));
    assert_int_equal(c.all.count, 0);
    assert_int_equal(c.bytes, 0);
    keep(&c, 1, "another", 7000);
    keep(&c, 1, "the newest", 7001);
    assert_string_equal(said(&c, 1, 7500), "the newest");
    assert_int_equal(c.all.count, 1);
    remote_cache_done(&c);
}

TEST(what_was_asked_for_longest_ago_goes)
{
    remote_cache c = { .most = 2, .ttl_ms = 1000 };
    keep(&c, 1, "one", 0), keep(&c, 2, "two", 0);
    assert_non_null(said(&c, 1, 1));
    keep(&c, 3, "three", 2);
    assert_null(said(&c, 2, 3));
    assert_string_equal(said(&c, 1, 3), "one");
    assert_string_equal(said(&c, 3, 3), "three");
    remote_cache_done(&c);
}

TEST(bytes_are_bounded_too)
{
    remote_cache c = { .most = 100, .ttl_ms = 1000 };
    size_t size = 12 << 20;
    char *large = mem_alloc(3 * size + 1);
    memset(large, 'a', size);
    for (unsigned char i = 0; i < 4; i++) keep(&c, i, large, 0);
    assert_int_equal(c.all.count, 2);
    assert_true(c.bytes <= 32 << 20);
    assert_non_null(said(&c, 3, 1));
    memset(large, 'a', 3 * size);
    keep(&c, 9, large, 0);                     /* larger than all that may be kept */
    assert_null(said(&c, 9, 1));
    assert_int_equal(c.all.count, 2);
    mem_free(large);
    remote_cache_done(&c);
}
