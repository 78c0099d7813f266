/* tensor_binary_test.c: tensors in binary form: which go so, what bytes they are, the short real numbers exactly, and what is said of bytes that are wrong. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/tensor_inside.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- FP16 and BF16 ---------------------------------------------------------------------------------------------------------------------- */

TEST(every_half_comes_back_as_it_was)
{
    for (unsigned v = 0; v <= UINT16_MAX; v++)
        if (tensor_half(tensor_from_half((uint16_t)v)) != v) fail_msg("0x%04x came back as 0x%04x", v, tensor_half(tensor_from_half((uint16_t)v)));
    for (unsigned v = 0; v <= UINT16_MAX; v++)
        if (tensor_brain(tensor_from_brain((uint16_t)v)) != v) fail_msg("0x%04x came back as 0x%04x", v, tensor_brain(tensor_from_brain((uint16_t)v)));
}

TEST(halves_mean_what_the_standard_says)
{
    for (unsigned v = 0; v < 0x7c00; v++) {
        int exponent = (int)(v >> 10), fraction = (int)(v & 0x3ff);
        double means = exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
        assert_true((double)tensor_from_half((uint16_t)v) == means && (double)tensor_from_half((uint16_t)(v | 0x8000)) == -means);
    }
    assert_true(tensor_from_half(0x7c00) == INFINITY && tensor_from_half(0xfc00) == -INFINITY && isnan(tensor_from_half(0x7e00)) && isnan(tensor_from_half(0x7c01)));
    assert_true(signbit(tensor_from_half(0x8000)) && !signbit(tensor_from_half(0)));
    assert_true(tensor_from_brain(0x3f80) == 1 && tensor_from_brain(0x0001) == ldexpf(1, -133) && tensor_from_brain(0xff80) == -INFINITY && isnan(tensor_from_brain(0x7fc0)));
}

/* Between each two neighbours: below the middle, the middle (to the even one), above it. */
static void rounds(uint16_t short_of(float), float real_of_short(uint16_t), unsigned infinite)
{
    for (unsigned v = 0; v + 1 < infinite; v++) {
        float low = real_of_short((uint16_t)v), high = real_of_short((uint16_t)(v + 1)), middle = low + (high - low) / 2;
        assert_int_equal(short_of(nextafterf(middle, 0)), v);
        assert_int_equal(short_of(middle), v % 2 ? v + 1 : v);
        assert_int_equal(short_of(nextafterf(middle, INFINITY)), v + 1);
        assert_int_equal(short_of(-middle), (v % 2 ? v + 1 : v) | 0x8000);
    }
}

TEST(a_float_becomes_the_nearest_half_and_a_tie_the_even_one)
{
    rounds(tensor_half, tensor_from_half, 0x7c00);
    assert_int_equal(tensor_half(65519.996f), 0x7bff), assert_int_equal(tensor_half(65520), 0x7c00), assert_int_equal(tensor_half(-3e38f), 0xfc00);
    assert_int_equal(tensor_half(INFINITY), 0x7c00), assert_int_equal(tensor_half(1e-40f), 0), assert_int_equal(tensor_half(-0.0f), 0x8000);
    assert_true(isnan(tensor_from_half(tensor_half(NAN))));
}

TEST(a_float_becomes_the_nearest_brain_float_and_a_tie_the_even_one)
{
    rounds(tensor_brain, tensor_from_brain, 0x7f80);
    assert_int_equal(tensor_brain(3.4028235e38f), 0x7f80), assert_int_equal(tensor_brain(-INFINITY), 0xff80), assert_int_equal(tensor_brain(-0.0f), 0x8000);
    assert_true(isnan(tensor_from_brain(tensor_brain(NAN))));
}

/* ---- out ------------------------------------------------------------------------------------------------------------------------------ */

static void sends(const tensor_question *q, const char *json, const char *bytes, size_t count)
{
    text t = { 0 };
    ez_err err = { 0 };
    size_t head;
    if (!tensor_write(q, &t, &head, &err)) fail_msg("%s", err.text);
    if (strlen(json) != head || memcmp(t.at, json, head)) fail_msg("%.*s", (int)head, t.at);
    assert_int_equal(t.count - head, count);
    if (count) assert_memory_equal(t.at + head, bytes, count);
    text_done(&t);
}

static void does_not_send(ez_tensor in, const char *why)
{
    text t = { 0 };
    ez_err err = { 0 };
    assert_false(tensor_write(&(tensor_question){ .in = &in, .in_count = 1, .binary = true }, &t, &(size_t){ 0 }, &err));
    assert_string_equal(err.text, why);
    text_done(&t);
}

