/* feedback.c: what visitors said, read by those who run the program, beside the store or without it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool store_feedback_read(const char *folder, const store_feedback_range *range, store_feedback_each *each, void *data, int64_t *total, ez_err *err)
{
    arena *a = arena_new();
    const char *path = arena_printf(a, "%s/easel.db", folder);
    char why[256] = "";
    db_result result = DB_OK;
    *total = 0;
    if (access(path, F_OK) == 0) {
        db *d = db_open(path, DB_READS, &result, why);
        if (d) {
            result = db_feedback_each(d, range, each, data, total);
            if (result) memcpy(why, db_why(d), sizeof why);
        }
        db_close(d);
    } else if (errno != ENOENT || access(folder, F_OK)) {
        result = DB_LOST;
        snprintf(why, sizeof why, "%.200s: %s", folder, strerror(errno));
    }
    arena_free(a);
    return result ? error_set(err, result == DB_BROKEN ? EZ_BROKEN : EZ_FAILED, "%s", why) : true;
}
