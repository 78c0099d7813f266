/* durability_test.c: what an acknowledged write means. The disk is SQLite's own file system with a memory of what was synced, so that the power can
 * fail at any moment: what is left then is what was synced, and of the rest any sectors. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_test.h"
#include <pthread.h>

enum { SECTOR = 512, SESSIONS = 64 };

typedef struct file_copy { char name[40]; char *at; size_t count; } file_copy;

static struct {
    const char *folder;                              /* only files in here are remembered */
    pthread_mutex_t lock;
    sqlite3_vfs vfs, *real;
    LIST(file_copy) synced;
    int syncs;
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

typedef struct remembered { sqlite3_io_methods mine; const sqlite3_io_methods *real; char path[160]; } remembered;

/* ---- the disk ------------------------------------------------------------------------------------------------- */

static text read_file(const char *path)
{
    text t = {0};
    char piece[65536];
    FILE *f = fopen(path, "r");
    for (size_t n; f && (n = fread(piece, 1, sizeof piece, f)) > 0;) text_add(&t, piece, n);
    if (f) fclose(f);
    return t;
}

static file_copy *copy_of(const char *name)
{
    for (int i = 0; i < disk.synced.count; i++)
        if (!strcmp(disk.synced.at[i].name, name)) return &disk.synced.at[i];
    file_copy *c = list_add(&disk.synced);
    *c = (file_copy){0};
    snprintf(c->name, sizeof c->name, "%s", name);
    return c;
}

static int on_sync(sqlite3_file *f, int flags)
{
    const remembered *r = (const remembered *)f->pMethods;
    pthread_mutex_lock(&disk.lock);
    int code = r->real->xSync(f, flags);
    text now = read_file(r->path);
    file_copy *c = copy_of(strrchr(r->path, '/') + 1);
    mem_free(c->at);
    c->count = now.count;
    c->at = text_take(&now);
    disk.syncs++;
    pthread_mutex_unlock(&disk.lock);
    return code;
}

static int on_close(sqlite3_file *f)
{
    remembered *r = (remembered *)f->pMethods;
    f->pMethods = r->real;
    mem_free(r);
    return f->pMethods->xClose(f);
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    int code = disk.real->xOpen(disk.real, path, f, flags, out);
    if (code != SQLITE_OK || !path || !disk.folder || strncmp(path, disk.folder, strlen(disk.folder))) return code;
    remembered *r = mem_alloc(sizeof *r);
    r->real = f->pMethods;
    r->mine = *f->pMethods;
    r->mine.xSync = on_sync;
    r->mine.xClose = on_close;
    snprintf(r->path, sizeof r->path, "%s", path);
    f->pMethods = &r->mine;
    return code;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    pthread_mutex_lock(&disk.lock);
    for (int i = 0; disk.folder && !strncmp(path, disk.folder, strlen(disk.folder)) && i < disk.synced.count; i++)
        if (!strcmp(disk.synced.at[i].name, strrchr(path, '/') + 1)) {
            mem_free(disk.synced.at[i].at);
            list_remove(&disk.synced, i--);
        }
    pthread_mutex_unlock(&disk.lock);
    return disk.real->xDelete(disk.real, path, sync);
}

static bench disk_bench(store_needs needs)
{
    bench b = { .needs = needs };
    bench_folder(&b);
    static char folder[80];
    snprintf(folder, sizeof folder, "%s/", b.folder);
    disk.folder = folder;
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.zName = "remembers";
    disk.vfs.xOpen = on_open;
    disk.vfs.xDelete = on_delete;
    sqlite3_vfs_register(&disk.vfs, 1);
    bench_open(&b);
    return b;
}

static void disk_done(bench *b)
{
    bench_done(b);
    sqlite3_vfs_unregister(&disk.vfs);
    sqlite3_vfs_register(disk.real, 1);
    for (int i = 0; i < disk.synced.count; i++) mem_free(disk.synced.at[i].at);
    list_done(&disk.synced);
    disk.folder = NULL;
    disk.syncs = 0;
}

static int syncs(void)
{
    pthread_mutex_lock(&disk.lock);
    int n = disk.syncs;
    pthread_mutex_unlock(&disk.lock);
    return n;
}

/* What a power failure at this moment leaves, in the folder of another bench. torn: of what was not synced any sectors are there, too. */
static bench power_fails(const bench *b, uint64_t *torn)
{
    bench left = {0};
    bench_folder(&left);
    pthread_mutex_lock(&disk.lock);
    for (int i = 0; i < disk.synced.count; i++) {
        const file_copy *c = &disk.synced.at[i];
        char path[160];
        snprintf(path, sizeof path, "%s/%s", b->folder, c->name);
        text out = {0}, now = torn ? read_file(path) : (text){0};
        text_add(&out, c->at, c->count);
        for (size_t at = 0; at < now.count; at += SECTOR) {
            size_t count = now.count - at < SECTOR ? now.count - at : SECTOR;
            *torn = hash_mix(*torn, at);
            if (*torn % 2) continue;
            while (out.count < at + count) text_putc(&out, 0);
            memcpy(out.at + at, now.at + at, count);
        }
        FILE *f = fopen(bench_file(&left, c->name), "w");
        assert_non_null(f);
        assert_int_equal(fwrite(out.at, 1, out.count, f), out.count);
        fclose(f);
        text_done(&out);
        text_done(&now);
    }
    pthread_mutex_unlock(&disk.lock);
    return left;
}

