/* api_test.c: what /healthz and /readyz say in each state of a program. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "base/test.h"
#include "chat/wire.h"
#include <cJSON.h>
#include <stdio.h>
#include <string.h>

static int ask(const char *path, const api_facts *f, const char *key, char value[64])
{
    api_answer a = {0};
    assert_true(api_reply("GET", path, f, &a));
    assert_string_equal(a.type, "application/json");
    cJSON *body = cJSON_Parse(a.body.at);
    assert_non_null(body);
    cJSON *member = cJSON_GetObjectItemCaseSensitive(body, key);
    snprintf(value, 64, "%s", cJSON_IsString(member) ? member->valuestring : "?");
    assert_int_equal(a.retry_s > 0, a.status == 503);
    cJSON_Delete(body);
    text_done(&a.body);
    return a.status;
}

TEST(a_living_program_is_healthy_also_while_it_starts_and_stops)
{
    char value[64];
    const api_facts states[] = { {0}, { .started = true }, { .started = true, .stopping = true }, { .started = true, .unsaved = true } };
    for (int i = 0; i < COUNT(states); i++) {
        assert_int_equal(ask("healthz", &states[i], "status", value), 200);
        assert_string_equal(value, "ok");
    }
}

TEST(a_program_is_ready_when_visitors_can_be_sent_to_it)
{
    const struct { api_facts facts; int status; const char *says; } rows[] = {
        { {0}, 503, "starting" },
        { { .started = true }, 200, "ready" },
        { { .started = true, .model = API_MODEL_LOADING }, 503, "loading" },
        { { .started = true, .model = API_MODEL_READY }, 200, "ready" },
        { { .started = true, .model = API_MODEL_FAILED }, 200, "ready" },
        { { .started = true, .unsaved = true }, 200, "ready" },
        { { .started = true, .stopping = true }, 503, "stopping" },
    };
    char value[64];
    for (int i = 0; i < COUNT(rows); i++) {
        assert_int_equal(ask("readyz", &rows[i].facts, "status", value), rows[i].status);
        assert_string_equal(value, rows[i].says);
    }
}

TEST(readiness_names_store_and_model)
{
    char value[64];
    api_facts f = { .started = true, .unsaved = true, .model = API_MODEL_FAILED };
    ask("readyz", &f, "store", value);
    assert_string_equal(value, "failing");
    ask("readyz", &f, "model", value);
    assert_string_equal(value, "failed");
}

TEST(other_addresses_are_not_ours_and_other_methods_are_refused)
{
    api_answer a = { .status = 77 };
    assert_false(api_reply("GET", "", &(api_facts){0}, &a));
    assert_false(api_reply("GET", "healthz/", &(api_facts){0}, &a));
    assert_int_equal(a.status, 77);
    assert_true(api_reply("POST", "healthz", &(api_facts){0}, &a));
    assert_int_equal(a.status, 405);
    assert_string_equal(a.allow, "GET, HEAD");
    text_done(&a.body);
    assert_true(api_reply("HEAD", "healthz", &(api_facts){0}, &a));
    assert_int_equal(a.status, 200);
    text_done(&a.body);
}

/* The value behind this name, which has a help and a type before it. */
static double metric(const char *body, const char *name, const char *type)
{
    char line[200];
    size_t stem = strcspn(name, "{");
    snprintf(line, sizeof line, "# TYPE %.*s %s\n", (int)stem, name, type);
    const char *at = strstr(body, line), *value;
    if (!at) fail_msg("there is no %s", line);
    snprintf(line, sizeof line, "\n%s ", name);
    value = strstr(at, line);
    if (!value) fail_msg("there is no %s", name);
    return plain_real(value + strlen(line), NULL);
}

TEST(what_is_counted_is_told_to_prometheus)
{
    api_answer a = { 0 };
    const wire_counts counts = { 1, 2, 3, 4, 6, 0.5, 1.25, { 7, 8, 9, 10, 11 }, 14, 15, 12, 13 };
    api_facts f = { .started = true, .uptime_ms = 1500, .sessions = 3, .model = API_MODEL_READY, .engine = &counts };
    assert_true(api_reply("GET", "metrics", &f, &a));
    assert_int_equal(a.status, 200);
    assert_string_equal(a.type, "text/plain; version=0.0.4; charset=utf-8");
    assert_true(metric(a.body.at, "easel_uptime_seconds", "gauge") == 1.5);
    assert_true(metric(a.body.at, "easel_sessions", "gauge") == 3);
    assert_true(metric(a.body.at, "llamacpp:prompt_tokens_total", "counter") == 1);
    assert_true(metric(a.body.at, "llamacpp:n_busy_slots_per_decode", "gauge") == 1.5);
    assert_true(metric(a.body.at, "easel_answers_total{end=\"refused\"}", "counter") == 11);
    assert_true(metric(a.body.at, "easel_model_cache_hits_total", "counter") == 14);
    assert_true(metric(a.body.at, "easel_model_cache_misses_total", "counter") == 15);
    assert_int_equal(a.body.at[a.body.count - 1], '\n');
    for (const char *line = a.body.at; *line; line = strchr(line, '\n') + 1)            /* each sample is a name, a blank and a number */
        if (*line != '#') assert_true(strcspn(line, " ") < strcspn(line, "\n") && strchr("0123456789", line[strcspn(line, " ") + 1]));
    text_done(&a.body);
    f = (api_facts){ .started = true };
    assert_true(api_reply("GET", "metrics", &f, &a));
    assert_null(strstr(a.body.at, "llamacpp:"));                                         /* nothing is told that nobody counts */
    assert_null(strstr(a.body.at, "easel_model_ready"));
    text_done(&a.body);
}
