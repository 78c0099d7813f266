/* inputs.c: records as JSON: what a call brings, what it gives back, and their schemas. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WHOLE_MOST 9007199254740991.0          /* larger whole numbers are not exact in JSON */

enum { SHOWN = 40 };                           /* bytes of a wrong value that are told */

/* ---- problems ------------------------------------------------------------------------------------------------------------ */

void api_problem_write(const api_problem *p, text *out)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "title"), json_text(&j, p->title);
    json_key(&j, "status"), json_int(&j, p->status);
    if (p->detail.count)
        json_key(&j, "detail"), json_text_n(&j, p->detail.at, p->detail.count);
    if (p->errors.count) {
        json_key(&j, "errors");
        json_array(&j);
        json_raw(&j, p->errors.at, p->errors.count);
        json_array_end(&j);
    }
    json_object_end(&j);
}

void api_problem_done(api_problem *p)
{
    text_done(&p->detail);
    text_done(&p->errors);
}

/* One thing that is wrong with the member of this name, which may hold anything. */
static void wrong(api_problem *why, const char *name, const text *detail)
{
    text pointer = { 0 };
    text_putc(&pointer, '/');
    for (const char *c = name; *c; c++) {
        if (*c == '~') text_puts(&pointer, "~0");
        else if (*c == '/') text_puts(&pointer, "~1");
        else text_putc(&pointer, *c);
    }
    if (why->errors.count)
        text_putc(&why->errors, ',');
    json j = json_to(&why->errors);
    json_object(&j);
    json_key(&j, "pointer"), json_text(&j, pointer.at);
    json_key(&j, "detail"), json_text_n(&j, detail->at, detail->count);
    json_object_end(&j);
    if (why->detail.count)
        text_puts(&why->detail, "; ");
    text_printf(&why->detail, "%.60s %s", name, detail->at);
    text_done(&pointer);
}

/* ---- what a field takes ---------------------------------------------------------------------------------------------------- */

static bool is_number(const ez_field *f) { return f->kind == EZ_KIND_INT || f->kind == EZ_KIND_LONG || f->kind == EZ_KIND_NUM; }
static bool is_text(const ez_field *f) { return f->kind == EZ_KIND_TEXT || f->kind == EZ_KIND_CHARS; }
bool api_is_file(const ez_field *f) { return f->kind == EZ_KIND_FILE || f->kind == EZ_KIND_PIXELS; }
bool api_is_required(const ez_field *f) { return !is_number(f) && f->kind != EZ_KIND_BOOL && !f->optional; }

static void bounds(const ez_field *f, double *low, double *high)
{
    double least = f->kind == EZ_KIND_INT ? -2147483648.0 : f->kind == EZ_KIND_LONG ? -WHOLE_MOST : -HUGE_VAL;
    double most = f->kind == EZ_KIND_INT ? 2147483647.0 : f->kind == EZ_KIND_LONG ? WHOLE_MOST : HUGE_VAL;
    bool given = f->range.low != 0 || f->range.high != 0;
    *low = given && f->range.low > least ? f->range.low : least;
    *high = given && f->range.high < most ? f->range.high : most;
}

bool api_has_files(const ez_record *r)
{
    for (int i = 0; r && i < r->count; i++)
        if (api_is_file(record_field(r, i))) return true;
    return false;
}

/* "a whole number from 1 to 9": what it must be. */
static void say_kind(const ez_field *f, text *out)
{
    double low, high;
    if (f->kind == EZ_KIND_BOOL) {
        text_puts(out, "true or false");
    } else if (is_number(f)) {
        bounds(f, &low, &high);
        text_puts(out, f->kind == EZ_KIND_NUM ? "a number" : "a whole number");
        if (isfinite(low)) text_puts(out, " from "), text_number(out, low);
        if (isfinite(high)) text_puts(out, " to "), text_number(out, high);
    } else if (api_is_file(f)) {
        text_puts(out, "a file that was uploaded, as {\"path\": …}, or a data URL");
    } else if (f->kind == EZ_KIND_DATE) {
        text_puts(out, "a date as \"2026-11-21\"");
    } else if (f->options) {
        for (int i = 0; f->options[i]; i++) {
            text_puts(out, !i ? "" : f->options[i + 1] ? ", " : " or ");
            text_json_wire(out, f->options[i], strlen(f->options[i]));
        }
    } else {
        text_puts(out, "a string");
        if (f->kind == EZ_KIND_CHARS) text_printf(out, " of at most %zu bytes", f->size - 1);
    }
}

