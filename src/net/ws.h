/* ws.h: WebSocket frames (RFC 6455), seen from the server, without a socket. Inside net only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_WS_H
#define NET_WS_H

#include "base/base.h"

typedef enum ws_opcode { WS_MORE_OF_IT = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 } ws_opcode;

/* Between frames it holds no memory beside itself. Zero is a fresh one. */
typedef struct ws_reader {
    unsigned char head[14];                          /* of the frame that is coming in */
    uint8_t  head_count;
    bool     head_done, in_message, failed;          /* in_message: fragments came, the last is missing */
    uint64_t size, seen;                             /* of the frame's payload */
    size_t   checked;                                /* bytes of the message that are whole characters */
    text     message, control;
} ws_reader;

/* What a call of ws_read found. */
typedef enum ws_event {
    WS_EVENT_NONE,                                   /* all bytes taken, nothing complete */
    WS_EVENT_TEXT,                                   /* a whole message: at, count, with a NUL behind it */
    WS_EVENT_PING, WS_EVENT_PONG,                    /* at, count: the payload */
    WS_EVENT_CLOSE,                                  /* code as received, 1005 when it had none */
    WS_EVENT_ERROR,                                  /* code: with which to close, at: the reason; nothing more can be read */
} ws_event;
typedef struct ws_found { const char *at; size_t count; int code; } ws_found;

/* Takes bytes up to the end of one frame at most. What is found stays valid until the next call. */
ws_event ws_read(ws_reader *r, size_t message_max, const char *bytes, size_t count, size_t *used, ws_found *found);
void     ws_reader_done(ws_reader *r);

/* The head of an unmasked whole frame, as servers send: returns its 2 to 10 bytes. */
size_t   ws_head(unsigned char out[10], ws_opcode opcode, size_t count);

/* May a close frame carry this code? */
bool     ws_code_valid(int code);

/* The value of Sec-WebSocket-Accept for a key; false: the key is none. */
bool     ws_accept(text *t, const char *key);

#endif
