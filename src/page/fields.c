/* fields.c: what elements that stand for a function ask of it and its records: fill inputs, call it for an example, say what is shown as JSON. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "page/place.h"
#include <stddef.h>
#include <string.h>

const char *page_function_name(const ez_ui *at, ez_fn *fn)
{
    const run_host *h = at->run->host;
    return fn && h && h->function ? h->function(h->data, fn) : NULL;
}

const run_host *page_host(const ez_ui *ui) { return ui->run->host; }

void page_holds(ez_ui *at, const char *key)
{
    *list_add(&at->run->called) = run_key_id(at->scope, key);
}

static bool is_yes(const char *words) { return !strcmp(words, "true") || !strcmp(words, "yes") || !strcmp(words, "1"); }

void page_fill(ez_ui *at, const char *key, const char *words)
{
    run *r = at->run;
    const tree_control *c = r->before ? tree_control_of(r->before, run_key_id(at->scope, key)) : NULL;
    char *end;
    double number = plain_real(words, &end);
    r->again = true;
    if (c && c->kind == CONTROL_BOOL) ez_put_bool(at, key, is_yes(words));
    else if (c && c->kind == CONTROL_NUMBER && *words && !*end) ez_put_num(at, key, number);
    else if (!c || c->kind != CONTROL_NUMBER) ez_put_text(at, key, words);
}

/* ---- examples -------------------------------------------------------------------------------------------------------- */

/* What a load needs to call the function. A resource is known by its text, which says all of it; load gets that text, and finds the rest beside it. */
typedef struct question { ez_fn *fn; const ez_record *in, *out; const char *const *words; const run_host *host; char name[]; } question;
typedef struct answers { int count; value *at; } answers;

static const uint64_t example_scope = 0x6578616d706c65;

static void ask_field(run *job, const ez_field *f, const char *words)
{
    value *v = values_at(&job->values, run_key_id(example_scope, f->name));
    char *end;
    double number = plain_real(words, &end);
    v->keyed = true;
    bool counts = f->kind == EZ_KIND_INT || f->kind == EZ_KIND_LONG || f->kind == EZ_KIND_NUM;
    if (f->kind == EZ_KIND_BOOL) value_set_number(v, VALUE_BOOL, is_yes(words));
    else if (!counts) value_set_text(v, VALUE_TEXT, words);
    else if (*words && !*end) value_set_number(v, VALUE_NUMBER, number);
}

/* What was put last counts; what was added follows what was there. */
static void take_put(value *v, const run_put *p)
{
    if (p->append && v->text) {
        text t = { 0 };
        text_printf(&t, "%s%s", v->text, p->text);
        value_set_text(v, VALUE_TEXT, t.at);
        text_done(&t);
    } else if (p->text) {
        value_set_text(v, VALUE_TEXT, p->text);
    } else {
        value_set_number(v, p->kind, p->number);
    }
}

static void answers_free(void *data)
{
    answers *a = data;
    for (int i = 0; i < a->count; i++)
        mem_free(a->at[i].text);
    mem_free(a->at);
    mem_free(a);
}

static void *load_example(const char *name, ez_err *err)
{
    const question *q = (const question *)(name - offsetof(question, name));
    const run_host nobody = { .data = q->host ? q->host->data : NULL, .build = "", .hides_details = q->host && q->host->hides_details,
                              .elsewhere = q->host ? q->host->elsewhere : NULL };      /* hears of what it does */
    run *job = run_new(RUN_JOB, q->fn, &nobody);
    job->path = "/";
    job->scope = example_scope;
    for (int i = 0; i < q->in->count; i++)
        ask_field(job, record_field(q->in, i), q->words[i]);
    run_execute(job);
    if (job->failed) {
        error_set(err, EZ_FAILED, "%s", job->failure ? job->failure : "the function failed");
        run_free(job);
        return NULL;
    }
    answers *a = mem_alloc(sizeof *a);
    a->count = q->out->count;
    a->at = mem_alloc((size_t)a->count * sizeof *a->at);
    for (int i = 0; i < a->count; i++)
        for (int j = 0; j < job->puts.count; j++)
            if (job->puts.at[j].id == run_key_id(example_scope, record_field(q->out, i)->name))
                take_put(&a->at[i], &job->puts.at[j]);
    run_free(job);
    return a;
}

