/* llama_lib.c: opens llama.cpp, checks that it is the pinned release, picks the variant for this CPU. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/llama_lib.h"
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GET "run `make model` to fetch it"

/* True facts of the process: shared objects are opened once, and llama.cpp has one log and one list of CPU variants. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
static llama_lib opened;
static bool is_open;
static __thread char reason[300];

typedef struct ggml_lib {
    void *(*backend_load)(const char *path);
    void  (*backend_load_all_from_path)(const char *folder);
    void *(*backend_dev_by_type)(int type);
    void *(*backend_dev_backend_reg)(void *device);
    void *(*backend_reg_get_proc_address)(void *reg, const char *name);
    void *(*set_abort_callback)(void (*callback)(const char *message));
} ggml_lib;

/* ---- what llama.cpp says -------------------------------------------------------------------------------------- */

void llama_reason_clear(void) { reason[0] = 0; }
const char *llama_reason(void) { return reason; }

static void on_log(int level, const char *line, void *user)
{
    (void)user;
    if (level != LM_LOG_ERROR && level != LM_LOG_WARN) return;
    size_t count = strlen(line);
    while (count && (line[count - 1] == '\n' || line[count - 1] == ' ')) count--;
    if (!count) return;
    log_debug("engine", "llama.cpp: %.*s", (int)count, line);
    if (level != LM_LOG_ERROR) return;
    /* The first error of an attempt names the cause; those after it only say which callers gave up. "function: " says nothing. */
    if (reason[0]) return;
    const char *colon = strstr(line, ": ");
    if (colon && colon < line + count && !memchr(line, ' ', (size_t)(colon - line))) {
        count -= (size_t)(colon + 2 - line);
        line = colon + 2;
    }
    if (count >= sizeof reason) count = utf8_whole(line, sizeof reason - 1);
    memcpy(reason, line, count);
    reason[count] = 0;
}

/* llama.cpp aborts the process when its own checks fail; the last words belong into our log. */
static void on_abort(const char *message)
{
    log_error("engine", "llama.cpp gives up: %s", message);
}

/* ---- the CPU's variant ------------------------------------------------------------------------------------------ */

/* Names this kind of CPU, so that a cached choice does not travel to another machine. */
static uint64_t cpu_id(void)
{
    char at[8192];
    FILE *f = fopen("/proc/cpuinfo", "r");
    size_t count = f ? fread(at, 1, sizeof at - 1, f) : 0;
    if (f) fclose(f);
    at[count] = 0;
    uint64_t id = 1;
    for (char *line = strtok(at, "\n"); line; line = strtok(NULL, "\n")) {
        if (!strncmp(line, "model name", 10)) id = hash_mix(id, hash_text(line));
        if (!strncmp(line, "flags", 5) || !strncmp(line, "Features", 8)) return hash_mix(id, hash_text(line));
    }
    return id;
}

static bool cache_read(const char *cache, char name[64])
{
    FILE *f = cache ? fopen(cache, "r") : NULL;
    if (!f) return false;
    unsigned long long id;
    bool ok = fscanf(f, "%llx %63s", &id, name) == 2 && id == cpu_id();
    fclose(f);
    return ok && !strchr(name, '/') && !strncmp(name, "libggml-cpu-", 12);
}

static void cache_write(const char *cache, const char *name)
{
    if (!cache) return;
    char part[4096];
    if (snprintf(part, sizeof part, "%s.%d", cache, (int)getpid()) >= (int)sizeof part) return;
    FILE *f = fopen(part, "w");
    if (!f) return;                                   /* only 11 ms are lost */
    bool ok = fprintf(f, "%llx %s\n", (unsigned long long)cpu_id(), name) > 0;
    ok = !fclose(f) && ok;
    if (!ok || rename(part, cache)) unlink(part);
}

static int find_variant(struct dl_phdr_info *info, size_t size, void *out)
{
    (void)size;
    const char *slash = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
    if (!slash || strncmp(slash + 1, "libggml-cpu-", 12) || strlen(slash + 1) >= 64) return 0;
    strcpy(out, slash + 1);
    return 1;
}

