/* mcp_offers.c: what a program offers besides tools: prompts, resources, and how an argument of them may go on. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mcp.h"
#include <string.h>

static const uint64_t ARGUMENTS = 1;           /* the scope of what a prompt's text is filled with; any will do */

static bool has_places(const char *address)
{
    api_place p;
    return api_place_next(address, &p);
}

static void list_begin(mcp_asking *a, text *body, json *j, const char *what)
{
    *j = mcp_begin(body, a->id);
    mcp_begin_result(j);
    json_key(j, what);
    json_array(j);
}

static void list_end(mcp_asking *a, text *body, json *j)
{
    json_array_end(j);
    mcp_end_result(j, true);
    calls_reply(a->rq, 200, body, NULL, NULL);
}

static const app_prompt *prompt_named(const mcp_asking *a, const char *name) { return name ? app_prompt_named(a->hub->app, name) : NULL; }

/* One that is a prompt. */
static const app_function *function_named(const mcp_asking *a, const char *name)
{
    const app_function *f = name ? call_function(a->hub, name) : NULL;
    return f && f->prompt ? f : NULL;
}

mcp_offers mcp_offers_of(const ez_app *app)
{
    mcp_offers o = { app->prompts.count != 0, app->prompts.count != 0 };
    for (int i = 0; i < app->functions.count; i++) {
        const app_function *f = &app->functions.at[i];
        o.prompts = o.prompts || f->prompt;
        o.completions = o.completions || f->prompt || (f->resource && has_places(f->resource));
    }
    return o;
}

/* ---- prompts --------------------------------------------------------------------------------------------------------------------- */

