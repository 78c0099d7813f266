/* options_test.c: flags, variables, defaults, and what is said about a wrong one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"
#include "base/test.h"
#include <stdio.h>
#include <string.h>

/* Words are separated by spaces, as nothing here needs one inside. */
static bool read_words(options *o, const char *args, const char *env, ez_err *err)
{
    static char words[2][512];
    static char *lists[2][32];
    const char *from[] = { args, env };
    int count[2] = { 0, 0 };
    for (int i = 0; i < 2; i++) {
        strcpy(words[i], from[i]);
        for (char *at = strtok(words[i], " "); at; at = strtok(NULL, " ")) lists[i][count[i]++] = at;
        lists[i][count[i]] = NULL;
    }
    return options_read(o, count[0], lists[0], lists[1], err);
}

static options good(const char *args, const char *env)
{
    options o;
    ez_err err = {0};
    if (!read_words(&o, args, env, &err)) fail_msg("%s", err.text);
    return o;
}

static const char *bad(const char *args, const char *env)
{
    static ez_err err;
    options o;
    assert_false(read_words(&o, args, env, &err));
    assert_null(o.arena);
    return err.text;
}

static void says(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is not in: %s", part, text);
}

TEST(what_names_hosts_and_sites_cannot_say_more_than_that)
{
    options o = good("p --allowed-hosts example.org,*.example.net", "HOME=/root");
    assert_string_equal(o.allowed_hosts, "example.org,*.example.net");
    options_done(&o);
    o = good("p --frame-ancestors=*", "EASEL_ALLOWED_HOSTS=*");
    assert_string_equal(o.allowed_hosts, "*");
    options_done(&o);
    says(bad("p --frame-ancestors https://a.org;script-src", ""), "--frame-ancestors");
    says(bad("p --allowed-hosts a.org/b", ""), "--allowed-hosts");
    says(bad("p --allowed-hosts a.org:80", ""), "host names with commas");
}

TEST(without_flags_and_variables_the_defaults_hold)
{
    options o = good("build/examples/hello", "HOME=/root");
    assert_int_equal(o.port, 8501);
    assert_string_equal(o.address, "127.0.0.1");
    assert_string_equal(o.data, ".easel/hello");
    assert_null(o.model);
    assert_int_equal(o.threads, 0);
    assert_int_equal(o.workers, 1);
    assert_int_equal(o.session_ttl_ms, 30LL * 86400 * 1000);
    assert_string_equal(o.base_path, "/");
    assert_int_equal(o.log_level, LOG_INFO);
    assert_false(o.log_json);
    assert_null(o.allowed_hosts);
    assert_false(o.help);
    assert_string_equal(o.program, "hello");
    assert_null(o.settings[0]);
    options_done(&o);
}

TEST(a_flag_may_carry_its_value_in_one_word_or_two)
{
    options o = good("hello --port=1 --address 0.0.0.0 --model m.gguf --threads=3 --workers 0 --log-level=warn --log-json", "");
    assert_int_equal(o.port, 1);
    assert_string_equal(o.address, "0.0.0.0");
    assert_string_equal(o.model, "m.gguf");
    assert_int_equal(o.threads, 3);
    assert_int_equal(o.workers, 0);
    assert_int_equal(o.log_level, LOG_WARN);
    assert_true(o.log_json);
    options_done(&o);
}

TEST(a_flag_wins_over_a_variable_and_that_over_the_default)
{
    options o = good("hello --port 1", "EASEL_PORT=2 EASEL_WORKERS=0 EASEL_SESSION_TTL=12h EASEL_LOG_JSON=1 EASEL_ADDRESS=");
    assert_int_equal(o.port, 1);
    assert_int_equal(o.workers, 0);
    assert_int_equal(o.session_ttl_ms, 12LL * 3600 * 1000);
    assert_true(o.log_json);
    assert_string_equal(o.address, "127.0.0.1");
    options_done(&o);
}

TEST(a_wrong_variable_does_not_matter_where_a_flag_is_given)
{
    options o = good("hello --port 1", "EASEL_PORT=tcp://10.0.0.1:8501");
    assert_int_equal(o.port, 1);
    options_done(&o);
}

