/* options.c: the table of options, and the four things made from it: values, --help, docs/options.md, messages. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/options.h"
#include "auth/keys.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_type {
    OPTION_INT, OPTION_TEXT, OPTION_FOLDER, OPTION_FILE, OPTION_ADDRESS, OPTION_TIME, OPTION_SIZE, OPTION_PATH, OPTION_CHOICE, OPTION_FLAG,
    OPTION_SETTING, OPTION_SOURCES, OPTION_HOSTS, OPTION_ORIGINS, OPTION_RATE, OPTION_PASSWORD
} option_type;

typedef struct option {
    const char *name;              /* "session-ttl": the flag --session-ttl, the variable EASEL_SESSION_TTL */
    option_type type;
    size_t      offset;            /* in struct options */
    const char *value;             /* what stands for the value in --help */
    const char *fallback;          /* read like a given value; NULL: none */
    long        low, high;         /* of OPTION_INT; high of OPTION_TIME: seconds, 0 for ten years */
    const char *choices;           /* of OPTION_CHOICE: "debug|info"; its index is the value */
    const char *allowed;           /* ends a message: "…; allowed: a folder" */
    bool        alone;             /* only a flag: no variable */
    const char *help;
} option;

#define SIZE_ALLOWED "0, or a whole number of bytes of at least 64K, with K, M or G behind it for units, such as 64M"
#define OPTION_AT(member) offsetof(options, member)
static const option option_table[] = {
    { "port", OPTION_INT, OPTION_AT(port), "N", "8501", 0, 65535, NULL, NULL, false,
      "The port to listen on. 0 takes any free one; the line on standard output names it." },
    { "address", OPTION_ADDRESS, OPTION_AT(address), "ADDRESS", "127.0.0.1", 0, 0, NULL, "an IP address or a host name", false,
      "The address to listen on. 0.0.0.0 or :: is every address of the machine, so that others can reach the program." },
    { "data", OPTION_FOLDER, OPTION_AT(data), "DIR", ".easel/<program>", 0, 0, NULL, "a folder", false,
      "The folder in which sessions, chats and files are kept. It is made when it is missing." },
    { "durability", OPTION_CHOICE, OPTION_AT(durability), "WHEN", "process", 0, 0, "process|power", NULL, false,
      "When what a visitor did counts as saved. process: when the operating system has it, so that nothing is lost whichever process is killed, and at most the "
      "last second when the power fails. power: when the disk has it, so that nothing is lost then either; every save waits for the disk, and those that come meanwhile share the next wait." },
    { "model", OPTION_FILE, OPTION_AT(model), "FILE", NULL, 0, 0, NULL, "a GGUF file, a name without a slash, or the address of a server", false,
      "The language model, in place of the program's own. A name without a slash is looked up in the working folder, in $EASEL_MODELS, then in "
      "models/ beside the program and in each folder above it. An address such as http://localhost:8080/v1 is a server that speaks OpenAI's API, another Easel among them; behind a # stands the "
      "name of one of its models, by default its first; the key that it wants is read from $EASEL_MODEL_KEY." },
    { "model-cache", OPTION_INT, OPTION_AT(model_cache), "N", "0", 0, 10000, NULL, NULL, false,
      "How many answers of a model on another server are kept in memory, up to 32 MB, and given again to exactly the same question. Only answers that the model would repeat are: its temperature is 0, or the question has a seed. 0 keeps none." },
    { "model-cache-ttl", OPTION_TIME, OPTION_AT(model_cache_ttl_ms), "TIME", "1h", 0, 0, NULL, "a whole number with s, m, h or d behind it, from 1s to 3650d, such as 1h", false,
      "How long such an answer is kept." },
    { "threads", OPTION_INT, OPTION_AT(threads), "N", "0", 0, 1024, NULL, NULL, false,
      "Threads that compute answers of the model. 0 means one less than the machine has cores." },
    { "pool-threads", OPTION_INT, OPTION_AT(pool_threads), "N", "512", 4, 100000, NULL, NULL, false,
      "How many threads may run pages and functions, those that wait included. What comes beyond waits for one of them." },
    { "workers", OPTION_INT, OPTION_AT(workers), "N", "1", 0, 1, NULL, NULL, false,
      "1 runs pages in a process of their own, which is started again after a crash. 0 runs everything in one process, for debuggers." },
    { "session-ttl", OPTION_TIME, OPTION_AT(session_ttl_ms), "TIME", "30d", 0, 0, NULL, "a whole number with s, m, h or d behind it, from 1s to 3650d, such as 30d, 12h or 90s", false,
      "How long a session is kept after its last use." },
    { "job-ttl", OPTION_TIME, OPTION_AT(job_ttl_ms), "TIME", "1d", 0, 0, NULL, "a whole number with s, m, h or d behind it, from 1s to 3650d, such as 1d, 12h or 90s", false,
      "How long a function's job that was asked for over the network is known after its end, with its result. At most 10,000 are, and 256 MB." },
    { "resume-ttl", OPTION_TIME, OPTION_AT(resume_ttl_ms), "TIME", "5m", 0, 0, NULL, "a whole number with s, m, h or d behind it, from 1s to 3650d, such as 5m or 90s", false,
      "How long a call of an MCP client whose connection broke goes on without it, and its result waits to be fetched. Then the call is cancelled, and the result forgotten. At most 500 results wait, and 16 MB." },
    { "session-memory", OPTION_SIZE, OPTION_AT(session_memory), "SIZE", "64M", 0, 0, NULL, SIZE_ALLOWED, false,
      "What one session may hold in memory: values, state, chats, pages, and its runs with their copies. A run that needs more is stopped and its visitor is "
      "told why; all others go on. What the program itself allocates is not counted. 0 is no limit." },
    { "memory", OPTION_SIZE, OPTION_AT(memory), "SIZE", "0", 0, 0, NULL, SIZE_ALLOWED, false,
      "What all sessions of the program may hold in memory together. Above it the sessions that were used longest ago go to the store, also those "
      "that are shown in a browser, and come back when they are used. New visitors are asked to come later when all are at work. 0 is a quarter of the machine's "
      "memory, or of the container's limit." },
    { "rate-limit", OPTION_RATE, OPTION_AT(rate_limit), "N/TIME", NULL, 0, 0, NULL, "a whole number of calls, a / and s, m, h or d for the time, such as 10/s or 600/m", false,
      "How many calls of functions and questions to the model one address may send over the network; who shows a key is counted by that, and by the rate of the key when it has one. What comes beyond is answered with 429 and when to come again. Behind a proxy all callers have one address. Default: any number." },
    { "require-key", OPTION_FLAG, OPTION_AT(require_key), NULL, "no", 0, 0, NULL, NULL, false,
      "Whether functions and the model are only there for callers over the network who show a key of `easel keys add`. Others are answered with 401. The program's own pages need none." },
    { "password", OPTION_PASSWORD, OPTION_AT(password), "WORDS", NULL, 0, 0, NULL, "8 to 200 bytes of text in one line, and not what begins with ez_, as keys do", false,
      "What visitors have to type before they see a page, and callers over the network to show unless they have a key. Whoever does not is shown a page that asks for it, or 401; /healthz and /readyz stay open. "
      "A link that ends in /login?t= and the password logs in at once. A flag is seen by everybody who lists the processes of the machine: use the variable. Default: no password is asked for." },
    { "grammars", OPTION_FLAG, OPTION_AT(grammars), NULL, "no", 0, 0, NULL, NULL, false,
      "Whether callers of the model may bring a grammar of their own (`grammar` of /v1/chat/completions and /v1/completions). A few lines of it can keep the model busy for hours, and nobody else is answered meanwhile: allow it only to callers "
      "whom you trust. JSON Schemas need no permission." },
    { "upload-max", OPTION_SIZE, OPTION_AT(upload_max), "SIZE", "200M", 0, 0, NULL, SIZE_ALLOWED, false,
      "The largest upload. Its files are written to the data folder as they come, so they need no memory." },
    { "session-files", OPTION_SIZE, OPTION_AT(session_files), "SIZE", "2G", 0, 0, NULL, SIZE_ALLOWED, false,
      "What the files of one session may take on the disk: those that its visitor brought, and those that the program made for him. Above it, those that were used longest ago go. "
      "0 is no limit." },
    { "file-ttl", OPTION_TIME, OPTION_AT(file_ttl_ms), "TIME", "0s", 0, 0, NULL, "a whole number with s, m, h or d behind it, from 0s to 3650d, such as 1h", false,
      "How long a file is kept after its last use. 0s is as long as the program says, or an hour." },
    { "cors-origins", OPTION_ORIGINS, OPTION_AT(cors_origins), "ORIGIN,...", NULL, 0, 0, NULL, "origins such as https://example.org or http://localhost:5173 with commas between them, or * for any", false,
      "The sites whose pages may call functions and the model from their visitors' browsers, without cookies (CORS). With *, any page that somebody who can reach the program visits may do so. Default: none." },
    { "base-path", OPTION_PATH, OPTION_AT(base_path), "PATH", "/", 0, 0, NULL, "a path that begins with / and holds only letters, digits and - . _ ~ /", false,
      "The path under which a proxy shows the program, such as /demo/." },
    { "allowed-hosts", OPTION_HOSTS, OPTION_AT(allowed_hosts), "NAME,...", NULL, 0, 0, NULL, "host names with commas between them, *.example.org for all below a name, or * for any", false,
      "The names under which browsers may reach the program. Addresses and localhost always work. Without this option a program that listens on this "
      "machine alone answers to no other name, and one that listens on all addresses answers to any. A proxy that passes its own name on needs it." },
    { "ping-interval", OPTION_TIME, OPTION_AT(ping_ms), "TIME", "25s", 0, 3600, NULL, "a whole number with s, m, h or d behind it, from 1s to 1h, such as 25s", false,
      "How often an idle page and the program ask each other for a sign of life. Choose less than a proxy's limit for idle connections." },
    { "frame-ancestors", OPTION_SOURCES, OPTION_AT(frame_ancestors), "SITES", "'self'", 0, 0, NULL, "'self', 'none', * or sites such as https://example.org, with spaces between", false,
      "The sites whose pages may show this program in a frame, as in the directive of this name of Content-Security-Policy." },
    { "log-level", OPTION_CHOICE, OPTION_AT(log_level), "LEVEL", "info", 0, 0, "debug|info|warn|error", NULL, false,
      "The least important lines that are logged to standard error." },
    { "log-json", OPTION_FLAG, OPTION_AT(log_json), NULL, "no", 0, 0, NULL, NULL, false,
      "Logs one JSON object a line, for programs that collect logs." },
    { "show-error-details", OPTION_CHOICE, OPTION_AT(error_details), "WHEN", "auto", 0, 0, "auto|yes|no", NULL, false,
      "Whether visitors are told what went wrong, with file and line. Where they are not, they see an id that stands in the log beside the details. "
      "auto is yes when --address is loopback. What the program itself says with ez_fail is always shown." },
    { "set", OPTION_SETTING, OPTION_AT(settings), "NAME=VALUE", NULL, 0, 0, NULL, "NAME=VALUE, with a name of letters, digits, - and _", false,
      "A setting that the program reads with ez_setting. Can be given many times; the variable of one setting is EASEL_SET_<NAME>." },
    { "help", OPTION_FLAG, OPTION_AT(help), NULL, "no", 0, 0, NULL, NULL, true, "Prints this list and ends." },
    { "version", OPTION_FLAG, OPTION_AT(version), NULL, "no", 0, 0, NULL, NULL, true, "Prints the version of Easel and ends." },
};

