/* examples_test.c: rows of values, and what a choice gives back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static int chosen;

static void rows(ez_ui *ui)
{
    ez_text_input(ui, "Name", .key = "name");
    ez_int_input(ui, "Times", 1, 9, .key = "times");
    chosen = ez_examples(ui, "name, times", EZ_OPTIONS("Ada <b>", "3", "Bob", "2"), .key = "ex");
    ez_examples(ui, "name", EZ_OPTIONS("one", ""));
}

TEST(examples_of_several_controls_are_a_table_and_of_one_are_buttons)
{
    shown s = show(rows);
    const char *html = shown_main(&s);
    assert_has(html, "<th scope=\"col\">name</th><th scope=\"col\">times</th>");
    assert_has(html, "data-ez-trigger=\"choose\" value=\"1\">Bob</button></td><td>2</td></tr>");
    assert_has(html, "Ada &lt;b&gt;");
    assert_has(html, "value=\"1\">(empty)</button></div>");
    assert_int_equal(chosen, -1);
    shown_done(&s);
}

TEST(a_choice_is_a_row_that_is_there)
{
    shown s = show_after(rows, (did[]){ { "ex", "choose", 0, 0, "1" }, { 0 } });
    assert_int_equal(chosen, 1);
    shown_done(&s);
    s = show_after(rows, (did[]){ { "ex", "choose", 0, 0, "2" }, { 0 } });
    assert_int_equal(chosen, -1);
    shown_done(&s);
}

static void uneven(ez_ui *ui) { ez_examples(ui, "a, b", EZ_OPTIONS("1", "2", "3")); }

TEST(rows_that_are_not_even_are_a_mistake)
{
    shown s = show(uneven);
    assert_has(shown_main(&s), "have 3 values");
    shown_done(&s);
}
