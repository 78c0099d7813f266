/* api_page.c: the page at /api: what the program's functions are for those who call them, to be tried and to be copied. Made of the same elements as any page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/calls.h"
#include "gen/elements_gen.h"
#include <string.h>

static const ez_call here = { 1, "the API page", 0 };
static const ez_record nothing = { "nothing", 1, NULL, 0, sizeof(ez_field) };

static hub *hub_of(ez_ui *ui) { return page_host(ui)->data; }

static bool is_text(const ez_field *f) { return f->kind == EZ_KIND_TEXT || f->kind == EZ_KIND_CHARS; }

/* ---- what a call could look like -------------------------------------------------------------------------------------------------- */

static void put_example(json *j, const ez_field *f)
{
    if (api_is_file(f)) json_text(j, "data:image/png;base64,…");
    else if (f->kind == EZ_KIND_DATE) json_text(j, "2026-11-21");
    else if (is_text(f)) json_text(j, f->options ? f->options[0] : "…");
    else if (f->kind == EZ_KIND_BOOL) json_bool(j, f->value != 0);
    else json_number(j, (double)f->value);
}

/* The inputs as an object, as JSON or Python writes it. */
static const char *example(ez_ui *ui, const ez_record *in, bool python)
{
    text t = { 0 };
    json j = json_to(&t);
    j.wire = true;
    json_object(&j);
    for (int i = 0; in && i < in->count; i++) {
        const ez_field *f = record_field(in, i);
        json_key(&j, f->name);
        if (python && f->kind == EZ_KIND_BOOL) json_raw(&j, f->value != 0 ? "True" : "False", f->value != 0 ? 4 : 5);
        else put_example(&j, f);
    }
    json_object_end(&j);
    const char *kept = ez_fmt(ui, "%s", t.at);
    text_done(&t);
    return kept;
}

static const char *form(ez_ui *ui, const ez_record *in)
{
    const char *all = "";
    for (int i = 0; in && i < in->count; i++) {
        const ez_field *f = record_field(in, i);
        text t = { 0 };
        json j = json_to(&t);
        put_example(&j, f);
        bool quoted = t.at[0] == '"';
        if (api_is_file(f)) all = ez_fmt(ui, "%s -F %s=@FILE", all, f->name);
        else all = ez_fmt(ui, "%s -F '%s=%.*s'", all, f->name, (int)(t.count - (quoted ? 2 : 0)), t.at + quoted);
        text_done(&t);
    }
    return all;
}

static const char *address(ez_ui *ui)
{
    const hub *h = hub_of(ui);
    const options *o = &h->app->options;
    int port = h->net ? net_port(h->net) : o->port;
    return ez_fmt(ui, "http://localhost:%d%s", port ? port : o->port, o->base_path);
}

/* Who tries a function on this page calls it without one. */
static bool needs_key(ez_ui *ui) { return hub_of(ui)->app->options.require_key; }

/* ---- one function ------------------------------------------------------------------------------------------------------------------- */

static void show_code(ez_ui *tabs, const char *label, const char *language, const char *code)
{
    ez_ui *tab = ez_tab_put(tabs, EZ_ARGS(ez_tab_args, .call = here, .label = label));
    ez_code_put(tab, EZ_ARGS(ez_code_args, .call = here, .text = code, .language = language));
}

/* As C writes it. */
static const char *quoted(ez_ui *ui, const char *s)
{
    text t = { 0 };
    text_json_wire(&t, s, strlen(s));
    const char *kept = ez_fmt(ui, "%s", t.at);
    text_done(&t);
    return kept;
}

/* What a caller says to show a key, in each language; "" where none is needed. */
typedef struct key_words { const char *curl, *python, *script, *c, *gradio; } key_words;
static const key_words no_key = { "", "", "", "", "" };
static const key_words with_key = {
    .curl = " -H 'Authorization: Bearer KEY'",
    .python = ",\n                       headers={\"Authorization\": \"Bearer KEY\"}",
    .script = "    headers: { Authorization: \"Bearer KEY\" },\n",
    .c = "    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, curl_slist_append(NULL, \"Authorization: Bearer KEY\"));\n",
    .gradio = ", token=\"KEY\"",
};

