/* files_test.c: files are there whole, under names that can do no harm, for as long as they are used. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "store/files.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER "AAAAAAAAAAA"
#define OTHER "BBBBBBBBBBB"

static void holds(files *f, const char *id, const char *name, const char *content)
{
    arena *a = arena_new();
    const ez_file *file = files_find(f, a, id);
    char got[64] = "";
    assert_non_null(file);
    assert_string_equal(file->name, name);
    assert_int_equal(file->size, strlen(content));
    FILE *in = fopen(file->path, "r");
    assert_non_null(in);
    assert_int_equal(fread(got, 1, sizeof got - 1, in), strlen(content));
    fclose(in);
    assert_string_equal(got, content);
    arena_free(a);
}

static bool is_there(files *f, const char *id)
{
    arena *a = arena_new();
    bool there = files_find(f, a, id) != NULL;
    arena_free(a);
    return there;
}

TEST(a_file_is_there_when_it_is_kept_and_not_before)
{
    char id[FILE_ID_CHARS + 1];
    files *f = files_open(NULL, NULL);
    file_writer *w = files_begin(f, OWNER, "notes.txt"), *dropped = files_begin(f, OWNER, "gone.txt");
    assert_true(file_add(w, "hel", 3) && file_add(w, "lo", 2));
    assert_true(file_keep(w, id));
    holds(f, id, "notes.txt", "hello");
    assert_true(files_owns(OWNER, id) && !files_owns(OTHER, id));
    file_drop(dropped);
    files_close(f);
}

TEST(a_name_is_only_a_name)
{
    static const char *const names[][2] = { { "../../etc/passwd", "passwd" }, { "C:\\dir\\a.png", "a.png" }, { "..", "file" }, { ".hidden", "hidden" }, { "", "file" }, { NULL, "file" },
                                            { "a\nb\x7f.txt", "a_b_.txt" }, { "Grüße.txt", "Grüße.txt" }, { "\xff", "file" }, { "a/", "file" } };
    files *f = files_open(NULL, NULL);
    for (int i = 0; i < COUNT(names); i++) {
        char id[FILE_ID_CHARS + 1];
        assert_true(files_put(f, OWNER, names[i][0], "x", 1, id));
        holds(f, id, names[i][1], "x");
    }
    char id[FILE_ID_CHARS + 1], *name = mem_alloc(600);
    for (int i = 0; i < 250; i++) memcpy(name + 2 * i, "ü", 2);
    strcpy(name + 500, ".png");
    assert_true(files_put(f, OWNER, name, "x", 1, id));
    arena *a = arena_new();
    const ez_file *file = files_find(f, a, id);
    assert_true(strlen(file->name) <= 180 && !strcmp(strrchr(file->name, '.'), ".png") && utf8_valid(file->name, strlen(file->name)));
    arena_free(a);
    mem_free(name);
    files_close(f);
}

TEST(an_id_that_is_none_finds_nothing)
{
    static const char *const wrong[] = { "", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "../../../../../../../../etc/passwd", "AAAAAAAAAAA/../../../../../etc/pass", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    files *f = files_open(NULL, NULL);
    for (int i = 0; i < COUNT(wrong); i++) assert_false(is_there(f, wrong[i]));
    files_close(f);
}

TEST(the_same_bytes_have_the_same_id)
{
    char a[FILE_ID_CHARS + 1], b[FILE_ID_CHARS + 1];
    files *f = files_open(NULL, NULL);
    assert_true(files_put(f, OWNER, "a.txt", "one", 3, a) && files_put(f, OWNER, "a.txt", "one", 3, b));
    assert_string_equal(a, b);
    assert_true(files_put(f, OWNER, "a.txt", "two", 3, b));
    assert_string_not_equal(a, b);
    assert_true(files_put(f, OWNER, "b.txt", "one", 3, b));
    assert_string_not_equal(a, b);
    assert_true(files_put(f, OTHER, "a.txt", "one", 3, b));
    assert_string_not_equal(a, b);
    files_close(f);
}

TEST(what_was_made_of_the_same_need_not_be_made_again)
{
    char made[FILE_ID_CHARS + 1], again[FILE_ID_CHARS + 1], other[FILE_ID_CHARS + 1];
    unsigned char source[32] = { 7 };
    files *f = files_open(NULL, NULL);
    assert_false(files_known(f, OWNER, "a.png", source, made));
    assert_true(files_put_made(f, OWNER, "a.png", source, "made", 4, made));
    assert_true(files_known(f, OWNER, "a.png", source, again));
    assert_string_equal(made, again);
    holds(f, again, "a.png", "made");
    assert_false(files_known(f, OTHER, "a.png", source, other));
    assert_false(files_known(f, OWNER, "b.png", source, other));
    source[0]++;
    assert_false(files_known(f, OWNER, "a.png", source, other));
    files_close(f);
}

TEST(one_that_lies_elsewhere_is_copied_once_and_again_when_it_changed)
{
    char folder[] = "/tmp/easel-files-test-XXXXXX", path[64], a[FILE_ID_CHARS + 1], b[FILE_ID_CHARS + 1];
    files *f = files_open(NULL, NULL);
    arena *mem = arena_new();
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/in.txt", folder);
    FILE *out = fopen(path, "w");
    fputs("one", out);
    fclose(out);
    assert_true(files_take(f, OWNER, path, "in.txt", a) && files_take(f, OWNER, path, "in.txt", b));
    assert_string_equal(a, b);
    holds(f, a, "in.txt", "one");
    assert_true(files_take(f, OWNER, files_find(f, mem, a)->path, "in.txt", b));
    assert_string_equal(a, b);
    out = fopen(path, "w");
    fputs("longer", out);
    fclose(out);
    assert_true(files_take(f, OWNER, path, "in.txt", b));
    holds(f, b, "in.txt", "longer");
    assert_false(files_take(f, OWNER, folder, "in.txt", b));
    unlink(path);
    assert_false(files_take(f, OWNER, path, "in.txt", b));
    rmdir(folder);
    arena_free(mem);
    files_close(f);
}

/* As if it had been used so long ago. */
static void used(files *f, const char *id, int seconds)
{
    arena *a = arena_new();
    char *path = arena_text(a, files_find(f, a, id)->path);
    *strrchr(path, '/') = 0;
    struct timespec at[2] = { { wall_ms() / 1000 - seconds, 0 }, { wall_ms() / 1000 - seconds, 0 } };
    assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
    arena_free(a);
}

