/* noted.h: how precisely the store knows when a thing was used last. Only callers_stored.c, mcp_line.c and mcp_back.c include this.
 *
 * A use is noted once in a quarter of the time that the thing is kept, and a moment late. So what is there may look older than it is, and is let go only when
 * it would be too old even then. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_NOTED_H
#define APP_NOTED_H

#include <stdint.h>

static inline int64_t noted_every(int64_t ttl_ms) { return ttl_ms / 4; }
/* Whoever looks this old has not been used for ttl_ms. */
static inline int64_t noted_longest(int64_t ttl_ms) { return ttl_ms + noted_every(ttl_ms) + 2000; }

#endif
