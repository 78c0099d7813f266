/* base.h: memory, text, containers, identity, errors, log, time. Everything else stands on this room. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <easel/easel.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* ---- memory ------------------------------------------------------------------------------------------------ */

/* Out of memory ends the process with one line: see base/memory.c. None of these returns NULL. */
void *mem_alloc(size_t size);                        /* zeroed */
void *mem_resize(void *at, size_t size);             /* new bytes are not zeroed */
void  mem_free(void *at);
char *mem_text(const char *text);                    /* a copy; NULL stays NULL */
void *mem_copy(const void *at, size_t size);
bool  mem_ran_out(void);                             /* the process ends because of it */
void  mem_trim(void);                                /* gives freed memory back to the system; takes milliseconds: after many have left */
size_t mem_machine(const char *root);                /* what this process may use: of the machine, or of the container when that is less. root: "", or the folder that stands for / */

/* An arena is a pile of blocks given back together. One per run, request, job. One thread at a time. */
typedef struct arena arena;
arena *arena_new(void);
void   arena_free(arena *a);                         /* NULL is fine */
void  *arena_alloc(arena *a, size_t size);           /* zeroed, aligned to 16 */
void  *arena_copy(arena *a, const void *at, size_t size);
char  *arena_text(arena *a, const char *text);       /* NULL stays NULL */
char  *arena_text_n(arena *a, const char *text, size_t count);
char  *arena_printf(arena *a, const char *format, ...) EZ_FORMAT(2, 3);
char  *arena_vprintf(arena *a, const char *format, va_list args);
size_t arena_size(const arena *a);                   /* bytes held; any thread */
/* Before it would hold more than limit, full(data, bytes that it is about to hold) is called, on the thread that allocates: the memory comes all the
 * same, if full returns. It is called for each further block. */
void   arena_watch(arena *a, size_t limit, void (*full)(void *data, size_t bytes), void *data);

/* ---- text: a growing byte string, always NUL-terminated at at[count] once something was added ----------------- */

typedef struct text {
    char  *at;                                       /* NULL while empty and never added to */
    size_t count, room;
    arena *arena;                                    /* where it grows; NULL: malloc, then text_done gives it back */
} text;
void text_add(text *t, const void *bytes, size_t count);
void text_puts(text *t, const char *s);
void text_putc(text *t, char c);
void text_printf(text *t, const char *format, ...) EZ_FORMAT(2, 3);
void text_html(text *t, const char *s, size_t count);          /* escapes & < > " ' */
void text_number(text *t, double v);                           /* shortest form that reads back equal, '.' in any locale; "null" for nan, inf */
void text_json(text *t, const char *s, size_t count);          /* a quoted JSON string; also escapes < > & U+2028 U+2029 so it is safe inside <script> */
void   text_json_wire(text *t, const char *s, size_t count);     /* the same for messages, which no HTML surrounds: < > & stay as they are */
void   text_url(text *t, const char *s);                         /* one step of an address: all but letters, digits and -._~ is escaped */
void text_clear(text *t);                                      /* keeps its memory */
void text_done(text *t);
char *text_take(text *t);                                      /* the string, now yours; "" copy when empty; t is empty again */

/* Letters (of ASCII) and numbers of protocols and formats, the same in any locale: a Turkish one has another small I, a German one a decimal comma. */
int    plain_compare(const char *a, const char *b);            /* as strcasecmp */
int    plain_compare_n(const char *a, const char *b, size_t count);
double plain_real(const char *s, char **end);                /* as strtod */
char   plain_upper(char c);

/* Strings are UTF-8. */
bool   utf8_valid(const char *s, size_t count);
bool   utf8_begins(const char *s, size_t count, size_t *whole); /* more bytes could make it valid; *whole: bytes of its complete characters */
size_t utf8_whole(const char *s, size_t count);                /* the longest prefix that splits no character */
int    utf8_length(const char *s);                             /* code points */

/* ---- containers ------------------------------------------------------------------------------------------- */

/* LIST(T) is a growing array: LIST(int) l = {0}; *list_add(&l) = 3; list_done(&l). */
#define LIST(T) struct { T *at; int count, room; }
#define list_add(l) ((l)->at = list_grow((l)->at, &(l)->count, &(l)->room, sizeof *(l)->at), &(l)->at[(l)->count - 1])
#define list_remove(l, i) list_cut((l)->at, &(l)->count, (i), sizeof *(l)->at)       /* keeps order */
/* Takes out the first that is this one, a variable of the list's type. Keeps order; false: it is not there. */
#define list_drop(l, item) list_drop_same((l)->at, &(l)->count, 1 ? &(item) : (l)->at, sizeof *(l)->at)
#define list_done(l) (mem_free((l)->at), (l)->at = NULL, (l)->count = (l)->room = 0)
void *list_grow(void *at, int *count, int *room, size_t size);  /* one more, zeroed */
void  list_cut(void *at, int *count, int i, size_t size);
bool  list_drop_same(void *at, int *count, const void *item, size_t size);

