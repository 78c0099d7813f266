/* jobs_test.c: bound functions: what they read, what they write while a page goes on, what follows them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "loopback.h"
#include <stdio.h>
#include <string.h>

typedef struct inputs { double rate; const char *name; bool on; int whole; } inputs;
typedef struct outputs { double result; const char *words; } outputs;
EZ_RECORD(inputs, EZ_FIELD(inputs, rate, .range = { 0, 10 }), EZ_FIELD(inputs, name), EZ_FIELD(inputs, on), EZ_FIELD(inputs, whole));
EZ_RECORD(outputs, EZ_FIELD(outputs, result), EZ_FIELD(outputs, words));

static char order[256];
static void note(const char *what) { snprintf(order + strlen(order), sizeof order - strlen(order), "%s ", what); }

static void compute(ez_ui *ui)
{
    const inputs *in = ez_in(ui, inputs);
    outputs *out = ez_out(ui, outputs);
    out->result = in->rate * 2;
    out->words = ez_fmt(ui, "%s %d %d", in->name, in->on, in->whole);
    note("compute");
}

static void form_of_controls(ez_ui *ui)
{
    ez_slider(ui, "Rate", 0, 10, .value = 5, .key = "rate");
    ez_text_input(ui, "Name", .value = "nobody", .key = "name");
    ez_checkbox(ui, "On", .key = "on");
    ez_int_input(ui, "Whole", 0, 9, .value = 4, .key = "whole");
    ez_button(ui, "Go", .key = "go");
    ez_text(ui, "-", .key = "result");
    ez_text_input(ui, "Words", .key = "words");
    ez_on(ui, "go.click", compute);
}

TEST(a_function_reads_what_the_visitor_sees_and_writes_by_key)
{
    loopback *l = loopback_new(form_of_controls);
    lb_view *a = loopback_open(l, "a"), *b = loopback_open(l, "b");
    loopback_set(l, a, "rate", "3.5");
    loopback_set(l, a, "on", "true");
    int runs = l->runs_made;
    loopback_click(l, a, "go");
    assert_int_equal(l->runs_made, runs);      /* a bound function is called instead of the page */
    assert_int_equal(l->jobs_made, 1);
    assert_true(loopback_sees(a, ">7</p>"));
    assert_true(loopback_sees(b, ">7</p>"));
    assert_string_equal(loopback_value(l, "words"), "\"nobody 1 4\"");
    assert_int_equal(a->acked, 3);
    assert_false(a->busy);
    loopback_same(l);
    loopback_free(l);
}

static void tell(ez_ui *ui)
{
    ez_tell(ui, EZ_LEVEL_DEBUG, "looked");
    ez_tell(ui, EZ_LEVEL_INFO, "found \"%s\"", "it");
    ez_put_num(ui, "result", 1);
    ez_tell(ui, EZ_LEVEL_WARNING, "old");
    ez_tell(ui, EZ_LEVEL_ERROR, "broken");
}

static void page_of_teller(ez_ui *ui)
{
    if (ez_button(ui, "Page", .key = "page")) ez_tell(ui, EZ_LEVEL_WARNING, "the page");
    ez_button(ui, "Go", .key = "go");
    ez_text(ui, "-", .key = "result");
    ez_on(ui, "go.click", tell);
}

TEST(what_a_function_tells_is_a_notice_on_the_page_of_who_called_it)
{
    loopback *l = loopback_new(page_of_teller);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "go");
    const char *found = strstr(a->notices, "{\"kind\":\"info\",\"text\":\"found \\\"it\\\"\"}"), *old = strstr(a->notices, "{\"kind\":\"warn\",\"text\":\"old\"}"),
               *broken = strstr(a->notices, "{\"kind\":\"bad\",\"text\":\"broken\"}");
    assert_true(found && old && broken && found < old && old < broken);
    assert_null(strstr(a->notices, "looked"));
    loopback_click(l, a, "page");
    assert_non_null(strstr(a->notices, "{\"kind\":\"warn\",\"text\":\"the page\"}"));
    loopback_free(l);
}

