/* keys_test.c: which keys are taken, and which files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/keys.h"
#include "base/test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char *const two[] = { "greet", "sum_2", NULL };

static bool parses(const char *s)
{
    keys k;
    ez_err err = { EZ_OK, "" };
    bool good = keys_parse(&k, s, strlen(s), &err);
    if (!good) assert_true(!k.list.count && strstr(err.text, "line "));
    keys_done(&k);
    return good;
}

TEST(a_key_is_taken_as_it_was_shown_and_no_other_words)
{
    keys k;
    char shown[KEY_CHARS + 1], other[KEY_CHARS + 1];
    keys_begin(&k);
    keys_add(&k, &(key){ .name = "one" }, shown);
    keys_add(&k, &(key){ .name = "two" }, other);
    assert_int_equal(strlen(shown), KEY_CHARS);
    assert_true(key_looks_so(shown) && strcmp(shown, other));
    assert_string_equal(keys_find(&k, shown, 0)->name, "one");
    for (int i = 0; i < KEY_CHARS; i++) {
        char wrong[KEY_CHARS + 2];
        snprintf(wrong, sizeof wrong, "%s", shown);
        wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
        assert_null(keys_find(&k, wrong, 0));
        wrong[i] = 0;
        assert_null(keys_find(&k, wrong, 0));
    }
    assert_true(keys_remove(&k, "one"));
    assert_false(keys_remove(&k, "one"));
    assert_null(keys_find(&k, shown, 0));
    assert_string_equal(keys_find(&k, other, 0)->name, "two");
    keys_done(&k);
}

TEST(a_key_whose_time_is_over_is_none)
{
    keys k;
    char shown[KEY_CHARS + 1];
    keys_begin(&k);
    keys_add(&k, &(key){ .name = "short", .expires_ms = 1000 }, shown);
    assert_non_null(keys_find(&k, shown, 999));
    assert_null(keys_find(&k, shown, 1000));
    keys_done(&k);
}

TEST(the_file_says_all_of_a_key_but_its_words)
{
    char folder[] = "/tmp/easel-keys-XXXXXX", path[64], shown[KEY_CHARS + 1];
    keys k, again;
    text all = { 0 };
    struct stat st;
    ez_err err = { EZ_OK, "" };
    assert_non_null(mkdtemp(folder));
    assert_int_equal(keys_stamp(folder), 0);
    assert_true(keys_read(&k, folder, &err));
    assert_int_equal(k.list.count, 0);
    keys_add(&k, &(key){ .name = "ci.main", .functions = two, .rate = { 10, 60000000000 }, .calls = { 10000, QUOTA_DAY }, .tokens = { 1000000, QUOTA_MONTH }, .made_ms = 5, .expires_ms = 1000 }, shown);
    keys_print(&k, &all);
    assert_null(strstr(all.at, shown + strlen(KEY_PREFIX)));
    assert_true(keys_write(&k, folder, &err));
    uint64_t stamp = keys_stamp(folder);
    assert_true(stamp && stamp == keys_stamp(folder));
    assert_true(keys_read(&again, folder, &err));
    const key *found = keys_find(&again, shown, 999);
    assert_string_equal(found->name, "ci.main");
    assert_true(key_opens(found, "greet") && key_opens(found, "sum_2") && !key_opens(found, "sum") && !found->model);
    assert_int_equal(found->rate.count, 10);
    assert_int_equal(found->rate.per_ns, 60000000000);
    assert_true(found->calls.most == 10000 && found->calls.per == QUOTA_DAY && found->tokens.most == 1000000 && found->tokens.per == QUOTA_MONTH);
    assert_true(key_id(found) == key_id(&k.list.at[0]) && keys_with_id(&again, key_id(found)) == found && !keys_with_id(&again, 1));
    assert_int_equal(found->expires_ms, 1000);
    assert_true(keys_write(&k, folder, &err));
    assert_int_not_equal(keys_stamp(folder), stamp);           /* the same words, another file */
    snprintf(path, sizeof path, "%s/keys", folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    keys_done(&k), keys_done(&again), text_done(&all);
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(keys_read(&k, folder, &err));
    assert_int_equal(k.list.count, 0);
    assert_false(keys_write(&k, folder, &err));
    keys_done(&k);
    rmdir(path);
    assert_int_equal(rmdir(folder), 0);                         /* nothing was left beside it */
}

TEST(a_line_that_is_not_understood_leaves_no_key)
{
    static const char good[] = "{\"name\":\"a\",\"sha256\":\"" SUM "\"}\n";
    static const char *const wrong[] = {
        "x", "[]", "{}", "{\"name\":\"b\"}", "{\"sha256\":\"" SUM "\"}", "{\"name\":\"b\",\"sha256\":\"" SUM "0\"}", "{\"name\":\"b\",\"sha256\":\"0" SUM "\"}",
        "{\"name\":\"\",\"sha256\":\"" SUM "\"}", "{\"name\":\"b c\",\"sha256\":\"" SUM "\"}", "{\"name\":\"a\",\"sha256\":\"" SUM "\"}", "{\"name\":\"b\",\"name\":\"c\",\"sha256\":\"" SUM "\"}",
        "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"address\":\"10.0.0.1\"}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"functions\":\"greet\"}",
        "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"functions\":[\"greet\",3]}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"functions\":[\"\"]}",
        "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"rate\":\"10\"}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"rate\":null}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"expires\":0}",
        "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"expires\":1e300}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"quota\":\"10/d\"}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"quota\":10}", "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"tokens\":\"0/day\"}",
        "{\"name\":\"b\",\"sha256\":\"" SUM "\",\"model\":1}", "{\"name\":\"b\",\"sha256\":\"" SUM "\"} {}",
    };
    assert_true(parses(""));
    assert_true(parses("\n\n"));
    assert_true(parses(good));
    for (int i = 0; i < COUNT(wrong); i++) {
        char both[600];
        snprintf(both, sizeof both, "%s%s", good, wrong[i]);
        if (parses(both)) fail_msg("taken: %s", wrong[i]);
    }
}
