/* run.c: `easel run`: compiles one page's C file against the library and becomes the program.
 *
 * tcc compiles in milliseconds, so it goes first where it is installed; cc checks the same file meanwhile, as its messages are
 * better, and compiles what tcc does not know. The program lies in .easel/run/ of the working folder. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine.h"
#include "cli.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CLI_LIBRARIES "-luv -lsqlite3 -lcjson -lmd4c -lxxhash -lz -ldl -lm -lpthread"

typedef struct cli_build { arena *arena; cli_home home; const char *cc, *source, *object, *program; } cli_build;

static int cli_fail(const char *format, ...) EZ_FORMAT(1, 2);
static int cli_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("easel run: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

/* ---- compiling -------------------------------------------------------------------------------------------------- */

static int cli_compile(const cli_build *b, const char *compiler, const char *flags, bool quiet)
{
    cli_words w = { .arena = b->arena };
    cli_words_of(&w, compiler);
    cli_words_of(&w, flags);
    cli_word(&w, "-I%s", b->home.include);
    cli_word(&w, "-I%s/easel", b->home.include);
    cli_words_of(&w, getenv("CFLAGS"));
    cli_word(&w, "%s", b->source);
    if (!strstr(flags, "-fsyntax-only")) {
        cli_word(&w, "-c");
        cli_word(&w, "-o");
        cli_word(&w, "%s", b->object);
    }
    int pid = cli_start(&w, quiet);
    list_done(&w.list);
    return pid;
}

static bool cli_link(const cli_build *b)
{
    cli_words w = { .arena = b->arena };
    cli_words_of(&w, b->cc);
    cli_word(&w, "-rdynamic");
    cli_word(&w, "-Wl,--gc-sections,--as-needed,--build-id=sha1,-z,noexecstack");
    cli_word(&w, "%s", b->object);
    cli_word(&w, "%s", b->home.library);
    cli_words_of(&w, getenv("LDFLAGS"));
    cli_words_of(&w, CLI_LIBRARIES);
    cli_word(&w, "-o");
    cli_word(&w, "%s", b->program);
    int status = cli_wait(cli_start(&w, false));
    list_done(&w.list);
    return status == 0;
}

/* cc's messages about the file come in any case, and only once. */
static bool cli_make(const cli_build *b)
{
    static const char warnings[] = "-std=gnu11 -Wall -Wextra -g", *check = "-std=gnu11 -Wall -Wextra -fsyntax-only";
    bool quick = cli_has("tcc") && !getenv("CC");
    if (!quick) return cli_wait(cli_compile(b, b->cc, warnings, false)) == 0 && cli_link(b);
    int checks = cli_compile(b, b->cc, check, false);
    bool compiled = cli_wait(cli_compile(b, "tcc", "-g", true)) == 0;
    if (cli_wait(checks) != 0) return false;
    return (compiled || cli_wait(cli_compile(b, b->cc, "-std=gnu11 -g -w", false)) == 0) && cli_link(b);
}

/* ---- the folder ------------------------------------------------------------------------------------------------- */

static bool cli_folder_made(const char *path) { return mkdir(path, 0755) == 0 || errno == EEXIST; }

/* The program's name is that of its source, as its data folder is named after it. */
static bool cli_place(cli_build *b)
{
    const char *slash = strrchr(b->source, '/'), *base = slash ? slash + 1 : b->source;
    char here[4096];
    const char *folder = NULL;
    if (getcwd(here, sizeof here) && cli_folder_made(".easel") && cli_folder_made(".easel/run") && access(".easel/run", W_OK) == 0)
        folder = arena_printf(b->arena, "%s/.easel/run", here);
    if (!folder) {
        char *temp = arena_printf(b->arena, "%s/easel-run-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
        folder = mkdtemp(temp);
    }
    if (!folder) return false;
    b->program = arena_printf(b->arena, "%s/%.*s", folder, (int)strlen(base) - 2, base);
    return true;
}

/* A running program of the same page keeps its file. */
static bool cli_build_program(cli_build *b)
{
    const char *program = b->program;
    b->program = arena_printf(b->arena, "%s.%d.new", program, (int)getpid());
    b->object = arena_printf(b->arena, "%s.o", b->program);
    bool good = cli_make(b) && rename(b->program, program) == 0;
    unlink(b->object);
    if (!good) unlink(b->program);
    b->program = program;
    return good;
}

/* The program lies elsewhere than `easel`, so it is told where models and llama.cpp are. */
static int cli_become(const cli_home *home, const char *program, char **argv)
{
    char *llama = engine_find_llama();
    if (home->models) setenv("EASEL_MODELS", home->models, 0);
    setenv("EASEL_LLAMA", llama, 0);
    mem_free(llama);
    argv[0] = (char *)program;
    execv(program, argv);
    return cli_fail("%s does not start: %s", program, strerror(errno));
}

int cli_run(int argc, char **argv)
{
    arena *a = arena_new();
    cli_build b = { .arena = a, .home = cli_find_home(a), .source = argc > 1 ? argv[1] : NULL };
    if (!b.source || *b.source == '-')
        return cli_fail("name a page's C file or a program first, then the options: easel run examples/hello.c --port 8502");
    size_t count = strlen(b.source);
    struct stat st;
    if (stat(b.source, &st) != 0) return cli_fail("%s: %s", b.source, strerror(errno));
    if (S_ISDIR(st.st_mode)) return cli_fail("%s is a folder; name a C file in it", b.source);
    if (count < 3 || strcmp(b.source + count - 2, ".c") != 0) {
        if (access(b.source, X_OK) != 0) return cli_fail("%s is neither a C file nor a program that can be run", b.source);
        return cli_become(&b.home, strchr(b.source, '/') ? b.source : arena_printf(a, "./%s", b.source), argv + 1);
    }
    b.cc = getenv("CC") && *getenv("CC") ? getenv("CC") : cli_has("cc") ? "cc" : cli_has("gcc") ? "gcc" : cli_has("clang") ? "clang" : NULL;
    if (!b.cc) return cli_fail("there is no C compiler; install one with: apt-get install gcc libc6-dev");
    if (!b.home.include || !b.home.library)
        return cli_fail("%s is not found near this program; build it with: make", b.home.include ? "libeasel.a" : "include/easel/easel.h");
    if (!cli_place(&b)) return cli_fail("no folder for the program can be made in .easel/ or the temporary folder: %s", strerror(errno));
    if (!cli_build_program(&b)) return cli_fail("%s does not compile, so nothing is served", b.source), 1;
    return cli_become(&b.home, b.program, argv + 1);
}
