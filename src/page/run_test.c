/* run_test.c: one execution of a page: identity, places, values, state, bindings, fragments. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "base/test.h"
#include "page/dom_test.h"
#include "page/place.h"
#include <stdio.h>
#include <string.h>

/* What a session keeps of one page between two runs, as far as a run sees it. */
typedef struct desk { tree *shown; values values; states states; run_host host; int changes; } desk;

static void host_changed(void *data, run *r)
{
    (void)r;
    ((desk *)data)->changes++;
}

static run *start(desk *d, enum run_kind kind, ez_fn *fn)
{
    d->host = (run_host){ .data = d, .build = "build", .changed = host_changed };
    run *r = run_new(kind, fn, &d->host);
    r->path = "/";
    r->scope = run_page_scope("/");
    r->before = tree_hold(d->shown ? d->shown : (d->shown = tree_new()));
    values_copy(&r->values, &d->values);
    states_copy(&r->states, &d->states);
    return r;
}

/* Runs the page and keeps what came out, as a session does. */
static tree *show(desk *d, ez_fn *fn)
{
    static uint32_t frame;
    run *r = start(d, RUN_PAGE, fn);
    run_execute(r);
    tree *t = run_peek(r, true, ++frame);
    tree_drop(d->shown);
    d->shown = t;
    states_done(&d->states);
    d->states = (states){ { 0 } };
    states_copy(&d->states, &r->states);
    run_free(r);
    return t;
}

static void desk_done(desk *d)
{
    tree_drop(d->shown);
    values_done(&d->values);
    states_done(&d->states);
}

static const char *page_text(const tree *t)
{
    static text out;
    text_clear(&out);
    for (int i = 0; i < ROOT_PLACES; i++) tree_print(t, i, NULL, &out);
    return out.at ? out.at : "";
}

static bool shows(const tree *t, const char *part) { return strstr(page_text(t), part) != NULL; }

static uint64_t key_id(const char *key) { return run_key_id(run_page_scope("/"), key); }

static void keep(desk *d, uint64_t id, const char *json)
{
    value *v = values_at(&d->values, id);
    assert_true(value_from_json(v, json, strlen(json)));
}

/* ---- identity ------------------------------------------------------------------------------------------------------- */

static int neighbours;
static void neighbourhood(ez_ui *ui)
{
    for (int i = 0; i < neighbours; i++) ez_text(ui, "neighbour");
    ez_slider(ui, "Rate", 0, 10);
    ez_button(ui, "Go");
}

static uint64_t id_of_label(const tree *t, const char *label)
{
    for (int i = 0; i < t->count; i++) {
        text out = { 0 };
        tree_print_node(t, i, NULL, &out);
        bool found = strstr(out.at, label) != NULL;
        text_done(&out);
        if (found) return t->nodes[i].id;
    }
    return 0;
}

TEST(an_element_keeps_its_id_when_a_neighbour_appears)
{
    desk d = { 0 };
    neighbours = 0;
    uint64_t before = id_of_label(show(&d, neighbourhood), ">Rate<");
    neighbours = 3;
    assert_true(before && before == id_of_label(show(&d, neighbourhood), ">Rate<"));
    desk_done(&d);
}

static void loop_of_buttons(ez_ui *ui)
{
    for (int i = 0; i < 3; i++) ez_button(ui, "Same");
    for (int i = 0; i < 2; i++) ez_button(ez_scope(ui, i ? "b" : "a"), "Keyed", .key = "k");
}

TEST(elements_that_are_alike_have_ids_of_their_own)
{
    desk d = { 0 };
    tree *t = show(&d, loop_of_buttons);
    assert_int_equal(t->count, 5);
    for (int i = 0; i < t->count; i++)
        for (int j = 0; j < i; j++) assert_true(t->nodes[i].id != t->nodes[j].id);
    desk_done(&d);
}

static void doubled(ez_ui *ui)
{
    ez_text(ui, "first", .key = "k");
    ez_text(ui, "second", .key = "k");
    ez_text(ui, "third");
}

TEST(a_key_used_twice_is_a_red_card_and_the_page_goes_on)
{
    desk d = { 0 };
    tree *t = show(&d, doubled);
    assert_true(shows(t, "first"));
    assert_false(shows(t, ">second<"));
    assert_true(shows(t, "ez-mistake"));
    assert_true(shows(t, "two elements have the key &quot;k&quot;"));
    assert_true(shows(t, "run_test.c:"));
    assert_true(shows(t, "third"));
    desk_done(&d);
}

