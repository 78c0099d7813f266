/* grammar.c: JSON Schema to GBNF, one rule for each schema within the schema, so that a reference, recursive or not, is a rule's name. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar_inside.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DEPTH_MOST = 100, RULES_MOST = 5000, SIZE_MOST = 512 << 10,
    REPEAT_MOST = 1900,            /* llama.cpp takes less than 2000 */
    REPEATS_MOST = 20000,          /* …of all */
};

/* The free part of JSON. One blank or a new line with its indent between the parts, so that a model cannot go on with blanks for ever; no halves of surrogate pairs. */
static const char prelude[] =
    "ws ::= | \" \" | \"\\n\" [ \\t]{0,20}\n"
    "char ::= [^\"\\\\\\x7F\\x00-\\x1F] | \"\\\\\" ([\"\\\\/bfnrt] | \"u\" ([0-9a-cA-CefEF] [0-9a-fA-F]{3} | [dD] [0-7] [0-9a-fA-F]{2}))\n"
    "string ::= \"\\\"\" char* \"\\\"\"\n"
    "integer ::= \"0\" | \"-\"? [1-9] [0-9]{0,14}\n"
    "fraction ::= \".\" [0-9]{0,5} [1-9]\n"
    "number ::= \"-\"? (\"0\" | [1-9] [0-9]{0,14}) (\".\" [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?\n"
    "member ::= string \":\" \" \"? value\n"
    "object ::= \"{\" ws (member (\",\" ws member)* ws)? \"}\"\n"
    "array ::= \"[\" ws (value (\",\" ws value)* ws)? \"]\"\n"
    "value ::= object | array | string | number | \"true\" | \"false\" | \"null\"\n";

/* What a keyword is about. */
enum { NOTE = 1, REF = 2, CHOICE = 4, SOME = 8, ALL = 16, TYPED = 32 };

static const struct { const char *name; int about; } keywords[] = {
    { "$schema", NOTE }, { "$id", NOTE }, { "$comment", NOTE }, { "$defs", NOTE }, { "definitions", NOTE }, { "title", NOTE }, { "description", NOTE }, { "default", NOTE },
    { "examples", NOTE }, { "deprecated", NOTE }, { "readOnly", NOTE }, { "writeOnly", NOTE }, { "discriminator", NOTE },
    { "$ref", REF }, { "enum", CHOICE }, { "const", CHOICE }, { "anyOf", SOME }, { "oneOf", SOME }, { "allOf", ALL }, { "type", TYPED | CHOICE },
    { "properties", TYPED }, { "required", TYPED }, { "additionalProperties", TYPED }, { "unevaluatedProperties", TYPED },
    { "items", TYPED }, { "prefixItems", TYPED }, { "minItems", TYPED }, { "maxItems", TYPED }, { "uniqueItems", TYPED },
    { "minLength", TYPED }, { "maxLength", TYPED }, { "format", TYPED },
    { "minimum", TYPED }, { "maximum", TYPED }, { "exclusiveMinimum", TYPED }, { "exclusiveMaximum", TYPED },
};

/* Formats of strings. February has 28 days, so that a date is one in each year. */
#define DATE "[0-9]{4} \"-\" ((\"0\" [13578] | \"1\" [02]) \"-\" (\"0\" [1-9] | [12] [0-9] | \"3\" [01]) | (\"0\" [469] | \"11\") \"-\" (\"0\" [1-9] | [12] [0-9] | \"30\") | \"02-\" (\"0\" [1-9] | \"1\" [0-9] | \"2\" [0-8]))"
#define TIME "([01] [0-9] | \"2\" [0-3]) \":\" [0-5] [0-9] \":\" [0-5] [0-9] (\".\" [0-9]{1,6})? (\"Z\" | [-+] ([01] [0-9] | \"2\" [0-3]) \":\" [0-5] [0-9])"
static const struct { const char *name, *rule; } formats[] = {
    { "date", DATE }, { "time", TIME }, { "date-time", DATE " \"T\" " TIME },
    { "uuid", "[0-9a-f]{8} \"-\" [0-9a-f]{4} \"-\" [0-9a-f]{4} \"-\" [0-9a-f]{4} \"-\" [0-9a-f]{12}" },
};

static bool schema_rule(maker *m, const cJSON *schema, int *rule);

/* ---- places and names ---------------------------------------------------------------------------------------------------------------- */

