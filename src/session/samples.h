/* samples.h: what pages of many visitors have in common, so that each of them, deflated, is little more than what it has for itself.
 *
 * The first page of its kind that is kept deflated is the sample for all that come (a preset dictionary, RFC 1950). A sample that suits few of
 * them is replaced. It lives as long as pages need it. Thread: that of the sessions. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SESSION_SAMPLES_H
#define SESSION_SAMPLES_H

#include "base/base.h"

typedef struct page_sample page_sample;
typedef struct page_samples { LIST(page_sample *) all; } page_samples;

void samples_done(page_samples *all);
/* Deflates a page; freed with mem_free. *by: what it takes to inflate it, held; NULL: nothing. all NULL: there are no samples. NULL when zlib fails. */
char *samples_pack(page_samples *all, const char *path, const char *plain, size_t count, size_t *packed, page_sample **by);
bool  samples_unpack(const page_sample *by, const char *packed, size_t count, char *plain, size_t whole);   /* false: that is not it */
void  sample_drop(page_sample *by);                                 /* NULL: nothing */

#endif
