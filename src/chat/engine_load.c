/* engine_load.c: the helper thread that loads the model and makes larger contexts, and whether there is memory for either. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define MB(bytes) ((unsigned long long)(((bytes) + 999999) / 1000000))
#define OTHER "pass another with --model FILE"

/* ---- memory -------------------------------------------------------------------------------------------------- */

static bool read_number(const char *path, uint64_t *out)
{
    FILE *f = fopen(path, "r");
    if (!f) return false;
    unsigned long long v;
    bool ok = fscanf(f, "%llu", &v) == 1;          /* "max" is no number: no limit */
    fclose(f);
    if (ok) *out = v;
    return ok;
}

static uint64_t line_number(const char *path, const char *name)
{
    FILE *f = fopen(path, "r");
    char line[256];
    unsigned long long v = 0;
    size_t count = strlen(name);
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, name, count)) {
            v = strtoull(line + count, NULL, 10);
            break;
        }
    if (f) fclose(f);
    return v;
}

static uint64_t cgroup_left(void)
{
    char path[600], group[300] = "", line[400];
    FILE *f = fopen("/proc/self/cgroup", "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "0::", 3)) snprintf(group, sizeof group, "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
    if (f) fclose(f);
    uint64_t limit, used;
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", group);
    if (read_number(path, &limit)) {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.current", group);
        if (!read_number(path, &used)) return UINT64_MAX;
        /* Cached file pages count as used, though they make room when room is needed. */
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.stat", group);
        uint64_t cached = line_number(path, "inactive_file");
        used = used > cached ? used - cached : 0;
        return limit > used ? limit - used : 0;
    }
    if (read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes", &limit) && read_number("/sys/fs/cgroup/memory/memory.usage_in_bytes", &used))
        return limit > used ? limit - used : 0;
    return UINT64_MAX;
}

static uint64_t address_space_left(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) || limit.rlim_cur == RLIM_INFINITY) return UINT64_MAX;
    uint64_t pages = 0, used;
    if (!read_number("/proc/self/statm", &pages)) return UINT64_MAX;
    used = pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

uint64_t engine_memory_left(const engine_options *o)
{
    if (o->memory) return o->memory;
    uint64_t left = line_number("/proc/meminfo", "MemAvailable:") * 1024;
    return smaller(smaller(left ? left : UINT64_MAX, address_space_left()), cgroup_left());
}

/* ---- contexts ------------------------------------------------------------------------------------------------ */

static struct llama_context *make_context(const llama_lib *lib, struct llama_model *model, int streams, int cells, int threads)
{
    lm_context_params p = lib->context_default_params();
    p.n_seq_max = (uint32_t)streams;
    p.n_ctx = (uint32_t)streams * (uint32_t)cells;
    p.n_batch = ENGINE_BATCH;
    p.n_ubatch = ENGINE_UBATCH;
    p.n_outputs_max = (uint32_t)streams;           /* one for each place: the default reserves logits for a whole batch */
    p.n_threads = p.n_threads_batch = threads;
    p.kv_unified = false;
    p.no_perf = true;
    return lib->init_from_model(model, p);
}

static void make_pool(engine *e)
{
    if (e->pool) return;
    lm_threadpool_params p;
    e->lib->threadpool_params_init(&p, e->cores);
    p.poll = 0;                                    /* between steps the helpers sleep: an idle engine takes no time at all */
    e->pool = e->lib->threadpool_new(&p);
}

static void use_context(engine *e, struct llama_context *context, int streams, int cells)
{
    make_pool(e);
    if (e->pool) e->lib->attach_threadpool(context, e->pool, e->pool);
    e->context = context;
    e->streams = streams;
    e->cells = cells;
}

/* ---- loading ------------------------------------------------------------------------------------------------- */

static const char *plain_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* What can be said about the file without llama.cpp, which reports less clearly. */
static bool check_file(const char *path, uint64_t *size, ez_err *err)
{
    struct stat st;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &st)) {
        int why = errno;
        if (file >= 0) close(file);
        if (why == ENOENT)
            return error_set(err, EZ_MISSING, "the model %s is not there; run `make model` to fetch the first model, or " OTHER, path);
        return error_set(err, EZ_MISSING, "the model %s cannot be read: %s; mend that, or " OTHER, path, strerror(why));
    }
    char magic[4] = "";
    ssize_t got = S_ISREG(st.st_mode) ? read(file, magic, 4) : -1;
    close(file);
    *size = (uint64_t)st.st_size;
    if (!S_ISREG(st.st_mode)) return error_set(err, EZ_MISSING, "the model %s is not a file; " OTHER, path);
    if (got != 4 || memcmp(magic, "GGUF", 4))
        return error_set(err, EZ_BROKEN, "the model %s is not a GGUF file; " OTHER, path);
    return true;
}

