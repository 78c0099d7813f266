/* dom_test.c: operations on a document of strings. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/dom_test.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static bool wrong(dom *d, const char *what, const char *which)
{
    snprintf(d->error, sizeof d->error, "%s %s", what, which ? which : "?");
    return false;
}

static dom_node *find(const dom *d, const char *id)
{
    for (int i = 0; id && i < d->nodes.count; i++)
        if (!strcmp(d->nodes.at[i].id, id))
            return &d->nodes.at[i];
    return NULL;
}

bool dom_has(const dom *d, const char *id) { return find(d, id) != NULL; }

static dom_list *list_of(dom *d, const char *place)
{
    for (int i = 0; i < d->lists.count; i++)
        if (!strcmp(d->lists.at[i].place, place))
            return &d->lists.at[i];
    dom_list *l = list_add(&d->lists);
    snprintf(l->place, sizeof l->place, "%s", place);
    return l;
}

static void leave(dom *d, const char *id)
{
    for (int i = 0; i < d->lists.count; i++)
        for (int j = 0; j < d->lists.at[i].ids.count; j++)
            if (!strcmp(d->lists.at[i].ids.at[j], id)) {
                mem_free(d->lists.at[i].ids.at[j]);
                list_remove(&d->lists.at[i].ids, j);
                return;
            }
}

static bool kids(dom *d, const char *place, int at, int remove, const cJSON *ids)
{
    dom_list *l = list_of(d, place);
    if (at < 0 || at > l->ids.count)
        return wrong(d, "no such index in", place);
    for (; remove > 0 && at < l->ids.count; remove--) {
        mem_free(l->ids.at[at]);
        list_remove(&l->ids, at);
    }
    const cJSON *one;
    cJSON_ArrayForEach(one, ids) {
        leave(d, one->valuestring);
    }
    l = list_of(d, place);
    if (at > l->ids.count)
        at = l->ids.count;
    cJSON_ArrayForEach(one, ids) {
        (void)list_add(&l->ids);
        memmove(l->ids.at + at + 1, l->ids.at + at, (size_t)(l->ids.count - 1 - at) * sizeof *l->ids.at);
        l->ids.at[at++] = mem_text(one->valuestring);
    }
    return true;
}

static bool put(dom *d, const char *id, const char *html)
{
    char want[40];
    dom_node *n = find(d, id);
    snprintf(want, sizeof want, " id=\"%s\"", id);
    const char *end = strchr(html, '>'), *named = strstr(html, want);
    if (html[0] != '<' || !end || !named || named > end)
        return wrong(d, "put is not one element with its id:", id);
    if (!n) {
        n = list_add(&d->nodes);
        snprintf(n->id, sizeof n->id, "%s", id);
    }
    mem_free(n->html);
    n->html = mem_text(html);
    return true;
}

/* ---- inside a shell ------------------------------------------------------------------------------------------- */

typedef struct span { size_t from, inner, inner_end, to; bool element; } span;     /* a child node */

static bool is_void(const char *tag)
{
    static const char *const names[] = { "br", "hr", "img", "input", "use" };
    for (int i = 0; i < COUNT(names); i++)
        if (!strncmp(tag, names[i], strlen(names[i])) && strchr(" >/", tag[strlen(names[i])]))
            return true;
    return false;
}

/* The child node that begins at `at`. */
static span child_at(const char *s, size_t at, size_t end)
{
    span c = { at, at, at, at, s[at] == '<' };
    if (!c.element) {
        while (c.to < end && s[c.to] != '<') c.to++;
        return c;
    }
    int depth = 0;
    for (size_t i = at; i < end;) {
        if (s[i] != '<') { i++; continue; }
        const char *close = memchr(s + i, '>', end - i);
        size_t after = close ? (size_t)(close - s) + 1 : end;
        if (s[i + 1] == '/') {
            if (--depth == 0) { c.inner_end = i; c.to = after; return c; }
        } else if (!is_void(s + i + 1) && !(close && close[-1] == '/')) {
            if (depth++ == 0) c.inner = after;
        } else if (depth == 0) {
            c.inner = c.inner_end = c.to = after;
            return c;
        }
        i = after;
    }
    c.inner_end = c.to = end;
    return c;
}

static span end_of(const char *html)
{
    span all = child_at(html, 0, strlen(html));
    const char *mark = strstr(html, " data-ez-end");
    if (!mark)
        return all;
    size_t at = (size_t)(mark - html);
    while (html[at] != '<') at--;
    return child_at(html, at, strlen(html));
}

static void splice(dom_node *n, size_t from, size_t to, const char *s, size_t count)
{
    text t = { 0 };
    text_add(&t, n->html, from);
    text_add(&t, s, count);
    text_puts(&t, n->html + to);
    mem_free(n->html);
    n->html = text_take(&t);
}

