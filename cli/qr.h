/* qr.h: text as a QR code for the terminal. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_QR_H
#define CLI_QR_H

#include "base/base.h"

/* Adds the code of `words`, two rows of it in a line of text. colours: white on black whatever the terminal has, by its escape sequences; else as it is
 * right on a dark one. False with *err: libqrencode is not on this machine, or the words are too long for a code. */
bool cli_qr(const char *words, bool colours, text *out, ez_err *err);

#endif
