/* interface_test.c: a function made into a page by its records alone. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <stdio.h>
#include <string.h>

typedef struct { double a; const char *operation; double b; } sum_in;
EZ_RECORD(sum_in, EZ_FIELD(sum_in, a), EZ_FIELD(sum_in, operation, .options = EZ_OPTIONS("add", "subtract", "divide")), EZ_FIELD(sum_in, b, .value = 1));
typedef struct { double result; const char *words; bool whole; } sum_out;
EZ_RECORD(sum_out, EZ_FIELD(sum_out, result), EZ_FIELD(sum_out, words), EZ_FIELD(sum_out, whole));

static int calls;

static void sum(ez_ui *ui)
{
    const sum_in *in = ez_in(ui, sum_in);
    sum_out *out = ez_out(ui, sum_out);
    calls++;
    if (!strcmp(in->operation, "divide") && in->b == 0) {
        ez_fail(ui, "Nothing can be divided by zero.");
        return;
    }
    out->result = !strcmp(in->operation, "add") ? in->a + in->b : !strcmp(in->operation, "subtract") ? in->a - in->b : in->a / in->b;
    out->words = ez_fmt(ui, "%g %s %g", in->a, in->operation, in->b);
    out->whole = out->result == (int)out->result;
}

static void calculator(ez_ui *ui)
{
    ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_out_record, .title = "Calculator", .examples = EZ_OPTIONS("8", "divide", "2", "1", "divide", "0"), .cache_examples = true);
}

static bool shows_value(const lb_view *v, const char *value)
{
    char part[80];
    snprintf(part, sizeof part, "aria-live=\"polite\">%s</div>", value);
    return loopback_sees(v, part);
}

TEST(an_interface_calls_its_function_with_what_its_controls_hold)
{
    loopback *l = loopback_new(calculator);
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "a", "4");
    loopback_set(l, v, "operation", "\"subtract\"");
    loopback_click(l, v, "interface-submit");
    assert_true(shows_value(v, "3"));
    assert_true(shows_value(v, "4 subtract 1"));
    assert_true(shows_value(v, "true"));
    loopback_same(l);
    loopback_free(l);
}

TEST(an_output_that_is_zero_takes_the_place_of_the_one_before)
{
    loopback *l = loopback_new(calculator);
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "a", "4");
    loopback_click(l, v, "interface-submit");
    assert_true(shows_value(v, "5"));
    loopback_set(l, v, "a", "-1");
    loopback_click(l, v, "interface-submit");
    assert_true(shows_value(v, "0"));
    loopback_free(l);
}

TEST(clear_puts_inputs_back_and_empties_outputs)
{
    loopback *l = loopback_new(calculator);
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "a", "4");
    loopback_click(l, v, "interface-submit");
    loopback_click(l, v, "interface-clear");
    assert_string_equal(loopback_value(l, "a"), "0");
    assert_false(loopback_sees(v, "4 add 1"));
    assert_true(shows_value(v, ""));
    loopback_same(l);
    loopback_free(l);
}

/* What a program keeps: each by its name, until the end. */
static struct { char *name; void *it; void (*unload)(void *it); } kept[4];
static int kept_count;

static void *keep(void *data, run *r, const ez_resource_args *a, bool wait)
{
    (void)data, (void)r;
    for (int i = 0; i < kept_count; i++)
        if (!strcmp(kept[i].name, a->arg)) return kept[i].it;
    void *it = wait ? a->load(a->arg, a->error) : NULL;
    if (it && kept_count < COUNT(kept)) {
        kept[kept_count].name = mem_text(a->arg);
        kept[kept_count].it = it;
        kept[kept_count++].unload = a->unload;
    }
    return it;
}

static void keep_nothing(void)
{
    while (kept_count) {
        kept_count--;
        kept[kept_count].unload(kept[kept_count].it);
        mem_free(kept[kept_count].name);
    }
}

TEST(an_example_fills_the_inputs_and_its_outputs_are_computed_once)
{
    loopback *l = loopback_new(calculator);
    l->host.resource = keep;
    lb_view *v = loopback_open(l, "a");
    int before = calls;
    loopback_trigger(l, v, "interface-examples", "choose", "\"0\"");
    assert_string_equal(loopback_value(l, "a"), "8");
    assert_string_equal(loopback_value(l, "operation"), "\"divide\"");
    assert_true(shows_value(v, "4"));
    assert_true(shows_value(v, "8 divide 2"));
    assert_int_equal(calls, before + 1);
    assert_int_equal(l->jobs_made, 0);
    loopback_same(l);
    loopback_click(l, v, "interface-clear");
    assert_true(shows_value(v, ""));
    loopback_trigger(l, v, "interface-examples", "choose", "\"0\"");
    assert_true(shows_value(v, "4"));
    assert_int_equal(calls, before + 1);
    loopback_free(l);
    keep_nothing();
}

TEST(an_example_that_fails_leaves_the_outputs)
{
    loopback *l = loopback_new(calculator);
    lb_view *v = loopback_open(l, "a");
    loopback_click(l, v, "interface-submit");
    assert_true(shows_value(v, "0 add 1"));
    l->host.resource = keep;
    loopback_trigger(l, v, "interface-examples", "choose", "\"1\"");
    assert_true(shows_value(v, "0 add 1"));
    assert_string_equal(loopback_value(l, "operation"), "\"divide\"");
    loopback_free(l);
}