TEST(short_and_infinite_numbers_go_in_binary_form_and_small_ones_beside_them_in_json)
{
    const float halves[] = { 1, -0.5f, INFINITY, 0x1p-24f }, brains[] = { 1.5f }, reals[] = { INFINITY };
    const int32_t ints[] = { 7 };
    const ez_tensor in[] = { { .name = "h", .type = EZ_FP16, .shape = { 2, 2 }, .data = halves }, { .name = "i", .type = EZ_INT32, .shape = { 1 }, .data = ints },
                             { .name = "b", .type = EZ_BF16, .shape = { 1 }, .data = brains }, { .name = "f", .type = EZ_FP32, .shape = { 1 }, .data = reals } };
    const ez_tensor out = { .name = "y", .type = EZ_FP32, .shape = { 1, 3 } };
    const tensor_question q = { .in = in, .in_count = 4, .out = &out, .out_count = 1, .binary = true };
    assert_true(tensor_wants_binary(&q));
    sends(&q, "{\"inputs\":[{\"name\":\"h\",\"shape\":[2,2],\"datatype\":\"FP16\",\"parameters\":{\"binary_data_size\":8}},{\"name\":\"i\",\"shape\":[1],\"datatype\":\"INT32\",\"data\":[7]},"
              "{\"name\":\"b\",\"shape\":[1],\"datatype\":\"BF16\",\"parameters\":{\"binary_data_size\":2}},{\"name\":\"f\",\"shape\":[1],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":4}}],"
              "\"outputs\":[{\"name\":\"y\"}]}", "\x00\x3c\x00\xb8\x00\x7c\x01\x00\xc0\x3f\x00\x00\x80\x7f", 14);
}

TEST(large_data_of_each_type_goes_in_binary_form)
{
    static const char *const words[] = { "für", "" };
    static double many[TENSOR_BINARY];
    char long_word[TENSOR_BINARY];
    const char *const one[] = { long_word };
    for (int type = EZ_BOOL; type < EZ_BYTES; type++) {
        size_t each = tensor_types[type].wire;
        const ez_tensor in = { .name = "x", .type = (ez_datatype)type, .shape = { (long long)(TENSOR_BINARY / each) }, .data = many };
        char json[200], zeros[TENSOR_BINARY] = { 0 };
        snprintf(json, sizeof json, "{\"inputs\":[{\"name\":\"x\",\"shape\":[%zu],\"datatype\":\"%s\",\"parameters\":{\"binary_data_size\":%d}}]}", TENSOR_BINARY / each, tensor_types[type].name, TENSOR_BINARY);
        sends(&(tensor_question){ .in = &in, .in_count = 1, .binary = true }, json, zeros, sizeof zeros);
    }
    ez_tensor in = { .name = "x", .type = EZ_BYTES, .shape = { 2 }, .data = words };
    sends(&(tensor_question){ .in = &in, .in_count = 1, .binary = true }, "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"für\",\"\"]}]}", "", 0);
    memset(long_word, 'a', sizeof long_word);
    long_word[TENSOR_BINARY - 4] = 0;
    in = (ez_tensor){ .name = "x", .type = EZ_BYTES, .shape = { 1 }, .data = one };
    text bytes = { 0 };
    text_add(&bytes, "\xfc\x03\x00\x00", 4), text_puts(&bytes, long_word);
    sends(&(tensor_question){ .in = &in, .in_count = 1, .binary = true }, "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"BYTES\",\"parameters\":{\"binary_data_size\":1024}}]}", bytes.at, bytes.count);
    text_done(&bytes);
    long_word[0] = '\xff';
    does_not_send(in, "string 0 of the input \"x\" is not UTF-8");
}

TEST(a_number_that_a_short_type_cannot_hold_is_named)
{
    const float x[] = { 65519, 65520, 3.4e38f };
    does_not_send((ez_tensor){ .name = "x", .type = EZ_FP16, .shape = { 3 }, .data = x }, "number 1 of the input \"x\" is 65520, more than FP16 can hold");
    does_not_send((ez_tensor){ .name = "x", .type = EZ_BF16, .shape = { 3 }, .data = x }, "number 2 of the input \"x\" is 3.4e+38, more than BF16 can hold");
}

TEST(outputs_are_asked_for_in_binary_form_when_they_are_large_short_or_unknown)
{
    static const char *const asks = "{\"inputs\":[],\"outputs\":[{\"name\":\"y\"}],\"parameters\":{\"binary_data_output\":true}}", *const does_not = "{\"inputs\":[],\"outputs\":[{\"name\":\"y\"}]}";
    const struct { ez_tensor out; const char *json; } cases[] = {
        { { .name = "y", .type = EZ_FP32, .shape = { 1, 3 } }, does_not }, { { .name = "y", .type = EZ_BYTES, .shape = { 9 } }, does_not }, { { .name = "y", .type = EZ_FP16, .shape = { 1 } }, asks },
        { { .name = "y", .shape = { 1 } }, asks }, { { .name = "y", .type = EZ_FP32 }, asks }, { { .name = "y", .type = EZ_FP32, .shape = { -1, 3 } }, asks }, { { .name = "y", .type = EZ_FP32, .shape = { 256 } }, asks },
    };
    for (int i = 0; i < COUNT(cases); i++) {
        tensor_question q = { .out = &cases[i].out, .out_count = 1, .binary = true };
        sends(&q, cases[i].json, "", 0);
        assert_true(tensor_wants_binary(&q) == (cases[i].json == asks));
        q.binary = false;
        sends(&q, does_not, "", 0);
    }
}

