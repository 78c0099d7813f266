/* names_fuzz.c: any bytes as the names that a stranger may send: ids, tokens, style sheets, icons; what is read is printed as the same name. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "app/hub.h"
#include "gen/assets.h"
#include "page/markdown.h"
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds) abort();
}

static void check_token(const char *s)
{
    if (!token_valid(s)) return;
    must(strlen(s) == TOKEN_CHARS && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == TOKEN_CHARS);
}

static void check_id(const char *s, size_t count)
{
    uint64_t id;
    char again[ID_CHARS + 1];
    if (!id_read(s, count, &id)) return;
    id_print(id, again);
    must(count == ID_CHARS && !memcmp(s, again, ID_CHARS));
}

static void check_sheets(const char *file)
{
    text t = { 0 };
    text name = { 0 };
    must(shell_sheets(file, &t) || !t.count);
    text_clear(&t);
    text_printf(&name, "sheet-%s-%s", asset_sheet_set, file);
    shell_sheets(name.at, &t);
    text_done(&t);
    text_done(&name);
}

static void check_health(const char *path)
{
    api_answer out = { 0 };
    if (api_reply("GET", path, &(api_facts){ .started = true }, &out)) must(out.status >= 200);
    text_done(&out.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2000) return 0;
    char *s = malloc(size + 1);
    memcpy(s, data, size);
    s[size] = 0;
    check_token(s);
    check_id(s, size);
    check_sheets(s);
    check_health(s);
    free(s);
    return 0;
}