/* ---- places ---------------------------------------------------------------------------------------------------------- */

static void one_place(ez_ui *ui)
{
    ez_ui *slot = ez_empty(ui);
    for (int i = 0; i < 3; i++) {
        ez_ui *box = ez_container(slot);
        ez_text(box, ez_fmt(ui, "round %d", i), .key = "inside");
    }
    ez_text(ui, "after");
}

TEST(an_empty_holds_the_last_element_only)
{
    desk d = { 0 };
    tree *t = show(&d, one_place);
    assert_true(shows(t, "round 2"));
    assert_false(shows(t, "round 1"));
    assert_false(shows(t, "ez-mistake"));      /* a key is free again when its node was replaced */
    assert_true(shows(t, "after"));
    desk_done(&d);
}

static void cleared(ez_ui *ui)
{
    ez_ui *box = ez_container(ui);
    ez_text(box, "old", .key = "x");
    ez_button(box, "Button");
    ez_clear(box);
    ez_text(box, "new", .key = "x");
    ez_button(box, "Button");
}

TEST(a_cleared_place_forgets_what_it_held_and_its_ids_begin_anew)
{
    desk d = { 0 };
    tree *t = show(&d, cleared);
    assert_false(shows(t, "old"));
    assert_true(shows(t, "new"));
    assert_false(shows(t, "ez-mistake"));
    assert_int_equal(t->count, 3);
    desk_done(&d);
}

static void side_first(ez_ui *ui)
{
    ez_ui *row = ez_row(ui), *left = ez_column(row), *right = ez_column(row);
    ez_text(right, "right");
    ez_text(left, "left");
    ez_text(ez_sidebar(ui), "side");
}

TEST(what_is_added_goes_where_its_place_is)
{
    desk d = { 0 };
    const char *page = page_text(show(&d, side_first));
    assert_true(strstr(page, ">left<") < strstr(page, ">right<"));
    assert_true(strstr(page, ">right<") < strstr(page, ">side<"));
    desk_done(&d);
}

static const char *in_closed;
static void closed_dialog(ez_ui *ui)
{
    ez_ui *dialog = ez_dialog(ui, "Settings", "settings");
    in_closed = ez_text_input(dialog, "Name", .value = "nobody", .key = "name");
    ez_text(dialog, "inside");
}

TEST(elements_of_a_closed_dialog_print_nothing_and_return_what_is_kept)
{
    desk d = { 0 };
    keep(&d, key_id("name"), "\"Ada\"");
    run *r = start(&d, RUN_PAGE, closed_dialog);
    run_execute(r);
    assert_string_equal(in_closed, "Ada");
    tree *t = run_peek(r, true, 1);
    assert_false(shows(t, "inside"));
    assert_int_equal(r->called.count, 2);      /* the dialog and the field: neither loses its value */
    tree_drop(t);
    run_free(r);
    keep(&d, key_id("settings"), "true");
    assert_true(shows(show(&d, closed_dialog), "inside"));
    desk_done(&d);
}

/* ---- stop, rerun, interrupt ------------------------------------------------------------------------------------------------ */

static void stops(ez_ui *ui)
{
    ez_text(ui, "before");
    ez_stop(ui);
    ez_text(ui, "behind");
    ez_on(ui, "never.click", NULL);
}

TEST(nothing_is_shown_after_stop)
{
    desk d = { 0 };
    tree *t = show(&d, stops);
    assert_true(shows(t, "before"));
    assert_false(shows(t, "behind"));
    assert_false(shows(t, "ez-mistake"));
    desk_done(&d);
}

static void reruns(ez_ui *ui)
{
    ez_text(ui, "before");
    ez_rerun(ui);
}

TEST(rerun_is_asked_for_and_ends_the_showing)
{
    desk d = { 0 };
    run *r = start(&d, RUN_PAGE, reruns);
    run_execute(r);
    assert_true(r->rerun && r->stopped);
    run_free(r);
    desk_done(&d);
}

