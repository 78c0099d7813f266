/* text_input_test.c: text, numbers and flags in one run. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static const char *name, *area;
static double price;
static int floors;
static bool rain, lamp;
static char kept[64];

static void page(ez_ui *ui)
{
    name = ez_text_input(ui, "Name", .value = "Ada \"&\" <b>", .max_chars = 12, .key = "name");
    snprintf(kept, sizeof kept, "%s", name);
    area = ez_text_area(ui, "Letter", .value = "\nfirst line empty", .key = "area");
    price = ez_number_input(ui, "Price", 0, EZ_ANY, .start_empty = true, .key = "price");
    floors = ez_int_input(ui, "Floor", -2, 40, .start_empty = true, .key = "floor");
    rain = ez_checkbox(ui, "Rain", .key = "rain");
    lamp = ez_toggle(ui, "Lamp", .value = true, .key = "lamp");
}

TEST(text_is_escaped_and_a_first_empty_line_survives)
{
    shown s = show(page);
    assert_string_equal(kept, "Ada \"&\" <b>");
    assert_has(shown_main(&s), "value=\"Ada &quot;&amp;&quot; &lt;b&gt;\"");
    assert_has(shown_main(&s), ">\n\nfirst line empty</textarea>");
    shown_done(&s);
}

TEST(text_longer_than_its_limit_is_cut_between_characters)
{
    shown s = show_after(page, (did[]){ { "name", NULL, VALUE_TEXT, 0, "äöüäöüäöüäöüäöü" }, { 0 } });
    assert_string_equal(kept, "äöüäöüäöüäöü");
    shown_done(&s);
}

TEST(an_empty_number_is_none)
{
    shown s = show(page);
    assert_true(ez_is_none(price) && ez_is_none_int(floors));
    shown_done(&s);
    s = show_after(page, (did[]){ { "price", NULL, VALUE_NUMBER, 2.5, NULL }, { "floor", NULL, VALUE_NUMBER, -1, NULL }, { 0 } });
    assert_true(price == 2.5 && floors == -1);
    shown_done(&s);
}

TEST(a_flag_is_its_first_value_until_the_visitor_says_otherwise)
{
    shown s = show(page);
    assert_true(!rain && lamp);
    assert_has(shown_main(&s), "role=\"switch\"");
    shown_done(&s);
    s = show_after(page, (did[]){ { "rain", NULL, VALUE_BOOL, 1, NULL }, { "lamp", NULL, VALUE_BOOL, 0, NULL }, { 0 } });
    assert_true(rain && !lamp);
    shown_done(&s);
}
