/* engine_forms_test.c: what else the engine is asked for: probabilities of tokens, texts that are gone on with, vectors, and grammars that lead nowhere. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_rig.h"
#include <math.h>
#include <string.h>

TEST(a_grammar_that_leads_nowhere_fails_its_answer_only)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    wire_turn turns[] = { { "user", "Hi" } };
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 1, .sampling = { .given = true, .grammar = "root ::= \"a\" none\nnone ::= [^\\x00-\\U0010FFFF]" }, .max_tokens = 9, .count = 1, .turns = turns }));
    UNTIL(&w, of(&w, 1)->is_done);
    assert_non_null(strstr(of(&w, 1)->error, "came to a place from which"));
    ask(&w, 2, "Hi", 3);
    UNTIL(&w, of(&w, 2)->is_done);
    assert_int_equal(of(&w, 2)->done.state, WIRE_END_LENGTH);
    worker_close(&w);
    rig_free(r);
}

TEST(a_grammar_that_doubles_with_each_letter_is_left_before_others_wait_for_it)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    wire_turn turns[] = { { "user", "Hi" } };
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 1, .sampling = { .given = true, .grammar = "root ::= \"q\" root \"b\" | \"q\" root \"c\"" }, .max_tokens = 90, .count = 1, .turns = turns }));
    UNTIL(&w, of(&w, 1)->is_done);
    assert_non_null(strstr(of(&w, 1)->error, "takes too long"));
    assert_int_equal(of(&w, 1)->done.state, WIRE_END_REFUSED);
    worker_close(&w);
    rig_free(r);
}

TEST(each_token_comes_with_its_probability_when_that_is_asked_for)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    wire_turn turns[] = { { "user", "What is the capital of France?" } };
    wire_ask asked = { .key = 1, .sampling = greedy, .max_tokens = 12, .count = 1, .turns = turns, .probable = 6 };
    assert_true(engine_client_ask(&w.client, &asked));
    asked.key = 2, asked.sampling.temperature = 1.5, asked.sampling.seed = 3;
    assert_true(engine_client_ask(&w.client, &asked));
    asked.key = 3, asked.probable = 0;
    assert_true(engine_client_ask(&w.client, &asked));
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done && of(&w, 3)->is_done);
    heard *greedily = of(&w, 1), *freely = of(&w, 2);
    assert_int_equal(greedily->probable, greedily->done.tokens);
    assert_string_equal(greedily->spelled.at, greedily->said.at);
    assert_true(greedily->chosen == greedily->likeliest && greedily->chosen < 0);        /* what greedy sampling says is the most probable */
    assert_true(freely->chosen < freely->likeliest);
    assert_int_equal(of(&w, 3)->probable, 0);
    assert_string_equal(of(&w, 3)->said.at, freely->said.at);                            /* looking changes nothing */
    worker_close(&w);
    rig_free(r);
}

TEST(the_likely_tokens_are_the_best_in_order_with_a_probability_of_the_whole)
{
    enum { N = 1000 };
    static float logits[N];
    lm_token_data out[6];
    double all = 0;
    for (int i = 0; i < N; i++) logits[i] = (float)((i * 7919) % N) / 100, all += exp(logits[i]);
    logits[5] = -INFINITY;
    assert_int_equal(engine_likely(logits, N, 5, 5, out), 6);
    assert_true(out[0].id == 5 && out[0].logit == -9999);
    for (int i = 1; i < 6; i++) {
        assert_int_equal((out[i].id * 7919) % N, N - i);
        assert_true(fabs(exp(out[i].logit) - exp(logits[out[i].id]) / (all - 1)) < 1e-4);
    }
    assert_int_equal(engine_likely(logits, 3, 1, 5, out), 4);
    assert_int_equal(engine_likely(logits, N, 1, 0, out), 1);
}

TEST(a_text_that_is_gone_on_with_has_no_template)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    wire_turn text[] = { { "", "The capital of France is" } };
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 1, .sampling = greedy, .max_tokens = 8, .count = 1, .turns = text, .form = WIRE_PLAIN }));
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 2, .sampling = greedy, .max_tokens = 8, .token_count = 1, .tokens = &(int32_t){ 99999999 }, .form = WIRE_PLAIN }));
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done);
    if (!strstr(of(&w, 1)->said.at, "Paris")) fail_msg("said %s", of(&w, 1)->said.at);
    assert_true(of(&w, 1)->started.prompt < 8);
    assert_non_null(strstr(of(&w, 2)->error, "there is no token 99999999"));
    worker_close(&w);
    rig_free(r);
}

