/* image.c: a picture. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../media.h"
#include "gen/elements_gen.h"

void ez_image_put(ez_ui *at, const ez_image_args *a)
{
    node *n = node_open(at, &image_type, &a->call, NULL, a->key);
    const char *address = a->pixels ? node_picture_address(at, a->pixels, "image.png") : a->file ? node_file_address(at, a->file) : media_address(at, &a->call, "image", a->url);
    media_print(n, &(media){ "image", address, a->file ? a->file->name : "picture", a->caption, a->alt, a->width });
}
