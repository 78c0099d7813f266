/* demo.c: what is in a file. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <stdio.h>

static int lines_of(const char *path)
{
    FILE *in = fopen(path, "r");
    int lines = 0;
    for (int c; in && (c = fgetc(in)) != EOF;)
        lines += c == '\n';
    if (in)
        fclose(in);
    return lines;
}

static void page(ez_ui *ui)
{
    ez_title(ui, "How long is it?");
    const ez_file *f = ez_file_uploader(ui, "A text", .accept = ".txt,.md,.csv", .max_mb = 5, .help = "It stays on this machine.");
    if (f)
        ez_metric(ui, f->name, ez_fmt(ui, "%d lines", lines_of(f->path)));
    else
        ez_caption(ui, "Nothing was uploaded yet.");
    ez_file_uploader(ui, "A secret", .disabled = true);
}

int main(int argc, char **argv) { return ez_main(argc, argv, page); }
