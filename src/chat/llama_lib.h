/* llama_lib.h: llama.cpp, opened at first need; the engine calls it through this table only. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHAT_LLAMA_LIB_H
#define CHAT_LLAMA_LIB_H

#include "base/base.h"
#include "chat/llama_abi.h"

typedef void lm_log(int level, const char *text, void *user);

/* One row for each function: result, name without "llama_", arguments. */
#define LLAMA_FUNCTIONS(X) \
    X(const char *,             version, (void)) \
    X(void,                     log_set, (lm_log *log, void *user)) \
    X(lm_model_params,          model_default_params, (void)) \
    X(lm_context_params,        context_default_params, (void)) \
    X(struct llama_model *,     model_load_from_file, (const char *path, lm_model_params params)) \
    X(void,                     model_free, (struct llama_model *model)) \
    X(int32_t,                  model_desc, (const struct llama_model *model, char *out, size_t size)) \
    X(int32_t,                  model_n_ctx_train, (const struct llama_model *model)) \
    X(int32_t,                  model_n_embd, (const struct llama_model *model)) \
    X(int32_t,                  model_n_layer, (const struct llama_model *model)) \
    X(int32_t,                  model_n_head, (const struct llama_model *model)) \
    X(int32_t,                  model_n_head_kv, (const struct llama_model *model)) \
    X(int32_t,                  model_n_swa, (const struct llama_model *model)) \
    X(bool,                     model_is_recurrent, (const struct llama_model *model)) \
    X(bool,                     model_is_hybrid, (const struct llama_model *model)) \
    X(bool,                     model_has_encoder, (const struct llama_model *model)) \
    X(bool,                     model_has_decoder, (const struct llama_model *model)) \
    X(int32_t,                  model_meta_val_str, (const struct llama_model *model, const char *key, char *out, size_t size)) \
    X(const char *,             model_meta_key_str, (int key)) \
    X(const char *,             model_chat_template, (const struct llama_model *model, const char *name)) \
    X(const struct llama_vocab *, model_get_vocab, (const struct llama_model *model)) \
    X(struct llama_context *,   init_from_model, (struct llama_model *model, lm_context_params params)) \
    X(void,                     free, (struct llama_context *context)) \
    X(uint32_t,                 n_ctx_seq, (const struct llama_context *context)) \
    X(uint32_t,                 n_seq_max, (const struct llama_context *context)) \
    X(void,                     set_n_threads, (struct llama_context *context, int32_t one, int32_t many)) \
    X(void,                     attach_threadpool, (struct llama_context *context, struct ggml_threadpool *one, struct ggml_threadpool *many)) \
    X(void,                     detach_threadpool, (struct llama_context *context)) \
    X(struct llama_memory_i *,  get_memory, (const struct llama_context *context)) \
    X(bool,                     memory_seq_rm, (struct llama_memory_i *memory, int32_t sequence, int32_t from, int32_t to)) \
    X(size_t,                   state_seq_get_size, (struct llama_context *context, int32_t sequence)) \
    X(size_t,                   state_seq_get_data, (struct llama_context *context, uint8_t *out, size_t size, int32_t sequence)) \
    X(size_t,                   state_seq_set_data, (struct llama_context *context, const uint8_t *at, size_t size, int32_t sequence)) \
    X(int32_t,                  decode, (struct llama_context *context, lm_batch batch)) \
    X(int32_t,                  vocab_n_tokens, (const struct llama_vocab *vocab)) \
    X(bool,                     vocab_is_eog, (const struct llama_vocab *vocab, lm_token token)) \
    X(bool,                     vocab_is_control, (const struct llama_vocab *vocab, lm_token token)) \
    X(int32_t,                  tokenize, (const struct llama_vocab *vocab, const char *s, int32_t count, lm_token *out, int32_t room, bool special, bool parse)) \
    X(int32_t,                  token_to_piece, (const struct llama_vocab *vocab, lm_token token, char *out, int32_t size, int32_t strip, bool special)) \
    X(int32_t,                  chat_apply_template, (const char *name, const lm_chat_message *messages, size_t count, bool answer, char *out, int32_t size)) \
    X(float *,                  get_embeddings_ith, (struct llama_context *context, int32_t i)) \
    X(float *,                  get_logits_ith, (struct llama_context *context, int32_t i)) \
    X(struct llama_sampler *,   sampler_chain_init, (lm_chain_params params)) \
    X(void,                     sampler_chain_add, (struct llama_sampler *chain, struct llama_sampler *sampler)) \
    X(struct llama_sampler *,   sampler_init_greedy, (void)) \
    X(struct llama_sampler *,   sampler_init_dist, (uint32_t seed)) \
    X(struct llama_sampler *,   sampler_init_top_k, (int32_t k)) \
    X(struct llama_sampler *,   sampler_init_top_p, (float p, size_t keep)) \
    X(struct llama_sampler *,   sampler_init_min_p, (float p, size_t keep)) \
    X(struct llama_sampler *,   sampler_init_temp, (float t)) \
    X(struct llama_sampler *,   sampler_init_grammar, (const struct llama_vocab *vocab, const char *grammar, const char *root)) \
    X(void,                     sampler_apply, (struct llama_sampler *sampler, lm_token_array *tokens)) \
    X(void,                     sampler_accept, (struct llama_sampler *sampler, lm_token token)) \
    X(void,                     sampler_free, (struct llama_sampler *sampler))

typedef struct llama_lib {
#define X(result, name, arguments) result (*name) arguments;
    LLAMA_FUNCTIONS(X)
#undef X
    struct ggml_threadpool *(*threadpool_new)(lm_threadpool_params *params);
    void (*threadpool_free)(struct ggml_threadpool *pool);
    void (*threadpool_params_init)(lm_threadpool_params *params, int threads);
    char cpu[64];                  /* the variant for this CPU, "libggml-cpu-zen4.so" */
} llama_lib;

/* The library in this folder, and in it the variant that suits this CPU best. The libraries stay open as long as the process
 * lives, and all callers share them: a second call with another folder gets the first one's. `cache` is a file that remembers
 * the variant (NULL: none): with it opening takes 2 ms, without 13. NULL with *err set (EZ_MISSING, EZ_BROKEN) when there is none.
 * Any thread. */
const llama_lib *llama_lib_open(const char *folder, const char *cache, ez_err *err);

/* Errors that llama.cpp reports go to the log at debug level; these give the last one of this thread, as a reason in a message. */
void llama_reason_clear(void);
const char *llama_reason(void);    /* "" when none was reported */

#endif