static bool is_date(const char *s)
{
    ez_date date;
    return strlen(s) == strlen("2026-11-21") && record_date(s, &date);
}

/* What is said of a file: the object's path, or the string itself. */
static const char *file_said(const cJSON *v)
{
    const cJSON *path = cJSON_IsObject(v) ? cJSON_GetObjectItemCaseSensitive(v, "path") : v;
    return cJSON_GetStringValue(path);
}

/* data:image/png;base64,… becomes a file. */
static bool take_data(const char *url, const ez_field *f, const api_files *files, char id[FILE_ID_CHARS + 1])
{
    static const struct { const char *type, *ending; } endings[] = { { "image/png", "png" }, { "image/jpeg", "jpg" }, { "image/webp", "webp" }, { "audio/wav", "wav" }, { "audio/mpeg", "mp3" },
                                                                     { "video/mp4", "mp4" }, { "application/pdf", "pdf" }, { "text/csv", "csv" }, { "text/plain", "txt" } };
    const char *comma = strchr(url, ','), *ending = "bin";
    text bytes = { 0 };
    char name[80];
    bool encoded = comma && comma - url > 12 && !strncmp(comma - 7, ";base64", 7);
    for (int i = 0; i < COUNT(endings); i++)
        if (!strncmp(url + 5, endings[i].type, strlen(endings[i].type))) ending = endings[i].ending;
    snprintf(name, sizeof name, "%.60s.%s", f->name, ending);
    bool good = encoded && files && files->at && base64_read(&bytes, comma + 1, strlen(comma + 1)) && files_put(files->at, files->owner, name, bytes.count ? bytes.at : "", bytes.count, id);
    text_done(&bytes);
    return good;
}

/* The id of a file that is there. */
static bool find_file(const ez_field *f, const cJSON *v, const api_files *files, char id[FILE_ID_CHARS + 1])
{
    const char *said = file_said(v);
    if (!said) return false;
    if (!strncmp(said, "data:", 5)) return take_data(said, f, files, id);
    snprintf(id, FILE_ID_CHARS + 1, "%.*s", (int)strcspn(said, "/"), said);
    if (strcspn(said, "/") != FILE_ID_CHARS || !files || !files->at) return false;
    arena *a = arena_new();
    bool there = files_find(files->at, a, id) != NULL;
    arena_free(a);
    return there;
}

static bool takes_plain(const ez_field *f, const cJSON *v)
{
    double low, high, number = v->valuedouble;
    if (f->kind == EZ_KIND_BOOL)
        return cJSON_IsBool(v);
    if (is_number(f)) {
        bounds(f, &low, &high);
        return cJSON_IsNumber(v) && isfinite(number) && number >= low && number <= high && (f->kind == EZ_KIND_NUM || number == floor(number));
    }
    if (!cJSON_IsString(v) || !utf8_valid(v->valuestring, strlen(v->valuestring)) || (f->kind == EZ_KIND_CHARS && strlen(v->valuestring) >= f->size))
        return false;
    for (int i = 0; f->options && f->options[i]; i++)
        if (!strcmp(f->options[i], v->valuestring))
            return true;
    return !f->options;
}

static bool takes(const ez_field *f, const cJSON *v)
{
    if (api_is_file(f))
        return true;                           /* looked for when it is taken */
    if (f->kind == EZ_KIND_DATE)
        return cJSON_IsString(v) && is_date(v->valuestring);
    return takes_plain(f, v);
}

static void refuse(api_problem *why, const ez_field *f, const cJSON *v)
{
    text detail = { 0 };
    char *is = cJSON_PrintUnformatted(v);
    size_t count = is ? strlen(is) : 0;
    text_puts(&detail, "must be ");
    say_kind(f, &detail);
    if (count > SHOWN) text_printf(&detail, ", and is %.*s…", (int)utf8_whole(is, SHOWN), is);
    else if (count) text_printf(&detail, ", and is %s", is);
    wrong(why, f->name, &detail);
    text_done(&detail);
    cJSON_free(is);
}

