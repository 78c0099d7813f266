/* session_fuzz.c: any order of visits, forged events, deaths, failed writes and answers: a session survives it, what it stores can be read back, and its page never sees a value outside its limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include "strict.h"
#include <stdio.h>

enum { HELD = 4, VIEWS = 4, STEPS = 200 };

/* What happens comes from the input, a byte for each choice; at its end all choices are 0. */
typedef struct world {
    const uint8_t *at;
    size_t   left;
    session *s;
    int64_t  now;
    uint32_t epoch;
    uint64_t requests, n[VIEWS], answer;
    LIST(run *) runs;
    LIST(action) jobs;                         /* only `run` and `job` */
    LIST(uint64_t) tickets;
    LIST(action_part) store;
} world;

static unsigned choose(world *w, unsigned of)
{
    if (!w->left) return 0;
    w->left--;
    return *w->at++ % of;
}

static void view_name(unsigned i, char out[TOKEN_CHARS + 1])
{
    memset(out, "VUW_"[i % VIEWS], TOKEN_CHARS);
    out[TOKEN_CHARS] = 0;
}

/* ---- what a session asks for ------------------------------------------------------------------------------------- */

static void store_put(world *w, action_part *p)
{
    for (int i = 0; i < w->store.count; i++)
        if (!strcmp(w->store.at[i].name, p->name)) {
            mem_free(w->store.at[i].name), mem_free(w->store.at[i].data);
            list_remove(&w->store, i);
            break;
        }
    if (p->data) *list_add(&w->store) = (action_part){ mem_text(p->name), mem_copy(p->data, p->count ? p->count : 1), p->count };
}

static void take(world *w, action *a)
{
    switch (a->kind) {
    case ACTION_SEND: strict_sent(a); break;
    case ACTION_RUN:  *list_add(&w->runs) = a->run; break;
    case ACTION_JOB:  *list_add(&w->jobs) = (action){ .run = a->run, .job = a->job }; break;
    case ACTION_ASK:
    case ACTION_ATTACH: w->answer = a->answer; break;
    case ACTION_SAVE:
        *list_add(&w->tickets) = a->ticket;
        for (int i = 0; i < a->parts.count; i++) store_put(w, &a->parts.at[i]);
        break;
    default: break;
    }
}

static void take_all(world *w, actions *out)
{
    for (int i = 0; i < out->list.count; i++) take(w, &out->list.at[i]);
    actions_done(out);
}

static void step(world *w, const message *m)
{
    actions out = { 0 };
    session_step(w->s, m, w->now, &out);
    take_all(w, &out);
}

static void run_one(world *w)
{
    if (!w->runs.count) return;
    run *r = w->runs.at[0];
    list_remove(&w->runs, 0);
    run_execute(r);
    step(w, &(message){ .kind = MESSAGE_RAN, .run = r });
}

static void job_one(world *w)
{
    if (!w->jobs.count) return;
    action j = w->jobs.at[0];
    bool refused = choose(w, 4) == 3;
    list_remove(&w->jobs, 0);
    step(w, &(message){ .kind = MESSAGE_JOB_WAITS, .job = j.job, .position = (int)choose(w, 3) });
    if (!refused) {
        run_execute(j.run);
        step(w, &(message){ .kind = MESSAGE_JOB_PUT, .job = j.job, .batch = run_take_batch(j.run) });
    }
    step(w, &(message){ .kind = MESSAGE_JOB_RAN, .job = j.job, .run = j.run, .refused = refused });
}

static void commit_one(world *w)
{
    if (!w->tickets.count) return;
    uint64_t ticket = w->tickets.at[0];
    unsigned how = choose(w, 16);
    list_remove(&w->tickets, 0);
    step(w, &(message){ .kind = MESSAGE_SAVED, .ticket = ticket, .saved = how == 15 ? 1 : how >= 12 ? 2 : 0 });
}

static void drop_work(world *w)
{
    for (int i = 0; i < w->runs.count; i++) run_free(w->runs.at[i]);
    for (int i = 0; i < w->jobs.count; i++) run_free(w->jobs.at[i].run);
    list_done(&w->runs);
    list_done(&w->jobs);
    list_done(&w->tickets);
}

