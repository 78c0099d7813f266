/* markdown_test.c: what Markdown becomes, and that a growing text looks at every step as if it were printed at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include "page/markdown.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void expect(const char *md, unsigned flags, const char *html)
{
    text out = { 0 };
    markdown_html(&out, md, strlen(md), flags);
    assert_string_equal(out.at ? out.at : "", html);
    text_done(&out);
}

static void expect_line(const char *md, unsigned flags, const char *html)
{
    text out = { 0 };
    markdown_line(&out, md, strlen(md), flags);
    assert_string_equal(out.at ? out.at : "", html);
    text_done(&out);
}

#define BAR(lang) "<div class=\"ez-code\"><div class=\"ez-code-bar\"><span class=\"ez-code-lang\">" lang "</span>" \
    "<button type=\"button\" class=\"ez-code-copy\" data-ez-copy>Copy</button></div><pre tabindex=\"0\"><code data-lang=\"" lang "\">"
#define END "</code></pre></div>"
#define OTHER " target=\"_blank\" rel=\"noopener noreferrer\""

TEST(markdown_prints_blocks_without_space_between_them)
{
    expect("# A\n\nb *c*\nd\n\n- e\n- f\n\n> g\n\n---\n", 0,
           "<h1>A</h1><p>b <em>c</em>\nd</p><ul><li>e</li><li>f</li></ul><blockquote><p>g</p></blockquote><hr>");
    expect("3. a\n\n4. b", 0, "<ol start=\"3\"><li><p>a</p></li><li><p>b</p></li></ol>");
    expect("", 0, "");
}

TEST(markdown_shows_raw_html_as_text)
{
    expect("<script>alert(1)</script>", 0, "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    expect("a <b onclick=x>b</b>", 0, "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>");
    expect("&#60;b&#62; &amp; &#0; &copy;", 0, "<p>&lt;b&gt; &amp; \xef\xbf\xbd &copy;</p>");
}

TEST(markdown_links_only_to_safe_addresses)
{
    expect("[a](https://x.org)", 0, "<p><a href=\"https://x.org\"" OTHER ">a</a></p>");
    expect("[a](b/c?d&e)", 0, "<p><a href=\"b/c?d&amp;e\">a</a></p>");
    expect("[a](mailto:a@b.c \"t\\\"\")", 0, "<p><a href=\"mailto:a@b.c\" title=\"t&quot;\">a</a></p>");
    expect("[a](//x.org)", 0, "<p><a href=\"//x.org\"" OTHER ">a</a></p>");
    static const char *const unsafe[] = { "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#10;script:alert(1)", "&#1;javascript:alert(1)",
        "data:text/html,x", "vbscript:x", "javascript&#58;alert(1)", "file:///etc/passwd", "&#x6A;avascript:x", "blob:x" };
    for (int i = 0; i < COUNT(unsafe); i++) {
        char md[80];
        snprintf(md, sizeof md, "[a](%s)", unsafe[i]);
        expect(md, 0, "<p>a</p>");
    }
    expect("[*a* b](https://x.org)", MARKDOWN_NO_LINKS, "<p><em>a</em> b</p>");
    expect("www.x.org", 0, "<p><a href=\"http://www.x.org\"" OTHER ">www.x.org</a></p>");
}

TEST(markdown_loads_no_picture_from_another_host)
{
    expect("![a *b*](c.png)", 0, "<p><img loading=\"lazy\" src=\"c.png\" alt=\"a b\"></p>");
    expect("![a](https://x.org/p.png)", 0, "<p><a href=\"https://x.org/p.png\"" OTHER ">a</a></p>");
    expect("[![a](https://x.org/p.png)](https://y.org)", 0, "<p><a href=\"https://y.org\"" OTHER ">a</a></p>");
    expect("![a](data:image/png;base64,x)", 0, "<p>a</p>");
}

TEST(markdown_prints_code_with_language_and_copy_button)
{
    expect("```c++ x\nint a < b;\n\n```\n", 0, BAR("c++") "int a &lt; b;" END);
    expect("~~~\"><b\nx\n~~~", 0, BAR("") "x" END);
    expect("    a\n    b\n", 0, BAR("") "a\nb" END);
    text out = { 0 };
    markdown_code(&out, "int a;\n\n", 8, "c");
    assert_string_equal(out.at, BAR("c") "int a;" END);
    text_done(&out);
}

TEST(markdown_prints_tables_tasks_deletions_and_math)
{
    expect("a|b\n---|:---:\n1|2\n", 0, "<div class=\"ez-table-wrap\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">a</th><th scope=\"col\" data-align=\"center\">b</th></tr></thead>"
           "<tbody><tr><td>1</td><td data-align=\"center\">2</td></tr></tbody></table></div>");
    expect("- [x] a\n- [ ] ~~b~~", 0, "<ul><li class=\"ez-task\"><span class=\"ez-check\" role=\"img\" aria-label=\"done\" data-done></span>a</li>"
           "<li class=\"ez-task\"><span class=\"ez-check\" role=\"img\" aria-label=\"open\"></span><del>b</del></li></ul>");
    expect("$x<y$ and $$z$$", 0, "<p><code class=\"ez-math\">x&lt;y</code> and <code class=\"ez-math\" data-display>z</code></p>");
}

TEST(markdown_keeps_line_breaks_and_demotes_headings_when_asked)
{
    expect("a\nb", MARKDOWN_BREAKS, "<p>a<br>b</p>");
    expect("# a\n\n##### b", MARKDOWN_DEMOTE, "<h3>a</h3><h6>b</h6>");
}

TEST(markdown_line_prints_no_blocks)
{
    expect_line("1. **Name** `x`", 0, "1. <strong>Name</strong> <code>x</code>");
    expect_line("# a\nb <i>", 0, "# a b &lt;i&gt;");
    expect_line("_a_ [b](c)", 0, "<em>a</em> <a href=\"c\">b</a>");
    expect_line("_a_ [b](c)", MARKDOWN_NO_LINKS, "<em>a</em> b");
    expect_line("", 0, "");
    expect_line("- a\n\n- b", 0, "- a  - b");
}

/* ---- a small document model: what a browser would hold -------------------------------------------------------------- */