/* ---- one value ----------------------------------------------------------------------------------------------- */

static bool read_int(const char *s, long low, long high, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(s, &end, 10);
    return isdigit((unsigned char)s[*s == '-']) && !*end && !errno && *out >= low && *out <= high;
}

bool options_time(const char *s, int64_t *out)
{
    static const struct { char unit; long seconds; } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    char *end;
    errno = 0;
    long n = strtol(s, &end, 10);
    for (int i = 0; i < COUNT(units); i++)
        if (*end == units[i].unit && !end[1] && isdigit((unsigned char)*s) && !errno && n >= 1 && n <= 3650L * 86400 / units[i].seconds) {
            *out = (int64_t)n * units[i].seconds * 1000;
            return true;
        }
    return false;
}

static bool read_size(const char *s, int64_t *out)
{
    static const struct { const char *unit; int shift; } units[] = { { "", 0 }, { "K", 10 }, { "M", 20 }, { "G", 30 } };
    char *end;
    errno = 0;
    long long n = strtoll(s, &end, 10);
    for (int i = 0; i < COUNT(units); i++)
        if (!strcmp(end, units[i].unit) && isdigit((unsigned char)*s) && !errno && n <= (INT64_MAX >> 10) >> units[i].shift && (!n || n << units[i].shift >= 65536)) {
            *out = (int64_t)n << units[i].shift;
            return true;
        }
    return false;
}

