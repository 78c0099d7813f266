/* tensor_write.c: inputs to JSON or binary form, and what a model wants them to be. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tensor_inside.h"
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const tensor_type tensor_types[] = {
    [EZ_DATATYPE_NONE] = { "?", 0, 0 },
    [EZ_BOOL] = { "BOOL", sizeof(bool), 1 }, [EZ_UINT8] = { "UINT8", 1, 1 }, [EZ_UINT16] = { "UINT16", 2, 2 }, [EZ_UINT32] = { "UINT32", 4, 4 }, [EZ_UINT64] = { "UINT64", 8, 8 },
    [EZ_INT8] = { "INT8", 1, 1 }, [EZ_INT16] = { "INT16", 2, 2 }, [EZ_INT32] = { "INT32", 4, 4 }, [EZ_INT64] = { "INT64", 8, 8 },
    [EZ_FP16] = { "FP16", sizeof(float), 2 }, [EZ_BF16] = { "BF16", sizeof(float), 2 }, [EZ_FP32] = { "FP32", sizeof(float), 4 }, [EZ_FP64] = { "FP64", sizeof(double), 8 },
    [EZ_BYTES] = { "BYTES", sizeof(char *), 4 },
};
const int tensor_type_count = COUNT(tensor_types);

const char *tensor_type_name(ez_datatype type)
{
    return (int)type >= 0 && (int)type < tensor_type_count ? tensor_types[type].name : "?";
}

int tensor_word(const char *s)
{
    size_t count = strlen(s);
    return (int)utf8_whole(s, count < 100 ? count : 100);
}

int tensor_dims(const ez_tensor *t)
{
    int dims = 0;
    if (t->dims > 0) return t->dims < EZ_DIMS ? t->dims : EZ_DIMS;
    while (dims < EZ_DIMS && t->shape[dims]) dims++;
    return dims;
}

void tensor_shape_text(text *to, const long long *shape, int dims)
{
    text_putc(to, '[');
    for (int i = 0; i < dims; i++) text_printf(to, "%s%lld", i ? ", " : "", shape[i]);
    text_putc(to, ']');
}

long long tensor_size(const long long *shape, int dims)
{
    long long size = 1;
    for (int i = 0; i < dims; i++) {
        if (shape[i] < 0 || (shape[i] && size > TENSOR_MOST / shape[i])) return -1;
        size *= shape[i];
    }
    return size;
}

/* ---- a question -------------------------------------------------------------------------------------------------------------------- */

static bool put_real(json *j, const ez_tensor *t, long long i, double v, ez_err *err)
{
    if (!isfinite(v)) return error_set(err, EZ_FAILED, "number %lld of the input \"%s\" is %s, which JSON cannot say", i, t->name, isnan(v) ? "no number" : "infinite");
    json_number(j, v);
    return true;
}

/* The shortest double that becomes this float again: 0.1 and not 0.10000000149011612. */
static double short_real(float v)
{
    char s[32];
    for (int digits = 6; digits < 9; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, (double)v);
        double d = strtod(s, NULL);
        if ((float)d == v) return d;
    }
    return (double)v;
}

static bool put_string(json *j, const ez_tensor *t, long long i, const char *s, ez_err *err)
{
    if (!s || !utf8_valid(s, strlen(s))) return error_set(err, EZ_FAILED, "string %lld of the input \"%s\" is %s", i, t->name, s ? "not UTF-8" : "NULL");
    json_text(j, s);
    return true;
}

static bool put_value(json *j, const ez_tensor *t, long long i, ez_err *err)
{
    char unsigned_number[24];
    switch (t->type) {
    case EZ_BOOL:   json_bool(j, ((const bool *)t->data)[i]); return true;
    case EZ_UINT8:  json_int(j, ((const uint8_t *)t->data)[i]); return true;
    case EZ_UINT16: json_int(j, ((const uint16_t *)t->data)[i]); return true;
    case EZ_UINT32: json_int(j, ((const uint32_t *)t->data)[i]); return true;
    case EZ_UINT64: json_raw(j, unsigned_number, (size_t)snprintf(unsigned_number, sizeof unsigned_number, "%" PRIu64, ((const uint64_t *)t->data)[i])); return true;
    case EZ_INT8:   json_int(j, ((const int8_t *)t->data)[i]); return true;
    case EZ_INT16:  json_int(j, ((const int16_t *)t->data)[i]); return true;
    case EZ_INT32:  json_int(j, ((const int32_t *)t->data)[i]); return true;
    case EZ_INT64:  json_int(j, ((const int64_t *)t->data)[i]); return true;
    case EZ_FP16: case EZ_BF16:
    case EZ_FP32:   return put_real(j, t, i, short_real(((const float *)t->data)[i]), err);
    case EZ_FP64:   return put_real(j, t, i, ((const double *)t->data)[i], err);
    case EZ_BYTES:  return put_string(j, t, i, ((const char *const *)t->data)[i], err);
    case EZ_DATATYPE_NONE: break;
    }
    return false;
}