static void take(values *to, uint64_t id, const ez_field *f, const cJSON *v)
{
    value *kept = values_at(to, id);
    if (is_text(f) || f->kind == EZ_KIND_DATE || api_is_file(f)) value_set_text(kept, VALUE_TEXT, v ? v->valuestring : "");
    else if (f->kind == EZ_KIND_BOOL) value_set_number(kept, VALUE_BOOL, v ? cJSON_IsTrue(v) : f->value != 0);
    else value_set_number(kept, VALUE_NUMBER, v ? v->valuedouble : (double)f->value);
}

/* ---- a call ------------------------------------------------------------------------------------------------------------------ */

static void unknown(api_problem *why, const ez_record *in, const char *name)
{
    text detail = { 0 };
    text_puts(&detail, "is no input");
    for (int i = 0; in && i < in->count; i++)
        text_printf(&detail, "%s%s", i ? ", " : "; there are: ", record_field(in, i)->name);
    wrong(why, name, &detail);
    text_done(&detail);
}

/* False: there is no such file. */
static bool take_file(values *to, uint64_t id, const ez_field *f, const cJSON *v, const api_files *files)
{
    char name[FILE_ID_CHARS + 1];
    if (!find_file(f, v, files, name)) return false;
    value_set_text(values_at(to, id), VALUE_TEXT, name);
    return true;
}

static void read_members(const ez_record *in, const cJSON *o, uint64_t scope, const api_files *files, values *to, api_problem *why)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, o) {
        if (!record_named(in, one->string))
            unknown(why, in, one->string);
    }
    for (int i = 0; in && i < in->count; i++) {
        const ez_field *f = record_field(in, i);
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(o, f->name);
        if (cJSON_IsNull(v) && !api_is_required(f))
            v = NULL;
        uint64_t id = run_key_id(scope, f->name);
        if (v && !takes(f, v)) {
            refuse(why, f, v);
        } else if (v && api_is_file(f)) {
            if (!take_file(to, id, f, v, files)) refuse(why, f, v);
        } else if (!v && api_is_required(f)) {
            text detail = { 0 };
            text_puts(&detail, "is missing; it must be ");
            say_kind(f, &detail);
            wrong(why, f->name, &detail);
            text_done(&detail);
        } else {
            take(to, id, f, v);
        }
    }
}

bool api_inputs(const ez_record *in, const char *body, size_t count, uint64_t scope, const api_files *files, values *to, api_problem *why)
{
    const char *end = body;
    cJSON *o = strspn(body, " \t\r\n") == count ? cJSON_CreateObject() : utf8_valid(body, count) ? cJSON_ParseWithLengthOpts(body, count, &end, false) : NULL;
    if (o && end && end != body && strspn(end, " \t\r\n") != count - (size_t)(end - body)) {
        cJSON_Delete(o);
        o = NULL;
    }
    if (!cJSON_IsObject(o)) {
        *why = (api_problem){ .status = 400, .title = "The body is not an object of JSON" };
        if (o) text_puts(&why->detail, "send the inputs as members of an object, as in {\"name\": \"Ada\"}");
        else text_printf(&why->detail, "it cannot be read from byte %zu on; send an object, as in {\"name\": \"Ada\"}", end ? (size_t)(end - body) : 0);
        cJSON_Delete(o);
        return false;
    }
    *why = (api_problem){ .status = 422, .title = "The inputs are not what the function takes" };
    read_members(in, o, scope, files, to, why);
    cJSON_Delete(o);
    if (why->errors.count)
        return false;
    api_problem_done(why);
    return true;
}

static void put_file(json *j, const char *id, const api_files *files)
{
    arena *a = arena_new();
    const ez_file *f = files && files->at && id && *id ? files_find(files->at, a, id) : NULL;
    if (f) {
        json_object(j);
        json_member(j, "path", arena_printf(a, "%s/%s", id, f->name));
        json_member(j, "url", arena_printf(a, "%s%s", files->root ? files->root : "/", file_address(a, id, f->name)));
        json_member(j, "orig_name", f->name);
        json_member(j, "mime_type", f->type);
        json_key(j, "size"), json_int(j, f->size);
        json_key(j, "is_stream"), json_bool(j, false);
        json_key(j, "meta");
        json_object(j);
        json_member(j, "_type", "gradio.FileData");
        json_object_end(j);
        json_object_end(j);
    } else {
        json_text(j, NULL);
    }
    arena_free(a);
}

