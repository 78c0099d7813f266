/* values.h: what a session keeps between runs besides its page: the visitor's values and the program's typed state. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_VALUES_H
#define PAGE_VALUES_H

#include "base/base.h"

/* ---- values of controls ------------------------------------------------------------------------------------------ */

typedef enum value_kind { VALUE_NONE, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT, VALUE_SHOWN } value_kind;   /* SHOWN: what a job put into an element */

typedef struct value {
    uint64_t id;
    uint64_t page;                 /* hash of the page's path: an unkeyed one goes when that page runs without it */
    uint64_t written;              /* SHOWN: hash of the argument that the page gave when the job wrote */
    double   number;               /* BOOL, NUMBER */
    char    *text;                 /* TEXT, SHOWN; else NULL */
    uint32_t rev;                  /* the visitor's edits */
    uint8_t  kind, keyed;
} value;

typedef struct values { LIST(value) list; } values;       /* sorted by id */

value *values_find(const values *v, uint64_t id);          /* NULL */
value *values_at(values *v, uint64_t id);                  /* found or added */
void   values_remove(values *v, uint64_t id);
void   values_copy(values *to, const values *from);        /* to is empty */
void   values_done(values *v);
void   values_save(const values *v, text *out);
bool   values_read(values *v, const char *data, size_t count);

void     value_set_text(value *v, value_kind kind, const char *s);
void     value_set_number(value *v, value_kind kind, double n);
void     value_json(const value *v, text *out);            /* null for VALUE_NONE */
uint64_t value_hash(const value *v);
/* A value of the wire: string, number, boolean or null. False for anything else. */
bool     value_from_json(value *v, const char *json, size_t count);

/* ---- state ------------------------------------------------------------------------------------------------------- */

/* One named struct of the program. `shape` describes its fields ("name kind offset size;…"), or the build when it has no record. */
typedef struct state { char *name, *shape; void *data; size_t size; uint64_t saved; } state;   /* saved: hash of what the store has */
typedef struct states { LIST(state) list; } states;

state *states_find(const states *s, const char *name);
state *states_at(states *s, const char *name);
void   states_copy(states *to, const states *from);
void   states_done(states *s);
size_t states_memory(const states *s);
/* A copy for a run, which knows what it changes; and what it changed (or, changed_only false, whatever is another), taken back. */
void   states_lend(states *to, const states *from);
void   states_take(states *to, const states *from, bool changed_only);
uint64_t state_hash(const state *s);
void   state_save(const state *s, text *out);
bool   state_read(states *s, const char *name, const char *data, size_t count);   /* false: it cannot be used, and s is as before */

#endif
