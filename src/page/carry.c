/* carry.c: a run on its way to another process, and what it did there on its way back. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/carry.h"
#include "page/place.h"
#include <string.h>

enum { CARRY_ROWS = 1 << 20 };

/* ---- pieces: a size and so many bytes ---------------------------------------------------------------------------------------- */

typedef struct carry_cursor { const char *at; size_t left; bool good; } carry_cursor;

static void carry_add(text *out, const void *at, size_t count)
{
    text_add(out, &count, sizeof count);
    text_add(out, at, count);
}

/* A text with the zero at its end, so that none and "" differ. */
static void carry_add_text(text *out, const char *s) { carry_add(out, s, s ? strlen(s) + 1 : 0); }

/* NULL: there is none any more. */
static const char *carry_take(carry_cursor *c, size_t *count)
{
    size_t size = 0;
    *count = 0;
    c->good = c->good && c->left >= sizeof size;
    if (c->good)
        memcpy(&size, c->at, sizeof size);
    c->good = c->good && size <= c->left - sizeof size;
    if (!c->good)
        return NULL;
    const char *at = c->at + sizeof size;
    c->at = at + size;
    c->left -= sizeof size + size;
    *count = size;
    return at;
}

static const char *carry_take_text(carry_cursor *c)
{
    size_t count;
    const char *s = carry_take(c, &count);
    if (!count)
        return NULL;
    if (memchr(s, 0, count) == s + count - 1)
        return s;
    c->good = false;
    return NULL;
}

static bool carry_take_into(carry_cursor *c, void *to, size_t size)
{
    size_t count;
    const char *at = carry_take(c, &count);
    c->good = at && count == size;
    if (c->good)
        memcpy(to, at, size);
    return c->good;
}

/* ---- state --------------------------------------------------------------------------------------------------------------------- */

/* One after the other, up to a name that is none. */
static void carry_states(const states *all, bool changed_only, text *out)
{
    text blob = { 0 };
    for (int i = 0; i < all->list.count; i++) {
        const state *s = &all->list.at[i];
        if (!s->shape || (changed_only && state_hash(s) == s->saved))
            continue;
        text_clear(&blob);
        state_save(s, &blob);
        carry_add_text(out, s->name);
        carry_add(out, blob.at, blob.count);
    }
    carry_add_text(out, NULL);
    text_done(&blob);
}

/* changed: they were there before, and what the session has of them is known. */
static void carry_states_read(carry_cursor *c, states *all, bool changed)
{
    for (const char *name; (name = carry_take_text(c)) != NULL;) {
        size_t count;
        const char *at = carry_take(c, &count);
        const state *before = states_find(all, name);
        uint64_t saved = before ? before->saved : 0;
        if (!at || !state_read(all, name, at, count)) {
            c->good = false;
            return;
        }
        if (changed)
            states_find(all, name)->saved = saved;
    }
}

/* ---- what it is given ----------------------------------------------------------------------------------------------------------- */

typedef struct carry_head { uint64_t scope, seed, job, event, memory; int32_t rows, line; char event_id[48], event_type[16]; } carry_head;

void carry_order(const run *r, text *out)
{
    const ez_call *bound = atomic_load(&((run *)r)->last_call);
    carry_head h = { .scope = r->scope, .seed = r->seed, .job = r->job, .event = r->event.id, .memory = r->memory_max, .rows = r->row_count, .line = bound ? bound->line : 0 };
    const char *texts[] = { r->session, r->visitor, r->path, r->query, r->event.text, bound ? bound->file : NULL };
    text blob = { 0 };
    memcpy(h.event_id, r->event_id, sizeof h.event_id);
    memcpy(h.event_type, r->event.type, sizeof h.event_type);
    carry_add(out, &h, sizeof h);
    for (int i = 0; i < COUNT(texts); i++)
        carry_add_text(out, texts[i]);
    values_save(&r->values, &blob);
    carry_add(out, blob.at, blob.count);
    text_clear(&blob);
    if (r->before && (r->before->html || !r->before->html_count))
        tree_save(r->before, &blob);
    carry_add(out, blob.at, blob.count);
    text_done(&blob);
    carry_states(&r->states, false, out);
}

static const char *given_text(run *r, const char *s) { return arena_text(r->arena, s ? s : ""); }

