/* tensor_test.c: tensors in JSON, as the Open Inference Protocol has them: what goes out, what comes in, and what is said of everything else. Binary form: tensor_binary_test.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/tensor.h"
#include <math.h>
#include <string.h>

/* ---- out ------------------------------------------------------------------------------------------------------------------------------ */

static void writes(const ez_tensor *in, int count, const ez_tensor *out, int out_count, const char *json)
{
    text t = { 0 };
    ez_err err = { 0 };
    size_t bytes;
    if (!tensor_write(&(tensor_question){ .in = in, .in_count = count, .out = out, .out_count = out_count }, &t, &bytes, &err)) fail_msg("%s", err.text);
    assert_int_equal(bytes, t.count);
    assert_string_equal(t.at, json);
    text_done(&t);
}

static void does_not_write(ez_tensor in, const char *why)
{
    text t = { 0 };
    ez_err err = { 0 };
    assert_false(tensor_write(&(tensor_question){ .in = &in, .in_count = 1 }, &t, &(size_t){ 0 }, &err));
    assert_string_equal(err.text, why);
    text_done(&t);
}

TEST(every_type_goes_out_as_its_numbers_are)
{
    const bool bools[] = { true, false };
    const uint8_t bytes[] = { 0, 255 };
    const uint16_t shorts[] = { 65535 };
    const uint32_t words[] = { 4294967295u };
    const uint64_t longs[] = { 18446744073709551615u };
    const int8_t small[] = { -128, 127 };
    const int16_t middle[] = { -32768 };
    const int32_t whole[] = { INT32_MIN };
    const int64_t large[] = { INT64_MIN, 9007199254740993 };
    const float real[] = { 0.1f, -3, 16777216, 1e-30f, 3.4028235e38f };
    const double doubles[] = { 0.1, 1e300 };
    const char *const strings[] = { "für \"dich\"", "" };
    const ez_tensor all[] = {
        { .name = "a", .type = EZ_BOOL, .shape = { 2 }, .data = bools }, { .name = "b", .type = EZ_UINT8, .shape = { 1, 2 }, .data = bytes },
        { .name = "c", .type = EZ_UINT16, .shape = { 1 }, .data = shorts }, { .name = "d", .type = EZ_UINT32, .shape = { 1 }, .data = words },
        { .name = "e", .type = EZ_UINT64, .shape = { 1 }, .data = longs }, { .name = "f", .type = EZ_INT8, .shape = { 2, 1 }, .data = small },
        { .name = "g", .type = EZ_INT16, .shape = { 1 }, .data = middle }, { .name = "h", .type = EZ_INT32, .shape = { 1 }, .data = whole },
        { .name = "i", .type = EZ_INT64, .shape = { 2 }, .data = large }, { .name = "j", .type = EZ_FP32, .shape = { 5 }, .data = real },
        { .name = "k", .type = EZ_FP64, .shape = { 2 }, .data = doubles }, { .name = "l", .type = EZ_BYTES, .shape = { 2 }, .data = strings },
        { .name = "m", .type = EZ_FP16, .shape = { 1 }, .data = real }, { .name = "n", .type = EZ_BF16, .shape = { 1 }, .data = real },
    };
    writes(all, COUNT(all), NULL, 0,
           "{\"inputs\":[{\"name\":\"a\",\"shape\":[2],\"datatype\":\"BOOL\",\"data\":[true,false]},{\"name\":\"b\",\"shape\":[1,2],\"datatype\":\"UINT8\",\"data\":[0,255]},"
           "{\"name\":\"c\",\"shape\":[1],\"datatype\":\"UINT16\",\"data\":[65535]},{\"name\":\"d\",\"shape\":[1],\"datatype\":\"UINT32\",\"data\":[4294967295]},"
           "{\"name\":\"e\",\"shape\":[1],\"datatype\":\"UINT64\",\"data\":[18446744073709551615]},{\"name\":\"f\",\"shape\":[2,1],\"datatype\":\"INT8\",\"data\":[-128,127]},"
           "{\"name\":\"g\",\"shape\":[1],\"datatype\":\"INT16\",\"data\":[-32768]},{\"name\":\"h\",\"shape\":[1],\"datatype\":\"INT32\",\"data\":[-2147483648]},"
           "{\"name\":\"i\",\"shape\":[2],\"datatype\":\"INT64\",\"data\":[-9223372036854775808,9007199254740993]},"
           "{\"name\":\"j\",\"shape\":[5],\"datatype\":\"FP32\",\"data\":[0.1,-3,16777216,1e-30,3.4028235e38]},"
           "{\"name\":\"k\",\"shape\":[2],\"datatype\":\"FP64\",\"data\":[0.1,1e300]},{\"name\":\"l\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"für \\\"dich\\\"\",\"\"]},"
           "{\"name\":\"m\",\"shape\":[1],\"datatype\":\"FP16\",\"data\":[0.1]},{\"name\":\"n\",\"shape\":[1],\"datatype\":\"BF16\",\"data\":[0.1]}]}");
}

