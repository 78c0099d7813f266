/* files_uploader.c: several files. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../upload.h"
#include "gen/elements_gen.h"

ez_files ez_files_uploader_put(ez_ui *at, const ez_files_uploader_args *a)
{
    node *n = node_open(at, &files_uploader_type, &a->call, a->label, a->key);
    upload_look look = { { a->label, a->help, a->hide_label, a->collapse_label, a->required }, a->accept, a->max_files > 0 ? a->max_files : 100, a->max_mb, a->disabled };
    return upload_print(n, "files-uploader", &look);
}