static bool right_input(const ez_tensor *t, int i, ez_err *err)
{
    text shape = { 0 };
    int dims = tensor_dims(t);
    bool named = t->name && *t->name, typed = t->type > EZ_DATATYPE_NONE && (int)t->type < tensor_type_count;
    tensor_shape_text(&shape, t->shape, dims);
    long long size = tensor_size(t->shape, dims);
    bool good = named && typed && dims && size >= 0 && (t->data || !size);
    if (!named) error_set(err, EZ_FAILED, "input %d has no name; give it the one that the model knows it by", i);
    else if (!typed) error_set(err, EZ_FAILED, "the input \"%s\" has no type; give one such as EZ_FP32", t->name);
    else if (!dims || size < 0) error_set(err, EZ_FAILED, "the input \"%s\" has the shape %s; give its sizes, all above 0", t->name, shape.at);
    else if (!good) error_set(err, EZ_FAILED, "the input \"%s\" has no data", t->name);
    text_done(&shape);
    return good;
}

/* JSON can say neither. */
static bool has_infinity(const ez_tensor *t)
{
    long long size = tensor_size(t->shape, tensor_dims(t));
    bool all = true;
    for (long long i = 0; t->type == EZ_FP32 && i < size && all; i++) all = isfinite(((const float *)t->data)[i]);
    for (long long i = 0; t->type == EZ_FP64 && i < size && all; i++) all = isfinite(((const double *)t->data)[i]);
    return !all;
}

static bool is_short_real(ez_datatype type) { return type == EZ_FP16 || type == EZ_BF16; }

static bool input_wants_binary(const ez_tensor *t) { return is_short_real(t->type) || tensor_bytes(t) >= TENSOR_BINARY || has_infinity(t); }

static bool output_wants_binary(const ez_tensor *t)
{
    int dims = tensor_dims(t);
    long long size = tensor_size(t->shape, dims);
    bool known = (int)t->type > EZ_DATATYPE_NONE && (int)t->type < tensor_type_count && dims && size >= 0;
    return !known || is_short_real(t->type) || (size_t)size * tensor_types[t->type].wire >= TENSOR_BINARY;
}

static bool put_input(json *j, const ez_tensor *t, bool binary, ez_err *err)
{
    int dims = tensor_dims(t);
    long long size = tensor_size(t->shape, dims);
    bool good = true;
    json_object(j);
    json_member(j, "name", t->name);
    json_key(j, "shape"), json_array(j);
    for (int i = 0; i < dims; i++) json_int(j, t->shape[i]);
    json_array_end(j);
    json_member(j, "datatype", tensor_type_name(t->type));
    if (binary) {
        json_key(j, "parameters"), json_object(j);
        json_key(j, "binary_data_size"), json_int(j, (int64_t)tensor_bytes(t));
        json_object_end(j);
    } else {
        json_key(j, "data"), json_array(j);
        for (long long i = 0; i < size && good; i++) good = put_value(j, t, i, err);
        json_array_end(j);
    }
    json_object_end(j);
    return good;
}

/* Outputs are asked for by name when all have one, so that the server need not send others. */
static void put_outputs(json *j, const ez_tensor *out, int count)
{
    for (int i = 0; i < count; i++)
        if (!out[i].name || !*out[i].name) return;
    if (!count) return;
    json_key(j, "outputs"), json_array(j);
    for (int i = 0; i < count; i++) json_object(j), json_member(j, "name", out[i].name), json_object_end(j);
    json_array_end(j);
}

bool tensor_wants_binary(const tensor_question *q)
{
    for (int i = 0; i < q->in_count; i++)
        if (!right_input(&q->in[i], i, NULL)) return false;
    for (int i = 0; i < q->in_count; i++)
        if (input_wants_binary(&q->in[i])) return true;
    for (int i = 0; i < q->out_count; i++)
        if (output_wants_binary(&q->out[i])) return true;
    return false;
}

/* Asked for without a name for each, so that it holds for outputs that nobody named, too. */
static void ask_for_binary(json *j, const tensor_question *q)
{
    for (int i = 0; i < q->out_count; i++)
        if (output_wants_binary(&q->out[i])) {
            json_key(j, "parameters"), json_object(j);
            json_key(j, "binary_data_output"), json_bool(j, true);
            json_object_end(j);
            return;
        }
}

