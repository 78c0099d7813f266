/* gradio.c: what Gradio's clients read of a program before they call it: /config and /info, as of Gradio 6. Each function is one endpoint, each field a component. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include <string.h>

#define GRADIO_VERSION "6.31.0"                /* whose protocol this is; clients choose their ways by it */

static int fields_of(const ez_record *r) { return r ? r->count : 0; }
static bool is_text(const ez_field *f) { return f->kind == EZ_KIND_TEXT || f->kind == EZ_KIND_CHARS || f->kind == EZ_KIND_DATE; }

static const char *component_of(const ez_field *f)
{
    if (api_is_file(f)) return f->kind == EZ_KIND_PIXELS || (f->accept && !strncmp(f->accept, "image/", 6)) ? "image" : "file";
    return f->kind == EZ_KIND_BOOL ? "checkbox" : !is_text(f) ? "number" : f->options ? "dropdown" : "textbox";
}

static void component(json *j, const ez_field *f, int id)
{
    json_object(j);
    json_key(j, "id"), json_int(j, id);
    json_member(j, "type", component_of(f));
    json_key(j, "props");
    json_object(j);
    json_member(j, "label", f->label ? f->label : f->name);
    json_member(j, "name", component_of(f));
    json_object_end(j);
    json_key(j, "skip_api"), json_bool(j, false);
    json_key(j, "api_info"), api_field_schema(j, f);
    json_object_end(j);
}

/* The state of all sessions: an input and an output that clients skip, and by which they know that there is one. */
static void state_component(json *j, int id)
{
    json_object(j);
    json_key(j, "id"), json_int(j, id);
    json_member(j, "type", "state");
    json_key(j, "props");
    json_object(j);
    json_member(j, "name", "state");
    json_object_end(j);
    json_key(j, "skip_api"), json_bool(j, true);
    json_object_end(j);
}

/* state 0: it has none. */
static void ids(json *j, const char *key, int from, int count, int state)
{
    json_key(j, key);
    json_array(j);
    for (int i = 0; i < count; i++) json_int(j, from + i);
    if (state) json_int(j, state);
    json_array_end(j);
}

static void dependency(json *j, const api_function *f, int id, int first, int state)
{
    json_object(j);
    json_key(j, "id"), json_int(j, id);
    json_key(j, "targets"), json_array(j), json_array_end(j);
    ids(j, "inputs", first, fields_of(f->in), state);
    ids(j, "outputs", first + fields_of(f->in), fields_of(f->out), state);
    json_key(j, "backend_fn"), json_bool(j, true);
    json_key(j, "js"), json_text(j, NULL);
    json_key(j, "queue"), json_bool(j, true);
    json_member(j, "api_name", f->name);
    json_member(j, "api_visibility", "public");
    json_key(j, "cancels"), json_array(j), json_array_end(j);
    json_key(j, "batch"), json_bool(j, f->batch_size > 1);
    json_key(j, "max_batch_size"), json_int(j, f->batch_size > 1 ? f->batch_size : 1);
    json_key(j, "types");
    json_object(j);
    json_key(j, "generator"), json_bool(j, true);
    json_key(j, "cancel"), json_bool(j, false);
    json_object_end(j);
    json_member(j, "connection", "sse");
    json_object_end(j);
}

