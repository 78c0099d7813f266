/* forest_test.c: random pages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/forest_test.h"
#include <string.h>

enum { POOL = 24, MOST = 16 };

unsigned forest_random(uint64_t *seed, unsigned below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(*seed >> 33) % below;
}

static void add_place(text *t, const char *id, int slot)
{
    text_printf(t, " data-ez-place=\"%s", id);
    if (slot) text_printf(t, ".%d", slot);
    text_puts(t, "\"");
}

/* Shells differ by tag, words, and where their places stand. */
static void add_shell(text *t, const char *id, int places, uint64_t *seed)
{
    const char *tag = forest_random(seed, 8) ? "div" : "section";
    unsigned words = forest_random(seed, 3), inner = forest_random(seed, 3);
    if (places == 1 && !inner) {
        text_printf(t, "<%s id=\"%s\" class=\"w%u\"", tag, id, words);
        add_place(t, id, 0);
        text_printf(t, "></%s>", tag);
        return;
    }
    text_printf(t, "<%s id=\"%s\" class=\"w%u\">", tag, id, words);
    if (inner == 1) text_printf(t, "<b>words %u</b>", words);
    for (int i = 0; i < places; i++) {
        text_puts(t, "<div");
        add_place(t, id, places == 2 && words == 2 ? 1 - i : i);
        text_puts(t, "></div>");
        if (inner == 2) text_puts(t, "<hr>");
    }
    text_printf(t, "<i>%u</i></%s>", words, tag);
}

static uint64_t pool_id(int i)
{
    return hash_mix(0x666f72657374, (uint64_t)i);
}

tree *forest_empty(void) { return tree_new(); }

tree *forest_tree(uint64_t *seed)
{
    tree *t = tree_new();
    int free[POOL], left = POOL, want = (int)forest_random(seed, MOST);
    text html = { 0 };
    for (int i = 0; i < POOL; i++) free[i] = i;
    t->nodes = mem_alloc(MOST * sizeof *t->nodes);
    t->controls = mem_alloc(MOST * sizeof *t->controls);
    while (want--) {
        int at = (int)forest_random(seed, (unsigned)left), parent = (int)forest_random(seed, (unsigned)t->count + 1) - 1;
        if (parent >= 0 && !t->nodes[parent].places) continue;
        tree_node *n = &t->nodes[t->count++];
        char name[ID_CHARS + 1];
        *n = (tree_node){ .id = pool_id(free[at]), .parent = parent, .control = -1, .fragment = -1, .html = (uint32_t)html.count };
        free[at] = free[--left];
        n->places = (uint8_t)forest_random(seed, 3);
        n->slot = (uint8_t)forest_random(seed, parent < 0 ? ROOT_PLACES : t->nodes[parent].places);
        id_print(n->id, name);
        add_shell(&html, name, n->places, seed);
        n->count = (uint32_t)html.count - n->html;
        n->hash = hash_bytes(html.at + n->html, n->count);
        if (!n->places && !forest_random(seed, 3)) {
            char value[16];
            n->control = t->control_count;
            tree_control *c = &t->controls[t->control_count++];
            *c = (tree_control){ .id = n->id, .kind = CONTROL_NUMBER, .max = 100, .value = (uint32_t)html.count };
            c->value_count = (uint32_t)strlen(strcpy(value, forest_random(seed, 2) ? "17" : "4"));
            text_puts(&html, value);
            c->initial = c->value, c->initial_count = c->value_count;
            c->told = hash_bytes(value, c->value_count);
        }
    }
    mem_free(t->html);
    t->html_count = html.count;
    t->html = text_take(&html);
    return t;
}
