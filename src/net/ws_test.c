/* ws_test.c: WebSocket frames from bytes, however they are cut; what is refused, and with which code. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "net/ws.h"
#include <stdio.h>
#include <string.h>

/* A client's frame. `form` forces a length of 2 or 8 bytes; 0 picks the shortest. */
static void frame(text *t, int first, const char *at, size_t count, int form)
{
    static const unsigned char mask[4] = { 0x12, 0xfe, 0x00, 0x9a };
    unsigned char head[10];
    size_t size = ws_head(head, WS_TEXT, count);
    head[0] = (unsigned char)first;
    if (form) {
        head[1] = form == 2 ? 126 : 127;
        for (int i = 0; i < form; i++) head[2 + i] = (unsigned char)((uint64_t)count >> 8 * (form - 1 - i));
        size = 2 + (size_t)form;
    }
    head[1] |= 0x80;
    text_add(t, head, size);
    text_add(t, mask, 4);
    for (size_t i = 0; i < count; i++) text_putc(t, (char)(at[i] ^ mask[i & 3]));
}

/* What a reader makes of the bytes: "T(hello)P(x)C1000 " and so on. */
static char *story(const text *bytes, size_t step, size_t message_max)
{
    ws_reader r = { 0 };
    text out = { 0 };
    size_t from = 0;
    bool over = false;
    while (!over) {
        size_t used, part = bytes->count - from < step ? bytes->count - from : step;
        ws_found found;
        ws_event event = ws_read(&r, message_max, bytes->at + from, part, &used, &found);
        from += used;
        if (event == WS_EVENT_TEXT || event == WS_EVENT_PING || event == WS_EVENT_PONG) {
            text_putc(&out, event == WS_EVENT_TEXT ? 'T' : event == WS_EVENT_PING ? 'P' : 'p');
            if (found.count < 40) text_printf(&out, "(%.*s)", (int)found.count, found.at);
            else text_printf(&out, "[%zu]", found.count);
            assert_int_equal(found.at[found.count], 0);
        }
        if (event == WS_EVENT_CLOSE) text_printf(&out, "C%d", found.code);
        if (event == WS_EVENT_ERROR) text_printf(&out, "E%d", found.code);
        over = event == WS_EVENT_ERROR || (event == WS_EVENT_NONE && from == bytes->count);
    }
    ws_reader_done(&r);
    return text_take(&out);
}

static void story_is(text *bytes, const char *expected)
{
    static const size_t steps[] = { 1, 2, 3, 5, 13, 1000, 1000000 };
    for (int i = 0; i < COUNT(steps); i++) {
        char *s = story(bytes, steps[i], 70000);
        if (strcmp(s, expected)) fail_msg("in pieces of %zu: '%s' instead of '%s'", steps[i], s, expected);
        mem_free(s);
    }
    text_done(bytes);
}

TEST(messages_of_every_length_come_through)
{
    static char big[70000];
    static const size_t sizes[] = { 0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70000 };
    memset(big, 'x', sizeof big);
    for (int i = 0; i < COUNT(sizes); i++) {
        char expected[40];
        text t = { 0 };
        frame(&t, 0x81, big, sizes[i], 0);
        if (sizes[i] < 40) snprintf(expected, sizeof expected, "T(%.*s)", (int)sizes[i], big);
        else snprintf(expected, sizeof expected, "T[%zu]", sizes[i]);
        story_is(&t, expected);
    }
}

TEST(fragments_are_joined_and_control_frames_pass_between_them)
{
    text t = { 0 };
    frame(&t, 0x01, "Grü", 4, 0);
    frame(&t, 0x89, "ping", 4, 0);
    frame(&t, 0x00, "", 0, 0);
    frame(&t, 0x00, "\xc3", 1, 0);
    frame(&t, 0x8a, "", 0, 0);
    frame(&t, 0x80, "\x9f" "e", 2, 0);
    frame(&t, 0x81, "next", 4, 0);
    frame(&t, 0x88, "\x03\xe8" "bye", 5, 0);
    story_is(&t, "P(ping)p()T(Grüße)T(next)C1000");
}

static void one(const char *expected, int first, const char *at, size_t count, int form)
{
    text t = { 0 };
    frame(&t, first, at, count, form);
    story_is(&t, expected);
}