typedef struct dom { const char *tag; size_t tag_count; text characters; LIST(struct dom *) kids; } dom;    /* tag NULL: characters */

static dom *dom_new(const char *tag, size_t count)
{
    dom *d = mem_alloc(sizeof *d);
    d->tag = tag ? mem_copy(tag, count) : NULL;
    d->tag_count = count;
    return d;
}

static void dom_free(dom *d)
{
    for (int i = 0; i < d->kids.count; i++) dom_free(d->kids.at[i]);
    list_done(&d->kids);
    text_done(&d->characters);
    mem_free((void *)d->tag);
    mem_free(d);
}

static bool dom_leaf(const char *tag) { return !strncmp(tag, "<br", 3) || !strncmp(tag, "<hr", 3) || !strncmp(tag, "<img", 4); }

static const char *dom_characters(text *out, const char *s)
{
    static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
    if (*s == '&')
        for (int i = 0; i < COUNT(names); i++)
            if (!strncmp(s, names[i], strlen(names[i]))) {
                text_putc(out, "&<>\"'"[i]);
                return s + strlen(names[i]);
            }
    if (*s == '&') {                          /* an entity that only browsers know: something that plain text cannot be */
        text_putc(out, 1);
        s++;
    }
    text_putc(out, *s);
    return s + 1;
}

/* Reads well-formed markup; fails the test when tags do not match. */
static const char *dom_read(dom *into, const char *s)
{
    while (*s) {
        if (s[0] == '<' && s[1] == '/') {
            size_t n = strcspn(s + 2, ">");
            if (!into->tag) fail_msg("a tag too many is closed: %s", s);
            assert_true(!strncmp(into->tag + 1, s + 2, n) && strchr(" >", into->tag[1 + n]));
            return s + 2 + n + 1;
        }
        if (*s == '<') {
            size_t n = strcspn(s, ">");
            assert_int_equal(s[n], '>');
            dom *d = dom_new(s, n + 1);
            *list_add(&into->kids) = d;
            s = dom_leaf(s) ? s + n + 1 : dom_read(d, s + n + 1);
            continue;
        }
        dom *last = into->kids.count ? into->kids.at[into->kids.count - 1] : NULL;
        if (!last || last->tag) *list_add(&into->kids) = last = dom_new(NULL, 0);
        s = dom_characters(&last->characters, s);
    }
    if (into->tag) fail_msg("not closed: %.*s", (int)into->tag_count, into->tag);
    return s;
}

