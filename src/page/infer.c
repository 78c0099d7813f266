/* infer.c: functions whose work a model on an inference server does, by the Open Inference Protocol over HTTP: KServe, Triton, MLServer and others.
 *
 * A call waits on the run's own thread, without a permit of the pool, and looks every LOOK_MS whether the run is to end. What a server did lately is known to all runs
 * of the process: one that fails all the time is left alone (net/curl.h), and whether it takes tensors in binary form is asked once. Connections are kept for the next call. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "net/curl.h"
#include "page/place.h"
#include "page/tensor.h"
#include <cjson/cJSON.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

enum { BODY_MOST = 64 << 20, TIMEOUT_S = 30, LONGEST_S = 1000000, ASIDE_S = 2, LOOK_MS = 50, SERVERS = 32, LINES_KEPT = 8, KNOWN_MS = 600000 };

/* ---- what the process knows ------------------------------------------------------------------------------------------------------------ */

typedef enum binary_form { BINARY_UNKNOWN, BINARY_NO, BINARY_YES } binary_form;
typedef struct infer_server { char *base; breaker breaker; int64_t used_ms, learnt_ms; binary_form binary; } infer_server;
typedef struct infer_line { uint64_t server; CURLM *multi; } infer_line;       /* a multi handle keeps the connections that were made with it */

static pthread_mutex_t infer_lock = PTHREAD_MUTEX_INITIALIZER;
static infer_server infer_servers[SERVERS];
static infer_line infer_lines[LINES_KEPT];
static int infer_line_count;

/* Under the lock. When there are too many, the one that was not asked for longest is forgotten. */
static infer_server *server_at(const char *base)
{
    infer_server *found = NULL, *oldest = infer_servers;
    for (int i = 0; i < SERVERS && !found; i++) {
        infer_server *s = &infer_servers[i];
        if (s->base && !strcmp(s->base, base)) found = s;
        else if (s->used_ms < oldest->used_ms) oldest = s;
    }
    if (!found) {
        found = oldest;
        mem_free(found->base);
        *found = (infer_server){ .base = mem_text(base) };
    }
    found->used_ms = clock_ms();
    return found;
}

static int64_t server_rests(const char *base)
{
    pthread_mutex_lock(&infer_lock);
    int64_t rest = breaker_rests(&server_at(base)->breaker);
    pthread_mutex_unlock(&infer_lock);
    return rest;
}

static void server_did(const char *base, bool worked)
{
    pthread_mutex_lock(&infer_lock);
    infer_server *s = server_at(base);
    if (worked) breaker_worked(&s->breaker);
    else breaker_failed(&s->breaker, "page", base);
    pthread_mutex_unlock(&infer_lock);
}

/* Another version of the server may have come since. */
static binary_form server_binary(const char *base)
{
    pthread_mutex_lock(&infer_lock);
    infer_server *s = server_at(base);
    binary_form known = clock_ms() - s->learnt_ms < KNOWN_MS ? s->binary : BINARY_UNKNOWN;
    pthread_mutex_unlock(&infer_lock);
    return known;
}

static void server_learn(const char *base, binary_form binary)
{
    pthread_mutex_lock(&infer_lock);
    infer_server *s = server_at(base);
    s->binary = binary;
    s->learnt_ms = clock_ms();
    pthread_mutex_unlock(&infer_lock);
}

static CURLM *line_take(const curl_lib *c, const char *base)
{
    CURLM *multi = NULL;
    pthread_mutex_lock(&infer_lock);
    for (int i = infer_line_count - 1; i >= 0 && !multi; i--)
        if (infer_lines[i].server == hash_text(base)) {
            multi = infer_lines[i].multi;
            list_cut(infer_lines, &infer_line_count, i, sizeof *infer_lines);
        }
    pthread_mutex_unlock(&infer_lock);
    return multi ? multi : c->multi_init();
}

