/* chat_test.c: conversations: answers that grow, branches, functions that follow, and what survives. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include "session/inside.h"
#include <stdio.h>
#include <string.h>

static int dones, runs;
static char done_text[200];

static void when_done(ez_ui *ui, const ez_message *m)
{
    int *n = ez_state(ui, int, "dones");
    ++*n;
    dones++;
    snprintf(done_text, sizeof done_text, "%s|%d", m->text, (int)m->state);
}

static bool with_done;

static void page(ez_ui *ui)
{
    runs++;
    ez_chat *chat = ez_chat_get(ui, "talk");
    const char *said = ez_chat_input(ui, "Say something", .key = "say");
    if (said) {
        ez_chat_add(chat, "user", said);
        if (with_done) ez_chat_reply(ui, chat, ez_model_get(ui, NULL), .done = when_done);
        else ez_chat_reply(ui, chat, ez_model_get(ui, NULL), .max_tokens = 9, .sampling = EZ_SAMPLING(.temperature = 0.5));
    }
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        ez_chat_text(ui, m, .key = m->id);
    }
    ez_clear_button(ui, "Clear", "talk");
    ez_text(ui, ez_fmt(ui, "%d messages, %d done", ez_chat_count(chat), *ez_state(ui, int, "dones")));
}

static void say(loopback *l, lb_view *v, const char *json) { loopback_trigger(l, v, "say", "submit", json); }
static lb_ask *last_ask(loopback *l) { return &l->asks.at[l->asks.count - 1]; }
static chat_message *message_of(loopback *l, uint64_t id) { return conversation_find(session_chat(l->s, "talk"), id); }

static const char *message_key(uint64_t id)
{
    static char name[ID_CHARS + 1];
    id_print(id, name);
    return name;
}

TEST(an_answer_grows_where_it_is_shown)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    say(l, a, "\"Hello\"");
    assert_int_equal(l->asks.count, 1);
    assert_string_equal(l->asks.at[0].question, "Hello");
    assert_true(loopback_sees(a, "<p>Hello</p>"));
    assert_true(a->busy);
    int before = l->runs_made;
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "Some **bo");
    loopback_wait(l, 20);
    assert_true(loopback_sees(a, "Some"));
    loopback_answer(l, id, "ld** words");
    loopback_wait(l, 20);
    assert_true(loopback_sees(a, "<strong>bold</strong> words"));
    assert_true(loopback_sees(b, "<strong>bold</strong> words"));
    assert_int_equal(l->runs_made, before);    /* no page code for a token */
    loopback_same(l);
    loopback_answer_done(l, id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_int_equal(l->runs_made, before + 1);
    assert_false(a->busy);
    assert_true(loopback_sees(a, "data-state=\"done\""));
    loopback_same(l);
    loopback_free(l);
}

/* However the words are cut, and whenever they are shown, the page ends as if it had been printed at once. */
TEST(a_stream_ends_as_a_full_render)
{
    static const char md[] = "# Head\n\nA *b* and `code`.\n\n- one\n- two\n  - three\n\n```c\nint x = 1 < 2;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd \xc3\xa4\xe2\x82\xac.\n";
    uint64_t seed = random_u64();
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 40; round++) {
        loopback *l = loopback_new(page);
        with_done = false;
        lb_view *a = loopback_open(l, "a"), *b = NULL;
        say(l, a, "\"Hello\"");
        uint64_t id = last_ask(l)->id;
        for (size_t at = 0; at < sizeof md - 1;) {
            char piece[32];
            seed = hash_mix(seed, at);
            size_t count = 1 + seed % 12;
            if (count > sizeof md - 1 - at) count = sizeof md - 1 - at;
            snprintf(piece, sizeof piece, "%.*s", (int)count, md + at);
            loopback_answer(l, id, piece);
            at += count;
            if (seed >> 8 & 1) loopback_wait(l, 17);
            if (seed >> 9 & 1) loopback_same(l);
            if (!b && at > 40) b = loopback_open(l, "b");
            if ((seed >> 10 & 7) == 0) {
                loopback_lose(l, a);
                loopback_hello(l, a);
            }
        }
        loopback_answer_done(l, id, EZ_MESSAGE_DONE);
        loopback_drain(l);
        loopback_same(l);
        text want = { 0 };
        markdown_html(&want, md, sizeof md - 1, MARKDOWN_DEMOTE);
        text shown = { 0 }, plain = { 0 }, want_plain = { 0 };
        dom_page(&a->dom, &shown);
        dom_plain(shown.at, &plain);
        dom_plain(want.at, &want_plain);
        if (!strstr(plain.at, want_plain.at)) fail_msg("seed %llu: %s\nis not in\n%s", (unsigned long long)seed, want_plain.at, plain.at);
        text_done(&want);
        text_done(&shown);
        text_done(&plain);
        text_done(&want_plain);
        loopback_free(l);
    }
}

