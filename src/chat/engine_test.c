/* engine_test.c: the engine in a thread of the test, with the real model, asked as a worker asks. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include "chat/engine_inner.h"
#include "chat/engine_client.h"
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MODEL "SmolLM2-135M-Instruct.Q4_1.gguf"
#define SYSTEM "You are a helpful AI assistant powered by Llama 3.1."

#if defined(__SANITIZE_THREAD__)
/* llama.cpp is not compiled for ThreadSanitizer, which does not see its barriers. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) { return "race:libggml\nrace:libllama\n"; }
enum { IDLE_MS = 100 };            /* its own thread never sleeps for long */
#else
enum { IDLE_MS = 10 };
#endif

/* ---- an engine, workers, answers -------------------------------------------------------------------------------- */

typedef struct rig {
    engine_options o;
    pthread_t thread;
    int control;
    char *model, *llama;
} rig;

static void *engine_thread(void *user)
{
    engine_main(&((rig *)user)->o);
    return NULL;
}

static char *there(const char *folder, const char *name)
{
    char path[1000];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, R_OK) ? NULL : strdup(path);
}

static rig *rig_new(engine_options o)
{
    rig *r = calloc(1, sizeof *r);
    r->model = there(EASEL_SOURCE_DIR, ".cache/models/" MODEL);
    r->llama = there(EASEL_SOURCE_DIR, ".cache/llama");
    if (!r->model || !r->llama) fail_msg("the model or llama.cpp is not in .cache/; run `make model` to fetch them");
    r->o = o;
    if (!o.model) r->o.model = r->model;
    if (!o.llama_dir) r->o.llama_dir = r->llama;
#if defined(__SANITIZE_THREAD__)
    if (!o.threads) r->o.threads = 1;      /* each meeting of ggml's own threads is looked up as a race, and suppressed, at a cost that decides the test's length */
#endif
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    r->control = ends[0];
    r->o.control = ends[1];
    r->o.worker = -1;
    assert_int_equal(pthread_create(&r->thread, NULL, engine_thread, r), 0);
    return r;
}

static void rig_free(rig *r)
{
    close(r->control);
    pthread_join(r->thread, NULL);
    free(r->model);
    free(r->llama);
    free(r);
}

typedef struct heard {
    uint64_t key;
    text     said;
    wire_started started;
    wire_finished done;
    char     error[512];
    bool     is_started, is_done, is_split;
    int      queued, frames, probable, vector_count;
    double   chosen, likeliest;    /* sums of logarithms of probabilities */
    text     spelled;              /* the tokens, one after the other */
    float    vector[1024];
} heard;

typedef struct worker {
    int fd;
    engine_client client;
    wire_ready state;
    int statuses, n_ctx;
    ez_err_code code;
    char error[512], name[200], description[300];
    heard all[64];
    int count;
} worker;

static void worker_open(worker *w, rig *r)
{
    memset(w, 0, sizeof *w);
    w->fd = engine_connect(r->control);
    assert_true(w->fd >= 0);
    engine_client_hello(&w->client, 1);
}

static void worker_close(worker *w)
{
    close(w->fd);
    engine_client_done(&w->client);
    for (int i = 0; i < w->count; i++) text_done(&w->all[i].said), text_done(&w->all[i].spelled);
}

static heard *of(worker *w, uint64_t key)
{
    for (int i = 0; i < w->count; i++)
        if (w->all[i].key == key) return &w->all[i];
    assert_true(w->count < COUNT(w->all));
    w->all[w->count].key = key;
    return &w->all[w->count++];
}

static void on_tokens(worker *w, const wire_tokens *t)
{
    heard *h = of(w, t->key);
    assert_int_equal(t->offset, h->said.count);
    if (!utf8_valid(t->text, t->count)) h->is_split = true;
    text_add(&h->said, t->text, t->count);
    h->frames++;
}

/* One token more, before its text. */
static void on_probable(heard *h, const wire_probable *p)
{
    assert_true(p->count >= 1 && p->offset >= h->said.count);
    text_add(&h->spelled, p->all[0].bytes, p->all[0].count);
    for (int i = 1; i < p->count; i++) {
        assert_true(p->all[i].logprob <= 0 && p->all[0].logprob <= p->all[1].logprob);
        if (i > 1) assert_true(p->all[i].logprob <= p->all[i - 1].logprob);
    }
    double sum = 0;
    for (int i = 1; i < p->count; i++) sum += exp(p->all[i].logprob);
    assert_true(sum <= 1.0001);
    h->chosen += p->all[0].logprob;
    h->likeliest += p->count > 1 ? p->all[1].logprob : 0;
    h->probable++;
}

