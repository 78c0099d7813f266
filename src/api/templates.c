/* templates.c: texts with places for a record's fields: the words of a prompt, and addresses that hold inputs. What comes in texts alone becomes inputs here, too. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/functions.h"
#include <math.h>
#include <string.h>

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* ---- places ---------------------------------------------------------------------------------------------------------------------- */

bool api_place_next(const char *at, api_place *out)
{
    for (; (at = strchr(at, '{')) != NULL; at++) {
        size_t count = strspn(at + 1, NAME_BYTES);
        if (!count || count > PLACE_MOST || at[1 + count] != '}' || (at[1] >= '0' && at[1] <= '9'))
            continue;
        out->from = at;
        out->to = at + count + 2;
        memcpy(out->name, at + 1, count);
        out->name[count] = 0;
        return true;
    }
    return false;
}

void api_say(const value *v, text *out)
{
    if (v->kind == VALUE_BOOL) text_puts(out, v->number != 0 ? "true" : "false");
    else if (v->kind == VALUE_NUMBER) text_number(out, v->number);
    else text_puts(out, v->text ? v->text : "");
}

void api_fill(const char *pattern, uint64_t scope, const values *given, text *out)
{
    api_place p;
    for (; api_place_next(pattern, &p); pattern = p.to) {
        const value *v = values_find(given, run_key_id(scope, p.name));
        text_add(out, pattern, (size_t)(p.from - pattern));
        if (v) api_say(v, out);
        else text_add(out, p.from, (size_t)(p.to - p.from));
    }
    text_puts(out, pattern);
}

/* ---- inputs as texts --------------------------------------------------------------------------------------------------------------- */

static bool takes_words(const ez_field *f)
{
    return f->kind != EZ_KIND_BOOL && f->kind != EZ_KIND_INT && f->kind != EZ_KIND_LONG && f->kind != EZ_KIND_NUM;
}

static bool is_plain_number(const char *said, double *out)
{
    char *end;
    if (!*said || strspn(said, "0123456789+-.eE") != strlen(said))
        return false;
    *out = plain_real(said, &end);
    return !*end && isfinite(*out);
}

void api_member(json *j, const ez_field *f, const char *name, const char *said)
{
    double number;
    bool words = !f || takes_words(f);
    json_key(j, name);
    if (!words && is_plain_number(said, &number)) json_number(j, number);
    else if (!words && (!strcmp(said, "true") || !strcmp(said, "false"))) json_bool(j, said[0] == 't');
    else json_text(j, said);
}

/* ---- addresses with inputs ------------------------------------------------------------------------------------------------------------ */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* False: an escape is none, or stands for what no text holds. */
static bool unescape(const char *at, const char *end, text *out)
{
    for (; at < end; at++) {
        if (*at != '%') {
            text_putc(out, *at);
            continue;
        }
        if (end - at < 3 || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0 || (at[1] == '0' && at[2] == '0'))
            return false;
        text_putc(out, (char)(hex_digit(at[1]) * 16 + hex_digit(at[2])));
        at += 2;
    }
    return utf8_valid(out->at, out->count);
}

/* Where the value ends that begins here: it goes up to the next words of the pattern, the last one up to those at the address's end, none over a slash. NULL: they do not come. */
static const char *value_end(const char *rest, const char *address)
{
    api_place next;
    bool last = !api_place_next(rest, &next);
    size_t words = last ? strlen(rest) : (size_t)(next.from - rest), most = strcspn(address, "/"), count = strlen(address);
    if (last)
        return count > words && count - words <= most && !strcmp(address + count - words, rest) ? address + count - words : NULL;
    for (size_t i = 1; i <= most; i++)
        if (!strncmp(address + i, rest, words)) return address + i;
    return NULL;
}

static bool match(json *j, const char *pattern, const char *address, const ez_record *in)
{
    api_place p;
    for (; api_place_next(pattern, &p); pattern = p.to) {
        size_t before = (size_t)(p.from - pattern);
        if (strncmp(address, pattern, before))
            return false;
        address += before;
        const char *end = value_end(p.to, address);
        text said = { 0 };
        bool good = end && unescape(address, end, &said);
        if (good) api_member(j, record_named(in, p.name), p.name, said.at);
        text_done(&said);
        if (!good)
            return false;
        address = end;
    }
    return !strcmp(address, pattern);
}

bool api_match(const char *pattern, const char *address, const ez_record *in, text *inputs)
{
    json j = json_to(inputs);
    json_object(&j);
    bool good = match(&j, pattern, address, in);
    json_object_end(&j);
    return good;
}

/* ---- what may be meant ------------------------------------------------------------------------------------------------------------------ */

void api_complete(json *j, const ez_field *f, const char *begun)
{
    static const char *const flags[] = { "true", "false", NULL };
    const char *const *all = !f ? NULL : f->kind == EZ_KIND_BOOL ? flags : f->options;
    int total = 0;
    json_object(j);
    json_key(j, "values");
    json_array(j);
    for (int i = 0; all && all[i]; i++)
        if (!plain_compare_n(all[i], begun, strlen(begun)) && total++ < COMPLETE_MOST) json_text(j, all[i]);
    json_array_end(j);
    json_key(j, "total"), json_int(j, total);
    json_key(j, "hasMore"), json_bool(j, total > COMPLETE_MOST);
    json_object_end(j);
}
