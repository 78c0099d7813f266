/* openapi.c: the OpenAPI 3.1 document of the program's functions. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include "base/version.h"
#include <stdio.h>

/* "content": { type: { "schema": … } } */
static void content(json *j, const char *type, const ez_record *r, const char *reference)
{
    json_key(j, "content");
    json_object(j);
    json_key(j, type);
    json_object(j);
    json_key(j, "schema");
    if (reference) {
        json_object(j);
        json_member(j, "$ref", reference);
        json_object_end(j);
    } else {
        api_schema(j, r);
    }
    json_object_end(j);
    json_object_end(j);
}

static void response(json *j, const char *status, const char *description, const char *type, const ez_record *r, const char *reference)
{
    json_key(j, status);
    json_object(j);
    json_member(j, "description", description);
    content(j, type, r, reference);
    json_object_end(j);
}

static void parameter(json *j, const char *name, const char *description)
{
    json_object(j);
    json_member(j, "name", name);
    json_member(j, "in", "header");
    json_member(j, "description", description);
    json_key(j, "schema");
    json_object(j);
    json_member(j, "type", "string");
    json_object_end(j);
    json_object_end(j);
}

static void operation(json *j, const api_function *f)
{
    char path[200];
    snprintf(path, sizeof path, "/api/%s", f->name);
    json_key(j, path);
    json_object(j);
    json_key(j, "post");
    json_object(j);
    json_member(j, "operationId", f->name);
    if (f->help) json_member(j, "summary", f->help);
    json_key(j, "parameters");
    json_array(j);
    parameter(j, "Prefer", "respond-async: 202 and the address of a job at once");
    parameter(j, "Idempotency-Key", "calls with the same key are one call, whose answer each of them gets");
    if (f->keeps) parameter(j, "Easel-Session", "a name of the session in which the function keeps something from call to call: 1 to 100 bytes, hard to guess");
    json_array_end(j);
    json_key(j, "requestBody");
    json_object(j);
    json_key(j, "required"), json_bool(j, f->in && f->in->count);
    content(j, "application/json", f->in, NULL);
    json_object_end(j);
    json_key(j, "responses");
    json_object(j);
    response(j, "200", "what the function gives; with Accept: text/event-stream, its outputs as they change, then all of them", "application/json", f->out, NULL);
    response(j, "202", "it is queued: the job's address is in Location", "application/json", NULL, "#/components/schemas/Job");
    response(j, "default", "what is wrong", "application/problem+json", NULL, "#/components/schemas/Problem");
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
}

static void job_operations(json *j)
{
    json_key(j, "/api/jobs/{id}");
    json_object(j);
    json_key(j, "parameters");
    json_array(j);
    json_object(j);
    json_member(j, "name", "id");
    json_member(j, "in", "path");
    json_key(j, "required"), json_bool(j, true);
    json_key(j, "schema");
    json_object(j);
    json_member(j, "type", "string");
    json_object_end(j);
    json_object_end(j);
    json_array_end(j);
    static const char *const verbs[][3] = { { "get", "job", "How far a job is, and what it gave; with Accept: text/event-stream, from now to its end" }, { "delete", "cancelJob", "Cancels a job" } };
    for (int i = 0; i < COUNT(verbs); i++) {
        json_key(j, verbs[i][0]);
        json_object(j);
        json_member(j, "operationId", verbs[i][1]);
        json_member(j, "summary", verbs[i][2]);
        json_key(j, "responses");
        json_object(j);
        response(j, "200", "the job", "application/json", NULL, "#/components/schemas/Job");
        response(j, "default", "what is wrong", "application/problem+json", NULL, "#/components/schemas/Problem");
        json_object_end(j);
        json_object_end(j);
    }
    json_object_end(j);
}

static const char SCHEMAS[] =
    "{\"schemas\":{\"Job\":{\"type\":\"object\",\"properties\":{\"id\":{\"type\":\"string\"},\"function\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"string\",\"enum\":[\"queued\",\"running\",\"done\",\"failed\",\"cancelled\"]},"
    "\"position\":{\"type\":\"integer\",\"description\":\"in the queue, from 1\"},"
    "\"progress\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1},\"text\":{\"type\":\"string\"},\"output\":{\"type\":\"object\"},"
    "\"error\":{\"$ref\":\"#/components/schemas/Problem\"}},\"required\":[\"id\",\"function\",\"status\"]},"
    "\"Problem\":{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":\"string\"},"
    "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"pointer\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}},"
    "\"required\":[\"title\",\"status\"]}}}";

void api_openapi(const api_function *all, int count, const char *title, const char *server, text *out)
{
    json j = json_to(out);
    json_object(&j);
    json_member(&j, "openapi", "3.1.0");
    json_key(&j, "info");
    json_object(&j);
    json_member(&j, "title", title);
    json_member(&j, "version", EASEL_VERSION);
    json_object_end(&j);
    json_key(&j, "servers");
    json_array(&j);
    json_object(&j);
    json_member(&j, "url", server);
    json_object_end(&j);
    json_array_end(&j);
    json_key(&j, "paths");
    json_object(&j);
    for (int i = 0; i < count; i++) operation(&j, &all[i]);
    if (count) job_operations(&j);
    json_object_end(&j);
    json_key(&j, "components"), json_raw(&j, SCHEMAS, sizeof SCHEMAS - 1);
    json_object_end(&j);
}
