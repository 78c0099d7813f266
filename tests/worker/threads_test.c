/* threads_test.c: many visitors on a real worker: pages that block, pages that never return, and streams without threads. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "town.h"
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Sanitizers make everything slower, that of threads by far: the same with fewer visitors. */
#ifdef __has_feature
#define HAS(name) __has_feature(name)
#else
#define HAS(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS(thread_sanitizer)
enum { SLOW = 1, MANY = 100 };
#elif defined(__SANITIZE_ADDRESS__) || HAS(address_sanitizer)
enum { SLOW = 0, MANY = 300 };
#else
enum { SLOW = 0, MANY = 1000 };
#endif

/* What the test and the worker both see. */
typedef struct shared { atomic_bool open; atomic_int inside, most, loads, line; } shared;
static shared *common;

static void shared_new(void)
{
    if (!common) common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(common != MAP_FAILED);
    memset(common, 0, sizeof *common);
}

/* ---- pages that block outside of Easel ------------------------------------------------------------------------------------ */

static void blocking_page(ez_ui *ui)
{
    if (!ez_button(ui, "Go", .key = "go")) return;
    int now = atomic_fetch_add(&common->inside, 1) + 1, most = common->most;
    while (now > most && !atomic_compare_exchange_weak(&common->most, &most, now)) {}
    while (!common->open) usleep(10000);
    atomic_fetch_sub(&common->inside, 1);
    ez_text(ui, "it is through");
}

static bool all_see(const town *c, const char *words)
{
    for (int i = 0; i < c->visitors.count; i++)
        if (!town_sees(c->visitors.at[i], words)) return false;
    return true;
}

static bool all_settled(const town *c)
{
    for (int i = 0; i < c->visitors.count; i++)
        if (c->visitors.at[i]->acked < c->visitors.at[i]->n) return false;
    return true;
}

static bool any_busy(const town *c)
{
    bool busy = false;
    for (int i = 0; i < c->visitors.count; i++) busy = busy || c->visitors.at[i]->busy;
    return busy;
}

TEST(fifty_pages_that_block_are_all_inside_at_once_and_all_answer)
{
    town c;
    shared_new();
    town_start(&c, EZ_ARGS(ez_main_args, .page = blocking_page), "");
    town_visitors(&c, "/", 50);
    int64_t began = clock_ms();
    for (int i = 0; i < 50; i++) town_trigger(&c, c.visitors.at[i], "go", "click", NULL);
    town_until(&c, common->inside == 50);
    print_message("fifty blocked at once after %d ms\n", (int)(clock_ms() - began));
    common->open = true;
    town_until(&c, all_see(&c, "it is through") && all_settled(&c));
    town_end(&c);
    town_done(&c);
}

/* A page in the way of a script: it waits in its own thread. */
static void script_page(ez_ui *ui)
{
    if (!ez_button(ui, "Go", .key = "go")) return;
    for (int i = 0; i < 5; i++) {
        ez_text(ui, ez_fmt(ui, "line %d", i));
        ez_sleep(ui, 0.02);
    }
    ez_text(ui, "the script is over");
}

TEST(pages_that_wait_in_their_own_thread_queue_up_beyond_the_bound_of_threads)
{
    town c;
    int many = SLOW ? 60 : 200;
    town_start(&c, EZ_ARGS(ez_main_args, .page = script_page), "--pool-threads 20");
    town_visitors(&c, "/", many);
    for (int i = 0; i < many; i++) town_trigger(&c, c.visitors.at[i], "go", "click", NULL);
    town_until(&c, all_see(&c, "the script is over") && all_settled(&c));
    assert_true(town_threads(&c) < 20 + 16);
    assert_int_equal(town_logged(&c, "--pool-threads"), 1);
    town_end(&c);
    town_done(&c);
}

/* ---- a thousand streams ------------------------------------------------------------------------------------------------------ */

static void ask(ez_ui *ui)
{
    ez_chat *chat = ez_chat_get(ui, "talk");
    ez_chat_add(chat, "user", "from a function");
    ez_chat_reply(ui, chat, ez_model_get(ui, NULL));
}

static void chat_page(ez_ui *ui)
{
    ez_chat *chat = ez_chat_get(ui, "talk");
    const char *said = ez_chat_input(ui, "Say something", .key = "say");
    if (said) {
        ez_chat_add(chat, "user", said);
        ez_chat_reply(ui, chat, ez_model_get(ui, NULL));
    }
    for (int i = 0; i < ez_chat_count(chat); i++) ez_chat_text(ui, ez_chat_at(chat, i), .key = ez_chat_at(chat, i)->id);
    ez_button(ui, "Ask", .key = "ask");
    ez_on(ui, "ask.click", ask);
}

enum { ROUNDS = 20 };

/* One word for each answer; `n` of them have come before. */
static void say_round(town *c, int n)
{
    char word[20];
    for (int i = 0; i < c->asked.count; i++) {
        snprintf(word, sizeof word, "word%02d ", n);
        town_say(c, &(wire_message){ WIRE_TOKENS, .tokens = { c->asked.at[i].key, (uint64_t)n * 7, word, 7 } });
    }
}

