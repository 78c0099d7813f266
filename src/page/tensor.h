/* tensor.h: tensors as the Open Inference Protocol (version 2, also KServe's V2) writes them in JSON: a question with inputs, an answer with outputs, and what a model
 * says of itself. Knows no socket. Any thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_TENSOR_H
#define PAGE_TENSOR_H

#include "base/base.h"

const char *tensor_type_name(ez_datatype type);                            /* "FP32"; "?" */

/* {"inputs": …, "outputs": …}. False with *err: an input is not well formed. */
bool tensor_write(const ez_tensor *in, int in_count, const ez_tensor *out, int out_count, text *to, ez_err *err);

/* Fills the outputs (shape, dims, count, data, type) from an answer's body, in the arena. An output without a name is the one in its place; one whose type or shape is said
 * must be so. The body ends with a NUL, as texts do. most: bytes that all data may take; 0: any. False with *err, which names the tensor, what was expected and what came. */
bool tensor_read(const char *body, size_t count, ez_tensor *out, int out_count, size_t most, arena *a, ez_err *err);

/* What is said in {"error": "…"}; else "". At most 300 bytes, whole characters. */
void tensor_error(const char *body, size_t count, text *to);

/* Of a model's metadata: in which inputs these differ from what it wants, as a sentence; nothing when they do not, or it does not say. */
void tensor_differences(const char *metadata, size_t count, const ez_tensor *in, int in_count, text *to);

#endif