static bool append(dom *d, dom_node *n, const char *words)
{
    span at = end_of(n->html);
    text t = { 0 };
    for (;;) {
        span last = { 0, 0, 0, 0, false };
        for (size_t i = at.inner; i < at.inner_end; i = last.to)
            last = child_at(n->html, i, at.inner_end);
        if (!last.element)
            break;
        if (last.inner == last.to)
            return wrong(d, "text goes into an element that has no inside in", n->id);
        at = last;
    }
    text_html(&t, words, strlen(words));
    splice(n, at.inner_end, at.inner_end, t.at ? t.at : "", t.count);
    text_done(&t);
    return true;
}

static bool tail(dom *d, dom_node *n, int keep, const char *html)
{
    span at = end_of(n->html);
    size_t from = at.inner;
    for (int i = 0; i < keep; i++) {
        if (from >= at.inner_end)
            return wrong(d, "tail keeps more than there is in", n->id);
        from = child_at(n->html, from, at.inner_end).to;
    }
    splice(n, from, at.inner_end, html, strlen(html));
    return true;
}

/* ---- the frame ------------------------------------------------------------------------------------------------ */

/* Marks what can be reached from the root; false: something was placed that nobody put. */
static bool reach(dom *d, const char *place, char *seen, int depth)
{
    dom_list *l = list_of(d, place);
    for (int i = 0; i < l->ids.count; i++) {
        dom_node *n = find(d, l->ids.at[i]);
        if (!n || depth > 1000)
            return wrong(d, "placed, but never put:", l->ids.at[i]);
        if (seen[n - d->nodes.at]++)
            return wrong(d, "stands in two places:", n->id);
        for (const char *at = n->html; (at = strstr(at, " data-ez-place=\"")); at++) {
            char inner[ID_CHARS + 8];
            snprintf(inner, sizeof inner, "%.*s", (int)strcspn(at + 16, "\""), at + 16);
            if (!reach(d, inner, seen, depth + 1))
                return false;
            l = list_of(d, place);
        }
    }
    return true;
}

static bool settle(dom *d)
{
    static const char *const places[] = { "ez_________", "ez_________.1", "ez_________.2", "ez_________.3" };
    char *seen = mem_alloc((size_t)d->nodes.count + 1);
    bool good = true;
    for (int i = 0; i < COUNT(places) && good; i++)
        good = reach(d, places[i], seen, 0);
    for (int i = d->nodes.count - 1; i >= 0 && good; i--)
        if (!seen[i]) {
            char id[ID_CHARS + 1];
            snprintf(id, sizeof id, "%s", d->nodes.at[i].id);
            leave(d, id);
            for (int j = 0; j < d->lists.count; j++)
                if (!strncmp(d->lists.at[j].place, id, ID_CHARS)) {
                    while (d->lists.at[j].ids.count) {
                        mem_free(d->lists.at[j].ids.at[0]);
                        list_remove(&d->lists.at[j].ids, 0);
                    }
                }
            mem_free(d->nodes.at[i].html);
            list_remove(&d->nodes, i);
        }
    mem_free(seen);
    return good;
}

static const char *text_at(const cJSON *op, int i)
{
    const char *s = cJSON_GetStringValue(cJSON_GetArrayItem(op, i));
    return s ? s : "";
}

static bool apply(dom *d, const cJSON *op, bool late)
{
    const char *kind = text_at(op, 0), *id = text_at(op, 1);
    bool is_late = !strcmp(kind, "v") || !strcmp(kind, "c");
    if (is_late != late)
        return true;
    d->ops++;
    dom_node *n = find(d, id);
    if (!strcmp(kind, "k"))
        return kids(d, id, cJSON_GetArrayItem(op, 2)->valueint, cJSON_GetArrayItem(op, 3)->valueint, cJSON_GetArrayItem(op, 4));
    if (!strcmp(kind, "p"))
        return put(d, id, text_at(op, 2));
    if (!strcmp(kind, "c")) {
        char *args = cJSON_PrintUnformatted(cJSON_GetArrayItem(op, 3));
        text t = { 0 };
        text_printf(&t, "%s %s", text_at(op, 2), args);
        *list_add(&d->calls) = text_take(&t);
        cJSON_free(args);
        return !*id || n || wrong(d, "call of no node", id);
    }
    if (!n)
        return wrong(d, "no node", id);
    if (!strcmp(kind, "t"))
        return append(d, n, text_at(op, 2));
    if (!strcmp(kind, "l"))
        return tail(d, n, cJSON_GetArrayItem(op, 2)->valueint, text_at(op, 3));
    if (!strcmp(kind, "v")) {
        char *value = cJSON_PrintUnformatted(cJSON_GetArrayItem(op, 2));
        snprintf(d->last_value, sizeof d->last_value, "%s %s %d", id, value, cJSON_GetArrayItem(op, 3)->valueint);
        cJSON_free(value);
        d->values++;
        return true;
    }
    return wrong(d, "unknown operation", kind);
}

