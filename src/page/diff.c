/* diff.c: the operations that turn one tree into another.
 *
 * Most runs change a few shells and no structure: then one walk over both arrays suffices. Otherwise the places of the
 * old tree are simulated while operations are written, parents before children, so that each `at` counts what the
 * browser has at that moment, moved nodes included. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/tree.h"
#include <stdio.h>
#include <string.h>

typedef struct ops { json j; int count; } ops;

static void op_put(ops *o, const tree *t, int i, const tree_resolver *r)
{
    char id[ID_CHARS + 1];
    text html = { 0 };
    id_print(t->nodes[i].id, id);
    tree_print_node(t, i, r, &html);
    json_array(&o->j);
    json_text(&o->j, "p");
    json_text(&o->j, id);
    json_text_n(&o->j, html.at ? html.at : "", html.count);
    json_array_end(&o->j);
    text_done(&html);
    o->count++;
}

static void op_value(ops *o, const tree *t, const tree_control *c, const tree_resolver *r)
{
    char id[ID_CHARS + 1];
    text json = { 0 };
    uint32_t rev = 0;
    if (!r || !r->value || !r->value(r->data, c, &json, &rev))
        text_add(&json, t->html + c->value, c->value_count);
    if (!json.count)
        text_puts(&json, "null");
    id_print(c->id, id);
    json_array(&o->j);
    json_text(&o->j, "v");
    json_text(&o->j, id);
    json_raw(&o->j, json.at, json.count);
    json_int(&o->j, rev);
    json_array_end(&o->j);
    text_done(&json);
    o->count++;
}

static void place_name(uint64_t parent, int slot, char out[ID_CHARS + 8])
{
    id_print(parent, out);
    if (slot)
        sprintf(out + ID_CHARS, ".%d", slot);
}

static void op_kids(ops *o, uint64_t parent, int slot, int at, int removed, const uint64_t *ids, int count)
{
    char name[ID_CHARS + 8], id[ID_CHARS + 1];
    place_name(parent, slot, name);
    json_array(&o->j);
    json_text(&o->j, "k");
    json_text(&o->j, name);
    json_int(&o->j, at);
    json_int(&o->j, removed);
    json_array(&o->j);
    for (int i = 0; i < count; i++) {
        id_print(ids[i], id);
        json_text(&o->j, id);
    }
    json_array_end(&o->j);
    json_array_end(&o->j);
    o->count++;
}

/* ---- simulated places ------------------------------------------------------------------------------------------ */

typedef struct place_list { uint64_t key, parent; int slot; LIST(uint64_t) ids; } place_list;
typedef struct places { map by_key; map of_node; LIST(place_list *) all; } places;   /* of_node: node id -> the list it stands in */

static uint64_t place_key(uint64_t parent, int slot)
{
    return hash_mix(parent, (uint64_t)slot + 1);
}

static place_list *places_at(places *p, uint64_t parent, int slot)
{
    uint64_t key = place_key(parent, slot);
    place_list *l = map_get(&p->by_key, key);
    if (!l) {
        l = mem_alloc(sizeof *l);
        *l = (place_list){ .key = key, .parent = parent, .slot = slot };
        map_put(&p->by_key, key, l);
        *list_add(&p->all) = l;
    }
    return l;
}

static void places_fill(places *p, const tree *t)
{
    for (int i = 0; i < t->count; i++) {
        const tree_node *n = &t->nodes[i];
        place_list *l = places_at(p, n->parent < 0 ? tree_root_id() : t->nodes[n->parent].id, n->slot);
        *list_add(&l->ids) = n->id;
        map_put(&p->of_node, n->id, l);
    }
}

static void places_done(places *p)
{
    for (int i = 0; i < p->all.count; i++) {
        list_done(&p->all.at[i]->ids);
        mem_free(p->all.at[i]);
    }
    list_done(&p->all);
    map_done(&p->by_key);
    map_done(&p->of_node);
}

static void place_take_out(places *p, uint64_t id)
{
    place_list *l = map_remove(&p->of_node, id);
    if (l) list_drop(&l->ids, id);
}

/* Makes the simulated list equal to the wanted one and writes the operation that does it in the browser. */
static void place_make(ops *o, places *p, place_list *l, const uint64_t *want, int count)
{
    int head = 0, tail = 0, have = l->ids.count;
    while (head < have && head < count && l->ids.at[head] == want[head])
        head++;
    while (tail < have - head && tail < count - head && l->ids.at[have - 1 - tail] == want[count - 1 - tail])
        tail++;
    int removed = have - head - tail, added = count - head - tail;
    if (!removed && !added)
        return;
    op_kids(o, l->parent, l->slot, head, removed, added ? want + head : NULL, added);
    for (int i = 0; i < removed; i++)
        map_remove(&p->of_node, l->ids.at[head + i]);
    for (int i = 0; i < added; i++)
        if (map_get(&p->of_node, want[head + i]) != l)
            place_take_out(p, want[head + i]);
    list_done(&l->ids);
    for (int i = 0; i < count; i++) {
        *list_add(&l->ids) = want[i];
        map_put(&p->of_node, want[i], l);
    }
}

