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
typedef struct { ez_date day; const ez_file *photo; } dated;
EZ_RECORD(dated, EZ_FIELD(dated, day, .optional = true), EZ_FIELD(dated, photo, .help = "To look at"));
typedef struct { int count; } counted;
EZ_RECORD(counted, EZ_FIELD(counted, count));

/* The status of the problem, 0 when there is none; its words go to `said`. */
static int inputs(const char *body, values *to, char *said, size_t room)
{
    api_problem why = { 0 };
    bool good = api_inputs(&sample_record, body, strlen(body), 7, NULL, to, &why);
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
    assert_true(api_inputs(NULL, "", 0, 7, NULL, &v, &why));
    assert_true(api_inputs(NULL, "{}", 2, 7, NULL, &v, &why));
    assert_false(api_inputs(NULL, "{\"a\":1}", 7, 7, NULL, &v, &why));
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
    api_outputs(&j, &sample_record, 7, &v, true, NULL);
    assert_string_equal(out.at, "{\"times\":4,\"part\":0,\"loud\":false,\"name\":\"A \\\"B\\\"\",\"code\":\"\",\"colour\":\"\",\"large\":0}");
    text_clear(&out);
    j = json_to(&out);
    api_outputs(&j, &sample_record, 7, &v, false, NULL);
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
    const api_function all[] = { { .name = "first", .help = "Does it.", .in = &sample_record, .out = &sample_record }, { .name = "second" } };
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

/* "[1,2]": the numbers of a list. */
static char *numbers_of(const cJSON *o, const char *name) { return cJSON_PrintUnformatted(cJSON_GetObjectItem(o, name)); }

TEST(gradios_clients_see_a_state_as_the_last_input_and_output_and_how_large_a_batch_is)
{
    const api_function all[] = { { .name = "plain", .out = &counted_record }, { .name = "keeps", .in = &counted_record, .out = &counted_record, .keeps = true }, { .name = "batch", .batch_size = 4 } };
    text config = { 0 };
    api_gradio_config(all, COUNT(all), "T", "http://h:1", 1, &config);
    cJSON *c = cJSON_Parse(config.at), *dependencies = cJSON_GetObjectItem(c, "dependencies"), *kept = cJSON_GetArrayItem(cJSON_GetObjectItem(c, "components"), 3);
    static const char *const expected[][2] = { { "[]", "[1]" }, { "[2,4]", "[3,4]" }, { "[]", "[]" } };
    for (int i = 0; i < COUNT(expected); i++) {
        char *in = numbers_of(cJSON_GetArrayItem(dependencies, i), "inputs"), *out = numbers_of(cJSON_GetArrayItem(dependencies, i), "outputs");
        assert_string_equal(in, expected[i][0]);
        assert_string_equal(out, expected[i][1]);
        cJSON_free(in), cJSON_free(out);
    }
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(c, "connect_heartbeat")));
    assert_string_equal(cJSON_GetObjectItem(kept, "type")->valuestring, "state");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(kept, "skip_api")));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetArrayItem(dependencies, 2), "batch")));
    assert_int_equal(cJSON_GetObjectItem(cJSON_GetArrayItem(dependencies, 2), "max_batch_size")->valueint, 4);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(cJSON_GetArrayItem(dependencies, 1), "batch")));
    cJSON_Delete(c);
    text_done(&config);
}

/* What is wrong with this body; "" when nothing is, and then *id is the photo's. */
static char *reads_file(const char *body, const api_files *all, char id[64])
{
    api_problem why = { 0 };
    values v = { 0 };
    char *said = mem_text("");
    if (api_inputs(&dated_record, body, strlen(body), 7, all, &v, &why)) {
        snprintf(id, 64, "%s", values_find(&v, run_key_id(7, "photo"))->text);
    } else {
        mem_free(said);
        said = mem_text(why.detail.at);
    }
    api_problem_done(&why);
    values_done(&v);
    return said;
}

static void reads_as(const char *body, const api_files *all, const char *expected)
{
    char id[64], *said = reads_file(body, all, id);
    if (strncmp(said, expected, strlen(expected)) || (!*expected && *said)) fail_msg("%s: %s, not %s", body, said, expected);
    mem_free(said);
}

TEST(dates_are_strings_and_files_are_objects_with_a_path)
{
    char id[FILE_ID_CHARS + 1], body[200], taken[64], *said;
    api_files all = { files_open(NULL, NULL), "AAAAAAAAAAA", "http://here/" };
    assert_true(files_put(all.at, "AAAAAAAAAAA", "cat.png", "meow", 4, id));
    snprintf(body, sizeof body, "{\"day\":\"2026-11-21\",\"photo\":{\"path\":\"%s/cat.png\",\"meta\":{\"_type\":\"gradio.FileData\"}}}", id);
    said = reads_file(body, &all, taken);
    assert_string_equal(said, "");
    assert_string_equal(taken, id);
    mem_free(said);
    said = reads_file("{\"photo\":\"data:image/png;base64,aGVsbG8=\"}", &all, taken);
    assert_string_equal(said, "");
    mem_free(said);
    arena *a = arena_new();
    const ez_file *made = files_find(all.at, a, taken);
    assert_string_equal(made->name, "photo.png");
    assert_int_equal(made->size, 5);
    value v = { .kind = VALUE_TEXT, .text = id };
    text out = { 0 };
    json j = json_to(&out);
    api_output(&j, record_field(&dated_record, 1), &v, &all);
    assert_non_null(strstr(out.at, "\"orig_name\":\"cat.png\",\"mime_type\":\"image/png\",\"size\":4"));
    assert_non_null(strstr(out.at, "\"url\":\"http://here/_easel/f/"));
    text_done(&out);
    arena_free(a);
    reads_as("{}", &all, "photo is missing");
    reads_as("{\"photo\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", &all, "photo must be a file that was uploaded");
    reads_as("{\"photo\":\"/etc/passwd\"}", &all, "photo must be a file that was uploaded");
    reads_as("{\"photo\":{\"path\":\"../../etc/passwd\"}}", &all, "photo must be a file that was uploaded");
    reads_as("{\"photo\":{\"path\":\"http://127.0.0.1/secret\"}}", &all, "photo must be a file that was uploaded");
    reads_as("{\"photo\":\"data:image/png;base64,%%%\"}", &all, "photo must be a file that was uploaded");
    reads_as("{\"photo\":\"data:,x\"}", &all, "photo must be a file that was uploaded");
    reads_as("{\"photo\":5}", &all, "photo must be a file that was uploaded");
    files_close(all.at);
    snprintf(body, sizeof body, "{\"day\":\"21.11.2026\",\"photo\":\"%s\"}", id);
    all.at = NULL;
    reads_as(body, &all, "day must be a date as \"2026-11-21\", and is \"21.11.2026\"; photo must be");
}
