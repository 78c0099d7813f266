/* log_test.c: log lines, errors, clocks and the JSON writer. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "base/test.h"
#include <regex.h>
#include <string.h>
#include <unistd.h>

/* What log_put writes, caught in a pipe put in stderr's place. */
static void log_catch(char *out, size_t room, log_level level, const char *s)
{
    int ends[2], keep = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    log_put(level, "net", "%s", s);
    log_put(LOG_ERROR, "end", "end");
    dup2(keep, STDERR_FILENO);
    ssize_t got = read(ends[0], out, room - 1);
    assert_true(got > 0);
    out[got] = 0;
    close(ends[0]);
    close(ends[1]);
    close(keep);
}

static void line_is(const char *line, const char *pattern)
{
    regex_t re;
    assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
    if (regexec(&re, line, 0, NULL, 0)) fail_msg("'%s' does not look like '%s'", line, pattern);
    regfree(&re);
}

TEST(a_log_line_has_time_level_process_room_and_text)
{
    char out[1000];
    log_setup(LOG_INFO, false, "worker");
    log_catch(out, sizeof out, LOG_INFO, "it\nlistens");
    line_is(out, "^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z info worker net: it listens\n");
    log_setup(LOG_INFO, false, NULL);
    log_catch(out, sizeof out, LOG_WARN, "x");
    line_is(out, "Z warn net: x\n");
}

TEST(a_log_line_gives_no_orders_to_a_terminal)
{
    char out[1000];
    log_setup(LOG_INFO, false, NULL);
    log_catch(out, sizeof out, LOG_WARN, "a\x1b]0;title\a\r\x7f \xc2\x9b" "31m\xc2\x80\xc2\x9f \xc2\xa0\xc3\x9b\xc2");
    line_is(out, "Z warn net: a ]0;title      31m     \xc2\xa0\xc3\x9b\xc2\n");
}

TEST(a_log_line_below_the_level_is_not_written)
{
    char out[1000];
    log_setup(LOG_WARN, false, "worker");
    log_catch(out, sizeof out, LOG_INFO, "hidden");
    log_setup(LOG_INFO, false, NULL);
    assert_null(strstr(out, "hidden"));
}

TEST(a_log_line_can_be_json)
{
    char out[1000];
    log_setup(LOG_INFO, true, "engine");
    log_catch(out, sizeof out, LOG_ERROR, "say \"hi\"\n");
    log_setup(LOG_INFO, false, NULL);
    line_is(out, "^\\{\"time\":\"[^\"]+Z\",\"level\":\"error\",\"process\":\"engine\",\"room\":\"net\",\"text\":\"say \\\\\"hi\\\\\"\\\\n\"\\}\n");
}

TEST(an_error_keeps_its_code_and_a_whole_text)
{
    ez_err err;
    assert_false(error_set(NULL, EZ_FULL, "nobody listens"));
    assert_false(error_set(&err, EZ_MISSING, "file '%s' is not there", "a.gguf"));
    assert_int_equal(err.code, EZ_MISSING);
    assert_string_equal(err.text, "file 'a.gguf' is not there");
    error_set(&err, EZ_FAILED, "again: %s", err.text);
    assert_string_equal(err.text, "again: file 'a.gguf' is not there");
    char s[1001];
    for (int i = 0; i < 1000; i += 2) memcpy(s + i, "ü", 2);
    s[1000] = 0;
    error_set(&err, EZ_FAILED, "%s", s);
    assert_true(utf8_valid(err.text, strlen(err.text)));
    assert_true(strlen(err.text) >= sizeof err.text - 3);
}

TEST(clocks_run_forward)
{
    int64_t a = clock_ns(), b = clock_ms();
    assert_true(clock_ns() >= a);
    assert_true(clock_ms() >= b);
    assert_true(wall_ms() > 1600000000000);
}

TEST(json_minds_its_commas)
{
    text t = { 0 };
    json j = json_to(&t);
    json_object(&j);
    json_key(&j, "a"), json_int(&j, INT64_MIN);
    json_key(&j, "list"), json_array(&j);
    json_number(&j, 0.5), json_bool(&j, true), json_bool(&j, false), json_text(&j, NULL);
    json_array(&j), json_array_end(&j);
    json_object(&j), json_object_end(&j);
    json_raw(&j, "[1,2]", 5);
    json_array_end(&j);
    json_key(&j, "<b>"), json_text_n(&j, "xyz", 2);
    json_object_end(&j);
    assert_string_equal(t.at, "{\"a\":-9223372036854775808,\"list\":[0.5,true,false,null,[],{},[1,2]],\"\\u003cb\\u003e\":\"xy\"}");
    text_done(&t);
}

TEST(json_nests_sixty_levels)
{
    text t = { 0 };
    json j = json_to(&t);
    for (int i = 0; i < 60; i++) json_array(&j);
    json_int(&j, 1), json_int(&j, 2);
    for (int i = 0; i < 60; i++) json_array_end(&j);
    assert_int_equal(t.count, 123);
    assert_memory_equal(t.at + 58, "[[1,2]]", 7);
    text_done(&t);
}
