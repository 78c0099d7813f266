/* files.c: uploads, which go to the disk as they come, and files on their way to a browser. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/access.h"
#include "app/guard.h"
#include "net/multipart.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CLEAN_MS = 60000, TEXTS_MOST = 8 << 20, FILE_TTL_S = 3600 };

#define UPLOAD "/_easel/upload"
#define POLICY "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; sandbox"

struct folder { pthread_mutex_t lock; files *at; bool tried; _Atomic bool cleaning; int64_t cleaned_ms; };

/* ---- the folder --------------------------------------------------------------------------------------------------------------- */

void files_prepare(hub *h)
{
    h->files = mem_alloc(sizeof *h->files);
    pthread_mutex_init(&h->files->lock, NULL);
    h->files->cleaned_ms = clock_ms();
}

void files_free(hub *h)
{
    files_close(h->files->at);
    pthread_mutex_destroy(&h->files->lock);
    mem_free(h->files);
}

/* Made when the first file comes: most programs have none. */
files *hub_files(hub *h)
{
    struct folder *f = h->files;
    ez_err err = { EZ_OK, "" };
    pthread_mutex_lock(&f->lock);
    if (!f->tried) {
        f->tried = true;
        f->at = files_open(h->app->options.data, &err);
        if (!f->at) {
            log_error("app", "%s; files are kept elsewhere until this program ends", err.text);
            f->at = files_open(NULL, &err);
        }
    }
    files *at = f->at;
    pthread_mutex_unlock(&f->lock);
    return at;
}

const char *hub_files_folder(hub *h)
{
    struct folder *f = h->files;
    pthread_mutex_lock(&f->lock);
    const char *at = f->at ? files_folder(f->at) : "";
    pthread_mutex_unlock(&f->lock);
    return at;
}

double files_kept(const hub *h)
{
    if (h->app->options.file_ttl_ms) return (double)h->app->options.file_ttl_ms / 1000;
    return h->app->args->file_ttl > 0 ? (double)h->app->args->file_ttl : FILE_TTL_S;
}

static void clean(void *data)
{
    hub *h = data;
    int64_t most = h->app->options.session_files;
    files_sweep(h->files->at, files_kept(h), most > 0 ? (uint64_t)most : UINT64_MAX);
    atomic_store(&h->files->cleaning, false);
}

/* Those of an earlier process, too, so the folder is looked at once even if no file comes. */
void files_clean(hub *h)
{
    struct folder *f = h->files;
    int64_t now = clock_ms();
    struct stat st;
    if (now - f->cleaned_ms < CLEAN_MS || atomic_load(&f->cleaning)) return;
    f->cleaned_ms = now;
    char *path = mem_alloc(strlen(h->app->options.data) + 8);
    sprintf(path, "%s/files", h->app->options.data);
    bool any = f->tried || !stat(path, &st);
    mem_free(path);
    if (!any || !hub_files(h)) return;
    atomic_store(&f->cleaning, true);
    pool_run(h->pool, POOL_JOB, clean, h);
}

/* ---- an upload comes ------------------------------------------------------------------------------------------------------------ */

struct upload {
    hub         *hub;
    char         owner[ID_CHARS + 1];
    multipart   *form;                         /* NULL: the body is one file */
    file_writer *file;                         /* that is being written; NULL: a text is */
    text         words;                        /* of the text */
    size_t       words_all;                    /* bytes of all texts */
    char        *name;                         /* of the part */
    const char  *why;                          /* it cannot be taken; NULL */
    int          status;
    LIST(upload_part) parts;
};

static bool refuse(upload *u, int status, const char *why)
{
    if (!u->why) u->status = status, u->why = why;
    return false;
}

static bool disk(upload *u)
{
    return errno == ENOSPC || errno == EDQUOT ? refuse(u, 507, "The disk is full. Please tell whoever runs this program.") : refuse(u, 500, "The file cannot be written. Please tell whoever runs this program.");
}

static bool begin_file(upload *u, const char *name)
{
    files *f = hub_files(u->hub);
    u->file = f ? files_begin(f, u->owner, name) : NULL;
    return u->file || disk(u);
}