TEST(outputs_are_asked_for_when_all_have_a_name)
{
    const float x[] = { 1 };
    const ez_tensor in = { .name = "x", .type = EZ_FP32, .shape = { 1, 1 }, .data = x }, named[] = { { .name = "y" }, { .name = "z" } }, some[] = { { .name = "y" }, { .name = NULL } };
    writes(&in, 1, named, 2, "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}],\"outputs\":[{\"name\":\"y\"},{\"name\":\"z\"}]}");
    writes(&in, 1, some, 2, "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}]}");
}

TEST(an_input_that_is_not_well_formed_is_named)
{
    const float x[] = { 1, INFINITY, NAN };
    const char *const strings[] = { "\xff", NULL };
    does_not_write((ez_tensor){ .name = NULL, .type = EZ_FP32, .shape = { 1 }, .data = x }, "input 0 has no name; give it the one that the model knows it by");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_DATATYPE_NONE, .shape = { 1 }, .data = x }, "the input \"x\" has no type; give one such as EZ_FP32");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_FP32, .data = x }, "the input \"x\" has the shape []; give its sizes, all above 0");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_FP32, .shape = { -1, 4 }, .data = x }, "the input \"x\" has the shape [-1, 4]; give its sizes, all above 0");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_FP32, .shape = { 1ll << 40, 1ll << 40 }, .data = x }, "the input \"x\" has the shape [1099511627776, 1099511627776]; give its sizes, all above 0");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_FP32, .shape = { 1 } }, "the input \"x\" has no data");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_FP32, .shape = { 2 }, .data = x }, "number 1 of the input \"x\" is infinite, which JSON cannot say");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_FP32, .shape = { 1 }, .data = x + 2 }, "number 0 of the input \"x\" is no number, which JSON cannot say");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_BYTES, .shape = { 1 }, .data = strings }, "string 0 of the input \"x\" is not UTF-8");
    does_not_write((ez_tensor){ .name = "x", .type = EZ_BYTES, .shape = { 1 }, .data = strings + 1 }, "string 0 of the input \"x\" is NULL");
}

/* ---- in ------------------------------------------------------------------------------------------------------------------------------- */

static arena *pile;

static ez_tensor reads_as(const char *body, ez_tensor want)
{
    ez_err err = { 0 };
    if (!pile) pile = arena_new();
    if (!tensor_read(&(tensor_answer){ body, strlen(body), -1 }, &want, 1, 0, pile, &err)) fail_msg("%s", err.text);
    return want;
}

static void done(void)
{
    arena_free(pile);
    pile = NULL;
}

static void does_not_read(const char *body, ez_tensor want, const char *why)
{
    ez_err err = { 0 };
    arena *a = arena_new();
    assert_false(tensor_read(&(tensor_answer){ body, strlen(body), -1 }, &want, 1, 0, a, &err));
    assert_string_equal(err.text, why);
    arena_free(a);
}

#define ANSWER(type, shape, data) "{\"model_name\":\"m\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"" type "\",\"shape\":" shape ",\"data\":" data "}]}"