TEST(a_page_is_busy_until_its_job_is_saved)
{
    loopback *l = loopback_new(form_of_controls);
    lb_view *a = loopback_open(l, "a");
    l->hold_jobs = true;
    loopback_click(l, a, "go");
    assert_int_equal(a->acked, 1);             /* the event is settled, its work goes on */
    assert_true(a->busy);
    l->hold_saves = true;
    loopback_job(l, 0);
    assert_true(a->busy);
    loopback_commit(l);
    assert_false(a->busy);
    loopback_free(l);
}

/* ---- words of jobs ------------------------------------------------------------------------------------------------------- */

static const char *given = "the page's";
static char job_words[64];
static void write_words(ez_ui *ui) { ez_put_text(ui, "out", job_words); }
static void append_words(ez_ui *ui)
{
    ez_append(ui, "out", " a & b");
    ez_append(ui, "out", " <c>");
}

static void words_page(ez_ui *ui)
{
    ez_text(ui, given, .key = "out");
    ez_button(ui, "Write", .key = "write");
    ez_button(ui, "Append", .key = "append");
    ez_button(ui, "Run", .key = "run");
    ez_yield(ui);
    ez_on(ui, "write.click", write_words);
    ez_on(ui, "append.click", append_words);
}

TEST(words_of_a_job_stay_while_the_page_gives_the_same_text)
{
    loopback *l = loopback_new(words_page);
    given = "the page's";
    snprintf(job_words, sizeof job_words, "the job's");
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "write");
    assert_true(loopback_sees(a, ">the job&#39;s</p>"));
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">the job&#39;s</p>"));
    loopback_restart(l);
    loopback_hello(l, a);
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">the job&#39;s</p>"));
    given = "another";
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">another</p>"));
    given = "the page's";
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">the page&#39;s</p>"));
    loopback_same(l);
    loopback_free(l);
}

TEST(a_page_that_gives_another_text_right_after_a_job_wrote_wins)
{
    loopback *l = loopback_new(words_page);
    given = "first";
    snprintf(job_words, sizeof job_words, "job");
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "write");
    given = "second";
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">second</p>"));
    loopback_free(l);
}

TEST(appended_words_are_escaped_once)
{
    loopback *l = loopback_new(words_page);
    given = "x < y &";
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "append");
    assert_true(loopback_sees(a, ">x &lt; y &amp; a &amp; b &lt;c&gt;</p>"));
    loopback_same(l);
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">x &lt; y &amp; a &amp; b &lt;c&gt;</p>"));
    loopback_same(l);
    loopback_free(l);
}

TEST(words_that_come_while_a_run_goes_on_are_not_lost)
{
    loopback *l = loopback_new(words_page);
    given = "page";
    snprintf(job_words, sizeof job_words, "late");
    lb_view *a = loopback_open(l, "a");
    l->hold_runs = l->hold_jobs = true;
    loopback_click(l, a, "write");
    loopback_click(l, a, "run");
    assert_int_equal(l->runs.count, 1);
    loopback_job(l, 0);                        /* the run has its snapshot, and does not know of it */
    assert_true(loopback_sees(a, ">late</p>"));
    loopback_run_one(l);
    loopback_drain(l);
    assert_true(loopback_sees(a, ">late</p>"));
    loopback_same(l);
    loopback_free(l);
}

static void write_own(ez_ui *ui)
{
    ez_text(ui, "start", .key = "out");
    if (ez_button(ui, "Own", .key = "own")) ez_put_text(ui, "out", "my own");
    ez_button(ui, "Run", .key = "run");
}

TEST(a_page_may_write_into_its_own_elements)
{
    loopback *l = loopback_new(write_own);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "own");
    assert_true(loopback_sees(a, ">my own</p>"));
    loopback_click(l, a, "run");
    assert_true(loopback_sees(a, ">my own</p>"));
    loopback_same(l);
    loopback_free(l);
}

static void metric_job(ez_ui *ui)
{
    ez_append(ui, "figure", "7");
    ez_append(ui, "notes", "**b");
    ez_append(ui, "notes", "old**");
}
static void figures(ez_ui *ui)
{
    ez_metric(ui, "Figure", "4", .delta = "+1", .key = "figure");
    ez_markdown(ui, "*a* ", .key = "notes");
    ez_button(ui, "Go", .key = "go");
    ez_on(ui, "go.click", metric_job);
}

