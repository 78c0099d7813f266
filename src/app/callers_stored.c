/* callers_stored.c: sessions of callers in the store, as a visitor's is: parts of which what changed is written, one write at a time, and a fence. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/callers_inside.h"
#include "app/kept.h"
#include "app/noted.h"
#include <cjson/cJSON.h>
#include <string.h>

#define KIND "caller/"                         /* their names in the store begin so */

enum { STORED_MOST = 10000, EXPIRE_MS = 60000 };
static const int64_t STORED_BYTES = 256 << 20;

static void print_key(uint64_t owner, const char *name, text *out)
{
    char id[ID_CHARS + 1];
    id_print(owner, id);
    text_printf(out, KIND "%s/%s", id, name);
}

void caller_drop_stored(hub *h, uint64_t owner, const char *name)
{
    text key = { 0 };
    print_key(owner, name, &key);
    store_delete(hub_store(h), key.at, NULL, NULL);
    text_done(&key);
}

/* ---- written --------------------------------------------------------------------------------------------------------------------------- */

static void settle(caller *c, store_result result)
{
    LIST(call *) over = { 0 };
    for (int i = 0; i < c->settling.count; i++) *list_add(&over) = c->settling.at[i];
    list_done(&c->settling);
    for (int i = 0; i < over.count; i++) call_settled(over.at[i], result != STORE_FENCED);
    list_done(&over);
}

/* What could not be written is written again with the next change. */
static void on_saved(void *data, store_result result, const char *error)
{
    caller *c = data;
    c->saving = false;
    if (result == STORE_FAILED) {
        log_error("app", "the session of a caller could not be saved: %s; it goes on without", error ? error : "unknown reason");
        for (int i = 0; i < c->states.list.count; i++) c->states.list.at[i].saved = 0;
        c->ttl_saved = 0;
    }
    c->lost = result == STORE_FENCED;
    settle(c, result);
    if (c->unsettled.count) caller_save(c);
}

static void commit(caller *c, const store_part *parts, int count)
{
    text key = { 0 };
    print_key(c->owner, c->name, &key);
    c->saving = c->stored = true;
    c->noted_ms = clock_ms();
    store_commit(hub_store(c->hub), &(store_write){ key.at, key.at, c->fence, parts, count }, on_saved, c);
    text_done(&key);
}

/* The states that are others than the store has. One write is under way at a time: what changes meanwhile goes out after it. */
void caller_save(caller *c)
{
    arena *a = arena_new();
    LIST(store_part) parts = { 0 };
    for (int i = 0; i < c->states.list.count; i++) {
        state *x = &c->states.list.at[i];
        uint64_t hash = state_hash(x);
        text t = { .arena = a };
        if (hash == x->saved) continue;
        x->saved = hash;
        state_save(x, &t);
        *list_add(&parts) = (store_part){ arena_printf(a, "state/%s", x->name), t.at, t.count, 1 };
    }
    if (c->ttl_saved != c->ttl_ms) {
        const char *head = arena_printf(a, "{\"ttl\":%lld}", (long long)c->ttl_ms);
        c->ttl_saved = c->ttl_ms;
        *list_add(&parts) = (store_part){ "head", head, strlen(head), 1 };
    }
    c->settling = c->unsettled;
    memset(&c->unsettled, 0, sizeof c->unsettled);
    commit(c, parts.at, parts.count);
    list_done(&parts);
    arena_free(a);
}

bool caller_unsaved(const caller *c)
{
    for (int i = 0; i < c->states.list.count; i++)
        if (state_hash(&c->states.list.at[i]) != c->states.list.at[i].saved) return true;
    return false;
}

void caller_note_use(caller *c)
{
    if (c->stored && !c->saving && clock_ms() - c->noted_ms > noted_every(c->ttl_ms)) commit(c, NULL, 0);
}

/* ---- read again -------------------------------------------------------------------------------------------------------------------------- */

static void load_over(caller *c, bool good)
{
    c->loading = c->anew = false;
    c->here = good;
    if (good && c->line.count) call_turn(c->line.at[0], false);
    while (!good && c->line.count) call_fail(c->line.at[0], 503, "The session cannot be read", "try again in a moment");
}

static int64_t ttl_of(const store_part *parts, int count)
{
    int64_t ttl = 0;
    for (int i = 0; i < count; i++) {
        cJSON *head = strcmp(parts[i].name, "head") ? NULL : cJSON_ParseWithLength(parts[i].data, parts[i].count);
        const cJSON *says = cJSON_GetObjectItemCaseSensitive(head, "ttl");
        if (cJSON_IsNumber(says)) ttl = (int64_t)says->valuedouble;
        cJSON_Delete(head);
    }
    return ttl;
}

static void read_parts(caller *c, const store_part *parts, int count)
{
    int64_t ttl = ttl_of(parts, count);
    c->stored = true;
    c->ttl_saved = ttl;
    if (ttl > c->ttl_ms) c->ttl_ms = ttl;
    for (int i = 0; i < count; i++)
        if (!strncmp(parts[i].name, "state/", 6) && !state_read(&c->states, parts[i].name + 6, parts[i].data, parts[i].count))
            log_warn("app", "the part \"%s\" of a caller's session cannot be used and is left out", parts[i].name);
    caller_measure(c);
}

static void on_taken(void *data, uint32_t fence, const char *error);

/* What is there is taken over before it is read: nobody else writes it from then on. */
static void on_loaded(void *data, const store_part *parts, int count, uint32_t fence, const char *visitor, int64_t used_ms)
{
    caller *c = data;
    int64_t ttl = ttl_of(parts, count > 0 ? count : 0);
    text key = { 0 };
    (void)visitor;
    print_key(c->owner, c->name, &key);
    if (count < 0) {
        load_over(c, false);
    } else if (c->anew || !fence) {
        if (!c->fence) c->fence = fence ? fence : 1;
        load_over(c, true);
    } else if (c->fence == fence) {
        read_parts(c, parts, count);
        load_over(c, true);
    } else if (wall_ms() - used_ms > noted_longest(ttl)) {
        store_delete(hub_store(c->hub), key.at, NULL, NULL);
        c->fence = fence;
        load_over(c, true);
    } else {
        c->noted_ms = clock_ms();
        store_take(hub_store(c->hub), key.at, on_taken, c);
    }
    text_done(&key);
}

void caller_load(caller *c)
{
    text key = { 0 };
    if (c->here || c->loading)
        return;
    c->loading = true;
    print_key(c->owner, c->name, &key);
    store_load(hub_store(c->hub), key.at, "", on_loaded, c);
    text_done(&key);
}

static void on_taken(void *data, uint32_t fence, const char *error)
{
    caller *c = data;
    c->loading = false;
    c->fence = fence;
    if (fence) {
        caller_load(c);
    } else {
        log_warn("app", "the session of a caller could not be taken over: %s", error ? error : "unknown reason");
        load_over(c, false);
    }
}

/* ---- upkeep ------------------------------------------------------------------------------------------------------------------------------ */

void callers_expire(hub *h, int64_t ttl_ms)
{
    if (!ttl_ms || clock_ms() - h->callers->expired_ms < EXPIRE_MS)
        return;
    h->callers->expired_ms = clock_ms();
    store_expire(hub_store(h), &(store_limits){ KIND, wall_ms() - noted_longest(ttl_ms), STORED_MOST, STORED_BYTES });
}
