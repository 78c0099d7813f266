/* list.c: the growing array behind LIST(T). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <string.h>

void *list_grow(void *at, int *count, int *room, size_t size)
{
    if (*count == *room) {
        *room = *room ? *room * 2 : 8;
        at = mem_resize(at, (size_t)*room * size);
    }
    memset((char *)at + (size_t)*count * size, 0, size);
    ++*count;
    return at;
}

void list_cut(void *at, int *count, int i, size_t size)
{
    char *hole = (char *)at + (size_t)i * size;
    memmove(hole, hole + size, (size_t)(*count - i - 1) * size);
    --*count;
}

bool list_drop_same(void *at, int *count, const void *item, size_t size)
{
    for (int i = 0; i < *count; i++) {
        if (memcmp((char *)at + (size_t)i * size, item, size)) continue;
        list_cut(at, count, i, size);
        return true;
    }
    return false;
}