bool grammar_refuse(maker *m, const char *keyword, const char *format, ...)
{
    char words[300];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    return error_set(m->err, EZ_FAILED, "the schema's %.150s%s%.60s %s", m->path.count || keyword ? m->path.at : "root", keyword ? "/" : "", keyword ? keyword : "", words);
}

static size_t enter(maker *m, const char *keyword, const char *name)
{
    size_t before = m->path.count;
    text_printf(&m->path, name ? "/%s/%s" : "/%s", keyword, name);
    return before;
}

static void leave(maker *m, size_t before)
{
    m->path.count = before;
    m->path.at[before] = 0;
}

static void put_name(maker *m, text *out, int rule)
{
    text_puts(out, m->name);
    if (rule) text_printf(out, "-%d", rule);
}

static void put_rule(maker *m, int rule, const text *body)
{
    put_name(m, &m->g->rules, rule);
    text_puts(&m->g->rules, " ::= ");
    text_add(&m->g->rules, body->at, body->count);
    text_putc(&m->g->rules, '\n');
}

/* The rule that is being made is one of another, or must hold one. */
static void put_step(maker *m, int to, bool must)
{
    if (!must || !m->either) *list_add(&m->steps) = (step){ m->own, to, must };
}

static int helper(maker *m, const text *body)
{
    int rule = m->count++;
    put_rule(m, rule, body);
    return rule;
}

void api_grammar_literal(text *out, const char *s)
{
    text_putc(out, '"');
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') text_putc(out, '\\'), text_putc(out, *s);
        else if ((unsigned char)*s < 0x20) text_printf(out, "\\x%02X", (unsigned char)*s);
        else text_putc(out, *s);
    }
    text_putc(out, '"');
}

static void put_json(text *out, const cJSON *value)
{
    char *printed = cJSON_PrintUnformatted(value);
    api_grammar_literal(out, printed ? printed : "null");
    cJSON_free(printed);
}

/* ---- numbers of things --------------------------------------------------------------------------------------------------------------- */

static bool whole(maker *m, const cJSON *schema, const char *keyword, int otherwise, int *out)
{
    const cJSON *v = grammar_member(schema, keyword);
    *out = otherwise;
    if (!v) return true;
    if (!cJSON_IsNumber(v) || v->valuedouble < 0 || v->valuedouble != floor(v->valuedouble)) return grammar_refuse(m, keyword, "is no whole number from 0 on");
    *out = v->valuedouble > 1e9 ? (int)1e9 : (int)v->valuedouble;
    return true;
}

/* most -1: without end. */
static bool bounds(maker *m, const cJSON *schema, const char *low, const char *high, int *least, int *most)
{
    if (!whole(m, schema, low, 0, least) || !whole(m, schema, high, -1, most)) return false;
    if (*most > REPEAT_MOST) *most = REPEAT_MOST;
    if (*least > REPEAT_MOST) return grammar_refuse(m, low, "is more than %d, which a grammar cannot count", REPEAT_MOST);
    if (*most >= 0 && *least > *most) return grammar_refuse(m, low, "is more than %s", high);
    m->g->repeats += *most > *least ? *most : *least;
    return true;
}

static void put_times(text *out, int least, int most)
{
    if (most < 0 && !least) text_putc(out, '*');
    else if (most < 0) text_printf(out, "{%d,}", least);
    else text_printf(out, "{%d,%d}", least, most);
}

/* ---- objects ------------------------------------------------------------------------------------------------------------------------- */

typedef struct part { int rule; bool required; } part;
typedef struct parts { LIST(part) all; } parts;

static bool is_required(const cJSON *required, const char *name)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, required)
        if (cJSON_IsString(one) && !strcmp(one->valuestring, name)) return true;
    return false;
}

/* Whether and how there may be members that are not named. */
static const cJSON *others(const cJSON *schema)
{
    const cJSON *more = grammar_member(schema, "additionalProperties");
    return more ? more : grammar_member(schema, "unevaluatedProperties");
}

/* "name": value. schema NULL: any value. */
static bool add_part(maker *m, parts *p, const char *name, const cJSON *schema, bool required)
{
    int rule = -1;
    if (schema && !schema_rule(m, schema, &rule)) return false;
    if (rule >= 0 && required) put_step(m, rule, true);
    text key = { .arena = m->arena }, body = { .arena = m->arena };
    text_json_wire(&key, name, strlen(name));
    text_putc(&key, ':');
    api_grammar_literal(&body, key.at);
    text_puts(&body, " \" \"? ");
    if (rule < 0) text_puts(&body, "value");
    else put_name(m, &body, rule);
    *list_add(&p->all) = (part){ helper(m, &body), required };
    return true;
}