static bool no_memory(ez_err *err, const char *path, uint64_t needed, uint64_t left)
{
    return error_set(err, EZ_NO_MEMORY, "the model %s needs about %llu MB of memory, %llu MB are left; end other programs, "
                     "raise the limit, or take a smaller GGUF with --model FILE", plain_name(path), MB(needed), MB(left));
}

static bool go_on(float progress, void *user)
{
    (void)progress;
    engine *e = user;
    return !atomic_load(&e->leaving);
}

static bool says(const char *words)
{
    return strstr(llama_reason(), words) != NULL;
}

static struct llama_model *load_model(engine *e, const llama_lib *lib, const char *path, uint64_t size, uint64_t left, ez_err *err)
{
    lm_model_params p = lib->model_default_params();
    p.load_mode = LM_LOAD_MMAP;
    /* Weights repacked for this CPU are a second copy of them, worth it when there is room: prompts take a quarter of the time. */
    p.use_extra_bufts = left / 2 > size;
    p.progress_callback = go_on;
    p.progress_callback_user_data = e;
    llama_reason_clear();
    struct llama_model *model = lib->model_load_from_file(path, p);
    if (model) return model;
    if (says("alloc") || says("mmap") || says("memory"))
        error_set(err, EZ_NO_MEMORY, "there is not enough memory to load the model %s: %s; take a smaller GGUF with --model FILE",
                  plain_name(path), llama_reason());
    else
        error_set(err, EZ_BROKEN, "the model %s cannot be loaded: %s; fetch the file again, or " OTHER, path,
                  llama_reason()[0] ? llama_reason() : "llama.cpp does not say why");
    return NULL;
}

static uint64_t kv_bytes(const llama_lib *lib, const struct llama_model *model)
{
    int heads = lib->model_n_head(model);
    uint64_t width = heads > 0 ? (uint64_t)(lib->model_n_embd(model) / heads) : 64;
    return (uint64_t)lib->model_n_layer(model) * (uint64_t)lib->model_n_head_kv(model) * width * 2 * 2;   /* keys and values, 16 bits each */
}

/* llama.cpp makes streams of whole 256 cells. */
static int whole_cells(int n_ctx) { return (n_ctx + 255) / 256 * 256; }

static int first_cells(const engine *e)
{
    int cells = whole_cells(e->o.n_ctx);
    return cells < ENGINE_FIRST_CELLS ? cells : ENGINE_FIRST_CELLS;
}

