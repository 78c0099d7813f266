/* chat_interface_test.c: a whole chat in one call: it asks, shows, is set and cleared. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <string.h>

static void whole(ez_ui *ui)
{
    ez_chat_interface(ui, "talk", .title = "Talk", .system = "Be brief.", .examples = EZ_OPTIONS("How deep?"), .sampling_controls = true,
                      .sampling = EZ_SAMPLING(.temperature = 0.25, .top_p = 0.5, .seed = 7), .max_tokens = 64);
}

static conversation *talk(loopback *l) { return session_chat(l->s, "talk"); }

TEST(a_chat_interface_asks_what_is_typed_and_shows_it)
{
    loopback *l = loopback_new(whole);
    lb_view *v = loopback_open(l, "a");
    assert_true(loopback_sees(v, "How deep?"));
    assert_false(loopback_sees(v, "Clear"));
    loopback_trigger(l, v, "talk-question", "submit", "\"Hello\"");
    assert_int_equal(l->asks.count, 1);
    assert_string_equal(l->asks.at[0].question, "Hello");
    assert_true(loopback_sees(v, "<p>Hello</p>"));
    assert_false(loopback_sees(v, "Be brief."));
    loopback_answer(l, l->asks.at[0].id, "Deep.");
    loopback_answer_done(l, l->asks.at[0].id, EZ_MESSAGE_DONE);
    loopback_drain(l);
    assert_true(loopback_sees(v, "<p>Deep.</p>"));
    chat_message *m = conversation_find(talk(l), l->asks.at[0].id);
    assert_true(m && m->ask);
    assert_int_equal(m->ask->max_tokens, 64);
    assert_true(m->ask->sampling && (float)m->ask->temperature == 0.25f && (float)m->ask->top_p == 0.5f);
    assert_int_equal(m->ask->seed, 7);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_chat_interface_is_cleared_and_begins_with_its_system_message_again)
{
    loopback *l = loopback_new(whole);
    lb_view *v = loopback_open(l, "a");
    loopback_trigger(l, v, "talk-question", "submit", "\"Hello\"");
    loopback_click(l, v, "Clear");
    assert_false(loopback_sees(v, "<p>Hello</p>"));
    loopback_trigger(l, v, "talk-question", "submit", "\"Again\"");
    assert_int_equal(l->asks.count, 2);
    chat_message *m = conversation_find(talk(l), l->asks.at[1].id), *question = conversation_find(talk(l), m->parent);
    chat_message *system = conversation_find(talk(l), question->parent);
    assert_string_equal(question->text, "Again");
    assert_true(system && !strcmp(system->role, "system") && !strcmp(system->text, "Be brief."));
    loopback_free(l);
}

static void boxed(ez_ui *ui)
{
    ez_chat_interface(ez_container(ui), "talk", .height = 300);
    ez_chat_interface(ez_container(ui), "", .height = 300);
}

TEST(a_chat_interface_elsewhere_stands_in_a_box)
{
    loopback *l = loopback_new(boxed);
    lb_view *v = loopback_open(l, "a");
    assert_true(loopback_sees(v, "--ez-chatbot-height:300px"));
    assert_true(loopback_sees(v, "needs the key of a conversation"));
    loopback_trigger(l, v, "talk-question", "submit", "\"Hello\"");
    assert_true(loopback_sees(v, "<p>Hello</p>"));
    loopback_same(l);
    loopback_free(l);
}
