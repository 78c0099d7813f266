/* media.c: the figure around a picture, a sound or a film. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "media.h"
#include <string.h>

const char *media_address(ez_ui *at, const ez_call *call, const char *kind, const char *url)
{
    if (!url || !*url) return NULL;
    if (!strstr(url, "://") && strncmp(url, "//", 2)) return page_address(at, url);
    node_mistake(at, call, "the %s at %s lies on another site, which would learn who looks at this page; fetch it, and give it as .file", kind, url);
    return NULL;
}

/* What is shown is Markdown of one link, which is what a function's output writes here, too. */
void media_print(node *n, const media *m)
{
    ez_html *h = node_html(n);
    text shown = { 0 };
    ez_print(h, "<figure class=\"ez-%s ez-figure\"", m->kind);
    if (m->width > 0) ez_print(h, " style=\"--ez-media-width:%dpx\"", m->width);
    ez_print(h, "><div class=\"ez-media\" data-ez-end>");
    if (m->address) node_media(&shown, m->address, m->alt ? m->alt : m->caption ? m->caption : m->name);
    node_print_shown_markdown(n, shown.at ? shown.at : "");
    text_done(&shown);
    ez_print(h, "</div>");
    if (m->caption) {
        ez_print(h, "<figcaption class=\"ez-caption\">");
        node_markdown_line(n, m->caption);
        ez_print(h, "</figcaption>");
    }
    ez_print(h, "</figure>");
    node_close(n);
}