static void *load(void *user)
{
    engine *e = user;
    task *t = &e->task;
    const char *path = e->o.model;
    uint64_t size = 0, left = engine_memory_left(&e->o);
    if (!path) {
        error_set(&t->error, EZ_MISSING, "no model was named; pass one with --model FILE (`make model` fetches the first one)");
        goto out;
    }
    if (!check_file(path, &size, &t->error)) goto out;
    if (size + (48u << 20) > left) {               /* the file, and working memory that even the smallest model needs */
        no_memory(&t->error, path, size + (48u << 20), left);
        goto out;
    }
    t->lib = llama_lib_open(e->o.llama_dir, e->o.cpu_cache, &t->error);
    if (!t->lib) goto out;
    t->model = load_model(e, t->lib, path, size, left, &t->error);
    if (!t->model) goto out;
    if (!t->lib->model_has_decoder(t->model) || t->lib->model_has_encoder(t->model)) {
        error_set(&t->error, EZ_BROKEN, "the model %s is no chat model; " OTHER, path);
        goto out;
    }
    t->streams = 1;
    t->cells = first_cells(e);
    uint64_t needed = size + kv_bytes(t->lib, t->model) * (uint64_t)t->cells + (32u << 20);
    if (needed > left) {
        no_memory(&t->error, path, needed, left);
        goto out;
    }
    llama_reason_clear();
    t->context = make_context(t->lib, t->model, t->streams, t->cells, e->cores);
    if (!t->context) error_set(&t->error, EZ_NO_MEMORY, "the model %s has no room for a conversation: %s; take a smaller GGUF with --model FILE",
                               plain_name(path), llama_reason());
out:
    if (t->error.code && t->model) {
        t->lib->model_free(t->model);
        t->model = NULL;
    }
    eventfd_write(e->event, 1);
    return NULL;
}

static void *grow(void *user)
{
    engine *e = user;
    task *t = &e->task;
    t->context = make_context(e->lib, e->model, t->streams, t->cells, e->cores);
    eventfd_write(e->event, 1);
    return NULL;
}

static void start(engine *e, task_kind kind, void *(*run)(void *))
{
    e->task.kind = kind;
    e->task.started_ns = clock_ns();
    int why = pthread_create(&e->task.thread, NULL, run, e);
    if (!why) return;
    error_set(&e->task.error, EZ_FAILED, "the engine could not start a thread: %s", strerror(why));
    e->task.kind = TASK_NONE;
    if (kind == TASK_LOAD) {
        e->state = WIRE_FAILED;
        e->error = e->task.error;
        e->failed_ms = clock_ms();
    }
}

static int cpu_number(int cpu, const char *what)
{
    char path[100];
    uint64_t v = 0;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s", cpu, what);
    return read_number(path, &v) ? (int)v : -1;
}

/* Cores that we may run on; two threads on one core would only wait for each other. */
static int cores(void)
{
    cpu_set_t set;
    uint64_t seen[256];
    int count = 0;
    if (sched_getaffinity(0, sizeof set, &set)) return 1;
    for (int cpu = 0; cpu < CPU_SETSIZE && count < 64; cpu++) {
        if (!CPU_ISSET(cpu, &set)) continue;
        int core = cpu_number(cpu, "core_id");
        uint64_t id = core < 0 ? (1ull << 40) + (uint64_t)cpu : (uint64_t)(cpu_number(cpu, "physical_package_id") + 1) << 20 | (uint64_t)core;
        int i = 0;
        while (i < count && seen[i] != id) i++;
        if (i == count) seen[count++] = id;
    }
    return count < 1 ? 1 : count;
}

void engine_load(engine *e)
{
    if (e->remote) {
        remote_load(e);
        return;
    }
    e->state = WIRE_LOADING;
    e->error = (ez_err){ 0 };
    e->task = (task){ 0 };
    e->cores = e->o.threads > 0 ? e->o.threads : cores();
    start(e, TASK_LOAD, load);
}

/* ---- what the loaded model is -------------------------------------------------------------------------------- */

static double meta_number(const engine *e, int key, double otherwise)
{
    char at[64];
    const char *name = e->lib->model_meta_key_str(key);
    if (!name || e->lib->model_meta_val_str(e->model, name, at, sizeof at) <= 0) return otherwise;
    char *end;
    double v = plain_real(at, &end);
    return end == at || !isfinite(v) ? otherwise : v;
}

