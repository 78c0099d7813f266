/* usage.c: counts of calls and tokens by key and period. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/usage.h"
#include "app/logins.h"
#include <stdio.h>
#include <string.h>

/* What one key has used of one quota in the period that begins then. */
typedef struct used { uint64_t who; char what[USAGE_WHAT_CHARS]; int64_t begins_ms, count, unsaved; } used;

struct usage { map all; bool read; };

static const char *const kinds[] = { [USAGE_CALLS] = "calls", [USAGE_TOKENS] = "tokens" };

void usage_what(usage_kind kind, quota q, char out[USAGE_WHAT_CHARS]) { snprintf(out, USAGE_WHAT_CHARS, "%s/%s", kinds[kind], quota_period_word(q)); }

static quota quota_of(const key *k, usage_kind kind) { return kind == USAGE_CALLS ? k->calls : k->tokens; }

/* Found or made; of a period that is over nothing counts any more. */
static used *used_at(hub *h, uint64_t who, const char *what, int64_t begins_ms)
{
    uint64_t id = hash_mix(who, hash_text(what));
    used *u = map_get(&h->usage->all, id);
    if (!u) {
        u = mem_alloc(sizeof *u);
        u->who = who;
        snprintf(u->what, sizeof u->what, "%s", what);
        map_put(&h->usage->all, id, u);
    }
    if (u->begins_ms < begins_ms) u->begins_ms = begins_ms, u->count = u->unsaved = 0;
    return u;
}

static used *used_by(hub *h, const key *k, usage_kind kind)
{
    char what[USAGE_WHAT_CHARS];
    quota q = quota_of(k, kind);
    usage_what(kind, q, what);
    return used_at(h, key_id(k), what, quota_begins(q, wall_ms()));
}

/* ---- asking and counting ----------------------------------------------------------------------------------------------------------- */

static bool something_left(hub *h, const key *k, usage_kind kind, api_problem *why)
{
    quota q = quota_of(k, kind);
    if (!q.most || used_by(h, k, kind)->count < q.most)
        return true;
    int64_t now = wall_ms(), ends = quota_ends(q, now);
    *why = (api_problem){ .status = 429, .title = "The quota is used up", .retry_s = (int)((ends - now) / 1000) + 1, .used_up = true };
    text_printf(&why->detail, "the key %s has used its %lld %s of this %s; the next begins at ", k->name, (long long)q.most, kinds[kind], quota_period_word(q));
    utc_print(ends, &why->detail);
    text_puts(&why->detail, " UTC");
    return false;
}

bool usage_allows(hub *h, const key *k, bool model, api_problem *why) { return something_left(h, k, USAGE_CALLS, why) && (!model || something_left(h, k, USAGE_TOKENS, why)); }

void usage_count(hub *h, uint64_t key_number, usage_kind kind, int64_t count)
{
    const key *k = key_number && count > 0 ? keys_with_id(&h->keys, key_number) : NULL;
    if (!k || !quota_of(k, kind).most)
        return;
    used *u = used_by(h, k, kind);
    u->count += count;
    u->unsaved += count;
}

/* ---- the store --------------------------------------------------------------------------------------------------------------------- */

typedef struct added { used *to; int64_t begins_ms, count; } added;
typedef struct saving { int count; added *all; } saving;

static void on_saved(void *data, store_result result, const char *error)
{
    saving *s = data;
    (void)error;                               /* the store has said it */
    for (int i = 0; result == STORE_FAILED && i < s->count; i++)
        if (s->all[i].to->begins_ms == s->all[i].begins_ms) s->all[i].to->unsaved += s->all[i].count;
    mem_free(s->all);
    mem_free(s);
}

void usage_save(hub *h)
{
    LIST(store_use) rows = { 0 };
    LIST(added) all = { 0 };
    int at = 0;
    void *value;
    while (map_next(&h->usage->all, &at, NULL, &value)) {
        used *u = value;
        if (!u->unsaved) continue;
        *list_add(&rows) = (store_use){ u->who, u->what, u->begins_ms, u->unsaved };
        *list_add(&all) = (added){ u, u->begins_ms, u->unsaved };
        u->unsaved = 0;
    }
    if (rows.count) {
        saving *s = mem_alloc(sizeof *s);
        *s = (saving){ all.count, all.at };
        store_use_add(hub_store(h), rows.at, rows.count, on_saved, s);
    }
    list_done(&rows);
}

static void on_row(void *data, const store_use *row)
{
    if (!strcmp(row->what, LOGIN_ENDED)) return;
    used *u = used_at(data, row->who, row->what, row->begins_ms);
    if (u->begins_ms == row->begins_ms) u->count += row->count;
}

/* Once, before anything is counted: without quotas there is nothing to read. */
void usage_look(hub *h)
{
    ez_err err = { EZ_OK, "" };
    if (h->usage->read || !keys_have_quotas(&h->keys))
        return;
    h->usage->read = true;
    if (!store_use_read(h->app->options.data, on_row, h, &err))
        log_error("app", "what keys have used of their quotas cannot be read, and counts from nothing: %s", err.text);
}

void usage_prepare(hub *h) { h->usage = mem_alloc(sizeof *h->usage); }

void usage_free(hub *h)
{
    int at = 0;
    void *value;
    while (map_next(&h->usage->all, &at, NULL, &value)) mem_free(value);
    map_done(&h->usage->all);
    mem_free(h->usage);
    h->usage = NULL;
}
