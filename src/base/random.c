/* random.c: the kernel's random bytes. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *at, size_t count)
{
    while (count) {
        ssize_t got = getrandom(at, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) {                              /* a guessable token would be worse than no process */
            log_error("base", "the kernel gives no random bytes (getrandom, errno %d); the process ends", errno);
            abort();
        }
        at = (char *)at + got;
        count -= (size_t)got;
    }
}

uint64_t random_u64(void)
{
    uint64_t v;
    random_bytes(&v, sizeof v);
    return v;
}