static bool collect(maker *m, const cJSON *schema, parts *p)
{
    const cJSON *properties = grammar_member(schema, "properties"), *required = grammar_member(schema, "required"), *more = others(schema), *one;
    if (properties && !cJSON_IsObject(properties)) return grammar_refuse(m, "properties", "is no object");
    if (required && !cJSON_IsArray(required)) return grammar_refuse(m, "required", "is no list of names");
    m->work += (long)cJSON_GetArraySize(properties) * cJSON_GetArraySize(required);
    if (m->work > GRAMMAR_WORK_MOST) return grammar_refuse(m, "required", "is too long beside so many properties");
    cJSON_ArrayForEach(one, properties) {
        bool must = is_required(required, one->string);
        if (cJSON_IsFalse(one) && !must) continue;                       /* it is not to be there */
        size_t before = enter(m, "properties", one->string);
        if (!add_part(m, p, one->string, one, must)) return false;
        leave(m, before);
    }
    cJSON_ArrayForEach(one, required) {
        if (!cJSON_IsString(one)) return grammar_refuse(m, "required", "is no list of names");
        if (cJSON_GetObjectItemCaseSensitive(properties, one->valuestring)) continue;
        if (cJSON_IsFalse(more)) return grammar_refuse(m, "required", "wants %.80s, which is no property, and additionalProperties is false", one->valuestring);
        size_t before = enter(m, "additionalProperties", NULL);
        if (!add_part(m, p, one->valuestring, cJSON_IsObject(more) ? more : NULL, true)) return false;
        leave(m, before);
    }
    return true;
}

/* What may follow the first members: each later one with its comma, those that are not required or not. Then alternatives for which comes first: each up to the
 * first that is required. */
static void put_parts(maker *m, const parts *p, text *out)
{
    int count = p->all.count, first = 0;
    int *rest = arena_alloc(m->arena, (size_t)(count + 1) * sizeof *rest);
    while (first < count - 1 && !p->all.at[first].required) first++;
    rest[count] = -1;
    for (int i = count - 1; i > 0; i--) {
        text body = { .arena = m->arena };
        text_puts(&body, "(\",\" ws ");
        put_name(m, &body, p->all.at[i].rule);
        text_puts(&body, p->all.at[i].required ? ") " : ")? ");
        if (i + 1 < count) put_name(m, &body, rest[i + 1]);
        rest[i] = helper(m, &body);
    }
    text_puts(out, "\"{\" ws (");
    for (int i = 0; i <= first; i++) {
        if (i) text_puts(out, " | ");
        put_name(m, out, p->all.at[i].rule);
        text_putc(out, ' ');
        if (i + 1 < count) put_name(m, out, rest[i + 1]);
        text_puts(out, " ws");
    }
    text_puts(out, p->all.at[first].required ? ") \"}\"" : ")? \"}\"");
}

static bool put_object(maker *m, const cJSON *schema, text *out)
{
    const cJSON *more = others(schema);
    parts p = { 0 };
    bool good = collect(m, schema, &p);
    if (good && p.all.count) {
        put_parts(m, &p, out);
    } else if (good && (cJSON_IsFalse(more) || grammar_member(schema, "properties"))) {
        text_puts(out, "\"{\" ws \"}\"");
    } else if (good && cJSON_IsObject(more)) {
        int rule = 0;
        size_t before = enter(m, "additionalProperties", NULL);
        good = schema_rule(m, more, &rule);
        if (good) {
            text body = { .arena = m->arena };
            leave(m, before);
            text_puts(&body, "string \":\" \" \"? ");
            put_name(m, &body, rule);
            rule = helper(m, &body);
            text_puts(out, "\"{\" ws (");
            put_name(m, out, rule);
            text_puts(out, " (\",\" ws ");
            put_name(m, out, rule);
            text_puts(out, ")* ws)? \"}\"");
        }
    } else if (good) {
        text_puts(out, "object");
    }
    list_done(&p.all);
    return good;
}

/* ---- arrays -------------------------------------------------------------------------------------------------------------------------- */

