/* file.c: files in a run: those that visitors gave, and those that the program makes for them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/picture.h"
#include "page/place.h"
#include "store/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const ez_file no_file = { "", "", "", 0 };

static files *files_of(const run *r) { return r->host && r->host->files ? r->host->files(r->host->data) : NULL; }

static void owner_of(const run *r, char owner[ID_CHARS + 1]) { files_owner(r->session ? r->session : "", owner); }

/* ---- by id ------------------------------------------------------------------------------------------------------------------ */

/* What an element shows of a file is a link to it. */
static const char *id_in(arena *a, const char *value)
{
    const char *link = strstr(value, FILE_ADDRESS);
    return link ? arena_text_n(a, link + sizeof FILE_ADDRESS - 1, strlen(link) < sizeof FILE_ADDRESS - 1 + FILE_ID_CHARS ? 0 : FILE_ID_CHARS) : value;
}

const ez_file *run_file(run *r, const char *id)
{
    files *f = files_of(r);
    return f ? files_find(f, r->arena, id_in(r->arena, id)) : NULL;
}

ez_files run_files(run *r, const char *ids)
{
    ez_files all = { 0 };
    LIST(const ez_file *) found = { 0 };
    for (const char *at = ids; at && *at;) {
        size_t count = strcspn(at, "\n");
        const ez_file *f = run_file(r, arena_text_n(r->arena, at, count));
        if (f) *list_add(&found) = f;
        at += count + (at[count] == '\n');
    }
    all.count = found.count;
    all.at = arena_copy(r->arena, found.at, (size_t)found.count * sizeof *found.at);
    list_done(&found);
    return all;
}

bool run_file_take(run *r, const ez_file *file, char id[FILE_ID_CHARS + 1])
{
    char owner[ID_CHARS + 1];
    files *f = files_of(r);
    const char *slash = file->path ? strrchr(file->path, '/') : NULL;
    owner_of(r, owner);
    if (!f || !file->path || !*file->path) return false;
    if (files_take(f, owner, file->path, file->name && *file->name ? file->name : slash ? slash + 1 : file->path, id)) return true;
    log_warn("page", "the file %s cannot be shown: %s", file->path, strerror(errno));
    return false;
}

char *file_address(arena *a, const char *id, const char *name)
{
    text t = { .arena = a };
    text_printf(&t, FILE_ADDRESS "%s/", id);
    text_url(&t, name);
    return t.at;
}

const char *node_file_address(ez_ui *at, const ez_file *file)
{
    char id[FILE_ID_CHARS + 1];
    if (!run_file_take(at->run, file, id)) return NULL;
    const ez_file *kept = run_file(at->run, id);
    return kept ? page_address(at, arena_printf(at->run->arena, "/%s", file_address(at->run->arena, id, kept->name))) : NULL;
}

const char *node_file_id(node *n, const ez_file *file)
{
    char id[FILE_ID_CHARS + 1];
    return run_file_take(n->run, file, id) ? arena_text(n->run->arena, id) : "";
}

const char *node_picture_address(ez_ui *at, const ez_pixels *pixels, const char *name)
{
    const ez_file *file = run_picture_file(at->run, pixels, name);
    return *file->path ? node_file_address(at, file) : NULL;
}

void node_media(text *markdown, const char *address, const char *words)
{
    text_puts(markdown, "![");
    for (const char *c = words ? words : ""; *c; c++) {
        if (strchr("\\[]!*_`<>&~$|", *c)) text_putc(markdown, '\\');
        text_putc(markdown, *c == '\n' || *c == '\r' ? ' ' : *c);
    }
    text_puts(markdown, "](<");
    for (const char *c = address; *c; c++)
        if (!strchr("<>\r\n", *c)) text_putc(markdown, *c);
    text_puts(markdown, ">)");
}

ez_files node_files(node *n, int most, bool disabled)
{
    const char *ids = node_text(n, "", most * (FILE_ID_CHARS + 1), disabled);
    ez_files all = run_files(n->run, ids);
    if (all.count > most) all.count = most;
    return all;
}

/* ---- what C code does with them ------------------------------------------------------------------------------------------------ */

