/* strict.h: a page with one of everything that takes input, which ends the process when it is given a value outside its limits. */
/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FUZZ_STRICT_H
#define FUZZ_STRICT_H

#include "session/session.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline void must(bool holds)
{
    if (!holds) abort();
}

static inline bool is_text(const char *s, int most) { return s && utf8_valid(s, strlen(s)) && ez_length(s) <= most; }

typedef struct strict_in { double rate; int whole; const char *name; bool on; char short_name[8]; } strict_in;
EZ_RECORD(strict_in, EZ_FIELD(strict_in, rate, .range = { 0, 10 }), EZ_FIELD(strict_in, whole, .range = { -3, 3 }), EZ_FIELD(strict_in, name), EZ_FIELD(strict_in, on), EZ_FIELD(strict_in, short_name));

static void strict_function(ez_ui *ui)
{
    const strict_in *in = ez_in(ui, strict_in);
    must(in->rate >= 0 && in->rate <= 10 && in->whole >= -3 && in->whole <= 3 && is_text(in->name, 5) && is_text(in->short_name, 7));
    ez_put_text(ui, "result", ez_fmt(ui, "%g %d <%s>", in->rate, in->whole, in->name));
    ez_put_text(ui, "name", in->name);
}

static void strict_fragment(ez_ui *ui)
{
    must(isfinite(ez_number_input(ui, "Inside", -1, EZ_ANY, .key = "inside")));
    ez_button(ui, "Again", .key = "again");
}

static void strict_page(ez_ui *ui)
{
    static const char *const colours[] = { "red", "green", NULL };
    double rate = ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    int whole = ez_int_input(ui, "Whole", -3, 3, .key = "whole"), colour = ez_selectbox(ui, "Colour", colours, .key = "colour");
    const char *name = ez_text_input(ui, "Name", .key = "name", .max_chars = 5);
    must(rate >= 0 && rate <= 10 && whole >= -3 && whole <= 3 && is_text(name, 5) && colour >= 0 && colour < 2);
    double any = ez_number_input(ui, "Any", -EZ_ANY, EZ_ANY, .start_empty = true);
    must(ez_is_none(any) || isfinite(any));
    ez_checkbox(ui, "On", .key = "on");
    int radio = ez_radio(ui, "One", colours, .key = "one");
    must(radio >= -1 && radio < 2);
    ez_ui *form = ez_form(ui, "form", .clear_on_submit = true);
    must(is_text(ez_text_area(form, "Words", .key = "words", .max_chars = 40), 40));
    ez_submit_button(form, "Send");
    ez_ui *more = ez_expander(ui, "More", .lazy = true);
    if (ez_button(more, "Inner")) ++*ez_state(ui, int, "inner");
    ez_chat *chat = ez_chat_get(ui, "talk");
    const char *said = ez_chat_input(ui, "Say", .key = "say");
    if (said && ez_chat_count(chat) < 20) {
        must(is_text(said, 1000000));
        ez_chat_add(chat, "user", said);
        ez_chat_reply(ui, chat, ez_model_get(ui, NULL));
    }
    for (int i = 0; i < ez_chat_count(chat); i++) ez_chat_text(ui, ez_chat_at(chat, i), .key = ez_fmt(ui, "m%d", i));
    int *n = ez_state(ui, int, "n");
    if (ez_button(ui, "Plus", .key = "plus")) ++*n;
    for (int i = 0; i < *n % 4; i++) ez_button(ui, "Same");
    must(!ez_button(ui, "Off", .key = "off", .disabled = true));
    must(ez_slider(ui, "Fixed", 0, 10, .value = 5, .key = "fixed", .disabled = true) == 5);
    ez_button(ui, "Go", .key = "go");
    ez_text(ui, "-", .key = "result");
    ez_on(ui, "go.click", strict_function);
    ez_fragment(ui, strict_fragment);
    must(is_text(ez_query(ui, "x"), 2000));
}

static ez_fn *strict_page_of(void *data, const char *path)
{
    (void)data;
    return strcmp(path, "/") && strcmp(path, "/other") ? NULL : strict_page;
}

/* What goes to a browser is JSON of valid UTF-8. */
static inline void strict_sent(const action *a)
{
    must(utf8_valid(a->text.at, a->text.count));
    cJSON *o = cJSON_ParseWithLength(a->text.at, a->text.count);
    must(cJSON_IsObject(o));
    cJSON_Delete(o);
}

/* What functions are stored relative to: the code itself, so that a session read back finds them. */
static const run_host strict_host = { .build = "fuzz" };
static const session_program strict_program = { .host = &strict_host, .build = "fuzz", .base = (const void *)strict_page, .page = strict_page_of, .memory = 64 << 20 };

#endif