TEST(every_type_comes_in_exactly)
{
    const ez_tensor any = { .name = "y" };
    ez_tensor t = reads_as(ANSWER("INT64", "[2]", "[-9223372036854775808, 9007199254740993]"), any);
    assert_true(t.type == EZ_INT64 && t.dims == 1 && t.shape[0] == 2 && t.count == 2);
    assert_true(((const int64_t *)t.data)[0] == INT64_MIN && ((const int64_t *)t.data)[1] == 9007199254740993);
    assert_true(*(const uint64_t *)reads_as(ANSWER("UINT64", "[1]", "[18446744073709551615]"), any).data == UINT64_MAX);
    assert_true(*(const uint8_t *)reads_as(ANSWER("UINT8", "[1]", "[255]"), any).data == 255);
    assert_true(*(const int8_t *)reads_as(ANSWER("INT8", "[1]", "[-128]"), any).data == -128);
    assert_true(*(const uint16_t *)reads_as(ANSWER("UINT16", "[1]", "[65535]"), any).data == 65535);
    assert_true(*(const int16_t *)reads_as(ANSWER("INT16", "[1]", "[-7]"), any).data == -7);
    assert_true(*(const uint32_t *)reads_as(ANSWER("UINT32", "[1]", "[4294967295]"), any).data == UINT32_MAX);
    assert_true(*(const int32_t *)reads_as(ANSWER("INT32", "[1]", "[-2147483648]"), any).data == INT32_MIN);
    assert_true(*(const double *)reads_as(ANSWER("FP64", "[1]", "[1.25e-3]"), any).data == 0.00125);
    t = reads_as(ANSWER("BOOL", "[2,2]", "[true, false, 1, 0]"), any);
    assert_memory_equal(t.data, ((const bool[]){ true, false, true, false }), 4 * sizeof(bool));
    t = reads_as(ANSWER("FP32", "[5]", "[0.5, null, NaN, -Infinity, 3]"), any);
    const float *f = t.data;
    assert_true(f[0] == 0.5f && isnan(f[1]) && isnan(f[2]) && isinf(f[3]) && f[3] < 0 && f[4] == 3);
    t = reads_as(ANSWER("BYTES", "[3]", "[\"plain\", \"f\\u00fcr \\\"dich\\\"\", \"\"]"), any);
    const char *const *s = t.data;
    assert_string_equal(s[0], "plain"), assert_string_equal(s[1], "für \"dich\""), assert_string_equal(s[2], "");
    assert_int_equal(reads_as(ANSWER("FP16", "[1]", "[2]"), any).type, EZ_FP16);
    done();
}

TEST(data_may_be_nested_members_may_stand_in_any_order_and_others_beside_them)
{
    ez_tensor t = reads_as(" {\"id\":\"[{\\\"\",\"outputs\" : [ {\"name\":\"x\",\"shape\":[0],\"datatype\":\"FP32\",\"data\":[]}, {\"data\":[[1,2,3],[4,5,6]] , \"parameters\":{\"a\":[{\"b\":\"]}\"}]},"
                           "\"shape\":[2,3],\"datatype\":\"FP32\",\"name\":\"y\"}],\"model_version\":\"1\"}\n", (ez_tensor){ .name = "y", .type = EZ_FP32, .shape = { -1, 3 } });
    assert_true(t.dims == 2 && t.shape[0] == 2 && t.shape[1] == 3 && t.count == 6 && ((const float *)t.data)[5] == 6);
    t = reads_as(ANSWER("FP32", "[0, 3]", "[]"), (ez_tensor){ .name = "y", .type = EZ_FP32 });
    assert_true(t.dims == 2 && t.shape[0] == 0 && t.count == 0);
    t = reads_as(ANSWER("FP32", "[]", "[7]"), (ez_tensor){ .name = NULL });
    assert_string_equal(t.name, "y");
    assert_true(t.dims == 0 && t.count == 1);
    done();
}

