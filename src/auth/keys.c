/* keys.c: keys: made, found, printed as lines of JSON, read again. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/keys.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 4 << 20, FUNCTIONS_MOST = 1000 };

void keys_begin(keys *k) { *k = (keys){ .arena = arena_new() }; }

void keys_done(keys *k)
{
    list_done(&k->list);
    arena_free(k->arena);
    *k = (keys){ 0 };
}

/* ---- names ------------------------------------------------------------------------------------------------------------------------- */

#define KEY_SMALL "abcdefghijklmnopqrstuvwxyz"
#define KEY_DIGITS "0123456789"

bool key_name_valid(const char *s)
{
    size_t count = strlen(s);
    return count && count <= KEY_NAME_MOST && strspn(s, KEY_SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ" KEY_DIGITS "._-") == count;
}

bool key_function_valid(const char *s, size_t count) { return count && strspn(s, KEY_SMALL KEY_DIGITS "_") >= count; }

bool key_looks_so(const char *s) { return !strncmp(s, KEY_PREFIX, strlen(KEY_PREFIX)); }

bool key_opens(const key *k, const char *function)
{
    for (const char *const *f = k->functions; f && *f; f++)
        if (!strcmp(*f, function)) return true;
    return !k->functions;
}

/* ---- the list ---------------------------------------------------------------------------------------------------------------------- */

static const char *const *copy_names(arena *a, const char *const *names)
{
    int count = 0;
    if (!names)
        return NULL;
    while (names[count]) count++;
    const char **out = arena_alloc(a, ((size_t)count + 1) * sizeof *out);
    for (int i = 0; i < count; i++) out[i] = arena_text(a, names[i]);
    return out;
}

/* In the alphabet for addresses, without padding. */
static void print_secret(const unsigned char secret[32], char out[KEY_CHARS + 1])
{
    text t = { 0 };
    base64_text(&t, secret, 32);
    snprintf(out, KEY_CHARS + 1, KEY_PREFIX "%.43s", t.at);
    for (char *c = out; *c; c++) *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    text_done(&t);
}

void keys_add(keys *k, const key *like, char shown[KEY_CHARS + 1])
{
    unsigned char secret[32];
    key new = *like;
    random_bytes(secret, sizeof secret);
    print_secret(secret, shown);
    sha256(shown, KEY_CHARS, new.sum);
    new.name = arena_text(k->arena, like->name);
    new.functions = copy_names(k->arena, like->functions);
    *list_add(&k->list) = new;
}

uint64_t key_id(const key *k)
{
    uint64_t id;
    memcpy(&id, k->sum, sizeof id);
    return id;
}

bool keys_have_quotas(const keys *k)
{
    for (int i = 0; i < k->list.count; i++)
        if (k->list.at[i].calls.most || k->list.at[i].tokens.most) return true;
    return false;
}

const key *keys_with_id(const keys *k, uint64_t id)
{
    for (int i = 0; i < k->list.count; i++)
        if (key_id(&k->list.at[i]) == id) return &k->list.at[i];
    return NULL;
}

const key *keys_named(const keys *k, const char *name)
{
    for (int i = 0; i < k->list.count; i++)
        if (!strcmp(k->list.at[i].name, name)) return &k->list.at[i];
    return NULL;
}

bool keys_remove(keys *k, const char *name)
{
    const key *found = keys_named(k, name);
    if (found) list_remove(&k->list, (int)(found - k->list.at));
    return found;
}

const key *keys_find(const keys *k, const char *shown, int64_t now_ms)
{
    unsigned char sum[KEY_SUM_BYTES];
    const key *found = NULL;
    if (strlen(shown) != KEY_CHARS)
        return NULL;
    sha256(shown, KEY_CHARS, sum);
    for (int i = 0; i < k->list.count; i++)
        if (sha256_same(k->list.at[i].sum, sum)) found = &k->list.at[i];
    return found && (!found->expires_ms || now_ms < found->expires_ms) ? found : NULL;
}

/* ---- one line ---------------------------------------------------------------------------------------------------------------------- */

static void print_quota(json *j, const char *name, quota q)
{
    text words = { 0 };
    if (!q.most)
        return;
    quota_print(q, &words);
    json_key(j, name), json_text(j, words.at);
    text_done(&words);
}

static void print_key(const key *k, text *out)
{
    json j = json_to(out);
    text sum = { 0 }, rate = { 0 };
    for (int i = 0; i < KEY_SUM_BYTES; i++) text_printf(&sum, "%02x", k->sum[i]);
    json_object(&j);
    json_key(&j, "name"), json_text(&j, k->name);
    json_key(&j, "sha256"), json_text(&j, sum.at);
    if (k->functions) {
        json_key(&j, "functions");
        json_array(&j);
        for (const char *const *f = k->functions; *f; f++) json_text(&j, *f);
        json_array_end(&j);
    }
    json_key(&j, "model"), json_bool(&j, k->model);
    if (k->rate.count) rate_print(k->rate, &rate), json_key(&j, "rate"), json_text(&j, rate.at);
    print_quota(&j, "quota", k->calls);
    print_quota(&j, "tokens", k->tokens);
    if (k->made_ms) json_key(&j, "made"), json_int(&j, k->made_ms);
    if (k->expires_ms) json_key(&j, "expires"), json_int(&j, k->expires_ms);
    json_object_end(&j);
    text_done(&sum);
    text_done(&rate);
}

void keys_print(const keys *k, text *out)
{
    for (int i = 0; i < k->list.count; i++) {
        print_key(&k->list.at[i], out);
        text_putc(out, '\n');
    }
}

static bool read_name(keys *k, key *to, const cJSON *v)
{
    if (!cJSON_IsString(v) || !key_name_valid(v->valuestring) || keys_named(k, v->valuestring)) return false;
    to->name = arena_text(k->arena, v->valuestring);
    return true;
}

static bool read_sum(keys *k, key *to, const cJSON *v)
{
    static const char digits[] = "0123456789abcdef";
    (void)k;
    if (!cJSON_IsString(v) || strlen(v->valuestring) != 2 * KEY_SUM_BYTES || strspn(v->valuestring, digits) != 2 * KEY_SUM_BYTES) return false;
    for (int i = 0; i < KEY_SUM_BYTES; i++)
        to->sum[i] = (unsigned char)((strchr(digits, v->valuestring[2 * i]) - digits) << 4 | (strchr(digits, v->valuestring[2 * i + 1]) - digits));
    return true;
}

static bool read_functions(keys *k, key *to, const cJSON *v)
{
    int count = 0;
    const cJSON *one;
    if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) > FUNCTIONS_MOST) return false;
    const char **names = arena_alloc(k->arena, ((size_t)cJSON_GetArraySize(v) + 1) * sizeof *names);
    cJSON_ArrayForEach(one, v) {
        if (!cJSON_IsString(one) || !key_function_valid(one->valuestring, strlen(one->valuestring))) return false;
        names[count++] = arena_text(k->arena, one->valuestring);
    }
    to->functions = names;
    return true;
}

