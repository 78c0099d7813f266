/* http_fuzz.c: any bytes as HTTP: no crash, the same requests however the bytes are cut, and paths that keep their promise. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds) abort();
}

static void check_path(const char *path)
{
    must(utf8_valid(path, strlen(path)));
    must(*path == '/' || !strcmp(path, "*"));
    must(!strstr(path, "/../") && !(strlen(path) >= 3 && !strcmp(path + strlen(path) - 3, "/..")));
    for (const char *s = path; *s; s++) must((unsigned char)*s >= 0x20);
}

/* What was read, as one text, so that two readings can be compared. */
static void describe(text *t, http_request *rq)
{
    const net_request *q = &rq->public;
    check_path(q->path);
    must(!q->body[q->count]);
    text_printf(t, "%s %s %s ?%s %d %d|", q->method, q->path, q->raw_path, q->query, rq->minor, rq->keep_alive);
    for (int i = 0; i < rq->field_count; i++) {
        must(!strpbrk(rq->fields[i].name, "\r\n") && !strpbrk(rq->fields[i].value, "\r\n"));
        text_printf(t, "%s: %s|", rq->fields[i].name, rq->fields[i].value);
    }
    text_add(t, q->body, q->count);
    const char *cookie = net_cookie(q, "a"), *query = net_query(q, "a");
    text_printf(t, "|%s|%s|%d|%d|%d|%d\n", cookie ? cookie : "-", query ? query : "-", net_same_origin(q), net_accepts(q, "text/html"),
        http_accepts_coding(net_header(q, "accept-encoding"), "gzip"), net_header(q, "host") != NULL);
    http_request_free(rq);
}

static void read_all(text *t, const char *bytes, size_t count, size_t step)
{
    http_reader *r = http_reader_new(5000, NULL, NULL);
    for (size_t at = 0; at < count;) {
        size_t used, part = count - at < step ? count - at : step;
        http_event event = http_read(r, bytes + at, part, &used);
        must(used <= part);
        at += used;
        if (event == HTTP_BAD) {
            must(http_status(r) >= 400 && *http_reason(r));
            text_printf(t, "bad %d", http_status(r));
            break;
        }
        if (event == HTTP_DONE) describe(t, http_take(r));
        else must(used > 0);
    }
    http_reader_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 40000) return 0;
    text whole = { 0 }, cut = { 0 };
    read_all(&whole, (const char *)data + 1, size - 1, size);
    read_all(&cut, (const char *)data + 1, size - 1, 1 + data[0] % 32);
    must(whole.count == cut.count && (!whole.count || !memcmp(whole.at, cut.at, whole.count)));
    text_done(&whole);
    text_done(&cut);
    return 0;
}
