/* program.c: ez_main: options, what setup declares, and which role this process has. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include "app/app.h"
#include "base/version.h"
#include "chat/engine.h"
#include "page/guard.h"
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;
extern const char __executable_start;

/* The file that holds the program's page; NULL when that is the executable. */
static const char *module_of(const ez_app *app, const void **base)
{
    Dl_info at;
    *base = &__executable_start;
    if (!dladdr((const void *)(uintptr_t)app->args->page, &at) || at.dli_fbase == *base)
        return NULL;
    *base = at.dli_fbase;
    return at.dli_fname;
}

const void *app_base(const ez_app *app)
{
    const void *base;
    module_of(app, &base);
    return base;
}

const app_page *app_page_find(const ez_app *app, const char *path)
{
    for (int i = 0; i < app->pages.count; i++)
        if (!strcmp(app->pages.at[i].path, path))
            return &app->pages.at[i];
    return NULL;
}

const app_function *app_function_named(const ez_app *app, const char *name)
{
    for (int i = 0; i < app->functions.count; i++)
        if (!strcmp(app->functions.at[i].name, name))
            return &app->functions.at[i];
    return NULL;
}

const app_prompt *app_prompt_named(const ez_app *app, const char *name)
{
    for (int i = 0; i < app->prompts.count; i++)
        if (!strcmp(app->prompts.at[i].name, name))
            return &app->prompts.at[i];
    return NULL;
}

bool app_offers(const ez_app *app, const char *name) { return app_function_named(app, name) || app_prompt_named(app, name); }

static void mistake(ez_app *app, const ez_call *call, const char *what, const char *name)
{
    if (!app->mistake.code)
        error_set(&app->mistake, EZ_BROKEN, "%s:%d: %s \"%s\"", call->file ? call->file : "?", call->line, what, name ? name : "");
}

void ez_page_put(ez_app *app, const ez_page_args *a)
{
    if (!a->path || a->path[0] != '/' || strpbrk(a->path, "?#")) {
        mistake(app, &a->call, "ez_page: a path begins with '/' and holds no '?' or '#'; not", a->path);
        return;
    }
    if (!a->fn || app_page_find(app, a->path)) {
        mistake(app, &a->call, a->fn ? "ez_page: there are two pages at" : "ez_page: no function for", a->path);
        return;
    }
    *list_add(&app->pages) = (app_page){ mem_text(a->path), mem_text(a->title), mem_text(a->icon), mem_text(a->section), a->fn, a->hidden };
}

enum { RETRY_WAIT_MS = 1000, CACHE_SIZE = 100, MEMORY_LEAST = 1 << 20 };

static int64_t in_ms(ez_real seconds) { return (int64_t)((double)seconds * 1000); }

/* NULL, or what is wrong with it. */
static const char *read_rules(const ez_function_args *a, app_rules *out)
{
    *out = (app_rules){ a->max_size, a->priority, a->retries, a->cache_size ? a->cache_size : CACHE_SIZE, a->batch_size,
                        in_ms(a->time_limit), in_ms(a->retry_wait), in_ms(a->cache_ttl), in_ms(a->batch_wait), in_ms(a->session_ttl), { 0, 0 }, a->process, a->memory_limit };
    if (!out->retry_wait_ms) out->retry_wait_ms = RETRY_WAIT_MS;
    if (a->rate_limit && !rate_read(a->rate_limit, &out->rate_limit))
        return "ez_function: .rate_limit is like \"10/s\", \"100/m\" or \"1000/h\"; it is not, of";
    if (a->max_size < 0 || a->retries < 0 || a->cache_size < 0 || a->batch_size < 0 || a->concurrency < 0)
        return "ez_function: .max_size, .concurrency, .retries, .cache_size and .batch_size are not below zero; one is, of";
    if (a->time_limit < 0 || a->retry_wait < 0 || a->cache_ttl < 0 || a->batch_wait < 0 || a->session_ttl < 0)
        return "ez_function: .time_limit, .retry_wait, .cache_ttl, .batch_wait and .session_ttl are not below zero; one is, of";
    if (out->session_ttl_ms && (out->cache_ttl_ms || out->batch_size > 1 || a->rerunnable))
        return "ez_function: .session_ttl stands beside .cache_ttl, .batch_size or .rerunnable, and what depends on a session is neither given to others, nor made beside theirs, nor made again elsewhere; of";
    if (a->memory_limit && !a->process)
        return "ez_function: .memory_limit is that of a process of its own: with it goes .process = true, which is not there, of";
    if (a->memory_limit && a->memory_limit < MEMORY_LEAST)
        return "ez_function: .memory_limit is a number of bytes, at least 1048576 (1 MB); it is not, of";
    if (a->priority < EZ_PRIORITY_LOW || a->priority > EZ_PRIORITY_HIGH)
        return "ez_function: .priority is EZ_PRIORITY_LOW, EZ_PRIORITY_NORMAL or EZ_PRIORITY_HIGH; it is not, of";
    return NULL;
}

static bool is_name(const char *name) { return name && *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name); }

