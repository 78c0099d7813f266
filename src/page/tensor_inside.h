/* tensor_inside.h: what tensor_write.c, tensor_read.c and tensor_binary.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_TENSOR_INSIDE_H
#define PAGE_TENSOR_INSIDE_H

#include "page/tensor.h"

#define TENSOR_MOST (1ll << 40)                /* elements that a shape may stand for */

typedef struct tensor_type { const char *name; size_t size, wire; } tensor_type;    /* bytes of a value in C, and in binary form */
extern const tensor_type tensor_types[];       /* by ez_datatype */
extern const int tensor_type_count;

int  tensor_dims(const ez_tensor *t);          /* that are said */
void tensor_shape_text(text *to, const long long *shape, int dims);        /* "[1, 4]" */
long long tensor_size(const long long *shape, int dims);                   /* elements; -1: it is no shape */
/* "%.*s" of a stranger's word: 100 bytes at most, whole characters. */
#define TENSOR_WORD(s) tensor_word(s), (s)
int  tensor_word(const char *s);
bool tensor_shape_fits(const long long *shape, int dims, const long long *wanted_shape, int wanted_dims);   /* below 0: any */

/* ---- binary form: little-endian, nothing between values; BYTES with their length before them ------------------------------------------------ */

uint16_t tensor_half(float v);                 /* FP16, to the nearest, ties to even; too large: infinite */
float    tensor_from_half(uint16_t v);
uint16_t tensor_brain(float v);                /* BF16, likewise */
float    tensor_from_brain(uint16_t v);

size_t tensor_bytes(const ez_tensor *t);       /* that its data has in binary form */
bool   tensor_pack(const ez_tensor *t, text *to, ez_err *err);
/* `size` values into `to`, which has room for them as C has them; strings go to the arena. */
bool   tensor_unpack(const char *name, ez_datatype type, const char *bytes, size_t byte_count, long long size, void *to, arena *a, ez_err *err);

#endif
