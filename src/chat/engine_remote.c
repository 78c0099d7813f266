/* engine_remote.c: a model that another server has: any that speaks OpenAI's API, another Easel among them. The engine asks it in place of llama.cpp, and workers do not
 * notice: an answer still belongs to the engine, grows byte by byte, waits for its turn, and goes on when its worker dies.
 *
 * What fails before the first word is asked again, up to three times, later each time and never by all at the same moment. After five questions that failed in a row the
 * server is left alone for a while (net/curl.h), and who asks meanwhile is told so at once. What it would answer again in the same words may be kept (remote_cache.h). */
/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/engine_remote.h"
#include "net/curl.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SILENT_S = 120,                            /* a server that evaluates a long prompt says nothing for a while */
    LINES = 65,                                /* one for each place, and one that asks which models there are */
};

/* One request, or the wait for the next try. */
typedef struct line {
    engine  *of;
    answer  *a;                                /* NULL: it asks for the models */
    CURL    *easy;                             /* NULL: it waits, or is free */
    struct curl_slist *headers;
    text     body;                             /* what is sent */
    bool     repeats;                          /* the answer is to be kept for who asks the same */
    unsigned char question[32];                /* …then: what was asked */
    remote_reader in;
    int      tries;
    int64_t  again_ms;                         /* when it is asked again; 0: not */
} line;

struct remote {
    const curl_lib *lib;
    CURLM   *multi;
    char    *base, *model, *key;               /* https://host/v1; the name that it knows the model by; NULL */
    line     lines[LINES];                     /* the last one is for the models */
    breaker  breaker;
    remote_cache cache;
};

/* ---- requests ----------------------------------------------------------------------------------------------------------------------- */

static void hang_up(line *l)
{
    struct remote *r = l->of->remote;
    if (l->easy) {
        r->lib->multi_remove_handle(r->multi, l->easy);
        r->lib->easy_cleanup(l->easy);
        l->easy = NULL;
    }
    if (l->headers) r->lib->slist_free_all(l->headers);
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
    int after = curl_retry_after(at, count);
    if (after >= 0) l->in.after_s = after;
    if (!plain_compare_n(small, "HTTP/", 5)) {
        const char *status = strchr(small, ' ');
        l->in.status = status ? atoi(status) : 0;
    }
    return count;
}

