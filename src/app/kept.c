/* kept.c: calls in the store: written, found, and taken up from a process that is gone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/kept.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DEATHS_MOST = 3, EXPIRE_MS = 60000, JOBS_MOST = 10000 };
static const int64_t JOBS_BYTES = 256 << 20;

struct kept {
    char    owner[48];                         /* this process */
    map     guilty;                            /* hash of a call's name -> the words of its crash */
    bool    asked, foreign;                    /* what had not ended was looked for; other processes work on some of it */
    int64_t expired_ms;
};

/* ---- processes ------------------------------------------------------------------------------------------------------------------- */

/* "pid.start", which no other process has while the machine runs. False: there is none. */
static bool name_process(int pid, char *out, size_t room)
{
    char path[40], line[1024];
    unsigned long long start;
    char state;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    size_t count = f ? fread(line, 1, sizeof line - 1, f) : 0;
    if (f) fclose(f);
    line[count] = 0;
    const char *after = strrchr(line, ')');    /* the name before it may hold anything */
    if (!after || sscanf(after, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &start) != 2 || state == 'Z' || state == 'X')
        return false;
    snprintf(out, room, "%d.%llu", pid, start);
    return true;
}

static bool lives(const char *owner)
{
    char name[48];
    int pid;
    return sscanf(owner, "%d.", &pid) == 1 && pid > 0 && name_process(pid, name, sizeof name) && !strcmp(name, owner);
}

/* ---- writing --------------------------------------------------------------------------------------------------------------------- */

typedef struct saving { hub *hub; char id[TOKEN_CHARS + 1]; bool over; } saving;

static void on_saved(void *data, store_result result, const char *error)
{
    saving *s = data;
    call *c = call_with_id(s->hub, s->id);
    if (result == STORE_FAILED)
        log_error("app", "a call of %s could not be saved: %s; it goes on without", c ? c->fn->name : "a function", error ? error : "unknown reason");
    if (c) {
        c->saving--;
        call_saved(c, result, s->over);
    }
    mem_free(s);
}

static void save(call *c, const char *owner, const char *owner_before)
{
    text answer = { 0 };
    saving *s = mem_alloc(sizeof *s);
    *s = (saving){ .hub = c->hub, .over = c->over };
    snprintf(s->id, sizeof s->id, "%s", c->id);
    if (c->over && c->ending == CALL_DONE) text_add(&answer, c->output.at, c->output.count);
    else if (c->over) api_problem_write(&c->problem, &answer);
    if (c->over && !c->ended_wall_ms)
        c->ended_wall_ms = wall_ms();
    c->saving++;
    c->saved_ms = clock_ms();
    store_job_save(hub_store(c->hub), &(store_job){ .id = c->id, .function = c->fn->name, .peer = c->peer, .inputs = c->inputs, .key = c->key, .body = c->body,
                                                     .asked_ms = c->asked_wall_ms, .ended_ms = c->ended_wall_ms, .state = c->over ? (int)c->ending : (int)c->state,
                                                     .deaths = c->deaths, .progress = c->progress, .words = c->words, .answer = answer.at, .owner = owner },
                   owner_before, on_saved, s);
    text_done(&answer);
}

void kept_save(call *c)
{
    save(c, c->hub->kept->owner, c->owner_before);
    mem_free(c->owner_before);
    c->owner_before = NULL;
}

void kept_hand_on(call *c) { save(c, "", c->hub->kept->owner); }

/* ---- taking up --------------------------------------------------------------------------------------------------------------------- */

static void say_ended(const hub *h, bool began, text *out)
{
    char how[128] = "ended";
    if (h->app->notes && h->app->notes->ended) crash_ending(h->app->notes->ended, how, sizeof how);
    text_printf(out, "the program %s while it %s; its function does not say that it may be run again (.rerunnable), so call again yourself if that is right", how, began ? "ran" : "waited");
}

static void take_up(hub *h, const store_job *row)
{
    call *c = call_of_row(h, row);
    const char *guilty = map_get(&h->kept->guilty, hash_text(row->id));
    bool began = row->state != CALL_QUEUED, handed_on = !*row->owner;
    text detail = { 0 };
    c->owner_before = mem_text(row->owner);
    if (c->over) {                             /* its function, or the inputs that it takes, have gone with the build of before */
        kept_save(c);
    } else if (guilty) {
        call_fail(c, 502, "The function crashed", guilty);
    } else if (!handed_on && !c->fn->rerunnable) {
        say_ended(h, began, &detail);
        call_fail(c, 503, "The program ended", detail.at);
    } else if ((c->deaths += began && !handed_on) >= DEATHS_MOST) {
        text_printf(&detail, "the program ended %d times while it ran, so it is not tried again", c->deaths);
        call_fail(c, 502, "The function ended the program", detail.at);
    } else {
        kept_save(c);                          /* from then on it is ours, and begins */
    }
    text_done(&detail);
}

