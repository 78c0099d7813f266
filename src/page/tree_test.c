/* tree_test.c: pages as data: printing, differences, words of jobs, and their stored form. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/dom_test.h"
#include "page/forest_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void page_text(const tree *t, text *out)
{
    for (int i = 0; i < ROOT_PLACES; i++) {
        text_printf(out, "[%d]", i);
        tree_print(t, i, NULL, out);
    }
}

static void must_show(const dom *d, const tree *t, uint64_t seed, const char *how)
{
    text a = { 0 }, b = { 0 };
    dom_page(d, &a);
    page_text(t, &b);
    if (strcmp(a.at, b.at))
        fail_msg("seed %llu: %s\n  shows  %s\n  wanted %s", (unsigned long long)seed, how, a.at, b.at);
    text_done(&a);
    text_done(&b);
}

static void must_apply(dom *d, const text *ops, uint64_t seed)
{
    if (!dom_apply(d, ops->at ? ops->at : ""))
        fail_msg("seed %llu: %s in %s", (unsigned long long)seed, d->error, ops->at);
}

/* A node under `parent` with this shell; the shell's hash is its hash. */
static int add(tree *t, uint64_t id, int parent, int slot, int places, const char *format)
{
    char name[ID_CHARS + 1];
    text shell = { 0 };
    id_print(id, name);
    for (const char *s = format; *s; s++)
        if (*s == '@') text_puts(&shell, name);
        else text_putc(&shell, *s);
    t->nodes = mem_resize(t->nodes, (size_t)(t->count + 1) * sizeof *t->nodes);
    tree_node *n = &t->nodes[t->count];
    *n = (tree_node){ .id = id, .parent = parent, .slot = (uint8_t)slot, .places = (uint8_t)places, .control = -1, .fragment = -1,
                      .html = (uint32_t)t->html_count, .count = (uint32_t)shell.count, .hash = hash_bytes(shell.at, shell.count) };
    t->html = mem_resize(t->html, t->html_count + shell.count + 1);
    memcpy(t->html + t->html_count, shell.at, shell.count + 1);
    t->html_count += shell.count;
    text_done(&shell);
    return t->count++;
}

static void set_spot(tree *t, int i, const char *open, uint32_t count, unsigned flags)
{
    const char *html = t->html + t->nodes[i].html;
    t->nodes[i].spot = (uint32_t)(strstr(html, open) - html + (ptrdiff_t)strlen(open));
    t->nodes[i].spot_count = count;
    t->nodes[i].flags |= (uint16_t)(NODE_SPOT | flags);
}

TEST(the_root_has_a_fixed_name)
{
    char name[ID_CHARS + 1];
    id_print(tree_root_id(), name);
    assert_string_equal(name, "ez_________");
}

TEST(a_page_is_printed_with_children_in_their_places)
{
    tree *t = tree_new();
    text out = { 0 };
    int box = add(t, 1, -1, ROOT_MAIN, 2, "<div id=\"@\"><p data-ez-place=\"@\"></p><hr><p data-ez-place=\"@.1\"></p></div>");
    add(t, 2, box, 1, 0, "<b id=\"@\">b</b>");
    add(t, 3, box, 0, 0, "<i id=\"@\">i</i>");
    add(t, 4, -1, ROOT_SIDEBAR, 0, "<u id=\"@\">side</u>");
    tree_print(t, ROOT_MAIN, NULL, &out);
    assert_non_null(strstr(out.at, "\"><i id=\"AAAAAAAAAAM\">i</i></p><hr>"));
    assert_non_null(strstr(out.at, ".1\"><b id=\"AAAAAAAAAAI\">b</b></p></div>"));
    assert_null(strstr(out.at, "side"));
    text_done(&out);
    tree_drop(t);
}

TEST(nothing_changed_means_no_operations)
{
    uint64_t seed = 5;
    tree *t = forest_tree(&seed);
    text ops = { 0 };
    tree_diff(t, t, NULL, &ops);
    assert_int_equal(ops.count, 0);
    tree_drop(t);
}

TEST(one_changed_shell_is_one_put)
{
    tree *a = tree_new(), *b = tree_new();
    text ops = { 0 };
    for (uint64_t i = 1; i <= 5; i++) {
        add(a, i, -1, 0, 0, "<p id=\"@\">x</p>");
        add(b, i, -1, 0, 0, i == 3 ? "<p id=\"@\">y</p>" : "<p id=\"@\">x</p>");
    }
    tree_diff(a, b, NULL, &ops);
    assert_string_equal(ops.at, "[\"p\",\"AAAAAAAAAAM\",\"<p id=\\\"AAAAAAAAAAM\\\">y</p>\"]");
    text_done(&ops);
    tree_drop(a);
    tree_drop(b);
}

