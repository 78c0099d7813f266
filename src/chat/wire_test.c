/* wire_test.c: frames come out as they went in, in any portions, and nothing else comes in. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include "chat/wire.h"
#include <math.h>
#include <string.h>

/* What was decoded, as lines that a test can compare. */
static void describe(text *out, const wire_message *m)
{
    text_printf(out, "%d ", m->kind);
    switch (m->kind) {
    case WIRE_HELLO:   text_printf(out, "%llu", (unsigned long long)m->hello.generation); break;
    case WIRE_ASK:
        text_printf(out, "%llu %d %g %g %g %d %u [%s] %d %d", (unsigned long long)m->ask.key, m->ask.sampling.given, m->ask.sampling.temperature,
                    m->ask.sampling.top_p, m->ask.sampling.min_p, m->ask.sampling.top_k, m->ask.sampling.seed, m->ask.sampling.grammar,
                    m->ask.max_tokens, m->ask.n_ctx);
        for (int i = 0; i < m->ask.count; i++) text_printf(out, " <%s|%s>", m->ask.turns[i].role, m->ask.turns[i].text);
        text_printf(out, " %d %d", m->ask.form, m->ask.probable);
        for (int i = 0; i < m->ask.token_count; i++) text_printf(out, " %d", m->ask.tokens[i]);
        for (int i = 0; i < m->ask.picture_count; i++)
            text_printf(out, " <%d@%u %s %s %s>", m->ask.pictures[i].turn, m->ask.pictures[i].offset, m->ask.pictures[i].address, m->ask.pictures[i].type, m->ask.pictures[i].detail);
        break;
    case WIRE_ATTACH:  text_printf(out, "%llu %llu", (unsigned long long)m->attach.key, (unsigned long long)m->attach.offset); break;
    case WIRE_STOP:    text_printf(out, "%llu", (unsigned long long)m->stop.key); break;
    case WIRE_ACK:     text_printf(out, "%llu %llu %d", (unsigned long long)m->ack.key, (unsigned long long)m->ack.offset, m->ack.final); break;
    case WIRE_STATUS:  text_printf(out, "%d %s|%s %d %d %d %s %d", m->status.state, m->status.name, m->status.description, m->status.n_ctx,
                                   m->status.places, m->status.code, m->status.text, m->status.load_ms); break;
    case WIRE_QUEUED:  text_printf(out, "%llu %d", (unsigned long long)m->queued.key, m->queued.position); break;
    case WIRE_STARTED: text_printf(out, "%llu %d %d %d", (unsigned long long)m->started.key, m->started.prompt, m->started.reused, m->started.dropped); break;
    case WIRE_TOKENS:  text_printf(out, "%llu %llu %u %s", (unsigned long long)m->tokens.key, (unsigned long long)m->tokens.offset, m->tokens.count, m->tokens.text); break;
    case WIRE_DONE:    text_printf(out, "%llu %d %llu %d %d %d %g %d %s", (unsigned long long)m->done.key, m->done.state, (unsigned long long)m->done.offset, m->done.tokens,
                                   m->done.prompt_ms, m->done.first_token_ms, m->done.seconds, m->done.code, m->done.text); break;
    case WIRE_PROBABLE:
        text_printf(out, "%llu %llu", (unsigned long long)m->probable.key, (unsigned long long)m->probable.offset);
        for (int i = 0; i < m->probable.count; i++) text_printf(out, " <%.*s|%u|%g>", (int)m->probable.all[i].count, m->probable.all[i].bytes, m->probable.all[i].count, m->probable.all[i].logprob);
        break;
    case WIRE_VECTOR:
        text_printf(out, "%llu", (unsigned long long)m->vector.key);
        for (int i = 0; i < m->vector.count; i++) text_printf(out, " %g", m->vector.at[i]);
        break;
    case WIRE_COUNTS:
        text_printf(out, "%llu %llu %llu %llu %llu %g %g", (unsigned long long)m->counts.prompt_tokens, (unsigned long long)m->counts.reused_tokens, (unsigned long long)m->counts.said_tokens,
                    (unsigned long long)m->counts.steps, (unsigned long long)m->counts.took_part, m->counts.prompt_seconds, m->counts.said_seconds);
        for (int i = 0; i < WIRE_END_COUNT; i++) text_printf(out, " %llu", (unsigned long long)m->counts.ended[i]);
        text_printf(out, " %llu %llu", (unsigned long long)m->counts.cache_hits, (unsigned long long)m->counts.cache_misses);
        text_printf(out, " %d %d", m->counts.running, m->counts.waiting);
        break;
    }
    text_putc(out, '\n');
}

