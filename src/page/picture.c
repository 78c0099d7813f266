/* picture.c: libpng, libjpeg-turbo and libwebp, each behind the few functions that are used here. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/picture.h"
#include <png.h>
#include <pthread.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/decode.h>

/* ---- the libraries ---------------------------------------------------------------------------------------------------------- */

/* True facts of the process: shared objects are opened once. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

typedef struct png_library {
    void *at;
    int  (*begin_read)(png_imagep image, png_const_voidp memory, size_t size);
    int  (*finish_read)(png_imagep image, png_const_colorp background, void *buffer, png_int_32 row_stride, void *colormap);
    int  (*write)(png_imagep image, void *memory, png_alloc_size_t *bytes, int to_8_bit, const void *buffer, png_int_32 row_stride, const void *colormap);
    void (*free)(png_imagep image);
} png_library;
static png_library png;

typedef struct jpeg_library {
    void *at;
    tjhandle (*init)(void);
    int   (*header)(tjhandle handle, const unsigned char *bytes, unsigned long count, int *width, int *height, int *sampling, int *colors);
    int   (*read)(tjhandle handle, const unsigned char *bytes, unsigned long count, unsigned char *to, int width, int pitch, int height, int format, int flags);
    char *(*why)(tjhandle handle);
    int   (*code)(tjhandle handle);
    int   (*destroy)(tjhandle handle);
} jpeg_library;
static jpeg_library jpeg;

typedef struct webp_library {
    void *at;
    VP8StatusCode (*features)(const uint8_t *bytes, size_t count, WebPBitstreamFeatures *out, int version);
    uint8_t *(*rgb)(const uint8_t *bytes, size_t count, uint8_t *to, size_t room, int stride);
    uint8_t *(*rgba)(const uint8_t *bytes, size_t count, uint8_t *to, size_t room, int stride);
} webp_library;
static webp_library webp;

static bool open_once(void **at, const char *file, const char *package, const library_function *all, int count, ez_err *err)
{
    pthread_mutex_lock(&opening);
    if (!*at) *at = library_open(file, all, count);
    bool good = *at != NULL;
    pthread_mutex_unlock(&opening);
    return good || error_set(err, EZ_MISSING, "pictures of this kind need %s, which is not on this machine; install it: apt-get install %s", file, package);
}

static bool need_png(ez_err *err)
{
    const library_function all[] = { { &png.begin_read, "png_image_begin_read_from_memory" }, { &png.finish_read, "png_image_finish_read" },
                           { &png.write, "png_image_write_to_memory" }, { &png.free, "png_image_free" } };
    return open_once(&png.at, "libpng16.so.16", "libpng16-16", all, COUNT(all), err);
}

static bool need_jpeg(ez_err *err)
{
    const library_function all[] = { { &jpeg.init, "tjInitDecompress" }, { &jpeg.header, "tjDecompressHeader3" }, { &jpeg.read, "tjDecompress2" },
                           { &jpeg.why, "tjGetErrorStr2" }, { &jpeg.code, "tjGetErrorCode" }, { &jpeg.destroy, "tjDestroy" } };
    return open_once(&jpeg.at, "libturbojpeg.so.0", "libturbojpeg0", all, COUNT(all), err);
}

static bool need_webp(ez_err *err)
{
    const library_function all[] = { { &webp.features, "WebPGetFeaturesInternal" }, { &webp.rgb, "WebPDecodeRGBInto" }, { &webp.rgba, "WebPDecodeRGBAInto" } };
    return open_once(&webp.at, "libwebp.so.7", "libwebp7", all, COUNT(all), err);
}

/* ---- kinds -------------------------------------------------------------------------------------------------------------------- */

static bool is_png(const unsigned char *b, size_t count) { return count > 8 && !memcmp(b, "\x89PNG\r\n\x1a\n", 8); }
static bool is_jpeg(const unsigned char *b, size_t count) { return count > 3 && !memcmp(b, "\xff\xd8\xff", 3); }
static bool is_webp(const unsigned char *b, size_t count) { return count > 12 && !memcmp(b, "RIFF", 4) && !memcmp(b + 8, "WEBP", 4); }

static bool unknown(ez_err *err) { return error_set(err, EZ_BROKEN, "this is no picture that can be read here; PNG, JPEG and WebP can"); }
static bool damaged(ez_err *err, const char *kind, const char *why) { return error_set(err, EZ_BROKEN, "the %s picture is damaged: %s", kind, why); }

/* ---- PNG ------------------------------------------------------------------------------------------------------------------------ */

static bool png_open(png_image *image, const void *bytes, size_t count, ez_err *err)
{
    *image = (png_image){ .version = PNG_IMAGE_VERSION };
    return need_png(err) && (png.begin_read(image, bytes, count) || damaged(err, "PNG", image->message));
}

static bool png_size(const void *bytes, size_t count, int *width, int *height, int *channels, ez_err *err)
{
    png_image image;
    if (!png_open(&image, bytes, count, err)) return false;
    *width = (int)image.width;
    *height = (int)image.height;
    *channels = image.format & PNG_FORMAT_FLAG_ALPHA ? 4 : 3;
    png.free(&image);
    return true;
}

