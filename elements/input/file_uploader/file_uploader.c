/* file_uploader.c: one file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "../upload.h"
#include "gen/elements_gen.h"

const ez_file *ez_file_uploader_put(ez_ui *at, const ez_file_uploader_args *a)
{
    node *n = node_open(at, &file_uploader_type, &a->call, a->label, a->key);
    upload_look look = { { a->label, a->help, a->hide_label, a->collapse_label, a->required }, a->accept, 1, a->max_mb, a->disabled };
    ez_files all = upload_print(n, "file-uploader", &look);
    return all.count ? all.at[0] : NULL;
}
