/* gradio_run.c: calls without a session's event stream: /call, which curl follows by the call's name, and /run, which is answered at once, also for many
 * samples together. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gradio.h"
#include "app/kept.h"
#include <string.h>

enum { SAMPLES_MOST = 1000 };

static void no_function(net_request *rq, const char *name) { gradio_detail(rq, 404, "there is no function %.100s", name); }

/* ---- /call ------------------------------------------------------------------------------------------------------------------------- */

static void curl_event(call_ear *e, const char *name, bool whole)
{
    text body = { 0 };
    json j = json_to(&body);
    if (whole) gradio_data(&j, e->of);
    else gradio_output(&j, e->of);
    net_channel_send_event(e->stream, name, NULL, body.at, body.count);
    text_done(&body);
}

static void curl_put(call_ear *e, const values *changed, const values *added)
{
    (void)changed;
    (void)added;
    curl_event(e, "generating", true);
}

static void curl_ended(call_ear *e)
{
    bool done = e->of->state == CALL_DONE;
    curl_event(e, done ? "complete" : "error", done);
}

static const call_voice curl_voice = { .put = curl_put, .ended = curl_ended };

static void on_event(void *data, call *c, bool elsewhere)
{
    net_request *rq = data;
    if (c) call_stream(c, &curl_voice, rq, NULL, NULL);
    else if (elsewhere) gradio_detail(rq, 503, "another process works on the event; ask again in a moment");
    else gradio_detail(rq, 404, "there is no such event");
}

/* Its name is told when the store has it. */
static void event_named(call_ear *e) { gradio_event(e->rq, e->of->id); }
static const call_voice named_voice = { .ended = event_named, .stored = event_named };

/* POST call/NAME with a list, call/v2/NAME with names; GET call/NAME/EVENT. */
void gradio_call(hub *h, net_request *rq, const char *path, const cJSON *o)
{
    bool by_names = !strncmp(path, "v2/", 3), wrong = false;
    const char *name = by_names ? path + 3 : path, *slash = strchr(name, '/');
    if (!strcmp(rq->method, "GET")) {
        kept_find(h, slash ? slash + 1 : "", 0, on_event, rq);
        return;
    }
    const app_function *fn = call_function(h, name);
    const char *session = by_names ? NULL : gradio_session(rq, o, &wrong);       /* by_names: a member of any name is an input */
    if (wrong)
        return;
    if (!fn) {
        no_function(rq, name);
        return;
    }
    char *inputs = by_names ? cJSON_PrintUnformatted(o) : gradio_inputs(rq, fn, cJSON_GetObjectItemCaseSensitive(o, "data"));
    call *c = inputs ? gradio_begin(h, rq, fn, session, inputs, true) : NULL;
    cJSON_free(inputs);
    if (c) call_answer(c, &named_voice, rq, NULL);
}

/* ---- /run, one sample -------------------------------------------------------------------------------------------------------------- */

static void run_ended(call_ear *e)
{
    text body = { 0 };
    json j = json_to(&body);
    gradio_output(&j, e->of);
    calls_reply(e->rq, e->of->state == CALL_DONE ? 200 : 500, &body, NULL, NULL);
}

static const call_voice run_voice = { .ended = run_ended };

static void run_one(hub *h, net_request *rq, const app_function *fn, const char *session, const cJSON *data)
{
    char *inputs = gradio_inputs(rq, fn, data);
    call *c = inputs ? gradio_begin(h, rq, fn, session, inputs, false) : NULL;
    cJSON_free(inputs);
    if (c) call_answer(c, &run_voice, rq, NULL);
}

/* ---- /run, many samples: each is a call, and what they give is transposed -------------------------------------------------------- */

/* How one of them ended: its outputs as JSON, or what went wrong. */
typedef struct gradio_sample { struct gradio_samples *of; char **outputs; char *failure; } gradio_sample;