TEST(a_thousand_answers_stream_at_once_on_few_threads)
{
    town c;
    int many = MANY, most = 0;
    town_start(&c, EZ_ARGS(ez_main_args, .page = chat_page, .model = "test.gguf", .queue_size = 5000), "");
    town_visitors(&c, "/", many);
    /* Half of them by the page, half by a bound function, whose job goes on until its answer is over. */
    for (int i = 0; i < many; i++)
        if (i % 2) town_trigger(&c, c.visitors.at[i], "say", "submit", "\"Hello\"");
        else town_trigger(&c, c.visitors.at[i], "ask", "click", NULL);
    town_until(&c, c.asked.count == many && all_settled(&c));
    for (int i = 0; i < many; i++) town_say(&c, &(wire_message){ WIRE_STARTED, .started = { .key = c.asked.at[i].key } });
    for (int n = 0; n < ROUNDS; n++) {
        char word[20];
        say_round(&c, n);
        snprintf(word, sizeof word, "word%02d", n);
        /* Nobody is ahead of anybody by more than a few words, and nobody is left behind. */
        if (n % 5 == 4) town_until(&c, all_see(&c, word));
        int threads = town_threads(&c);
        if (threads > most) most = threads;
    }
    for (int i = 0; i < many; i++)
        town_say(&c, &(wire_message){ WIRE_DONE, .done = { .key = c.asked.at[i].key, .state = WIRE_END_DONE, .offset = ROUNDS * 7, .tokens = ROUNDS, .text = "" } });
    town_until(&c, !any_busy(&c));
    print_message("%d answers, at most %d threads\n", many, most);
    assert_in_range(most, 1, 63);
    town_end(&c);
    town_done(&c);
}

/* ---- runs that never return ----------------------------------------------------------------------------------------------------- */

typedef struct tally { int n; } tally;

static void deaf_page(ez_ui *ui)
{
    tally *t = ez_state(ui, tally, "tally");
    bool hang = ez_button(ui, "Hang", .key = "hang");
    if (ez_button(ui, "Count", .key = "count")) t->n++;
    ez_text(ui, ez_fmt(ui, "count %d", t->n)); common->line = __LINE__;
    if (hang) {
        atomic_fetch_add(&common->inside, 1);
        while (!common->open) usleep(10000);
        t->n += 1000;
        ez_text(ui, "too late");
        atomic_fetch_sub(&common->inside, 1);
    }
}

static void place(char *out, size_t room) { snprintf(out, room, "threads_test.c:%d", (int)common->line); }

TEST(a_page_that_never_returns_is_set_aside_while_others_go_on_and_is_named_when_it_does)
{
    town c;
    char where[60];
    shared_new();
    town_start(&c, EZ_ARGS(ez_main_args, .page = deaf_page), "");
    visitor *deaf = town_visitor(&c, "/"), *other = town_visitor(&c, "/");
    town_trigger(&c, deaf, "count", "click", NULL);
    town_until(&c, deaf->acked == 1);
    town_trigger(&c, deaf, "hang", "click", NULL);
    town_until(&c, common->inside == 1);
    town_signal(&c, deaf, "stop");
    town_trigger(&c, other, "count", "click", NULL);
    town_until(&c, other->acked == 1);
    place(where, sizeof where);
    town_until(&c, deaf->acked == 3);
    assert_int_equal(deaf->refused, 1);
    assert_true(town_sees(deaf, where));
    assert_int_equal(town_logged(&c, "is set aside"), 1);
    assert_int_equal(town_logged(&c, where), 1);
    town_trigger(&c, deaf, "count", "click", NULL);
    town_until(&c, town_sees(deaf, "count 2"));
    assert_int_equal(town_logged(&c, "has returned"), 0);
    common->open = true;
    town_until(&c, town_logged(&c, "has returned") == 1);
    town_trigger(&c, deaf, "count", "click", NULL);
    town_until(&c, town_sees(deaf, "count 3"));
    assert_false(town_sees(deaf, "too late"));
    town_end(&c);
    town_done(&c);
}

TEST(a_page_that_never_returns_does_not_keep_the_worker_from_ending_in_order)
{
    town c;
    char where[60];
    shared_new();
    town_start(&c, EZ_ARGS(ez_main_args, .page = deaf_page), "");
    visitor *v = town_visitor(&c, "/");
    for (int i = 1; i <= 5; i++) town_trigger(&c, v, "count", "click", NULL);
    town_until(&c, v->acked == 5);
    town_trigger(&c, v, "hang", "click", NULL);
    town_until(&c, common->inside == 1);
    int64_t began = clock_ms();
    town_end(&c);
    print_message("it ended after %d ms\n", (int)(clock_ms() - began));
    place(where, sizeof where);
    assert_int_equal(town_logged(&c, "does not return"), 1);
    assert_int_equal(town_logged(&c, where), 1);
    town_again(&c);
    town_load(&c, v);
    town_until(&c, town_sees(v, "count 5"));
    town_end(&c);
    town_done(&c);
}

