/* icons.h: the drawings of the sprite, printed where they are used: no longer than a reference to it, and a page needs no further file. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_ICONS_H
#define PAGE_ICONS_H

#include "base/base.h"

typedef struct icons icons;

/* The symbols of an SVG as tools print it: <symbol id="name" viewBox="0 0 20 20">…</symbol>. The text stays the caller's, and is kept. */
icons *icons_read(const char *sprite);
void   icons_free(icons *set);

/* Nothing is drawn for a name that is not there, and with set NULL. Any thread. */
void   icon_print(text *t, const icons *set, const char *name, size_t count);

#endif
