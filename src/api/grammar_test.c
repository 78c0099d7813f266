/* grammar_test.c: which texts a schema's grammar lets a model say, and which schemas are refused. The grammar is read here by a recogniser of a few lines. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar.h"
#include "base/test.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a recogniser: a set of places in a text of less than 64 letters, as bits, becomes the set of places behind what matched ------------ */

typedef struct reader { const char *rules, *text; int depth; } reader;

static uint64_t alternatives(reader *r, const char **g, uint64_t from);

static const char *blanks(const char *g)
{
    return g + strspn(g, " \t");
}

static int letter(const char **g)
{
    const char *s = *g;
    if (*s != '\\') return *g = s + 1, (unsigned char)*s;
    if (s[1] == 'x') {
        char two[3] = { s[2], s[3], 0 };
        *g = s + 4;
        return (int)strtol(two, NULL, 16);
    }
    *g = s + 2;
    return s[1] == 'n' ? '\n' : s[1] == 't' ? '\t' : s[1] == 'r' ? '\r' : s[1];
}

static uint64_t where(const reader *r, uint64_t from, const bool in[256])
{
    uint64_t to = 0;
    for (int i = 0; r->text[i]; i++)
        if ((from >> i & 1) && in[(unsigned char)r->text[i]]) to |= 1ull << (i + 1);
    return to;
}

static uint64_t class_of(reader *r, const char **g, uint64_t from)
{
    bool in[256] = { false }, not = *++*g == '^';
    *g += not;
    while (**g != ']') {
        int low = letter(g), high = low;
        if (**g == '-' && (*g)[1] != ']') ++*g, high = letter(g);
        for (int c = low; c <= high && c < 256; c++) in[c] = true;
    }
    ++*g;
    for (int c = 0; c < 256; c++) in[c] = in[c] != not;
    return where(r, from, in);
}

static uint64_t rule(reader *r, const char *name, size_t count, uint64_t from)
{
    if (!from) return 0;
    for (const char *line = r->rules; line && *line; line = strchr(line, '\n') + 1) {
        if (strncmp(line, name, count) || strncmp(line + count, " ::= ", 5)) continue;
        const char *g = line + count + 5;
        assert_true(++r->depth < 2000);
        from = alternatives(r, &g, from);
        r->depth--;
        assert_int_equal(*g, '\n');
        return from;
    }
    fail_msg("there is no rule %.*s", (int)count, name);
    return 0;
}