TEST(a_worker_with_many_runs_that_never_return_hands_over_to_a_new_one)
{
    town c;
    shared_new();
    town_start(&c, EZ_ARGS(ez_main_args, .page = deaf_page), "");
    town_visitors(&c, "/", 17);
    visitor *quiet = c.visitors.at[16];
    town_trigger(&c, quiet, "count", "click", NULL);
    for (int i = 0; i < 16; i++) {
        town_trigger(&c, c.visitors.at[i], "hang", "click", NULL);
        town_trigger(&c, c.visitors.at[i], "count", "click", NULL);         /* it waits behind the one that hangs */
    }
    town_until(&c, common->inside == 16);
    for (int i = 0; i < 16; i++) town_signal(&c, c.visitors.at[i], "stop");
    assert_int_equal(town_wait_end(&c), 0);
    assert_int_equal(town_logged(&c, "is set aside"), 16);
    assert_int_equal(town_logged(&c, "hands over"), 1);
    common->open = true;
    town_again(&c);
    for (int i = 0; i < 17; i++) {
        visitor *v = c.visitors.at[i];
        const char *words = v == quiet || v->acked >= 2 ? "count 2" : "count 1";      /* what was acknowledged is there; what was not did not happen */
        town_load(&c, v);
        town_trigger(&c, v, "count", "click", NULL);
        town_until(&c, v->acked == 1 && town_sees(v, words));
        assert_false(town_sees(v, "too late"));
    }
    town_end(&c);
    town_done(&c);
}

/* ---- everything at once ------------------------------------------------------------------------------------------------------------ */

static void *load(const char *arg, ez_err *err)
{
    (void)arg, (void)err;
    atomic_fetch_add(&common->loads, 1);
    usleep(20000);
    return common;
}

static void bump(ez_ui *ui)
{
    for (int i = 1; i <= 3; i++) {
        ez_put_num(ui, "shown", i);
        ez_sleep(ui, 0.001);
    }
    ez_append(ui, "out", "*");
}

static void corner(ez_ui *ui)
{
    int *n = ez_state(ui, int, "corner");
    if (ez_button(ui, "Corner", .key = "corner")) ++*n;
    ez_text(ui, ez_fmt(ui, "corner %d", *n));
}

static void busy_page(ez_ui *ui)
{
    tally *t = ez_state(ui, tally, "tally");
    ez_resource(ui, load, .spinner = "Loading");
    int rate = ez_int_slider(ui, "Rate", 0, 1000, .key = "rate");
    if (ez_button(ui, "Count", .key = "count")) t->n++;
    ez_ui *form = ez_form(ui, "form");
    ez_text_input(form, "Name", .key = "name");
    ez_ui *box = ez_expander(ui, "More", .key = "box");
    ez_text(box, "inside");
    if (t->n % 3 == 1) ez_close(box);
    for (int i = 0; i < 20; i++) {
        ez_text(ui, ez_fmt(ui, "line %d of rate %d", i, rate));
        if (i % 10 == 5) ez_sleep(ui, 0.002);
    }
    ez_fragment(ui, corner);
    ez_text(ui, "-", .key = "shown");
    ez_text(ui, "", .key = "out");
    ez_button(ui, "Bump", .key = "bump");
    ez_on(ui, "bump.click", bump);
    ez_text(ui, ez_fmt(ui, "counted %d, rate %d", t->n, rate));
}

/* Runs under the thread sanitizer: what it finds makes the worker's exit status another one. */
TEST(hundreds_of_visitors_click_type_and_watch_at_once_and_every_click_counts_once)
{
    town c;
    int many = SLOW ? 100 : 300, clicks = 4;
    shared_new();
    town_start(&c, EZ_ARGS(ez_main_args, .page = busy_page, .queue_size = 5000), "");
    town_visitors(&c, "/", many);
    for (int round = 0; round < clicks; round++)
        for (int i = 0; i < many; i++) {
            visitor *v = c.visitors.at[i];
            char value[20];
            snprintf(value, sizeof value, "%d", round * 100 + i % 100);
            town_set(&c, v, "rate", value, round + 1);
            town_trigger(&c, v, "count", "click", NULL);
            if ((i + round) % 3 == 0) town_trigger(&c, v, "bump", "click", NULL);
            if ((i + round) % 4 == 0) town_trigger(&c, v, "corner", "click", NULL);
            if ((i + round) % 7 == 0) town_signal(&c, v, "copy");
            if (i % 20 == 0) town_turn(&c, 0);
        }
    town_until(&c, all_settled(&c));
    for (int i = 0; i < many; i++) {
        char words[60];
        snprintf(words, sizeof words, "counted %d, rate %d", clicks, (clicks - 1) * 100 + i % 100);
        town_until(&c, town_sees(c.visitors.at[i], words));
        assert_int_equal(c.visitors.at[i]->refused, 0);
    }
    assert_int_equal(common->loads, 1);
    town_end(&c);
    town_done(&c);
}
