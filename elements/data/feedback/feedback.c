/* feedback.c: what visitors said, page by page. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "gen/elements_gen.h"
#include "page/run.h"
#include <string.h>
#include <time.h>

enum { COLUMNS = 7, MOST_CHARS = 300 };

typedef struct rows { ez_ui *ui; LIST(const char *) cells; } rows;

static const char *when(ez_ui *ui, int64_t ms)
{
    char at[32];
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    strftime(at, sizeof at, "%Y-%m-%d %H:%M", &utc);
    return ez_fmt(ui, "%s", at);
}

/* The row is gone when this returns, so its texts are copied; a long one is cut, the export has all of it. */
static const char *cut(ez_ui *ui, const char *words)
{
    size_t count = strlen(words);
    return count <= MOST_CHARS ? ez_fmt(ui, "%s", words) : ez_fmt(ui, "%.*s…", (int)utf8_whole(words, MOST_CHARS), words);
}

static void take_row(void *data, const store_feedback *f)
{
    rows *r = data;
    const char *cells[COLUMNS] = { when(r->ui, f->at_ms), *f->function ? cut(r->ui, f->function) : "answer", *f->choice ? cut(r->ui, f->choice) : f->score > 0 ? "good" : "bad",
                                   cut(r->ui, f->question), cut(r->ui, f->answer), cut(r->ui, f->model), ez_fmt(r->ui, "%.6s", f->visitor) };
    for (int i = 0; i < COLUMNS; i++)
        *list_add(&r->cells) = cells[i];
}

/* Which page is shown lasts as long as the session. Buttons come below the rows that they choose, so they say what the next run shows. */
static void show_pages(ez_ui *ui, const ez_call *call, int *from, int per_page, int64_t total)
{
    int last = (int)((total - 1) / per_page) * per_page;
    ez_ui *row = ez_row_put(ui, EZ_ARGS(ez_row_args, .call = *call, .align = EZ_ALIGN_CENTER));
    bool newer = ez_button_put(row, EZ_ARGS(ez_button_args, .call = *call, .label = "Newer", .icon = "chevron-left", .key = "feedback-newer", .disabled = *from == 0));
    bool older = ez_button_put(row, EZ_ARGS(ez_button_args, .call = *call, .label = "Older", .icon = "chevron-right", .key = "feedback-older", .disabled = *from >= last));
    int to = *from + per_page < total ? *from + per_page : (int)total;
    ez_caption_put(row, EZ_ARGS(ez_caption_args, .call = *call, .text = ez_fmt(ui, "%d to %d of %lld", *from + 1, to, (long long)total)));
    if (!newer && !older)
        return;
    *from += older ? per_page : -per_page;
    ez_rerun(ui);
}

static void show_rows(ez_ui *ui, const ez_feedback_args *a)
{
    const run_host *host = page_host(ui);
    int *from = ez_state_get(ui, ez_fmt(ui, "feedback %s", a->key ? a->key : ""), sizeof *from, NULL), per_page = a->per_page > 0 ? a->per_page : 20;
    rows r = { .ui = ui };
    ez_err err = { EZ_OK, "" };
    int64_t total = 0;
    if (host && host->feedback && !host->feedback(host->data, &(store_feedback_range){ *from, per_page, true }, take_row, &r, &total, &err)) {
        ez_error_put(ui, EZ_ARGS(ez_error_args, .call = a->call, .text = err.text));
    } else if (!r.cells.count) {
        ez_text_put(ui, EZ_ARGS(ez_text_args, .call = a->call, .text = "Nobody has said anything yet."));
    } else {
        *list_add(&r.cells) = NULL;
        ez_dataframe_put(ui, EZ_ARGS(ez_dataframe_args, .call = a->call, .rows = NULL, .label = a->label, .height = 640,
                                     .columns = EZ_OPTIONS("Time (UTC)", "Of", "Said", "Question or inputs", "Answer or outputs", "Model", "Visitor"), .cells = r.cells.at));
        show_pages(ui, &a->call, from, per_page, total);
    }
    list_done(&r.cells);
}

void ez_feedback_put(ez_ui *at, const ez_feedback_args *a)
{
    const run_host *host = page_host(at);
    node *n = node_open(at, &feedback_type, &a->call, a->label, a->key);
    ez_print(node_html(n), "<div class=\"ez-feedback ez-place\"");
    node_print_place(n, 0);
    ez_print(node_html(n), "></div>");
    node_close(n);
    ez_ui *inside = ez_scope(node_place(n, 0), a->key ? a->key : "");
    if (host && host->hides_details && !a->anyone)
        ez_warning_put(inside, EZ_ARGS(ez_warning_args, .call = a->call,
            .text = "What visitors said is not shown here, as others than this machine can reach the program. `easel feedback export` prints it."));
    else
        show_rows(inside, a);
}
