/* input.c: what a visitor entered or used is checked against the page that is shown, before C code sees it. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "session/inside.h"
#include <math.h>
#include <string.h>

static const char *value_refused(const tree *t, const tree_control *c, const value *v)
{
    if (c->disabled)
        return "This control is disabled.";
    if (v->kind == VALUE_NONE)
        return c->empty || c->kind == CONTROL_TEXT ? NULL : "This control needs a value.";
    switch (c->kind) {
    case CONTROL_BOOL:
    case CONTROL_OPEN:
        return v->kind == VALUE_BOOL ? NULL : "This control takes yes or no.";
    case CONTROL_NUMBER:
        if (v->kind != VALUE_NUMBER)
            return "This control takes a number.";
        if (v->number < c->min || v->number > c->max)
            return "This number is outside the allowed range.";
        return c->whole && v->number != floor(v->number) ? "This control takes whole numbers." : NULL;
    case CONTROL_TEXT:
        if (v->kind != VALUE_TEXT)
            return "This control takes text.";
        return utf8_length(v->text) > c->max_chars ? "This text is too long." : NULL;
    default:
        if (v->kind != VALUE_TEXT)
            return "This control takes one of its options.";
        for (uint32_t i = 0; i < c->option_count; i++)
            if (t->options[c->options + i] == hash_text(v->text))
                return NULL;
        return "This is not one of the options.";
    }
}

/* The number under which browsers were last told what a control shows that nobody has written yet. */
uint32_t *told_rev(session *s, uint64_t id, bool make)
{
    for (int i = 0; i < s->told_revs.count; i++)
        if (s->told_revs.at[i].id == id)
            return &s->told_revs.at[i].rev;
    if (!make)
        return NULL;
    *list_add(&s->told_revs) = (control_rev){ id, 0 };
    return &s->told_revs.at[s->told_revs.count - 1].rev;
}

/* The page shows what was refused, so it gets what stands instead. An edit of another tab with the same number is older than that. */
void tell_kept(session *s, shown *page, const tree_control *c, uint32_t rev)
{
    value *kept = values_find(&s->values, c->id), shown = { .id = c->id };
    if (kept) {
        if (rev > kept->rev) {
            kept->rev = rev;
            s->unsaved_values = true;
        }
        tell_value(s, page, NULL, c->id, kept);
    } else if (page->now->html && value_from_json(&shown, page->now->html + c->value, c->value_count)) {
        uint32_t *told = told_rev(s, c->id, true);
        shown.rev = *told = rev > *told ? rev : *told;
        tell_value(s, page, NULL, c->id, &shown);
        mem_free(shown.text);
    }
}

/* Puts a value that passes its control's limits into the session; NULL then, else why it does not fit. */
static const char *apply_value(session *s, shown *page, view *of, const value *v)
{
    tree_control *c = tree_control_of(page->now, v->id);
    const char *why = c ? value_refused(page->now, c, v) : "This control is not on the page any more.";
    if (why) {
        if (c)
            tell_kept(s, page, c, v->rev);
        return why;
    }
    int i = tree_find(page->now, v->id);
    value *kept = values_at(&s->values, v->id);
    if (v->kind == VALUE_TEXT) value_set_text(kept, VALUE_TEXT, v->text);
    else value_set_number(kept, (value_kind)v->kind, v->number);
    /* Another view wrote since, and this one may have put that over what its visitor typed: it hears what counts now. */
    const uint32_t *told = told_rev(s, v->id, false);
    uint32_t newest = told && *told > kept->rev ? *told : kept->rev;
    bool overtaken = v->rev && v->rev <= newest;
    kept->rev = overtaken ? newest + 1 : v->rev > newest ? v->rev : newest;
    kept->page = page->scope;
    kept->keyed = i >= 0 && (page->now->nodes[i].flags & NODE_KEYED);
    c->told = value_hash(kept);
    s->unsaved_values = true;
    values_remove(&s->values, run_invalid_id(v->id));
    tell_value(s, page, overtaken ? NULL : of, v->id, values_find(&s->values, v->id));
    return NULL;
}

/* Only the values that are taken stay in p. An event with many that do not fit is told once. */
void apply_values(session *s, pending *p)
{
    const char *why = NULL;
    for (int i = 0; i < p->values.count; i++) {
        const char *refused = apply_value(s, p->page, p->of, &p->values.at[i]);
        if (!refused)
            continue;
        why = why ? why : refused;
        mem_free(p->values.at[i].text);
        list_remove(&p->values, i);
        i--;
    }
    if (why && p->of)
        tell_refused(s, p->of, 0, why);
}

/* The page that showed them hears what stands instead. */
void drop_values(session *s, pending *p)
{
    for (int i = 0; i < p->values.count; i++) {
        const tree_control *c = tree_control_of(p->page->now, p->values.at[i].id);
        if (c)
            tell_kept(s, p->page, c, p->values.at[i].rev);
        mem_free(p->values.at[i].text);
    }
    list_done(&p->values);
}

/* A settled event comes again, and what it brought was never written: it ended an earlier process. Whoever brings it shows that still. */
void tell_dropped(session *s, const view *v, const message *m)
{
    for (int i = 0; i < m->value_count && !view_waits(v, m->n); i++) {
        const tree_control *c = tree_control_of(v->page->now, m->values[i].id);
        const value *kept = values_find(&s->values, m->values[i].id);
        const uint32_t *told = told_rev(s, m->values[i].id, false);
        if (c && m->values[i].rev > (kept ? kept->rev : told ? *told : 0))
            tell_kept(s, v->page, c, m->values[i].rev);
    }
    if (s->unsaved_values)
        save(s);
}

/* An event for an unkeyed node is refused when the number of its like changed after the frame that the visitor saw, or when there are several and
 * nobody knows what that frame showed. */
const char *trigger_refused(const session *s, shown *page, const pending *p)
{
    if (p->event.id == tree_root_id())
        return NULL;
    int i = tree_find(page->now, p->event.id);
    if (i < 0)
        return "The page changed: what you used is not there any more.";
    const tree_node *n = &page->now->nodes[i];
    if (n->flags & NODE_DISABLED)
        return "This control is disabled.";
    bool unknown = p->frame == FRAME_UNKNOWN || (p->frame > s->last_kept && p->frame < s->first_own);
    if (!(n->flags & NODE_KEYED) && (n->same_since > p->frame || (unknown && n->same_count > 1)))
        return "The page changed while you used it. Please look again.";
    if (!strcmp(p->event.type, "submit"))
        for (int j = 0; j < page->now->control_count; j++) {
            const tree_control *c = &page->now->controls[j];
            if (c->form == p->event.id && c->required && c->told == hash_bytes("\"\"", 2))
                return "Something required is missing.";
        }
    return NULL;
}
