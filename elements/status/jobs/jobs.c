/* jobs.c: what functions do, and did, in a part of the page that looks again each second. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include <stdio.h>
#include <string.h>

enum { SHOWN = 100 };

static const char *const states[] = { "Waits", "Runs", "Done", "Failed", "Cancelled" };
static const char *const tones[] = { "muted", "accent", "ok", "bad", "muted" };

/* "3.2 s", "4 min", "2 h": two digits are enough to see how it is. */
static void print_time(ez_html *h, double seconds)
{
    if (seconds < 0) return;
    if (seconds < 0.0995) ez_print(h, "%.0f ms", seconds * 1000);
    else if (seconds < 9.95) ez_print(h, "%.1f s", seconds);
    else if (seconds < 99.5) ez_print(h, "%.0f s", seconds);
    else if (seconds < 5970) ez_print(h, "%.0f min", seconds / 60);
    else ez_print(h, "%.0f h", seconds / 3600);
}

static void print_state(ez_html *h, const page_job *j)
{
    ez_print(h, "<td data-head=\"State\"><span class=\"ez-jobs-state\" data-tone=\"%s\">%s</span>", tones[j->state], states[j->state]);
    if (j->state == PAGE_JOB_QUEUED && j->position) ez_print(h, " <span class=\"ez-jobs-more\">number %d</span>", j->position);
    if (j->attempt > 1) ez_print(h, " <span class=\"ez-jobs-more\">attempt %d</span>", j->attempt);
    ez_print(h, "</td>");
}

static void print_progress(ez_html *h, const page_job *j)
{
    bool going = j->state <= PAGE_JOB_RUNNING;
    ez_print(h, "<td data-head=\"Progress\" class=\"ez-jobs-progress\">");
    if (going && j->progress >= 0) ez_print(h, "<progress value=\"%g\" aria-label=\"Progress of %s\"></progress> ", j->progress, j->function);
    if (j->words) ez_print(h, "<span title=\"%s\">%s</span> ", j->words, j->words);
    if (going && j->eta >= 0) {
        ez_print(h, "<span class=\"ez-jobs-more\">about ");
        print_time(h, j->eta);
        ez_print(h, " more</span>");
    }
    ez_print(h, "</td>");
}

static void print_button(node *n, const char *act, const char *id, const char *words, const char *icon, const char *function)
{
    ez_html *h = node_html(n);
    ez_print(h, "<button type=\"button\" class=\"ez-icon-button\" data-ez-trigger=\"act\" value=\"%s %s\" aria-label=\"%s: %s\" title=\"%s\">", act, id, words, function, words);
    node_icon(n, icon);
    ez_print(h, "</button>");
}

static void print_row(node *n, const page_job *j)
{
    ez_html *h = node_html(n);
    ez_print(h, "<tr class=\"ez-jobs-row\"><th scope=\"row\"><code>%s</code> <span class=\"ez-jobs-more\" title=\"%s\">%.6s</span></th>", j->function, j->id, j->id);
    print_state(h, j);
    print_progress(h, j);
    ez_print(h, "<td data-head=\"Age\" data-kind=\"number\">");
    print_time(h, j->age);
    ez_print(h, "</td><td data-head=\"Took\" data-kind=\"number\">");
    print_time(h, j->took);
    ez_print(h, "</td><td class=\"ez-jobs-acts\">");
    if (j->state <= PAGE_JOB_RUNNING) print_button(n, "cancel", j->id, "Cancel", "close", j->function);
    else if (j->repeats) print_button(n, "again", j->id, "Run again", "refresh", j->function);
    ez_print(h, "</td></tr>");
}

static void print_table(node *n, const page_jobs *jobs)
{
    ez_html *h = node_html(n);
    ez_print(h, "<div class=\"ez-jobs\">");
    if (jobs->count) {
        ez_print(h, "<div class=\"ez-jobs-scroll\"><table><thead><tr><th scope=\"col\">Function</th><th scope=\"col\">State</th><th scope=\"col\">Progress</th><th scope=\"col\" data-kind=\"number\">Age</th>"
                    "<th scope=\"col\" data-kind=\"number\">Took</th><th scope=\"col\"><span class=\"ez-vh\">Actions</span></th></tr></thead><tbody>");
        for (int i = 0; i < jobs->count; i++)
            print_row(n, &jobs->list[i]);
        ez_print(h, "</tbody></table></div>");
    }
    if (jobs->total > jobs->count) ez_print(h, "<p class=\"ez-jobs-note\">The newest %d of %d.</p>", jobs->count, jobs->total);
    if (!jobs->total) ez_print(h, "<p class=\"ez-jobs-note\">There are no jobs%s.</p>", jobs->state >= 0 || jobs->function ? " of this choice" : "");
    ez_print(h, "</div>");
}

/* "cancel NAME" or "again NAME". */
static void act(ez_ui *ui, const char *said, bool all)
{
    const char *id = said ? strchr(said, ' ') : NULL;
    if (id) page_job_act(ui, id + 1, !strncmp(said, "again ", 6), all);
}

static void draw(ez_ui *ui, bool all)
{
    static const ez_call here;
    static const char *const state_names[] = { "Any state", "Waits", "Runs", "Done", "Failed", "Cancelled", NULL };
    page_jobs jobs = { .all = all, .most = SHOWN };
    const char **names = page_functions(ui);
    names[0] = "Any function";
    ez_ui *row = ez_row_put(ui, EZ_ARGS(ez_row_args, .call = here, .key = "jobs-filters"));
    jobs.state = ez_selectbox_put(row, EZ_ARGS(ez_selectbox_args, .call = here, .label = "State", .options = state_names, .collapse_label = true, .key = "jobs-state")) - 1;
    int function = names[1] ? ez_selectbox_put(row, EZ_ARGS(ez_selectbox_args, .call = here, .label = "Function", .options = names, .collapse_label = true, .key = "jobs-function")) : 0;
    jobs.function = function > 0 ? names[function] : NULL;
    page_jobs_get(ui, &jobs);
    node *n = node_open(ui, &jobs_type, &here, NULL, "jobs-table");
    print_table(n, &jobs);
    node_close(n);
    act(ui, node_fired_text(n, "act"), all);
}

static void draw_all(ez_ui *ui) { draw(ui, true); }
static void draw_own(ez_ui *ui) { draw(ui, false); }

void ez_jobs_put(ez_ui *at, const ez_jobs_args *a)
{
    ez_fragment_put(a->key ? ez_scope(at, a->key) : at, EZ_ARGS(ez_fragment_args, .call = a->call, .fn = a->all ? draw_all : draw_own, .run_every = 1, .key = "jobs"));
}
