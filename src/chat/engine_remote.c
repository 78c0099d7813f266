/* engine_remote.c: a model that another server has: any that speaks OpenAI's API, another Easel among them. The engine asks it in place of llama.cpp, and workers do not
 * notice: an answer still belongs to the engine, grows byte by byte, waits for its turn, and goes on when its worker dies.
 *
 * What fails before the first word is asked again, up to TRIES times, later each time and never by all at the same moment. After BREAKS questions that failed in a row the
 * server is left alone for a while, and who asks meanwhile is told so at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIES = 3, AGAIN_MS = 500, AGAIN_MOST_S = 30, BREAKS = 5, REST_MS = 15000,
    CONNECT_S = 5, SILENT_S = 120,             /* a server that evaluates a long prompt says nothing for a while */
    LINES = 65,                                /* one for each place, and one that asks which models there are */
};

typedef struct curl_lib {
    CURLcode (*global_init)(long flags);
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *easy, CURLoption option, ...);
    CURLcode (*easy_getinfo)(CURL *easy, CURLINFO info, ...);
    void (*easy_cleanup)(CURL *easy);
    const char *(*easy_strerror)(CURLcode code);
    struct curl_slist *(*slist_append)(struct curl_slist *list, const char *line);
    void (*slist_free_all)(struct curl_slist *list);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_add_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_remove_handle)(CURLM *multi, CURL *easy);
    CURLMcode (*multi_perform)(CURLM *multi, int *running);
    CURLMsg *(*multi_info_read)(CURLM *multi, int *left);
    CURLMcode (*multi_poll)(CURLM *multi, struct curl_waitfd *more, unsigned count, int ms, int *ready);
    CURLMcode (*multi_cleanup)(CURLM *multi);
} curl_lib;

/* One request, or the wait for the next try. */
typedef struct line {
    engine  *of;
    answer  *a;                                /* NULL: it asks for the models */
    CURL    *easy;                             /* NULL: it waits, or is free */
    struct curl_slist *headers;
    text     body;                             /* what is sent */
    remote_reader in;
    int      tries;
    int64_t  again_ms;                         /* when it is asked again; 0: not */
} line;

struct remote {
    curl_lib lib;
    CURLM   *multi;
    char    *base, *model, *key;               /* https://host/v1; the name that it knows the model by; NULL */
    line     lines[LINES];                     /* the last one is for the models */
    int      failed;                           /* questions in a row */
    int64_t  rests_ms;                         /* until then nobody is asked */
};

/* ---- the library ------------------------------------------------------------------------------------------------------------------ */

static bool open_curl(curl_lib *lib, ez_err *err)
{
    const library_function all[] = {
        { &lib->global_init, "curl_global_init" }, { &lib->easy_init, "curl_easy_init" }, { &lib->easy_setopt, "curl_easy_setopt" }, { &lib->easy_getinfo, "curl_easy_getinfo" },
        { &lib->easy_cleanup, "curl_easy_cleanup" }, { &lib->easy_strerror, "curl_easy_strerror" }, { &lib->slist_append, "curl_slist_append" }, { &lib->slist_free_all, "curl_slist_free_all" },
        { &lib->multi_init, "curl_multi_init" }, { &lib->multi_add_handle, "curl_multi_add_handle" }, { &lib->multi_remove_handle, "curl_multi_remove_handle" },
        { &lib->multi_perform, "curl_multi_perform" }, { &lib->multi_info_read, "curl_multi_info_read" }, { &lib->multi_poll, "curl_multi_poll" }, { &lib->multi_cleanup, "curl_multi_cleanup" },
    };
    if (!library_open("libcurl.so.4", all, COUNT(all)))
        return error_set(err, EZ_MISSING, "a model on another server needs libcurl.so.4, which is not on this machine; install it: apt-get install libcurl4");
    return lib->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK || error_set(err, EZ_FAILED, "libcurl cannot be used");
}

/* ---- requests ----------------------------------------------------------------------------------------------------------------------- */

static void hang_up(line *l)
{
    struct remote *r = l->of->remote;
    if (l->easy) {
        r->lib.multi_remove_handle(r->multi, l->easy);
        r->lib.easy_cleanup(l->easy);
        l->easy = NULL;
    }
    if (l->headers) r->lib.slist_free_all(l->headers);
    l->headers = NULL;
    remote_reader_done(&l->in);
    l->in = (remote_reader){ 0 };
}

static void line_free(line *l)
{
    hang_up(l);
    text_done(&l->body);
    *l = (line){ .of = l->of };
}

static void on_piece(void *data, const char *at, size_t count)
{
    answer *a = ((line *)data)->a;
    if (!a->first_ns) a->first_ns = clock_ns();
    a->begun = true;
    a->generated++;
    text_add(&a->rest, at, count);
    engine_speak(a, false);
}