static bool read_choice(const char *choices, const char *s, int *out)
{
    *out = 0;
    for (const char *at = choices; *at; ++*out) {
        size_t count = strcspn(at, "|");
        if (strlen(s) == count && memcmp(at, s, count) == 0) return true;
        at += count + (at[count] == '|');
    }
    return false;
}

static bool read_flag(const char *s, bool *out)
{
    static const char *const words[] = { "no", "yes", "false", "true", "0", "1", "off", "on" };
    for (int i = 0; i < COUNT(words); i++)
        if (strcmp(s, words[i]) == 0) {
            *out = i % 2;
            return true;
        }
    return false;
}

/* "/demo" and "/demo/" are the same place. */
static bool read_path(arena *a, const char *s, const char **out)
{
    if (*s != '/' || strstr(s, "//") || strstr(s, "/../") || strstr(s, "/./")) return false;
    for (const char *at = s; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("-._~/", *at)) return false;
    size_t count = strlen(s);
    *out = arena_printf(a, "%s%s", s, s[count - 1] == '/' ? "" : "/");
    return !strstr(*out, "/../") && !strstr(*out, "/./");
}

static bool read_address(arena *a, const char *s, const char **out)
{
    for (const char *at = s; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(".:-_%", *at)) return false;
    *out = arena_text(a, s);
    return *s;
}

