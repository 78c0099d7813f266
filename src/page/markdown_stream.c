/* markdown_stream.c: what to change on a page while a Markdown text grows.
 *
 * A text is cut where nothing to come can change what stands before: at a line that begins at the margin after an empty
 * line, outside a fence, and does not continue a list. A cut counts only when both halves printed alone are the whole.
 * What follows the last cut is the open block; it is printed again, compared with what is on the page, and when the new
 * one is the old one with characters put in at its end, these alone travel. Words in the middle of a sentence are seen
 * without printing. A text that goes on is shown without the marks at its end and with bold text and code closed, so that
 * nothing flickers. One thing reaches back over cuts, a link definition; a text in which one may be is one open block. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/markdown.h"
#include <string.h>

/* ---- lines ------------------------------------------------------------------------------------------------------ */

typedef struct line { const char *at; size_t count; int indent; } line;    /* at: its first character that is no blank */

static line line_read(const char *md, size_t count, size_t *next)
{
    size_t i = *next, indent = 0;
    while (i < count && (md[i] == ' ' || md[i] == '\t')) indent += md[i++] == '\t' ? 4 - indent % 4 : 1;
    line l = { md + i, 0, (int)(indent > 1000 ? 1000 : indent) };
    while (i < count && md[i] != '\n' && md[i] != '\r') i++;
    l.count = (size_t)(md + i - l.at);
    if (i < count && md[i] == '\r') i++;
    if (i < count && md[i] == '\n') i++;
    *next = i;
    return l;
}

static size_t run_of(const line *l, char c)
{
    size_t n = 0;
    while (n < l->count && l->at[n] == c) n++;
    return n;
}

/* How long the fence is that this line opens; 0: none. */
static size_t fence_opens(const line *l, char *mark)
{
    *mark = l->count ? *l->at : 0;
    if (l->indent > 3 || (*mark != '`' && *mark != '~')) return 0;
    size_t n = run_of(l, *mark);
    return n < 3 || (*mark == '`' && memchr(l->at + n, '`', l->count - n)) ? 0 : n;
}

static bool fence_closes(const line *l, char mark, size_t length)
{
    size_t n = l->indent > 3 ? 0 : run_of(l, mark);
    if (n < length) return false;
    while (n < l->count && (l->at[n] == ' ' || l->at[n] == '\t')) n++;
    return n == l->count;
}

/* May the line be, or become, an item of a list? A whole line is judged as it stands, one that grows by what it may be. */
static bool list_item(const line *l, bool grows)
{
    size_t n = 0;
    if (l->count && strchr("-*+", *l->at)) n = 1;
    else {
        while (n < l->count && n < 10 && l->at[n] >= '0' && l->at[n] <= '9') n++;
        if (n == 0) return false;
        if (n == l->count) return grows;
        if (l->at[n] != '.' && l->at[n] != ')') return false;
        n++;
    }
    return n == l->count || l->at[n] == ' ' || l->at[n] == '\t';
}

/* ---- cuts ------------------------------------------------------------------------------------------------------- */

/* The last place in md where everything before it seems closed; 0: none. */
static size_t last_cut(const char *md, size_t count)
{
    size_t cut = 0, fence = 0;
    bool empty = false, list = false;
    char mark = 0;
    for (size_t next = 0; next < count;) {
        size_t start = next;
        line l = line_read(md, count, &next);
        if (fence) {
            if (fence_closes(&l, mark, fence)) fence = 0;
            empty = false;
            continue;
        }
        bool item = l.indent < 4 && list_item(&l, next == count);
        if (l.count && l.indent == 0 && empty && !(list && item)) {
            cut = start;
            list = false;
        }
        list |= item;
        empty = l.count == 0;
        fence = fence_opens(&l, &mark);
    }
    return cut;
}

/* A link definition: a line that begins with "[", apart from marks of lists and quotes, and "]:" before an empty line. */
static bool may_define(const char *md, size_t count)
{
    bool bracket = false;
    for (size_t next = 0; next < count;) {
        line l = line_read(md, count, &next);
        size_t i = 0;
        while (i < l.count && strchr(" \t>-*+0123456789.)", l.at[i])) i++;
        if (!l.count) bracket = false;
        bracket |= i < l.count && l.at[i] == '[';
        if (bracket && l.count > 1 && memmem(l.at, l.count, "]:", 2)) return true;
    }
    return false;
}

