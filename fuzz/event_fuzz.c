/* event_fuzz.c: any bytes as a browser's messages, one a line: a session survives them, and whatever they say a page never sees a value outside its limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds) abort();
}

static void page(ez_ui *ui)
{
    static const char *const colours[] = { "red", "green", NULL };
    double rate = ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    int whole = ez_int_input(ui, "Whole", -3, 3, .key = "whole");
    const char *name = ez_text_input(ui, "Name", .key = "name", .max_chars = 5);
    int colour = ez_selectbox(ui, "Colour", colours, .key = "colour");
    must(rate >= 0 && rate <= 10 && whole >= -3 && whole <= 3 && ez_length(name) <= 5 && utf8_valid(name, strlen(name)) && colour >= 0 && colour < 2);
    ez_ui *form = ez_form(ui, "form", .clear_on_submit = true);
    must(strlen(ez_text_area(form, "Words", .key = "words")) <= 400000);
    ez_submit_button(form, "Send");
    ez_chat *chat = ez_chat_get(ui, "talk");
    const char *said = ez_chat_input(ui, "Say", .key = "say");
    if (said && ez_chat_count(chat) < 20) {
        ez_chat_add(chat, "user", said);
        ez_chat_reply(ui, chat, ez_model_get(ui, NULL));
    }
    for (int i = 0; i < ez_chat_count(chat); i++) ez_chat_text(ui, ez_chat_at(chat, i), .key = ez_fmt(ui, "m%d", i));
    if (ez_button(ui, "Plus", .key = "plus")) ++*ez_state(ui, int, "n");
    ez_button(ui, "Off", .key = "off", .disabled = true);
}

static ez_fn *page_of_path(void *data, const char *path)
{
    (void)data;
    return strcmp(path, "/") ? NULL : page;
}

static void step(session *s, const message *m, int64_t now)
{
    actions out = { 0 };
    session_step(s, m, now, &out);
    for (int i = 0; i < out.list.count; i++) {
        action *a = &out.list.at[i];
        if (a->kind == ACTION_SEND) must(utf8_valid(a->text.at, a->text.count));
        if (a->kind == ACTION_RUN) {
            run_execute(a->run);
            step(s, &(message){ .kind = MESSAGE_RAN, .run = a->run }, now);
        }
        if (a->kind == ACTION_JOB) step(s, &(message){ .kind = MESSAGE_JOB_RAN, .job = a->job, .run = a->run }, now);
        if (a->kind == ACTION_SAVE) step(s, &(message){ .kind = MESSAGE_SAVED, .ticket = a->ticket }, now);
    }
    actions_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const run_host host = { .build = "fuzz" };
    static int base;
    const session_program program = { &host, "fuzz", &base, page_of_path, NULL };
    const char *view = "VVVVVVVVVVVVVVVVVVVVVV";
    session *s = session_new(&program, "SSSSSSSSSSSSSSSSSSSSSS", "WWWWWWWWWWWWWWWWWWWWWW", 1);
    int64_t now = 1000;
    step(s, &(message){ .kind = MESSAGE_HELLO, .view = view, .path = "/", .frame = UINT32_MAX }, now);
    while (size) {
        const char *line = (const char *)data;
        size_t count = memchr(data, '\n', size) ? (size_t)((const char *)memchr(data, '\n', size) - line) : size;
        cJSON *o = utf8_valid(line, count) ? cJSON_ParseWithLength(line, count) : NULL;
        event_heard e = { 0 };
        if (cJSON_IsObject(o) && event_hear(&e, o, view, cJSON_HasObjectItem(o, "s"))) step(s, &e.message, now += 20);
        event_heard_done(&e);
        cJSON_Delete(o);
        data += count, size -= count;
        if (size) data++, size--;
        step(s, &(message){ .kind = MESSAGE_TICK }, now += 7);
    }
    session_free(s);
    return 0;
}
