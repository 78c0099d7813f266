/* tensor_read.c: the outputs of an answer. It is read where it lies, and numbers go straight to where they are wanted: a tree of a million of them would take a hundred
 * times their room, and whole numbers of 64 bits are more than a double holds. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tensor_inside.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OUTPUTS_MOST = 1000, NAME_MOST = 4096 };

/* ---- JSON, as far as it is needed ---------------------------------------------------------------------------------------------------- */

#define BLANKS " \t\r\n"

static const char *behind_blanks(const char *s) { return s + strspn(s, BLANKS); }

static const char *behind_string(const char *s)
{
    for (s++; *s != '"'; s++) {
        if (*s == '\\') s++;
        if ((unsigned char)*s < 0x20) return NULL;
    }
    return s + 1;
}

/* NULL: no value begins here, or it does not end. */
static const char *behind_value(const char *s)
{
    size_t depth = 0;
    do {
        size_t plain = strcspn(s, depth ? "\"[]{}" : "\"[]{}," BLANKS);
        if (!depth && plain) return s + plain;
        s += plain;
        if (*s == '"') {
            s = behind_string(s);
            if (!s) return NULL;
            continue;
        }
        bool opens = *s == '[' || *s == '{';
        if (!*s || (!depth && !opens)) return NULL;
        if (opens) depth++;
        else depth--;
        s++;
    } while (depth);
    return s;
}

/* A member of an object, or an item of a list, which has no key. */
typedef struct item { const char *key, *key_end, *value, *end; } item;
/* Goes on behind the one before; zeroed, it begins. */
typedef struct walk { const char *at; bool begun, broken; } walk;

static bool walk_fails(walk *w)
{
    w->broken = true;
    return false;
}

static bool walk_next(walk *w, item *i)
{
    const char *s = behind_blanks(w->at);
    if (!w->begun) {
        if (*s != '{' && *s != '[') return walk_fails(w);
        i->key = *s == '{' ? s : NULL;
        s = behind_blanks(s + 1);
        if (*s == '}' || *s == ']') return false;
    } else {
        if (*s == '}' || *s == ']') return false;
        if (*s != ',') return walk_fails(w);
        s = behind_blanks(s + 1);
    }
    if (i->key) {
        i->key = s;
        i->key_end = *s == '"' ? behind_string(s) : NULL;
        if (!i->key_end || *(s = behind_blanks(i->key_end)) != ':') return walk_fails(w);
        s = behind_blanks(s + 1);
    }
    i->value = s;
    i->end = behind_value(s);
    w->at = i->end;
    w->begun = true;
    return i->end || walk_fails(w);
}

static bool is_key(const item *i, const char *key)
{
    size_t count = strlen(key);
    return (size_t)(i->key_end - i->key) == count + 2 && !strncmp(i->key + 1, key, count);
}

/* NULL: it is no string. */
static const char *string_of(arena *a, const char *s, const char *end)
{
    if (*s != '"') return NULL;
    if (!memchr(s, '\\', (size_t)(end - s))) return arena_text_n(a, s + 1, (size_t)(end - s - 2));
    cJSON *o = cJSON_ParseWithLength(s, (size_t)(end - s));
    const char *words = arena_text(a, cJSON_GetStringValue(o));
    cJSON_Delete(o);
    return words;
}

/* ---- outputs ----------------------------------------------------------------------------------------------------------------------- */

typedef struct output {
    const char *name, *type;
    long long shape[EZ_DIMS];
    int dims;
    const char *data, *end;                    /* the list in JSON */
    bool binary, broken_size;
    size_t size;                               /* …or so many bytes behind it */
    const char *bytes;
} output;
typedef struct outputs { LIST(output) list; } outputs;

static bool read_shape(const item *i, output *o)
{
    walk w = { .at = i->value };
    item one = { 0 };
    if (*i->value != '[') return false;
    while (walk_next(&w, &one)) {
        char *end;
        long long v = strtoll(one.value, &end, 10);
        if (end != one.end || v < 0 || v > TENSOR_MOST || o->dims == EZ_DIMS) return false;
        o->shape[o->dims++] = v;
    }
    return !w.broken;
}