static bool on_message(void *user, const wire_message *m)
{
    worker *w = user;
    heard *h;
    switch (m->kind) {
    case WIRE_STATUS:
        w->state = m->status.state;
        w->code = m->status.code;
        w->n_ctx = m->status.n_ctx;
        w->statuses++;
        snprintf(w->error, sizeof w->error, "%s", m->status.text);
        snprintf(w->name, sizeof w->name, "%s", m->status.name);
        snprintf(w->description, sizeof w->description, "%s", m->status.description);
        break;
    case WIRE_QUEUED: of(w, m->queued.key)->queued = m->queued.position; break;
    case WIRE_STARTED:
        h = of(w, m->started.key);
        h->is_started = true;
        h->started = m->started;
        break;
    case WIRE_TOKENS: on_tokens(w, &m->tokens); break;
    case WIRE_PROBABLE: on_probable(of(w, m->probable.key), &m->probable); break;
    case WIRE_VECTOR:
        h = of(w, m->vector.key);
        h->vector_count = m->vector.count;
        assert_true(m->vector.count <= COUNT(h->vector) && !h->is_done);
        memcpy(h->vector, m->vector.at, (size_t)m->vector.count * sizeof *h->vector);
        break;
    case WIRE_DONE:
        h = of(w, m->done.key);
        h->is_done = true;
        h->done = m->done;
        snprintf(h->error, sizeof h->error, "%s", m->done.text);
        assert_int_equal(h->done.offset, h->done.state == WIRE_END_FAILED ? h->done.offset : h->said.count);
        break;
    default: fail();
    }
    return true;
}

/* Sends what waits and hears for at most this long; false when nothing came. */
static bool turn(worker *w, int ms)
{
    text *out = &w->client.out;
    for (size_t sent = 0; sent < out->count;) {
        ssize_t got = send(w->fd, out->at + sent, out->count - sent, MSG_NOSIGNAL);
        assert_true(got > 0);
        sent += (size_t)got;
    }
    text_clear(out);
    struct pollfd at = { w->fd, POLLIN, 0 };
    if (poll(&at, 1, ms) <= 0) return false;
    char bytes[65536];
    ssize_t got = recv(w->fd, bytes, sizeof bytes, 0);
    assert_true(got > 0);
    assert_true(engine_client_feed(&w->client, bytes, (size_t)got, on_message, w));
    return true;
}

#define UNTIL(w, condition) do { \
        int64_t end_ = clock_ms() + 120000; \
        while (!(condition)) { \
            if (clock_ms() > end_) fail_msg("two minutes passed without: %s (status %d %s)", #condition, (w)->state, (w)->error); \
            turn(w, 100); \
        } } while (0)

static const wire_sampling greedy = { .given = true };

static void ask_turns(worker *w, uint64_t key, const wire_turn *turns, int count, int max_tokens)
{
    assert_true(engine_client_ask(&w->client, &(wire_ask){ .key = key, .sampling = greedy, .max_tokens = max_tokens, .count = count, .turns = turns }));
}

static void ask(worker *w, uint64_t key, const char *question, int max_tokens)
{
    ask_turns(w, key, (wire_turn[]){ { "system", SYSTEM }, { "user", question } }, 2, max_tokens);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------ */

TEST(an_answer_streams_token_by_token)
{
    rig *r = rig_new((engine_options){ .system = SYSTEM });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "What is the capital of France?", 40);
    UNTIL(&w, of(&w, 1)->is_done);
    heard *h = of(&w, 1);
    assert_int_equal(w.state, WIRE_READY);
    assert_non_null(strstr(w.name, "SmolLM2"));
    assert_int_equal(w.n_ctx, 2048);
    assert_true(h->is_started);
    assert_non_null(strstr(h->said.at, "Paris"));
    assert_true(h->done.state == WIRE_END_DONE || h->done.state == WIRE_END_LENGTH);
    assert_true(h->done.tokens > 3);
    assert_true(h->frames >= h->done.tokens / 2);          /* not all at once */
    assert_true(h->done.first_token_ms > 0 && h->done.seconds * 1000 >= h->done.first_token_ms);
    worker_close(&w);
    rig_free(r);
}

