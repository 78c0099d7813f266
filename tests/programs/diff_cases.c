/* diff_cases.c: random pages and growing texts as JSON lines, for tests/browser/diff.test.mjs: what to apply, and what must then be seen. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/forest_test.h"
#include "page/markdown.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* {"ops":[…],"want":["<main>","<sidebar>","<bottom>","<overlays>"]}: one after the other, from an empty page. */
static void pages(uint64_t seed, int count)
{
    tree *shown = forest_empty();
    for (int i = 0; i < count; i++) {
        tree *next = forest_tree(&seed);
        text ops = { 0 }, line = { 0 };
        if (forest_random(&seed, 10)) tree_diff(shown, next, NULL, &ops);
        else tree_whole(next, NULL, &ops);
        json j = json_to(&line);
        json_object(&j);
        json_key(&j, "ops");
        json_array(&j);
        json_raw(&j, ops.at ? ops.at : "", ops.count);
        json_array_end(&j);
        json_key(&j, "want");
        json_array(&j);
        for (int place = 0; place < ROOT_PLACES; place++) {
            text html = { 0 };
            tree_print(next, place, NULL, &html);
            json_text_n(&j, html.at ? html.at : "", html.count);
            text_done(&html);
        }
        json_array_end(&j);
        json_object_end(&j);
        puts(line.at);
        text_done(&ops);
        text_done(&line);
        tree_drop(shown);
        shown = next;
    }
    tree_drop(shown);
}

static const char *const pieces[] = {
    "Some plain words, ", "and **bold ones** ", "or *slanted* ", "`code` ", "[a link](https://example.org/x) ", "\n\n", "\n", "# Head\n\n", "## Second\n", "- item\n", "- [ ] task\n",
    "  - inner\n", "1. first\n", "2. second\n", "> quoted\n", "```c\nint x = 1 < 2;\n", "```\n", "| a | b |\n|---|---|\n| 1 | 2 |\n", "***\n", "<b>raw</b> ", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x8d ",
    "$x^2$ ", "~~gone~~ ", "**open ", "*half ", "`tick ", "[label](", "![picture](./a.png) ", "\\* ", "&amp; ", "https://example.org ", "word", "|", "  \n", "    indented\n", "\t", "[1]: /there\n", "[1] ",
};

static void line_of(const char *kind, const text *out, int keep, const text *want)
{
    text line = { 0 };
    json j = json_to(&line);
    json_object(&j);
    json_key(&j, "op");
    json_text(&j, kind);
    json_key(&j, "keep");
    json_int(&j, keep);
    json_key(&j, "text");
    json_text_n(&j, out->at ? out->at : "", out->count);
    json_key(&j, "want");
    json_text_n(&j, want->at ? want->at : "", want->count);
    json_object_end(&j);
    puts(line.at);
    text_done(&line);
}

/* {"op":"new"|"same"|"t"|"l","keep","text","want"}: a text grows in an element; "new" begins another one. */
static void streams(uint64_t seed, int count)
{
    for (int i = 0; i < count; i++) {
        text md = { 0 }, none = { 0 };
        markdown_stream s = { .flags = MARKDOWN_DEMOTE };
        size_t given = 0;
        for (unsigned n = 2 + forest_random(&seed, 14); n--;) text_puts(&md, pieces[forest_random(&seed, COUNT(pieces))]);
        line_of("new", &none, 0, &none);
        while (given <= md.count) {
            text out = { 0 }, want = { 0 };
            int keep = 0;
            given += 1 + forest_random(&seed, 9);
            bool more = given < md.count;
            size_t whole = more ? utf8_whole(md.at, given) : md.count;
            markdown_op op = markdown_stream_next(&s, md.at, whole, more, &out, &keep);
            if (more) markdown_growing(&want, md.at, whole, MARKDOWN_DEMOTE);
            else markdown_html(&want, md.at, whole, MARKDOWN_DEMOTE);
            line_of(op == MARKDOWN_SAME ? "same" : op == MARKDOWN_TEXT ? "t" : "l", &out, keep, &want);
            text_done(&out);
            text_done(&want);
            if (!more) break;
        }
        markdown_stream_done(&s);
        text_done(&md);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s pages|streams SEED COUNT\n", argv[0]);
        return 2;
    }
    uint64_t seed = strtoull(argv[2], NULL, 10);
    if (!strcmp(argv[1], "pages")) pages(seed, atoi(argv[3]));
    else streams(seed, atoi(argv[3]));
    return 0;
}