/* The process dies, of an event or of nothing, and another one takes what is stored. */
static void restart(world *w)
{
    actions out = { 0 };
    char view[TOKEN_CHARS + 1];
    session_free(w->s);
    drop_work(w);
    w->s = session_new(&strict_program, "SSSSSSSSSSSSSSSSSSSSSS", "WWWWWWWWWWWWWWWWWWWWWW", ++w->epoch);
    for (int i = 0; i < w->store.count; i++) must(session_part(w->s, w->store.at[i].name, w->store.at[i].data, w->store.at[i].count));
    unsigned guilty = choose(w, 2 * VIEWS);
    view_name(guilty, view);
    if (guilty < VIEWS) {
        char events[80];
        snprintf(events, sizeof events, "%s.%d %s.%d", view, choose(w, 3), view, choose(w, 3));
        session_crashed(w->s, &(session_crash){ choose(w, 2) ? "/" : "/other", events, "It <crashed>.", choose(w, 2) });
    }
    session_loaded(w->s, w->now, &out);
    take_all(w, &out);
}

/* ---- what a stranger says ------------------------------------------------------------------------------------------ */

/* An element of some page of the session, or of none. */
static void put_id(world *w, text *t)
{
    char id[ID_CHARS + 1];
    unsigned which = choose(w, 64);
    uint64_t node = which == 63 ? tree_root_id() : which == 62 ? 12345 : 0;
    if (!node && w->s->pages.count) {
        const tree *page = w->s->pages.at[which % (unsigned)w->s->pages.count]->now;
        if (page && page->count) node = page->nodes[choose(w, 256) % (unsigned)page->count].id;
    }
    id_print(node, id);
    text_printf(t, which == 61 ? "null" : "\"%s\"", id);
}

static void put_value(world *w, text *t)
{
    static const char *const values[] = { "null", "7.5", "true", "\"Ada\"", "\"green\"", "\"\"", "3", "-3.5", "1e999", "-0", "\"much too long a name\"", "[]", "{\"a\":1}", "false", "[\"a\",\"b\"]",
        "4294967296", "-1.7976931348623157e308", "1e-320", "\"a\\u0000b\"", "\"\\u00e9\\ud83d\\ude00\\u2028<b>\"", "\"nan\"", "\"1e5\"", "1.7976931348623157e308", "\"hello\\nthere\"", "-1", "99999999999999999999" };
    text_puts(t, values[choose(w, COUNT(values))]);
}

static void put_n(world *w, text *t, unsigned view)
{
    static const char *const odd[] = { "0", "-1", "1", "2", "9007199254740991", "9007199254740992", "1e300", "1.5", "\"3\"", "null" };
    unsigned how = choose(w, 16);
    if (how < COUNT(odd)) text_puts(t, odd[how]);
    else if (how == 15) text_printf(t, "%llu", (unsigned long long)w->n[view] + 2);
    else text_printf(t, "%llu", (unsigned long long)++w->n[view]);
}

static void say(world *w, const char *view, const text *t)
{
    cJSON *o = cJSON_ParseWithLength(t->at, t->count);
    event_heard e = { 0 };
    if (cJSON_IsObject(o) && event_hear(&e, o, view, cJSON_HasObjectItem(o, "s"))) step(w, &e.message);
    event_heard_done(&e);
    cJSON_Delete(o);
}

static void speak(world *w)
{
    static const char *const types[] = { "click", "submit", "change", "stop", "rerun", "edit", "regenerate", "branch", "feedback", "copy", "", "a type that is longer than any" };
    char view[TOKEN_CHARS + 1], of[TOKEN_CHARS + 1];
    unsigned by = choose(w, VIEWS), made = choose(w, 2 * VIEWS);
    text t = { 0 };
    view_name(by, view), view_name(made, of);
    text_puts(&t, choose(w, 5) == 4 ? "{\"s\":1,\"n\":" : "{\"n\":");
    put_n(w, &t, made < VIEWS ? made : by);
    text_printf(&t, ",\"f\":%llu", choose(w, 8) == 7 ? 1ull << 60 : (unsigned long long)w->s->frame - choose(w, 3));
    if (made < VIEWS) text_printf(&t, ",\"of\":\"%s\"", of);
    unsigned values = choose(w, 4);
    for (unsigned i = 0; i < values; i++) {
        text_puts(&t, i ? ",[" : ",\"v\":[[");
        put_id(w, &t), text_putc(&t, ',');
        put_value(w, &t);
        text_printf(&t, ",%s]%s", choose(w, 8) == 7 ? "4294967295" : choose(w, 2) ? "1" : "2", i + 1 == values ? "]" : "");
    }
    if (choose(w, 2)) {
        text_puts(&t, ",\"x\":["), put_id(w, &t);
        text_printf(&t, ",\"%s\",", types[choose(w, COUNT(types))]);
        put_value(w, &t), text_putc(&t, ']');
    }
    text_putc(&t, '}');
    say(w, view, &t);
    text_done(&t);
}