/* What is said of binary data; the other parameters are the server's own. */
static void read_parameters(const item *is, output *o)
{
    walk w = { .at = is->value };
    item i = { 0 };
    if (*is->value != '{') return;
    while (walk_next(&w, &i)) {
        if (!is_key(&i, "binary_data_size")) continue;
        char *end;
        errno = 0;
        long long v = strtoll(i.value, &end, 10);
        o->broken_size = end != i.end || errno || v < 0;
        o->size = o->broken_size ? 0 : (size_t)v;
        o->binary = true;
    }
    if (w.broken) o->binary = o->broken_size = true;
}

static bool read_output(const item *is, output *o, arena *a)
{
    walk w = { .at = is->value };
    item i = { 0 };
    bool shaped = false;
    if (*is->value != '{') return false;
    while (walk_next(&w, &i)) {
        bool small = i.end - i.value < NAME_MOST;
        if (is_key(&i, "name") && !o->name && small) o->name = string_of(a, i.value, i.end);
        else if (is_key(&i, "datatype") && !o->type && small) o->type = string_of(a, i.value, i.end);
        else if (is_key(&i, "shape") && !shaped && !(shaped = read_shape(&i, o))) return false;
        else if (is_key(&i, "data")) o->data = i.value, o->end = i.end;
        else if (is_key(&i, "parameters")) read_parameters(&i, o);
    }
    return !w.broken && o->name && o->type && shaped;
}

static bool read_outputs(const char *body, outputs *all, arena *a, ez_err *err)
{
    walk w = { .at = body }, list;
    item i = { 0 }, one;
    bool found = false;
    if (*behind_blanks(body) != '{') return error_set(err, EZ_BROKEN, "the answer is no object of JSON");
    while (walk_next(&w, &i)) {
        if (!is_key(&i, "outputs") || *i.value != '[' || found) continue;
        found = true;
        list = (walk){ .at = i.value };
        one = (item){ 0 };
        while (walk_next(&list, &one) && all->list.count < OUTPUTS_MOST)
            if (!read_output(&one, list_add(&all->list), a)) return error_set(err, EZ_BROKEN, "output %d of the answer has no name, no datatype or no shape that is one", all->list.count - 1);
        if (list.broken) return error_set(err, EZ_BROKEN, "the answer is no JSON");
    }
    if (w.broken) return error_set(err, EZ_BROKEN, "the answer is no JSON, or was cut off");
    return found || error_set(err, EZ_BROKEN, "the answer has no outputs");
}

/* ---- numbers ----------------------------------------------------------------------------------------------------------------------- */

static bool whole_between(const char *s, const char *end, int64_t low, int64_t high, int64_t *v)
{
    char *stop;
    errno = 0;
    *v = strtoll(s, &stop, 10);
    return stop == end && !errno && *v >= low && *v <= high;
}

static bool read_whole(ez_datatype type, const char *s, const char *end, void *to)
{
    int64_t v = 0;
    char *stop;
    if (*s != '-' && (*s < '0' || *s > '9')) return false;
    switch (type) {
    case EZ_UINT8:  return whole_between(s, end, 0, UINT8_MAX, &v) && (*(uint8_t *)to = (uint8_t)v, true);
    case EZ_UINT16: return whole_between(s, end, 0, UINT16_MAX, &v) && (*(uint16_t *)to = (uint16_t)v, true);
    case EZ_UINT32: return whole_between(s, end, 0, UINT32_MAX, &v) && (*(uint32_t *)to = (uint32_t)v, true);
    case EZ_INT8:   return whole_between(s, end, INT8_MIN, INT8_MAX, &v) && (*(int8_t *)to = (int8_t)v, true);
    case EZ_INT16:  return whole_between(s, end, INT16_MIN, INT16_MAX, &v) && (*(int16_t *)to = (int16_t)v, true);
    case EZ_INT32:  return whole_between(s, end, INT32_MIN, INT32_MAX, &v) && (*(int32_t *)to = (int32_t)v, true);
    case EZ_INT64:  return whole_between(s, end, INT64_MIN, INT64_MAX, &v) && (*(int64_t *)to = v, true);
    default:        break;
    }
    errno = 0;
    *(uint64_t *)to = strtoull(s, &stop, 10);
    return *s != '-' && stop == end && !errno;
}

