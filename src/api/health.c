/* health.c: /healthz, /readyz and /metrics, for supervisors, load balancers and people with curl. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/metrics.h"
#include "base/version.h"
#include <string.h>

static void health_write(const api_facts *f, api_answer *out)
{
    (void)f;
    json j = json_to(&out->body);
    json_object(&j);
    json_key(&j, "status"), json_text(&j, "ok");
    json_object_end(&j);
}

static const char *ready_status(const api_facts *f)
{
    if (f->stopping) return "stopping";
    if (!f->started) return "starting";
    return f->model == API_MODEL_LOADING ? "loading" : "ready";
}

static void ready_write(const api_facts *f, api_answer *out)
{
    static const char *const models[] = { "none", "loading", "ready", "failed" };
    const char *status = ready_status(f);
    if (strcmp(status, "ready") != 0) out->status = 503, out->retry_s = 1;
    json j = json_to(&out->body);
    json_object(&j);
    json_key(&j, "status"), json_text(&j, status);
    json_key(&j, "version"), json_text(&j, EASEL_VERSION);
    json_key(&j, "uptime"), json_number(&j, (double)f->uptime_ms / 1000);
    json_key(&j, "sessions"), json_int(&j, f->sessions);
    json_key(&j, "views"), json_int(&j, f->views);
    json_key(&j, "waiting"), json_int(&j, f->waiting);
    json_key(&j, "memory"), json_int(&j, (int64_t)f->memory);
    json_key(&j, "store"), json_text(&j, f->unsaved ? "failing" : "ok");
    json_key(&j, "model"), json_text(&j, models[f->model]);
    json_object_end(&j);
}

static const struct { const char *path; void (*write)(const api_facts *f, api_answer *out); } api_routes[] = {
    { "healthz", health_write },
    { "readyz", ready_write },
    { "metrics", metrics_write },
};

static void api_refuse(const char *method, api_answer *out)
{
    out->status = 405;
    out->allow = "GET, HEAD";
    json j = json_to(&out->body);
    text why = {0};
    text_printf(&why, "%s is not allowed here; use GET", method);
    json_object(&j);
    json_key(&j, "error"), json_text(&j, why.at);
    json_object_end(&j);
    text_done(&why);
}

bool api_reply(const char *method, const char *path, const api_facts *facts, api_answer *out)
{
    for (int i = 0; i < COUNT(api_routes); i++) {
        if (strcmp(path, api_routes[i].path) != 0) continue;
        *out = (api_answer){ .status = 200, .type = "application/json", .body.arena = out->body.arena };
        if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) api_routes[i].write(facts, out);
        else api_refuse(method, out);
        return true;
    }
    return false;
}