/* Each place of a text has its field; one of an address follows words of the address. */
static bool has_places(const char *pattern, const ez_record *in, bool address)
{
    api_place p;
    for (const char *at = pattern; api_place_next(at, &p); at = p.to) {
        const ez_field *f = record_named(in, p.name);
        if (!f || api_is_file(f) || (address && p.from == at))
            return false;
    }
    return true;
}

/* scheme:… with a place for each input that a call cannot do without. */
static bool is_resource(const char *address, const ez_record *in)
{
    size_t scheme = strspn(address, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
    if (!scheme || address[scheme] != ':' || !has_places(address, in, true))
        return false;
    for (int i = 0; in && i < in->count; i++) {
        const ez_field *f = record_field(in, i);
        api_place p;
        bool said = false;
        for (const char *at = address; !said && api_place_next(at, &p); at = p.to) said = !strcmp(p.name, f->name);
        if (!said && api_is_required(f))
            return false;
    }
    return true;
}

/* NULL, or what is wrong with how a client of MCP finds it. */
static const char *wrong_offer(const ez_function_args *a)
{
    if (a->prompt && a->resource)
        return "ez_function: it is a prompt or a resource, not both:";
    if ((a->prompt || a->resource) && !a->out)
        return "ez_function: a prompt or resource needs .out, which says what it gives; it lacks that:";
    if (a->resource && !is_resource(a->resource, a->in))
        return "ez_function: .resource is an address such as \"note://today\" or \"note://{day}\", whose places are fields of .in with words between them, and all that are needed; it is not, of";
    return NULL;
}

void ez_function_put(ez_app *app, const ez_function_args *a)
{
    if (!is_name(a->name) || !a->fn) {
        mistake(app, &a->call, "ez_function: a name is made of small letters, digits and '_', and needs a function; not", a->name);
        return;
    }
    if (app_offers(app, a->name)) {
        mistake(app, &a->call, "ez_function: there are two functions or prompts with the name", a->name);
        return;
    }
    app_rules rules;
    const char *bad_rules = read_rules(a, &rules), *wrong = bad_rules ? bad_rules : wrong_offer(a);
    if (wrong) {
        mistake(app, &a->call, wrong, a->name);
        return;
    }
    *list_add(&app->functions) = (app_function){ mem_text(a->name), a->fn, a->in, a->out, mem_text(a->help), mem_text(a->lane), a->concurrency, a->rerunnable, rules, a->prompt, mem_text(a->resource) };
}

void ez_prompt_put(ez_app *app, const ez_prompt_args *a)
{
    if (!is_name(a->name) || !a->text) mistake(app, &a->call, "ez_prompt: a name is made of small letters, digits and '_', and needs a text; not", a->name);
    else if (app_offers(app, a->name)) mistake(app, &a->call, "ez_prompt: there are two functions or prompts with the name", a->name);
    else if (!has_places(a->text, a->in, false)) mistake(app, &a->call, "ez_prompt: the text has a place in braces that is no field of .in, or a file, in", a->name);
    else *list_add(&app->prompts) = (app_prompt){ mem_text(a->name), mem_text(a->text), mem_text(a->help), a->in };
}

bool app_shows_details(const ez_app *app)
{
    const char *at = app->options.address;
    bool loopback = !strncmp(at, "127.", 4) || !strcmp(at, "::1") || !strcmp(at, "localhost");
    return app->options.error_details == ERROR_DETAILS_AUTO ? loopback : app->options.error_details == ERROR_DETAILS_YES;
}

void app_listens(const ez_app *app, int port)
{
    const char *at = app->options.address, *host = strcmp(at, "0.0.0.0") && strcmp(at, "::") ? at : "127.0.0.1";
    bool v6 = strchr(host, ':') != NULL;
    printf("Easel is listening on http://%s%s%s:%d%s\n", v6 ? "[" : "", host, v6 ? "]" : "", port, app->options.base_path);
    fflush(stdout);
}

void app_phase(ez_app *app, crash_phase phase)
{
    if (app->notes)
        app->notes->phase = phase;
}

typedef struct app_calling { void (*fn)(ez_app *app); ez_app *app; } app_calling;

static void call_now(void *data)
{
    app_calling *c = data;
    c->fn(c->app);
}

bool app_call(ez_app *app, void (*fn)(ez_app *app), const char *name)
{
    char what[256];
    if (!fn || guard_call(call_now, &(app_calling){ fn, app }, what, sizeof what))
        return true;
    fprintf(stderr, "%s of ez_main: %s\n", name, what);
    return false;
}

/* *written: when it was, ns since 1970. */
static uint64_t file_hash(const char *path, int64_t *written)
{
    struct stat st;
    if (stat(path, &st))
        return 0;
    *written = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    return hash_mix((uint64_t)st.st_size, (uint64_t)*written);
}

static void find_build(ez_app *app)
{
    const void *base;
    const char *module = module_of(app, &base);
    char name[ID_CHARS + 1];
    uint64_t h = hash_mix(hash_text(EASEL_VERSION), file_hash("/proc/self/exe", &app->built));
    id_print(module ? hash_mix(h, file_hash(module, &app->built)) : h, name);
    app->build = mem_text(name);
}

/* Who writes a page saves it every minute: there it stays as long as it has the same size. */
const char *app_state_build(const ez_app *app) { return getenv("EASEL_MODULE") ? "module" : app->build; }

static bool read_role(role *r)
{
    const char *told = getenv("EASEL_ROLE");
    memset(r, 0, sizeof *r);
    return told && sscanf(told, "%15s %d %d %d", r->name, &r->listen, &r->control, &r->notes) == 4;
}

static void app_done(ez_app *app)
{
    for (int i = 0; i < app->pages.count; i++) {
        mem_free(app->pages.at[i].path);
        mem_free(app->pages.at[i].title);
        mem_free(app->pages.at[i].icon);
        mem_free(app->pages.at[i].section);
    }
    for (int i = 0; i < app->functions.count; i++) {
        mem_free(app->functions.at[i].name);
        mem_free(app->functions.at[i].help);
        mem_free(app->functions.at[i].lane);
        mem_free(app->functions.at[i].resource);
    }
    list_done(&app->pages);
    for (int i = 0; i < app->prompts.count; i++) {
        mem_free(app->prompts.at[i].name);
        mem_free(app->prompts.at[i].text);
        mem_free(app->prompts.at[i].help);
    }
    list_done(&app->functions);
    list_done(&app->prompts);
    mem_free(app->build);
    mem_free(app->title);
    mem_free(app->model);
    options_done(&app->options);
}

static int say_help(ez_app *app)
{
    text t = { 0 };
    options_help(&t, app->options.program);
    fwrite(t.at, 1, t.count, stdout);
    text_done(&t);
    return 0;
}

/* The page at "/" and what setup declares, in every process that serves. */
static bool declare(ez_app *app, ez_err *err)
{
    ez_page_put(app, EZ_ARGS(ez_page_args, .call = app->args->call, .path = "/", .fn = app->args->page, .title = app->args->title ? app->args->title : "Home"));
    app_phase(app, PHASE_SETUP);
    if (!app_call(app, app->args->setup, ".setup"))
        error_set(err, EZ_FAILED, "the program does not start");
    api_page_declare(app);
    app->declared = true;
    if (!err->code)
        *err = app->mistake;
    return !err->code;
}

static int start_role(ez_app *app)
{
    role r;
    ez_err err = { EZ_OK, "" };
    bool child = read_role(&r);
    log_setup((log_level)app->options.log_level, app->options.log_json, child ? r.name : app->options.workers ? "supervisor" : "easel");
    if (child)
        control_ends_with(r.control, true);    /* so nobody meets an orphan: a worker has nothing to commit yet, an engine never has */
    if (child && !strcmp(r.name, "engine"))
        return engine_role_main(app, &r);
    if (!child && app->options.workers)
        return supervisor_main(app);
    if (child) {
        app->notes = notes_open(r.notes);
        app_phase(app, PHASE_BEGIN);
        notes_catch(app->notes);
    }
    if (!declare(app, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    if (child && !strcmp(r.name, "functions"))
        return spawner_main(app, &r);
    return worker_main(app, child ? &r : NULL);
}

int ez_main_run(int argc, char **argv, const ez_main_args *args)
{
    ez_app app = { .args = args, .argv = argv };
    ez_err err = { EZ_OK, "" };
    if (!options_read(&app.options, argc, argv, environ, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 2;
    }
    find_build(&app);
    app.title = mem_text(args->title ? args->title : app.options.program);
    app.model = mem_text(app.options.model ? app.options.model : args->model);
    int status = 0;
    if (app.options.help) status = say_help(&app);
    else if (app.options.version) printf("Easel %s\n", EASEL_VERSION);
    else status = start_role(&app);
    app_done(&app);
    return status;
}

/* The engine's own process: everything it needs is in the options and in the environment. */
int engine_role_main(ez_app *app, const role *r)
{
    signal(SIGINT, SIG_IGN);                   /* the terminal's ^C reaches the whole group; the supervisor decides */
    signal(SIGTERM, SIG_IGN);                  /* likewise; the end of the control socket is the end */
    const char *asked = getenv("EASEL_ENGINE_MODEL");
    char *model = engine_find_model(asked && *asked ? asked : app->model), *llama = engine_find_llama();
    size_t room = strlen(app->options.data) + 32;
    char *cache = mem_alloc(room), *kept = mem_alloc(room);
    snprintf(cache, room, "%s/cpu", app->options.data);
    snprintf(kept, room, "%s/system-%016" PRIx64, app->options.data, hash_text(model));
    engine_options o = { .model = model, .llama_dir = llama, .system = app->args->system, .cpu_cache = cache, .system_file = kept, .n_ctx = app->args->n_ctx,
                         .threads = app->options.threads, .kept_answers = app->options.model_cache, .kept_ms = app->options.model_cache_ttl_ms,
                         .control = r->control, .worker = -1 };
    int status = engine_main(&o);
    mem_free(model);
    mem_free(llama);
    mem_free(cache);
    mem_free(kept);
    return status;
}
