/* doctor.c: `easel doctor`: one line for each thing that a program needs, with the command that gets what is missing.
 *
 * It takes the options of a program and looks with them: `easel doctor --port 8502 --model other.gguf`. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"
#include "base/version.h"
#include "chat/engine.h"
#include "chat/llama_lib.h"
#include "cli.h"
#include "gen/assets.h"
#include "net/net.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef enum doctor_state { DOCTOR_OK, DOCTOR_OPTIONAL, DOCTOR_MISSING } doctor_state;

typedef struct doctor {
    arena   *arena;
    options  options;
    cli_home home;
    text     found;                /* what one check says */
    const char *fix;               /* the command that gets what is missing; NULL: what is found says it */
} doctor;

/* ---- programs and files of Easel --------------------------------------------------------------------------------- */

static void doctor_first_line(doctor *d, const char *command)
{
    char line[200] = "";
    FILE *f = popen(command, "r");
    if (f && fgets(line, sizeof line, f)) line[strcspn(line, "\n")] = 0;
    if (f) pclose(f);
    text_puts(&d->found, *line ? line : "does not run");
}

static doctor_state doctor_version(doctor *d)
{
    text_puts(&d->found, EASEL_VERSION);
    return DOCTOR_OK;
}

static doctor_state doctor_library(doctor *d)
{
    bool there = d->home.include && d->home.library;
    if (there) text_printf(&d->found, "%s, headers in %s", d->home.library, d->home.include);
    else text_printf(&d->found, "%s is not found near this program", d->home.include ? "libeasel.a" : "include/easel/easel.h");
    d->fix = "make";
    return there ? DOCTOR_OK : DOCTOR_MISSING;
}

static doctor_state doctor_compiler(doctor *d)
{
    const char *cc = getenv("CC") && *getenv("CC") ? getenv("CC") : cli_has("cc") ? "cc" : cli_has("gcc") ? "gcc" : "clang";
    d->fix = "apt-get install gcc libc6-dev";
    if (!cli_has(arena_text_n(d->arena, cc, strcspn(cc, " ")))) {
        text_printf(&d->found, "%s is not installed; `easel run` needs a C compiler", cc);
        return DOCTOR_MISSING;
    }
    doctor_first_line(d, arena_printf(d->arena, "%s --version 2>&1", cc));
    return DOCTOR_OK;
}

static doctor_state doctor_tcc(doctor *d)
{
    d->fix = "apt-get install tcc";
    if (cli_has("tcc")) doctor_first_line(d, "tcc -v 2>&1");
    else text_puts(&d->found, "is not installed; with it `easel run` compiles in milliseconds");
    return cli_has("tcc") ? DOCTOR_OK : DOCTOR_OPTIONAL;
}

static doctor_state doctor_assets(doctor *d)
{
    size_t size = 0;
    bool script = false;
    for (const asset *at = asset_table; at->role; at++) {
        size += at->brotli.at ? at->brotli.count : at->plain.count;
        script |= strcmp(at->role, "easel.js") == 0;
    }
    if (script) text_printf(&d->found, "%d files inside the library, %.1f kB compressed", asset_count, (double)size / 1000);
    else text_puts(&d->found, "scripts and styles are not in the library, so pages do not react");
    d->fix = "sh tools/setup.sh build && make clean all";
    return script ? DOCTOR_OK : DOCTOR_MISSING;
}

/* ---- the model --------------------------------------------------------------------------------------------------- */

static doctor_state doctor_llama(doctor *d)
{
    ez_err err = {0};
    char *folder = engine_find_llama();
    const llama_lib *lib = llama_lib_open(folder, NULL, &err);
    if (lib) text_printf(&d->found, "%s in %s, %s", lib->version(), folder, lib->cpu);
    else text_puts(&d->found, err.text);
    d->fix = "make model";
    mem_free(folder);
    return lib ? DOCTOR_OK : DOCTOR_OPTIONAL;
}

/* What the file says it is: its first four bytes are "GGUF". */
static bool doctor_gguf(doctor *d, const char *path)
{
    char magic[4] = "";
    FILE *f = fopen(path, "rb");
    if (!f) return text_printf(&d->found, "%s: %s", path, strerror(errno)), false;
    size_t count = fread(magic, 1, 4, f);
    fclose(f);
    struct stat st = {0};
    stat(path, &st);
    if (count == 4 && memcmp(magic, "GGUF", 4) == 0) return text_printf(&d->found, "%s, %.0f MB", path, (double)st.st_size / 1e6), true;
    return text_printf(&d->found, "%s is no GGUF file", path), false;
}

static const char *doctor_any_model(doctor *d, const char *folder)
{
    DIR *dir = folder ? opendir(folder) : NULL;
    const char *found = NULL;
    for (struct dirent *e; dir && !found && (e = readdir(dir));) {
        size_t count = strlen(e->d_name);
        if (count > 5 && strcmp(e->d_name + count - 5, ".gguf") == 0) found = arena_printf(d->arena, "%s/%s", folder, e->d_name);
    }
    if (dir) closedir(dir);
    return found;
}

