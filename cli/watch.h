/* watch.h: serves a program, and brings in what is saved meanwhile. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "compile.h"

typedef struct cli_served {
    const char *program;           /* the executable */
    char      **argv;              /* its words */
    cli_page   *page;              /* what is compiled when one of its files is saved; NULL: the executable itself is watched */
    const char *watched;           /* the file that a person calls it by */
} cli_served;

enum { CLI_NOT_MADE = -1 };        /* the page does not compile, so nothing was started */

/* Until the program ends: its exit status. SIGINT and SIGTERM are passed on to it. */
int cli_watch(const cli_served *s);

#endif
