/* assets.h: the browser's scripts and style sheets as constant arrays inside the program. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_ASSETS_H
#define GEN_ASSETS_H

#include <stddef.h>

typedef struct asset_bytes { const unsigned char *at; size_t count; } asset_bytes;

/* One file. Everything is static and constant; any thread may read it. The table is written at build time by tools/embed.py
 * from what web/build.mjs made. `file` contains a hash of the content, so a browser may keep it for ever. */
typedef struct asset {
    const char *role;          /* "easel.js" (a module), "easel.css", "soft.css", "head.js" (printed inline), a file of web/static;
                                * "sheet" and "part": styles and scripts of elements, by the names in asset_names;
                                * "chunk": scripts load it when they need it */
    const char *file;          /* "easel-K3GYX2AB.js": what a URL names */
    const char *type;          /* value of Content-Type */
    const char *sha256;        /* of plain, base64: for CSP hashes and as ETag */
    asset_bytes plain;         /* a NUL stands behind it, outside count */
    asset_bytes gzip, brotli;  /* at is NULL where compressing does not pay */
    int         sheet;         /* of a "sheet": its number, from 1 */
} asset;

/* A class or tag that says: this page needs that asset. Sorted by name as strcmp does; a name may have several rows. */
typedef struct asset_name { const char *name; int asset; } asset_name;

extern const asset asset_table[];       /* ends with a row whose role is NULL; empty when the browser's part was not built */
extern const int asset_count;
extern const asset_name asset_names[];
extern const int asset_name_count;
extern const char asset_sheet_set[];    /* hash of all sheets together: part of the address of a selection of them */

#endif
