/* arena.c: blocks that grow from 4 kB to 256 kB; what is larger than half a block gets its own. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_FIRST = 4096, ARENA_LARGEST = 256 * 1024, ARENA_ALIGN = 16 };

typedef struct arena_block {
    struct arena_block *next;
    size_t size, used;                               /* both count this header */
} arena_block;

/* The arena itself stands in its first block, so that a small request costs one malloc. */
struct arena {
    arena_block *open;                               /* where small pieces come from; the others hang behind it */
    size_t next_size;
    _Atomic size_t held;                             /* others may look */
    size_t limit;                                    /* 0: nobody watches */
    void (*full)(void *data, size_t bytes);
    void *data;
};

static size_t arena_round(size_t size) { return (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1); }

static arena_block *arena_block_new(size_t size)
{
    arena_block *block = mem_resize(NULL, size);
    *block = (arena_block){ .size = size, .used = arena_round(sizeof *block) };
    return block;
}

static void *arena_block_take(arena_block *block, size_t size)
{
    void *at = (char *)block + block->used;
    block->used += size;
    return memset(at, 0, size);
}

arena *arena_new(void)
{
    arena_block *block = arena_block_new(ARENA_FIRST);
    arena *a = arena_block_take(block, arena_round(sizeof *a));
    *a = (arena){ .open = block, .next_size = 2 * ARENA_FIRST };
    atomic_init(&a->held, ARENA_FIRST);
    return a;
}

void arena_free(arena *a)
{
    if (!a) return;
    for (arena_block *block = a->open, *next; block; block = next) {
        next = block->next;
        mem_free(block);
    }
}

static arena_block *arena_more(arena *a, size_t size)
{
    size_t held = atomic_load_explicit(&a->held, memory_order_relaxed) + size;
    if (a->limit && held > a->limit) a->full(a->data, held);
    arena_block *block = arena_block_new(size);
    atomic_store_explicit(&a->held, held, memory_order_relaxed);
    return block;
}

/* A piece of its own goes behind the open block, which keeps serving the small ones. */
static void *arena_alloc_alone(arena *a, size_t size)
{
    arena_block *block = arena_more(a, arena_round(sizeof *block) + size);
    block->next = a->open->next;
    a->open->next = block;
    return arena_block_take(block, size);
}

void *arena_alloc(arena *a, size_t size)
{
    size = arena_round(size ? size : 1);
    if (a->open->size - a->open->used >= size) return arena_block_take(a->open, size);
    if (size > a->next_size / 2) return arena_alloc_alone(a, size);
    arena_block *block = arena_more(a, a->next_size);
    block->next = a->open;
    a->open = block;
    if (a->next_size < ARENA_LARGEST) a->next_size *= 2;
    return arena_block_take(block, size);
}

void *arena_copy(arena *a, const void *at, size_t size)
{
    void *copy = arena_alloc(a, size);
    if (size) memcpy(copy, at, size);
    return copy;
}

char *arena_text_n(arena *a, const char *text, size_t count)
{
    char *copy = arena_alloc(a, count + 1);
    if (count) memcpy(copy, text, count);
    return copy;
}

char *arena_text(arena *a, const char *text) { return text ? arena_text_n(a, text, strlen(text)) : NULL; }

char *arena_vprintf(arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int count = vsnprintf(NULL, 0, format, args);
    char *out = arena_alloc(a, count > 0 ? (size_t)count + 1 : 1);
    if (count > 0) vsnprintf(out, (size_t)count + 1, format, again);
    va_end(again);
    return out;
}

char *arena_printf(arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *out = arena_vprintf(a, format, args);
    va_end(args);
    return out;
}

size_t arena_size(const arena *a) { return atomic_load_explicit(&((arena *)a)->held, memory_order_relaxed); }

void arena_watch(arena *a, size_t limit, void (*full)(void *data, size_t bytes), void *data)
{
    a->limit = limit;
    a->full = full;
    a->data = data;
}
