/* logins_test.c: a login is good under this program's seal, for its days, until it has ended. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/guard.h"
#include "app/logins.h"
#include "base/test.h"
#include <string.h>

static hub *a_hub(void)
{
    static ez_app app = { .options = { .data = "/nowhere/at/all" } };
    static hub h;
    h = (hub){ .app = &app, .secret = "a secret of thirty-two bytes, so" };
    return &h;
}

/* As it was made so many minutes ago. */
static uint64_t shown_after(hub *h, int64_t minutes, bool *made)
{
    char token[TOKEN_CHARS + 1], sealed[SEALED_CHARS + 1];
    uint64_t opens = 0, login;
    id_print(77, token);
    id_print(5ull << 32 | (uint32_t)(wall_ms() / 60000 - minutes), token + ID_CHARS);
    guard_seal(h->secret, token, sealed);
    login = login_shown(h, sealed, &opens, made);
    assert_true(!*made || opens == 77);
    return login;
}

TEST(a_login_is_good_for_thirty_days)
{
    hub *h = a_hub();
    bool made;
    assert_true(shown_after(h, 0, &made) && made);
    assert_true(shown_after(h, 30 * 24 * 60 - 2, &made) && made);
    assert_true(!shown_after(h, 30 * 24 * 60 + 2, &made) && made);
    assert_true(shown_after(h, -10, &made) && made);                /* of a clock that is ahead */
    assert_true(!shown_after(h, -100, &made) && made);
    logins_free(h);
}

TEST(two_logins_are_not_the_same_and_open_the_same)
{
    hub *h = a_hub();
    char one[TOKEN_CHARS + 1], other[TOKEN_CHARS + 1], sealed[SEALED_CHARS + 1];
    uint64_t opens = 0;
    bool made;
    login_new(UINT64_MAX, one);
    login_new(UINT64_MAX, other);
    assert_string_not_equal(one, other);
    guard_seal(h->secret, one, sealed);
    assert_true(login_shown(h, sealed, &opens, &made) && opens == UINT64_MAX);
    logins_free(h);
}

TEST(what_was_not_sealed_here_is_no_login)
{
    hub *h = a_hub();
    char token[TOKEN_CHARS + 1], sealed[SEALED_CHARS + 1];
    uint64_t opens = 0;
    bool made = true;
    assert_true(!login_shown(h, NULL, &opens, &made) && !made);
    assert_true(!login_shown(h, "", &opens, &made) && !made);
    login_new(1, token);
    guard_seal((const unsigned char *)"another secret of thirty-two byte", token, sealed);
    assert_true(!login_shown(h, sealed, &opens, &made) && !made);
    logins_free(h);
}
