/* forged_test.c: events that no page of ours sends: C code never sees what they say, the visitor is told, and others lose nothing. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include "session/inside.h"
#include <cjson/cJSON.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the page's code was given. It asserts its limits at every run, so that one value outside fails the test. */
static struct { int runs, clicks, others, never, hidden, sends; double rate, any; int whole, colour; bool on; char name[64], said[200]; } seen;
static const char *const colours[] = { "red", "green", NULL };

static void guarded(ez_ui *ui)
{
    seen.runs++;
    seen.rate = ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    seen.whole = ez_int_input(ui, "Whole", -3, 3, .key = "whole");
    seen.any = ez_number_input(ui, "Any", -EZ_ANY, EZ_ANY, .value = 1, .key = "any");
    seen.colour = ez_selectbox(ui, "Colour", colours, .key = "colour");
    seen.on = ez_checkbox(ui, "On", .key = "on");
    const char *name = ez_text_input(ui, "Name", .key = "name", .max_chars = 8);
    snprintf(seen.name, sizeof seen.name, "%s", name);
    assert_true(seen.rate >= 0 && seen.rate <= 10 && seen.whole >= -3 && seen.whole <= 3 && seen.colour >= 0 && seen.colour < 2);
    assert_true(isfinite(seen.any) && ez_length(name) <= 8 && utf8_valid(name, strlen(name)));
    if (ez_button(ui, "Plus", .key = "plus")) seen.clicks++;
    if (ez_button(ui, "Never", .key = "never", .disabled = true)) seen.never++;
    ez_slider(ui, "Fixed", 0, 10, .value = 3, .key = "fixed", .disabled = true);
    ez_ui *more = ez_expander(ui, "More", .lazy = true, .key = "more");
    if (ez_button(more, "Hidden", .key = "hidden")) seen.hidden++;
    const char *said = ez_chat_input(ui, "Say", .key = "say", .max_chars = 20);
    if (said) seen.sends++, snprintf(seen.said, sizeof seen.said, "%s", said);
    ez_text(ui, "A text", .key = "text");
}

static void other(ez_ui *ui)
{
    if (ez_button(ui, "There", .key = "there")) seen.others++;
}

static loopback *begin(lb_view **v)
{
    memset(&seen, 0, sizeof seen);
    loopback *l = loopback_new(guarded);
    loopback_page(l, "/other", other);
    *v = loopback_open(l, "a");
    seen.runs = 0;
    return l;
}

/* One message as it comes from the wire. False: it is no message at all, and the channel is closed. */
static bool say(loopback *l, const lb_view *v, const char *words, size_t count)
{
    cJSON *o = utf8_valid(words, count) ? cJSON_ParseWithLength(words, count) : NULL;
    event_heard e = { 0 };
    bool is = cJSON_IsObject(o);
    if (is && event_hear(&e, o, v->token, cJSON_HasObjectItem(o, "s"))) loopback_step(l, &e.message);
    event_heard_done(&e);
    cJSON_Delete(o);
    loopback_drain(l);
    return is;
}

/* %I of the pattern is the id of an element, %N the next number. */
static bool forge(loopback *l, lb_view *v, const char *what, const char *pattern)
{
    text t = { 0 };
    char id[ID_CHARS + 1];
    id_print(loopback_id(l, what), id);
    for (const char *c = pattern; *c; c++) {
        if (c[0] == '%' && c[1] == 'I') text_puts(&t, id), c++;
        else if (c[0] == '%' && c[1] == 'N') text_printf(&t, "%llu", (unsigned long long)++v->n), c++;
        else text_putc(&t, *c);
    }
    bool is = say(l, v, t.at, t.count);
    text_done(&t);
    return is;
}

static bool set(loopback *l, lb_view *v, const char *what, const char *value)
{
    text t = { 0 };
    text_printf(&t, "{\"n\":%%N,\"f\":1,\"v\":[[\"%%I\",%s,1]]}", value);
    bool is = forge(l, v, what, t.at);
    text_done(&t);
    return is;
}

