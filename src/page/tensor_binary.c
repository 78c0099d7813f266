/* tensor_binary.c: values of tensors as bytes, as the binary tensor data extension has them, and the two short kinds of real numbers that C has no type for. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tensor_inside.h"
#include <math.h>
#include <string.h>

/* ---- FP16: 1 bit of sign, 5 of exponent, 10 of fraction; BF16: the upper half of a float ---------------------------------------------------- */

static uint32_t bits_of(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static float real_of(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* Below 2^-14, the smallest number with a whole fraction: so many times 2^-24. */
static uint16_t subnormal_half(uint32_t bits)
{
    uint32_t fraction = 0x800000 | (bits & 0x7fffff), shift = 126 - (bits >> 23);
    if (shift > 24) return 0;
    uint32_t whole = fraction >> shift, rest = fraction & ((1u << shift) - 1), middle = 1u << (shift - 1);
    return (uint16_t)(whole + (rest > middle || (rest == middle && (whole & 1))));
}

uint16_t tensor_half(float v)
{
    uint32_t bits = bits_of(v) & 0x7fffffff, fraction = bits >> 13 & 0x3ff;
    uint16_t sign = (uint16_t)(bits_of(v) >> 16 & 0x8000);
    if (bits > 0x7f800000) return (uint16_t)(sign | 0x7c00 | (fraction ? fraction : 0x200));
    if (bits >= 0x47800000) return sign | 0x7c00;
    if (bits < 0x38800000) return sign | subnormal_half(bits);
    bits += 0xfff + (bits >> 13 & 1);
    return (uint16_t)(sign | (bits - 0x38000000) >> 13);
}

float tensor_from_half(uint16_t v)
{
    uint32_t sign = (uint32_t)(v & 0x8000) << 16, exponent = v >> 10 & 31, fraction = v & 0x3ff;
    if (exponent == 31) return real_of(sign | 0x7f800000 | fraction << 13);
    if (exponent) return real_of(sign | (exponent + 112) << 23 | fraction << 13);
    return copysignf((float)fraction * 0x1p-24f, sign ? -1.0f : 1.0f);
}

uint16_t tensor_brain(float v)
{
    uint32_t bits = bits_of(v);
    if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | (bits >> 16 & 0x7f ? 0 : 0x40));
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float tensor_from_brain(uint16_t v) { return real_of((uint32_t)v << 16); }

/* ---- out ------------------------------------------------------------------------------------------------------------------------------ */

enum { PIECE = 512 };

static bool is_little(void) { return *(const unsigned char *)&(const uint16_t){ 1 } == 1; }

static void swap_each(char *at, size_t count, size_t each)
{
    for (char *end = at + count; at < end; at += each)
        for (size_t i = 0; i < each / 2; i++) {
            char c = at[i];
            at[i] = at[each - 1 - i];
            at[each - 1 - i] = c;
        }
}

static void pack_length(text *to, size_t count)
{
    const char length[] = { (char)(count & 0xff), (char)(count >> 8 & 0xff), (char)(count >> 16 & 0xff), (char)(count >> 24 & 0xff) };
    text_add(to, length, sizeof length);
}

static bool pack_strings(const ez_tensor *t, long long size, text *to, ez_err *err)
{
    for (long long i = 0; i < size; i++) {
        const char *s = ((const char *const *)t->data)[i];
        size_t count = s ? strlen(s) : 0;
        if (!s || !utf8_valid(s, count) || count > UINT32_MAX)
            return error_set(err, EZ_FAILED, "string %lld of the input \"%s\" is %s", i, t->name, !s ? "NULL" : count > UINT32_MAX ? "longer than 4 GB" : "not UTF-8");
        pack_length(to, count);
        text_add(to, s, count);
    }
    return true;
}

static bool pack_short(const ez_tensor *t, long long size, text *to, ez_err *err)
{
    uint16_t piece[PIECE];
    for (long long i = 0; i < size;) {
        size_t count = 0;
        for (; count < PIECE && i < size; count++, i++) {
            float v = ((const float *)t->data)[i];
            piece[count] = t->type == EZ_FP16 ? tensor_half(v) : tensor_brain(v);
            if (isfinite(v) && !isfinite(t->type == EZ_FP16 ? tensor_from_half(piece[count]) : tensor_from_brain(piece[count])))
                return error_set(err, EZ_FAILED, "number %lld of the input \"%s\" is %g, more than %s can hold", i, t->name, (double)v, tensor_type_name(t->type));
        }
        if (!is_little()) swap_each((char *)piece, count * 2, 2);
        text_add(to, piece, count * 2);
    }
    return true;
}

size_t tensor_bytes(const ez_tensor *t)
{
    long long size = tensor_size(t->shape, tensor_dims(t));
    size_t count = (size_t)size * tensor_types[t->type].wire;
    for (long long i = 0; t->type == EZ_BYTES && i < size; i++) {
        const char *s = ((const char *const *)t->data)[i];
        count += s ? strlen(s) : 0;
    }
    return count;
}

bool tensor_pack(const ez_tensor *t, text *to, ez_err *err)
{
    long long size = tensor_size(t->shape, tensor_dims(t));
    if (t->type == EZ_BYTES) return pack_strings(t, size, to, err);
    if (t->type == EZ_FP16 || t->type == EZ_BF16) return pack_short(t, size, to, err);
    size_t each = tensor_types[t->type].wire, count = (size_t)size * each, from = to->count;
    text_add(to, t->data, count);
    if (!is_little()) swap_each(to->at + from, count, each);
    return true;
}

/* ---- in ------------------------------------------------------------------------------------------------------------------------------- */

typedef struct unpacking { const char *name; ez_datatype type; const char *bytes; size_t count; long long size; } unpacking;

static bool unpack_bools(const unpacking *u, bool *to, ez_err *err)
{
    for (long long i = 0; i < u->size; i++) {
        if ((unsigned char)u->bytes[i] > 1) return error_set(err, EZ_BROKEN, "value %lld of the output \"%.*s\" is the byte %d, which is no BOOL", i, TENSOR_WORD(u->name), (unsigned char)u->bytes[i]);
        to[i] = u->bytes[i] == 1;
    }
    return true;
}

static void unpack_short(const unpacking *u, float *to)
{
    const unsigned char *b = (const unsigned char *)u->bytes;
    for (long long i = 0; i < u->size; i++, b += 2) {
        uint16_t v = (uint16_t)(b[0] | b[1] << 8);
        to[i] = u->type == EZ_FP16 ? tensor_from_half(v) : tensor_from_brain(v);
    }
}

/* C has them as strings: UTF-8, no NUL inside. */
static bool unpack_strings(const unpacking *u, const char **to, arena *a, ez_err *err)
{
    const char *at = u->bytes, *end = at + u->count;
    for (long long i = 0; i < u->size; i++) {
        const unsigned char *b = (const unsigned char *)at;
        if (end - at < 4) return error_set(err, EZ_BROKEN, "the output \"%.*s\" ends before the length of string %lld of %lld", TENSOR_WORD(u->name), i, u->size);
        size_t count = (size_t)b[0] | (size_t)b[1] << 8 | (size_t)b[2] << 16 | (size_t)b[3] << 24;
        at += 4;
        if (count > (size_t)(end - at)) return error_set(err, EZ_BROKEN, "string %lld of the output \"%.*s\" is to have %zu bytes, and %zu are left", i, TENSOR_WORD(u->name), count, (size_t)(end - at));
        if (memchr(at, 0, count) || !utf8_valid(at, count)) return error_set(err, EZ_BROKEN, "string %lld of the output \"%.*s\" is no text in UTF-8; bytes that are none can come as UINT8", i, TENSOR_WORD(u->name));
        to[i] = arena_text_n(a, at, count);
        at += count;
    }
    return at == end || error_set(err, EZ_BROKEN, "%zu bytes stand behind the last string of the output \"%.*s\"", (size_t)(end - at), TENSOR_WORD(u->name));
}

bool tensor_unpack(const char *name, ez_datatype type, const char *bytes, size_t byte_count, long long size, void *to, arena *a, ez_err *err)
{
    const unpacking u = { name, type, bytes, byte_count, size };
    if (type == EZ_BOOL) return unpack_bools(&u, to, err);
    if (type == EZ_BYTES) return unpack_strings(&u, to, a, err);
    if (type == EZ_FP16 || type == EZ_BF16) {
        unpack_short(&u, to);
        return true;
    }
    if (byte_count) memcpy(to, bytes, byte_count);
    if (!is_little()) swap_each(to, byte_count, tensor_types[type].wire);
    return true;
}
