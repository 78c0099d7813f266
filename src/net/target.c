/* target.c: the path and query of a request, decoded once and checked. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"
#include <string.h>

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *http_decode(arena *a, const char *s, size_t count, bool plus, bool strict)
{
    char *out = arena_alloc(a, count + 1), *end = out;
    for (size_t i = 0; i < count; i++) {
        if (s[i] == '+' && plus) { *end++ = ' '; continue; }
        if (s[i] != '%') { *end++ = s[i]; continue; }
        int high = count - i > 2 ? hex_digit(s[i + 1]) : -1, low = high < 0 ? -1 : hex_digit(s[i + 2]);
        if (low < 0) {
            if (strict) return NULL;
            *end++ = '%';
            continue;
        }
        *end++ = (char)(high << 4 | low);
        i += 2;
    }
    size_t size = (size_t)(end - out);
    return memchr(out, 0, size) || !utf8_valid(out, size) ? NULL : out;
}

/* What a path may not hold once it is decoded: control characters, and ".." between separators of any system. */
static bool target_path_fine(const char *path)
{
    for (const char *s = path; *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f) return false;
        bool begins = s > path && (s[-1] == '/' || s[-1] == '\\');
        if (begins && s[0] == '.' && s[1] == '.' && (!s[2] || s[2] == '/' || s[2] == '\\')) return false;
    }
    return true;
}

/* "http://host/path", which proxies may send: only the path counts, the host is that of the Host header. */
static const char *target_skip_origin(const char *target)
{
    const char *from = !strncmp(target, "http://", 7) ? target + 7 : !strncmp(target, "https://", 8) ? target + 8 : NULL;
    if (!from) return target;
    size_t host = strcspn(from, "/?#");
    if (!host) return "";
    return from[host] ? from + host : "/";
}

int http_target(net_request *rq, const char *target)
{
    if (!strcmp(target, "*") && !strcmp(rq->method, "OPTIONS")) {
        rq->path = rq->raw_path = "*";
        rq->query = "";
        return 0;
    }
    target = target_skip_origin(target);
    if (*target != '/' || strchr(target, '#')) return 400;
    size_t count = strcspn(target, "?");
    rq->raw_path = arena_text_n(rq->arena, target, count);
    rq->query = target[count] ? target + count + 1 : "";
    rq->path = http_decode(rq->arena, target, count, false, true);
    return rq->path && target_path_fine(rq->path) ? 0 : 400;
}
