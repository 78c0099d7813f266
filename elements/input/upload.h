/* upload.h: what the two file uploaders share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INPUT_UPLOAD_H
#define INPUT_UPLOAD_H

#include "field.h"

typedef struct upload_look {
    field       field;
    const char *accept;              /* ".png,.jpg", "image/…"; NULL: any */
    int         most;                /* files */
    int         max_mb;              /* of one file; 0: 200 */
    bool        disabled;
} upload_look;

/* Prints the uploader into its node and closes it. What the visitor has uploaded, without what does not fit. */
ez_files upload_print(node *n, const char *name, const upload_look *look);

#endif
