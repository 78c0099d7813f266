/* element.h: how an element prints itself and reads its value. Everything an element's .c file needs.
 *
 * An element is a function that runs in a page run. It opens a node at a place, prints the node's shell (exactly one HTML
 * element; children are nodes of their own and go into places), reads the visitor's value, and closes the node:
 *
 *     double ez_slider_put(ez_ui *at, const ez_slider_args *a)
 *     {
 *         node *n = node_open(at, &slider_type, &a->call, a->label, a->key);
 *         double v = node_number(n, &(node_limits){ a->min, a->max, a->step, .initial = a->value, .disabled = a->disabled });
 *         ez_html *h = node_html(n);
 *         ez_print(h, "<div class=\"ez-slider\"><label …>%s</label><input type=\"range\" min=\"%g\" …", a->label, a->min);
 *         node_print_value(n, " value=\"%g\"", v);
 *         ez_print(h, "></div>");
 *         node_close(n);
 *         return v;
 *     }
 *
 * The first tag printed is the node's root. node_close adds ` id="…"` to it, and `ez-key-<key>` to its class list, so the
 * class attribute must come first: `<div class="ez-…"`. Nothing printed may hold a clock, a nonce or a run number.
 *
 * Thread: the run's. Memory: the run's arena. None of these returns NULL and all are safe in a run that was interrupted or
 * stopped: then nodes print nothing and values are the kept ones. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_ELEMENT_H
#define PAGE_ELEMENT_H

#include "base/base.h"

typedef enum element_event { ELEMENT_SHOWS, ELEMENT_VALUE, ELEMENT_TRIGGER } element_event;

/* One row of the generated table (src/gen): what the schema says once. */
typedef struct element_type {
    const char   *name;            /* "slider" */
    const char   *group;           /* "input" */
    element_event event;           /* what the visitor does with it */
    int           places;          /* how many places its shell has; 0 for a leaf */
} element_type;

typedef struct node node;

/* Opens a node. label and key may be NULL. The id is hash(scope, key) with a key, else hash(place, kind, label, nth such). */
node *node_open(ez_ui *at, const element_type *type, const ez_call *call, const char *label, const char *key);
/* Ends the shell, hashes it, shows it. */
void node_close(node *n);

ez_html    *node_html(node *n);                  /* where ez_print prints */
const char *node_id(node *n);                    /* 11 characters; inner ids are "<id>-c" and such: ez_print(h, " id=\"%s-c\"", node_id(n)) */
const char *node_key_id(ez_ui *at, const char *key);               /* the id that a key has at this place: data-ez-opens="…" */
const char *page_address(ez_ui *at, const char *address);          /* "/about", a page of the program, as a link from this page says it; others as they are */
const char *node_file_address(ez_ui *at, const ez_file *file);     /* where a browser gets it; it is kept as a file of this visitor. NULL: it cannot be read, and the log says why */
const char *node_file_id(node *n, const ez_file *file);            /* "" when it cannot be read */
const char *node_picture_address(ez_ui *at, const ez_pixels *pixels, const char *name);    /* the same for pixels, as PNG */
void        node_media(text *markdown, const char *address, const char *words);     /* adds what node_print_shown_markdown shows as a picture, a sound or a film; words: in its place for those who do not see it */
ez_ui      *node_place(node *n, int i);          /* the i-th place, after node_close; children are added to it */
void        node_print_place(node *n, int i);    /* prints ` data-ez-place="…"` inside a tag of the shell */
void        node_print_value(node *n, const char *format, ...) EZ_FORMAT(2, 3);   /* like ez_print, but not part of the hash: values belong to the person */
void        node_markdown(node *n, const char *markdown);          /* block Markdown, raw HTML off */
void        node_markdown_line(node *n, const char *markdown);     /* inline Markdown for labels, toasts, alerts */
void        node_label_line(node *n, const char *markdown);        /* the same without links: inside a button, label or link */
void        node_icon(node *n, const char *icon);                  /* an icon of the sprite by name (":search:" or "search"), else the text (an emoji) */
void        node_help(node *n, const char *help);                  /* the (?) with a popover; nothing when help is NULL */

/* Prints what the node shows, at the one spot that ez_put_text and ez_append replace: text, or a job's words while the page goes
 * on giving the same text. Inside an element, not an attribute. */
void        node_print_shown(node *n, const char *shown);
void        node_print_shown_markdown(node *n, const char *markdown);

/* ---- values: kept by the session, checked against limits before C code sees them -------------------------------- */

typedef struct node_limits {
    double min, max, step;         /* EZ_ANY and -EZ_ANY: open */
    double initial;
    bool   whole;                  /* integers */
    bool   start_empty;            /* nothing until the visitor gives it: reads as -DBL_MAX */
    bool   disabled;
} node_limits;
double node_number(node *n, const node_limits *limits);
bool   node_bool(node *n, bool initial, bool disabled);
const char *node_text(node *n, const char *initial, int max_chars, bool disabled);   /* never NULL; max_chars 0: 100,000 */
ez_files node_files(node *n, int most, bool disabled);   /* what the visitor has uploaded, without those that are gone */
int    node_choice(node *n, const char *const *options, int initial, bool start_empty, bool disabled);   /* index; -1: none. Stored as the option's text */
bool   node_open_state(node *n, bool initial);   /* dialogs, expanders, tabs */
int    node_tab(node *tab);                      /* a tab's own: its number among its siblings; whether it is the chosen one is node_open_state */
void   node_no_event(node *n);                   /* refuses this node's triggers (disabled) */

/* ---- records and lists ------------------------------------------------------------------------------------------ */

