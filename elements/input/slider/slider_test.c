/* slider_test.c: sliders in one run. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static double rate;
static int years;

static void page(ez_ui *ui)
{
    rate = ez_slider(ui, "Rate", 0, 12, .value = 5, .format = "%.1f %%", .step = 0.1, .key = "rate");
    years = ez_int_slider(ui, "Years", 1, 50, .key = "years");
}

TEST(a_slider_begins_at_its_value_or_nearest_to_zero)
{
    shown s = show(page);
    assert_true(rate == 5 && years == 1);
    assert_has(shown_main(&s), "min=\"0\" max=\"12\" step=\"0.1\"");
    assert_has(shown_main(&s), ">5.0 %</output>");
    shown_done(&s);
}

TEST(a_slider_returns_what_the_visitor_chose)
{
    shown s = show_after(page, (did[]){ { "rate", NULL, VALUE_NUMBER, 7.5, NULL }, { "years", NULL, VALUE_NUMBER, 30, NULL }, { 0 } });
    assert_true(rate == 7.5 && years == 30);
    assert_has(shown_main(&s), " value=\"7.5\" aria-valuetext=\"7.5 %\"");
    shown_done(&s);
}

TEST(a_kept_number_outside_the_bounds_becomes_the_nearest_bound)
{
    shown s = show_after(page, (did[]){ { "rate", NULL, VALUE_NUMBER, 99, NULL }, { "years", NULL, VALUE_NUMBER, -3, NULL }, { 0 } });
    assert_true(rate == 12 && years == 1);
    shown_done(&s);
}

TEST(moving_a_slider_is_no_change_of_its_markup)
{
    shown a = show(page), b = show_after(page, (did[]){ { "rate", NULL, VALUE_NUMBER, 11, NULL }, { 0 } });
    assert_true(shown_hash(&a, "rate") && shown_hash(&a, "rate") == shown_hash(&b, "rate"));
    shown_done(&a);
    shown_done(&b);
}

static void wrong(ez_ui *ui)
{
    ez_slider(ui, "Backwards", 5, 1);
    ez_slider(ui, "Words", 0, 1, .format = "%s");
    ez_text(ui, "the page goes on");
}

TEST(a_slider_that_cannot_be_shows_the_mistake_and_the_page_goes_on)
{
    shown s = show(wrong);
    assert_has(shown_main(&s), "cannot go from 5 to 1");
    assert_has(shown_main(&s), "slider_test.c:");
    assert_has(shown_main(&s), "needs exactly one of");
    assert_has(shown_main(&s), "the page goes on");
    shown_done(&s);
}
