/* json_test.c: text of JSON as a tree, and text that is none. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"
#include <stdlib.h>

static void reports(ez_ui *ui)
{
    ez_json(ui, "{\"a<b\": [1, 2.5, \"x & \\\"y\\\"\"], \"c\": {\"d\": {}}, \"e\": null}", .level = 1, .label = "Report");
}

TEST(json_is_a_tree_that_folds_below_its_level)
{
    shown s = show(reports);
    const char *html = shown_main(&s);
    assert_has(html, "<details class=\"ez-json-fold\" open><summary data-ends=\"}\" data-count=\"3 members\">{</summary>");
    assert_has(html, "<details class=\"ez-json-fold\"><summary data-ends=\"],\" data-count=\"3 items\"><span class=\"ez-json-key\">&quot;a&lt;b&quot;</span>: [</summary>");
    assert_has(html, "<span class=\"ez-json-number\">2.5</span>");
    assert_has(html, "&quot;x &amp; \\&quot;y\\&quot;&quot;");
    assert_has(html, "<span class=\"ez-json-rest\">{}</span>");
    assert_has(html, "<span class=\"ez-json-word\">null</span>");
    shown_done(&s);
}

static void wrong(ez_ui *ui)
{
    ez_json(ui, "{\n\"a\": 1,\n\"b\": <x>}");
    ez_json(ui, "[1, 2] tail");
    ez_json(ui, "{\"a\": 1");
    ez_json(ui, "");
    ez_json(ui, "{\"a\": 1, }");
    ez_json(ui, "[1,x]");
}

TEST(text_that_is_no_json_is_shown_with_the_byte_where_it_stops_being_it)
{
    shown s = show(wrong);
    const char *html = shown_main(&s);
    assert_has(html, "it goes wrong at byte 15, line 3.");
    assert_has(html, "&quot;b&quot;: &lt;x&gt;}");
    assert_has(html, "it goes wrong at byte 7, line 1.");
    assert_has(html, "it ends at byte 7, line 1, before it is complete.");
    assert_has(html, "it ends at byte 0, line 1, before it is complete.");
    assert_has(html, "it goes wrong at byte 9, line 1.");
    assert_has(html, "it goes wrong at byte 3, line 1.");
    assert_lacks(html, "ez-json-tree");
    shown_done(&s);
}

static char *many;

static void large(ez_ui *ui) { ez_json(ui, many, .folded = true); }

static int times(const char *html, const char *part)
{
    int found = 0;
    for (const char *at = html; (at = strstr(at, part)); at += strlen(part))
        found++;
    return found;
}

TEST(json_of_any_depth_and_size_is_a_page_that_a_browser_bears)
{
    text deep = { 0 }, wide = { 0 };
    for (int i = 0; i < 900; i++) text_puts(&deep, "[");
    for (int i = 0; i < 900; i++) text_puts(&deep, "]");
    many = deep.at;
    shown s = show(large);
    assert_true(times(shown_main(&s), "<details") <= 40);
    assert_lacks(shown_main(&s), " open");
    shown_done(&s);

    text_puts(&wide, "[");
    for (int i = 0; i < 20000; i++) text_puts(&wide, "[1],");
    text_puts(&wide, "2]");
    many = wide.at;
    s = show(large);
    assert_int_equal(times(shown_main(&s), "<details"), 5000);
    assert_int_equal(times(shown_main(&s), "ez-json-rest"), 15001);
    shown_done(&s);
    text_done(&deep);
    text_done(&wide);
}
