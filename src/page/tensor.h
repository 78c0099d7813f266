/* tensor.h: tensors as the Open Inference Protocol (version 2, also KServe's V2) writes them: a question with inputs, an answer with outputs, and what a model and a
 * server say of themselves. All is JSON, or, with a server that has the binary tensor data extension, JSON and behind it the data of some tensors, one after the other.
 * Knows no socket. Any thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_TENSOR_H
#define PAGE_TENSOR_H

#include "base/base.h"

const char *tensor_type_name(ez_datatype type);                            /* "FP32"; "?" */

/* From so many bytes of data a tensor goes in binary form, if it may: docs/performance.md has what JSON costs. */
enum { TENSOR_BINARY = 1024 };

typedef struct tensor_question {
    const ez_tensor *in;
    int in_count;
    const ez_tensor *out;
    int out_count;
    bool binary;                                   /* the server takes and gives tensors in binary form */
} tensor_question;

/* {"inputs": …, "outputs": …}, and the binary data. *json: bytes of the JSON, as the header Inference-Header-Content-Length has to say when they are not all. False with
 * *err: an input is not well formed. */
bool tensor_write(const tensor_question *q, text *to, size_t *json, ez_err *err);

/* Whether it would matter that the server has the extension: something is large, FP16 or BF16, not finite, or its size is not known before. */
bool tensor_wants_binary(const tensor_question *q);

/* Of a server's metadata (GET /v2): that it has the extension. */
bool tensor_has_binary(const char *metadata, size_t count);

typedef struct tensor_answer {
    const char *body;                              /* ends with a NUL, as texts do */
    size_t count;
    long long json;                                /* Inference-Header-Content-Length: where binary data begins; below 0: there is none */
} tensor_answer;

/* Fills the outputs (shape, dims, count, data, type) from an answer, in the arena. An output without a name is the one in its place; one whose type or shape is said
 * must be so. most: bytes that all data may take; 0: any. False with *err, which names the tensor, what was expected and what came. */
bool tensor_read(const tensor_answer *from, ez_tensor *out, int out_count, size_t most, arena *a, ez_err *err);

/* What is said in {"error": "…"}; else "". At most 300 bytes, whole characters. */
void tensor_error(const char *body, size_t count, text *to);

/* Of a model's metadata: in which inputs these differ from what it wants, as a sentence; nothing when they do not, or it does not say. */
void tensor_differences(const char *metadata, size_t count, const ez_tensor *in, int in_count, text *to);

#endif