/* ---- sessions that write one number after the other ------------------------------------------------------------- */

typedef struct writer { bench *b; int session, acknowledged, until, *open; } writer;

static void write_next(writer *w);

static void written(void *at, store_result result, const char *error)
{
    writer *w = at;
    if (result != STORE_SAVED) fail_msg("%s", error);
    w->acknowledged++;
    --*w->open;
    write_next(w);
}

static void write_next(writer *w)
{
    char name[16], number[16];
    if (w->acknowledged >= w->until) return;
    snprintf(name, sizeof name, "s%d", w->session);
    snprintf(number, sizeof number, "%d", w->acknowledged + 1);
    store_part part = { "n", number, strlen(number), 1 };
    ++*w->open;
    store_commit(w->b->s, &(store_write){ .session = name, .visitor = "v", .fence = 1, .parts = &part, .count = 1 }, written, w);
}

static void writers_begin(writer *all, int count, bench *b, int writes, int *open)
{
    for (int i = 0; i < count; i++) {
        all[i] = (writer){ b, i, 0, writes, open };
        write_next(&all[i]);
    }
}

/* The number that a session has in what is left. */
static int number_left(bench *left, int session)
{
    char name[16];
    snprintf(name, sizeof name, "s%d", session);
    answer a = load(left, name, "");
    assert_true(a.count >= 0);
    return a.count ? atoi(a.part[0].data) : 0;
}

TEST(with_durability_power_no_acknowledged_write_is_lost_when_the_power_fails)
{
    const char *from = getenv("EASEL_SEED");
    uint64_t random = from ? strtoull(from, NULL, 10) : random_u64() >> 1;
    int failures = 0, held = 0;
    print_message("EASEL_SEED=%llu\n", (unsigned long long)random);
    bench b = disk_bench(STORE_POWER);
    writer all[4];
    int open = 0;
    writers_begin(all, 4, &b, 40, &open);
    while (open) {
        loop_turn(b.l, 100);
        random = hash_mix(random, (uint64_t)open);
        if (random % 8) continue;
        bench left = power_fails(&b, random % 16 ? &random : NULL);
        bench_open(&left);
        for (int i = 0; i < 4; i++) {
            assert_in_range(number_left(&left, i), all[i].acknowledged, all[i].acknowledged + 1);
            held += all[i].acknowledged;
        }
        bench_done(&left);
        failures++;
    }
    assert_true(failures > 0 && held > 0);
    print_message("%d power failures, %d acknowledged writes looked for, all there\n", failures, held);
    disk_done(&b);
}

/* The first one stands on a file, and that in a folder, that were made just now. */
TEST(with_durability_power_the_first_write_is_on_the_disk_when_it_is_acknowledged)
{
    bench b = disk_bench(STORE_POWER);
    assert_int_equal(put_now(&b, "s0", "n", "1", 1).result, STORE_SAVED);
    bench left = power_fails(&b, NULL);
    bench_open(&left);
    assert_int_equal(number_left(&left, 0), 1);
    bench_done(&left);
    disk_done(&b);
}

TEST(with_durability_process_no_write_waits_for_the_disk_and_a_second_later_it_is_there)
{
    bench b = disk_bench(STORE_PROCESS);
    assert_int_equal(put_now(&b, "s0", "n", "1", 1).result, STORE_SAVED);
    int64_t end = clock_ms() + 30000;
    int before = syncs(), number = 0;
    assert_int_equal(before, 0);
    while (!number && clock_ms() < end) {
        loop_turn(b.l, 50);
        if (syncs() == before) continue;
        before = syncs();
        bench left = power_fails(&b, NULL);
        bench_open(&left);
        number = number_left(&left, 0);
        bench_done(&left);
    }
    assert_int_equal(number, 1);
    disk_done(&b);
}

static void many_write(store_needs needs, const char *name)
{
    bench b = disk_bench(needs);
    writer all[SESSIONS];
    int open = 0, writes = SESSIONS * 10, before = syncs();
    int64_t from = clock_ns();
    writers_begin(all, SESSIONS, &b, 10, &open);
    while (open) loop_turn(b.l, 100);
    double seconds = (double)(clock_ns() - from) / 1e9;
    int waited = syncs() - before;
    print_message("%s: %d writes of %d sessions, %d syncs, %.0f a second\n", name, writes, SESSIONS, waited, writes / seconds);
    if (needs == STORE_POWER) assert_true(waited > 0);
    assert_true(waited * 4 < writes);
    disk_done(&b);
}

TEST(writes_that_come_together_share_one_wait_for_the_disk)
{
    many_write(STORE_PROCESS, "process");
    many_write(STORE_POWER, "power");
}
