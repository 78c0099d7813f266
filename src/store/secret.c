/* secret.c: a key that the data folder keeps, by which the program knows again what it has made. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool secret_read(const char *path, unsigned char out[SECRET_BYTES])
{
    unsigned char one_more[SECRET_BYTES + 1];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t count = fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ? -1 : read(fd, one_more, sizeof one_more);
    if (fd >= 0) close(fd);
    if (count != SECRET_BYTES) return false;
    memcpy(out, one_more, SECRET_BYTES);
    return true;
}

/* Written beside and linked into place, so that nobody reads half of it, and of two processes that begin at once both take the same. */
static bool secret_write(const char *path, const unsigned char secret[SECRET_BYTES])
{
    char *beside = mem_alloc(strlen(path) + 24);
    sprintf(beside, "%s.%08x", path, (unsigned)random_u64());
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool good = fd >= 0 && write(fd, secret, SECRET_BYTES) == SECRET_BYTES && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    good = good && link(beside, path) == 0;
    unlink(beside);
    mem_free(beside);
    return good;
}

bool store_secret(const char *folder, unsigned char out[SECRET_BYTES])
{
    char *path = mem_alloc(strlen(folder) + 8);
    sprintf(path, "%s/secret", folder);
    bool kept = secret_read(path, out);
    if (!kept) {
        random_bytes(out, SECRET_BYTES);
        kept = store_make_folder(folder) && (secret_write(path, out) || secret_read(path, out));
    }
    mem_free(path);
    return kept;
}

void store_keep_secret(const char *folder, const unsigned char secret[SECRET_BYTES])
{
    char *path = mem_alloc(strlen(folder) + 8);
    sprintf(path, "%s/secret", folder);
    if (access(path, F_OK) != 0 && errno == ENOENT && access(folder, W_OK) == 0 && secret_write(path, secret))
        log_warn("store", "%s was deleted while the program runs; it has been written again", path);
    mem_free(path);
}
