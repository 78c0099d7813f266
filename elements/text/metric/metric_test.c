/* metric_test.c: what shows, in one run: headings, links, metrics, code, messages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static void metrics(ez_ui *ui)
{
    ez_metric(ui, "Waste", "3 %", .delta = "-0.8 %", .inverse = true);
    ez_metric(ui, "Queue", "4", .delta = "+0.0 min");
    ez_metric(ui, "Sold", "9", .delta = "3");
}

TEST(a_change_has_a_direction_and_a_tone)
{
    shown s = show(metrics);
    assert_has(shown_main(&s), "data-state=\"down\" data-tone=\"ok\"");
    assert_has(shown_main(&s), "data-state=\"same\" data-tone=\"none\"");
    assert_has(shown_main(&s), "data-state=\"up\" data-tone=\"ok\"");
    shown_done(&s);
}

static void shows(ez_ui *ui)
{
    ez_title(ui, "One <script>");
    ez_header(ui, "Two", .level = 3, .anchor = "two");
    ez_text(ui, "*plain* <b>");
    ez_link(ui, "Here", "/about");
    ez_link(ui, "There", "javascript:alert(1)");
    ez_code(ui, "a < b;\nc;\n", .language = "c", .line_numbers = true);
    ez_error(ui, "Went **wrong**", .title = "Oh");
}

TEST(what_is_shown_is_escaped_and_addresses_are_safe)
{
    shown s = show(shows);
    const char *html = shown_main(&s);
    assert_has(html, "One &lt;script&gt;");
    assert_has(html, "<h3");
    assert_has(html, "href=\"#two\"");
    assert_has(html, "*plain* &lt;b&gt;");
    assert_has(html, "href=\"./about\"");
    assert_lacks(html, "javascript:");
    assert_has(html, "data-lang=\"c\">a &lt; b;");
    assert_has(html, ">1\n2</span>");
    assert_has(html, "role=\"alert\"");
    assert_has(html, "<strong>wrong</strong>");
    shown_done(&s);
}
