/* fields.c: one field of a record as an element. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include "interface.h"
#include <limits.h>
#include <math.h>
#include <string.h>

enum { FEW = 5, SLIDES_TO = 1000 };            /* so many options are seen at once; a range of so many steps slides */

const char *interface_label(ez_ui *ui, const ez_field *f)
{
    if (f->label)
        return f->label;
    char *words = ez_alloc(ui, strlen(f->name) + 1);
    strcpy(words, f->name);
    for (char *c = words; *c; c++)
        if (*c == '_') *c = ' ';
    words[0] = plain_upper(words[0]);
    return words;
}

static bool is_text(const ez_field *f) { return f->kind == EZ_KIND_TEXT || f->kind == EZ_KIND_CHARS; }

bool interface_submits(const ez_field *f) { return is_text(f) && !f->options; }

/* ---- inputs ------------------------------------------------------------------------------------------------------------- */

typedef struct input { ez_ui *ui; const ez_field *f; const ez_call *call; const char *label; double low, high; bool live; } input;

static void put_choice(const input *x)
{
    const ez_field *f = x->f;
    int count = 0;
    while (f->options[count])
        count++;
    if (count <= FEW)
        ez_radio_put(x->ui, EZ_ARGS(ez_radio_args, .call = *x->call, .label = x->label, .options = f->options, .index = (int)f->value, .start_empty = f->optional,
                                    .horizontal = true, .help = f->help, .key = f->name));
    else
        ez_selectbox_put(x->ui, EZ_ARGS(ez_selectbox_args, .call = *x->call, .label = x->label, .options = f->options, .index = (int)f->value, .start_empty = f->optional,
                                        .help = f->help, .key = f->name));
}

static void put_text(const input *x)
{
    const ez_field *f = x->f;
    if (f->options) {
        put_choice(x);
        return;
    }
    ez_text_input_put(x->ui, EZ_ARGS(ez_text_input_args, .call = *x->call, .label = x->label, .max_chars = f->kind == EZ_KIND_CHARS ? (int)f->size - 1 : 0,
                                     .max_lines = 12, .help = f->help, .key = f->name, .live = x->live));
}

static void put_bool(const input *x)
{
    ez_checkbox_put(x->ui, EZ_ARGS(ez_checkbox_args, .call = *x->call, .label = x->label, .value = x->f->value != 0, .help = x->f->help, .key = x->f->name));
}

static bool slides(const input *x, double most)
{
    return x->low > -most && x->high < most && x->high > x->low && (x->f->kind == EZ_KIND_NUM || x->high - x->low <= SLIDES_TO);
}

static void put_int(const input *x)
{
    const ez_field *f = x->f;
    int low = x->low <= INT_MIN ? -EZ_ANY_INT : (int)ceil(x->low), high = x->high >= INT_MAX ? EZ_ANY_INT : (int)floor(x->high);
    if (slides(x, INT_MAX))
        ez_int_slider_put(x->ui, EZ_ARGS(ez_int_slider_args, .call = *x->call, .label = x->label, .min = low, .max = high, .value = (int)f->value, .help = f->help, .key = f->name));
    else
        ez_int_input_put(x->ui, EZ_ARGS(ez_int_input_args, .call = *x->call, .label = x->label, .min = low, .max = high, .value = (int)f->value, .help = f->help, .key = f->name));
}

static void put_long(const input *x)
{
    const ez_field *f = x->f;
    ez_number_input_put(x->ui, EZ_ARGS(ez_number_input_args, .call = *x->call, .label = x->label, .min = x->low, .max = x->high, .value = f->value, .format = "%.0f", .step = 1,
                                       .help = f->help, .key = f->name));
}

static void put_number(const input *x)
{
    const ez_field *f = x->f;
    if (slides(x, EZ_ANY))
        ez_slider_put(x->ui, EZ_ARGS(ez_slider_args, .call = *x->call, .label = x->label, .min = x->low, .max = x->high, .value = f->value, .format = f->format,
                                     .help = f->help, .key = f->name));
    else
        ez_number_input_put(x->ui, EZ_ARGS(ez_number_input_args, .call = *x->call, .label = x->label, .min = x->low, .max = x->high, .value = f->value, .format = f->format,
                                           .help = f->help, .key = f->name));
}

static void put_date(const input *x)
{
    ez_text_input_put(x->ui, EZ_ARGS(ez_text_input_args, .call = *x->call, .label = x->label, .max_chars = 10, .placeholder = "2026-11-21", .help = x->f->help, .key = x->f->name, .live = x->live));
}

static void put_file(const input *x)
{
    const char *accept = x->f->accept ? x->f->accept : x->f->kind == EZ_KIND_PIXELS ? "image/png,image/jpeg,image/webp" : NULL;
    ez_file_uploader_put(x->ui, EZ_ARGS(ez_file_uploader_args, .call = *x->call, .label = x->label, .accept = accept, .help = x->f->help, .key = x->f->name));
}

void interface_input(ez_ui *ui, const ez_field *f, const ez_call *call, bool live)
{
    static void (*const puts[])(const input *) = {
        [EZ_KIND_BOOL] = put_bool, [EZ_KIND_INT] = put_int, [EZ_KIND_LONG] = put_long, [EZ_KIND_NUM] = put_number, [EZ_KIND_CHARS] = put_text, [EZ_KIND_TEXT] = put_text,
        [EZ_KIND_DATE] = put_date, [EZ_KIND_FILE] = put_file, [EZ_KIND_PIXELS] = put_file,
    };
    bool open = f->range.low == 0 && f->range.high == 0;
    input x = { ui, f, call, interface_label(ui, f), open ? -EZ_ANY : f->range.low, open ? EZ_ANY : f->range.high, live };
    if (f->kind > EZ_KIND_NONE && (int)f->kind < COUNT(puts)) puts[f->kind](&x);
}

/* ---- outputs ------------------------------------------------------------------------------------------------------------ */

bool interface_reruns(const ez_field *f) { return is_text(f) && f->format && !strcmp(f->format, "json"); }

static void put_json(ez_ui *ui, const ez_field *f, const ez_call *call)
{
    const char *said = ez_get_text(ui, f->name);
    page_holds(ui, f->name);
    ez_json_put(ui, EZ_ARGS(ez_json_args, .call = *call, .text = *said ? said : "null", .label = interface_label(ui, f)));
}

void interface_output(ez_ui *ui, const ez_field *f, const ez_call *call)
{
    if (interface_reruns(f)) {
        put_json(ui, f, call);
        return;
    }
    static const element_type type = { "interface_output", "control", ELEMENT_SHOWS, 0 };
    bool file = f->kind == EZ_KIND_FILE || f->kind == EZ_KIND_PIXELS, text = is_text(f) || file;
    bool markdown = file || (text && f->format && !strcmp(f->format, "markdown"));
    node *n = node_open(ui, &type, call, f->name, f->name);
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-interface-output\" role=\"group\" aria-labelledby=\"%s-l\" data-kind=\"%s\"><div class=\"ez-label\"><span id=\"%s-l\">", node_id(n), text ? "text" : "value", node_id(n));
    node_label_line(n, interface_label(ui, f));
    ez_print(h, "</span>");
    node_help(n, f->help);
    ez_print(h, "</div><div class=\"ez-interface-value%s\" aria-live=\"polite\">", markdown ? " ez-prose" : "");
    if (markdown) node_print_shown_markdown(n, "");
    else node_print_shown(n, "");
    ez_print(h, "</div></div>");
    node_close(n);
}
