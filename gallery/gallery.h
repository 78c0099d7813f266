/* gallery.h: what the generated list of pages (gallery.c) and the front page (front.c) know of each other. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GALLERY_GALLERY_H
#define GALLERY_GALLERY_H

#include <easel.h>

typedef struct gallery_entry {
    const char *path, *title, *section, *about;     /* "/slider", "Slider", "Input", its first sentence */
    ez_fn      *page;
} gallery_entry;
extern const gallery_entry gallery_entries[];       /* by section; path NULL at the end */

void gallery_front(ez_ui *ui);                      /* the page "/" */

#endif
