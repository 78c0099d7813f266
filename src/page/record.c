/* record.c: structs described once: typed state, and the inputs and outputs of bound functions. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ez_call no_call;

const ez_field *record_field(const ez_record *r, int i)
{
    return (const ez_field *)((const char *)r->fields + (size_t)i * r->stride);
}

const ez_field *record_named(const ez_record *r, const char *name)
{
    for (int i = 0; r && i < r->count; i++)
        if (!strcmp(record_field(r, i)->name, name))
            return record_field(r, i);
    return NULL;
}

const char *records_share(const ez_record *a, const ez_record *b)
{
    for (int i = 0; a && i < a->count; i++)
        if (record_named(b, record_field(a, i)->name))
            return record_field(a, i)->name;
    return NULL;
}

/* ---- state -------------------------------------------------------------------------------------------------------- */

/* "r" and a line for each field, so that a struct with fields added, removed or moved is read by their names. */
static char *record_shape(arena *a, const ez_record *record)
{
    text t = { .arena = a };
    text_puts(&t, "r");
    for (int i = 0; i < record->count; i++) {
        const ez_field *f = record_field(record, i);
        text_printf(&t, "\n%s %d %zu %zu", f->name, (int)f->kind, f->offset, f->size);
    }
    return t.at;
}

static bool holds_pointers(const ez_record *record)
{
    for (int i = 0; record && i < record->count; i++) {
        ez_kind k = record_field(record, i)->kind;
        if (k == EZ_KIND_TEXT || k == EZ_KIND_FILE || k == EZ_KIND_PIXELS)
            return true;
    }
    return false;
}

/* Copies the fields that both shapes name, with the same kind, as far as they fit. */
static void migrate(const state *old, char *to, const ez_record *record)
{
    const char *line = strchr(old->shape, '\n');
    while (line) {
        char name[128];
        int kind;
        size_t offset, size;
        if (sscanf(line, "\n%127s %d %zu %zu", name, &kind, &offset, &size) == 4 && offset <= old->size && size <= old->size - offset)
            for (int i = 0; i < record->count; i++) {
                const ez_field *f = record_field(record, i);
                if (strcmp(f->name, name) || (int)f->kind != kind)
                    continue;
                memcpy(to + f->offset, (char *)old->data + offset, size < f->size ? size : f->size);
                if (f->kind == EZ_KIND_CHARS && f->size)
                    to[f->offset + f->size - 1] = 0;
            }
        line = strchr(line + 1, '\n');
    }
}

void *ez_state_get(ez_ui *ui, const char *name, size_t size, const ez_record *record)
{
    run *r = ui->run;
    if (holds_pointers(record)) {
        node_mistake(ui, r->last_call ? r->last_call : &no_call, "ez_state \"%s\": the record %s has a text, file or picture field, and state holds no pointers; use a char array", name, record->name);
        return arena_alloc(r->arena, size);
    }
    char *shape = record ? record_shape(r->arena, record) : arena_printf(r->arena, "raw %zu %s", size, r->host && r->host->build ? r->host->build : "");
    state *s = states_find(&r->states, name);
    if (s && s->shape && !strcmp(s->shape, shape) && s->size == size)
        return s->data;
    run_charge(r, (ptrdiff_t)(size + strlen(shape)));
    void *fresh = mem_alloc(size);
    if (s && s->shape && record && s->shape[0] == 'r' && s->shape[1] == '\n')
        migrate(s, fresh, record);
    if (!s)
        s = states_at(&r->states, name);
    mem_free(s->shape);
    mem_free(s->data);
    s->shape = mem_text(shape);
    s->data = fresh;
    s->size = size;
    return fresh;
}

/* ---- batches -------------------------------------------------------------------------------------------------------- */

static int row_of(const ez_ui *ui) { return ui->row ? ui->row - 1 : 0; }

int ez_batch_count(ez_ui *ui) { return ui->run->row_count; }

