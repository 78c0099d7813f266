/* video.c: a film. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../media.h"
#include "gen/elements_gen.h"

void ez_video_put(ez_ui *at, const ez_video_args *a)
{
    node *n = node_open(at, &video_type, &a->call, NULL, a->key);
    const char *address = a->file ? node_file_address(at, a->file) : media_address(at, &a->call, "video", a->url);
    media_print(n, &(media){ "video", address, a->file ? a->file->name : "video", a->caption, a->alt, 0 });
}
