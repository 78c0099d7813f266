/* functions.h: the program's functions as machines see them: JSON in and out, its schema, and what is wrong with a call.
 *
 * Pure functions of a record and some bytes, on any thread; who runs a function and how long is the caller's matter. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef API_FUNCTIONS_H
#define API_FUNCTIONS_H

#include "base/base.h"
#include "page/run.h"

/* What the program declared by ez_function. A record NULL: it takes, or gives, nothing. keeps: it has a state in each session of its callers. batch_size: so many calls at once; 0, 1: one. */
typedef struct api_function { const char *name, *help; const ez_record *in, *out; bool keeps; int batch_size; } api_function;

/* Problem details (RFC 9457), "application/problem+json". errors: the items of its array "errors", each with a JSON pointer and a detail. */
typedef struct api_problem { int status; const char *title; text detail, errors; int retry_s; bool used_up; } api_problem;     /* retry_s: when to come again; 0: not said. used_up: not too often, but too much */
void api_problem_write(const api_problem *p, text *out);
void api_problem_done(api_problem *p);

/* Where files of a call are. A file is an object, as Gradio's FileData: `path` is its id and its name, `url` where it can be fetched. As an input the path alone does, or the content
 * as a data URL, which becomes a file of the owner. */
typedef struct api_files { files *at; const char *owner, *root; } api_files;      /* root: the program's address, with a slash at its end */

/* Reads a JSON object with the inputs into values whose ids are the keys of the fields in this scope, where ez_in looks for them. Absent numbers and
 * booleans have the field's own value, absent texts are an error unless they are optional. False: *why says what is wrong with each. */
bool api_inputs(const ez_record *in, const char *body, size_t count, uint64_t scope, const api_files *files, values *to, api_problem *why);

/* A record's fields as an object, from what a function put into the elements with their names. What it did not put is zero, or left out. */
void api_outputs(json *j, const ez_record *out, uint64_t scope, const values *put, bool all, const api_files *files);

/* JSON Schema 2020-12 of a record, and the OpenAPI 3.1 document of all functions below `server`, the address of the program's base. */
void api_schema(json *j, const ez_record *r);
void api_field_schema(json *j, const ez_field *f);
bool api_is_required(const ez_field *f);
void api_openapi(const api_function *all, int count, const char *title, const char *server, text *out);

/* templates.c: texts with places. A place is a name in braces, as in "Explain {topic}."; all other braces stand for themselves. */
enum { PLACE_MOST = 60, COMPLETE_MOST = 100 };
typedef struct api_place { char name[PLACE_MOST + 1]; const char *from, *to; } api_place;      /* from: its first brace; to: behind its last */
bool api_place_next(const char *at, api_place *out);           /* the first one from here on; false: there is none */
/* A value as the words that a person would say. */
void api_say(const value *v, text *out);
/* The text with what was given in its places, under the names of the fields in this scope. */
void api_fill(const char *pattern, uint64_t scope, const values *given, text *out);
/* Whether an address is one of these, "note://{year}/{name}", and with which inputs: an object for api_inputs. A place holds one or more bytes of one step, escaped as in any address. */
bool api_match(const char *pattern, const char *address, const ez_record *in, text *inputs);
/* A member of an object for api_inputs, of what came as text: a number or a flag where the field is one. f NULL: there is no such field. */
void api_member(json *j, const ez_field *f, const char *name, const char *said);
/* How a field's value may go on that begins so: {"values": [...], "total": 2, "hasMore": false}. f NULL: nobody knows. */
void api_complete(json *j, const ez_field *f, const char *begun);

/* gradio.c: /config and /info of Gradio's protocol. root: the program's address as the client sees it. */
void api_gradio_config(const api_function *all, int count, const char *title, const char *root, uint64_t app_id, text *out);
void api_gradio_info(const api_function *all, int count, text *out);
/* One field of the outputs as JSON. */
void api_output(json *j, const ez_field *f, const value *v, const api_files *files);
bool api_is_file(const ez_field *f);           /* or a picture */
bool api_has_files(const ez_record *r);

#endif
