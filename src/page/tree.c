/* tree.c: trees as counted, immutable blocks; how they are printed, stored and read back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tree.h"
#include "page/markdown.h"
#include <stdlib.h>
#include <string.h>

uint64_t tree_root_id(void)
{
    uint64_t id = 0;
    id_read("ez_________", ID_CHARS, &id);
    return id;
}

tree *tree_new(void)
{
    tree *t = mem_alloc(sizeof *t);
    t->references = 1;
    t->html = mem_alloc(1);
    return t;
}

tree *tree_hold(tree *t)
{
    if (t)
        t->references++;
    return t;
}

void tree_drop(tree *t)
{
    if (!t || --t->references > 0)
        return;
    mem_free(t->nodes);
    mem_free(t->controls);
    mem_free(t->options);
    mem_free(t->html);
    mem_free(t);
}

size_t tree_memory(const tree *t)
{
    return sizeof *t + (size_t)t->count * sizeof *t->nodes + (size_t)t->control_count * sizeof *t->controls +
           (size_t)t->option_count * sizeof *t->options + (t->html ? t->html_count : 0);
}

void tree_forget_html(tree *t)
{
    mem_free(t->html);
    t->html = NULL;
}

int tree_find(const tree *t, uint64_t id)
{
    for (int i = 0; i < t->count; i++)
        if (t->nodes[i].id == id)
            return i;
    return -1;
}

tree_control *tree_control_of(tree *t, uint64_t id)
{
    for (int i = 0; i < t->control_count; i++)
        if (t->controls[i].id == id)
            return &t->controls[i];
    return NULL;
}

void tree_print_node(const tree *t, int i, const tree_resolver *r, text *out)
{
    const tree_node *n = &t->nodes[i];
    const char *html = t->html + n->html;
    if (!(n->flags & NODE_MESSAGE) || !r || !r->message) {
        text_add(out, html, n->count);
        return;
    }
    uint32_t after = n->spot + n->spot_count;
    text_add(out, html, n->spot);
    if (!r->message(r->data, n->message, out))
        text_add(out, html + n->spot, n->spot_count);
    text_add(out, html + after, n->count - after);
}

/* Children of (parent, slot), in order, from a link table made once for a print. */
typedef struct kids { int32_t *first, *next; } kids;

static kids kids_new(const tree *t)
{
    kids k = { mem_alloc((size_t)(t->count + 1) * sizeof(int32_t)), mem_alloc((size_t)(t->count + 1) * sizeof(int32_t)) };
    for (int i = 0; i <= t->count; i++)
        k.first[i] = k.next[i] = -1;
    for (int i = t->count - 1; i >= 0; i--) {
        int parent = t->nodes[i].parent + 1;
        k.next[i] = k.first[parent];
        k.first[parent] = i;
    }
    return k;
}

static void kids_done(kids *k)
{
    mem_free(k->first);
    mem_free(k->next);
}

static void print_place(const tree *t, const kids *k, int parent, int slot, const tree_resolver *r, text *out);

/* The shell with its children put into its places: right after the tag that carries data-ez-place. */
static void print_branch(const tree *t, const kids *k, int i, const tree_resolver *r, text *out)
{
    const tree_node *n = &t->nodes[i];
    if (!n->places) {
        tree_print_node(t, i, r, out);
        return;
    }
    static const char mark[] = " data-ez-place=\"";
    const char *at = t->html + n->html, *end = at + n->count;
    for (;;) {
        const char *found = memmem(at, (size_t)(end - at), mark, sizeof mark - 1);
        const char *close = found ? memchr(found, '>', (size_t)(end - found)) : NULL;
        if (!close)
            break;
        const char *name = found + sizeof mark - 1 + ID_CHARS;
        int slot = name < close && *name == '.' ? atoi(name + 1) : 0;
        text_add(out, at, (size_t)(close + 1 - at));
        print_place(t, k, i, slot, r, out);
        at = close + 1;
    }
    text_add(out, at, (size_t)(end - at));
}

static void print_place(const tree *t, const kids *k, int parent, int slot, const tree_resolver *r, text *out)
{
    for (int i = k->first[parent + 1]; i >= 0; i = k->next[i])
        if (t->nodes[i].slot == slot)
            print_branch(t, k, i, r, out);
}

void tree_print(const tree *t, int root_place, const tree_resolver *r, text *out)
{
    kids k = kids_new(t);
    print_place(t, &k, -1, root_place, r, out);
    kids_done(&k);
}

