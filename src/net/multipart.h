/* multipart.h: multipart/form-data (RFC 7578), taken apart as it comes, piece by piece. Knows no socket. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NET_MULTIPART_H
#define NET_MULTIPART_H

#include "base/base.h"

/* Each may say false to stop. name is never NULL; filename is NULL when the part is a field of text. Strings are UTF-8 and live during the call. */
typedef struct multipart_events {
    bool (*part)(void *data, const char *name, const char *filename);
    bool (*bytes)(void *data, const char *at, size_t count);
    bool (*end)(void *data);                   /* of this part */
} multipart_events;

typedef struct multipart multipart;
multipart *multipart_new(const char *content_type, const multipart_events *e, void *data);   /* NULL: it names no boundary. *e is kept, not copied */
bool multipart_add(multipart *m, const char *bytes, size_t count);                           /* false: not well formed, or stopped; for good */
bool multipart_complete(const multipart *m);                                                /* its last boundary has come */
void multipart_free(multipart *m);                                                          /* NULL is fine */

#endif
