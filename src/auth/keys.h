/* keys.h: keys with which programs call functions and the model over the network, and the file in which they are known.
 *
 * <data>/keys has one line of JSON for each key and is readable by its owner alone. `easel keys` writes it whole beside and renames it into place, so nobody
 * reads half of it; a program that runs looks every second whether it is another file now. A file in which one line cannot be understood holds no key
 * at all: a limit that is misread would be none.
 *
 * The file has the SHA-256 of a key, not the key. A slow hash with salt is for words that people choose, which can be guessed one by one; a key is 256
 * random bits, which nobody guesses at any speed, and a slow hash would make each call dear. Thread: the owner's. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef AUTH_KEYS_H
#define AUTH_KEYS_H

#include "auth/quota.h"
#include "auth/rate.h"
#include "base/base.h"

#define KEY_PREFIX "ez_"
enum { KEY_CHARS = 46, KEY_NAME_MOST = 64, KEY_SUM_BYTES = 32, KEYS_MOST = 1000 };      /* KEY_CHARS: with the prefix */

typedef struct key {
    const char *name;
    unsigned char sum[KEY_SUM_BYTES];
    const char *const *functions;  /* that it opens, NULL at the end; NULL: all */
    bool        model;             /* it opens the model */
    rate        rate;              /* in place of the program's own limit */
    quota       calls, tokens;     /* how much it may use up; tokens: of the model */
    int64_t     made_ms, expires_ms;           /* wall clock; expires_ms 0: never */
} key;

typedef struct keys { LIST(key) list; arena *arena; } keys;      /* what keys point to is in the arena */

void keys_begin(keys *k);                                         /* none */
void keys_done(keys *k);

/* A new key in the list, and the words to show for it, which are nowhere else. */
void keys_add(keys *k, const key *like, char shown[KEY_CHARS + 1]);
bool keys_remove(keys *k, const char *name);                      /* false: there is none of this name */
const key *keys_named(const keys *k, const char *name);           /* NULL */
/* The key that somebody shows; NULL: it is none, or its time is over. Takes as long whichever bytes are right. */
const key *keys_find(const keys *k, const char *shown, int64_t now_ms);
bool key_looks_so(const char *s);                                 /* it begins as keys do, so it is meant as one */
bool key_opens(const key *k, const char *function);
uint64_t key_id(const key *k);                                     /* made from its sum: of no two keys the same */
bool keys_have_quotas(const keys *k);                              /* one of them has */
const key *keys_with_id(const keys *k, uint64_t id);               /* NULL */
bool key_name_valid(const char *s);                               /* up to 64 letters, digits, '.', '-', '_' */
bool key_function_valid(const char *s, size_t count);             /* what ez_function takes for a name */

/* The file. A folder without one has no keys. False with *err: it cannot be read, or (naming the line) understood, and *k has none. */
bool keys_parse(keys *k, const char *s, size_t count, ez_err *err);
void keys_print(const keys *k, text *out);
bool keys_read(keys *k, const char *folder, ez_err *err);
bool keys_write(const keys *k, const char *folder, ez_err *err);
uint64_t keys_stamp(const char *folder);                          /* another number when the file is another one; 0: there is none */

#endif
