/* files.c: a folder with a folder for each file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "store/files.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_MOST = 180,                           /* bytes of a name: file systems take 255 */
    USED_S = 60,                               /* a use is noted when the last one is older */
    COPY = 256 * 1024,
};

#define PART ".part-"                          /* no file's name begins with a dot */

struct files { char *folder; bool temporary; };
struct file_writer { files *of; int fd; char owner[ID_CHARS + 1], token[TOKEN_CHARS + 1], part[sizeof PART + ID_CHARS]; char *name; };

/* ---- names -------------------------------------------------------------------------------------------------------------- */

void files_owner(const char *who, char out[ID_CHARS + 1]) { id_print(hash_text(who), out); }

bool files_is_id(const char *id)
{
    size_t count = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return count == FILE_ID_CHARS && !id[count];
}

bool files_owns(const char *owner, const char *id) { return files_is_id(id) && !strncmp(owner, id, ID_CHARS); }

/* What is left of a name that may be anything: its last part, without what a file system or a terminal could misunderstand, short enough, with its ending. */
static char *plain_name(const char *name)
{
    const char *from = name ? name : "";
    for (const char *c = from; *c; c++)
        if (*c == '/' || *c == '\\') from = c + 1;
    from += strspn(from, ". ");
    text t = { 0 };
    if (utf8_valid(from, strlen(from)))
        for (const char *c = from; *c; c++)
            text_putc(&t, (unsigned char)*c < 0x20 || *c == 0x7f || strchr("<>:\"|?*", *c) ? '_' : *c);
    if (t.count > NAME_MOST) {
        const char *ending = strrchr(t.at, '.');
        char *kept = mem_text(ending && strlen(ending) <= 16 ? ending : "");
        t.count = utf8_whole(t.at, NAME_MOST - strlen(kept));
        t.at[t.count] = 0;
        text_puts(&t, kept);
        mem_free(kept);
    }
    if (!t.count) text_puts(&t, "file");
    return text_take(&t);
}

static void print_id(const char *owner, const char *token, char id[FILE_ID_CHARS + 1]) { snprintf(id, FILE_ID_CHARS + 1, "%s%s", owner, token); }

static void path_of(const files *f, const char *owner, const char *token, const char *name, text *out)
{
    text_clear(out);
    text_printf(out, "%s/%s", f->folder, owner);
    if (token) text_printf(out, "/%s", token);
    if (name) text_printf(out, "/%s", name);
}

/* ---- the folder ----------------------------------------------------------------------------------------------------------- */

files *files_open(const char *folder, ez_err *err)
{
    files *f = mem_alloc(sizeof *f);
    text path = { 0 };
    if (folder) {
        text_printf(&path, "%s/files", folder);
        if (!store_make_folder(path.at)) {
            error_set(err, EZ_FAILED, "files cannot be kept in %s: %s; see that the program may write there, or name another folder with --data", path.at, strerror(errno));
            goto bad;
        }
    } else {
        const char *below = getenv("TMPDIR");
        text_printf(&path, "%s/easel-files-XXXXXX", below && *below ? below : "/tmp");
        if (!mkdtemp(path.at)) {
            error_set(err, EZ_FAILED, "no folder for files can be made: %s: %s", path.at, strerror(errno));
            goto bad;
        }
        f->temporary = true;
    }
    f->folder = realpath(path.at, NULL);       /* paths of files are told to the program, which may go to another folder */
    if (!f->folder) f->folder = mem_text(path.at);
    text_done(&path);
    return f;
bad:
    text_done(&path);
    mem_free(f);
    return NULL;
}

files *files_at(const char *folder)
{
    files *f = mem_alloc(sizeof *f);
    f->folder = mem_text(folder);
    return f;
}

const char *files_folder(const files *f) { return f->folder; }

static void remove_tree(const char *path, int depth)
{
    DIR *all = opendir(path);
    text inside = { 0 };
    for (struct dirent *e; all && depth && (e = readdir(all)) != NULL;) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) continue;
        text_clear(&inside);
        text_printf(&inside, "%s/%s", path, e->d_name);
        if (unlink(inside.at)) remove_tree(inside.at, depth - 1);
    }
    if (all) closedir(all);
    rmdir(path);
    text_done(&inside);
}

void files_close(files *f)
{
    if (!f) return;
    if (f->temporary) remove_tree(f->folder, 4);
    mem_free(f->folder);
    mem_free(f);
}

/* ---- writing ---------------------------------------------------------------------------------------------------------------- */

static bool make_folders(const files *f, const char *owner, const char *token, text *path)
{
    path_of(f, owner, NULL, NULL, path);
    if (mkdir(path->at, 0700) && errno != EEXIST) return false;
    path_of(f, owner, token, NULL, path);
    return !mkdir(path->at, 0700) || errno == EEXIST;
}

