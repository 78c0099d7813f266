/* chat_test.c: what the chat elements print and give back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include "page/markdown.h"
#include "page/run.h"
#include <stdio.h>
#include <string.h>

/* A run of one page function over one conversation, and what it showed. */
typedef struct stage { run *run; conversation *chat; text main, bottom; } stage;
static const char *heard;

static bool content(void *data, uint64_t id, text *out)
{
    chat_message *m = conversation_find(data, id);
    if (m) markdown_html(out, m->text, m->count, MARKDOWN_DEMOTE);
    return m != NULL;
}

static stage stage_new(ez_fn *page)
{
    run *r = run_new(RUN_PAGE, page, NULL);
    r->scope = run_page_scope("/");
    r->path = "/";
    r->session = r->visitor = r->query = "";
    r->before = tree_new();
    return (stage){ .run = r, .chat = run_chat(r, "chat") };
}

static void stage_show(stage *s)
{
    run_execute(s->run);
    tree *shown = run_peek(s->run, true, 1);
    tree_resolver resolver = { .message = content, .data = s->chat };
    tree_print(shown, ROOT_MAIN, &resolver, &s->main);
    tree_print(shown, ROOT_BOTTOM, &resolver, &s->bottom);
    text_putc(&s->main, 0);
    text_putc(&s->bottom, 0);
    tree_drop(shown);
}

static void stage_done(stage *s)
{
    run_free(s->run);
    text_done(&s->main), text_done(&s->bottom);
}

static int times(const char *html, const char *what)
{
    int n = 0;
    for (const char *at = html; (at = strstr(at, what)); at++) n++;
    return n;
}

static void each(ez_ui *ui)
{
    ez_chat *chat = ez_chat_get(ui, "chat");
    for (int i = 0; i < ez_chat_count(chat); i++) {
        const ez_message *m = ez_chat_at(chat, i);
        ez_chat_text(ez_chat_message(ui, m->role, .key = m->id), m);
    }
}

static void boxed(ez_ui *ui) { ez_chatbot(ui, "chat", .label = "Chat with *Llama*", .height = 600); }
static void composer(ez_ui *ui) { heard = ez_chat_input(ui, "Ask <b>", .max_chars = 5, .suggestions = EZ_OPTIONS("One", "Two")); }
static void inside(ez_ui *ui) { ez_chat_input(ez_container(ui), "Ask"); }

static chat_message *answer_of(stage *s, ez_message_state state, const char *text)
{
    chat_ask ask = { .loading = (char *)"Loading Llama" };
    conversation_add(s->chat, 1, 0, "system", "Be *kind*.", NULL);
    conversation_add(s->chat, 2, 1, "user", "Why?", NULL);
    chat_message *m = conversation_add(s->chat, 3, 2, "assistant", text, &ask);
    m->state = state;
    return m;
}

TEST(a_turn_says_who_speaks_and_a_system_message_is_folded)
{
    stage s = stage_new(each);
    answer_of(&s, EZ_MESSAGE_DONE, "Because **so**.");
    stage_show(&s);
    assert_int_equal(times(s.main.at, "<details "), 1);
    assert_int_equal(times(s.main.at, " data-role=\"system\""), 1);
    assert_int_equal(times(s.main.at, "<article "), 2);
    assert_int_equal(times(s.main.at, " data-role=\"user\" aria-label=\"You said\""), 1);
    assert_int_equal(times(s.main.at, " data-role=\"assistant\" aria-label=\"Answer\""), 1);
    assert_non_null(strstr(s.main.at, "data-ez-end><p>Because <strong>so</strong>.</p></div>"));
    stage_done(&s);
}

TEST(an_answer_that_is_over_has_its_actions_and_figures)
{
    stage s = stage_new(each);
    chat_message *m = answer_of(&s, EZ_MESSAGE_DONE, "Because.");
    m->tokens = 40, m->speed = 151.4, m->first_token = 0.0689, m->feedback = -1;
    chat_ask ask = { 0 };
    conversation_add(s.chat, 4, 2, "assistant", "Other.", &ask);
    conversation_find(s.chat, 2)->chosen = 3;
    stage_show(&s);
    assert_int_equal(times(s.main.at, "data-act=\"copy\""), 2);
    assert_int_equal(times(s.main.at, "data-act=\"edit\""), 1);
    assert_int_equal(times(s.main.at, "data-act=\"regenerate\""), 1);
    assert_non_null(strstr(s.main.at, "title=\"Good answer\" aria-pressed=\"false\""));
    assert_non_null(strstr(s.main.at, "title=\"Bad answer\" aria-pressed=\"true\""));
    assert_non_null(strstr(s.main.at, "<span>151 tokens/s</span><span>first token 0.07 s</span>"));
    assert_non_null(strstr(s.main.at, "title=\"Version before\" disabled"));
    assert_non_null(strstr(s.main.at, "<span>1 / 2</span>"));
    stage_done(&s);
}

