/* tabs_test.c: places in one run: tabs, expanders, dialogs, rows, empty. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static bool slow_open, dialog_open, folded_open;

static void page(ez_ui *ui)
{
    ez_ui *tabs = ez_tabs(ui);
    ez_ui *first = ez_tab(tabs, "First", .key = "first"), *slow = ez_tab(tabs, "Slow", .key = "slow", .lazy = true);
    ez_text(first, "in the first");
    slow_open = ez_is_open(slow);
    ez_text(slow, "in the slow one");
    ez_ui *folded = ez_expander(ui, "More", .key = "more");
    folded_open = ez_is_open(folded);
    ez_text(folded, "in the fold");
    ez_ui *ask = ez_dialog(ui, "Sure?", "ask");
    dialog_open = ez_is_open(ask);
    ez_text(ask, "in the dialog");
}

TEST(the_first_tab_is_open_and_a_lazy_one_prints_nothing)
{
    shown s = show(page);
    assert_false(slow_open || dialog_open || folded_open);
    assert_has(shown_main(&s), "in the first");
    assert_lacks(shown_main(&s), "in the slow one");
    assert_has(shown_main(&s), "in the fold");
    assert_lacks(s.html[ROOT_OVERLAY].at, "in the dialog");
    shown_done(&s);
}

TEST(what_the_visitor_opened_is_open)
{
    shown s = show_after(page, (did[]){ { "slow", NULL, VALUE_BOOL, 1, NULL }, { "first", NULL, VALUE_BOOL, 0, NULL },
                                        { "ask", NULL, VALUE_BOOL, 1, NULL }, { "more", NULL, VALUE_BOOL, 1, NULL }, { 0 } });
    assert_true(slow_open && dialog_open && folded_open);
    assert_has(shown_main(&s), "in the slow one");
    assert_has(s.html[ROOT_OVERLAY].at, "in the dialog");
    assert_has(s.html[ROOT_OVERLAY].at, "data-ez-run");
    shown_done(&s);
}

static void places(ez_ui *ui)
{
    ez_ui *spot = ez_empty(ui);
    ez_ui *row = ez_row(ui), *left = ez_column(row, .weight = 2), *right = ez_column(row);
    ez_text(right, "right");
    ez_text(left, "left");
    ez_text(spot, "one");
    ez_metric(spot, "two", "2");
    ez_text(ez_sidebar(ui), "beside");
}

TEST(elements_stand_in_their_place_whenever_they_are_called)
{
    shown s = show(places);
    const char *html = shown_main(&s);
    assert_true(strstr(html, ">left<") < strstr(html, ">right<"));
    assert_lacks(html, ">one<");
    assert_has(html, "ez-metric");
    assert_has(html, "--ez-weight:2");
    assert_has(s.html[ROOT_SIDEBAR].at, "beside");
    shown_done(&s);
}
