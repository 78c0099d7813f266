/* qr.c: text as a QR code for the terminal, made by libqrencode. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "qr.h"
#include <errno.h>
#include <qrencode.h>
#include <string.h>

enum { MARGIN = 4 };               /* modules around it, as the standard wants */

static bool is_light(const QRcode *code, int x, int y)
{
    bool inside = x >= 0 && y >= 0 && x < code->width && y < code->width;
    return !inside || !(code->data[y * code->width + x] & 1);
}

/* A character is two modules, one above the other. What is light is drawn. */
static void put_modules(const QRcode *code, bool colours, text *out)
{
    static const char *const blocks[] = { " ", "▄", "▀", "█" };
    for (int y = -MARGIN; y < code->width + MARGIN; y += 2) {
        if (colours) text_puts(out, "\033[97;40m");
        for (int x = -MARGIN; x < code->width + MARGIN; x++) {
            bool last = y + 1 == code->width + MARGIN;
            text_puts(out, blocks[2 * is_light(code, x, y) + (!last && is_light(code, x, y + 1))]);
        }
        text_puts(out, colours ? "\033[0m\n" : "\n");
    }
}

bool cli_qr(const char *words, bool colours, text *out, ez_err *err)
{
    QRcode *(*encode)(const char *, int, QRecLevel, QRencodeMode, int);
    void (*done)(QRcode *);
    const library_function all[] = { { &encode, "QRcode_encodeString" }, { &done, "QRcode_free" } };
    if (!library_open("libqrencode.so.4", all, COUNT(all)))
        return error_set(err, EZ_MISSING, "a QR code needs libqrencode.so.4, which is not on this machine; install it: apt-get install libqrencode4");
    QRcode *code = encode(words, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
    if (!code)
        return error_set(err, EZ_FAILED, "no QR code can be made of the link: %s", strerror(errno));
    put_modules(code, colours, out);
    done(code);
    return true;
}