static void line_keep(const curl_lib *c, const char *base, CURLM *multi)
{
    CURLM *old = NULL;
    pthread_mutex_lock(&infer_lock);
    if (infer_line_count == LINES_KEPT) {
        old = infer_lines[0].multi;
        list_cut(infer_lines, &infer_line_count, 0, sizeof *infer_lines);
    }
    infer_lines[infer_line_count++] = (infer_line){ hash_text(base), multi };
    pthread_mutex_unlock(&infer_lock);
    if (old) c->multi_cleanup(old);
}

/* ---- one request ----------------------------------------------------------------------------------------------------------------------- */

typedef struct exchange {
    ez_ui   *ui;
    const curl_lib *lib;
    const char *base, *token;
    int64_t  until_ms;
    text     got;
    CURLcode code;
    int      status, after_s;
    long long json;                            /* bytes of JSON before binary data; below 0: nothing was said */
    bool     huge, stopped, broken_json;
} exchange;

/* What is sent, and how much of it is JSON. */
typedef struct infer_body { text all; size_t json; } infer_body;

static size_t infer_bytes(char *at, size_t size, size_t count, void *data)
{
    exchange *x = data;
    x->huge = x->got.count + size * count > BODY_MOST;
    if (x->huge) return 0;
    text_add(&x->got, at, size * count);
    return size * count;
}

static bool read_length(const char *at, size_t count, long long *v)
{
    size_t digits = 0;
    while (count && strchr(" \t\r\n", at[count - 1])) count--;
    while (count && strchr(" \t", *at)) at++, count--;
    for (*v = 0; digits < count && digits < 18 && at[digits] >= '0' && at[digits] <= '9'; digits++) *v = *v * 10 + (at[digits] - '0');
    return count && digits == count;
}

static size_t infer_header(char *at, size_t size, size_t count, void *data)
{
    static const char name[] = "Inference-Header-Content-Length:";
    exchange *x = data;
    size_t bytes = size * count, begin = sizeof name - 1;
    int after = curl_retry_after(at, bytes);
    if (after >= 0) x->after_s = after;
    if (bytes >= begin && !strncasecmp(at, name, begin)) x->broken_json = !read_length(at + begin, bytes - begin, &x->json);
    return bytes;
}

static struct curl_slist *infer_headers(const exchange *x, const infer_body *body)
{
    bool binary = body && body->json < body->all.count;
    struct curl_slist *all = x->lib->slist_append(NULL, body ? "Accept: application/json, application/octet-stream" : "Accept: application/json");
    text secret = { 0 }, length = { 0 };
    if (body) all = x->lib->slist_append(all, binary ? "Content-Type: application/octet-stream" : "Content-Type: application/json");
    if (binary) {
        text_printf(&length, "Inference-Header-Content-Length: %zu", body->json);
        all = x->lib->slist_append(all, length.at);
    }
    text_done(&length);
    if (body) all = x->lib->slist_append(all, "Expect:");              /* else a large body waits for a word that many servers never say */
    if (x->token && *x->token) {
        text_printf(&secret, "Authorization: Bearer %s", x->token);
        all = x->lib->slist_append(all, secret.at);
    }
    text_done(&secret);
    return all;
}

static CURL *infer_request(exchange *x, const char *path, const infer_body *body, struct curl_slist *headers)
{
    const curl_lib *c = x->lib;
    int64_t left = x->until_ms - clock_ms();
    CURL *easy = c->easy_init();
    text url = { 0 };
    text_printf(&url, "%s%s", x->base, path);
    c->easy_setopt(easy, CURLOPT_URL, url.at);
    c->easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    c->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    c->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    c->easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CURL_CONNECT_S);
    c->easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(left > 1 ? left : 1));
    c->easy_setopt(easy, CURLOPT_WRITEFUNCTION, infer_bytes);
    c->easy_setopt(easy, CURLOPT_WRITEDATA, x);
    c->easy_setopt(easy, CURLOPT_HEADERFUNCTION, infer_header);
    c->easy_setopt(easy, CURLOPT_HEADERDATA, x);
    if (body) c->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->all.count);
    if (body) c->easy_setopt(easy, CURLOPT_POSTFIELDS, body->all.at);
    text_done(&url);
    return easy;
}