static void diff_structure(ops *o, const tree *a, const tree *b)
{
    places now = { 0 }, want = { 0 };
    places_fill(&now, a);
    for (int slot = 0; slot < ROOT_PLACES; slot++)
        places_at(&want, tree_root_id(), slot);
    /* Parents stand before children in a tree, so that this order places every ancestor before what goes into it. */
    for (int i = 0; i < b->count; i++) {
        const tree_node *n = &b->nodes[i];
        for (int slot = 0; slot < n->places; slot++)
            places_at(&want, n->id, slot);
    }
    places_fill(&want, b);
    for (int i = 0; i < want.all.count; i++) {
        place_list *w = want.all.at[i];
        place_make(o, &now, places_at(&now, w->parent, w->slot), w->ids.at, w->ids.count);
    }
    places_done(&now);
    places_done(&want);
}

static bool same_structure(const tree *a, const tree *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++)
        if (a->nodes[i].id != b->nodes[i].id || a->nodes[i].parent != b->nodes[i].parent || a->nodes[i].slot != b->nodes[i].slot)
            return false;
    return true;
}

static bool told_otherwise(const tree *a, const tree_node *x, const tree *b, const tree_node *y)
{
    return x->control >= 0 && y->control >= 0 && a->controls[x->control].told != b->controls[y->control].told;
}

static void diff_values(ops *o, const tree *a, const tree *b, const map *old, const tree_resolver *r)
{
    for (int i = 0; i < b->count; i++) {
        const tree_node *y = &b->nodes[i];
        if (y->control < 0)
            continue;
        intptr_t at = old ? (intptr_t)map_get(old, y->id) - 1 : i;
        const tree_control *c = &b->controls[y->control];
        /* A new one shows what its shell says, unless the run wrote another value after it was printed. */
        if (at >= 0 && a->nodes[at].control >= 0 ? told_otherwise(a, &a->nodes[at], b, y) : c->told != hash_bytes(b->html + c->value, c->value_count))
            op_value(o, b, c, r);
    }
}

/* Only the members of the array, without its brackets. */
static void keep_members(text *ops_out, text *array)
{
    if (array->count > 2)
        text_add(ops_out, array->at + 1, array->count - 2);
    text_done(array);
}

void tree_diff(const tree *a, const tree *b, const tree_resolver *r, text *out)
{
    text array = { 0 };
    ops o = { json_to(&array), 0 };
    o.j.wire = true;
    json_array(&o.j);
    if (same_structure(a, b)) {
        for (int i = 0; i < b->count; i++)
            if (a->nodes[i].hash != b->nodes[i].hash)
                op_put(&o, b, i, r);
        diff_values(&o, a, b, NULL, r);
    } else {
        map old = { 0 };
        for (int i = 0; i < a->count; i++)
            map_put(&old, a->nodes[i].id, (void *)((intptr_t)i + 1));
        for (int i = 0; i < b->count; i++) {
            intptr_t at = (intptr_t)map_get(&old, b->nodes[i].id) - 1;
            if (at < 0 || a->nodes[at].hash != b->nodes[i].hash)
                op_put(&o, b, i, r);
        }
        diff_structure(&o, a, b);
        diff_values(&o, a, b, &old, r);
        map_done(&old);
    }
    json_array_end(&o.j);
    keep_members(out, &array);
}

void tree_values(const tree *t, const tree_resolver *r, bool all, text *out)
{
    text array = { 0 };
    ops o = { json_to(&array), 0 };
    o.j.wire = true;
    json_array(&o.j);
    for (int i = 0; t->html && i < t->control_count; i++)
        if (all || t->controls[i].told != hash_bytes(t->html + t->controls[i].value, t->controls[i].value_count))
            op_value(&o, t, &t->controls[i], r);
    json_array_end(&o.j);
    keep_members(out, &array);
}

/* `remove` of 1,000,000 children means: whatever is there. */
enum { ALL_CHILDREN = 1000000 };

void tree_whole(const tree *t, const tree_resolver *r, text *out)
{
    text array = { 0 };
    ops o = { json_to(&array), 0 };
    o.j.wire = true;
    places want = { 0 };
    for (int slot = 0; slot < ROOT_PLACES; slot++)
        places_at(&want, tree_root_id(), slot);
    for (int i = 0; i < t->count; i++)
        for (int slot = 0; slot < t->nodes[i].places; slot++)
            places_at(&want, t->nodes[i].id, slot);
    places_fill(&want, t);
    json_array(&o.j);
    for (int i = 0; i < t->count; i++)
        op_put(&o, t, i, r);
    for (int i = 0; i < want.all.count; i++)
        op_kids(&o, want.all.at[i]->parent, want.all.at[i]->slot, 0, ALL_CHILDREN, want.all.at[i]->ids.at, want.all.at[i]->ids.count);
    for (int i = 0; i < t->control_count; i++)
        op_value(&o, t, &t->controls[i], r);
    json_array_end(&o.j);
    places_done(&want);
    keep_members(out, &array);
}
