/* compile.h: from a page's source to a module that `easel` loads. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_COMPILE_H
#define CLI_COMPILE_H

#include "cli.h"

/* A page's source, and the module made of it. The strings live in the arena. */
typedef struct cli_page {
    arena      *arena;
    cli_home    home;
    const char *cc;                /* the compiler for diagnostics, and for what tcc does not know */
    const char *source;
    const char *module;            /* a shared object; only one that can be loaded takes this name */
    bool        cpp;
    LIST(char *) files;            /* what the source is made of: itself and what it includes, but no file of Easel and of the system */
} cli_page;

/* NULL is a page; otherwise the sentence says what is wrong with it. */
const char *cli_page_find(cli_page *p, arena *a, const char *source);

/* Compiles. What compilers say goes to the file `report`. True: the module is new; `checked` then says that cc has seen it too. */
bool cli_page_make(cli_page *p, int report, bool *checked);

/* Starts cc on the source for its messages alone, which go to `report`. Its process; -1: it does not start. */
int  cli_page_check(cli_page *p, int report);

#endif
