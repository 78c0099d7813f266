/* core.h: the types that travel through the public interface, and how a call with options is made.
 *
 * A call with options is a macro around one function and one args struct: the leading arguments are required and
 * positional, the options go by name (`.value = 5`). A zero option means its default. Every pointer that a call returns
 * lives until the run (or job) ends; nothing returned is freed by the caller; every string passed in is copied or used
 * before the call returns. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EASEL_CORE_H
#define EASEL_CORE_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
#define EZ_0 = {}
#define EZ_ARGS(T, ...) ez_tmp(T{ __VA_ARGS__ })
template <class T> inline const T *ez_tmp(const T &t) { return &t; }
struct ez_real { double v; constexpr ez_real(double x = 0) : v(x) {} constexpr operator double() const { return v; } };
#include <initializer_list>
inline const char *const *ez_strings(std::initializer_list<const char *> l) { return l.begin(); }
#define EZ_OPTIONS(...) ez_strings({ __VA_ARGS__, nullptr })
extern "C" {
#else
#define EZ_0
#define EZ_ARGS(T, ...) (&(const T){ __VA_ARGS__ })
typedef double ez_real;
#define EZ_OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#endif

#if defined(__GNUC__) || defined(__clang__)
#define EZ_FORMAT(f, a) __attribute__((format(printf, f, a)))
#define EZ_API __attribute__((visibility("default")))
#else
#define EZ_FORMAT(f, a)
#define EZ_API
#endif

#define EZ_ANY DBL_MAX                  /* an open end of a range */
#define EZ_ANY_INT 2147483647           /* an open end of a range of integers; as a lower bound write -EZ_ANY_INT */

/* Where a call stands in the source: for messages only, never part of an identity. */
typedef struct ez_call { int version; const char *file; int line; } ez_call;
#define EZ_CALL { 1, __FILE__, __LINE__ }
typedef struct ez_named ez_named;      /* never defined: only names may follow the leading arguments */

typedef struct ez_app ez_app;          /* the program, while `setup` declares and `start` creates */
typedef struct ez_ui ez_ui;            /* a place: where elements go; also the handle of the run */
typedef struct ez_chat ez_chat;        /* a conversation: part of the session */
typedef struct ez_model ez_model;      /* a language model that answers */
typedef struct ez_list ez_list;        /* rows described by a record */
typedef struct ez_event ez_event;      /* a binding made by ez_on, for ez_then */
typedef struct ez_record ez_record;    /* a struct described once, by EZ_RECORD */
typedef struct ez_sampling ez_sampling;   /* how a model chooses its words: EZ_SAMPLING */
typedef struct ez_html ez_html;        /* the markup of one element while it is printed */
typedef void ez_fn(ez_ui *ui);         /* the one function type: pages, fragments, bound functions */

typedef struct ez_range { double low, high; } ez_range;
typedef struct ez_date { short year; signed char month, day; } ez_date;   /* year 0: none */
typedef struct ez_file { const char *name, *type, *path; long long size; } ez_file;
typedef struct ez_files { int count; const ez_file *const *at; } ez_files;
typedef struct ez_picks { int count; const int *index; const bool *on; } ez_picks;
typedef struct ez_pixels { int width, height, channels; const unsigned char *data; } ez_pixels;

/* What a tensor holds, and how C code has it: BOOL as bool, whole numbers as uint8_t to int64_t, FP16, BF16 and FP32 as float, FP64 as double, BYTES as const char *. */
typedef enum ez_datatype {
    EZ_DATATYPE_NONE, EZ_BOOL, EZ_UINT8, EZ_UINT16, EZ_UINT32, EZ_UINT64, EZ_INT8, EZ_INT16, EZ_INT32, EZ_INT64, EZ_FP16, EZ_BF16, EZ_FP32, EZ_FP64, EZ_BYTES
} ez_datatype;
enum { EZ_DIMS = 8 };

/* Values in a shape, as ez_infer sends and gets them: { .name = "x", .type = EZ_FP32, .shape = { 1, 4 }, .data = x }. */
typedef struct ez_tensor {
    const char *name;                  /* as the model knows it; of an output NULL: the one in this place */
    ez_datatype type;                  /* of an output EZ_DATATYPE_NONE: any */
    long long shape[EZ_DIMS] EZ_0;     /* up to the first 0; of an output none: any, and -1: any size */
    const void *data EZ_0;             /* row after row */
    int dims EZ_0;                     /* of an output: sizes of its shape */
    long long count EZ_0;              /* …and values in its data */
} ez_tensor;

typedef enum ez_level { EZ_LEVEL_DEBUG, EZ_LEVEL_INFO, EZ_LEVEL_WARNING, EZ_LEVEL_ERROR } ez_level;     /* of a line that ez_tell says */

/* An expected failure: a code to switch on and a text that names the thing, the reason and the next step. */
typedef enum ez_err_code { EZ_OK, EZ_MISSING, EZ_NO_MEMORY, EZ_BROKEN, EZ_FAILED, EZ_STOPPED, EZ_FULL } ez_err_code;
typedef struct ez_err { ez_err_code code; char text[508] EZ_0; } ez_err;

typedef enum ez_message_state { EZ_MESSAGE_DONE, EZ_MESSAGE_STREAMING, EZ_MESSAGE_STOPPED, EZ_MESSAGE_FAILED } ez_message_state;

/* One entry of a conversation, as it is at this moment of the run. */
typedef struct ez_message {
    const char *id, *role, *text;      /* role: "system", "user", "assistant"; text is Markdown, never NULL */
    ez_message_state state;
    int tokens;                        /* generated so far */
    double seconds;                    /* from the question to the last token */
    ez_err error;                      /* EZ_OK unless the answer failed */
} ez_message;

enum { EZ_THEME_DEFAULT, EZ_THEME_SOFT };
enum { EZ_LAYOUT_CENTERED, EZ_LAYOUT_WIDE };
enum { EZ_TABS_OWN, EZ_TABS_SHARED };                                     /* page_config .tabs */
enum { EZ_SIDEBAR_AUTO, EZ_SIDEBAR_EXPANDED, EZ_SIDEBAR_COLLAPSED };
enum { EZ_BUTTON_SECONDARY, EZ_BUTTON_PRIMARY, EZ_BUTTON_TERTIARY };
enum { EZ_TEXT_PLAIN, EZ_TEXT_PASSWORD, EZ_TEXT_EMAIL, EZ_TEXT_URL, EZ_TEXT_TEL, EZ_TEXT_SEARCH };
enum { EZ_GAP_SMALL, EZ_GAP_NONE, EZ_GAP_MEDIUM, EZ_GAP_LARGE };
enum { EZ_ALIGN_TOP, EZ_ALIGN_CENTER, EZ_ALIGN_BOTTOM };
enum { EZ_WIDTH_MEDIUM, EZ_WIDTH_SMALL, EZ_WIDTH_LARGE };

/* True for what a number input reads while it is empty (`.start_empty`). */
static inline bool ez_is_none(double x) { return x == -DBL_MAX; }
static inline bool ez_is_none_int(int x) { return x == -EZ_ANY_INT - 1; }

#ifdef __cplusplus
}
#endif
#endif
