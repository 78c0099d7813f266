/* code.c: source code with a copy button. Blocks of Markdown look the same: see markdown_code in page/markdown.h. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "gen/elements_gen.h"

/* Lines as a reader counts them: what follows the last line break counts only when there is something. */
static int count_lines(const char *text)
{
    int lines = 1;
    for (const char *at = text; (at = strchr(at, '\n')); at++)
        lines += at[1] != 0;
    return lines;
}

/* A language's name holds only what may stand in a file's ending. */
static const char *language_name(const char *name)
{
    return name && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+#._-")] == 0 ? name : "";
}

void ez_code_put(ez_ui *at, const ez_code_args *a)
{
    const char *text = a->text ? a->text : "", *language = language_name(a->language);
    node *n = node_open(at, &code_type, &a->call, NULL, a->key);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-code\"");
    if (a->wrap) ez_print(h, " data-wrap");
    if (a->height > 0) ez_print(h, " style=\"--ez-code-height:%dpx\"", a->height);
    ez_print(h, ">");
    if (!a->hide_copy || *language) {
        ez_print(h, "<div class=\"ez-code-bar\"><span class=\"ez-code-lang\">%s</span>", language);
        if (!a->hide_copy)
            ez_print(h, "<button type=\"button\" class=\"ez-code-copy\" data-ez-copy>Copy</button>");
        ez_print(h, "</div>");
    }
    ez_print(h, "<pre tabindex=\"0\">");
    if (a->line_numbers) {
        ez_print(h, "<span class=\"ez-code-lines\" aria-hidden=\"true\">");
        for (int i = 1, lines = count_lines(text); i <= lines; i++)
            ez_print(h, i < lines ? "%d\n" : "%d", i);
        ez_print(h, "</span>");
    }
    ez_print(h, "<code data-lang=\"%s\">", language);
    node_print_shown(n, text);
    ez_print(h, "</code></pre></div>");
    node_close(n);
}
