/* engine_place.c: what the streams hold, and how the known beginning of a conversation comes into the right one. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_inner.h"
#include <string.h>

enum { WORTH = 16 };               /* fewer tokens are evaluated again sooner than kept */

void trail_clear(trail *t)
{
    t->tokens.count = 0;
    text_clear(&t->said);
}

void trail_done(trail *t)
{
    list_done(&t->tokens);
    text_done(&t->said);
}

int trail_common(const trail *a, const trail *b)
{
    int limit = a->tokens.count < b->tokens.count ? a->tokens.count : b->tokens.count, i = 0;
    while (i < limit && a->tokens.at[i] == b->tokens.at[i]) i++;
    return i;
}

static void trail_copy(trail *to, const trail *from)
{
    trail_clear(to);
    for (int i = 0; i < from->tokens.count; i++) *list_add(&to->tokens) = from->tokens.at[i];
    text_add(&to->said, from->said.at, from->said.count);
}

static int index_of(const engine *e, const place *p) { return (int)(p - e->places); }

/* ---- a stream outside of its context ------------------------------------------------------------------------------ */

/* llama.cpp writes a magic number, the sequence, how many streams the context has, and for each stream how many cells follow: zero
 * for all but the one asked for. It refuses what comes from a context of another shape. Only that frame differs, so it is put
 * anew around the same bytes: three numbers in front, zeros for the other streams behind. Caches of other kinds write
 * several such frames; they stay as they are, and what does not fit is evaluated again. */
enum { FRAME = 12 };

static bool save_stream(engine *e, struct llama_context *from, int streams, int source, saved *s)
{
    size_t size = e->lib->state_seq_get_size(from, source);
    if (size == 0) return false;
    if (size + ENGINE_ZEROS > s->room) {
        mem_free(s->at);
        s->at = mem_alloc(size + ENGINE_ZEROS);
        s->room = size + ENGINE_ZEROS;
    }
    size = e->lib->state_seq_get_data(from, s->at, size, source);
    s->core = e->plain ? FRAME + 4 * (size_t)source : 0;
    s->size = size;
    if (!e->plain) return size > 0;
    size_t frame = FRAME + 4 * ((size_t)streams - 1);
    if (size <= frame) return false;
    s->size = size - frame;
    return true;
}

static bool load_stream(engine *e, struct llama_context *to, int streams, int target, saved *s)
{
    if (!e->plain) return e->lib->state_seq_set_data(to, s->at, s->size, target) != 0;
    uint32_t head[3] = { 0, (uint32_t)target, (uint32_t)streams };
    memcpy(head, s->at, 4);                        /* the magic number stays at the very beginning */
    uint8_t *at = s->at + s->core - FRAME;
    memcpy(at, head, FRAME);
    memset(s->at + s->core + s->size, 0, 4 * ((size_t)streams - 1));
    return e->lib->state_seq_set_data(to, at, FRAME + s->size + 4 * ((size_t)streams - 1), target) != 0;
}

/* ---- memos ------------------------------------------------------------------------------------------------------ */

static void memo_drop(engine *e, int i)
{
    memo *m = e->memos.at[i];
    e->memo_bytes -= m->state.room;
    trail_done(&m->kv);
    mem_free(m->state.at);
    mem_free(m);
    list_remove(&e->memos, i);
}

static void memos_bound(engine *e)
{
    for (;;) {
        int oldest = -1;
        for (int i = 0; i < e->memos.count; i++)
            if (!e->memos.at[i]->pinned && (oldest < 0 || e->memos.at[i]->used_ms < e->memos.at[oldest]->used_ms)) oldest = i;
        if (oldest < 0 || (e->memo_bytes <= e->o.idle_memory && e->memos.count + e->o.places <= ENGINE_RESIDENT)) return;
        memo_drop(e, oldest);
    }
}

int64_t engine_forget_memos(engine *e, int64_t now)
{
    int64_t next = -1;
    for (int i = e->memos.count - 1; i >= 0; i--) {
        int64_t left = e->memos.at[i]->used_ms + ENGINE_MEMO_MS - now;
        if (e->memos.at[i]->pinned) continue;
        if (left <= 0) memo_drop(e, i);
        else if (next < 0 || left < next) next = left;
    }
    return next;
}

/* Copies a stream into ordinary memory; its trail is copied too. */
static memo *memo_add(engine *e, place *p)
{
    memo *m = mem_alloc(sizeof *m);
    if (!save_stream(e, e->context, e->streams, index_of(e, p), &m->state)) {
        mem_free(m->state.at);
        mem_free(m);
        return NULL;
    }
    trail_copy(&m->kv, &p->kv);
    m->used_ms = p->used_ms;
    *list_add(&e->memos) = m;
    e->memo_bytes += m->state.room;
    return m;
}

/* An earlier turn of a conversation is of no use beside a later one. */
static void memo_replaces(engine *e, const memo *newer)
{
    for (int i = e->memos.count - 1; i >= 0; i--) {
        memo *m = e->memos.at[i];
        if (m != newer && !m->pinned && trail_common(&m->kv, &newer->kv) == m->kv.tokens.count) memo_drop(e, i);
    }
}

