/* ws.c: reads masked frames from clients, gathers fragments, refuses what RFC 6455 forbids. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ws.h"
#include <string.h>

static ws_event ws_fail(ws_reader *r, ws_found *found, int code, const char *reason)
{
    r->failed = true;
    *found = (ws_found){ .at = reason, .count = strlen(reason), .code = code };
    return WS_EVENT_ERROR;
}

static const char ws_not_utf8[] = "the message is not UTF-8";

/* ---- the head of a frame ---- */

static size_t ws_head_size(const ws_reader *r)
{
    if (r->head_count < 2) return 2;
    int size = r->head[1] & 127;
    return 2 + (size == 126 ? 2 : size == 127 ? 8 : 0) + 4u;
}

static uint64_t ws_payload_size(const unsigned char *head)
{
    int size = head[1] & 127, bytes = size == 126 ? 2 : size == 127 ? 8 : 0;
    uint64_t v = 0;
    if (!bytes) return (uint64_t)size;
    for (int i = 0; i < bytes; i++) v = v << 8 | head[2 + i];
    return v;
}

/* Checked as soon as two bytes are there, so that nothing of a bad frame is waited for. */
static const char *ws_check_start(const ws_reader *r)
{
    int opcode = r->head[0] & 15, size = r->head[1] & 127;
    bool last = r->head[0] & 0x80, control = opcode & 8;
    if (r->head[0] & 0x70) return "reserved bits are set";
    if (!(r->head[1] & 0x80)) return "a frame from a client is not masked";
    if (opcode > WS_PONG || (opcode > WS_BINARY && opcode < WS_CLOSE)) return "unknown kind of frame";
    if (control && (!last || size > 125)) return "a control frame is fragmented or too long";
    if (opcode == WS_MORE_OF_IT && !r->in_message) return "a continuation of nothing";
    if ((opcode == WS_TEXT || opcode == WS_BINARY) && r->in_message) return "a message begins inside another";
    return NULL;
}

static ws_event ws_read_head(ws_reader *r, size_t message_max, const char *bytes, size_t count, size_t *used, ws_found *found)
{
    while (*used < count && r->head_count < ws_head_size(r)) {
        r->head[r->head_count++] = (unsigned char)bytes[(*used)++];
        if (r->head_count != 2) continue;
        const char *wrong = ws_check_start(r);
        if (wrong) return ws_fail(r, found, 1002, wrong);
        if ((r->head[0] & 15) == WS_BINARY) return ws_fail(r, found, 1003, "only text messages are understood here");
    }
    if (r->head_count < ws_head_size(r)) return WS_EVENT_NONE;
    r->head_done = true;
    r->size = ws_payload_size(r->head);
    r->seen = 0;
    int form = r->head[1] & 127;
    if ((form == 126 && r->size < 126) || (form == 127 && (r->size < 65536 || r->size >> 63))) return ws_fail(r, found, 1002, "a length is not in its shortest form");
    if (!(r->head[0] & 8) && r->size > message_max - r->message.count) return ws_fail(r, found, 1009, "the message is too large");
    return WS_EVENT_NONE;
}

/* ---- the payload ---- */

/* The mask repeats every four bytes, so eight at a time with the mask turned to where this piece begins. */
static void ws_unmask(char *at, size_t count, const unsigned char mask[4], uint64_t from)
{
    unsigned char turned[8];
    uint64_t eight, m;
    for (unsigned i = 0; i < 8; i++) turned[i] = mask[(from + i) & 3];
    memcpy(&m, turned, 8);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        memcpy(&eight, at + i, 8);
        eight ^= m;
        memcpy(at + i, &eight, 8);
    }
    for (; i < count; i++) at[i] = (char)(at[i] ^ turned[i & 7]);
}

bool ws_code_valid(int code) { return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999); }