TEST(a_value_of_any_wrong_kind_or_size_is_refused_and_told)
{
    static const struct { const char *what, *value; } bad[] = {
        { "rate", "10.000001" }, { "rate", "-1e-300" }, { "rate", "1e999" }, { "rate", "-1e999" }, { "rate", "\"5\"" }, { "rate", "[5]" }, { "rate", "{\"a\":5}" }, { "rate", "null" }, { "rate", "true" },
        { "whole", "2.5" }, { "whole", "4" }, { "whole", "9007199254740993" }, { "whole", "-4294967296" }, { "whole", "4294967297" }, { "whole", "1e20" },
        { "any", "1e999" }, { "any", "-1e309" }, { "any", "\"nan\"" }, { "any", "null" }, { "any", "[]" },
        { "colour", "\"blue\"" }, { "colour", "\"Red\"" }, { "colour", "\"red \"" }, { "colour", "0" }, { "colour", "[\"red\"]" }, { "colour", "\"\"" },
        { "on", "1" }, { "on", "\"true\"" }, { "on", "null" }, { "name", "\"nine char\"" }, { "name", "5" }, { "name", "false" }, { "name", "[\"Ada\"]" },
        { "more", "1" }, { "more", "\"open\"" }, { "more", "[]" }, { "fixed", "4" },
    };
    lb_view *a;
    loopback *l = begin(&a);
    for (int i = 0; i < COUNT(bad); i++) {
        assert_true(set(l, a, bad[i].what, bad[i].value));
        if (a->refusals != i + 1) fail_msg("%s = %s is not refused", bad[i].what, bad[i].value);
        assert_true(a->why[0]);
        assert_int_equal(a->acked, (uint64_t)i + 1);
    }
    assert_int_equal(seen.runs, 0);            /* not one of them was worth a run */
    set(l, a, "any", "-0");
    set(l, a, "any", "1.7976931348623157e308");
    assert_true(seen.any == DBL_MAX);
    set(l, a, "any", "5e-324");
    assert_true(seen.any == 5e-324);
    set(l, a, "any", "0.30000000000000004");   /* not a bit is changed on the way */
    assert_true(seen.any == 0.1 + 0.2);
    set(l, a, "whole", "3.0");
    assert_int_equal(seen.whole, 3);
    loopback_same(l);
    loopback_free(l);
}

TEST(text_of_just_the_allowed_length_is_taken_and_one_more_is_not)
{
    lb_view *a;
    loopback *l = begin(&a);
    set(l, a, "name", "\"\\ud83d\\ude00234567\\u00e9\"");
    assert_string_equal(seen.name, "\xf0\x9f\x98\x80" "234567\xc3\xa9");
    set(l, a, "name", "\"123456789\"");
    assert_int_equal(a->refusals, 1);
    set(l, a, "name", "\"a\\u0000b\"");        /* a NUL ends a text, as everywhere in C */
    assert_string_equal(seen.name, "a");
    forge(l, a, "say", "{\"n\":%N,\"f\":1,\"x\":[\"%I\",\"submit\",\"exactly twenty chars\"]}");
    assert_string_equal(seen.said, "exactly twenty chars");
    forge(l, a, "say", "{\"n\":%N,\"f\":1,\"x\":[\"%I\",\"submit\",\"twenty-one characters\"]}");
    assert_int_equal(seen.sends, 1);
    loopback_free(l);
}

TEST(what_is_no_json_or_no_text_is_no_message)
{
    static const char *const bad[] = { "", "{", "nonsense", "[]", "5", "{\"n\":1,\"v\":[[\"\xff\",1,1]]}", "{\"n\":1,\"x\":[\"\\ud800\",\"click\",null]}", "{\"n\":1,\"f\":NaN}", "{\"n\":Infinity}", "{'n':1}" };
    lb_view *a;
    loopback *l = begin(&a);
    for (int i = 0; i < COUNT(bad); i++)
        if (say(l, a, bad[i], strlen(bad[i]))) fail_msg("%s is taken for a message", bad[i]);
    assert_int_equal(seen.runs, 0);
    loopback_click(l, a, "plus");
    assert_int_equal(seen.clicks, 1);
    loopback_free(l);
}