static bool read_model(keys *k, key *to, const cJSON *v)
{
    (void)k;
    to->model = cJSON_IsTrue(v);
    return cJSON_IsBool(v);
}

static bool read_rate(keys *k, key *to, const cJSON *v)
{
    (void)k;
    return cJSON_IsString(v) && rate_read(v->valuestring, &to->rate);
}

static bool read_calls(keys *k, key *to, const cJSON *v)
{
    (void)k;
    return cJSON_IsString(v) && quota_read(v->valuestring, &to->calls);
}

static bool read_tokens(keys *k, key *to, const cJSON *v)
{
    (void)k;
    return cJSON_IsString(v) && quota_read(v->valuestring, &to->tokens);
}

static bool read_time(const cJSON *v, int64_t *out)
{
    static const double MOST = 9007199254740991;       /* what JSON keeps exactly */
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 1 && v->valuedouble <= MOST)) return false;
    *out = (int64_t)v->valuedouble;
    return true;
}

static bool read_made(keys *k, key *to, const cJSON *v) { return (void)k, read_time(v, &to->made_ms); }
static bool read_expires(keys *k, key *to, const cJSON *v) { return (void)k, read_time(v, &to->expires_ms); }

static const struct { const char *name; bool (*read)(keys *k, key *to, const cJSON *v); } members[] = {
    { "name", read_name }, { "sha256", read_sum }, { "functions", read_functions }, { "model", read_model }, { "rate", read_rate }, { "made", read_made }, { "expires", read_expires },
    { "quota", read_calls }, { "tokens", read_tokens },
};

