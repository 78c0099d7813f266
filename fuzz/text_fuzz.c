/* text_fuzz.c: any bytes as text that is printed: no tag or quote comes through into HTML, and JSON says the same again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "page/place.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void must(bool holds)
{
    if (!holds) abort();
}

/* Nothing but the five entities, and with these put back the same bytes. */
static void check_html(const char *s, size_t count)
{
    static const struct { const char *entity; char is; } known[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&#39;", '\'' } };
    text t = { 0 };
    size_t at = 0;
    text_html(&t, s, count);
    for (size_t i = 0; i < t.count; at++) {
        int entity = -1;
        for (int k = 0; k < COUNT(known); k++)
            if (!strncmp(t.at + i, known[k].entity, strlen(known[k].entity))) entity = k;
        must(at < count && (entity >= 0 ? known[entity].is : t.at[i]) == s[at]);
        must(entity >= 0 || !strchr("<>\"'&", t.at[i]) || !t.at[i]);
        i += entity >= 0 ? strlen(known[entity].entity) : 1;
    }
    must(at == count);
    text_done(&t);
}

static void check_json(const char *s, size_t count, void (*print)(text *, const char *, size_t), bool in_html)
{
    text t = { 0 };
    print(&t, s, count);
    must(utf8_valid(t.at, t.count));
    must(!in_html || !strpbrk(t.at, "<>&"));
    for (size_t i = 0; i < t.count; i++) must((unsigned char)t.at[i] >= 0x20);
    cJSON *o = cJSON_ParseWithLength(t.at, t.count);
    must(cJSON_IsString(o));
    if (utf8_valid(s, count) && !memchr(s, 0, count)) must(strlen(o->valuestring) == count && !memcmp(o->valuestring, s, count));
    cJSON_Delete(o);
    text_done(&t);
}

/* The escaping printf: what stands in %s is text, whatever it is. */
static void check_print(const char *s)
{
    ez_html h = { 0 };
    ez_print(&h, "<p title=\"%s\">%s</p>", s, s);
    int tags = 0, quotes = 0;
    for (const char *c = h.out.at; *c; c++) tags += *c == '<', quotes += *c == '"';
    must(tags == 2 && quotes == 2);
    text_done(&h.out);
}

/* An address that would run a script is not printed. */
static void check_address(const char *s)
{
    ez_html h = { 0 };
    ez_print(&h, "<a href=\"%s\">", s);
    const char *at = h.out.at + 9, *colon = at + strcspn(at, ":/?#\"");
    must(*colon != ':' || !strncasecmp(at, "http:", 5) || !strncasecmp(at, "https:", 6) || !strncasecmp(at, "mailto:", 7) || !strncasecmp(at, "tel:", 4));
    text_done(&h.out);
}

static void check_number(const uint8_t *data, size_t size)
{
    double v, again;
    text t = { 0 };
    if (size < sizeof v) return;
    memcpy(&v, data, sizeof v);
    text_number(&t, v);
    again = strtod(t.at, NULL);
    must(isfinite(v) ? again == v : !strcmp(t.at, "null"));
    text_done(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 5000) return 0;
    char *s = malloc(size + 1);
    memcpy(s, data, size);
    s[size] = 0;
    must(utf8_whole(s, size) <= size);
    check_html(s, size);
    check_json(s, size, text_json, true);
    check_json(s, size, text_json_wire, false);
    check_print(s);
    check_address(s);
    check_number(data, size);
    free(s);
    return 0;
}