/* ---- spots ---------------------------------------------------------------------------------------------------- */

static tree *tree_copy(const tree *t)
{
    tree *c = mem_alloc(sizeof *c);
    *c = *t;
    c->references = 1;
    c->nodes = mem_copy(t->nodes, (size_t)t->count * sizeof *t->nodes);
    c->controls = mem_copy(t->controls, (size_t)t->control_count * sizeof *t->controls);
    c->options = mem_copy(t->options, (size_t)t->option_count * sizeof *t->options);
    c->html = NULL;
    return c;
}

tree *tree_with_spot(const tree *t, int i, const char *shown)
{
    const tree_node *n = &t->nodes[i];
    text inside = { 0 };
    if (n->flags & NODE_SPOT_MD)
        markdown_html(&inside, shown, strlen(shown), 0);
    else
        text_html(&inside, shown, strlen(shown));
    size_t from = n->html + n->spot, after = from + n->spot_count;
    ptrdiff_t grows = (ptrdiff_t)inside.count - (ptrdiff_t)n->spot_count;

    tree *c = tree_copy(t);
    c->html_count = (size_t)((ptrdiff_t)t->html_count + grows);
    c->html = mem_alloc(c->html_count + 1);
    memcpy(c->html, t->html, from);
    if (inside.count)
        memcpy(c->html + from, inside.at, inside.count);
    memcpy(c->html + from + inside.count, t->html + after, t->html_count - after);
    for (int j = 0; j < c->count; j++) {
        if (c->nodes[j].html > n->html) c->nodes[j].html = (uint32_t)((ptrdiff_t)c->nodes[j].html + grows);
        if (c->nodes[j].given >= after) c->nodes[j].given = (uint32_t)((ptrdiff_t)c->nodes[j].given + grows);
    }
    for (int j = 0; j < c->control_count; j++) {
        tree_control *k = &c->controls[j];
        if (k->initial >= after) k->initial = (uint32_t)((ptrdiff_t)k->initial + grows);
        if (k->value >= after) k->value = (uint32_t)((ptrdiff_t)k->value + grows);
    }
    c->nodes[i].count = (uint32_t)((ptrdiff_t)n->count + grows);
    c->nodes[i].spot_count = (uint32_t)inside.count;
    c->nodes[i].hash = hash_mix(hash_bytes(c->html + c->nodes[i].html, c->nodes[i].count), 0x5907);
    text_done(&inside);
    return c;
}

uint64_t tree_card_id(void) { return hash_mix(tree_root_id(), 0x63617264); }

tree *tree_with_card(const tree *t, const char *what)
{
    char id[ID_CHARS + 1];
    text html = { 0 };
    uint64_t card = tree_card_id();
    id_print(card, id);
    text_printf(&html, "<div id=\"%s\" class=\"ez-mistake ez-error\" role=\"alert\"><p>", id);
    size_t words = strcspn(what, "\n");
    text_html(&html, what, words);
    text_puts(&html, "</p>");
    if (what[words]) {
        text_puts(&html, "<pre tabindex=\"0\">");
        text_html(&html, what + words + 1, strlen(what + words + 1));
        text_puts(&html, "</pre>");
    }
    text_puts(&html, "</div>");

    tree *c = tree_copy(t);
    const tree_node *had = t->count && t->nodes[0].id == card ? &t->nodes[0] : NULL;      /* it takes the place of the one before */
    size_t rest = had && had->html + had->count == t->html_count ? had->html : t->html_count;
    if (!had) {
        c->count = t->count + 1;
        c->nodes = mem_resize(c->nodes, (size_t)c->count * sizeof *c->nodes);
        memmove(c->nodes + 1, c->nodes, (size_t)t->count * sizeof *c->nodes);
        for (int i = 1; i < c->count; i++) {
            c->nodes[i].parent += c->nodes[i].parent >= 0;
            c->nodes[i].fragment += c->nodes[i].fragment >= 0;
        }
    }
    c->nodes[0] = (tree_node){ .id = card, .hash = hash_bytes(html.at, html.count), .parent = -1, .control = -1, .fragment = -1,
                               .html = (uint32_t)rest, .count = (uint32_t)html.count, .slot = ROOT_MAIN };
    c->html_count = rest + html.count;
    c->html = mem_alloc(c->html_count + 1);
    memcpy(c->html, t->html, rest);
    memcpy(c->html + rest, html.at, html.count);
    text_done(&html);
    return c;
}

