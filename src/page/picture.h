/* picture.h: pixels out of image files, and into them. PNG, JPEG and WebP, by the libraries of the system, which are opened when a picture is first met.
 *
 * Any thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_PICTURE_H
#define PAGE_PICTURE_H

#include "base/base.h"

#define PICTURE_PIXELS_MOST (100u << 20)       /* of one picture: a small file can claim to be a huge one */

/* What the bytes say that they are. False with *err: no picture that is known here, a damaged one, or one of too many pixels. channels: 4 when it may be transparent, else 3. */
bool picture_size(const void *bytes, size_t count, int *width, int *height, int *channels, ez_err *err);
/* Into pixels of exactly width × height × channels bytes, as picture_size said. */
bool picture_read(const void *bytes, size_t count, unsigned char *pixels, int width, int height, int channels, ez_err *err);
/* Its size and channels are such that it can be written. */
bool picture_sound(const ez_pixels *p, ez_err *err);
/* As PNG. Channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
bool picture_png(const ez_pixels *p, text *out, ez_err *err);

#endif