static void dial(line *l, const char *path)
{
    struct remote *r = l->of->remote;
    const curl_lib *c = r->lib;
    text url = { 0 }, secret = { 0 };
    hang_up(l);
    text_printf(&url, "%s%s", r->base, path);
    l->easy = c->easy_init();
    l->again_ms = 0;
    l->headers = c->slist_append(NULL, "Content-Type: application/json");
    l->headers = c->slist_append(l->headers, "Expect:");               /* else a question with pictures waits for a word that many servers never say */
    if (r->key) {
        text_printf(&secret, "Authorization: Bearer %s", r->key);
        l->headers = c->slist_append(l->headers, secret.at);
    }
    c->easy_setopt(l->easy, CURLOPT_URL, url.at);
    c->easy_setopt(l->easy, CURLOPT_HTTPHEADER, l->headers);
    c->easy_setopt(l->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    c->easy_setopt(l->easy, CURLOPT_NOSIGNAL, 1L);
    c->easy_setopt(l->easy, CURLOPT_CONNECTTIMEOUT, (long)CURL_CONNECT_S);
    c->easy_setopt(l->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    c->easy_setopt(l->easy, CURLOPT_LOW_SPEED_TIME, (long)(l->a ? SILENT_S : CURL_CONNECT_S));
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
    else if (in->wrong) snprintf(out, room, "the model server %s %s%s%.300s", r->base, in->refused ? "refused the question" : "broke off", in->words.count ? ": " : "", in->words.count ? in->words.at : "");
    else if (code != CURLE_OK) snprintf(out, room, "the model server %s does not answer: %s", r->base, r->lib->easy_strerror(code));
    else snprintf(out, room, "the model server %s broke off in the middle of the answer", r->base);
}

static bool may_again(const line *l, CURLcode code)
{
    int status = l->in.status;
    bool spoke = l->a->out.count || l->a->rest.count;
    return !spoke && l->tries + 1 < CURL_TRIES && !l->in.bad && !l->in.refused && (l->in.wrong || status == 429 || status >= 500 || (code != CURLE_OK && !status));
}

static void ask_again(line *l)
{
    int64_t wait = curl_pause(l->tries++, l->in.after_s);
    hang_up(l);
    l->again_ms = clock_ms() + wait;
}

static void ended_well(engine *e, line *l)
{
    answer *a = l->a;
    remote_kept made = { .length = l->in.length, .tokens = a->generated, .prompt_tokens = l->in.prompt_tokens, .made_ms = clock_ms() };
    bool repeats = l->repeats;
    memcpy(made.question, l->question, sizeof made.question);
    leave(e, l);
    engine_end(e, a, made.length ? WIRE_END_LENGTH : WIRE_END_DONE, EZ_OK, "%s", "");
    made.words = a->out.at, made.count = a->out.count;
    if (repeats) remote_cache_keep(&e->remote->cache, &made);
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
        breaker_worked(&r->breaker);
        ended_well(e, l);
    } else if (may_again(l, code)) {
        ask_again(l);
    } else {
        bool refused = l->in.refused || (l->in.status >= 400 && l->in.status < 500 && l->in.status != 429);
        say_why(l, code, why, sizeof why);
        if (!refused) breaker_failed(&r->breaker, "engine", r->base);
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
    r->cache = (remote_cache){ .most = e->o.kept_answers, .ttl_ms = e->o.kept_ms };
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
    if (!r->multi && (r->lib = curl_open("a model on another server", &err)) != NULL) r->multi = r->lib->multi_init();
    if (!r->multi) not_ready(e, err.code, err.text);
    else dial(&r->lines[LINES - 1], "/models");
}

/* It was asked before, and the model would say the same. */
static void give_again(engine *e, answer *a, const remote_kept *kept)
{
    a->placed_ns = a->first_ns = clock_ns();
    a->begun = a->recalled = true;
    a->started.prompt = a->started.reused = kept->prompt_tokens;
    a->generated = kept->tokens;
    text_add(&a->out, kept->words, kept->count);
    e->counts.cache_hits++;
    engine_end(e, a, kept->length ? WIRE_END_LENGTH : WIRE_END_DONE, EZ_OK, "%s", "");
}

/* Whether the answer was found in the cache; else *question is what it is to be kept for. */
static bool known(engine *e, answer *a, const text *body, unsigned char question[32])
{
    sha256(body->at, body->count, question);
    const remote_kept *kept = remote_cache_find(&e->remote->cache, question, clock_ms());
    if (kept) give_again(e, a, kept);
    else e->counts.cache_misses++;
    return kept != NULL;
}

static void ask_server(engine *e, answer *a, text *body, const unsigned char *question)
{
    struct remote *r = e->remote;
    int i = 0;
    while (e->places[i].answer) i++;
    line *l = &r->lines[i];
    e->places[i].answer = l->a = a;
    a->state = ANSWER_RUNS;
    a->placed_ns = clock_ns();
    l->body = *body;
    *body = (text){ 0 };
    l->repeats = question != NULL;
    if (question) memcpy(l->question, question, sizeof l->question);
    dial(l, "/chat/completions");
}

static void take_question(engine *e, answer *a)
{
    struct remote *r = e->remote;
    bool repeats = remote_cache_takes(&r->cache, &a->ask.sampling);
    unsigned char question[32] = { 0 };
    ez_err err = { 0 };
    text body = { 0 };
    int64_t rest = breaker_rests(&r->breaker);
    if (a->ask.form != WIRE_CHAT)
        engine_end(e, a, WIRE_END_REFUSED, EZ_FAILED, "the model server %s is asked for conversations only; ask it for other things directly", r->base);
    else if (!remote_write(&a->ask, r->model, &body, &err))
        engine_end(e, a, WIRE_END_REFUSED, err.code, "%s", err.text);
    else if (repeats && known(e, a, &body, question))
        log_debug("engine", "an answer of %s was given again", r->model);
    else if (rest > 0)
        engine_end(e, a, WIRE_END_FAILED, EZ_FAILED, "the model server %s failed again and again; it is asked again in %d s", r->base, (int)(rest / 1000) + 1);
    else
        ask_server(e, a, &body, repeats ? question : NULL);
    text_done(&body);
}

void remote_take(engine *e)
{
    while (e->state == WIRE_READY && e->queue.count && engine_busy(e) < e->o.places) {
        answer *a = e->queue.at[0];
        list_remove(&e->queue, 0);
        take_question(e, a);
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
    r->lib->multi_poll(r->multi, wait, (unsigned)used, ms < 0 ? 3600000 : ms, &ready);
    return poll(at, (nfds_t)count, 0);         /* curl does not say that the other end is gone */
}

void remote_work(engine *e)
{
    struct remote *r = e->remote;
    int running, left;
    if (!r->multi) return;
    for (int i = 0; i < LINES; i++)
        if (r->lines[i].again_ms && clock_ms() >= r->lines[i].again_ms) dial(&r->lines[i], "/chat/completions");
    r->lib->multi_perform(r->multi, &running);
    for (CURLMsg *m; (m = r->lib->multi_info_read(r->multi, &left)) != NULL;) {
        line *l = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE) continue;
        r->lib->easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&l);
        if (l->a) answered(e, l, code);
        else models_told(e, l, code);
    }
}

void remote_close(engine *e)
{
    struct remote *r = e->remote;
    for (int i = 0; i < LINES; i++) line_free(&r->lines[i]);
    for (int i = 0; i < e->o.places; i++) e->places[i].answer = NULL;
    if (r->multi) r->lib->multi_cleanup(r->multi);
    remote_cache_done(&r->cache);
    mem_free(r->base), mem_free(r->model), mem_free(r->key);
    mem_free(r);
    e->remote = NULL;
}