static void put_prompt(json *j, const char *name, const char *help, const ez_record *in)
{
    json_object(j);
    json_member(j, "name", name);
    if (help) json_member(j, "description", help);
    json_key(j, "arguments");
    json_array(j);
    for (int i = 0; in && i < in->count; i++) {
        const ez_field *f = record_field(in, i);
        json_object(j);
        json_member(j, "name", f->name);
        if (f->label) json_member(j, "title", f->label);
        if (f->help) json_member(j, "description", f->help);
        json_key(j, "required"), json_bool(j, api_is_required(f));
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

void mcp_list_prompts(mcp_asking *a)
{
    const ez_app *app = a->hub->app;
    text body = { 0 };
    json j;
    list_begin(a, &body, &j, "prompts");
    for (int i = 0; i < app->prompts.count; i++) {
        const app_prompt *p = &app->prompts.at[i];
        if (mcp_opens(a, p->name)) put_prompt(&j, p->name, p->help, p->in);
    }
    for (int i = 0; i < app->functions.count; i++) {
        const app_function *f = &app->functions.at[i];
        if (f->prompt && mcp_opens(a, f->name)) put_prompt(&j, f->name, f->help, f->in);
    }
    list_end(a, &body, &j);
}

/* Arguments come as strings, whatever their fields are. */
static void read_arguments(const mcp_asking *a, const ez_record *in, text *out)
{
    const cJSON *one, *all = cJSON_GetObjectItemCaseSensitive(a->params, "arguments");
    json j = json_to(out);
    json_object(&j);
    cJSON_ArrayForEach(one, all) {
        char *said = cJSON_IsString(one) ? NULL : cJSON_PrintUnformatted(one);
        if (!one->string) json_key(&j, ""), json_text(&j, NULL);          /* a list is none, and is refused so */
        else if (said) json_key(&j, one->string), json_raw(&j, said, strlen(said));
        else api_member(&j, record_named(in, one->string), one->string, one->valuestring);
        cJSON_free(said);
    }
    json_object_end(&j);
}

static void reply_words(mcp_asking *a, const app_prompt *p, const text *words)
{
    text body = { 0 };
    json j = mcp_begin(&body, a->id);
    mcp_begin_result(&j);
    if (p->help) json_member(&j, "description", p->help);
    json_key(&j, "messages");
    json_array(&j);
    json_object(&j);
    json_member(&j, "role", "user");
    json_key(&j, "content");
    mcp_put_words(&j, words->count ? words->at : "", words->count);
    json_object_end(&j);
    json_array_end(&j);
    mcp_end_result(&j, false);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

static void fill_prompt(mcp_asking *a, const app_prompt *p, const text *arguments)
{
    api_problem why = { 0 };
    values given = { 0 };
    text words = { 0 };
    if (api_inputs(p->in, arguments->at, arguments->count, ARGUMENTS, NULL, &given, &why)) {
        api_fill(p->text, ARGUMENTS, &given, &words);
        reply_words(a, p, &words);
    } else {
        mcp_refuse(a, 200, RPC_PARAMS, "%s", why.detail.at);
    }
    api_problem_done(&why);
    values_done(&given);
    text_done(&words);
}

static void ask_function(mcp_asking *a, const app_function *f, const text *inputs, mcp_tell *tell, const char *of)
{
    api_problem why = { 0 };
    call *c = call_begin(a->hub, a->rq, f, net_header(a->rq, "mcp-session-id"), inputs->at, inputs->count, NULL, &why);
    if (c) mcp_answer(a, c, tell, of, NULL);
    else mcp_refuse(a, why.status == 403 ? 403 : 200, why.status < 429 ? RPC_PARAMS : RPC_INTERNAL, "%s", why.detail.at);
    api_problem_done(&why);
}

void mcp_get_prompt(mcp_asking *a)
{
    const char *name = mcp_member(a->params, "name");
    const app_prompt *p = prompt_named(a, name);
    const app_function *f = p ? NULL : function_named(a, name);
    text arguments = { 0 };
    if (p || f) read_arguments(a, p ? p->in : f->in, &arguments);
    if (p && mcp_opens(a, p->name)) fill_prompt(a, p, &arguments);
    else if (p) mcp_refuse(a, 403, RPC_PARAMS, "the key does not open the prompt %s; who runs the program makes keys", p->name);
    else if (f) ask_function(a, f, &arguments, mcp_tell_prompt, NULL);
    else mcp_refuse(a, a->modern ? 400 : 200, RPC_PARAMS, "there is no prompt %.100s; prompts/list says which there are", name ? name : "without a name");
    text_done(&arguments);
}

/* ---- resources --------------------------------------------------------------------------------------------------------------------- */

static void put_resources(mcp_asking *a, json *j, bool patterns)
{
    const ez_app *app = a->hub->app;
    for (int i = 0; i < app->functions.count; i++) {
        const app_function *f = &app->functions.at[i];
        if (!f->resource || has_places(f->resource) != patterns || !mcp_opens(a, f->name))
            continue;
        json_object(j);
        json_member(j, patterns ? "uriTemplate" : "uri", f->resource);
        json_member(j, "name", f->name);
        if (f->help) json_member(j, "description", f->help);
        json_object_end(j);
    }
}

/* Files belong to those who were given their links: nobody is told what there is. */
void mcp_list_resources(mcp_asking *a)
{
    text body = { 0 };
    json j;
    list_begin(a, &body, &j, "resources");
    put_resources(a, &j, false);
    list_end(a, &body, &j);
}

void mcp_list_templates(mcp_asking *a)
{
    text body = { 0 };
    json j;
    list_begin(a, &body, &j, "resourceTemplates");
    put_resources(a, &j, true);
    json_object(&j);
    json_member(&j, "uriTemplate", arena_printf(a->rq->arena, "%s" FILE_ADDRESS "{path}", routes_root(a->hub, a->rq)));
    json_member(&j, "name", "file");
    json_member(&j, "description", "A file that a tool has given, by the link in its result");
    json_object_end(&j);
    list_end(a, &body, &j);
}

static void reply_file(mcp_asking *a, const char *uri, const ez_file *f, const text *bytes)
{
    text body = { 0 };
    json j = mcp_begin(&body, a->id);
    mcp_begin_result(&j);
    json_key(&j, "contents");
    json_array(&j);
    mcp_put_resource(&j, uri, f, bytes);
    json_array_end(&j);
    mcp_end_result(&j, true);
    calls_reply(a->rq, 200, &body, NULL, NULL);
}

static void read_file(mcp_asking *a, const char *uri)
{
    const char *root = routes_root(a->hub, a->rq);
    char *address = arena_printf(a->rq->arena, "%s" FILE_ADDRESS, root);
    bool ours = uri && !strncmp(uri, address, strlen(address));
    const char *path = ours ? uri + strlen(address) : "";
    char *id = arena_text_n(a->rq->arena, path, strcspn(path, "/"));
    const ez_file *f = files_is_id(id) ? files_find(hub_files(a->hub), a->rq->arena, id) : NULL;
    text bytes = { 0 };
    if (!f) mcp_refuse(a, 200, a->modern ? RPC_PARAMS : RPC_RESOURCE, "there is no resource %.300s, or not any more; resources/list and the results of tools say which there are", uri ? uri : "without a uri");
    else if (f->size > MCP_FILE_MOST) mcp_refuse(a, 200, RPC_PARAMS, "%.200s has %lld bytes, more than the %d that come in one answer; fetch it over HTTP at its uri", f->name, f->size, MCP_FILE_MOST);
    else if (!mcp_read_file(f, &bytes)) mcp_refuse(a, 200, RPC_PARAMS, "%.200s cannot be read", f->name);
    else reply_file(a, uri, f, &bytes);
    text_done(&bytes);
}

void mcp_read_resource(mcp_asking *a)
{
    const ez_app *app = a->hub->app;
    const char *uri = mcp_member(a->params, "uri");
    const app_function *found = NULL;
    text inputs = { 0 };
    for (int i = 0; uri && !found && i < app->functions.count; i++) {
        const app_function *f = &app->functions.at[i];
        text_clear(&inputs);
        if (f->resource && api_match(f->resource, uri, f->in, &inputs)) found = f;
    }
    if (found) ask_function(a, found, &inputs, mcp_tell_resource, uri);
    else read_file(a, uri);
    text_done(&inputs);
}

/* ---- completion -------------------------------------------------------------------------------------------------------------------- */

/* The inputs of the prompt or resource that is meant; false: there is none. */
static bool find_inputs(mcp_asking *a, const ez_record **in)
{
    const cJSON *ref = cJSON_GetObjectItemCaseSensitive(a->params, "ref");
    const char *kind = mcp_member(ref, "type"), *name = mcp_member(ref, "name"), *uri = mcp_member(ref, "uri");
    const ez_app *app = a->hub->app;
    const app_prompt *p = kind && !strcmp(kind, "ref/prompt") ? prompt_named(a, name) : NULL;
    const app_function *f = kind && !strcmp(kind, "ref/prompt") ? function_named(a, name) : NULL;
    for (int i = 0; kind && !strcmp(kind, "ref/resource") && uri && i < app->functions.count; i++)
        if (app->functions.at[i].resource && !strcmp(app->functions.at[i].resource, uri)) f = &app->functions.at[i];
    *in = p ? p->in : f ? f->in : NULL;
    return (p && mcp_opens(a, p->name)) || (f && mcp_opens(a, f->name));
}

/* Fields with .options, and flags, have values to offer; of others nobody knows how they go on. */
void mcp_complete(mcp_asking *a)
{
    const cJSON *argument = cJSON_GetObjectItemCaseSensitive(a->params, "argument");
    const char *name = mcp_member(argument, "name"), *begun = mcp_member(argument, "value");
    const ez_record *in;
    text body = { 0 };
    if (!find_inputs(a, &in)) {
        mcp_refuse(a, 200, RPC_PARAMS, "params.ref names no prompt or resource of this program");
    } else if (!name || !begun) {
        mcp_refuse(a, 200, RPC_PARAMS, "params.argument lacks its name or value");
    } else {
        json j = mcp_begin(&body, a->id);
        mcp_begin_result(&j);
        json_key(&j, "completion"), api_complete(&j, record_named(in, name), begun);
        mcp_end_result(&j, false);
        calls_reply(a->rq, 200, &body, NULL, NULL);
    }
}
