/* json.c: text of JSON as a tree that folds: native <details>, so it is there before any script. What the tree shows is JSON again, so that the
 * copy button needs no second copy of it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <cjson/cJSON.h>
#include <string.h>

enum { DEEPEST = 40, MOST = 5000, OPEN = 2 };     /* what is deeper, or more, is one line: a page must stay one that browsers bear */

typedef struct tree_print { ez_html *h; int open, left; } tree_print;

static void print_line(ez_html *h, const char *class, const cJSON *v)
{
    char *line = cJSON_PrintUnformatted(v);
    ez_print(h, "<span class=\"ez-json-%s\">%s</span>", class, line ? line : "null");
    cJSON_free(line);
}

static void print_key(ez_html *h, const char *key)
{
    text quoted = { 0 };
    text_json_wire(&quoted, key, strlen(key));
    ez_print(h, "<span class=\"ez-json-key\">%s</span>: ", quoted.at);
    text_done(&quoted);
}

static void print_leaf(ez_html *h, const cJSON *v)
{
    if (cJSON_IsString(v)) {
        text quoted = { 0 };
        text_json_wire(&quoted, v->valuestring, strlen(v->valuestring));
        ez_print(h, "<span class=\"ez-json-string\">%s</span>", quoted.at);
        text_done(&quoted);
    } else if (cJSON_IsNumber(v)) {
        ez_print(h, "<span class=\"ez-json-number\">%g</span>", v->valuedouble);
    } else {
        ez_print(h, "<span class=\"ez-json-word\">%s</span>", cJSON_IsTrue(v) ? "true" : cJSON_IsFalse(v) ? "false" : "null");
    }
}

static void print_item(tree_print *t, const cJSON *v, const char *key, int depth, const char *comma);

static void print_fold(tree_print *t, const cJSON *v, const char *key, int depth, const char *comma)
{
    ez_html *h = t->h;
    bool object = cJSON_IsObject(v);
    int count = cJSON_GetArraySize(v);
    ez_print(h, "<details class=\"ez-json-fold\"");
    if (depth < t->open) ez_print(h, " open");
    ez_print(h, "><summary data-ends=\"%s%s\" data-count=\"%d %s\">", object ? "}" : "]", comma, count, object ? (count == 1 ? "member" : "members") : count == 1 ? "item" : "items");
    if (key) print_key(h, key);
    ez_print(h, "%s</summary><div class=\"ez-json-in\">", object ? "{" : "[");
    for (const cJSON *child = v->child; child; child = child->next)
        print_item(t, child, object ? child->string : NULL, depth + 1, child->next ? "," : "");
    ez_print(h, "</div>%s%s</details>", object ? "}" : "]", comma);
}

static void print_item(tree_print *t, const cJSON *v, const char *key, int depth, const char *comma)
{
    bool holds = (cJSON_IsObject(v) || cJSON_IsArray(v)) && v->child;
    if (holds && depth < DEEPEST && t->left-- > 0) {
        print_fold(t, v, key, depth, comma);
        return;
    }
    ez_print(t->h, "<div class=\"ez-json-line\">");
    if (key) print_key(t->h, key);
    if (cJSON_IsObject(v) || cJSON_IsArray(v)) print_line(t->h, "rest", v);
    else print_leaf(t->h, v);
    ez_print(t->h, "%s</div>", comma);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/* cJSON stops one byte late where the name of a member should begin, as in {"a": 1,}. */
static size_t wrong_byte(const char *text, size_t byte)
{
    size_t from = byte ? byte - 1 : 0;
    if (!byte || blank(text[from]) || strchr("\"[{-0123456789", text[from]))
        return byte;
    while (from && blank(text[from - 1]))
        from--;
    return from && strchr("{,", text[from - 1]) ? byte - 1 : byte;
}

/* Where it stops being JSON: the byte, its line, and what stands there. */
static void print_refusal(ez_html *h, const char *text, size_t byte)
{
    int line = 1;
    for (size_t i = 0; i < byte; i++)
        line += text[i] == '\n';
    const char *rest = text + byte;
    ez_print(h, "<div class=\"ez-json-refused\" role=\"note\"><p><strong>This is not JSON:</strong> ");
    if (!*rest) ez_print(h, "it ends at byte %zu, line %d, before it is complete.", byte, line);
    else ez_print(h, "it goes wrong at byte %zu, line %d.", byte, line);
    ez_print(h, "</p><pre tabindex=\"0\">%s</pre></div>", text);
}

static void print_bar(node *n, const ez_json_args *a)
{
    ez_html *h = node_html(n);
    if (!a->label && a->hide_copy)
        return;
    ez_print(h, "<div class=\"ez-json-bar\"><span id=\"%s-l\">", node_id(n));
    node_label_line(n, a->label ? a->label : "JSON");
    ez_print(h, "</span>");
    if (!a->hide_copy) ez_print(h, "<button type=\"button\" data-act=\"copy\">Copy</button>");
    ez_print(h, "</div>");
}

void ez_json_put(ez_ui *at, const ez_json_args *a)
{
    node *n = node_open(at, &json_type, &a->call, a->label, a->key);
    const char *text = a->text ? a->text : "", *end = text;
    ez_html *h = node_html(n);
    ez_print(h, "<ez-json class=\"ez-json\"");
    if (a->height > 0) ez_print(h, " style=\"--ez-json-height:%dpx\"", a->height);
    ez_print(h, ">");
    cJSON *v = cJSON_ParseWithLengthOpts(text, strlen(text) + 1, &end, true);
    if (v) {
        tree_print t = { h, a->folded ? 0 : a->level > 0 ? a->level : OPEN, MOST };
        print_bar(n, a);
        ez_print(h, "<div class=\"ez-json-tree\" dir=\"ltr\" tabindex=\"0\" role=\"group\"");
        if (a->label || !a->hide_copy) ez_print(h, " aria-labelledby=\"%s-l\">", node_id(n));
        else ez_print(h, " aria-label=\"JSON\">");
        print_item(&t, v, NULL, 0, "");
        ez_print(h, "</div>");
    } else {
        size_t byte = end ? (size_t)(end - text) : 0;
        print_refusal(h, text, wrong_byte(text, byte < strlen(text) ? byte : strlen(text)));
    }
    ez_print(h, "</ez-json>");
    cJSON_Delete(v);
    node_close(n);
}
