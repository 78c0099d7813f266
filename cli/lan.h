/* lan.h: under which addresses others reach this machine. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_LAN_H
#define CLI_LAN_H

#include "base/base.h"

enum { LAN_MOST = 8 };

/* At most LAN_MOST addresses of this machine as they stand in links, so with brackets around those of IPv6 (only if v6): the one first that it uses towards
 * others. 0: it has none but loopback. In the arena. */
int cli_lan(arena *a, bool v6, const char *out[LAN_MOST]);

#endif
