/* templates_test.c: places in texts and addresses, what fills them and what they take, and how values may go on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include "base/test.h"
#include <easel/easel.h>
#include <string.h>

static const char *const readers[] = { "a child", "a Chemist", "a cook", NULL };
typedef struct { const char *topic, *reader; int words; double part; bool brief; ez_date day; } explain;
EZ_RECORD(explain, EZ_FIELD(explain, topic), EZ_FIELD(explain, reader, .options = readers), EZ_FIELD(explain, words, .value = 100), EZ_FIELD(explain, part), EZ_FIELD(explain, brief),
          EZ_FIELD(explain, day, .optional = true));

static void filled(const char *pattern, const char *arguments, const char *expected)
{
    values given = { 0 };
    api_problem why = { 0 };
    text out = { 0 };
    assert_true(api_inputs(&explain_record, arguments, strlen(arguments), 3, NULL, &given, &why));
    api_fill(pattern, 3, &given, &out);
    assert_string_equal(out.at ? out.at : "", expected);
    text_done(&out);
    values_done(&given);
}

TEST(a_text_is_filled_with_the_words_of_each_field)
{
    static const char ada[] = "{\"topic\":\"salt {reader}\",\"reader\":\"a cook\",\"words\":20,\"part\":0.5,\"brief\":true,\"day\":\"2026-11-21\"}";
    filled("Explain {topic} to {reader}.", ada, "Explain salt {reader} to a cook.");
    filled("{words}{part} {brief}, {day}", ada, "200.5 true, 2026-11-21");
    filled("{topic}", "{\"topic\":\"\",\"reader\":\"a cook\"}", "");
    filled("in {words} words", "{\"topic\":\"x\",\"reader\":\"a cook\"}", "in 100 words");
    filled("{} {9} {a-b} {{topic}} {\"topic\": 1} { topic } {topic", ada, "{} {9} {a-b} {salt {reader}} {\"topic\": 1} { topic } {topic");
    filled("{nothing}", ada, "{nothing}");
}

/* expected: the inputs as JSON; NULL: the address is none of these */
static void matched(const char *pattern, const char *address, const char *expected)
{
    text out = { 0 };
    bool good = api_match(pattern, address, &explain_record, &out);
    if (good != (expected != NULL) || (expected && strcmp(out.at, expected))) fail_msg("%s of %s: %s %s", address, pattern, good ? "is" : "is none", out.at);
    text_done(&out);
}

TEST(an_address_says_its_inputs)
{
    matched("note://today", "note://today", "{}");
    matched("note://today", "note://today/", NULL);
    matched("note://{topic}", "note://salt", "{\"topic\":\"salt\"}");
    matched("note://{topic}", "note://", NULL);
    matched("note://{topic}", "note://salt/water", NULL);
    matched("note://{topic}/data", "note://123/data", "{\"topic\":\"123\"}");
    matched("note://{words}/{topic}", "note://12/salt", "{\"words\":12,\"topic\":\"salt\"}");
    matched("file:{topic}.csv", "file:a.b.csv", "{\"topic\":\"a.b\"}");
    matched("file:{topic}.csv", "file:.csv", NULL);
    matched("x:{topic}-{reader}!", "x:a-b-c!", "{\"topic\":\"a\",\"reader\":\"b-c\"}");
    matched("x:{topic}", "x:a%20b%2Fc%C3%A9", "{\"topic\":\"a b/c\xC3\xA9\"}");
    matched("x:{topic}", "x:a%0", NULL);
    matched("x:{topic}", "x:a%00", NULL);
    matched("x:{topic}", "x:a%FF", NULL);
    matched("x:{topic}", "x:a%zz", NULL);
    matched("x:{topic}", "y:a", NULL);
}

static void member(const char *name, const char *said, const char *expected)
{
    text out = { 0 };
    json j = json_to(&out);
    json_object(&j);
    api_member(&j, record_named(&explain_record, name), "v", said);
    json_object_end(&j);
    assert_string_equal(out.at, expected);
    text_done(&out);
}

TEST(a_text_becomes_what_its_field_is)
{
    member("words", "12", "{\"v\":12}");
    member("words", "+5", "{\"v\":5}");
    member("part", "-1.5e3", "{\"v\":-1500}");
    member("part", "1e999", "{\"v\":\"1e999\"}");
    member("words", "1-2", "{\"v\":\"1-2\"}");
    member("words", "", "{\"v\":\"\"}");
    member("brief", "true", "{\"v\":true}");
    member("brief", "yes", "{\"v\":\"yes\"}");
    member("topic", "12", "{\"v\":\"12\"}");
    member("nothing", "true", "{\"v\":\"true\"}");
}

static void completed(const char *name, const char *begun, const char *expected)
{
    text out = { 0 };
    json j = json_to(&out);
    api_complete(&j, record_named(&explain_record, name), begun);
    assert_string_equal(out.at, expected);
    text_done(&out);
}

TEST(what_begins_so_may_go_on_so)
{
    completed("reader", "", "{\"values\":[\"a child\",\"a Chemist\",\"a cook\"],\"total\":3,\"hasMore\":false}");
    completed("reader", "A CH", "{\"values\":[\"a child\",\"a Chemist\"],\"total\":2,\"hasMore\":false}");
    completed("reader", "x", "{\"values\":[],\"total\":0,\"hasMore\":false}");
    completed("brief", "t", "{\"values\":[\"true\"],\"total\":1,\"hasMore\":false}");
    completed("topic", "s", "{\"values\":[],\"total\":0,\"hasMore\":false}");
    completed("nothing", "s", "{\"values\":[],\"total\":0,\"hasMore\":false}");
}