void tree_given(const tree *t, int i, text *out)
{
    if (t->html)
        text_add(out, t->html + t->nodes[i].given, t->nodes[i].given_count);
}

bool tree_spot_grows(const tree *t, int i)
{
    const tree_node *n = &t->nodes[i];
    if (!t->html || !n->spot_count || n->places || (n->flags & NODE_SPOT_MD))
        return false;
    const char *at = t->html + n->html + n->spot + n->spot_count, *end = t->html + n->html + n->count;
    while (at && at < end) {
        if (end - at < 3 || at[0] != '<' || at[1] != '/')
            return false;
        at = memchr(at, '>', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    return at != NULL;
}

/* ---- stored form: the arrays as they lie in memory, one after the other, behind a head that says their sizes ------ */

typedef struct tree_head { uint32_t magic, node_size, control_size, count, control_count, option_count; uint64_t html_count; } tree_head;
enum { TREE_MAGIC = 0x31547a45 };

void tree_save(const tree *t, text *out)
{
    tree_head h = { TREE_MAGIC, sizeof(tree_node), sizeof(tree_control), (uint32_t)t->count, (uint32_t)t->control_count,
                    (uint32_t)t->option_count, t->html_count };
    text_add(out, &h, sizeof h);
    text_add(out, t->nodes, (size_t)t->count * sizeof *t->nodes);
    text_add(out, t->controls, (size_t)t->control_count * sizeof *t->controls);
    text_add(out, t->options, (size_t)t->option_count * sizeof *t->options);
    text_add(out, t->html, t->html_count);
}

static bool inside(uint64_t at, uint64_t count, uint64_t room)
{
    return at <= room && count <= room - at;
}

static bool tree_sound(const tree *t)
{
    for (int i = 0; i < t->count; i++) {
        const tree_node *n = &t->nodes[i];
        if (n->parent >= i || n->parent < -1 || n->control < -1 || n->control >= t->control_count || n->fragment >= i || n->fragment < -1 ||
            !inside(n->html, n->count, t->html_count) || !inside(n->spot, n->spot_count, n->count) || !inside(n->given, n->given_count, t->html_count) ||
            n->slot >= (n->parent < 0 ? ROOT_PLACES : t->nodes[n->parent].places))
            return false;
    }
    for (int i = 0; i < t->control_count; i++) {
        const tree_control *c = &t->controls[i];
        if (!inside(c->options, c->option_count, (uint64_t)t->option_count) || !inside(c->initial, c->initial_count, t->html_count) ||
            !inside(c->value, c->value_count, t->html_count))
            return false;
    }
    return true;
}

tree *tree_read(const void *data, size_t count, ez_err *err)
{
    tree_head h;
    if (count < sizeof h || (memcpy(&h, data, sizeof h), h.magic != TREE_MAGIC) || h.node_size != sizeof(tree_node) || h.control_size != sizeof(tree_control)) {
        error_set(err, EZ_BROKEN, "a stored page is of another format; the page is run again");
        return NULL;
    }
    uint64_t nodes = (uint64_t)h.count * sizeof(tree_node), controls = (uint64_t)h.control_count * sizeof(tree_control), options = (uint64_t)h.option_count * 8;
    if (h.count > INT32_MAX || h.control_count > INT32_MAX || h.option_count > INT32_MAX || h.html_count > count || sizeof h + nodes + controls + options + h.html_count != count) {
        error_set(err, EZ_BROKEN, "a stored page is cut short; the page is run again");
        return NULL;
    }
    const char *at = (const char *)data + sizeof h;
    tree *t = mem_alloc(sizeof *t);
    *t = (tree){ 1, (int)h.count, (int)h.control_count, (int)h.option_count, NULL, NULL, NULL, NULL, h.html_count };
    t->nodes = mem_copy(at, nodes), at += nodes;
    t->controls = mem_copy(at, controls), at += controls;
    t->options = mem_copy(at, options), at += options;
    t->html = mem_alloc(h.html_count + 1);
    memcpy(t->html, at, h.html_count);
    if (!tree_sound(t)) {
        tree_drop(t);
        error_set(err, EZ_BROKEN, "a stored page contradicts itself; the page is run again");
        return NULL;
    }
    return t;
}
