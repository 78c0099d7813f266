/* field_test.c: how numbers are written, and what the parts of a field say to each other. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "field.h"
#include "../element_test.h"

static const char *figure(const char *format, int digits, double v)
{
    static char out[128];
    field_number(out, sizeof out, format, digits, v);
    return out;
}

TEST(a_number_is_written_by_its_format_with_the_words_around)
{
    assert_string_equal(figure("%.1f %%", -1, 12.345), "12.3 %");
    assert_string_equal(figure("%d:00", -1, 19), "19:00");
    assert_string_equal(figure("%+.2e", -1, 1234), "+1.23e+03");
    assert_string_equal(figure("%03d", -1, 7), "007");
    assert_string_equal(figure(NULL, 2, 0.5), "0.50");
    assert_string_equal(figure(NULL, -1, 0.1), "0.1");
}

TEST(a_format_needs_exactly_one_conversion_of_a_number)
{
    assert_true(field_format_valid(NULL));
    assert_true(field_format_valid("%5.2f km"));
    assert_true(field_format_valid("100 %% of %g"));
    assert_false(field_format_valid("%s"));
    assert_false(field_format_valid("no conversion"));
    assert_false(field_format_valid("%d of %d"));
    assert_false(field_format_valid("%n"));
    assert_false(field_format_valid("%"));
    assert_false(field_format_valid("%.999999f"));
}

TEST(digits_follow_the_step)
{
    assert_int_equal(field_digits(1), 0);
    assert_int_equal(field_digits(0.1), 1);
    assert_int_equal(field_digits(0.25), 2);
    assert_int_equal(field_digits(1000), 0);
}

static void labelled(ez_ui *ui)
{
    ez_text_input(ui, "Name & more", .help = "Who?", .key = "name", .required = true);
}

TEST(a_field_ties_label_help_and_reason_to_its_control)
{
    shown s = show(labelled);
    const char *html = shown_main(&s);
    assert_has(html, "Name &amp; more");
    char id[ID_CHARS + 1], part[128];
    id_print(run_key_id(run_page_scope("/"), "name"), id);
    snprintf(part, sizeof part, "<label for=\"%s-c\">", id);
    assert_has(html, part);
    snprintf(part, sizeof part, "id=\"%s-c\" aria-describedby=\"%s-e %s-help\"", id, id, id);
    assert_has(html, part);
    snprintf(part, sizeof part, "class=\"ez-invalid\" id=\"%s-e\"", id);
    assert_has(html, part);
    assert_has(html, " required");
    shown_done(&s);
}