static question *question_new(ez_ui *at, ez_fn *fn, const ez_record *in, const ez_record *out, const char *const *words)
{
    text name = { 0 };
    text_printf(&name, "%p", (void *)(intptr_t)fn);
    for (int i = 0; i < in->count; i++) {
        text_putc(&name, ' ');
        text_json_wire(&name, words[i], strlen(words[i]));
    }
    question *q = arena_alloc(at->run->arena, sizeof *q + name.count + 1);
    *q = (question){ fn, in, out, words, at->run->host };
    memcpy(q->name, name.at, name.count + 1);
    text_done(&name);
    return q;
}

void page_example(ez_ui *at, const ez_call *call, ez_fn *fn, const ez_record *in, const ez_record *out, const char *const *words)
{
    ez_err err = { EZ_OK, "" };
    const question *q = question_new(at, fn, in, out, words);
    ez_resource_args load = { .call = *call, .load = load_example, .arg = q->name, .unload = answers_free, .error = &err };
    const answers *a = ez_resource_put(at, &load);
    if (!a && err.code)
        ez_fail(at, "%s", err.text);
    for (int i = 0; a && i < a->count; i++) {
        const char *key = record_field(out, i)->name;
        if (a->at[i].kind == VALUE_TEXT) ez_put_text(at, key, a->at[i].text);
        else if (a->at[i].kind == VALUE_BOOL) ez_put_bool(at, key, a->at[i].number != 0);
        else if (a->at[i].kind == VALUE_NUMBER) ez_put_num(at, key, a->at[i].number);
    }
}

/* ---- what is shown ------------------------------------------------------------------------------------------------------- */

static void write_field(json *j, const ez_field *f, const value *v)
{
    bool number = f->kind == EZ_KIND_INT || f->kind == EZ_KIND_LONG || f->kind == EZ_KIND_NUM;
    char *end;
    double shown = v->text ? plain_real(v->text, &end) : 0;      /* an element that shows text holds a number as one */
    if (v->kind == VALUE_NONE) json_raw(j, "null", 4);
    else if (f->kind == EZ_KIND_BOOL) json_bool(j, v->text ? !strcmp(v->text, "true") : v->number != 0);
    else if (number && v->text && *v->text && !*end) json_number(j, shown);
    else if (!v->text) json_number(j, v->number);
    else json_text(j, v->text);
}

const char *page_record_json(ez_ui *at, const ez_record *record)
{
    text t = { .arena = at->run->arena };
    json j = json_to(&t);
    json_object(&j);
    for (int i = 0; record && i < record->count; i++) {
        const ez_field *f = record_field(record, i);
        value v;
        run_seen_value(at->run, run_key_id(at->scope, f->name), &v);
        json_key(&j, f->name);
        write_field(&j, f, &v);
    }
    json_object_end(&j);
    return t.at;
}

void page_flag(ez_ui *at, const char *function, const char *choice, const ez_record *in, const ez_record *out)
{
    run *r = at->run;
    if (run_over(r) || r->kind == RUN_JOB)
        return;
    run_flag f = { mem_text(function), mem_text(choice), mem_text(page_record_json(at, in)), mem_text(page_record_json(at, out)) };
    run_charge(r, (ptrdiff_t)(sizeof f + strlen(function) + strlen(choice) + strlen(f.inputs) + strlen(f.outputs)));
    *list_add(&r->flags) = f;
}

/* ---- jobs ---------------------------------------------------------------------------------------------------------------- */

void page_jobs_get(ez_ui *at, page_jobs *jobs)
{
    const run_host *h = at->run->host;
    if (h && h->jobs && !run_over(at->run))
        h->jobs(h->data, at->run, jobs);
}

void page_job_act(ez_ui *at, const char *id, bool again, bool all)
{
    const run_host *h = at->run->host;
    if (h && h->job_act)
        h->job_act(h->data, at->run, id, again, all);
}

const char **page_functions(ez_ui *at)
{
    const run_host *h = at->run->host;
    return h && h->functions ? h->functions(h->data, at->run->arena) : arena_alloc(at->run->arena, 2 * sizeof(const char *));
}