typedef struct gradio_samples {
    hub         *hub;
    net_request *rq;
    const app_function *fn;
    int64_t      began_ms;
    int          count, left;      /* …that have not ended */
    gradio_sample *at;
} gradio_samples;

static int width_of(const gradio_samples *all) { return (all->fn->out ? all->fn->out->count : 0) + gradio_keeps(all->fn); }

static void samples_free(gradio_samples *all)
{
    struct gradio *g = all->hub->gradio;
    list_drop(&g->samples, all);
    for (int i = 0; i < all->count; i++) {
        for (int k = 0; all->at[i].outputs && k < width_of(all); k++) mem_free(all->at[i].outputs[k]);
        mem_free(all->at[i].outputs);
        mem_free(all->at[i].failure);
    }
    mem_free(all->at);
    mem_free(all);
}

static void put_columns(const gradio_samples *all, json *j)
{
    double took = (double)(clock_ms() - all->began_ms) / 1000;
    json_key(j, "data");
    json_array(j);
    for (int k = 0; k < width_of(all); k++) {
        json_array(j);
        for (int i = 0; i < all->count; i++) json_raw(j, all->at[i].outputs[k], strlen(all->at[i].outputs[k]));
        json_array_end(j);
    }
    json_array_end(j);
    json_key(j, "is_generating"), json_bool(j, false);
    json_key(j, "duration"), json_number(j, took);
    json_key(j, "average_duration"), json_number(j, took);
    json_key(j, "render_config"), json_text(j, NULL);
    json_key(j, "changed_state_ids"), json_array(j), json_array_end(j);
}

static void put_failure(json *j, int number, const char *failure)
{
    text words = { 0 };
    text_printf(&words, "sample %d: %s", number, failure);
    json_key(j, "error"), json_text(j, words.at);
    json_key(j, "visible"), json_bool(j, true);
    text_done(&words);
}

/* All have ended: their outputs, or the first failure, as the protocol has no place for more. */
static void answer_samples(gradio_samples *all)
{
    text body = { 0 };
    json j = json_to(&body);
    int failed = 0;
    while (failed < all->count && !all->at[failed].failure) failed++;
    json_object(&j);
    if (failed < all->count) put_failure(&j, failed + 1, all->at[failed].failure);
    else put_columns(all, &j);
    json_object_end(&j);
    calls_reply(all->rq, failed < all->count ? 500 : 200, &body, NULL, NULL);
    samples_free(all);
}

/* The call goes, so what it gave is printed now. */
static void keep_sample(gradio_sample *r, const call *c)
{
    const ez_record *out = r->of->fn->out;
    r->outputs = mem_alloc(((size_t)width_of(r->of) + 1) * sizeof *r->outputs);
    for (int k = 0; k < width_of(r->of); k++) {
        const ez_field *f = out && k < out->count ? record_field(out, k) : NULL;
        text t = { 0 };
        json j = json_to(&t);
        if (f) api_output(&j, f, values_find(&c->put, run_key_id(c->scope, f->name)), &c->files);
        else json_text(&j, NULL);
        r->outputs[k] = text_take(&t);
    }
}

static void sample_ended(call_ear *e)
{
    gradio_sample *r = e->data;
    gradio_samples *all = r->of;
    const call *c = e->of;
    if (c->state == CALL_DONE) keep_sample(r, c);
    else r->failure = mem_text(c->problem.detail.count ? c->problem.detail.at : c->problem.title);
    if (!--all->left) answer_samples(all);
}

static const call_voice sample_voice = { .ended = sample_ended };