void api_output(json *j, const ez_field *f, const value *v, const api_files *files)
{
    if (api_is_file(f)) put_file(j, v ? v->text : NULL, files);
    else if (f->kind == EZ_KIND_BOOL) json_bool(j, v && v->number != 0);
    else if (is_number(f)) json_number(j, v ? v->number : 0);
    else json_text(j, v && v->text ? v->text : "");
}

void api_outputs(json *j, const ez_record *out, uint64_t scope, const values *put, bool all, const api_files *files)
{
    json_object(j);
    for (int i = 0; out && i < out->count; i++) {
        const ez_field *f = record_field(out, i);
        const value *v = values_find(put, run_key_id(scope, f->name));
        if (!v && !all)
            continue;
        json_key(j, f->name);
        api_output(j, f, v, files);
    }
    json_object_end(j);
}

/* ---- schemas ------------------------------------------------------------------------------------------------------------------- */

static const char FILE_SCHEMA[] =
    "\"type\":\"object\",\"properties\":{\"path\":{\"type\":\"string\",\"description\":\"of a file that was uploaded, or a data URL\"},\"url\":{\"type\":[\"string\",\"null\"]},"
    "\"orig_name\":{\"type\":[\"string\",\"null\"]},\"mime_type\":{\"type\":[\"string\",\"null\"]},\"size\":{\"type\":[\"integer\",\"null\"]},\"is_stream\":{\"type\":\"boolean\"},"
    "\"meta\":{\"type\":\"object\",\"properties\":{\"_type\":{\"type\":\"string\",\"const\":\"gradio.FileData\"}}}},\"required\":[\"path\"]";

static void file_schema(json *j, const ez_field *f)
{
    text t = { 0 };
    text_puts(&t, "{\"title\":\"FileData\",");
    if (f->help) text_puts(&t, "\"description\":"), text_json_wire(&t, f->help, strlen(f->help)), text_putc(&t, ',');
    text_puts(&t, FILE_SCHEMA);
    text_putc(&t, '}');
    json_raw(j, t.at, t.count);
    text_done(&t);
}

void api_field_schema(json *j, const ez_field *f)
{
    double low, high;
    if (api_is_file(f)) {
        file_schema(j, f);
        return;
    }
    json_object(j);
    json_key(j, "type"), json_text(j, f->kind == EZ_KIND_BOOL ? "boolean" : f->kind == EZ_KIND_NUM ? "number" : is_number(f) ? "integer" : "string");
    if (f->label) json_key(j, "title"), json_text(j, f->label);
    if (f->help) json_key(j, "description"), json_text(j, f->help);
    if (is_number(f)) {
        bounds(f, &low, &high);
        if (isfinite(low)) json_key(j, "minimum"), json_number(j, low);
        if (isfinite(high)) json_key(j, "maximum"), json_number(j, high);
        json_key(j, "default"), json_number(j, (double)f->value);
    } else if (f->kind == EZ_KIND_BOOL) {
        json_key(j, "default"), json_bool(j, f->value != 0);
    } else if (f->kind == EZ_KIND_DATE) {
        json_key(j, "format"), json_text(j, "date");
    } else if (f->kind == EZ_KIND_CHARS) {
        json_key(j, "maxLength"), json_int(j, (int64_t)f->size - 1);
    }
    if (f->options && is_text(f)) {
        json_key(j, "enum");
        json_array(j);
        for (int i = 0; f->options[i]; i++) json_text(j, f->options[i]);
        json_array_end(j);
    }
    json_object_end(j);
}

void api_schema(json *j, const ez_record *r)
{
    json_object(j);
    json_key(j, "type"), json_text(j, "object");
    json_key(j, "properties");
    json_object(j);
    for (int i = 0; r && i < r->count; i++)
        json_key(j, record_field(r, i)->name), api_field_schema(j, record_field(r, i));
    json_object_end(j);
    json_key(j, "required");
    json_array(j);
    for (int i = 0; r && i < r->count; i++)
        if (api_is_required(record_field(r, i))) json_text(j, record_field(r, i)->name);
    json_array_end(j);
    json_key(j, "additionalProperties"), json_bool(j, false);
    json_object_end(j);
}