/* JSON knows no infinity: some servers write null, Python's json words. */
static bool read_real(const char *s, const char *end, double *v)
{
    static const struct { const char *word; double means; } words[] = { { "null", NAN }, { "NaN", NAN }, { "Infinity", INFINITY }, { "-Infinity", -INFINITY } };
    char *stop;
    size_t count = (size_t)(end - s);
    for (int i = 0; i < COUNT(words); i++)
        if (strlen(words[i].word) == count && !strncmp(s, words[i].word, count)) return *v = words[i].means, true;
    if (strspn(s, "-+.0123456789eE") < count || *s == '+' || *s == '.') return false;
    *v = plain_real(s, &stop);
    return stop == end;
}

static bool read_bool(const char *s, const char *end, bool *v)
{
    size_t count = (size_t)(end - s);
    *v = (count == 4 && !strncmp(s, "true", 4)) || (count == 1 && *s == '1');
    return *v || (count == 5 && !strncmp(s, "false", 5)) || (count == 1 && *s == '0');
}

static bool read_value(ez_datatype type, const char *s, const char *end, arena *a, void *to)
{
    double v = 0;
    switch (type) {
    case EZ_BOOL:  return read_bool(s, end, to);
    case EZ_FP16: case EZ_BF16:
    case EZ_FP32:  return read_real(s, end, &v) && (*(float *)to = (float)v, true);
    case EZ_FP64:  return read_real(s, end, to);
    case EZ_BYTES: return (*(const char **)to = string_of(a, s, end)) != NULL;
    default:       return read_whole(type, s, end, to);
    }
}

/* ---- data, flat or nested as its shape ------------------------------------------------------------------------------------------------- */

static bool not_a_value(const output *o, long long i, const char *s, const char *end, ez_err *err)
{
    size_t count = (size_t)(end - s);
    if (count > 40) count = utf8_whole(s, 40);
    return error_set(err, EZ_BROKEN, "number %lld of the output \"%.*s\" is %.*s, which is no %.*s", i, TENSOR_WORD(o->name), (int)count, s, TENSOR_WORD(o->type));
}

static bool wrong_count(const output *o, long long want, bool more, ez_err *err)
{
    return error_set(err, EZ_BROKEN, "the data of the output \"%.*s\" has %s than the %lld values of its shape", TENSOR_WORD(o->name), more ? "more" : "fewer", want);
}

/* `size` values, each of `each` bytes. Between two of them stands a comma, around any number of them brackets. */
static bool fill(const output *o, ez_datatype type, long long size, size_t each, arena *a, char *to, ez_err *err)
{
    long long count = 0;
    bool done = false, comma = false;
    const char *s = o->data;
    while (s < o->end) {
        if (strchr(BLANKS, *s)) {
            s++;
        } else if (*s == ',' && done) {
            done = false, comma = true, s++;
        } else if (*s == ']' && !comma) {
            done = true, s++;
        } else if (*s == '[' && !done) {
            comma = false, s++;
        } else if (done || strchr(",]{}", *s)) {
            return error_set(err, EZ_BROKEN, "the data of the output \"%.*s\" is no list of values", TENSOR_WORD(o->name));
        } else {
            const char *end = behind_value(s);
            if (count == size) return wrong_count(o, size, true, err);
            if (!read_value(type, s, end, a, to + (size_t)count * each)) return not_a_value(o, count, s, end, err);
            s = end, done = true, comma = false, count++;
        }
    }
    return count == size || wrong_count(o, size, false, err);
}

