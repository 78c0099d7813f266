/* bare_llama.c: how soon and how fast does llama.cpp answer with nothing around it? The baseline of the chat's benchmarks.
 *
 * One conversation, the same GGUF, template and sampling as the chat, straight C, libraries linked. Prints one line of JSON.
 * Milliseconds count from --start (CLOCK_MONOTONIC in nanoseconds, taken just before exec), else from main.
 *
 *     cc -O2 bench/bare/bare_llama.c -I.cache/llama/include -L.cache/llama -l:libllama.v0.5.0.so -l:libggml.v0.5.0.so \
 *        -l:libggml-base.so -Wl,-rpath,$PWD/.cache/llama -o build/bench/bare_llama
 *     build/bench/bare_llama --llama .cache/llama --model .cache/models/SmolLM2-135M-Instruct.Q4_1.gguf --prompt "Hi" */
/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <llama.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct settings {
    const char *llama, *model, *system, *prompt, *cpu;
    int n_ctx, tokens, threads, top_k;
    double temperature, top_p, min_p;
    unsigned seed;
    long long start;
} settings;

static long long now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void quiet(enum ggml_log_level level, const char *text, void *user)
{
    (void)user;
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static int cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

static void die(const char *what)
{
    fprintf(stderr, "bare_llama: %s\n", what);
    exit(1);
}

static settings read_settings(int argc, char **argv)
{
    settings s = { .llama = ".cache/llama", .prompt = "Hi", .n_ctx = 2048, .tokens = 64, .threads = cores(), .start = now_ns() };
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *v = argv[i + 1];
        if (!strcmp(name, "--llama")) s.llama = v;
        else if (!strcmp(name, "--model")) s.model = v;
        else if (!strcmp(name, "--system")) s.system = v;
        else if (!strcmp(name, "--prompt")) s.prompt = v;
        else if (!strcmp(name, "--cpu")) s.cpu = v;                /* "libggml-cpu-zen4.so": no scan of all variants */
        else if (!strcmp(name, "--n-ctx")) s.n_ctx = atoi(v);
        else if (!strcmp(name, "--tokens")) s.tokens = atoi(v);
        else if (!strcmp(name, "--threads")) s.threads = atoi(v);
        else if (!strcmp(name, "--top-k")) s.top_k = atoi(v);
        else if (!strcmp(name, "--temperature")) s.temperature = atof(v);
        else if (!strcmp(name, "--top-p")) s.top_p = atof(v);
        else if (!strcmp(name, "--min-p")) s.min_p = atof(v);
        else if (!strcmp(name, "--seed")) s.seed = (unsigned)strtoul(v, NULL, 10);
        else if (!strcmp(name, "--start")) s.start = atoll(v);
        else die("unknown option; see the head of bare_llama.c");
    }
    if (!s.model) die("--model FILE is needed");
    return s;
}

static void load_backend(const settings *s)
{
    char path[4096];
    if (s->cpu && snprintf(path, sizeof path, "%s/%s", s->llama, s->cpu) < (int)sizeof path && ggml_backend_load(path)) return;
    ggml_backend_load_all_from_path(s->llama);
}

/* Without a pool of its own llama.cpp makes and joins its threads for each token. */
static void attach_pool(struct llama_context *context, int threads)
{
    ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU));
    ggml_threadpool_t (*make)(struct ggml_threadpool_params *);
    *(void **)&make = ggml_backend_reg_get_proc_address(reg, "ggml_threadpool_new");
    struct ggml_threadpool_params p = ggml_threadpool_params_default(threads);
    if (make) llama_attach_threadpool(context, make(&p), NULL);
}