static ws_event ws_closed(ws_reader *r, ws_found *found)
{
    const text *t = &r->control;
    *found = (ws_found){ .code = 1005 };
    if (!t->count) return WS_EVENT_CLOSE;
    if (t->count == 1) return ws_fail(r, found, 1002, "half a close code");
    found->code = (unsigned char)t->at[0] << 8 | (unsigned char)t->at[1];
    if (!ws_code_valid(found->code)) return ws_fail(r, found, 1002, "a close code that may not be sent");
    if (!utf8_valid(t->at + 2, t->count - 2)) return ws_fail(r, found, 1007, "the close reason is not UTF-8");
    return WS_EVENT_CLOSE;
}

static ws_event ws_frame_done(ws_reader *r, ws_found *found)
{
    int opcode = r->head[0] & 15;
    bool last = r->head[0] & 0x80;
    r->head_count = 0;
    r->head_done = false;
    if (opcode == WS_CLOSE) return ws_closed(r, found);
    if (opcode & 8) {
        *found = (ws_found){ .at = r->control.at ? r->control.at : "", .count = r->control.count };
        return opcode == WS_PING ? WS_EVENT_PING : WS_EVENT_PONG;
    }
    r->in_message = !last;
    if (!last) return WS_EVENT_NONE;
    bool whole = r->checked == r->message.count;
    r->checked = 0;
    *found = (ws_found){ .at = r->message.at ? r->message.at : "", .count = r->message.count };
    return whole ? WS_EVENT_TEXT : ws_fail(r, found, 1007, ws_not_utf8);
}

/* What can no longer become UTF-8 is refused at once, however much of the message is still to come. */
static bool ws_check_text(ws_reader *r)
{
    size_t whole;
    bool good = utf8_begins(r->message.at + r->checked, r->message.count - r->checked, &whole);
    r->checked += whole;
    return good;
}

static ws_event ws_read_payload(ws_reader *r, const char *bytes, size_t count, size_t *used, ws_found *found)
{
    bool control = r->head[0] & 8;
    text *t = control ? &r->control : &r->message;
    uint64_t left = r->size - r->seen;
    size_t part = count - *used < left ? count - *used : (size_t)left;
    if (part) {
        text_add(t, bytes + *used, part);
        ws_unmask(t->at + t->count - part, part, r->head + ws_head_size(r) - 4, r->seen);
        if (!control && !ws_check_text(r)) return ws_fail(r, found, 1007, ws_not_utf8);
    }
    *used += part;
    r->seen += part;
    return r->seen == r->size ? ws_frame_done(r, found) : WS_EVENT_NONE;
}

ws_event ws_read(ws_reader *r, size_t message_max, const char *bytes, size_t count, size_t *used, ws_found *found)
{
    *used = 0;
    if (r->failed) return ws_fail(r, found, 1002, "nothing can follow a broken frame");
    if (!r->head_count) {                            /* between frames: what was found in the last one has been used */
        text_done(&r->control);
        if (!r->in_message) text_done(&r->message);
    }
    if (!r->head_done) {
        ws_event event = ws_read_head(r, message_max, bytes, count, used, found);
        if (event != WS_EVENT_NONE || !r->head_done) return event;
    }
    return ws_read_payload(r, bytes, count, used, found);
}

void ws_reader_done(ws_reader *r)
{
    text_done(&r->control);
    text_done(&r->message);
}

/* ---- what a server sends ---- */

size_t ws_head(unsigned char out[10], ws_opcode opcode, size_t count)
{
    out[0] = (unsigned char)(0x80 | opcode);
    if (count < 126) {
        out[1] = (unsigned char)count;
        return 2;
    }
    int bytes = count < 65536 ? 2 : 8;
    out[1] = bytes == 2 ? 126 : 127;
    for (int i = 0; i < bytes; i++) out[2 + i] = (unsigned char)((uint64_t)count >> 8 * (bytes - 1 - i));
    return 2 + (size_t)bytes;
}

bool ws_accept(text *t, const char *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char s[24 + 36 + 1];
    unsigned char sum[20];
    if (!key || strlen(key) != 24 || strspn(key, digits) != 22 || strcmp(key + 22, "==")) return false;
    memcpy(s, key, 24);
    memcpy(s + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 37);
    sha1(s, 60, sum);
    base64_text(t, sum, 20);
    return true;
}