static bool read_hosts(arena *a, const char *s, const char **out)
{
    for (const char *at = s; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(".-_*,", *at)) return false;
    *out = arena_text(a, s);
    return *s;
}

/* Short ones are soon guessed. */
static bool read_password(arena *a, const char *s, const char **out)
{
    size_t count = strlen(s);
    for (const char *at = s; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) return false;
    *out = arena_text(a, s);
    return count >= 8 && count <= 200 && utf8_valid(s, count) && !key_looks_so(s);
}

/* Scheme, host and port, as browsers say them, each. */
static bool read_origins(arena *a, const char *s, const char **out)
{
    *out = arena_text(a, s);
    for (const char *at = s; *s && strcmp(s, "*");) {
        size_t count = strcspn(at, ","), scheme = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
        if (!scheme || strncmp(at + scheme, "://", 3) || scheme + 3 >= count) return false;
        for (size_t i = scheme + 3; i < count; i++)
            if (!isalnum((unsigned char)at[i]) && !strchr(".:-_[]", at[i])) return false;
        if (!at[count]) return true;
        at += count + 1;
    }
    return *s;
}

/* What could end the directive or the header is not let through. */
static bool read_sources(arena *a, const char *s, const char **out)
{
    for (const char *at = s; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr(".:-_/*' ", *at)) return false;
    *out = arena_text(a, s);
    return *s;
}

static bool read_folder(arena *a, const char *s, const char **out)
{
    size_t count = strlen(s);
    while (count > 1 && s[count - 1] == '/') count--;
    *out = arena_text_n(a, s, count);
    return count;
}

static size_t setting_name(const char *s)
{
    size_t count = 0;
    while (isalnum((unsigned char)s[count]) || s[count] == '-' || s[count] == '_') count++;
    return count;
}

