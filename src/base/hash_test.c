/* hash_test.c: hashes, names and checksums against published values. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <string.h>

TEST(hashes_are_xxh3)
{
    assert_true(hash_text("") == 0x2d06800538d394c2u);
    assert_true(hash_text(NULL) == hash_text(""));
    assert_true(hash_bytes("abc", 3) == hash_text("abc"));
    assert_true(hash_text("abc") == 0x78af5f94892f3950u);
    assert_true(hash_mix(1, 2) != hash_mix(2, 1));
    assert_true(hash_mix(0, 0) != 0);
}

TEST(ids_print_and_read_back)
{
    char s[ID_CHARS + 1];
    uint64_t ids[] = { 0, 1, 15, 16, UINT64_MAX, 0x0123456789abcdefu }, id;
    for (int i = 0; i < COUNT(ids); i++) {
        id_print(ids[i], s);
        assert_int_equal(strlen(s), ID_CHARS);
        assert_true(id_read(s, ID_CHARS, &id));
        assert_true(id == ids[i]);
    }
    id_print(0, s);
    assert_string_equal(s, "AAAAAAAAAAA");
    id_print(UINT64_MAX, s);
    assert_string_equal(s, "__________8");
    assert_true(id_read("ez_________", ID_CHARS, &id));
    id_print(id, s);
    assert_string_equal(s, "ez_________");
}

TEST(bad_ids_are_refused)
{
    uint64_t id;
    assert_false(id_read("AAAAAAAAAA", 10, &id));
    assert_false(id_read("AAAAAAAAAAAA", 12, &id));
    assert_false(id_read("AAAAAAAAAA+", 11, &id));
    assert_false(id_read("AAAAA\0AAAAA", 11, &id));
    assert_false(id_read("AAAAAAAAAAB", 11, &id));
    assert_false(id_read("ez________8", 11, &id));     /* another spelling of the page's own id */
}

TEST(tokens_are_valid_and_differ)
{
    char a[TOKEN_CHARS + 1], b[TOKEN_CHARS + 1];
    token_new(a);
    token_new(b);
    assert_true(token_valid(a));
    assert_string_not_equal(a, b);
    assert_false(token_valid(NULL));
    assert_false(token_valid(""));
    assert_false(token_valid("AAAAAAAAAAAAAAAAAAAAA"));
    assert_false(token_valid("AAAAAAAAAAAAAAAAAAAAAAA"));
    assert_false(token_valid("AAAAAAAAAAAAAAAAAAAAA="));
    assert_true(random_u64() != random_u64());
}

TEST(base64_is_that_of_rfc_4648)
{
    static const char *const want[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
    for (size_t n = 0; n < 7; n++) {
        text t = { 0 };
        base64_text(&t, "foobar", n);
        assert_string_equal(t.at ? t.at : "", want[n]);
        text_done(&t);
    }
}

static void hex_is(const unsigned char *at, size_t count, const char *hex)
{
    text t = { 0 };
    for (size_t i = 0; i < count; i++) text_printf(&t, "%02x", at[i]);
    assert_string_equal(t.at, hex);
    text_done(&t);
}

TEST(sha_agrees_with_the_published_examples)
{
    unsigned char out[32];
    static char million[1000000];
    const char *two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    memset(million, 'a', sizeof million);
    sha1("abc", 3, out);
    hex_is(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d");
    sha1("", 0, out);
    hex_is(out, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    sha1(two, 56, out);
    hex_is(out, 20, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    sha1(million, sizeof million, out);
    hex_is(out, 20, "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
    sha256("abc", 3, out);
    hex_is(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256(two, 56, out);
    hex_is(out, 32, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sha256(million, sizeof million, out);
    hex_is(out, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