TEST(pieces_that_come_twice_count_once)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    answer_news n = { .id = id, .kind = ANSWER_TOKENS, .bytes = "abcdef", .count = 6, .offset = 0 };
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    n.bytes = "defgh", n.count = 5, n.offset = 3;
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    n.bytes = "zz", n.count = 2, n.offset = 20;             /* a hole */
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    assert_string_equal(message_of(l, id)->text, "abcdefgh");
    loopback_free(l);
}

TEST(done_runs_and_then_the_page_once)
{
    loopback *l = loopback_new(page);
    with_done = true, dones = 0;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "Yes.");
    int before = l->runs_made;
    loopback_answer_done(l, id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_int_equal(dones, 1);
    assert_string_equal(done_text, "Yes.|0");
    assert_int_equal(l->runs_made, before + 1);
    assert_true(loopback_sees(a, "2 messages, 1 done"));    /* it sees what .done did */
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(an_answer_that_fails_says_why)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    loopback_answer_done(l, last_ask(l)->id, EZ_MESSAGE_FAILED);
    loopback_drain(l);
    assert_true(loopback_sees(a, "the engine fell over"));
    assert_true(loopback_sees(a, "data-state=\"failed\""));
    loopback_free(l);
}

TEST(stop_asks_the_engine_to_stop)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_signal(l, a, message_key(id), "stop", NULL);
    assert_true(last_ask(l)->stopped);
    loopback_answer_done(l, id, EZ_MESSAGE_STOPPED);
    loopback_drain(l);
    assert_true(loopback_sees(a, "Stopped."));
    assert_int_equal(a->acked, 2);
    loopback_free(l);
}

TEST(regenerate_and_edit_are_new_branches)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"First\"");
    uint64_t first = last_ask(l)->id;
    loopback_answer(l, first, "Answer one");
    loopback_answer_done(l, first, EZ_MESSAGE_DONE);
    loopback_drain(l);
    loopback_trigger(l, a, message_key(first), "regenerate", NULL);
    assert_int_equal(l->asks.count, 2);
    uint64_t second = last_ask(l)->id;
    assert_int_not_equal(first, second);
    assert_int_equal(message_of(l, second)->ask->max_tokens, 9);
    assert_true(message_of(l, second)->ask->temperature == 0.5);
    loopback_answer(l, second, "Answer two");
    loopback_answer_done(l, second, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_true(loopback_sees(a, "Answer two"));
    assert_false(loopback_sees(a, "Answer one"));
    loopback_signal(l, a, message_key(second), "branch", "1");
    assert_true(loopback_sees(a, "Answer one"));
    assert_true(loopback_sees(a, "1 / 2"));
    loopback_trigger(l, a, message_key(message_of(l, first)->parent), "edit", "\"Changed\"");
    assert_int_equal(l->asks.count, 3);
    assert_string_equal(last_ask(l)->question, "Changed");
    assert_true(loopback_sees(a, "Changed"));
    assert_false(loopback_sees(a, "First"));
    loopback_answer_done(l, last_ask(l)->id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    loopback_same(l);
    assert_int_equal(a->acked, 4);
    /* And after another process took over. */
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    loopback_same(l);
    assert_true(loopback_sees(a, "Changed"));
    assert_int_equal(session_chat(l->s, "talk")->all.count, 5);
    loopback_free(l);
}

TEST(feedback_is_kept_and_told_once)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "x");
    loopback_answer_done(l, id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    loopback_signal(l, a, message_key(id), "feedback", "1");
    lb_event again = { .n = a->n, .signal = true, .node = loopback_id(l, message_key(id)), .type = "feedback", .json = "1" };
    loopback_send(l, a, &again);
    loopback_drain(l);
    assert_int_equal(l->feedbacks, 1);
    loopback_restart(l);
    assert_int_equal(message_of(l, id)->feedback, 1);
    loopback_free(l);
}