static bool collect(void *user, const wire_message *m)
{
    describe(user, m);
    return true;
}

static const wire_turn turns[] = { { "system", "Be brief." }, { "user", "Was ist 2 × 3? 🦙" }, { "assistant", "" } };

static const int32_t numbers[] = { 1, -1, 49151 };
static const wire_likely likely[] = { { "\xC3", 1, -0.25 }, { " the", 4, -12.5 } };
static const wire_picture pictures[] = { { 1, 0, "data:image/png;base64,AAAA", "", "low" }, { 1, 9, "/data/files/a/b/cat.jpg", "image/jpeg", "" } };
static const float vector[] = { 0.5f, -0.25f, 0 };

static const wire_message down[] = {
    { WIRE_HELLO,  .hello = { 7 } },
    { WIRE_ASK,    .ask = { 0x8000000000000001u, { true, 0.7, 0.9, 0.05, 40, 4000000000u, "root ::= \"a\"" }, 512, 2048, COUNT(turns), turns, WIRE_CHAT, 0, 0, NULL, COUNT(pictures), pictures } },
    { WIRE_ASK,    .ask = { .key = 2 } },
    { WIRE_ASK,    .ask = { .key = 3, .form = WIRE_EMBED, .probable = 21, .token_count = COUNT(numbers), .tokens = numbers } },
    { WIRE_ATTACH, .attach = { 2, 12345678901u } },
    { WIRE_STOP,   .stop = { 2 } },
    { WIRE_ACK,    .ack = { 2, 17, true } },
};

static const wire_message up[] = {
    { WIRE_STATUS,  .status = { WIRE_FAILED, "SmolLM2", "llama 135M", 2048, 16, EZ_MISSING, "not there", 99 } },
    { WIRE_QUEUED,  .queued = { 1, 3 } },
    { WIRE_STARTED, .started = { 1, 36, 21, 2 } },
    { WIRE_TOKENS,  .tokens = { 1, 4, "für", 4 } },
    { WIRE_TOKENS,  .tokens = { 1, 8, "", 0 } },
    { WIRE_DONE,    .done = { 1, WIRE_END_LENGTH, 8, 2, 40, 66, 1.5, EZ_FULL, "full" } },
    { WIRE_PROBABLE, .probable = { 1, 8, COUNT(likely), likely } },
    { WIRE_VECTOR,  .vector = { 1, COUNT(vector), vector } },
    { WIRE_COUNTS,  .counts = { 1, 2, 3, 4, 5, 0.5, 1.25, { 6, 7, 8, 9, 10 }, 13, 14, 11, 12 } },
};

static void encode(text *bytes, text *lines, const wire_message *at, int count)
{
    for (int i = 0; i < count; i++) {
        wire_message m = at[i];
        if (m.kind == WIRE_ASK && !m.ask.sampling.grammar) m.ask.sampling.grammar = "";
        assert_true(wire_put(bytes, &at[i]));
        describe(lines, &m);
    }
}

static void travel(const wire_message *at, int count, bool from_engine, size_t portion)
{
    text bytes = { 0 }, sent = { 0 }, got = { 0 };
    encode(&bytes, &sent, at, count);
    wire_reader r = { .from_engine = from_engine };
    for (size_t i = 0; i < bytes.count; i += portion)
        assert_true(wire_feed(&r, bytes.at + i, bytes.count - i < portion ? bytes.count - i : portion, collect, &got));
    assert_string_equal(got.at, sent.at);
    assert_int_equal(r.bytes.count, 0);
    wire_reader_done(&r);
    text_done(&bytes); text_done(&sent); text_done(&got);
}

TEST(frames_come_out_as_they_went_in_whatever_the_portions)
{
    for (size_t portion = 1; portion < 70; portion += 3) {
        travel(down, COUNT(down), false, portion);
        travel(up, COUNT(up), true, portion);
    }
    travel(down, COUNT(down), false, 100000);
    travel(up, COUNT(up), true, 100000);
}

