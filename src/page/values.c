/* values.c: sorted values, named states, and their stored forms. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/values.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static int place_of(const values *v, uint64_t id)
{
    int low = 0, high = v->list.count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (v->list.at[middle].id < id) low = middle + 1;
        else high = middle;
    }
    return low;
}

value *values_find(const values *v, uint64_t id)
{
    int i = place_of(v, id);
    return i < v->list.count && v->list.at[i].id == id ? &v->list.at[i] : NULL;
}

value *values_at(values *v, uint64_t id)
{
    int i = place_of(v, id);
    if (i < v->list.count && v->list.at[i].id == id)
        return &v->list.at[i];
    (void)list_add(&v->list);
    memmove(v->list.at + i + 1, v->list.at + i, (size_t)(v->list.count - 1 - i) * sizeof(value));
    v->list.at[i] = (value){ .id = id };
    return &v->list.at[i];
}

void values_remove(values *v, uint64_t id)
{
    int i = place_of(v, id);
    if (i < v->list.count && v->list.at[i].id == id) {
        mem_free(v->list.at[i].text);
        list_remove(&v->list, i);
    }
}

void values_copy(values *to, const values *from)
{
    int count = from->list.count;
    if (!count)
        return;
    to->list.at = mem_copy(from->list.at, (size_t)count * sizeof(value));
    to->list.count = to->list.room = count;
    for (int i = 0; i < count; i++)
        to->list.at[i].text = mem_text(from->list.at[i].text);
}

void values_done(values *v)
{
    for (int i = 0; i < v->list.count; i++)
        mem_free(v->list.at[i].text);
    list_done(&v->list);
}

void value_set_text(value *v, value_kind kind, const char *s)
{
    char *copy = mem_text(s);
    mem_free(v->text);
    v->text = copy;
    v->kind = (uint8_t)kind;
}

void value_set_number(value *v, value_kind kind, double n)
{
    mem_free(v->text);
    v->text = NULL;
    v->number = n;
    v->kind = (uint8_t)kind;
}

void value_json(const value *v, text *out)
{
    switch (v->kind) {
    case VALUE_BOOL:   text_puts(out, v->number != 0 ? "true" : "false"); break;
    case VALUE_NUMBER: text_number(out, v->number); break;
    case VALUE_TEXT:
    case VALUE_SHOWN:  text_json(out, v->text, strlen(v->text)); break;
    default:           text_puts(out, "null");
    }
}

uint64_t value_hash(const value *v)
{
    text json = { 0 };
    value_json(v, &json);
    uint64_t h = hash_bytes(json.at, json.count);
    text_done(&json);
    return h;
}

bool value_from_json(value *v, const char *json, size_t count)
{
    cJSON *o = cJSON_ParseWithLength(json, count);
    bool good = true;
    if (cJSON_IsString(o)) value_set_text(v, VALUE_TEXT, o->valuestring);
    else if (cJSON_IsNumber(o)) value_set_number(v, VALUE_NUMBER, o->valuedouble);
    else if (cJSON_IsBool(o)) value_set_number(v, VALUE_BOOL, cJSON_IsTrue(o));
    else if (cJSON_IsNull(o)) value_set_number(v, VALUE_NONE, 0);
    else good = false;
    cJSON_Delete(o);
    return good;
}

/* ---- stored form: little-endian fields one after the other, as all machines of one installation are alike --------- */

typedef struct value_row { uint64_t id, page, written; double number; uint32_t rev, count; uint8_t kind, keyed, spare[6]; } value_row;

void values_save(const values *v, text *out)
{
    for (int i = 0; i < v->list.count; i++) {
        const value *x = &v->list.at[i];
        uint32_t count = x->text ? (uint32_t)strlen(x->text) + 1 : 0;
        value_row row = { x->id, x->page, x->written, x->number, x->rev, count, x->kind, x->keyed, { 0 } };
        text_add(out, &row, sizeof row);
        if (count)
            text_add(out, x->text, count);
    }
}