static void describe(engine *e)
{
    /* The file's name, which people know; what the file itself says is often the name of a training run. */
    snprintf(e->name, sizeof e->name, "%s", plain_name(e->o.model));
    size_t length = strlen(e->name);
    if (length > 5 && !strcmp(e->name + length - 5, ".gguf")) e->name[length - 5] = 0;
    if (e->lib->model_desc(e->model, e->description, sizeof e->description) < 0) e->description[0] = 0;
    const char *remark = NULL;
    lm_chat_message hello = { "user", "hello" };
    e->template = e->lib->model_chat_template(e->model, NULL);
    if (!e->template) remark = "has no chat template, ChatML is used";
    else if (e->lib->chat_apply_template(e->template, &hello, 1, true, NULL, 0) < 0) {
        e->template = NULL;
        remark = "its chat template is not known, ChatML is used";
    }
    if (!remark) return;
    size_t count = strlen(e->description);
    snprintf(e->description + count, sizeof e->description - count, "; %s", remark);
    log_warn("engine", "%s %s", plain_name(e->o.model), remark);
}

static void take_model(engine *e)
{
    task *t = &e->task;
    e->lib = t->lib;
    e->model = t->model;
    e->vocab = e->lib->model_get_vocab(e->model);
    int trained = e->lib->model_n_ctx_train(e->model);
    e->n_ctx = trained > 0 && trained < e->o.n_ctx ? trained : e->o.n_ctx;
    e->kv_bytes = kv_bytes(e->lib, e->model);
    e->plain = !e->lib->model_n_swa(e->model) && !e->lib->model_is_recurrent(e->model) && !e->lib->model_is_hybrid(e->model);
    e->streams_max = e->o.places;
    e->cells_max = whole_cells(e->n_ctx);
    /* All of them where that is a small part of the memory even when conversations have become long, so that a crowd finds its places ready. */
    uint64_t all = e->kv_bytes * (uint64_t)e->cells_max * (uint64_t)e->o.places;
    e->streams_idle = all < engine_memory_left(&e->o) / 64 || e->o.places < 4 ? e->o.places : 4;
    e->candidates = mem_alloc((size_t)e->lib->vocab_n_tokens(e->vocab) * sizeof *e->candidates);
    /* Where the file is silent, llama.cpp's own. */
    e->defaults = (wire_sampling){ true, meta_number(e, LM_META_TEMP, 0.8), meta_number(e, LM_META_TOP_P, 0.95),
                                   meta_number(e, LM_META_MIN_P, 0.05), (int)meta_number(e, LM_META_TOP_K, 40), 0, NULL };
    describe(e);
    use_context(e, t->context, t->streams, t->cells);
    e->state = WIRE_READY;
    e->idle_since_ms = clock_ms();
    engine_system(e);
    engine_kept_read(e);
    log_info("engine", "%s (%s) is ready after %d ms: %s, %d threads", e->name, e->description, e->load_ms, e->lib->cpu, e->cores);
}

/* Unless somebody came meanwhile. */
static void shrunk(engine *e)
{
    task *t = &e->task;
    if (!t->context) return;
    if (engine_busy(e) || e->queue.count) {
        e->lib->free(t->context);
        return;
    }
    engine_park_all(e);
    engine_move_context(e, t->context, t->streams, t->cells);
    if (e->pool) e->lib->attach_threadpool(e->context, e->pool, e->pool);
    e->want_streams = t->streams;
    e->want_cells = t->cells;
    log_debug("engine", "nobody asks: room for %d conversations of %d tokens, and %d others that wait", e->streams, e->cells, e->memos.count);
}

void engine_task_done(engine *e)
{
    task *t = &e->task;
    if (t->kind == TASK_NONE) return;
    pthread_join(t->thread, NULL);
    task_kind kind = t->kind;
    t->kind = TASK_NONE;
    if (kind == TASK_KEEP) return;
    if (kind == TASK_SHRINK) {
        shrunk(e);
        return;
    }
    if (kind == TASK_GROW) {
        if (t->context) {
            engine_move_context(e, t->context, t->streams, t->cells);
            if (e->pool) e->lib->attach_threadpool(e->context, e->pool, e->pool);
            log_debug("engine", "room for %d conversations of %d tokens after %d ms", e->streams, e->cells, (int)((clock_ns() - t->started_ns) / 1000000));
        } else {
            e->streams_max = e->streams;
            e->cells_max = e->cells;
            log_warn("engine", "no memory for more than %d conversations of %d tokens: %s", e->streams, e->cells, llama_reason());
        }
        return;
    }
    e->load_ms = (int)((clock_ns() - t->started_ns) / 1000000);
    if (!t->error.code) {
        take_model(e);
        return;
    }
    e->state = WIRE_FAILED;
    e->error = t->error;
    e->failed_ms = clock_ms();
    log_error("engine", "%s", e->error.text);
}

