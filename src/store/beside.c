/* beside.c: what those who run the program read of its data folder, beside the store or without it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A folder without a store has nothing to read. */
static bool read_folder(const char *folder, db_result (*read)(db *d, void *data), void *data, ez_err *err)
{
    arena *a = arena_new();
    const char *path = arena_printf(a, "%s/easel.db", folder);
    char why[256] = "";
    db_result result = DB_OK;
    if (access(path, F_OK) == 0) {
        db *d = db_open(path, DB_READS, &result, why);
        if (d) {
            result = read(d, data);
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

typedef struct feedback_reading { const store_feedback_range *range; store_feedback_each *each; void *data; int64_t *total; } feedback_reading;

static db_result read_feedback(db *d, void *data)
{
    const feedback_reading *r = data;
    return db_feedback_each(d, r->range, r->each, r->data, r->total);
}

bool store_feedback_read(const char *folder, const store_feedback_range *range, store_feedback_each *each, void *data, int64_t *total, ez_err *err)
{
    *total = 0;
    return read_folder(folder, read_feedback, &(feedback_reading){ range, each, data, total }, err);
}

typedef struct uses_reading { store_use_each *each; void *data; } uses_reading;

static db_result read_uses(db *d, void *data)
{
    const uses_reading *r = data;
    return db_uses_each(d, r->each, r->data);
}

bool store_use_read(const char *folder, store_use_each *each, void *data, ez_err *err) { return read_folder(folder, read_uses, &(uses_reading){ each, data }, err); }