TEST(an_answer_that_is_written_shows_that_and_why_it_waits)
{
    stage s = stage_new(each);
    chat_message *m = answer_of(&s, EZ_MESSAGE_STREAMING, "");
    m->loading = true;
    stage_show(&s);
    assert_non_null(strstr(s.main.at, "data-state=\"streaming\""));
    assert_non_null(strstr(s.main.at, "role=\"progressbar\""));
    assert_non_null(strstr(s.main.at, ">Loading Llama</p>"));
    assert_null(strstr(s.main.at, "data-act=\"regenerate\""));
    stage_done(&s);

    s = stage_new(each);
    answer_of(&s, EZ_MESSAGE_STREAMING, "")->position = 7;
    stage_show(&s);
    assert_non_null(strstr(s.main.at, "number 7 in the queue"));
    stage_done(&s);
}

TEST(an_answer_that_failed_says_why)
{
    stage s = stage_new(each);
    chat_message *m = answer_of(&s, EZ_MESSAGE_FAILED, "");
    chat_message_over(m, EZ_MESSAGE_FAILED, EZ_MISSING, "models/<x>.gguf");
    stage_show(&s);
    assert_non_null(strstr(s.main.at, "role=\"alert\"><strong>No model:</strong> models/&lt;x&gt;.gguf</div>"));
    assert_non_null(strstr(s.main.at, "data-act=\"regenerate\""));
    stage_done(&s);
}

TEST(a_chatbot_shows_the_conversation_and_says_when_it_is_empty)
{
    stage s = stage_new(boxed);
    stage_show(&s);
    assert_non_null(strstr(s.main.at, "ez-chatbot-empty"));
    assert_non_null(strstr(s.main.at, "Chat with <em>Llama</em>"));
    assert_non_null(strstr(s.main.at, "--ez-chatbot-height:600px"));
    stage_done(&s);

    s = stage_new(boxed);
    answer_of(&s, EZ_MESSAGE_DONE, "Because.");
    stage_show(&s);
    assert_null(strstr(s.main.at, "ez-chatbot-empty"));
    assert_int_equal(times(s.main.at, "data-role="), 3);
    assert_int_equal(times(s.main.at, "data-ez-follow"), 1);
    stage_done(&s);
}

TEST(the_composer_stands_at_the_foot_of_the_page_wherever_it_is_called)
{
    stage s = stage_new(composer);
    stage_show(&s);
    assert_int_equal(s.main.count, 1);
    assert_non_null(strstr(s.bottom.at, "placeholder=\"Ask &lt;b&gt;\""));
    assert_non_null(strstr(s.bottom.at, "maxlength=\"5\""));
    assert_int_equal(times(s.bottom.at, "class=\"ez-chat-suggestion\""), 2);
    stage_done(&s);

    s = stage_new(inside);
    stage_show(&s);
    assert_int_equal(s.bottom.count, 1);
    assert_non_null(strstr(s.main.at, "ez-composer"));
    stage_done(&s);
}

/* The id of the first node of a kind: what stands right after its tag. */
static uint64_t id_after(const char *html, const char *tag)
{
    uint64_t id = 0;
    const char *at = strstr(html, tag);
    assert_non_null(at);
    assert_true(id_read(at + strlen(tag) + strlen(" id=\""), ID_CHARS, &id));
    return id;
}

static const char *hear(const char *words)
{
    stage s = stage_new(composer);
    stage_show(&s);
    uint64_t id = id_after(s.bottom.at, "<ez-chat-input");
    stage_done(&s);
    s = stage_new(composer);
    s.run->event = (run_event){ .id = id, .type = "submit", .text = (char *)words };
    heard = NULL;
    stage_show(&s);
    static char kept[64];
    snprintf(kept, sizeof kept, "%s", heard ? heard : "");
    bool any = heard != NULL;
    stage_done(&s);
    return any ? kept : NULL;
}

TEST(a_message_is_given_once_and_no_longer_than_allowed)
{
    assert_string_equal(hear("hällo"), "hällo");
    assert_null(hear("too long"));
    stage s = stage_new(composer);
    heard = "x";
    stage_show(&s);
    assert_null(heard);
    stage_done(&s);
}

static void with_pictures(ez_ui *ui) { ez_chat_input(ui, "Ask", .pictures = true); }

TEST(pictures_can_be_added_where_the_program_wants_them)
{
    stage s = stage_new(with_pictures);
    stage_show(&s);
    assert_int_equal(times(s.bottom.at, "<input type=\"file\" multiple accept=\"image/png,image/jpeg,image/webp,image/gif\" aria-label=\"Add pictures\">"), 1);
    assert_int_equal(times(s.bottom.at, "<ul class=\"ez-chat-pictures\" data-ez-own></ul>"), 1);
    stage_done(&s);

    s = stage_new(inside);
    stage_show(&s);
    assert_int_equal(times(s.main.at, "type=\"file\""), 0);
    stage_done(&s);
}