TEST(clearing_a_conversation_ends_its_answers)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "xyz");
    loopback_wait(l, 1100);
    loopback_click(l, a, "Clear");
    assert_true(last_ask(l)->stopped);
    assert_true(loopback_sees(a, "0 messages"));
    assert_false(a->busy);
    loopback_answer_done(l, id, EZ_MESSAGE_STOPPED);        /* too late to matter */
    loopback_drain(l);
    loopback_same(l);
    for (int i = 0; i < l->store.count; i++) assert_int_not_equal(strncmp(l->store.at[i].name, "chat/", 5), 0);
    loopback_restart(l);
    assert_int_equal(session_chat(l->s, "talk")->all.count, 0);
    loopback_free(l);
}

TEST(an_answer_goes_on_in_the_next_process)
{
    loopback *l = loopback_new(page);
    with_done = true, dones = 0;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "Half of **i\xc3");              /* not even a whole character */
    loopback_wait(l, 20);
    loopback_wait(l, 1100);                                 /* an answer under way is saved every second */
    loopback_answer(l, id, "\xa4");
    loopback_restart(l);
    assert_true(last_ask(l)->attach);
    size_t kept = message_of(l, id)->count;
    assert_int_equal(last_ask(l)->offset, kept);
    assert_in_range(kept, 1, 12);
    loopback_hello(l, a);
    assert_true(a->busy);
    loopback_same(l);
    answer_news n = { .id = id, .kind = ANSWER_TOKENS, .bytes = &"Half of **i\xc3\xa4t**, done."[kept], .offset = kept };
    n.count = strlen(n.bytes);
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    loopback_answer_done(l, id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_true(loopback_sees(a, "Half of <strong>i\xc3\xa4t</strong>, done."));
    assert_int_equal(dones, 1);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(the_engine_may_forget_what_is_saved)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "12345");
    loopback_wait(l, 1100);
    assert_int_equal(last_ask(l)->saved, 5);
    assert_false(last_ask(l)->final);
    loopback_answer_done(l, id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_true(last_ask(l)->final);
    loopback_free(l);
}

TEST(an_answer_that_pauses_after_a_save_is_not_saved_again_and_again)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "12345");
    loopback_answer(l, id, "678");                          /* not shown yet… */
    say(l, a, "\"Something else\"");                        /* …when another event saves it */
    loopback_drain(l);
    int before = l->saves_made;
    loopback_wait(l, 10000);                                /* shown; and the engine writes nothing for a while */
    assert_in_range(l->saves_made - before, 0, 1);
    loopback_answer(l, id, "9");
    loopback_wait(l, 1100);
    assert_in_range(l->saves_made - before, 1, 2);
    loopback_same(l);
    loopback_free(l);
}

TEST(an_answer_in_a_session_that_another_process_took_is_left_to_that_one)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "12345");
    l->fence = true;
    loopback_wait(l, 1100);
    loopback_drain(l);
    assert_true(session_fenced(l->s));
    int saves = l->saves_made;
    loopback_answer(l, id, "678");
    loopback_wait(l, 10000);
    assert_int_equal(l->saves_made, saves);
    loopback_free(l);
}

