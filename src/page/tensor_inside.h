/* tensor_inside.h: what tensor_write.c and tensor_read.c share. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_TENSOR_INSIDE_H
#define PAGE_TENSOR_INSIDE_H

#include "page/tensor.h"

#define TENSOR_MOST (1ll << 40)                /* elements that a shape may stand for */

typedef struct tensor_type { const char *name; size_t size; } tensor_type;
extern const tensor_type tensor_types[];       /* by ez_datatype */
extern const int tensor_type_count;

int  tensor_dims(const ez_tensor *t);          /* that are said */
void tensor_shape_text(text *to, const long long *shape, int dims);        /* "[1, 4]" */
long long tensor_size(const long long *shape, int dims);                   /* elements; -1: it is no shape */
/* "%.*s" of a stranger's word: 100 bytes at most, whole characters. */
#define TENSOR_WORD(s) tensor_word(s), (s)
int  tensor_word(const char *s);
bool tensor_shape_fits(const long long *shape, int dims, const long long *wanted_shape, int wanted_dims);   /* below 0: any */

#endif