static size_t on_bytes(char *at, size_t size, size_t count, void *data)
{
    line *l = data;
    (void)size;
    return remote_read(&l->in, at, count, on_piece, l) ? count : 0;
}

static size_t on_header(char *at, size_t size, size_t count, void *data)
{
    line *l = data;
    char small[200];
    (void)size;
    snprintf(small, sizeof small, "%.*s", (int)(count < sizeof small ? count : sizeof small - 1), at);
    if (!plain_compare_n(small, "content-type:", 13)) l->in.events = strstr(small, "text/event-stream") != NULL;
    if (!plain_compare_n(small, "retry-after:", 12)) l->in.after_s = atoi(small + 12);
    if (!plain_compare_n(small, "HTTP/", 5)) {
        const char *status = strchr(small, ' ');
        l->in.status = status ? atoi(status) : 0;
    }
    return count;
}

static void dial(line *l, const char *path)
{
    struct remote *r = l->of->remote;
    const curl_lib *c = &r->lib;
    text url = { 0 }, secret = { 0 };
    hang_up(l);
    text_printf(&url, "%s%s", r->base, path);
    l->easy = c->easy_init();
    l->again_ms = 0;
    l->headers = c->slist_append(NULL, "Content-Type: application/json");
    if (r->key) {
        text_printf(&secret, "Authorization: Bearer %s", r->key);
        l->headers = c->slist_append(l->headers, secret.at);
    }
    c->easy_setopt(l->easy, CURLOPT_URL, url.at);
    c->easy_setopt(l->easy, CURLOPT_HTTPHEADER, l->headers);
    c->easy_setopt(l->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    c->easy_setopt(l->easy, CURLOPT_NOSIGNAL, 1L);
    c->easy_setopt(l->easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    c->easy_setopt(l->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    c->easy_setopt(l->easy, CURLOPT_LOW_SPEED_TIME, (long)(l->a ? SILENT_S : CONNECT_S));
    c->easy_setopt(l->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    c->easy_setopt(l->easy, CURLOPT_WRITEDATA, l);
    c->easy_setopt(l->easy, CURLOPT_HEADERFUNCTION, on_header);
    c->easy_setopt(l->easy, CURLOPT_HEADERDATA, l);
    c->easy_setopt(l->easy, CURLOPT_PRIVATE, l);
    if (l->a) c->easy_setopt(l->easy, CURLOPT_POSTFIELDS, l->body.at);
    c->multi_add_handle(r->multi, l->easy);
    text_done(&url);
    text_done(&secret);
}

/* Members that servers of the plain API do not know are sent only when they say something. */
static void write_question(const struct remote *r, const answer *a, text *out)
{
    const wire_sampling *s = &a->ask.sampling;
    json j = json_to(out);
    j.wire = true;
    json_object(&j);
    json_key(&j, "model"), json_text(&j, r->model);
    json_key(&j, "stream"), json_bool(&j, true);
    json_key(&j, "stream_options"), json_object(&j);
    json_key(&j, "include_usage"), json_bool(&j, true);
    json_object_end(&j);
    json_key(&j, "messages"), json_array(&j);
    for (int i = 0; i < a->ask.count; i++) {
        json_object(&j);
        json_key(&j, "role"), json_text(&j, a->ask.turns[i].role);
        json_key(&j, "content"), json_text(&j, a->ask.turns[i].text);
        json_object_end(&j);
    }
    json_array_end(&j);
    if (a->ask.max_tokens > 0) json_key(&j, "max_tokens"), json_int(&j, a->ask.max_tokens);
    if (s->given) json_key(&j, "temperature"), json_number(&j, s->temperature);
    if (s->given && s->top_p > 0) json_key(&j, "top_p"), json_number(&j, s->top_p);
    if (s->given && s->min_p > 0) json_key(&j, "min_p"), json_number(&j, s->min_p);
    if (s->given && s->top_k > 0) json_key(&j, "top_k"), json_int(&j, s->top_k);
    if (s->given && s->seed) json_key(&j, "seed"), json_int(&j, s->seed);
    if (s->grammar && *s->grammar) json_key(&j, "grammar"), json_text(&j, s->grammar);
    json_object_end(&j);
}

/* ---- its end --------------------------------------------------------------------------------------------------------------------------- */

static void leave(engine *e, line *l)
{
    for (int i = 0; i < e->o.places; i++)
        if (e->places[i].answer == l->a) e->places[i].answer = NULL;
    line_free(l);
}

/* What went wrong, as a sentence. */
static void say_why(const line *l, CURLcode code, char *out, size_t room)
{
    const struct remote *r = l->of->remote;
    const remote_reader *in = &l->in;
    if (in->bad) snprintf(out, room, "the model server %s answered what is no answer of a model", r->base);
    else if (in->status >= 400) snprintf(out, room, "the model server %s answered %d%s%.300s%s", r->base, in->status, in->words.count ? ": " : "", in->words.count ? in->words.at : "",
                                         in->status == 401 || in->status == 403 ? "; give the key that it wants in EASEL_MODEL_KEY" : "");
    else if (in->wrong) snprintf(out, room, "the model server %s broke off%s%.300s", r->base, in->words.count ? ": " : "", in->words.count ? in->words.at : "");
    else if (code != CURLE_OK) snprintf(out, room, "the model server %s does not answer: %s", r->base, r->lib.easy_strerror(code));
    else snprintf(out, room, "the model server %s broke off in the middle of the answer", r->base);
}

static bool may_again(const line *l, CURLcode code)
{
    int status = l->in.status;
    bool spoke = l->a->out.count || l->a->rest.count;
    return !spoke && l->tries + 1 < TRIES && !l->in.bad && (l->in.wrong || status == 429 || status >= 500 || (code != CURLE_OK && !status));
}

static void ask_again(line *l)
{
    int64_t wait = (int64_t)AGAIN_MS << l->tries, after = l->in.after_s > AGAIN_MOST_S ? AGAIN_MOST_S : l->in.after_s;
    l->tries++;
    wait += (int64_t)(random_u64() % (uint64_t)wait);      /* not all at the same moment */
    if (after * 1000 > wait) wait = after * 1000;
    hang_up(l);
    l->again_ms = clock_ms() + wait;
}

static void count_failure(struct remote *r)
{
    if (++r->failed < BREAKS) return;
    r->rests_ms = clock_ms() + REST_MS;
    r->failed = BREAKS - 1;                    /* the next one that fails makes it rest again */
    log_warn("engine", "the model server %s failed %d times in a row; it is left alone for %d s", r->base, BREAKS, REST_MS / 1000);
}

static void answered(engine *e, line *l, CURLcode code)
{
    struct remote *r = e->remote;
    answer *a = l->a;
    char why[500];
    remote_finish(&l->in, on_piece, l);
    if (code == CURLE_OK && l->in.ended && l->in.status == 200 && !l->in.wrong) {
        if (l->in.tokens > 0) a->generated = l->in.tokens;
        a->started.prompt = l->in.prompt_tokens;
        a->begun = true;
        r->failed = 0;
        wire_end how = l->in.length ? WIRE_END_LENGTH : WIRE_END_DONE;
        leave(e, l);
        engine_end(e, a, how, EZ_OK, "%s", "");
    } else if (may_again(l, code)) {
        ask_again(l);
    } else {
        bool refused = l->in.status >= 400 && l->in.status < 500 && l->in.status != 429;
        say_why(l, code, why, sizeof why);
        if (!refused) count_failure(r);
        leave(e, l);
        engine_end(e, a, refused ? WIRE_END_REFUSED : WIRE_END_FAILED, EZ_FAILED, "%s", why);
    }
}

/* ---- which model -------------------------------------------------------------------------------------------------------------------------- */

static void is_ready(engine *e)
{
    struct remote *r = e->remote;
    snprintf(e->name, sizeof e->name, "%s", r->model);
    snprintf(e->description, sizeof e->description, "served by %.200s", r->base);
    e->state = WIRE_READY;
    e->error = (ez_err){ 0 };
    e->n_ctx = e->o.n_ctx;
    e->load_ms = (int)((clock_ns() - e->task.started_ns) / 1000000);
    e->idle_since_ms = clock_ms();
    log_info("engine", "%s is ready after %d ms: %s", e->name, e->load_ms, e->description);
}

static void not_ready(engine *e, ez_err_code code, const char *why)
{
    error_set(&e->error, code, "%s", why);
    e->state = WIRE_FAILED;
    e->failed_ms = clock_ms();
    log_error("engine", "%s", e->error.text);
}

/* The one that was asked for by name, else the first. A server that tells no models is asked by name alone. */
static void models_told(engine *e, line *l, CURLcode code)
{
    struct remote *r = e->remote;
    char why[500];
    if (code == CURLE_OK && l->in.status == 200 && !r->model) {
        cJSON *o = cJSON_ParseWithLength(l->in.bytes.at ? l->in.bytes.at : "", l->in.bytes.count);
        const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "data"), 0), "id"));
        r->model = mem_text(id);
        cJSON_Delete(o);
        if (!r->model) l->in.bad = true;
    }
    if (r->model && code == CURLE_OK && (l->in.status == 200 || l->in.status == 404)) {
        is_ready(e);
    } else {
        remote_finish(&l->in, NULL, NULL);
        say_why(l, code, why, sizeof why);
        not_ready(e, l->in.bad ? EZ_BROKEN : EZ_MISSING, why);
    }
    line_free(l);
}