TEST(what_the_protocol_forbids_ends_with_its_code)
{
    one("E1002", 0xc1, "a", 1, 0);                   /* a reserved bit */
    one("E1002", 0x83, "a", 1, 0);                   /* unknown kinds */
    one("E1002", 0x8b, "a", 1, 0);
    one("E1002", 0x80, "a", 1, 0);                   /* a continuation of nothing */
    one("E1002", 0x09, "a", 1, 0);                   /* a fragmented ping */
    one("E1002", 0x81, "a", 1, 2);                   /* lengths in too long a form */
    one("E1002", 0x81, "a", 1, 8);
    one("E1003", 0x82, "a", 1, 0);
    one("E1007", 0x81, "\xff", 1, 0);
    one("E1007", 0x81, "\xed\xa0\x80", 3, 0);
    one("E1002", 0x88, "\x03", 1, 0);
    one("E1002", 0x88, "\x03\xed", 2, 0);            /* 1005 may not be sent */
    one("E1002", 0x88, "\x00\x00", 2, 0);
    one("E1007", 0x88, "\x03\xe8\xff", 3, 0);
    one("C1005", 0x88, "", 0, 0);
    one("C3000", 0x88, "\x0b\xb8", 2, 0);
}

TEST(text_that_cannot_become_utf8_is_refused_before_its_message_ends)
{
    static const char *const bad[] = { "\xf4\x90", "ab\xff", "\xed\xa0", "\xce\xba\xc0" };
    for (int i = 0; i < COUNT(bad); i++) {
        text t = { 0 };
        frame(&t, 0x01, bad[i], strlen(bad[i]), 0);
        story_is(&t, "E1007");
        frame(&t, 0x01, bad[i], strlen(bad[i]) - 1, 0);
        frame(&t, 0x00, bad[i] + strlen(bad[i]) - 1, 1, 0);
        story_is(&t, "E1007");
        frame(&t, 0x81, "\xf4\x90 and a thousand bytes more", 28, 0);
        t.count -= 26;                               /* the rest of the frame has not come */
        story_is(&t, "E1007");
    }
}

TEST(a_long_control_frame_is_refused)
{
    char long_ping[126] = { 0 };
    one("E1002", 0x89, long_ping, 126, 0);
}

TEST(a_message_inside_another_is_refused)
{
    text t = { 0 };
    frame(&t, 0x01, "a", 1, 0);
    frame(&t, 0x81, "b", 1, 0);
    story_is(&t, "E1002");
}

TEST(a_frame_without_mask_is_refused)
{
    text t = { 0 };
    text_add(&t, "\x81\x01" "a", 3);
    story_is(&t, "E1002");
}

TEST(messages_above_the_limit_are_refused_before_they_arrive)
{
    static char big[70001];
    text t = { 0 };
    memset(big, 'x', sizeof big);
    frame(&t, 0x81, big, sizeof big, 0);
    t.count = 14;                                    /* only the head came */
    story_is(&t, "E1009");
    frame(&t, 0x01, big, 40000, 0);
    frame(&t, 0x80, big, 40000, 0);
    story_is(&t, "E1009");
    text_add(&t, "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff____", 14);
    story_is(&t, "E1002");
    text_add(&t, "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff____", 14);
    story_is(&t, "E1009");
}

TEST(between_messages_a_reader_holds_no_memory)
{
    ws_reader r = { 0 };
    text t = { 0 };
    size_t used;
    ws_found found;
    frame(&t, 0x81, "hello", 5, 0);
    assert_int_equal(ws_read(&r, 100, t.at, t.count, &used, &found), WS_EVENT_TEXT);
    assert_int_equal(used, t.count);
    assert_int_equal(ws_read(&r, 100, t.at, 0, &used, &found), WS_EVENT_NONE);
    assert_null(r.message.at);
    assert_null(r.control.at);
    assert_true(sizeof r < 200);
    text_done(&t);
}

TEST(the_handshake_is_that_of_the_standard)
{
    text t = { 0 };
    assert_true(ws_accept(&t, "dGhlIHNhbXBsZSBub25jZQ=="));
    assert_string_equal(t.at, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    text_done(&t);
    assert_false(ws_accept(&t, NULL));
    assert_false(ws_accept(&t, ""));
    assert_false(ws_accept(&t, "dGhlIHNhbXBsZSBub25jZQ="));
    assert_false(ws_accept(&t, "dGhlIHNhbXBsZSBub25j!Q=="));
}
