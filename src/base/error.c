/* error.c: the error value that a caller owns. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <stdio.h>
#include <string.h>

void error_id(uint64_t id, char out[ERROR_CHARS + 1])
{
    snprintf(out, ERROR_CHARS + 1, "Error %04X-%04X", (unsigned)(id >> 16) & 0xffff, (unsigned)id & 0xffff);
}

bool error_set(ez_err *err, ez_err_code code, const char *format, ...)
{
    if (!err) return false;
    char text[sizeof err->text];                     /* the format may print the text that it replaces */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t count = utf8_whole(text, strlen(text));
    memcpy(err->text, text, count);
    err->text[count] = 0;
    err->code = code;
    return false;
}