static bool add(upload *u, const char *bytes, size_t count)
{
    if (u->file) return file_add(u->file, bytes, count) || disk(u);
    u->words_all += count;
    if (u->words_all > TEXTS_MOST) return refuse(u, 413, "The texts of the form are larger than 8 MB.");
    text_add(&u->words, bytes, count);
    return true;
}

static bool end_part(upload *u)
{
    char id[FILE_ID_CHARS + 1];
    bool is_file = u->file != NULL;
    file_writer *w = u->file;
    u->file = NULL;
    if (is_file && !file_keep(w, id)) return disk(u);
    if (!is_file && u->words.count && !utf8_valid(u->words.at, u->words.count)) return refuse(u, 400, "A text of the form is not UTF-8.");
    *list_add(&u->parts) = (upload_part){ u->name ? u->name : mem_text(""), is_file ? mem_text(id) : text_take(&u->words), is_file };
    u->name = NULL;
    return true;
}

static bool form_part(void *data, const char *name, const char *filename)
{
    upload *u = data;
    mem_free(u->name);
    u->name = mem_text(name);
    return !filename || begin_file(u, filename);
}

static bool form_bytes(void *data, const char *at, size_t count) { return add(data, at, count); }
static bool form_end(void *data) { return end_part(data); }

static const multipart_events form_events = { form_part, form_bytes, form_end };

static int upload_take(void *data, const char *bytes, size_t count, const char **why)
{
    upload *u = data;
    bool good = u->form ? multipart_add(u->form, bytes, count) || refuse(u, 400, "The form is not well formed.") : add(u, bytes, count);
    *why = u->why;
    return good ? 0 : u->status;
}

static void upload_free(void *data)
{
    upload *u = data;
    file_drop(u->file);
    multipart_free(u->form);
    for (int i = 0; i < u->parts.count; i++) {
        mem_free(u->parts.at[i].name);
        mem_free(u->parts.at[i].value);
    }
    list_done(&u->parts);
    text_done(&u->words);
    mem_free(u->name);
    mem_free(u);
}

/* Who may not call brings nothing: the handler tells him so. */
static bool may_call(hub *h, net_request *rq)
{
    api_problem why = { 0 };
    bool may = access_check(h, rq, &why);
    api_problem_done(&why);
    return may;
}

/* Whose the files will be: a session's, or those of all calls with one key or from one address. False: this request brings no files, or may not. */
static bool owner_of(hub *h, net_request *rq, const char *path, char owner[ID_CHARS + 1])
{
    bool form = !plain_compare_n(net_header(rq, "content-type") ? net_header(rq, "content-type") : "", "multipart/form-data", 19);
    if (!strcmp(path, UPLOAD)) {
        const char *session = views_session(h, rq);
        if (session) files_owner(session, owner);
        return session != NULL;
    }
    bool known = !strncmp(path, "/api/", 5) || !strcmp(path, "/gradio_api/upload");
    if (!known || !form || app_page_find(h->app, path) || !may_call(h, rq)) return false;
    id_print(access_caller(rq), owner);
    return true;
}

bool upload_begins(net_request *rq, net_sink *to, void *data)
{
    hub *h = data;
    char owner[ID_CHARS + 1];
    const char *path = guard_host(&h->app->options, net_header(rq, "host")) && !strcmp(rq->method, "POST") ? routes_below(h, rq->path) : NULL;
    if (!path || h->stopping || !owner_of(h, rq, path, owner)) return false;
    upload *u = mem_alloc(sizeof *u);
    bool one = !strcmp(path, UPLOAD);          /* the body is the file, whatever its type */
    *u = (upload){ .hub = h, .form = one ? NULL : multipart_new(net_header(rq, "content-type"), &form_events, u) };
    memcpy(u->owner, owner, sizeof owner);
    if (!one && !u->form) {
        upload_free(u);
        return false;
    }
    const char *name = net_query(rq, "name");
    if (!u->form && !begin_file(u, name ? name : "file"))
        log_warn("app", "an upload cannot be written: %s", strerror(errno));
    *to = (net_sink){ (size_t)(h->app->options.upload_max > 0 ? h->app->options.upload_max : INT64_MAX), upload_take, upload_free, u };
    return true;
}

upload *upload_of(const net_request *rq) { return rq->data; }