TEST(json_nested_a_hundred_thousand_deep_is_no_message)
{
    static const struct { const char *open, *close; } kinds[] = { { "[", "]" }, { "{\"a\":", "}" }, { "[{\"v\":", "}]" } };
    lb_view *a;
    loopback *l = begin(&a);
    for (int k = 0; k < COUNT(kinds); k++) {
        text t = { 0 };
        text_puts(&t, "{\"n\":1,\"f\":1,\"v\":[[\"AAAAAAAAAAE\",");
        for (int i = 0; i < 100000; i++) text_puts(&t, kinds[k].open);
        text_putc(&t, '1');
        for (int i = 0; i < 100000; i++) text_puts(&t, kinds[k].close);
        text_puts(&t, ",1]]}");
        assert_false(say(l, a, t.at, t.count));
        text_done(&t);
    }
    loopback_free(l);
}

TEST(of_two_members_with_one_name_the_first_counts)
{
    lb_view *a;
    loopback *l = begin(&a);
    forge(l, a, "rate", "{\"n\":%N,\"n\":77,\"f\":1,\"v\":[[\"%I\",4,1]],\"v\":[[\"%I\",8,1]]}");
    assert_true(seen.rate == 4);
    assert_int_equal(a->acked, 1);
    loopback_free(l);
}

TEST(numbers_of_events_that_are_none_are_left_alone)
{
    static const char *const odd[] = { "0", "-1", "1.9", "1e300", "-1e300", "9007199254740992", "\"1\"", "null", "[1]", "true" };
    lb_view *a;
    loopback *l = begin(&a);
    loopback_click(l, a, "plus");
    for (int i = 0; i < COUNT(odd); i++) {
        char words[120];
        snprintf(words, sizeof words, "{\"n\":%s,\"f\":1,\"x\":[\"%%I\",\"click\",null]}", odd[i]);
        forge(l, a, "plus", words);
    }
    assert_int_equal(seen.clicks, 1);          /* 1.9 is a repeat of 1 */
    forge(l, a, "plus", "{\"n\":9007199254740991,\"d\":1,\"f\":1,\"x\":[\"%I\",\"click\",null]}");
    assert_int_equal(seen.clicks, 1);          /* a hole lies before it */
    loopback_click(l, a, "plus");
    assert_int_equal(seen.clicks, 2);
    loopback_free(l);
}

TEST(a_number_at_the_end_of_all_numbers_is_taken_once_and_stored)
{
    lb_view *a;
    loopback *l = begin(&a);
    forge(l, a, "plus", "{\"n\":9007199254740991,\"f\":1,\"of\":\"oooooooooooooooooooooo\",\"x\":[\"%I\",\"click\",null]}");
    forge(l, a, "plus", "{\"n\":9007199254740991,\"f\":1,\"of\":\"oooooooooooooooooooooo\",\"x\":[\"%I\",\"click\",null]}");
    forge(l, a, "plus", "{\"n\":9007199254740992,\"f\":1,\"of\":\"oooooooooooooooooooooo\",\"x\":[\"%I\",\"click\",null]}");
    assert_int_equal(seen.clicks, 1);
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_drain(l);
    forge(l, a, "plus", "{\"n\":9007199254740991,\"f\":1,\"of\":\"oooooooooooooooooooooo\",\"x\":[\"%I\",\"click\",null]}");
    assert_int_equal(seen.clicks, 1);
    loopback_click(l, a, "plus");
    assert_int_equal(seen.clicks, 2);
    loopback_free(l);
}

TEST(a_count_of_edits_beyond_all_counts_does_no_harm)
{
    lb_view *a;
    loopback *l = begin(&a);
    lb_view *b = loopback_open(l, "b");
    forge(l, a, "rate", "{\"n\":%N,\"f\":1,\"v\":[[\"%I\",4,4294967295]]}");
    forge(l, a, "rate", "{\"n\":%N,\"f\":1,\"v\":[[\"%I\",5,4294967296]]}");
    forge(l, a, "rate", "{\"n\":%N,\"f\":1,\"v\":[[\"%I\",6,-1]]}");
    forge(l, a, "rate", "{\"n\":%N,\"f\":1,\"v\":[[\"%I\",7,\"x\"]]}");
    assert_true(seen.rate == 7);
    forge(l, a, "rate", "{\"n\":%N,\"f\":1,\"v\":[[\"%I\",70,4294967295]]}");
    assert_true(seen.rate == 7);
    loopback_same(l);
    assert_true(b->here);
    loopback_free(l);
}