/* From a 64-bit key to a pointer. Open addressing; key 0 is allowed. */
typedef struct map { uint64_t *keys; void **values; unsigned char *used; int count, room; } map;
void *map_get(const map *m, uint64_t key);                      /* NULL when absent */
void  map_put(map *m, uint64_t key, void *value);               /* replaces */
void *map_remove(map *m, uint64_t key);                         /* what was there */
bool  map_next(const map *m, int *at, uint64_t *key, void **value);  /* start with *at = 0; no changes meanwhile */
void  map_done(map *m);

/* ---- identity ---------------------------------------------------------------------------------------------- */

uint64_t hash_bytes(const void *at, size_t count);              /* XXH3-64 */
uint64_t hash_text(const char *s);                              /* NULL hashes as "" */
uint64_t hash_mix(uint64_t a, uint64_t b);
#define ID_CHARS 11                                             /* 64 bits in base64url, no padding */
void     id_print(uint64_t id, char out[ID_CHARS + 1]);
bool     id_read(const char *s, size_t count, uint64_t *id);    /* exactly 11 legal characters */
void     random_bytes(void *at, size_t count);                  /* getrandom */
uint64_t random_u64(void);
#define TOKEN_CHARS 22                                          /* 128 random bits in base64url: visitor, session and view names */
void     token_new(char out[TOKEN_CHARS + 1]);
bool     token_valid(const char *s);
void     base64_text(text *t, const void *at, size_t count);    /* standard alphabet with padding: WebSocket accept, CSP hashes */
bool     base64_read(text *t, const char *s, size_t count);     /* adds the bytes; either alphabet, with or without padding; false: something else stands there */
void     sha1(const void *at, size_t count, unsigned char out[20]);
void     sha256(const void *at, size_t count, unsigned char out[32]);
bool     sha256_same(const unsigned char a[32], const unsigned char b[32]);      /* takes as long whichever bytes differ */

/* ---- shared objects ---------------------------------------------------------------------------------------- */

/* Opens a library of the system and fills pointers to its functions. NULL: it, or one of them, is not there. It stays open. */
typedef struct library_function { void *pointer; const char *name; } library_function;
void *library_open(const char *file, const library_function *all, int count);

/* ---- errors, log, time -------------------------------------------------------------------------------------- */

/* What a visitor sees of an error whose details only the log has: "Error 7F3A-91C2". */
#define ERROR_CHARS 15
void error_id(uint64_t id, char out[ERROR_CHARS + 1]);
/* Fills *err (NULL is fine) and returns false, so that a caller may say: return error_set(err, ...). */
bool error_set(ez_err *err, ez_err_code code, const char *format, ...) EZ_FORMAT(3, 4);

typedef enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } log_level;
void log_setup(log_level level, bool json, const char *process);  /* process: "supervisor", "worker", "engine" */
void log_put(log_level level, const char *room, const char *format, ...) EZ_FORMAT(3, 4);   /* one line on stderr; any thread */
#define log_debug(...) log_put(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_put(LOG_INFO,  __VA_ARGS__)
#define log_warn(...)  log_put(LOG_WARN,  __VA_ARGS__)
#define log_error(...) log_put(LOG_ERROR, __VA_ARGS__)

int64_t clock_ns(void);                                         /* monotonic */
int64_t clock_ms(void);
int64_t wall_ms(void);                                          /* since 1970 */

/* ---- JSON: cJSON reads; this writes, with the commas minded ------------------------------------------------ */

typedef struct json { text *out; uint64_t comma; int depth; bool wire; } json;   /* depth up to 60; wire: strings by text_json_wire */
json json_to(text *out);
void json_object(json *j);   void json_object_end(json *j);
void json_array(json *j);    void json_array_end(json *j);
void json_key(json *j, const char *key);
void json_text(json *j, const char *s);                         /* NULL writes null */
void json_text_n(json *j, const char *s, size_t count);
void json_member(json *j, const char *key, const char *s);      /* json_key and json_text */
void json_number(json *j, double v);
void json_int(json *j, int64_t v);
void json_bool(json *j, bool v);
void json_raw(json *j, const char *s, size_t count);            /* already JSON */

#endif
