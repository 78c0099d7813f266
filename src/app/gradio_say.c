/* gradio_say.c: calls in the words of Gradio's protocol: outputs, what they differ by, times, ends. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/gradio.h"

bool gradio_keeps(const app_function *fn) { return fn->rules.session_ttl_ms > 0; }

json gradio_message(text *out, const char *kind, const char *event)
{
    json j = json_to(out);
    json_object(&j);
    json_key(&j, "msg"), json_text(&j, kind);
    json_key(&j, "event_id"), json_text(&j, event);
    return j;
}

void gradio_data(json *j, const call *c)
{
    json_array(j);
    for (int i = 0; c->out && i < c->out->count; i++) {
        const ez_field *f = record_field(c->out, i);
        api_output(j, f, values_find(&c->put, run_key_id(c->scope, f->name)), &c->files);
    }
    if (gradio_keeps(c->fn)) json_text(j, NULL);
    json_array_end(j);
}

/* Of one that was cancelled: clients count its outputs. */
static void nothing(json *j, const call *c)
{
    json_array(j);
    for (int i = 0; c->out && i < c->out->count; i++) json_text(j, NULL);
    if (gradio_keeps(c->fn)) json_text(j, NULL);
    json_array_end(j);
}

/* Of each output since the last message: nothing, another value, or more of the same text. */
void gradio_edits(json *j, const call *c, const values *changed, const values *added)
{
    json_array(j);
    for (int i = 0; c->out && i < c->out->count; i++) {
        const ez_field *f = record_field(c->out, i);
        uint64_t id = run_key_id(c->scope, f->name);
        const value *now = values_find(changed, id), *more = now ? NULL : values_find(added, id);
        json_array(j);
        if (now || more) {
            json_array(j);
            json_text(j, now ? "replace" : "append");
            json_array(j), json_array_end(j);
            api_output(j, f, now ? now : more, &c->files);
            json_array_end(j);
        }
        json_array_end(j);
    }
    if (gradio_keeps(c->fn)) json_array(j), json_array_end(j);
    json_array_end(j);
}

void gradio_times(json *j, const call *c, bool generating)
{
    int64_t take = job_take(c->hub->jobs, (const void *)(intptr_t)c->fn->fn);
    json_key(j, "is_generating"), json_bool(j, generating);
    json_key(j, "duration"), json_number(j, call_seconds(c));
    json_key(j, "average_duration"), json_number(j, take >= 0 ? (double)take / 1000 : call_seconds(c));
    json_key(j, "render_config"), json_text(j, NULL);
    json_key(j, "changed_state_ids"), json_array(j), json_array_end(j);
}

void gradio_output(json *j, const call *c)
{
    json_object(j);
    if (c->state == CALL_FAILED) {
        json_key(j, "error"), json_text(j, c->problem.detail.count ? c->problem.detail.at : c->problem.title);
        json_key(j, "title"), json_text(j, c->problem.title);
        json_key(j, "visible"), json_bool(j, true);
        json_key(j, "duration"), json_int(j, 10);
    } else {
        json_key(j, "data");
        if (c->state == CALL_DONE) gradio_data(j, c);
        else nothing(j, c);
        gradio_times(j, c, false);
    }
    json_object_end(j);
}
