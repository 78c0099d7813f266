/* form_test.c: forms and the buttons in one run. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static bool saved, second, clicked, off, cleared;

static void page(ez_ui *ui)
{
    ez_ui *form = ez_form(ui, "f", .clear_on_submit = true);
    ez_text_input(form, "Name", .key = "name");
    saved = ez_submit_button(form, "Save", .key = "save");
    second = ez_submit_button(form, "Save as draft", .secondary = true, .key = "draft");
    clicked = ez_button(ui, "Go", .key = "go");
    off = ez_button(ui, "Off", .key = "off", .disabled = true);
    cleared = ez_clear_button(ui, "Clear", "name, other", .kind = EZ_BUTTON_TERTIARY);
    ez_text_input(ui, "Other", .key = "other");
}

TEST(a_button_is_true_only_in_the_run_of_its_click)
{
    shown s = show(page);
    assert_false(clicked || saved || second || cleared);
    shown_done(&s);
    s = show_after(page, (did[]){ { "go", "click", 0, 0, NULL }, { 0 } });
    assert_true(clicked && !saved);
    shown_done(&s);
}

TEST(a_disabled_button_takes_no_click)
{
    shown s = show_after(page, (did[]){ { "off", "click", 0, 0, NULL }, { 0 } });
    assert_false(off);
    assert_has(shown_main(&s), " disabled");
    shown_done(&s);
}

TEST(a_form_is_submitted_by_the_button_that_was_pressed)
{
    char id[ID_CHARS + 1];
    id_print(run_key_id(run_page_scope("/"), "draft"), id);
    shown s = show_after(page, (did[]){ { "f", "submit", 0, 0, id }, { 0 } });
    assert_true(second && !saved);
    assert_has(shown_main(&s), "data-ez-form data-ez-clear");
    shown_done(&s);
}

TEST(a_clear_button_binds_its_click_without_a_function)
{
    shown s = show(page);
    assert_int_equal(s.r->bindings.list.count, 1);
    assert_null(s.r->bindings.list.at[0].fn);
    assert_string_equal(s.r->bindings.list.at[0].clears, "name, other");
    assert_lacks(shown_main(&s), "ez-mistake");
    shown_done(&s);
}

static void astray(ez_ui *ui)
{
    ez_submit_button(ui, "Lost");
    ez_ui *outer = ez_form(ui, "outer");
    ez_form(outer, "inner");
}

TEST(a_submit_button_outside_and_a_form_inside_a_form_are_mistakes)
{
    shown s = show(astray);
    assert_has(shown_main(&s), "stands in no form");
    assert_has(shown_main(&s), "forms cannot hold forms");
    shown_done(&s);
}
