/* story.h: functions that more than one of these programs has: one that takes its time, and one that counts its calls. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel/easel.h>
#include <stdio.h>

typedef struct { int count; const char *until; } story_in;
EZ_RECORD(story_in, EZ_FIELD(story_in, count, .range = { 0, 1000 }, .value = 3), EZ_FIELD(story_in, until, .optional = true));
typedef struct { const char *text; int words; } story_out;
EZ_RECORD(story_out, EZ_FIELD(story_out, text), EZ_FIELD(story_out, words));

/* Says its words one by one; with `until` it waits before each as long as no file has that name, so that a test decides. */
static void tell(ez_ui *ui)
{
    const story_in *in = ez_in(ui, story_in);
    for (int i = 0; i < in->count; i++) {
        for (FILE *file = NULL; *in->until && !file;) {
            file = fopen(in->until, "r");
            if (file) fclose(file);
            else if (!ez_sleep(ui, 0.02)) return;
        }
        ez_progress(ui, (double)(i + 1) / in->count, .text = ez_fmt(ui, "word %d", i + 1));
        ez_append(ui, "text", ez_fmt(ui, "%sword%d", i ? " " : "", i + 1));
        ez_put_num(ui, "words", i + 1);
        if (!ez_yield(ui)) return;
    }
}

static int calls;
typedef struct { int calls; } count_out;
EZ_RECORD(count_out, EZ_FIELD(count_out, calls));
static void count(ez_ui *ui) { ez_out(ui, count_out)->calls = ++calls; }
