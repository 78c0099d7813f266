/* grammar_refs.c: references between schemas, whether two exclude each other, and whether a grammar can be borne. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/grammar_inside.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { APART_DEPTH = 6, HOPS_MOST = 50, WAYS_MOST = 1000, STRANGE_SIZE = 64 << 10, STRANGE_DEPTH = 50, STRANGE_REPEATS = 10000, STRANGE_LETTERS = 500000 };

const cJSON *grammar_member(const cJSON *schema, const char *name)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(schema, name);
    return cJSON_IsNull(v) ? NULL : v;
}

/* ---- references ---------------------------------------------------------------------------------------------------------------------- */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One step of a JSON pointer within a fragment of a URI; *at is left at the next "/" or the end. */
static void step_of(const char **at, text *out)
{
    const char *s = *at;
    text_clear(out);
    text_puts(out, "");
    while (*s && *s != '/') {
        char c = *s++;
        if (c == '%' && hex(s[0]) >= 0 && hex(s[1]) >= 0) c = (char)(hex(s[0]) * 16 + hex(s[1])), s += 2;
        if (c == '~' && (*s == '0' || *s == '1')) c = *s++ == '0' ? '~' : '/';
        text_putc(out, c);
    }
    *at = s;
}

const cJSON *grammar_target(maker *m, const cJSON *schema)
{
    const char *at = cJSON_GetStringValue(grammar_member(schema, "$ref"));
    const cJSON *is = m->root;
    text name = { .arena = m->arena };
    if (!at || *at++ != '#') return NULL;
    while (is && *at == '/') {
        at++;
        step_of(&at, &name);
        const char *key = name.count ? name.at : "";
        m->work += cJSON_GetArraySize(is);
        is = cJSON_IsArray(is) ? cJSON_GetArrayItem(is, atoi(key)) : cJSON_GetObjectItemCaseSensitive(is, key);
    }
    return *at ? NULL : is;
}

/* ---- apart --------------------------------------------------------------------------------------------------------------------------- */

enum { OBJECT = 1, ARRAY = 2, STRING = 4, WHOLE = 8, BROKEN = 16, TRUTH = 32, NOTHING = 64, ANY = 127 };

unsigned grammar_type_of(const cJSON *v)
{
    if (cJSON_IsObject(v)) return OBJECT;
    if (cJSON_IsArray(v)) return ARRAY;
    if (cJSON_IsString(v)) return STRING;
    if (cJSON_IsBool(v)) return TRUTH;
    if (cJSON_IsNull(v)) return NOTHING;
    return v->valuedouble == floor(v->valuedouble) ? WHOLE : BROKEN;
}

static unsigned type_named(const char *name)
{
    static const struct { const char *name; unsigned bits; } types[] = {
        { "object", OBJECT }, { "array", ARRAY }, { "string", STRING }, { "integer", WHOLE }, { "number", WHOLE | BROKEN }, { "boolean", TRUTH }, { "null", NOTHING },
    };
    for (int i = 0; name && i < COUNT(types); i++)
        if (!strcmp(name, types[i].name)) return types[i].bits;
    return 0;
}

unsigned grammar_types_named(const cJSON *type)
{
    const cJSON *one;
    unsigned bits = 0;
    if (!type) return ANY;
    if (cJSON_IsString(type)) return type_named(type->valuestring);
    cJSON_ArrayForEach(one, type) bits |= type_named(cJSON_GetStringValue(one));
    return bits;
}

bool grammar_has_value(const cJSON *list, const cJSON *value)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, list)
        if (cJSON_Compare(one, value, true)) return true;
    return false;
}

/* Its values, when they are listed. A constant is a list of one, whose other members are none. */
static bool listed(const cJSON *schema, const cJSON **list, const cJSON **constant)
{
    *constant = cJSON_GetObjectItemCaseSensitive(schema, "const");
    *list = *constant ? NULL : grammar_member(schema, "enum");
    return *constant || *list;
}