static bool png_pixels(const void *bytes, size_t count, unsigned char *pixels, int channels, ez_err *err)
{
    png_image image;
    if (!png_open(&image, bytes, count, err)) return false;
    image.format = channels == 4 ? PNG_FORMAT_RGBA : PNG_FORMAT_RGB;
    bool good = png.finish_read(&image, NULL, pixels, 0, NULL);
    png.free(&image);
    return good || damaged(err, "PNG", image.message);
}

bool picture_sound(const ez_pixels *p, ez_err *err)
{
    bool sound = p->data && p->width > 0 && p->height > 0 && p->channels > 0 && p->channels <= 4 && (uint64_t)p->width * (uint64_t)p->height <= PICTURE_PIXELS_MOST;
    return sound || error_set(err, EZ_FAILED, "a picture of %d × %d pixels with %d channels cannot be written; give data, 1 to 4 channels and at most %u million pixels", p->width, p->height, p->channels, PICTURE_PIXELS_MOST >> 20);
}

bool picture_png(const ez_pixels *p, text *out, ez_err *err)
{
    static const png_uint_32 formats[] = { PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA };
    if (!picture_sound(p, err) || !need_png(err)) return false;
    png_image image = { .version = PNG_IMAGE_VERSION, .width = (png_uint_32)p->width, .height = (png_uint_32)p->height, .format = formats[p->channels - 1], .flags = PNG_IMAGE_FLAG_FAST };
    png_alloc_size_t room = PNG_IMAGE_PNG_SIZE_MAX(image);
    unsigned char *at = mem_resize(NULL, room);
    bool good = png.write(&image, at, &room, 0, p->data, 0, NULL);
    if (good) text_add(out, at, room);
    mem_free(at);
    return good || error_set(err, EZ_FAILED, "the picture could not be written: %s", image.message);
}

/* ---- JPEG ----------------------------------------------------------------------------------------------------------------------- */

static bool jpeg_do(const void *bytes, size_t count, unsigned char *pixels, int *width, int *height, ez_err *err)
{
    int sampling, colors;
    if (!need_jpeg(err)) return false;
    tjhandle handle = jpeg.init();
    bool good = handle && !jpeg.header(handle, bytes, count, width, height, &sampling, &colors);
    /* A picture that was cut off is read as far as it goes, as browsers do. */
    if (good && pixels) good = !jpeg.read(handle, bytes, count, pixels, *width, 0, *height, TJPF_RGB, 0) || jpeg.code(handle) == TJERR_WARNING;
    if (!good) damaged(err, "JPEG", handle ? jpeg.why(handle) : "no memory");
    if (handle) jpeg.destroy(handle);
    return good;
}

/* ---- WebP ----------------------------------------------------------------------------------------------------------------------- */

static bool webp_size(const void *bytes, size_t count, int *width, int *height, int *channels, ez_err *err)
{
    WebPBitstreamFeatures f;
    if (!need_webp(err)) return false;
    if (webp.features(bytes, count, &f, WEBP_DECODER_ABI_VERSION) != VP8_STATUS_OK) return damaged(err, "WebP", "its header cannot be read");
    if (f.has_animation) return error_set(err, EZ_BROKEN, "the WebP picture moves; give one that stands still");
    *width = f.width;
    *height = f.height;
    *channels = f.has_alpha ? 4 : 3;
    return true;
}

static bool webp_pixels(const void *bytes, size_t count, unsigned char *pixels, int width, int height, int channels, ez_err *err)
{
    if (!need_webp(err)) return false;
    size_t room = (size_t)width * (size_t)height * (size_t)channels;
    uint8_t *got = (channels == 4 ? webp.rgba : webp.rgb)(bytes, count, pixels, room, width * channels);
    return got || damaged(err, "WebP", "its content cannot be read");
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------------ */

bool picture_size(const void *bytes, size_t count, int *width, int *height, int *channels, ez_err *err)
{
    bool good;
    *channels = 3;
    if (is_png(bytes, count)) good = png_size(bytes, count, width, height, channels, err);
    else if (is_jpeg(bytes, count)) good = jpeg_do(bytes, count, NULL, width, height, err);
    else if (is_webp(bytes, count)) good = webp_size(bytes, count, width, height, channels, err);
    else return unknown(err);
    if (good && (*width < 1 || *height < 1 || (uint64_t)*width * (uint64_t)*height > PICTURE_PIXELS_MOST))
        return error_set(err, EZ_BROKEN, "the picture says that it has %d × %d pixels; at most %u million can be read", *width, *height, PICTURE_PIXELS_MOST >> 20);
    return good;
}

bool picture_read(const void *bytes, size_t count, unsigned char *pixels, int width, int height, int channels, ez_err *err)
{
    if (is_png(bytes, count)) return png_pixels(bytes, count, pixels, channels, err);
    if (is_jpeg(bytes, count)) return jpeg_do(bytes, count, pixels, &width, &height, err);
    if (is_webp(bytes, count)) return webp_pixels(bytes, count, pixels, width, height, channels, err);
    return unknown(err);
}