bool tensor_write(const tensor_question *q, text *to, size_t *bytes, ez_err *err)
{
    json j = json_to(to);
    bool good = true;
    j.wire = true;
    json_object(&j);
    json_key(&j, "inputs"), json_array(&j);
    for (int i = 0; i < q->in_count && good; i++) good = right_input(&q->in[i], i, err) && put_input(&j, &q->in[i], q->binary && input_wants_binary(&q->in[i]), err);
    json_array_end(&j);
    put_outputs(&j, q->out, q->out_count);
    if (q->binary) ask_for_binary(&j, q);
    json_object_end(&j);
    *bytes = to->count;
    for (int i = 0; i < q->in_count && good && q->binary; i++)
        if (input_wants_binary(&q->in[i])) good = tensor_pack(&q->in[i], to, err);
    return good;
}

/* ---- what it wants ------------------------------------------------------------------------------------------------------------------ */

typedef struct wanted { const char *name, *type; long long shape[EZ_DIMS]; int dims; } wanted;

static bool read_wanted(const cJSON *o, wanted *w)
{
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(o, "shape"), *one;
    *w = (wanted){ .name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "name")), .type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "datatype")) };
    cJSON_ArrayForEach(one, shape) {
        if (!cJSON_IsNumber(one) || one->valuedouble < -1 || one->valuedouble > 1e15 || w->dims == EZ_DIMS) return false;
        w->shape[w->dims++] = (long long)one->valuedouble;
    }
    return w->name && w->type && cJSON_IsArray(shape);
}

bool tensor_shape_fits(const long long *shape, int dims, const long long *wanted_shape, int wanted_dims)
{
    bool fits = dims == wanted_dims;
    for (int i = 0; i < dims && fits; i++) fits = wanted_shape[i] < 0 || shape[i] == wanted_shape[i];
    return fits;
}

static void put_wanted(text *to, const wanted *w)
{
    text_printf(to, "%sthe model wants \"%.*s\" as %.*s ", to->count ? "; " : "", TENSOR_WORD(w->name), TENSOR_WORD(w->type));
    tensor_shape_text(to, w->shape, w->dims);
}

static void compare(text *to, const wanted *w, const ez_tensor *in, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(in[i].name, w->name)) continue;
        int dims = tensor_dims(&in[i]);
        if (!strcmp(tensor_type_name(in[i].type), w->type) && tensor_shape_fits(in[i].shape, dims, w->shape, w->dims)) return;
        put_wanted(to, w);
        text_printf(to, " and was given %s ", tensor_type_name(in[i].type));
        tensor_shape_text(to, in[i].shape, dims);
        return;
    }
    put_wanted(to, w);
    text_puts(to, " and was not given it");
}

/* Names of inputs that the model does not have. */
static void name_unknown(text *to, const cJSON *inputs, const ez_tensor *in, int count)
{
    const cJSON *one;
    for (int i = 0; i < count; i++) {
        bool found = false;
        cJSON_ArrayForEach(one, inputs) {
            const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "name"));
            found = found || (name && !strcmp(name, in[i].name));
        }
        if (!found) text_printf(to, "%sthe model has no input \"%.*s\"", to->count ? "; " : "", TENSOR_WORD(in[i].name));
    }
}

void tensor_differences(const char *metadata, size_t count, const ez_tensor *in, int in_count, text *to)
{
    cJSON *o = utf8_valid(metadata, count) ? cJSON_ParseWithLength(metadata, count) : NULL;
    const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(o, "inputs"), *one;
    wanted w;
    if (cJSON_GetArraySize(inputs) > 0) {
        cJSON_ArrayForEach(one, inputs)
            if (read_wanted(one, &w)) compare(to, &w, in, in_count);
        name_unknown(to, inputs, in, in_count);
    }
    cJSON_Delete(o);
}

bool tensor_has_binary(const char *metadata, size_t count)
{
    cJSON *o = utf8_valid(metadata, count) ? cJSON_ParseWithLength(metadata, count) : NULL;
    const cJSON *one;
    bool found = false;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "extensions"))
        found = found || (cJSON_IsString(one) && !strcmp(one->valuestring, "binary_tensor_data"));
    cJSON_Delete(o);
    return found;
}

void tensor_error(const char *body, size_t count, text *to)
{
    cJSON *o = utf8_valid(body, count) ? cJSON_ParseWithLength(body, count) : NULL;
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(o, "error");
    const char *words = cJSON_GetStringValue(error);
    if (!words) words = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"));
    if (!words) words = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "detail"));
    if (words) text_add(to, words, utf8_whole(words, strlen(words) < 300 ? strlen(words) : 300));
    cJSON_Delete(o);
}
