/* containers_test.c: lists and maps. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"

TEST(a_list_grows_and_cuts_in_order)
{
    LIST(int) l = { 0 };
    for (int i = 0; i < 100; i++) *list_add(&l) = i;
    assert_int_equal(l.count, 100);
    list_remove(&l, 0);
    list_remove(&l, 98);
    list_remove(&l, 49);
    assert_int_equal(l.count, 97);
    assert_int_equal(l.at[0], 1);
    assert_int_equal(l.at[48], 49);
    assert_int_equal(l.at[49], 51);
    assert_int_equal(l.at[96], 98);
    list_done(&l);
    assert_null(l.at);
}

TEST(a_list_drops_the_first_that_is_this_one)
{
    LIST(const char *) l = { 0 };
    const char *a = "a", *b = "b", *c = "c";
    assert_false(list_drop(&l, a));
    *list_add(&l) = a, *list_add(&l) = b, *list_add(&l) = a;
    assert_false(list_drop(&l, c));
    assert_true(list_drop(&l, a));
    assert_int_equal(l.count, 2);
    assert_ptr_equal(l.at[0], b);
    assert_ptr_equal(l.at[1], a);
    list_done(&l);
}

TEST(a_list_gives_zeroed_room_again_after_a_removal)
{
    LIST(struct { int a; void *b; }) l = { 0 };
    list_add(&l)->a = 5;
    list_remove(&l, 0);
    assert_int_equal(list_add(&l)->a, 0);
    list_done(&l);
}

TEST(a_map_finds_what_was_put_and_nothing_else)
{
    static int marks[5000];
    map m = { 0 };
    assert_null(map_get(&m, 0));
    assert_null(map_remove(&m, 0));
    for (int i = 0; i < 5000; i++) map_put(&m, (uint64_t)i * 64, &marks[i]);
    map_put(&m, 64, &marks[7]);
    assert_int_equal(m.count, 5000);
    assert_ptr_equal(map_get(&m, 64), &marks[7]);
    assert_ptr_equal(map_get(&m, 0), &marks[0]);
    assert_null(map_get(&m, 63));
    map_done(&m);
    assert_null(map_get(&m, 64));
}

TEST(a_map_agrees_with_an_array_through_random_puts_and_removals)
{
    static void *mirror[512];
    static int mark;
    map m = { 0 };
    int count = 0;
    for (int i = 0; i < 200000; i++) {
        uint64_t dice = hash_mix((uint64_t)i, 1), key = dice % 512;
        if (dice >> 20 & 1) {
            void *value = (char *)&mark + (i & 1);
            count += !mirror[key];
            mirror[key] = value;
            map_put(&m, key, value);
        } else {
            assert_ptr_equal(map_remove(&m, key), mirror[key]);
            count -= mirror[key] != NULL;
            mirror[key] = NULL;
        }
        assert_int_equal(m.count, count);
        assert_ptr_equal(map_get(&m, dice >> 32 & 511), mirror[dice >> 32 & 511]);
    }
    int at = 0, seen = 0;
    uint64_t key;
    void *value;
    while (map_next(&m, &at, &key, &value)) {
        assert_ptr_equal(value, mirror[key]);
        seen++;
    }
    assert_int_equal(seen, count);
    map_done(&m);
}

TEST(a_map_that_was_large_becomes_small_again_and_keeps_what_is_left)
{
    map m = { 0 };
    for (uint64_t i = 0; i < 20000; i++) map_put(&m, i * 7, (void *)(uintptr_t)(i + 1));
    int most = m.room;
    for (uint64_t i = 0; i < 20000; i++)
        if (i % 1000) assert_ptr_equal(map_remove(&m, i * 7), (void *)(uintptr_t)(i + 1));
    assert_true(most >= 20000 && m.room <= 256);
    assert_int_equal(m.count, 20);
    for (uint64_t i = 0; i < 20000; i += 1000) assert_ptr_equal(map_get(&m, i * 7), (void *)(uintptr_t)(i + 1));
    map_done(&m);
}