TEST(elements_that_are_gone_hidden_disabled_or_of_another_page_take_nothing)
{
    lb_view *a;
    loopback *l = begin(&a);
    uint64_t hidden = hash_mix(run_page_scope("/"), hash_text("hidden"));
    char id[ID_CHARS + 1], words[160];
    loopback_open_at(l, "b", "/other", "");
    forge(l, a, "there", "{\"n\":%N,\"f\":1,\"x\":[\"%I\",\"click\",null]}");
    assert_int_equal(a->refusals, 1);
    forge(l, a, "never", "{\"n\":%N,\"f\":1,\"x\":[\"%I\",\"click\",null]}");
    assert_int_equal(a->refusals, 2);
    id_print(hidden, id);
    snprintf(words, sizeof words, "{\"n\":%llu,\"f\":1,\"x\":[\"%s\",\"click\",null]}", (unsigned long long)++a->n, id);
    say(l, a, words, strlen(words));
    assert_int_equal(a->refusals, 3);
    snprintf(words, sizeof words, "{\"n\":%llu,\"f\":1,\"v\":[[\"AAAAAAAAAAE\",\"of nobody\",1]]}", (unsigned long long)++a->n);
    say(l, a, words, strlen(words));
    assert_int_equal(a->refusals, 4);
    assert_int_equal(seen.others + seen.never + seen.hidden, 0);
    assert_int_equal(a->acked, 4);
    loopback_free(l);
}

TEST(ids_that_are_none_make_an_event_without_effect)
{
    static const char *const odd[] = { "5", "null", "\"\"", "\"AAAAAAAAAAB\"", "\"ez________8\"", "\"AAAAAAAAAAAAAAAAAAAAAAA\"", "\"../../../..\"", "[\"AAAAAAAAAAE\"]", "\"AAAAA\\u0000AAAAA\"" };
    lb_view *a;
    loopback *l = begin(&a);
    for (int i = 0; i < COUNT(odd); i++) {
        char words[200];
        snprintf(words, sizeof words, "{\"n\":%llu,\"f\":1,\"v\":[[%s,1,1]],\"x\":[%s,\"rerun\",null]}", (unsigned long long)++a->n, odd[i], odd[i]);
        say(l, a, words, strlen(words));
    }
    assert_int_equal(a->acked, a->n);
    loopback_click(l, a, "plus");
    assert_int_equal(seen.clicks, 1);
    loopback_free(l);
}

TEST(types_that_an_element_does_not_have_do_nothing)
{
    static const char *const types[] = { "submit", "", "CLICK", "click ", "a type that is much longer than any", "<script>" };
    lb_view *a;
    loopback *l = begin(&a);
    for (int i = 0; i < COUNT(types); i++) {
        char words[200];
        snprintf(words, sizeof words, "{\"n\":%%N,\"f\":1,\"x\":[\"%%I\",\"%s\",null]}", types[i]);
        forge(l, a, "plus", words);
        forge(l, a, "text", words);
    }
    forge(l, a, "text", "{\"n\":%N,\"f\":1,\"x\":[\"%I\",\"click\",null]}");
    forge(l, a, "plus", "{\"n\":%N,\"f\":1,\"x\":[\"%I\",5,null]}");
    assert_int_equal(seen.clicks + seen.sends, 0);
    assert_int_equal(a->acked, a->n);
    loopback_free(l);
}

TEST(signals_about_messages_that_are_not_there_change_nothing)
{
    static const char *const types[] = { "regenerate", "edit", "feedback", "copy", "branch", "stop" };
    static const char *const values[] = { "null", "1", "-99999999999999999999", "\"5\"", "{}", "1e999", "\"words\"" };
    lb_view *a;
    loopback *l = begin(&a);
    for (int i = 0; i < COUNT(types) * COUNT(values); i++) {
        char words[200];
        snprintf(words, sizeof words, "{\"%s\":1,\"n\":%%N,\"f\":1,\"x\":[\"%%I\",\"%s\",%s]}", i % 2 ? "s" : "e", types[i % COUNT(types)], values[i / COUNT(types)]);
        forge(l, a, i % 3 ? "text" : "plus", words);
    }
    assert_int_equal(a->acked, a->n);
    assert_int_equal(l->feedbacks + l->asks.count, 0);
    assert_int_equal(seen.clicks, 0);
    loopback_free(l);
}