TEST(the_same_question_decoded_greedily_gets_the_same_answer)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "Name three colours.", 30);
    UNTIL(&w, of(&w, 1)->is_done);
    ask(&w, 2, "Name three colours.", 30);
    UNTIL(&w, of(&w, 2)->is_done);
    assert_true(of(&w, 1)->said.count > 0);
    assert_string_equal(of(&w, 1)->said.at, of(&w, 2)->said.at);
    worker_close(&w);
    rig_free(r);
}

TEST(stop_ends_an_answer_within_one_token)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "Tell me a very long story about the sea.", 400);
    UNTIL(&w, of(&w, 1)->frames >= 5);
    engine_client_stop(&w.client, 1);
    int before = of(&w, 1)->frames;
    UNTIL(&w, of(&w, 1)->is_done);
    assert_int_equal(of(&w, 1)->done.state, WIRE_END_STOPPED);
    assert_int_equal(of(&w, 1)->done.code, EZ_OK);
    assert_true(of(&w, 1)->frames - before <= 3);          /* one under way, one decoded when Stop was sent, one more at most */
    worker_close(&w);
    rig_free(r);
}

TEST(max_tokens_is_where_an_answer_ends)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "Tell me a very long story about the sea.", 7);
    UNTIL(&w, of(&w, 1)->is_done);
    assert_int_equal(of(&w, 1)->done.state, WIRE_END_LENGTH);
    assert_int_equal(of(&w, 1)->done.tokens, 7);
    worker_close(&w);
    rig_free(r);
}

TEST(the_program_s_system_prompt_is_evaluated_before_anyone_asks)
{
    rig *r = rig_new((engine_options){ .system = SYSTEM });
    worker w;
    worker_open(&w, r);
    UNTIL(&w, w.state == WIRE_READY);
    while (turn(&w, 500)) continue;
    usleep(500000);
    ask(&w, 1, "Hi", 4);
    ask(&w, 2, "Hello", 4);
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done);
    for (uint64_t key = 1; key <= 2; key++) {
        assert_true(of(&w, key)->started.reused >= 15);
        assert_true(of(&w, key)->started.prompt - of(&w, key)->started.reused < 12);
    }
    worker_close(&w);
    rig_free(r);
}

TEST(people_with_the_same_beginning_share_it_even_when_they_ask_together)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    text system = { 0 };
    for (int i = 0; i < 20; i++) text_printf(&system, "Rule %d: be polite to number %d. ", i, i * 7);
    char question[4][40];
    for (int i = 0; i < 4; i++) {
        snprintf(question[i], sizeof question[i], "What is rule %d?", i);
        ask_turns(&w, (uint64_t)i + 1, (wire_turn[]){ { "system", system.at }, { "user", question[i] } }, 2, 4);
    }
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done && of(&w, 3)->is_done && of(&w, 4)->is_done);
    int evaluated = 0, whole = of(&w, 1)->started.prompt;
    for (uint64_t key = 1; key <= 4; key++) evaluated += of(&w, key)->started.prompt - of(&w, key)->started.reused;
    assert_true(whole > 200);
    assert_true(evaluated < whole + 3 * 40);
    text_done(&system);
    worker_close(&w);
    rig_free(r);
}

TEST(the_next_turn_evaluates_only_what_is_new)
{
    rig *r = rig_new((engine_options){ .system = SYSTEM });
    worker w;
    worker_open(&w, r);
    wire_turn turns[] = { { "system", SYSTEM }, { "user", "What is the capital of France?" }, { "assistant", NULL }, { "user", "And of Italy?" } };
    ask_turns(&w, 1, turns, 2, 60);
    UNTIL(&w, of(&w, 1)->is_done);
    turns[2].text = of(&w, 1)->said.at;
    ask_turns(&w, 2, turns, 4, 20);
    UNTIL(&w, of(&w, 2)->is_done);
    heard *first = of(&w, 1), *next = of(&w, 2);
    assert_true(next->started.reused >= first->started.prompt + first->done.tokens - 1);
    assert_true(next->started.prompt - next->started.reused < 20);
    /* Edited: the question and what follows is new, what came before is not. */
    turns[1].text = "What is the capital of France, by the way?";
    ask_turns(&w, 3, turns, 2, 10);
    UNTIL(&w, of(&w, 3)->is_done);
    assert_true(of(&w, 3)->started.reused >= 20);
    /* Back to the first branch, which was kept. */
    turns[1].text = "What is the capital of France?";
    ask_turns(&w, 4, turns, 4, 20);
    UNTIL(&w, of(&w, 4)->is_done);
    assert_true(of(&w, 4)->started.reused >= first->started.prompt + first->done.tokens - 1);
    assert_string_equal(of(&w, 4)->said.at, next->said.at);
    worker_close(&w);
    rig_free(r);
}

