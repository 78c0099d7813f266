/* keys.c: `easel keys`: makes, lists and revokes the keys of a program, whether it runs or not. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/keys.h"
#include "app/options.h"
#include "app/usage.h"
#include "cli.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* What the words say. */
typedef struct asked {
    arena      *arena;
    const char *data, *name;
    const char *const *functions;
    bool        models;
    rate        rate;
    quota       calls, tokens;
    int64_t     lasts_ms;
} asked;

static int keys_fail(const char *format, ...) EZ_FORMAT(1, 2);
static int keys_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("easel keys: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 2;
}

/* ---- words ----------------------------------------------------------------------------------------------------------------------- */

static bool take_data(asked *a, const char *s)
{
    size_t count = strlen(s);
    while (count > 1 && s[count - 1] == '/') count--;
    a->data = arena_text_n(a->arena, s, count);
    return count;
}

static bool take_name(asked *a, const char *s)
{
    a->name = s;
    return key_name_valid(s);
}

static bool take_functions(asked *a, const char *s)
{
    LIST(const char *) names = { 0 };
    bool good = true;
    for (const char *at = s;;) {
        size_t count = strcspn(at, ",");
        good = good && key_function_valid(at, count);
        *list_add(&names) = arena_text_n(a->arena, at, count);
        if (!at[count]) break;
        at += count + 1;
    }
    *list_add(&names) = NULL;
    a->functions = arena_copy(a->arena, names.at, (size_t)names.count * sizeof *names.at);
    list_done(&names);
    return good;
}

static bool take_rate(asked *a, const char *s) { return rate_read(s, &a->rate); }
static bool take_calls(asked *a, const char *s) { return quota_read(s, &a->calls); }
static bool take_tokens(asked *a, const char *s) { return quota_read(s, &a->tokens); }
static bool take_expires(asked *a, const char *s) { return options_time(s, &a->lasts_ms); }

#define QUOTA_ALLOWED "a whole number, k, M or G if need be, a / and hour, day, week or month, such as "
static const struct { const char *flag; bool (*take)(asked *a, const char *s); const char *allowed; bool adds; } flags[] = {
    { "--data", take_data, "the program's data folder", false },
    { "--name", take_name, "1 to 64 letters, digits, '.', '-' or '_'", false },
    { "--functions", take_functions, "names of functions with commas between them", true },
    { "--rate", take_rate, "a whole number of calls, a / and s, m, h or d for the time, such as 10/m", true },
    { "--quota", take_calls, QUOTA_ALLOWED "10000/day", true },
    { "--tokens", take_tokens, QUOTA_ALLOWED "1M/month", true },
    { "--expires", take_expires, "a whole number with s, m, h or d behind it, such as 30d", true },
};

/* Like a program's own --data, the folder may also be said by EASEL_DATA. */
static bool keys_words(asked *a, char **words, bool adds)
{
    const char *data = getenv("EASEL_DATA");
    if (data && *data) take_data(a, data);
    for (; *words; words++) {
        size_t count = strcspn(*words, "=");
        int at = 0;
        while (at < COUNT(flags) && (strlen(flags[at].flag) != count || strncmp(flags[at].flag, *words, count) || (flags[at].adds && !adds))) at++;
        if (adds && !strcmp(*words, "--models")) {
            a->models = true;
        } else if (at < COUNT(flags)) {
            const char *value = (*words)[count] ? *words + count + 1 : *++words;
            if (!value || !flags[at].take(a, value)) return keys_fail("%s needs %s", flags[at].flag, flags[at].allowed), false;
        } else if (**words == '-' || a->name) {
            return keys_fail("\"%s\" is not understood; `easel keys` says how", *words), false;
        } else if (!take_name(a, *words)) {
            return keys_fail("\"%s\" is no name of a key: %s", *words, flags[1].allowed), false;
        }
    }
    if (!a->data) keys_fail("say --data DIR, the folder that the program names by its own --data (by default .easel/ and its name)");
    return a->data;
}

/* ---- one change ------------------------------------------------------------------------------------------------------------------ */

