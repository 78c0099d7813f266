/* heard.c: what a browser says in JSON becomes a message. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

static bool read_id(const cJSON *v, uint64_t *id)
{
    const char *s = cJSON_GetStringValue(v);
    return s && id_read(s, strlen(s), id);
}

#define JSON_WHOLE 9007199254740991.0      /* a larger number may have been another one in JavaScript */

/* Whole numbers from 0 to `most`; anything else is `other`. */
static uint64_t read_count(const cJSON *v, double most, uint64_t other)
{
    return cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble <= most ? (uint64_t)v->valuedouble : other;
}

/* Numbers are written so that they read back as the same; cJSON may change their last bit. One beyond all numbers becomes what no control takes. */
static char *print(event_heard *e, const cJSON *is)
{
    text t = { 0 };
    char *made = cJSON_IsNumber(is) ? NULL : cJSON_PrintUnformatted(is);
    if (made) text_puts(&t, made);
    else if (!cJSON_IsNumber(is)) text_puts(&t, "null");
    else if (isfinite(is->valuedouble)) text_number(&t, is->valuedouble);
    else text_puts(&t, "{}");
    cJSON_free(made);
    return *list_add(&e->texts) = text_take(&t);
}

bool event_hear(event_heard *e, const struct cJSON *o, const char *view, bool signal)
{
    const cJSON *x = cJSON_GetObjectItemCaseSensitive(o, "x"), *one;
    const char *of = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "of"));
    message *m = &e->message;
    *m = (message){ .kind = MESSAGE_EVENT, .view = view, .of = of && token_valid(of) ? of : NULL, .signal = signal };
    m->n = read_count(cJSON_GetObjectItemCaseSensitive(o, "n"), JSON_WHOLE, 0);
    m->frame = read_count(cJSON_GetObjectItemCaseSensitive(o, "f"), JSON_WHOLE, FRAME_UNKNOWN);
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "v")) {
        const cJSON *is = cJSON_GetArrayItem(one, 1);
        event_value value = { .rev = (uint32_t)read_count(cJSON_GetArrayItem(one, 2), UINT32_MAX, 0) };
        if (!is || !read_id(cJSON_GetArrayItem(one, 0), &value.id))
            continue;
        value.json = print(e, is);
        *list_add(&e->values) = value;
    }
    m->values = e->values.at;
    m->value_count = e->values.count;
    if (cJSON_IsArray(x) && read_id(cJSON_GetArrayItem(x, 0), &m->node)) {
        const cJSON *is = cJSON_GetArrayItem(x, 2);
        const char *type = cJSON_GetStringValue(cJSON_GetArrayItem(x, 1));
        m->type = type ? type : "";
        m->json = is ? print(e, is) : "null";
    }
    return m->n > 0;
}

/* The longest address that a session knows; what is longer is cut, at a whole character. */
static void read_path(hello_heard *h, const char *path)
{
    size_t count = strlen(path);
    if (count >= sizeof h->path)
        count = utf8_whole(path, sizeof h->path - 1);
    memcpy(h->path, path, count);
    h->path[count] = 0;
    char *query = strchr(h->path, '?');
    if (query)
        *query++ = 0;
    h->query = query;
}

/* Settled is what comes before the first event that is not; of this view all that were given when none is named. */
static void read_marks(hello_heard *h, const cJSON *o)
{
    const cJSON *one;
    h->marks[0] = (event_mark){ h->view, read_count(cJSON_GetObjectItemCaseSensitive(o, "n"), JSON_WHOLE, 0) };
    h->mark_count = 1;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(o, "u")) {
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(one, 0));
        uint64_t first = read_count(cJSON_GetArrayItem(one, 1), JSON_WHOLE, 0);
        if (!token_valid(name) || !first)
            continue;
        if (!strcmp(name, h->view)) h->marks[0].settled = first - 1;
        else if (h->mark_count < HELLO_MARKS) h->marks[h->mark_count++] = (event_mark){ name, first - 1 };
    }
}

bool hello_hear(hello_heard *h, const struct cJSON *o)
{
    const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "path"));
    *h = (hello_heard){ .view = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "view")),
                        .session = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "session")),
                        .build = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "build")) };
    h->epoch = (uint32_t)read_count(cJSON_GetObjectItemCaseSensitive(o, "epoch"), UINT32_MAX - 1, UINT32_MAX);
    h->frame = read_count(cJSON_GetObjectItemCaseSensitive(o, "frame"), JSON_WHOLE, FRAME_UNKNOWN);
    read_path(h, path ? path : "/");
    h->wait = cJSON_GetObjectItemCaseSensitive(o, "wait") != NULL;
    if (!token_valid(h->view) || !token_valid(h->session))
        return false;
    read_marks(h, o);
    return true;
}

void event_heard_done(event_heard *e)
{
    for (int i = 0; i < e->texts.count; i++)
        mem_free(e->texts.at[i]);
    list_done(&e->texts);
    list_done(&e->values);
}