static void greet(world *w, bool get)
{
    static const char *const paths[] = { "/", "/other", "/?x=1", "/?x=%e2%82%ac&x=2", "/?%", "/nowhere" };
    char view[TOKEN_CHARS + 1], json[200];
    view_name(choose(w, VIEWS), view);
    unsigned how = choose(w, 4), path = choose(w, get ? COUNT(paths) : COUNT(paths) - 1);
    snprintf(json, sizeof json, "{\"view\":\"%s\",\"session\":\"%s\",\"path\":\"%s\",\"epoch\":%d,\"frame\":%llu}", view, view, paths[path], how == 3 ? -1 : (int)w->epoch - (how == 2), (unsigned long long)w->s->frame - choose(w, 4));
    cJSON *o = cJSON_Parse(json);
    hello_heard h;
    must(hello_hear(&h, o));
    if (get) step(w, &(message){ .kind = MESSAGE_GET, .view = h.view, .path = h.path, .query = h.query, .request = ++w->requests });
    else step(w, &(message){ .kind = MESSAGE_HELLO, .view = h.view, .path = h.path, .query = h.query, .epoch = h.epoch, .frame = h.frame, .marks = h.marks, .mark_count = h.mark_count,
                      .again = h.wait, .fresh = how == 1 });
    cJSON_Delete(o);
}

/* ---- what else happens ------------------------------------------------------------------------------------------------ */

static void answer(world *w)
{
    static const char *const words[] = { "Hello ", "**bold", "\n\n- one\n", "```c\n<b>", "\xf0\x9f", "\x98\x80" };
    const char *said = words[choose(w, COUNT(words))];
    chat_message *m = NULL;
    chat_of(w->s, w->answer, &m);
    answer_news n = { .id = w->answer, .kind = (answer_kind)choose(w, ANSWER_DONE + 1), .bytes = said, .count = strlen(said), .offset = (m ? m->count : 0) + (choose(w, 8) == 7),
                      .tokens = 1, .state = (ez_message_state)choose(w, 5), .position = (int)choose(w, 3), .code = EZ_FAILED, .error = "it fell over" };
    if (n.kind == ANSWER_DONE && n.state == EZ_MESSAGE_STREAMING) n.state = EZ_MESSAGE_DONE;
    step(w, &(message){ .kind = MESSAGE_ANSWER, .answer = &n });
}

static void look(world *w)
{
    session_page p;
    if (session_print(w->s, choose(w, 2) ? "/" : "/other", &p)) session_page_done(&p);
    session_memory(w->s);
    session_wake(w->s);
    if (session_idle(w->s)) session_rest(w->s, w->now + 100000);
}

static void of_view(world *w, message_kind kind)
{
    char view[TOKEN_CHARS + 1];
    view_name(choose(w, VIEWS), view);
    if (kind == MESSAGE_TICK) session_slow(w->s, view);
    else step(w, &(message){ .kind = kind, .view = view });
}

static void happen(world *w, unsigned what)
{
    w->now += 3;
    switch (what) {
    case 0: case 1: case 2: case 3: case 4: speak(w); break;
    case 5: case 6: run_one(w); break;
    case 7: job_one(w); break;
    case 8: commit_one(w); break;
    case 9: greet(w, false); break;
    case 10: greet(w, true); break;
    case 11: answer(w); break;
    case 12: w->now += choose(w, 256) * 40; step(w, &(message){ .kind = MESSAGE_TICK }); break;
    case 13: of_view(w, MESSAGE_LOST); break;
    case 14: of_view(w, MESSAGE_DRAINED); break;
    case 15: of_view(w, MESSAGE_TICK); break;
    case 16: look(w); break;
    case 17: if (w->runs.count) step(w, &(message){ .kind = MESSAGE_CHANGED, .run = w->runs.at[0] }); break;
    case 18: restart(w); break;
    default: run_one(w), commit_one(w); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world w = { .at = data, .left = size, .now = 1000, .epoch = 1 };
    w.s = session_new(&strict_program, "SSSSSSSSSSSSSSSSSSSSSS", "WWWWWWWWWWWWWWWWWWWWWW", w.epoch);
    step(&w, &(message){ .kind = MESSAGE_HELLO, .view = "VVVVVVVVVVVVVVVVVVVVVV", .path = "/", .frame = UINT32_MAX });
    run_one(&w);
    for (int i = 0; w.left && i < STEPS; i++) happen(&w, choose(&w, 20));
    while (w.runs.count || w.tickets.count) run_one(&w), commit_one(&w);
    session_free(w.s);
    drop_work(&w);
    for (int i = 0; i < w.store.count; i++) mem_free(w.store.at[i].name), mem_free(w.store.at[i].data);
    list_done(&w.store);
    return 0;
}
