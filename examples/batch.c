/* batch.c: which words are spelled like this one? However many people ask at once, the list of words is gone through once for all of them. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIMS = 128, TOGETHER = 8, LETTERS = 24, NEAREST = 5 };

typedef struct { const char *word; } alike_in;
EZ_RECORD(alike_in, EZ_FIELD(alike_in, word));
typedef struct { const char *alike; int together; } alike_out;
EZ_RECORD(alike_out, EZ_FIELD(alike_out, alike, .label = "Spelled alike"), EZ_FIELD(alike_out, together, .label = "Answered together"));

/* ---- words as points ---------------------------------------------------------------------------------------------- */

typedef struct { int count, room; char (*words)[LETTERS]; float (*at)[DIMS]; } points;

static unsigned long long mixed(unsigned long long x)
{
    x = (x ^ x >> 31) * 0x7fb5d329728ea185ull;
    x = (x ^ x >> 27) * 0x81dadef4bc2dd44dull;
    return x ^ x >> 33;
}

/* Each three letters in a row have a direction of their own, which chance has chosen, so that as good as no two are alike. A word lies where all of its
 * own lead together, at distance 1: two words are near each other when they have many in common. */
static void place(const char *word, float at[DIMS])
{
    unsigned long long a = 0, b = '^';
    double length = 0;
    for (int i = 0; i < DIMS; i++) at[i] = 0;
    for (const unsigned char *c = (const unsigned char *)word;; c++) {
        unsigned long long now = *c ? (unsigned long long)tolower(*c) : '$', three = (a << 8 | b) << 8 | now;
        for (int i = 0; i < DIMS; i++) at[i] += mixed(three << 8 | (unsigned long long)(i / 64)) >> i % 64 & 1 ? 1.0f : -1.0f;
        a = b, b = now;
        if (!*c) break;
    }
    for (int i = 0; i < DIMS; i++) length += at[i] * at[i];
    for (int i = 0; i < DIMS; i++) at[i] /= (float)sqrt(length);
}

static void drop(void *list)
{
    points *p = list;
    if (p) free(p->words), free(p->at);
    free(p);
}

static bool grow(points *p)
{
    int room = p->room ? 2 * p->room : 1024;
    void *words = realloc(p->words, (size_t)room * sizeof *p->words), *at = words ? realloc(p->at, (size_t)room * sizeof *p->at) : NULL;
    if (words) p->words = words;
    if (at) p->at = at, p->room = room;
    return at;
}

/* A list of words, one a line, as /usr/share/dict has them. */
static void *load(const char *file, ez_err *err)
{
    char line[200];
    points *p = calloc(1, sizeof *p);
    FILE *f = p ? fopen(file, "r") : NULL;
    while (f && fgets(line, sizeof line, f) && (p->count < p->room || grow(p))) {
        size_t count = strcspn(line, "\r\n'");
        if (!count || count >= LETTERS || line[count] == '\'') continue;
        line[count] = 0;
        strcpy(p->words[p->count], line);
        place(line, p->at[p->count++]);
    }
    if (f) fclose(f);
    if (p && p->count) return p;
    drop(p);
    err->code = EZ_FAILED;
    snprintf(err->text, sizeof err->text, "there are no words in %.200s; install a list (on Debian wamerican), or name one with --set words=FILE", file);
    return NULL;
}

/* ---- the nearest -------------------------------------------------------------------------------------------------- */

typedef struct { float near[NEAREST]; int word[NEAREST]; } best;

static void keep(best *b, float near, int word)
{
    int i = NEAREST - 1;
    if (near <= b->near[i]) return;
    for (; i > 0 && near > b->near[i - 1]; i--) b->near[i] = b->near[i - 1], b->word[i] = b->word[i - 1];
    b->near[i] = near, b->word[i] = word;
}

/* The product of two matrices. The list is the large one: it comes out of memory once, for whoever asks. */
static void compare(const points *list, float asked[DIMS][TOGETHER], best found[TOGETHER])
{
    for (int w = 0; w < list->count; w++) {
        float near[TOGETHER] = { 0 };
        for (int i = 0; i < DIMS; i++)
            for (int row = 0; row < TOGETHER; row++) near[row] += list->at[w][i] * asked[i][row];
        for (int row = 0; row < TOGETHER; row++) keep(&found[row], near[row], w);
    }
}

static const char *names(ez_ui *ui, const points *list, const best *b)
{
    const char *all = "";
    for (int i = 0; i < NEAREST && b->near[i] > 0; i++) all = ez_fmt(ui, "%s%s%s", all, i ? ", " : "", list->words[b->word[i]]);
    return all;
}

static void alike(ez_ui *ui)
{
    static const best nothing;
    ez_err err = { EZ_OK, "" };
    const points *list = ez_resource(ui, load, .arg = ez_setting(ui, "words", "/usr/share/dict/words"), .unload = drop, .spinner = "Reading the words", .error = &err);
    float at[DIMS], asked[DIMS][TOGETHER];
    best found[TOGETHER];
    int rows = ez_batch_count(ui);
    if (!list) {
        ez_fail(ui, "%s", err.text);
        return;
    }
    for (int row = 0; row < TOGETHER; row++) {
        place(row < rows ? ez_in(ez_batch_row(ui, row), alike_in)->word : "", at);
        for (int i = 0; i < DIMS; i++) asked[i][row] = at[i];
        found[row] = nothing;
    }
    compare(list, asked, found);
    for (int row = 0; row < rows; row++) {
        ez_ui *one = ez_batch_row(ui, row);
        if (*ez_in(one, alike_in)->word) *ez_out(one, alike_out) = (alike_out){ names(one, list, &found[row]), rows };
        else ez_fail(one, "Say a word.");
    }
}

static void page(ez_ui *ui)
{
    ez_interface(ui, alike, .in = &alike_in_record, .out = &alike_out_record, .title = "Spelled alike",
                 .description = "Finds the words of a list that have most in common with yours, right or not.", .examples = EZ_OPTIONS("definately", "accomodate", "rythm"));
}

static void setup(ez_app *app)
{
    ez_function(app, "alike", alike, .in = &alike_in_record, .out = &alike_out_record, .batch_size = TOGETHER, .batch_wait = 0.05, .help = "Finds words that are spelled like one.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Spelled alike", .setup = setup); }