static bool read_setting(options *o, const char *s)
{
    size_t name = setting_name(s);
    if (!name || s[name] != '=') return false;
    int count = 0;
    while (o->settings[count]) count++;
    const char **more = arena_alloc(o->arena, (size_t)(count + 2) * sizeof *more);
    memcpy(more, o->settings, (size_t)count * sizeof *more);
    more[count] = arena_text(o->arena, s);
    o->settings = more;
    return true;
}

/* 0s is allowed where it is what holds unless told. */
static bool read_time(const option *row, const char *s, int64_t *out)
{
    if (!strcmp(s, "0s") && !strcmp(row->fallback, "0s")) return *out = 0, true;
    return options_time(s, out) && (!row->high || *out <= row->high * 1000LL);
}

static bool option_read(options *o, const option *row, const char *s)
{
    void *at = (char *)o + row->offset;
    long n;
    switch (row->type) {
    case OPTION_INT:     return read_int(s, row->low, row->high, &n) && (*(int *)at = (int)n, true);
    case OPTION_TIME:    return read_time(row, s, at);
    case OPTION_SIZE:    return read_size(s, at);
    case OPTION_CHOICE:  return read_choice(row->choices, s, at);
    case OPTION_FLAG:    return read_flag(s, at);
    case OPTION_PATH:    return read_path(o->arena, s, at);
    case OPTION_ADDRESS: return read_address(o->arena, s, at);
    case OPTION_SOURCES: return read_sources(o->arena, s, at);
    case OPTION_FOLDER:  return read_folder(o->arena, s, at);
    case OPTION_FILE:
    case OPTION_TEXT:    return *(const char **)at = arena_text(o->arena, s), *s;
    case OPTION_RATE:    return rate_read(s, at);
    case OPTION_HOSTS:   return read_hosts(o->arena, s, at);
    case OPTION_ORIGINS: return read_origins(o->arena, s, at);
    case OPTION_PASSWORD: return read_password(o->arena, s, at);
    case OPTION_SETTING: return read_setting(o, s);
    }
    return false;
}

/* ---- messages ------------------------------------------------------------------------------------------------ */

static void allowed_text(text *out, const option *row)
{
    if (row->type == OPTION_INT) text_printf(out, "a whole number from %ld to %ld", row->low, row->high);
    else if (row->type == OPTION_FLAG) text_puts(out, "yes or no");
    else if (row->type == OPTION_CHOICE)
        for (const char *at = row->choices; *at;) {
            size_t count = strcspn(at, "|");
            text_add(out, at, count);
            at += count + (at[count] == '|');
            if (*at) text_puts(out, strchr(at, '|') ? ", " : " or ");
        }
    else text_puts(out, row->allowed);
}

static bool option_refuse(const option *row, const char *value, const char *where, ez_err *err)
{
    text allowed = {0};
    allowed_text(&allowed, row);
    if (value && row->type == OPTION_PASSWORD) error_set(err, EZ_FAILED, "--%s: what was given is not allowed (set by %s); allowed: %s", row->name, where, allowed.at);
    else if (value) error_set(err, EZ_FAILED, "--%s: \"%s\" is not allowed (set by %s); allowed: %s", row->name, value, where, allowed.at);
    else error_set(err, EZ_FAILED, "--%s needs a value: %s (as in --%s %s)", row->name, allowed.at, row->name, row->value);
    text_done(&allowed);
    return false;
}

/* Edits needed to make one word of the other: insertions, deletions, replacements, swapped neighbours. */
static int word_distance(const char *a, size_t a_count, const char *b)
{
    int d[32][32], n = (int)(a_count < 31 ? a_count : 31), m = (int)strlen(b);
    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            int best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < best) best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[n][m];
}

static bool option_unknown(const char *word, ez_err *err)
{
    const char *name = word + strspn(word, "-"), *nearest = NULL;
    size_t count = strcspn(name, "=");
    int best = 4;
    for (int i = 0; i < COUNT(option_table); i++) {
        const char *other = option_table[i].name;
        int distance = count > 1 && strncmp(other, name, count) == 0 ? 0 : word_distance(name, count, other);
        if (distance < best && distance < (int)strlen(other)) best = distance, nearest = other;
    }
    if (nearest) error_set(err, EZ_FAILED, "there is no option %.*s; did you mean --%s? --help lists them all", (int)(name - word + (long)count), word, nearest);
    else error_set(err, EZ_FAILED, "there is no option %.*s; --help lists them all", (int)(name - word + (long)count), word);
    return false;
}