ez_ui *ez_batch_row(ez_ui *ui, int row)
{
    run *r = ui->run;
    if (row < 0 || row >= r->row_count) {
        node_mistake(ui, r->last_call ? r->last_call : &no_call, "ez_batch_row: there is no row %d; ez_batch_count says how many there are, %d", row, r->row_count);
        row = 0;
    }
    if (r->row_count == 1)                     /* it fails, and goes on, as the run does */
        return ui;
    ez_ui *at = ui_new(r, ui->place, run_row_scope(r->scope, row));
    at->row = row + 1;
    return at;
}

/* ---- inputs and outputs --------------------------------------------------------------------------------------------- */

/* The value of a key as the visitor sees it: kept, else the control's initial one, else nothing. */
bool run_seen_value(run *r, uint64_t id, value *out)
{
    *out = (value){ 0 };
    value *kept = values_find(&r->values, id);
    if (kept && kept->kind != VALUE_NONE) {
        *out = *kept;
        out->text = arena_text(r->arena, kept->text);
        return true;
    }
    const tree *t = r->before;
    const tree_control *c = t ? tree_control_of((tree *)t, id) : NULL;
    if (!c || !t->html)
        return false;
    value v = { 0 };
    bool good = value_from_json(&v, t->html + c->initial, c->initial_count);
    *out = v;
    out->text = arena_text(r->arena, v.text);
    mem_free(v.text);
    return good && v.kind != VALUE_NONE;
}

static const char *value_text(run *r, const value *v)
{
    if (v->kind == VALUE_TEXT || v->kind == VALUE_SHOWN)
        return v->text;
    if (v->kind == VALUE_NONE)
        return "";
    text t = { .arena = r->arena };
    if (v->kind == VALUE_BOOL) text_puts(&t, v->number != 0 ? "true" : "false");
    else text_number(&t, v->number);
    return t.at;
}

static double value_number(const value *v, double absent)
{
    if (v->kind == VALUE_NUMBER || v->kind == VALUE_BOOL)
        return v->number;
    if ((v->kind == VALUE_TEXT || v->kind == VALUE_SHOWN) && v->text && *v->text) {
        char *end;
        double d = plain_real(v->text, &end);
        return *end || !isfinite(d) ? absent : d;
    }
    return absent;
}

const char *ez_get_text(ez_ui *ui, const char *key)
{
    value v;
    run_seen_value(ui->run, run_key_id(ui->scope, key), &v);
    return value_text(ui->run, &v);
}

double ez_get_num(ez_ui *ui, const char *key)
{
    value v;
    run_seen_value(ui->run, run_key_id(ui->scope, key), &v);
    return value_number(&v, -DBL_MAX);
}

bool ez_get_bool(ez_ui *ui, const char *key)
{
    value v;
    run_seen_value(ui->run, run_key_id(ui->scope, key), &v);
    return value_number(&v, 0) != 0;
}

static bool range_open(const ez_range *range)
{
    return range->low == 0 && range->high == 0;
}

bool record_date(const char *s, ez_date *to)
{
    int year, month, day, count = 0;
    bool good = sscanf(s, "%4d-%2d-%2d%n", &year, &month, &day, &count) == 3 && !s[count] && year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
    if (good) *to = (ez_date){ (short)year, (signed char)month, (signed char)day };
    return good;
}

