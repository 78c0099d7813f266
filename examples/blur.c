/* blur.c: a picture in, a picture out: on a page, by curl, for Gradio's clients and as a tool, from one function. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>

typedef struct { const ez_file *photo; int radius; } blur_in;
EZ_RECORD(blur_in,
    EZ_FIELD(blur_in, photo, .help = "The picture to blur", .accept = "image/png,image/jpeg,image/webp"),
    EZ_FIELD(blur_in, radius, .help = "In pixels", .range = { 0, 50 }, .value = 6));
typedef struct { const ez_pixels *result; int width, height; } blur_out;
EZ_RECORD(blur_out, EZ_FIELD(blur_out, result, .label = "The blurred picture"), EZ_FIELD(blur_out, width), EZ_FIELD(blur_out, height));

/* The mean of the pixels up to `radius` away, along one line: `step` bytes lie between neighbours. */
static void blur_line(unsigned char *to, const unsigned char *from, int count, size_t step, int radius)
{
    int sum = from[0] * (radius + 1), last = count - 1;
    for (int i = 0; i < radius; i++)
        sum += from[(size_t)(i < last ? i : last) * step];
    for (int i = 0; i < count; i++) {
        int in = i + radius < last ? i + radius : last, out = i - radius - 1 > 0 ? i - radius - 1 : 0;
        sum += from[(size_t)in * step] - (i ? from[(size_t)out * step] : from[0]);
        to[(size_t)i * step] = (unsigned char)(sum / (2 * radius + 1));
    }
}

static void blur(ez_ui *ui)
{
    const blur_in *in = ez_in(ui, blur_in);
    blur_out *out = ez_out(ui, blur_out);
    ez_err err = { .code = EZ_OK };
    ez_pixels *picture = ez_load_image(ui, in->photo, &err);
    if (!picture) {
        ez_fail(ui, "%s", err.text);
        return;
    }
    int width = picture->width, height = picture->height, channels = picture->channels;
    size_t line = (size_t)width * (size_t)channels;
    unsigned char *from = (unsigned char *)picture->data, *half = ez_alloc(ui, line * (size_t)height);
    for (int y = 0; y < height; y++) {
        for (int c = 0; c < channels; c++)
            blur_line(half + (size_t)y * line + c, from + (size_t)y * line + c, width, (size_t)channels, in->radius);
        if (y % 64 == 0) {
            ez_progress(ui, 0.5 * y / height, .text = "Along the lines");
            if (!ez_yield(ui))
                return;
        }
    }
    for (size_t x = 0; x < line; x++)
        blur_line(from + x, half + x, height, line, in->radius);
    out->result = picture;
    out->width = width;
    out->height = height;
}

static void page(ez_ui *ui)
{
    ez_title(ui, "Blur");
    ez_ui *row = ez_row(ui), *left = ez_column(row), *right = ez_column(row);
    ez_file_uploader(left, "Photo", .accept = "image/png,image/jpeg,image/webp", .key = "photo", .required = true);
    ez_int_slider(left, "Radius", 0, 50, .value = 6, .key = "radius");
    ez_button(left, "Blur", .kind = EZ_BUTTON_PRIMARY, .key = "go");
    ez_button(left, "Stop", .kind = EZ_BUTTON_TERTIARY, .key = "stop");
    ez_image(right, .caption = "The blurred picture", .key = "result");
    ez_on(ui, "go.click", blur, .outputs = "result");       /* inputs and outputs: the fields, by name */
    ez_on(ui, "stop.click", NULL, .cancels = "go.click");
}

static void setup(ez_app *app)
{
    ez_function(app, "blur", blur, .in = &blur_in_record, .out = &blur_out_record, .help = "Blurs a picture.", .lane = "cpu", .concurrency = 1, .rerunnable = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Blur", .setup = setup); }