static void show_snippets(ez_ui *ui, const app_function *f)
{
    const char *base = address(ui), *body = example(ui, f->in, false);
    const key_words *key = needs_key(ui) ? &with_key : &no_key;
    ez_ui *tabs = ez_tabs_put(ui, EZ_ARGS(ez_tabs_args, .call = here, .key = "snippets"));
    if (api_has_files(f->in)) show_code(tabs, "curl", "bash", ez_fmt(ui, "curl %sapi/%s%s%s", base, f->name, key->curl, form(ui, f->in)));
    else show_code(tabs, "curl", "bash", ez_fmt(ui, "curl %sapi/%s%s -d '%s'", base, f->name, key->curl, body));
    show_code(tabs, "Python", "python", ez_fmt(ui, "import requests\n\nanswer = requests.post(\"%sapi/%s\", json=%s%s)\nprint(answer.json())", base, f->name, example(ui, f->in, true), key->python));
    show_code(tabs, "JavaScript", "javascript", ez_fmt(ui, "const answer = await fetch(\"%sapi/%s\", {\n    method: \"POST\",\n%s    body: JSON.stringify(%s),\n});\nconsole.log(await answer.json());", base, f->name, key->script, body));
    show_code(tabs, "C", "c", ez_fmt(ui, "#include <curl/curl.h>\n\nint main(void)\n{\n    CURL *curl = curl_easy_init();\n    curl_easy_setopt(curl, CURLOPT_URL, \"%sapi/%s\");\n"
                                         "%s    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, %s);\n    CURLcode got = curl_easy_perform(curl);      /* prints the answer */\n"
                                         "    curl_easy_cleanup(curl);\n    return got != CURLE_OK;\n}", base, f->name, key->c, quoted(ui, body)));
    show_code(tabs, "Gradio client", "python", ez_fmt(ui, "from gradio_client import Client\n\nclient = Client(\"%s\"%s)\nprint(client.view_api())", base, key->gradio));
}

static void show_function(ez_ui *ui, const app_function *f)
{
    ez_ui *card = ez_expander_put(ui, EZ_ARGS(ez_expander_args, .call = here, .label = ez_fmt(ui, "`POST /api/%s`%s%s", f->name, f->help ? " — " : "", f->help ? f->help : ""), .key = f->name));
    ez_ui *inside = ez_scope(card, f->name);
    if (!records_share(f->in, f->out) && !needs_key(ui))               /* an interface has one key space for inputs and outputs */
        ez_interface_put(inside, EZ_ARGS(ez_interface_args, .call = here, .fn = f->fn, .in = f->in ? f->in : &nothing, .out = f->out ? f->out : &nothing, .submit_label = "Try it", .lane = f->lane, .concurrency = f->concurrency, .key = f->name));
    show_snippets(inside, f);
}

/* ---- the page ------------------------------------------------------------------------------------------------------------------------- */

static void page(ez_ui *ui)
{
    const ez_app *app = hub_of(ui)->app;
    const char *base = address(ui);
    ez_title_put(ui, EZ_ARGS(ez_title_args, .call = here, .text = ez_fmt(ui, "%s: API", app->title ? app->title : "Easel")));
    ez_markdown_put(ui, EZ_ARGS(ez_markdown_args, .call = here,
        .text = ez_fmt(ui, "Every function takes and gives JSON over HTTP, described by [OpenAPI](%s). They are tools for models, too (MCP, at `%smcp`), and endpoints of Gradio's clients.%s%s",
                       page_address(ui, "/api/openapi.json"), base, app->model ? ez_fmt(ui, " The model answers OpenAI's clients at `%sv1`.", base) : "",
                       needs_key(ui) ? " All of it needs a key, sent as `Authorization: Bearer KEY`; who runs the program makes keys with `easel keys add`." : "")));
    for (int i = 0; i < app->functions.count; i++) show_function(ui, &app->functions.at[i]);
}

void api_page_declare(ez_app *app)
{
    if (app->functions.count && !app_page_find(app, "/api"))
        ez_page_put(app, EZ_ARGS(ez_page_args, .call = here, .path = "/api", .fn = page, .title = "API", .hidden = true));
}
