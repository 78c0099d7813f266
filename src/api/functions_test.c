/* functions_test.c: records as JSON: what a call may bring, what is told of one that may not, what goes back, and the schemas. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include "base/test.h"
#include <cjson/cJSON.h>
#include <easel/easel.h>
#include <stdio.h>
#include <string.h>

static const char *const colours[] = { "red", "green", NULL };
typedef struct { int times; double part; bool loud; const char *name; char code[4]; const char *colour; long long large; } sample;
EZ_RECORD(sample, EZ_FIELD(sample, times, .range = { 1, 9 }, .value = 2, .label = "Times", .help = "How often"), EZ_FIELD(sample, part), EZ_FIELD(sample, loud, .value = 1),
          EZ_FIELD(sample, name), EZ_FIELD(sample, code, .optional = true), EZ_FIELD(sample, colour, .options = colours, .optional = true), EZ_FIELD(sample, large));
typedef struct { ez_date day; } dated;
EZ_RECORD(dated, EZ_FIELD(dated, day));

/* The status of the problem, 0 when there is none; its words go to `said`. */
static int inputs(const char *body, values *to, char *said, size_t room)
{
    api_problem why = { 0 };
    bool good = api_inputs(&sample_record, body, strlen(body), 7, to, &why);
    snprintf(said, room, "%s", why.detail.at ? why.detail.at : "");
    assert_true(good == !why.status || good);
    int status = good ? 0 : why.status;
    if (!good) {
        text out = { 0 };
        api_problem_write(&why, &out);
        cJSON *o = cJSON_Parse(out.at);
        assert_int_equal(cJSON_GetObjectItem(o, "status")->valueint, status);
        cJSON_Delete(o);
        text_done(&out);
        api_problem_done(&why);
    }
    return status;
}

static double number_of(const values *v, const char *name) { return values_find(v, run_key_id(7, name))->number; }

TEST(inputs_are_where_the_function_looks_for_them)
{
    values v = { 0 };
    char said[500];
    assert_int_equal(inputs(" {\"name\":\"Ada\",\"times\":9,\"loud\":false,\"part\":0.25,\"colour\":\"green\",\"large\":-9007199254740991} ", &v, said, sizeof said), 0);
    assert_string_equal(values_find(&v, run_key_id(7, "name"))->text, "Ada");
    assert_string_equal(values_find(&v, run_key_id(7, "colour"))->text, "green");
    assert_true(number_of(&v, "times") == 9 && number_of(&v, "loud") == 0 && number_of(&v, "part") == 0.25 && number_of(&v, "large") == -9007199254740991.0);
    values_done(&v);
}

TEST(what_is_absent_has_the_fields_own_value)
{
    values v = { 0 };
    char said[500];
    assert_int_equal(inputs("{\"name\":\"\",\"part\":null}", &v, said, sizeof said), 0);
    assert_true(number_of(&v, "times") == 2 && number_of(&v, "loud") == 1 && number_of(&v, "part") == 0);
    assert_string_equal(values_find(&v, run_key_id(7, "code"))->text, "");
    values_done(&v);
}

TEST(what_does_not_fit_is_told_and_nothing_is_cut)
{
    static const struct { const char *body; int status; const char *says; } rows[] = {
        { "", 422, "name is missing; it must be a string" }, { "{\"name\":3}", 422, "name must be a string, and is 3" }, { "{\"name\":null}", 422, "name must be a string" },
        { "{\"name\":\"a\",\"times\":0}", 422, "times must be a whole number from 1 to 9, and is 0" }, { "{\"name\":\"a\",\"times\":2.5}", 422, "whole number" },
        { "{\"name\":\"a\",\"large\":9007199254740993000}", 422, "large must be" }, { "{\"name\":\"a\",\"part\":1e999}", 422, "part must be a number" },
        { "{\"name\":\"a\",\"code\":\"1234\"}", 422, "at most 3 bytes" }, { "{\"name\":\"a\",\"colour\":\"blue\"}", 422, "\"red\" or \"green\", and is \"blue\"" },
        { "{\"name\":\"a\",\"nam\":1,\"times\":10}", 422, "nam is no input; there are: times, part, loud, name, code, colour, large; times must be" },
        { "{\"name\":\"a\"", 400, "cannot be read from byte" }, { "{\"name\":\"a\"}]", 400, "cannot be read" }, { "[]", 400, "send the inputs as members" }, { "\xFF", 400, "byte 0" },
    };
    char said[500];
    for (int i = 0; i < COUNT(rows); i++) {
        values v = { 0 };
        assert_int_equal(inputs(rows[i].body, &v, said, sizeof said), rows[i].status);
        if (!strstr(said, rows[i].says)) fail_msg("%s: %s", rows[i].body, said);
        values_done(&v);
    }
}