static run *running;
static double late_rate;
static bool still;
static void interrupted(ez_ui *ui)
{
    ez_text(ui, "one");
    run_interrupt(running);
    still = ez_running(ui);
    ez_text(ui, "two");
    late_rate = ez_slider(ui, "Rate", 0, 10, .key = "rate");
    still = still || ez_sleep(ui, 10) || ez_yield(ui);
}

TEST(an_interrupted_run_prints_nothing_more_and_returns_what_is_kept)
{
    desk d = { 0 };
    keep(&d, key_id("rate"), "7");
    running = start(&d, RUN_PAGE, interrupted);
    run_execute(running);
    assert_false(still);
    assert_true(late_rate == 7);
    tree *t = run_peek(running, false, 1);
    assert_true(shows(t, "one"));
    assert_false(shows(t, "two"));
    tree_drop(t);
    run_free(running);
    desk_done(&d);
}

static int shown_until;
static tree *peeked;
static void grows(ez_ui *ui)
{
    for (int i = 0; i < 4; i++) {
        if (running && i == shown_until) peeked = run_peek(running, false, 9);
        ez_text(ui, ez_fmt(ui, "%s %d", running ? "new" : "old", i), .key = ez_fmt(ui, "k%d", i));
    }
}

TEST(what_a_run_has_not_come_to_stays_as_it_was)
{
    desk d = { 0 };
    running = NULL;
    show(&d, grows);
    running = start(&d, RUN_PAGE, grows);
    shown_until = 2;
    run_execute(running);
    assert_string_equal(strstr(page_text(peeked), "new 0") ? "yes" : "no", "yes");
    assert_true(shows(peeked, "new 1"));
    assert_true(shows(peeked, "old 2"));
    assert_true(shows(peeked, "old 3"));
    assert_false(shows(peeked, "new 2"));
    text ops = { 0 };
    dom dom = { 0 };
    tree_whole(d.shown, NULL, &ops);
    assert_true(dom_apply(&dom, ops.at));
    text_clear(&ops);
    tree_diff(d.shown, peeked, NULL, &ops);
    assert_true(dom_apply(&dom, ops.at));
    text_done(&ops);
    dom_done(&dom);
    tree_drop(peeked);
    run_free(running);
    desk_done(&d);
}

TEST(a_run_tells_its_first_change_once)
{
    desk d = { 0 };
    running = NULL;
    show(&d, grows);
    d.changes = 0;
    show(&d, grows);
    assert_int_equal(d.changes, 0);            /* nothing differs */
    running = start(&d, RUN_PAGE, grows);
    shown_until = 99;
    run_execute(running);
    assert_int_equal(d.changes, 1);
    run_free(running);
    desk_done(&d);
}

/* ---- values -------------------------------------------------------------------------------------------------------------- */

static double got;
static void low(ez_ui *ui) { got = ez_slider(ui, "Rate", 4, 10, .value = 5, .key = "rate"); }
static void upside_down(ez_ui *ui) { got = ez_slider(ui, "Rate", 10, 0, .value = 5, .key = "rate"); }

TEST(a_kept_value_is_fitted_and_the_session_is_told)
{
    desk d = { 0 };
    keep(&d, key_id("rate"), "2");
    run *r = start(&d, RUN_PAGE, low);
    run_execute(r);
    assert_true(got == 4);
    assert_int_equal(r->puts.count, 1);
    assert_true(r->puts.at[0].number == 4);
    run_free(r);
    keep(&d, key_id("rate"), "\"text\"");
    show(&d, low);
    assert_true(got == 5);
    desk_done(&d);
}

TEST(a_range_that_is_upside_down_is_a_red_card_and_still_a_range)
{
    desk d = { 0 };
    tree *t = show(&d, upside_down);
    assert_true(shows(t, "ez-mistake"));
    assert_in_range((int)got, 0, 10);
    desk_done(&d);
}

static const char *const colours[] = { "red", "green", "blue", NULL }, *const turned[] = { "blue", "red", "green", NULL }, *const fewer[] = { "red", NULL };
static const char *const *offered;
static int chosen;
static void choice(ez_ui *ui) { chosen = ez_selectbox(ui, "Colour", offered, .key = "colour"); }

TEST(a_choice_is_its_text_so_that_options_may_be_reordered)
{
    desk d = { 0 };
    keep(&d, key_id("colour"), "\"green\"");
    offered = colours;
    show(&d, choice);
    assert_int_equal(chosen, 1);
    offered = turned;
    show(&d, choice);
    assert_int_equal(chosen, 2);
    offered = fewer;
    show(&d, choice);
    assert_int_equal(chosen, 0);
    desk_done(&d);
}

