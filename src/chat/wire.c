/* wire.c: frames between engine and worker, written and read field by field. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/wire.h"
#include <math.h>
#include <string.h>

enum { HEAD = 4, TURNS_MAX = 100000, LIKELY_MAX = 100 };

/* ---- writing ------------------------------------------------------------------------------------------------ */

static void put_int(text *out, uint64_t v, int bytes)
{
    char at[8];
    for (int i = 0; i < bytes; i++) at[i] = (char)(v >> (8 * i));
    text_add(out, at, (size_t)bytes);
}

static void put_u8(text *out, unsigned v) { put_int(out, v, 1); }
static void put_u32(text *out, uint32_t v) { put_int(out, v, 4); }
static void put_i32(text *out, int32_t v) { put_int(out, (uint32_t)v, 4); }
static void put_u64(text *out, uint64_t v) { put_int(out, v, 8); }

/* The reader refuses negative counts and numbers that are none; an application's mistake must not cost the connection. */
static void put_count(text *out, int32_t v) { put_i32(out, v < 0 ? 0 : v); }

static void put_double(text *out, double v)
{
    uint64_t bits;
    if (!isfinite(v)) v = 0;
    memcpy(&bits, &v, sizeof bits);
    put_u64(out, bits);
}

static void put_bytes(text *out, const char *s, size_t count)
{
    put_u32(out, (uint32_t)count);
    text_add(out, s, count);
    put_u8(out, 0);
}

static void put_text(text *out, const char *s)
{
    put_bytes(out, s ? s : "", s ? strlen(s) : 0);
}

static void put_ask(text *out, const wire_ask *a)
{
    put_u64(out, a->key);
    put_u8(out, a->sampling.given);
    put_double(out, a->sampling.temperature);
    put_double(out, a->sampling.top_p);
    put_double(out, a->sampling.min_p);
    put_i32(out, a->sampling.top_k);
    put_u32(out, a->sampling.seed);
    put_text(out, a->sampling.grammar);
    put_count(out, a->max_tokens);
    put_count(out, a->n_ctx);
    put_count(out, a->count);
    for (int i = 0; i < a->count; i++) {
        put_text(out, a->turns[i].role);
        put_text(out, a->turns[i].text);
    }
    put_u8(out, a->form);
    put_count(out, a->probable);
    put_count(out, a->token_count);
    for (int i = 0; i < a->token_count; i++) put_i32(out, a->tokens[i]);
    put_count(out, a->picture_count);
    for (int i = 0; i < a->picture_count; i++) {
        put_count(out, a->pictures[i].turn);
        put_u32(out, a->pictures[i].offset);
        put_text(out, a->pictures[i].address);
        put_text(out, a->pictures[i].type);
        put_text(out, a->pictures[i].detail);
    }
}

static void put_status(text *out, const wire_status *s)
{
    put_u8(out, s->state);
    put_text(out, s->name);
    put_text(out, s->description);
    put_count(out, s->n_ctx);
    put_count(out, s->places);
    put_u8(out, s->code);
    put_text(out, s->text);
    put_count(out, s->load_ms);
}

static void put_done(text *out, const wire_finished *d)
{
    put_u64(out, d->key);
    put_u8(out, d->state);
    put_u64(out, d->offset);
    put_count(out, d->tokens);
    put_count(out, d->prompt_ms);
    put_count(out, d->first_token_ms);
    put_double(out, d->seconds);
    put_u8(out, d->code);
    put_text(out, d->text);
}

static void put_probable(text *out, const wire_probable *p)
{
    put_u64(out, p->key);
    put_u64(out, p->offset);
    put_count(out, p->count);
    for (int i = 0; i < p->count; i++) {
        put_bytes(out, p->all[i].bytes, p->all[i].count);
        put_double(out, p->all[i].logprob);
    }
}

static void put_vector(text *out, const wire_vector *v)
{
    put_u64(out, v->key);
    put_count(out, v->count);
    for (int i = 0; i < v->count; i++) {
        uint32_t bits;
        memcpy(&bits, &v->at[i], sizeof bits);
        put_u32(out, isfinite(v->at[i]) ? bits : 0);
    }
}

