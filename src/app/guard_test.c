/* guard_test.c: which names are answered to, and which cookies are believed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/guard.h"
#include "base/test.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void answers(const char *address, const char *allowed, const char *const *yes, const char *const *no)
{
    options o = { .address = address, .allowed_hosts = allowed };
    for (; *yes; yes++)
        if (!guard_host(&o, *yes)) fail_msg("on %s, allowed %s: \"%s\" is refused", address, allowed ? allowed : "-", *yes);
    for (; *no; no++)
        if (guard_host(&o, *no)) fail_msg("on %s, allowed %s: \"%s\" is answered", address, allowed ? allowed : "-", *no);
}

#define LIST_OF(...) (const char *const[]){ __VA_ARGS__, NULL }

TEST(a_program_on_loopback_answers_to_addresses_and_localhost_alone)
{
    static const char *const mine[] = { "localhost", "LOCALHOST:8501", "localhost.", "app.localhost:80", "127.0.0.1:8501", "127.0.0.1", "192.168.1.5:8501", "[::1]:8501", "[fe80::1]", NULL };
    answers("127.0.0.1", NULL, mine, (const char *const[]){ "evil.org", "evil.org:8501", "localhost.evil.org", "127.0.0.1.evil.org", "notlocalhost", "127.0.0.1evil.org", "[evil]", "", ":8501", ".",
        "0x7f000001", "2130706433", "127.1", "evil.org#localhost", NULL });
    answers("localhost", NULL, mine, LIST_OF("evil.org"));
    answers("::1", NULL, mine, LIST_OF("evil.org"));
}

TEST(a_program_that_others_reach_answers_to_any_name_until_it_is_told_which)
{
    answers("0.0.0.0", NULL, LIST_OF("example.org", "10.0.0.5:8501"), (const char *const[]){ NULL });
    answers("0.0.0.0", "example.org,*.example.net", LIST_OF("example.org", "EXAMPLE.ORG:443", "a.example.net", "a.b.example.net", "10.0.0.5", "localhost"),
            LIST_OF("example.net", "evil.org", "example.org.evil.org", "aexample.net", "www.example.org"));
    answers("127.0.0.1", "example.org", LIST_OF("example.org", "127.0.0.1"), LIST_OF("evil.org"));
    answers("127.0.0.1", "*", LIST_OF("evil.org"), (const char *const[]){ NULL });
}

TEST(only_a_cookie_that_this_program_made_is_believed)
{
    unsigned char secret[SECRET_BYTES] = { 1, 2, 3 }, other[SECRET_BYTES] = { 1, 2, 4 };
    char token[TOKEN_CHARS + 1], sealed[SEALED_CHARS + 1], seen[TOKEN_CHARS + 1];
    token_new(token);
    guard_seal(secret, token, sealed);
    assert_int_equal(strlen(sealed), SEALED_CHARS);
    assert_true(guard_open(secret, sealed, seen));
    assert_string_equal(seen, token);
    assert_false(guard_open(other, sealed, seen));
    assert_false(guard_open(secret, NULL, seen));
    assert_false(guard_open(secret, "", seen));
    assert_false(guard_open(secret, token, seen));
    for (int i = 0; i < SEALED_CHARS; i++) {
        char forged[SEALED_CHARS + 2];
        snprintf(forged, sizeof forged, "%s", sealed);
        forged[i] = forged[i] == 'A' ? 'E' : 'A';
        assert_false(guard_open(secret, forged, seen));
        forged[i] = 0;
        assert_false(guard_open(secret, forged, seen));
    }
}

TEST(the_seal_is_the_standard_one)
{
    /* HMAC-SHA256 with a key of 32 bytes 0x0b over 22 letters A, its first 8 bytes in base64url, as Python's hmac says it. */
    unsigned char secret[SECRET_BYTES];
    char sealed[SEALED_CHARS + 1];
    memset(secret, 0x0b, sizeof secret);
    guard_seal(secret, "AAAAAAAAAAAAAAAAAAAAAA", sealed);
    assert_string_equal(sealed + TOKEN_CHARS, "9O87GlZ9SwI");
}

TEST(the_key_is_kept_in_the_data_folder_and_by_nobody_else)
{
    char folder[] = "/tmp/easel-secret-XXXXXX", path[64];
    unsigned char a[SECRET_BYTES], b[SECRET_BYTES];
    struct stat st;
    assert_non_null(mkdtemp(folder));
    assert_true(store_secret(folder, a));
    assert_true(store_secret(folder, b));
    assert_memory_equal(a, b, SECRET_BYTES);
    snprintf(path, sizeof path, "%s/secret", folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(truncate(path, 5), 0);    /* a damaged one is not used, and not overwritten: somebody may want to look */
    assert_false(store_secret(folder, b));
    assert_memory_not_equal(a, b, SECRET_BYTES);
    unlink(path);
    rmdir(folder);
    assert_false(store_secret("/proc/nowhere", b));
}

TEST(a_browser_is_sent_on_to_no_other_site)
{
    static const struct { const char *next, *target; } all[] = {
        { "/", "./" }, { "/a/b?c=d&e=/f", "./a/b?c=d&e=/f" }, { "/a%20b", "./a%20b" }, { "//evil.org", ".//evil.org" }, { "/javascript:alert(1)", "./javascript:alert(1)" },
        { "", "./" }, { "evil", "./" }, { "https://evil.org/", "./" }, { "javascript:alert(1)", "./" }, { "\\\\evil.org", "./" }, { "/\\evil.org", "./" },
        { "/\t/evil.org", "./" }, { "/a b", "./" }, { "/a\r\nSet-Cookie: a=b", "./" }, { "/\x7f", "./" }, { "/\xc3\xa9", "./" },
    };
    arena *a = arena_new();
    for (int i = 0; i < COUNT(all); i++) assert_string_equal(guard_target(a, all[i].next), all[i].target);
    arena_free(a);
}