/* A list of a fixed length, each with its own schema. */
static bool put_tuple(maker *m, const cJSON *prefix, int least, int most, text *out)
{
    int count = cJSON_GetArraySize(prefix), i = 0;
    const cJSON *one;
    if (!cJSON_IsArray(prefix) || !count) return grammar_refuse(m, "prefixItems", "is no list of schemas");
    if (least > count) return grammar_refuse(m, "minItems", "is more than prefixItems has, which is not supported");
    if (most >= 0 && most < count) return grammar_refuse(m, "maxItems", "is less than prefixItems has, which is not supported");
    text_puts(out, "\"[\" ws ");
    cJSON_ArrayForEach(one, prefix) {
        char at[16];
        int rule;
        snprintf(at, sizeof at, "%d", i);
        size_t before = enter(m, "prefixItems", at);
        if (!schema_rule(m, one, &rule)) return false;
        leave(m, before);
        put_step(m, rule, true);
        if (i++) text_puts(out, "\",\" ws ");
        put_name(m, out, rule);
        text_putc(out, ' ');
    }
    text_puts(out, "ws \"]\"");
    return true;
}

static bool put_array(maker *m, const cJSON *schema, text *out)
{
    const cJSON *items = grammar_member(schema, "items"), *prefix = grammar_member(schema, "prefixItems");
    int least, most, rule = -1;
    if (cJSON_IsTrue(grammar_member(schema, "uniqueItems"))) return grammar_refuse(m, "uniqueItems", "cannot be kept by a grammar");
    if (!bounds(m, schema, "minItems", "maxItems", &least, &most)) return false;
    if (prefix) return put_tuple(m, prefix, least, most, out);
    if (cJSON_IsFalse(items) && least) return grammar_refuse(m, "items", "is false, and minItems is not 0");
    if (cJSON_IsFalse(items)) most = 0;
    size_t before = enter(m, "items", NULL);
    if (most && items && !schema_rule(m, items, &rule)) return false;
    leave(m, before);
    if (rule >= 0 && least) put_step(m, rule, true);
    text item = { .arena = m->arena }, more = { .arena = m->arena };
    if (rule < 0) text_puts(&item, "value");
    else put_name(m, &item, rule);
    text_printf(&more, "\",\" ws %s", item.at);
    if (!most) {
        text_puts(out, "\"[\" ws \"]\"");
        return true;
    }
    text_printf(out, "\"[\" ws (%s ", item.at);
    put_name(m, out, helper(m, &more));
    put_times(out, least ? least - 1 : 0, most < 0 ? -1 : most - 1);
    text_puts(out, least ? " ws) \"]\"" : " ws)? \"]\"");
    return true;
}

/* ---- strings ------------------------------------------------------------------------------------------------------------------------- */

static bool put_string(maker *m, const cJSON *schema, text *out)
{
    const cJSON *format = grammar_member(schema, "format");
    int least, most;
    if (!bounds(m, schema, "minLength", "maxLength", &least, &most)) return false;
    if (!format) {
        text_puts(out, "\"\\\"\" char");
        put_times(out, least, most);
        text_puts(out, " \"\\\"\"");
        return true;
    }
    for (int i = 0; i < COUNT(formats); i++)
        if (cJSON_IsString(format) && !strcmp(format->valuestring, formats[i].name)) {
            if (least || most >= 0) return grammar_refuse(m, least ? "minLength" : "maxLength", "beside format is not supported");
            text_printf(out, "\"\\\"\" %s \"\\\"\"", formats[i].rule);
            return true;
        }
    return grammar_refuse(m, "format", "is %.40s; supported are date, time, date-time and uuid", cJSON_IsString(format) ? format->valuestring : "no text");
}

/* ---- a schema ------------------------------------------------------------------------------------------------------------------------ */

static bool put_type(maker *m, const cJSON *schema, const char *type, text *out)
{
    if (!strcmp(type, "object")) return put_object(m, schema, out);
    if (!strcmp(type, "array")) return put_array(m, schema, out);
    if (!strcmp(type, "string")) return put_string(m, schema, out);
    if (!strcmp(type, "number") || !strcmp(type, "integer")) return grammar_number(m, schema, *type == 'i', out);
    if (!strcmp(type, "boolean")) text_puts(out, "\"true\" | \"false\"");
    else if (!strcmp(type, "null")) text_puts(out, "\"null\"");
    else return grammar_refuse(m, "type", "is %.40s, which is no type of JSON", type);
    return true;
}