static void put_counts(text *out, const wire_counts *c)
{
    put_u64(out, c->prompt_tokens);
    put_u64(out, c->reused_tokens);
    put_u64(out, c->said_tokens);
    put_u64(out, c->steps);
    put_u64(out, c->took_part);
    put_double(out, c->prompt_seconds);
    put_double(out, c->said_seconds);
    for (int i = 0; i < WIRE_END_COUNT; i++) put_u64(out, c->ended[i]);
    put_u64(out, c->cache_hits);
    put_u64(out, c->cache_misses);
    put_count(out, c->running);
    put_count(out, c->waiting);
}

static void put_body(text *out, const wire_message *m)
{
    switch (m->kind) {
    case WIRE_HELLO:   put_u64(out, m->hello.generation); break;
    case WIRE_ASK:     put_ask(out, &m->ask); break;
    case WIRE_ATTACH:  put_u64(out, m->attach.key); put_u64(out, m->attach.offset); break;
    case WIRE_STOP:    put_u64(out, m->stop.key); break;
    case WIRE_ACK:     put_u64(out, m->ack.key); put_u64(out, m->ack.offset); put_u8(out, m->ack.final); break;
    case WIRE_STATUS:  put_status(out, &m->status); break;
    case WIRE_QUEUED:  put_u64(out, m->queued.key); put_count(out, m->queued.position); break;
    case WIRE_STARTED: put_u64(out, m->started.key); put_count(out, m->started.prompt);
                       put_count(out, m->started.reused); put_count(out, m->started.dropped); break;
    case WIRE_TOKENS:  put_u64(out, m->tokens.key); put_u64(out, m->tokens.offset);
                       put_bytes(out, m->tokens.text, m->tokens.count); break;
    case WIRE_DONE:    put_done(out, &m->done); break;
    case WIRE_PROBABLE: put_probable(out, &m->probable); break;
    case WIRE_VECTOR:  put_vector(out, &m->vector); break;
    case WIRE_COUNTS:  put_counts(out, &m->counts); break;
    }
}

