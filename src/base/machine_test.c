/* machine_test.c: the memory that there is, read from files as a machine and its containers have them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MB = 1 << 20 };

/* A folder that stands for /: each file is "path=text". */
typedef struct files { const char *at[6]; size_t is; } files;

static void put(const char *root, const char *file)
{
    char path[512];
    const char *text = strchr(file, '=') + 1;
    snprintf(path, sizeof path, "%s%.*s", root, (int)(text - file - 1), file);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        mkdir(path, 0700);
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int gone(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static size_t read_with(const files *x)
{
    char root[] = "/tmp/easel-machine-XXXXXX";
    assert_non_null(mkdtemp(root));
    put(root, "/proc/meminfo=MemFree: 17 kB\nMemTotal:       8388608 kB\nMemAvailable: 5 kB\n");
    for (int i = 0; i < COUNT(x->at) && x->at[i]; i++)
        put(root, x->at[i]);
    size_t is = mem_machine(root);
    nftw(root, gone, 8, FTW_DEPTH | FTW_PHYS);
    return is;
}

TEST(the_memory_of_the_machine_or_of_the_container_when_that_is_less)
{
    static const files all[] = {
        { { NULL }, 8192ULL * MB },                                                              /* no cgroups at all */
        { { "/proc/self/cgroup=0::/\n", "/sys/fs/cgroup/memory.max=536870912\n" }, 512ULL * MB },    /* version 2, in a container */
        { { "/proc/self/cgroup=0::/\n", "/sys/fs/cgroup/memory.max=max\n" }, 8192ULL * MB },
        { { "/proc/self/cgroup=0::/app.slice/easel.service\n", "/sys/fs/cgroup/app.slice/easel.service/memory.max=max\n",
            "/sys/fs/cgroup/app.slice/memory.max=1073741824\n" }, 1024ULL * MB },                    /* what holds for all of the slice */
        { { "/proc/self/cgroup=0::/docker/0123\n", "/sys/fs/cgroup/memory.max=268435456\n" }, 256ULL * MB },   /* the group as seen from outside */
        { { "/proc/self/cgroup=0::/../../system.slice\n", "/sys/fs/cgroup/memory.max=268435456\n" }, 256ULL * MB },
        { { "/proc/self/cgroup=12:cpu,cpuacct:/x\n9:memory:/docker/0123\n0::/\n", "/sys/fs/cgroup/memory/docker/0123/memory.limit_in_bytes=134217728\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes=9223372036854771712\n" }, 128ULL * MB },         /* version 1 */
        { { "/proc/self/cgroup=9:hugetlb,memory:/docker/0123\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes=134217728\n" }, 128ULL * MB },
        { { "/proc/self/cgroup=9:memory:/\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes=9223372036854771712\n" }, 8192ULL * MB },
        { { "/proc/self/cgroup=rubbish\n::\n0::/\n", "/sys/fs/cgroup/memory.max=\n" }, 8192ULL * MB },
    };
    for (int i = 0; i < COUNT(all); i++)
        if (read_with(&all[i]) != all[i].is)
            fail_msg("case %d: %zu MB instead of %zu", i, read_with(&all[i]) / MB, all[i].is / MB);
}

TEST(this_machine_has_some_memory)
{
    assert_true(mem_machine("") > 16 * (size_t)MB);
}