static void marks(ez_ui *ui)
{
    ez_ui *form = ez_form(ui, "form");
    ez_text_input(form, "Name", .key = "name");
    ez_invalid(form, "name", "Too <short>.");
}

TEST(a_refused_control_shows_why_in_the_next_run)
{
    desk d = { 0 };
    run *r = start(&d, RUN_PAGE, marks);
    run_execute(r);
    assert_true(r->again);
    assert_int_equal(r->puts.count, 1);
    value_set_text(values_at(&d.values, r->puts.at[0].id), VALUE_SHOWN, r->puts.at[0].text);
    run_free(r);
    assert_true(shows(show(&d, marks), "Too &lt;short&gt;."));
    desk_done(&d);
}

/* ---- state ------------------------------------------------------------------------------------------------------------------ */

typedef struct first { int count; char name[16]; double rate; } first;
EZ_RECORD(first, EZ_FIELD(first, count), EZ_FIELD(first, name), EZ_FIELD(first, rate));
typedef struct second { double rate; bool added; char name[6]; int count; char more[32]; } second;
EZ_RECORD(second, EZ_FIELD(second, rate), EZ_FIELD(second, added), EZ_FIELD(second, name), EZ_FIELD(second, count), EZ_FIELD(second, more));
typedef struct wrong { const char *text; } wrong;
EZ_RECORD(wrong, EZ_FIELD(wrong, text));

static second read_back;
static void writes_first(ez_ui *ui) { *ez_state_record(ui, first, "s") = (first){ 7, "a long name", 2.5 }; }
static void reads_second(ez_ui *ui) { read_back = *ez_state_record(ui, second, "s"); }
static void pointers(ez_ui *ui) { ez_state_record(ui, wrong, "w"); }
static int plain_now;
static void plain_state(ez_ui *ui) { plain_now = ++*ez_state(ui, int, "n"); }

TEST(state_with_a_record_moves_into_a_struct_with_other_fields)
{
    desk d = { 0 };
    show(&d, writes_first);
    show(&d, reads_second);
    assert_int_equal(read_back.count, 7);
    assert_string_equal(read_back.name, "a lon");
    assert_true(read_back.rate == 2.5);
    assert_false(read_back.added);
    assert_string_equal(read_back.more, "");
    desk_done(&d);
}

TEST(state_without_a_record_lives_as_long_as_the_build)
{
    desk d = { 0 };
    show(&d, plain_state);
    show(&d, plain_state);
    assert_int_equal(plain_now, 2);
    mem_free(d.states.list.at[0].shape);
    d.states.list.at[0].shape = mem_text("raw 4 another");
    show(&d, plain_state);
    assert_int_equal(plain_now, 1);
    desk_done(&d);
}

TEST(state_that_holds_pointers_is_a_red_card)
{
    desk d = { 0 };
    assert_true(shows(show(&d, pointers), "state holds no pointers"));
    desk_done(&d);
}

/* ---- resources ---------------------------------------------------------------------------------------------------------------- */

static int loads;
static void *load(const char *arg, ez_err *err)
{
    static int it = 42;
    loads++;
    (void)err;
    return strcmp(arg, "bad") ? &it : NULL;
}
static bool has_it, has_bad;
static void uses(ez_ui *ui)
{
    ez_err err;
    has_it = *(int *)ez_resource(ui, load, .arg = "good") == 42;
    has_bad = ez_resource(ui, load, .arg = "bad", .error = &err) != NULL;
}

TEST(a_resource_is_there_or_null)
{
    desk d = { 0 };
    show(&d, uses);
    assert_true(has_it);
    assert_false(has_bad);
    assert_int_equal(loads, 2);
    desk_done(&d);
}

/* ---- bindings ------------------------------------------------------------------------------------------------------------------- */

static void nothing(ez_ui *ui) { (void)ui; }
static void misspelt(ez_ui *ui)
{
    ez_button(ui, "Go", .key = "submit");
    ez_text_input(ui, "Message", .key = "message");
    ez_on(ui, "submit.click", nothing, .outputs = "mesage", .clears = "message");
    ez_on(ui, "sbmit.click", nothing);
    ez_on(ui, "nodot", nothing);
}