static doctor_state doctor_model(doctor *d)
{
    const char *folders[] = { ".", getenv("EASEL_MODELS"), d->home.models }, *path = NULL;
    char *named = engine_find_model(d->options.model);
    for (int i = 0; i < COUNT(folders) && !named && !path; i++) path = doctor_any_model(d, folders[i]);
    d->fix = "make model, or name a GGUF file with --model";
    bool good = false;
    if (named || path) good = doctor_gguf(d, named ? named : path);
    else text_puts(&d->found, "no *.gguf in the working folder, in $EASEL_MODELS or in models/ beside this program or above it");
    mem_free(named);
    return good ? DOCTOR_OK : DOCTOR_OPTIONAL;
}

/* ---- the machine ------------------------------------------------------------------------------------------------- */

/* A folder that is not there yet is made at the start, so the nearest one above it must be writable. */
static doctor_state doctor_data(doctor *d)
{
    char *folder = arena_text(d->arena, d->options.data);
    struct stat st;
    bool there = stat(folder, &st) == 0;
    while (stat(folder, &st) != 0) {
        char *slash = strrchr(folder, '/');
        if (!slash) folder = arena_text(d->arena, ".");
        else slash[slash == folder] = 0;
    }
    d->fix = "name another folder with --data";
    if (!S_ISDIR(st.st_mode)) return text_printf(&d->found, "%s is no folder", folder), DOCTOR_MISSING;
    if (access(folder, W_OK | X_OK) != 0) return text_printf(&d->found, "%s cannot be written to: %s", folder, strerror(errno)), DOCTOR_MISSING;
    text_printf(&d->found, "%s %s", d->options.data, there ? "can be written to" : "can be made");
    if (stat(arena_printf(d->arena, "%s/easel.db", d->options.data), &st) == 0) text_printf(&d->found, "; its easel.db has %.1f MB", (double)st.st_size / 1e6);
    return DOCTOR_OK;
}

static doctor_state doctor_port(doctor *d)
{
    ez_err err = {0};
    int fd = net_listen_fd(d->options.address, d->options.port, &err);
    if (fd >= 0) {
        close(fd);
        text_printf(&d->found, "%s port %d is free", d->options.address, d->options.port);
        return DOCTOR_OK;
    }
    text_puts(&d->found, err.text);
    d->fix = "choose another one with --port, or --port 0 for any free one";
    return DOCTOR_MISSING;
}

/* Every visitor is an open file, and so is everything else; a thousand visitors should find room. */
static doctor_state doctor_limit(doctor *d)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    bool enough = limit.rlim_max >= 4096;
    text_printf(&d->found, "%lld may be open, that is about %lld visitors at once", (long long)limit.rlim_max, (long long)limit.rlim_max - 100);
    d->fix = "ulimit -n 20000";
    return enough ? DOCTOR_OK : DOCTOR_OPTIONAL;
}

static const struct { const char *name; doctor_state (*look)(doctor *d); } doctor_checks[] = {
    { "easel", doctor_version },
    { "library", doctor_library },
    { "C compiler", doctor_compiler },
    { "tcc", doctor_tcc },
    { "browser part", doctor_assets },
    { "llama.cpp", doctor_llama },
    { "model", doctor_model },
    { "data folder", doctor_data },
    { "port", doctor_port },
    { "open files", doctor_limit },
};

int cli_doctor(int argc, char **argv)
{
    arena *a = arena_new();
    doctor d = { .arena = a, .home = cli_find_home(a) };
    ez_err err = {0};
    if (!options_read(&d.options, argc, argv, environ, &err)) {
        fprintf(stderr, "easel doctor: %s\n", err.text);
        return 2;
    }
    if (strcmp(d.options.data, ".easel/doctor") == 0) d.options.data = ".easel";   /* each program has a folder in there */
    static const char *const words[] = { "ok", "--", "no" };
    int missing = 0, optional = 0;
    for (int i = 0; i < COUNT(doctor_checks); i++) {
        text_clear(&d.found);
        d.fix = NULL;
        doctor_state state = doctor_checks[i].look(&d);
        missing += state == DOCTOR_MISSING;
        optional += state == DOCTOR_OPTIONAL;
        printf("%-3s %-13s %s\n", words[state], doctor_checks[i].name, d.found.at);
        if (state && d.fix) printf("                  -> %s\n", d.fix);
    }
    if (missing) printf("\n%d missing (no): programs do not work without.\n", missing);
    else if (optional) puts("\nEverything that is needed is there (--: optional).");
    else puts("\nEverything is there.");
    text_done(&d.found);
    options_done(&d.options);
    arena_free(a);
    return missing > 0;
}
