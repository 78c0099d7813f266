/* values_test.c: what a session keeps of controls and states. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/values.h"
#include <string.h>

static value *with_json(values *v, uint64_t id, const char *json)
{
    value *x = values_at(v, id);
    assert_true(value_from_json(x, json, strlen(json)));
    return x;
}

static void is_json(const value *v, const char *json)
{
    text t = { 0 };
    value_json(v, &t);
    assert_string_equal(t.at, json);
    text_done(&t);
}

TEST(values_are_found_by_id_in_any_order_of_adding)
{
    values v = { 0 };
    for (uint64_t i = 0; i < 200; i++) value_set_number(values_at(&v, hash_mix(i, 1)), VALUE_NUMBER, (double)i);
    for (uint64_t i = 0; i < 200; i += 2) values_remove(&v, hash_mix(i, 1));
    assert_int_equal(v.list.count, 100);
    for (uint64_t i = 0; i < 200; i++) {
        const value *x = values_find(&v, hash_mix(i, 1));
        if (i % 2) assert_true(x && x->number == (double)i);
        else assert_null(x);
    }
    for (int i = 1; i < v.list.count; i++) assert_true(v.list.at[i - 1].id < v.list.at[i].id);
    values_done(&v);
}

TEST(every_value_of_the_wire_comes_back_as_it_came)
{
    static const char *const all[] = { "null", "true", "false", "0", "-1.5", "\"\"", "\"a \\\"b\\\" \xc3\xa4\"", "0.1" };
    values v = { 0 };
    for (int i = 0; i < COUNT(all); i++) is_json(with_json(&v, 7, all[i]), all[i]);
    assert_false(value_from_json(values_at(&v, 7), "[1]", 3));
    assert_false(value_from_json(values_at(&v, 7), "{}", 2));
    assert_false(value_from_json(values_at(&v, 7), "", 0));
    is_json(values_at(&v, 7), "0.1");
    values_done(&v);
}

TEST(stored_values_are_read_back)
{
    values v = { 0 }, w = { 0 };
    text saved = { 0 }, again = { 0 };
    with_json(&v, 3, "\"words\"")->rev = 9;
    with_json(&v, 1, "2.5")->keyed = 1;
    with_json(&v, 2, "null")->page = 77;
    value_set_text(values_at(&v, 4), VALUE_SHOWN, "shown");
    values_at(&v, 4)->written = 5;
    values_save(&v, &saved);
    assert_true(values_read(&w, saved.at, saved.count));
    values_save(&w, &again);
    assert_int_equal(saved.count, again.count);
    assert_memory_equal(saved.at, again.at, saved.count);
    assert_string_equal(values_find(&w, 3)->text, "words");
    text_done(&again);
    values_done(&w);
    for (size_t i = 1; i < saved.count; i++) {           /* cut anywhere: refused or a shorter list, never more */
        char *part = mem_copy(saved.at, i);
        if (values_read(&w, part, i)) assert_in_range(w.list.count, 1, 3);
        values_done(&w);
        mem_free(part);
    }
    text_done(&saved);
    values_done(&v);
}

TEST(a_copy_of_values_is_its_own)
{
    values v = { 0 }, w = { 0 };
    with_json(&v, 1, "\"a\"");
    values_copy(&w, &v);
    with_json(&v, 1, "\"b\"");
    assert_string_equal(values_find(&w, 1)->text, "a");
    assert_true(value_hash(values_find(&v, 1)) != value_hash(values_find(&w, 1)));
    values_done(&v);
    values_done(&w);
}

TEST(stored_state_is_read_back_and_broken_state_leaves_nothing)
{
    states s = { 0 }, t = { 0 };
    text saved = { 0 };
    struct state *x = states_at(&s, "game");
    x->shape = mem_text("raw 4 build");
    x->data = mem_copy("abcd", 4);
    x->size = 4;
    state_save(x, &saved);
    assert_true(state_read(&t, "game", saved.at, saved.count));
    assert_true(state_read(&t, "game", saved.at, saved.count));        /* twice is once */
    assert_int_equal(t.list.count, 1);
    assert_memory_equal(t.list.at[0].data, "abcd", 4);
    assert_true(t.list.at[0].saved == state_hash(x));
    assert_false(state_read(&t, "other", saved.at, 3));
    assert_false(state_read(&t, "other", saved.at, 8));
    assert_false(state_read(&t, "other", "\xff\xff\xff\xff" "abc", 7));
    assert_null(states_find(&t, "other"));
    text_done(&saved);
    states_done(&s);
    states_done(&t);
}

static void put_number(states *s, const char *name, int n)
{
    struct state *x = states_at(s, name);
    mem_free(x->shape);
    mem_free(x->data);
    x->shape = mem_text("raw 4 build");
    x->data = mem_copy(&n, sizeof n);
    x->size = sizeof n;
}

static int number_in(const states *s, const char *name)
{
    int n;
    const struct state *x = states_find(s, name);
    assert_non_null(x);
    memcpy(&n, x->data, sizeof n);
    return n;
}

TEST(what_a_run_changed_of_the_states_that_were_lent_to_it_is_taken_back_and_nothing_else)
{
    states home = { 0 }, lent = { 0 };
    put_number(&home, "changed", 1);
    put_number(&home, "left", 1);
    states_lend(&lent, &home);
    put_number(&home, "left", 5);                      /* by somebody else, meanwhile */
    put_number(&lent, "changed", 2);
    put_number(&lent, "new", 3);
    size_t before = states_memory(&home);
    states_take(&home, &lent, true);
    assert_int_equal(number_in(&home, "changed"), 2);
    assert_int_equal(number_in(&home, "new"), 3);
    assert_int_equal(number_in(&home, "left"), 5);
    assert_true(states_memory(&home) > before);
    states_take(&home, &lent, false);
    assert_int_equal(number_in(&home, "left"), 1);
    states_done(&home);
    states_done(&lent);
    assert_int_equal(states_memory(&home), 0);
}
