/* ears.c: who waits for the answer of a call, follows its stream, or asked to be told. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ears.h"

/* ---- they come and go --------------------------------------------------------------------------------------------------------------- */

static void ear_free(call_ear *e)
{
    mem_free(e->id);
    mem_free(e->token);
    mem_free(e);
}

static void stream_closed(net_channel *channel, int code, void *data)
{
    call_ear *e = data;
    call *c = e->of;
    (void)channel;
    (void)code;
    list_drop(&c->ears, e);
    ear_free(e);
    call_left(c);
}

static const net_channel_events stream_events = { .on_close = stream_closed };

static call_ear *ear_new(call *c, const call_voice *v, net_request *rq, const char *id, const char *token)
{
    call_ear *e = mem_alloc(sizeof *e);
    *e = (call_ear){ .voice = v, .of = c, .rq = rq, .id = mem_text(id), .token = mem_text(token) };
    return e;
}

call_ear *call_answer(call *c, const call_voice *v, net_request *rq, const char *id)
{
    call_ear *e = ear_new(c, v, rq, id, NULL);
    bool now = v->stored && c->accepted;
    if (c->state <= CALL_RUNNING && !now)
        return *list_add(&c->ears) = e;
    if (now) v->stored(e);
    else v->ended(e);
    ear_free(e);
    return NULL;
}

call_ear *call_stream(call *c, const call_voice *v, net_request *rq, const char *id, const char *token)
{
    values none = { 0 };
    call_ear *e = ear_new(c, v, NULL, id, token);
    e->stream = net_stream(rq, NULL, &stream_events, e);
    if (!e->stream) {
        ear_free(e);
        return NULL;
    }
    *list_add(&c->ears) = e;
    if (c->state > CALL_RUNNING) {
        v->ended(e);
        net_channel_close(e->stream, 0, NULL);
        return NULL;
    }
    if (v->moved) v->moved(e);
    if (v->put && c->put.list.count) v->put(e, &c->put, &none);
    return e;
}

call_ear *call_follow(call *c, const call_voice *v, const char *token) { return *list_add(&c->ears) = ear_new(c, v, NULL, NULL, token); }

void call_heard(call_ear *e)
{
    call *c = e->of;
    if (c->state <= CALL_RUNNING)
        return;
    e->voice->ended(e);
    c->ears.count--;                           /* it is the newest */
    ear_free(e);
}

/* ---- what is told to all of them ---------------------------------------------------------------------------------------------------- */

void ears_moved(call *c)
{
    for (int i = 0; i < c->ears.count; i++)
        if (c->ears.at[i]->voice->moved)
            c->ears.at[i]->voice->moved(c->ears.at[i]);
}

void ears_put(call *c, const values *changed, const values *added)
{
    for (int i = 0; i < c->ears.count; i++)
        if (c->ears.at[i]->voice->put)
            c->ears.at[i]->voice->put(c->ears.at[i], changed, added);
}

const char *call_level(ez_level level)
{
    static const char *const words[] = { [EZ_LEVEL_DEBUG] = "debug", [EZ_LEVEL_INFO] = "info", [EZ_LEVEL_WARNING] = "warning", [EZ_LEVEL_ERROR] = "error" };
    return words[level];
}

/* Nobody leaves at this. */
void ears_told(call *c, ez_level level, const char *line)
{
    for (int i = 0; i < c->ears.count; i++)
        if (c->ears.at[i]->voice->told)
            c->ears.at[i]->voice->told(c->ears.at[i], level, line);
}

void ears_stored(call *c)
{
    for (int i = 0; i < c->ears.count;) {
        call_ear *e = c->ears.at[i];
        if (!e->voice->stored) {
            i++;
            continue;
        }
        e->voice->stored(e);
        if (i < c->ears.count && c->ears.at[i] == e && e->rq) {
            list_remove(&c->ears, i);
            ear_free(e);
        } else {
            i++;
        }
    }
}

/* A stream goes when it has closed; another ear, which was at `i`, now. Returns where the next one is. */
static int ear_end(call *c, int i)
{
    call_ear *e = c->ears.at[i];
    if (e->stream) {
        net_channel_close(e->stream, 0, NULL);
        return i + 1;
    }
    list_remove(&c->ears, i);
    ear_free(e);
    return i;
}

void ears_ended(call *c)
{
    for (int i = 0; i < c->ears.count; i = ear_end(c, i))
        c->ears.at[i]->voice->ended(c->ears.at[i]);
}

void ears_sent_on(call *c, const char *title)
{
    for (int i = 0; i < c->ears.count; i = ear_end(c, i))
        if (c->ears.at[i]->voice->sent_on)
            c->ears.at[i]->voice->sent_on(c->ears.at[i]);
        else if (c->ears.at[i]->rq)
            rest_refuse(c->ears.at[i]->rq, 503, title, "Retry-After", "1", "the job %s goes on in the next process; ask for it there", c->id);
}

void ears_free(call *c)
{
    for (int i = 0; i < c->ears.count; i++) {
        if (c->ears.at[i]->rq) net_reply(c->ears.at[i]->rq, 503, NULL);
        ear_free(c->ears.at[i]);
    }
}
