/* markdown.c: markup for what md4c finds in a text. Growing texts are in markdown_stream.c. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/markdown.h"
#include "store/files.h"
#include <md4c.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 48 };                          /* open tags at once; deeper ones are left out, their text is not */

typedef struct printer {
    text       *out;
    unsigned    flags;
    int         depth, base;                  /* open tags; those of blocks alone */
    const char *closers[DEPTH];               /* what ends each open tag; NULL: it was left out */
    int         image;                        /* inside so many pictures: only text, for alt */
    bool        link, code, line;
    int         newlines;                     /* of a code block, printed before the next text: none stands at the end */
    size_t      skip;                         /* bytes of the guard of markdown_line still to come */
} printer;

/* ---- addresses ------------------------------------------------------------------------------------------------- */

static void put_character(text *out, unsigned long c)
{
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
    char s[4];
    int n = 0;
    if (c < 0x80) s[n++] = (char)c;
    else if (c < 0x800) { s[n++] = (char)(0xc0 | c >> 6); s[n++] = (char)(0x80 | (c & 63)); }
    else if (c < 0x10000) { s[n++] = (char)(0xe0 | c >> 12); s[n++] = (char)(0x80 | (c >> 6 & 63)); s[n++] = (char)(0x80 | (c & 63)); }
    else { s[n++] = (char)(0xf0 | c >> 18); s[n++] = (char)(0x80 | (c >> 12 & 63)); s[n++] = (char)(0x80 | (c >> 6 & 63)); s[n++] = (char)(0x80 | (c & 63)); }
    text_add(out, s, (size_t)n);
}

