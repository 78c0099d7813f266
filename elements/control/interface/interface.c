/* interface.c: a whole page for one function, made of other elements: inputs at the start side, outputs at the other. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include "interface.h"
#include <ctype.h>
#include <string.h>

static bool mistaken(ez_ui *at, const ez_interface_args *a)
{
    if (!a->fn || !a->in || !a->out) {
        node_mistake(at, &a->call, "ez_interface needs a function and its records: ez_interface(ui, greet, .in = &greet_in_record, .out = &greet_out_record)");
        return true;
    }
    const char *shared = records_share(a->in, a->out);
    if (shared)
        node_mistake(at, &a->call, "ez_interface: an input and an output are both called \"%s\"; give one of them another name", shared);
    return shared != NULL;
}

/* "name, times": what .clears and ez_examples take. */
static const char *names_of(ez_ui *ui, const ez_record *r, const char *before)
{
    for (int i = 0; i < r->count; i++)
        before = ez_fmt(ui, "%s%s%s", before, *before ? ", " : "", record_field(r, i)->name);
    return before;
}

static const char *triggers_of(ez_ui *ui, const ez_record *r, const char *event)
{
    const char *all = "";
    for (int i = 0; i < r->count; i++)
        all = ez_fmt(ui, "%s%s%s.%s", all, *all ? ", " : "", record_field(r, i)->name, event);
    return all;
}

static ez_event *bind_trigger(ez_ui *ui, const ez_interface_args *a, const char *trigger)
{
    bool rerun = a->show != NULL;
    for (int i = 0; i < a->out->count; i++)
        rerun = rerun || interface_reruns(record_field(a->out, i));
    return ez_on_put(ui, EZ_ARGS(ez_on_args, .call = a->call, .trigger = trigger, .fn = a->fn, .lane = a->lane, .concurrency = a->concurrency, .rerun = rerun));
}

/* At each change: what still computes for the one before is given up, so that the last word is that of the newest. */
static void bind_live(ez_ui *ui, const ez_interface_args *a)
{
    const char *all = triggers_of(ui, a->in, "change");
    for (int i = 0; i < a->in->count; i++) {
        const char *trigger = ez_fmt(ui, "%s.change", record_field(a->in, i)->name);
        ez_on_put(ui, EZ_ARGS(ez_on_args, .call = a->call, .trigger = trigger, .fn = NULL, .cancels = all));
        bind_trigger(ui, a, trigger);
    }
}

static void bind_submit(ez_ui *ui, const ez_interface_args *a)
{
    const char *all = "interface-submit.click";
    bind_trigger(ui, a, all);
    for (int i = 0; i < a->in->count; i++)
        if (interface_submits(record_field(a->in, i))) {
            const char *trigger = ez_fmt(ui, "%s.submit", record_field(a->in, i)->name);
            bind_trigger(ui, a, trigger);
            all = ez_fmt(ui, "%s, %s", all, trigger);
        }
    ez_on_put(ui, EZ_ARGS(ez_on_args, .call = a->call, .trigger = "interface-stop.click", .fn = NULL, .cancels = all));
}

static void show_inputs(ez_ui *ui, const ez_interface_args *a)
{
    for (int i = 0; i < a->in->count; i++)
        interface_input(ui, record_field(a->in, i), &a->call, a->live);
    ez_ui *row = ez_row_put(ui, EZ_ARGS(ez_row_args, .call = a->call, .key = "interface-buttons"));
    ez_clear_button_put(row, EZ_ARGS(ez_clear_button_args, .call = a->call, .label = "Clear", .clears = names_of(ui, a->out, names_of(ui, a->in, "")), .key = "interface-clear"));
    if (!a->live) {
        ez_button_put(row, EZ_ARGS(ez_button_args, .call = a->call, .label = a->submit_label ? a->submit_label : "Submit", .kind = EZ_BUTTON_PRIMARY, .key = "interface-submit"));
        ez_button_put(row, EZ_ARGS(ez_button_args, .call = a->call, .label = "Stop", .icon = "stop", .key = "interface-stop"));
    }
}

