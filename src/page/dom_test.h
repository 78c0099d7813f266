/* dom_test.h: a browser's document in a hundred lines: what the operations of docs/wire.md make of it. For tests. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_DOM_TEST_H
#define PAGE_DOM_TEST_H

#include "base/base.h"

/* Nodes are their shells; places are lists of ids. Nothing of src/page is used, so that a mistake there is not made here again. */
typedef struct dom_node { char id[ID_CHARS + 1]; char *html; bool value_told; } dom_node;
typedef struct dom_list { char place[ID_CHARS + 8]; LIST(char *) ids; } dom_list;
typedef struct dom {
    LIST(dom_node) nodes;
    LIST(dom_list) lists;
    int  ops;                      /* applied so far, of all kinds */
    int  values;                   /* …of kind "v" */
    char last_value[256];          /* "id json rev" of the last "v" */
    LIST(char *) calls;            /* "method args" of "c" */
    char error[200];               /* why the last frame did not fit */
} dom;

bool dom_apply(dom *d, const char *ops);               /* the members of an array, or the array; false: an operation did not fit */
struct cJSON;
bool dom_apply_list(dom *d, const struct cJSON *ops);  /* …that somebody has read already */
void dom_print(const dom *d, const char *place, text *out);
void dom_page(const dom *d, text *out);                /* the four places of the root, one after the other */
bool dom_has(const dom *d, const char *id);
bool dom_called(const dom *d, const char *part);       /* a call that contains this text */
void dom_done(dom *d);

/* Without what belongs to the person (value, checked, selected, open) and with quotes spelled in one way: to compare pages. */
void dom_plain(const char *html, text *out);

#endif