static void dom_print(text *out, const dom *d)
{
    if (d->tag) text_add(out, d->tag, d->tag_count);
    text_add(out, d->characters.at ? d->characters.at : "", d->characters.count);
    for (int i = 0; i < d->kids.count; i++) dom_print(out, d->kids.at[i]);
    if (d->tag) text_puts(out, "</>");
}

/* The operations as docs/wire.md words them. */
static void dom_text(dom *end, const text *characters)
{
    while (end->kids.count && end->kids.at[end->kids.count - 1]->tag) end = end->kids.at[end->kids.count - 1];
    assert_true(!end->tag || !dom_leaf(end->tag));
    if (!end->kids.count) *list_add(&end->kids) = dom_new(NULL, 0);
    text_add(&end->kids.at[end->kids.count - 1]->characters, characters->at, characters->count);
}

static void dom_tail(dom *end, int keep, const text *html)
{
    assert_true(keep <= end->kids.count);
    while (end->kids.count > keep) {
        dom_free(end->kids.at[end->kids.count - 1]);
        end->kids.count--;
    }
    dom rest = { 0 };
    dom_read(&rest, html->at ? html->at : "");
    for (int i = 0; i < rest.kids.count; i++) *list_add(&end->kids) = rest.kids.at[i];
    list_done(&rest.kids);
}

/* ---- streams ------------------------------------------------------------------------------------------------------------ */

typedef struct tally { int steps, texts, tails; size_t bytes; } tally;

static void compare(const char *md, size_t count, const dom *page, const text *html, const char *what)
{
    text is = { 0 }, should = { 0 };
    dom whole = { 0 };
    dom_read(&whole, html->at ? html->at : "");
    dom_print(&is, page);
    dom_print(&should, &whole);
    if (is.count != should.count || (is.count && memcmp(is.at, should.at, is.count)))
        fail_msg("after %zu bytes of:\n%.*s\n--- the page shows\n%s\n--- and %s\n%s", count, (int)count, md, is.at, what, should.at);
    for (int i = 0; i < whole.kids.count; i++) {
        assert_non_null(whole.kids.at[i]->tag);                 /* every block is one element */
        dom_free(whole.kids.at[i]);
    }
    list_done(&whole.kids);
    text_done(&is), text_done(&should);
}

static void step(markdown_stream *s, dom *page, const char *md, size_t count, bool more, tally *t)
{
    text out = { 0 };
    int keep;
    size_t shown = s->shown;
    markdown_op op = markdown_stream_next(s, md, count, more, &out, &keep);
    if (op == MARKDOWN_TEXT) dom_text(page, &out);
    if (op == MARKDOWN_TAIL) dom_tail(page, keep, &out);
    t->steps++;
    t->texts += op == MARKDOWN_TEXT;
    t->tails += op == MARKDOWN_TAIL;
    t->bytes += out.count;
    text_done(&out);

    text html = { 0 };
    markdown_stream_html(s, md, &html);
    compare(md, count, page, &html, "a late view");
    text_clear(&html);
    if (more) markdown_growing(&html, md, count, s->flags);
    else markdown_html(&html, md, utf8_whole(md, count), s->flags);
    if (op != MARKDOWN_SAME || s->shown != shown) compare(md, count, page, &html, "should");
    text_done(&html);
}

static tally grow(const char *md, size_t count, unsigned flags, bool more, unsigned *seed, int most)
{
    markdown_stream s = { .flags = flags };
    dom *page = dom_new(NULL, 0);
    tally t = { 0 };
    for (size_t at = 0; at < count;) {
        at += 1 + (size_t)rand_r(seed) % (size_t)most;
        step(&s, page, md, at < count ? at : count, at < count && more, &t);
    }
    dom_free(page);
    markdown_stream_done(&s);
    return t;
}

