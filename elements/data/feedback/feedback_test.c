/* feedback_test.c: what visitors said, page by page, and only for those who may read it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../../element_test.h"

static void said(ez_ui *ui) { ez_feedback(ui, .per_page = 2, .key = "said"); }
static void said_to_anyone(ez_ui *ui) { ez_feedback(ui, .per_page = 2, .anyone = true, .key = "said"); }

/* Three rows, the newest first. */
static bool three(void *data, const store_feedback_range *range, store_feedback_each *each, void *to, int64_t *total, ez_err *err)
{
    static const store_feedback rows[] = {
        { "s", "visitor-of-three", "m", "", "{\"a\":3}", "{\"b\":<3>}", 0, 1800000000000, "sum", "wrong" },
        { "s", "anna", "m", "smol", "why?", "because", -1, 1700000000000, "", "" },
        { "s", "bert", "m", "smol", "how?", "so", 1, 1600000000000, "", "" },
    };
    (void)data, (void)err;
    for (int64_t i = range->from; i < COUNT(rows) && i < range->from + range->most; i++) each(to, &rows[i]);
    *total = COUNT(rows);
    return true;
}

static bool fails(void *data, const store_feedback_range *range, store_feedback_each *each, void *to, int64_t *total, ez_err *err)
{
    (void)data, (void)range, (void)each, (void)to, (void)total;
    return error_set(err, EZ_FAILED, "the file cannot be read");
}

static shown show_with(ez_fn *page, const run_host *host)
{
    shown s = { .r = run_new(RUN_PAGE, page, host) };
    s.r->path = "/";
    s.r->scope = run_page_scope("/");
    s.r->before = tree_new();
    run_execute(s.r);
    s.t = run_peek(s.r, true, 1);
    tree_print(s.t, ROOT_MAIN, &(tree_resolver){ 0 }, &s.html[ROOT_MAIN]);
    return s;
}

TEST(what_visitors_said_is_shown_page_by_page)
{
    static const run_host host = { .build = "test", .feedback = three };
    shown s = show_with(said, &host);
    const char *html = shown_main(&s);
    assert_has(html, "<td>2027-01-15 08:00</td><td>sum</td><td>wrong</td><td>{&quot;a&quot;:3}</td><td>{&quot;b&quot;:&lt;3&gt;}</td><td></td><td>visito</td>");
    assert_has(html, "<td>answer</td><td>bad</td><td>why?</td><td>because</td><td>smol</td><td>anna</td>");
    assert_lacks(html, "bert");
    assert_has(html, "1 to 2 of 3");
    shown_done(&s);
}

TEST(what_visitors_said_is_not_for_everybody)
{
    static const run_host reached = { .build = "test", .feedback = three, .hides_details = true };
    shown s = show_with(said, &reached);
    assert_lacks(shown_main(&s), "why?");
    assert_has(shown_main(&s), "easel feedback export");
    shown_done(&s);
    s = show_with(said_to_anyone, &reached);
    assert_has(shown_main(&s), "why?");
    shown_done(&s);
}

TEST(feedback_that_cannot_be_read_says_why)
{
    static const run_host host = { .build = "test", .feedback = fails };
    shown s = show_with(said, &host);
    assert_has(shown_main(&s), "the file cannot be read");
    shown_done(&s);
    s = show(said);
    assert_has(shown_main(&s), "Nobody has said anything yet.");
    shown_done(&s);
}