static uint64_t item(reader *r, const char **g, uint64_t from)
{
    if (**g == '[') return class_of(r, g, from);
    if (**g == '(') {
        ++*g;
        from = alternatives(r, g, from);
        assert_int_equal(**g, ')');
        ++*g;
        return from;
    }
    if (**g == '"') {
        for (++*g; **g != '"';) {
            bool in[256] = { false };
            in[letter(g)] = true;
            from = where(r, from, in);
        }
        ++*g;
        return from;
    }
    size_t count = strspn(*g, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
    assert_true(count > 0);
    *g += count;
    return rule(r, *g - count, count, from);
}

static uint64_t repeated(reader *r, const char **g, uint64_t from)
{
    const char *is = *g, *end = *g;
    int least = 1, most = 1;
    item(r, &end, 0);
    if (*end == '*' || *end == '+' || *end == '?') {
        least = *end == '+';
        most = *end++ == '?' ? 1 : 64;
    } else if (*end == '{') {
        least = most = (int)strtol(end + 1, (char **)&end, 10);
        if (*end == ',') most = end[1] == '}' ? (end++, 2000) : (int)strtol(end + 1, (char **)&end, 10);
        assert_int_equal(*end++, '}');
    }
    uint64_t to = least ? 0 : from;
    for (int i = 1; i <= most && from; i++) {
        const char *again = is;
        from = item(r, &again, from);
        if (i >= least) to |= from;
    }
    *g = end;
    return to;
}

static uint64_t alternatives(reader *r, const char **g, uint64_t from)
{
    uint64_t all = 0, one = from;
    for (*g = blanks(*g);; *g = blanks(*g)) {
        if (**g && !strchr("|)\n", **g)) {
            one = repeated(r, g, one);
            continue;
        }
        all |= one;
        one = from;
        if (**g != '|') return all;
        ++*g;
    }
}

static bool says(const char *rules, const char *words)
{
    reader r = { rules, words, 0 };
    assert_true(strlen(words) < 63);
    return rule(&r, "root", 4, 1) >> strlen(words) & 1;
}

static void check(const char *schema, const char *const *good, const char *const *bad)
{
    api_grammar g = { 0 };
    ez_err err = { 0 };
    cJSON *s = cJSON_Parse(schema);
    assert_non_null(s);
    if (!api_grammar_schema(&g, "root", s, &err)) fail_msg("%s: %s", schema, err.text);
    for (; *good; good++)
        if (!says(g.rules.at, *good)) fail_msg("%s does not let say %s; the grammar is\n%s", schema, *good, g.rules.at);
    for (; *bad; bad++)
        if (says(g.rules.at, *bad)) fail_msg("%s lets say %s; the grammar is\n%s", schema, *bad, g.rules.at);
    text_done(&g.rules);
    cJSON_Delete(s);
}

#define LIST_OF(...) (const char *const[]){ __VA_ARGS__, NULL }
#define SAYS(schema, good, bad) check(schema, good, bad)

/* ---- what may be said ------------------------------------------------------------------------------------------------------------------- */

TEST(a_type_is_all_of_its_values)
{
    SAYS("{}", LIST_OF("1", "\"a\"", "{\"a\": [1, null]}", "[]"), LIST_OF("", "a", "01", "{a:1}"));
    SAYS("true", LIST_OF("1"), LIST_OF(""));
    SAYS("{\"type\":\"object\"}", LIST_OF("{}", "{ }", "{\"a\":1,\"b\":{}}", "{\n  \"a\": 1\n}"), LIST_OF("1", "[]", "{,}", "{\"a\":1,}"));
    SAYS("{\"type\":\"array\"}", LIST_OF("[]", "[1,\"a\", {}]"), LIST_OF("{}", "[1,]"));
    SAYS("{\"type\":\"string\"}", LIST_OF("\"\"", "\"a\\n\\\"\"", "\"\\u00e9\"", "\"\\uD7ff\""), LIST_OF("\"a\nb\"", "\"\\x\"", "\"\\ud800\"", "a"));
    SAYS("{\"type\":\"integer\"}", LIST_OF("0", "-7", "123456789"), LIST_OF("1.5", "01", "-0", "1e3"));
    SAYS("{\"type\":\"number\"}", LIST_OF("0", "-7.25", "1e3", "2.5E-2"), LIST_OF(".5", "1.", "1e999", "nan"));
    SAYS("{\"type\":\"boolean\"}", LIST_OF("true", "false"), LIST_OF("null", "1"));
    SAYS("{\"type\":[\"string\",\"null\"],\"maxLength\":2}", LIST_OF("null", "\"ab\""), LIST_OF("\"abc\"", "1"));
}

TEST(constants_and_lists_of_values_are_those_and_of_the_type)
{
    SAYS("{\"enum\":[\"red\",\"a\\\"b\\\\\",3,null,{\"x\":[1]}]}", LIST_OF("\"red\"", "\"a\\\"b\\\\\"", "3", "null", "{\"x\":[1]}"), LIST_OF("red", "\"blue\"", "4"));
    SAYS("{\"type\":\"string\",\"enum\":[\"a\",1]}", LIST_OF("\"a\""), LIST_OF("1"));
    SAYS("{\"const\":null}", LIST_OF("null"), LIST_OF("1"));
    SAYS("{\"const\":\"a\",\"enum\":[\"a\",\"b\"]}", LIST_OF("\"a\""), LIST_OF("\"b\""));
}

TEST(members_come_in_their_order_and_may_be_left_out_unless_they_are_required)
{
    SAYS("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"},\"c\":{\"type\":\"integer\"}},\"required\":[\"b\"],\"additionalProperties\":false}",
         LIST_OF("{\"b\":1}", "{\"a\":1, \"b\":2}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":2,\"c\":3}", "{\n \"b\": 2\n}"),
         LIST_OF("{}", "{\"a\":1}", "{\"a\":1,\"c\":3}", "{\"b\":1,}", "{,\"b\":1}", "{\"b\":1,\"x\":2}", "{\"b\":1 \"c\":2}", "{\"b\":\"1\"}"));
    SAYS("{\"type\":\"object\",\"properties\":{\"a\":{},\"b\":{}}}", LIST_OF("{}", "{\"a\":1}", "{\"b\":1}", "{\"a\":1,\"b\":2}"), LIST_OF("{\"b\":1,\"a\":1}", "{\"c\":1}"));
    SAYS("{\"properties\":{\"a\":{\"type\":\"null\"},\"no\":false},\"required\":[\"a\",\"z\"]}", LIST_OF("{\"a\":null,\"z\":[]}"), LIST_OF("{\"a\":null}", "{\"no\":1,\"a\":null,\"z\":1}"));
    SAYS("{\"type\":\"object\",\"additionalProperties\":{\"type\":\"integer\"}}", LIST_OF("{}", "{\"x\":1,\"y\": 2}"), LIST_OF("{\"x\":\"1\"}"));
    SAYS("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}", LIST_OF("{}"), LIST_OF("{\"x\":1}"));
    SAYS("{\"type\":\"object\",\"properties\":{\"a \\\"b\\\\ü\":{\"type\":\"null\"}},\"required\":[\"a \\\"b\\\\ü\"]}", LIST_OF("{\"a \\\"b\\\\ü\": null}"), LIST_OF("{\"a\":null}"));
}