static void show_flags(ez_ui *ui, const ez_interface_args *a)
{
    const char *const *choices = a->flagging_options && a->flagging_options[0] ? a->flagging_options : EZ_OPTIONS("Flag");
    const char *name = page_function_name(ui, a->fn);
    if (!a->flagging)
        return;
    ez_ui *row = ez_row_put(ui, EZ_ARGS(ez_row_args, .call = a->call, .key = "interface-flags"));
    for (int i = 0; choices[i]; i++)
        if (ez_button_put(row, EZ_ARGS(ez_button_args, .call = a->call, .label = choices[i], .key = ez_fmt(ui, "interface-flag-%d", i)))) {
            page_flag(ui, name ? name : a->title ? a->title : "", choices[i], a->in, a->out);
            ez_toast_put(ui, EZ_ARGS(ez_toast_args, .call = a->call, .text = "Thank you: it is noted."));
        }
}

static void show_outputs(ez_ui *ui, const ez_interface_args *a)
{
    for (int i = 0; i < a->out->count; i++) {
        if (a->show) page_holds(ui, record_field(a->out, i)->name);
        else interface_output(ui, record_field(a->out, i), &a->call);
    }
    if (a->show) a->show(ui);
    show_flags(ui, a);
}

static void show_examples(ez_ui *ui, const ez_interface_args *a)
{
    if (!a->examples || !a->examples[0] || !a->in->count)
        return;
    const char **heads = ez_alloc(ui, ((size_t)a->in->count + 1) * sizeof *heads);
    for (int i = 0; i < a->in->count; i++)
        heads[i] = interface_label(ui, record_field(a->in, i));
    int row = ez_examples_put(ui, EZ_ARGS(ez_examples_args, .call = a->call, .keys = names_of(ui, a->in, ""), .rows = a->examples, .columns = heads, .key = "interface-examples"));
    if (row >= 0 && (a->cache_examples || a->live))
        page_example(ui, &a->call, a->fn, a->in, a->out, a->examples + row * a->in->count);
}

static void show_address(ez_ui *ui, const ez_interface_args *a)
{
    static const element_type type = { "interface_api", "control", ELEMENT_SHOWS, 0 };
    const char *name = page_function_name(ui, a->fn);
    if (!name)
        return;
    node *n = node_open(ui, &type, &a->call, NULL, "interface-api");
    ez_print(node_html(n), "<p class=\"ez-interface-api\"><span>Use via API:</span> <code>POST /api/%s</code> <a href=\"%s\">try and copy</a> <a href=\"%s\">OpenAPI</a></p>", name, page_address(ui, "/api"), page_address(ui, "/api/openapi.json"));
    node_close(n);
}

void ez_interface_put(ez_ui *at, const ez_interface_args *a)
{
    if (mistaken(at, a))
        return;
    ez_ui *scope = a->key ? ez_scope(at, a->key) : at;
    if (a->title && place_is_page(at)) ez_title_put(at, EZ_ARGS(ez_title_args, .call = a->call, .text = a->title));
    else if (a->title) ez_header_put(at, EZ_ARGS(ez_header_args, .call = a->call, .text = a->title));
    if (a->description) ez_markdown_put(at, EZ_ARGS(ez_markdown_args, .call = a->call, .text = a->description));

    node *n = node_open(scope, &interface_type, &a->call, a->title, "interface");
    ez_print(node_html(n), "<div class=\"ez-interface ez-place\"");
    node_print_place(n, 0);
    ez_print(node_html(n), "></div>");
    node_close(n);
    ez_ui *inside = node_place(n, 0);
    ez_ui *row = ez_row_put(inside, EZ_ARGS(ez_row_args, .call = a->call, .gap = EZ_GAP_MEDIUM, .key = "interface-row"));
    show_inputs(ez_column_put(row, EZ_ARGS(ez_column_args, .call = a->call, .key = "interface-in")), a);
    show_outputs(ez_column_put(row, EZ_ARGS(ez_column_args, .call = a->call, .border = true, .key = "interface-out")), a);
    if (a->live) bind_live(inside, a);
    else bind_submit(inside, a);
    show_examples(inside, a);
    show_address(inside, a);
}
