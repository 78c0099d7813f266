/* grammar_inside.h: what the files of a schema's grammar share; only grammar*.c reads it. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_GRAMMAR_INSIDE_H
#define API_GRAMMAR_INSIDE_H

#include "api/grammar.h"
#include <cjson/cJSON.h>

enum { GRAMMAR_WORK_MOST = 5000000 };

/* A rule of which another is, or (must) holds, one. */
typedef struct step { int from, to; bool must; } step;

typedef struct maker {
    api_grammar *g;
    const char  *name;             /* of the first rule; the others have a number behind it */
    const cJSON *root;             /* what "#" refers to */
    ez_err      *err;
    arena       *arena;
    text         path;             /* a JSON pointer to where it is */
    map          known;            /* schema -> its rule, plus one */
    LIST(step)   steps;
    int          count, depth;
    long         work;             /* comparisons so far, of which a stranger's schema may ask for many */
    int          own;              /* the rule that is being made */
    bool         either;           /* …has other types, too: nothing that one of them holds must be there */
} maker;

/* Fills the error: the place, the keyword (NULL: the schema there), and these words. False. */
bool grammar_refuse(maker *m, const char *keyword, const char *format, ...) EZ_FORMAT(3, 4);

/* grammar_numbers.c: numbers within their bounds */
bool grammar_number(maker *m, const cJSON *schema, bool integer, text *out);

/* grammar_refs.c: what schemas have to do with one another */
const cJSON *grammar_member(const cJSON *schema, const char *name);       /* NULL also for null */
const cJSON *grammar_target(maker *m, const cJSON *schema);               /* what its $ref names; NULL: nothing in this schema */
unsigned grammar_type_of(const cJSON *value);                             /* a bit */
unsigned grammar_types_named(const cJSON *type);                          /* bits; all, when there is no type */
bool grammar_has_value(const cJSON *list, const cJSON *value);
/* No value can satisfy both, as far as is seen. True also after too much work: the schema is refused, then. */
bool grammar_apart(maker *m, const cJSON *a, const cJSON *b, int depth);
bool grammar_circle(const maker *m);                                      /* a rule begins with itself */
bool grammar_endless(const maker *m);                                     /* the first rule has no text that ends */

bool grammar_branches(const maker *m);                                    /* a rule begins in more ways than llama.cpp should follow */

#endif
