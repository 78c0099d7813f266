/* markdown.h: Markdown to markup, whole or while it is still being written.
 *
 * What comes out is safe whatever goes in: raw HTML is text, addresses are http, https, mailto, tel or relative (others
 * become text), pictures load from this server only, nesting is bounded, tags always match. Every block at the top is
 * exactly one element with no white space around it, so that child nodes can be counted (operation `tail`).
 *
 *   paragraph, heading, quote, lists, rule   p, h1 … h6, blockquote, ul, ol, hr
 *   code                                     what markdown_code prints
 *   table                                    <div class="ez-table-wrap" tabindex="0"><table>…; cells carry data-align="start|center|end"
 *   task                                     <li class="ez-task"><span class="ez-check" role="img" aria-label="done" data-done></span>…
 *   $math$                                   <code class="ez-math"> with its source; data-display for $$
 *   links to other hosts                     target="_blank" rel="noopener noreferrer"
 *
 * Thread: any; nothing is shared. Memory: only what goes into `out` and, of a stream, what markdown_stream_done gives back. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PAGE_MARKDOWN_H
#define PAGE_MARKDOWN_H

#include "base/base.h"

enum {
    MARKDOWN_BREAKS = 1,           /* a line break in the source is one on the page: what a person typed */
    MARKDOWN_DEMOTE = 2,           /* headings two levels down: an answer is not the page, which has one h1 */
    MARKDOWN_NO_LINKS = 4,         /* links are their text: inside a button, a label or a link */
};

void markdown_html(text *out, const char *md, size_t count, unsigned flags);
/* One line without blocks: labels, toasts, alerts. Line breaks become spaces, "1. Name" stays "1. Name". */
void markdown_line(text *out, const char *md, size_t count, unsigned flags);
/* A code block as Markdown and the element `code` show it: bar with language and copy button, then <pre><code>. lang may
 * be NULL; its first word is used. Line ends at the end are left out. */
void markdown_code(text *out, const char *code, size_t count, const char *lang);

/* ---- a text that grows ------------------------------------------------------------------------------------------ */

/* What a page shows of a growing text. Zeroed, it shows nothing. Apart from flags its members are private. */
typedef struct markdown_stream {
    unsigned flags;                /* set before the first call */
    bool     whole;                /* a link definition may reach back, so nothing counts as closed any more */
    bool     completed;            /* html closes what the source has not closed yet */
    int      nodes;                /* top-level nodes that nothing to come can change */
    size_t   closed;               /* bytes of source that made them */
    size_t   shown;                /* bytes of source that are on the page */
    size_t   end;                  /* where in html appended characters go; SIZE_MAX: nowhere */
    text     html;                 /* the rest of what is on the page, the open block */
} markdown_stream;

typedef enum markdown_op { MARKDOWN_SAME, MARKDOWN_TEXT, MARKDOWN_TAIL } markdown_op;

/* The next operation, which makes the page show md, which begins with what was given before:
 *   MARKDOWN_SAME   nothing changes
 *   MARKDOWN_TEXT   `out` are characters (not markup) for the operation `text`
 *   MARKDOWN_TAIL   `out` is markup for the operation `tail`, after the first *keep child nodes
 * When no more is to come, the page then is exactly what markdown_html prints. While more is, it is what markdown_growing prints: no
 * mark appears as a character only to become a mark with the next word.
 * `out` is added to, not cleared. Costs as much as the open block is long; plain words cost next to nothing. */
markdown_op markdown_stream_next(markdown_stream *s, const char *md, size_t count, bool more, text *out, int *keep);
/* All that is on the page now; md as in the call before. For a view that comes later. */
void markdown_stream_html(const markdown_stream *s, const char *md, text *out);
void markdown_stream_done(markdown_stream *s);

/* What is shown of a text to which more comes, printed as a whole: without the marks at its end, the head of a table and a
 * character that is cut, which wait, and with bold text and code closed. */
void markdown_growing(text *out, const char *md, size_t count, unsigned flags);

#endif