/* Without a type, that of its keywords: what is of no other type satisfies it, too, and need not be said. */
static const char *type_of(const cJSON *schema)
{
    static const struct { const char *keyword, *type; } signs[] = {
        { "properties", "object" }, { "required", "object" }, { "additionalProperties", "object" }, { "items", "array" }, { "prefixItems", "array" }, { "minItems", "array" },
        { "maxItems", "array" }, { "minLength", "string" }, { "maxLength", "string" }, { "format", "string" }, { "minimum", "number" }, { "maximum", "number" },
        { "exclusiveMinimum", "number" }, { "exclusiveMaximum", "number" },
    };
    for (int i = 0; i < COUNT(signs); i++)
        if (grammar_member(schema, signs[i].keyword)) return signs[i].type;
    return NULL;
}

static bool put_typed(maker *m, const cJSON *schema, text *out)
{
    const cJSON *type = grammar_member(schema, "type"), *one;
    if (!type) {
        const char *sign = type_of(schema);
        if (sign) return put_type(m, schema, sign, out);
        text_puts(out, "value");
        return true;
    }
    if (cJSON_IsString(type)) return put_type(m, schema, type->valuestring, out);
    if (!cJSON_IsArray(type) || !type->child) return grammar_refuse(m, "type", "is no name of a type and no list of them");
    m->either = type->child->next != NULL;
    cJSON_ArrayForEach(one, type) {
        if (!cJSON_IsString(one)) return grammar_refuse(m, "type", "is no name of a type and no list of them");
        if (one != type->child) text_puts(out, " | ");
        if (!put_type(m, schema, one->valuestring, out)) return false;
    }
    return true;
}

static bool put_choice(maker *m, const cJSON *schema, text *out)
{
    const cJSON *list = grammar_member(schema, "enum"), *constant = cJSON_GetObjectItemCaseSensitive(schema, "const"), *one;
    unsigned allowed = grammar_types_named(grammar_member(schema, "type"));
    int count = 0;
    if (list && !cJSON_IsArray(list)) return grammar_refuse(m, "enum", "is no list of values");
    if (constant && (grammar_type_of(constant) & allowed) && (!list || grammar_has_value(list, constant))) put_json(out, constant), count++;
    if (!constant)
        cJSON_ArrayForEach(one, list) {
            if (!(grammar_type_of(one) & allowed)) continue;
            if (count++) text_puts(out, " | ");
            put_json(out, one);
        }
    return count ? true : grammar_refuse(m, list ? "enum" : "const", "leaves no value that the type allows");
}

static bool put_some(maker *m, const cJSON *schema, text *out)
{
    const char *keyword = grammar_member(schema, "anyOf") ? "anyOf" : "oneOf";
    const cJSON *list = grammar_member(schema, keyword), *one, *other;
    int i = 0, rule;
    if (!cJSON_IsArray(list) || !list->child) return grammar_refuse(m, keyword, "is no list of schemas");
    cJSON_ArrayForEach(one, list) {
        char at[16];
        snprintf(at, sizeof at, "%d", i);
        for (other = list->child; *keyword == 'o' && other != one; other = other->next)
            if (!grammar_apart(m, one, other, 0)) return grammar_refuse(m, keyword, "has alternatives that may hold together, which a grammar cannot see; say anyOf, or give each a property with a const of its own");
        size_t before = enter(m, keyword, at);
        if (cJSON_IsFalse(one)) return grammar_refuse(m, NULL, "is false, which allows nothing");
        if (!schema_rule(m, one, &rule)) return false;
        leave(m, before);
        if (i++) text_puts(out, " | ");
        put_name(m, out, rule);
        put_step(m, rule, false);
    }
    return true;
}

static bool put_ref(maker *m, const cJSON *schema, text *out)
{
    const cJSON *target = grammar_target(m, schema);
    int rule;
    if (!target) return grammar_refuse(m, "$ref", "is %.100s, which is not in this schema; references begin with #", cJSON_IsString(grammar_member(schema, "$ref")) ? grammar_member(schema, "$ref")->valuestring : "no text");
    text here = m->path;
    m->path = (text){ .arena = m->arena };
    text_puts(&m->path, grammar_member(schema, "$ref")->valuestring + 1);
    if (!schema_rule(m, target, &rule)) return false;
    m->path = here;
    put_name(m, out, rule);
    put_step(m, rule, false);
    return true;
}

