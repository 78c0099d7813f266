/* feedback.c: `easel feedback export`: what visitors said of answers and of what functions made, as CSV or JSONL on the standard output. */
/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"
#include "store/store.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct feedback_format { const char *name; void (*head)(text *out), (*row)(text *out, const store_feedback *f); } feedback_format;

static void feedback_time(char out[32], int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm at;
    gmtime_r(&seconds, &at);
    size_t count = strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &at);
    snprintf(out + count, 32 - count, ".%03dZ", (int)(ms % 1000));
}

/* ---- CSV, RFC 4180 ---------------------------------------------------------------------------------------------- */

/* What a visitor wrote must stay text when a spreadsheet opens the file, so what begins like a formula gets an apostrophe. */
static void csv_cell(text *out, const char *s)
{
    bool formula = *s && strchr("=+-@\t\r", *s);
    if (!formula && !strpbrk(s, ",\"\r\n")) {
        text_puts(out, s);
        return;
    }
    text_puts(out, formula ? "\"'" : "\"");
    for (; *s; s++) {
        if (*s == '"') text_putc(out, '"');
        text_putc(out, *s);
    }
    text_putc(out, '"');
}

static void csv_head(text *out) { text_puts(out, "time,visitor,session,function,choice,score,model,input,output\r\n"); }

static void csv_row(text *out, const store_feedback *f)
{
    char at[32], score[16];
    feedback_time(at, f->at_ms);
    snprintf(score, sizeof score, "%d", f->score);
    const char *cells[] = { at, f->visitor, f->session, f->function, f->choice, NULL, f->model, f->question, f->answer };
    for (int i = 0; i < COUNT(cells); i++) {
        if (i) text_putc(out, ',');
        if (cells[i]) csv_cell(out, cells[i]);
        else text_puts(out, score);
    }
    text_puts(out, "\r\n");
}

/* ---- JSONL ------------------------------------------------------------------------------------------------------- */

static void jsonl_head(text *out) { (void)out; }

/* Inputs and outputs of a function are JSON already. */
static void jsonl_said(json *j, const char *key, const store_feedback *f, const char *words)
{
    json_key(j, key);
    if (*f->choice) json_raw(j, words, strlen(words));
    else json_text(j, words);
}

static void jsonl_row(text *out, const store_feedback *f)
{
    char at[32];
    feedback_time(at, f->at_ms);
    json j = json_to(out);
    j.wire = true;
    json_object(&j);
    json_key(&j, "time"), json_text(&j, at);
    json_key(&j, "visitor"), json_text(&j, f->visitor);
    json_key(&j, "session"), json_text(&j, f->session);
    json_key(&j, "function"), json_text(&j, f->function);
    json_key(&j, "choice"), json_text(&j, f->choice);
    json_key(&j, "score"), json_int(&j, f->score);
    json_key(&j, "model"), json_text(&j, f->model);
    jsonl_said(&j, "input", f, f->question);
    jsonl_said(&j, "output", f, f->answer);
    json_object_end(&j);
    text_putc(out, '\n');
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static const feedback_format feedback_formats[] = { { "csv", csv_head, csv_row }, { "jsonl", jsonl_head, jsonl_row } };

typedef struct feedback_export { const feedback_format *format; text line; bool failed; } feedback_export;

static void feedback_flush(feedback_export *x)
{
    if (x->line.count && fwrite(x->line.at, 1, x->line.count, stdout) != x->line.count) x->failed = true;
    text_clear(&x->line);
}

static void feedback_print(void *data, const store_feedback *f)
{
    feedback_export *x = data;
    x->format->row(&x->line, f);
    feedback_flush(x);
}

static int feedback_usage(const char *why)
{
    fprintf(stderr, "easel feedback: %s\nUsage: easel feedback export --data DIR [--format csv|jsonl]\n", why);
    return 2;
}

int cli_feedback(int argc, char **argv)
{
    const char *folder = NULL, *format = "csv";
    if (argc < 2 || strcmp(argv[1], "export")) return feedback_usage("say what to do: export");
    for (int i = 2; i < argc; i++) {
        const char **to = !strncmp(argv[i], "--data", 6) ? &folder : !strncmp(argv[i], "--format", 8) ? &format : NULL;
        size_t name = to == &folder ? 6 : 8;
        if (to && argv[i][name] == '=') *to = argv[i] + name + 1;
        else if (to && !argv[i][name] && i + 1 < argc) *to = argv[++i];
        else return feedback_usage("there is an option that it does not know, or one without its value");
    }
    feedback_export x = { 0 };
    for (int i = 0; i < COUNT(feedback_formats); i++)
        if (!strcmp(feedback_formats[i].name, format)) x.format = &feedback_formats[i];
    if (!x.format) return feedback_usage("the formats are csv and jsonl");
    if (!folder) return feedback_usage("name the program's data folder with --data, such as .easel/chat");
    ez_err err = { EZ_OK, "" };
    int64_t total;
    x.format->head(&x.line);
    bool read = store_feedback_read(folder, &(store_feedback_range){ 0 }, feedback_print, &x, &total, &err);
    if (read) feedback_flush(&x);
    text_done(&x.line);
    if (!read) fprintf(stderr, "easel feedback: %s\n", err.text);
    else if (x.failed || fflush(stdout)) fprintf(stderr, "easel feedback: the output cannot be written\n");
    return !read || x.failed;
}