/* ---- data behind the JSON -------------------------------------------------------------------------------------------------------------- */

/* Each output's bytes follow those of the one before, wanted or not. */
static bool find_bytes(outputs *all, const tensor_answer *from, ez_err *err)
{
    bool whole = from->json < 0;
    const char *at = whole ? NULL : from->body + from->json;
    size_t left = whole ? 0 : from->count - (size_t)from->json;
    for (int i = 0; i < all->list.count; i++) {
        output *o = &all->list.at[i];
        if (!o->binary) continue;
        if (o->broken_size) return error_set(err, EZ_BROKEN, "the binary_data_size of the output \"%.*s\" is no size", TENSOR_WORD(o->name));
        if (o->data) return error_set(err, EZ_BROKEN, "the output \"%.*s\" has both a list of data and a binary_data_size", TENSOR_WORD(o->name));
        if (whole) return error_set(err, EZ_BROKEN, "the output \"%.*s\" is to have %zu bytes of binary data, and no header Inference-Header-Content-Length says where they begin", TENSOR_WORD(o->name), o->size);
        if (o->size > left) return error_set(err, EZ_BROKEN, "the output \"%.*s\" is to have %zu bytes of binary data, and %zu came", TENSOR_WORD(o->name), o->size, left);
        o->bytes = at;
        at += o->size;
        left -= o->size;
    }
    return !left || error_set(err, EZ_BROKEN, "%zu bytes of binary data came that belong to no output", left);
}

static bool right_bytes(const output *o, ez_datatype type, long long size, ez_err *err)
{
    size_t each = tensor_types[type].wire;
    if (size >= 0 && (type == EZ_BYTES ? (size_t)size <= o->size / each : (size_t)size == o->size / each && o->size % each == 0)) return true;
    text shape = { 0 };
    tensor_shape_text(&shape, o->shape, o->dims);
    if (type == EZ_BYTES) error_set(err, EZ_BROKEN, "the output \"%.*s\" is to be BYTES %s, and came in %zu bytes, which are too few for so many lengths", TENSOR_WORD(o->name), shape.at, o->size);
    else error_set(err, EZ_BROKEN, "the output \"%.*s\" is to be %s %s, %zu bytes for each, and came in %zu bytes", TENSOR_WORD(o->name), tensor_type_name(type), shape.at, each, o->size);
    text_done(&shape);
    return false;
}

/* A shape cannot claim more than what came: in JSON a value and its comma take two bytes. */
static bool right_size(const output *o, ez_datatype type, long long size, ez_err *err)
{
    if (o->binary) return right_bytes(o, type, size, err);
    if (!o->data || *o->data != '[') return error_set(err, EZ_BROKEN, "the output \"%.*s\" has no list of data", TENSOR_WORD(o->name));
    return (size >= 0 && size <= (o->end - o->data) / 2 + 1) || wrong_count(o, size < 0 ? TENSOR_MOST : size, false, err);
}

static bool take_data(const output *o, ez_tensor *t, size_t *room, arena *a, ez_err *err)
{
    size_t each = tensor_types[t->type].size;
    long long size = tensor_size(o->shape, o->dims);
    if (!right_size(o, t->type, size, err)) return false;
    size_t need = (size_t)size * each;
    if (t->type == EZ_BYTES) need += (size_t)size * 16 + (o->binary ? o->size : (size_t)(o->end - o->data));       /* the strings, each in a piece of its own */
    if (need > *room) return error_set(err, EZ_NO_MEMORY, "the output \"%.*s\" has %lld values, which is more than a session may hold; allow more with --session-memory", TENSOR_WORD(o->name), size);
    *room -= need;
    char *data = arena_alloc(a, (size_t)size * each + 1);
    t->data = data;
    t->count = size;
    t->dims = o->dims;
    memcpy(t->shape, o->shape, sizeof t->shape);
    if (o->binary) return tensor_unpack(o->name, t->type, o->bytes, o->size, size, data, a, err);
    return fill(o, t->type, size, each, a, data, err);
}