TEST(lists_have_their_items_and_lengths)
{
    SAYS("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":2,\"maxItems\":3}", LIST_OF("[1,2]", "[1, 2, 3]"), LIST_OF("[]", "[1]", "[1,2,3,4]", "[\"a\",\"b\"]"));
    SAYS("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1}", LIST_OF("[1]", "[1,2,3,4,5]"), LIST_OF("[]"));
    SAYS("{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"maxItems\":1}", LIST_OF("[]", "[1]"), LIST_OF("[1,2]"));
    SAYS("{\"type\":\"array\",\"maxItems\":0}", LIST_OF("[]"), LIST_OF("[1]"));
    SAYS("{\"type\":\"array\",\"items\":false}", LIST_OF("[]"), LIST_OF("[1]"));
    SAYS("{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"},{\"type\":\"null\"}],\"minItems\":2,\"maxItems\":2}", LIST_OF("[1,null]"), LIST_OF("[1]", "[null,1]", "[1,null,2]"));
}

TEST(strings_have_their_lengths_and_formats)
{
    SAYS("{\"type\":\"string\",\"minLength\":2,\"maxLength\":3}", LIST_OF("\"ab\"", "\"a\\u0041c\""), LIST_OF("\"a\"", "\"abcd\""));
    SAYS("{\"type\":\"string\",\"minLength\":2}", LIST_OF("\"ab\"", "\"abcdef\""), LIST_OF("\"a\""));
    SAYS("{\"type\":\"string\",\"format\":\"date\"}", LIST_OF("\"2024-02-28\"", "\"1999-12-31\"", "\"2000-10-01\"", "\"2000-11-30\""), LIST_OF("\"2024-02-30\"", "\"2024-04-31\"", "\"2024-13-01\"", "\"2024-1-1\""));
    SAYS("{\"type\":\"string\",\"format\":\"date-time\"}", LIST_OF("\"2024-02-28T23:59:59Z\"", "\"2024-02-28T00:00:00.5+02:00\""), LIST_OF("\"2024-02-28\"", "\"2024-02-28T24:00:00Z\""));
    SAYS("{\"type\":\"string\",\"format\":\"uuid\"}", LIST_OF("\"123e4567-e89b-12d3-a456-426614174000\""), LIST_OF("\"123e4567\""));
}