bool wire_put(text *out, const wire_message *m)
{
    size_t start = out->count;
    put_u32(out, 0);
    put_u8(out, m->kind);
    put_body(out, m);
    size_t size = out->count - start - HEAD;
    if (size > WIRE_MAX) {
        out->count = start;
        out->at[start] = 0;
        return false;
    }
    for (int i = 0; i < HEAD; i++) out->at[start + (size_t)i] = (char)(size >> (8 * i));
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------------------ */

/* What is left of a frame. Reading past its end, or a value out of range, clears ok and gives zeros from then on. */
typedef struct cursor { const unsigned char *at; size_t left; bool ok; } cursor;

static uint64_t get_int(cursor *c, int bytes)
{
    if (!c->ok || c->left < (size_t)bytes) {
        c->ok = false;
        return 0;
    }
    uint64_t v = 0;
    for (int i = 0; i < bytes; i++) v |= (uint64_t)c->at[i] << (8 * i);
    c->at += bytes;
    c->left -= (size_t)bytes;
    return v;
}

static uint32_t get_u32(cursor *c) { return (uint32_t)get_int(c, 4); }
static int32_t get_i32(cursor *c) { return (int32_t)(uint32_t)get_int(c, 4); }
static uint64_t get_u64(cursor *c) { return get_int(c, 8); }

static int get_below(cursor *c, int limit)
{
    int v = (int)get_int(c, 1);
    if (v >= limit) c->ok = false;
    return c->ok ? v : 0;
}

/* Counts, sizes and times are never negative. */
static int32_t get_count(cursor *c)
{
    int32_t v = get_i32(c);
    if (v < 0) c->ok = false;
    return c->ok ? v : 0;
}

static double get_double(cursor *c)
{
    uint64_t bits = get_u64(c);
    double v;
    memcpy(&v, &bits, sizeof v);
    if (!isfinite(v)) c->ok = false;
    return c->ok ? v : 0;
}

static const char *get_bytes(cursor *c, uint32_t *count)
{
    uint32_t n = get_u32(c);
    const char *s = (const char *)c->at;
    if (!c->ok || n >= c->left || s[n] != 0 || memchr(s, 0, n)) {
        c->ok = false;
        *count = 0;
        return "";
    }
    c->at += n + 1;
    c->left -= n + 1;
    *count = n;
    return s;
}

static const char *get_text(cursor *c)
{
    uint32_t count;
    return get_bytes(c, &count);
}

static void get_pictures(cursor *c, wire_reader *r, wire_ask *a)
{
    a->picture_count = get_count(c);
    r->pictures.count = 0;
    for (int i = 0; c->ok && i < a->picture_count; i++) {
        wire_picture *p = list_add(&r->pictures);
        p->turn = get_count(c);
        p->offset = get_u32(c);
        p->address = get_text(c);
        p->type = get_text(c);
        p->detail = get_text(c);
    }
    a->pictures = r->pictures.at;
}

static void get_ask(cursor *c, wire_reader *r, wire_ask *a)
{
    a->key = get_u64(c);
    a->sampling.given = get_below(c, 2);
    a->sampling.temperature = get_double(c);
    a->sampling.top_p = get_double(c);
    a->sampling.min_p = get_double(c);
    a->sampling.top_k = get_i32(c);
    a->sampling.seed = get_u32(c);
    a->sampling.grammar = get_text(c);
    a->max_tokens = get_count(c);
    a->n_ctx = get_count(c);
    a->count = get_count(c);
    if (a->count > TURNS_MAX) c->ok = false;
    r->turns.count = 0;
    for (int i = 0; c->ok && i < a->count; i++) {
        const char *role = get_text(c), *said = get_text(c);
        if (c->ok) *list_add(&r->turns) = (wire_turn){ role, said };
    }
    a->turns = r->turns.at;
    a->form = (wire_form)get_below(c, WIRE_FORM_COUNT);
    a->probable = get_count(c);
    a->token_count = get_count(c);
    r->tokens.count = 0;
    for (int i = 0; c->ok && i < a->token_count; i++) *list_add(&r->tokens) = get_i32(c);
    a->tokens = r->tokens.at;
    get_pictures(c, r, a);
}

static void get_status(cursor *c, wire_status *s)
{
    s->state = (wire_ready)get_below(c, WIRE_READY_COUNT);
    s->name = get_text(c);
    s->description = get_text(c);
    s->n_ctx = get_count(c);
    s->places = get_count(c);
    s->code = (ez_err_code)get_below(c, EZ_FULL + 1);
    s->text = get_text(c);
    s->load_ms = get_count(c);
}

static void get_done(cursor *c, wire_finished *d)
{
    d->key = get_u64(c);
    d->state = (wire_end)get_below(c, WIRE_END_COUNT);
    d->offset = get_u64(c);
    d->tokens = get_count(c);
    d->prompt_ms = get_count(c);
    d->first_token_ms = get_count(c);
    d->seconds = get_double(c);
    d->code = (ez_err_code)get_below(c, EZ_FULL + 1);
    d->text = get_text(c);
}

static void get_probable(cursor *c, wire_reader *r, wire_probable *p)
{
    p->key = get_u64(c);
    p->offset = get_u64(c);
    p->count = get_count(c);
    if (p->count > LIKELY_MAX) c->ok = false;
    r->likely.count = 0;
    for (int i = 0; c->ok && i < p->count; i++) {
        uint32_t count;
        const char *bytes = get_bytes(c, &count);
        *list_add(&r->likely) = (wire_likely){ bytes, count, get_double(c) };
    }
    p->all = r->likely.at;
}

static void get_vector(cursor *c, wire_reader *r, wire_vector *v)
{
    v->key = get_u64(c);
    v->count = get_count(c);
    r->numbers.count = 0;
    for (int i = 0; c->ok && i < v->count; i++) {
        uint32_t bits = get_u32(c);
        float number;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) c->ok = false;
        *list_add(&r->numbers) = number;
    }
    v->at = r->numbers.at;
}

static void get_counts(cursor *c, wire_counts *n)
{
    n->prompt_tokens = get_u64(c);
    n->reused_tokens = get_u64(c);
    n->said_tokens = get_u64(c);
    n->steps = get_u64(c);
    n->took_part = get_u64(c);
    n->prompt_seconds = get_double(c);
    n->said_seconds = get_double(c);
    for (int i = 0; i < WIRE_END_COUNT; i++) n->ended[i] = get_u64(c);
    n->cache_hits = get_u64(c);
    n->cache_misses = get_u64(c);
    n->running = get_count(c);
    n->waiting = get_count(c);
}