static void field_read(run *r, const ez_field *f, const value *v, char *to)
{
    double number = value_number(v, (double)f->value);
    if (!range_open(&f->range)) {
        if (number < f->range.low) number = f->range.low;
        if (number > f->range.high) number = f->range.high;
    }
    switch (f->kind) {
    case EZ_KIND_BOOL:  *(bool *)to = number != 0; break;
    case EZ_KIND_INT:   *(int *)to = (int)fmax(-2147483648.0, fmin(2147483647.0, number)); break;
    case EZ_KIND_LONG:  *(long long *)to = (long long)fmax(-9e18, fmin(9e18, number)); break;
    case EZ_KIND_NUM:   *(double *)to = number; break;
    case EZ_KIND_TEXT:  *(const char **)to = value_text(r, v); break;
    case EZ_KIND_FILE:  *(const ez_file **)to = run_file(r, value_text(r, v)); break;
    case EZ_KIND_PIXELS: *(const ez_pixels **)to = ez_load_image(r->root, run_file(r, value_text(r, v)), NULL); break;
    case EZ_KIND_DATE:  record_date(value_text(r, v), (ez_date *)to); break;
    case EZ_KIND_CHARS: {
        const char *s = value_text(r, v);
        size_t count = utf8_whole(s, strlen(s) < f->size ? strlen(s) : f->size - 1);
        memcpy(to, s, count);
        break;
    }
    default: break;
    }
}

const void *ez_in_get(ez_ui *ui, const ez_record *record)
{
    run *r = ui->run;
    char *in = arena_alloc(r->arena, record->size);
    for (int i = 0; i < record->count; i++) {
        const ez_field *f = record_field(record, i);
        value v;
        run_seen_value(r, run_key_id(ui->scope, f->name), &v);
        field_read(r, f, &v, in + f->offset);
    }
    return in;
}

void *ez_out_get(ez_ui *ui, const ez_record *record)
{
    run_row *row = &ui->run->rows[row_of(ui)];
    if (!row->out) {
        row->record = record;
        row->out = arena_alloc(ui->run->arena, record->size);
        row->sent = arena_alloc(ui->run->arena, record->size);
    }
    return row->out;
}

static bool field_same(const ez_field *f, const char *a, const char *b)
{
    if (f->kind == EZ_KIND_TEXT) {
        const char *x = *(const char *const *)a, *y = *(const char *const *)b;
        return x == y || (x && y && !strcmp(x, y));
    }
    return !memcmp(a, b, f->size);
}

/* An element of the page shows a file as what it is; a program that called the function gets its id. */
static const char *file_value(run *r, uint64_t id, const ez_field *f, const ez_file *file)
{
    char name[FILE_ID_CHARS + 1];
    const tree_node *shown = run_before(r, id);
    if (!file || !file->path || !*file->path || !run_file_take(r, file, name)) return "";
    if (!shown || !(shown->flags & NODE_SPOT_MD)) return arena_text(r->arena, name);
    text t = { .arena = r->arena };
    const ez_file *kept = run_file(r, name);
    bool shows = kept && (!strncmp(kept->type, "image/", 6) || !strncmp(kept->type, "audio/", 6) || !strncmp(kept->type, "video/", 6));
    if (kept && !shows) {
        text_printf(&t, "[Download](<%s?download=1>)", page_address(r->root, arena_printf(r->arena, "/%s", file_address(r->arena, name, kept->name))));
        return t.at;
    }
    node_media(&t, page_address(r->root, arena_printf(r->arena, "/%s", file_address(r->arena, name, file->name ? file->name : f->name))), f->label ? f->label : f->name);
    return t.at;
}

static void put_add(run *r, int row, uint64_t id, value_kind kind, double number, const char *text, bool append)
{
    size_t bytes = sizeof(run_put) + (text ? strlen(text) : 0);
    run_charge(r, (ptrdiff_t)bytes);
    if (run_spent(r))
        return;
    r->put_bytes += bytes;
    *list_add(&r->puts) = (run_put){ id, kind, append, number, mem_text(text), row };
    if (r->kind == RUN_JOB)
        map_put(&r->put_ids, id, r);
    if (append || r->kind == RUN_JOB || kind == VALUE_NONE)
        return;
    value *v = values_at(&r->values, id);
    if (text) value_set_text(v, kind, text);
    else value_set_number(v, kind, number);
}