TEST(a_server_that_has_the_extension_says_so)
{
    static const struct { const char *metadata; bool has; } cases[] = {
        { "{\"name\":\"triton\",\"extensions\":[\"statistics\",\"binary_tensor_data\"]}", true }, { "{\"extensions\":[\"statistics\"]}", false }, { "{\"extensions\":\"binary_tensor_data\"}", false },
        { "{\"extensions\":[7]}", false }, { "{}", false }, { "<html>", false }, { "", false },
    };
    for (int i = 0; i < COUNT(cases); i++) assert_true(tensor_has_binary(cases[i].metadata, strlen(cases[i].metadata)) == cases[i].has);
}

/* ---- in ------------------------------------------------------------------------------------------------------------------------------- */

static bool reads(const char *json, const char *bytes, size_t count, ez_tensor *out, int out_count, arena *a, ez_err *err)
{
    text body = { 0 };
    text_puts(&body, json), text_add(&body, bytes, count);
    bool good = tensor_read(&(tensor_answer){ body.at, body.count, (long long)strlen(json) }, out, out_count, 0, a, err);
    text_done(&body);
    return good;
}

#define OUT(name, type, shape, size) "{\"name\":\"" name "\",\"datatype\":\"" type "\",\"shape\":" shape ",\"parameters\":{\"binary_data_size\":" size "}}"

TEST(an_answer_may_have_both_forms_and_outputs_that_nobody_wants)
{
    ez_tensor out[] = { { .name = "s" }, { .name = "j", .type = EZ_INT8 }, { .name = "h", .type = EZ_FP16, .shape = { -1, 2 } }, { .name = "b" }, { .name = "d", .type = EZ_FP64 }, { .name = "e" } };
    arena *a = arena_new();
    ez_err err = { 0 };
    if (!reads("{\"outputs\":[" OUT("x", "FP32", "[1]", "4") "," OUT("h", "FP16", "[1,2]", "4") ",{\"name\":\"j\",\"datatype\":\"INT8\",\"shape\":[2],\"data\":[-1,5],\"parameters\":{\"more\":[1]}},"
               OUT("s", "BYTES", "[2]", "12") "," OUT("b", "BOOL", "[2]", "2") "," OUT("d", "FP64", "[1]", "8") "," OUT("e", "FP32", "[0,4]", "0") "]}",
               "\xff\xff\xff\xff" "\x00\x3c\x01\x80" "\x04\0\0\0f\xc3\xbcr\0\0\0\0" "\1\0" "\0\0\0\0\0\0\xf8\x3f", 30, out, 6, a, &err)) fail_msg("%s", err.text);
    assert_string_equal(((const char *const *)out[0].data)[0], "für"), assert_string_equal(((const char *const *)out[0].data)[1], "");
    assert_int_equal(((const int8_t *)out[1].data)[0], -1);
    assert_true(out[2].shape[0] == 1 && out[2].count == 2 && ((const float *)out[2].data)[0] == 1 && ((const float *)out[2].data)[1] == -0x1p-24f);
    assert_true(((const bool *)out[3].data)[0] && !((const bool *)out[3].data)[1]);
    assert_true(*(const double *)out[4].data == 1.5);
    assert_true(out[5].count == 0 && out[5].dims == 2);
    arena_free(a);
}

