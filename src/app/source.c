/* source.c: the few lines of the program's own source that a crash card shows. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/crash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 160, FOLDERS = 8 };

typedef struct excerpt { char *line[SOURCE_LINES]; int count; } excerpt;

static FILE *open_older(const char *path, int64_t built)
{
    struct stat st;
    if (stat(path, &st) || !S_ISREG(st.st_mode) || (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec > built)
        return NULL;
    return fopen(path, "re");
}

/* As the compiler was given it: seen from here, or from a folder above the program, as builds often run in one. */
static FILE *open_source(const char *file, int64_t built)
{
    char path[4096];
    FILE *f = open_older(file, built);
    ssize_t count = f || file[0] == '/' ? 0 : readlink("/proc/self/exe", path, sizeof path);
    if (count <= 0 || (size_t)count >= sizeof path)
        return f;
    path[count] = 0;
    for (int i = 0; !f && i < FOLDERS; i++) {
        char *slash = strrchr(path, '/');
        if (!slash)
            break;
        size_t room = sizeof path - (size_t)(slash - path);
        if ((size_t)snprintf(slash, room, "/%s", file) < room)
            f = open_older(path, built);
        *slash = 0;
    }
    return f;
}

/* One line to be shown; NULL when it is no text. */
static char *shown(char *line, size_t count)
{
    while (count && strchr(" \t\r\n", line[count - 1]))
        count--;
    if (!utf8_valid(line, count))
        return NULL;
    for (size_t i = 0; i < count; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            line[i] = ' ';
    text t = { 0 };
    text_add(&t, line, count > LINE_BYTES ? utf8_whole(line, LINE_BYTES) : count);
    if (count > LINE_BYTES)
        text_puts(&t, "…");
    return text_take(&t);
}

static void read_excerpt(FILE *f, int first, int wanted, excerpt *x)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    for (int at = 1; x->count < wanted && (got = getline(&line, &room, f)) > 0; at++) {
        if (at < first)
            continue;
        if (!(x->line[x->count] = shown(line, (size_t)got)))
            break;
        x->count++;
    }
    free(line);
}

static size_t common_margin(const excerpt *x)
{
    size_t margin = SIZE_MAX;
    for (int i = 0; i < x->count; i++) {
        size_t own = strspn(x->line[i], " \t");
        if (x->line[i][own] && own < margin)
            margin = own;
    }
    return margin == SIZE_MAX ? 0 : margin;
}

void source_lines(const char *file, int line, int count, int64_t built, text *out)
{
    excerpt x = { .count = 0 };
    FILE *f = line > 0 ? open_source(file, built) : NULL;
    if (!f)
        return;
    read_excerpt(f, line, count < SOURCE_LINES ? count : SOURCE_LINES, &x);
    fclose(f);
    while (x.count && !x.line[x.count - 1][0])
        mem_free(x.line[--x.count]);
    size_t margin = common_margin(&x);
    int digits = snprintf(NULL, 0, "%d", line + x.count - 1);
    for (int i = 0; i < x.count; i++) {
        size_t own = strlen(x.line[i]);
        text_printf(out, "\n%*d | %s", digits, line + i, x.line[i] + (own < margin ? own : margin));
        mem_free(x.line[i]);
    }
}
