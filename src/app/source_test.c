/* source_test.c: what of its source a program shows after a crash. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/crash.h"
#include "base/test.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[64];

static void write_source(const char *words)
{
    snprintf(path, sizeof path, "/tmp/easel-source-%d.c", (int)getpid());
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(words, f);
    fclose(f);
    assert_return_code(utimensat(AT_FDCWD, path, (struct timespec[]){ { 100, 0 }, { 100, 500 } }, 0), 0);
}

enum { BUILT_S = 100 };
static const int64_t built = (int64_t)BUILT_S * 1000000000 + 500;

static void assert_shows(int line, int64_t when, const char *wanted)
{
    text out = { 0 };
    text_puts(&out, "It crashed.");
    source_lines(path, line, SOURCE_LINES, when, &out);
    assert_string_equal(out.at + strlen("It crashed."), wanted);
    text_done(&out);
}

TEST(a_card_shows_the_line_and_what_follows_it_without_their_common_margin)
{
    write_source("one\n    two();\n\n\tif (three)\n\t\tfour();\n\t}\n");
    assert_shows(1, built, "\n1 | one\n2 |     two();");
    assert_shows(4, built, "\n4 | if (three)\n5 | \tfour();\n6 | }");
    assert_shows(6, built, "\n6 | }");
    unlink(path);
}

TEST(the_numbers_of_lines_stand_below_each_other)
{
    text words = { 0 };
    for (int i = 1; i <= 12; i++)
        text_printf(&words, "  line(%d);\n", i);
    write_source(words.at);
    text_done(&words);
    assert_shows(8, built, "\n 8 | line(8);\n 9 | line(9);\n10 | line(10);");
    unlink(path);
}

TEST(source_that_is_not_what_the_program_was_made_from_is_not_shown)
{
    write_source("one();\n");
    assert_shows(1, built, "\n1 | one();");
    assert_shows(1, built - 1, "");                        /* saved after the program was built */
    assert_shows(2, built, "");                            /* it has no such line */
    assert_shows(0, built, "");
    unlink(path);
    assert_shows(1, built, "");
    snprintf(path, sizeof path, "/tmp");
    assert_shows(1, INT64_MAX, "");                        /* a folder */
}

TEST(what_is_no_text_is_not_shown_and_long_lines_are_cut)
{
    write_source("bad \xff\nfine\n");
    assert_shows(1, built, "");
    assert_shows(2, built, "\n2 | fine");
    text words = { 0 };
    for (int i = 0; i < 200; i++)
        text_puts(&words, "é");
    write_source(words.at);
    text out = { 0 };
    source_lines(path, 1, 1, built, &out);
    assert_true(utf8_valid(out.at, out.count));
    assert_int_equal(out.count, strlen("\n1 | ") + 160 + strlen("…"));
    text_done(&out);
    text_done(&words);
    write_source("a\x1b[31m(b);\r\n");
    assert_shows(1, built, "\n1 | a [31m(b);");
    unlink(path);
}