TEST(words_in_the_middle_of_an_element_and_markdown_are_put_anew)
{
    loopback *l = loopback_new(figures);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "go");
    assert_true(loopback_sees(a, "<bdi>47</bdi>"));
    assert_true(loopback_sees(a, "<em>a</em> <strong>bold</strong>"));
    loopback_same(l);
    loopback_free(l);
}

/* ---- chains -------------------------------------------------------------------------------------------------------------- */

static bool fails;
static void first(ez_ui *ui) { note("first"); if (fails) ez_fail(ui, "It is broken."); }
static void always(ez_ui *ui) { (void)ui; note("always"); }
static void good(ez_ui *ui) { (void)ui; note("good"); }
static void bad(ez_ui *ui) { (void)ui; note("bad"); }
static void deep(ez_ui *ui) { (void)ui; note("deep"); }

static void chain_page(ez_ui *ui)
{
    ez_text_input(ui, "Message", .key = "msg");
    ez_button(ui, "Go", .key = "go");
    ez_button(ui, "Stop", .key = "stop");
    ez_event *e = ez_on(ui, "go.click", first, .clears = "msg");
    ez_then(ez_then(e, always), deep);
    ez_on_success(e, good);
    ez_on_failure(e, bad);
    ez_on(ui, "stop.click", NULL, .cancels = "go.click");
}

TEST(what_follows_a_function_depends_on_how_it_ended)
{
    loopback *l = loopback_new(chain_page);
    lb_view *a = loopback_open(l, "a");
    order[0] = 0, fails = false;
    loopback_set(l, a, "msg", "\"hello\"");
    loopback_click(l, a, "go");
    assert_string_equal(order, "first always good deep ");
    assert_string_equal(loopback_value(l, "msg"), "\"\"");
    order[0] = 0, fails = true;
    loopback_click(l, a, "go");
    assert_string_equal(order, "first always bad deep ");
    assert_true(dom_called(&a->dom, "It is broken."));
    assert_false(a->busy);
    loopback_free(l);
}

TEST(a_cancelled_function_is_neither_a_success_nor_a_failure)
{
    loopback *l = loopback_new(chain_page);
    lb_view *a = loopback_open(l, "a");
    order[0] = 0, fails = false;
    l->hold_jobs = true;
    loopback_click(l, a, "go");
    loopback_click(l, a, "stop");
    assert_true(l->jobs.at[0].begun);          /* cancelled while it waited: its function is not called */
    loopback_job(l, 0);
    l->hold_jobs = false;
    loopback_drain(l);
    assert_string_equal(order, "always deep ");
    assert_false(a->busy);
    loopback_free(l);
}

TEST(a_full_queue_is_a_sentence_and_a_failure)
{
    loopback *l = loopback_new(chain_page);
    lb_view *a = loopback_open(l, "a");
    order[0] = 0;
    l->hold_jobs = true;
    loopback_click(l, a, "go");
    lb_job j = l->jobs.at[0];
    list_remove(&l->jobs, 0);
    loopback_step(l, &(message){ .kind = MESSAGE_JOB_WAITS, .job = j.number, .position = 3 });
    assert_true(dom_called(&a->dom, "\"position\":3"));
    loopback_step(l, &(message){ .kind = MESSAGE_JOB_RAN, .job = j.number, .run = j.run, .refused = true });
    l->hold_jobs = false;
    loopback_drain(l);
    assert_true(dom_called(&a->dom, "The queue is full"));
    assert_string_equal(order, "always bad deep ");
    loopback_free(l);
}

static void chain_survives(ez_ui *ui) { chain_page(ui); }

TEST(bindings_survive_a_replaced_process)
{
    loopback *l = loopback_new(chain_survives);
    lb_view *a = loopback_open(l, "a");
    loopback_restart(l);
    loopback_hello(l, a);
    order[0] = 0, fails = false;
    int runs = l->runs_made;
    loopback_click(l, a, "go");
    assert_string_equal(order, "first always good deep ");
    assert_int_equal(l->runs_made, runs + 1);  /* .clears runs the page once */
    loopback_free(l);
}

static char ids[4][64];
static int ids_count;
static void note_id(ez_ui *ui) { snprintf(ids[ids_count++ & 3], 64, "%s", ez_event_id(ui)); }
static void two_bound(ez_ui *ui)
{
    ez_button(ui, "Go", .key = "go");
    ez_on(ui, "go.click", note_id);
    ez_on(ui, "go.click", note_id);
}

