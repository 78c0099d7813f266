/* dataframe_test.c: rows of a record and cells of text. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"
#include <math.h>

typedef struct { const char *name; char code[4]; int count; long long big; double part; bool on; ez_date day; } thing;
EZ_RECORD(thing,
    EZ_FIELD(thing, name, .label = "Name <b>"), EZ_FIELD(thing, code), EZ_FIELD(thing, count, .format = "%d pcs"), EZ_FIELD(thing, big),
    EZ_FIELD(thing, part, .format = "%.1f %%"), EZ_FIELD(thing, on), EZ_FIELD(thing, day));

static void things(ez_ui *ui)
{
    thing rows[] = { { "a & b", { 'w', 'x', 'y', 'z' }, 3, 9007199254740991, 12.345, true, { 2026, 2, 3 } }, { NULL, "", -1, 0, NAN, false, { 0, 0, 0 } } };
    ez_dataframe(ui, ez_list_over(ui, &thing_record, rows, 2));
}

TEST(a_dataframe_writes_each_field_as_its_kind_and_format_say)
{
    shown s = show(things);
    const char *html = shown_main(&s);
    assert_has(html, ">Name &lt;b&gt;</button></th>");
    assert_has(html, "<td>a &amp; b</td><td>wxyz</td><td data-kind=\"number\" data-v=\"3\">3 pcs</td><td data-kind=\"number\" data-v=\"9007199254740991\">9007199254740991</td>"
                     "<td data-kind=\"number\" data-v=\"12.345\">12.3 %</td>");
    assert_has(html, "<span class=\"ez-vh\">yes</span></td><td data-kind=\"date\">2026-02-03</td></tr>");
    assert_has(html, "<td></td><td></td><td data-kind=\"number\" data-v=\"-1\">-1 pcs</td>");
    assert_has(html, "<td data-kind=\"number\"></td><td data-kind=\"bool\" data-v=\"0\"><span class=\"ez-vh\">no</span></td><td data-kind=\"date\"></td>");
    assert_lacks(html, "ez-dataframe-note");
    shown_done(&s);
}

static void texts(ez_ui *ui)
{
    ez_dataframe(ui, NULL, .columns = EZ_OPTIONS("n", "t"), .cells = EZ_OPTIONS("10", "x", "", "1", "9", "2b"), .max_rows = 2, .no_sort = true);
    ez_dataframe(ui, NULL, .columns = EZ_OPTIONS("n", "t"), .cells = EZ_OPTIONS("10"));
    ez_dataframe(ui, ez_list_over(ui, &thing_record, NULL, 7));
}

TEST(a_column_of_texts_is_one_of_numbers_when_all_are)
{
    shown s = show(texts);
    const char *html = shown_main(&s);
    assert_has(html, "<th scope=\"col\" data-kind=\"number\">n</th><th scope=\"col\">t</th>");
    assert_has(html, "<tr><td data-kind=\"number\" data-v=\"10\">10</td><td>x</td></tr><tr><td></td><td>1</td></tr></tbody>");
    assert_has(html, "The first 2 of 3 rows.");
    assert_has(html, "2 columns and 1 cells");
    assert_has(html, "No rows.");
    shown_done(&s);
}

static void bounds(ez_ui *ui)
{
    thing rows[2] = { { .count = 1 }, { .count = 2 } };
    ez_list *l = ez_list_over(ui, &thing_record, rows, 2);
    ez_text(ui, ez_fmt(ui, "%d %d %d %d", ez_list_count(l), ((thing *)ez_list_at(l, 1))->count, ez_list_at(l, 2) == NULL, ez_list_at(l, -1) == NULL));
}

TEST(a_list_over_rows_gives_each_and_nothing_beyond)
{
    shown s = show(bounds);
    assert_has(shown_main(&s), "2 2 1 1");
    shown_done(&s);
}
