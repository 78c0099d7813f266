/* media.h: what pictures, sounds and films share: a figure with the thing and a line below. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MEDIA_MEDIA_H
#define MEDIA_MEDIA_H

#include "page/element.h"

typedef struct media {
    const char *kind;                /* "image" */
    const char *address, *name;      /* where it is; NULL: nothing to show yet */
    const char *caption, *alt;
    int width;                       /* CSS pixels; 0: its own */
} media;

/* Prints the figure into its node and closes it. */
void media_print(node *n, const media *m);
/* Of the program's own address, or of another site's, which is a mistake that shows. */
const char *media_address(ez_ui *at, const ez_call *call, const char *kind, const char *url);

#endif