TEST(keys_of_bindings_are_checked_with_the_nearest_name)
{
    desk d = { 0 };
    tree *t = show(&d, misspelt);
    assert_true(shows(t, ".outputs names the key &quot;mesage&quot;"));
    assert_true(shows(t, "did you mean &quot;message&quot;?"));
    assert_true(shows(t, "waits for &quot;click&quot; of an element that this page does not show"));
    assert_true(shows(t, "&quot;nodot&quot; is not &quot;key.event&quot;"));
    int cards = 0;
    for (const char *at = page_text(t); (at = strstr(at, "ez-mistake")); at++) cards++;
    assert_int_equal(cards, 3);
    desk_done(&d);
}

static void binds_in_job(ez_ui *ui) { ez_on(ui, "a.click", nothing); }
static void shows_in_job(ez_ui *ui) { ez_text(ui, "no"); ez_put_num(ui, "x", 3); }

TEST(a_bound_function_binds_nothing_and_its_puts_are_kept)
{
    desk d = { 0 };
    run *r = start(&d, RUN_JOB, binds_in_job);
    run_execute(r);
    assert_true(r->failed);
    run_free(r);
    r = start(&d, RUN_JOB, shows_in_job);
    run_execute(r);
    assert_int_equal(atomic_load(&r->log->count), 0);
    assert_int_equal(r->puts.count, 1);
    run_batch *b = run_take_batch(r);
    assert_int_equal(b->puts.count, 1);
    assert_int_equal(r->puts.count, 0);
    run_batch_free(b);
    run_free(r);
    desk_done(&d);
}

/* ---- fragments -------------------------------------------------------------------------------------------------------------------- */

static int part_runs;
static void part(ez_ui *ui)
{
    part_runs++;
    ez_text(ui, ez_fmt(ui, "part %d", part_runs));
    if (part_runs == 2) ez_button(ui, "Appears");
}
static void whole(ez_ui *ui)
{
    ez_text(ui, "above");
    ez_fragment(ui, part, .key = "part");
    ez_text(ui, "below");
}

TEST(a_fragment_changes_its_own_part_of_the_page)
{
    desk d = { 0 };
    part_runs = 0;
    tree *t = show(&d, whole);
    int at = tree_find(t, key_id("part"));
    assert_true(at >= 0 && (t->nodes[at].flags & NODE_FRAGMENT));
    run *r = start(&d, RUN_FRAGMENT, part);
    r->fragment_node = t->nodes[at].id;
    r->fragment_scope = hash_mix(run_page_scope("/"), t->nodes[at].id);
    run_execute(r);
    tree *after = run_peek(r, true, 5);
    const char *page = page_text(after);
    assert_non_null(strstr(page, "part 2"));
    assert_null(strstr(page, "part 1"));
    assert_true(strstr(page, "above") < strstr(page, "part 2") && strstr(page, "Appears") < strstr(page, "below"));
    text ops = { 0 };
    tree_diff(t, after, NULL, &ops);
    assert_null(strstr(ops.at, "above"));
    text_done(&ops);
    tree_drop(after);
    run_free(r);
    desk_done(&d);
}

/* ---- two writers ------------------------------------------------------------------------------------------------------------------- */

static const char *argument;
static void says(ez_ui *ui) { ez_text(ui, argument, .key = "out"); }

TEST(words_of_a_job_are_shown_while_the_page_gives_what_it_gave_when_they_came)
{
    desk d = { 0 };
    argument = "page";
    show(&d, says);
    value *v = values_at(&d.values, key_id("out"));
    value_set_text(v, VALUE_SHOWN, "job <b>");
    v->written = hash_text("page");
    tree *t = show(&d, says);
    assert_true(shows(t, ">job &lt;b&gt;</p>"));
    text given = { 0 };
    tree_given(t, tree_find(t, key_id("out")), &given);
    assert_string_equal(given.at, "page");
    text_done(&given);
    argument = "other";
    run *r = start(&d, RUN_PAGE, says);
    run_execute(r);
    assert_int_equal(r->puts.count, 1);        /* the words are to be forgotten */
    assert_int_equal(r->puts.at[0].kind, VALUE_NONE);
    t = run_peek(r, true, 3);
    assert_true(shows(t, ">other</p>"));
    tree_drop(t);
    run_free(r);
    desk_done(&d);
}
