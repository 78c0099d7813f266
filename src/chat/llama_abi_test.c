/* llama_abi_test.c: the layouts that llama_abi.h states are those of the pinned release's own headers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include "chat/llama_abi.h"

#if __has_include("../../.cache/llama/include/llama.h")
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#include "../../.cache/llama/include/llama.h"
#pragma GCC diagnostic pop

#define SIZE(ours, theirs) assert_int_equal(sizeof(ours), sizeof(theirs))
#define SAME(ours, theirs, field) \
    (assert_int_equal(offsetof(ours, field), offsetof(theirs, field)), \
     assert_int_equal(sizeof(((ours *)0)->field), sizeof(((theirs *)0)->field)))

TEST(model_parameters_are_laid_out_as_in_the_release)
{
    typedef struct llama_model_params theirs;
    SIZE(lm_model_params, theirs);
#define F(field) SAME(lm_model_params, theirs, field)
    F(devices); F(tensor_buft_overrides); F(n_gpu_layers); F(split_mode); F(load_mode); F(lazy_mode); F(main_gpu); F(tensor_split);
    F(progress_callback); F(progress_callback_user_data); F(kv_overrides);
    F(vocab_only); F(check_tensors); F(use_extra_bufts); F(no_host); F(no_alloc); F(load_mtp);
#undef F
}

TEST(context_parameters_are_laid_out_as_in_the_release)
{
    typedef struct llama_context_params theirs;
    SIZE(lm_context_params, theirs);
#define F(field) SAME(lm_context_params, theirs, field)
    F(n_ctx); F(n_batch); F(n_ubatch); F(n_seq_max); F(n_rs_seq); F(n_outputs_max); F(n_outputs_max_per_seq);
    F(n_threads); F(n_threads_batch); F(ctx_type); F(rope_scaling_type); F(pooling_type); F(attention_type); F(flash_attn_type);
    F(rope_freq_base); F(rope_freq_scale); F(yarn_ext_factor); F(yarn_attn_factor); F(yarn_beta_fast); F(yarn_beta_slow);
    F(yarn_orig_ctx); F(defrag_thold); F(cb_eval); F(cb_eval_user_data); F(type_k); F(type_v); F(abort_callback); F(abort_callback_data);
    F(embeddings); F(offload_kqv); F(no_perf); F(op_offload); F(swa_full); F(kv_unified); F(samplers); F(n_samplers); F(ctx_other);
#undef F
}

TEST(batches_messages_and_candidates_are_laid_out_as_in_the_release)
{
    SIZE(lm_batch, struct llama_batch);
#define F(field) SAME(lm_batch, struct llama_batch, field)
    F(n_tokens); F(token); F(embd); F(pos); F(n_seq_id); F(seq_id); F(logits);
#undef F
    SIZE(lm_chat_message, struct llama_chat_message);
    SAME(lm_chat_message, struct llama_chat_message, role);
    SAME(lm_chat_message, struct llama_chat_message, content);
    SIZE(lm_chain_params, llama_sampler_chain_params);
    SIZE(lm_token_data, llama_token_data);
    SAME(lm_token_data, llama_token_data, logit);
    SIZE(lm_token_array, llama_token_data_array);
    SAME(lm_token_array, llama_token_data_array, selected);
    SAME(lm_token_array, llama_token_data_array, sorted);
    SIZE(lm_threadpool_params, struct ggml_threadpool_params);
#define F(field) SAME(lm_threadpool_params, struct ggml_threadpool_params, field)
    F(cpumask); F(n_threads); F(prio); F(poll); F(strict_cpu); F(paused);
#undef F
}

TEST(constants_have_the_release_s_values)
{
    assert_int_equal(LM_LOG_WARN, GGML_LOG_LEVEL_WARN);
    assert_int_equal(LM_LOG_ERROR, GGML_LOG_LEVEL_ERROR);
    assert_int_equal(LM_LOG_CONT, GGML_LOG_LEVEL_CONT);
    assert_int_equal(LM_DEVICE_CPU, GGML_BACKEND_DEVICE_TYPE_CPU);
    assert_int_equal(LM_META_TOP_K, LLAMA_MODEL_META_KEY_SAMPLING_TOP_K);
    assert_int_equal(LM_META_TOP_P, LLAMA_MODEL_META_KEY_SAMPLING_TOP_P);
    assert_int_equal(LM_META_MIN_P, LLAMA_MODEL_META_KEY_SAMPLING_MIN_P);
    assert_int_equal(LM_META_TEMP, LLAMA_MODEL_META_KEY_SAMPLING_TEMP);
    assert_int_equal(LM_LOAD_MMAP, LLAMA_LOAD_MODE_MMAP);
    assert_int_equal(LM_POOLING_NONE, LLAMA_POOLING_TYPE_NONE);
    assert_true(LM_RANDOM_SEED == LLAMA_DEFAULT_SEED);
    assert_int_equal(sizeof(enum llama_load_mode), sizeof(int));
}

#else
TEST(the_release_s_headers_are_there_to_compare_with)
{
    fail_msg("llama.cpp's headers are not in .cache/llama/include; run `make model`, then build the tests again");
}
#endif