/* Waits for the answer as long as there is time and the run is not to end. */
static void exchange_once(exchange *x, const char *path, const infer_body *body)
{
    const curl_lib *c = x->lib;
    CURLM *multi = line_take(c, x->base);
    struct curl_slist *headers = infer_headers(x, body);
    CURL *easy = infer_request(x, path, body, headers);
    int running = 1, left;
    long status = 0;
    text_clear(&x->got);
    x->after_s = 0;
    x->huge = x->broken_json = false;
    x->json = -1;
    c->multi_add_handle(multi, easy);
    while (c->multi_perform(multi, &running) == CURLM_OK && running && ez_running(x->ui)) c->multi_poll(multi, NULL, 0, LOOK_MS, NULL);
    const CURLMsg *over = c->multi_info_read(multi, &left);
    x->code = over ? over->data.result : CURLE_ABORTED_BY_CALLBACK;
    x->stopped = !over && !ez_running(x->ui);
    c->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    x->status = (int)status;
    c->multi_remove_handle(multi, easy);
    c->easy_cleanup(easy);
    c->slist_free_all(headers);
    if (x->code == CURLE_OK) line_keep(c, x->base, multi);
    else c->multi_cleanup(multi);
}

/* It was not there, or had no time. */
static bool unavailable(const exchange *x)
{
    switch (x->code) {
    case CURLE_OK:
        return x->status == 429 || x->status == 502 || x->status == 503 || x->status == 504;
    case CURLE_COULDNT_RESOLVE_HOST: case CURLE_COULDNT_CONNECT: case CURLE_SEND_ERROR: case CURLE_RECV_ERROR: case CURLE_GOT_NOTHING: case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
        return true;
    default:
        return false;
    }
}

/* Asks again what may go better then, as long as there is time. */
static void exchange_patiently(exchange *x, const char *path, const infer_body *body)
{
    for (int tries = 0;; tries++) {
        exchange_once(x, path, body);
        int64_t wait = curl_pause(tries, x->after_s), until = clock_ns() + wait * 1000000;
        if (!unavailable(x) || tries + 1 == CURL_TRIES || clock_ms() + wait >= x->until_ms) return;
        while (ez_running(x->ui) && run_wait(x->ui->run, until)) {}
        x->stopped = !ez_running(x->ui);
        if (x->stopped) return;
    }
}

/* ---- a question -------------------------------------------------------------------------------------------------------------------------- */

static bool infer_fails(ez_ui *ui, const ez_infer_args *a, ez_err_code code, const char *format, ...) EZ_FORMAT(4, 5);
static bool infer_fails(ez_ui *ui, const ez_infer_args *a, ez_err_code code, const char *format, ...)
{
    ez_err err;
    va_list args;
    va_start(args, format);
    error_set(&err, code, "%s", arena_vprintf(ui->run->arena, format, args));
    va_end(args);
    if (a->error) *a->error = err;
    else if (code != EZ_STOPPED) ez_fail(ui, "%s", err.text);
    return false;
}

/* http://host:8080, without what stands behind it already. NULL: it is no such address. */
static const char *base_of(arena *a, const char *server)
{
    if (!server || (strncmp(server, "http://", 7) && strncmp(server, "https://", 8))) return NULL;
    size_t count = strlen(server);
    while (count && server[count - 1] == '/') count--;
    if (count > 3 && !strncmp(server + count - 3, "/v2", 3)) count -= 3;
    return arena_text_n(a, server, count);
}

static const char *model_path(arena *a, const char *model, const char *version, const char *what)
{
    text path = { .arena = a };
    text_puts(&path, "/v2/models/");
    text_url(&path, model);
    if (version && *version) text_puts(&path, "/versions/"), text_url(&path, version);
    text_puts(&path, what);
    return path.at;
}

