/* tensors.c: a function that has an inference server do something with a tensor of any type and size, and says what came back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct { const char *type; int count; const char *value; } question;
EZ_RECORD(question, EZ_FIELD(question, type), EZ_FIELD(question, count, .range = { 1, 2000000 }), EZ_FIELD(question, value));
typedef struct { int count; const char *first, *last; } answer;
EZ_RECORD(answer, EZ_FIELD(answer, count), EZ_FIELD(answer, first), EZ_FIELD(answer, last));

static const char *const kinds[] = { "", "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "BF16", "FP32", "FP64", "BYTES" };

static void fill(void *data, ez_datatype type, int count, const char *value)
{
    for (int i = 0; i < count; i++) {
        if (type == EZ_BYTES) ((const char **)data)[i] = value;
        else if (type == EZ_FP64) ((double *)data)[i] = strtod(value, NULL);
        else if (type == EZ_UINT8) ((unsigned char *)data)[i] = (unsigned char)atoi(value);
        else ((float *)data)[i] = strtof(value, NULL);
    }
}

static const char *at(ez_ui *ui, const ez_tensor *t, long long i)
{
    if (t->type == EZ_BYTES) return ((const char *const *)t->data)[i];
    if (t->type == EZ_FP64) return ez_fmt(ui, "%.17g", ((const double *)t->data)[i]);
    if (t->type == EZ_UINT8) return ez_fmt(ui, "%d", ((const unsigned char *)t->data)[i]);
    if (t->type == EZ_BOOL) return ((const bool *)t->data)[i] ? "true" : "false";
    return ez_fmt(ui, "%.9g", (double)((const float *)t->data)[i]);
}

static void pass(ez_ui *ui)
{
    const question *q = ez_in(ui, question);
    ez_datatype type = EZ_DATATYPE_NONE;
    for (int i = EZ_BOOL; i <= EZ_BYTES; i++)
        if (!strcmp(kinds[i], q->type)) type = (ez_datatype)i;
    void *data = calloc((size_t)q->count, sizeof(double));
    fill(data, type, q->count, q->value);
    ez_tensor in[] = { { .name = "x", .type = type, .shape = { 1, q->count }, .data = data } };
    ez_tensor out[] = { { .name = "y" } };
    bool good = ez_infer(ui, ez_setting(ui, "server", ""), "pass", in, out);
    free(data);
    if (good) *ez_out(ui, answer) = (answer){ (int)out[0].count, at(ui, &out[0], 0), at(ui, &out[0], out[0].count - 1) };
}

static void page(ez_ui *ui) { ez_title(ui, "Tensors"); }

static void setup(ez_app *app) { ez_function(app, "pass", pass, .in = &question_record, .out = &answer_record); }

int main(int argc, char **argv) { return ez_main(argc, argv, page, .setup = setup); }