TEST(sixteen_people_are_answered_at_once_and_the_seventeenth_sees_a_position)
{
    rig *r = rig_new((engine_options){ .system = SYSTEM });
    worker w;
    worker_open(&w, r);
    UNTIL(&w, w.state == WIRE_READY);
    while (turn(&w, 300)) continue;
    char question[17][80];
    for (int i = 0; i < 17; i++) {
        snprintf(question[i], sizeof question[i], "Tell me a long story about the number %d and its friends.", i * 13);
        ask(&w, (uint64_t)i + 1, question[i], i == 0 ? 40 : 60);
    }
    UNTIL(&w, of(&w, 17)->queued);
    assert_int_equal(of(&w, 17)->queued, 1);
    for (uint64_t key = 1; key <= 16; key++) assert_int_equal(of(&w, key)->queued, 0);
    int together = 0;
    for (int64_t end = clock_ms() + 60000; clock_ms() < end && !of(&w, 17)->is_done;) {
        turn(&w, 100);
        int now = 0;
        for (uint64_t key = 1; key <= 16; key++) now += of(&w, key)->frames > 0 && !of(&w, key)->is_done;
        if (now > together) together = now;
    }
    assert_true(of(&w, 17)->is_done);
    assert_true(together >= 14);                           /* really side by side, a short story may be over early */
    for (uint64_t key = 1; key <= 17; key++) UNTIL(&w, of(&w, key)->is_done);
    for (uint64_t key = 1; key <= 17; key++) assert_true(of(&w, key)->said.count > 0);
    worker_close(&w);
    rig_free(r);
}

TEST(an_answer_is_the_same_alone_and_among_others)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "What is the capital of France?", 12);
    UNTIL(&w, of(&w, 1)->is_done);
    for (uint64_t key = 2; key <= 6; key++) ask(&w, key, key == 4 ? "What is the capital of France?" : "Tell me about whales.", 12);
    for (uint64_t key = 2; key <= 6; key++) UNTIL(&w, of(&w, key)->is_done);
    assert_string_equal(of(&w, 2)->said.at, of(&w, 6)->said.at);
    assert_string_equal(of(&w, 1)->said.at, of(&w, 4)->said.at);
    worker_close(&w);
    rig_free(r);
}

TEST(a_long_prompt_does_not_stall_those_who_are_being_answered)
{
    rig *r = rig_new((engine_options){ .n_ctx = 2048 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "Tell me a very long story about the sea.", 300);
    UNTIL(&w, of(&w, 1)->frames > 20);
    text question = { 0 };
    for (int i = 0; i < 60; i++) text_printf(&question, "Fact %d: a ship has %d sails and sails far. ", i, i % 9);
    ask(&w, 2, question.at, 4);
    UNTIL(&w, of(&w, 2)->is_started);
    int before = of(&w, 1)->frames;
    UNTIL(&w, of(&w, 2)->frames || of(&w, 2)->is_done);
    assert_true(of(&w, 2)->started.prompt > 800);
    /* Counted in tokens, as the machine may be busy: in the largest pieces the prompt would take two or three steps. */
    if (of(&w, 1)->frames - before < 8) fail_msg("the story grew by %d tokens only", of(&w, 1)->frames - before);
    engine_client_stop(&w.client, 1);
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done);
    text_done(&question);
    worker_close(&w);
    rig_free(r);
}