/* ---- what is wanted --------------------------------------------------------------------------------------------------------------------- */

static const output *output_for(const outputs *all, const ez_tensor *t, int i, ez_err *err)
{
    text names = { 0 };
    if ((!t->name || !*t->name) && i < all->list.count) return &all->list.at[i];
    for (int k = 0; t->name && *t->name && k < all->list.count; k++)
        if (!strcmp(all->list.at[k].name, t->name)) return &all->list.at[k];
    for (int k = 0; k < all->list.count && k < 8; k++) text_printf(&names, "%s\"%.*s\"", k ? ", " : "", TENSOR_WORD(all->list.at[k].name));
    if (t->name && *t->name) error_set(err, EZ_BROKEN, "the answer has no output \"%.*s\"; it has %s", TENSOR_WORD(t->name), names.at ? names.at : "none");
    else error_set(err, EZ_BROKEN, "the answer has no output %d; it has %s", i, names.at ? names.at : "none");
    text_done(&names);
    return NULL;
}

static ez_datatype type_of(const char *name)
{
    for (int i = EZ_BOOL; i < tensor_type_count; i++)
        if (!strcmp(tensor_types[i].name, name)) return (ez_datatype)i;
    return EZ_DATATYPE_NONE;
}

static bool as_wanted(const output *o, ez_datatype type, const ez_tensor *t, ez_err *err)
{
    int dims = tensor_dims(t);
    if ((t->type == EZ_DATATYPE_NONE ? type != EZ_DATATYPE_NONE : type == t->type) && (!dims || tensor_shape_fits(o->shape, o->dims, t->shape, dims))) return true;
    text want = { 0 }, got = { 0 };
    if (t->type != EZ_DATATYPE_NONE || !dims) text_puts(&want, t->type == EZ_DATATYPE_NONE ? "of a type that is known" : tensor_type_name(t->type));
    if (dims) text_puts(&want, want.count ? " " : ""), tensor_shape_text(&want, t->shape, dims);
    tensor_shape_text(&got, o->shape, o->dims);
    error_set(err, EZ_BROKEN, "the output \"%.*s\" was to be %s, and is %.*s %s", TENSOR_WORD(o->name), want.at, TENSOR_WORD(o->type), got.at);
    text_done(&want);
    text_done(&got);
    return false;
}

/* False with *err. *json: what of the answer is JSON; to be freed when it is not the answer itself. */
static bool cut_json(const tensor_answer *from, const char **json, ez_err *err)
{
    size_t count = from->json < 0 ? from->count : (size_t)from->json;
    *json = from->body;
    if (count > from->count) return error_set(err, EZ_BROKEN, "Inference-Header-Content-Length says that the JSON has %zu bytes, and the whole answer has %zu", count, from->count);
    if (memchr(from->body, 0, count) || !utf8_valid(from->body, count))
        return error_set(err, EZ_BROKEN, "the answer is no text in UTF-8%s", from->json < 0 ? ", and no header Inference-Header-Content-Length says that binary data begins in it" : "");
    if (count == from->count) return true;
    char *cut = mem_copy(from->body, count + 1);
    cut[count] = 0;
    *json = cut;
    return true;
}

bool tensor_read(const tensor_answer *from, ez_tensor *out, int out_count, size_t most, arena *a, ez_err *err)
{
    outputs all = { 0 };
    size_t room = most ? most : SIZE_MAX;
    const char *json;
    bool good = cut_json(from, &json, err) && read_outputs(json, &all, a, err) && find_bytes(&all, from, err);
    for (int i = 0; i < out_count && good; i++) {
        const output *o = output_for(&all, &out[i], i, err);
        ez_datatype type = o ? type_of(o->type) : EZ_DATATYPE_NONE;
        good = o && as_wanted(o, type, &out[i], err);
        if (!good) break;
        out[i].name = o->name;
        out[i].type = type;
        good = take_data(o, &out[i], &room, a, err);
    }
    list_done(&all.list);
    if (json != from->body) mem_free((char *)json);
    return good;
}
