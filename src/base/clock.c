/* clock.c: a clock that never jumps, and the one on the wall. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <time.h>

static int64_t clock_read(clockid_t which, int64_t a_second)
{
    struct timespec now;
    clock_gettime(which, &now);
    return now.tv_sec * a_second + now.tv_nsec / (1000000000 / a_second);
}

int64_t clock_ns(void) { return clock_read(CLOCK_MONOTONIC, 1000000000); }
int64_t clock_ms(void) { return clock_read(CLOCK_MONOTONIC, 1000); }
int64_t wall_ms(void) { return clock_read(CLOCK_REALTIME, 1000); }