TEST(a_function_without_inputs_takes_an_empty_body_and_nothing_else)
{
    values v = { 0 };
    api_problem why = { 0 };
    assert_true(api_inputs(NULL, "", 0, 7, &v, &why));
    assert_true(api_inputs(NULL, "{}", 2, 7, &v, &why));
    assert_false(api_inputs(NULL, "{\"a\":1}", 7, 7, &v, &why));
    assert_int_equal(why.status, 422);
    api_problem_done(&why);
    values_done(&v);
}

TEST(outputs_are_what_was_put_or_zero)
{
    values v = { 0 };
    text out = { 0 };
    value_set_number(values_at(&v, run_key_id(7, "times")), VALUE_NUMBER, 4);
    value_set_text(values_at(&v, run_key_id(7, "name")), VALUE_TEXT, "A \"B\"");
    json j = json_to(&out);
    api_outputs(&j, &sample_record, 7, &v, true);
    assert_string_equal(out.at, "{\"times\":4,\"part\":0,\"loud\":false,\"name\":\"A \\\"B\\\"\",\"code\":\"\",\"colour\":\"\",\"large\":0}");
    text_clear(&out);
    j = json_to(&out);
    api_outputs(&j, &sample_record, 7, &v, false);
    assert_string_equal(out.at, "{\"times\":4,\"name\":\"A \\\"B\\\"\"}");
    text_done(&out);
    values_done(&v);
}

TEST(a_schema_says_what_is_checked)
{
    text out = { 0 };
    json j = json_to(&out);
    api_schema(&j, &sample_record);
    cJSON *o = cJSON_Parse(out.at), *p = cJSON_GetObjectItem(o, "properties"), *times = cJSON_GetObjectItem(p, "times");
    assert_string_equal(cJSON_GetObjectItem(times, "type")->valuestring, "integer");
    assert_true(cJSON_GetObjectItem(times, "minimum")->valuedouble == 1 && cJSON_GetObjectItem(times, "maximum")->valuedouble == 9 && cJSON_GetObjectItem(times, "default")->valuedouble == 2);
    assert_string_equal(cJSON_GetObjectItem(times, "title")->valuestring, "Times");
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(p, "code"), "maxLength")->valueint, 3);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(p, "colour"), "enum")), 2);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(o, "required")), 1);
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(p, "part"), "minimum"));
    cJSON_Delete(o);
    text_done(&out);
}

TEST(what_gradios_clients_read_fits_together)
{
    const api_function all[] = { { "first", "Does it.", &sample_record, &sample_record }, { "second", NULL, NULL, NULL } };
    text config = { 0 }, info = { 0 };
    api_gradio_config(all, COUNT(all), "T", "http://h:1/base", UINT64_MAX, &config);
    api_gradio_info(all, COUNT(all), &info);
    cJSON *c = cJSON_Parse(config.at), *i = cJSON_Parse(info.at), *one, *id;
    int components = cJSON_GetArraySize(cJSON_GetObjectItem(c, "components"));
    assert_int_equal(components, 14);
    assert_true(cJSON_GetObjectItem(c, "app_id")->valuedouble < 9007199254740992.0);
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(c, "dependencies")) {
        cJSON_ArrayForEach(id, cJSON_GetObjectItem(one, "inputs")) assert_in_range(id->valueint, 1, components);
        cJSON_ArrayForEach(id, cJSON_GetObjectItem(one, "outputs")) assert_in_range(id->valueint, 1, components);
    }
    cJSON *parameters = cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetObjectItem(i, "named_endpoints"), "/first"), "parameters");
    assert_int_equal(cJSON_GetArraySize(parameters), 7);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(cJSON_GetArrayItem(parameters, 3), "parameter_has_default")));
    assert_string_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(cJSON_GetArrayItem(parameters, 5), "python_type"), "type")->valuestring, "Literal['red', 'green']");
    assert_non_null(cJSON_GetObjectItem(cJSON_GetObjectItem(i, "named_endpoints"), "/second"));
    cJSON_Delete(c);
    cJSON_Delete(i);
    text_done(&config);
    text_done(&info);
}

TEST(what_json_cannot_carry_is_named)
{
    assert_null(api_cannot_carry(&sample_record));
    assert_null(api_cannot_carry(NULL));
    assert_string_equal(api_cannot_carry(&dated_record), "day");
}