/* The characters of an entity. Named ones beyond the few that stand in addresses stay as they are written. */
static void put_entity(text *out, const char *s, size_t count)
{
    static const struct { const char *name; unsigned long c; } named[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&nbsp;", 0xa0 } };
    if (count > 3 && s[1] == '#') {
        bool hex = s[2] == 'x' || s[2] == 'X';
        put_character(out, strtoul(s + (hex ? 3 : 2), NULL, hex ? 16 : 10));
        return;
    }
    for (int i = 0; i < COUNT(named); i++)
        if (strlen(named[i].name) == count && !memcmp(named[i].name, s, count)) {
            put_character(out, named[i].c);
            return;
        }
    text_add(out, s, count);
}

static void put_attribute(text *out, const MD_ATTRIBUTE *a)
{
    for (int i = 0; a->size && a->substr_offsets[i] < a->size; i++) {
        const char *s = a->text + a->substr_offsets[i];
        size_t n = a->substr_offsets[i + 1] - a->substr_offsets[i];
        if (a->substr_types[i] == MD_TEXT_ENTITY) put_entity(out, s, n);
        else if (a->substr_types[i] == MD_TEXT_NULLCHAR) put_character(out, 0);
        else text_add(out, s, n);
    }
}

typedef enum address { ADDRESS_UNSAFE, ADDRESS_HERE, ADDRESS_OTHER, ADDRESS_PERSON } address;

/* Browsers drop tabs and line ends anywhere and controls at both ends of an address, so they go before it is judged. */
static address address_kind(text *url)
{
    size_t to = 0;
    for (size_t i = 0; i < url->count; i++)
        if ((unsigned char)url->at[i] > 0x20 && url->at[i] != 0x7f) url->at[to++] = url->at[i];
        else if (url->at[i] == ' ' && to) url->at[to++] = ' ';
    while (to && url->at[to - 1] == ' ') to--;
    url->count = to;
    if (url->at) url->at[to] = 0;
    const char *s = url->at ? url->at : "";
    size_t scheme = strcspn(s, ":/?#\\");
    if (s[scheme] == ':') {
        if (scheme == 4 && !plain_compare_n(s, "http", 4)) return ADDRESS_OTHER;
        if (scheme == 5 && !plain_compare_n(s, "https", 5)) return ADDRESS_OTHER;
        if (scheme == 6 && !plain_compare_n(s, "mailto", 6)) return ADDRESS_PERSON;
        if (scheme == 3 && !plain_compare_n(s, "tel", 3)) return ADDRESS_PERSON;
        return ADDRESS_UNSAFE;
    }
    return (s[0] == '/' || s[0] == '\\') && (s[1] == '/' || s[1] == '\\') ? ADDRESS_OTHER : ADDRESS_HERE;
}

static void print_title(text *out, const MD_ATTRIBUTE *a)
{
    if (!a->size) return;
    text title = { 0 };
    put_attribute(&title, a);
    text_puts(out, " title=\"");
    text_html(out, title.at ? title.at : "", title.count);
    text_putc(out, '"');
    text_done(&title);
}

static void print_link(printer *p, const char *href, size_t count, address kind)
{
    text_puts(p->out, "<a href=\"");
    text_html(p->out, href, count);
    text_puts(p->out, kind == ADDRESS_OTHER ? "\" target=\"_blank\" rel=\"noopener noreferrer\"" : "\"");
}

/* ---- code ------------------------------------------------------------------------------------------------------- */

static void code_begin(text *out, const char *lang, size_t count)
{
    char name[33];
    size_t n = 0;
    for (size_t i = 0; i < count && n < sizeof name - 1 && (unsigned char)lang[i] > ' '; i++) {
        char c = lang[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("+#._-", c);
        if (!plain) break;
        name[n++] = c;
    }
    name[n] = 0;
    text_puts(out, "<div class=\"ez-code\"><div class=\"ez-code-bar\"><span class=\"ez-code-lang\">");
    text_puts(out, name);
    text_puts(out, "</span><button type=\"button\" class=\"ez-code-copy\" data-ez-copy>Copy</button></div><pre tabindex=\"0\"><code data-lang=\"");
    text_puts(out, name);
    text_puts(out, "\">");
}

#define CODE_END "</code></pre></div>"

void markdown_code(text *out, const char *code, size_t count, const char *lang)
{
    while (count && code[count - 1] == '\n') count--;
    code_begin(out, lang ? lang : "", lang ? strlen(lang) : 0);
    text_html(out, code, count);
    text_puts(out, CODE_END);
}

/* ---- blocks and spans -------------------------------------------------------------------------------------------- */

/* Prints an opening tag and notes what will close it; leaves both out when the nesting is too deep. */
static bool open_tag(printer *p, const char *tag, const char *closer)
{
    bool shown = p->depth < DEPTH && !p->image;
    if (p->depth < DEPTH) p->closers[p->depth] = shown ? closer : NULL;
    p->depth++;
    if (shown && tag) text_puts(p->out, tag);
    return shown;
}

static void close_tag(printer *p)
{
    p->depth--;
    if (p->depth < DEPTH && p->closers[p->depth]) text_puts(p->out, p->closers[p->depth]);
}

/* md4c 0.4.8 sometimes forgets the end of a span (an autolink across a mark): a block ends all that began in it. */
static void close_spans(printer *p)
{
    while (p->depth > p->base) close_tag(p);
    p->link = false;
    p->image = 0;
}

static void open_heading(printer *p, const MD_BLOCK_H_DETAIL *d)
{
    static const char *const open[] = { "<h1>", "<h2>", "<h3>", "<h4>", "<h5>", "<h6>" };
    static const char *const shut[] = { "</h1>", "</h2>", "</h3>", "</h4>", "</h5>", "</h6>" };
    int level = (int)d->level - 1 + (p->flags & MARKDOWN_DEMOTE ? 2 : 0);
    if (level > 5) level = 5;
    open_tag(p, open[level], shut[level]);
}

static void open_ordered(printer *p, const MD_BLOCK_OL_DETAIL *d)
{
    if (open_tag(p, "<ol", "</ol>")) {
        if (d->start != 1) text_printf(p->out, " start=\"%u\"", d->start);
        text_putc(p->out, '>');
    }
}

static void open_item(printer *p, const MD_BLOCK_LI_DETAIL *d)
{
    if (!d->is_task) open_tag(p, "<li>", "</li>");
    else if (d->task_mark == ' ') open_tag(p, "<li class=\"ez-task\"><span class=\"ez-check\" role=\"img\" aria-label=\"open\"></span>", "</li>");
    else open_tag(p, "<li class=\"ez-task\"><span class=\"ez-check\" role=\"img\" aria-label=\"done\" data-done></span>", "</li>");
}

static void open_cell(printer *p, bool head, const MD_BLOCK_TD_DETAIL *d)
{
    static const char *const align[] = { ">", " data-align=\"start\">", " data-align=\"center\">", " data-align=\"end\">" };
    if (open_tag(p, head ? "<th scope=\"col\"" : "<td", head ? "</th>" : "</td>")) text_puts(p->out, align[d->align]);
}

static void open_code(printer *p, const MD_BLOCK_CODE_DETAIL *d)
{
    p->code = true;
    p->newlines = 0;
    if (!open_tag(p, NULL, CODE_END)) return;
    text lang = { 0 };
    put_attribute(&lang, &d->lang);
    code_begin(p->out, lang.at ? lang.at : "", lang.count);
    text_done(&lang);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *userdata)
{
    printer *p = userdata;
    if (p->line || type == MD_BLOCK_DOC) return 0;
    close_spans(p);
    switch (type) {
    case MD_BLOCK_QUOTE: open_tag(p, "<blockquote>", "</blockquote>"); break;
    case MD_BLOCK_UL:    open_tag(p, "<ul>", "</ul>"); break;
    case MD_BLOCK_OL:    open_ordered(p, detail); break;
    case MD_BLOCK_LI:    open_item(p, detail); break;
    case MD_BLOCK_HR:    open_tag(p, "<hr>", ""); break;
    case MD_BLOCK_H:     open_heading(p, detail); break;
    case MD_BLOCK_CODE:  open_code(p, detail); break;
    case MD_BLOCK_P:     open_tag(p, "<p>", "</p>"); break;
    case MD_BLOCK_TABLE: open_tag(p, "<div class=\"ez-table-wrap\" tabindex=\"0\"><table>", "</table></div>"); break;
    case MD_BLOCK_THEAD: open_tag(p, "<thead>", "</thead>"); break;
    case MD_BLOCK_TBODY: open_tag(p, "<tbody>", "</tbody>"); break;
    case MD_BLOCK_TR:    open_tag(p, "<tr>", "</tr>"); break;
    case MD_BLOCK_TH:    open_cell(p, true, detail); break;
    case MD_BLOCK_TD:    open_cell(p, false, detail); break;
    default:             open_tag(p, NULL, NULL); break;
    }
    p->base = p->depth;
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *userdata)
{
    (void)detail;
    printer *p = userdata;
    if (p->line || type == MD_BLOCK_DOC) return 0;
    p->code = false;
    close_spans(p);
    close_tag(p);
    p->base = p->depth;
    return 0;
}

static void open_link(printer *p, const MD_SPAN_A_DETAIL *d)
{
    text href = { 0 };
    put_attribute(&href, &d->href);
    address kind = address_kind(&href);
    bool wanted = kind != ADDRESS_UNSAFE && !p->link && !(p->flags & MARKDOWN_NO_LINKS);
    if (!wanted) open_tag(p, NULL, NULL);
    else if (open_tag(p, NULL, "</a>")) {
        p->link = true;
        print_link(p, href.at ? href.at : "", href.count, kind);
        print_title(p->out, &d->title);
        text_putc(p->out, '>');
    }
    text_done(&href);
}

/* What the link of a picture leads to: sounds and films are played. */
typedef struct medium { const char *kind, *begin, *words, *end; } medium;

static const medium *medium_of(const char *address)
{
    static const medium media[] = { { "audio/", "<audio controls preload=\"metadata\" src=\"", " aria-label=\"", "\"></audio>" },
                                    { "video/", "<video controls playsinline preload=\"metadata\" src=\"", " aria-label=\"", "\"></video>" },
                                    { "", "<img loading=\"lazy\" src=\"", " alt=\"", "\">" } };
    const char *type = files_type(address);
    for (int i = 0;; i++)
        if (!strncmp(type, media[i].kind, strlen(media[i].kind))) return &media[i];
}

/* A picture of this server is shown; one of another host would tell that host who reads, so it becomes a link to it. */
static void open_picture(printer *p, const MD_SPAN_IMG_DETAIL *d)
{
    text src = { 0 };
    put_attribute(&src, &d->src);
    address kind = address_kind(&src);
    bool link = kind == ADDRESS_OTHER && !p->link && !(p->flags & MARKDOWN_NO_LINKS);
    const medium *m = medium_of(src.at);
    if (!open_tag(p, NULL, kind == ADDRESS_HERE ? m->end : link ? "</a>" : NULL)) link = false, kind = ADDRESS_UNSAFE;
    if (kind == ADDRESS_HERE) {
        text_puts(p->out, m->begin);
        text_html(p->out, src.at ? src.at : "", src.count);
        text_putc(p->out, '"');
        print_title(p->out, &d->title);
        text_puts(p->out, m->words);
    } else if (link) {
        print_link(p, src.at, src.count, kind);
        text_putc(p->out, '>');
    }
    p->image++;
    text_done(&src);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *userdata)
{
    printer *p = userdata;
    switch (type) {
    case MD_SPAN_EM:        open_tag(p, "<em>", "</em>"); break;
    case MD_SPAN_STRONG:    open_tag(p, "<strong>", "</strong>"); break;
    case MD_SPAN_CODE:      open_tag(p, "<code>", "</code>"); break;
    case MD_SPAN_DEL:       open_tag(p, "<del>", "</del>"); break;
    case MD_SPAN_LATEXMATH: open_tag(p, "<code class=\"ez-math\">", "</code>"); break;
    case MD_SPAN_LATEXMATH_DISPLAY: open_tag(p, "<code class=\"ez-math\" data-display>", "</code>"); break;
    case MD_SPAN_A:         open_link(p, detail); break;
    case MD_SPAN_IMG:       open_picture(p, detail); break;
    default:                open_tag(p, NULL, NULL); break;
    }
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *userdata)
{
    (void)detail;
    printer *p = userdata;
    if (p->depth == p->base) return 0;
    if (type == MD_SPAN_IMG && p->image) p->image--;
    bool was_link = p->depth <= DEPTH && p->closers[p->depth - 1] && type == MD_SPAN_A;
    close_tag(p);
    if (was_link) p->link = false;
    return 0;
}

static void print_newlines(printer *p)
{
    for (; p->newlines; p->newlines--) text_putc(p->out, '\n');
}

static void print_text(printer *p, const char *s, size_t count)
{
    if (p->skip) {
        size_t n = p->skip < count ? p->skip : count;
        p->skip -= n, s += n, count -= n;
    }
    text_html(p->out, s, count);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE count, void *userdata)
{
    printer *p = userdata;
    if (p->code) {
        if (count == 1 && *s == '\n') { p->newlines++; return 0; }
        if (!count) return 0;
        print_newlines(p);
    }
    switch (type) {
    case MD_TEXT_NULLCHAR: put_character(p->out, 0); break;
    case MD_TEXT_BR:       text_puts(p->out, p->image || p->line ? " " : "<br>"); break;
    case MD_TEXT_SOFTBR:   text_puts(p->out, p->image || p->line ? " " : p->flags & MARKDOWN_BREAKS ? "<br>" : "\n"); break;
    case MD_TEXT_ENTITY:
        if (count > 3 && s[1] == '#') {
            text c = { 0 };
            put_entity(&c, s, count);
            text_html(p->out, c.at, c.count);
            text_done(&c);
        } else text_add(p->out, s, count);
        break;
    default: print_text(p, s, count);
    }
    return 0;
}

/* md4c 0.4.8 looks one character past the end (after a last backslash for one), so what it gets ends with a NUL. */
static void parse(printer *p, const char *md, size_t count)
{
    text source = { 0 };
    text_add(&source, md, count);
    text_putc(&source, 0);
    const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML | MD_FLAG_LATEXMATHSPANS,
        .enter_block = enter_block, .leave_block = leave_block, .enter_span = enter_span, .leave_span = leave_span, .text = on_text };
    md_parse(source.at, (MD_SIZE)count, &parser, p);
    close_spans(p);
    text_done(&source);
}

void markdown_html(text *out, const char *md, size_t count, unsigned flags)
{
    printer p = { .out = out, .flags = flags };
    parse(&p, md, count);
}

/* A wide space in front keeps "1. " and "# " from being blocks, and counts as the beginning of a word for emphasis. */
void markdown_line(text *out, const char *md, size_t count, unsigned flags)
{
    static const char guard[] = "\xe2\x80\x83";
    text line = { 0 };
    text_puts(&line, guard);
    for (size_t i = 0; i < count; i++) text_putc(&line, md[i] == '\n' || md[i] == '\r' || md[i] == '\t' ? ' ' : md[i]);
    printer p = { .out = out, .flags = flags, .line = true, .skip = sizeof guard - 1 };
    parse(&p, line.at, line.count);
    text_done(&line);
}