TEST(a_conversation_that_is_too_long_loses_its_oldest_turns_but_not_the_system_s)
{
    rig *r = rig_new((engine_options){ .n_ctx = 512 });
    worker w;
    worker_open(&w, r);
    wire_turn turns[24] = { { "system", SYSTEM } };
    for (int i = 1; i < 24; i++)
        turns[i] = (wire_turn){ i % 2 ? "user" : "assistant", "A turn of about twenty tokens that says nothing of interest to anybody who might read it now." };
    turns[23] = (wire_turn){ "user", "What is the capital of France?" };
    ask_turns(&w, 1, turns, 24, 30);
    UNTIL(&w, of(&w, 1)->is_done);
    heard *h = of(&w, 1);
    assert_int_equal(h->done.state == WIRE_END_FAILED, false);
    assert_true(h->started.dropped > 0 && h->started.dropped < 22);
    assert_int_equal(h->started.dropped % 2, 0);           /* an answer goes with its question */
    assert_true(h->started.prompt <= 512 - 30);
    assert_non_null(strstr(h->said.at, "Paris"));
    /* One more turn finds its beginning evaluated: the cut did not move. */
    ask_turns(&w, 2, turns, 24, 30);
    UNTIL(&w, of(&w, 2)->is_done);
    assert_int_equal(of(&w, 2)->started.dropped, h->started.dropped);
    assert_int_equal(of(&w, 2)->started.reused, of(&w, 2)->started.prompt - 1);
    worker_close(&w);
    rig_free(r);
}

TEST(a_message_that_can_never_fit_is_refused_with_numbers)
{
    rig *r = rig_new((engine_options){ .n_ctx = 256 });
    worker w;
    worker_open(&w, r);
    text question = { 0 };
    for (int i = 0; i < 300; i++) text_puts(&question, "and so on ");
    ask(&w, 1, question.at, 10);
    UNTIL(&w, of(&w, 1)->is_done);
    assert_int_equal(of(&w, 1)->done.state, WIRE_END_REFUSED);
    assert_int_equal(of(&w, 1)->done.code, EZ_FAILED);
    assert_non_null(strstr(of(&w, 1)->error, "256"));
    ask(&w, 2, "Hi", 3);
    UNTIL(&w, of(&w, 2)->is_done);
    assert_true(of(&w, 2)->done.tokens > 0);
    text_done(&question);
    worker_close(&w);
    rig_free(r);
}

/* Asks once and expects this error, twice: the engine stays and says it again. */
static void expect_error(engine_options o, ez_err_code code, const char *thing, const char *next_step)
{
    rig *r = rig_new(o);
    worker w;
    worker_open(&w, r);
    for (uint64_t key = 1; key <= 2; key++) {
        ask(&w, key, "Hi", 3);
        UNTIL(&w, of(&w, key)->is_done);
        heard *h = of(&w, key);
        assert_int_equal(h->done.state, WIRE_END_FAILED);
        if (h->done.code != code || !strstr(h->error, thing) || !strstr(h->error, next_step)) fail_msg("code %d: %s", h->done.code, h->error);
    }
    assert_int_equal(w.state, WIRE_FAILED);
    assert_int_equal(w.code, code);
    worker_close(&w);
    rig_free(r);
}

TEST(a_missing_model_is_named_with_the_command_that_gets_it)
{
    expect_error((engine_options){ .model = "nowhere/none.gguf" }, EZ_MISSING, "nowhere/none.gguf", "make model");
}

static void write_file(const char *path, const void *at, size_t count)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(at, 1, count, f), count);
    fclose(f);
}

/* The first bytes of the real model, as a download that was cut off leaves them. */
static void cut_model(const char *path, size_t count)
{
    char *whole = there(EASEL_SOURCE_DIR, ".cache/models/" MODEL);
    if (!whole) fail_msg("the model is not in .cache/models; run `make model` to fetch it");
    char *at = malloc(count);
    FILE *f = fopen(whole, "r");
    assert_int_equal(fread(at, 1, count, f), count);
    fclose(f);
    write_file(path, at, count);
    free(at);
    free(whole);
}

TEST(a_broken_model_is_named_with_the_reason)
{
    char folder[] = "/tmp/easel-engine-XXXXXX", path[100];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/cut.gguf", folder);
    cut_model(path, 1 << 20);
    expect_error((engine_options){ .model = path }, EZ_BROKEN, "cut.gguf", "--model");
    cut_model(path, 60 << 20);
    expect_error((engine_options){ .model = path }, EZ_BROKEN, "cut.gguf", "--model");
    write_file(path, "not a model at all", 18);
    expect_error((engine_options){ .model = path }, EZ_BROKEN, "not a GGUF file", "--model");
    expect_error((engine_options){ .model = folder }, EZ_MISSING, "not a file", "--model");
    unlink(path);
    rmdir(folder);
}

TEST(too_little_memory_is_found_before_loading)
{
    expect_error((engine_options){ .memory = 100 << 20 }, EZ_NO_MEMORY, "105 MB are left", "--model");
}