TEST(a_cut_frame_is_never_delivered)
{
    text bytes = { 0 };
    assert_true(wire_put(&bytes, &down[1]));
    for (size_t n = 0; n < bytes.count; n++) {
        text got = { 0 };
        wire_reader r = { 0 };
        assert_true(wire_feed(&r, bytes.at, n, collect, &got));
        assert_int_equal(got.count, 0);
        wire_reader_done(&r);
        text_done(&got);
    }
    text_done(&bytes);
}

TEST(a_frame_whose_fields_do_not_fill_it_exactly_is_refused)
{
    text bytes = { 0 };
    assert_true(wire_put(&bytes, &down[1]));
    for (int change = -3; change <= 3; change++) {
        if (!change) continue;
        text copy = { 0 }, got = { 0 };
        text_add(&copy, bytes.at, bytes.count);
        text_add(&copy, "xxxx", 4);
        uint32_t size = (uint32_t)bytes.count - 4 + (uint32_t)change;
        for (int i = 0; i < 4; i++) copy.at[i] = (char)(size >> (8 * i));
        wire_reader r = { 0 };
        assert_false(wire_feed(&r, copy.at, copy.count, collect, &got));
        assert_int_equal(got.count, 0);
        assert_false(wire_feed(&r, bytes.at, bytes.count, collect, &got));     /* once broken, always broken */
        wire_reader_done(&r);
        text_done(&copy); text_done(&got);
    }
    text_done(&bytes);
}

TEST(each_direction_refuses_the_other_one_s_frames)
{
    for (int i = 0; i < COUNT(down) + COUNT(up); i++) {
        bool is_up = i >= COUNT(down);
        text bytes = { 0 }, got = { 0 };
        assert_true(wire_put(&bytes, is_up ? &up[i - COUNT(down)] : &down[i]));
        wire_reader r = { .from_engine = !is_up };
        assert_false(wire_feed(&r, bytes.at, bytes.count, collect, &got));
        wire_reader_done(&r);
        text_done(&bytes); text_done(&got);
    }
}

TEST(random_and_damaged_bytes_are_survived)
{
    uint64_t seed = 42;
    text whole[2] = { { 0 }, { 0 } };
    for (int i = 0; i < COUNT(down); i++) assert_true(wire_put(&whole[0], &down[i]));
    for (int i = 0; i < COUNT(up); i++) assert_true(wire_put(&whole[1], &up[i]));
    for (int round = 0; round < 20000; round++) {
        bool from_engine = round & 1;
        text bytes = { 0 }, got = { 0 };
        text_add(&bytes, whole[from_engine].at, whole[from_engine].count);
        for (int k = 0; k <= round % 5; k++) {
            seed = hash_mix(seed, (uint64_t)round);
            if (round % 3) bytes.at[seed % bytes.count] = (char)(seed >> 32);
            else bytes.count = seed % bytes.count + 1;
        }
        wire_reader r = { .from_engine = from_engine };
        size_t half = bytes.count / 2;
        if (wire_feed(&r, bytes.at, half, collect, &got)) wire_feed(&r, bytes.at + half, bytes.count - half, collect, &got);
        assert_true(r.bytes.room <= 4096);                 /* memory follows what arrived, not what a length promises */
        wire_reader_done(&r);
        text_done(&bytes); text_done(&got);
    }
    text_done(&whole[0]); text_done(&whole[1]);
}

TEST(an_application_s_impossible_numbers_do_not_cost_the_connection)
{
    text bytes = { 0 }, got = { 0 };
    assert_true(wire_put(&bytes, &(wire_message){ WIRE_ASK, .ask = { 1, { true, NAN, INFINITY, 0.1, -1, 0, NULL }, -5, -1, 0, NULL, WIRE_CHAT, -1, -1, NULL } }));
    wire_reader r = { 0 };
    assert_true(wire_feed(&r, bytes.at, bytes.count, collect, &got));
    assert_string_equal(got.at, "2 1 1 0 0 0.1 -1 0 [] 0 0 0 0\n");
    wire_reader_done(&r);
    text_done(&bytes); text_done(&got);
}

TEST(a_message_that_does_not_fit_is_not_written)
{
    size_t count = WIRE_MAX;
    char *long_text = mem_alloc(count + 1);
    memset(long_text, 'x', count);
    text out = { 0 };
    text_puts(&out, "before");
    wire_message m = { WIRE_ASK, .ask = { .key = 1, .count = 1, .turns = &(wire_turn){ "user", long_text } } };
    assert_false(wire_put(&out, &m));
    assert_string_equal(out.at, "before");
    mem_free(long_text);
    text_done(&out);
}
