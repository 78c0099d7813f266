/* event_fuzz.c: any bytes as a browser's messages, one a line: a session survives them, and whatever they say a page never sees a value outside its limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "strict.h"

static void step(session *s, const message *m, int64_t now)
{
    actions out = { 0 };
    session_step(s, m, now, &out);
    for (int i = 0; i < out.list.count; i++) {
        action *a = &out.list.at[i];
        if (a->kind == ACTION_SEND) strict_sent(a);
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
    const char *view = "VVVVVVVVVVVVVVVVVVVVVV";
    session *s = session_new(&strict_program, "SSSSSSSSSSSSSSSSSSSSSS", "WWWWWWWWWWWWWWWWWWWWWW", 1);
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