static bool may_be(const cJSON *list, const cJSON *constant, const cJSON *value)
{
    return constant ? cJSON_Compare(constant, value, true) : grammar_has_value(list, value);
}

static const cJSON *followed(maker *m, const cJSON *schema)
{
    for (int hops = 0; schema && grammar_member(schema, "$ref"); hops++) {
        if (hops > HOPS_MOST) return NULL;
        schema = grammar_target(m, schema);
    }
    return schema;
}

static unsigned types_of(const cJSON *schema)
{
    const cJSON *list, *constant, *one;
    unsigned bits = 0;
    if (!listed(schema, &list, &constant)) return grammar_types_named(grammar_member(schema, "type"));
    if (constant) return grammar_type_of(constant);
    cJSON_ArrayForEach(one, list) bits |= grammar_type_of(one);
    return bits;
}

/* Both want a member that cannot be the same in both. */
static bool told_by_a_member(maker *m, const cJSON *a, const cJSON *b, int depth)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, grammar_member(a, "required")) {
        const char *key = cJSON_GetStringValue(name);
        if (!key || !grammar_has_value(grammar_member(b, "required"), name)) continue;
        const cJSON *x = cJSON_GetObjectItemCaseSensitive(grammar_member(a, "properties"), key), *y = cJSON_GetObjectItemCaseSensitive(grammar_member(b, "properties"), key);
        if (x && y && grammar_apart(m, x, y, depth + 1)) return true;
    }
    return false;
}

static long product(const cJSON *a, const cJSON *b, const char *list)
{
    return (long)cJSON_GetArraySize(grammar_member(a, list)) * cJSON_GetArraySize(grammar_member(b, list));
}

bool grammar_apart(maker *m, const cJSON *a, const cJSON *b, int depth)
{
    const cJSON *list_a, *one_a, *list_b, *one_b, *one;
    a = followed(m, a);
    b = followed(m, b);
    m->work += 1 + product(a, b, "enum") + product(a, b, "required");
    if (m->work > GRAMMAR_WORK_MOST) return true;
    if (!cJSON_IsObject(a) || !cJSON_IsObject(b) || depth > APART_DEPTH) return false;
    if (!(types_of(a) & types_of(b))) return true;
    bool few_a = listed(a, &list_a, &one_a), few_b = listed(b, &list_b, &one_b);
    if (few_a && few_b) {
        if (one_a) return !may_be(list_b, one_b, one_a);
        cJSON_ArrayForEach(one, list_a)
            if (may_be(list_b, one_b, one)) return false;
        return true;
    }
    return types_of(a) == OBJECT && types_of(b) == OBJECT && told_by_a_member(m, a, b, depth);
}

/* ---- circles ------------------------------------------------------------------------------------------------------------------------- */

/* Takes away the rules that begin with none that is left, until all are gone or nothing changes. */
bool grammar_circle(const maker *m)
{
    unsigned char *left = arena_alloc(m->arena, (size_t)m->count + 1), *begins = arena_alloc(m->arena, (size_t)m->count + 1);
    int count = m->count, before = -1;
    memset(left, 1, (size_t)m->count);
    while (count && count != before) {
        before = count;
        memset(begins, 0, (size_t)m->count);
        for (int i = 0; i < m->steps.count; i++) {
            const step *s = &m->steps.at[i];
            if (!s->must && left[s->to]) begins[s->from] = 1;
        }
        count = 0;
        for (int i = 0; i < m->count; i++) count += left[i] = left[i] && begins[i];
    }
    return count > 0;
}