TEST(what_is_not_what_was_wanted_is_said_with_both)
{
    const ez_tensor any = { .name = "y" }, want = { .name = "y", .type = EZ_INT64, .shape = { 1 } };
    does_not_read(ANSWER("FP32", "[1]", "[1]"), want, "the output \"y\" was to be INT64 [1], and is FP32 [1]");
    does_not_read(ANSWER("INT64", "[1, 3]", "[1,2,3]"), want, "the output \"y\" was to be INT64 [1], and is INT64 [1, 3]");
    does_not_read(ANSWER("INT64", "[2]", "[1,2]"), (ez_tensor){ .name = "y", .shape = { 1 } }, "the output \"y\" was to be [1], and is INT64 [2]");
    does_not_read(ANSWER("FP8", "[1]", "[1]"), any, "the output \"y\" was to be of a type that is known, and is FP8 [1]");
    does_not_read(ANSWER("INT64", "[1]", "[1]"), (ez_tensor){ .name = "z" }, "the answer has no output \"z\"; it has \"y\"");
    does_not_read("{\"outputs\":[]}", (ez_tensor){ .name = NULL }, "the answer has no output 0; it has none");
    does_not_read(ANSWER("INT64", "[3]", "[1,2]"), any, "the data of the output \"y\" has fewer than the 3 values of its shape");
    does_not_read(ANSWER("INT64", "[1]", "[1,2]"), any, "the data of the output \"y\" has more than the 1 values of its shape");
    does_not_read(ANSWER("INT64", "[1000000000,1000]", "[1,2]"), any, "the data of the output \"y\" has fewer than the 1000000000000 values of its shape");
    does_not_read(ANSWER("INT64", "[1]", "[1.5]"), any, "number 0 of the output \"y\" is 1.5, which is no INT64");
    does_not_read(ANSWER("UINT8", "[2]", "[255, 256]"), any, "number 1 of the output \"y\" is 256, which is no UINT8");
    does_not_read(ANSWER("UINT64", "[1]", "[-1]"), any, "number 0 of the output \"y\" is -1, which is no UINT64");
    does_not_read(ANSWER("INT64", "[1]", "[9223372036854775808]"), any, "number 0 of the output \"y\" is 9223372036854775808, which is no INT64");
    does_not_read(ANSWER("FP32", "[1]", "[0x10]"), any, "number 0 of the output \"y\" is 0x10, which is no FP32");
    does_not_read(ANSWER("BOOL", "[1]", "[2]"), any, "number 0 of the output \"y\" is 2, which is no BOOL");
    does_not_read(ANSWER("BYTES", "[1]", "[7]"), any, "number 0 of the output \"y\" is 7, which is no BYTES");
    does_not_read(ANSWER("BYTES", "[1]", "[\"\\x\"]"), any, "number 0 of the output \"y\" is \"\\x\", which is no BYTES");
    does_not_read(ANSWER("FP32", "[2]", "[1 2]"), any, "the data of the output \"y\" is no list of values");
    does_not_read(ANSWER("FP32", "[2]", "[1,,2]"), any, "the data of the output \"y\" is no list of values");
    does_not_read(ANSWER("FP32", "[2]", "[1,2,]"), any, "the data of the output \"y\" is no list of values");
    does_not_read(ANSWER("FP32", "[1]", "{\"a\":1}"), any, "the output \"y\" has no list of data");
    does_not_read("{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"parameters\":{\"binary_data_size\":4}}]}", any,
                  "the output \"y\" is to have 4 bytes of binary data, and no header Inference-Header-Content-Length says where they begin");
}

TEST(what_is_no_answer_is_said_to_be_none)
{
    static const char *const bodies[][2] = {
        { "", "the answer is no object of JSON" }, { "<html>", "the answer is no object of JSON" }, { "[1]", "the answer is no object of JSON" },
        { "{}", "the answer has no outputs" }, { "{\"outputs\":7}", "the answer has no outputs" }, { "{\"a\":{\"outputs\":[]}}", "the answer has no outputs" },
        { "{\"outputs\":[7]}", "output 0 of the answer has no name, no datatype or no shape that is one" },
        { "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"data\":[1]}]}", "output 0 of the answer has no name, no datatype or no shape that is one" },
        { "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1],\"data\":[1]}]}", "output 0 of the answer has no name, no datatype or no shape that is one" },
        { "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data\":[1]}]}", "output 0 of the answer has no name, no datatype or no shape that is one" },
        { "{\"outputs\":[{\"name\":\"\\ud800\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}", "output 0 of the answer has no name, no datatype or no shape that is one" },
        { "{\"outputs\":[{\"name\" \"y\"}]}", "output 0 of the answer has no name, no datatype or no shape that is one" },
        { "{\"outputs\":[{},", "the answer is no JSON, or was cut off" }, { "{\"outputs\" []}", "the answer is no JSON, or was cut off" }, { "{outputs:[]}", "the answer is no JSON, or was cut off" },
        { "{\"a\":\"\n\"}", "the answer is no JSON, or was cut off" }, { "{\"a\":1 \"b\":2}", "the answer is no JSON, or was cut off" }, { "{\"\xff\":1}", "the answer is no text in UTF-8, and no header Inference-Header-Content-Length says that binary data begins in it" },
    };
    for (int i = 0; i < COUNT(bodies); i++) does_not_read(bodies[i][0], (ez_tensor){ .name = "y" }, bodies[i][1]);
}

