/* pictures.h: pictures in what visitors say. On the page they are Markdown, ![words](<./_easel/f/ID/name.png>), and so they are stored: a conversation grows by a line, and the
 * file goes as files go. A model that sees is asked with the pictures themselves. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_PICTURES_H
#define CHAT_PICTURES_H

#include "chat/wire.h"
#include "store/files.h"

enum { PICTURES_MOST = 10, PICTURES_BYTES_MOST = 20 << 20 };       /* of one question: the newest */

bool pictures_any(const wire_turn *turns, int count);              /* there may be some */
/* Takes them out of what users said; those texts are new ones, in the arena. Where a file is gone, is none that models see (PNG, JPEG, WebP, GIF), or is one too many,
 * words stand in its place, and so they do in turns before `from`, for a model that does not see. Returns how many there are, in the order in which they were said. */
int  pictures_take(files *f, arena *a, wire_turn *turns, int count, int from, const wire_picture **out);

#endif
