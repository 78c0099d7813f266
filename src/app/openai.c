/* openai.c: the program's model for OpenAI's clients (platform.openai.com/docs/api-reference): the addresses below /v1, the models, and the shape of errors. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/openai.h"
#include <stdio.h>
#include <string.h>

/* ---- errors -------------------------------------------------------------------------------------------------------------------------- */

void openai_error(text *out, const char *type, const char *param, const char *code, const char *words)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "error");
    json_object(&j);
    json_key(&j, "message"), json_text(&j, words);
    json_key(&j, "type"), json_text(&j, type);
    json_key(&j, "param"), json_text(&j, param);
    json_key(&j, "code"), json_text(&j, code);
    json_object_end(&j);
    json_object_end(&j);
}

static void refuse(net_request *rq, int status, const char *type, const char *param, const char *code, const char *format, va_list args)
{
    char words[700];
    vsnprintf(words, sizeof words, format, args);
    words[utf8_whole(words, strlen(words))] = 0;
    text body = { 0 };
    openai_error(&body, type, param, code, words);
    calls_reply(rq, status, &body, status == 503 ? "Retry-After" : NULL, "1");
}

void openai_refuse(net_request *rq, int status, const char *type, const char *param, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    refuse(rq, status, type, param, code, format, args);
    va_end(args);
}

bool openai_wrong(net_request *rq, const char *param, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    refuse(rq, 400, "invalid_request_error", param, NULL, format, args);
    va_end(args);
    return false;
}

/* ---- models -------------------------------------------------------------------------------------------------------------------------- */

/* Without folders and ".gguf". */
const char *openai_model(const hub *h, arena *a)
{
    if (!h->app->model)
        return NULL;
    if (*models_called(h->models))
        return arena_text(a, models_called(h->models));
    const char *hash = strchr(h->app->model, '#'), *slash = hash ? hash : strrchr(h->app->model, '/'), *name = slash ? slash + 1 : h->app->model;
    size_t count = strlen(name);
    return arena_text_n(a, name, count > 5 && !strcmp(name + count - 5, ".gguf") ? count - 5 : count);
}

static void put_model(json *j, const char *name)
{
    json_object(j);
    json_key(j, "id"), json_text(j, name);
    json_key(j, "object"), json_text(j, "model");
    json_key(j, "created"), json_int(j, 0);
    json_key(j, "owned_by"), json_text(j, "easel");
    json_object_end(j);
}

static void list_models(hub *h, net_request *rq)
{
    const char *name = openai_model(h, rq->arena);
    text body = { 0 };
    json j = json_to(&body);
    json_object(&j);
    json_key(&j, "object"), json_text(&j, "list");
    json_key(&j, "data");
    json_array(&j);
    if (name) put_model(&j, name);
    json_array_end(&j);
    json_object_end(&j);
    calls_reply(rq, 200, &body, NULL, NULL);
}

static void one_model(hub *h, net_request *rq, const char *asked)
{
    const char *name = openai_model(h, rq->arena);
    text body = { 0 };
    json j = json_to(&body);
    if (!name || strcmp(asked, name)) {
        openai_refuse(rq, 404, "invalid_request_error", "model", "model_not_found", "there is no model %.100s here%s%s", asked, name ? "; there is " : "", name ? name : "");
        return;
    }
    put_model(&j, name);
    calls_reply(rq, 200, &body, NULL, NULL);
}

/* ---- addresses ----------------------------------------------------------------------------------------------------------------------- */

static const struct { const char *method, *path; void (*answer)(hub *h, net_request *rq); } routes[] = {
    { "GET", "models", list_models },
    { "POST", "chat/completions", openai_chat },
    { "POST", "completions", openai_text },
    { "POST", "embeddings", openai_vector },
    { "POST", "responses", openai_responses },
};

static void nothing_there(net_request *rq, const char *path)
{
    text all = { 0 };
    for (int i = 0; i < COUNT(routes); i++) text_printf(&all, "%s%s /v1/%s", i ? ", " : "", routes[i].method, routes[i].path);
    openai_refuse(rq, 404, "invalid_request_error", NULL, NULL, "there is nothing at %.20s %.200s; there are %s", rq->method, path, all.at);
    text_done(&all);
}

static void refuse_caller(net_request *rq, api_problem *why)
{
    const char *value, *header = access_header(rq, why, &value);
    const char *type = why->status == 401 ? "invalid_request_error" : why->status == 403 ? "permission_error" : why->used_up ? "insufficient_quota" : "requests";
    const char *code = why->status == 401 ? "invalid_api_key" : why->status == 403 ? NULL : why->used_up ? "insufficient_quota" : "rate_limit_exceeded";
    text body = { 0 };
    openai_error(&body, type, NULL, code, arena_printf(rq->arena, "%s: %s", why->title, why->detail.at));
    calls_reply(rq, why->status, &body, header, value);
    api_problem_done(why);
}

/* To ask what there is costs nothing. */
static bool may_ask(hub *h, net_request *rq)
{
    api_problem why = { 0 };
    if (*rq->method != 'P' || call_allowed(h, rq, NULL, &why))
        return true;
    refuse_caller(rq, &why);
    return false;
}

bool openai_handle(hub *h, net_request *rq, const char *path)
{
    if (strncmp(path, "/v1/", 4))
        return false;
    api_problem why = { 0 };
    if (!access_check(h, rq, &why)) {
        refuse_caller(rq, &why);
        return true;
    }
    for (int i = 0; i < COUNT(routes); i++)
        if (!strcmp(path + 4, routes[i].path) && !strcmp(rq->method, routes[i].method)) {
            if (may_ask(h, rq)) routes[i].answer(h, rq);
            return true;
        }
    if (!strncmp(path, "/v1/models/", 11) && !strcmp(rq->method, "GET")) one_model(h, rq, path + 11);
    else nothing_there(rq, path);
    return true;
}
