/* address.c: names and addresses that elements print: ids of keys, links to pages, labels without links. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/markdown.h"
#include "page/place.h"
#include <string.h>

const char *node_key_id(ez_ui *at, const char *key)
{
    char *name = arena_alloc(at->run->arena, ID_CHARS + 1);
    id_print(run_key_id(at->scope, key), name);
    return name;
}

/* Addresses are relative to the page's own, so that any sub-path behind any proxy works: "/a/b" lies two steps deep, one up. */
const char *page_address(ez_ui *at, const char *address)
{
    if (!address || address[0] != '/' || address[1] == '/')
        return address;
    text t = { .arena = at->run->arena };
    const char *path = at->run->path && at->run->path[0] == '/' ? at->run->path + 1 : "";
    if (!strchr(path, '/'))
        text_puts(&t, "./");
    for (const char *c = path; *c; c++)
        if (*c == '/')
            text_puts(&t, "../");
    text_puts(&t, address + 1);
    return t.at;
}

void node_label_line(node *n, const char *markdown)
{
    if (markdown)
        markdown_line(&n->html.out, markdown, strlen(markdown), MARKDOWN_NO_LINKS);
}