static double likeness(const heard *a, const heard *b)
{
    double sum = 0;
    for (int k = 0; k < a->vector_count; k++) sum += (double)a->vector[k] * b->vector[k];
    return sum;
}

static void read_text(worker *w, uint64_t key, const char *words)
{
    assert_true(engine_client_ask(&w->client, &(wire_ask){ .key = key, .count = 1, .turns = &(wire_turn){ "", words }, .form = WIRE_EMBED }));
}

TEST(texts_become_vectors_that_are_alike_when_the_texts_are)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    text large = { 0 }, huge = { 0 };
    for (int i = 0; i < 220; i++) text_puts(&large, "one two three ");
    for (int i = 0; i < 4000; i++) text_puts(&huge, "word ");
    read_text(&w, 1, "The cat sleeps on the sofa.");
    read_text(&w, 2, "A cat is sleeping on the couch.");
    read_text(&w, 3, "Quarterly revenue rose by nine percent.");
    read_text(&w, 4, large.at);
    read_text(&w, 5, "The cat sleeps on the sofa.");
    read_text(&w, 6, huge.at);
    read_text(&w, 7, "");
    ask(&w, 8, "What is the capital of France?", 40);      /* answered meanwhile */
    for (int k = 1; k <= 8; k++) UNTIL(&w, of(&w, (uint64_t)k)->is_done);
    heard *cat = of(&w, 1);
    assert_int_equal(cat->vector_count, 576);
    assert_true(fabs(likeness(cat, cat) - 1) < 1e-5);
    assert_true(likeness(cat, of(&w, 2)) > likeness(cat, of(&w, 3)) + 0.05);
    assert_true(likeness(cat, of(&w, 5)) > 0.999999);                                    /* nothing of the long text is left */
    assert_true(of(&w, 4)->started.prompt > 600 && of(&w, 4)->vector_count == 576);
    assert_non_null(strstr(of(&w, 6)->error, "too long"));
    assert_non_null(strstr(of(&w, 7)->error, "empty"));
    if (!strstr(of(&w, 8)->said.at, "Paris")) fail_msg("said %s", of(&w, 8)->said.at);
    text_done(&large), text_done(&huge);
    worker_close(&w);
    rig_free(r);
}

TEST(a_text_that_nobody_waits_for_is_not_read)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    for (uint64_t k = 1; k <= 3; k++) read_text(&w, k, "Some words.");
    engine_client_stop(&w.client, 1);
    engine_client_stop(&w.client, 2);
    for (uint64_t k = 1; k <= 3; k++) UNTIL(&w, of(&w, k)->is_done);
    assert_int_equal(of(&w, 2)->done.state, WIRE_END_STOPPED);
    assert_int_equal(of(&w, 3)->vector_count, 576);
    worker_close(&w);
    rig_free(r);
}

TEST(what_was_done_is_counted)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "What is the capital of France?", 12);
    UNTIL(&w, of(&w, 1)->is_done);
    wire_turn none[] = { { "user", "Hi" } };
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 2, .sampling = { .given = true, .grammar = "root ::= (" }, .count = 1, .turns = none }));
    ask(&w, 3, "What is the capital of France?", 12);
    read_text(&w, 4, "one two three");
    UNTIL(&w, of(&w, 2)->is_done && of(&w, 3)->is_done && of(&w, 4)->is_done);
    UNTIL(&w, !w.counts.running && w.counts.ended[WIRE_END_REFUSED] && w.counts.said_tokens >= (uint64_t)(of(&w, 1)->done.tokens + of(&w, 3)->done.tokens));
    const wire_counts *c = &w.counts;
    int read = of(&w, 1)->started.prompt + of(&w, 3)->started.prompt - of(&w, 3)->started.reused + of(&w, 4)->started.prompt;
    assert_true(of(&w, 3)->started.reused > 0);
    assert_int_equal(c->prompt_tokens, read);
    assert_int_equal(c->reused_tokens, of(&w, 3)->started.reused + of(&w, 1)->started.reused);
    assert_int_equal(c->said_tokens, of(&w, 1)->done.tokens + of(&w, 3)->done.tokens);
    assert_int_equal(c->ended[WIRE_END_DONE] + c->ended[WIRE_END_LENGTH], 3);
    assert_true(c->steps > 20 && c->took_part >= 20 && c->took_part <= c->steps * 2 && c->waiting == 0);
    assert_true(c->prompt_seconds > 0 && c->said_seconds > 0);
    worker_close(&w);
    worker_open(&w, r);                            /* another worker hears it, too */
    UNTIL(&w, w.counts.steps > 0);
    worker_close(&w);
    rig_free(r);
}