bool dom_apply_list(dom *d, const struct cJSON *list)
{
    const cJSON *op;
    bool good = true;
    cJSON_ArrayForEach(op, list) good = good && apply(d, op, false);
    good = good && settle(d);
    cJSON_ArrayForEach(op, list) good = good && apply(d, op, true);
    return good;
}

bool dom_apply(dom *d, const char *ops)
{
    text t = { 0 };
    text_printf(&t, ops[0] == '[' && ops[1] == '[' ? "%s" : "[%s]", ops);
    cJSON *list = cJSON_Parse(t.at);
    if (*ops == 0 || (ops[0] == '[' && ops[1] == ']')) {
        cJSON_Delete(list);
        list = cJSON_CreateArray();
    }
    bool good = list ? dom_apply_list(d, list) : wrong(d, "not JSON:", t.at);
    cJSON_Delete(list);
    text_done(&t);
    return good;
}

void dom_print(const dom *d, const char *place, text *out)
{
    for (int i = 0; i < d->lists.count; i++) {
        if (strcmp(d->lists.at[i].place, place))
            continue;
        for (int j = 0; j < d->lists.at[i].ids.count; j++) {
            const char *at = find(d, d->lists.at[i].ids.at[j])->html, *mark;
            while ((mark = strstr(at, " data-ez-place=\""))) {
                char inner[ID_CHARS + 8];
                const char *close = strchr(mark, '>');
                snprintf(inner, sizeof inner, "%.*s", (int)strcspn(mark + 16, "\""), mark + 16);
                text_add(out, at, (size_t)(close + 1 - at));
                dom_print(d, inner, out);
                at = close + 1;
            }
            text_puts(out, at);
        }
    }
}

void dom_page(const dom *d, text *out)
{
    static const char *const places[] = { "ez_________", "ez_________.1", "ez_________.2", "ez_________.3" };
    for (int i = 0; i < COUNT(places); i++) {
        text_printf(out, "[%d]", i);
        dom_print(d, places[i], out);
    }
}

bool dom_called(const dom *d, const char *part)
{
    for (int i = 0; i < d->calls.count; i++)
        if (strstr(d->calls.at[i], part))
            return true;
    return false;
}

void dom_done(dom *d)
{
    for (int i = 0; i < d->nodes.count; i++)
        mem_free(d->nodes.at[i].html);
    for (int i = 0; i < d->lists.count; i++) {
        for (int j = 0; j < d->lists.at[i].ids.count; j++)
            mem_free(d->lists.at[i].ids.at[j]);
        list_done(&d->lists.at[i].ids);
    }
    for (int i = 0; i < d->calls.count; i++)
        mem_free(d->calls.at[i]);
    list_done(&d->nodes);
    list_done(&d->lists);
    list_done(&d->calls);
    memset(d, 0, sizeof *d);
}

void dom_plain(const char *html, text *out)
{
    static const char *const mine[] = { " checked", " selected", " open" }, *const named[] = { " value=\"", " style=\"", " aria-valuetext=\"" };
    for (const char *at = html; *at;) {
        bool skip = false;
        size_t plain = strcspn(at, " <&");
        text_add(out, at, plain);
        at += plain;
        for (int i = 0; i < COUNT(named) && *at == ' ' && !skip; i++)
            if (!strncmp(at, named[i], strlen(named[i]))) {
                at += strlen(named[i]);
                at += strcspn(at, "\"");
                at += *at == '"';
                skip = true;
            }
        const char *output = !strncmp(at, "<output", 7) ? strstr(at, "</output>") : NULL;
        if (output) {
            at = output;
            continue;
        }
        for (int i = 0; i < COUNT(mine) && *at == ' ' && !skip; i++)
            if (!strncmp(at, mine[i], strlen(mine[i])) && strchr(" >", at[strlen(mine[i])])) {
                at += strlen(mine[i]);
                skip = true;
            }
        if (skip)
            continue;
        if (!strncmp(at, "&quot;", 6)) text_putc(out, '"'), at += 6;
        else if (!strncmp(at, "&#39;", 5)) text_putc(out, '\''), at += 5;
        else if (!strncmp(at, "&gt;", 4)) text_putc(out, '>'), at += 4;
        else if (*at) text_putc(out, *at++);
    }
    if (!out->at)
        text_puts(out, "");
}