void api_gradio_config(const api_function *all, int count, const char *title, const char *root, uint64_t app_id, text *out)
{
    json j = json_to(out);
    int id = 1;
    bool keeps = false;
    for (int i = 0; i < count; i++) keeps = keeps || all[i].keeps;
    json_object(&j);
    json_member(&j, "version", GRADIO_VERSION);
    json_member(&j, "mode", "blocks");
    json_member(&j, "title", title);
    json_member(&j, "protocol", "sse_v3");
    json_member(&j, "api_prefix", "/gradio_api");
    json_member(&j, "root", root);
    json_key(&j, "app_id"), json_int(&j, (int64_t)(app_id >> 12));               /* below 2^53, as JavaScript keeps it */
    json_key(&j, "enable_queue"), json_bool(&j, true);
    json_key(&j, "connect_heartbeat"), json_bool(&j, keeps);      /* a session lives as long as its client is heard */
    json_key(&j, "space_id"), json_text(&j, NULL);
    json_key(&j, "username"), json_text(&j, NULL);
    json_key(&j, "max_file_size"), json_text(&j, NULL);
    json_key(&j, "mcp_server"), json_bool(&j, true);
    json_key(&j, "components");
    json_array(&j);
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < fields_of(all[i].in); k++) component(&j, record_field(all[i].in, k), id++);
        for (int k = 0; k < fields_of(all[i].out); k++) component(&j, record_field(all[i].out, k), id++);
    }
    int state = id;
    if (keeps) state_component(&j, state);
    json_array_end(&j);
    json_key(&j, "dependencies");
    json_array(&j);
    id = 1;
    for (int i = 0; i < count; i++) {
        dependency(&j, &all[i], i, id, all[i].keeps ? state : 0);
        id += fields_of(all[i].in) + fields_of(all[i].out);
    }
    json_array_end(&j);
    json_object_end(&j);
}

/* Python's word for what a field holds: "Literal['add', 'subtract']". */
static void python_type(json *j, const ez_field *f)
{
    text words = { 0 };
    if (is_text(f) && f->options) {
        text_puts(&words, "Literal[");
        for (int i = 0; f->options[i]; i++) text_printf(&words, "%s'%s'", i ? ", " : "", f->options[i]);
        text_puts(&words, "]");
    } else {
        text_puts(&words, api_is_file(f) ? "filepath" : is_text(f) ? "str" : f->kind == EZ_KIND_BOOL ? "bool" : f->kind == EZ_KIND_NUM ? "float" : "int");
    }
    json_key(j, "python_type");
    json_object(j);
    json_member(j, "type", words.at);
    json_member(j, "description", f->help ? f->help : "");
    json_object_end(j);
    text_done(&words);
}

static void own_value(json *j, const ez_field *f)
{
    if (f->kind == EZ_KIND_BOOL) json_bool(j, f->value != 0);
    else if (!is_text(f) && !api_is_file(f)) json_number(j, (double)f->value);
    else json_text(j, NULL);
}

static void parameter(json *j, const ez_field *f, bool named)
{
    static const char *const shown[][2] = { { "checkbox", "Checkbox" }, { "number", "Number" }, { "dropdown", "Dropdown" }, { "textbox", "Textbox" }, { "image", "Image" }, { "file", "File" } };
    json_object(j);
    json_member(j, "label", f->label ? f->label : f->name);
    if (named) {
        json_member(j, "parameter_name", f->name);
        json_key(j, "parameter_has_default"), json_bool(j, !api_is_required(f));
        json_key(j, "parameter_default"), own_value(j, f);
        json_key(j, "example_input");
        if (api_is_file(f)) json_text(j, NULL);
        else if (is_text(f)) json_text(j, f->options ? f->options[0] : "Hello!!");
        else own_value(j, f);
    }
    json_key(j, "type"), api_field_schema(j, f);
    python_type(j, f);
    for (int i = 0; i < COUNT(shown); i++)
        if (!strcmp(shown[i][0], component_of(f))) json_member(j, "component", shown[i][1]);
    json_object_end(j);
}

void api_gradio_info(const api_function *all, int count, text *out)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "named_endpoints");
    json_object(&j);
    for (int i = 0; i < count; i++) {
        text name = { 0 };
        text_printf(&name, "/%s", all[i].name);
        json_key(&j, name.at);
        json_object(&j);
        json_key(&j, "parameters");
        json_array(&j);
        for (int k = 0; k < fields_of(all[i].in); k++) parameter(&j, record_field(all[i].in, k), true);
        json_array_end(&j);
        json_key(&j, "returns");
        json_array(&j);
        for (int k = 0; k < fields_of(all[i].out); k++) parameter(&j, record_field(all[i].out, k), false);
        json_array_end(&j);
        json_member(&j, "api_visibility", "public");
        json_member(&j, "description", all[i].help ? all[i].help : "");
        json_object_end(&j);
        text_done(&name);
    }
    json_object_end(&j);
    json_key(&j, "unnamed_endpoints");
    json_object(&j);
    json_object_end(&j);
    json_object_end(&j);
}