static void field_put(run *r, int row, const ez_field *f, const char *at)
{
    uint64_t id = run_key_id(run_row_scope(r->scope, row), f->name);
    double number = 0;
    const char *text = NULL;
    const ez_date *date = (const ez_date *)(const void *)at;
    switch (f->kind) {
    case EZ_KIND_BOOL:  number = *(const bool *)at; break;
    case EZ_KIND_INT:   number = *(const int *)at; break;
    case EZ_KIND_LONG:  number = (double)*(const long long *)at; break;
    case EZ_KIND_NUM:   number = *(const double *)at; break;
    case EZ_KIND_TEXT:  text = *(const char *const *)at ? *(const char *const *)at : ""; break;
    case EZ_KIND_CHARS: text = at; break;
    case EZ_KIND_DATE:  text = date->year ? arena_printf(r->arena, "%04d-%02d-%02d", date->year, date->month, date->day) : ""; break;
    case EZ_KIND_FILE:  text = file_value(r, id, f, *(const ez_file *const *)at); break;
    case EZ_KIND_PIXELS: text = file_value(r, id, f, run_picture_file(r, *(const ez_pixels *const *)at, arena_printf(r->arena, "%s.png", f->name))); break;
    default: return;
    }
    if (text) put_add(r, row, id, VALUE_TEXT, 0, text, false);
    else put_add(r, row, id, f->kind == EZ_KIND_BOOL ? VALUE_BOOL : VALUE_NUMBER, number, NULL, false);
}

/* Puts the fields of ez_out that changed since the last time into the elements with their names. */
void run_outputs_flush(run *r)
{
    for (int row = 0; row < r->row_count; row++) {
        const run_row *x = &r->rows[row];
        for (int i = 0; x->out && i < x->record->count; i++) {
            const ez_field *f = record_field(x->record, i);
            const char *now = (char *)x->out + f->offset;
            char *sent = (char *)x->sent + f->offset;
            if (field_same(f, now, sent))
                continue;
            field_put(r, row, f, now);
            memcpy(sent, now, f->size);
        }
    }
}

/* What a function that succeeded left zero is an output as well: it takes the place of what the call before it gave. */
static void put_rest(run *r)
{
    for (int row = 0; row < r->row_count; row++) {
        const run_row *x = &r->rows[row];
        for (int i = 0; x->out && i < x->record->count; i++) {
            const ez_field *f = record_field(x->record, i);
            if (!map_get(&r->put_ids, run_key_id(run_row_scope(r->scope, row), f->name)))
                field_put(r, row, f, (char *)x->out + f->offset);
        }
    }
}

void run_outputs_end(run *r)
{
    run_outputs_flush(r);
    if (!r->failed && !run_over(r))
        put_rest(r);
}

/* ---- puts ------------------------------------------------------------------------------------------------------- */

void run_put_add(run *r, uint64_t id, value_kind kind, double number, const char *text, bool append) { put_add(r, 0, id, kind, number, text, append); }
void run_put_take(run *r, const run_put *p) { put_add(r, p->row, p->id, p->kind, p->number, p->text, p->append); }

void ez_put_text(ez_ui *ui, const char *key, const char *text)
{
    put_add(ui->run, row_of(ui), run_key_id(ui->scope, key), VALUE_TEXT, 0, text ? text : "", false);
}

void ez_put_num(ez_ui *ui, const char *key, double value)
{
    put_add(ui->run, row_of(ui), run_key_id(ui->scope, key), VALUE_NUMBER, value, NULL, false);
}

void ez_put_bool(ez_ui *ui, const char *key, bool value)
{
    put_add(ui->run, row_of(ui), run_key_id(ui->scope, key), VALUE_BOOL, value, NULL, false);
}

void ez_append(ez_ui *ui, const char *key, const char *text)
{
    if (text && *text)
        put_add(ui->run, row_of(ui), run_key_id(ui->scope, key), VALUE_TEXT, 0, text, true);
    if (ui->run->kind == RUN_JOB && ui->run->host && ui->run->host->put)
        ui->run->host->put(ui->run->host->data, ui->run);
}
