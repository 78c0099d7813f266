/* request.c: what a handler may ask about a request. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"
#include <stdlib.h>
#include <string.h>

const char *net_header(const net_request *rq, const char *name)
{
    const http_request *inside = http_inside(rq);
    for (int i = 0; i < inside->field_count; i++)
        if (!plain_compare(inside->fields[i].name, name)) return inside->fields[i].value;
    return NULL;
}

/* In one Cookie header: "a=1; b=2". */
static const char *request_cookie_in(arena *a, const char *s, const char *name)
{
    size_t length = strlen(name);
    while (*s) {
        s += strspn(s, " \t;");
        size_t count = strcspn(s, ";");
        if (count > length && s[length] == '=' && !strncmp(s, name, length)) {
            const char *from = s + length + 1, *end = s + count;
            while (end > from && (end[-1] == ' ' || end[-1] == '\t')) end--;
            if (end - from >= 2 && *from == '"' && end[-1] == '"') from++, end--;
            return arena_text_n(a, from, (size_t)(end - from));
        }
        s += count;
    }
    return NULL;
}

const char *net_cookie(const net_request *rq, const char *name)
{
    const http_request *inside = http_inside(rq);
    for (int i = 0; i < inside->field_count; i++) {
        if (plain_compare(inside->fields[i].name, "cookie")) continue;
        const char *value = request_cookie_in(rq->arena, inside->fields[i].value, name);
        if (value) return value;
    }
    return NULL;
}

static const char *request_pair(const net_request *rq, const char *s, const char *name)
{
    while (*s) {
        size_t count = strcspn(s, "&"), key = strcspn(s, "=&");
        const char *found = http_decode(rq->arena, s, key, true, false);
        if (found && !strcmp(found, name)) {
            const char *value = key < count ? s + key + 1 : s + key;
            return http_decode(rq->arena, value, (size_t)(s + count - value), true, false);
        }
        s += count + (s[count] == '&');
    }
    return NULL;
}

const char *net_query(const net_request *rq, const char *name) { return request_pair(rq, rq->query, name); }

const char *net_form(const net_request *rq, const char *name)
{
    static const char type[] = "application/x-www-form-urlencoded";
    const char *said = net_header(rq, "content-type");
    return said && !plain_compare_n(said, type, sizeof type - 1) ? request_pair(rq, rq->body, name) : NULL;
}

/* The next piece between commas, without blanks around it; false at the end. */
static bool request_list_next(const char **list, const char **item, size_t *count)
{
    const char *s = *list + strspn(*list, " \t,");
    if (!*s) return false;
    *count = strcspn(s, ",");
    *item = s;
    *list = s + *count;
    while (*count && (s[*count - 1] == ' ' || s[*count - 1] == '\t')) --*count;
    return true;
}

static bool request_item_is(const char *item, size_t count, const char *token)
{
    size_t length = strlen(token), name = strcspn(item, "; \t");
    if (name > count) name = count;
    return name == length && !plain_compare_n(item, token, length);
}

/* "gzip;q=0" forbids. Any weight above 0 allows. */
static bool request_item_allowed(const char *item, size_t count)
{
    for (size_t i = 0; i + 2 < count; i++)
        if (item[i] == ';') {
            const char *p = item + i + 1 + strspn(item + i + 1, " \t");
            if ((*p == 'q' || *p == 'Q') && p[1] == '=') return plain_real(p + 2, NULL) > 0;
        }
    return true;
}

bool http_list_has(const char *list, const char *token)
{
    const char *item;
    size_t count;
    if (!list) return false;
    while (request_list_next(&list, &item, &count))
        if (request_item_is(item, count, token)) return true;
    return false;
}

bool http_accepts_coding(const char *accept, const char *coding)
{
    const char *item;
    size_t count;
    bool any = false;
    if (!accept) return false;
    while (request_list_next(&accept, &item, &count)) {
        if (request_item_is(item, count, coding)) return request_item_allowed(item, count);
        if (request_item_is(item, count, "*")) any = request_item_allowed(item, count);
    }
    return any;
}

bool net_accepts(const net_request *rq, const char *type)
{
    const char *accept = net_header(rq, "accept"), *item;
    size_t count;
    if (!accept) return false;
    while (request_list_next(&accept, &item, &count))
        if (request_item_is(item, count, type)) return request_item_allowed(item, count);
    return false;
}

/* Does "https://example.org" name the same host and port as Host: "example.org:443"? The scheme itself is not compared: behind a proxy
 * that ends TLS this server does not know it. */
static bool request_origin_is_host(const char *origin, const char *host)
{
    const char *at = strstr(origin, "://"), *port = NULL;
    if (!at) return false;                           /* "null": a sandboxed frame or a file */
    if (!plain_compare_n(origin, "http://", 7)) port = ":80";
    else if (!plain_compare_n(origin, "https://", 8)) port = ":443";
    else return false;
    at += 3;
    size_t a = strlen(at), h = strlen(host), p = strlen(port);
    if (a > p && !strcmp(at + a - p, port)) a -= p;
    if (h > p && !strcmp(host + h - p, port)) h -= p;
    return a == h && !plain_compare_n(at, host, a);
}

bool net_same_origin(const net_request *rq)
{
    const char *site = net_header(rq, "sec-fetch-site"), *origin = net_header(rq, "origin"), *host = net_header(rq, "host");
    bool harmless = (!strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD")) && !net_wants_upgrade(rq);
    if (harmless && !origin) return true;
    if (site && !strcmp(site, "same-origin")) return true;   /* no page can write this header, and it also holds behind proxies that change Host */
    if (site && strcmp(site, "none")) return false;
    return !origin || (host && request_origin_is_host(origin, host));
}
