/* grammar.h: JSON Schema as a grammar (GBNF), so that what a model says under it is JSON that the schema allows.
 *
 * The grammar may allow less than the schema, never more: members that a schema permits without naming them are not said, and lengths
 * beyond what a grammar can count are shorter. A keyword that says what is valid and that a grammar cannot keep is refused by its name.
 * Pure functions, on any thread. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_GRAMMAR_H
#define API_GRAMMAR_H

#include "base/base.h"

struct cJSON;

typedef struct api_grammar {
    text rules;                    /* GBNF; text_done gives it back */
    int  repeats;                  /* what its repetitions come to in llama.cpp, which writes each of them out */
} api_grammar;

/* Adds a rule with this name (letters and digits, no other rule's) and those below it. False: *err names the place in the schema, and the rules are not to be used. */
bool api_grammar_schema(api_grammar *g, const char *name, const struct cJSON *schema, ez_err *err);
void api_grammar_literal(text *out, const char *s);                    /* a text as GBNF quotes it */

/* Whether a grammar from a stranger may be given to llama.cpp, whose parser recurses and writes repetitions out: it is not too large, not nested too deep, and has a
 * rule `root`. Whether it is a grammar, llama.cpp says. */
bool api_grammar_bearable(const char *gbnf, ez_err *err);

#endif
