/* tensor_fuzz.c: any bytes as the answer of an inference server: no crash, and what is read is as large as it says and can be written again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tensor_inside.h"
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

/* Through JSON numbers are equal, infinities do not go that way. In binary form they keep their bits, and the short ones are as near as their type is. */
static bool same_real(ez_datatype type, double v, double w, bool binary)
{
    if (binary && isnan(v)) return isnan(w);
    if (binary && type == EZ_FP16) return tensor_from_half(tensor_half((float)v)) == (float)w;
    if (binary && type == EZ_BF16) return tensor_from_brain(tensor_brain((float)v)) == (float)w;
    return v == w;
}

static void back(const ez_tensor *t, bool binary, arena *a)
{
    static const char in[] = "{\"inputs\"", out[] = "{\"outputs\"";
    const tensor_question q = { .in = t, .in_count = 1, .binary = binary };
    text body = { 0 }, again = { 0 };
    size_t json;
    ez_tensor same = { .name = t->name, .type = t->type };
    if (!t->count || !t->dims || !*t->name || !tensor_write(&q, &body, &json, NULL)) {
        text_done(&body);
        return;
    }
    text_puts(&again, out), text_add(&again, body.at + sizeof in - 1, body.count - (sizeof in - 1));
    if (!tensor_read(&(tensor_answer){ again.at, again.count, (long long)(json + sizeof out - sizeof in) }, &same, 1, 0, a, NULL) || same.count != t->count) abort();
    size_t each = t->type == EZ_FP64 || t->type == EZ_INT64 || t->type == EZ_UINT64 ? 8 : t->type == EZ_BOOL || t->type == EZ_INT8 || t->type == EZ_UINT8 ? 1 : t->type == EZ_INT16 || t->type == EZ_UINT16 ? 2 : 4;
    for (long long i = 0; i < t->count; i++) {
        if (t->type == EZ_BYTES ? strcmp(((const char *const *)t->data)[i], ((const char *const *)same.data)[i]) != 0
            : t->type == EZ_FP64 ? !same_real(t->type, ((const double *)t->data)[i], ((const double *)same.data)[i], binary)
            : t->type == EZ_FP32 || t->type == EZ_FP16 || t->type == EZ_BF16 ? !same_real(t->type, (double)((const float *)t->data)[i], (double)((const float *)same.data)[i], binary)
            : memcmp((const char *)t->data + (size_t)i * each, (const char *)same.data + (size_t)i * each, each) != 0)
            abort();
    }
    text_done(&body);
    text_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4 || size > 40000) return 0;
    char *body = malloc(size);
    arena *a = arena_new();
    ez_tensor out[] = { { .name = data[0] & 1 ? "y" : NULL, .type = (ez_datatype)((data[0] >> 1) % (EZ_BYTES + 1)) }, { .name = NULL, .shape = { -1, 1 } } };
    ez_err err = { 0 };
    text words = { 0 };
    /* Two bytes in front say where binary data begins, when bit 6 of the first is set. */
    const tensor_answer answer = { body, size - 3, data[0] & 64 ? data[1] | data[2] << 8 : -1 };
    memcpy(body, data + 3, size - 3);
    body[size - 3] = 0;
    if (tensor_read(&answer, out, data[0] & 128 ? 2 : 1, 1 << 20, a, &err)) {
        look(&out[0]);
        back(&out[0], false, a);
        back(&out[0], true, a);
    } else if (!err.code || !utf8_valid(err.text, strlen(err.text))) {
        abort();
    }
    const ez_tensor in = { .name = "y", .type = EZ_FP32, .shape = { 1, 4 } };
    tensor_error(body, size - 3, &words);
    tensor_differences(body, size - 3, &in, 1, &words);
    tensor_has_binary(body, size - 3);
    if (words.count && !utf8_valid(words.at, words.count)) abort();
    text_done(&words);
    arena_free(a);
    free(body);
    return 0;
}