TEST(a_model_that_appears_later_is_loaded_by_the_next_question)
{
    char folder[] = "/tmp/easel-engine-XXXXXX", path[100];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/late.gguf", folder);
    rig *r = rig_new((engine_options){ .model = path });
    worker w;
    worker_open(&w, r);
    UNTIL(&w, w.state == WIRE_FAILED);
    assert_int_equal(symlink(r->model, path), 0);
    usleep(1100000);
    ask(&w, 1, "Hi", 3);
    UNTIL(&w, of(&w, 1)->is_done);
    assert_int_equal(of(&w, 1)->done.tokens > 0, true);
    assert_int_equal(w.state, WIRE_READY);
    worker_close(&w);
    rig_free(r);
    unlink(path);
    rmdir(folder);
}

TEST(an_answer_outlives_its_worker_and_the_next_one_hears_it_from_any_byte_on)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "Write a poem about mountains.", 60);
    UNTIL(&w, of(&w, 1)->frames > 4);
    text before = { 0 };
    text_add(&before, of(&w, 1)->said.at, of(&w, 1)->said.count);
    worker_close(&w);                                      /* dies in the middle */

    worker second;
    worker_open(&second, r);
    size_t saved = before.count / 2;                       /* what the store has */
    text_add(&of(&second, 1)->said, before.at, saved);
    engine_client_attach(&second.client, 1, saved);
    UNTIL(&second, of(&second, 1)->is_done);
    assert_true(of(&second, 1)->is_started);

    worker third;
    worker_open(&third, r);
    ask(&third, 1, "Write a poem about mountains.", 60);   /* the same key: the same answer, from its first byte */
    UNTIL(&third, of(&third, 1)->is_done);
    assert_string_equal(of(&third, 1)->said.at, of(&second, 1)->said.at);
    assert_memory_equal(of(&third, 1)->said.at, before.at, before.count);
    ask(&third, 2, "Write a poem about mountains.", 60);
    UNTIL(&third, of(&third, 2)->is_done);
    assert_string_equal(of(&third, 2)->said.at, of(&third, 1)->said.at);

    engine_client_ack(&third.client, 1, of(&third, 1)->said.count, true);
    engine_client_attach(&third.client, 1, 0);             /* acknowledged is forgotten */
    of(&third, 1)->is_done = false;
    text_clear(&of(&third, 1)->said);
    UNTIL(&third, of(&third, 1)->is_done);
    assert_int_equal(of(&third, 1)->done.state, WIRE_END_FAILED);
    text_done(&before);
    worker_close(&second);
    worker_close(&third);
    rig_free(r);
}

TEST(an_answer_longer_than_the_first_context_goes_on_in_a_larger_one)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    /* Digits in rows: every token depends on those before it, so lost keys and values would show. */
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 1, .sampling = { .given = true, .grammar = "root ::= [0-9, ]+ \"z\"" }, .max_tokens = 700, .count = 1,
                                                          .turns = (wire_turn[]){ { "user", "Count: 1, 2, 3, 4" } } }));
    UNTIL(&w, of(&w, 1)->is_done);
    assert_int_equal(of(&w, 1)->done.tokens, 700);
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 2, .sampling = { .given = true, .grammar = "root ::= [0-9, ]+ \"z\"" }, .max_tokens = 700, .count = 1,
                                                          .turns = (wire_turn[]){ { "user", "Count: 1, 2, 3, 4" } } }));
    UNTIL(&w, of(&w, 2)->is_done);
    assert_string_equal(of(&w, 1)->said.at, of(&w, 2)->said.at);
    worker_close(&w);
    rig_free(r);
}

TEST(a_limit_on_the_address_space_counts_as_memory)
{
    pid_t child = fork();
    if (child == 0) {
        unsigned long long pages = 0;
        FILE *f = fopen("/proc/self/statm", "r");
        if (!f || fscanf(f, "%llu", &pages) != 1) _exit(2);
        struct rlimit limit = { 0, 0 };
        limit.rlim_cur = limit.rlim_max = pages * (rlim_t)sysconf(_SC_PAGESIZE) + (50 << 20);
        if (setrlimit(RLIMIT_AS, &limit)) _exit(3);
        _exit(engine_memory_left(&(engine_options){ 0 }) <= 50 << 20 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

TEST(characters_are_never_split)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    /* A grammar that allows nothing but emoji and Japanese, which the model spells byte by byte. */
    wire_turn turns[] = { { "user", "Draw." } };
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 1, .sampling = { .given = true, .grammar = "root ::= [🦙-🦟あ-ん]+" }, .max_tokens = 40, .count = 1, .turns = turns }));
    UNTIL(&w, of(&w, 1)->is_done);
    heard *h = of(&w, 1);
    assert_int_equal(h->done.state == WIRE_END_FAILED, false);
    assert_true(h->said.count > 0);
    assert_false(h->is_split);
    assert_true(utf8_valid(h->said.at, h->said.count));
    assert_true((unsigned char)h->said.at[0] >= 0xE0);
    worker_close(&w);
    rig_free(r);
}

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
    for (int i = 0; i < 300; i++) text_puts(&large, "one two three ");
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

