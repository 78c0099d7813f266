/* samples_test.c: pages of a kind come back as they were, whatever they have in common, and take little room. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "session/samples.h"
#include <stdio.h>
#include <string.h>

/* A page of so many lines; what stands in them depends on `seed`, one line in `own` of it on `who`. */
static text page_of(int lines, uint64_t seed, int own, int who)
{
    text t = { 0 };
    for (int i = 0; i < lines; i++)
        text_printf(&t, "<p id=\"%016llx\">%d</p>", (unsigned long long)hash_mix(seed, (uint64_t)i), own && i % own == 0 ? who : i);
    return t;
}

typedef struct kept { char *at; size_t count; page_sample *by; } kept;

static kept pack(page_samples *all, const char *path, const text *plain)
{
    kept k = { 0 };
    k.at = samples_pack(all, path, plain->at, plain->count, &k.count, &k.by);
    assert_non_null(k.at);
    return k;
}

static void comes_back(kept *k, const text *plain)
{
    char *at = mem_alloc(plain->count);
    assert_true(samples_unpack(k->by, k->at, k->count, at, plain->count));
    assert_memory_equal(at, plain->at, plain->count);
    mem_free(at);
    mem_free(k->at);
    sample_drop(k->by);
}

TEST(pages_of_a_kind_take_what_they_have_for_themselves)
{
    page_samples all = { 0 };
    kept kept[50];
    text plain[COUNT(kept)];
    for (int i = 0; i < COUNT(kept); i++) {
        plain[i] = page_of(300, 1, 50, i);
        kept[i] = pack(&all, i % 2 ? "/one?who=me" : "/one", &plain[i]);
        assert_true(kept[i].count * 20 < plain[i].count);
    }
    assert_int_equal(all.all.count, 1);
    struct kept alone = pack(NULL, "/one", &plain[0]);
    assert_true(alone.count > kept[1].count * 5);
    comes_back(&alone, &plain[0]);
    samples_done(&all);                            /* the pages hold what they need */
    for (int i = 0; i < COUNT(kept); i++) {
        comes_back(&kept[i], &plain[i]);
        text_done(&plain[i]);
    }
}

TEST(pages_that_are_longer_than_deflate_looks_back_come_back)
{
    page_samples all = { 0 };
    for (int lines = 1; lines < 6000; lines = lines * 3 + 1) {
        text plain = page_of(lines, 2, 7, lines);
        kept k = pack(&all, "/", &plain);
        comes_back(&k, &plain);
        text_done(&plain);
    }
    samples_done(&all);
}

TEST(a_sample_that_suits_nobody_is_replaced)
{
    page_samples all = { 0 };
    size_t last = 0;
    text first = page_of(100, 3, 0, 0);
    kept k = pack(&all, "/", &first);
    const page_sample *was = k.by;
    comes_back(&k, &first);
    for (int i = 0; i < 70; i++) {
        text other = page_of(100, 4, 10, i);
        k = pack(&all, "/", &other);
        last = k.count;
        if (i < 60) assert_ptr_equal(k.by, was);
        comes_back(&k, &other);
        text_done(&other);
    }
    assert_true(last * 16 < first.count);
    text_done(&first);
    samples_done(&all);
}

TEST(there_are_only_so_many_kinds)
{
    page_samples all = { 0 };
    text plain = page_of(30, 5, 0, 0);
    for (int i = 0; i < 200; i++) {
        char path[20];
        snprintf(path, sizeof path, "/%d", i);
        kept k = pack(&all, path, &plain);
        assert_int_equal(k.by != NULL, i < 64);
        comes_back(&k, &plain);
    }
    assert_int_equal(all.all.count, 64);
    text_done(&plain);
    samples_done(&all);
}

TEST(what_is_not_it_is_refused)
{
    page_samples all = { 0 };
    text plain = page_of(30, 6, 0, 0), other = page_of(30, 7, 0, 0);
    kept k = pack(&all, "/", &plain), o = pack(&all, "/other", &other);
    char *at = mem_alloc(plain.count + 1);
    assert_false(samples_unpack(o.by, k.at, k.count, at, plain.count));
    assert_false(samples_unpack(NULL, k.at, k.count, at, plain.count));
    assert_false(samples_unpack(k.by, k.at, k.count - 1, at, plain.count));
    assert_false(samples_unpack(k.by, k.at, k.count, at, plain.count - 1));
    assert_false(samples_unpack(k.by, k.at, k.count, at, plain.count + 1));
    mem_free(at);
    comes_back(&k, &plain);
    comes_back(&o, &other);
    text_done(&plain), text_done(&other);
    samples_done(&all);
}
