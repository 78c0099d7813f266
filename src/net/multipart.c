/* multipart.c: finds boundaries in what comes, and reads the few headers that a part of a form has. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/multipart.h"
#include <string.h>

enum { BOUNDARY_MOST = 70, BLANKS_MOST = 70, HEAD_MOST = 8 * 1024, PARTS_MOST = 1000 };      /* the first is RFC 2046's */

typedef enum where { PREAMBLE, DELIMITED, HEAD, BODY, OVER } where;

struct multipart {
    const multipart_events *events;
    void  *data;
    char   delimiter[BOUNDARY_MOST + 5];       /* CR LF - - boundary */
    size_t length;
    where  where;
    text   held;                               /* what cannot be told yet */
    int    parts;
    bool   bad;
};

/* ---- headers ---------------------------------------------------------------------------------------------------------------- */

/* The value of a parameter, as in `form-data; name="a"; filename="b.png"`, without its quotes. False: it has none. */
static bool parameter(const char *header, const char *name, text *out)
{
    size_t length = strlen(name);
    for (const char *s = strchr(header, ';'); s; s = strchr(s, ';')) {
        s++;
        s += strspn(s, " \t");
        bool is = !plain_compare_n(s, name, length) && s[length] == '=';
        s += strcspn(s, "=;");
        if (*s != '=') continue;
        bool quoted = *++s == '"';
        if (quoted) s++;
        text_clear(out);
        while (*s && (quoted ? *s != '"' : !strchr("; \t", *s))) {
            if (quoted && *s == '\\' && (s[1] == '"' || s[1] == '\\')) s++;
            text_putc(out, *s++);
        }
        if (quoted && *s++ != '"') return false;
        if (is) {
            if (!out->at) text_puts(out, "");
            return true;
        }
    }
    return false;
}

/* Browsers write a quote and line breaks in a name as %22, %0D and %0A. */
static void undo_percent(text *t)
{
    static const struct { const char *escape; char is; } escapes[] = { { "%22", '"' }, { "%0D", '\r' }, { "%0A", '\n' } };
    size_t to = 0;
    for (size_t at = 0; at < t->count; at++, to++) {
        t->at[to] = t->at[at];
        for (int i = 0; i < COUNT(escapes); i++)
            if (!plain_compare_n(t->at + at, escapes[i].escape, 3)) {
                t->at[to] = escapes[i].is;
                at += 2;
                break;
            }
    }
    t->count = to;
    t->at[to] = 0;
}

static bool read_head(multipart *m, char *head)
{
    text name = { 0 }, filename = { 0 };
    bool named = false, is_file = false;
    for (char *line = head, *end; *line; line = end + 2) {
        end = strstr(line, "\r\n");
        if (!end) break;
        *end = 0;
        if (plain_compare_n(line, "content-disposition:", 20)) continue;
        named = parameter(line, "name", &name);
        is_file = parameter(line, "filename", &filename);
    }
    if (named) undo_percent(&name);
    if (is_file) undo_percent(&filename);
    bool good = named && utf8_valid(name.at, name.count) && !memchr(name.at, 0, name.count) && (!is_file || (utf8_valid(filename.at, filename.count) && !memchr(filename.at, 0, filename.count)));
    good = good && ++m->parts <= PARTS_MOST && m->events->part(m->data, name.at, is_file ? filename.at : NULL);
    text_done(&name);
    text_done(&filename);
    return good;
}

/* ---- pieces ------------------------------------------------------------------------------------------------------------------ */

static void drop(multipart *m, size_t count)
{
    memmove(m->held.at, m->held.at + count, m->held.count - count);
    m->held.count -= count;
    m->held.at[m->held.count] = 0;
}

/* Up to the next delimiter, which it also passes. False: it needs more, or has failed. */
static bool read_body(multipart *m, bool tell)
{
    const char *found = memmem(m->held.at, m->held.count, m->delimiter, m->length);
    size_t sure = found ? (size_t)(found - m->held.at) : m->held.count < m->length ? 0 : m->held.count - (m->length - 1);
    if (tell && sure && !m->events->bytes(m->data, m->held.at, sure)) m->bad = true;
    if (found && tell && !m->bad && !m->events->end(m->data)) m->bad = true;
    drop(m, found ? sure + m->length : sure);
    if (found) m->where = DELIMITED;
    return found && !m->bad;
}

/* After a boundary: "--" ends all, a line break begins a part; blanks may stand between. */
static bool read_delimited(multipart *m)
{
    size_t blanks = strspn(m->held.at, " \t");
    m->bad = blanks > BLANKS_MOST;
    if (m->bad || m->held.count < blanks + 2) return false;
    const char *next = m->held.at + blanks;
    if (!memcmp(next, "\r\n", 2)) m->where = HEAD;
    else if (!blanks && !memcmp(next, "--", 2)) m->where = OVER;
    else m->bad = true;
    drop(m, blanks + 2);
    return !m->bad;
}

static bool read_part(multipart *m)
{
    char *end = memmem(m->held.at, m->held.count, "\r\n\r\n", 4);
    if (!end || (size_t)(end - m->held.at) > HEAD_MOST) {
        m->bad = end || m->held.count > HEAD_MOST + 3;       /* then no end can begin early enough */
        return false;
    }
    size_t count = (size_t)(end - m->held.at) + 2;
    char *head = mem_copy(m->held.at, count + 1);
    head[count] = 0;
    m->bad = strlen(head) != count || !read_head(m, head);
    mem_free(head);
    m->where = BODY;
    drop(m, count + 2);
    return !m->bad;
}

static bool step(multipart *m)
{
    switch (m->where) {
    case PREAMBLE:  return read_body(m, false);
    case DELIMITED: return read_delimited(m);
    case HEAD:      return read_part(m);
    case BODY:      return read_body(m, true);
    default:        return text_clear(&m->held), false;      /* what follows the end says nothing */
    }
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------ */

multipart *multipart_new(const char *content_type, const multipart_events *e, void *data)
{
    static const char is[] = "multipart/form-data";
    text boundary = { 0 };
    multipart *m = NULL;
    if (content_type && !plain_compare_n(content_type, is, sizeof is - 1) && parameter(content_type, "boundary", &boundary) && boundary.count && boundary.count <= BOUNDARY_MOST) {
        m = mem_alloc(sizeof *m);
        m->events = e;
        m->data = data;
        memcpy(m->delimiter, "\r\n--", 4);
        memcpy(m->delimiter + 4, boundary.at, boundary.count);
        m->length = boundary.count + 4;
        text_puts(&m->held, "\r\n");           /* the first boundary may stand at the very beginning */
    }
    text_done(&boundary);
    return m;
}

bool multipart_add(multipart *m, const char *bytes, size_t count)
{
    if (m->bad) return false;
    text_add(&m->held, bytes, count);
    while (step(m)) { }
    return !m->bad;
}

bool multipart_complete(const multipart *m) { return m->where == OVER && !m->bad; }

void multipart_free(multipart *m)
{
    if (!m) return;
    text_done(&m->held);
    mem_free(m);
}
