/* element_test.h: a page function in one run, without session, sockets or browser: what it printed, for tests of elements. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ELEMENTS_ELEMENT_TEST_H
#define ELEMENTS_ELEMENT_TEST_H

#include "base/test.h"
#include "page/run.h"
#include "page/tree.h"
#include <stdio.h>
#include <string.h>

typedef struct shown {
    run  *r;
    tree *t;
    text  html[ROOT_PLACES];       /* main, sidebar, bottom, overlays */
} shown;

/* What a visitor did before the run: a value for a key, or an event of a key. Ends with { 0 }. */
typedef struct did { const char *key, *event; value_kind kind; double number; const char *text; } did;

static inline shown show_after(ez_fn *page, const did *list)
{
    static const run_host host = { .build = "test" };
    shown s = { .r = run_new(RUN_PAGE, page, &host), .t = NULL };
    run *r = s.r;
    r->path = "/";
    r->scope = run_page_scope("/");
    r->before = tree_new();
    for (const did *d = list; d && d->key; d++) {
        uint64_t id = run_key_id(r->scope, d->key);
        if (d->event) {
            r->event.id = id;
            snprintf(r->event.type, sizeof r->event.type, "%s", d->event);
            r->event.text = d->text ? mem_text(d->text) : NULL;
        } else {
            value *v = values_at(&r->values, id);
            v->keyed = true;
            v->page = r->scope;
            if (d->kind == VALUE_TEXT) value_set_text(v, VALUE_TEXT, d->text);
            else value_set_number(v, d->kind, d->number);
        }
    }
    run_execute(r);
    s.t = run_peek(r, true, 1);
    tree_resolver none = { 0 };
    for (int i = 0; i < ROOT_PLACES; i++) {
        tree_print(s.t, i, &none, &s.html[i]);
        text_puts(&s.html[i], "");
    }
    return s;
}

static inline shown show(ez_fn *page)
{
    return show_after(page, NULL);
}

static inline const char *shown_main(const shown *s)
{
    return s->html[ROOT_MAIN].at ? s->html[ROOT_MAIN].at : "";
}

static inline uint64_t shown_hash(const shown *s, const char *key)
{
    int i = tree_find(s->t, run_key_id(run_page_scope("/"), key));
    return i < 0 ? 0 : s->t->nodes[i].hash;
}

static inline void shown_done(shown *s)
{
    for (int i = 0; i < ROOT_PLACES; i++)
        text_done(&s->html[i]);
    tree_drop(s->t);
    tree_drop(s->r->before);
    s->r->before = NULL;
    mem_free(s->r->event.text);
    s->r->event.text = NULL;
    run_free(s->r);
}

#define assert_has(html, part) do { if (!strstr(html, part)) fail_msg("\"%s\" is not in %s", part, html); } while (0)
#define assert_lacks(html, part) do { if (strstr(html, part)) fail_msg("\"%s\" is in %s", part, html); } while (0)

#endif