TEST(what_nobody_uses_goes)
{
    char old[FILE_ID_CHARS + 1], young[FILE_ID_CHARS + 1];
    files *f = files_open(NULL, NULL);
    assert_true(files_put(f, OWNER, "old.txt", "1", 1, old) && files_put(f, OWNER, "young.txt", "2", 1, young));
    used(f, old, 4000);
    files_sweep(f, 5000, UINT64_MAX);
    assert_true(is_there(f, old));             /* and that was a use */
    files_sweep(f, 3600, UINT64_MAX);
    assert_true(is_there(f, old));
    used(f, old, 4000);
    files_sweep(f, 3600, UINT64_MAX);
    assert_false(is_there(f, old));
    assert_true(is_there(f, young));
    files_close(f);
}

TEST(an_owner_who_holds_too_much_loses_what_was_used_longest_ago)
{
    char id[4][FILE_ID_CHARS + 1], other[FILE_ID_CHARS + 1], name[16];
    files *f = files_open(NULL, NULL);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%d.txt", i);
        assert_true(files_put(f, OWNER, name, "0123456789", 10, id[i]));
        used(f, id[i], 50 - i);
    }
    assert_true(files_put(f, OTHER, "a.txt", "0123456789", 10, other));
    files_sweep(f, 3600, 25);
    assert_false(is_there(f, id[0]) || is_there(f, id[1]));
    assert_true(is_there(f, id[2]) && is_there(f, id[3]) && is_there(f, other));
    files_close(f);
}

TEST(only_what_can_hold_no_script_is_shown)
{
    assert_true(files_shows(files_type("a.PNG")) && files_shows(files_type("a.mp3")) && files_shows("video/mp4"));
    assert_false(files_shows(files_type("a.svg")) || files_shows(files_type("a.html")) || files_shows(files_type("a.xml")) || files_shows(files_type("a")) || files_shows(files_type("a.pdf")));
}