TEST(two_functions_of_one_event_have_event_ids_that_name_it)
{
    loopback *l = loopback_new(two_bound);
    lb_view *a = loopback_open(l, "a");
    ids_count = 0;
    loopback_click(l, a, "go");
    assert_int_equal(ids_count, 2);
    char want[64];
    snprintf(want, sizeof want, "%s.1", a->token);
    assert_string_equal(ids[0], want);
    assert_int_equal(strncmp(ids[1], want, strlen(want)), 0);
    assert_string_not_equal(ids[0], ids[1]);
    loopback_free(l);
}

/* ---- changes, state, scopes, fragments ------------------------------------------------------------------------------------ */

static int changes;
static void changed(ez_ui *ui) { changes++; (void)ui; }
static void change_page(ez_ui *ui)
{
    ez_slider(ui, "Rate", 0, 10, .key = "rate");
    ez_slider(ui, "Free", 0, 10, .key = "free");
    ez_on(ui, "rate.change", changed);
}

TEST(a_bound_change_calls_its_function_and_not_the_page)
{
    loopback *l = loopback_new(change_page);
    lb_view *a = loopback_open(l, "a");
    changes = 0;
    loopback_set(l, a, "rate", "4");
    assert_int_equal(changes, 1);
    assert_int_equal(l->runs_made, 1);
    assert_int_equal(a->acked, 1);
    loopback_set(l, a, "rate", "40");          /* refused: nothing changed */
    assert_int_equal(changes, 1);
    loopback_set(l, a, "free", "4");
    assert_int_equal(l->runs_made, 2);
    l->hold_runs = true;
    loopback_set(l, a, "free", "5");
    loopback_set(l, a, "rate", "6");           /* joins what waits, and its function is called all the same */
    l->hold_runs = false;
    loopback_drain(l);
    assert_int_equal(changes, 2);
    assert_int_equal(a->acked, 5);
    loopback_free(l);
}

typedef struct sums { int a, b; } sums;
static void add_in_job(ez_ui *ui)
{
    sums *s = ez_state(ui, sums, "sums");
    int *mine = ez_state(ui, int, "mine");
    s->a++;
    (void)mine;
}
static void state_page(ez_ui *ui)
{
    sums *s = ez_state(ui, sums, "sums");
    int *mine = ez_state(ui, int, "mine");
    if (ez_button(ui, "Mine", .key = "mine")) ++*mine;
    ez_button(ui, "Job", .key = "job");
    ez_text(ui, ez_fmt(ui, "a %d, mine %d", s->a, *mine));
    ez_on(ui, "job.click", add_in_job, .rerun = true);
}

TEST(a_job_replaces_only_the_states_that_it_changed)
{
    loopback *l = loopback_new(state_page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "mine");
    l->fail_writes = 1;                        /* what is not saved is not changed by the job either */
    loopback_click(l, a, "mine");
    l->hold_jobs = true;
    loopback_click(l, a, "job");
    loopback_click(l, a, "mine");
    l->hold_jobs = false;
    loopback_drain(l);
    assert_true(loopback_sees(a, "a 1, mine 3"));
    loopback_free(l);
}

static char scoped[32];
static void read_scoped(ez_ui *ui)
{
    const char *s = ez_get_text(ui, "field");
    snprintf(scoped, sizeof scoped, "%s", s);
    ez_put_text(ui, "echo", s);
}
static void scope_page(ez_ui *ui)
{
    static const char *const names[] = { "left", "right" };
    for (int i = 0; i < 2; i++) {
        ez_ui *part = ez_scope(ui, names[i]);
        ez_text_input(part, names[i], .value = names[i], .key = "field");
        ez_button(part, ez_fmt(ui, "Read %s", names[i]), .key = "read");
        ez_text(part, "-", .key = "echo");
        ez_on(part, "read.click", read_scoped);
    }
}

TEST(a_function_bound_in_a_scope_means_the_keys_of_that_scope)
{
    loopback *l = loopback_new(scope_page);
    lb_view *a = loopback_open(l, "a");
    loopback_click(l, a, "Read right");
    assert_string_equal(scoped, "right");
    assert_true(loopback_sees(a, ">right</p>"));
    assert_false(loopback_sees(a, ">left</p>"));
    loopback_free(l);
}