TEST(of_a_flag_given_twice_the_last_holds)
{
    options o = good("hello --port 1 --port=0 --log-json --log-json=no", "");
    assert_int_equal(o.port, 0);
    assert_false(o.log_json);
    options_done(&o);
}

TEST(folders_and_base_paths_are_written_in_one_way)
{
    options o = good("hello --data /tmp/x// --base-path /demo/a", "");
    assert_string_equal(o.data, "/tmp/x");
    assert_string_equal(o.base_path, "/demo/a/");
    options_done(&o);
    o = good("hello --data / --base-path /demo/", "");
    assert_string_equal(o.data, "/");
    assert_string_equal(o.base_path, "/demo/");
    options_done(&o);
}

TEST(times_have_units)
{
    const struct { const char *args; int64_t ms; } rows[] = {
        { "h --session-ttl 90s", 90000 }, { "h --session-ttl 5m", 300000 }, { "h --session-ttl 12h", 43200000 }, { "h --session-ttl 3650d", 3650LL * 86400000 },
    };
    for (int i = 0; i < COUNT(rows); i++) {
        options o = good(rows[i].args, "");
        assert_int_equal(o.session_ttl_ms, rows[i].ms);
        options_done(&o);
    }
    options o = good("h --file-ttl 0s", "EASEL_FILE_TTL=1h");
    assert_int_equal(o.file_ttl_ms, 0);
    options_done(&o);
}

TEST(settings_are_collected_and_read_by_name)
{
    options o = good("hello --set color=red --set=size=12=x --set color=blue", "EASEL_SET_COLOR=green EASEL_SET_TOP_P=0.9");
    assert_string_equal(options_setting(&o, "color"), "blue");
    assert_string_equal(options_setting(&o, "size"), "12=x");
    assert_string_equal(options_setting(&o, "top-p"), "0.9");
    assert_null(options_setting(&o, "col"));
    assert_null(options_setting(&o, "shape"));
    options_done(&o);
}

TEST(a_wrong_value_is_named_with_its_option_its_place_and_what_is_allowed)
{
    const char *text = bad("hello --port abc", "");
    says(text, "--port"), says(text, "\"abc\""), says(text, "the flag --port"), says(text, "a whole number from 0 to 65535");
    text = bad("hello", "EASEL_WORKERS=2");
    says(text, "--workers"), says(text, "\"2\""), says(text, "the variable EASEL_WORKERS"), says(text, "from 0 to 1");
    says(bad("hello --log-level loud", ""), "debug, info, warn or error");
    says(bad("hello --log-json=maybe", ""), "yes or no");
}

TEST(values_out_of_range_or_shape_are_refused)
{
    static const char *const args[] = {
        "h --port 65536", "h --port -1", "h --port 1x", "h --port=", "h --port 0x10", "h --port=+1", "h --threads -1", "h --workers 2", "h --session-ttl 30", "h --session-ttl 0s",
        "h --session-ttl -1d", "h --session-ttl 30dd", "h --session-ttl 9999999999999999999d", "h --session-ttl 3651d", "h --base-path demo",
        "h --base-path /a//b", "h --base-path /../x", "h --base-path /x/..", "h --base-path /a?b", "h --address http://x/", "h --address=", "h --data=",
        "h --model=", "h --set color", "h --set =x", "h --set a.b=c", "h --log-level warning", "h --cors-origins example.org", "h --cors-origins https://",
        "h --cors-origins https://a/b", "h --cors-origins https://a,", "h --cors-origins https://a;b", "h --cors-origins *,https://a", "h --cors-origins https://*.a", "h --cors-origins null", "h --help=maybe",
    };
    for (int i = 0; i < COUNT(args); i++) says(bad(args[i], ""), "is not allowed");
}

TEST(a_flag_without_its_value_says_so)
{
    says(bad("hello --port", ""), "--port needs a value");
    says(bad("hello --model --port 1", ""), "--model needs a value");
}

