/* llama_abi.h: the part of llama.cpp's binary interface that the engine uses, as of the pinned release.
 *
 * llama.cpp passes structs by value, so their layout must be that of the library. Stating the part that we use here lets Easel
 * compile where llama.cpp is not installed; llama_abi_test.c compares every offset and value with the release's own headers,
 * and the library's version is checked when it is opened. Another release means: new pins in tools/fetch_llama.sh, then
 * this file until that test is content. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_LLAMA_ABI_H
#define CHAT_LLAMA_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LM_VERSION "0.5.0"         /* llama_version() begins with this */

struct llama_model;
struct llama_context;
struct llama_vocab;
struct llama_sampler;
struct llama_memory_i;
struct ggml_threadpool;

typedef int32_t lm_token;

enum { LM_LOG_WARN = 3, LM_LOG_ERROR = 4, LM_LOG_CONT = 5 };
enum { LM_DEVICE_CPU = 0 };
enum { LM_META_TOP_K = 1, LM_META_TOP_P = 2, LM_META_MIN_P = 3, LM_META_TEMP = 6 };
enum { LM_LOAD_MMAP = 1 };
enum { LM_POOLING_NONE = 0 };
#define LM_RANDOM_SEED 0xFFFFFFFFu

typedef struct lm_model_params {
    void       *devices;
    const void *tensor_buft_overrides;
    int32_t     n_gpu_layers;
    int         split_mode, load_mode, lazy_mode;
    int32_t     main_gpu;
    const float *tensor_split;
    bool      (*progress_callback)(float progress, void *user);
    void       *progress_callback_user_data;
    const void *kv_overrides;
    bool        vocab_only, check_tensors, use_extra_bufts, no_host, no_alloc, load_mtp;
} lm_model_params;

typedef struct lm_context_params {
    uint32_t n_ctx, n_batch, n_ubatch, n_seq_max, n_rs_seq, n_outputs_max, n_outputs_max_per_seq;
    int32_t  n_threads, n_threads_batch;
    int      ctx_type, rope_scaling_type, pooling_type, attention_type, flash_attn_type;
    float    rope_freq_base, rope_freq_scale, yarn_ext_factor, yarn_attn_factor, yarn_beta_fast, yarn_beta_slow;
    uint32_t yarn_orig_ctx;
    float    defrag_thold;
    void    *cb_eval, *cb_eval_user_data;
    int      type_k, type_v;
    bool   (*abort_callback)(void *user);
    void    *abort_callback_data;
    bool     embeddings, offload_kqv, no_perf, op_offload, swa_full, kv_unified;
    void    *samplers;
    size_t   n_samplers;
    void    *ctx_other;
} lm_context_params;

typedef struct lm_batch {
    int32_t   n_tokens;
    lm_token *token;
    float    *embd;
    int32_t  *pos, *n_seq_id, **seq_id;
    int8_t   *logits;
} lm_batch;

typedef struct lm_chat_message { const char *role, *content; } lm_chat_message;
typedef struct lm_chain_params { bool no_perf; } lm_chain_params;
typedef struct lm_token_data { lm_token id; float logit, p; } lm_token_data;
typedef struct lm_token_array { lm_token_data *data; size_t size; int64_t selected; bool sorted; } lm_token_array;

typedef struct lm_threadpool_params {
    bool     cpumask[512];
    int      n_threads, prio;
    uint32_t poll;
    bool     strict_cpu, paused;
} lm_threadpool_params;

#endif