TEST(an_answer_that_is_cut_anywhere_is_no_answer)
{
    const char *whole = ANSWER("BYTES", "[1, 2]", "[\"a\\n\", \"\xc3\xbc\"]");
    for (size_t i = 0; i < strlen(whole); i++) {
        ez_tensor t = { .name = "y" };
        char *cut = mem_copy(whole, i + 1);
        arena *a = arena_new();
        cut[i] = 0;
        assert_false(tensor_read(&(tensor_answer){ cut, i, -1 }, &t, 1, 0, a, NULL));
        arena_free(a);
        mem_free(cut);
    }
}

TEST(data_that_takes_too_much_is_refused_before_it_is_read)
{
    ez_tensor t = { .name = "y" };
    ez_err err = { 0 };
    arena *a = arena_new();
    const char *body = ANSWER("FP64", "[4]", "[1,2,3,4]");
    assert_false(tensor_read(&(tensor_answer){ body, strlen(body), -1 }, &t, 1, 31, a, &err));
    assert_string_equal(err.text, "the output \"y\" has 4 values, which is more than a session may hold; allow more with --session-memory");
    assert_int_equal(err.code, EZ_NO_MEMORY);
    t = (ez_tensor){ .name = "y" };
    assert_true(tensor_read(&(tensor_answer){ body, strlen(body), -1 }, &t, 1, 32, a, &err));
    arena_free(a);
}

/* ---- what a model says of itself -------------------------------------------------------------------------------------------------------- */

static void differs(const char *metadata, const ez_tensor *in, int count, const char *words)
{
    text t = { 0 };
    tensor_differences(metadata, strlen(metadata), in, count, &t);
    assert_string_equal(t.at ? t.at : "", words);
    text_done(&t);
}

TEST(what_a_model_wants_is_told_beside_what_it_was_given)
{
    const char *metadata = "{\"name\":\"m\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,4]},{\"name\":\"n\",\"datatype\":\"INT64\",\"shape\":[1]}],\"outputs\":[]}";
    const ez_tensor right[] = { { .name = "x", .type = EZ_FP32, .shape = { 7, 4 } }, { .name = "n", .type = EZ_INT64, .shape = { 1 } } };
    const ez_tensor wrong[] = { { .name = "x", .type = EZ_FP64, .shape = { 1, 4 } }, { .name = "n", .type = EZ_INT64, .shape = { 1, 1 } } }, other[] = { { .name = "X", .type = EZ_FP32, .shape = { 1, 4 } } };
    differs(metadata, right, 2, "");
    differs(metadata, wrong, 2, "the model wants \"x\" as FP32 [-1, 4] and was given FP64 [1, 4]; the model wants \"n\" as INT64 [1] and was given INT64 [1, 1]");
    differs(metadata, other, 1, "the model wants \"x\" as FP32 [-1, 4] and was not given it; the model wants \"n\" as INT64 [1] and was not given it; the model has no input \"X\"");
    differs("{\"name\":\"m\"}", wrong, 2, "");
    differs("{\"inputs\":[]}", wrong, 2, "");
    differs("nonsense", wrong, 2, "");
}

TEST(an_error_of_the_server_is_found_in_each_of_its_shapes)
{
    static const char *const bodies[][2] = { { "{\"error\":\"no\"}", "no" }, { "{\"error\":{\"message\":\"no\"}}", "no" }, { "{\"detail\":\"no\"}", "no" }, { "{\"detail\":[1]}", "" }, { "<html>", "" }, { "", "" } };
    for (int i = 0; i < COUNT(bodies); i++) {
        text t = { 0 };
        tensor_error(bodies[i][0], strlen(bodies[i][0]), &t);
        assert_string_equal(t.at ? t.at : "", bodies[i][1]);
        text_done(&t);
    }
}