/* ---- flags and variables --------------------------------------------------------------------------------------- */

static int option_find(const char *word, const char **value)
{
    size_t count = strcspn(word, "=");
    *value = word[count] ? word + count + 1 : NULL;
    for (int i = 0; i < COUNT(option_table); i++)
        if (strlen(option_table[i].name) == count && memcmp(option_table[i].name, word, count) == 0) return i;
    return -1;
}

/* One flag at argv[*i]; moves *i over a value that stands apart. */
static bool flag_read(options *o, char **argv, int *i, bool *given, ez_err *err)
{
    const char *word = argv[*i], *value;
    if (strcmp(word, "-h") == 0) word = "--help";
    if (strncmp(word, "--", 2) != 0) {
        if (*word == '-') return option_unknown(word, err);
        return error_set(err, EZ_FAILED, "\"%s\" is no option: options begin with --; --help lists them all", word);
    }
    int at = option_find(word + 2, &value);
    if (at < 0) return option_unknown(word, err);
    const option *row = &option_table[at];
    if (!value && row->type == OPTION_FLAG) value = "yes";
    else if (!value) {
        if (!argv[*i + 1] || strncmp(argv[*i + 1], "--", 2) == 0) return option_refuse(row, NULL, NULL, err);
        value = argv[++*i];
    }
    char where[40];
    snprintf(where, sizeof where, "the flag --%s", row->name);
    given[at] = true;
    return option_read(o, row, value) || option_refuse(row, value, where, err);
}

/* "EASEL_" + prefix + the name in capitals. */
static const char *variable_name(char out[128], const char *prefix, const char *name, size_t count)
{
    int at = snprintf(out, 128, "EASEL_%s", prefix);
    for (size_t i = 0; i < count && at < 127; i++) out[at++] = isalnum((unsigned char)name[i]) ? plain_upper(name[i]) : '_';
    out[at] = 0;
    return out;
}

static const char *variable_value(char **envp, const char *variable)
{
    size_t count = strlen(variable);
    for (char **at = envp; at && *at; at++)
        if (strncmp(*at, variable, count) == 0 && (*at)[count] == '=') return (*at)[count + 1] ? *at + count + 1 : NULL;
    return NULL;
}

static bool variable_read(options *o, const option *row, bool *given, ez_err *err)
{
    char variable[128], where[160];
    variable_name(variable, "", row->name, strlen(row->name));
    const char *value = row->alone || row->type == OPTION_SETTING ? NULL : variable_value(o->envp, variable);
    if (!value) return true;
    *given = true;
    snprintf(where, sizeof where, "the variable %s", variable);
    return option_read(o, row, value) || option_refuse(row, value, where, err);
}

static void fallback_read(options *o, const option *row)
{
    if (!row->fallback) return;
    if (row->type == OPTION_FOLDER) o->data = arena_printf(o->arena, ".easel/%s", o->program);
    else option_read(o, row, row->fallback);
}

bool options_read(options *o, int argc, char **argv, char **envp, ez_err *err)
{
    static const char *const none[] = { NULL };
    arena *a = arena_new();
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    *o = (options){ .arena = a, .envp = envp, .settings = none };
    o->program = arena_text(a, slash ? slash + 1 : argc > 0 && *argv[0] ? argv[0] : "easel");
    bool given[COUNT(option_table)] = {0}, good = true;
    for (int i = 1; good && i < argc; i++) good = flag_read(o, argv, &i, given, err);
    /* Who asks for help gets it, whatever the variables say. */
    for (int i = 0; good && !o->help && !o->version && i < COUNT(option_table); i++)
        if (!given[i]) good = variable_read(o, &option_table[i], &given[i], err);
    for (int i = 0; good && i < COUNT(option_table); i++)
        if (!given[i]) fallback_read(o, &option_table[i]);
    if (!good) options_done(o);
    return good;
}

