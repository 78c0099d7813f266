/* page.c: a button that counts among ELEMENTS elements; RESOURCE loads the model file's checksum, with a cache or without. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

typedef struct checksum { unsigned long crc; } checksum;

static void *load(const char *path, ez_err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        err->code = EZ_MISSING;
        snprintf(err->text, sizeof err->text, "%s is not there", path);
        return NULL;
    }
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(size);
    size = fread(bytes, 1, size, file);
    fclose(file);
    checksum *sum = malloc(sizeof *sum);
    sum->crc = crc32(0, bytes, (unsigned)size);
    free(bytes);
    return sum;
}

static const char *setting(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value ? value : otherwise;
}

static void page(ez_ui *ui)
{
    int elements = atoi(setting("ELEMENTS", "1"));
    const char *resource = setting("RESOURCE", ""), *model = setting("BENCH_MODEL", "");
    if (strcmp(resource, "cached") == 0) {
        const checksum *sum = ez_resource(ui, load, .arg = model, .unload = free);
        if (sum) ez_text(ui, ez_fmt(ui, "resource %lu", sum->crc));
    } else if (*resource) {
        ez_err err = { .code = EZ_OK };
        checksum *sum = load(model, &err);
        if (sum) ez_text(ui, ez_fmt(ui, "resource %lu", sum->crc));
        free(sum);
    }
    int *count = ez_state(ui, int, "count");
    if (ez_button(ui, "Count"))
        ++*count;
    for (int i = 0; i < elements - 2; i++)
        switch (i % 4) {
        case 0: ez_markdown(ui, ez_fmt(ui, "Paragraph %d with **bold** text and a [link](https://example.org).", i)); break;
        case 1: ez_text_input(ui, ez_fmt(ui, "Field %d", i), .value = ez_fmt(ui, "value %d", i)); break;
        case 2: ez_checkbox(ui, ez_fmt(ui, "Check %d", i)); break;
        case 3: ez_metric(ui, ez_fmt(ui, "Metric %d", i), ez_fmt(ui, "%d", i)); break;
        }
    ez_text(ui, ez_fmt(ui, "count %d", *count));
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