void engine_unload(engine *e)
{
    atomic_store(&e->leaving, true);
    if (e->task.kind != TASK_NONE) {
        pthread_join(e->task.thread, NULL);
        if (e->task.context) e->task.lib ? e->task.lib->free(e->task.context) : e->lib->free(e->task.context);
        if (e->task.kind == TASK_LOAD && e->task.model) e->task.lib->model_free(e->task.model);
    }
    if (e->context) e->lib->free(e->context);
    if (e->pool) e->lib->threadpool_free(e->pool);
    if (e->model) e->lib->model_free(e->model);
    mem_free(e->candidates);
}

void engine_keep(engine *e)
{
    if (!e->system_unkept || !e->system_done || e->task.kind != TASK_NONE) return;
    e->system_unkept = false;
    e->task = (task){ .lib = e->lib };
    if (engine_system_stream(e, &e->task.kept)) start(e, TASK_KEEP, engine_kept_save);
}

/* ---- growing ------------------------------------------------------------------------------------------------- */

/* Sizes go up in steps of four streams and of twice the cells, so that growing is rare. */
static int next_streams(const engine *e, int wanted)
{
    int streams = e->streams;
    while (streams < wanted) streams *= 4;
    return streams < e->streams_max ? streams : e->streams_max;
}

static int next_cells(const engine *e, int wanted)
{
    int cells = e->cells;
    while (cells < wanted) cells *= 2;
    return cells < e->cells_max ? cells : e->cells_max;
}

bool engine_grow(engine *e)
{
    if (e->state != WIRE_READY || e->task.kind != TASK_NONE || (e->want_streams <= e->streams && e->want_cells <= e->cells)) return true;
    int streams = next_streams(e, e->want_streams), cells = next_cells(e, e->want_cells);
    if (streams <= e->streams && cells <= e->cells) return true;
    /* Both contexts are there for a moment. Longer conversations come before more of them. */
    uint64_t left = engine_memory_left(&e->o), spare = 64u << 20;
    uint64_t room = left > spare ? (left - spare) / e->kv_bytes : 0;
    while (streams > e->streams && (uint64_t)streams * (uint64_t)cells > room) e->streams_max = streams = streams > 1 ? streams - 1 : 1;
    while (cells > e->cells && (uint64_t)streams * (uint64_t)cells > room) e->cells_max = cells = e->cells;
    if (streams <= e->streams && cells <= e->cells) {
        log_warn("engine", "memory ends at %d conversations of %d tokens; %llu MB are left", e->streams, e->cells, MB(left));
        return false;
    }
    e->task = (task){ .lib = e->lib, .streams = streams, .cells = cells };
    start(e, TASK_GROW, grow);
    return true;
}

/* ---- shrinking ----------------------------------------------------------------------------------------------- */

static int idle_cells(const engine *e)
{
    int cells = first_cells(e);
    while (cells < e->system.tokens.count + 64) cells *= 2;
    return cells < e->cells ? cells : e->cells;
}

static int idle_streams(const engine *e) { return e->streams_idle < e->streams ? e->streams_idle : e->streams; }

bool engine_wide(const engine *e) { return e->reading.context || idle_streams(e) < e->streams || idle_cells(e) < e->cells; }

void engine_shrink(engine *e)
{
    int streams = idle_streams(e), cells = idle_cells(e);
    engine_read_rest(e);
    if (streams == e->streams && cells == e->cells) return;
    /* Both contexts are there for a moment. */
    if (e->kv_bytes * (uint64_t)streams * (uint64_t)cells + (64u << 20) > engine_memory_left(&e->o)) return;
    e->task = (task){ .lib = e->lib, .streams = streams, .cells = cells };
    start(e, TASK_SHRINK, grow);
}
