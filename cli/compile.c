/* compile.c: from a page's source to a module that `easel` loads.
 *
 * tcc compiles in milliseconds, so it goes first where it is installed; cc compiles what tcc does not know, and its messages are
 * better, so it looks at the same file afterwards. A module lies in .easel/run/ of the working folder. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "compile.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is only a warning to cc, but leaves a name that nobody defines. */
#define CLI_STRICT "-Werror=implicit-function-declaration"

/* ---- the page --------------------------------------------------------------------------------------------------- */

static bool cli_ends(const char *s, const char *end)
{
    size_t count = strlen(s), tail = strlen(end);
    return count > tail && strcmp(s + count - tail, end) == 0;
}

static bool cli_folder_made(const char *path) { return mkdir(path, 0755) == 0 || errno == EEXIST; }

/* A module's name is that of its source, as the data folder is named after it. */
static bool cli_place(cli_page *p)
{
    const char *slash = strrchr(p->source, '/'), *base = slash ? slash + 1 : p->source;
    char here[4096];
    const char *folder = NULL;
    if (getcwd(here, sizeof here) && cli_folder_made(".easel") && cli_folder_made(".easel/run") && access(".easel/run", W_OK) == 0)
        folder = arena_printf(p->arena, "%s/.easel/run", here);
    if (!folder) folder = mkdtemp(arena_printf(p->arena, "%s/easel-run-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"));
    if (!folder) return false;
    p->module = arena_printf(p->arena, "%s/%.*s.so", folder, (int)(strrchr(base, '.') - base), base);
    return true;
}

const char *cli_page_find(cli_page *p, arena *a, const char *source)
{
    static const char *const c[] = { "cc", "gcc", "clang" }, *const cpp[] = { "c++", "g++", "clang++" };
    *p = (cli_page){ .arena = a, .home = cli_find_home(a), .source = source, .cpp = !cli_ends(source, ".c") };
    const char *told = getenv(p->cpp ? "CXX" : "CC");
    if (told && *told) p->cc = told;
    for (int i = 0; i < COUNT(c) && !p->cc; i++)
        if (cli_has(p->cpp ? cpp[i] : c[i])) p->cc = p->cpp ? cpp[i] : c[i];
    if (!p->cc) return p->cpp ? "there is no C++ compiler; install one with: apt-get install g++" : "there is no C compiler; install one with: apt-get install gcc libc6-dev";
    if (!p->home.include) return "include/easel/easel.h is not found near this program; build it with: make";
    *list_add(&p->files) = arena_text(a, source);
    if (!cli_place(p)) return arena_printf(a, "no folder for the module can be made in .easel/ or the temporary folder: %s", strerror(errno));
    return NULL;
}

/* ---- compilers -------------------------------------------------------------------------------------------------- */

/* "out.so: page.c more.h \" and so on, as compilers write what a file is made of. */
static void cli_read_files(cli_page *p, const char *depends)
{
    char word[4096];
    FILE *f = fopen(depends, "r");
    if (!f) return;
    list_done(&p->files);
    while (fscanf(f, "%4095s", word) == 1) {
        size_t home = strlen(p->home.include);
        bool ours = strncmp(word, p->home.include, home) == 0 && word[home] == '/';
        if (!cli_ends(word, ":") && strcmp(word, "\\") && strncmp(word, "/usr/", 5) && !ours) *list_add(&p->files) = arena_text(p->arena, word);
    }
    fclose(f);
}

static cli_words cli_compiler(const cli_page *p, const char *compiler, const char *flags)
{
    cli_words w = { .arena = p->arena };
    cli_words_of(&w, compiler);
    cli_words_of(&w, flags);
    cli_word(&w, "-I%s", p->home.include);
    cli_word(&w, "-I%s/easel", p->home.include);
    cli_words_of(&w, getenv(p->cpp ? "CXXFLAGS" : "CFLAGS"));
    cli_word(&w, "%s", p->source);
    return w;
}

static bool cli_compile(cli_page *p, const char *compiler, const char *flags, const char *out, int report)
{
    cli_words w = cli_compiler(p, compiler, flags);
    const char *depends = arena_printf(p->arena, "%s.d", out);
    cli_word(&w, "-shared");
    cli_word(&w, "-MD");
    cli_word(&w, "-MF");
    cli_word(&w, "%s", depends);
    cli_word(&w, "-o");
    cli_word(&w, "%s", out);
    cli_words_of(&w, getenv("LDFLAGS"));
    cli_words_of(&w, "-lm -lpthread");
    bool good = cli_wait(cli_start(&w, report)) == 0;
    list_done(&w.list);
    if (good) cli_read_files(p, depends);
    unlink(depends);
    return good;
}

/* A name that nobody defines shows only when the module is loaded; another process tries, as a module's own code runs then. */
static bool cli_loads(cli_page *p, const char *out, int report)
{
    cli_words w = { .arena = p->arena };
    cli_word(&w, "/proc/self/exe");
    setenv("EASEL_TRY", out, 1);
    bool good = cli_wait(cli_start(&w, report)) == 0;
    unsetenv("EASEL_TRY");
    list_done(&w.list);
    return good;
}

static const char *cli_full_flags(const cli_page *p)
{
    return p->cpp ? "-std=gnu++20 -Wall -Wextra -g -fPIC" : "-std=gnu11 -Wall -Wextra " CLI_STRICT " -g -fPIC";
}

int cli_page_check(cli_page *p, int report)
{
    cli_words w = cli_compiler(p, p->cc, "-std=gnu11 -Wall -Wextra " CLI_STRICT " -fsyntax-only");
    int pid = cli_start(&w, report);
    list_done(&w.list);
    return pid;
}

/* What tcc says is thrown away: cc says it better. */
static bool cli_quick(cli_page *p, const char *out)
{
    FILE *thrown = tmpfile();
    bool good = thrown && cli_compile(p, "tcc", "-g", out, fileno(thrown)) && cli_loads(p, out, fileno(thrown));
    if (thrown) fclose(thrown);
    return good;
}

/* A running program keeps the module that it has. */
bool cli_page_make(cli_page *p, int report, bool *checked)
{
    const char *out = arena_printf(p->arena, "%s.%d.new", p->module, (int)getpid());
    bool quick = !p->cpp && !getenv("CC") && cli_has("tcc") && cli_quick(p, out);
    *checked = !quick;
    bool good = (quick || (cli_compile(p, p->cc, cli_full_flags(p), out, report) && cli_loads(p, out, report))) && rename(out, p->module) == 0;
    if (!good) unlink(out);
    return good;
}