/* What the server said, and how the inputs differ from what the model says that it wants. */
static const char *refusal(exchange *x, const ez_infer_args *a)
{
    arena *to = x->ui->run->arena;
    text words = { .arena = to }, differ = { .arena = to };
    int status = x->status;
    tensor_error(x->got.at ? x->got.at : "", x->got.count, &words);
    bool inputs = status == 500 || (status >= 400 && status < 500 && status != 401 && status != 403 && status != 404);
    if (inputs && ez_running(x->ui)) {
        x->until_ms = clock_ms() + ASIDE_S * 1000;
        exchange_once(x, model_path(to, a->model, a->version, ""), NULL);
        if (x->code == CURLE_OK && x->status == 200) tensor_differences(x->got.at ? x->got.at : "", x->got.count, a->in, a->in_count, &differ);
        x->status = status;
    }
    if (status == 401 || status == 403) text_printf(&differ, "the token that it wants is given in .token");
    return arena_printf(to, "%s%s%s%s", words.count ? ": " : "", words.count ? words.at : "", differ.count ? "; " : "", differ.count ? differ.at : "");
}

static bool not_answered(exchange *x, const ez_infer_args *a)
{
    double seconds = a->timeout > 0 ? (double)a->timeout : TIMEOUT_S;
    if (x->stopped) return infer_fails(x->ui, a, EZ_STOPPED, "the question to the model %s on %s was stopped", a->model, x->base);
    if (x->huge) return infer_fails(x->ui, a, EZ_BROKEN, "the answer of the model %s on %s is larger than %d MB", a->model, x->base, BODY_MOST >> 20);
    if (x->code == CURLE_OPERATION_TIMEDOUT && clock_ms() + LOOK_MS >= x->until_ms) return infer_fails(x->ui, a, EZ_FAILED, "the inference server %s did not answer for the model %s within %g s", x->base, a->model, seconds);
    return infer_fails(x->ui, a, EZ_FAILED, "the inference server %s does not answer: %s", x->base, x->lib->easy_strerror(x->code));
}

static bool refused(exchange *x, const ez_infer_args *a)
{
    const char *why = refusal(x, a);
    if (x->status == 404) return infer_fails(x->ui, a, EZ_MISSING, "the inference server %s has no model %s%s%s%s", x->base, a->model, a->version ? " of version " : "", a->version ? a->version : "", why);
    return infer_fails(x->ui, a, EZ_FAILED, "the inference server %s answered %d for the model %s%s", x->base, x->status, a->model, why);
}

/* Half of what the run may still take: the function has plans, too. 0: any. */
static size_t room_of(const run *r)
{
    size_t taken = run_memory(r);
    if (!r->memory_max) return 0;
    return taken + 2 < r->memory_max ? (r->memory_max - taken) / 2 : 1;
}

/* Whether the server has the binary tensor data extension, asked when it would matter. A server that is busy now is asked again by the next call. False: it does not
 * answer at all. */
static bool learn_binary(exchange *x, tensor_question *q)
{
    binary_form known = tensor_wants_binary(q) ? server_binary(x->base) : BINARY_NO;
    if (known == BINARY_UNKNOWN) {
        exchange_patiently(x, "/v2", NULL);
        if (x->stopped || x->code != CURLE_OK) {
            if (!x->stopped) server_did(x->base, !unavailable(x));
            return false;
        }
        known = x->status == 200 && tensor_has_binary(x->got.at ? x->got.at : "", x->got.count) ? BINARY_YES : BINARY_NO;
        if (!unavailable(x) && x->status != 401 && x->status != 403) server_learn(x->base, known);
    }
    q->binary = known == BINARY_YES;
    return true;
}

static bool read_answer(exchange *x, const ez_infer_args *a)
{
    run *r = x->ui->run;
    const tensor_answer answer = { .body = x->got.at ? x->got.at : "", .count = x->got.count, .json = x->json };
    ez_err err = { 0 };
    if (x->broken_json) return infer_fails(x->ui, a, EZ_BROKEN, "the model %s on %s: the header Inference-Header-Content-Length of the answer is no number", a->model, x->base);
    return tensor_read(&answer, a->out, a->out_count, room_of(r), r->arena, &err) || infer_fails(x->ui, a, err.code, "the model %s on %s: %s", a->model, x->base, err.text);
}