static void on_open(void *data, const store_job *rows, int count)
{
    hub *h = data;
    h->kept->foreign = count < 0;
    for (int i = 0; i < count && !h->stopping; i++) {
        if (call_with_id(h, rows[i].id))
            continue;
        if (lives(rows[i].owner)) h->kept->foreign = true;     /* a worker that is about to hand over */
        else take_up(h, &rows[i]);
    }
}

void kept_resume(hub *h)
{
    h->kept->asked = true;
    store_jobs(hub_store(h), NULL, 0, on_open, h);
}

void kept_sweep(hub *h)
{
    if (h->kept->foreign && !h->stopping)
        kept_resume(h);
    if (clock_ms() - h->kept->expired_ms < EXPIRE_MS)
        return;
    h->kept->expired_ms = clock_ms();
    store_jobs_expire(hub_store(h), wall_ms() - h->app->options.job_ttl_ms, JOBS_MOST, JOBS_BYTES);
}

/* ---- finding ------------------------------------------------------------------------------------------------------------------------ */

typedef struct finding { hub *hub; char id[TOKEN_CHARS + 1]; uint64_t key; kept_found *found; void *data; } finding;

static call *in_memory(hub *h, const char *id, uint64_t key) { return key ? call_named(h, key) : call_with_id(h, id); }

/* It may still be in memory, or wait in the store to be deleted. */
static bool too_old(const hub *h, int64_t ended_ms) { return ended_ms && wall_ms() - ended_ms > h->app->options.job_ttl_ms; }

static void on_found(void *data, const store_job *rows, int count)
{
    finding *f = data;
    call *c = in_memory(f->hub, f->id, f->key);            /* it may have come meanwhile */
    bool there = count > 0 && !too_old(f->hub, rows[0].ended_ms);
    if (!c && there)
        c = call_with_id(f->hub, rows[0].id);
    if (!c && there && rows[0].ended_ms)
        c = call_of_row(f->hub, &rows[0]);
    f->found(f->data, c, !c && (there || count < 0));
    mem_free(f);
}

void kept_find(hub *h, const char *id, uint64_t key, kept_found *found, void *data)
{
    call *c = in_memory(h, id ? id : "", key);
    if (c || (!key && !token_valid(id))) {
        found(data, c && !too_old(h, c->ended_wall_ms) ? c : NULL, false);
        return;
    }
    finding *f = mem_alloc(sizeof *f);
    *f = (finding){ .hub = h, .key = key, .found = found, .data = data };
    snprintf(f->id, sizeof f->id, "%s", id ? id : "");
    if (!h->kept->asked)                       /* first what is to go on */
        kept_resume(h);
    store_jobs(hub_store(h), key ? NULL : id, key, on_found, f);
}

/* ---- the process ---------------------------------------------------------------------------------------------------------------------- */

/* Notes name the calls that were at work when the process died of their own doing, or once too often. */
static void note_guilty(struct kept *k, const crash *of)
{
    char *names = mem_text(of->of->events), *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        char *words = mem_copy(of->words, strcspn(of->words, "\n") + 1);
        words[strcspn(of->words, "\n")] = 0;
        mem_free(map_remove(&k->guilty, hash_text(name)));
        map_put(&k->guilty, hash_text(name), words);
    }
    mem_free(names);
}

void kept_prepare(hub *h)
{
    struct kept *k = h->kept = mem_alloc(sizeof *k);
    if (!name_process(getpid(), k->owner, sizeof k->owner)) {
        char token[TOKEN_CHARS + 1];
        token_new(token);
        snprintf(k->owner, sizeof k->owner, "0.%s", token);
    }
    for (int i = 0; i < h->crashes.list.count; i++)
        if (calls_own(h->crashes.list.at[i].of->session)) note_guilty(k, &h->crashes.list.at[i]);
}

void kept_done(hub *h)
{
    int at = 0;
    void *words;
    while (map_next(&h->kept->guilty, &at, NULL, &words)) mem_free(words);
    map_done(&h->kept->guilty);
    mem_free(h->kept);
}