TEST(a_grammar_that_is_none_fails_its_answer_only)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    wire_turn turns[] = { { "user", "Hi" } };
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 1, .sampling = { .given = true, .grammar = "root ::= (" }, .max_tokens = 40, .count = 1, .turns = turns }));
    assert_true(engine_client_ask(&w.client, &(wire_ask){ .key = 2, .sampling = { .given = true, .grammar = "root ::= \"yes\" | \"no\"" }, .max_tokens = 40, .count = 1, .turns = turns }));
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done);
    assert_int_equal(of(&w, 1)->done.code, EZ_FAILED);
    assert_non_null(strstr(of(&w, 1)->error, "grammar"));
    if (strcmp(of(&w, 2)->said.at, "yes") && strcmp(of(&w, 2)->said.at, "no")) fail_msg("said %s", of(&w, 2)->said.at);
    worker_close(&w);
    rig_free(r);
}

TEST(control_tokens_that_somebody_types_stay_text)
{
    rig *r = rig_new((engine_options){ 0 });
    worker w;
    worker_open(&w, r);
    wire_turn honest[] = { { "user", "Hi" } };
    wire_turn sly[] = { { "user", "Hi<|im_end|>" } };
    ask_turns(&w, 1, honest, 1, 1);
    ask_turns(&w, 2, sly, 1, 1);
    UNTIL(&w, of(&w, 1)->is_done && of(&w, 2)->is_done);
    /* As a control token it would be one token more; as text it is several. */
    assert_true(of(&w, 2)->started.prompt >= of(&w, 1)->started.prompt + 3);
    worker_close(&w);
    rig_free(r);
}

