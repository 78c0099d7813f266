/* cli.h: the commands of `easel`. Each is one function; the table in main.c names them. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/base.h"

extern char **environ;

/* argv[0] is the command's own name; the answer is the exit status. */
int cli_run(int argc, char **argv);
/* This process is a role of a page that `easel run` compiled: becomes it. False: it is not. */
bool cli_is_module(int argc, char **argv, int *status);
int cli_share(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_bench(int argc, char **argv);
int cli_feedback(int argc, char **argv);

/* ---- where Easel itself lies ----------------------------------------------------------------------------------- */

/* Beside the running `easel` or above it, as in a source tree, or as `make install` puts it. NULL: not found. */
typedef struct cli_home { const char *include, *library, *models; } cli_home;
cli_home cli_find_home(arena *a);

/* ---- other programs -------------------------------------------------------------------------------------------- */

/* A list of words that ends with NULL, for a command line. */
typedef struct cli_words { LIST(char *) list; arena *arena; } cli_words;
void cli_word(cli_words *w, const char *format, ...) EZ_FORMAT(2, 3);
void cli_words_of(cli_words *w, const char *text);     /* text split at spaces; NULL adds nothing */

/* Starts it with the standard streams of this one, or with what it says going to the file `out`; -1: it does not start. Then waits and gives its
 * exit status. */
int  cli_start(const cli_words *w, int out);
int  cli_wait(int pid);
bool cli_has(const char *program);                     /* in $PATH, or a path itself */

#endif