TEST(a_new_neighbour_is_one_put_and_one_small_replacement)
{
    tree *a = tree_new(), *b = tree_new();
    text ops = { 0 };
    for (uint64_t i = 1; i <= 4; i++) {
        add(a, i, -1, 0, 0, "<p id=\"@\">x</p>");
        if (i == 3) add(b, 9, -1, 0, 0, "<p id=\"@\">new</p>");
        add(b, i, -1, 0, 0, "<p id=\"@\">x</p>");
    }
    tree_diff(a, b, NULL, &ops);
    assert_non_null(strstr(ops.at, "[\"k\",\"ez_________\",2,0,[\"AAAAAAAAAAk\"]]"));
    assert_null(strstr(ops.at, "AAAAAAAAAAE"));
    text_done(&ops);
    tree_drop(a);
    tree_drop(b);
}

static uint64_t start_seed(void)
{
    const char *given = getenv("EASEL_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : random_u64() >> 1;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

TEST(on_random_pages_the_difference_makes_one_out_of_the_other)
{
    uint64_t seed = start_seed();
    for (int round = 0; round < 300; round++) {
        uint64_t from = seed;
        dom d = { 0 };
        tree *shown = forest_empty();
        for (int step = 0; step < 12; step++) {
            tree *next = forest_tree(&seed);
            text ops = { 0 };
            tree_diff(shown, next, NULL, &ops);
            must_apply(&d, &ops, from);
            must_show(&d, next, from, "the difference");
            text_done(&ops);
            tree_drop(shown);
            shown = next;
        }
        tree_drop(shown);
        dom_done(&d);
    }
}

TEST(the_whole_page_can_be_put_over_any_other)
{
    uint64_t seed = start_seed();
    for (int round = 0; round < 500; round++) {
        uint64_t from = seed;
        dom d = { 0 };
        tree *a = forest_tree(&seed), *b = forest_tree(&seed), *none = forest_empty();
        text first = { 0 }, second = { 0 };
        tree_diff(none, a, NULL, &first);
        must_apply(&d, &first, from);
        tree_whole(b, NULL, &second);
        must_apply(&d, &second, from);
        must_show(&d, b, from, "the whole page");
        text_done(&first);
        text_done(&second);
        tree_drop(a);
        tree_drop(b);
        tree_drop(none);
        dom_done(&d);
    }
}

TEST(a_value_travels_when_browsers_were_told_another_one)
{
    uint64_t seed = 1;
    tree *a = NULL;
    text ops = { 0 }, saved = { 0 };
    while (!a || !a->control_count) {
        tree_drop(a);
        a = forest_tree(&seed);
    }
    tree_save(a, &saved);
    tree *b = tree_read(saved.at, saved.count, NULL);
    b->controls[0].told ^= 1;
    tree_diff(a, b, NULL, &ops);
    dom d = { 0 };
    text whole = { 0 };
    tree_whole(a, NULL, &whole);
    assert_true(dom_apply(&d, whole.at));
    int before = d.values;
    assert_true(dom_apply(&d, ops.at));
    assert_int_equal(d.values - before, 1);
    assert_int_equal(d.ops - d.values, (a->count + d.lists.count));
    dom_done(&d);
    text_done(&whole);
    text_done(&ops);
    text_done(&saved);
    tree_drop(a);
    tree_drop(b);
}

TEST(a_new_control_whose_value_was_written_after_it_was_printed_is_told)
{
    uint64_t seed = 1;
    tree *a = NULL, *none = tree_new();
    text ops = { 0 };
    while (!a || a->control_count != 1) {
        tree_drop(a);
        a = forest_tree(&seed);
    }
    tree_diff(none, a, NULL, &ops);
    assert_null(strstr(ops.at, "[\"v\""));
    text_clear(&ops);
    a->controls[0].told = 1;
    tree_diff(none, a, NULL, &ops);
    assert_non_null(strstr(ops.at, "[\"v\""));
    text_clear(&ops);
    tree_values(a, NULL, false, &ops);
    assert_int_equal(strncmp(ops.at, "[\"v\"", 4), 0);
    text_done(&ops);
    tree_drop(a);
    tree_drop(none);
}

TEST(a_spot_is_replaced_and_everything_behind_it_moves)
{
    tree *t = tree_new();
    int first = add(t, 1, -1, 0, 0, "<p id=\"@\">old</p>");
    add(t, 2, -1, 0, 0, "<p id=\"@\">second</p>");
    set_spot(t, first, "\">", 3, NODE_KEYED);
    tree *u = tree_with_spot(t, first, "much <longer> words"), *v = tree_with_spot(u, first, "");
    text out = { 0 };
    tree_print(u, 0, NULL, &out);
    assert_string_equal(out.at, "<p id=\"AAAAAAAAAAE\">much &lt;longer&gt; words</p><p id=\"AAAAAAAAAAI\">second</p>");
    text_clear(&out);
    tree_print(v, 0, NULL, &out);
    assert_string_equal(out.at, "<p id=\"AAAAAAAAAAE\"></p><p id=\"AAAAAAAAAAI\">second</p>");
    assert_true(tree_spot_grows(u, first));
    assert_false(tree_spot_grows(v, first));
    assert_true(t->nodes[first].hash != u->nodes[first].hash);
    text_done(&out);
    tree_drop(t);
    tree_drop(u);
    tree_drop(v);
}

TEST(words_are_appended_only_where_the_spot_ends_the_shell)
{
    tree *t = tree_new();
    int a = add(t, 1, -1, 0, 0, "<div id=\"@\"><b>old</b><i>more</i></div>");
    int b = add(t, 2, -1, 0, 0, "<div id=\"@\"><i>more</i><b>old</b></div>");
    set_spot(t, a, "<b>", 3, 0);
    set_spot(t, b, "<b>", 3, 0);
    assert_false(tree_spot_grows(t, a));
    assert_true(tree_spot_grows(t, b));
    t->nodes[b].flags |= NODE_SPOT_MD;
    assert_false(tree_spot_grows(t, b));
    tree_drop(t);
}

TEST(a_card_stands_above_everything_else)
{
    uint64_t seed = 77;
    tree *t = forest_tree(&seed), *card = tree_with_card(t, "It <crashed>.");
    text out = { 0 }, plain = { 0 };
    tree_print(card, ROOT_MAIN, NULL, &out);
    tree_print(t, ROOT_MAIN, NULL, &plain);
    const char *end = strstr(out.at, "It &lt;crashed&gt;.</p></div>");
    assert_non_null(end);
    assert_string_equal(end + strlen("It &lt;crashed&gt;.</p></div>"), plain.at ? plain.at : "");
    text saved = { 0 }, other = { 0 };
    tree_save(card, &saved);
    tree *read = tree_read(saved.at, saved.count, NULL);
    assert_non_null(read);
    tree *again = tree_with_card(read, "And again.");      /* there is one card, the newest */
    tree_print(again, ROOT_MAIN, NULL, &other);
    assert_int_equal(again->count, card->count);
    assert_null(strstr(other.at, "crashed"));
    assert_non_null(strstr(other.at, "And again.</p></div>"));
    assert_true(again->html_count < card->html_count);
    tree *source = tree_with_card(read, "It crashed.\n12 | if (a < b)\n13 |     c();");
    other.count = 0;
    tree_print(source, ROOT_MAIN, NULL, &other);
    assert_non_null(strstr(other.at, "<p>It crashed.</p><pre tabindex=\"0\">12 | if (a &lt; b)\n13 |     c();</pre></div>"));
    tree_drop(source);
    text_done(&other);
    tree_drop(again);
    text_done(&saved);
    text_done(&out);
    text_done(&plain);
    tree_drop(read);
    tree_drop(t);
    tree_drop(card);
}

TEST(what_is_saved_is_read_back_the_same)
{
    uint64_t seed = 42;
    for (int i = 0; i < 50; i++) {
        tree *t = forest_tree(&seed);
        text saved = { 0 }, again = { 0 };
        tree_save(t, &saved);
        ez_err err = { EZ_OK, "" };
        tree *u = tree_read(saved.at, saved.count, &err);
        assert_non_null(u);
        tree_save(u, &again);
        assert_int_equal(saved.count, again.count);
        assert_memory_equal(saved.at, again.at, saved.count);
        text_done(&saved);
        text_done(&again);
        tree_drop(t);
        tree_drop(u);
    }
}

TEST(a_blob_that_is_cut_is_refused)
{
    uint64_t seed = 43;
    tree *t = forest_tree(&seed);
    text saved = { 0 };
    tree_save(t, &saved);
    for (size_t i = 0; i < saved.count; i++) {
        ez_err err = { EZ_OK, "" };
        char *part = mem_copy(saved.at, i + 1);
        assert_null(tree_read(part, i, &err));
        assert_int_equal(err.code, EZ_BROKEN);
        mem_free(part);
    }
    text_done(&saved);
    tree_drop(t);
}

/* Whatever the bytes are: refused, or a page that can be printed and compared. */
TEST(a_blob_with_wrong_bytes_is_refused_or_harmless)
{
    uint64_t seed = start_seed();
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
        tree *t = forest_tree(&seed);
        text saved = { 0 }, out = { 0 };
        tree_save(t, &saved);
        for (int j = 0; j < 3; j++)
            saved.at[forest_random(&seed, (unsigned)saved.count)] = (char)forest_random(&seed, 256);
        tree *u = tree_read(saved.at, saved.count, NULL);
        refused += !u;
        if (u) {
            page_text(u, &out);
            tree_diff(t, u, NULL, &out);
            tree_diff(u, t, NULL, &out);
            tree_whole(u, NULL, &out);
            tree_values(u, NULL, false, &out);
        }
        text_done(&saved);
        text_done(&out);
        tree_drop(t);
        tree_drop(u);
    }
    assert_in_range(refused, 200, 1999);
}
