/* icons.c: the drawings of the sprite by their names. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/icons.h"
#include <stdlib.h>
#include <string.h>

typedef struct icon { const char *name; size_t name_count; const char *drawing; size_t count; } icon;
struct icons { LIST(icon) all; };

static int icon_order(const void *a, const void *b)
{
    const icon *x = a, *y = b;
    size_t shorter = x->name_count < y->name_count ? x->name_count : y->name_count;
    int order = memcmp(x->name, y->name, shorter);
    return order ? order : (x->name_count > y->name_count) - (x->name_count < y->name_count);
}

icons *icons_read(const char *sprite)
{
    static const char before[] = "<symbol id=\"", between[] = "\" viewBox=\"0 0 20 20\">", after[] = "</symbol>";
    icons *set = mem_alloc(sizeof *set);
    for (const char *at = sprite; at && (at = strstr(at, before));) {
        const char *name = at + sizeof before - 1, *drawing = strstr(name, between), *end = drawing ? strstr(drawing, after) : NULL;
        if (!end) break;
        const char *from = drawing + sizeof between - 1;
        *list_add(&set->all) = (icon){ name, (size_t)(drawing - name), from, (size_t)(end - from) };
        at = end;
    }
    if (set->all.count) qsort(set->all.at, (size_t)set->all.count, sizeof *set->all.at, icon_order);
    return set;
}

void icons_free(icons *set)
{
    if (!set) return;
    list_done(&set->all);
    mem_free(set);
}

void icon_print(text *t, const icons *set, const char *name, size_t count)
{
    const icon wanted = { .name = name, .name_count = count };
    const icon *found = set && set->all.count ? bsearch(&wanted, set->all.at, (size_t)set->all.count, sizeof wanted, icon_order) : NULL;
    text_puts(t, "<svg class=\"ez-icon\" aria-hidden=\"true\" viewBox=\"0 0 20 20\">");
    if (found) text_add(t, found->drawing, found->count);
    text_puts(t, "</svg>");
}