TEST(bytes_that_are_wrong_are_named_with_what_was_expected)
{
    static const struct { const char *json, *bytes; size_t count; const char *why; } cases[] = {
        { OUT("y", "FP32", "[1,3]", "12"), "12345678", 8, "the output \"y\" is to have 12 bytes of binary data, and 8 came" },
        { OUT("y", "FP32", "[1,3]", "8"), "12345678", 8, "the output \"y\" is to be FP32 [1, 3], 4 bytes for each, and came in 8 bytes" },
        { OUT("y", "FP32", "[1]", "5"), "12345", 5, "the output \"y\" is to be FP32 [1], 4 bytes for each, and came in 5 bytes" },
        { OUT("y", "FP32", "[1099511627776,1099511627776]", "4"), "1234", 4, "the output \"y\" is to be FP32 [1099511627776, 1099511627776], 4 bytes for each, and came in 4 bytes" },
        { OUT("y", "FP32", "[1]", "4"), "123456", 6, "2 bytes of binary data came that belong to no output" },
        { OUT("y", "FP32", "[1]", "-4"), "1234", 4, "the binary_data_size of the output \"y\" is no size" },
        { OUT("y", "FP32", "[1]", "\"4\""), "1234", 4, "the binary_data_size of the output \"y\" is no size" },
        { OUT("y", "FP32", "[1]", "99999999999999999999"), "1234", 4, "the binary_data_size of the output \"y\" is no size" },
        { OUT("y", "FP32", "[1]", "9223372036854775807"), "1234", 4, "the output \"y\" is to have 9223372036854775807 bytes of binary data, and 4 came" },
        { OUT("x", "FP32", "[1]", "9223372036854775807") "," OUT("y", "FP32", "[1]", "9223372036854775807"), "1234", 4, "the output \"x\" is to have 9223372036854775807 bytes of binary data, and 4 came" },
        { "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1],\"parameters\":{\"binary_data_size\":4}}", "1234", 4, "the output \"y\" has both a list of data and a binary_data_size" },
        { "{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[1]}", "", 0, "the output \"y\" has no list of data" },
        { OUT("y", "BOOL", "[2]", "2"), "\1\2", 2, "value 1 of the output \"y\" is the byte 2, which is no BOOL" },
        { OUT("y", "BYTES", "[3]", "11"), "\0\0\0\0\0\0\0\0\0\0\0", 11, "the output \"y\" is to be BYTES [3], and came in 11 bytes, which are too few for so many lengths" },
        { OUT("y", "BYTES", "[2]", "8"), "\1\0\0\0a\0\0\0", 8, "the output \"y\" ends before the length of string 1 of 2" },
        { OUT("y", "BYTES", "[1]", "5"), "\xff\xff\xff\xff" "a", 5, "string 0 of the output \"y\" is to have 4294967295 bytes, and 1 are left" },
        { OUT("y", "BYTES", "[1]", "6"), "\1\0\0\0ab", 6, "1 bytes stand behind the last string of the output \"y\"" },
        { OUT("y", "BYTES", "[1]", "5"), "\1\0\0\0\xff", 5, "string 0 of the output \"y\" is no text in UTF-8; bytes that are none can come as UINT8" },
        { OUT("y", "BYTES", "[1]", "5"), "\1\0\0\0\0", 5, "string 0 of the output \"y\" is no text in UTF-8; bytes that are none can come as UINT8" },
    };
    for (int i = 0; i < COUNT(cases); i++) {
        ez_tensor out = { .name = "y" };
        ez_err err = { 0 };
        char json[400];
        arena *a = arena_new();
        snprintf(json, sizeof json, "{\"outputs\":[%s]}", cases[i].json);
        assert_false(reads(json, cases[i].bytes, cases[i].count, &out, 1, a, &err));
        assert_string_equal(err.text, cases[i].why);
        arena_free(a);
    }
}

TEST(a_head_that_is_longer_than_the_answer_is_refused)
{
    ez_tensor out = { .name = "y" };
    ez_err err = { 0 };
    arena *a = arena_new();
    assert_false(tensor_read(&(tensor_answer){ "{}", 2, 3 }, &out, 1, 0, a, &err));
    assert_string_equal(err.text, "Inference-Header-Content-Length says that the JSON has 3 bytes, and the whole answer has 2");
    assert_false(tensor_read(&(tensor_answer){ "{}\0\0", 4, 3 }, &out, 1, 0, a, &err));
    assert_string_equal(err.text, "the answer is no text in UTF-8");
    assert_false(tensor_read(&(tensor_answer){ "{}", 2, 1 }, &out, 1, 0, a, &err));
    assert_string_equal(err.text, "the answer is no JSON, or was cut off");
    assert_false(tensor_read(&(tensor_answer){ "{}", 2, 0 }, &out, 1, 0, a, &err));
    assert_string_equal(err.text, "the answer is no object of JSON");
    arena_free(a);
}

TEST(binary_data_that_takes_too_much_is_refused_before_it_is_read)
{
    static const char *const body = "{\"outputs\":[" OUT("y", "FP16", "[4]", "8") "]}12345678";
    ez_tensor t = { .name = "y" };
    ez_err err = { 0 };
    arena *a = arena_new();
    const tensor_answer answer = { body, strlen(body), (long long)strlen(body) - 8 };
    assert_false(tensor_read(&answer, &t, 1, 15, a, &err));
    assert_int_equal(err.code, EZ_NO_MEMORY);
    t = (ez_tensor){ .name = "y" };
    assert_true(tensor_read(&answer, &t, 1, 16, a, &err));
    arena_free(a);
}
