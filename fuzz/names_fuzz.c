/* names_fuzz.c: any bytes as the names that a stranger may send: ids, tokens, style sheets, icons; hosts, cookies; what is read is printed as the same name. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "app/guard.h"
#include "app/hub.h"
#include "gen/assets.h"
#include "page/markdown.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* A host that a program on loopback answers to is an address or ends in localhost. */
static void check_host(const char *host)
{
    const options here = { .address = "127.0.0.1" }, named = { .address = "127.0.0.1", .allowed_hosts = "a.example, b.example,*.c.example" };
    size_t name = *host == '[' ? strcspn(host, "]") : strcspn(host, ":");
    if (name && *host != '[' && host[name - 1] == '.') name--;
    if (guard_host(&here, host)) {
        bool local = name >= 9 && !strncasecmp(host + name - 9, "localhost", 9) && (name == 9 || host[name - 10] == '.');
        must(local || *host == '[' || strspn(host, "0123456789.") >= name);
        must(guard_host(&named, host));
    } else if (guard_host(&named, host)) {
        must(name >= 9 && !strncasecmp(host + name - 7, "example", 7));
    }
}

/* Whatever a form says, a browser that has logged in stays here. */
static void check_target(const char *next)
{
    arena *a = arena_new();
    const char *target = guard_target(a, next);
    must(!strncmp(target, "./", 2));
    for (const char *c = target; *c; c++) must(*c > 0x20 && *c < 0x7f && *c != 0x5c);
    arena_free(a);
}

/* Nobody else's cookie is believed; our own is. */
static void check_cookie(const char *sealed)
{
    static const unsigned char secret[SECRET_BYTES] = { 5, 4, 3 };
    char visitor[TOKEN_CHARS + 1], again[SEALED_CHARS + 1];
    must(!guard_open(secret, sealed, visitor));
    if (strlen(sealed) < TOKEN_CHARS) return;
    char *token = mem_text(sealed);
    token[TOKEN_CHARS] = 0;
    guard_seal(secret, token, again);
    must(guard_open(secret, again, visitor) == token_valid(token));
    mem_free(token);
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
    check_host(s);
    check_cookie(s);
    check_target(s);
    free(s);
    return 0;
}