static bool infer(exchange *x, const ez_infer_args *a)
{
    tensor_question question = { .in = a->in, .in_count = a->in_count, .out = a->out, .out_count = a->out_count };
    infer_body body = { 0 };
    ez_err err = { 0 };
    if (!learn_binary(x, &question)) return not_answered(x, a);
    if (!tensor_write(&question, &body.all, &body.json, &err)) {
        text_done(&body.all);
        return infer_fails(x->ui, a, err.code, "the model %s on %s is not asked: %s", a->model, x->base, err.text);
    }
    exchange_patiently(x, model_path(x->ui->run->arena, a->model, a->version, "/infer"), &body);
    text_done(&body.all);
    if (!x->stopped) server_did(x->base, !unavailable(x));
    if (x->code != CURLE_OK) return not_answered(x, a);
    if (x->status == 200) return read_answer(x, a);
    if (question.binary) server_learn(x->base, BINARY_UNKNOWN);
    return refused(x, a);
}

static exchange exchange_for(ez_ui *ui, const char *base, const char *token, double seconds)
{
    return (exchange){ .ui = ui, .base = base, .token = token, .until_ms = clock_ms() + (int64_t)((seconds < LONGEST_S ? seconds : LONGEST_S) * 1000) };
}

bool ez_infer_put(ez_ui *ui, const ez_infer_args *a)
{
    run *r = ui->run;
    const char *base = base_of(r->arena, a->server);
    ez_err err = { 0 };
    run_at_copy(r, &a->call);
    if (!base) return infer_fails(ui, a, EZ_FAILED, "\"%s\" is no address of an inference server; give one such as http://localhost:8080", a->server ? a->server : "");
    if (!a->model || !*a->model) return infer_fails(ui, a, EZ_FAILED, "ez_infer was given no model of %s", base);
    if (!ez_running(ui)) return infer_fails(ui, a, EZ_STOPPED, "the question to the model %s on %s was stopped", a->model, base);
    int64_t rest = server_rests(base);
    if (rest) return infer_fails(ui, a, EZ_FAILED, "the inference server %s failed again and again; it is asked again in %d s", base, (int)(rest / 1000) + 1);
    exchange x = exchange_for(ui, base, a->token, a->timeout > 0 ? (double)a->timeout : TIMEOUT_S);
    x.lib = curl_open("a model on an inference server", &err);
    if (!x.lib) return infer_fails(ui, a, err.code, "%s", err.text);
    run_wait_begin(r);
    bool good = infer(&x, a);
    run_wait_end(r);
    text_done(&x.got);
    return good;
}

/* Some servers say it in the status, some in the body. */
static bool says_ready(const exchange *x)
{
    cJSON *o = x->got.count ? cJSON_ParseWithLength(x->got.at, x->got.count) : NULL;
    bool ready = x->code == CURLE_OK && x->status == 200 && !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(o, "ready"));
    cJSON_Delete(o);
    return ready;
}

bool ez_infer_ready(ez_ui *ui, const char *server, const char *model)
{
    run *r = ui->run;
    const char *base = base_of(r->arena, server);
    exchange x = exchange_for(ui, base, NULL, ASIDE_S);
    ez_err err = { 0 };
    if (!base || !ez_running(ui)) return false;
    x.lib = curl_open("a model on an inference server", &err);
    if (!x.lib) {
        log_warn("page", "%s", err.text);
        return false;
    }
    run_wait_begin(r);
    exchange_once(&x, model && *model ? model_path(r->arena, model, NULL, "/ready") : "/v2/health/ready", NULL);
    run_wait_end(r);
    bool ready = says_ready(&x);
    text_done(&x.got);
    return ready;
}
