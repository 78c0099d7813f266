/* api.c: the rest of what C code calls in a run: text, log, flow, places by key, calls to the page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *ez_fmt(ez_ui *ui, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *made = run_spent(ui->run) ? run_scrap(ui->run, format, args) : arena_vprintf(ui->run->arena, format, args);
    va_end(args);
    return made;
}

void *ez_alloc(ez_ui *ui, size_t size)
{
    return arena_alloc(ui->run->arena, size);
}

void ez_log(ez_ui *ui, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *made = arena_vprintf(ui->run->arena, format, args);
    va_end(args);
    log_info("app", "%s", made);
}

void ez_tell(ez_ui *ui, ez_level level, const char *format, ...)
{
    static const log_level levels[] = { [EZ_LEVEL_DEBUG] = LOG_DEBUG, [EZ_LEVEL_INFO] = LOG_INFO, [EZ_LEVEL_WARNING] = LOG_WARN, [EZ_LEVEL_ERROR] = LOG_ERROR };
    run *r = ui->run;
    va_list args;
    va_start(args, format);
    char *made = arena_vprintf(r->arena, format, args);
    va_end(args);
    if ((int)level < 0 || (int)level >= COUNT(levels)) level = EZ_LEVEL_INFO;
    log_put(levels[level], "app", "%s: %s", r->path, made);
    if (run_over(r)) return;
    if (r->kind != RUN_JOB) {
        if (level != EZ_LEVEL_DEBUG) {
            text notice = { 0 };
            run_notice(level, made, &notice);
            page_call(ui, "toast", notice.at);
            text_done(&notice);
        }
        return;
    }
    run_line_add(r, ui->row - 1, level, made);
    if (r->host && r->host->put) r->host->put(r->host->data, r);
}

void ez_fail(ez_ui *ui, const char *format, ...)
{
    run *r = ui->run;
    va_list args;
    va_start(args, format);
    char *why = arena_vprintf(r->arena, format, args);
    va_end(args);
    log_warn("app", "%s: %s", r->path, why);
    if (ui->row) {
        r->rows[ui->row - 1].failure = why;
        return;
    }
    r->failure = why;
    r->failed = true;
}

void ez_stop(ez_ui *ui) { ui->run->stopped = true; }

void ez_rerun(ez_ui *ui)
{
    ui->run->rerun = true;
    ui->run->stopped = true;
}

bool ez_running(ez_ui *ui)
{
    return !run_over(ui->run);
}

void run_outputs_flush(run *r);

bool ez_yield(ez_ui *ui)
{
    run *r = ui->run;
    if (!r->host)
        return ez_running(ui);
    if (r->kind == RUN_JOB) {
        run_outputs_flush(r);
        if (r->host->put)
            r->host->put(r->host->data, r);
    } else if (r->host->changed && !atomic_exchange(&r->notified, 1)) {
        r->host->changed(r->host->data, r);
    }
    return ez_running(ui);
}

bool ez_sleep(ez_ui *ui, double seconds)
{
    run *r = ui->run;
    enum { LONGEST_S = 1000000000 };
    int64_t until = clock_ns() + (seconds > 0 ? (int64_t)((seconds < LONGEST_S ? seconds : LONGEST_S) * 1e9) : 0);
    ez_yield(ui);
    run_wait_begin(r);
    while (ez_running(ui) && run_wait(r, until)) {}
    run_wait_end(r);
    return ez_running(ui);
}

int ez_length(const char *text)
{
    return text ? utf8_length(text) : 0;
}

const char *ez_event_id(ez_ui *ui) { return ui->run->event_id; }

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

const char *ez_query(ez_ui *ui, const char *name)
{
    run *r = ui->run;
    size_t count = strlen(name);
    for (const char *at = r->query; at && *at; at = strchr(at, '&') ? strchr(at, '&') + 1 : NULL) {
        if (strncmp(at, name, count) || at[count] != '=')
            continue;
        text t = { .arena = r->arena };
        for (at += count + 1; *at && *at != '&'; at++) {
            bool coded = *at == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0;
            text_putc(&t, coded ? (char)(hex(at[1]) * 16 + hex(at[2])) : *at == '+' ? ' ' : *at);
            at += coded ? 2 : 0;
        }
        return t.at && utf8_valid(t.at, t.count) && strlen(t.at) == t.count ? t.at : "";
    }
    return "";
}

const char *ez_setting(ez_ui *ui, const char *name, const char *fallback)
{
    const run_host *h = ui->run->host;
    const char *found = h && h->setting ? h->setting(h->data, name) : NULL;
    return found ? found : fallback ? fallback : "";
}

int ez_setting_int(ez_ui *ui, const char *name, int fallback)
{
    const char *s = ez_setting(ui, name, "");
    char *end;
    long v = strtol(s, &end, 10);
    if (!*s)
        return fallback;
    if (*end || v < -2147483647L || v > 2147483647L) {
        node_mistake(ui, ui->run->last_call, "the setting %s is \"%s\", which is not a whole number", name, s);
        return fallback;
    }
    return (int)v;
}

/* While it loads, the place shows the spinner's text; the node goes when the run does. */
static void show_loading(ez_ui *ui, const ez_resource_args *a)
{
    static const element_type type = { "spinner", "status", ELEMENT_SHOWS, 0 };
    if (!a->spinner || page_in_job(ui))
        return;
    node *n = node_open(ui, &type, &a->call, a->spinner, NULL);
    ez_print(&n->html, "<div class=\"ez-spinner\" role=\"status\"><span class=\"ez-spinner-mark\" aria-hidden=\"true\"></span>%s</div>", a->spinner);
    place_while_running(n);
    node_close(n);
}