TEST(numbers_stay_within_their_bounds)
{
    SAYS("{\"type\":\"integer\",\"minimum\":1,\"maximum\":10}", LIST_OF("1", "9", "10"), LIST_OF("0", "11", "-1", "1.5"));
    SAYS("{\"type\":\"integer\",\"exclusiveMinimum\":0}", LIST_OF("1", "987654321"), LIST_OF("0", "-1", "00"));
    SAYS("{\"type\":\"integer\",\"minimum\":-20,\"maximum\":-3}", LIST_OF("-3", "-9", "-10", "-20"), LIST_OF("-2", "-21", "0", "3", "-0"));
    SAYS("{\"type\":\"number\",\"minimum\":0,\"maximum\":1}", LIST_OF("0", "1", "0.5", "0.001"), LIST_OF("1.5", "-0.5", "2", "1e3"));
    SAYS("{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1}", LIST_OF("0.5"), LIST_OF("0", "1", "0.0", "1.0"));
    SAYS("{\"type\":\"number\",\"minimum\":-1.5,\"maximum\":2.5}", LIST_OF("-1", "0", "2", "1.75", "-0.5"), LIST_OF("-1.75", "2.75", "3", "-2"));
    char schema[100], at[32];
    int spans[][2] = { { 0, 0 }, { 7, 123 }, { 99, 1001 }, { 20, 29 }, { 15, 1987 }, { -37, 42 } };
    for (int s = 0; s < COUNT(spans); s++) {
        snprintf(schema, sizeof schema, "{\"type\":\"integer\",\"minimum\":%d,\"maximum\":%d}", spans[s][0], spans[s][1]);
        api_grammar g = { 0 };
        cJSON *is = cJSON_Parse(schema);
        assert_true(api_grammar_schema(&g, "root", is, NULL));
        for (int i = -2100; i < 2100; i++) {
            snprintf(at, sizeof at, "%d", i);
            if (says(g.rules.at, at) != (i >= spans[s][0] && i <= spans[s][1])) fail_msg("%s and %d:\n%s", schema, i, g.rules.at);
        }
        text_done(&g.rules);
        cJSON_Delete(is);
    }
}

TEST(alternatives_are_those_of_one_of_them)
{
    SAYS("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}", LIST_OF("1", "null"), LIST_OF("\"a\""));
    SAYS("{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}", LIST_OF("1", "\"a\""), LIST_OF("null"));
    SAYS("{\"oneOf\":[{\"$ref\":\"#/$defs/cat\"},{\"$ref\":\"#/$defs/dog\"}],\"discriminator\":{\"propertyName\":\"is\"},\"$defs\":{"
         "\"cat\":{\"type\":\"object\",\"properties\":{\"is\":{\"const\":\"cat\"},\"n\":{\"type\":\"null\"}},\"required\":[\"is\",\"n\"]},"
         "\"dog\":{\"type\":\"object\",\"properties\":{\"is\":{\"enum\":[\"dog\",\"hound\"]}},\"required\":[\"is\"]}}}",
         LIST_OF("{\"is\":\"cat\",\"n\":null}", "{\"is\":\"hound\"}"), LIST_OF("{\"is\":\"cat\"}", "{}"));
    SAYS("{\"allOf\":[{\"type\":\"null\"}],\"description\":\"as older generators say it\"}", LIST_OF("null"), LIST_OF("1"));
}