static const char *const samples[] = {
    "The capital of France is Paris. It lies on the Seine, has two million inhabitants - and is well-known.\n\nA second paragraph "
    "follows, with **bold text**, *emphasis*, `code` and a [link](https://example.org \"title\").\nA soft break.  \nA hard one\\\ntoo.\n",
    "Here are the steps:\n\n1. **First**: do this, then that.\n2. Second, with `code`:\n\n   ```bash\n   $ make run\n\n   # done\n   ```\n\n3. Third\n   - nested one\n"
    "   - nested two\n     over two lines\n\nAfter the list.\n\n- a\n- b\n\n- c is loose\n\nEnd of it.\n\n* other\n+ marks\n\n10. ten\n",
    "```python\ndef f(x):\n    # a comment\n\n    return x[1:]  # <b>\n\n\nprint(f('a & b'))\n```\n\nThe function returns a slice.\n\n```\nunclosed fence\n\n    x\n",
    "| Name | Value |\n|:-----|------:|\n| a | 1 |\n| b | 2 | 3 |\n| c |\nlazy row\n```\nswallowed\n\n```\nx\n\ny\n\n| one |\n|---|\n| d |\n\ntext after",
    "- a\n\n  ```\n  code\nb\n```\n\nx\n\n```\ny\n",
    "- ```\n  in an item\n  ```\n- ```\nended\n\nz\n\n    indented\n\n    code\n\n  and text\n\n\tcode by tab\n",
    "Title\n=====\n\nSub\n---\n\nfoo\n- list\n\n---\n\n***\n\n# One # \n\n## Two\nthree\n\n#### Four ####\n",
    "See [the page][a] and [b].\n\nMore text here, a long one.\n\n[a]: https://a.org \"A\"\n[b]: <b.html>\n\nAnd [a] again.\n",
    "> quote\n> - item\n>   more\nlazy\n\n> second\n\n> > deep\n> ```\n> code\n\nafter\n\n> ```\nout\n",
    "Unicode: ä ö ü ß, 日本語のテキスト、, emoji 🦙🦙 and ‮rtl‬ عربى *été*été _été_été **日本**語.\n\nA&amp;B &lt;tag&gt; &copy; &nosuch; &#65; &#x1F999; AT&T\n",
    "www.example.org and http://example.org/a_b_c?d=e&f, mail me@example.org.\n\n$a_b$ costs $5, or 6$ and $$\nx^2\n$$ done ~~gone~~ ~x~.\n",
    "- [ ] open\n- [x] done\n- [X] done too\n- [y] none\n\n1) a\n2) b\n1. c\n\n\n\n\nd\n\n***bold em*** __bold__ _a_b_ *a *b* **c\n",
    "a\r\nb\r\n\r\nc\r\n- d\r\n\r\ne\rf\n\n  g\n   h\n    i\n\n <b>j</b>\n\n<div>\n\nk\n\n</div>\n",
    "![pic](a.png) and ![far](https://x.org/p.png) and [![in](b.png)](c)\n\n![unfinished](d\n\n[x](javascript:alert(1)) <https://y.org> <me@y.org>\n",
    "-\n\n  a\n\n-   b\n\n      c\n\n  d\n\n1.\n   e\n\n0. f\n\n123456789. g\n\n1234567890. h\n\n- - - i\n\n- # h\n  ---\n",
    "foo|bar\n---|---\nbaz\n\n|a|b|c|\n|---|---|---|\n|d words go on here\n\n```sh info words\necho\n```  \n~~~ x\n```\n~~~~\nnext",
};

TEST(markdown_grows_as_if_it_were_printed_at_once)
{
    unsigned seed = 7;
    for (int round = 0; round < 40; round++)
        for (int i = 0; i < COUNT(samples); i++)
            grow(samples[i], strlen(samples[i]), round % 4, round % 5 > 0, &seed, round % 3 == 0 ? 1 : round % 3 == 1 ? 7 : 40);
}

