/* control.c: values of controls: kept ones, checked against limits; initial ones; triggers. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <math.h>
#include <string.h>

value *run_value(run *r, uint64_t id)
{
    return values_find(&r->values, id);
}

static tree_control *control_of(node *n, control_kind kind, bool disabled)
{
    tree_control *c = &n->control;
    n->has_control = true;
    c->id = n->id;
    c->kind = (uint8_t)kind;
    c->form = n->place->form;
    c->disabled = disabled;
    if (disabled)
        n->flags |= NODE_DISABLED;
    return c;
}

static void initial_json(node *n, const value *v)
{
    text t = { .arena = n->run->arena };
    value_json(v, &t);
    n->initial = t.at;
}

/* What stands is remembered in the node; a kept value that no longer fits is put right in the snapshot, so that the session
 * and the browser get it too. */
static void settle(node *n, value *kept, const value *fits)
{
    n->now = *fits;
    n->now.id = n->id;
    if (kept && value_hash(kept) != value_hash(fits)) {
        if (fits->kind == VALUE_TEXT) run_put_add(n->run, n->id, VALUE_TEXT, 0, fits->text, false);
        else run_put_add(n->run, n->id, (value_kind)fits->kind, fits->number, NULL, false);
    }
}

static double fit(double v, const node_limits *l)
{
    if (v < l->min) v = l->min;
    if (v > l->max) v = l->max;
    if (l->whole) v = nearbyint(v);
    return v;
}

double node_number(node *n, const node_limits *given)
{
    node_limits l = *given;
    tree_control *c = control_of(n, CONTROL_NUMBER, l.disabled);
    value initial = { .kind = VALUE_NUMBER };
    if (l.min > l.max) {
        node_mistake(n->at, n->call, "%s \"%s\": the lower bound %g is above the upper bound %g; swap them", n->type->name, n->label ? n->label : "", l.min, l.max);
        double low = l.max;
        l.max = l.min, l.min = low;
    }
    c->min = l.min, c->max = l.max, c->step = l.step, c->whole = l.whole, c->empty = l.start_empty;
    if (l.start_empty) initial.kind = VALUE_NONE;
    else initial.number = fit(l.initial, &l);
    initial_json(n, &initial);

    value *kept = run_value(n->run, n->id), fits = initial;
    if (kept && kept->kind == VALUE_NUMBER && !isnan(kept->number)) {
        fits.kind = VALUE_NUMBER;
        fits.number = fit(kept->number, &l);
    } else if (kept && kept->kind == VALUE_NONE && l.start_empty) {
        fits.kind = VALUE_NONE;
    }
    settle(n, kept, &fits);
    return fits.kind == VALUE_NONE ? -DBL_MAX : fits.number;
}

static bool node_flag(node *n, control_kind kind, bool initial, bool disabled)
{
    control_of(n, kind, disabled);
    value first = { .kind = VALUE_BOOL, .number = initial }, fits = first;
    initial_json(n, &first);
    value *kept = run_value(n->run, n->id);
    if (kept && kept->kind == VALUE_BOOL)
        fits.number = kept->number != 0;
    settle(n, kept, &fits);
    return fits.number != 0;
}

bool node_bool(node *n, bool initial, bool disabled) { return node_flag(n, CONTROL_BOOL, initial, disabled); }
bool node_open_state(node *n, bool initial) { return node_flag(n, CONTROL_OPEN, initial, false); }

int node_tab(node *tab)
{
    return tab->place->tabs++;
}

const char *node_text(node *n, const char *initial, int max_chars, bool disabled)
{
    tree_control *c = control_of(n, CONTROL_TEXT, disabled);
    c->max_chars = max_chars > 0 ? max_chars : 100000;
    value first = { .kind = VALUE_TEXT, .text = arena_text(n->run->arena, initial ? initial : "") }, fits = first;
    initial_json(n, &first);
    value *kept = run_value(n->run, n->id);
    if (kept && kept->kind == VALUE_TEXT) {
        fits.text = arena_text(n->run->arena, kept->text);
        if (utf8_length(fits.text) > c->max_chars) {
            size_t end = 0;
            for (int chars = 0; chars < c->max_chars; chars++)
                do end++; while ((fits.text[end] & 0xc0) == 0x80);
            fits.text[end] = 0;
        }
    }
    settle(n, kept, &fits);
    return fits.text;
}

int node_choice(node *n, const char *const *options, int initial, bool start_empty, bool disabled)
{
    tree_control *c = control_of(n, CONTROL_CHOICE, disabled);
    int count = 0, chosen = -1;
    while (options && options[count])
        count++;
    c->option_count = (uint32_t)count;
    c->empty = start_empty || !count;
    n->options = arena_alloc(n->run->arena, (size_t)(count + 1) * sizeof *n->options);
    for (int i = 0; i < count; i++)
        n->options[i] = hash_text(options[i]);
    if (!start_empty && count)
        chosen = initial < 0 ? 0 : initial >= count ? count - 1 : initial;
    value first = { .kind = chosen < 0 ? VALUE_NONE : VALUE_TEXT, .text = chosen < 0 ? NULL : arena_text(n->run->arena, options[chosen]) }, fits = first;
    initial_json(n, &first);
    value *kept = run_value(n->run, n->id);
    if (kept && kept->kind == VALUE_TEXT) {
        uint64_t want = hash_text(kept->text);
        for (int i = 0; i < count; i++)
            if (n->options[i] == want) {
                chosen = i;
                fits = (value){ .kind = VALUE_TEXT, .text = arena_text(n->run->arena, kept->text) };
                break;
            }
    } else if (kept && kept->kind == VALUE_NONE && start_empty) {
        chosen = -1;
        fits = *kept;
    }
    settle(n, kept, &fits);
    return chosen;
}

void node_no_event(node *n)
{
    n->flags |= NODE_DISABLED;
}

/* ---- triggers --------------------------------------------------------------------------------------------------- */

bool node_fired(node *n, const char *event)
{
    const run_event *e = &n->run->event;
    if (!e->id || n->run->kind == RUN_JOB || (n->flags & NODE_DISABLED))
        return false;
    if (e->id == n->id && !strcmp(e->type, event))
        return true;
    /* A submit button is pressed when its form was submitted with it, or by Enter and it is the first. */
    bool submits = !strcmp(n->type->name, "submit_button") && n->place->form && e->id == n->place->form && !strcmp(e->type, "submit");
    return submits && (!e->text || !*e->text || !strncmp(e->text, n->name, ID_CHARS));
}

const char *node_fired_text(node *n, const char *event)
{
    return node_fired(n, event) ? (n->run->event.text ? n->run->event.text : "") : NULL;
}
