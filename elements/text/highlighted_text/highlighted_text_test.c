/* highlighted_text_test.c: categories, scores, and what becomes one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static void names(ez_ui *ui)
{
    ez_highlighted_text(ui, EZ_OPTIONS("<At> ", "Ada", "Lovelace", " in ", "London"), EZ_OPTIONS("", "who", "who", "", "where"),
        .combine_adjacent = true, .adjacent_separator = " ", .legend = true);
    ez_highlighted_text(ui, EZ_OPTIONS("a", "b"), EZ_OPTIONS("x", "x"), .hide_categories = true);
}

TEST(pieces_of_one_category_become_one_when_asked)
{
    shown s = show(names);
    const char *html = shown_main(&s);
    assert_has(html, "&lt;At&gt; <mark data-color=\"1\">Ada Lovelace<span class=\"ez-highlighted-text-category\">&nbsp;who</span></mark> in <mark data-color=\"2\">London");
    assert_has(html, "<li data-color=\"1\">who</li><li data-color=\"2\">where</li>");
    assert_has(html, "<mark data-color=\"1\">a<span class=\"ez-vh\">&nbsp;x</span></mark><mark data-color=\"1\">b");
    shown_done(&s);
}

static void scores(ez_ui *ui)
{
    double weight[] = { 0, 0.5, -2 };
    ez_highlighted_text(ui, EZ_OPTIONS("so ", "good", "bad"), NULL, .scores = weight);
}

TEST(a_score_says_its_sign_in_words_too)
{
    shown s = show(scores);
    assert_has(shown_main(&s), "so <mark data-color=\"1\" style=\"--ez-score:0.50\">good<span class=\"ez-highlighted-text-category\">&nbsp;+0.50</span></mark>");
    assert_has(shown_main(&s), "<mark data-color=\"2\" style=\"--ez-score:1.00\">bad<span class=\"ez-highlighted-text-category\">&nbsp;-1.00</span></mark>");
    shown_done(&s);
}

static void too_few(ez_ui *ui) { ez_highlighted_text(ui, EZ_OPTIONS("a", "b", "c"), EZ_OPTIONS("x", "y")); }

TEST(too_few_categories_are_a_mistake_at_the_spot)
{
    shown s = show(too_few);
    assert_has(shown_main(&s), "ez-mistake");
    assert_has(shown_main(&s), "3 pieces and 2 categories");
    shown_done(&s);
}
