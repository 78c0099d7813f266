/* audio.c: a sound. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../media.h"
#include "gen/elements_gen.h"

void ez_audio_put(ez_ui *at, const ez_audio_args *a)
{
    node *n = node_open(at, &audio_type, &a->call, NULL, a->key);
    const char *address = a->file ? node_file_address(at, a->file) : media_address(at, &a->call, "audio", a->url);
    media_print(n, &(media){ "audio", address, a->file ? a->file->name : "audio", a->caption, a->alt, 0 });
}