const ez_file *ez_make_file(ez_ui *ui, const char *name, const void *bytes, size_t count)
{
    char id[FILE_ID_CHARS + 1], owner[ID_CHARS + 1];
    run *r = ui->run;
    files *f = files_of(r);
    owner_of(r, owner);
    if (f && files_put(f, owner, name, bytes ? bytes : "", count, id)) {
        const ez_file *made = run_file(r, id);
        if (made) return made;
    }
    log_warn("page", "the file %s of %zu bytes cannot be kept: %s", name ? name : "", count, f ? strerror(errno) : "this run has no files");
    return &no_file;
}

const ez_file *ez_get_file(ez_ui *ui, const char *key)
{
    ez_files all = run_files(ui->run, ez_get_text(ui, key));
    return all.count ? all.at[0] : &no_file;
}

ez_files ez_get_files(ez_ui *ui, const char *key) { return run_files(ui->run, ez_get_text(ui, key)); }

static ez_pixels *read_picture(run *r, const void *bytes, size_t count, ez_err *err)
{
    int width = 0, height = 0, channels = 0;
    if (!picture_size(bytes, count, &width, &height, &channels, err)) return NULL;
    size_t size = (size_t)width * (size_t)height * (size_t)channels;
    if (r->memory_max && size > r->memory_max / 2) {
        error_set(err, EZ_NO_MEMORY, "the picture of %d × %d pixels takes %zu MB, more than half of what a session may hold; allow more with --session-memory, or give a smaller one", width, height, size >> 20);
        return NULL;
    }
    unsigned char *data = arena_alloc(r->arena, size);
    if (!picture_read(bytes, count, data, width, height, channels, err)) return NULL;
    ez_pixels *p = arena_alloc(r->arena, sizeof *p);
    *p = (ez_pixels){ width, height, channels, data };
    return p;
}

ez_pixels *ez_load_image(ez_ui *ui, const ez_file *file, ez_err *err)
{
    if (!file || !file->path || !*file->path) {
        error_set(err, EZ_MISSING, "no picture was given");
        return NULL;
    }
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    void *bytes = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    ez_pixels *p = NULL;
    if (bytes == MAP_FAILED) error_set(err, EZ_MISSING, "the picture %s cannot be read: %s", file->name, size ? strerror(errno) : "it is empty");
    else p = read_picture(ui->run, bytes, (size_t)size, err);
    if (bytes != MAP_FAILED) munmap(bytes, (size_t)size);
    if (fd >= 0) close(fd);
    return p;
}

/* What a picture is, for whom asks whether its file is there. */
static void picture_source(const ez_pixels *p, unsigned char source[32])
{
    struct { unsigned char bytes[32]; int width, height, channels; } all = { .width = p->width, .height = p->height, .channels = p->channels };
    sha256(p->data, (size_t)p->width * (size_t)p->height * (size_t)p->channels, all.bytes);
    sha256(&all, sizeof all, source);
}

static bool keep_picture(files *f, const char *owner, const ez_pixels *p, const char *name, char id[FILE_ID_CHARS + 1], ez_err *err)
{
    unsigned char source[32];
    text out = { 0 };
    if (!picture_sound(p, err)) return false;
    picture_source(p, source);
    if (files_known(f, owner, name, source, id)) return true;
    bool good = picture_png(p, &out, err)
             && (files_put_made(f, owner, name, source, out.at, out.count, id) || error_set(err, EZ_FAILED, "the picture %s cannot be kept: %s", name, strerror(errno)));
    text_done(&out);
    return good;
}

/* A page that shows a picture again in each run compresses it once. */
const ez_file *run_picture_file(run *r, const ez_pixels *pixels, const char *name)
{
    char id[FILE_ID_CHARS + 1], owner[ID_CHARS + 1];
    ez_err err = { EZ_OK, "" };
    files *f = files_of(r);
    if (!pixels) return &no_file;
    owner_of(r, owner);
    bool good = f ? keep_picture(f, owner, pixels, name, id, &err) : error_set(&err, EZ_MISSING, "the picture %s cannot be kept: this run has no files", name);
    if (!good) log_warn("page", "%s", err.text);
    const ez_file *file = good ? run_file(r, id) : NULL;
    return file ? file : &no_file;
}
