/* private.c: who else on this machine may read or write what the data folder holds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite gives its other files the mode of this one. A file that is there keeps its mode: its owner may have shared it on purpose. */
void private_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
}

static bool foreign(const struct stat *st) { return st->st_uid && st->st_uid != geteuid(); }

const char *private_mistake(arena *a, const char *folder)
{
    static const char *const names[] = { "easel.db", "secret", "keys" };
    static const char harm[] = "who writes there can change sessions and run code as this program";
    struct stat in, st;
    if (stat(folder, &in) != 0) return NULL;
    if (foreign(&in)) return arena_printf(a, "the data folder %s belongs to another user (%ld): %s; take it over with chown, or name another one with --data", folder, (long)in.st_uid, harm);
    if (in.st_mode & (S_IWGRP | S_IWOTH)) return arena_printf(a, "the data folder %s can be written by other users: %s; chmod 700 %s ends that", folder, harm, folder);
    mode_t reach = (in.st_mode & (S_IXGRP | S_IXOTH)) * 6;       /* the bits to read and write of those who may pass the folder */
    for (int i = 0; i < COUNT(names); i++) {
        const char *path = arena_printf(a, "%s/%s", folder, names[i]);
        if (stat(path, &st) != 0) continue;
        if (foreign(&st)) return arena_printf(a, "%s belongs to another user (%ld): %s; take it over with chown", path, (long)st.st_uid, harm);
        if (st.st_mode & reach) return arena_printf(a, "%s can be %s by other users; chmod 600 %s ends that", path, st.st_mode & reach & 022 ? "written" : "read", path);
    }
    return NULL;
}