TEST(ten_thousand_values_in_one_event_are_refused_in_one_sentence)
{
    lb_view *a;
    loopback *l = begin(&a);
    text t = { 0 };
    char id[ID_CHARS + 1];
    text_puts(&t, "{\"n\":1,\"f\":1,\"v\":[");
    for (int i = 0; i < 10000; i++) {
        id_print(i % 3 ? hash_mix(7, (uint64_t)i) : loopback_id(l, "rate"), id);
        text_printf(&t, "%s[\"%s\",%d,%d]", i ? "," : "", id, i == 9999 ? 4 : 11, i);
    }
    text_puts(&t, "]}");
    say(l, a, t.at, t.count);
    text_done(&t);
    a->n = 1;
    assert_int_equal(a->refusals, 1);
    assert_int_equal(a->acked, 1);
    assert_true(seen.rate == 4);               /* of several values of one control the last one counts */
    assert_int_equal(seen.runs, 1);
    loopback_same(l);
    loopback_free(l);
}

/* A visitor who sends more than a person can is sent away, and keeps what was not acknowledged. */
TEST(a_flood_of_events_is_cut_and_nothing_of_it_is_lost)
{
    lb_view *a;
    loopback *l = begin(&a);
    l->hold_runs = true;
    for (int i = 0; i < 3 * WAITING_MAX && !a->cut; i++) {
        event_trigger(loopback_event(a, false), loopback_id(l, "plus"), "click", NULL);
        loopback_send_last(l, a);
    }
    assert_true(a->cut);
    assert_true(l->s->inbox.count <= WAITING_MAX);
    l->hold_runs = false;
    loopback_drain(l);
    loopback_lose(l, a);
    loopback_hello(l, a);
    loopback_drain(l);
    assert_int_equal(seen.clicks, (int)a->n);
    assert_int_equal(a->unacked.count, 0);
    loopback_free(l);
}

TEST(waiting_events_may_not_fill_memory_with_their_text)
{
    lb_view *a;
    loopback *l = begin(&a);
    text t = { 0 };
    l->hold_runs = true;
    loopback_click(l, a, "plus");
    text_putc(&t, '"');
    for (int i = 0; i < 900000; i++) text_putc(&t, 'x');
    text_putc(&t, '"');
    for (int i = 0; i < 50 && !a->cut; i++) {
        event_trigger(loopback_event(a, false), loopback_id(l, "say"), "submit", t.at);
        loopback_send_last(l, a);
    }
    assert_true(a->cut);
    assert_true(l->s->inbox.count < 12);
    text_done(&t);
    loopback_free(l);
}

/* Events "of" other views, visits that never connect: each would leave a name in memory. */
TEST(names_of_views_that_a_stranger_makes_up_do_not_pile_up)
{
    lb_view *a;
    loopback *l = begin(&a);
    char words[200], name[TOKEN_CHARS + 1];
    for (int i = 0; i < 3 * VIEWS_MAX; i++) {
        snprintf(name, sizeof name, "v%021d", i);
        loopback_step(l, &(message){ .kind = MESSAGE_GET, .view = name, .path = "/", .query = "", .request = ++l->requests });
        loopback_drain(l);
    }
    assert_true(l->s->views.count <= VIEWS_MAX);
    for (int i = 0; i < 3 * VIEWS_MAX && !a->cut; i++) {
        snprintf(words, sizeof words, "{\"n\":1,\"f\":1,\"of\":\"w%021d\",\"x\":[\"%%I\",\"click\",null]}", i);
        forge(l, a, "plus", words);
    }
    assert_true(a->cut);
    assert_true(l->s->views.count <= VIEWS_MAX + 1);
    loopback_lose(l, a);
    loopback_hello(l, a);
    loopback_click(l, a, "plus");              /* its own events are as before */
    assert_int_equal(a->unacked.count, 0);
    loopback_free(l);
}

