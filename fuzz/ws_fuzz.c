/* ws_fuzz.c: any bytes as WebSocket frames: no crash, the same messages however the bytes are cut, and only UTF-8 comes through. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ws.h"
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 3000 };

static void must(bool holds)
{
    if (!holds) abort();
}

static void describe(text *t, ws_event event, const ws_found *found)
{
    text_printf(t, "%d %d ", event, found->code);
    if (event == WS_EVENT_CLOSE) {
        must(found->code == 1005 || ws_code_valid(found->code));
        return;
    }
    must(found->count <= MESSAGE_MAX && !found->at[found->count]);
    must(event != WS_EVENT_TEXT || utf8_valid(found->at, found->count));
    must((event != WS_EVENT_PING && event != WS_EVENT_PONG) || found->count <= 125);
    must(event != WS_EVENT_ERROR || ws_code_valid(found->code));
    text_add(t, found->at, found->count);
}

static void read_all(text *t, const char *bytes, size_t count, size_t step)
{
    ws_reader r = { 0 };
    ws_event event = WS_EVENT_NONE;
    for (size_t at = 0; event != WS_EVENT_ERROR;) {
        size_t used, part = count - at < step ? count - at : step;
        ws_found found = { 0 };
        event = ws_read(&r, MESSAGE_MAX, bytes + at, part, &used, &found);
        must(used <= part);
        at += used;
        if (event != WS_EVENT_NONE) describe(t, event, &found);
        else if (at == count) break;
    }
    must(r.message.count <= MESSAGE_MAX && r.control.count <= 125);
    ws_reader_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 20000) return 0;
    text whole = { 0 }, cut = { 0 };
    read_all(&whole, (const char *)data + 1, size - 1, size);
    read_all(&cut, (const char *)data + 1, size - 1, 1 + data[0] % 16);
    must(whole.count == cut.count && (!whole.count || !memcmp(whole.at, cut.at, whole.count)));
    text_done(&whole);
    text_done(&cut);
    return 0;
}