TEST(references_lead_anywhere_in_the_schema_and_may_be_recursive)
{
    SAYS("{\"$ref\":\"#/$defs/a~1b%20c\",\"$defs\":{\"a/b c\":{\"type\":\"null\"}}}", LIST_OF("null"), LIST_OF("1"));
    SAYS("{\"type\":\"object\",\"properties\":{\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"]}",
         LIST_OF("{\"v\":1,\"next\":null}", "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}"), LIST_OF("{\"v\":1}", "{\"v\":1,\"next\":{}}"));
    SAYS("{\"$ref\":\"#/definitions/tree\",\"definitions\":{\"tree\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/definitions/tree\"}}}}", LIST_OF("[]", "[[],[[]]]"), LIST_OF("[1]"));
    SAYS("{\"type\":[\"object\",\"null\"],\"properties\":{\"in\":{\"$ref\":\"#\"}},\"required\":[\"in\"]}", LIST_OF("null", "{\"in\":{\"in\":null}}"), LIST_OF("{}"));
}

/* ---- what is refused -------------------------------------------------------------------------------------------------------------------- */

TEST(what_a_grammar_cannot_keep_is_refused_by_name_and_place)
{
    static const struct { const char *schema, *words; } rows[] = {
        { "{\"type\":\"object\",\"properties\":{\"zip\":{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}}}", "/properties/zip/pattern is a keyword that is not supported" },
        { "{\"type\":\"integer\",\"multipleOf\":3}", "/multipleOf is a keyword that is not supported" },
        { "{\"not\":{}}", "/not is a keyword" },
        { "{\"type\":\"array\",\"uniqueItems\":true}", "/uniqueItems cannot be kept" },
        { "{\"type\":\"string\",\"format\":\"email\"}", "/format is email; supported are date, time" },
        { "{\"anyOf\":[{}],\"type\":\"object\"}", "beside anyOf is not supported" },
        { "{\"allOf\":[{},{}]}", "/allOf of other than one" },
        { "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]}", "/oneOf has alternatives that may hold together" },
        { "{\"$ref\":\"other.json\"}", "/$ref is other.json, which is not in this schema" },
        { "{\"$ref\":\"#/$defs/none\"}", "/$ref is #/$defs/none, which is not" },
        { "{\"$ref\":\"#\"}", "leads back to itself" },
        { "{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"x\":{\"$ref\":\"#/$defs/b\"}}},{\"$ref\":\"#/$defs/b\"}],\"$defs\":{\"b\":{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]}}}", "leads back to itself" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}", "must hold itself" },
        { "{\"type\":\"wizard\"}", "/type is wizard, which is no type" },
        { "{\"type\":\"string\",\"minLength\":5000}", "/minLength is more than 1900" },
        { "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", "/minLength is more than maxLength" },
        { "{\"type\":\"string\",\"enum\":[1,2]}", "/enum leaves no value" },
        { "{\"type\":\"number\",\"minimum\":0.2,\"maximum\":0.9}", "leaves no number" },
        { "{\"type\":\"integer\",\"minimum\":5,\"maximum\":4}", "leaves no number" },
        { "{\"type\":\"object\",\"required\":[\"a\"],\"additionalProperties\":false}", "/required wants a, which is no property" },
        { "false", "allows nothing" },
        { "[]", "is no schema" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"if\":{}}}}}", "/properties/a/items/if is a keyword" },
        { "{\"$ref\":\"#/$defs/d\",\"$defs\":{\"d\":{\"minProperties\":1}}}", "/$defs/d/minProperties" },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        api_grammar g = { 0 };
        ez_err err = { 0 };
        cJSON *s = cJSON_Parse(rows[i].schema);
        assert_non_null(s);
        if (api_grammar_schema(&g, "root", s, &err)) fail_msg("%s is not refused", rows[i].schema);
        if (!strstr(err.text, rows[i].words)) fail_msg("%s: %s", rows[i].schema, err.text);
        text_done(&g.rules);
        cJSON_Delete(s);
    }
}