TEST(a_queue_position_and_a_model_that_loads_are_shown)
{
    loopback *l = loopback_new(page);
    with_done = false;
    lb_view *a = loopback_open(l, "a");
    say(l, a, "\"Hello\"");
    answer_news n = { .id = last_ask(l)->id, .kind = ANSWER_LOADING };
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    loopback_drain(l);
    assert_true(loopback_sees(a, "Loading the model"));
    n.kind = ANSWER_QUEUED, n.position = 2;
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    loopback_drain(l);
    assert_true(loopback_sees(a, "number 2 in the queue"));
    n.kind = ANSWER_STARTED;
    loopback_step(l, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
    loopback_drain(l);
    assert_false(loopback_sees(a, "in the queue"));
    loopback_same(l);
    loopback_free(l);
}

/* ---- asked by a bound function ---------------------------------------------------------------------------------------- */

static char job_order[64];
static void after_answer(ez_ui *ui) { (void)ui; strcat(job_order, "then "); }
static void ask_in_job(ez_ui *ui)
{
    ez_chat *chat = ez_chat_get(ui, "talk");
    ez_chat_add(chat, "user", ez_get_text(ui, "msg"));
    ez_chat_reply(ui, chat, ez_model_get(ui, NULL));
    strcat(job_order, "asked ");
}
static void ask_again(ez_ui *ui) { (void)ui; strcat(job_order, "again "); }

static void gradio(ez_ui *ui)
{
    ez_chatbot(ui, "talk");
    ez_text_input(ui, "Message", .key = "msg");
    ez_button(ui, "Go", .key = "go");
    ez_button(ui, "Stop", .key = "stop");
    ez_clear_button(ui, "Clear", "talk, msg");
    ez_event *e = ez_on(ui, "go.click", ask_in_job, .clears = "msg");
    ez_then(e, after_answer, .clears = "talk");
    ez_on(ui, "stop.click", NULL, .cancels = "go.click");
    ez_on_failure(e, ask_again);
}

static void gradio_keeps(ez_ui *ui)
{
    ez_chatbot(ui, "talk");
    ez_text_input(ui, "Message", .key = "msg");
    ez_button(ui, "Go", .key = "go");
    ez_button(ui, "Stop", .key = "stop");
    ez_then(ez_on(ui, "go.click", ask_in_job, .clears = "msg"), after_answer);
    ez_on(ui, "stop.click", NULL, .cancels = "go.click");
}

TEST(what_follows_a_function_waits_for_the_answer_it_asked_for)
{
    loopback *l = loopback_new(gradio_keeps);
    lb_view *a = loopback_open(l, "a");
    job_order[0] = 0;
    loopback_set(l, a, "msg", "\"Hi there\"");
    loopback_click(l, a, "go");
    assert_string_equal(job_order, "asked ");
    assert_int_equal(l->asks.count, 1);
    assert_true(loopback_sees(a, "Hi there"));
    assert_true(a->busy);
    uint64_t id = last_ask(l)->id;
    loopback_answer(l, id, "An answer");
    loopback_answer_done(l, id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_string_equal(job_order, "asked then ");
    assert_true(loopback_sees(a, "An answer"));
    assert_string_equal(loopback_value(l, "msg"), "\"\"");
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(cancelling_a_function_that_waits_for_its_answer_stops_the_answer)
{
    loopback *l = loopback_new(gradio_keeps);
    lb_view *a = loopback_open(l, "a");
    job_order[0] = 0;
    loopback_click(l, a, "go");
    loopback_click(l, a, "stop");
    assert_true(last_ask(l)->stopped);
    loopback_answer_done(l, last_ask(l)->id, EZ_MESSAGE_STOPPED);
    loopback_drain(l);
    assert_string_equal(job_order, "asked then ");
    assert_false(a->busy);
    loopback_free(l);
}

TEST(clearing_what_a_function_waits_for_ends_the_function_as_failed)
{
    loopback *l = loopback_new(gradio);
    lb_view *a = loopback_open(l, "a");
    job_order[0] = 0;
    loopback_click(l, a, "go");
    loopback_click(l, a, "go");                /* two that wait, for answers in one conversation */
    loopback_click(l, a, "Clear");
    loopback_drain(l);
    assert_string_equal(job_order, "asked asked then again then again ");
    assert_int_equal(session_chat(l->s, "talk")->all.count, 0);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_clear_that_comes_with_the_answer_does_no_harm)
{
    loopback *l = loopback_new(gradio);
    lb_view *a = loopback_open(l, "a");
    job_order[0] = 0;
    l->hold_jobs = true;
    loopback_click(l, a, "go");
    loopback_job_begin(l, 0);                  /* it has asked; meanwhile the visitor clears, and a run holds what follows back */
    l->hold_runs = true;
    loopback_trigger(l, a, "root", "rerun", NULL);
    loopback_click(l, a, "Clear");
    loopback_job_end(l, 0);
    l->hold_runs = l->hold_jobs = false;
    loopback_drain(l);
    for (int i = 0; i < l->asks.count; i++) loopback_answer_done(l, l->asks.at[i].id, EZ_MESSAGE_STOPPED);
    loopback_drain(l);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

static void two_answers(ez_ui *ui)
{
    for (int i = 0; i < 2; i++) {
        ez_chat *chat = ez_chat_get(ui, i ? "right" : "left");
        ez_chat_add(chat, "user", "Both?");
        ez_chat_reply(ui, chat, ez_model_get(ui, NULL));
    }
}
static void arena_page(ez_ui *ui)
{
    ez_chatbot(ui, "left");
    ez_chatbot(ui, "right");
    ez_button(ui, "Go", .key = "go");
    ez_then(ez_on(ui, "go.click", two_answers), after_answer);
}

TEST(a_function_that_asked_twice_waits_for_both)
{
    loopback *l = loopback_new(arena_page);
    lb_view *a = loopback_open(l, "a");
    job_order[0] = 0;
    loopback_click(l, a, "go");
    assert_int_equal(l->asks.count, 2);
    loopback_answer_done(l, l->asks.at[1].id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_string_equal(job_order, "");
    loopback_answer_done(l, l->asks.at[0].id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_string_equal(job_order, "then ");
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}
