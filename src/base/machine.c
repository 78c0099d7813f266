/* machine.c: how much memory there is: of the machine, or what the container that this process is in may use (cgroup v2 and v1). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The number in a file that holds nothing else; "max", and a file that is not there, are no bound. */
static size_t bound_in(const char *root, const char *folder, const char *name)
{
    char path[1024], line[64] = "";
    snprintf(path, sizeof path, "%s%s/%s", root, folder, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return SIZE_MAX;
    char *got = fgets(line, sizeof line, f);
    fclose(f);
    unsigned long long n = got ? strtoull(line, NULL, 10) : 0;
    return n && n < SIZE_MAX ? (size_t)n : SIZE_MAX;
}

/* The least bound from this group up to the first one: each holds for all below it. A container often sees its own group as the first. */
static size_t least(const char *root, const char *mount, const char *group, const char *name)
{
    char folder[768];
    size_t sum = SIZE_MAX;
    int count = snprintf(folder, sizeof folder, "%s%s", mount, strcmp(group, "/") ? group : "");
    if (count < 0 || count >= (int)sizeof folder)
        return bound_in(root, mount, name);
    for (;;) {
        size_t here = bound_in(root, folder, name);
        sum = here < sum ? here : sum;
        char *slash = strrchr(folder, '/');
        if (!slash || strlen(folder) <= strlen(mount))
            return sum;
        *slash = 0;
    }
}

/* Lines of /proc/self/cgroup: "0::/group" of version 2, "9:memory:/group" of version 1, where one line may name many kinds. */
static size_t of_group(const char *root, char *line)
{
    line[strcspn(line, "\n")] = 0;
    char *kinds = strchr(line, ':'), *group = kinds ? strchr(kinds + 1, ':') : NULL;
    if (!group)
        return SIZE_MAX;
    *group++ = 0;
    if (!kinds[1])
        return least(root, "/sys/fs/cgroup", group, "memory.max");
    for (char *kind = strtok(kinds + 1, ","); kind; kind = strtok(NULL, ","))
        if (!strcmp(kind, "memory"))
            return least(root, "/sys/fs/cgroup/memory", group, "memory.limit_in_bytes");
    return SIZE_MAX;
}

static size_t of_container(const char *root)
{
    char path[1024], line[768];
    size_t sum = SIZE_MAX;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f)) {
        size_t here = of_group(root, line);
        sum = here < sum ? here : sum;
    }
    if (f)
        fclose(f);
    return sum;
}

static size_t of_machine(const char *root)
{
    char path[1024], line[256];
    unsigned long long kb = 0;
    snprintf(path, sizeof path, "%s/proc/meminfo", root);
    FILE *f = fopen(path, "re");
    while (f && !kb && fgets(line, sizeof line, f))
        sscanf(line, "MemTotal: %llu kB", &kb);
    if (f)
        fclose(f);
    return kb ? (size_t)kb * 1024 : (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGE_SIZE);
}

size_t mem_machine(const char *root)
{
    size_t machine = of_machine(root), container = of_container(root);
    return container < machine ? container : machine;
}