/* ---- the engine's side ------------------------------------------------------------------------------------------------------------------- */

bool remote_is(const char *model) { return model && (!strncmp(model, "http://", 7) || !strncmp(model, "https://", 8)); }

void remote_open(engine *e)
{
    struct remote *r = e->remote = mem_alloc(sizeof *r);
    const char *hash = strchr(e->o.model, '#'), *key = getenv("EASEL_MODEL_KEY");
    text base = { 0 };
    text_add(&base, e->o.model, hash ? (size_t)(hash - e->o.model) : strlen(e->o.model));
    while (base.count && base.at[base.count - 1] == '/') base.at[--base.count] = 0;
    if (!strchr(strstr(base.at, "//") + 2, '/')) text_puts(&base, "/v1");
    r->base = text_take(&base);
    r->model = hash && hash[1] ? mem_text(hash + 1) : NULL;
    r->key = key && *key ? mem_text(key) : NULL;
    for (int i = 0; i < LINES; i++) r->lines[i].of = e;
    e->streams = e->streams_max = e->streams_idle = e->o.places;
    e->system_done = true;
}

void remote_load(engine *e)
{
    struct remote *r = e->remote;
    ez_err err = { 0 };
    e->state = WIRE_LOADING;
    e->error = (ez_err){ 0 };
    e->task.started_ns = clock_ns();
    if (!r->multi && open_curl(&r->lib, &err)) r->multi = r->lib.multi_init();
    if (!r->multi) not_ready(e, err.code, err.text);
    else dial(&r->lines[LINES - 1], "/models");
}

