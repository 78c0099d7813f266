/* store_failure_test.c: what was acknowledged is there, whatever happens to the process, the file or the disk. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_test.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- failures -------------------------------------------------------------------------------------------------- */

TEST(the_asked_write_fails_once_and_changes_nothing)
{
    bench b = bench_new();
    put(&b, "s", "n", "0", 1, NULL);
    answer a[3] = {0};
    store_fail_at(b.s, 2);
    put(&b, "s", "n", "1", 1, &a[0]);
    put(&b, "s", "m", "2", 1, &a[1]);
    put(&b, "s", "o", "3", 1, &a[2]);
    await(&b, &a[2]);
    assert_int_equal(a[0].result, STORE_SAVED);
    assert_int_equal(a[1].result, STORE_FAILED);
    assert_true(*a[1].error);
    assert_int_equal(a[2].result, STORE_SAVED);
    answer l = load(&b, "s", "");
    assert_int_equal(l.count, 2);
    assert_string_equal(l.part[0].name, "n");
    assert_string_equal(l.part[1].name, "o");
    assert_int_equal(store_statistics(b.s).failures, 1);
    bench_done(&b);
}

TEST(a_folder_that_cannot_be_made_is_an_error_that_names_it)
{
    bench b = {0};
    bench_folder(&b);
    close(open(bench_file(&b, "file"), O_CREAT | O_WRONLY, 0600));
    ez_err err = {0};
    loop *l = loop_new();
    assert_null(store_open(l, bench_file(&b, "file/data"), STORE_PROCESS, &err));
    assert_non_null(strstr(err.text, "file/data"));
    assert_non_null(strstr(err.text, "--data"));
    loop_free(l);
    bench_open(&b);
    bench_done(&b);
}

TEST(folders_above_the_data_folder_are_made)
{
    bench b = {0};
    bench_folder(&b);
    loop *l = loop_new();
    store *s = store_open(l, bench_file(&b, "a/b/c"), STORE_PROCESS, NULL);
    assert_non_null(s);
    store_close(s);
    loop_free(l);
    struct stat st;
    assert_int_equal(stat(bench_file(&b, "a/b/c/easel.db"), &st), 0);
    bench_open(&b);
    bench_done(&b);
}

TEST(a_file_of_a_later_version_is_not_touched)
{
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    bench_close(&b);
    char known[40];
    snprintf(known, sizeof known, "PRAGMA user_version = %d", (int)sql_number(&b, "PRAGMA user_version"));
    sql(&b, "PRAGMA user_version = 99");
    ez_err err = {0};
    b.l = loop_new();
    assert_null(store_open(b.l, b.folder, STORE_PROCESS, &err));
    assert_non_null(strstr(err.text, "later version"));
    assert_non_null(strstr(err.text, "easel.db"));
    loop_free(b.l);
    assert_int_equal(sql_number(&b, "SELECT count(*) FROM part"), 1);
    sql(&b, known);
    bench_open(&b);
    assert_int_equal(load(&b, "s", "").count, 1);
    bench_done(&b);
}