static int inner_runs, inner_jobs, outer_runs;
static void inner_job(ez_ui *ui) { inner_jobs++; (void)ui; }
static void inner_page(ez_ui *ui)
{
    inner_runs++;
    ez_button(ui, "Inner", .key = "inner");
    ez_button(ui, "Bound", .key = "bound");
    ez_text(ui, ez_fmt(ui, "inner %d", inner_runs));
    ez_then(ez_on(ui, "bound.click", inner_job), inner_job);
}
static void outer_page(ez_ui *ui)
{
    outer_runs++;
    ez_button(ui, "Outer", .key = "outer");
    ez_on(ui, "outer.click", inner_job);
    ez_fragment(ui, inner_page, .run_every = 1);
}

TEST(a_fragment_runs_alone_and_binds_once_however_often_it_runs)
{
    loopback *l = loopback_new(outer_page);
    inner_runs = inner_jobs = outer_runs = 0;
    lb_view *a = loopback_open(l, "a");
    for (int i = 0; i < 3; i++) loopback_click(l, a, "Inner");
    assert_int_equal(outer_runs, 1);
    assert_int_equal(inner_runs, 4);
    assert_true(loopback_sees(a, "inner 4"));
    loopback_click(l, a, "Bound");
    assert_int_equal(inner_jobs, 2);           /* the function and the one after it */
    loopback_click(l, a, "Outer");
    assert_int_equal(inner_jobs, 3);
    loopback_same(l);
    loopback_free(l);
}

TEST(a_fragment_runs_by_the_clock_while_somebody_looks)
{
    loopback *l = loopback_new(outer_page);
    loopback_page(l, "/scope", scope_page);
    inner_runs = outer_runs = 0;
    lb_view *a = loopback_open(l, "a");
    loopback_wait(l, 5500);
    assert_int_equal(outer_runs, 1);
    assert_int_equal(inner_runs, 6);
    assert_true(loopback_sees(a, "inner 6"));
    loopback_lose(l, a);
    loopback_open_at(l, "b", "/scope", "");
    loopback_wait(l, 5000);                    /* somebody looks at another page: no run, and no endless waking */
    assert_int_equal(inner_runs, 6);
    loopback_hello(l, a);
    loopback_wait(l, 1500);
    assert_int_equal(inner_runs, 8);
    l->hold_runs = true;
    loopback_wait(l, 5000);
    l->hold_runs = false;
    loopback_drain(l);
    assert_in_range(inner_runs, 9, 10);        /* a slow run leaves no pile behind */
    loopback_free(l);
}

static int yes;
static void confirm_part(ez_ui *ui)
{
    if (ez_button(ui, "Ask", .key = "ask")) ez_open(ui, "sure");
    ez_ui *d = ez_dialog(ui, "Sure?", "sure");
    if (!ez_is_open(d)) return;
    ez_text(d, "Really?");
    if (ez_button(d, "Yes", .key = "yes")) {
        yes++;
        ez_close(d);
    }
}
static void confirm_page(ez_ui *ui) { ez_fragment(ui, confirm_part); }

TEST(a_dialog_of_a_fragment_opens_and_closes_with_it)
{
    loopback *l = loopback_new(confirm_page);
    lb_view *a = loopback_open(l, "a");
    yes = 0;
    loopback_click(l, a, "ask");
    loopback_trigger(l, a, "ask", "none", NULL);
    assert_true(loopback_sees(a, "Really?"));
    loopback_click(l, a, "Yes");
    assert_int_equal(yes, 1);
    loopback_trigger(l, a, "ask", "none", NULL);
    assert_false(loopback_sees(a, "Really?"));
    loopback_same(l);
    loopback_free(l);
}

TEST(a_function_that_the_process_took_with_it_is_told)
{
    loopback *l = loopback_new(chain_survives);
    lb_view *a = loopback_open(l, "a");
    l->hold_jobs = true;
    loopback_click(l, a, "go");
    loopback_restart(l);
    l->hold_jobs = false;
    loopback_hello(l, a);
    loopback_drain(l);
    assert_true(dom_called(&a->dom, "Please start it again"));
    assert_false(a->busy);
    int calls = a->dom.calls.count;
    loopback_lose(l, a);
    loopback_hello(l, a);
    assert_int_equal(a->dom.calls.count, calls);
    loopback_free(l);
}