static struct llama_sampler *sampler(const settings *s)
{
    struct llama_sampler *chain = llama_sampler_chain_init(llama_sampler_chain_default_params());
    if (s->temperature <= 0) {
        llama_sampler_chain_add(chain, llama_sampler_init_greedy());
        return chain;
    }
    if (s->top_k > 0) llama_sampler_chain_add(chain, llama_sampler_init_top_k(s->top_k));
    if (s->top_p > 0 && s->top_p < 1) llama_sampler_chain_add(chain, llama_sampler_init_top_p((float)s->top_p, 1));
    if (s->min_p > 0) llama_sampler_chain_add(chain, llama_sampler_init_min_p((float)s->min_p, 1));
    llama_sampler_chain_add(chain, llama_sampler_init_temp((float)s->temperature));
    llama_sampler_chain_add(chain, llama_sampler_init_dist(s->seed ? s->seed : LLAMA_DEFAULT_SEED));
    return chain;
}

static int prompt_tokens(const settings *s, const struct llama_model *model, llama_token *out, int room)
{
    llama_chat_message messages[2];
    size_t count = 0;
    if (s->system) messages[count++] = (llama_chat_message){ "system", s->system };
    messages[count++] = (llama_chat_message){ "user", s->prompt };
    static char text[65536];
    int size = llama_chat_apply_template(llama_model_chat_template(model, NULL), messages, count, true, text, sizeof text);
    if (size < 0 || size > (int)sizeof text) die("the model's chat template is not known");
    return llama_tokenize(llama_model_get_vocab(model), text, size, out, room, true, true);
}

static void print_json_text(const char *s, size_t count)
{
    putchar('"');
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '"' || c == '\\') printf("\\%c", c);
        else if (c < 0x20) printf("\\u%04x", c);
        else putchar(c);
    }
    putchar('"');
}

int main(int argc, char **argv)
{
    long long in_main = now_ns();
    settings s = read_settings(argc, argv);
    llama_log_set(quiet, NULL);
    load_backend(&s);
    long long with_backend = now_ns();

    struct llama_model *model = llama_model_load_from_file(s.model, llama_model_default_params());
    if (!model) die("the model cannot be loaded");
    const struct llama_vocab *vocab = llama_model_get_vocab(model);
    long long with_model = now_ns();

    struct llama_context_params p = llama_context_default_params();
    p.n_ctx = (uint32_t)s.n_ctx;
    p.n_threads = p.n_threads_batch = s.threads;
    struct llama_context *context = llama_init_from_model(model, p);
    if (!context) die("no room for the context");
    attach_pool(context, s.threads);
    long long with_context = now_ns();

    static llama_token tokens[16384];
    int count = prompt_tokens(&s, model, tokens, 16384), said = 0;
    if (count < 1 || count + s.tokens > s.n_ctx) die("prompt and answer do not fit into the context");
    struct llama_sampler *chain = sampler(&s);
    static char text[1 << 20];
    size_t size = 0;
    long long first = 0;
    llama_token next;
    for (struct llama_batch batch = llama_batch_get_one(tokens, count); said < s.tokens; batch = llama_batch_get_one(&next, 1)) {
        if (llama_decode(context, batch)) die("llama_decode failed");
        next = llama_sampler_sample(chain, context, -1);
        if (!first) first = now_ns();
        if (llama_vocab_is_eog(vocab, next)) break;
        int got = llama_token_to_piece(vocab, next, text + size, (int)(sizeof text - size), 0, false);
        if (got > 0) size += (size_t)got;
        said++;
    }
    double seconds = (double)(now_ns() - first) / 1e9;

    printf("{\"main_ms\":%.2f,\"backend_ms\":%.2f,\"model_ms\":%.2f,\"context_ms\":%.2f,\"first_token_ms\":%.2f,"
           "\"prompt_tokens\":%d,\"tokens\":%d,\"tokens_per_second\":%.2f,\"threads\":%d,\"text\":",
           (double)(in_main - s.start) / 1e6, (double)(with_backend - s.start) / 1e6, (double)(with_model - s.start) / 1e6,
           (double)(with_context - s.start) / 1e6, (double)(first - s.start) / 1e6, count, said,
           said > 1 && seconds > 0 ? (said - 1) / seconds : 0, s.threads);
    print_json_text(text, size);
    printf("}\n");

    llama_sampler_free(chain);
    llama_free(context);
    llama_model_free(model);
    return 0;
}
