/* private_test.c: what the store makes is its owner's alone, and what others can reach is named. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_test.h"
#include <fcntl.h>
#include <sys/wait.h>

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

TEST(what_the_store_makes_is_for_its_owner_alone_whatever_the_umask)
{
    static const char *const names[] = { "easel.db", "easel.db-wal", "easel.db-shm", "secret" };
    unsigned char secret[SECRET_BYTES];
    mode_t before = umask(0);
    bench b = bench_new();
    assert_true(store_secret(b.folder, secret));
    put(&b, "s", "a", "1", 1, NULL);
    assert_int_equal(load(&b, "s", "").count, 1);
    for (int i = 0; i < COUNT(names); i++)
        if (mode_of(bench_file(&b, names[i])) != 0600) fail_msg("%s has mode %o", names[i], mode_of(bench_file(&b, names[i])));
    unlink(bench_file(&b, "easel.db"));              /* it is written again */
    assert_int_equal(put_now(&b, "s", "b", "2", 1).result, STORE_SAVED);
    assert_int_equal(mode_of(bench_file(&b, "easel.db")), 0600);
    assert_int_equal(load(&b, "s", "").count, 2);
    umask(before);
    bench_done(&b);
}

static bool says(const char *folder, const char *part)
{
    arena *a = arena_new();
    const char *mistake = private_mistake(a, folder);
    bool same = part ? mistake && strstr(mistake, part) : !mistake;
    if (!same) print_message("%s\n", mistake ? mistake : "no mistake");
    arena_free(a);
    return same;
}

TEST(a_folder_or_file_that_others_can_reach_is_named_with_what_ends_it)
{
    bench b = bench_new();
    unsigned char secret[SECRET_BYTES];
    store_secret(b.folder, secret);
    assert_true(says(b.folder, NULL));
    chmod(bench_file(&b, "easel.db"), 0644);         /* nobody else gets there */
    assert_true(says(b.folder, NULL));
    chmod(b.folder, 0755);
    assert_true(says(b.folder, "easel.db can be read by other users; chmod 600"));
    chmod(bench_file(&b, "easel.db"), 0622);
    assert_true(says(b.folder, "easel.db can be written"));
    chmod(bench_file(&b, "easel.db"), 0600);
    chmod(bench_file(&b, "secret"), 0640);
    assert_true(says(b.folder, "secret can be read"));
    chmod(bench_file(&b, "secret"), 0600);
    private_file(bench_file(&b, "keys"));
    assert_true(says(b.folder, NULL));
    chmod(bench_file(&b, "keys"), 0620);
    assert_true(says(b.folder, "keys can be written"));
    chmod(b.folder, 0705);                           /* the group that could read it cannot get there */
    assert_true(says(b.folder, NULL));
    chmod(b.folder, 0777);
    assert_true(says(b.folder, "can be written by other users"));
    chmod(b.folder, 0770);
    assert_true(says(b.folder, "chmod 700"));
    bench_done(&b);
}

TEST(a_foreign_owner_is_named)
{
    if (geteuid() != 0) skip();
    bench b = bench_new();
    assert_int_equal(chown(bench_file(&b, "easel.db"), 65534, 65534), 0);
    assert_true(says(b.folder, "easel.db belongs to another user (65534)"));
    assert_int_equal(chown(b.folder, 65534, 65534), 0);
    assert_true(says(b.folder, "folder /tmp/easel-store-"));
    assert_true(says(b.folder, "belongs to another user (65534)"));
    bench_done(&b);
}

static bool same_twice(const char *folder, bool kept)
{
    unsigned char a[SECRET_BYTES], b[SECRET_BYTES];
    return store_secret(folder, a) == kept && store_secret(folder, b) == kept && !memcmp(a, b, SECRET_BYTES) == kept;
}

TEST(a_secret_that_is_no_file_is_no_secret_and_nobody_waits_for_it)
{
    bench b = {0};
    bench_folder(&b);
    const char *path = bench_file(&b, "secret");
    assert_int_equal(mkfifo(path, 0600), 0);         /* to open one waits for a writer */
    assert_true(same_twice(b.folder, false));
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(same_twice(b.folder, false));
    rmdir(path);
    assert_int_equal(symlink("/dev/zero", path), 0); /* its bytes would be known to all */
    assert_true(same_twice(b.folder, false));
    unlink(path);
    assert_int_equal(symlink("nowhere", path), 0);
    assert_true(same_twice(b.folder, false));
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));     /* empty */
    assert_true(same_twice(b.folder, false));
    assert_int_equal(truncate(path, SECRET_BYTES + 1), 0);
    assert_true(same_twice(b.folder, false));
    unlink(path);
    assert_true(same_twice(b.folder, true));
    bench_open(&b);
    bench_done(&b);
}

TEST(a_database_that_is_no_file_keeps_nobody_waiting)
{
    bench b = {0};
    bench_folder(&b);
    assert_int_equal(mkfifo(bench_file(&b, "easel.db"), 0600), 0);
    bench_open(&b);
    answer a = put_now(&b, "s", "a", "1", 1);
    assert_true(a.result == STORE_SAVED || *a.error);
    bench_reopen(&b);
    bench_done(&b);
}
