/* run.c: `easel run`: compiles a page and serves it, or serves a program, and takes what is saved meanwhile.
 *
 * A page is compiled to a module. The processes of the program are `easel` again: they load the module and call its main. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine.h"
#include "compile.h"
#include "watch.h"
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- being the program ------------------------------------------------------------------------------------------- */

static int cli_load(const char *path, int argc, char **argv)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    int (*program)(int, char **) = module ? (int (*)(int, char **))(uintptr_t)dlsym(module, "main") : NULL;
    if (!module || !program) return cli_fail("%s", dlerror());
    return argv ? program(argc, argv) : 0;
}

/* The variable alone is not enough: a page may start `easel` for purposes of its own. */
bool cli_is_module(int argc, char **argv, int *status)
{
    const char *module = getenv("EASEL_MODULE"), *tried = getenv("EASEL_TRY");
    size_t count = strlen(argv[0]);
    if (tried) return *status = cli_load(tried, 0, NULL), true;
    if (!module || strncmp(module, argv[0], count) || strcmp(module + count, ".so")) return false;
    *status = cli_load(module, argc, argv);
    return true;
}

/* ---- the command -------------------------------------------------------------------------------------------------- */

/* A page's program lies where `easel` lies, but its files lie elsewhere, so it is told where models and llama.cpp are. */
static void cli_tell_places(const cli_home *home)
{
    char *llama = engine_find_llama();
    if (home->models) setenv("EASEL_MODELS", home->models, 0);
    setenv("EASEL_LLAMA", llama, 0);
    mem_free(llama);
}

static bool cli_is_source(const char *s)
{
    static const char *const endings[] = { ".c", ".cc", ".cpp", ".cxx" };
    const char *dot = strrchr(s, '.');
    for (int i = 0; dot && i < COUNT(endings); i++)
        if (strcmp(dot, endings[i]) == 0) return true;
    return false;
}

static int cli_run_page(arena *a, char **argv)
{
    cli_page page;
    const char *source = argv[0], *wrong = cli_page_find(&page, a, source);
    if (wrong) return cli_fail("%s", wrong);
    cli_tell_places(&page.home);
    setenv("EASEL_MODULE", page.module, 1);
    argv[0] = arena_text_n(a, page.module, strlen(page.module) - 3);
    int status = cli_watch(&(cli_served){ .program = "/proc/self/exe", .argv = argv, .page = &page, .watched = source });
    return status == CLI_NOT_MADE ? cli_fail("%s does not compile, so nothing is served", source), 1 : status;
}

static int cli_run_program(arena *a, char **argv)
{
    const char *program = strchr(argv[0], '/') ? argv[0] : arena_printf(a, "./%s", argv[0]);
    cli_home home = cli_find_home(a);
    if (access(program, X_OK) != 0) return cli_fail("%s is neither a C or C++ file nor a program that can be run", argv[0]);
    cli_tell_places(&home);
    return cli_watch(&(cli_served){ .program = program, .argv = argv, .watched = program });
}

int cli_run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "-";
    struct stat st;
    if (*name == '-') return cli_fail("name a page's C file or a program first, then the options: easel run examples/hello.c --port 8502");
    if (stat(name, &st) != 0) return cli_fail("%s: %s", name, strerror(errno));
    if (S_ISDIR(st.st_mode)) return cli_fail("%s is a folder; name a C file in it", name);
    arena *a = arena_new();
    int status = cli_is_source(name) ? cli_run_page(a, argv + 1) : cli_run_program(a, argv + 1);
    arena_free(a);
    return status;
}