static void live(ez_ui *ui)
{
    ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_out_record, .live = true);
}

TEST(a_live_interface_gives_up_what_an_older_input_asked_for)
{
    loopback *l = loopback_new(live);
    lb_view *v = loopback_open(l, "a");
    assert_false(loopback_sees(v, "Submit"));
    l->hold_jobs = true;
    loopback_set(l, v, "a", "4");
    loopback_set(l, v, "a", "6");
    assert_true(l->jobs.at[0].run->interrupted);
    assert_false(l->jobs.at[1].run->interrupted);
    loopback_job(l, 1);
    assert_true(shows_value(v, "7"));
    loopback_job(l, 0);
    assert_true(shows_value(v, "7"));
    loopback_free(l);
}

static void twice(ez_ui *ui)
{
    ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_out_record, .key = "one");
    ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_out_record, .key = "two");
}

TEST(interfaces_with_keys_stand_on_one_page)
{
    loopback *l = loopback_new(twice);
    lb_view *v = loopback_open(l, "a");
    assert_false(loopback_sees(v, "ez-mistake"));
    loopback_free(l);
}

static void drawn(ez_ui *ui)
{
    const sum_out *out = ez_in(ui, sum_out);
    ez_text(ui, ez_fmt(ui, "[%g|%s]", out->result, out->words));
}

static void own_look(ez_ui *ui)
{
    ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_out_record, .show = drawn);
}

TEST(an_interface_shows_its_outputs_as_the_program_draws_them)
{
    loopback *l = loopback_new(own_look);
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "a", "4");
    loopback_click(l, v, "interface-submit");
    assert_true(loopback_sees(v, "[5|4 add 1]"));
    loopback_click(l, v, "interface-clear");
    assert_true(loopback_sees(v, "[0|]"));
    assert_false(loopback_sees(v, "ez-mistake"));
    loopback_free(l);
}

static void flagged(ez_ui *ui)
{
    ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_out_record, .title = "Sums", .flagging = true, .flagging_options = EZ_OPTIONS("wrong", "offensive"));
}

TEST(what_a_visitor_flags_is_kept_with_inputs_and_outputs)
{
    loopback *l = loopback_new(flagged);
    lb_view *v = loopback_open(l, "a");
    loopback_set(l, v, "a", "4");
    loopback_click(l, v, "interface-submit");
    assert_int_equal(l->flags, 0);
    loopback_click(l, v, "interface-flag-1");
    assert_int_equal(l->flags, 1);
    assert_string_equal(l->flagged, "Sums offensive {\"a\":4,\"operation\":\"add\",\"b\":1} {\"result\":5,\"words\":\"4 add 1\",\"whole\":true}");
    char first[64];
    snprintf(first, sizeof first, "%s", l->flag_event);
    loopback_click(l, v, "interface-flag-0");
    assert_int_equal(l->flags, 2);
    assert_string_not_equal(first, l->flag_event);
    loopback_same(l);
    loopback_free(l);
}

typedef struct { int n; } tree_in;
EZ_RECORD(tree_in, EZ_FIELD(tree_in, n, .value = 3));
typedef struct { const char *tree, *prose; } tree_out;
EZ_RECORD(tree_out, EZ_FIELD(tree_out, tree, .format = "json"), EZ_FIELD(tree_out, prose, .format = "markdown"));

static void grow(ez_ui *ui)
{
    tree_out *out = ez_out(ui, tree_out);
    out->tree = ez_fmt(ui, "{\"n\": %d}", ez_in(ui, tree_in)->n);
    out->prose = "**grown**";
}

static void formats(ez_ui *ui) { ez_interface(ui, grow, .in = &tree_in_record, .out = &tree_out_record); }

TEST(an_output_is_shown_as_its_format_says)
{
    loopback *l = loopback_new(formats);
    lb_view *v = loopback_open(l, "a");
    loopback_click(l, v, "interface-submit");
    assert_true(loopback_sees(v, "<span class=\"ez-json-number\">3</span>"));
    assert_true(loopback_sees(v, "<strong>grown</strong>"));
    loopback_click(l, v, "interface-clear");
    assert_false(loopback_sees(v, "ez-json-number"));
    assert_false(loopback_sees(v, "ez-mistake"));
    loopback_same(l);
    loopback_free(l);
}

static void names_meet(ez_ui *ui) { ez_interface(ui, sum, .in = &sum_in_record, .out = &sum_in_record); }
static void nothing(ez_ui *ui) { ez_interface(ui, NULL); }

TEST(an_interface_that_cannot_be_made_says_why)
{
    loopback *l = loopback_new(names_meet);
    assert_true(loopback_sees(loopback_open(l, "a"), "an input and an output are both called"));
    loopback_free(l);
    l = loopback_new(nothing);
    assert_true(loopback_sees(loopback_open(l, "a"), "needs a function and its records"));
    loopback_free(l);
}