static void follow_samples(hub *h, net_request *rq, const app_function *fn, call **calls, int count)
{
    gradio_samples *all = mem_alloc(sizeof *all);
    call_ear **ears = mem_alloc((size_t)count * sizeof *ears);
    *all = (gradio_samples){ .hub = h, .rq = rq, .fn = fn, .began_ms = clock_ms(), .count = count, .left = count, .at = mem_alloc((size_t)count * sizeof *all->at) };
    *list_add(&h->gradio->samples) = all;
    for (int i = 0; i < count; i++) {
        all->at[i].of = all;
        ears[i] = call_follow(calls[i], &sample_voice, NULL);
        ears[i]->data = &all->at[i];
    }
    for (int i = 0; i < count; i++) call_heard(ears[i]);       /* those whose answer was there already; the last one of all ends the request */
    mem_free(ears);
}

/* How many samples there are; 0: `data` is no list of lists of one length, or of too many, and this was answered. */
static int count_samples(net_request *rq, const app_function *fn, const cJSON *data)
{
    const cJSON *list, *first = cJSON_IsArray(data) ? data->child : NULL;
    int count = cJSON_IsArray(first) ? cJSON_GetArraySize(first) : 0, inputs = fn->in ? fn->in->count : 0;
    bool even = count > 0 && cJSON_GetArraySize(data) <= inputs + gradio_keeps(fn);
    cJSON_ArrayForEach(list, data) even = even && cJSON_IsArray(list) && cJSON_GetArraySize(list) == count;
    if (!even) gradio_detail(rq, 422, "data of a batch is a list for each of at most %d inputs, all of one length and none empty", inputs);
    else if (count > SAMPLES_MOST) gradio_detail(rq, 422, "data has %d samples; at most %d come in one request", count, SAMPLES_MOST);
    return even && count <= SAMPLES_MOST ? count : 0;
}

/* [[1, 2, 3], ["a", "b", "c"]] as [[1, "a"], [2, "b"], [3, "c"]]. */
static cJSON *transposed(const cJSON *data, int count)
{
    cJSON *out = cJSON_CreateArray();
    const cJSON *list, *one;
    for (int i = 0; i < count; i++) cJSON_AddItemToArray(out, cJSON_CreateArray());
    cJSON_ArrayForEach(list, data) {
        cJSON *sample = out->child;
        cJSON_ArrayForEach(one, list) {
            cJSON_AddItemToArray(sample, cJSON_Duplicate(one, true));
            sample = sample->next;
        }
    }
    return out;
}

static void run_many(hub *h, net_request *rq, const app_function *fn, const char *session, const cJSON *data)
{
    int count = count_samples(rq, fn, data), begun = 0;
    if (!count)
        return;
    call **calls = mem_alloc((size_t)count * sizeof *calls);
    cJSON *samples = transposed(data, count), *one;
    cJSON_ArrayForEach(one, samples) {
        char *inputs = gradio_inputs(rq, fn, one);
        calls[begun] = inputs ? gradio_begin(h, rq, fn, session, inputs, false) : NULL;
        cJSON_free(inputs);
        if (!calls[begun]) break;                              /* that was answered: the others are in vain */
        begun++;
    }
    if (begun == count) follow_samples(h, rq, fn, calls, count);
    else while (begun) call_stop(calls[--begun], 409, "The call was cancelled", "another sample of its batch was refused");
    cJSON_Delete(samples);
    mem_free(calls);
}

/* A number counts before the name: the JavaScript client posts to run/predict then. */
void gradio_run(hub *h, net_request *rq, const char *name, const cJSON *o)
{
    bool wrong;
    const app_function *fn = cJSON_IsNumber(cJSON_GetObjectItemCaseSensitive(o, "fn_index")) ? gradio_function(h, rq, o) : call_function(h, name);
    const char *session = gradio_session(rq, o, &wrong);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(o, "data");
    if (wrong)
        return;
    if (!fn) no_function(rq, name);
    else if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "batched"))) run_many(h, rq, fn, session, data);
    else run_one(h, rq, fn, session, data);
}

void gradio_run_free(hub *h)
{
    while (h->gradio->samples.count) {
        net_reply(h->gradio->samples.at[0]->rq, 503, NULL);
        samples_free(h->gradio->samples.at[0]);
    }
    list_done(&h->gradio->samples);
}