void remote_take(engine *e)
{
    struct remote *r = e->remote;
    while (e->state == WIRE_READY && e->queue.count && engine_busy(e) < e->o.places) {
        answer *a = e->queue.at[0];
        int64_t rest = r->rests_ms - clock_ms();
        list_remove(&e->queue, 0);
        if (a->ask.form != WIRE_CHAT) {
            engine_end(e, a, WIRE_END_REFUSED, EZ_FAILED, "the model server %s is asked for conversations only; ask it for other things directly", r->base);
            continue;
        }
        if (rest > 0) {
            engine_end(e, a, WIRE_END_FAILED, EZ_FAILED, "the model server %s failed again and again; it is asked again in %d s", r->base, (int)(rest / 1000) + 1);
            continue;
        }
        int i = 0;
        while (e->places[i].answer) i++;
        line *l = &r->lines[i];
        e->places[i].answer = l->a = a;
        a->state = ANSWER_RUNS;
        a->placed_ns = clock_ns();
        write_question(r, a, &l->body);
        dial(l, "/chat/completions");
    }
}

void remote_stop(engine *e, const answer *a)
{
    for (int i = 0; i < LINES; i++)
        if (e->remote->lines[i].a == a) leave(e, &e->remote->lines[i]);
}

int remote_poll(engine *e, struct pollfd *at, int count, int ms)
{
    struct remote *r = e->remote;
    struct curl_waitfd wait[2 + 64];
    int64_t now = clock_ms();
    int ready = 0, used = 0;
    if (!r->multi) return poll(at, (nfds_t)count, ms);
    for (int i = 0; i < count; i++)
        if (at[i].fd >= 0) wait[used++] = (struct curl_waitfd){ at[i].fd, (short)((at[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) | (at[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0)), 0 };
    for (int i = 0; i < LINES; i++)
        if (r->lines[i].again_ms) {
            int64_t left = r->lines[i].again_ms > now ? r->lines[i].again_ms - now : 0;
            if (ms < 0 || left < ms) ms = (int)left;
        }
    r->lib.multi_poll(r->multi, wait, (unsigned)used, ms < 0 ? 3600000 : ms, &ready);
    return poll(at, (nfds_t)count, 0);         /* curl does not say that the other end is gone */
}

void remote_work(engine *e)
{
    struct remote *r = e->remote;
    int running, left;
    if (!r->multi) return;
    for (int i = 0; i < LINES; i++)
        if (r->lines[i].again_ms && clock_ms() >= r->lines[i].again_ms) dial(&r->lines[i], "/chat/completions");
    r->lib.multi_perform(r->multi, &running);
    for (CURLMsg *m; (m = r->lib.multi_info_read(r->multi, &left)) != NULL;) {
        line *l = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE) continue;
        r->lib.easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&l);
        if (l->a) answered(e, l, code);
        else models_told(e, l, code);
    }
}

void remote_close(engine *e)
{
    struct remote *r = e->remote;
    for (int i = 0; i < LINES; i++) line_free(&r->lines[i]);
    for (int i = 0; i < e->o.places; i++) e->places[i].answer = NULL;
    if (r->multi) r->lib.multi_cleanup(r->multi);
    mem_free(r->base), mem_free(r->model), mem_free(r->key);
    mem_free(r);
    e->remote = NULL;
}