/* llama.cpp follows all alternatives of all alternatives at once. There is no circle, so the counts come to rest. */
bool grammar_branches(const maker *m)
{
    int *ways = arena_alloc(m->arena, ((size_t)m->count + 1) * sizeof *ways), *sum = arena_alloc(m->arena, ((size_t)m->count + 1) * sizeof *sum);
    bool changed = true, many = false;
    while (changed && !many) {
        changed = false;
        memset(sum, 0, (size_t)m->count * sizeof *sum);
        for (int i = 0; i < m->steps.count; i++) {
            const step *s = &m->steps.at[i];
            if (!s->must && sum[s->from] <= WAYS_MOST) sum[s->from] += ways[s->to] ? ways[s->to] : 1;
        }
        for (int i = 0; i < m->count; i++) {
            changed = changed || sum[i] != ways[i];
            ways[i] = sum[i];
            many = many || sum[i] > WAYS_MOST;
        }
    }
    return many;
}

/* A rule ends when all that it must hold do, and one of its alternatives. */
bool grammar_endless(const maker *m)
{
    enum { WAITS = 1, CHOOSES = 2, MAY = 4 };
    unsigned char *ends = arena_alloc(m->arena, (size_t)m->count + 1), *seen = arena_alloc(m->arena, (size_t)m->count + 1);
    for (bool changed = true; changed;) {
        changed = false;
        memset(seen, 0, (size_t)m->count);
        for (int i = 0; i < m->steps.count; i++) {
            const step *s = &m->steps.at[i];
            if (s->must) seen[s->from] |= ends[s->to] ? 0 : WAITS;
            else seen[s->from] |= ends[s->to] ? CHOOSES | MAY : CHOOSES;
        }
        for (int i = 0; i < m->count; i++) {
            bool does = !(seen[i] & WAITS) && (!(seen[i] & CHOOSES) || seen[i] & MAY);
            changed = changed || (does && !ends[i]);
            ends[i] = ends[i] || does;
        }
    }
    return !ends[0];
}

/* ---- grammars from strangers --------------------------------------------------------------------------------------------------------- */

/* The end of a text or a class of characters, in which signs mean nothing. */
static const char *skip(const char *s)
{
    char end = *s == '[' ? ']' : *s == '#' ? '\n' : '"';
    for (s++; *s && *s != end; s++)
        if (*s == '\\' && s[1] && end != '\n') s++;
    return s;
}

/* The largest number between braces; *s is left at what closes them. -1: the second is less than the first, which llama.cpp counts down to for ever. */
static long times(const char **s)
{
    long least = -1, most = 0;
    for (++*s; **s && !strchr("}\"[(\n", **s); ++*s) {
        if (**s < '0' || **s > '9') continue;
        char *end;
        long count = strtol(*s, &end, 10);
        if (least > count) return -1;
        least = most = count;
        *s = end - 1;
    }
    return most;
}

/* llama.cpp writes what is repeated as often as it may come, texts letter by letter. */
bool api_grammar_bearable(const char *gbnf, ez_err *err)
{
    long depth = 0, repeats = 0, letters = 0, last = 1;
    if (strlen(gbnf) > STRANGE_SIZE) return error_set(err, EZ_FAILED, "has more than %d bytes", STRANGE_SIZE);
    for (const char *s = gbnf; *s; s += *s != 0) {
        if (*s == '"' || *s == '[' || *s == '#') {
            const char *from = s;
            s = skip(s);
            last = s - from;
        } else if (*s == '{') {
            long many = times(&s);
            if (many < 0) return error_set(err, EZ_FAILED, "repeats at most less often than at least");
            if (many > STRANGE_REPEATS) many = STRANGE_REPEATS;
            repeats += many;
            letters += many * last;
        } else if (*s == '(') {
            depth++;
        } else if (*s == ')') {
            depth--;
            last = 1;
        } else if (*s != ' ' && *s != '\t' && *s != '\n') {
            last = 1;
        }
        if (depth > STRANGE_DEPTH) return error_set(err, EZ_FAILED, "is nested more than %d deep", STRANGE_DEPTH);
        if (repeats >= STRANGE_REPEATS || letters > STRANGE_LETTERS) return error_set(err, EZ_FAILED, "repeats too much, %d times or %d letters in all", STRANGE_REPEATS, STRANGE_LETTERS);
    }
    return true;
}