bool carry_order_read(run *r, const void *bytes, size_t count)
{
    carry_cursor c = { bytes, count, true };
    carry_head h;
    const char *texts[6];
    size_t values_size, tree_size;
    if (!carry_take_into(&c, &h, sizeof h) || h.rows < 1 || h.rows > CARRY_ROWS)
        return false;
    for (int i = 0; i < COUNT(texts); i++)
        texts[i] = carry_take_text(&c);
    const char *given = carry_take(&c, &values_size), *shown = carry_take(&c, &tree_size);
    if (!c.good || !values_read(&r->values, given, values_size))
        return false;
    r->scope = h.scope, r->seed = h.seed, r->job = h.job;
    r->session = given_text(r, texts[0]), r->visitor = given_text(r, texts[1]), r->path = given_text(r, texts[2]), r->query = given_text(r, texts[3]);
    r->event = (run_event){ .id = h.event, .text = arena_text(r->arena, texts[4]) };
    memcpy(r->event_id, h.event_id, sizeof r->event_id);
    memcpy(r->event.type, h.event_type, sizeof r->event.type);
    r->event_id[sizeof r->event_id - 1] = r->event.type[sizeof r->event.type - 1] = 0;
    if (texts[5])
        atomic_store(&r->last_call, (const ez_call *)arena_copy(r->arena, &(ez_call){ 1, arena_text(r->arena, texts[5]), h.line }, sizeof(ez_call)));
    r->before = tree_size ? tree_read(shown, tree_size, NULL) : tree_new();
    run_batch_of(r, h.rows);
    run_limit(r, h.memory);
    carry_states_read(&c, &r->states, false);
    return c.good && !c.left && r->before;
}

/* ---- what it says ---------------------------------------------------------------------------------------------------------------- */

typedef struct carry_news_head { double progress; int32_t puts, lines; uint8_t over, has_progress, failed, spent; } carry_news_head;
typedef struct carry_put { uint64_t id; double number; int32_t row; uint8_t kind, append; } carry_put;

void carry_news(run *r, bool over, text *out)
{
    carry_news_head h = { r->progress, r->puts.count, r->lines.count, over, r->has_progress, r->failed, run_spent(r) };
    carry_add(out, &h, sizeof h);
    carry_add_text(out, r->has_progress ? r->progress_text : NULL);
    for (int i = 0; i < r->puts.count; i++) {
        const run_put *p = &r->puts.at[i];
        carry_put put = { p->id, p->number, p->row, (uint8_t)p->kind, p->append };
        carry_add(out, &put, sizeof put);
        carry_add_text(out, p->text);
    }
    for (int i = 0; i < r->lines.count; i++) {
        const int32_t said[] = { (int32_t)r->lines.at[i].level, r->lines.at[i].row };
        carry_add(out, said, sizeof said);
        carry_add_text(out, r->lines.at[i].text);
    }
    if (over) {
        carry_add_text(out, r->failure);
        for (int i = 0; i < r->row_count; i++)
            carry_add_text(out, r->rows[i].failure);
        carry_states(&r->states, true, out);
    }
    run_batch_free(run_take_batch(r));
}

static void carry_put_read(carry_cursor *c, run *r)
{
    carry_put p = { 0 };
    carry_take_into(c, &p, sizeof p);
    const char *words = carry_take_text(c);
    bool worded = p.kind == VALUE_TEXT || p.kind == VALUE_SHOWN;
    if (p.kind > VALUE_SHOWN || worded != (words != NULL) || (p.append && p.kind != VALUE_TEXT) || p.row < 0 || p.row >= r->row_count)
        c->good = false;
    if (c->good)
        run_put_take(r, &(run_put){ p.id, (value_kind)p.kind, p.append, p.number, (char *)(uintptr_t)words, p.row });
}

static void carry_line_read(carry_cursor *c, run *r)
{
    int32_t said[2] = { 0 };
    carry_take_into(c, said, sizeof said);
    const char *words = carry_take_text(c);
    if (!words || said[0] < 0 || said[0] > EZ_LEVEL_ERROR || said[1] < -1 || said[1] >= r->row_count) c->good = false;
    if (c->good) run_line_add(r, said[1], (ez_level)said[0], words);
}

static void carry_outcome_read(carry_cursor *c, run *r, const carry_news_head *h)
{
    r->failure = arena_text(r->arena, carry_take_text(c));
    for (int i = 0; i < r->row_count; i++)
        r->rows[i].failure = arena_text(r->arena, carry_take_text(c));
    carry_states_read(c, &r->states, true);
    r->failed = h->failed != 0;
}

carry_heard carry_news_read(run *r, const void *bytes, size_t count)
{
    carry_cursor c = { bytes, count, true };
    carry_news_head h;
    if (!carry_take_into(&c, &h, sizeof h))
        return CARRY_BROKEN;
    const char *words = carry_take_text(&c);
    for (int i = 0; i < h.puts && c.good; i++)
        carry_put_read(&c, r);
    for (int i = 0; i < h.lines && c.good; i++)
        carry_line_read(&c, r);
    if (h.over && c.good)
        carry_outcome_read(&c, r, &h);
    if (!c.good || c.left)
        return CARRY_BROKEN;
    if (h.has_progress) {
        r->has_progress = true;
        r->progress = h.progress;
        r->progress_text = arena_text(r->arena, words);
    }
    if (h.spent)
        run_spend(r);
    return h.over ? CARRY_OVER : CARRY_MORE;
}