void *ez_resource_put(ez_ui *ui, const ez_resource_args *args)
{
    run *r = ui->run;
    const run_host *h = r->host;
    run_at_copy(r, &args->call);
    if (!h || !h->resource)
        return args->load(args->arg, args->error);
    void *ready = h->resource(h->data, r, args, false);
    if (ready)
        return ready;
    show_loading(ui, args);
    if (h->changed && !atomic_exchange(&r->notified, 1))
        h->changed(h->data, r);
    return h->resource(h->data, r, args, true);
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

ez_ui *ez_scope(ez_ui *ui, const char *name)
{
    ez_ui *scope = ui_new(ui->run, ui->place, hash_mix(hash_mix(ui->scope, 0x73636f7065), hash_text(name)));
    scope->row = ui->row;
    return scope;
}

ez_ui *ez_at(ez_ui *ui, const char *key)
{
    run *r = ui->run;
    uint64_t id = run_key_id(ui->scope, key);
    for (int i = atomic_load(&r->log->count) - 1; i >= 0; i--) {
        node *n = log_at(r->log, i);
        if (n->id == id && n->type->places)
            return node_place(n, 0);
    }
    node_mistake(ui, r->last_call, "ez_at: no container above has the key \"%s\"", key);
    return ui;
}

bool ez_is_open(ez_ui *at)
{
    node *owner = at->place->owner;
    return !owner || !owner->has_control || owner->control.kind != CONTROL_OPEN || (owner->now.number != 0 && !owner->shut);
}

void ez_open(ez_ui *ui, const char *key)
{
    run_put_add(ui->run, run_key_id(ui->scope, key), VALUE_BOOL, 1, NULL, false);
}

void ez_close(ez_ui *at)
{
    node *owner = at->place->owner;
    if (!owner || !owner->has_control || owner->control.kind != CONTROL_OPEN) {
        node_mistake(at, at->run->last_call, "ez_close: this place is no dialog, expander or tab");
        return;
    }
    owner->shut = true;
    run_put_add(at->run, owner->id, VALUE_BOOL, 0, NULL, false);
}

void ez_clear(ez_ui *at)
{
    run *r = at->run;
    int now = atomic_load_explicit(&r->log->count, memory_order_relaxed);
    atomic_store_explicit(&at->place->from, now, memory_order_release);
    at->place->seen_count = 0;
    if (r->host && r->host->changed && !atomic_exchange(&r->notified, 1))
        r->host->changed(r->host->data, r);
}

/* Why a control was refused is kept beside its value until the visitor changes it; the page runs once more to show it. */
static uint64_t invalid_id(uint64_t control)
{
    return hash_mix(control, 0x696e76616c6964);
}

void ez_invalid(ez_ui *form, const char *key, const char *why)
{
    run_put_add(form->run, invalid_id(run_key_id(form->scope, key)), VALUE_SHOWN, 0, why ? why : "", false);
    form->run->again = true;
}

const char *node_invalid(node *n)
{
    value *v = values_find(&n->run->values, invalid_id(n->id));
    return v && v->kind == VALUE_SHOWN && *v->text ? arena_text(n->run->arena, v->text) : NULL;
}

uint64_t run_invalid_id(uint64_t control) { return invalid_id(control); }

void page_call(ez_ui *ui, const char *method, const char *json_args)
{
    if (!run_over(ui->run)) {
        run_charge(ui->run, (ptrdiff_t)(sizeof(run_call) + strlen(json_args)));
        *list_add(&ui->run->calls) = (run_call){ 0, mem_text(method), mem_text(json_args) };
    }
}

void page_job_progress(ez_ui *ui, double fraction, const char *text)
{
    run *r = ui->run;
    r->progress = fraction;
    r->progress_text = arena_text(r->arena, text);
    r->has_progress = true;
    if (r->host && r->host->put)
        r->host->put(r->host->data, r);
}