static int files_named(const bench *b, const char *part)
{
    char command[256];
    snprintf(command, sizeof command, "ls %s | grep -c '%s'", b->folder, part);
    FILE *f = popen(command, "r");
    int n = -1;
    assert_int_equal(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

static void write_over(const char *path, long from, long count)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    fseek(f, from, SEEK_SET);
    for (long i = 0; i < count; i++) fputc(0x5a, f);
    fclose(f);
}

TEST(a_file_that_is_no_database_is_moved_aside_and_a_new_one_begun)
{
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    bench_close(&b);
    write_over(bench_file(&b, "easel.db"), 0, 4096);
    bench_open(&b);
    assert_int_equal(files_named(&b, "easel.db.broken-"), 1);
    assert_int_equal(load(&b, "s", "").fence, 0);
    assert_int_equal(put_now(&b, "s", "a", "2", 1).result, STORE_SAVED);
    bench_reopen(&b);
    assert_int_equal(load(&b, "s", "").count, 1);
    bench_done(&b);
}

static void bench_with_damaged_pages(bench *b)
{
    bench_folder(b);
    bench_open(b);
    char large[6000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        put(b, name, "a", large, 1, NULL);
    }
    bench_close(b);
    struct stat st;
    assert_int_equal(stat(bench_file(b, "easel.db"), &st), 0);
    write_over(bench_file(b, "easel.db"), 2 * 4096, st.st_size - 2 * 4096);
    bench_open(b);
}

TEST(damage_met_while_writing_moves_the_file_aside_and_the_write_succeeds)
{
    bench b = {0};
    bench_with_damaged_pages(&b);
    assert_int_equal(put_now(&b, "s7", "a", "2", 1).result, STORE_SAVED);
    assert_int_equal(files_named(&b, "easel.db.broken-"), 1);
    bench_reopen(&b);
    assert_int_equal(load(&b, "s7", "").count, 1);
    bench_done(&b);
}

TEST(damage_met_while_reading_is_no_empty_session)
{
    bench b = {0};
    bench_with_damaged_pages(&b);
    assert_int_equal(load(&b, "s7", "").count, -1);
    assert_int_equal(put_now(&b, "s7", "a", "2", 1).result, STORE_SAVED);
    assert_int_equal(load(&b, "s7", "").count, 1);
    assert_int_equal(files_named(&b, "easel.db.broken-"), 1);
    bench_done(&b);
}

TEST(a_file_deleted_under_the_program_is_written_again)
{
    bench b = bench_new();
    put_now(&b, "s", "a", "1", 1);
    nftw(b.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(put_now(&b, "s", "b", "2", 1).result, STORE_SAVED);
    assert_int_equal(load(&b, "s", "").count, 2);
    bench_reopen(&b);
    assert_int_equal(load(&b, "s", "").count, 2);
    bench_done(&b);
}

TEST(another_file_put_in_its_place_is_used)
{
    bench b = bench_new(), other = bench_new();
    put_now(&b, "s", "a", "1", 1);
    put_now(&other, "t", "a", "1", 1);
    bench_close(&other);
    char *from = mem_text(bench_file(&other, "easel.db"));
    assert_int_equal(rename(from, bench_file(&b, "easel.db")), 0);
    mem_free(from);
    assert_int_equal(put_now(&b, "t", "b", "2", 1).result, STORE_SAVED);
    assert_int_equal(load(&b, "t", "").count, 2);
    bench_open(&other);
    bench_done(&other);
    bench_done(&b);
}

/* In a child process, as the limit on the size of files holds for all of it. Exit status 0: all held. */
#define HOLD(x) do { if (!(x)) { fprintf(stderr, "line %d: %s\n", __LINE__, #x); _exit(1); } } while (0)

static void full_disk(bench *b)
{
    signal(SIGXFSZ, SIG_IGN);
    bench_open(b);
    answer a = put_now(b, "s", "a", "1", 1);
    HOLD(a.result == STORE_SAVED);
    struct rlimit small = { 40000, RLIM_INFINITY };
    HOLD(setrlimit(RLIMIT_FSIZE, &small) == 0);
    char large[60000];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    a = put_now(b, "s", "b", large, 1);
    HOLD(a.result == STORE_FAILED && *a.error);
    HOLD(load(b, "s", "").count == 1);
    small.rlim_cur = RLIM_INFINITY;
    HOLD(setrlimit(RLIMIT_FSIZE, &small) == 0);
    a = put_now(b, "s", "b", large, 1);
    HOLD(a.result == STORE_SAVED);
    bench_close(b);
    _exit(0);
}

static int run_child(void (*fn)(bench *), bench *b)
{
    pid_t pid = fork();
    if (!pid) fn(b);
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(a_disk_that_takes_no_more_fails_the_write_and_works_again_when_it_does)
{
    bench b = {0};
    bench_folder(&b);
    assert_int_equal(run_child(full_disk, &b), 0);
    bench_open(&b);
    assert_int_equal(load(&b, "s", "").count, 2);
    bench_done(&b);
}

/* A user who may not write sees what a read-only folder is; root may write anywhere. */
static void read_only_folder(bench *b)
{
    HOLD(setuid(65534) == 0);
    ez_err err = {0};
    HOLD(!store_open(loop_new(), b->folder, STORE_PROCESS, &err));
    HOLD(strstr(err.text, b->folder) && strstr(err.text, "--data"));
    _exit(0);
}

TEST(a_read_only_folder_is_an_error_at_the_start)
{
    if (geteuid() != 0) skip();
    bench b = {0};
    bench_folder(&b);
    assert_int_equal(run_child(read_only_folder, &b), 0);
    bench_open(&b);
    bench_done(&b);
}

static void read_only_file(bench *b)
{
    HOLD(setuid(65534) == 0);
    bench_open(b);
    answer a = put_now(b, "s", "a", "2", 1);
    HOLD(a.result == STORE_FAILED && strstr(a.error, "read-only"));
    a = load(b, "s", "");
    HOLD(a.count == 1);
    bench_close(b);
    _exit(0);
}

TEST(a_read_only_file_is_read_and_its_writes_fail)
{
    if (geteuid() != 0) skip();
    bench b = bench_new();
    put(&b, "s", "a", "1", 1, NULL);
    bench_close(&b);
    chmod(b.folder, 0777);
    chmod(bench_file(&b, "easel.db"), 0444);
    assert_int_equal(run_child(read_only_file, &b), 0);
    bench_open(&b);
    bench_done(&b);
}

/* ---- kill -9 ---------------------------------------------------------------------------------------------------- */

enum { KILL_SESSIONS = 16, KILL_PARTS = 3 };

typedef struct killed { bench *b; int pipe; int next[KILL_SESSIONS]; } killed;
typedef struct killed_write { killed *k; int session, n; } killed_write;

static void killed_commit(killed *k, int session);

static void killed_saved(void *at, store_result result, const char *error)
{
    (void)error;
    killed_write *w = at;
    int note[2] = { w->session, w->n };
    if (result != STORE_SAVED || write(w->k->pipe, note, sizeof note) != sizeof note) _exit(1);
    killed_commit(w->k, w->session);
    mem_free(w);
}

/* Write n of a session: three parts that all say n, of a size that needs further pages now and then. */
static void killed_commit(killed *k, int session)
{
    char name[16], parts_name[KILL_PARTS][16], data[KILL_PARTS][5000];
    store_part parts[KILL_PARTS];
    int n = ++k->next[session];
    snprintf(name, sizeof name, "s%d", session);
    for (int i = 0; i < KILL_PARTS; i++) {
        memset(data[i], 'x', sizeof data[i]);
        snprintf(parts_name[i], sizeof parts_name[i], "p%d", i);
        snprintf(data[i], sizeof data[i], "%d", n);
        parts[i] = (store_part){ parts_name[i], data[i], n % 7 ? 200 : sizeof data[i], 1 };
    }
    killed_write *w = mem_alloc(sizeof *w);
    *w = (killed_write){ k, session, n };
    store_commit(k->b->s, &(store_write){ .session = name, .visitor = "v", .fence = 1, .parts = parts, .count = KILL_PARTS }, killed_saved, w);
}

static void killed_child(bench *b, int pipe, const int *from)
{
    killed k = { .b = b, .pipe = pipe };
    memcpy(k.next, from, sizeof k.next);
    bench_open(b);
    for (int i = 0; i < KILL_SESSIONS; i++) killed_commit(&k, i);
    loop_run(b->l);
    _exit(1);
}

/* Every session must be at the acknowledged write or one later (committed, but killed before it said so), and whole. */
static void killed_check(bench *b, int *seen)
{
    bench_open(b);
    for (int i = 0; i < KILL_SESSIONS; i++) {
        char name[16];
        snprintf(name, sizeof name, "s%d", i);
        answer a = load(b, name, "");
        assert_int_equal(a.count, seen[i] || a.count ? KILL_PARTS : 0);
        int n = a.count ? atoi(a.part[0].data) : 0;
        assert_true(n == seen[i] || n == seen[i] + 1);
        for (int p = 1; p < a.count; p++) assert_int_equal(atoi(a.part[p].data), n);
        seen[i] = n;
    }
    bench_close(b);
}

TEST(what_was_acknowledged_before_a_kill_is_there_after_it)
{
    bench b = {0};
    bench_folder(&b);
    int seen[KILL_SESSIONS] = {0}, acknowledged = 0;
    for (int round = 0; round < 12; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (!pid) killed_child(&b, ends[1], seen);
        close(ends[1]);
        int note[2], left = 50 + (int)(random_u64() % 2000);
        while (left-- > 0 && read(ends[0], note, sizeof note) == sizeof note) seen[note[0]] = note[1], acknowledged++;
        kill(pid, SIGKILL);
        while (read(ends[0], note, sizeof note) == sizeof note) seen[note[0]] = note[1], acknowledged++;
        close(ends[0]);
        int status;
        waitpid(pid, &status, 0);
        assert_true(WIFSIGNALED(status));
        killed_check(&b, seen);
    }
    assert_true(acknowledged > 600);
    assert_int_equal(files_named(&b, "broken"), 0);
    nftw(b.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
