/* memory.c: malloc that never returns NULL, so that no caller has a branch that no test can reach. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool ran_out;               /* a fact of the process, for whoever looks at its end */

/* Nothing here may allocate: the line is written from a constant, and nobody up the stack can do better than end. */
static _Noreturn void memory_is_out(void)
{
    ran_out = true;
    static const char line[] = "easel: out of memory; the process ends. Give it more memory or lower its limits.\n";
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0) abort();
    abort();
}

bool mem_ran_out(void) { return ran_out; }

void *mem_alloc(size_t size)
{
    void *at = calloc(1, size ? size : 1);
    if (!at) memory_is_out();
    return at;
}

void *mem_resize(void *at, size_t size)
{
    at = realloc(at, size ? size : 1);
    if (!at) memory_is_out();
    return at;
}

void mem_free(void *at) { free(at); }

void *mem_copy(const void *at, size_t size)
{
    void *copy = malloc(size ? size : 1);
    if (!copy) memory_is_out();
    if (size) memcpy(copy, at, size);
    return copy;
}

char *mem_text(const char *text) { return text ? mem_copy(text, strlen(text) + 1) : NULL; }

/* Other C libraries give memory back by themselves. */
void mem_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
