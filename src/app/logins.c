/* logins.c: logins that cookies stand for: made, read, ended. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/logins.h"
#include "app/guard.h"
#include <string.h>

#define MINUTE_MS 60000

struct logins { map ended; };                  /* login -> itself */

static uint32_t minute_now(void) { return (uint32_t)(wall_ms() / MINUTE_MS); }

static void on_ended_row(void *data, const store_use *row)
{
    if (!strcmp(row->what, LOGIN_ENDED)) map_put(&((struct logins *)data)->ended, row->who, data);
}

/* Read when the first cookie comes: this process serves then, and one before it, which ended some, does not. */
static struct logins *logins_of(hub *h)
{
    ez_err err = { EZ_OK, "" };
    if (h->logins)
        return h->logins;
    h->logins = mem_alloc(sizeof *h->logins);
    if (!store_use_read(h->app->options.data, on_ended_row, h->logins, &err))
        log_error("app", "which logins have ended cannot be read, so their cookies are good again: %s", err.text);
    return h->logins;
}

void logins_free(hub *h)
{
    if (h->logins)
        map_done(&h->logins->ended);
    mem_free(h->logins);
    h->logins = NULL;
}

void login_new(uint64_t opens, char token[TOKEN_CHARS + 1])
{
    id_print(opens, token);
    id_print(random_u64() << 32 | minute_now(), token + ID_CHARS);
}

bool login_has_ended(hub *h, uint64_t login) { return map_get(&logins_of(h)->ended, login); }

/* Clocks of two machines may differ by a little. */
static bool is_young(uint64_t second_half)
{
    int64_t age = (int64_t)minute_now() - (int64_t)(uint32_t)second_half;
    return age > -60 && age < (int64_t)LOGIN_DAYS * 24 * 60;
}

uint64_t login_shown(hub *h, const char *cookie, uint64_t *opens, bool *made)
{
    char token[TOKEN_CHARS + 1];
    uint64_t made_at;
    *made = guard_open(h->secret, cookie, token) && id_read(token, ID_CHARS, opens) && id_read(token + ID_CHARS, ID_CHARS, &made_at);
    return *made && is_young(made_at) && !login_has_ended(h, hash_text(token)) ? hash_text(token) : 0;
}

void login_end(hub *h, const uint64_t *logins, int count, store_done *done, void *data)
{
    LIST(store_use) rows = { 0 };
    for (int i = 0; i < count; i++) {
        map_put(&logins_of(h)->ended, logins[i], h->logins);
        *list_add(&rows) = (store_use){ logins[i], LOGIN_ENDED, wall_ms(), 1 };
    }
    store_use_add(hub_store(h), rows.at, rows.count, done, data);
    list_done(&rows);
}