/* ---- streams ------------------------------------------------------------------------------------------------------ */

void engine_forget_place(engine *e, place *p)
{
    e->lib->memory_seq_rm(e->lib->get_memory(e->context), index_of(e, p), -1, -1);
    trail_clear(&p->kv);
}

/* Keeps what the stream holds, if it is worth it. */
static void keep(engine *e, place *p)
{
    if (p->kv.tokens.count - trail_common(&p->kv, &e->system) < WORTH) return;
    memo *m = memo_add(e, p);
    if (m) memo_replaces(e, m);
    memos_bound(e);
}

static void park(engine *e, place *p)
{
    keep(e, p);
    engine_forget_place(e, p);
}

/* ---- what is known of a prompt ------------------------------------------------------------------------------------ */

typedef struct match { int common, place, memo; } match;       /* place or memo is -1 */

static match best_match(const engine *e, const trail *prompt)
{
    match best = { 0, -1, -1 };
    for (int i = 0; i < e->streams; i++) {
        int common = trail_common(&e->places[i].kv, prompt);
        if (common > best.common) best = (match){ common, i, -1 };
    }
    for (int i = 0; i < e->memos.count; i++) {
        int common = trail_common(&e->memos.at[i]->kv, prompt);
        if (common > best.common) best = (match){ common, -1, i };
    }
    return best;
}

static void longer(const trail *t, const char *s, size_t count, const trail **best)
{
    if (t->said.count && t->said.count < count && (!*best || t->said.count > (*best)->said.count) && !memcmp(t->said.at, s, t->said.count)) *best = t;
}

const trail *engine_said(engine *e, const char *s, size_t count)
{
    const trail *best = NULL;
    for (int i = 0; i < e->streams; i++) longer(&e->places[i].kv, s, count, &best);
    for (int i = 0; i < e->memos.count; i++) longer(&e->memos.at[i]->kv, s, count, &best);
    return best;
}

/* ---- choosing a place ------------------------------------------------------------------------------------------------ */

/* Beside the busy ones, else anywhere: only neighbours are decoded together. Among those, the one that knows the prompt, then an
 * empty one, then the one unused for longest. */
place *engine_place_for(engine *e, const trail *prompt)
{
    int low = -1, high = -1;
    for (int i = 0; i < e->streams; i++)
        if (e->places[i].answer) {
            if (low < 0) low = i;
            high = i;
        }
    match known = best_match(e, prompt);
    place *best = NULL;
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        if (p->answer || (low >= 0 && (i < low - 1 || i > high + 1))) continue;
        if (i == known.place && known.common > e->system.tokens.count) return p;
        bool better = !best || (p->kv.tokens.count == 0) > (best->kv.tokens.count == 0)
                   || ((p->kv.tokens.count == 0) == (best->kv.tokens.count == 0) && p->used_ms < best->used_ms);
        if (better) best = p;
    }
    return best;
}

/* Somebody else is evaluating a longer part of the same beginning right now: it comes sooner from there. */
static bool comes_sooner(const engine *e, const place *p, int common)
{
    for (int i = 0; i < e->streams; i++) {
        const place *other = &e->places[i];
        if (other == p || !other->answer || !other->begun || other->kv.tokens.count >= other->prompt.tokens.count) continue;
        int shared = trail_common(&other->prompt, &p->prompt);
        if (shared > common + WORTH && other->kv.tokens.count < shared) return true;
    }
    return false;
}

static int bring(engine *e, place *p, match m)
{
    int own = index_of(e, p);
    if (m.place == own) return m.common;
    bool ok = false;
    if (m.place >= 0) {
        place *other = &e->places[m.place];
        ok = save_stream(e, e->context, e->streams, m.place, &e->scratch) && load_stream(e, e->context, e->streams, own, &e->scratch);
        if (ok && !other->answer && m.common == other->kv.tokens.count) engine_forget_place(e, other);     /* it goes on, here */
    } else if (m.memo >= 0) {
        memo *memo = e->memos.at[m.memo];
        ok = load_stream(e, e->context, e->streams, own, &memo->state);
        memo->used_ms = clock_ms();
        if (!ok && memo->kept) {                   /* it is of a context of another kind: what is evaluated now takes its place */
            e->system_done = false;
            e->system_unkept = true;
            memo_drop(e, m.memo);
        } else if (ok && m.common == memo->kv.tokens.count && !memo->pinned) memo_drop(e, m.memo);
    }
    return ok ? m.common : 0;
}