bool values_read(values *v, const char *data, size_t count)
{
    while (count) {
        value_row row;
        if (count < sizeof row)
            return false;
        memcpy(&row, data, sizeof row);
        data += sizeof row, count -= sizeof row;
        if (row.count > count || (row.count && data[row.count - 1] != 0) || ((row.kind == VALUE_TEXT || row.kind == VALUE_SHOWN) && !row.count))
            return false;
        value *x = values_at(v, row.id);
        x->page = row.page, x->written = row.written, x->number = row.number, x->rev = row.rev, x->kind = row.kind, x->keyed = row.keyed;
        mem_free(x->text);
        x->text = row.count ? mem_text(data) : NULL;
        data += row.count, count -= row.count;
    }
    return true;
}

/* ---- state ------------------------------------------------------------------------------------------------------ */

state *states_find(const states *s, const char *name)
{
    for (int i = 0; i < s->list.count; i++)
        if (!strcmp(s->list.at[i].name, name))
            return &s->list.at[i];
    return NULL;
}

state *states_at(states *s, const char *name)
{
    state *found = states_find(s, name);
    if (found)
        return found;
    found = list_add(&s->list);
    found->name = mem_text(name);
    return found;
}

void states_copy(states *to, const states *from)
{
    for (int i = 0; i < from->list.count; i++) {
        const state *x = &from->list.at[i];
        *list_add(&to->list) = (state){ mem_text(x->name), mem_text(x->shape), mem_copy(x->data, x->size), x->size, x->saved };
    }
}

void states_done(states *s)
{
    for (int i = 0; i < s->list.count; i++) {
        mem_free(s->list.at[i].name);
        mem_free(s->list.at[i].shape);
        mem_free(s->list.at[i].data);
    }
    list_done(&s->list);
}

size_t states_memory(const states *s)
{
    size_t sum = 0;
    for (int i = 0; i < s->list.count; i++)
        sum += sizeof(state) + s->list.at[i].size + (s->list.at[i].shape ? strlen(s->list.at[i].shape) : 0);
    return sum;
}

uint64_t state_hash(const state *s)
{
    return hash_mix(hash_bytes(s->data, s->size), hash_text(s->shape));
}

void states_lend(states *to, const states *from)
{
    states_copy(to, from);
    for (int i = 0; i < to->list.count; i++)
        to->list.at[i].saved = state_hash(&to->list.at[i]);
}

void states_take(states *to, const states *from, bool changed_only)
{
    for (int i = 0; i < from->list.count; i++) {
        const state *x = &from->list.at[i];
        state *mine = states_find(to, x->name);
        uint64_t hash = state_hash(x);
        if (changed_only && hash == x->saved)
            continue;
        if (mine && state_hash(mine) == hash)
            continue;
        mine = states_at(to, x->name);
        mem_free(mine->shape);
        mem_free(mine->data);
        mine->shape = mem_text(x->shape);
        mine->data = mem_copy(x->data, x->size);
        mine->size = x->size;
    }
}

void state_save(const state *s, text *out)
{
    uint32_t shape = (uint32_t)strlen(s->shape) + 1;
    text_add(out, &shape, sizeof shape);
    text_add(out, s->shape, shape);
    text_add(out, s->data, s->size);
}

bool state_read(states *all, const char *name, const char *data, size_t count)
{
    uint32_t shape;
    if (count < sizeof shape || (memcpy(&shape, data, sizeof shape), !shape) || shape > count - sizeof shape || data[sizeof shape + shape - 1] != 0)
        return false;
    state *s = states_at(all, name);
    mem_free(s->shape);
    mem_free(s->data);
    s->shape = mem_text(data + sizeof shape);
    s->size = count - sizeof shape - shape;
    s->data = mem_copy(data + sizeof shape + shape, s->size);
    s->saved = state_hash(s);
    return true;
}