TEST(a_schema_that_grows_without_measure_is_refused)
{
    text deep = { 0 }, wide = { 0 }, many = { 0 }, tangle = { 0 };
    for (int i = 0; i < 200; i++) text_puts(&deep, "{\"type\":\"array\",\"items\":");
    text_puts(&deep, "{}");
    for (int i = 0; i < 200; i++) text_putc(&deep, '}');
    text_puts(&wide, "{\"anyOf\":[");
    for (int i = 0; i < 100; i++) text_printf(&wide, "%s{\"type\":\"string\",\"maxLength\":1900}", i ? "," : "");
    text_puts(&wide, "]}");
    text_puts(&many, "{\"oneOf\":[");
    for (int i = 0; i < 4500; i++) text_printf(&many, "%s{\"const\":%d}", i ? "," : "", i);
    text_puts(&many, "]}");
    /* Each of 40 members leads to all 40 again, and each may tell the two alternatives apart. */
    text_puts(&tangle, "{\"oneOf\":[{\"$ref\":\"#/$defs/a\"},{\"$ref\":\"#/$defs/a\"}],\"$defs\":{\"a\":{\"type\":\"object\",\"properties\":{");
    for (int i = 0; i < 40; i++) text_printf(&tangle, "%s\"p%d\":{\"$ref\":\"#/$defs/a\"}", i ? "," : "", i);
    text_puts(&tangle, "},\"required\":[");
    for (int i = 0; i < 40; i++) text_printf(&tangle, "%s\"p%d\"", i ? "," : "", i);
    text_puts(&tangle, "]}}}");
    text *all[] = { &deep, &wide, &many, &tangle };
    for (int i = 0; i < COUNT(all); i++) {
        api_grammar g = { 0 };
        ez_err err = { 0 };
        cJSON *s = cJSON_Parse(all[i]->at);
        assert_non_null(s);
        assert_false(api_grammar_schema(&g, "root", s, &err));
        assert_non_null(strstr(err.text, i ? "too large" : "nested more than"));
        text_done(&g.rules);
        cJSON_Delete(s);
        text_done(all[i]);
    }
}

TEST(alternatives_within_alternatives_are_not_multiplied_without_end)
{
    text words = { 0 };
    text_puts(&words, "{\"$ref\":\"#/$defs/a0\",\"$defs\":{");
    for (int i = 0; i < 20; i++) text_printf(&words, "\"a%d\":{\"anyOf\":[{\"$ref\":\"#/$defs/a%d\"},{\"$ref\":\"#/$defs/a%d\"}]},", i, i + 1, i + 1);
    text_puts(&words, "\"a20\":{\"type\":\"null\"}}}");
    api_grammar g = { 0 };
    ez_err err = { 0 };
    cJSON *s = cJSON_Parse(words.at);
    assert_non_null(s);
    assert_false(api_grammar_schema(&g, "root", s, &err));
    assert_non_null(strstr(err.text, "too many ways"));
    text_done(&g.rules);
    cJSON_Delete(s);
    text_done(&words);
}

TEST(a_stranger_s_grammar_has_a_size_a_depth_and_a_number_of_repetitions)
{
    ez_err err = { 0 };
    assert_true(api_grammar_bearable("root ::= (\"a{9999}(\" | [({\\]] | b{1,9})* # ((({9999999}\nb ::= \"x\"", &err));
    assert_false(api_grammar_bearable("root ::= \"a\"{0,99999}", &err));
    assert_non_null(strstr(err.text, "repeats too much"));
    assert_false(api_grammar_bearable("root ::= \"a\"{2,1}", &err));
    assert_non_null(strstr(err.text, "less often"));
    text many = { 0 };
    for (int i = 0; i < 60; i++) text_puts(&many, "(");
    assert_false(api_grammar_bearable(many.at, &err));
    assert_non_null(strstr(err.text, "nested"));
    text_clear(&many);
    text_puts(&many, "root ::= \"");
    for (int i = 0; i < 3000; i++) text_putc(&many, 'a');
    text_puts(&many, "\" {1900}");
    assert_false(api_grammar_bearable(many.at, &err));                       /* each repetition of a text is all of its letters */
    for (int i = 0; i < 70000; i++) text_putc(&many, ' ');
    assert_false(api_grammar_bearable(many.at, &err));
    assert_non_null(strstr(err.text, "bytes"));
    text_done(&many);
}
