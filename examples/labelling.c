/* labelling.c: people and a function label reports: what the function gets wrong is flagged, kept, and exported to make it better. */
/* SPDX-License-Identifier: Apache-2.0 */
#include <easel.h>
#include <ctype.h>
#include <string.h>

typedef struct { const char *report; } label_in;
EZ_RECORD(label_in, EZ_FIELD(label_in, report, .label = "Report from sea"));
typedef struct { double calm, rough; const char *why; } label_out;
EZ_RECORD(label_out, EZ_FIELD(label_out, calm, .format = "%.2f"), EZ_FIELD(label_out, rough, .format = "%.2f"), EZ_FIELD(label_out, why));

typedef struct { const char *word; double weight; } clue;           /* above 0 speaks for rough */
static const clue clues[] = { { "storm", 2 }, { "gale", 2 }, { "breakers", 1.2 }, { "swell", 0.6 }, { "spray", 0.8 }, { "calm", -2 }, { "mirror", -1.5 }, { "still", -1 }, { "breeze", -0.5 } };

static double weight_of(const char *word, size_t length)
{
    for (size_t i = 0; i < sizeof clues / sizeof *clues; i++)
        if (strlen(clues[i].word) == length && !strncmp(clues[i].word, word, length))
            return clues[i].weight;
    return 0;
}

static size_t word_length(const char *at)
{
    size_t length = 0;
    while (isalpha((unsigned char)at[length]))
        length++;
    return length;
}

static void label(ez_ui *ui)
{
    const label_in *in = ez_in(ui, label_in);
    label_out *out = ez_out(ui, label_out);
    double sum = 0;
    for (const char *at = in->report; *at;) {
        size_t length = word_length(at);
        sum += weight_of(at, length);
        at += length ? length : 1;
    }
    out->rough = sum > 4 ? 1 : sum < -4 ? 0 : 0.5 + sum / 8;
    out->calm = 1 - out->rough;
    out->why = in->report;
}

/* The outputs as people read them: the label with its confidence, and the words that spoke for it. */
static void show(ez_ui *ui)
{
    const label_out *out = ez_in(ui, label_out);
    double sure[] = { out->calm, out->rough };
    if (!*out->why) {
        ez_text(ui, "What the sea is like shows here.");
        return;
    }
    ez_class_label(ui, EZ_OPTIONS("calm", "rough"), sure, .label = "The sea is");
    const char *spans[400];
    double scores[400];
    int count = 0;
    for (const char *at = out->why; *at && count < 398; count++) {
        size_t length = word_length(at), other = length ? length : 1;
        while (!length && at[other] && !isalpha((unsigned char)at[other]))
            other++;
        spans[count] = ez_fmt(ui, "%.*s", (int)other, at);
        scores[count] = weight_of(at, length) / 2;
        at += other;
    }
    spans[count] = NULL;
    ez_highlighted_text(ui, spans, NULL, .label = "Because of", .scores = scores);
}

static void page(ez_ui *ui)
{
    ez_interface(ui, label, .in = &label_in_record, .out = &label_out_record, .title = "Calm or rough?",
                 .description = "A list of words decides. Where it is wrong, say so: `easel feedback export` gives the reports to whoever keeps the list.",
                 .examples = EZ_OPTIONS("a gale blew spray over the deck", "the water lay still as a mirror", "long swell, light breeze"),
                 .cache_examples = true, .show = show, .flagging = true, .flagging_options = EZ_OPTIONS("It is calm", "It is rough", "Neither"));
}

static void said(ez_ui *ui)
{
    ez_title(ui, "What people said");
    ez_feedback(ui, .label = "The newest first");
}

static void setup(ez_app *app)
{
    ez_page(app, "/said", said, .title = "What people said");
    ez_function(app, "label", label, .in = &label_in_record, .out = &label_out_record, .help = "Says whether a report from sea is of a calm or a rough one.");
}

int main(int argc, char **argv) { return ez_main(argc, argv, page, .title = "Calm or rough?", .setup = setup); }
