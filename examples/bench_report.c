/* bench_report.c: the comparison's report as an app: progress and first results while a run goes on, and the runs before. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <easel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 50, NAME = 64 };

static int latest_first(const void *a, const void *b) { return strcmp(b, a); }

/* The runs below the folder, by name; names begin with their date. */
static int find_runs(const char *folder, char (*names)[NAME])
{
    DIR *dir = opendir(folder);
    int count = 0;
    for (struct dirent *e; dir && count < RUNS && (e = readdir(dir));)
        if (e->d_name[0] != '.' && strlen(e->d_name) < NAME)
            strcpy(names[count++], e->d_name);
    if (dir)
        closedir(dir);
    qsort(names, (size_t)count, NAME, latest_first);
    return count;
}

/* The whole file as text of this run, "" when it is not there. */
static char *read_file(ez_ui *ui, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return ez_alloc(ui, 1);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = ez_alloc(ui, (size_t)size + 1);
    text[fread(text, 1, (size_t)size, file)] = 0;
    fclose(file);
    return text;
}

/* The number behind a name of the flat object that progress.json is. */
static double number(const char *json, const char *name, double otherwise)
{
    char key[NAME];
    snprintf(key, sizeof key, "\"%s\": ", name);
    const char *at = strstr(json, key), *value = at ? at + strlen(key) : "n";
    return *value == 'n' ? otherwise : atof(value);
}

/* Pictures lie beside the report and not on this page, which has a title of its own. */
static void as_part(char *text)
{
    char *out = text;
    for (char *line = text; *line;) {
        size_t count = strcspn(line, "\n");
        count += line[count] == '\n';
        if (strncmp(line, "![", 2) && strncmp(line, "# ", 2)) {
            memmove(out, line, count);
            out += count;
        }
        line += count;
    }
    *out = 0;
}

static const char *how_long(ez_ui *ui, double seconds)
{
    int minutes = (int)(seconds / 60 + 0.5);
    return minutes < 1 ? "less than a minute" : minutes < 90 ? ez_fmt(ui, "%d min", minutes) : ez_fmt(ui, "%.1f hours", seconds / 3600);
}

static void report(ez_ui *ui)
{
    const char *folder = ez_setting(ui, "results", "results");
    char names[RUNS][NAME];
    const char *shown[RUNS + 1] = { 0 };
    int count = find_runs(folder, names);
    if (!count) {
        ez_info(ui, ez_fmt(ui, "There is no run in `%s` yet. Begin one with `easel bench --quick`.", folder));
        return;
    }
    for (int i = 0; i < count; i++)
        shown[i] = names[i];
    int chosen = ez_selectbox(ui, "Run", shown);
    const char *run = names[chosen < 0 || chosen >= count ? 0 : chosen];

    char *progress = read_file(ui, ez_fmt(ui, "%s/%s/progress.json", folder, run)), *text = read_file(ui, ez_fmt(ui, "%s/%s/report.md", folder, run));
    double done = number(progress, "done", 0), tasks = number(progress, "tasks", 0), left = number(progress, "left", -1), failures = number(progress, "failures", 0);
    if (done < tasks)
        ez_progress(ui, done / tasks, .text = left < 0 ? ez_fmt(ui, "%.0f of %.0f", done, tasks) : ez_fmt(ui, "%.0f of %.0f, %s left", done, tasks, how_long(ui, left)));
    if (failures > 0)
        ez_warning(ui, failures == 1 ? "Once a contestant did not do what it was asked; the report says what it did instead."
                                     : ez_fmt(ui, "%.0f times a contestant did not do what it was asked; the report says what it did instead.", failures));
    as_part(text);
    ez_markdown(ui, *text ? text : "Nothing is measured yet.");
}

static void page(ez_ui *ui)
{
    ez_page_config(ui, "Easel beside its peers");
    ez_title(ui, "Easel beside its peers");
    ez_fragment(ui, report, .run_every = 2);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
