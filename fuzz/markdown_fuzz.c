/* markdown_fuzz.c: any bytes as Markdown: no crash, tags that match, and a growing text that ends as if it were printed at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "page/markdown.h"
#include <stdlib.h>
#include <string.h>

static bool is_leaf(const char *tag) { return !strncmp(tag, "<br", 3) || !strncmp(tag, "<hr", 3) || !strncmp(tag, "<img", 4); }

static void check_tags(const text *html)
{
    const char *open[256];
    int depth = 0;
    if (!html->count) return;
    for (const char *s = html->at, *end = s + html->count; s && s < end && (s = memchr(s, '<', (size_t)(end - s))); s++) {
        if (s[1] == '/') {
            if (!depth || strncmp(open[--depth] + 1, s + 2, strcspn(s + 2, ">"))) abort();
        } else if (!is_leaf(s)) {
            if (depth == 256) abort();
            open[depth++] = s;
        }
    }
    if (depth) abort();
}

static bool same(const text *a, const text *b) { return a->count == b->count && (!a->count || !memcmp(a->at, b->at, a->count)); }

/* What the stream has shown is what would be printed at once. */
static void check_growing(const markdown_stream *s, const char *md, size_t count)
{
    text shown = { 0 }, want = { 0 };
    markdown_stream_html(s, md, &shown);
    markdown_growing(&want, md, count, s->flags);
    if (!same(&shown, &want)) abort();
    text_done(&shown), text_done(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 20000) return 0;
    unsigned flags = data[0] & 7, step = 1 + data[1] % 64;
    const char *md = (const char *)data + 2;
    size_t count = size - 2;
    text whole = { 0 }, shown = { 0 }, out = { 0 }, line = { 0 };
    markdown_html(&whole, md, count, flags);
    check_tags(&whole);
    markdown_line(&line, md, count, flags);
    check_tags(&line);

    markdown_stream s = { .flags = flags };
    int keep;
    bool valid = utf8_valid(md, count), text_alone = valid && !memchr(md, 0, count);
    for (size_t at = step; at < count && count / step < 200; at += step) {
        markdown_stream_next(&s, md, at, true, &out, &keep);
        if (text_alone) check_growing(&s, md, utf8_whole(md, at));
    }
    markdown_stream_next(&s, md, count, false, &out, &keep);
    if (valid) {
        markdown_stream_html(&s, md, &shown);
        if (!same(&shown, &whole)) abort();
        if (!utf8_valid(whole.at ? whole.at : "", whole.count)) abort();
    }
    markdown_stream_done(&s);
    text_done(&whole), text_done(&shown), text_done(&out), text_done(&line);
    return 0;
}