/* A member that nobody knows may be a limit of a later version, so the line is not understood. */
static bool read_member(keys *k, key *to, const cJSON *v, unsigned *seen)
{
    for (int i = 0; i < COUNT(members); i++)
        if (!strcmp(members[i].name, v->string)) {
            bool again = *seen & 1u << i;
            *seen |= 1u << i;
            return !again && members[i].read(k, to, v);
        }
    return false;
}

static bool read_line(keys *k, const char *s, size_t count)
{
    key new = { 0 };
    unsigned seen = 0;
    const char *stop = NULL;
    const cJSON *v;
    cJSON *o = cJSON_ParseWithLengthOpts(s, count, &stop, false);
    bool good = cJSON_IsObject(o) && stop == s + count && k->list.count < KEYS_MOST;
    if (good)
        cJSON_ArrayForEach(v, o) good = good && read_member(k, &new, v, &seen);
    cJSON_Delete(o);
    good = good && (seen & 3) == 3;                    /* name and sha256 */
    if (good) *list_add(&k->list) = new;
    return good;
}

/* ---- the file ---------------------------------------------------------------------------------------------------------------------- */

bool keys_parse(keys *k, const char *s, size_t count, ez_err *err)
{
    const char *end = s + count;
    keys_begin(k);
    for (int line = 1; s < end; line++) {
        const char *stop = memchr(s, '\n', (size_t)(end - s));
        size_t length = (size_t)((stop ? stop : end) - s);
        if (length && !read_line(k, s, length)) {
            keys_done(k);
            keys_begin(k);
            return error_set(err, EZ_FAILED, "line %d is no key that this version of Easel understands, or has the name of another one; repair or delete it", line);
        }
        s += length + 1;
    }
    return true;
}

static char *path_of(const char *folder, const char *more)
{
    char *path = mem_alloc(strlen(folder) + strlen(more) + 8);
    sprintf(path, "%s/keys%s", folder, more);
    return path;
}

static bool read_whole(int fd, text *out)
{
    char some[16384];
    ssize_t count;
    while ((count = read(fd, some, sizeof some)) > 0 && out->count <= FILE_MOST) text_add(out, some, (size_t)count);
    if (out->count > FILE_MOST) errno = EFBIG;
    return !count;
}

bool keys_read(keys *k, const char *folder, ez_err *err)
{
    char *path = path_of(folder, "");
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    text all = { 0 };
    ez_err why = { EZ_OK, "" };
    keys_begin(k);
    bool good = fd < 0 && errno == ENOENT;
    if (fd >= 0 && read_whole(fd, &all)) {
        keys_done(k);
        good = keys_parse(k, all.at ? all.at : "", all.count, &why);
        if (!good) error_set(err, EZ_FAILED, "%s: %s", path, why.text);
    } else if (!good) {
        error_set(err, EZ_FAILED, "%s cannot be read: %s", path, strerror(errno));
    }
    if (fd >= 0) close(fd);
    text_done(&all);
    mem_free(path);
    return good;
}

/* Who runs the command as root makes a file for the program that owns the folder. */
static bool give_to_owner(int fd, const char *folder)
{
    struct stat st;
    return geteuid() || (!stat(folder, &st) && !fchown(fd, st.st_uid, st.st_gid));
}

bool keys_write(const keys *k, const char *folder, ez_err *err)
{
    char more[16];
    text all = { 0 };
    snprintf(more, sizeof more, ".%08x", (unsigned)random_u64());
    char *path = path_of(folder, ""), *beside = path_of(folder, more);
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    keys_print(k, &all);
    bool good = fd >= 0 && (!all.count || write(fd, all.at, all.count) == (ssize_t)all.count) && give_to_owner(fd, folder) && !fsync(fd) && !rename(beside, path);
    if (!good) {
        error_set(err, EZ_FAILED, "%s cannot be written: %s", path, strerror(errno));
        unlink(beside);
    }
    if (fd >= 0) close(fd);
    text_done(&all);
    mem_free(path);
    mem_free(beside);
    return good;
}

uint64_t keys_stamp(const char *folder)
{
    struct stat st;
    char *path = path_of(folder, "");
    bool there = !stat(path, &st);
    mem_free(path);
    if (!there)
        return 0;
    uint64_t at[] = { (uint64_t)st.st_dev, st.st_ino, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec, (uint64_t)st.st_ctim.tv_sec,
                      (uint64_t)st.st_ctim.tv_nsec, st.st_mode };
    return hash_bytes(at, sizeof at) | 1;
}