const char *upload_problem(const upload *u)
{
    if (u->why) return u->why;
    return u->form && !multipart_complete(u->form) ? "The form has no end." : NULL;
}

int upload_parts(const upload *u, const upload_part **out)
{
    *out = u->parts.at;
    return u->parts.count;
}

/* ---- the page's own uploads --------------------------------------------------------------------------------------------------------- */

static void plain(net_request *rq, int status, const char *words) { net_reply(rq, status, &(net_answer){ .body = words }); }

static void answer_files(hub *h, net_request *rq, const upload *u)
{
    text out = { 0 };
    json j = json_to(&out);
    json_array(&j);
    for (int i = 0; i < u->parts.count; i++) {
        const ez_file *f = u->parts.at[i].is_file ? files_find(hub_files(h), rq->arena, u->parts.at[i].value) : NULL;
        if (!f) continue;
        json_object(&j);
        json_key(&j, "id"), json_text(&j, u->parts.at[i].value);
        json_key(&j, "name"), json_text(&j, f->name);
        json_key(&j, "type"), json_text(&j, f->type);
        json_key(&j, "size"), json_int(&j, f->size);
        json_object_end(&j);
    }
    json_array_end(&j);
    net_reply(rq, 200, &(net_answer){ .type = "application/json", .body = out.at, .count = out.count });
    text_done(&out);
}

static void take_upload(hub *h, net_request *rq)
{
    upload *u = upload_of(rq);
    if (!u) {
        bool empty = !rq->count && views_session(h, rq);
        plain(rq, empty ? 422 : 409, empty ? "The file is empty.\n" : "This view is not connected here. Connect first.\n");
        return;
    }
    if (!u->form && !u->why) end_part(u);
    if (upload_problem(u)) plain(rq, u->why ? u->status : 400, upload_problem(u));
    else answer_files(h, rq, u);
}

/* ---- a file goes out ------------------------------------------------------------------------------------------------------------------ */

/* Names of any script, as RFC 6266 says. */
static char *disposition(arena *a, const char *how, const char *name)
{
    text t = { .arena = a };
    text_printf(&t, "%s; filename*=UTF-8''", how);
    text_url(&t, name);
    return t.at;
}

static bool reads(const net_request *rq) { return !strcmp(rq->method, "GET") || !strcmp(rq->method, "HEAD"); }

/* What follows the id is for people, and for programs that look at endings. */
void files_give(hub *h, net_request *rq, const char *id_and_name)
{
    struct stat st;
    char *id = arena_text_n(rq->arena, id_and_name, strcspn(id_and_name, "/"));
    files *all = hub_files(h);
    const ez_file *f = all ? files_find(all, rq->arena, id) : NULL;
    int fd = f ? open(f->path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || fstat(fd, &st)) {
        if (fd >= 0) close(fd);
        plain(rq, 404, "This file is not there, or not any more. Files are kept for a while after their last use.\n");
        return;
    }
    bool shows = files_shows(f->type) && !net_query(rq, "download");
    const char *headers[] = { "Content-Disposition", disposition(rq->arena, shows ? "inline" : "attachment", f->name), "Content-Security-Policy", POLICY,
                              "Cross-Origin-Resource-Policy", "same-origin", "Referrer-Policy", "no-referrer", NULL };
    const char *type = !strcmp(f->type, "text/plain") || !strcmp(f->type, "text/csv") || !strcmp(f->type, "text/markdown") ? arena_printf(rq->arena, "%s; charset=utf-8", f->type) : f->type;
    net_reply_file(rq, &(net_file){ .fd = fd, .size = st.st_size, .type = type, .etag = id + ID_CHARS, .cache = "private, max-age=3600", .headers = headers });
}

bool files_handle(hub *h, net_request *rq, const char *path)
{
    static const char address[] = "/" FILE_ADDRESS;
    if (!strcmp(path, UPLOAD)) {
        if (strcmp(rq->method, "POST")) net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "POST", NULL } });
        else take_upload(h, rq);
    } else if (!strncmp(path, address, sizeof address - 1)) {
        if (!reads(rq)) net_reply(rq, 405, &(net_answer){ .headers = (const char *const[]){ "Allow", "GET, HEAD", NULL } });
        else files_give(h, rq, path + sizeof address - 1);
    } else {
        return false;
    }
    return true;
}