/* Texts glued together from what is special to somebody. */
TEST(markdown_grows_right_whatever_stands_beside_what)
{
    static const char *const pieces[] = { "\n", "\n", "\n\n", "\n\n", " ", "  ", "    ", "\t", "a", "word", " words go", " on, and", "- ", "* ", "+ ", "1. ", "2) ", "7", "# ", "> ",
        "```", "```c\n", "\n```\n", "~~~", "`", "``", "*", "**", "_", "__", "~", "~~", "[", "]", "(", ")", "](", "]: ", "[a]", "[a]: b\n", "!", "![", "<", ">", "</p>", "&", ";", "&amp;", "&lt;",
        "|", "|---|", "---|---\n", "---", "===", "\n---\n", "$", "$$", "\\", "\\\n", "www.", "x.org", "http://", "@", ".", ":", "é", "日本", "🦙", "\r\n", "[x] ", "\xc2\xa0", "\"", "'" };
    unsigned seed = 11;
    for (int i = 0; i < 4000; i++) {
        text md = { 0 };
        for (int n = 3 + rand_r(&seed) % 30; n > 0; n--) text_puts(&md, pieces[rand_r(&seed) % COUNT(pieces)]);
        grow(md.at, md.count, i % 4, i % 3 > 0, &seed, i % 2 ? 2 : 6);
        text_done(&md);
    }
}

TEST(markdown_sends_mostly_characters_and_forgets_closed_blocks)
{
    text md = { 0 };
    for (int i = 0; i < 200; i++)
        text_puts(&md, "The quick brown fox jumps over the lazy dog, and goes on to do it again, as it is told to. Then it rests.\n\n"
                       "```c\nint main(void)\n{\n    return 0;\n}\n```\n\n");
    markdown_stream s = { 0 };
    text out = { 0 };
    int keep, tails = 0, texts = 0;
    size_t most = 0;
    for (size_t at = 4; at < md.count; at += 4) {
        markdown_op op = markdown_stream_next(&s, md.at, at, true, &out, &keep);
        tails += op == MARKDOWN_TAIL;
        texts += op == MARKDOWN_TEXT;
        if (s.html.count > most) most = s.html.count;
    }
    assert_true(texts > 4 * tails);
    assert_true(most < 1500);                                   /* the open block, not the text */
    if (out.count > 8 * md.count) fail_msg("%zu bytes for %zu, %d tails, %d texts", out.count, md.count, tails, texts);
    assert_true(s.nodes >= 398);
    markdown_stream_done(&s);
    text_done(&out), text_done(&md);
}

static void expect_growing(const char *md, const char *html)
{
    text out = { 0 };
    markdown_growing(&out, md, strlen(md), 0);
    assert_string_equal(out.at ? out.at : "", html);
    text_done(&out);
}

TEST(markdown_that_grows_does_not_flicker)
{
    expect_growing("a **", "<p>a</p>");
    expect_growing("a **bo", "<p>a <strong>bo</strong></p>");
    expect_growing("a **bold*", "<p>a <strong>bold</strong></p>");
    expect_growing("use `gcc -", "<p>use <code>gcc</code></p>");
    expect_growing("2 ** 3 and 2**3", "<p>2 ** 3 and 2**3</p>");
    expect_growing("a\n-", "<p>a</p>");
    expect_growing("a\n\n1", "<p>a</p>");
    expect_growing("a\n\n1. ", "<p>a</p>");
    expect_growing("```c\nchar **a", BAR("c") "char **a" END);
    expect_growing("```c\nx\n``", BAR("c") "x" END);
    expect_growing("a\n\n| b | c", "<p>a</p>");
    expect_growing("a\n\n| b | c |\n|---|-", "<p>a</p>");
    expect_growing("| b\n| c - d", "<p>| b\n| c - d</p>");
}

TEST(markdown_bounds_the_nesting)
{
    text md = { 0 }, out = { 0 };
    for (int i = 0; i < 3000; i++) text_puts(&md, "> ");
    text_puts(&md, "deep\n\n");
    for (int i = 0; i < 1000; i++) text_puts(&md, "*a **b ");
    for (int i = 0; i < 1000; i++) text_puts(&md, "c** d* ");
    markdown_html(&out, md.at, md.count, 0);
    dom page = { 0 };
    dom_read(&page, out.at);
    int depth = 0, most = 0;
    for (const char *s = out.at; *s; s++) {
        if (*s == '<' && s[1] == '/') depth--;
        else if (*s == '<') depth++;
        if (depth > most) most = depth;
    }
    assert_true(most > 10 && most <= 60);
    assert_non_null(strstr(out.at, "deep"));
    for (int i = 0; i < page.kids.count; i++) dom_free(page.kids.at[i]);
    list_done(&page.kids);
    text_done(&md), text_done(&out);
}
