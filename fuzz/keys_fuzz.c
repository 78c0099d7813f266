/* keys_fuzz.c: any bytes as the file of keys: refused with its line, or keys that are within all limits and are read again as they are printed. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/keys.h"
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds) abort();
}

static void check(const keys *all)
{
    for (int i = 0; i < all->list.count; i++) {
        const key *k = &all->list.at[i];
        must(key_name_valid(k->name) && keys_named(all, k->name) == k && k->made_ms >= 0 && k->expires_ms >= 0 && k->rate.count >= 0 && (!k->rate.count || k->rate.per_ns > 0) && k->calls.most >= 0 && k->tokens.most >= 0 && keys_with_id(all, key_id(k)) != NULL);
        for (const char *const *f = k->functions; f && *f; f++) must(key_function_valid(*f, strlen(*f)) && key_opens(k, *f));
        must(key_opens(k, "Never") == !k->functions);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    keys all, again;
    ez_err err = { EZ_OK, "" };
    text printed = { 0 }, twice = { 0 };
    char *copy = mem_copy(data, size);       /* of its exact size, so that one byte too far is seen */
    bool good = keys_parse(&all, copy, size, &err);
    must(good ? all.list.count <= KEYS_MOST : !all.list.count && strstr(err.text, "line "));
    check(&all);
    keys_print(&all, &printed);
    must(keys_parse(&again, printed.at ? printed.at : "", printed.count, &err) && again.list.count == all.list.count);
    keys_print(&again, &twice);
    must(printed.count == twice.count && (!printed.count || !memcmp(printed.at, twice.at, printed.count)));
    char *words = arena_text_n(all.arena, copy, size);
    must(!keys_find(&all, words, 1));                              /* nobody has its words */
    keys_done(&all), keys_done(&again);
    text_done(&printed), text_done(&twice);
    mem_free(copy);
    return 0;
}