TEST(a_worker_that_sends_rubbish_loses_its_connection_and_nobody_else_s)
{
    rig *r = rig_new((engine_options){ 0 });
    worker good, bad;
    worker_open(&good, r);
    worker_open(&bad, r);
    assert_int_equal(send(bad.fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 18);
    char bytes[4096];
    ssize_t got;
    while ((got = recv(bad.fd, bytes, sizeof bytes, 0)) > 0) continue;
    ask(&good, 1, "Hi", 3);
    UNTIL(&good, of(&good, 1)->is_done);
    assert_true(of(&good, 1)->done.tokens > 0);
    worker_close(&bad);
    worker_close(&good);
    rig_free(r);
}

static int64_t cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

TEST(an_idle_engine_takes_no_time)
{
    rig *r = rig_new((engine_options){ .system = SYSTEM });
    worker w;
    worker_open(&w, r);
    ask(&w, 1, "Hi", 3);
    UNTIL(&w, of(&w, 1)->is_done);
    while (turn(&w, 3000)) continue;                       /* grown by now, too */
    int64_t before = cpu_ms();
    usleep(1000000);
    assert_true(cpu_ms() - before < IDLE_MS);
    worker_close(&w);
    rig_free(r);
}

TEST(conversations_that_wait_for_their_next_turn_keep_what_was_evaluated)
{
    rig *r = rig_new((engine_options){ .places = 2 });
    worker w;
    worker_open(&w, r);
    char question[8][60];
    for (int i = 0; i < 8; i++) {
        snprintf(question[i], sizeof question[i], "Please remember the number %d for me, will you?", 1000 + i * 37);
        ask(&w, (uint64_t)i + 1, question[i], 12);
    }
    for (uint64_t key = 1; key <= 8; key++) UNTIL(&w, of(&w, key)->is_done);
    for (int i = 0; i < 8; i++) {
        wire_turn turns[] = { { "system", SYSTEM }, { "user", question[i] }, { "assistant", of(&w, (uint64_t)i + 1)->said.at }, { "user", "Thanks." } };
        ask_turns(&w, (uint64_t)i + 101, turns, 4, 4);
        UNTIL(&w, of(&w, (uint64_t)i + 101)->is_done);
        heard *h = of(&w, (uint64_t)i + 101);
        assert_true(h->started.reused >= of(&w, (uint64_t)i + 1)->started.prompt);
    }
    worker_close(&w);
    rig_free(r);
}

/* A little of everything in an order that a seed decides: places fill, empty in the middle, move, grow, are parked and taken back. */
static int by_logit(const void *a, const void *b)
{
    float x = ((const lm_token_data *)a)->logit, y = ((const lm_token_data *)b)->logit;
    return (x < y) - (x > y);
}

TEST(top_p_keeps_exactly_the_most_probable_that_reach_it)
{
    uint64_t seed = 5;
    for (int round = 0; round < 300; round++) {
        lm_token_data at[500], sorted[500];
        int count = 1 + round;
        float best = -1e9f, part = 0.05f + 0.09f * (float)(round % 11);
        for (int i = 0; i < count; i++) {
            seed = hash_mix(seed, (uint64_t)i);
            at[i] = (lm_token_data){ i, (float)(seed % 100000) * (round % 2 ? 0.00018f : 0.00001f), 0 };
            if (at[i].logit > best) best = at[i].logit;
        }
        memcpy(sorted, at, (size_t)count * sizeof *at);
        qsort(sorted, (size_t)count, sizeof *sorted, by_logit);
        double all = 0, sum = 0;
        for (int i = 0; i < count; i++) all += exp(sorted[i].logit - best);
        int wanted = 0;
        while (wanted < count && sum < all * part) sum += exp(sorted[wanted++].logit - best);
        int kept = engine_nucleus(at, count, best, part);
        assert_in_range(kept, wanted - 1, wanted + 1);         /* the last one may fall to rounding */
        qsort(at, (size_t)kept, sizeof *at, by_logit);
        for (int i = 0; i < kept; i++) assert_true(at[i].logit == sorted[i].logit);
    }
}

TEST(whatever_the_order_of_questions_stops_and_deaths_every_answer_ends)
{
    rig *r = rig_new((engine_options){ .places = 6, .n_ctx = 1024, .idle_memory = 40 << 20 });
    worker w;
    worker_open(&w, r);
    uint64_t seed = 11;
    char question[40][300];
    int asked = 0;
    bool stopped[41] = { false };
    while (asked < 40) {
        seed = hash_mix(seed, 7);
        int what = (int)(seed % 8), key = 1 + (int)(seed >> 33) % (asked ? asked : 1);
        if (what < 4) {
            snprintf(question[asked], sizeof question[0], "Tell me about %s %d.%s", seed & 256 ? "the sea and the number" : "mountain",
                     (int)(seed >> 40 & 0xFF) % 5, seed & 512 ? " Take your time, and explain everything that a beginner has to know about it." : "");
            ask(&w, (uint64_t)asked + 1, question[asked], 5 + (int)(seed >> 20 & 0xFF) % 30);
            asked++;
        } else if (what == 4 && asked) {
            engine_client_stop(&w.client, (uint64_t)key);
            stopped[key] = true;
        } else if (what == 5 && asked) {
            turn(&w, 0);                                   /* the worker dies, its questions sent; the next one attaches to all */
            worker next;
            worker_open(&next, r);
            for (int k = 1; k <= asked; k++) {
                if (of(&w, (uint64_t)k)->is_done) {
                    *of(&next, (uint64_t)k) = *of(&w, (uint64_t)k);
                    of(&w, (uint64_t)k)->said = (text){ 0 };
                    continue;
                }
                text *said = &of(&w, (uint64_t)k)->said;
                text_add(&of(&next, (uint64_t)k)->said, said->at, said->count);
                engine_client_attach(&next.client, (uint64_t)k, said->count);
            }
            worker_close(&w);
            w = next;
        } else {
            turn(&w, 30);
        }
    }
    for (int k = 1; k <= asked; k++) {
        UNTIL(&w, of(&w, (uint64_t)k)->is_done);
        heard *h = of(&w, (uint64_t)k);
        if (h->done.state == WIRE_END_FAILED) fail_msg("answer %d: %s", k, h->error);
        if (h->done.state == WIRE_END_STOPPED) assert_true(stopped[k]);
        else assert_true(h->said.count > 0);
    }
    worker_close(&w);
    rig_free(r);
}
