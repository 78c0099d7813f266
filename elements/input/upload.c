/* upload.c: a place to drop files on, and the list of those that are there. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "upload.h"
#include <stdio.h>
#include <string.h>

/* As the attribute `accept` of browsers: endings, types, and types with a star. */
static bool accepted(const char *accept, const ez_file *f)
{
    for (const char *at = accept; at && *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", "), name = strlen(f->name);
        if (*at == '.' && name > count && !plain_compare_n(f->name + name - count, at, count)) return true;
        if (count > 2 && at[count - 1] == '*' && at[count - 2] == '/' && !plain_compare_n(f->type, at, count - 1)) return true;
        if (*at != '.' && strlen(f->type) == count && !plain_compare_n(f->type, at, count)) return true;
        at += count;
    }
    return !accept || !*accept;
}

/* The browser has checked already; whoever speaks to the program without one is checked here. */
static ez_files fitting(ez_files all, const upload_look *look, long long most_bytes)
{
    const ez_file **at = (const ez_file **)(size_t)all.at;
    int kept = 0;
    for (int i = 0; i < all.count; i++)
        if (all.at[i]->size <= most_bytes && accepted(look->accept, all.at[i])) at[kept++] = all.at[i];
    all.count = kept;
    return all;
}

/* ".png" is png, "image/png" too; "image" with a star stays image. */
static void print_kind(text *t, const char *at, size_t count)
{
    size_t slash = strcspn(at, "/");
    if (!count) return;
    if (*at == '.') at++, count--;
    else if (slash < count && at[count - 1] == '*') count = slash;
    else if (slash < count) at += slash + 1, count -= slash + 1;
    text_printf(t, "%.*s, ", (int)count, at);
}

static void print_rule(ez_html *h, const upload_look *look, int max_mb)
{
    text t = { 0 };
    for (const char *at = look->accept; at && *at;) {
        at += strspn(at, ", ");
        size_t count = strcspn(at, ", ");
        print_kind(&t, at, count);
        at += count;
    }
    ez_print(h, "<small>%sup to %d MB</small>", t.at ? t.at : "", max_mb);
    text_done(&t);
}

static void print_files(node *n, const ez_files *all)
{
    text t = { 0 };
    json j = json_to(&t);
    json_array(&j);
    for (int i = 0; i < all->count; i++) {
        json_object(&j);
        json_key(&j, "id"), json_text(&j, node_file_id(n, all->at[i]));
        json_key(&j, "name"), json_text(&j, all->at[i]->name);
        json_key(&j, "size"), json_int(&j, all->at[i]->size);
        json_object_end(&j);
    }
    json_array_end(&j);
    ez_print(node_html(n), " data-files=\"%s\"", t.at);
    text_done(&t);
}

ez_files upload_print(node *n, const char *name, const upload_look *look)
{
    int max_mb = look->max_mb > 0 ? look->max_mb : 200;
    ez_files all = fitting(node_files(n, look->most, look->disabled), look, (long long)max_mb << 20);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-%s ez-field\">", name);
    field_label(n, &look->field);
    ez_print(h, "<ez-upload class=\"ez-upload\" data-ez-value=\"text\" data-ez-own data-most=\"%d\" data-max-mb=\"%d\"", look->most, max_mb);
    if (look->field.required) ez_print(h, " data-required");
    print_files(n, &all);
    ez_print(h, "><label class=\"ez-drop\">");
    node_icon(n, "upload");
    ez_print(h, "<span class=\"ez-drop-words\"><span>%s</span>", look->most > 1 ? "Drop files here, or choose them" : "Drop a file here, or choose one");
    print_rule(h, look, max_mb);
    ez_print(h, "</span><input type=\"file\"");
    if (look->accept) ez_print(h, " accept=\"%s\"", look->accept);
    if (look->most > 1) ez_print(h, " multiple");
    field_control(n, &(field){ look->field.label, look->field.help, false, false, false }, look->disabled);
    ez_print(h, "></label><ul class=\"ez-files\"></ul></ez-upload>");
    node_required(n, look->field.required);
    field_end(n);
    ez_print(h, "</div>");
    node_close(n);
    return all;
}