bool engine_begin(engine *e, place *p)
{
    match m = best_match(e, &p->prompt);
    if (comes_sooner(e, p, m.common)) return false;
    if (p->kv.tokens.count) {
        if (m.memo >= 0) e->memos.at[m.memo]->used_ms = clock_ms();        /* parking must not push it out */
        if (m.place != index_of(e, p)) park(e, p);
        else if (p->kv.tokens.count - m.common >= WORTH) keep(e, p);       /* another branch, or another person's words */
        m = best_match(e, &p->prompt);
    }
    /* The last token is evaluated in any case: what comes after it is asked for. */
    if (m.common > p->prompt.tokens.count - 1) m.common = p->prompt.tokens.count - 1;
    int known = bring(e, p, m);
    /* Recurrent models cannot go back to the middle; they begin anew. */
    if (!e->lib->memory_seq_rm(e->lib->get_memory(e->context), index_of(e, p), known, -1)) {
        engine_forget_place(e, p);
        known = 0;
    }
    trail_clear(&p->kv);
    for (int i = 0; i < known; i++) *list_add(&p->kv.tokens) = p->prompt.tokens.at[i];
    p->answer->started.reused = known;
    p->answer->begun = true;
    p->begun = true;
    return true;
}

/* ---- moving ------------------------------------------------------------------------------------------------------------ */

/* Closes one hole between the busy places by moving the last of them into it. */
void engine_compact(engine *e)
{
    int low = -1, high = -1, hole = -1;
    for (int i = 0; i < e->streams; i++) {
        if (!e->places[i].answer) continue;
        if (low < 0) low = i;
        else if (hole < 0 && i > high + 1) hole = high + 1;
        high = i;
    }
    if (hole < 0 || !e->places[high].begun) return;
    place *from = &e->places[high], *to = &e->places[hole];
    park(e, to);
    if (!save_stream(e, e->context, e->streams, high, &e->scratch) || !load_stream(e, e->context, e->streams, hole, &e->scratch)) {
        engine_forget_place(e, to);
        return;
    }
    place empty = *to;
    *to = *from;
    *from = empty;
    engine_forget_place(e, from);
}

void engine_park_all(engine *e)
{
    for (int i = 0; i < e->streams; i++) {
        keep(e, &e->places[i]);
        trail_clear(&e->places[i].kv);
    }
}

void engine_keep_system(engine *e, place *p)
{
    if (e->system_done) return;
    e->system_done = true;
    memo *m = memo_add(e, p);
    if (!m) return;
    m->pinned = true;
    m->more = m->kv.tokens.count > e->system.tokens.count;
    m->kv.tokens.count = e->system.tokens.count;
    text_clear(&m->kv.said);
}

void engine_add_system(engine *e, uint8_t *at, size_t room, const kept_stream *k)
{
    memo *m = mem_alloc(sizeof *m);
    m->state = (saved){ at, room, (size_t)(k->at - at), k->size };
    memcpy(at, &k->frame, sizeof k->frame);
    trail_copy(&m->kv, &e->system);
    m->pinned = m->kept = true;
    *list_add(&e->memos) = m;
    e->memo_bytes += m->state.room;
}

/* Takes away what is behind the system prompt in its stream; the trail is cut already. */
static bool cut_behind(engine *e, memo *m)
{
    place *p = engine_place_for(e, &m->kv);
    if (!p) return false;
    if (p->kv.tokens.count) park(e, p);
    size_t room = m->state.room;
    m->more = !load_stream(e, e->context, e->streams, index_of(e, p), &m->state)
           || !e->lib->memory_seq_rm(e->lib->get_memory(e->context), index_of(e, p), m->kv.tokens.count, -1)
           || !save_stream(e, e->context, e->streams, index_of(e, p), &m->state);
    e->memo_bytes += m->state.room - room;
    if (m->more) engine_forget_place(e, p);
    else trail_copy(&p->kv, &m->kv);
    return !m->more;
}

bool engine_system_stream(engine *e, kept_stream *out)
{
    memo *m = NULL;
    for (int i = 0; i < e->memos.count && !m; i++)
        if (e->memos.at[i]->pinned) m = e->memos.at[i];
    if (!m || (m->more && !cut_behind(e, m))) return false;
    *out = (kept_stream){ .size = m->state.size, .at = m->state.at + m->state.core };
    memcpy(&out->frame, m->state.at, sizeof out->frame);
    return true;
}

/* Streams that do not arrive are evaluated again when they are needed. */
void engine_move_context(engine *e, struct llama_context *to, int streams, int cells)
{
    struct llama_context *old = e->context;
    bool kept[64] = { false };
    for (int i = 0; i < e->streams; i++) {
        place *p = &e->places[i];
        kept[i] = !p->kv.tokens.count || (save_stream(e, old, e->streams, i, &e->scratch) && load_stream(e, to, streams, i, &e->scratch));
    }
    e->context = to;
    for (int i = 0; i < e->streams; i++) {
        if (kept[i]) continue;
        place *p = &e->places[i];
        if (p->answer && p->begun && p->kv.tokens.count >= p->prompt.tokens.count) {
            /* In the middle of an answer: what it said so far is part of what is to be evaluated. */
            trail_copy(&p->prompt, &p->kv);
            text_clear(&p->prompt.said);
            *list_add(&p->prompt.tokens) = p->next;
        }
        engine_forget_place(e, p);
    }
    e->streams = streams;
    e->cells = cells;
    e->lib->detach_threadpool(old);
    e->lib->free(old);
}
