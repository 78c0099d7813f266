/* bench.c: the command `easel bench`: hands over to bench/compare of the source tree that this program was built in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int cli_bench(int argc, char **argv)
{
    arena *a = arena_new();
    cli_home home = cli_find_home(a);
    const char *script = home.include ? arena_printf(a, "%s/../bench/compare/__main__.py", home.include) : NULL;
    if (!script || access(script, R_OK)) {
        fputs("easel bench: bench/compare is not here; it comes with the sources, so run build/easel of a source tree\n", stderr);
    } else if (!cli_has("python3")) {
        fputs("easel bench: there is no python3; install it with: apt-get install python3\n", stderr);
    } else {
        cli_words w = { .arena = a };
        cli_word(&w, "python3");
        cli_word(&w, "%.*s", (int)(strlen(script) - strlen("/__main__.py")), script);
        for (int i = 1; i < argc; i++) cli_word(&w, "%s", argv[i]);
        execvp(w.list.at[0], w.list.at);
        fprintf(stderr, "easel bench: python3 does not start: %s\n", strerror(errno));
        list_done(&w.list);
    }
    arena_free(a);
    return 1;
}