void options_done(options *o)
{
    arena_free(o->arena);
    *o = (options){0};
}

const char *options_setting(const options *o, const char *name)
{
    size_t count = strlen(name);
    const char *value = NULL;
    for (const char *const *at = o->settings; at && *at; at++)
        if (strncmp(*at, name, count) == 0 && (*at)[count] == '=') value = *at + count + 1;
    char variable[128];
    return value ? value : variable_value(o->envp, variable_name(variable, "SET_", name, count));
}

/* ---- --help and the page in docs/ ------------------------------------------------------------------------------ */

/* Breaks a sentence into lines of at most 100 columns, each behind the same margin. */
static void help_wrap(text *out, const char *s, int margin)
{
    int column = margin;
    for (const char *at = s; *at;) {
        int count = (int)strcspn(at, " ");
        if (column > margin && column + 1 + count > 100) {
            text_printf(out, "\n%*s", margin, "");
            column = margin;
        } else if (column > margin) {
            text_putc(out, ' ');
            column++;
        }
        text_add(out, at, (size_t)count);
        column += utf8_length(at) < count ? utf8_length(at) : count;
        at += count + (at[count] == ' ');
    }
}

static void help_default(text *out, const option *row, const char *program)
{
    if (!row->fallback || row->type == OPTION_FLAG) return;
    if (row->type == OPTION_FOLDER) text_printf(out, " Default: .easel/%s.", program);
    else text_printf(out, " Default: %s.", row->fallback);
}

void options_help(text *out, const char *program)
{
    text_printf(out, "Usage: %s [options]\n\n", program);
    for (int i = 0; i < COUNT(option_table); i++) {
        const option *row = &option_table[i];
        text flag = {0}, words = {0};
        text_printf(&flag, "--%s%s%s", row->name, row->value ? " " : "", row->value ? row->value : "");
        text_puts(&words, row->help);
        if (row->type == OPTION_CHOICE) {
            text_puts(&words, " Allowed: ");
            allowed_text(&words, row);
            text_putc(&words, '.');
        }
        help_default(&words, row, program);
        text_printf(out, "  %-20s ", flag.at);
        help_wrap(out, words.at, 23);
        text_putc(out, '\n');
        text_done(&flag);
        text_done(&words);
    }
    text_puts(out, "\nEach option but help and version is also a variable: --session-ttl is EASEL_SESSION_TTL. A flag wins over a\n"
        "variable, that over the default. `--port 1` and `--port=1` are the same.\n");
}

void options_markdown(text *out)
{
    text_puts(out,
        "# Options\n\n"
        "Every Easel program takes the same options. This page is made from the table in `src/app/options.c`; `build/easel options --markdown`\n"
        "prints it anew.\n\n"
        "A flag wins over a variable, that over the default. `--port 1` and `--port=1` are the same. An empty variable counts as not set. A wrong\n"
        "value or an unknown option ends the program with status 2 and a message that names the option, the value, what is allowed and\n"
        "where it was set.\n\n"
        "| option | variable | default | meaning |\n|---|---|---|---|\n");
    for (int i = 0; i < COUNT(option_table); i++) {
        const option *row = &option_table[i];
        char variable[128];
        text_printf(out, "| `--%s%s%s` | ", row->name, row->value ? " " : "", row->value ? row->value : "");
        if (row->type == OPTION_SETTING) text_puts(out, "`EASEL_SET_<NAME>`");
        else if (!row->alone) text_printf(out, "`%s`", variable_name(variable, "", row->name, strlen(row->name)));
        text_puts(out, " | ");
        if (row->fallback) text_printf(out, "`%s`", row->fallback);
        text_printf(out, " | %s", row->help);
        if (row->type != OPTION_FLAG) {
            text_puts(out, " Allowed: ");
            allowed_text(out, row);
            text_putc(out, '.');
        }
        text_puts(out, " |\n");
    }
    text_puts(out, "\nTwo more variables are read by all programs: `EASEL_MODELS`, a folder in which models are looked up by name, and `EASEL_LLAMA`, the\n"
        "folder of llama.cpp's libraries.\n");
}