TEST(an_unknown_option_names_the_nearest)
{
    says(bad("hello --prot 1", ""), "did you mean --port?");
    says(bad("hello --log-levle=info", ""), "did you mean --log-level?");
    says(bad("hello --session", ""), "did you mean --session-ttl?");
    const char *text = bad("hello --frobnicate", "");
    says(text, "no option --frobnicate");
    assert_null(strstr(text, "did you mean"));
    says(bad("hello -p 1", ""), "no option -p");
    says(bad("hello page.c", ""), "\"page.c\" is no option");
    says(bad("hello --", ""), "no option --");
    says(bad("hello --a-name-that-is-much-longer-than-any-table-of-distances-could-hold", ""), "there is no option");
}

TEST(who_asks_for_help_gets_it_whatever_the_variables_say)
{
    options o = good("hello --help", "EASEL_PORT=abc");
    assert_true(o.help);
    options_done(&o);
    o = good("hello -h", "");
    assert_true(o.help);
    options_done(&o);
}

TEST(help_names_every_option_in_lines_that_fit)
{
    text t = {0};
    options_help(&t, "hello");
    static const char *const names[] = { "--port N", "--address", "--data DIR", "--model FILE", "--threads", "--pool-threads N", "--workers", "--session-ttl", "--base-path",
        "--log-level", "--log-json", "--set NAME=VALUE", "--help", "--version", ".easel/hello", "EASEL_SESSION_TTL" };
    for (int i = 0; i < COUNT(names); i++) says(t.at, names[i]);
    for (char *line = strtok(t.at, "\n"); line; line = strtok(NULL, "\n"))
        if (utf8_length(line) > 110) fail_msg("too long: %s", line);
    text_done(&t);
}

TEST(the_page_of_options_has_one_row_for_each)
{
    text t = {0};
    options_markdown(&t);
    says(t.at, "| `--session-ttl TIME` | `EASEL_SESSION_TTL` | `30d` |");
    says(t.at, "| `--set NAME=VALUE` | `EASEL_SET_<NAME>` |");
    says(t.at, "| `--version` |  | `no` |");
    text_done(&t);
}

TEST(sizes_are_bytes_with_a_unit)
{
    options o = good("hello --session-memory 65536 --memory=2G", "");
    assert_int_equal(o.session_memory, 65536);
    assert_int_equal(o.memory, 2LL << 30);
    options_done(&o);
    o = good("hello", "EASEL_SESSION_MEMORY=0 EASEL_MEMORY=64K");
    assert_int_equal(o.session_memory, 0);
    assert_int_equal(o.memory, 65536);
    options_done(&o);
    static const char *const wrong[] = { "64k", "1000", "-1M", "M", "1.5G", "99999999999G", "64 M" };
    for (int i = 0; i < COUNT(wrong); i++) {
        ez_err err = { EZ_OK, "" };
        char *argv[] = { "hello", "--session-memory", (char *)wrong[i], NULL };
        assert_false(options_read(&o, 3, argv, NULL, &err));
        assert_non_null(strstr(err.text, "--session-memory"));
        assert_non_null(strstr(err.text, wrong[i]));
    }
}

TEST(a_password_is_long_enough_and_stands_in_no_message)
{
    options o = good("p", "EASEL_PASSWORD=8-letter");
    assert_string_equal(o.password, "8-letter");
    options_done(&o);
    o = good("p --password flag-wins", "EASEL_PASSWORD=8-letter");
    assert_string_equal(o.password, "flag-wins");
    options_done(&o);
    o = good("p", "EASEL_PASSWORD=");
    assert_null(o.password);
    options_done(&o);
    static const char *const wrong[] = { "7-chars", "ez_12345678", "tab\tinside", "bell\ainside", "not-utf-8-\xff" };
    for (int i = 0; i < COUNT(wrong); i++) {
        char variable[64];
        snprintf(variable, sizeof variable, "EASEL_PASSWORD=%s", wrong[i]);
        const char *said = bad("p", variable);
        says(said, "--password: what was given is not allowed (set by the variable EASEL_PASSWORD)");
        assert_null(strstr(said, wrong[i]));
    }
    assert_null(strstr(bad("p --password=", ""), "\"\""));
}