/* Two commands at once would lose what one of them does. -1 after a message. */
static int keys_lock(const char *folder)
{
    int fd = store_make_folder(folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0 && !flock(fd, LOCK_EX)) return fd;
    keys_fail("the folder %s cannot be written into: %s", folder, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

static int keys_change(asked *a, int (*change)(asked *a, keys *all))
{
    keys all;
    ez_err err = { EZ_OK, "" };
    int status = 1, lock = keys_lock(a->data);
    if (lock < 0) return 1;
    if (!keys_read(&all, a->data, &err)) keys_fail("%s", err.text);
    else status = change(a, &all);
    keys_done(&all);
    close(lock);
    return status;
}

static int keys_save(asked *a, const keys *all)
{
    ez_err err = { EZ_OK, "" };
    if (!keys_write(all, a->data, &err)) return keys_fail("%s", err.text), 1;
    return 0;
}

/* ---- add ------------------------------------------------------------------------------------------------------------------------- */

static int add_key(asked *a, keys *all)
{
    static const char *const none[] = { NULL };
    char shown[KEY_CHARS + 1];
    int64_t now = wall_ms();
    if (keys_named(all, a->name)) return keys_fail("there is a key %s already; revoke it first, or take another name", a->name), 1;
    if (all->list.count >= KEYS_MOST) return keys_fail("there are %d keys already, and no more can be", KEYS_MOST), 1;
    keys_add(all, &(key){ .name = a->name, .functions = a->functions ? a->functions : a->models ? none : NULL, .model = a->models || !a->functions, .rate = a->rate,
                          .calls = a->calls, .tokens = a->tokens,
                          .made_ms = now, .expires_ms = a->lasts_ms ? now + a->lasts_ms : 0 }, shown);
    if (keys_save(a, all)) return 1;
    puts(shown);
    fprintf(stderr, "This is the key %s. It is shown this once, because only its hash is kept. A program that runs knows it within a second.\n", a->name);
    return 0;
}

static int keys_add_command(asked *a) { return a->name ? keys_change(a, add_key) : keys_fail("say --name NAME, by which the key is listed and revoked"); }

/* ---- list ------------------------------------------------------------------------------------------------------------------------ */

static void put_opens(text *out, const key *k)
{
    if (!k->functions) text_puts(out, "all functions");
    for (const char *const *f = k->functions; f && *f; f++) text_printf(out, "%s%s", f == k->functions ? "" : ",", *f);
    if (k->model) text_puts(out, out->count ? " and the model" : "the model");
}

static void print_line(const char *name, const char *made, const char *expires, const char *rate, const char *opens) { printf("%-20s  %-16s  %-16s  %-10s  %s\n", name, made, expires, rate, opens); }

typedef struct uses { arena *arena; LIST(store_use) list; } uses;

static void keep_use(void *data, const store_use *row)
{
    uses *u = data;
    *list_add(&u->list) = (store_use){ row->who, arena_text(u->arena, row->what), row->begins_ms, row->count };
}

static void print_quota(const uses *u, const key *k, usage_kind kind, quota q)
{
    char what[USAGE_WHAT_CHARS];
    int64_t now = wall_ms(), count = 0;
    text ends = { 0 };
    if (!q.most) return;
    usage_what(kind, q, what);
    for (int i = 0; i < u->list.count; i++) {
        const store_use *x = &u->list.at[i];
        if (x->who == key_id(k) && !strcmp(x->what, what) && x->begins_ms == quota_begins(q, now)) count = x->count;
    }
    utc_print(quota_ends(q, now), &ends);
    printf("%-20s  %lld of %lld %s used; begins anew %s\n", "", (long long)count, (long long)q.most, what, ends.at);
    text_done(&ends);
}

/* A program that runs has written all that is older than a second. */
static bool read_uses(asked *a, const keys *all, uses *u)
{
    ez_err err = { EZ_OK, "" };
    bool good = !keys_have_quotas(all) || store_use_read(a->data, keep_use, u, &err);
    if (!good) keys_fail("what keys have used cannot be read: %s", err.text);
    return good;
}

static int list_keys(asked *a, keys *all)
{
    uses u = { .arena = a->arena };
    bool good = read_uses(a, all, &u);
    if (all->list.count) print_line("name", "made (UTC)", "expires (UTC)", "rate", "opens");
    for (int i = 0; i < all->list.count; i++) {
        const key *k = &all->list.at[i];
        text made = { 0 }, expires = { 0 }, rate = { 0 }, opens = { 0 };
        utc_print(k->made_ms, &made);
        if (k->expires_ms && k->expires_ms <= wall_ms()) text_puts(&expires, "expired");
        else if (k->expires_ms) utc_print(k->expires_ms, &expires);
        else text_puts(&expires, "never");
        if (k->rate.count) rate_print(k->rate, &rate);
        put_opens(&opens, k);
        print_line(k->name, made.at, expires.at, rate.at ? rate.at : "-", opens.at ? opens.at : "nothing");
        print_quota(&u, k, USAGE_CALLS, k->calls);
        print_quota(&u, k, USAGE_TOKENS, k->tokens);
        text_done(&made), text_done(&expires), text_done(&rate), text_done(&opens);
    }
    if (!all->list.count) fprintf(stderr, "There are no keys in %s.\n", a->data);
    list_done(&u.list);
    return good ? 0 : 1;
}

static int keys_list_command(asked *a)
{
    keys all;
    ez_err err = { EZ_OK, "" };
    if (a->name) return keys_fail("all keys are listed; \"%s\" is not understood", a->name);
    int status = keys_read(&all, a->data, &err) ? list_keys(a, &all) : (keys_fail("%s", err.text), 1);
    keys_done(&all);
    return status;
}

/* ---- revoke ---------------------------------------------------------------------------------------------------------------------- */

static int revoke_key(asked *a, keys *all)
{
    if (!keys_remove(all, a->name)) return keys_fail("there is no key %s in %s; `easel keys list` names them", a->name, a->data), 1;
    if (keys_save(a, all)) return 1;
    fprintf(stderr, "The key %s is revoked. A program that runs refuses it within a second.\n", a->name);
    return 0;
}

static int keys_revoke_command(asked *a) { return a->name ? keys_change(a, revoke_key) : keys_fail("say which key: easel keys revoke NAME --data DIR"); }

/* ---- the command ----------------------------------------------------------------------------------------------------------------- */

static const struct { const char *name; int (*run)(asked *a); } commands[] = { { "add", keys_add_command }, { "list", keys_list_command }, { "revoke", keys_revoke_command } };

static int keys_help(void)
{
    puts("Usage: easel keys add --data DIR --name NAME [--functions a,b] [--models] [--rate 10/m] [--quota 10000/day] [--tokens 1M/month] [--expires 30d]\n"
         "       easel keys list --data DIR\n"
         "       easel keys revoke NAME --data DIR\n\n"
         "DIR is the program's data folder (its --data; EASEL_DATA counts, too). It need not run, and may never have run.\n"
         "A key opens all functions and the model. With --functions it opens these alone, with --models the model alone, with both these and the model.\n"
         "--rate is how often it may be used, in place of the program's --rate-limit. --quota is how many calls it has in all in each hour,\n"
         "day, week or month (UTC), --tokens how many tokens of the model; `list` says how much of it is used. Programs ask for keys when they are started with --require-key.");
    return 0;
}

int cli_keys(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "help";
    int at = 0;
    if (!strcmp(word, "help") || !strcmp(word, "--help") || !strcmp(word, "-h")) return keys_help();
    while (at < COUNT(commands) && strcmp(commands[at].name, word)) at++;
    if (at == COUNT(commands)) return keys_fail("there is no \"%s\"; there are add, list and revoke", word);
    asked a = { .arena = arena_new() };
    int status = keys_words(&a, argv + 2, at == 0) ? commands[at].run(&a) : 2;
    arena_free(a.arena);
    return status;
}
