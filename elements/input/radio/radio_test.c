/* radio_test.c: choices in one run: radio and selectbox keep the option's text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static int way, milk;

static void page(ez_ui *ui)
{
    way = ez_radio(ui, "Way", EZ_OPTIONS("by foot", "by boat", "by train", "by plane", "by bike", "by car", "by horse", "by balloon", "by bus", "not at all"),
                   .index = 1, .captions = EZ_OPTIONS("slow", "wet"), .key = "way");
    milk = ez_selectbox(ui, "Milk", EZ_OPTIONS("Cow", "Oat <organic>"), .start_empty = true, .placeholder = "Which?", .key = "milk");
}

TEST(a_choice_begins_at_its_index_or_empty)
{
    shown s = show(page);
    assert_int_equal(way, 1);
    assert_int_equal(milk, -1);
    assert_has(shown_main(&s), "value=\"by boat\" checked>");
    assert_has(shown_main(&s), "<option value=\"\">Which?</option>");
    assert_has(shown_main(&s), "Oat &lt;organic&gt;");
    assert_has(shown_main(&s), ">wet</small>");
    shown_done(&s);
}

TEST(a_choice_is_found_by_its_text)
{
    shown s = show_after(page, (did[]){ { "way", NULL, VALUE_TEXT, 0, "by bus" }, { "milk", NULL, VALUE_TEXT, 0, "Oat <organic>" }, { 0 } });
    assert_int_equal(way, 8);
    assert_int_equal(milk, 1);
    shown_done(&s);
}

TEST(a_choice_that_is_gone_becomes_the_default)
{
    shown s = show_after(page, (did[]){ { "way", NULL, VALUE_TEXT, 0, "by rocket" }, { 0 } });
    assert_int_equal(way, 1);
    shown_done(&s);
}

TEST(choosing_another_option_is_no_change_of_the_markup)
{
    shown a = show(page), b = show_after(page, (did[]){ { "way", NULL, VALUE_TEXT, 0, "not at all" }, { "milk", NULL, VALUE_TEXT, 0, "Cow" }, { 0 } });
    assert_true(shown_hash(&a, "way") && shown_hash(&a, "way") == shown_hash(&b, "way"));
    assert_true(shown_hash(&a, "milk") && shown_hash(&a, "milk") == shown_hash(&b, "milk"));
    shown_done(&a);
    shown_done(&b);
}

static void none(ez_ui *ui)
{
    way = ez_radio(ui, "Way", EZ_OPTIONS(NULL));
}

TEST(a_choice_without_options_is_a_mistake)
{
    shown s = show(none);
    assert_int_equal(way, -1);
    assert_has(shown_main(&s), "has no options");
    shown_done(&s);
}
