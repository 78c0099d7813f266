/* multipart_test.c: forms with files, however their bytes are cut. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "net/multipart.h"
#include <stdio.h>
#include <string.h>

static bool part(void *data, const char *name, const char *filename)
{
    text_printf(data, "[%s%s%s:", name, filename ? "=" : "", filename ? filename : "");
    return strcmp(name, "stop") != 0;
}

static bool bytes(void *data, const char *at, size_t count)
{
    text_add(data, at, count);
    return true;
}

static bool end(void *data)
{
    text_puts(data, "]");
    return true;
}

static const multipart_events events = { part, bytes, end };

/* What is told, in pieces of each size; "bad" when it is refused, "…" when it is not complete. */
static void reads(const char *body, size_t count, const char *expected)
{
    for (size_t size = 1; size <= count + 1; size = size < 20 ? size + 1 : size * 2) {
        text told = { 0 };
        multipart *m = multipart_new("multipart/form-data; boundary=\"-x-\"", &events, &told);
        bool good = true;
        for (size_t at = 0; at < count && good; at += size) good = multipart_add(m, body + at, count - at < size ? count - at : size);
        if (!good) text_puts(&told, "bad");
        else if (!multipart_complete(m)) text_puts(&told, "…");
        if (strcmp(told.at ? told.at : "", expected) != 0) fail_msg("in pieces of %zu: %s, not %s", size, told.at, expected);
        multipart_free(m);
        text_done(&told);
    }
}
#define READS(body, expected) reads(body, sizeof(body) - 1, expected)

TEST(a_form_is_the_same_however_its_bytes_are_cut)
{
    READS("---x-\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n---x-\r\ncontent-disposition: form-data; name=\"b\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\r\n---x\r\n-- two\r\n\r\n---x---\r\n",
          "[a:one][b=p.png:\r\n---x\r\n-- two\r\n]");
    READS("preamble\r\n---x- \t\r\nContent-Disposition: form-data; name=a; filename=\"\"\r\n\r\n\r\n---x---epilogue", "[a=:]");
}

TEST(quotes_in_names_come_as_browsers_and_others_write_them)
{
    READS("---x-\r\nContent-Disposition: form-data; name=\"a%22b\"; filename=\"c\\\"d; e.txt\"\r\n\r\n1\r\n---x---", "[a\"b=c\"d; e.txt:1]");
}

TEST(what_is_no_form_is_refused)
{
    READS("---x-\r\nContent-Type: text/plain\r\n\r\n1\r\n---x---", "bad");
    READS("---x-nonsense", "bad");
    READS("---x-\r\nContent-Disposition: form-data; name=\"stop\"\r\n\r\n1\r\n---x---", "[stop:bad");
    READS("---x-\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n1\r\n---x---", "bad");
    READS("---x-\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nnever ends", "[a:neve…");
    char large[20000];
    memset(large, 'a', sizeof large);
    memcpy(large, "---x-\r\n", 7);
    reads(large, sizeof large, "bad");
}

TEST(blanks_after_a_boundary_and_heads_have_limits_however_they_are_cut)
{
    for (int more = 0; more < 2; more++) {
        text blank = { 0 }, head = { 0 };
        text_printf(&blank, "---x-%*s\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n---x---", 70 + more, "");
        reads(blank.at, blank.count, more ? "bad" : "[a:1]");
        text_printf(&head, "---x-\r\nContent-Disposition: form-data; name=a\r\nX:%*s\r\n\r\n1\r\n---x---", 8192 - 42 + more, "");
        reads(head.at, head.count, more ? "bad" : "[a:1]");
        text_done(&blank);
        text_done(&head);
    }
}

TEST(a_content_type_without_a_boundary_is_no_form)
{
    static const char *const wrong[] = { NULL, "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"",
                                         "multipart/form-data; boundary=1234567890123456789012345678901234567890123456789012345678901234567890x" };
    for (int i = 0; i < COUNT(wrong); i++) assert_null(multipart_new(wrong[i], &events, NULL));
}