static int about(const char *keyword)
{
    for (int i = 0; i < COUNT(keywords); i++)
        if (!strcmp(keyword, keywords[i].name)) return keywords[i].about;
    return strncmp(keyword, "x-", 2) ? 0 : NOTE;
}

/* One kind of keyword at a time: what several say together only some grammars could keep. */
static bool form_of(maker *m, const cJSON *schema, int *form)
{
    const cJSON *one;
    const char *by = NULL;
    *form = REF | CHOICE | SOME | ALL | TYPED;
    cJSON_ArrayForEach(one, schema) {
        int is = about(one->string);
        if (!is) return grammar_refuse(m, one->string, "is a keyword that is not supported");
        if (is == NOTE) continue;
        if (!(*form & is)) return grammar_refuse(m, one->string, "beside %s is not supported", by);
        *form &= is;
        by = one->string;
    }
    if (grammar_member(schema, "anyOf") && grammar_member(schema, "oneOf")) return grammar_refuse(m, "oneOf", "beside anyOf is not supported");
    if (!by) *form = TYPED;
    return true;
}

static bool put_schema(maker *m, const cJSON *schema, text *out)
{
    int form, rule;
    if (!form_of(m, schema, &form)) return false;
    if (form & TYPED) return put_typed(m, schema, out);
    if (form & CHOICE) return put_choice(m, schema, out);
    if (form & SOME) return put_some(m, schema, out);
    if (form & REF) return put_ref(m, schema, out);
    const cJSON *all = grammar_member(schema, "allOf");
    if (cJSON_GetArraySize(all) != 1) return grammar_refuse(m, "allOf", "of other than one schema is not supported");
    size_t before = enter(m, "allOf", "0");
    if (!schema_rule(m, all->child, &rule)) return false;
    leave(m, before);
    put_name(m, out, rule);
    put_step(m, rule, false);
    return true;
}

static bool schema_rule(maker *m, const cJSON *schema, int *rule)
{
    uintptr_t known = (uintptr_t)map_get(&m->known, (uintptr_t)schema);
    *rule = (int)known - 1;
    if (known) return true;
    text body = { .arena = m->arena };
    int own = m->own;
    bool either = m->either;
    *rule = m->own = m->count++;
    m->either = false;
    map_put(&m->known, (uintptr_t)schema, (void *)(uintptr_t)(*rule + 1));
    if (++m->depth > DEPTH_MOST) return grammar_refuse(m, NULL, "is nested more than %d deep", DEPTH_MOST);
    if (m->count > RULES_MOST || m->g->rules.count > SIZE_MOST || m->g->repeats > REPEATS_MOST || m->work > GRAMMAR_WORK_MOST) return grammar_refuse(m, NULL, "is where the schema becomes too large");
    if (cJSON_IsTrue(schema)) text_puts(&body, "value");
    else if (!cJSON_IsObject(schema)) return grammar_refuse(m, NULL, cJSON_IsFalse(schema) ? "is false, which allows nothing" : "is no schema");
    else if (!put_schema(m, schema, &body)) return false;
    m->depth--;
    m->own = own;
    m->either = either;
    put_rule(m, *rule, &body);
    return true;
}

bool api_grammar_schema(api_grammar *g, const char *name, const cJSON *schema, ez_err *err)
{
    maker m = { .g = g, .name = name, .root = schema, .err = err, .arena = arena_new() };
    int rule;
    m.path.arena = m.arena;
    text_puts(&m.path, "");
    if (!g->rules.count) text_puts(&g->rules, prelude);
    bool good = schema_rule(&m, schema, &rule);
    if (good && g->rules.count > SIZE_MOST) good = grammar_refuse(&m, NULL, "is too large");
    if (good && grammar_circle(&m)) good = grammar_refuse(&m, "$ref", "leads back to itself with nothing between");
    if (good && grammar_branches(&m)) good = grammar_refuse(&m, NULL, "begins in too many ways, which come of alternatives within alternatives");
    if (good && grammar_endless(&m)) good = grammar_refuse(&m, NULL, "must hold itself, so that no answer ends");
    map_done(&m.known);
    list_done(&m.steps);
    arena_free(m.arena);
    return good;
}