static void get_body(cursor *c, wire_reader *r, wire_message *m)
{
    switch (m->kind) {
    case WIRE_HELLO:   m->hello.generation = get_u64(c); break;
    case WIRE_ASK:     get_ask(c, r, &m->ask); break;
    case WIRE_ATTACH:  m->attach.key = get_u64(c); m->attach.offset = get_u64(c); break;
    case WIRE_STOP:    m->stop.key = get_u64(c); break;
    case WIRE_ACK:     m->ack.key = get_u64(c); m->ack.offset = get_u64(c); m->ack.final = get_below(c, 2); break;
    case WIRE_STATUS:  get_status(c, &m->status); break;
    case WIRE_QUEUED:  m->queued.key = get_u64(c); m->queued.position = get_count(c); break;
    case WIRE_STARTED: m->started.key = get_u64(c); m->started.prompt = get_count(c);
                       m->started.reused = get_count(c); m->started.dropped = get_count(c); break;
    case WIRE_TOKENS:  m->tokens.key = get_u64(c); m->tokens.offset = get_u64(c);
                       m->tokens.text = get_bytes(c, &m->tokens.count); break;
    case WIRE_DONE:    get_done(c, &m->done); break;
    case WIRE_PROBABLE: get_probable(c, r, &m->probable); break;
    case WIRE_VECTOR:  get_vector(c, r, &m->vector); break;
    case WIRE_COUNTS:  get_counts(c, &m->counts); break;
    default:           c->ok = false;
    }
}

/* One whole frame without its length. */
static bool decode(wire_reader *r, const char *at, size_t count, wire_on *on, void *user)
{
    cursor c = { (const unsigned char *)at, count, true };
    wire_message m = { .kind = (wire_kind)get_int(&c, 1) };
    if ((m.kind >= WIRE_STATUS) != r->from_engine) c.ok = false;
    if (c.ok) get_body(&c, r, &m);
    if (!c.ok || c.left) {
        r->broken = true;
        return false;
    }
    return on(user, &m);
}

/* The frame at the beginning of these bytes: its whole size, 0 when it is not complete, or broken is set. */
static size_t frame_at(wire_reader *r, const char *at, size_t count)
{
    if (count < HEAD) return 0;
    size_t size = 0;
    for (int i = 0; i < HEAD; i++) size |= (size_t)(unsigned char)at[i] << (8 * i);
    if (size == 0 || size > WIRE_MAX) {
        r->broken = true;
        return 0;
    }
    return count - HEAD < size ? 0 : HEAD + size;
}

static bool decode_all(wire_reader *r, const char *at, size_t count, size_t *used, wire_on *on, void *user)
{
    *used = 0;
    size_t size;
    while ((size = frame_at(r, at + *used, count - *used)) != 0) {
        bool go_on = decode(r, at + *used + HEAD, size - HEAD, on, user);
        *used += size;
        if (!go_on) return false;
    }
    return !r->broken;
}

bool wire_feed(wire_reader *r, const void *bytes, size_t count, wire_on *on, void *user)
{
    if (r->broken) return false;
    size_t used;
    if (r->bytes.count == 0) {
        /* The usual case: whole frames are read where they arrived, and only the rest is kept. */
        bool ok = decode_all(r, bytes, count, &used, on, user);
        if (!r->broken && used < count) text_add(&r->bytes, (const char *)bytes + used, count - used);
        return ok;
    }
    text_add(&r->bytes, bytes, count);
    bool ok = decode_all(r, r->bytes.at, r->bytes.count, &used, on, user);
    if (used) {
        memmove(r->bytes.at, r->bytes.at + used, r->bytes.count - used);
        r->bytes.count -= used;
        if (r->bytes.count == 0 && r->bytes.room > 65536) text_done(&r->bytes);
    }
    return ok;
}

void wire_reader_done(wire_reader *r)
{
    text_done(&r->bytes);
    list_done(&r->turns);
    list_done(&r->pictures);
    list_done(&r->tokens);
    list_done(&r->likely);
    list_done(&r->numbers);
}
