/* gradio_run.c: calls without a session's event stream: /call, which curl follows by the call's name, and /run, which is answered at once. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gradio.h"
#include <string.h>

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

/* POST call/NAME with a list, call/v2/NAME with names; GET call/NAME/EVENT. */
void gradio_call(hub *h, net_request *rq, const char *path, const cJSON *o)
{
    bool by_names = !strncmp(path, "v2/", 3), wrong = false;
    const char *name = by_names ? path + 3 : path, *slash = strchr(name, '/');
    if (!strcmp(rq->method, "GET")) {
        call *c = slash ? call_with_id(h, slash + 1) : NULL;
        if (c) call_stream(c, &curl_voice, rq, NULL, NULL);
        else gradio_detail(rq, 404, "there is no such event");
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
    call *c = inputs ? gradio_begin(h, rq, fn, session, inputs) : NULL;
    cJSON_free(inputs);
    if (!c)
        return;
    c->kept = true;
    gradio_event(rq, c->id);
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
    call *c = inputs ? gradio_begin(h, rq, fn, session, inputs) : NULL;
    cJSON_free(inputs);
    if (c) call_answer(c, &run_voice, rq, NULL);
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
    else run_one(h, rq, fn, session, data);
}
