/* tensor_fuzz.c: any bytes as the answer of an inference server: no crash, and what is read is as large as it says and can be written again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tensor.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void look(const ez_tensor *t)
{
    long long size = 1;
    for (int i = 0; i < t->dims; i++) size *= t->shape[i];
    if (size != t->count || t->type == EZ_DATATYPE_NONE || !t->name || !utf8_valid(t->name, strlen(t->name))) abort();
    for (long long i = 0; t->type == EZ_BYTES && i < size; i++) {
        const char *s = ((const char *const *)t->data)[i];
        if (!s || !utf8_valid(s, strlen(s))) abort();
    }
}

/* Numbers come back as they went out. */
static void back(const ez_tensor *t, arena *a)
{
    text body = { 0 }, again = { 0 };
    ez_tensor same = { .name = t->name, .type = t->type };
    if (!t->count || !t->dims || !*t->name || !tensor_write(t, 1, NULL, 0, &body, NULL)) {
        text_done(&body);
        return;
    }
    text_printf(&again, "{\"outputs\"%s", body.at + strlen("{\"inputs\""));
    if (!tensor_read(again.at, again.count, &same, 1, 0, a, NULL) || same.count != t->count) abort();
    size_t each = t->type == EZ_FP64 || t->type == EZ_INT64 || t->type == EZ_UINT64 ? 8 : t->type == EZ_BOOL || t->type == EZ_INT8 || t->type == EZ_UINT8 ? 1 : t->type == EZ_INT16 || t->type == EZ_UINT16 ? 2 : 4;
    for (long long i = 0; i < t->count; i++) {
        if (t->type == EZ_BYTES ? strcmp(((const char *const *)t->data)[i], ((const char *const *)same.data)[i]) != 0
            : t->type == EZ_FP64 ? ((const double *)t->data)[i] != ((const double *)same.data)[i]
            : t->type == EZ_FP32 || t->type == EZ_FP16 || t->type == EZ_BF16 ? ((const float *)t->data)[i] != ((const float *)same.data)[i]
            : memcmp((const char *)t->data + (size_t)i * each, (const char *)same.data + (size_t)i * each, each) != 0)
            abort();
    }
    text_done(&body);
    text_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 40000) return 0;
    char *body = malloc(size);
    arena *a = arena_new();
    ez_tensor out[] = { { .name = data[0] & 1 ? "y" : NULL, .type = (ez_datatype)((data[0] >> 1) % (EZ_BYTES + 1)) }, { .name = NULL, .shape = { -1, 1 } } };
    ez_err err = { 0 };
    text words = { 0 };
    memcpy(body, data + 1, size - 1);
    body[size - 1] = 0;
    if (tensor_read(body, size - 1, out, data[0] & 128 ? 2 : 1, 1 << 20, a, &err)) {
        look(&out[0]);
        back(&out[0], a);
    } else if (!err.code || !utf8_valid(err.text, strlen(err.text))) {
        abort();
    }
    const ez_tensor in = { .name = "y", .type = EZ_FP32, .shape = { 1, 4 } };
    tensor_error(body, size - 1, &words);
    tensor_differences(body, size - 1, &in, 1, &words);
    if (words.count && !utf8_valid(words.at, words.count)) abort();
    text_done(&words);
    arena_free(a);
    free(body);
    return 0;
}