TEST(numbers_in_a_hello_that_are_none_get_the_whole_page)
{
    static const char *const odd[] = { "-1", "1e300", "4294967295", "4294967296", "-0.5", "\"1\"", "null", "[]", "0.5" };
    lb_view *a;
    loopback *l = begin(&a);
    loopback_click(l, a, "plus");
    for (int i = 0; i < COUNT(odd); i++) {
        char words[300];
        snprintf(words, sizeof words, "{\"view\":\"%s\",\"session\":\"%s\",\"path\":\"/\",\"epoch\":%s,\"frame\":%s,\"n\":%s}", a->token, l->token, odd[i], odd[i], odd[i]);
        cJSON *o = cJSON_Parse(words);
        hello_heard h;
        assert_true(hello_hear(&h, o));
        int wholes = a->wholes;
        loopback_step(l, &(message){ .kind = MESSAGE_HELLO, .view = h.view, .path = h.path, .query = h.query, .epoch = h.epoch, .frame = h.frame });
        loopback_drain(l);
        cJSON_Delete(o);
        assert_int_equal(a->wholes, wholes + 1);
        loopback_same(l);
    }
    loopback_click(l, a, "plus");
    assert_int_equal(seen.clicks, 2);
    loopback_free(l);
}

TEST(a_hello_names_tokens_and_its_address_is_cut_at_a_character)
{
    static const char *const bad[] = { "{}", "{\"view\":5,\"session\":6}", "{\"view\":\"short\",\"session\":\"short\"}", "{\"view\":\"VVVVVVVVVVVVVVVVVVVVV/\",\"session\":\"VVVVVVVVVVVVVVVVVVVVVV\"}",
        "{\"view\":\"VVVVVVVVVVVVVVVVVVVVVV\",\"session\":\"VVVVVVVVVVVVVVVVVVVVVVV\"}", "{\"view\":\"VVVVVVVVVVVVVVVVVVVVVV\"}" };
    hello_heard h;
    for (int i = 0; i < COUNT(bad); i++) {
        cJSON *o = cJSON_Parse(bad[i]);
        assert_false(hello_hear(&h, o));
        cJSON_Delete(o);
    }
    text t = { 0 };
    text_puts(&t, "{\"view\":\"VVVVVVVVVVVVVVVVVVVVVV\",\"session\":\"VVVVVVVVVVVVVVVVVVVVVV\",\"path\":\"/p?");
    for (int i = 0; i < 2000; i++) text_puts(&t, "\xe2\x82\xac");
    text_puts(&t, "\"}");
    cJSON *o = cJSON_ParseWithLength(t.at, t.count);
    assert_true(hello_hear(&h, o));
    assert_string_equal(h.path, "/p");
    assert_true(strlen(h.query) > 900 && utf8_valid(h.query, strlen(h.query)));
    cJSON_Delete(o);
    text_done(&t);
}

/* Text that spells a number C code has no use for. */
static double read_number;
typedef struct numbers { double x; int i; } numbers;
EZ_RECORD(numbers, EZ_FIELD(numbers, x, .range = { 1, 9 }), EZ_FIELD(numbers, i));

static void reads_numbers(ez_ui *ui)
{
    const numbers *in = ez_in(ui, numbers);
    assert_true(isfinite(in->x) && in->x >= 1 && in->x <= 9);
    read_number = in->x;
}

static void number_page(ez_ui *ui)
{
    ez_text_input(ui, "X", .key = "x");
    ez_text_input(ui, "I", .key = "i");
    ez_button(ui, "Go", .key = "go");
    ez_on(ui, "go.click", reads_numbers);
}

TEST(a_function_is_given_no_number_that_is_none)
{
    static const char *const words[] = { "\"nan\"", "\"inf\"", "\"-inf\"", "\"1e999\"", "\"nan(5)\"", "\"0x1p2000\"", "\"\"", "\"5 apples\"" };
    loopback *l = loopback_new(number_page);
    lb_view *a = loopback_open(l, "a");
    for (int i = 0; i < COUNT(words); i++) {
        read_number = 0;
        loopback_set(l, a, "x", words[i]);
        loopback_set(l, a, "i", words[i]);
        loopback_click(l, a, "go");
        assert_true(read_number >= 1);
    }
    loopback_free(l);
}