const ez_record *list_record(const ez_list *l);
const ez_field  *record_field(const ez_record *r, int i);        /* programs built with an older field are read, too */
const ez_field  *record_named(const ez_record *r, const char *name);                  /* NULL: none; of a record that is NULL, too */
const char      *records_share(const ez_record *a, const ez_record *b);               /* the first name of a that b has, too; NULL */
bool             record_date(const char *s, ez_date *to);        /* "2026-11-21"; false: anything else, and to stays as it is */

/* ---- functions and their records: for elements that stand for a function ------------------------------------------- */

/* Puts words into the control of this key, as its kind takes them: a number, yes or no, a text. The page runs once more. */
void        page_fill(ez_ui *at, const char *key, const char *words);
/* Fills inputs with these words, one for each field, and puts what fn makes of them into the elements of the outputs' names. fn is called at the
 * first time, outside of every session; what it said is kept as long as the program runs. */
void        page_example(ez_ui *at, const ez_call *call, ez_fn *fn, const ez_record *in, const ez_record *out, const char *const *words);
/* A value of this key is kept although no element shows it: bindings may name it. */
void        page_holds(ez_ui *at, const char *key);
/* The name by which ez_function declared it; NULL. */
const char *page_function_name(const ez_ui *at, ez_fn *fn);
/* What the visitor sees in the elements of these names, as an object of JSON. */
const char *page_record_json(ez_ui *at, const ez_record *record);

/* The visitor says this of what the function made: kept with inputs and outputs for those who run the program. */
void        page_flag(ez_ui *at, const char *function, const char *choice, const ez_record *in, const ez_record *out);

/* ---- jobs: for elements that show what functions do ----------------------------------------------------------------- */

typedef enum page_job_state { PAGE_JOB_QUEUED, PAGE_JOB_RUNNING, PAGE_JOB_DONE, PAGE_JOB_FAILED, PAGE_JOB_CANCELLED } page_job_state;
typedef struct page_job {
    const char *id, *function, *words;         /* words: of its progress, or why it failed; NULL */
    int         state, position, attempt;      /* a page_job_state; position 0: not known */
    double      progress, eta, age, took;      /* progress from 0 to 1, the others in seconds; below 0: not known */
    bool        repeats;                       /* page_job_act can call it again */
    int64_t     asked_ms;
} page_job;
/* all, state (-1: any), function (NULL: any) and most are asked; list, count and total (of those that fit) are answered, newest first, and live as long as the run. */
typedef struct page_jobs { bool all; int state; const char *function; int most; page_job *list; int count, total; } page_jobs;
void        page_jobs_get(ez_ui *at, page_jobs *jobs);
void        page_job_act(ez_ui *at, const char *id, bool again, bool all);     /* cancels it, or calls it again; of others only with `all` */
const char **page_functions(ez_ui *at);        /* the names of those that were declared from [1] on, NULL behind the last; [0] is free */

/* ---- triggers: true only in the run that the event caused -------------------------------------------------------- */

bool        node_fired(node *n, const char *event);            /* "click", "submit" */
const char *node_fired_text(node *n, const char *event);       /* the trigger's value as text; NULL unless fired */
void        node_clears(node *n, const char *keys);            /* its click puts these keys back to their initial values and empties conversations */

/* ---- forms, chat, page ------------------------------------------------------------------------------------------- */

bool        node_in_form(const ez_ui *at);                     /* this place stands in a form */
void        node_is_form(node *n, bool clear_on_submit);        /* called by the form element before node_close */
void        node_required(node *n, bool required);             /* an empty value keeps the form from submitting */
const char *node_invalid(node *n);                             /* why ez_invalid refused it; NULL */
void        node_fixed(node *n, int root_place);               /* this node stands in a place of the root (1 sidebar, 2 bottom bar, 3 overlays) wherever it was called */
bool        place_is_page(const ez_ui *at);                    /* at is the page itself, not a container */
void        place_single(ez_ui *place);                        /* this place holds one node: the next replaces it (empty) */
void        place_while_running(node *n);                      /* the node is shown only while this run goes on (spinner) */
void        place_closed(ez_ui *place);                        /* elements on it print nothing and return kept values */
void        page_call(ez_ui *ui, const char *method, const char *json_args);   /* a call operation to the page: title, toast, navigate */
void        page_job_progress(ez_ui *ui, double fraction, const char *text);  /* progress of the bound function that runs */
bool        page_in_job(const ez_ui *ui);                      /* a bound function runs, not a page */

/* An element attached to a message: call it right after printing the start tag of the element marked data-ez-end and before its
 * end tag. The message's Markdown is printed there and kept growing by the session; it is not part of the hash. */
void        node_message(node *n, const ez_message *m);

/* What else is known of a message: for its actions and figures. */
typedef struct message_view {
    double      first_token, speed;        /* seconds; tokens a second */
    int         branch, branches;          /* this is the branch-th of branches siblings */
    int         feedback;                  /* 1, -1, 0 */
    int         position;                  /* place in the queue; 0: not waiting */
    int         dropped;                   /* oldest turns that did not fit the context */
    bool        last;                      /* the end of the visible path */
    bool        waits_for_model;           /* the model is loading; `loading` says so */
    bool        answer;                    /* was asked of a model: can be regenerated */
    const char *loading;
} message_view;
message_view message_look(ez_ui *ui, const ez_message *m);

/* A mistake of the program: a red card at this spot with file:line, one log line; the page goes on. */
void        node_mistake(ez_ui *at, const ez_call *call, const char *format, ...) EZ_FORMAT(3, 4);

#endif
