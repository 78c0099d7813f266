/* tree.h: what a page shows, as data: nodes with ids, places and hashes; and the difference of two of them.
 *
 * A tree is made by one run and never changes afterwards, except that `told` of a control follows what a browser said. Trees are counted references of
 * one thread (the loop's). A node is (id, place, hash of its shell); the shell's HTML lies in the tree until tree_forget_html gives it to
 * the store. Law: apply(tree_diff(A, B), A) = B. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_TREE_H
#define PAGE_TREE_H

#include "base/base.h"

/* The root node's fixed id: "ez_________" in base64url. */
uint64_t tree_root_id(void);
enum { ROOT_MAIN, ROOT_SIDEBAR, ROOT_BOTTOM, ROOT_OVERLAY, ROOT_PLACES };

enum {
    NODE_KEYED    = 1,      /* its id comes from a key */
    NODE_TRIGGER  = 2,      /* accepts triggers */
    NODE_DISABLED = 4,      /* refuses values and triggers */
    NODE_MESSAGE  = 8,      /* shows a message of a conversation: `message` names it */
    NODE_FRAGMENT = 16,     /* the place of a fragment */
    NODE_FORM     = 32,
    NODE_SPOT     = 64,     /* has a spot: text that ez_put_text replaces */
    NODE_SPOT_MD  = 128,    /* …as Markdown */
    NODE_CLEARS   = 256,    /* a form whose controls go back to their initial values after a submit */
};

typedef struct tree_node {
    uint64_t id, hash;
    uint64_t message;            /* with NODE_MESSAGE */
    uint64_t same_since;         /* the frame in which same_count changed last */
    int32_t  parent;             /* index of the parent node; -1: the root */
    int32_t  control;            /* index into controls; -1: none */
    int32_t  fragment;           /* index of the fragment node that it stands in; -1 */
    uint32_t html, count;        /* its shell in tree->html */
    uint32_t spot, spot_count;   /* inside the shell: the replaceable text, or where a message's content goes */
    uint32_t given, given_count; /* of a keyed spot, in tree->html: the text that the page gave, as it gave it */
    uint32_t same_count;         /* siblings with the same kind and label, for unkeyed nodes */
    uint32_t flags;
    uint16_t slot;               /* which place of the parent */
    uint16_t places;             /* how many places its shell has */
} tree_node;

typedef enum control_kind { CONTROL_BOOL, CONTROL_NUMBER, CONTROL_TEXT, CONTROL_CHOICE, CONTROL_OPEN } control_kind;

/* The limits that events and jobs are checked against, without a run. */
typedef struct tree_control {
    uint64_t id, form;           /* form: id of the form it stands in; 0 */
    uint64_t told;               /* hash of the value that browsers were told or told us */
    double   min, max, step;
    uint32_t options, option_count;   /* into tree->options: hashes of the texts */
    uint32_t initial, initial_count;  /* into tree->html: the initial value as JSON */
    uint32_t value, value_count;      /* into tree->html: the value of this run as JSON */
    int32_t  max_chars;
    uint8_t  kind, whole, empty, disabled, required;   /* empty: null is legal */
} tree_control;

typedef struct tree {
    int           references;
    int           count, control_count, option_count;
    tree_node    *nodes;         /* parents before children */
    tree_control *controls;
    uint64_t     *options;
    char         *html;          /* NULL when forgotten */
    size_t        html_count;
} tree;

tree *tree_new(void);                                  /* an empty page, one reference */
tree *tree_hold(tree *t);
void  tree_drop(tree *t);                              /* NULL is fine */
size_t tree_memory(const tree *t);
void  tree_forget_html(tree *t);

int   tree_find(const tree *t, uint64_t id);           /* index; -1 */
tree_control *tree_control_of(tree *t, uint64_t id);   /* NULL */

/* What the session knows and a tree does not: the content of messages and the values of controls. */
typedef struct tree_resolver {
    bool (*message)(void *data, uint64_t message, text *out);                   /* prints its content; false: unknown, the tree's own stands */
    bool (*value)(void *data, const tree_control *c, text *json, uint32_t *rev);   /* false: untouched, the tree's own stands */
    void *data;
} tree_resolver;

/* The operations that make a page showing a into one showing b, as members of a JSON array ("" when there are none). */
void tree_diff(const tree *a, const tree *b, const tree_resolver *r, text *ops);
/* The operations that make any page into t: for a view whose shown nodes nobody knows. */
void tree_whole(const tree *t, const tree_resolver *r, text *ops);
/* The values that differ from what t's own HTML says, or all ("" when there are none). */
void tree_values(const tree *t, const tree_resolver *r, bool all, text *ops);
/* The HTML of one place of the root, with all that stands in it. */
void tree_print(const tree *t, int root_place, const tree_resolver *r, text *out);
/* The HTML of one node's shell. */
void tree_print_node(const tree *t, int i, const tree_resolver *r, text *out);

/* A tree with the spot of node i replaced by new text (escaped or Markdown as the node says): a new tree. */
tree *tree_with_spot(const tree *t, int i, const char *shown);
/* A tree with a red card above everything else: what happened to the page, and below its first line a piece of source. The next run's tree is
 * without it. */
tree *tree_with_card(const tree *t, const char *what);
uint64_t tree_card_id(void);                           /* of its node, the first one */
/* What the page gave for the spot of a keyed node. */
void tree_given(const tree *t, int i, text *out);
/* Whether the operation `text` puts characters at the end of the spot: it holds text, and nothing but tags that end follows. */
bool tree_spot_grows(const tree *t, int i);

/* As stored: one blob. NULL with *err when it is not one. */
void  tree_save(const tree *t, text *out);
tree *tree_read(const void *data, size_t count, ez_err *err);

#endif