/* Nodes at the top of our own markup, in which ">" and "<" stand for tags only. */
static int count_nodes(const text *html)
{
    int nodes = 0, depth = 0;
    for (const char *s = html->at; s && (s = strchr(s, '<')); s++) {
        bool leaf = !strncmp(s, "<br", 3) || !strncmp(s, "<hr", 3) || !strncmp(s, "<img", 4);
        if (s[1] == '/') depth--;
        else {
            nodes += depth == 0;
            depth += !leaf;
        }
    }
    return nodes;
}

/* Prints what follows a cut. md4c 0.4.8 reads a list that begins a text in another way than one that follows something
 * (`md_analyze_line` looks at the block before), so something comes before it, which is taken away again. */
static void print_part(text *out, const char *md, size_t count, unsigned flags, bool first)
{
    static const char rule[] = "***\n\n", printed[] = "<hr>";
    if (first) {
        markdown_html(out, md, count, flags);
        return;
    }
    text source = { 0 };
    size_t from = out->count, n = sizeof printed - 1;
    text_puts(&source, rule);
    text_add(&source, md, count);
    markdown_html(out, source.at, source.count, flags);
    memmove(out->at + from, out->at + from + n, out->count + 1 - from - n);
    out->count -= n;
    text_done(&source);
}

/* Moves what a cut closes out of the open block, whose source this is. */
static void close_blocks(markdown_stream *s, const text *source)
{
    size_t cut = s->whole ? 0 : last_cut(source->at, source->count);
    if (!cut || s->closed + cut >= s->shown) return;
    text halves = { 0 };
    print_part(&halves, source->at, cut, s->flags, s->closed == 0);
    size_t front = halves.count;
    int nodes = count_nodes(&halves);
    print_part(&halves, source->at + cut, source->count - cut, s->flags, false);
    if (halves.count == s->html.count && (!halves.count || !memcmp(halves.at, s->html.at, halves.count))) {
        s->closed += cut;
        s->nodes += nodes;
        if (front) memmove(s->html.at, s->html.at + front, s->html.count + 1 - front);
        s->html.count -= front;
    }
    text_done(&halves);
}

/* ---- the end, where characters may be added ------------------------------------------------------------------------ */

/* Before the closing tags at the end, where the operation `text` puts characters; SIZE_MAX when it would put them elsewhere. */
static size_t find_end(const text *html)
{
    size_t end = html->count;
    while (end && html->at[end - 1] == '>') {
        size_t tag = end - 1;
        while (tag && html->at[tag] != '<') tag--;
        if (html->at[tag + 1] != '/') {
            const char *t = html->at + tag;
            bool leaf = !strncmp(t, "<br", 3) || !strncmp(t, "<hr", 3) || !strncmp(t, "<img", 4);
            return leaf ? SIZE_MAX : end;
        }
        end = tag;
    }
    return end ? end : SIZE_MAX;
}