static file_writer *begin(files *f, const char *owner, const char *token, const char *name)
{
    text path = { 0 };
    char part[sizeof PART + ID_CHARS] = PART;
    int fd = -1;
    id_print(random_u64(), part + sizeof PART - 1);
    /* The sweep may delete an empty folder between the two steps. */
    for (int i = 0; i < 3 && fd < 0; i++)
        if (make_folders(f, owner, token, &path)) {
            path_of(f, owner, token, part, &path);
            fd = open(path.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        }
    int why = errno;
    text_done(&path);
    if (fd < 0) {
        errno = why;
        return NULL;
    }
    file_writer *w = mem_alloc(sizeof *w);
    *w = (file_writer){ .of = f, .fd = fd, .name = plain_name(name) };
    snprintf(w->owner, sizeof w->owner, "%s", owner);
    snprintf(w->token, sizeof w->token, "%s", token);
    memcpy(w->part, part, sizeof part);
    return w;
}

file_writer *files_begin(files *f, const char *owner, const char *name)
{
    char token[TOKEN_CHARS + 1];
    token_new(token);
    return begin(f, owner, token, name);
}

bool file_add(file_writer *w, const void *bytes, size_t count)
{
    for (const char *at = bytes; count;) {
        ssize_t wrote = write(w->fd, at, count);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        at += wrote;
        count -= (size_t)wrote;
    }
    return true;
}

static void writer_free(file_writer *w)
{
    mem_free(w->name);
    mem_free(w);
}

void file_drop(file_writer *w)
{
    text path = { 0 };
    if (!w) return;
    close(w->fd);
    path_of(w->of, w->owner, w->token, w->part, &path);
    unlink(path.at);
    path_of(w->of, w->owner, w->token, NULL, &path);
    rmdir(path.at);
    text_done(&path);
    writer_free(w);
}

bool file_keep(file_writer *w, char id[FILE_ID_CHARS + 1])
{
    text part = { 0 }, whole = { 0 };
    path_of(w->of, w->owner, w->token, w->part, &part);
    path_of(w->of, w->owner, w->token, w->name, &whole);
    bool good = !rename(part.at, whole.at);
    int why = errno;
    text_done(&part);
    text_done(&whole);
    if (!good) {
        file_drop(w);
        errno = why;
        return false;
    }
    close(w->fd);
    print_id(w->owner, w->token, id);
    writer_free(w);
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------ */

/* The one file in this folder; NULL. */
static char *only_name(const char *folder)
{
    DIR *all = opendir(folder);
    char *found = NULL;
    for (struct dirent *e; all && !found && (e = readdir(all)) != NULL;)
        if (e->d_name[0] != '.') found = mem_text(e->d_name);
    if (all) closedir(all);
    return found;
}

static void note_use(const char *folder, const struct stat *st)
{
    if (st->st_mtime + USED_S < wall_ms() / 1000) utimensat(AT_FDCWD, folder, NULL, 0);
}

const ez_file *files_find(files *f, arena *a, const char *id)
{
    if (!f || !files_is_id(id)) return NULL;
    char owner[ID_CHARS + 1];
    snprintf(owner, sizeof owner, "%s", id);
    text path = { 0 };
    struct stat folder, st;
    ez_file *found = NULL;
    path_of(f, owner, id + ID_CHARS, NULL, &path);
    char *name = !stat(path.at, &folder) ? only_name(path.at) : NULL;
    if (name) {
        note_use(path.at, &folder);
        text_printf(&path, "/%s", name);
        if (!stat(path.at, &st) && S_ISREG(st.st_mode)) {
            found = arena_alloc(a, sizeof *found);
            *found = (ez_file){ arena_text(a, name), files_type(name), arena_text(a, path.at), (long long)st.st_size };
        }
    }
    mem_free(name);
    text_done(&path);
    return found;
}

/* ---- the same file is kept once ------------------------------------------------------------------------------------------------- */

/* A token that says what the file is, so that a page which shows it again says the same. */
static void token_for(const char *owner, const unsigned char hash[32], char token[TOKEN_CHARS + 1])
{
    uint64_t half[2];
    memcpy(half, hash, sizeof half);
    id_print(hash_mix(half[0], hash_text(owner)), token);
    id_print(half[1], token + ID_CHARS);
}

static bool is_there(files *f, const char *owner, const char *token, char id[FILE_ID_CHARS + 1])
{
    arena *a = arena_new();
    print_id(owner, token, id);
    bool there = files_find(f, a, id) != NULL;
    arena_free(a);
    return there;
}

/* The token of what is made of this source, under this name. */
static void token_of_source(const char *owner, const char *name, const unsigned char source[32], char token[TOKEN_CHARS + 1])
{
    unsigned char hash[32];
    memcpy(hash, source, sizeof hash);
    hash[0] ^= (unsigned char)hash_text(name);
    hash[8] ^= (unsigned char)(hash_text(name) >> 8);
    token_for(owner, hash, token);
}

bool files_known(files *f, const char *owner, const char *name, const unsigned char source[32], char id[FILE_ID_CHARS + 1])
{
    char token[TOKEN_CHARS + 1];
    token_of_source(owner, name, source, token);
    return is_there(f, owner, token, id);
}

bool files_put_made(files *f, const char *owner, const char *name, const unsigned char source[32], const void *bytes, size_t count, char id[FILE_ID_CHARS + 1])
{
    char token[TOKEN_CHARS + 1];
    token_of_source(owner, name, source, token);
    file_writer *w = begin(f, owner, token, name);
    if (!w) return false;
    if (file_add(w, bytes, count)) return file_keep(w, id);
    int why = errno;
    file_drop(w);
    errno = why;
    return false;
}

bool files_put(files *f, const char *owner, const char *name, const void *bytes, size_t count, char id[FILE_ID_CHARS + 1])
{
    unsigned char hash[32];
    sha256(bytes, count, hash);
    return files_known(f, owner, name, hash, id) || files_put_made(f, owner, name, hash, bytes, count, id);
}

/* <folder>/<owner>/<token>/<name> is here already. */
static bool lies_here(const files *f, const char *path, char id[FILE_ID_CHARS + 1])
{
    size_t count = strlen(f->folder);
    if (strncmp(path, f->folder, count) || path[count] != '/' || strlen(path) < count + 1 + FILE_ID_CHARS + 2) return false;
    const char *owner = path + count + 1, *token = owner + ID_CHARS + 1;
    snprintf(id, FILE_ID_CHARS + 1, "%.*s%.*s", ID_CHARS, owner, TOKEN_CHARS, token);
    return owner[ID_CHARS] == '/' && token[TOKEN_CHARS] == '/' && files_is_id(id);
}

static bool copy_from(file_writer *w, int from)
{
    char *piece = mem_resize(NULL, COPY);
    ssize_t got = 0;
    bool good = true;
    while (good && (got = read(from, piece, COPY)) > 0) good = file_add(w, piece, (size_t)got);
    int why = errno;
    mem_free(piece);
    errno = why;
    return good && !got;
}

bool files_take(files *f, const char *owner, const char *path, const char *name, char id[FILE_ID_CHARS + 1])
{
    struct stat st;
    char token[TOKEN_CHARS + 1];
    unsigned char hash[32];
    if (lies_here(f, path, id)) return true;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) return false;
    if (fstat(from, &st) || !S_ISREG(st.st_mode)) {
        close(from);
        errno = EISDIR;
        return false;
    }
    text is = { 0 };
    text_printf(&is, "%s\n%s\n%lld %lld.%09ld %llu", path, name, (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (unsigned long long)st.st_ino);
    sha256(is.at, is.count, hash);
    text_done(&is);
    token_for(owner, hash, token);
    bool good = is_there(f, owner, token, id);
    if (!good) {
        file_writer *w = begin(f, owner, token, name);
        good = w && copy_from(w, from);
        if (good) {
            good = file_keep(w, id);
        } else {
            int why = errno;
            file_drop(w);
            errno = why;
        }
    }
    int why = errno;
    close(from);
    errno = why;
    return good;
}

/* ---- going ------------------------------------------------------------------------------------------------------------------------- */

typedef struct kept_file { char token[TOKEN_CHARS + 1]; int64_t used; uint64_t size; } kept_file;
typedef struct kept_files { LIST(kept_file) list; } kept_files;

/* The time of the folder is that of the last use, and of the last change in it; a file that is being written grows by itself. */
static kept_file look_at(const char *folder, const char *token)
{
    kept_file k = { .used = 0 };
    struct stat st;
    text path = { 0 };
    DIR *all = opendir(folder);
    snprintf(k.token, sizeof k.token, "%.*s", TOKEN_CHARS, token);
    if (!stat(folder, &st)) k.used = st.st_mtime;
    for (struct dirent *e; all && (e = readdir(all)) != NULL;) {
        text_clear(&path);
        text_printf(&path, "%s/%s", folder, e->d_name);
        if (stat(path.at, &st) || !S_ISREG(st.st_mode)) continue;
        k.size += (uint64_t)st.st_size;
        if (e->d_name[0] == '.' && st.st_mtime > k.used) k.used = st.st_mtime;
    }
    if (all) closedir(all);
    text_done(&path);
    return k;
}

static int by_use(const void *a, const void *b)
{
    const kept_file *x = a, *y = b;
    return x->used < y->used ? 1 : x->used > y->used ? -1 : 0;
}

static void sweep_owner(const files *f, const char *owner, int64_t before, uint64_t most)
{
    kept_files all = { 0 };
    text path = { 0 };
    path_of(f, owner, NULL, NULL, &path);
    DIR *tokens = opendir(path.at);
    for (struct dirent *e; tokens && (e = readdir(tokens)) != NULL;) {
        if (strlen(e->d_name) != TOKEN_CHARS) continue;
        path_of(f, owner, e->d_name, NULL, &path);
        *list_add(&all.list) = look_at(path.at, e->d_name);
    }
    if (tokens) closedir(tokens);
    if (all.list.count) qsort(all.list.at, (size_t)all.list.count, sizeof *all.list.at, by_use);
    uint64_t held = 0;
    for (int i = 0; i < all.list.count; i++) {
        const kept_file *k = &all.list.at[i];
        held += k->size;
        if (k->used >= before && (held <= most || !i)) continue;
        path_of(f, owner, k->token, NULL, &path);
        remove_tree(path.at, 1);
    }
    path_of(f, owner, NULL, NULL, &path);
    rmdir(path.at);                            /* when nothing is left in it */
    list_done(&all.list);
    text_done(&path);
}

void files_sweep(files *f, double seconds, uint64_t most)
{
    int64_t before = wall_ms() / 1000 - (int64_t)seconds;
    DIR *owners = opendir(f->folder);
    for (struct dirent *e; owners && (e = readdir(owners)) != NULL;)
        if (strlen(e->d_name) == ID_CHARS) sweep_owner(f, e->d_name, before, most);
    if (owners) closedir(owners);
}

/* ---- what they are --------------------------------------------------------------------------------------------------------------------- */

const char *files_type(const char *name)
{
    static const struct { const char *ending, *type; } known[] = {
        { "png", "image/png" }, { "jpg", "image/jpeg" }, { "jpeg", "image/jpeg" }, { "gif", "image/gif" }, { "webp", "image/webp" }, { "avif", "image/avif" },
        { "bmp", "image/bmp" }, { "ico", "image/x-icon" }, { "svg", "image/svg+xml" }, { "tif", "image/tiff" }, { "tiff", "image/tiff" },
        { "wav", "audio/wav" }, { "mp3", "audio/mpeg" }, { "ogg", "audio/ogg" }, { "oga", "audio/ogg" }, { "opus", "audio/ogg" }, { "flac", "audio/flac" },
        { "m4a", "audio/mp4" }, { "aac", "audio/aac" }, { "weba", "audio/webm" },
        { "mp4", "video/mp4" }, { "m4v", "video/mp4" }, { "webm", "video/webm" }, { "ogv", "video/ogg" }, { "mov", "video/quicktime" }, { "mkv", "video/x-matroska" },
        { "vtt", "text/vtt" }, { "txt", "text/plain" }, { "log", "text/plain" }, { "md", "text/markdown" }, { "csv", "text/csv" }, { "tsv", "text/tab-separated-values" },
        { "html", "text/html" }, { "htm", "text/html" }, { "css", "text/css" }, { "js", "text/javascript" }, { "mjs", "text/javascript" }, { "xml", "application/xml" },
        { "json", "application/json" }, { "jsonl", "application/jsonl" }, { "yaml", "application/yaml" }, { "yml", "application/yaml" }, { "toml", "application/toml" },
        { "pdf", "application/pdf" }, { "zip", "application/zip" }, { "gz", "application/gzip" }, { "tar", "application/x-tar" }, { "7z", "application/x-7z-compressed" },
        { "parquet", "application/vnd.apache.parquet" }, { "sqlite", "application/vnd.sqlite3" }, { "db", "application/vnd.sqlite3" },
        { "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document" }, { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
        { "glb", "model/gltf-binary" }, { "gltf", "model/gltf+json" }, { "obj", "model/obj" }, { "stl", "model/stl" },
    };
    const char *ending = name ? strrchr(name, '.') : NULL;
    for (int i = 0; ending && i < COUNT(known); i++)
        if (!plain_compare(ending + 1, known[i].ending)) return known[i].type;
    return "application/octet-stream";
}

bool files_shows(const char *type)
{
    static const char *const harmless[] = { "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp", "image/x-icon", "text/plain", "text/vtt" };
    for (int i = 0; i < COUNT(harmless); i++)
        if (!strcmp(type, harmless[i])) return true;
    return !strncmp(type, "audio/", 6) || !strncmp(type, "video/", 6);
}