static bool load_variant(const ggml_lib *ggml, llama_lib *lib, const char *folder, const char *cache, ez_err *err)
{
    char path[4096];
    bool cached = cache_read(cache, lib->cpu) && snprintf(path, sizeof path, "%s/%s", folder, lib->cpu) < (int)sizeof path;
    /* NULL when this CPU cannot run that variant after all; the scan opens every variant and keeps the best. */
    if (!cached || !ggml->backend_load(path)) {
        ggml->backend_load_all_from_path(folder);
        lib->cpu[0] = 0;
        dl_iterate_phdr(find_variant, lib->cpu);
        if (lib->cpu[0]) cache_write(cache, lib->cpu);
    }
    void *device = ggml->backend_dev_by_type(LM_DEVICE_CPU);
    if (!device) return error_set(err, EZ_BROKEN, "llama.cpp in %s has no variant for this CPU; remove that folder and " GET, folder);
    void *reg = ggml->backend_dev_backend_reg(device);
    *(void **)&lib->threadpool_new = ggml->backend_reg_get_proc_address(reg, "ggml_threadpool_new");
    *(void **)&lib->threadpool_free = ggml->backend_reg_get_proc_address(reg, "ggml_threadpool_free");
    if (!lib->threadpool_new || !lib->threadpool_free)
        return error_set(err, EZ_BROKEN, "llama.cpp in %s has no thread pools; remove that folder and " GET, folder);
    return true;
}

/* ---- the library ------------------------------------------------------------------------------------------------ */

static void *open_one(const char *folder, const char *name)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return NULL;
    return dlopen(path, RTLD_LAZY | RTLD_LOCAL);
}

static bool find(void *handle, const char *prefix, const char *name, void *out, const char *folder, ez_err *err)
{
    char full[128];
    snprintf(full, sizeof full, "%s%s", prefix, name);
    *(void **)out = dlsym(handle, full);
    if (*(void **)out) return true;
    return error_set(err, EZ_BROKEN, "llama.cpp in %s is not release " LM_VERSION ": it has no %s; remove that folder and " GET, folder, full);
}

static bool open_all(llama_lib *lib, ggml_lib *ggml, const char *folder, ez_err *err)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/libllama.v" LM_VERSION ".so", folder);
    if (access(path, R_OK))
        return error_set(err, EZ_MISSING, "llama.cpp is not there (looked for %s); " GET, path);
    /* Its RUNPATH finds the other libraries beside it, and looking up a name in it looks into them too. */
    void *handle = open_one(folder, "libllama.v" LM_VERSION ".so");
    if (!handle) return error_set(err, EZ_BROKEN, "llama.cpp does not open: %s; remove %s and " GET, dlerror(), folder);
    bool ok = true;
#define X(result, name, arguments) ok = ok && find(handle, "llama_", #name, &lib->name, folder, err);
    LLAMA_FUNCTIONS(X)
#undef X
#define FIND(name) ok = ok && find(handle, "ggml_", #name, &ggml->name, folder, err)
    FIND(backend_load); FIND(backend_load_all_from_path); FIND(backend_dev_by_type); FIND(backend_dev_backend_reg);
    FIND(backend_reg_get_proc_address); FIND(set_abort_callback);
#undef FIND
    ok = ok && find(handle, "ggml_", "threadpool_params_init", &lib->threadpool_params_init, folder, err);
    if (!ok) return false;
    if (strncmp(lib->version(), LM_VERSION, strlen(LM_VERSION)))
        return error_set(err, EZ_BROKEN, "llama.cpp in %s is release %s, " LM_VERSION " is needed; remove that folder and " GET, folder, lib->version());
    lib->log_set(on_log, NULL);
    ggml->set_abort_callback(on_abort);
    return true;
}

const llama_lib *llama_lib_open(const char *folder, const char *cache, ez_err *err)
{
    pthread_mutex_lock(&opening);
    if (!is_open) {
        llama_lib lib = { 0 };
        ggml_lib ggml = { 0 };
        if (!folder) error_set(err, EZ_MISSING, "llama.cpp is not there; " GET);
        else is_open = open_all(&lib, &ggml, folder, err) && load_variant(&ggml, &lib, folder, cache, err);
        if (is_open) opened = lib;
    }
    const llama_lib *got = is_open ? &opened : NULL;
    pthread_mutex_unlock(&opening);
    return got;
}