/* Turns escaped text back into characters; false when it holds a tag or an entity that only a browser knows. */
static bool unescape(text *out, const char *s, size_t count)
{
    static const struct { const char *name; char c; } named[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&#39;", '\'' } };
    for (size_t i = 0; i < count;) {
        if (s[i] == '<') return false;
        if (s[i] != '&') { text_putc(out, s[i++]); continue; }
        int k = 0;
        while (k < COUNT(named) && (strlen(named[k].name) > count - i || memcmp(s + i, named[k].name, strlen(named[k].name)))) k++;
        if (k == COUNT(named)) return false;
        text_putc(out, named[k].c);
        i += strlen(named[k].name);
    }
    return true;
}

/* Is `now` what was with something put in at its end? Then that is added to out. */
static bool only_added(const text *was, size_t end, const text *now, text *out)
{
    if (!was->count || end == SIZE_MAX || now->count < was->count) return false;
    size_t tail = was->count - end, added = now->count - was->count;
    if (memcmp(was->at, now->at, end) || memcmp(was->at + end, now->at + end + added, tail)) return false;
    size_t before = out->count;
    if (unescape(out, now->at + end, added)) return true;
    out->count = before;
    if (out->at) out->at[before] = 0;
    return false;
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* Bytes of words. The first bytes of the wide spaces are none: a mark beside a space is no mark. */
static bool plain(char c)
{
    return letter(c) || (c >= '0' && c <= '9') || (c && strchr("-,?%", c)) || ((unsigned char)c >= 0x80 && !strchr("\xc2\xe1\xe2\xe3", c));
}

/* Does a line, its last word complete or not, hold a word of letters, and nothing for which the line's end matters? */
static bool in_prose(const char *s, size_t count)
{
    bool word = false;
    for (size_t i = 0, from = 0; i <= count; i++) {
        if (i < count && s[i] == '|') return false;
        if (i + 2 < count && (s[i] == '`' || s[i] == '~') && s[i + 1] == s[i] && s[i + 2] == s[i]) return false;
        if (i < count && s[i] != ' ') continue;
        size_t j = from;
        while (j < i && letter(s[j])) j++;
        word |= j == i && i > from;
        from = i + 1;
    }
    return word;
}

/* Words that go on a sentence change nothing but its end: no mark of Markdown in them or right before them, and the place
 * where the last word stands in the source is the place where characters are added on the page. */
static bool plain_words(const markdown_stream *s, const char *md, size_t count)
{
    if (s->end == SIZE_MAX || s->whole || !s->shown || md[count - 1] == ' ' || md[count - 1] == '-') return false;
    for (size_t i = s->shown; i < count; i++)
        if (!plain(md[i]) && md[i] != ' ') return false;
    size_t from = s->shown, word;
    while (from > s->closed && md[from - 1] != '\n' && md[from - 1] != '\r') from--;
    for (word = s->shown; word > from && plain(md[word - 1]); word--) {}
    if (word == s->shown || (word > from && md[word - 1] != ' ')) return false;
    size_t length = s->shown - word;
    return in_prose(md + from, s->shown - from) && s->end >= length && !memcmp(s->html.at + s->end - length, md + word, length);
}

static void insert_at_end(markdown_stream *s, const char *at, size_t count)
{
    size_t tail = s->html.count - s->end;
    text_add(&s->html, at, count);
    memmove(s->html.at + s->end + count, s->html.at + s->end, tail);
    memcpy(s->html.at + s->end, at, count);
    s->end += count;
}

/* ---- what waits, what is completed ------------------------------------------------------------------------------------- */

enum { WAITS = 300 };                         /* so many bytes at most */

static size_t line_start(const char *md, size_t count)
{
    while (count && md[count - 1] != '\n') count--;
    return count;
}

/* Without marks and blanks at the end, and without a number that begins a line. */
static size_t without_marks(const char *md, size_t count)
{
    for (;;) {
        size_t was = count;
        while (count && strchr(" \t\r\n*_`~#>|-+=$!\\<[&:", md[count - 1]) && md[count - 1]) count--;
        size_t n = count;
        if (n && (md[n - 1] == '.' || md[n - 1] == ')')) n--;
        size_t digits = n;
        while (n && md[n - 1] >= '0' && md[n - 1] <= '9') n--;
        size_t start = n;
        while (start && (md[start - 1] == ' ' || md[start - 1] == '\t')) start--;
        if (n < digits && start && md[start - 1] == '\n') count = start;
        if (count == was) return count;
    }
}

/* The head of a table waits for its second line, which says that it is one. As long as that may do so it is marks alone, which wait, too. */
static size_t without_head(const char *md, size_t count)
{
    size_t start = line_start(md, count);
    bool first = start == 0 || (start > 1 && md[start - 2] == '\n');
    return first && md[start] == '|' ? start : count;
}

/* Walks a paragraph; what would close the code or the bold text that is open at its end. */
static const char *completion_of(const char *s, size_t count)
{
    bool bold = false;
    for (size_t i = 0; i < count; i++) {
        bool begins = i == 0 || strchr(" \t\n(\"", s[i - 1]);
        if (s[i] == '\\') i++;
        else if (s[i] == '`') {
            size_t n = 1, to;
            while (i + n < count && s[i + n] == '`') n++;
            for (to = i + n; to < count; to++) {
                size_t m = 0;
                while (to + m < count && s[to + m] == '`') m++;
                if (m == n) break;
                if (m) to += m - 1;
            }
            if (to >= count) return n == 1 && begins ? "`" : "";
            i = to + n - 1;
        } else if (s[i] == '*' && i + 2 < count && s[i + 1] == '*') {
            if (bold) bold = false;
            else bold = begins && s[i + 2] != ' ' && s[i + 2] != '*';
            i++;
        }
    }
    return bold ? "**" : "";
}

/* How much of a text is shown while more comes, and what is put behind it. */
static size_t steady(const char *md, size_t count, const char **completion)
{
    count = utf8_whole(md, count);
    size_t shown = without_marks(md, count);
    if (shown) shown = without_head(md, shown);
    if (count - shown > WAITS) shown = count;
    size_t from = shown;
    while (from && !(md[from - 1] == '\n' && (from < 2 || md[from - 2] == '\n'))) from--;
    *completion = completion_of(md + from, shown - from);
    return shown;
}

/* ---- the next operation ---------------------------------------------------------------------------------------------- */

static int occurrences(const text *html, const char *what)
{
    int n = 0;
    for (const char *s = html->at; s && (s = strstr(s, what)); s++) n++;
    return n;
}

/* Prints a text completed, if the completion is taken as such (in a fence it is not), which source then ends with. */
static bool print_completed(text *html, text *source, const char *completion, unsigned flags, bool first)
{
    text_clear(html);
    print_part(html, source->at, source->count, flags, first);
    if (!*completion) return false;
    const char *tag = *completion == '*' ? "<strong>" : "<code>";
    size_t plain = source->count;
    text completed = { 0 };
    text_puts(source, completion);
    print_part(&completed, source->at, source->count, flags, first);
    bool taken = occurrences(&completed, tag) == occurrences(html, tag) + 1;
    if (!taken) source->count = plain;
    text_done(taken ? html : &completed);
    if (taken) *html = completed;
    return taken;
}

void markdown_growing(text *out, const char *md, size_t count, unsigned flags)
{
    const char *completion;
    text source = { 0 }, html = { 0 };
    text_add(&source, md, steady(md, count, &completion));
    print_completed(&html, &source, completion, flags, true);
    text_add(out, html.at, html.count);
    text_done(&source);
    text_done(&html);
}

/* The whole of a step that is not only plain words. */
static markdown_op step(markdown_stream *s, const char *md, const char *completion, text *out, int *keep)
{
    bool again = !s->whole && may_define(md + s->closed, s->shown - s->closed);
    if (again) {
        s->whole = true;
        s->closed = 0;
        *keep = s->nodes = 0;
    }
    text source = { 0 }, was = s->html;
    s->html = (text){ 0 };
    text_add(&source, md + s->closed, s->shown - s->closed);
    s->completed = print_completed(&s->html, &source, completion, s->flags, s->closed == 0);
    size_t before = out->count;
    markdown_op op = MARKDOWN_TEXT;
    if (again || !only_added(&was, s->end, &s->html, out)) {
        op = MARKDOWN_TAIL;
        text_add(out, s->html.at, s->html.count);
    } else if (out->count == before)
        op = MARKDOWN_SAME;
    text_done(&was);
    close_blocks(s, &source);
    text_done(&source);
    s->end = find_end(&s->html);
    return op;
}

markdown_op markdown_stream_next(markdown_stream *s, const char *md, size_t count, bool more, text *out, int *keep)
{
    const char *completion = "";
    *keep = s->nodes;
    count = utf8_whole(md, count);
    if (count > s->shown && more && plain_words(s, md, count)) {
        text_add(out, md + s->shown, count - s->shown);
        insert_at_end(s, md + s->shown, count - s->shown);
        s->shown = count;
        return MARKDOWN_TEXT;
    }
    if (more) count = steady(md, count, &completion);
    if (count < s->shown || (count == s->shown && !s->completed)) return MARKDOWN_SAME;
    s->shown = count;
    return step(s, md, completion, out, keep);
}

void markdown_stream_html(const markdown_stream *s, const char *md, text *out)
{
    markdown_html(out, md, s->closed, s->flags);
    text_add(out, s->html.at, s->html.count);
}

void markdown_stream_done(markdown_stream *s)
{
    text_done(&s->html);
    *s = (markdown_stream){ .flags = s->flags };
}
